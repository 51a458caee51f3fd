"""Schedules of faults: what goes wrong, when, for every protocol of a comparison alike.

A schedule is about hosts and links, which all protocols have. It comes from four places: nothing at all, one of the
built-in ones below, a scenario of any protocol, or a recording of a room. Commands about single messages, timers,
requests and rules mean something in the run alone in which they were given, so they are left out, and a notice says so.

Times are taken as they are and never stretched: a cut of 200 ms is shorter than an election timeout, and one of six
seconds is not. What comes after the end of the span is left out, and told. The built-in ones are written as shares of
the span, so that they have the same shape in a short comparison and in a long one: with 60 s, "at 10 s" is a sixth.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...protocols import PROTOCOLS, program, protocol
from ...simulation import N_, Cluster, Command, Given, Recording, Refused, recording_from
from ...simulation.commands import (
    Crash,
    Heal,
    HoldLink,
    Partition,
    Pause,
    ReleaseLink,
    Restart,
    Resume,
    SetClock,
    SetLink,
)
from .aimed import CrashLeader, RestartCrashed
from .workloads import CLIENTS

CARRIED = (Crash, Restart, Pause, Resume, SetLink, HoldLink, ReleaseLink, Partition, Heal, SetClock)
"""The commands that mean the same to every protocol."""
LOSS_PERCENT = 5
NAMED_MAX = 15
"""How many faults that can't be done are told one by one; of the others their number."""
FAST_PPM, SLOW_PPM = 1_200_000, 800_000

Notice = tuple[str, dict[str, Any]]
"""A sentence (msgid) and its parameters."""
Moments = Iterable[tuple[int, Command]]


@dataclass(frozen=True)
class BuiltIn:
    """A schedule that fits clusters of any size."""

    name: str
    title: str
    text: str
    """What happens, for people (msgid)."""
    write: Callable[[int, int], Moments]
    """The commands with their times (µs), from how many nodes there are and the span."""


@dataclass(frozen=True)
class Schedule:
    """What goes wrong, as it was chosen; `commands` of it for a cluster of a size."""

    name: str
    title: str
    """What it is called (msgid)."""
    built_in: BuiltIn | None = None
    fixed: tuple[Given, ...] = ()
    """The commands, where they come from a scenario or a recording."""
    notices: tuple[Notice, ...] = field(default=())

    def for_cluster(self, nodes: int, span: int) -> tuple[tuple[Given, ...], list[Notice]]:
        """The commands for that many nodes, in order, and what a person should know. Raises Refused where it can't be."""
        if self.built_in is not None:
            moments = sorted(self.built_in.write(nodes, span), key=lambda moment: moment[0])
            none = not moments and self.built_in is not NO_FAULTS.built_in
            notice = N_("In a cluster of {nodes} nodes this schedule has no fault."), {"nodes": nodes}
            return tuple(Given(time, 0, command) for time, command in moments), [notice] if none else []
        self._check_hosts(nodes)
        within = tuple(given for given in self.fixed if given.time < span)
        notices = []
        if len(within) < len(self.fixed):
            late = len(self.fixed) - len(within)
            notices.append((N_("{count} faults of the schedule come after the end and are left out."), {"count": late}))
        return within, notices + _impossible(within, nodes)

    def _check_hosts(self, nodes: int) -> None:
        """Raises Refused where the schedule names a host that the cluster hasn't."""
        named = sorted({host for given in self.fixed for host in _hosts(given.command)}, key=_by_number)
        for host in named:
            kind, number = host[:1], int(host[1:]) if re.fullmatch(r"[nc][1-9]\d?", host) else 0
            if 0 < number <= {"n": nodes, "c": CLIENTS}.get(kind, 0):
                continue
            if kind != "n":
                raise Refused(
                    "bad_schedule", N_("The schedule names {host}, and a comparison has the clients c1 to c{clients}."),
                    host=host, clients=CLIENTS,
                )  # fmt: skip
            most = max(_by_number(name)[1] for name in named if name.startswith("n"))
            raise Refused(
                "bad_schedule",
                N_("The schedule names {host}, and the cluster has only {nodes} nodes: take {most} or more, or one of "
                   "the schedules that fit any size: {fitting}."),
                host=host, nodes=nodes, most=most, fitting=", ".join(BUILT_IN),
            )  # fmt: skip


