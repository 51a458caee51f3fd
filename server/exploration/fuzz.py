"""The fuzzer: a random run with faults, watched by every property of its protocol.

    outcome = fuzz(protocol("raft"), seed=17, rules_off=("log_check",))
    if outcome.broken:
        print(as_scenario(protocol("raft"), shrink(protocol("raft"), outcome)))

A seed determines all of it: size, switches, faults, their times. What comes out is a recording, so whatever was found
plays again in a room, and gets shorter by leaving commands out (`shrink.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..properties import EVENTUALLY, HOLDS, WAITING, Monitor, Witness
from ..protocols import Protocol
from ..simulation import Command, Link, Recording, Refused, Run, Setting
from ..simulation.addressed import draw_between, draw_percent, stream
from ..simulation.recording import fitting
from .mischief import Mischief

SPAN = 1_500_000
"""How long (µs of virtual time) a fuzzed run lasts."""
COMMANDS_MAX = 400
"""Of how many faults it consists at the most."""
CALM = 1_000_000
"""How long (µs) nothing more is done to a run of which an *eventually* property is asked: it must come to hold in it."""
BY = "fuzzer"
Judge = Monitor | Witness

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
    """The first *always* property that broke, of those that were judged ("linearizable" is what clients saw), or None. An
    *eventually* property that was asked for has broken when it had held, was lost, and has not come back in all of the
    calm at the end."""
    seq: int
    """The event that broke it; without one, the last event."""
    seen: tuple[str, ...]
    """The *eventually* and *sometimes* properties that came to hold."""
    messages: int = 0
    """How many messages were sent."""


def faults_of(protocol: Protocol, seed: int, without: frozenset[str]) -> frozenset[str]:
    """The kinds of faults that a run does without.

    Where some property is not promised under some faults, every other run has none of these, so that it is put to the
    test too: a random choice of kinds would seldom leave out all of them.
    """
    spared = frozenset().union(*(cls.spares for cls in protocol.properties))
    return without | spared if spared and draw_percent(stream(seed, "fuzz", "spare"), 1, 50) else without


def judged(protocol: Protocol, recording: Recording, met: frozenset[str]) -> frozenset[str]:
    """What a run with these tunables promises under the kinds of faults that it met: properties, and what clients see."""
    disclaimed = protocol.disclaimed(recording.params)
    promised = [p.name for p in protocol.properties if p.name not in disclaimed and not p.spares & met]
    service = protocol.service
    if service is not None and Witness.name not in disclaimed:
        promised += [] if service.spares(protocol.settings(recording.params)) & met else [Witness.name]
    return frozenset(promised)


def started(protocol: Protocol, recording: Recording, wanted: frozenset[str] | None) -> Run:
    """A run whose clients are judged too where that can count: where it is `wanted`, or promised and nothing is."""
    promised = Witness.name not in protocol.disclaimed(recording.params)
    return protocol.run(recording, keep=False, clients=promised if wanted is None else Witness.name in wanted)


def set_up(
    protocol: Protocol, seed: int, nodes: int | None, rules_off: tuple[str, ...], params: Mapping[str, Setting],
    without: frozenset[str] = frozenset(),
) -> Recording:  # fmt: skip
    """The beginning of a fuzzed run. Size, links, switches and choices are drawn where nobody chose them; a rule that is off
    has what it needs.
    """
    key = stream(seed, "fuzz", "set-up")
    drawn: dict[str, Setting] = {}
    # Half of the runs are of the protocol as it comes: what is added to it often hides what a rule was for.
    plain = draw_percent(key, 9, 50)
    for i, (name, known) in enumerate(() if plain else protocol.program.params.items()):
        if isinstance(known.default, bool):
            drawn[name] = draw_percent(key, 10 + i, 50)
        elif known.choices:
            words = tuple(known.choices)
            drawn[name] = words[draw_between(key, 10 + i, 0, len(words) - 1)]
        elif known.lively is not None and draw_percent(key, 10 + i, 50):
            drawn[name] = known.lively
    needs = needed(protocol, rules_off)
    drawn |= needs
    links = LINKS if "loss" not in without else tuple(link for link in LINKS if not link.loss_percent)
    chosen = {name: given for name, given in params.items() if name in protocol.program.params}
    if nodes is None:
        nodes = max(SIZES[draw_between(key, 1, 0, len(SIZES) - 1)], nodes_counted(protocol, {**needs, **chosen}))
    recording = Recording(
        protocol.name,
        nodes=nodes,
        clients=2,
        params={**drawn, **chosen},
        rules=dict.fromkeys(rules_off, False),
        seed=seed,
        link=links[draw_between(key, 2, 0, len(links) - 1)],
    )
    return fitting(recording, protocol.program)


def needed(protocol: Protocol, rules_off: tuple[str, ...]) -> dict[str, Setting]:
    """How tunables must be set for these rules to count at all."""
    return {name: given for rule in rules_off for name, given in protocol.program.rules[rule].needs.items()}


def nodes_counted(protocol: Protocol, params: Mapping[str, Setting]) -> int:
    """How many nodes a cluster must have for these tunables to make sense."""
    known = protocol.program.params
    return max((int(given) for name, given in params.items() if known[name].of_nodes), default=1)


def fuzz(
    protocol: Protocol, seed: int, *, nodes: int | None = None, rules_off: tuple[str, ...] = (),
    params: Mapping[str, Setting] | None = None, span: int = SPAN, without: frozenset[str] = frozenset(),
    wanted: frozenset[str] | None = None,
) -> Outcome:  # fmt: skip
    """A random run of `span` µs, or up to the first broken property. Raises Refused where the set-up makes no sense.

    `without` leaves out kinds of faults (`mischief.KINDS`, and "loss" for links that lose). Judged are the properties
    that the protocol promises under what is left; or those `wanted`, promised or not.
    """
    spared = faults_of(protocol, seed, without) if wanted is None else without
    recording = set_up(protocol, seed, nodes, rules_off, params or {}, spared)
    return unleash(protocol, started(protocol, recording, wanted), seed, spared, span, wanted)


def fuzz_from(
    protocol: Protocol, recording: Recording, at: int, seed: int, *, span: int = SPAN,
    without: frozenset[str] = frozenset(), wanted: frozenset[str] | None = None,
) -> Outcome:  # fmt: skip
    """The same from a state on the way: a recording plays to `at` (µs), and faults go on from there for `span` µs."""
    spared = faults_of(protocol, seed, without) if wanted is None else without
    run = started(protocol, recording, wanted)
    run.advance(at)
    run.script.clear()
    return unleash(protocol, run, seed, spared, at + span, wanted)


def unleash(
    protocol: Protocol, run: Run, seed: int, spared: frozenset[str], span: int, wanted: frozenset[str] | None
) -> Outcome:
    """Lets faults loose on a run, up to `span` (µs) or the first broken property."""
    mischief = Mischief(seed, spared)
    judges = judges_of(run)
    most = len(run.given) + COMMANDS_MAX
    ends = in_the_end(protocol, wanted)
    if wanted is None:
        met = frozenset(mischief.kinds) | ({"loss"} if run.setup.link.loss_percent else frozenset())
        wanted = judged(protocol, run.setup, met)
    while not first_broken(judges, wanted):
        repair = mischief.next_repair()
        event = run.step(span if repair is None else min(span, repair))
        if event is not None:
            if len(run.given) < most:
                for command in mischief.after(event, run.cluster):
                    give(run, command)
        elif repair is not None and repair <= span:
            give(run, mischief.repair())
        else:
            break
    if not ends or first_broken(judges, wanted):
        return outcome_of(run, wanted)
    seq = run.head
    run.advance(span + CALM)  # what is broken stays so
    return outcome_of(run, wanted, seq)


def in_the_end(protocol: Protocol, wanted: frozenset[str] | None) -> bool:
    """Whether an *eventually* property is asked for."""
    return wanted is not None and any(p.kind == EVENTUALLY and p.name in wanted for p in protocol.properties)


def give(run: Run, command: Command) -> None:
    """Gives a command, if it can be given now."""
    try:
        run.act(command, BY)
    except Refused:
        return


def replay(protocol: Protocol, recording: Recording, until: int, wanted: frozenset[str] | None = None) -> Outcome:
    """Plays a recording to `until` (µs), or up to the first broken property, of those `wanted` where some are."""
    run = started(protocol, recording, wanted)
    judges = judges_of(run)
    if in_the_end(protocol, wanted):
        run.advance(until - CALM)
        seq = run.head
        run.advance(until)
        disturbed = any(given.time > until - CALM for given in run.given)
        return outcome_of(run, wanted, None if disturbed else seq)
    while not first_broken(judges, wanted) and run.step(until) is not None:
        pass
    return outcome_of(run, wanted)


def first_broken(judges: Sequence[Judge], wanted: frozenset[str] | None) -> tuple[str, int] | None:
    """What broke first, of what is `wanted`, and the event that broke it; None where nothing is broken.

    What nodes did comes before what clients saw of it at the same event.
    """
    first: tuple[str, int] | None = None
    for judge in judges:
        for name, seq in judge.broken():
            if wanted is None or name in wanted:
                if first is None or seq < first[1]:
                    first = name, seq
                break
    return first


def judges_of(run: Run) -> tuple[Judge, ...]:
    """The observers that know what is broken: the monitor, and the witness where clients are judged."""
    return tuple(observer for observer in run.observers if isinstance(observer, Monitor | Witness))


def monitor_of(run: Run) -> Monitor:
    """The observer that knows the state of the properties."""
    return next(observer for observer in run.observers if isinstance(observer, Monitor))


def first_lost(monitor: Monitor, wanted: frozenset[str] | None, seq: int) -> tuple[str, int] | None:
    """An *eventually* property that has held, does not since an event not after `seq`, and that event; or None."""
    for prop in monitor.properties:
        if prop.kind == EVENTUALLY and wanted is not None and prop.name in wanted:
            last, state = monitor.transitions[prop.name][-1]
            held = any(before == HOLDS for _, before in monitor.transitions[prop.name])
            if state == WAITING and held and last <= seq:
                return prop.name, last
    return None


def outcome_of(run: Run, wanted: frozenset[str] | None = None, calm: int | None = None) -> Outcome:
    """What a run has come to; `calm` is the last event before the calm, where there was one."""
    monitor = monitor_of(run)
    broken = first_broken(judges_of(run), wanted)
    if broken is None and calm is not None:
        broken = first_lost(monitor, wanted, calm)
    name, seq = broken if broken is not None else (None, run.head)
    never = monitor.never_seen()
    seen = tuple(p.name for p in monitor.properties if p.kind != "always" and p.name not in never)
    # Only what was carried out: a script that broke something early has commands left that nobody needs.
    return Outcome(run.setup.with_commands(tuple(run.given)), run.now, name, seq, seen, run.cluster.messages)
