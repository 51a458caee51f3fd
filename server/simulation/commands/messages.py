"""What can be done to one message in flight."""

from __future__ import annotations

from typing import ClassVar

from ..cluster import Cluster
from ..events import Change
from ..network import DELAY_MAX
from ..texts import N_, Refused
from ..values import value


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
        cluster.keep_order(moved, changes)


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