def _by_number(host: str) -> tuple[str, int]:
    return host[:1], int(host[1:]) if host[1:].isdecimal() else 0


def _hosts(command: Command) -> Iterator[str]:
    """The hosts that a command is about."""
    if isinstance(command, Partition):
        for group in command.groups:
            yield from group
    for name in ("node", "src", "dst"):
        host = getattr(command, name, None)
        if host is not None:
            yield host


def _impossible(schedule: tuple[Given, ...], nodes: int) -> list[Notice]:
    """What can't be done when its time comes, as a crash of a node that is down; it is skipped in every run."""
    cluster = Cluster(next(iter(PROTOCOLS.values())).program, nodes=nodes, clients=CLIENTS, keep=False)
    notices: list[Notice] = []
    for given in schedule:
        try:
            cluster.act(given.command, given.time)
        except Refused:
            at = {"command": given.command.type, "time": given.time / 1_000_000}
            notice = N_("{command} at {time} s can't be done by then, and is skipped."), at
            if notice not in notices[-1:]:  # they come in the order of their times, so equal ones mostly together
                notices.append(notice)
    more = len(notices) - NAMED_MAX
    if more > 1:
        rest = N_("{count} more faults of the schedule can't be done by then, and are skipped."), {"count": more}
        notices[NAMED_MAX:] = [rest]
    return notices


# Where schedules come from


def schedule_from(source: Mapping[str, Any] | None) -> Schedule:
    """The schedule that plain data names. Raises Refused.

    `{"name": ...}` is one of the built-in ones, `{"scenario": ..., "protocol": ...}` that of a scenario (the protocol may
    be left out where one has a scenario of that name), `{"recording": {...}}` that of a recording.
    """
    if not source:
        return NO_FAULTS
    if "recording" in source:
        return from_recording(recording_from(source["recording"], program))
    if "scenario" in source:
        scenario, of = source["scenario"], source.get("protocol")
        if not isinstance(scenario, str) or not (of is None or isinstance(of, str)):
            raise Refused("bad_order", N_("This is no order for a comparison."))
        return from_scenario(scenario, of)
    name = str(source.get("name"))
    found = BUILT_IN.get(name)
    if found is None:
        raise Refused(
            "unknown_schedule", N_("There is no schedule of faults {name}; there are {known}."),
            name=name[:40], known=", ".join(BUILT_IN),
        )  # fmt: skip
    return Schedule(found.name, found.title, found)


def from_scenario(name: str, of: str | None = None) -> Schedule:
    """The faults of a scenario. Raises Refused where there is none of that name."""
    owners = [protocol(of)] if of is not None else list(PROTOCOLS.values())
    for owner in owners:
        for scenario in owner.scenarios():
            if scenario.name == name:
                faults = from_recording(scenario.recording(owner.program))
                return Schedule(name, scenario.title, None, faults.fixed, faults.notices)
    raise Refused("unknown_scenario", N_("There is no scenario {name}."), name=name[:40])


def from_recording(recording: Recording) -> Schedule:
    """The faults of a recording. Raises Refused where it has none that can be carried over."""
    kept = tuple(given for given in recording.commands if isinstance(given.command, CARRIED))
    left = Counter(given.command.type for given in recording.commands if not isinstance(given.command, CARRIED))
    notices: list[Notice] = []
    requests = left.pop("request", 0)
    if requests:
        notices.append((N_("The {count} requests of the recording are left out: the workload asks instead."),
                        {"count": requests}))  # fmt: skip
    if left:
        told = ", ".join(f"{kind} ({count})" for kind, count in sorted(left.items()))
        notices.append((N_("What was done to single messages, timers or rules can't be carried over: {left}."),
                        {"left": told}))  # fmt: skip
    if not kept:
        raise Refused(
            "bad_schedule",
            N_("The recording has no fault of hosts or links to carry over; there are also the schedules {fitting}."),
            fitting=", ".join(BUILT_IN),
        )  # fmt: skip
    return Schedule("recording", N_("a recording"), None, kept, tuple(notices))


# The built-in ones


