"""The breaker: for every rule of every protocol, how long it takes to find what the rule was for, and how short the story is.

Then that nothing is found where nothing is off: 2,000 runs of each protocol, 100,000 with `--long` (an hour and more on two
cores). Then the pace of it: fuzzed runs with all properties watched, against hypothesis' stateful testing of the same
protocol; the systematic search; and the exhaustive search of two-phase commit (296,448 states, TLC's number), against TLC's
own pace.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from server.cli.spread import in_order
from server.exploration import Hunt, Search, as_scenario, fuzz, work
from server.exploration.explore import BUSY
from server.exploration.search import Bounds, Systematic, levels
from server.protocols import PROTOCOLS, protocol
from server.simulation import Recording
from tests.conformance.models import successors, two_phase

from .measure import Row, cpu_seconds, tuned_collector
from .stateful import steps_a_second

NAME = "explore"
RUNS, RUNS_LONG, RUNS_TINY = 2_000, 100_000, 4
"""With nothing off."""
JOBS = 2
BUDGET_S = 60
ACTS_MAX = 12
"""At most a dozen acts."""
DEEP = {("raft", "commit_current_term")}
"""Figure 8 of the Raft paper, which random faults seldom find from the empty state: measured from a state on the way."""
STEPS_AIM = 5
"""Times the steps of hypothesis."""
MESSAGES_AIM = 32_000
"""Raft messages a CPU second, with the properties on."""
STATES_AIM = 37_000
"""States a CPU second, which is TLC's own pace."""


@dataclass(frozen=True)
class Found:
    """What a hunt for one rule came to."""

    protocol: str
    rule: str
    runs: int
    first: int | None
    """In which run the first story was found."""
    cpu: float
    acts: int | None
    told: int
    """How many acts it had before it was made short."""
    nodes: int


def hunted(name: str, rule: str, runs: int | None = None) -> Found:
    """Looks until the hunt is over, or for `BUDGET_S` CPU seconds."""
    hunt = Hunt(Search(name, rules_off=(rule,)), runs=runs)
    begin = time.process_time()
    for batch in hunt.batches():
        hunt.take(work(batch))
        if hunt.over or time.process_time() - begin > BUDGET_S:
            break
    spent = time.process_time() - begin
    best = hunt.best_story
    if best is None:
        return Found(name, rule, hunt.runs, None, spent, None, 0, 0)
    recording = best.outcome.recording
    first = hunt.stories[0].seed + 1
    return Found(name, rule, hunt.runs, first, spent, len(recording.commands), best.acts_before, recording.nodes)


def rules(*, tiny: bool) -> Iterator[Row]:
    """A row for every rule."""
    for name, known in PROTOCOLS.items():
        for rule in tuple(known.program.rules)[: 1 if tiny else None]:
            if (name, rule) in DEEP:
                continue
            found = hunted(name, rule, 16 if tiny else None)
            beside = (
                f"nothing in {found.runs} runs, {found.cpu:.1f} CPU s"
                if found.acts is None
                else f"first in run {found.first}, {found.runs} runs, {found.cpu:.1f} CPU s; {found.told} acts before, "
                f"{found.nodes} nodes"
            )
            acts = ACTS_MAX + 1 if found.acts is None else found.acts
            yield Row(NAME, f"{name} without {rule}", acts, "acts", ACTS_MAX, beside=beside)


def sound(runs: int) -> Iterator[Row]:
    """A row for every protocol: with nothing off no promise is broken. Where one is, the row says how to see it again."""
    for name in PROTOCOLS:
        hunt = Hunt(Search(name), runs=runs, enough=1)
        for harvest in in_order(work, hunt.batches(), JOBS if runs > RUNS_TINY else 1):
            if harvest is not None:
                hunt.take(harvest)
        story = hunt.best_story
        beside = f"{hunt.runs:,} runs, {hunt.events:,} steps"
        if story is not None:
            print(as_scenario(hunt.protocol, story.outcome))
            beside += f": python -m server explore {name} --seed {story.seed} --runs 1"
        yield Row(NAME, f"{name} with nothing off, promises broken", len(hunt.stories), "", 0, beside=beside)


def fuzzed(runs: int) -> tuple[float, float]:
    """Steps and messages a CPU second of fuzzed Raft runs, everything watched."""
    events = messages = 0

    def play() -> None:
        nonlocal events, messages
        for seed in range(runs):
            run = fuzz(protocol("raft"), seed, params=BUSY)
            events += run.seq
            messages += run.messages

    spent, _ = cpu_seconds(play)
    return events / spent, messages / spent


def through(acts: int) -> tuple[float, int]:
    """States a CPU second of the systematic search through Paxos, and how many there are."""
    search = Systematic(protocol("paxos"), Recording("paxos", nodes=3, clients=2), bounds=Bounds(acts=acts, depth=10))

    def go() -> None:
        for _ in search.go():
            pass

    spent, _ = cpu_seconds(go)
    states = search.looked_at + len(search.states)
    return states / spent, states


def exhausted(participants: int) -> tuple[float, int]:
    """States a CPU second of the exhaustive search of two-phase commit, and how many there are."""
    first, actions, _ = two_phase(participants)

    def count() -> int:
        return sum(len(level) for level in levels((first,), lambda states: successors(states, actions)[0]))

    spent, states = cpu_seconds(count)
    return states / spent, states


def rows(*, tiny: bool = False, long: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each."""
    with tuned_collector():
        yield from rules(tiny=tiny)
        yield from sound(RUNS_TINY if tiny else RUNS_LONG if long else RUNS)
        steps, messages = fuzzed(4 if tiny else 200)
        theirs = steps_a_second(4 if tiny else 100)
        beside = f"{steps:,.0f} against {theirs:,.0f} steps a CPU second"
        yield Row(NAME, "fuzzed Raft, steps a CPU second, times hypothesis", steps / theirs, "", STEPS_AIM, least=True,
                  beside=beside)  # fmt: skip
        yield Row(NAME, "fuzzed Raft, messages a CPU second", messages, "", MESSAGES_AIM, least=True)
        rate, states = through(1 if tiny else 2)
        yield Row(NAME, "systematic search of Paxos, states a CPU second", rate, "", beside=f"{states:,} states")
        rate, states = exhausted(3 if tiny else 7)
        yield Row(NAME, "two-phase commit, states a CPU second", rate, "", STATES_AIM, least=True,
                  beside=f"{states:,} states")  # fmt: skip
