"""The world: hosts that run a program, links between them, and virtual time.

`Cluster.step` takes the next thing from the agenda, hands it to the host concerned, and turns the effects of the handler
into messages, timers and one `Event`. `Cluster.act` does the same for a command. Nothing here knows what protocol runs,
what the time is outside, or that anybody watches.

The fate of a message. A link that is down, or a partition, stops it at sending; a loss is drawn then too, but told when
and where it happens, on the way; else it flies, perhaps twice. At arrival the link is judged again, and then the host: a
crashed one loses it, a paused one keeps it waiting until it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from .addressed import draw_between, draw_percent, stream
from .agenda import Agenda, Entry
from .events import COMMAND, DELIVER, LOST, START, TIMER, Change, Event, EventWithFaults, LossAtSending, Timer
from .network import ARRIVED, Flight, Lane, Link, MovedFlight
from .node import ClientNode, Node, Program, Settings
from .texts import N_, Refused

NODES_MAX = 9
CLIENTS_MAX = 4
TRUE_RATE_PPM = 1_000_000

NODE = "node"
CLIENT = "client"


class Alarm:
    """The world's bookkeeping of one timer of one host.

    A follower sets its election timer anew with every heartbeat. So an entry stands in the agenda for the alarm, and not
    for each setting: when it comes up too early, it is put back to where the timer in force is due.
    """

    __slots__ = ("count", "due", "key", "name", "order")

    def __init__(self, name: str, key: int) -> None:
        self.name = name
        self.key = key
        self.count = 0
        """How often the timer was set: the address of its next draw."""
        self.due = 0
        self.order = 0
        """When its entry in the agenda comes up, and that entry's order; 0 where it has none."""


