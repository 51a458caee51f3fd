"""The systematic search: its world is the real one, its states are merged by value, and what it finds is shortest and true."""

from __future__ import annotations

from typing import Any

import pytest

from server.exploration import replay
from server.exploration.explore import guilty
from server.exploration.fuzz import monitor_of
from server.exploration.search import SLOW, Bounds, Systematic, levels
from server.exploration.still import ARRIVES, CRASHES, DOUBLED, RUNS_OUT, State, Step, Still, copied, frozen
from server.exploration.story import as_scenario
from server.protocols import PROTOCOLS, Protocol, protocol
from server.simulation import Log, Recording, Run
from server.simulation.addressed import draw, stream
from server.simulation.commands import Command, Crash, DeliverNow, Duplicate, FireTimer, Restart

RAFT = protocol("raft")
each_protocol = pytest.mark.parametrize("known", PROTOCOLS.values(), ids=lambda p: p.name)


def setup(name: str, *off: str, nodes: int = 3, clients: int = 2) -> Recording:
    return Recording(name, nodes=nodes, clients=clients, rules=dict.fromkeys(off, False), link=SLOW)


def searched(search: Systematic) -> Systematic:
    for _ in search.go():
        pass
    return search


# The world


def names_of(known: Protocol) -> frozenset[str]:
    return frozenset(p.name for p in known.properties)


def command_of(world: Still, run: Run, step: Step) -> tuple[Command, ...]:
    """The same step in a real run."""
    name = world.names[step.place]
    if step.kind in (ARRIVES, DOUBLED):
        src, dst, body, _ = world.messages.things[step.subject]
        id = next(
            f.id
            for f in run.cluster.flights.values()
            if (f.src, f.dst) == (src, dst) and frozen(f.body) == frozen(body)
        )
        return (DeliverNow(id),) if step.kind == ARRIVES else (Duplicate(id), DeliverNow(id))
    if step.kind == RUNS_OUT:
        return (FireTimer(name, step.subject),)
    return (Crash(name),) if step.kind == CRASHES else (Restart(name),)


def same(world: Still, state: State, run: Run) -> None:
    """Holds a state against a real run: hosts, timers, messages, and what the properties remember."""
    for place, (name, host) in enumerate(run.cluster.hosts.items()):
        rest = world.resting.things[state.hosts[place]]
        assert rest.up == host.up
        assert rest.timers == {timer.name for timer in host.timers}
        assert rest.fields == host.node.snapshot(), name
    flying = sorted(repr((f.src, f.dst, f.body)) for f in run.cluster.flights.values())
    assert sorted(repr(world.messages.things[number][:3]) for number in state.messages) == flying
    for place, prop in enumerate(monitor_of(run).properties):
        assert frozen(vars(world.memories.things[state.memory[place]])) == frozen(vars(prop)), prop.name


@each_protocol
def test_a_walk_through_the_still_world_is_a_real_run(known: Protocol) -> None:
    bounds = Bounds(acts=60, crashes=5, doubled=5)
    for seed in range(6):
        key = stream(seed, "test", "walk")
        recording = setup(known.name)
        world = Still(known, recording, 0, bounds, names_of(known))
        run = known.run(recording, keep=False)
        run.advance(0)
        state = world.first
        same(world, state, run)
        for i in range(40):
            steps = list(world.steps(state))
            step = steps[draw(key, i) * len(steps) >> 64]
            for command in command_of(world, run, step):
                run.act(command)
                if isinstance(command, DeliverNow | FireTimer):
                    assert run.step(0) is not None
            state, broken = world.after(state, step)
            same(world, state, run)
            assert broken <= {name for name, _ in monitor_of(run).broken()}


@each_protocol
def test_nothing_that_has_a_number_changes_afterwards(known: Protocol) -> None:
    search = Systematic(known, setup(known.name), bounds=Bounds(acts=4, states=1_500), wanted=names_of(known))
    search.wanted = frozenset()  # all are told of what happens, and none that breaks ends the search
    world = searched(search).world
    assert len(search.states) > 50
    for key, number in world.memories.numbers.items():
        assert (key[0], frozen(vars(world.memories.things[number]))) == key  # type: ignore[index]
    for key, number in world.resting.numbers.items():
        rest = world.resting.things[number]
        assert key[1:] == (rest.up, rest.timers, rest.prompt, tuple(map(frozen, rest.fields)))  # type: ignore[index]
        assert rest.prompt <= rest.timers


def test_equal_values_are_the_same_and_others_are_not() -> None:
    class Counter:
        def __init__(self, count: int) -> None:
            self.seen = {"n1": [count]}

    one, other = Log([1, 2]).append(3), Log([1, 2, 3])
    assert frozen({"a": (1, one), "b": {2}}) == frozen({"b": {2}, "a": (1, other)})
    assert frozen(Log([1, 2])) != frozen((1, 2))
    assert frozen(Counter(1)) == frozen(Counter(1)) != frozen(Counter(2))
    counter = Counter(1)
    another = copied(counter)
    another.seen["n1"].append(5)
    assert counter.seen == {"n1": [1]}


# The search