def _node(number: int) -> str:
    return f"n{number}"


def _nothing(_nodes: int, _span: int) -> Moments:
    return ()


def _one_crash(_nodes: int, span: int) -> Moments:
    return ((span // 6, Crash("n1")), (span // 3, Restart("n1")))


def _leader_crashes(_nodes: int, span: int) -> Moments:
    for sixth in range(1, 6):
        yield sixth * span // 6, CrashLeader()
        yield sixth * span // 6 + span // 12, RestartCrashed()


def _rolling(nodes: int, span: int) -> Moments:
    step = span // (nodes + 1)
    for number in range(1, nodes + 1):
        yield number * step - step // 2, Crash(_node(number))
        yield number * step + step // 4, Restart(_node(number))


def _minority(nodes: int, span: int) -> Moments:
    few = (nodes - 1) // 2
    if few:
        side = tuple(_node(number) for number in range(1, few + 1))
        rest = tuple(_node(number) for number in range(few + 1, nodes + 1))
        clients = tuple(f"c{number}" for number in range(2, CLIENTS + 1))
        yield span // 6, Partition(((*side, "c1"), (*rest, *clients)))
        yield span // 2, Heal()


def _majority_down(nodes: int, span: int) -> Moments:
    for number in range(1, nodes // 2 + 2):
        if number <= nodes:
            yield span // 6, Crash(_node(number))
            yield span // 3, Restart(_node(number))


def _lossy(nodes: int, _span: int) -> Moments:
    hosts = [_node(number) for number in range(1, nodes + 1)]
    clients = [f"c{number}" for number in range(1, CLIENTS + 1)]
    for src in (*hosts, *clients):
        for dst in (*hosts, *clients):
            if src != dst and (src in hosts or dst in hosts):
                yield 0, SetLink(src, dst, loss_percent=LOSS_PERCENT, duplicate_percent=LOSS_PERCENT)


def _stall(_nodes: int, span: int) -> Moments:
    return ((span // 6, Pause("n1")), (span // 4, Resume("n1")))


def _clocks(nodes: int, _span: int) -> Moments:
    yield 0, SetClock("n1", rate_ppm=FAST_PPM)
    if nodes > 1:
        yield 0, SetClock("n2", rate_ppm=SLOW_PPM)


BUILT_IN: dict[str, BuiltIn] = {
    schedule.name: schedule
    for schedule in (
        BuiltIn("none", N_("no faults"), N_("Nothing goes wrong."), _nothing),
        BuiltIn(
            "one_crash", N_("one crash"),
            N_("n1 crashes after a sixth of the time, and restarts after a third. Whether it leads is up to chance."),
            _one_crash,
        ),
        BuiltIn(
            "leader_crashes", N_("the leader crashes"),
            N_("Whoever leads crashes, five times, and restarts after a twelfth of the time. Where nobody leads it is the "
               "first node that is up. Which node that is differs from protocol to protocol and from run to run."),
            _leader_crashes,
        ),
        BuiltIn(
            "rolling", N_("rolling crashes"),
            N_("The nodes crash one after the other, each restarting before the next one goes."), _rolling,
        ),
        BuiltIn(
            "minority", N_("a minority cut off"),
            N_("A partition cuts a minority of the nodes off, with one of the clients, from a sixth of the time to a half."),
            _minority,
        ),
        BuiltIn(
            "majority_down", N_("a majority crashes"),
            N_("A majority of the nodes crashes at once after a sixth of the time, and restarts after a third."),
            _majority_down,
        ),
        BuiltIn(
            "lossy", N_("lossy links"),
            N_("Every link loses one message in twenty and doubles another one, all the time."), _lossy,
        ),
        BuiltIn(
            "stall", N_("a node that stalls"),
            N_("n1 stands still from a sixth of the time to a quarter, then goes on as if nothing had happened."), _stall,
        ),
        BuiltIn(
            "clocks", N_("clocks that drift"),
            N_("The clock of n1 runs a fifth too fast and that of n2 a fifth too slow, all the time."), _clocks,
        ),
    )
}  # fmt: skip
NO_FAULTS = Schedule("none", BUILT_IN["none"].title, BUILT_IN["none"])
