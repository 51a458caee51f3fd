"""Commands: all that a person can do to a run.

A command is a value. Menu, key, drag, lesson and file make the same ones, and a recording keeps them. `check` raises
`Refused` when it can't be done now, so that an impossible act is answered, changes nothing and is not recorded; `refusal`
asks the same without acting, so that it can be greyed beforehand. `apply` is called after a successful check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Protocol

from .cluster import CLIENT, TRUE_RATE_PPM, Cluster, Host
from .events import Change, Timer
from .network import DELAY_MAX
from .node import ClientNode
from .texts import N_, Refused
from .values import value

REQUESTS_WAITING_MAX = 20
RATE_LOW_PPM, RATE_HIGH_PPM = 100_000, 10_000_000
OFFSET_MAX = 3_600_000_000
"""A clock is at most an hour off (µs)."""


class Command(Protocol):
    """Something done to a run."""

    type: ClassVar[str]

    def check(self, cluster: Cluster) -> None:
        """Raises Refused when it can't be done now."""

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host | None:
        """Does it; returns the host whose program or timers it touched."""


def refusal(command: Command, cluster: Cluster) -> Refused | None:
    """Why the command can't be done now, or None."""
    try:
        command.check(cluster)
    except Refused as reason:
        return reason
    return None


@value
class Crash:
    """A node stops at once: volatile state and timers are gone, the disk stays."""

    type: ClassVar[str] = "crash"
    node: str

    def check(self, cluster: Cluster) -> None:
        if not cluster.node_host(self.node).up:
            raise Refused("already_down", N_("{node} is down already."), node=self.node)

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host:
        host = cluster.host(self.node)
        was_paused = host.paused
        cluster.change_host(host, "up", False, changes)
        cluster.change_host(host, "paused", False, changes)
        host.timers = ()
        host.node.crash(disk_kept=True)
        if was_paused:
            cluster.wake(host, changes)
        return host


@value
class Restart:
    """A crashed node comes up, with its disk as it was, or with an empty one."""

    type: ClassVar[str] = "restart"
    node: str
    disk: str = "kept"

    def check(self, cluster: Cluster) -> None:
        if cluster.node_host(self.node).up:
            raise Refused("already_up", N_("{node} is up: crash it first."), node=self.node)
        if self.disk not in ("kept", "lost"):
            raise Refused("bad_disk", N_("A disk is kept or lost."))

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host:
        host = cluster.host(self.node)
        cluster.change_host(host, "up", True, changes)
        cluster.change_host(host, "incarnation", host.incarnation + 1, changes)
        host.started = True
        if self.disk == "lost":
            host.node.crash(disk_kept=False)
        host.node.now = host.local(cluster.time)
        host.node.start()
        return host


@value
class Pause:
    """A node stands still: its timers stop, what arrives waits. To the others it looks crashed or slow."""

    type: ClassVar[str] = "pause"
    node: str

    def check(self, cluster: Cluster) -> None:
        host = cluster.node_host(self.node)
        if not host.up:
            raise Refused("node_down", N_("{node} is down."), node=self.node)
        if host.paused:
            raise Refused("already_paused", N_("{node} is paused already."), node=self.node)

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host:
        host = cluster.host(self.node)
        cluster.change_host(host, "paused", True, changes)
        host.timers = tuple(
            Timer(t.name, t.set, None, max(0, t.due - cluster.time) if t.due is not None else t.left, t.set_seq, 0)
            for t in host.timers
        )
        return host


@value
class Resume:
    """A paused node goes on: what waited arrives now, its timers run for what was left of them."""

    type: ClassVar[str] = "resume"
    node: str

    def check(self, cluster: Cluster) -> None:
        if not cluster.node_host(self.node).paused:
            raise Refused("not_paused", N_("{node} is not paused."), node=self.node)

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host:
        host = cluster.host(self.node)
        cluster.change_host(host, "paused", False, changes)
        cluster.wake(host, changes)
        host.timers = tuple(cluster.run_timer(host, t, cluster.time + (t.left or 0)) for t in host.timers)
        if not host.started:
            cluster.agenda.push(cluster.time, host, host)
        return host


