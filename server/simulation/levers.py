"""The levers of a run: all that a command can move, each change noted with its before and after.

The commands say when a lever may be pulled; what follows from it is here.
"""

from __future__ import annotations

from heapq import heappush
from typing import Any

from .addressed import draw_between
from .events import Change, Timer
from .ground import Ground
from .host import Host
from .network import ARRIVED, Flight, Lane, Link, MovedFlight


class Levers(Ground):
    """A ground whose hosts, links and messages can be moved."""

    __slots__ = ()

    def run_timer(self, host: Host, timer: Timer, due: int, *, span: int | None = None, first: bool = False) -> Timer:
        """The same timer with another due time (µs), scheduled anew; for commands, which put it into `host.timers`."""
        self.agenda.order += 1
        order = -self.agenda.order if first else self.agenda.order
        alarm = host.alarms[timer.name]
        alarm.due, alarm.order = due, order
        heappush(self.agenda.heap, (due, order, alarm, host))
        cause = self.seq if first else timer.set_seq  # a hand that fires it is why it runs out
        return Timer(timer.name, timer.set, due, None, cause, order, timer.span if span is None else span)

    def duplicate(self, flight: Flight, lane: Lane, address: int) -> Flight:
        """Another copy of a message, which leaves it where it now is and takes its own time for the rest."""
        self.messages += 1
        place = flight.here(self.time)
        span = draw_between(lane.duplicate_key, address, lane.link.low, lane.link.high) * (ARRIVED - place) // ARRIVED
        held = flight.due is None
        due = self.time + span
        if lane.link.fifo and not held:
            due = lane.last_due = max(due, lane.last_due)
        twin = MovedFlight(
            flight, leg=self.time, place=place, due=None if held else due, left=span if held else None,
            of=flight.id if flight.of is None else flight.of, fate=None, id=self.messages,
        )  # fmt: skip
        twin.sent, twin.sent_seq = self.time, self.seq
        self.flights[twin.id] = twin
        if twin.due is not None:
            self.agenda.push(twin.due, twin)
        return twin

    def replace_flight(self, old: Flight, new: Flight | None, changes: list[Change], *, first: bool = False) -> None:
        """Puts another leg of the same message in its place, or takes the message away."""
        changes.append(("flight", old.id, old, new))
        if new is None:
            del self.flights[old.id]
            return
        self.flights[old.id] = new
        if new.due is not None:
            lost_at = new.lost_at()
            push = self.agenda.push_first if first else self.agenda.push
            push(new.due if lost_at is None else lost_at, new)

    def keep_order(self, late: Flight, changes: list[Change]) -> None:
        """Has what was sent after a message that was made later wait for it, on a link that keeps the order."""
        lane = self.hosts[late.src].lanes[late.dst]
        if not lane.link.fifo or late.due is None:
            return
        lane.last_due = max(lane.last_due, late.due)
        for flight in list(self.flights.values()):
            behind = flight.src == late.src and flight.dst == late.dst and flight.id > late.id
            if behind and flight.due is not None and flight.due < late.due:
                self.replace_flight(flight, flight.moved(self.time, due=late.due), changes)

    def set_link(self, src: str, dst: str, link: Link, changes: list[Change]) -> None:
        """Changes a link; freezes or releases what is on it."""
        lane = self.hosts[src].lanes[dst]
        before = lane.link
        if link == before:
            return
        lane.link = link
        changes.append(("link", f"{src}>{dst}", self._sparse(before), self._sparse(link)))
        self._judge(self.hosts[src], dst, changes)
        flights = [f for f in self.flights.values() if f.src == src and f.dst == dst]
        if link.fifo and not before.fifo:
            lane.last_due = max([lane.last_due, *(f.due for f in flights if f.due is not None)])
        if link.held and not before.held:
            for flight in flights:
                if flight.due is not None and flight.due > self.time:
                    frozen = flight.moved(self.time, due=None, left=flight.due - self.time)
                    self.replace_flight(flight, frozen, changes)
        elif before.held and not link.held:
            for flight in flights:  # in the order of sending, which a fifo link keeps
                if flight.left is not None:
                    due = self.time + flight.left
                    if link.fifo:
                        due = lane.last_due = max(due, lane.last_due)
                    self.replace_flight(flight, flight.moved(self.time, due=due), changes)

    def _judge(self, host: Host, dst: str, changes: list[Change]) -> None:
        """Says anew whether a message may pass from a host to another. What waits at a paused one has passed."""
        lane = host.lanes[dst]
        was_open, lane.open = lane.open, lane.link.up and not self.parted(host.id, dst)
        if lane.open or not was_open or not self.hosts[dst].paused:
            return
        for flight in list(self.flights.values()):
            if flight.src == host.id and flight.dst == dst and self._is_over(flight) and flight.place != ARRIVED:
                self.replace_flight(flight, flight.moved(self.time, due=flight.due, place=ARRIVED), changes)

    def _is_over(self, flight: Flight) -> bool:
        """Whether its time is up, and it is in flight all the same: it waits, or arrives at this instant."""
        return flight.fate is None and flight.due is not None and flight.due <= self.time

    def _sparse(self, link: Link) -> Link | None:
        return None if link == self.link else link

    def set_groups(self, groups: tuple[tuple[str, ...], ...] | None, changes: list[Change]) -> None:
        """Puts a partition in force, or lifts it."""
        changes.append(("groups", self.groups, groups))
        self.groups = groups
        for host in self.hosts.values():
            for dst in host.lanes:
                self._judge(host, dst, changes)

    def change_host(self, host: Host, fact: str, after: Any, changes: list[Change]) -> None:
        """Changes a fact of a host."""
        before = getattr(host, fact)
        if before != after:
            changes.append(("host", host.id, fact, before, after))
            setattr(host, fact, after)

    def wake(self, host: Host, changes: list[Change]) -> None:
        """Hands a host that was paused, or has crashed, what was waiting for it: it arrives now, in its order."""
        waiting = [f for f in self.flights.values() if f.dst == host.id and self._is_over(f) and self.may_arrive(f)]
        for flight in sorted(waiting, key=lambda f: (f.due, f.id)):
            self.replace_flight(flight, flight.moved(self.time, due=self.time, place=ARRIVED), changes)
