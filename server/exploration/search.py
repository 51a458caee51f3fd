"""The systematic search: every order of arrivals, timers and crashes within bounds, equal states looked at once.

    search = Systematic(protocol("raft"), Recording("raft", nodes=3, clients=0, rules={"durable_vote": False}))
    for progress in search.go():
        ...                                  # after every few hundred states; stop whenever you like
    search.found                             # the path, or None
    search.outcome()                         # the same as a run that can be replayed

What comes from outside is counted: timers that run out, crashes. First one such act is allowed on each way, then two, and
so on (after Emmi, Qadeer and Rakamarić, Delay-Bounded Scheduling, 2011), since most bugs need few. Each of these searches
goes breadth first, so the path that is found first is one of the shortest: no story of fewer acts breaks a property, and
none of as many acts in fewer steps. `levels` is a search without a protocol, for models in the small.

What was left out. Equal states are merged, symmetric ones are not: some protocols tell nodes by their numbers. Clocks
stand still, so what depends on the time that passes (the age of a lease) is not looked for here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..protocols import Protocol
from ..simulation import Link, Recording, Refused, Run
from ..simulation.commands import Command, Crash, DeliverNow, Duplicate, FireTimer, Restart
from .fuzz import Outcome, judged, replay
from .mischief import KINDS
from .shrink import shrink
from .still import ARRIVES, CRASHES, DOUBLED, RUNS_OUT, Bounds, State, Step, Still, frozen

TELL_EVERY = 256
"""How many states are expanded between two words about how far it is."""
PACES = (25_000, 10_000, 5_000, 1_000, 1)
"""How far apart (µs) the steps of a found path are played, the easiest to watch first."""
REPLAYS_MAX = 500
"""How many replays may be spent on making one play of a path short: its acts are as few as can be already, so other seeds,
for which a shrinking would spend most of its replays, have nothing to offer.
"""
SLOW = Link(low=60_000_000, high=60_000_000)
"""A link on which nothing arrives unless somebody makes it."""
LINKS = (Link(low=10_000, high=10_000), SLOW)
ALL_FAULTS = frozenset((*KINDS, "loss"))
NO_CLOCKS = frozenset(("clock",))

S = TypeVar("S", bound=Hashable)


def levels(start: Iterable[S], after: Callable[[set[S]], set[S]]) -> Iterator[set[S]]:
    """The states reachable from `start`, one level of a breadth-first search after the other, none twice.

    `after` gives all that can follow from a set of states; it may contain what was seen before.
    """
    frontier = set(start)
    seen: set[S] = set()
    while frontier:
        yield frontier
        seen |= frontier
        frontier = after(frontier) - seen


@dataclass(frozen=True)
class Progress:
    """How far a search is."""

    acts: int
    """How many acts it allows on one way now."""
    depth: int
    """How many steps the states have behind them that are expanded now."""
    states: int
    """Different ones, so far."""
    steps: int
    """How many steps were tried, to states known or new."""
    waiting: int
    """How many of the states are not expanded yet."""


class Systematic:
    """A search through the states that follow from a run as it is at a time."""

    def __init__(
        self, protocol: Protocol, recording: Recording, at: int = 0, *, bounds: Bounds | None = None,
        wanted: frozenset[str] | None = None,
    ) -> None:  # fmt: skip
        """Looks for what breaks one of the properties `wanted`, or any that is promised whatever the network does."""
        self.protocol = protocol
        kept = tuple(given for given in recording.commands if given.time <= at)
        self.recording = recording.with_commands(kept)
        self.at = at
        self.bounds = bounds or Bounds()
        self.wanted = judged(protocol, recording, ALL_FAULTS - NO_CLOCKS) if wanted is None else wanted
        self.world = Still(protocol, self.recording, at, self.bounds, self.wanted)
        self.places: dict[State, int] = {}
        self.states: list[State] = []
        self.ways: list[tuple[int, Step] | None] = []
        """For each state the place of the one before it, and the step that led from there."""
        self.looked_at = 0
        """States of the searches with fewer acts."""
        self.steps = 0
        self.found: tuple[Step, ...] | None = None
        self.broken: str | None = None
        self.complete = False
        """Whether the search with so many acts has come to its end."""

    def go(self) -> Iterator[Progress]:
        """Searches with one act on each way, then with two, and so on; gives word now and then, and at the end of each."""
        for acts in range(1, self.bounds.acts + 1):
            self.world.acts, self.world.withheld = acts, False
            self.looked_at += len(self.states)
            self.places, self.states, self.ways = {self.world.first: 0}, [self.world.first], [None]
            self.complete = False
            yield from self._breadth_first(acts)
            if self.found is not None or not self.complete or not self.world.withheld:
                return

    @property
    def whole(self) -> bool:
        """Whether every state within the bounds was looked at, and nothing found."""
        return self.complete and self.found is None and (not self.world.withheld or self.world.acts == self.bounds.acts)

    def _breadth_first(self, acts: int) -> Iterator[Progress]:
        expanded = depth = 0
        ends = 1
        while expanded < len(self.states):
            if expanded == ends:
                depth, ends = depth + 1, len(self.states)
            if depth >= self.bounds.depth:
                break
            if len(self.states) > self.bounds.states:
                yield self._progress(acts, depth, expanded)
                return
            if self._expand(expanded):
                yield self._progress(acts, depth + 1, expanded + 1)
                return
            expanded += 1
            if not expanded % TELL_EVERY:
                yield self._progress(acts, depth, expanded)
        self.complete = True
        yield self._progress(acts, depth, expanded)

    def _progress(self, acts: int, depth: int, expanded: int) -> Progress:
        states = self.looked_at + len(self.states)
        return Progress(acts, depth, states, self.steps, len(self.states) - expanded)

    def _expand(self, place: int) -> bool:
        """Takes all steps from a state; whether one of them broke something."""
        world, places, states = self.world, self.places, self.states
        state = states[place]
        for step in world.steps(state):
            self.steps += 1
            after, broken = world.after(state, step)
            if broken and (bad := sorted(broken & self.wanted)):
                self.broken = bad[0]
                self.found = (*self._path(place), step)
                return True
            if after not in places:
                places[after] = len(states)
                states.append(after)
                self.ways.append((place, step))
        return False

    def _path(self, place: int) -> tuple[Step, ...]:
        path: list[Step] = []
        while (way := self.ways[place]) is not None:
            place, step = way
            path.append(step)
        return tuple(reversed(path))

    # What was found, as a run

    def outcome(self) -> Outcome | None:
        """The shortest run that is made of the path: its steps are given by hand, and what comes by itself is left out.

        Steps are played apart from each other, so that a person can follow, as long as that breaks the same property.
        None where nothing was found. Raises ValueError where no run follows the path, which would be a mistake here.
        """
        if self.found is None:
            return None
        runs = [run for link in LINKS for pace in PACES if (run := self._played(link, pace)) is not None]
        runs += [run for run in (self._played(SLOW, 0),) if run is not None]
        if not runs:
            raise ValueError(f"no run follows {self.found}")
        short = (shrink(self.protocol, run, replays=REPLAYS_MAX) for run in runs[:3])
        return min(
            short, key=lambda run: (len(run.recording.commands), run.recording.nodes)
        )  # the first of these is the slowest

    def _played(self, link: Link, pace: int) -> Outcome | None:
        """The path played with its steps `pace` µs apart, or None where that does not break the same property."""
        assert self.found is not None
        setup = self.recording if self.recording.commands or self.at else replace(self.recording, link=link)
        run = self.protocol.run(setup, keep=False)
        run.advance(self.at)
        for step in self.found:
            run.advance(run.now + pace)
            for command in self._commands(run, step):
                try:
                    run.act(command, "search")
                except Refused:
                    continue
                if isinstance(command, DeliverNow | FireTimer):
                    run.step(run.now)
        outcome = replay(self.protocol, run.recording, run.now, frozenset((self.broken or "",)))
        return outcome if outcome.broken is not None else None

    def _commands(self, run: Run, step: Step) -> tuple[Command, ...]:
        """What has to be done to a run so that it takes this step; nothing where it has done so by itself."""
        name = self.world.names[step.place]
        if step.kind in (ARRIVES, DOUBLED):
            message = _flight(run, *self.world.messages.things[step.subject][:3])
            if message is None:
                return ()
            return (DeliverNow(message),) if step.kind == ARRIVES else (Duplicate(message), DeliverNow(message))
        if step.kind == RUNS_OUT:
            return (FireTimer(name, step.subject),)
        return (Crash(name),) if step.kind == CRASHES else (Restart(name),)


def _flight(run: Run, src: str, dst: str, body: Any) -> int | None:
    """The oldest message in flight that says this."""
    for flight in run.cluster.flights.values():
        if (flight.src, flight.dst) == (src, dst) and frozen(flight.body) == frozen(body):
            return flight.id
    return None


__all__ = ["Bounds", "Progress", "Systematic", "levels"]
