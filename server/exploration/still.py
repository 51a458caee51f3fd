"""A world in which time stands still, to be searched through: what happens next is chosen, not drawn.

Its state is what the hosts know, whether they are up, which timers run, which messages are in flight, and what the
properties remember. The steps that lead on are: a message arrives, a timer runs out, a node crashes or comes back. No
message has to arrive, so one that is lost needs no step of its own, and any order of arrivals is a network that delays.

States are equal where all of that is, by value: whatever order led there. Each part is put into a table once and is a
number from then on, so a state is a tuple of numbers, equal states are the same tuple, and no two others ever are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, is_dataclass
from enum import Enum
from typing import Any, NamedTuple

from ..properties import BROKEN, Property
from ..protocols import Protocol
from ..simulation import Event, Flight, Link, Log, Recording, Run
from ..simulation.commands import Crash, Restart
from ..simulation.events import COMMAND, DELIVER, TIMER
from ..simulation.values import field_names
from .fuzz import monitor_of

ARRIVES = "arrives"
DOUBLED = "doubled"
RUNS_OUT = "runs out"
CRASHES = "crashes"
RESTARTS = "restarts"
NONE: frozenset[str] = frozenset()
PROMPT = Link().low
"""Shorter (µs) than any message takes."""


@dataclass(frozen=True)
class Bounds:
    """How far a search goes. Timers that run out, crashes and doubled messages are acts: they would not have to be."""

    acts: int = 8
    """How many acts are on one way at the most; a search begins with one and allows one more each time."""
    crashes: int = 2
    doubled: int = 0
    """Of the acts, how many are crashes, and how many are messages doubled."""
    depth: int = 60
    """How many steps are on one way, acts and arrivals together."""
    states: int = 1_000_000
    """How many states are kept."""


class State(NamedTuple):
    """A state of the world, in numbers of the tables."""

    hosts: tuple[int, ...]
    messages: tuple[int, ...]
    """In flight, sorted; the same number twice where two of them are equal."""
    memory: tuple[int, ...]
    """Of each property."""
    used: tuple[int, int, int]
    """How many timers have run out, nodes crashed, messages been doubled on the way here."""


class Step(NamedTuple):
    """What leads from one state to the next."""

    kind: str
    place: int
    """Of the host that does it."""
    subject: Any
    """The number of a message, the name of a timer, or nothing."""


class Move(NamedTuple):
    """What a step makes of a host: that depends on the host alone, so it is found out once."""

    rest: int
    """The host afterwards."""
    sent: tuple[int, ...]
    event: Event
    told: tuple[tuple[int, Any, Any], ...]
    """Which properties are told what: the property's place, its watcher, an indication or a field's value."""


class Resting(NamedTuple):
    """A host at rest."""

    up: bool
    timers: frozenset[str]
    prompt: frozenset[str]
    """Of the timers, those that run out before any message could arrive. They are no acts: nobody waits for them."""
    fields: tuple[Any, ...]
    key: tuple[Hashable, ...]
    """The fields, frozen."""


ATOMS = frozenset((int, str, bool, float, bytes, tuple, frozenset))
"""What holds no container that could be changed."""


def frozen(thing: Any) -> Hashable:
    """The same by value, hashable: equal where the two are."""
    cls = type(thing)
    if thing is None or cls in (int, str, bool, float, bytes) or isinstance(thing, Enum):
        return thing  # type: ignore[no-any-return]
    if cls is tuple or cls is list:
        return (cls, *map(frozen, thing))
    if cls is dict:
        return (cls, frozenset((frozen(k), frozen(v)) for k, v in thing.items()))
    if cls is set or cls is frozenset:
        return (cls, frozenset(map(frozen, thing)))
    if cls is Log:
        return (cls, thing.start, *map(frozen, thing))
    if is_dataclass(thing):
        return (cls, *(frozen(getattr(thing, name)) for name in field_names(cls)))
    return (cls, *(frozen(v) for v in vars(thing).values()))


def copied(thing: Any) -> Any:
    """A copy whose containers are its own, all the way down; values in them are never changed in place."""
    cls = type(thing)
    if thing is None or cls in ATOMS:
        return thing
    if cls is dict:
        return {key: copied(value) for key, value in thing.items()}
    if cls is list:
        return [copied(value) for value in thing]
    if cls is set:
        return set(thing)
    if hasattr(thing, "__dict__") and not is_dataclass(thing) and not isinstance(thing, Enum):
        return _another(thing)  # something that a property counts with
    return thing


def _another(thing: Any) -> Any:
    """An object of the same class with fields of its own, which are the same."""
    another = object.__new__(type(thing))
    vars(another).update(copied(vars(thing)))
    return another


class Table:
    """Things, each with its number."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {}
        self.things: list[Any] = []

    def number(self, key: Hashable, thing: Any) -> int:
        """The number of what has this key; `thing` is kept where it is new."""
        known = self.numbers.get(key)
        if known is None:
            known = self.numbers[key] = len(self.things)
            self.things.append(thing)
        return known


