"""The breaker: runs are tried seed after seed until a property breaks, and the shortest story of several is kept.

    search = Search("raft", rules_off=("durable_vote",))
    hunt = Hunt(search)
    for batch in hunt.batches():
        hunt.take(work(batch))
        if hunt.over:
            break
    print(as_scenario(protocol("raft"), hunt.best))

A `Batch` is plain data and `work` a plain function, so whoever has processes, or machines, hands the batches out and gives
the `Harvest`s back in the order of the batches. Then the result depends on the seeds alone, and not on who was faster.
What was found later than the end of the hunt is never looked at.

The first story is seldom the shortest one, and finding another is cheap. So a hunt goes on until it has a few, or one that
nobody would want shorter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..properties import SOMETIMES
from ..protocols import Protocol, protocol
from ..simulation import N_, Recording, Refused, Setting
from ..simulation.ground import NODES_MAX
from ..simulation.recording import check_setup
from .fuzz import SPAN, Outcome, fuzz, fuzz_from, replay
from .shrink import shrink

BATCH = 8
"""How many seeds a batch has."""
STORIES = 8
"""A hunt ends when it has so many stories,"""
SHORT_ENOUGH = 1
"""or one of so few acts,"""
PATIENCE = 3
"""or when it has made so many times the runs that the first story took, and a few batches."""
BUSY: Mapping[str, Setting] = {"think_time": 40_000, "client_timeout": 100_000}
"""Clients that ask more often than a person could follow, where the protocol has such clients."""


@dataclass(frozen=True)
class Search:
    """What is looked for, and where."""

    protocol: str
    rules_off: tuple[str, ...] = ()
    nodes: int | None = None
    """None: each run has a size of its own."""
    wanted: str | None = None
    """The property that is to break, promised or not; None: any that is promised."""
    params: Mapping[str, Setting] = field(default_factory=dict)
    span: int = SPAN
    """How long a run lasts, µs of virtual time."""
    start: Recording | None = None
    """A run to go on from; None: each begins at the beginning."""
    at: int = 0
    """When faults begin in it, µs."""

    def found(self) -> Protocol:
        """The protocol. Raises Refused where there is none, or where a rule, a property, a size or a tunable is unknown."""
        known = protocol(self.protocol)
        names = [p.name for p in known.properties if p.kind != SOMETIMES] + [w.name for w in known.witnesses()]
        if self.wanted is not None and self.wanted not in names:
            raise Refused(
                "unknown_property", N_("{protocol} has no property {name} that can break; there are {names}."),
                protocol=self.protocol, name=self.wanted[:40], names=", ".join(names),
            )  # fmt: skip
        for rule in self.rules_off:
            if rule not in known.program.rules:
                raise Refused(
                    "unknown_rule", N_("{protocol} has no rule {name}; there are {names}."),
                    protocol=self.protocol, name=rule[:40], names=", ".join(known.program.rules),
                )  # fmt: skip
        nodes = NODES_MAX if self.nodes is None else self.nodes  # each run has as many as its tunables count
        check_setup(Recording(self.protocol, nodes=nodes, params=self.params), known.program)
        return known

    @property
    def judged(self) -> frozenset[str] | None:
        """The properties that count, or None for those that are promised."""
        return None if self.wanted is None else frozenset((self.wanted,))

    def beginning(self) -> Recording | None:
        """The run to go on from, with the rules that are off."""
        if self.start is None:
            return None
        rules = {**self.start.rules, **dict.fromkeys(self.rules_off, False)}
        kept = tuple(given for given in self.start.commands if given.time <= self.at)
        return replace(self.start, rules=rules, commands=kept)

    def run(self, seed: int) -> Outcome:
        """One fuzzed run."""
        known = protocol(self.protocol)
        beginning = self.beginning()
        if beginning is not None:
            return fuzz_from(known, beginning, self.at, seed, span=self.span, wanted=self.judged)
        params = {**BUSY, **self.params}
        return fuzz(
            known, seed, nodes=self.nodes, rules_off=self.rules_off, params=params, span=self.span, wanted=self.judged
        )


@dataclass(frozen=True)
class Batch:
    """Some seeds to be tried: from `first` on, `count` of them."""

    search: Search
    first: int
    count: int


@dataclass(frozen=True)
class Story:
    """A run that breaks a property, made short."""

    seed: int
    outcome: Outcome
    acts_before: int
    """How many acts it had when it was found."""

    @property
    def length(self) -> tuple[int, int, int, int, int]:
        """What makes one story longer than another."""
        recording = self.outcome.recording
        return (len(recording.commands), recording.nodes, recording.clients, self.outcome.until, self.seed)


@dataclass(frozen=True)
class Harvest:
    """What came of a batch."""

    runs: int
    events: int
    stories: tuple[Story, ...]


def work(batch: Batch) -> Harvest:
    """Tries the seeds of a batch one after the other, and makes short what breaks something."""
    known = protocol(batch.search.protocol)
    events = 0
    stories: list[Story] = []
    for seed in range(batch.first, batch.first + batch.count):
        outcome = batch.search.run(seed)
        events += outcome.seq
        if outcome.broken is not None:
            stories.append(Story(seed, shrink(known, outcome), len(outcome.recording.commands)))
    return Harvest(batch.count, events, tuple(stories))


class Hunt:
    """A search as it goes on: what is still to be tried, and what was found."""

    def __init__(self, search: Search, *, first: int = 0, runs: int | None = None, enough: int = STORIES) -> None:
        """Tries the seeds from `first` on, `runs` of them or as many as one lets it. Raises Refused as `Search.found`."""
        self.protocol = search.found()
        self.search = search
        self.first = first
        self.most = runs
        self.enough = enough
        self.runs = 0
        self.events = 0
        self.stories: list[Story] = []

    def batches(self) -> Iterator[Batch]:
        """The batches in their order; without an end where the number of runs has none."""
        done = 0
        while self.most is None or done < self.most:
            count = BATCH if self.most is None else min(BATCH, self.most - done)
            yield Batch(self.search, self.first + done, count)
            done += count

    def take(self, harvest: Harvest) -> None:
        """Takes in what came of the next batch."""
        self.runs += harvest.runs
        self.events += harvest.events
        for story in harvest.stories:
            if not self.over:
                self.stories.append(story)

    @property
    def over(self) -> bool:
        """Whether what was found is enough."""
        best = self.best_story
        if best is None:
            return False
        tried = self.stories[0].seed - self.first + 1
        return (
            len(self.stories) >= self.enough
            or len(best.outcome.recording.commands) <= SHORT_ENOUGH
            or self.runs >= PATIENCE * (tried + 2 * BATCH)
        )

    @property
    def best_story(self) -> Story | None:
        """The shortest story so far."""
        return min(self.stories, key=lambda story: story.length, default=None)

    @property
    def best(self) -> Outcome | None:
        """The run of the shortest story so far."""
        story = self.best_story
        return None if story is None else story.outcome


def guilty(known: Protocol, found: Outcome) -> bool:
    """Whether what is off is to blame: with all rules on, the same commands break nothing of that kind."""
    if found.broken is None or not found.recording.rules:
        return False
    whole = replace(found.recording, rules={})
    return replay(known, whole, found.until, frozenset((found.broken,))).broken is None
