"""A trial: one run of one protocol under a workload and a schedule of faults, and what was measured in it.

The span in which it is asked is followed by a tail: the last requests get their second, then everything is repaired (all
nodes up, all links whole), the cluster settles, and every client reads every key. What was confirmed and is not there
then has been lost for good.

A trial that asks whether crashes are borne stops its nodes at a bad moment, when one of them has just confirmed a write,
and repairs nothing. From then on clients use other keys, so that what was confirmed before is not written over and can be
looked for at the end.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...properties import ALWAYS, Monitor
from ...protocols import protocol
from ...simulation import (
    FAILED,
    OK,
    UNKNOWN,
    Cluster,
    Command,
    Event,
    Given,
    Recording,
    Refused,
    Returned,
    Run,
    Setting,
)
from ...simulation.commands import Crash, Heal, Request, Restart, Resume, SetLink
from ...simulation.recording import fitting
from .aimed import Aimed, settled
from .meter import PATIENCE, READ, Asked, Counters, Meter, in_time, latencies, name_of
from .workloads import CLIENTS, DECISION, Workload, workload

BY = "comparison"
SETTLING = 2_000_000
"""How long (µs) a cluster that was repaired is left alone before it is read."""
AUDIT = 3_000_000
"""How long (µs) the reading may take."""
TAIL = PATIENCE + SETTLING + AUDIT
AUDIT_EVERY = 50_000

CRASH_AT = 2_000_000
CRASH_SPREAD = 500_000
"""From when on (µs), and how long, a bad moment for a crash is waited for."""
EARLY = 50_000
"""When nodes crash (µs) where there is one decision: before it."""
LATER = "w"
"""What the keys begin with that are used after a crash."""

MAIN, CRASHES, SIZES = "main", "crashes", "sizes"


@dataclass(frozen=True)
class Trial:
    """The inputs of one run. What it measures is a function of these."""

    part: str
    """What it is for: `MAIN`, `CRASHES` or `SIZES`."""
    contestant: int
    protocol: str
    params: Mapping[str, Setting]
    nodes: int
    seed: int
    workload: str
    span: int
    """How long (µs) requests are made."""
    schedule: tuple[Given, ...] = ()
    crash: tuple[str, ...] = ()
    """The nodes that crash at once and stay down, in the part `CRASHES`."""

    @property
    def cost(self) -> int:
        """What it takes, roughly: virtual µs times nodes."""
        return (self.span + TAIL) * (self.nodes + 1)

    def recording(self) -> Recording:
        """The set-up of its run; where sizes are compared, one in which no more nodes are counted than there are."""
        setup = Recording(self.protocol, nodes=self.nodes, clients=CLIENTS, params=dict(self.params), seed=self.seed)
        return fitting(setup, protocol(self.protocol).program)


@dataclass
class Measured:
    """What one trial has shown. Times are µs."""

    counters: Counters
    """What was counted in the span; not what the repair and the reading at the end cost."""
    asked: int = 0
    """Requests that came within the span, whether or not a client took them."""
    ok: int = 0
    failed: int = 0
    unknown: int = 0
    """Those that ended without an answer, or had none a second after the span."""
    refused: int = 0
    """Those that no client could take: its queue was full."""
    in_time: int = 0
    """Those that were carried out and confirmed within a second."""
    blocked: int = 0
    """Those that were never answered, neither with yes nor with no."""
    stopped: tuple[str, ...] = ()
    """The kinds of operations of which none was carried out any more, after the last fault of the schedule."""
    confirmed: int = 0
    """Keys of which something was confirmed."""
    lost: int = 0
    """Keys of which something was confirmed that nobody could read at the end."""
    write_times: array[int] = field(default_factory=lambda: array("q"))
    """From being asked to the confirmation, sorted, for all that is no read."""
    read_times: array[int] = field(default_factory=lambda: array("q"))
    broken: tuple[str, ...] = ()
    """The *always* properties that broke."""

    @property
    def consistent(self) -> bool:
        """Whether nothing happened that one single copy would not have shown."""
        return not (self.counters.stale or self.lost or self.broken)


def play(trial: Trial) -> Measured:
    """Runs a trial."""
    load = workload(trial.workload)
    found = protocol(trial.protocol)
    meter = Meter(load.ledger)
    monitor = Monitor([p for p in found.properties if p.kind == ALWAYS])
    run = Run(trial.recording(), found.program, (monitor, meter), keep=False)
    refused, since = _asked(run, trial, load)
    run.advance(trial.span)
    counters = meter.counters()
    run.advance(trial.span + PATIENCE)
    lost, confirmed = _audited(run, trial, load, meter)
    asked = [each for each in meter.asked if each.time < trial.span]
    if trial.part != CRASHES:
        _withdraw_late(asked, trial.span + PATIENCE)
    measured = _measured(counters, asked, refused, since)
    measured.lost, measured.confirmed = lost, confirmed
    measured.broken = tuple(name for name, _ in monitor.broken())
    return measured


def _asked(run: Run, trial: Trial, load: Workload) -> tuple[int, int]:
    """Plays the script; how many requests no client took, and when the last fault happened (µs)."""
    refused = 0
    crashed = trial.schedule[-1].time if trial.schedule else None
    # Once the only decision is made, no crash can undo it: the bad moment is before it.
    start, spread = (EARLY, 0) if load.ledger == DECISION else (CRASH_AT, CRASH_SPREAD)
    for time, command in script_of(trial, load):
        if trial.crash and crashed is None and time > start:
            run.advance(start)
            crashed = _crashed(run, trial.crash, time, start + spread)
        run.advance(time)
        if trial.crash and crashed is not None and type(command) is Request:
            command = replace(command, operation=_elsewhere(command.operation))
        refused += not _given(run, command)
    return refused, crashed or 0


def _crashed(run: Run, nodes: tuple[str, ...], until: int, latest: int) -> int | None:
    """Goes on to `until` (µs), or to when one of the nodes has confirmed a write, and crashes all of them.

    Returns when (µs) they crashed, or None. Where none of them confirms anything, they crash after `latest` (µs).
    """
    while (event := run.step(until)) is not None:
        confirmed = any(
            type(told) is Returned and told.outcome == OK and getattr(told.operation, "name", "") != READ
            for told in event.indications
        )
        by = getattr(event.subject, "src", None)
        if (confirmed and by in nodes) or run.now > latest:
            for node in nodes:
                run.act(Crash(node), BY)
            return run.now
    return None


def _elsewhere(operation: Any) -> Any:
    """The same operation on a key that nobody has used before the crash."""
    key = getattr(operation, "key", None)
    return operation if key is None else replace(operation, key=f"{LATER}{key}")


def script_of(trial: Trial, load: Workload) -> Iterator[tuple[int, Command]]:
    """What is done to the run, in order: the schedule's commands before a request of the same time."""
    parse = protocol(trial.protocol).program.parse_operation
    waiting = list(reversed(trial.schedule))
    for asking in load.requests(trial.seed, trial.span, trial.nodes):
        while waiting and waiting[-1].time <= asking.time:
            given = waiting.pop()
            yield given.time, given.command
        yield asking.time, Request(f"c{asking.client + 1}", parse(asking.operation))
    while waiting:
        given = waiting.pop()
        yield given.time, given.command