@value
class SetLink:
    """Changes settings of one link, one direction; what is None stays as it is. Delays µs, chances percent."""

    type: ClassVar[str] = "set_link"
    src: str
    dst: str
    up: bool | None = None
    held: bool | None = None
    low: int | None = None
    high: int | None = None
    loss_percent: int | None = None
    duplicate_percent: int | None = None
    fifo: bool | None = None

    def _changes(self) -> dict[str, Any]:
        names = ("up", "held", "low", "high", "loss_percent", "duplicate_percent", "fifo")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def check(self, cluster: Cluster) -> None:
        lane = cluster.lane(self.src, self.dst)
        if not self._changes():
            raise Refused("nothing_to_set", N_("Nothing to set was named."))
        if lane.link.with_changes(**self._changes()) == lane.link:
            raise Refused("no_change", N_("The link from {src} to {dst} is so already."), src=self.src, dst=self.dst)

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        link = cluster.lane(self.src, self.dst).link.with_changes(**self._changes())
        cluster.set_link(self.src, self.dst, link, changes)


@value
class Partition:
    """Hosts in different groups can't reach each other. A host in no group reaches all."""

    type: ClassVar[str] = "partition"
    groups: tuple[tuple[str, ...], ...]

    def check(self, cluster: Cluster) -> None:
        named = [name for group in self.groups for name in group]
        for name in named:
            cluster.host(name)
        if len(self.groups) < 2 or not all(self.groups):
            raise Refused("bad_groups", N_("A partition has two groups or more, and none is empty."))
        if len(set(named)) != len(named):
            raise Refused("bad_groups", N_("A host can be in one group only."))
        if self.groups == cluster.groups:
            raise Refused("no_change", N_("This partition is in force already."))

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        cluster.set_groups(self.groups, changes)


@value
class Heal:
    """Lifts the partition and puts up every link that is cut. Delays and chances stay."""

    type: ClassVar[str] = "heal"

    def check(self, cluster: Cluster) -> None:
        whole = all(lane.link.up for host in cluster.hosts.values() for lane in host.lanes.values())
        if cluster.groups is None and whole:
            raise Refused("nothing_to_heal", N_("No partition is in force and no link is cut."))

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        if cluster.groups is not None:
            cluster.set_groups(None, changes)
        for host in cluster.hosts.values():
            for dst, lane in host.lanes.items():
                if not lane.link.up:
                    cluster.set_link(host.id, dst, lane.link.with_changes(up=True), changes)


@value
class Drop:
    """Takes one message off its link."""

    type: ClassVar[str] = "drop"
    message: int

    def check(self, cluster: Cluster) -> None:
        cluster.flight(self.message)

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        cluster.replace_flight(cluster.flight(self.message), None, changes)


@value
class Duplicate:
    """Makes a copy of one message, which leaves it where it now is."""

    type: ClassVar[str] = "duplicate"
    message: int

    def check(self, cluster: Cluster) -> None:
        cluster.flight(self.message)

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        flight = cluster.flight(self.message)
        lane = cluster.lane(flight.src, flight.dst)
        twin = cluster.duplicate(flight, lane, -cluster.messages)
        changes.append(("flight", twin.id, None, twin))


@value
class Delay:
    """Makes one message later by `by` µs."""

    type: ClassVar[str] = "delay"
    message: int
    by: int

    def check(self, cluster: Cluster) -> None:
        flight = cluster.flight(self.message)
        if not 0 < self.by <= DELAY_MAX:
            raise Refused("bad_delay", N_("A message can be made later by up to a minute, and never earlier."))
        if flight.place_at(cluster.time) >= 1000:
            raise Refused("arrived", N_("Message {message} has arrived and waits for {node}."),
                          message=self.message, node=flight.dst)  # fmt: skip

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        flight = cluster.flight(self.message)
        if flight.due is None:
            moved = flight.moved(cluster.time, due=None, left=(flight.left or 0) + self.by)
        else:
            moved = flight.moved(cluster.time, due=flight.due + self.by)
        cluster.replace_flight(flight, moved, changes)


