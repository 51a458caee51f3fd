"""The fuzzer: a random run with faults, watched by every property of its protocol.

    outcome = fuzz(protocol("raft"), seed=17, rules_off=("log_check",))
    if outcome.broken:
        print(as_scenario(protocol("raft"), shrink(protocol("raft"), outcome)))

A seed determines all of it: size, switches, faults, their times. What comes out is a recording, so whatever was found
plays again in a room, and gets shorter by leaving commands out (`shrink.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..properties import Monitor
from ..protocols import Protocol
from ..simulation import Command, Link, Recording, Refused, Run
from ..simulation.addressed import draw_between, draw_percent, stream
from .mischief import Mischief

SPAN = 1_500_000
"""How long (µs of virtual time) a fuzzed run lasts."""
COMMANDS_MAX = 400
"""Of how many faults it consists at the most."""
BY = "fuzzer"

SIZES = (3, 3, 4, 5, 5)
LINKS = (
    Link(low=5_000, high=15_000),
    Link(low=1_000, high=60_000),
    Link(low=10_000, high=10_000),
    Link(low=5_000, high=30_000, loss_percent=10, duplicate_percent=10),
)


@dataclass(frozen=True)
class Outcome:
    """A fuzzed run: its inputs, and what became of its properties."""

    recording: Recording
    until: int
    """When it ended, µs."""
    broken: str | None
    """The first *always* property that broke, or None."""
    seq: int
    """The event that broke it; without one, the last event."""
    seen: tuple[str, ...]
    """The *eventually* and *sometimes* properties that came to hold."""


def set_up(
    protocol: Protocol, seed: int, nodes: int | None, rules_off: tuple[str, ...], params: Mapping[str, int | bool]
) -> Recording:
    """The beginning of a fuzzed run. Size, links and switches are drawn where nobody chose them."""
    key = stream(seed, "fuzz", "set-up")
    switches = {
        name: draw_percent(key, 10 + i, 50)
        for i, (name, known) in enumerate(protocol.program.params.items())
        if isinstance(known.default, bool)
    }
    return Recording(
        protocol.name,
        nodes=SIZES[draw_between(key, 1, 0, len(SIZES) - 1)] if nodes is None else nodes,
        clients=2,
        params={**switches, **params},
        rules=dict.fromkeys(rules_off, False),
        seed=seed,
        link=LINKS[draw_between(key, 2, 0, len(LINKS) - 1)],
    )


def fuzz(
    protocol: Protocol, seed: int, *, nodes: int | None = None, rules_off: tuple[str, ...] = (),
    params: Mapping[str, int | bool] | None = None, span: int = SPAN,
) -> Outcome:  # fmt: skip
    """A random run of `span` µs, or up to the first broken property. Raises Refused where the set-up makes no sense."""
    run = protocol.run(set_up(protocol, seed, nodes, rules_off, params or {}), keep=False)
    mischief = Mischief(seed)
    monitor = monitor_of(run)
    while not monitor.broken():
        repair = mischief.next_repair()
        event = run.step(span if repair is None else min(span, repair))
        if event is not None:
            if len(run.given) < COMMANDS_MAX:
                for command in mischief.after(event, run.cluster):
                    give(run, command)
        elif repair is not None and repair <= span:
            give(run, mischief.repair())
        else:
            break
    return outcome_of(run)


def give(run: Run, command: Command) -> None:
    """Gives a command, if it can be given now."""
    try:
        run.act(command, BY)
    except Refused:
        return


def replay(protocol: Protocol, recording: Recording, until: int) -> Outcome:
    """Plays a recording to `until` (µs), or up to the first broken property."""
    run = protocol.run(recording, keep=False)
    monitor = monitor_of(run)
    while not monitor.broken() and run.step(until) is not None:
        pass
    return outcome_of(run)


def monitor_of(run: Run) -> Monitor:
    """The observer that knows the state of the properties."""
    return next(observer for observer in run.observers if isinstance(observer, Monitor))


def outcome_of(run: Run) -> Outcome:
    """What a run has come to."""
    monitor = monitor_of(run)
    broken = monitor.broken()
    name, seq = broken[0] if broken else (None, run.head)
    never = monitor.never_seen()
    seen = tuple(p.name for p in monitor.properties if p.kind != "always" and p.name not in never)
    # Only what was carried out: a script that broke something early has commands left that nobody needs.
    return Outcome(run.setup.with_commands(tuple(run.given)), run.now, name, seq, seen)