def concrete(trial: Trial, load: Workload) -> Iterator[tuple[int, Command]]:
    """The same, with every fault as the command that it becomes in this run, which is played for it."""
    script = list(script_of(trial, load))
    if not any(isinstance(command, Aimed) for _, command in script):
        yield from script
        return
    run = Run(trial.recording(), protocol(trial.protocol).program, keep=False)
    for time, command in script:
        run.advance(time)
        try:
            now = settled(command, run.cluster)
            run.act(now, BY)
        except Refused:
            continue
        yield time, now


def _given(run: Run, command: Command) -> bool:
    """Gives a command now; whether a request was taken. That another command can't be done is no matter here."""
    try:
        run.act(settled(command, run.cluster), BY)
    except Refused:
        return type(command) is not Request
    return True


def repairs(cluster: Cluster) -> Iterator[Command]:
    """What makes a cluster whole: all nodes up and running, all links as they were set up. Clocks stay as they are."""
    if cluster.groups is not None:
        yield Heal()
    for src in cluster.hosts.values():
        for dst, lane in src.lanes.items():
            if lane.link != cluster.link:
                fields = ("up", "held", "low", "high", "loss_percent", "duplicate_percent", "fifo")
                yield SetLink(src.id, dst, **{name: getattr(cluster.link, name) for name in fields})
    for host in cluster.hosts.values():
        if host.paused:
            yield Resume(host.id)
        elif not host.up:
            yield Restart(host.id)


