"""The world: hosts that run a program, links between them, and virtual time.

`Cluster.step` takes the next thing from the agenda, hands it to the host concerned, and turns the effects of the handler
into messages, timers and one `Event`. `Cluster.act` does the same for a command. Nothing here knows what protocol runs,
what the time is outside, or that anybody watches.

The fate of a message. A link that is down, or a partition, stops it at sending; a loss is drawn then too, but told when
and where it happens, on the way; else it flies, perhaps twice. At arrival the link is judged again, and then the host: a
crashed one loses it, a paused one keeps it waiting until it goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

from .addressed import draw_between, draw_percent, stream
from .agenda import Entry
from .events import COMMAND, DELIVER, LOST, START, TIMER, Change, Event, EventWithFaults, LossAtSending, Timer
from .host import TRUE_RATE_PPM, Alarm, Host
from .levers import Levers
from .network import ARRIVED, Flight, Lane, MovedFlight

blank = object.__new__
"""Makes an object without its fields. An event and a message are filled in where they are made: calling a class takes
twice as long, and no run makes more of anything."""


class Cluster(Levers):
    """The world as it goes on."""

    __slots__ = ()

    # What comes next

    def next_time(self) -> int | None:
        """The earliest time at which something may happen (µs); None if nothing ever will by itself."""
        heap = self.agenda.heap
        waiting: list[Entry] = []
        found: int | None = None
        while heap:
            entry = due, order, subject, owner = heap[0]
            if owner is None:
                flight: Flight = subject
                if self.flights.get(flight.id) is flight:
                    if not self._waits(flight):
                        found = due
                        break
                    if due > self.time:
                        waiting.append(entry)
            elif self._may_start(owner) if subject is owner else self._timer_due(owner, subject, order) is not None:
                found = due
                break
            heappop(heap)
        for entry in waiting:  # not yet there: its host may go on before it comes, or its link be cut
            heappush(heap, entry)
        return found

    def _timer_due(self, host: Host, alarm: Alarm, order: int) -> Timer | None:
        """The timer that an entry of the agenda stands for, if it is due then; else the entry is put where it belongs."""
        if alarm.order != order:
            return None  # another entry stands for it
        for timer in host.timers:
            if timer.name == alarm.name:
                if timer.order == order:
                    return timer
                if timer.due is not None:
                    alarm.due, alarm.order = timer.due, timer.order
                    heappush(self.agenda.heap, (timer.due, timer.order, alarm, host))
                    return None
        alarm.order = 0
        return None

    # Going on

    def step(self, until: int | None = None) -> Event | None:
        """The next event that is due by `until` (µs); None when there is none.

        What arrives at a paused host stays in flight and waits: that is no event, for nothing changes.
        """
        heap = self.agenda.heap
        flights = self.flights
        waiting: list[Entry] = []
        while heap:
            subject: Any  # a Flight, an Alarm, or the host itself, which is to start
            entry = due, order, subject, owner = heap[0]
            if until is not None and due > until:
                break
            if owner is None:
                heappop(heap)
                flight: Flight = subject
                if flights.get(flight.id) is not flight:
                    continue  # it was moved or dropped
                dst = self.hosts[flight.dst]
                if dst.paused and self._waits(flight):
                    waiting.append(entry)
                    continue
                self.place = self.place + 1 if due == self.time else 1
                self.time = due
                self.seq += 1
                return self._arrive(flight, dst)
            if subject is owner:
                heappop(heap)
                if not self._may_start(owner):
                    continue  # it was crashed or paused first; its restart or its resumption starts it
                self._at(due)
                owner.started = True
                owner.node.start()
                return self._finish(START, 0, owner, None)
            heappop(heap)
            timer = self._timer_due(owner, subject, order)
            if timer is not None:
                self._at(due)
                return self._ring(timer, subject, owner)
        for entry in waiting:  # no time has passed: a link may yet be cut before they arrive
            if until is None and entry[0] > self.time:
                heappush(heap, entry)
        return None

    def _at(self, time: int) -> None:
        """The next event happens at `time`."""
        self.place = self.place + 1 if time == self.time else 1
        self.time = time
        self.seq += 1

    def _ring(self, timer: Timer, alarm: Alarm, host: Host) -> Event:
        """A timer runs out."""
        alarm.order = 0
        host.timers = () if len(host.timers) == 1 else tuple([t for t in host.timers if t is not timer])
        node = host.node
        node.now = host.local(self.time)
        node.timer_handlers[timer.name](node)
        return self._finish(TIMER, timer.set_seq, host, timer.name)

    def _may_start(self, host: Host) -> bool:
        return host.up and not host.paused and not host.started

    def _waits(self, flight: Flight) -> bool:
        """Whether its arrival is no event: its host is paused, and keeps it until it goes on."""
        return self.hosts[flight.dst].paused and flight.fate is None and self.may_arrive(flight)

    def _arrive(self, flight: Flight, dst: Host) -> Event:
        """A message reaches the end of its flight, which may be on the way."""
        del self.flights[flight.id]
        if type(flight) is not Flight and flight.fate is not None:
            reason = "loss"
        elif not self.hosts[flight.src].lanes[flight.dst].open and flight.place != ARRIVED:
            reason = "partition" if self.parted(flight.src, flight.dst) else "cut"
        elif not dst.up:
            reason = "down"
        else:
            node = dst.node
            node.now = (
                dst.base_local + self.time - dst.base_time if dst.rate_ppm == TRUE_RATE_PPM else dst.local(self.time)
            )
            body = flight.body
            node.handlers[type(body)](node, body, flight.src)
            return self._finish(DELIVER, flight.sent_seq, dst, flight)
        facts = (self.seq, self.time, LOST, flight.sent_seq, None, flight, None, (), (), (), None)
        return EventWithFaults(*facts, detail=reason)

    def act(self, command: Any, time: int, by: str = "") -> Event:
        """Gives a command at `time`, which is not before the last event. Raises Refused, and then nothing changed."""
        command.check(self)
        self._at(time)
        changes: list[Change] = []
        host: Host | None = command.apply(self, changes)
        if host is None:
            facts = (self.seq, time, COMMAND, 0, None, command, None, (), (), (), None)
            return EventWithFaults(*facts, detail=by, changes=tuple(changes))
        return self._finish(COMMAND, 0, host, command, by, changes)

    # The effects of a handler

    def _finish(
        self, kind: str, cause: int, host: Host, subject: Any, detail: str = "", changes: Sequence[Change] = ()
    ) -> Event:
        """Carries out the effects that the host's handler asked for; returns the event."""
        node = host.node
        time, seq = self.time, self.seq
        sent: tuple[Flight, ...] = ()
        lost: tuple[LossAtSending, ...] = ()
        indications: tuple[Any, ...] = ()
        if node.sends:
            sent, lost = self._send_all(host, node.sends)
            node.sends.clear()
        if node.timings:
            for name, low, high in node.timings:
                self._set_timer(host, name, low, high)
            node.timings.clear()
        if node.indicated:
            indications = tuple(node.indicated)
            node.indicated.clear()
        state = prior = None
        if self.keep:
            state, prior = node.snapshot(), host.last
            if prior is not None and state == prior.state:
                state = prior.state  # most heartbeats change nothing, and then nothing is kept of them
        event: Event
        if lost or kind is COMMAND:
            event = EventWithFaults(
                seq, time, kind, cause, host.id, subject, state, host.timers, sent, indications, prior,
                detail=detail, lost=lost, changes=tuple(changes),
            )  # fmt: skip
        else:
            event = blank(Event)
            event.seq = seq
            event.time = time
            event.kind = kind
            event.cause = cause
            event.host = host.id
            event.subject = subject
            event.state = state
            event.timers = host.timers
            event.sent = sent
            event.indications = indications
            event.prior = prior
        if self.keep:
            host.last = event
        return event

    def _set_timer(self, host: Host, name: str, low: int, high: int) -> None:
        timers = host.timers
        if timers:
            timers = () if len(timers) == 1 and timers[0].name == name else tuple([t for t in timers if t.name != name])
        if low < 0:
            host.timers = timers
            return
        alarm = host.alarms.get(name)
        if alarm is None:
            alarm = host.alarms[name] = Alarm(name, stream(self.seed, "timer", host.id, name))
        alarm.count += 1
        span = alarm.draws.between(alarm.count, low, high) if high > low else low
        due = self.time + (span if host.rate_ppm == TRUE_RATE_PPM else host.world_span(span))
        self.agenda.order = order = self.agenda.order + 1
        timer = Timer(name, self.time, due, None, self.seq, order, due - self.time)
        host.timers = (*timers, timer) if timers else (timer,)
        if alarm.order == 0 or alarm.due > due:
            alarm.due, alarm.order = due, order
            heappush(self.agenda.heap, (due, order, alarm, host))

    def _send_all(
        self, host: Host, sends: Sequence[tuple[str, Any]]
    ) -> tuple[tuple[Flight, ...], tuple[LossAtSending, ...]]:
        """Puts messages on their links; returns those that fly and those that were stopped at once."""
        sent: list[Flight] = []
        lost: list[LossAtSending] = []
        time, seq, src = self.time, self.seq, host.id
        agenda, lanes = self.agenda, host.lanes
        for dst, body in sends:
            lane = lanes[dst]
            lane.sent = count = lane.sent + 1
            self.messages = id = self.messages + 1
            link = lane.link
            due = time + lane.delays.between(count, link.low, link.high)
            flight = blank(Flight)
            flight.id = id
            flight.src = src
            flight.dst = dst
            flight.body = body
            flight.sent = time
            flight.sent_seq = seq
            flight.due = due
            if not lane.open:
                lost.append((flight, "partition" if self.parted(src, dst) else "cut"))
                continue
            if link.fifo:
                flight.due = lane.last_due = due = max(due, lane.last_due)
            if link.loss_percent or link.held:
                flight = self._troubled(flight, lane, count)
                if flight.due is not None:
                    lost_at = flight.lost_at()
                    agenda.push(flight.due if lost_at is None else lost_at, flight)
            else:
                agenda.order = order = agenda.order + 1
                heappush(agenda.heap, (due, order, flight, None))
            self.flights[id] = flight
            sent.append(flight)
            if (
                link.duplicate_percent
                and flight.fate is None
                and draw_percent(lane.duplicate_key, 2 * count, link.duplicate_percent)
            ):
                sent.append(self.duplicate(flight, lane, 2 * count + 1))
        return tuple(sent), tuple(lost)

    def _troubled(self, flight: Flight, lane: Lane, count: int) -> Flight:
        """The flight on a lossy or held link."""
        fate = None
        if draw_percent(lane.loss_key, 2 * count, lane.link.loss_percent):
            fate = draw_between(lane.loss_key, 2 * count + 1, 250, 750)
        due, left = flight.due, None
        if lane.link.held and due is not None:
            left = due - flight.sent
            due = None
        return MovedFlight(flight, leg=flight.sent, place=0, due=due, left=left, of=None, fate=fate)
