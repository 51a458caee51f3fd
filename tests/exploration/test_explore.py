"""The breaker: the same seeds give the same story, however the work is spread; a story is short, true and told in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any

import pytest

from server.exploration import Hunt, Outcome, Search, as_scenario, fuzz, replay, shrink, work
from server.exploration.explore import BATCH, Batch, Harvest, guilty
from server.exploration.fuzz import CALM, fuzz_from, monitor_of
from server.exploration.shrink import REPLAYS_MAX, Shrinker
from server.exploration.story import acts_of, name_of, sentence
from server.lessons import Scenario, Script
from server.properties import Monitor
from server.protocols import PROTOCOLS, Protocol, protocol
from server.protocols.keyvalue import Operation
from server.protocols.raft.indications import AppendAccepted, Appended, Elected
from server.simulation import Given, Link, Recording, Refused
from server.simulation import commands as all_commands

RAFT = protocol("raft")
ACTS_MAX = 12
"""A dozen acts: nobody follows more."""
CLASSICAL = [
    ("raft", "one_vote"), ("raft", "log_check"), ("raft", "majority"), ("raft", "durable_vote"),
    ("paxos", "keep_promise"), ("paxos", "durable_acceptance"), ("paxos", "adopt_accepted"), ("paxos", "unique_ballots"),
    ("two_phase_commit", "wait_in_doubt"), ("three_phase_commit", "precommit_first"), ("primary_backup", "fencing"),
]  # fmt: skip


def hunted(search: Search, *, first: int = 0, runs: int = 800, enough: int = 2) -> Hunt:
    """A hunt to its end."""
    hunt = Hunt(search, first=first, runs=runs, enough=enough)
    for batch in hunt.batches():
        hunt.take(work(batch))
        if hunt.over:
            break
    return hunt


def found(search: Search, **how: int) -> Outcome:
    """What a hunt that must find something found."""
    best = hunted(search, **how).best
    assert best is not None, f"{search.protocol} without {search.rules_off}: nothing found"
    return best


@pytest.mark.parametrize(("name", "rule"), CLASSICAL)
def test_a_classical_bug_is_told_in_a_dozen_acts_and_its_rule_is_to_blame(name: str, rule: str) -> None:
    known = protocol(name)
    best = found(Search(name, rules_off=(rule,)), enough=1)
    assert len(best.recording.commands) <= ACTS_MAX
    again = replay(known, best.recording, best.until, frozenset((best.broken or "",)))
    assert (again.broken, again.seq) == (best.broken, best.seq)
    assert guilty(known, best)


# The order of the work


def test_a_hunt_depends_on_the_seeds_alone() -> None:
    search = Search("ring", rules_off=("give_way",))
    whole = hunted(search, enough=8)
    assert whole.runs > 2 * BATCH
    batches = list(islice(Hunt(search, runs=800).batches(), whole.runs // BATCH + 2))
    harvests = {batch.first: work(batch) for batch in reversed(batches)}
    other = Hunt(search, runs=800, enough=8)
    for batch in batches:
        if other.over:
            break
        other.take(harvests[batch.first])
    assert (other.best_story, other.runs, other.stories) == (whole.best_story, whole.runs, whole.stories)


def test_batches_cover_each_seed_once() -> None:
    search = Search("raft")
    batches = list(Hunt(search, first=5, runs=2 * BATCH + 3).batches())
    seeds = [seed for batch in batches for seed in range(batch.first, batch.first + batch.count)]
    assert seeds == list(range(5, 5 + 2 * BATCH + 3))
    endless = list(islice(Hunt(search).batches(), 50))
    assert [batch.first for batch in endless] == [BATCH * i for i in range(50)]


def test_with_all_rules_on_nothing_is_found_and_every_run_is_counted() -> None:
    hunt = hunted(Search("raft"), runs=20)
    assert (hunt.best, hunt.over, hunt.runs) == (None, False, 20)
    assert hunt.events > 20 * 100


def test_the_shortest_story_is_kept_and_a_hunt_ends_when_it_has_enough() -> None:
    search = Search("raft", rules_off=("log_check",))
    hunt = hunted(search, enough=3)
    lengths = [story.length for story in hunt.stories]
    assert hunt.over
    assert hunt.best_story is not None
    assert hunt.best_story.length == min(lengths)
    taken = len(hunt.stories)
    hunt.take(work(Batch(search, 100, 8)))
    assert len(hunt.stories) == taken, "what comes after the end counts for nothing"


def test_a_hunt_does_not_wait_for_ever_for_a_second_story() -> None:
    hunt = Hunt(Search("raft", rules_off=("durable_vote",)), enough=8)
    story = work(Batch(hunt.search, 263, 1)).stories
    hunt.take(Harvest(272, 1, story))
    assert not hunt.over
    hunt.take(Harvest(600, 1, ()))
    assert hunt.over


@pytest.mark.parametrize(
    ("search", "words"),
    [
        (Search("paxis"), "no protocol paxis"),
        (Search("raft", rules_off=("gravity",)), "there are one_vote, log_check"),
        (Search("raft", wanted="gravity"), "there are election_safety"),
        (Search("raft", wanted="request_answered"), "that can break"),
        (Search("raft", nodes=10), "1 to 9 nodes"),
        (Search("raft", params={"gravity": 3}), "no tunable gravity"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_would_fit(search: Search, words: str) -> None:
    with pytest.raises(Refused) as refused:
        Hunt(search)
    assert words in str(refused.value)


BY_THE_MACHINE = [
    ("raft", ("durable_vote",), "election_safety"),  # S3 of the oracles
    ("raft", ("log_check",), "leader_completeness"),  # S4
    ("paxos", ("unique_ballots",), "one_value_chosen"),  # S11b
    ("paxos", ("durable_promise", "durable_acceptance"), "one_value_chosen"),  # S10
    ("number_election", ("hear_from_all",), "at_most_one_leader"),  # S12
    ("bully", (), "at_most_one_leader"),  # S13
    ("two_phase_commit", (), "everything_decided"),  # S7
    ("three_phase_commit", (), "agreement"),  # S8
]
"""What must be found without hints, promised or not."""


@pytest.mark.parametrize(("name", "off", "broken"), BY_THE_MACHINE)
def test_the_counterexamples_of_the_literature_are_found(name: str, off: tuple[str, ...], broken: str) -> None:
    best = found(Search(name, off, wanted=broken), runs=1_600, enough=1)
    assert best.broken == broken
    assert len(best.recording.commands) <= ACTS_MAX
    assert guilty(protocol(name), best) == bool(off)


def test_what_is_lost_for_good_had_held_and_nothing_is_done_in_the_calm() -> None:
    known = protocol("two_phase_commit")
    best = found(Search("two_phase_commit", wanted="everything_decided"))
    run = known.run(best.recording, keep=False)
    run.advance(best.until - CALM)
    before = monitor_of(run).transitions["everything_decided"]
    assert "holds" in [state for _, state in before]
    assert before[-1] == (best.seq, "waiting")
    assert all(given.time <= run.now for given in run.given)
    run.advance(best.until)
    assert monitor_of(run).state("everything_decided") == "waiting"
    assert sentence(known, best).endswith(" s and does not come back.")
    assert "breaks=()" in as_scenario(known, best)


def test_a_wait_that_ends_is_no_loss() -> None:
    known = protocol("raft")
    crashed = Given(600_000, 0, all_commands.Crash("n1"), "script")
    for wanted in (frozenset(("leader_exists",)), None):
        recording = Recording("raft", nodes=3, seed=4, commands=(crashed,))
        assert replay(known, recording, 4_000_000, wanted).broken is None


# From a state on the way


def test_faults_go_on_from_a_state_on_the_way() -> None:
    start = RAFT.scenarios()[0].recording(RAFT.program)
    for seed in range(3):
        outcome = fuzz_from(RAFT, start, 400_000, seed, span=500_000)
        own = outcome.recording.commands
        before = tuple(given for given in start.commands if given.time <= 400_000)
        assert own[: len(before)] == before
        assert all(given.time >= 400_000 for given in own[len(before) :])
        assert outcome.until == 900_000
        assert replay(RAFT, outcome.recording, outcome.until) == outcome


def test_a_search_from_a_state_on_the_way_has_its_rules_off_there_too() -> None:
    start = Recording("raft", nodes=3, seed=4, commands=(Given(100_000, 0, all_commands.Crash("n1"), "script"),))
    search = Search("raft", rules_off=("majority",), start=start, at=200_000)
    best = found(search)
    assert best.recording.rules == {"majority": False}
    assert best.broken is not None


def on_the_way_to_figure_8() -> tuple[Recording, int]:
    """A leader whose entry is on a minority: itself and one more, with which it is cut off from the others."""
    params = {"no_op": False, "think_time": 300_000, "client_timeout": 100_000}
    script = Script(Recording("raft", nodes=5, clients=2, seed=1, params=params), RAFT.program)
    leader = script.until(Elected).host
    assert leader is not None
    other, *rest = (node for node in script.run.cluster.nodes if node != leader)
    script.wait(60_000)
    script.give(all_commands.Partition(((leader, other, "c1", "c2"), tuple(rest))))
    script.until(Appended)
    script.until(AppendAccepted)
    return script.recording(), script.run.now


@pytest.mark.slow
def test_figure_8_is_found_from_a_state_on_the_way() -> None:
    start, at = on_the_way_to_figure_8()
    best = found(Search("raft", ("commit_current_term",), start=start, at=at), runs=4_000, enough=1)
    assert best.broken in ("leader_completeness", "state_machine_safety")
    assert len(best.recording.commands) <= ACTS_MAX
    assert guilty(RAFT, best)


# Shrinking


@cache
def short() -> tuple[Outcome, Outcome]:
    """The first run in which a forgotten vote elects two leaders without a client's doing, as it was, and made short."""
    params = {"think_time": 40_000, "client_timeout": 100_000}
    for seed in range(2_000):
        outcome = fuzz(RAFT, seed, rules_off=("durable_vote",), params=params)
        if outcome.broken == "election_safety":
            after = shrink(RAFT, outcome)
            if after.recording.clients == 0:
                return outcome, after
    pytest.fail("2,000 runs without a durable vote elected no two leaders in a term")


