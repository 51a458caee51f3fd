"""What judging the clients of a room costs: the same room with the witness and without it, in turn; and that it stays so.

The clients are busier than in any room that is opened: three, each with some eight operations a virtual second. Measured is
the CPU time of a room's ticks, with their updates encoded once, as in the server; and, for orientation, of the bare run.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator

from server.properties import Monitor, Witness
from server.protocols import PROTOCOLS
from server.rooms import Limits, Room, frames
from server.simulation import Recording, Run, encode

from .measure import ROUNDS, Row, cpu_seconds, interleaved, median_ratio

NAME = "clients"
COST_MAX, MEMORY_MAX = 1.10, 1.2
SECONDS, MINUTES = 12, 20
TICK_US = 50_000
KB = 1024
PROTOCOLS_MEASURED = ("raft", "multi_paxos", "gossip")


def run_of(name: str, *, judged: bool, keep: bool = True) -> tuple[Run, Witness]:
    """A run with busy clients, with the witness or without."""
    owner = PROTOCOLS[name]
    (witness,) = owner.witnesses()
    recording = Recording(name, nodes=5, clients=3, seed=1, params={"think_time": 40_000})
    return Run(
        recording, owner.program, (Monitor(owner.properties), *((witness,) if judged else ())), keep=keep
    ), witness


def bare(name: str, seconds: int, *, judged: bool) -> None:
    """The run alone."""
    run, _ = run_of(name, judged=judged)
    run.advance(seconds * 1_000_000)


def room(name: str, seconds: int, *, judged: bool) -> None:
    """A room in real time, ticked and told."""
    run, _ = run_of(name, judged=judged)
    shown = Room("r", "e", PROTOCOLS[name], run, Limits(), maker="m", ratio=1.0)
    shown.join("v", "m", "V")
    for _ in range(seconds * 1_000_000 // TICK_US):
        if not shown.show.playing:  # what breaks stops it
            shown.receive("v", frames.Play(1))
        for _, update in shown.tick(TICK_US, lambda: True):
            encode(update)


def ratio(play: Callable[..., None], name: str, seconds: int, rounds: int) -> float:
    """CPU time with the witness, of that without."""
    sides = [
        lambda judged=judged: cpu_seconds(lambda: play(name, seconds, judged=judged))[0] for judged in (True, False)
    ]
    with_it, without = interleaved(sides, rounds)
    return median_ratio(with_it, without)


def rows(*, tiny: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each."""
    seconds, rounds = (2, 1) if tiny else (SECONDS, ROUNDS)
    for name in PROTOCOLS_MEASURED:
        alone = ratio(bare, name, seconds, rounds)
        yield Row(NAME, f"{name}: CPU time of a room with the verdict, of that without", ratio(room, name, seconds, rounds),
                  "x", COST_MAX, beside=f"the bare run {alone:.2f} x")  # fmt: skip
    sizes = []
    run, witness = run_of("raft", judged=True, keep=False)
    for minute in range(2 if tiny else MINUTES):
        run.advance((minute + 1) * 60_000_000)
        sizes.append(len(pickle.dumps(witness)) / KB)
    half = len(sizes) // 2
    beside = f"{max(sizes[:half]):.0f} and {max(sizes[half:]):.0f} KB at the most"
    yield Row(NAME, f"memory in the second {half} minutes, of that in the first", max(sizes[half:]) / max(sizes[:half]), "x",
              MEMORY_MAX, beside=beside)  # fmt: skip
