"""The fuzzer breaks nothing that a protocol promises, and finds what each of its rules was for.

What each rule of Raft was for stands in `test_fuzz.py`.
"""

from collections import Counter

import pytest

from server.exploration import Outcome, as_scenario, fuzz, replay, shrink
from server.properties import SOMETIMES, Monitor
from server.protocols import PROTOCOLS, Protocol
from server.simulation import Recording, Run

BUSY = {"think_time": 40_000, "client_timeout": 100_000}
RUNS: dict[str, int] = {"raft": 1_000, "paxos": 2_000, "two_phase_commit": 2_000}
"""With nothing off; 500 of each of the others."""
BLOCK = 250
OFTEN: dict[str, dict[str, float]] = {
    "raft": {"leader_exists": 0.94, "request_answered": 0.75}, "paxos": {"value_chosen": 0.9, "client_answered": 0.85},
    "two_phase_commit": {"some_committed": 0.7, "some_aborted": 0.9},
}  # fmt: skip
"""What must be seen in more than this part of the runs: runs in which nothing happens would pass for good ones."""
CLEAN = [(known, first) for known in PROTOCOLS.values() for first in range(0, RUNS.get(known.name, 500), BLOCK)]
CAUGHT_WITHIN = 400
"""Runs in which a rule switched off must be noticed."""
OTHERS = [protocol for protocol in PROTOCOLS.values() if protocol.name != "raft"]
each_protocol = pytest.mark.parametrize("protocol", OTHERS, ids=lambda p: p.name)
RULES = [(protocol, rule) for protocol in OTHERS for rule in protocol.program.rules]


def first_found(protocol: Protocol, rule: str) -> Outcome:
    """The first fuzzed run that breaks a property with the rule off."""
    for seed in range(CAUGHT_WITHIN):
        outcome = fuzz(protocol, seed, rules_off=(rule,), params=BUSY)
        if outcome.broken is not None:
            return outcome
    pytest.fail(f"{CAUGHT_WITHIN} runs of {protocol.name} without the rule {rule} broke nothing")


@pytest.mark.parametrize(("protocol", "first"), CLEAN, ids=[f"{known.name} {first}" for known, first in CLEAN])
def test_with_all_rules_on_no_promise_is_broken(protocol: Protocol, first: int) -> None:
    sometimes = [p.name for p in protocol.properties if p.kind == SOMETIMES]
    seen = Counter[str]()
    for seed in range(first, first + BLOCK):
        outcome = fuzz(protocol, seed, params=BUSY)
        assert outcome.broken is None, as_scenario(protocol, shrink(protocol, outcome))
        seen.update(outcome.seen)
    assert sometimes
    assert max(seen[name] for name in sometimes) > 0.6 * BLOCK, seen
    assert min(seen[name] for name in sometimes) > 0, seen
    assert all(seen[name] > share * BLOCK for name, share in OFTEN.get(protocol.name, {}).items()), seen


@pytest.mark.parametrize(("protocol", "rule"), RULES, ids=[f"{p.name} {rule}" for p, rule in RULES])
def test_a_rule_that_is_off_is_noticed(protocol: Protocol, rule: str) -> None:
    outcome = first_found(protocol, rule)
    assert outcome.recording.rules == {rule: False}
    assert outcome.broken is not None
    again = replay(protocol, outcome.recording, outcome.until, frozenset((outcome.broken,)))
    assert (again.broken, again.seq) == (outcome.broken, outcome.seq)


@each_protocol
def test_without_faults_every_property_that_should_be_seen_is(protocol: Protocol) -> None:
    never = {p.name for p in protocol.properties}
    for seed in range(20):
        run = protocol.run(Recording(protocol.name, clients=2, seed=seed), keep=False)
        run.advance(4_000_000)
        monitor = monitor_of(run)
        promised = {p.name for p in protocol.properties} - set(protocol.disclaimed({}))
        assert {name for name, _ in monitor.broken()} & promised == set()
        never &= set(monitor.never_seen())
    assert never == set()


@pytest.mark.parametrize("nodes", [1, 2, 9])
@each_protocol
def test_a_cluster_of_any_size_runs_with_and_without_clients(protocol: Protocol, nodes: int) -> None:
    for clients in (0, 4):
        run = protocol.run(Recording(protocol.name, nodes=nodes, clients=clients, seed=nodes), keep=False)
        run.advance(2_000_000)
        assert run.head > nodes or clients == 0  # a protocol that only answers does nothing unasked
        promised = {p.name for p in protocol.properties} - set(protocol.disclaimed({}))
        assert {name for name, _ in monitor_of(run).broken()} & promised == set()


@each_protocol
def test_a_fuzzed_run_plays_again_from_its_recording(protocol: Protocol) -> None:
    for seed in range(10):
        outcome = fuzz(protocol, seed, params=BUSY, span=600_000)
        same = fuzz(protocol, seed, params=BUSY, span=600_000)
        assert outcome == same
        again = replay(protocol, outcome.recording, outcome.until, frozenset((outcome.broken,)))
        assert (again.seq, again.seen, again.recording) == (outcome.seq, outcome.seen, outcome.recording)


def monitor_of(run: Run) -> Monitor:
    """The observer that knows the state of the properties."""
    (monitor,) = (observer for observer in run.observers if isinstance(observer, Monitor))
    return monitor
