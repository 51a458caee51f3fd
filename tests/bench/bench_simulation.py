"""The simulation: five Raft nodes, ten requests a virtual second, history kept, every property checked at every event.

Measured in messages per CPU second, as a share of `floor_raft`, which hard-codes Raft on a bare heap and records the touched
node. Both run the same virtual time, and about the same number of messages, from an empty log, in turn.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from server.protocols import PROTOCOLS
from server.simulation import Recording, Run

from . import floor_raft
from .measure import ROUNDS, Row, cpu_seconds, interleaved, median_ratio

NAME = "simulation"
AIM, STRETCH = 0.30, 0.42
SECONDS = 120
THINK_US = 14_000
"""Think time of the client, µs, after an answer that takes six times as long: ten requests a virtual second."""


def recording(seed: int = 1) -> Recording:
    """The run that is measured."""
    return Recording("raft", nodes=5, clients=1, seed=seed, params={"think_time": THINK_US})


def play(seconds: int, *, keep: bool = True) -> Run:
    """The run after `seconds` of virtual time."""
    run = PROTOCOLS["raft"].run(recording(), keep=keep)
    run.advance(seconds * 1_000_000)
    return run


def rows(*, tiny: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each."""
    seconds = 2 if tiny else SECONDS
    told: dict[str, float] = {}

    def ours() -> float:
        spent, run = cpu_seconds(lambda: play(seconds))
        monitor = run.observers[0]
        assert not monitor.broken()
        told["requests"] = run.cluster.hosts["c1"].node.serial / seconds
        told["messages"] = run.cluster.messages / seconds
        told["events"] = run.head
        return run.cluster.messages / spent

    def floor() -> float:
        spent, (sent, _) = cpu_seconds(lambda: floor_raft.run(seconds))
        told["floor"] = sent / seconds
        return sent / spent

    found, bare = interleaved([ours, floor], 1 if tiny else ROUNDS)
    beside = (
        f"{statistics.median(found):,.0f} of {statistics.median(bare):,.0f} messages a CPU second; "
        f"{told['requests']:.1f} requests, {told['messages']:.0f} messages (floor {told['floor']:.0f}) a virtual second"
    )
    share = median_ratio(found, bare)
    yield Row(NAME, "messages per CPU second, share of the floor", share, "", AIM, least=True, beside=beside)
    yield Row(NAME, "the same, stretch", share, "", STRETCH, least=True)