class Host:
    """Where a program runs: the world's facts about it, and its clock."""

    __slots__ = (
        "alarms", "base_local", "base_time", "id", "incarnation", "kind", "lanes", "last", "node", "offset", "paused",
        "rate_ppm", "started", "timers", "up",
    )  # fmt: skip

    def __init__(self, id: str, kind: str, node: Node) -> None:
        self.id = id
        self.kind = kind
        self.node = node
        self.up = True
        self.paused = False
        self.started = False
        """Whether its program was started; a command may come first, at time 0."""
        self.incarnation = 1
        self.rate_ppm = TRUE_RATE_PPM
        self.offset = 0
        self.base_time = 0
        self.base_local = 0
        self.timers: tuple[Timer, ...] = ()
        self.alarms: dict[str, Alarm] = {}
        self.lanes: dict[str, Lane] = {}
        self.last: Event | None = None
        """The last event that touched it; where history is kept."""

    def local(self, time: int) -> int:
        """What its clock shows at `time`, µs."""
        return self.base_local + (time - self.base_time) * self.rate_ppm // TRUE_RATE_PPM

    def world_span(self, span: int) -> int:
        """How long (µs of the world) its clock takes for `span`."""
        return span if self.rate_ppm == TRUE_RATE_PPM else -(-span * TRUE_RATE_PPM // self.rate_ppm)

    def facts(self) -> tuple[bool, bool, int, int, int]:
        """Up, paused, rate, offset, incarnation."""
        return (self.up, self.paused, self.rate_ppm, self.offset, self.incarnation)


class Cluster:
    """`nodes` hosts n1, n2, ... and `clients` hosts c1, c2, ..., all of which start at time 0."""

    def __init__(
        self,
        program: Program,
        *,
        nodes: int = 5,
        clients: int = 1,
        params: Mapping[str, int | bool] | None = None,
        rules: Mapping[str, bool] | None = None,
        seed: int = 1,
        link: Link | None = None,
        keep: bool = True,
    ) -> None:
        if not 1 <= nodes <= NODES_MAX:
            raise Refused("bad_size", N_("A cluster has 1 to {most} nodes."), most=NODES_MAX)
        if not 0 <= clients <= CLIENTS_MAX:
            raise Refused("bad_size", N_("There are at most {most} clients."), most=CLIENTS_MAX)
        self.program = program
        self.seed = seed
        self.keep = keep
        """Whether events carry states, for a history; a search that only wants the properties does without."""
        self.link = link or Link()
        self.rules = dict.fromkeys(program.rules, True) | dict(rules or {})
        self.params = {name: p.default for name, p in program.params.items()} | dict(params or {})
        self.settings = Settings(self.params, self.rules)
        self.groups: tuple[tuple[str, ...], ...] | None = None
        self.agenda = Agenda()
        self.flights: dict[int, Flight] = {}
        self.time = 0
        self.seq = 0
        self.place = 0
        """How many events have happened at this instant: with the time, the address of a command in a recording."""
        self.messages = 0
        self.nodes = tuple(f"n{i}" for i in range(1, nodes + 1))
        self.clients = tuple(f"c{i}" for i in range(1, clients + 1))
        self.hosts: dict[str, Host] = {}
        for name in self.nodes:
            peers = tuple(n for n in self.nodes if n != name)
            self.hosts[name] = Host(name, NODE, program.node(name, peers, self.settings))
        for name in self.clients:
            self.hosts[name] = Host(name, CLIENT, program.client(name, self.nodes, self.settings))
        for src in self.hosts.values():
            for dst in self.hosts:
                if dst != src.id and (src.kind == NODE or dst in self.nodes):
                    src.lanes[dst] = Lane(seed, src.id, dst, self.link)
        for host in self.hosts.values():
            self.agenda.push(0, host, host)

    # Looking

    def host(self, name: str) -> Host:
        """The host of that name. Raises Refused."""
        host = self.hosts.get(name)
        if host is None:
            raise Refused("unknown_host", N_("There is no {host}."), host=name)
        return host

    def node_host(self, name: str) -> Host:
        """The host of a node. Raises Refused, also for a client."""
        host = self.hosts.get(name)
        if host is None or host.kind != NODE:
            raise Refused("unknown_node", N_("There is no node {node}."), node=name)
        return host

    def lane(self, src: str, dst: str) -> Lane:
        """The lane of a link. Raises Refused."""
        lane = self.host(src).lanes.get(self.host(dst).id)
        if lane is None:
            raise Refused("unknown_link", N_("There is no link from {src} to {dst}."), src=src, dst=dst)
        return lane

    def flight(self, id: int) -> Flight:
        """A message in flight. Raises Refused when it is none, or none any more."""
        flight = self.flights.get(id)
        if flight is None:
            raise Refused("not_in_flight", N_("Message {message} is not in flight."), message=id)
        return flight

    def parted(self, src: str, dst: str) -> bool:
        """Whether a partition stands between two hosts. A host in no group can reach all."""
        if self.groups is None:
            return False
        sides = [i for name in (src, dst) for i, group in enumerate(self.groups) if name in group]
        return len(sides) == 2 and sides[0] != sides[1]

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
                flight = flights.get(subject.id)
                if flight is None or flight is not subject:
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
        host.timers = () if len(host.timers) == 1 else tuple(t for t in host.timers if t is not timer)
        node = host.node
        node.now = host.local(self.time)
        node.timer_handlers[timer.name](node)
        return self._finish(TIMER, timer.set_seq, host, timer.name)

    def _may_start(self, host: Host) -> bool:
        return host.up and not host.paused and not host.started

    def _waits(self, flight: Flight) -> bool:
        """Whether its arrival is no event: its host is paused, and keeps it until it goes on."""
        return self.hosts[flight.dst].paused and flight.fate is None and self._may_arrive(flight)

    def _may_arrive(self, flight: Flight) -> bool:
        return flight.place == ARRIVED or self.hosts[flight.src].lanes[flight.dst].open

    def _arrive(self, flight: Flight, dst: Host) -> Event:
        """A message reaches the end of its flight, which may be on the way."""
        del self.flights[flight.id]
        if flight.fate is not None:
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
            node.handlers[type(flight.body)](node, flight.body, flight.src)
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
            state, prior = tuple(node.__dict__.values()), host.last
        event: Event
        if lost or kind is COMMAND:
            event = EventWithFaults(
                self.seq, self.time, kind, cause, host.id, subject, state, host.timers, sent, indications, prior,
                detail=detail, lost=lost, changes=tuple(changes),
            )  # fmt: skip
        else:
            event = Event(
                self.seq, self.time, kind, cause, host.id, subject, state, host.timers, sent, indications, prior
            )
        if self.keep:
            host.last = event
        return event

    def _set_timer(self, host: Host, name: str, low: int, high: int) -> None:
        timers = host.timers
        if timers:
            timers = () if len(timers) == 1 and timers[0].name == name else tuple(t for t in timers if t.name != name)
        if low < 0:
            host.timers = timers
            return
        alarm = host.alarms.get(name)
        if alarm is None:
            alarm = host.alarms[name] = Alarm(name, stream(self.seed, "timer", host.id, name))
        alarm.count += 1
        span = draw_between(alarm.key, alarm.count, low, high) if high > low else low
        due = self.time + (span if host.rate_ppm == TRUE_RATE_PPM else host.world_span(span))
        self.agenda.order = order = self.agenda.order + 1
        timer = Timer(name, self.time, due, None, self.seq, order)
        host.timers = (*timers, timer) if timers else (timer,)
        if alarm.order == 0 or alarm.due > due:
            alarm.due, alarm.order = due, order
            heappush(self.agenda.heap, (due, order, alarm, host))

    def run_timer(self, host: Host, timer: Timer, due: int, *, first: bool = False) -> Timer:
        """The same timer with another due time (µs), scheduled anew; for commands, which put it into `host.timers`."""
        self.agenda.order += 1
        order = -self.agenda.order if first else self.agenda.order
        alarm = host.alarms[timer.name]
        alarm.due, alarm.order = due, order
        heappush(self.agenda.heap, (due, order, alarm, host))
        return Timer(timer.name, timer.set, due, None, timer.set_seq, order)

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
            due = time + draw_between(lane.delay_key, count, link.low, link.high)
            flight = Flight(id, src, dst, body, time, seq, due)
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

    # For commands

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
        waiting = [f for f in self.flights.values() if f.dst == host.id and self._is_over(f) and self._may_arrive(f)]
        for flight in sorted(waiting, key=lambda f: (f.due, f.id)):
            self.replace_flight(flight, flight.moved(self.time, due=self.time, place=ARRIVED), changes)

    def environment(self) -> dict[str, Any]:
        """All that commands alone change: facts of the hosts, links that differ from the set-up, partition, rules."""
        links = {
            f"{host.id}>{dst}": lane.link
            for host in self.hosts.values()
            for dst, lane in host.lanes.items()
            if lane.link != self.link
        }
        facts = {host.id: host.facts() for host in self.hosts.values()}
        return {"hosts": facts, "links": links, "groups": self.groups, "rules": dict(self.rules)}

    def client_node(self, host: Host) -> ClientNode:
        """The program of a client's host."""
        assert isinstance(host.node, ClientNode)
        return host.node