def test_a_short_story_has_fewer_hosts_a_plainer_link_and_rounder_times() -> None:
    before, after = short()
    assert before.broken == after.broken == "election_safety"
    assert after.recording.clients == 0 < before.recording.clients
    assert set(after.recording.params) < set(before.recording.params)
    assert all(given.time % 1_000 == 0 for given in after.recording.commands)
    assert any(given.time % 1_000 for given in before.recording.commands)


def test_neither_one_command_nor_two_can_be_spared() -> None:
    _, after = short()
    commands = after.recording.commands
    for i in range(len(commands)):
        for j in range(i, len(commands)):
            rest = tuple(given for k, given in enumerate(commands) if k not in (i, j))
            assert replay(RAFT, after.recording.with_commands(rest), after.until).broken != after.broken


def test_shrinking_costs_no_more_replays_than_it_may() -> None:
    before, after = short()
    assert shrink(RAFT, before, replays=0) == before
    some = Shrinker(RAFT, before, 5)
    some.shortest()
    assert some.left == 0
    whole = Shrinker(RAFT, before, REPLAYS_MAX)
    assert whole.shortest() == after
    assert 0 < whole.left < REPLAYS_MAX


def test_a_promise_is_not_made_shorter_into_something_that_was_never_promised() -> None:
    for name, known in PROTOCOLS.items():
        for seed in range(40):
            rules = tuple(known.program.rules)[:1]
            outcome = fuzz(known, seed, rules_off=rules, params={"think_time": 40_000})
            if outcome.broken is not None:
                after = shrink(known, outcome)
                assert after.broken not in known.disclaimed(after.recording.params), name
                break


