"""The fuzzer finds what each rule of Raft was for; that it breaks nothing else stands in `test_every_protocol.py`."""

from functools import cache

import pytest

from server.exploration import Outcome, fuzz, replay, shrink
from server.exploration.fuzz import SPAN
from server.exploration.mischief import KINDS, Mischief
from server.properties import Monitor
from server.protocols import protocol
from server.simulation import Recording

RAFT = protocol("raft")
BUSY = {"think_time": 40_000, "client_timeout": 100_000}
CAUGHT_WITHIN = 2_000
"""Runs in which a rule switched off must be noticed."""
SHALLOW = [rule for rule in RAFT.program.rules if rule != "commit_current_term"]
"""The rules that random schedules see through; the other one needs Figure 8 (tests/conformance/test_counterexamples.py)."""


@cache
def first_found(rule: str) -> Outcome:
    """The first fuzzed run that breaks a property with the rule off."""
    for seed in range(CAUGHT_WITHIN):
        outcome = fuzz(RAFT, seed, rules_off=(rule,), params=BUSY)
        if outcome.broken is not None:
            return outcome
    pytest.fail(f"{CAUGHT_WITHIN} runs without the rule {rule} broke nothing")


@pytest.mark.parametrize("rule", SHALLOW)
def test_a_rule_that_is_off_is_noticed(rule: str) -> None:
    outcome = first_found(rule)
    assert outcome.recording.rules == {rule: False}
    again = replay(RAFT, outcome.recording, outcome.until)
    assert (again.broken, again.seq) == (outcome.broken, outcome.seq)


def test_without_faults_every_property_that_should_be_seen_is() -> None:
    for seed in range(20):
        run = RAFT.run(Recording("raft", seed=seed), keep=False)
        run.advance(3_000_000)
        monitor = run.observers[0]
        assert isinstance(monitor, Monitor)
        assert monitor.never_seen() == []
        assert monitor.broken() == []


def test_the_same_seed_gives_the_same_run_and_another_another() -> None:
    one, same, other = (fuzz(RAFT, seed, params=BUSY, span=600_000) for seed in (5, 5, 6))
    assert one == same
    assert one.recording.commands != other.recording.commands


def test_a_fuzzed_run_plays_again_from_its_recording() -> None:
    for seed in range(20):
        outcome = fuzz(RAFT, seed, params=BUSY, span=600_000)
        again = replay(RAFT, outcome.recording, outcome.until)
        assert (again.seq, again.broken, again.seen) == (outcome.seq, outcome.broken, outcome.seen)
        assert again.recording == outcome.recording


def test_all_kinds_of_faults_are_chosen_and_every_run_leaves_some_out() -> None:
    swarms = [Mischief(seed).kinds for seed in range(60)]
    assert {kind for kinds in swarms for kind in kinds} == set(KINDS)
    assert all(len(kinds) < len(KINDS) for kinds in swarms)
    given = set()
    for seed in range(60):
        for g in fuzz(RAFT, seed, params=BUSY, span=SPAN // 2).recording.commands:
            given.add(g.command.type)
    assert given >= {
        "crash", "restart", "partition", "heal", "set_link", "drop", "delay", "duplicate", "hold_link", "release_link",
        "pause", "resume", "fire_timer", "set_clock",
    }  # fmt: skip


def test_no_node_ever_loses_its_disk() -> None:
    for seed in range(40):
        for g in fuzz(RAFT, seed, params=BUSY, span=SPAN // 2).recording.commands:
            assert getattr(g.command, "disk", "kept") == "kept"


def test_a_found_run_shrinks_to_commands_of_which_none_can_be_spared() -> None:
    found = first_found("durable_vote")
    short = shrink(RAFT, found)
    assert short.broken == found.broken
    assert 0 < len(short.recording.commands) < len(found.recording.commands)
    commands = short.recording.commands
    for i in range(len(commands)):
        without = replay(RAFT, short.recording.with_commands(commands[:i] + commands[i + 1 :]), short.until)
        assert without.broken != found.broken


def test_a_run_that_breaks_nothing_is_not_shrunk() -> None:
    outcome = fuzz(RAFT, 1, params=BUSY, span=300_000)
    assert outcome.broken is None
    assert shrink(RAFT, outcome) is outcome
