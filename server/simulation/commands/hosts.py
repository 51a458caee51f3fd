"""What can be done to a node: its power, its pace, its clock and its timers."""

from __future__ import annotations

from typing import ClassVar

from ..cluster import Cluster
from ..events import Change, Timer
from ..host import TRUE_RATE_PPM, Host
from ..texts import N_, Refused
from ..values import value

RATE_LOW_PPM, RATE_HIGH_PPM = 100_000, 10_000_000
OFFSET_MAX = 3_600_000_000
"""A clock is at most an hour off (µs)."""


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
            Timer(
                t.name, t.set, None, max(0, t.due - cluster.time) if t.due is not None else t.left, t.set_seq, 0, t.span
            )
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
            span = host.world_span(t.span * old_rate // TRUE_RATE_PPM)
            if t.due is None:
                timers.append(Timer(t.name, t.set, None, left, t.set_seq, 0, span))
            else:
                timers.append(cluster.run_timer(host, t, now + left, span=span))
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