def everything(search: Systematic, depth: int) -> set[State]:
    """All states within so many steps, found by going every way to its end, whatever was seen before."""
    seen: set[State] = set()

    def go(state: State, left: int) -> None:
        seen.add(state)
        if left:
            for step in search.world.steps(state):
                go(search.world.after(state, step)[0], left - 1)

    search.world.acts = search.bounds.acts
    go(search.world.first, depth)
    return seen


@pytest.mark.parametrize("name", ["raft", "paxos", "two_phase_commit", "bully"])
def test_merging_equal_states_loses_none(name: str) -> None:
    search = Systematic(protocol(name), setup(name, clients=1), bounds=Bounds(acts=4, depth=4))
    seen = everything(search, 4)
    searched(search)
    assert set(search.states) == seen
    assert search.steps > len(seen), "some were met again"


def test_all_there_is_within_the_bounds_is_looked_at() -> None:
    search = searched(Systematic(RAFT, setup("raft", clients=0), bounds=Bounds(acts=1)))
    assert search.whole
    assert search.found is None
    assert search.outcome() is None
    few = searched(Systematic(RAFT, setup("raft", clients=0), bounds=Bounds(acts=3, states=500)))
    assert not few.whole


FINDS: list[tuple[str, tuple[str, ...], int, str, int]] = [
    ("raft", ("one_vote",), 0, "election_safety", 6),
    ("raft", ("majority",), 0, "election_safety", 2),
    ("raft", ("durable_vote",), 0, "election_safety", 9),
    ("raft", ("log_check",), 0, "leader_completeness", 9),
    ("paxos", ("keep_promise",), 2, "one_value_chosen", 12),
    ("paxos", ("unique_ballots",), 2, "one_value_chosen", 9),
    ("two_phase_commit", ("wait_in_doubt",), 1, "agreement", 12),
    ("bully", (), 0, "agreement", 12),
]
"""Protocol, rules that are off, clients, what breaks, in how many steps of nodes at the most (for Paxos: those of TLC)."""


def among_nodes(world: Still, step: Step) -> bool:
    """Whether no client has a part in it: the models of the literature have none."""
    src = world.messages.things[step.subject][0] if step.kind == ARRIVES else "n"
    return src[0] == "n" == world.names[step.place][0]


@pytest.mark.parametrize(("name", "off", "clients", "broken", "most"), FINDS)
def test_what_is_found_is_short_and_plays_in_a_real_run(
    name: str, off: tuple[str, ...], clients: int, broken: str, most: int
) -> None:
    known = protocol(name)
    search = searched(Systematic(known, setup(name, *off, clients=clients), wanted=frozenset((broken,))))
    assert search.found is not None
    assert len([step for step in search.found if among_nodes(search.world, step)]) <= most
    outcome = search.outcome()
    assert outcome is not None
    assert outcome.broken == broken
    assert len(outcome.recording.commands) <= len(search.found)
    assert replay(known, outcome.recording, outcome.until, frozenset((broken,))) == outcome
    assert guilty(known, outcome) == bool(off)
    assert f"breaks=('{broken}',)" in as_scenario(known, outcome)


def test_no_shorter_way_breaks_the_property() -> None:
    search = searched(Systematic(RAFT, setup("raft", "one_vote", clients=0)))
    assert search.found is not None
    shorter = Bounds(acts=search.world.acts, depth=len(search.found) - 1)
    assert searched(Systematic(RAFT, setup("raft", "one_vote", clients=0), bounds=shorter)).whole
    fewer = Bounds(acts=search.world.acts - 1)
    assert searched(Systematic(RAFT, setup("raft", "one_vote", clients=0), bounds=fewer)).whole


def test_it_goes_on_from_a_state_on_the_way() -> None:
    run = RAFT.run(setup("raft", "durable_vote", clients=0))
    run.advance(1_000)
    run.act(FireTimer("n1", "election"))
    run.step(run.now)
    for dst in ("n2", "n1"):
        run.act(DeliverNow(next(f.id for f in run.cluster.flights.values() if f.dst == dst)))
        run.step(run.now)
    rest = searched(Systematic(RAFT, run.recording, run.now, wanted=frozenset(("election_safety",))))
    assert rest.found is not None
    assert rest.world.acts == 2, "three from the beginning, and one of them is done"
    outcome = rest.outcome()
    assert outcome is not None
    assert outcome.broken == "election_safety"


def test_progress_counts_up() -> None:
    told = list(Systematic(RAFT, setup("raft", clients=0), bounds=Bounds(acts=2, depth=8)).go())
    assert [now.acts for now in told] == sorted(now.acts for now in told)
    assert [now.states for now in told] == sorted(now.states for now in told)
    assert told[-1].steps >= told[-1].states


def test_levels_are_those_of_a_breadth_first_search() -> None:
    def after(states: set[int]) -> set[int]:
        return {n for state in states for n in (state * 2 % 17, state + 3) if n < 17}

    found: list[set[Any]] = list(levels((1,), after))
    assert found[0] == {1}
    assert found[1] == {2, 4}
    assert set().union(*found) == after(set().union(*found)) | {1}
    assert sum(map(len, found)) == len(set().union(*found)), "none comes twice"