# Words


def test_a_story_says_who_did_what_and_what_broke() -> None:
    _, after = short()
    told = sentence(RAFT, after)
    assert told.startswith("Without the rule “Durable term and vote”: ")
    assert "restarts" in told
    assert "“Election Safety” breaks at " in told
    assert name_of(after) == "election_safety_without_durable_vote"
    assert len(acts_of(RAFT, after)) == len(after.recording.commands)


COMMANDS: tuple[tuple[all_commands.Command, str], ...] = (
    (all_commands.Crash("n1"), "n1 crashes"),
    (all_commands.Restart("n1"), "n1 restarts"),
    (all_commands.Pause("n2"), "n2 stands still"),
    (all_commands.Resume("n2"), "n2 goes on"),
    (all_commands.Partition((("n1",), ("n2", "n3"))), "a partition separates n1 | n2, n3"),
    (all_commands.Heal(), "the network is whole again"),
    (all_commands.SetLink("n1", "n2", up=False), "the link from n1 to n2 is cut"),
    (all_commands.SetLink("n1", "n2", up=True), "the link from n1 to n2 is mended"),
    (all_commands.SetLink("n1", "n2", loss_percent=10), "the link from n1 to n2 becomes another"),
    (all_commands.HoldLink("n1", "n2"), "what n1 sends to n2 is held back"),
    (all_commands.ReleaseLink("n1", "n2"), "what n1 sent to n2 is let go"),
    (all_commands.FireTimer("n3", "election"), "the timer “election timeout” of n3 runs out"),
    (all_commands.SetClock("n1", rate_ppm=2_000_000), "the clock of n1 runs at 200 percent of its pace"),
    (all_commands.SwitchRule("majority", False), "the rule “Majority” is switched"),
)