@value
class DeliverNow:
    """Makes one message arrive next. Its link is judged as at any arrival; a loss that was to come does not."""

    type: ClassVar[str] = "deliver_now"
    message: int

    def check(self, cluster: Cluster) -> None:
        flight = cluster.flight(self.message)
        host = cluster.host(flight.dst)
        if host.paused:
            raise Refused("node_paused", N_("{node} is paused: messages wait."), node=flight.dst)

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        flight = cluster.flight(self.message)
        moved = flight.moved(cluster.time, due=cluster.time)
        moved.fate = None
        cluster.replace_flight(flight, moved, changes, first=True)


@value
class HoldLink:
    """Freezes a link: what is on it, and what is sent over it, waits until it is released."""

    type: ClassVar[str] = "hold_link"
    src: str
    dst: str

    def check(self, cluster: Cluster) -> None:
        if cluster.lane(self.src, self.dst).link.held:
            raise Refused("already_held", N_("The link from {src} to {dst} is held already."),
                          src=self.src, dst=self.dst)  # fmt: skip

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        link = cluster.lane(self.src, self.dst).link.with_changes(held=True)
        cluster.set_link(self.src, self.dst, link, changes)


@value
class ReleaseLink:
    """Lets what was held on a link go on from where it is."""

    type: ClassVar[str] = "release_link"
    src: str
    dst: str

    def check(self, cluster: Cluster) -> None:
        if not cluster.lane(self.src, self.dst).link.held:
            raise Refused("not_held", N_("The link from {src} to {dst} is not held."), src=self.src, dst=self.dst)

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        link = cluster.lane(self.src, self.dst).link.with_changes(held=False)
        cluster.set_link(self.src, self.dst, link, changes)