def _audit(trial: Trial, load: Workload) -> list[Any]:
    """What every client reads at the end."""
    parse = protocol(trial.protocol).program.parse_operation
    reads = [parse(data) for data in load.audit()]
    return [*reads, *map(_elsewhere, reads)] if trial.crash else reads


def _audited(run: Run, trial: Trial, load: Workload, meter: Meter) -> tuple[int, int]:
    """Reads everything once more; how many keys lost what was confirmed, and of how many something was confirmed."""
    if trial.part != CRASHES:
        for command in list(repairs(run.cluster)):
            run.act(command, BY)
    run.advance(trial.span + PATIENCE + SETTLING)
    audit = _audit(trial, load)
    owed = {read.key: meter.ledger.owed(read.key) for read in audit}
    results = Audit()
    run.observers = (*run.observers, results)
    for read in audit:
        for client in run.cluster.clients:
            _given(run, Request(client, read))
        run.advance(run.now + AUDIT_EVERY)
    run.advance(trial.span + TAIL)
    lost = sum(1 for key, value in owed.items() if value and results.best.get(key, value) < value)
    return lost, sum(1 for value in owed.values() if value)


class Audit:
    """The highest value that anybody reads of each key."""

    def __init__(self) -> None:
        self.best: dict[str, int] = {}

    def observe(self, event: Event, cluster: Cluster) -> None:
        """Looks at answers."""
        for told in event.indications:
            if type(told) is Returned and told.outcome == OK and getattr(told.operation, "name", "") == READ:
                found = told.result if type(told.result) is int else 0
                key = told.operation.key
                self.best[key] = max(self.best.get(key, 0), found)


def _withdraw_late(asked: list[Asked], since: int) -> None:
    """Takes back the answers that came from `since` (µs) on: it was the repair that brought them."""
    for each in asked:
        if each.answered > since:
            each.outcome, each.answered = UNKNOWN, -1


def _stopped(asked: list[Asked], after: int) -> tuple[str, ...]:
    """The kinds of operations that were asked for after that time (µs), and never carried out."""
    later = [each for each in asked if each.time > after]
    carried_out = {name_of(each) for each in later if each.outcome == OK}
    return tuple(sorted({name_of(each) for each in later} - carried_out))


def _measured(counters: Counters, asked: list[Asked], refused: int, after: int) -> Measured:
    outcomes = [each.outcome for each in asked]
    ok, failed = outcomes.count(OK), outcomes.count(FAILED)
    return Measured(
        counters,
        asked=len(asked) + refused,
        ok=ok,
        failed=failed,
        unknown=len(asked) - ok - failed,
        refused=refused,
        in_time=sum(map(in_time, asked)),
        blocked=len(asked) + refused - ok - failed,
        stopped=_stopped(asked, after),
        write_times=array("q", sorted(latencies(asked, reads=False))),
        read_times=array("q", sorted(latencies(asked, reads=True))),
    )