def test_every_command_has_words() -> None:
    given = tuple(Given(100_000, i, command, "script") for i, (command, _) in enumerate(COMMANDS))
    acts = acts_of(RAFT, outcome_of(Recording("raft", nodes=3, commands=given)))
    assert [act.english for act in acts] == [words for _, words in COMMANDS]


def test_an_act_on_a_message_names_the_message() -> None:
    run = RAFT.run(Recording("raft", nodes=3, seed=1))
    while not run.cluster.flights:
        run.step()
    flight = next(iter(run.cluster.flights.values()))
    for made, words in (
        (all_commands.Drop, "is lost"), (all_commands.Duplicate, "is doubled"), (all_commands.DeliverNow, "arrives"),
        (lambda message: all_commands.Delay(message, 5), "is late"),
    ):  # fmt: skip
        commands = (Given(run.now, run.cluster.place, made(flight.id), "script"),)
        (act,) = acts_of(RAFT, outcome_of(Recording("raft", nodes=3, seed=1, commands=commands), run.now + 1))
        assert act.english == f"the RequestVote from {flight.src} to {flight.dst} {words}"


def outcome_of(recording: Recording, until: int = 300_000) -> Outcome:
    """A run that broke nothing, to be told."""
    return Outcome(recording, until, "election_safety", 1, ())


def pasted(known: Protocol, outcome: Outcome) -> Scenario:
    """What the source of a story makes when it is pasted."""
    names: dict[str, Any] = {**vars(all_commands), "Scenario": Scenario, "Script": Script, "Recording": Recording}
    names |= {"Link": Link, "Operation": Operation, "N_": str}
    source = as_scenario(known, outcome)
    assert max(map(len, source.splitlines())) < 400
    exec(compile(source, "pasted", "exec"), names)
    return next(made for made in names.values() if isinstance(made, Scenario))


def stories() -> Iterable[tuple[Protocol, Outcome]]:
    """One of each protocol, and of Raft one with a crash in it."""
    yield RAFT, short()[1]
    for name, known in PROTOCOLS.items():
        tries = ((rule, seed) for rule in tuple(known.program.rules)[:3] for seed in range(16))
        outcomes = (Search(name, rules_off=(rule,)).run(seed) for rule, seed in tries)
        yield known, shrink(known, next(outcome for outcome in outcomes if outcome.broken is not None))


def test_what_is_printed_can_be_pasted_for_every_protocol() -> None:
    for known, best in stories():
        scenario = pasted(known, best)
        monitor = Monitor(known.properties)
        run = scenario.play(known.program, (monitor,))
        assert best.broken in [name for name, _ in monitor.broken()], (known.name, best.recording.rules)
        assert scenario.breaks == (best.broken,)
        assert scenario.met(run)
        assert sentence(known, best) == scenario.text


def test_a_run_without_faults_is_told_as_such() -> None:
    best = found(Search("raft", rules_off=("majority",)))
    assert not best.recording.commands
    assert "No fault is needed." in sentence(RAFT, best)
    assert replace(best, broken=None) != best


def test_a_story_is_made_short_under_other_seeds_too() -> None:
    """Under its own seed this one needs a dozen acts."""
    raft = protocol("raft")
    found = Search("raft", ("durable_vote",)).run(22)
    assert len(found.recording.commands) > 12
    story = shrink(raft, found)
    assert story.broken == found.broken
    assert len(story.recording.commands) <= 8
    assert replay(raft, story.recording, story.until, frozenset((str(story.broken),))).broken == story.broken
