"""Paxos under random schedules: all that is told is true, what its rules are for, and duels end by waiting.

That one value is chosen in two thousand of them stands in `test_every_protocol.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.exploration import fuzz, replay, shrink
from server.properties import Monitor
from server.protocols import protocol
from server.protocols.paxos.indications import BallotBegan, Learned, LearnedFrom, ProposalAccepted
from server.protocols.paxos.messages import Propose
from server.protocols.quorum import majority
from server.simulation import Cluster, Event, Invoked, Link, Recording, Returned
from server.simulation.commands import Request
from tests.support.runs import unleashed

PAXOS = protocol("paxos")
BUSY = {"think_time": 40_000, "client_timeout": 100_000}
ONE_VALUE = frozenset({"one_value_chosen"})
FORGETFUL = ("durable_promise", "durable_acceptance")


class Told:
    """An observer that judges by itself: what was asked, accepted, learned and answered."""

    def __init__(self) -> None:
        self.asked: set[Any] = set()
        self.learned: set[Any] = set()
        self.answers: set[Any] = set()
        self.outcomes: set[str] = set()
        self.backers: dict[tuple[int, Any], set[str | None]] = {}

    def observe(self, event: Event, cluster: Cluster) -> None:
        for told in event.indications:
            if isinstance(told, Invoked):
                self.asked.add(told.operation.value)
            elif isinstance(told, ProposalAccepted):
                self.backers.setdefault((told.ballot, told.value), set()).add(event.host)
            elif isinstance(told, Learned | LearnedFrom):
                self.learned.add(told.value)
            elif isinstance(told, Returned):
                self.outcomes.add(told.outcome)
                if told.outcome == "ok":
                    self.answers.add(told.result)


def test_every_client_of_a_run_is_told_one_and_the_same_value_that_somebody_asked_for() -> None:
    answers = 0
    for seed in range(150):
        told = Told()
        run = unleashed(PAXOS, seed, told, params={**BUSY, "roles": "all"})
        needed = majority(run.setup.nodes)
        chosen = {value for (_, value), backers in told.backers.items() if len(backers) >= needed}
        assert len(chosen) <= 1, seed
        assert told.learned <= chosen, seed
        assert told.answers <= told.learned, seed
        assert chosen <= told.asked, seed
        assert told.outcomes <= {"ok", "unknown"}, "nobody can know that a value will never be chosen"
        answers += len(told.answers)
    assert answers > 120


def test_an_acceptor_that_forgets_lets_two_values_be_chosen() -> None:
    for seed in range(400):
        outcome = fuzz(PAXOS, seed, rules_off=FORGETFUL, params=BUSY, wanted=ONE_VALUE)
        if outcome.broken is not None:
            break
    else:
        pytest.fail("no two values were chosen")
    short = shrink(PAXOS, outcome)
    kinds = [given.command.type for given in short.recording.commands]
    assert "restart" in kinds
    with_memory = Recording(**{**vars(short.recording), "rules": {}})
    assert replay(PAXOS, with_memory, short.until).broken is None


def test_the_forgotten_promise_alone_is_enough_for_two_values() -> None:
    scenario = PAXOS.scenario("forgotten_promise")
    monitor = Monitor(PAXOS.properties)
    run = scenario.play(PAXOS.program, (monitor,))
    assert "one_value_chosen" in dict(monitor.broken())
    assert {told.value for event in run.history.events for told in event.indications if isinstance(told, Learned)} == {
        "x",
        "y",
    }


@pytest.mark.parametrize(
    "rule", ["durable_acceptance", "adopt_accepted", "highest_accepted", "unique_ballots", "keep_promise", "majority"]
)
def test_without_a_rule_two_values_are_chosen_in_some_run(rule: str) -> None:
    """Not only is the line of the algorithm seen to be broken: what it is for is lost."""
    params: dict[str, Any] = {**BUSY, "think_time": 20_000, "client_timeout": 60_000, "roles": "all"}
    assert any(fuzz(PAXOS, seed, rules_off=(rule,), params=params, wanted=ONE_VALUE).broken for seed in range(400))


# Duels (S9 of the oracles)


def duel(back_off: str, seed: int, link: Link) -> tuple[bool, int]:
    """Two proposers begin at nearly the same time: whether a value is chosen in three seconds, in how many ballots."""
    params: dict[str, Any] = {
        "think_time": 0, "client_timeout": 10_000_000, "learn_interval": 0, "back_off": back_off,
    }  # fmt: skip
    run = PAXOS.run(Recording("paxos", clients=2, seed=seed, link=link, params=params))
    run.advance(50_000)
    run.act(Request("c1", Propose("x"), "n1"))
    run.advance(60_000)
    run.act(Request("c2", Propose("y"), "n2"))
    run.advance(3_000_000)
    (monitor,) = (each for each in run.observers if isinstance(each, Monitor))
    ballots = sum(1 for event in run.history.events for told in event.indications if isinstance(told, BallotBegan))
    return monitor.state("value_chosen") == "holds", ballots


EVEN = Link(low=20_000, high=20_000)


def test_two_proposers_that_do_not_wait_outbid_each_other_for_ever() -> None:
    chosen, ballots = duel("none", 1, EVEN)
    assert not chosen
    assert ballots > 100


def test_two_proposers_that_wait_for_a_random_time_come_to_an_end_for_every_seed() -> None:
    for seed in range(60):
        for link in (EVEN, Link()):
            chosen, ballots = duel("random", seed, link)
            assert chosen, seed
            assert ballots <= 20, seed


def test_dials_that_make_no_sense_are_warned_of() -> None:
    def warned(**setup: Any) -> int:
        return len(PAXOS.warnings(Recording("paxos", **setup)))

    assert warned() == 0
    assert warned(clients=2, params={"back_off": "none"}) == 1
    assert warned(clients=2, nodes=5, params={"back_off": "none", "roles": "apart"}) == 0, "there is one proposer"
    assert warned(link=Link(low=10_000, high=60_000)) == 1
    assert warned(nodes=3, params={"roles": "apart"}) == 1
    assert warned(nodes=1) == 0