@value
class SetClock:
    """Makes a node's clock run at another rate (parts per million of true time), or jump by `offset` µs in all.

    Timers that run keep what is left of them by the node's own clock.
    """

    type: ClassVar[str] = "set_clock"
    node: str
    rate_ppm: int | None = None
    offset: int | None = None

    def check(self, cluster: Cluster) -> None:
        host = cluster.node_host(self.node)
        rate = host.rate_ppm if self.rate_ppm is None else self.rate_ppm
        offset = host.offset if self.offset is None else self.offset
        if not RATE_LOW_PPM <= rate <= RATE_HIGH_PPM:
            raise Refused("bad_clock", N_("A clock runs between a tenth and ten times the true rate."))
        if abs(offset) > OFFSET_MAX:
            raise Refused("bad_clock", N_("A clock is at most an hour off."))
        if (rate, offset) == (host.rate_ppm, host.offset):
            raise Refused("no_change", N_("The clock of {node} is so already."), node=self.node)

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host:
        host = cluster.host(self.node)
        now = cluster.time
        old_rate = host.rate_ppm
        offset = host.offset if self.offset is None else self.offset
        host.base_local = host.local(now) + offset - host.offset
        host.base_time = now
        cluster.change_host(host, "rate_ppm", old_rate if self.rate_ppm is None else self.rate_ppm, changes)
        cluster.change_host(host, "offset", offset, changes)
        if host.rate_ppm != old_rate:
            self._rescale(cluster, host, old_rate)
        return host

    def _rescale(self, cluster: Cluster, host: Host, old_rate: int) -> None:
        now = cluster.time
        timers = []
        for t in host.timers:
            left = (t.due - now) if t.due is not None else (t.left or 0)
            left = host.world_span(left * old_rate // TRUE_RATE_PPM)
            if t.due is None:
                timers.append(Timer(t.name, t.set, None, left, t.set_seq, 0))
            else:
                timers.append(cluster.run_timer(host, t, now + left))
        host.timers = tuple(timers)


@value
class FireTimer:
    """Makes a timer that runs run out next."""

    type: ClassVar[str] = "fire_timer"
    node: str
    timer: str

    def check(self, cluster: Cluster) -> None:
        host = cluster.host(self.node)
        if host.paused:
            raise Refused("node_paused", N_("{node} is paused: its timers stand still."), node=self.node)
        if not any(t.name == self.timer for t in host.timers):
            raise Refused("no_timer", N_("No timer {timer} runs at {node}."), timer=self.timer, node=self.node)

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host:
        host = cluster.host(self.node)
        host.timers = tuple(
            cluster.run_timer(host, t, cluster.time, first=True) if t.name == self.timer else t for t in host.timers
        )
        return host


@value
class Request:
    """A client is told to issue an operation, at node `to` first, or at whom it holds for the leader."""

    type: ClassVar[str] = "request"
    client: str
    operation: Any
    to: str | None = None

    def check(self, cluster: Cluster) -> None:
        host = cluster.host(self.client)
        if host.kind != CLIENT:
            raise Refused("unknown_client", N_("There is no client {client}."), client=self.client)
        if self.to is not None:
            cluster.node_host(self.to)
        if cluster.client_node(host).waiting() >= REQUESTS_WAITING_MAX:
            raise Refused("client_busy", N_("{client} has {most} operations waiting."),
                          client=self.client, most=REQUESTS_WAITING_MAX)  # fmt: skip

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host:
        host = cluster.host(self.client)
        assert isinstance(host.node, ClientNode)
        host.node.now = host.local(cluster.time)
        host.node.request(self.operation, self.to)
        return host


@value
class SwitchRule:
    """Switches one line of the algorithm off or on, for all hosts."""

    type: ClassVar[str] = "switch_rule"
    rule: str
    on: bool

    def check(self, cluster: Cluster) -> None:
        if self.rule not in cluster.rules:
            raise Refused("unknown_rule", N_("There is no rule {rule}."), rule=self.rule)
        if cluster.rules[self.rule] == self.on:
            raise Refused("no_change", N_("The rule is so already."))

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        changes.append(("rule", self.rule, cluster.rules[self.rule], self.on))
        cluster.rules[self.rule] = self.on
        setattr(cluster.settings, self.rule, self.on)


COMMANDS: dict[str, Any] = {
    c.type: c
    for c in (
        Crash, Restart, Pause, Resume, SetLink, Partition, Heal, Drop, Duplicate, Delay, DeliverNow, HoldLink,
        ReleaseLink, SetClock, FireTimer, Request, SwitchRule,
    )
}  # fmt: skip

_KINDS: dict[str, tuple[type, ...]] = {
    "bool": (bool,), "int": (int,), "str": (str,),
    "bool | None": (bool, type(None)), "int | None": (int, type(None)), "str | None": (str, type(None)),
}  # fmt: skip


def command_from(data: Mapping[str, Any], parse_operation: Any) -> Command:
    """Makes a command of plain data, `{"type": ..., ...}`. Raises Refused where it is none.

    `parse_operation` makes a client's operation of plain data; it comes from the protocol.
    """
    cls = COMMANDS.get(str(data.get("type")))
    if cls is None:
        raise Refused("unknown_command", N_("There is no command {type}."), type=str(data.get("type"))[:40])
    given = {k: v for k, v in data.items() if k != "type"}
    names = {f.name: str(f.type) for f in fields(cls)}
    for name in given:
        if name not in names:
            raise Refused("bad_command", N_("The command {type} has no {field}."), type=cls.type, field=str(name)[:40])
    if cls is Partition:
        given["groups"] = _groups(given.get("groups"))
    elif cls is Request:
        if not isinstance(given.get("operation"), Mapping):
            raise Refused("bad_command", N_("The command {type} lacks something."), type=cls.type)
        given["operation"] = parse_operation(given["operation"])
    for name, kind in names.items():
        kinds = _KINDS.get(kind)
        if kinds and name in given and (type(given[name]) not in kinds):
            raise Refused("bad_command", N_("The {field} of a {type} is of the wrong kind."), type=cls.type, field=name)
    try:
        command: Command = cls(**given)
    except TypeError:
        raise Refused("bad_command", N_("The command {type} lacks something."), type=cls.type) from None
    return command


def _groups(groups: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(groups, list | tuple) or not all(
        isinstance(g, list | tuple) and all(isinstance(name, str) for name in g) for g in groups
    ):
        raise Refused("bad_command", N_("The groups of a partition are lists of hosts."))
    return tuple(tuple(g) for g in groups)


def command_as_dict(command: Command) -> dict[str, Any]:
    """The command as plain data; `command_from` gives it back."""
    data: dict[str, Any] = {"type": command.type}
    for f in fields(command):  # type: ignore[arg-type]
        given = getattr(command, f.name)
        if given is not None:
            data[f.name] = given
    return data