class Still:
    """The world of a recording as it is at a time, and the steps that lead on from each state.

    Only `wanted` properties are told of what happens: what others remember would keep apart what is the same.
    """

    def __init__(
        self, protocol: Protocol, recording: Recording, at: int, bounds: Bounds, wanted: frozenset[str]
    ) -> None:
        self.program = protocol.program
        self.bounds = bounds
        run = protocol.run(recording, keep=False)
        run.advance(at)
        run.script.clear()
        self.cluster = run.cluster
        self.names = tuple(self.cluster.hosts)
        self.resting = Table()
        self.messages = Table()
        self.memories = Table()
        self.moves: dict[tuple[int, str, Any], Move] = {}
        self.acts = bounds.acts
        """How many acts a way may have just now."""
        self.withheld = False
        """Whether a step was left out because of that."""
        self.loaded: list[int] = []
        self.properties = tuple(prop for prop in monitor_of(run).properties if prop.name in wanted)
        self._watch()
        self.first = self._begin(run)

    def _watch(self) -> None:
        """Who is told of what, by the place of the property."""
        self.by_indication: dict[type, list[tuple[int, Any]]] = {}
        self.by_command: list[tuple[int, Any]] = []
        by_field: dict[str, list[tuple[int, Any]]] = {}
        for place, prop in enumerate(self.properties):
            for kind, watcher in prop.indications.items():
                self.by_indication.setdefault(kind, []).append((place, watcher))
            for field, watcher in prop.fields.items():
                by_field.setdefault(field, []).append((place, watcher))
            if type(prop).on_down is not None:
                self.by_command.append((place, type(prop).on_down))
        fields = tuple(self.program.node.fields)
        self.by_field = [(fields.index(field), watchers) for field, watchers in by_field.items()]

    def _begin(self, run: Run) -> State:
        for name in self.names:
            host = self.cluster.hosts[name]
            host.node.now = host.local(run.now)
            fields = host.node.snapshot()
            timers = frozenset(timer.name for timer in host.timers)
            prompt = frozenset(timer.name for timer in host.timers if timer.span < PROMPT)
            self.loaded.append(self._rest(name, Resting(host.up, timers, prompt, fields, tuple(map(frozen, fields)))))
        messages = sorted(self._message(f.src, f.dst, f.body) for f in self.cluster.flights.values())
        memory = tuple(self._memory(place, prop) for place, prop in enumerate(self.properties))
        return State(tuple(self.loaded), tuple(messages), memory, (0, 0, 0))

    # Tables

    def _rest(self, name: str, host: Resting) -> int:
        return self.resting.number((name, host.up, host.timers, host.prompt, host.key), host)

    def _message(self, src: str, dst: str, body: Any) -> int:
        return self.messages.number((src, dst, frozen(body)), (src, dst, body, self.names.index(dst)))

    def _memory(self, place: int, prop: Property) -> int:
        return self.memories.number((place, frozen(vars(prop))), prop)

    # Steps

    def steps(self, state: State) -> Iterator[Step]:
        """What may happen next, in a fixed order."""
        fired, crashed, doubled = state.used
        more = fired + crashed + doubled < self.acts
        doubling = more and doubled < self.bounds.doubled
        crashing = more and crashed < self.bounds.crashes
        rests = [self.resting.things[number] for number in state.hosts]
        hosts = self.cluster.hosts
        awake = [rest.up and not hosts[name].paused for name, rest in zip(self.names, rests, strict=True)]
        for number in dict.fromkeys(state.messages):
            place = self.messages.things[number][3]
            if awake[place]:
                yield Step(ARRIVES, place, number)
                if doubling:
                    yield Step(DOUBLED, place, number)
        for place, rest in enumerate(rests):
            if not rest.up:
                yield Step(RESTARTS, place, None)
            elif awake[place]:
                self.withheld = self.withheld or not more
                for timer in sorted(rest.timers if more else rest.prompt):
                    yield Step(RUNS_OUT, place, timer)
                if crashing and place < len(self.cluster.nodes):
                    yield Step(CRASHES, place, None)

    def after(self, state: State, step: Step) -> tuple[State, frozenset[str]]:
        """The state that a step leads to, and the properties that break in it."""
        kind, place, subject = step
        fired, crashed, doubled = state.used
        messages = state.messages
        if kind == ARRIVES:
            at = messages.index(subject)
            messages = messages[:at] + messages[at + 1 :]
        elif kind == RUNS_OUT:
            fired += subject not in self.resting.things[state.hosts[place]].prompt
        elif kind == CRASHES:
            crashed += 1
        elif kind == DOUBLED:
            doubled += 1
        key = (state.hosts[place], ARRIVES if kind == DOUBLED else kind, subject)
        move = self.moves.get(key)
        if move is None:
            move = self.moves[key] = self._move(place, *key)
        hosts = (*state.hosts[:place], move.rest, *state.hosts[place + 1 :])
        if move.sent:
            messages = tuple(sorted(messages + move.sent))
        memory, broken = self._judge(hosts, state.memory, move) if move.told else (state.memory, NONE)
        return State(hosts, messages, memory, (fired, crashed, doubled)), broken

    def _load(self, place: int, number: int) -> None:
        """Puts a host into a state."""
        if self.loaded[place] != number:
            host = self.cluster.hosts[self.names[place]]
            rest: Resting = self.resting.things[number]
            host.up = rest.up
            node = host.node
            for name, found in zip(node.fields, rest.fields, strict=True):
                setattr(node, name, found)
            self.loaded[place] = number

    def _move(self, place: int, number: int, kind: str, subject: Any) -> Move:
        """Has the host do it."""
        self._load(place, number)
        name = self.names[place]
        host = self.cluster.hosts[name]
        before: Resting = self.resting.things[number]
        event, timers = self._act(name, before, kind, subject)
        prompt = before.prompt & timers
        node = host.node
        for timer, low, high in node.timings:
            timers.discard(timer)
            prompt -= {timer}
            if low >= 0:
                timers.add(timer)
                prompt |= {timer} if high < PROMPT else NONE
        sent = tuple(self._message(name, dst, body) for dst, body in node.sends if host.lanes[dst].open)
        node.timings.clear()
        node.sends.clear()
        fields = node.snapshot()
        key = tuple(
            known if now is was else frozen(now)
            for now, was, known in zip(fields, before.fields, before.key, strict=True)
        )
        rest = self._rest(name, Resting(host.up, frozenset(timers), prompt, fields, key))
        self.loaded[place] = -1  # equal to that, but not the same objects
        return Move(rest, sent, event, tuple(self._told(event, name, before.fields, fields)))

    def _act(self, name: str, before: Resting, kind: str, subject: Any) -> tuple[Event, set[str]]:
        """The event, and the timers that ran before its effects."""
        host = self.cluster.hosts[name]
        node = host.node
        timers = set(before.timers)
        about: Any
        if kind == ARRIVES:
            src, _, body, _ = self.messages.things[subject]
            what, about = DELIVER, Flight(0, src, name, body, 0, 0, None)
            node.handlers[type(body)](node, body, src)
        elif kind == RUNS_OUT:
            what, about = TIMER, subject
            timers.discard(subject)
            node.timer_handlers[subject](node)
        elif kind == CRASHES:
            what, about = COMMAND, Crash(name)
            timers.clear()
            host.up = False
            node.crash(disk_kept=True)
        else:
            what, about = COMMAND, Restart(name)
            host.up = True
            node.start()
        told = tuple(node.indicated)
        node.indicated.clear()
        cluster = self.cluster
        return Event(cluster.seq, cluster.time, what, 0, name, about, None, (), (), told, None), timers

    def _told(
        self, event: Event, name: str, before: tuple[Any, ...], after: tuple[Any, ...]
    ) -> Iterator[tuple[int, Any, Any]]:
        """Whom a monitor tells of an event, in its order."""
        for indication in event.indications:
            for place, watcher in self.by_indication.get(type(indication), ()):
                yield place, watcher, indication
        if event.kind == COMMAND:
            for place, watcher in self.by_command:
                yield place, watcher, name
        if name in self.cluster.nodes:
            for field, watchers in self.by_field:
                if after[field] is not before[field]:
                    for place, watcher in watchers:
                        yield place, watcher, after[field]

    def _judge(
        self, hosts: tuple[int, ...], memory: tuple[int, ...], move: Move
    ) -> tuple[tuple[int, ...], frozenset[str]]:
        """Tells the properties; what they remember now, and which of them break."""
        for place, number in enumerate(hosts):
            self._load(place, number)
        minds: dict[int, Property] = {}
        broken = set()
        for place, watcher, what in move.told:
            mind = minds.get(place)
            if mind is None:
                mind = minds[place] = _another(self.memories.things[memory[place]])
            if watcher(mind, what, move.event, self.cluster) == BROKEN:
                broken.add(mind.name)
        known = list(memory)
        for place, mind in minds.items():
            known[place] = self._memory(place, mind)
        return tuple(known), frozenset(broken) if broken else NONE
