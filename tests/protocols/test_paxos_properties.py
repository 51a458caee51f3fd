"""A client of Paxos is told what is chosen: an answer that comes too early, or is another value, is noticed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from server.properties import Monitor
from server.protocols import protocol
from server.protocols.paxos.indications import ProposalAccepted
from server.protocols.paxos.messages import Propose
from server.simulation import OK, UNKNOWN, Invoked, Recording, Returned

PAXOS = protocol("paxos")


class Stage:
    """Three nodes that say what a test wants, and the monitor that watches them."""

    def __init__(self) -> None:
        self.cluster = PAXOS.run(Recording("paxos", nodes=3), keep=False).cluster
        self.monitor = Monitor(PAXOS.properties)
        self.seq = 0
        for value in "xy":
            self.event("c1", Invoked(f"c1.{value}", Propose(value), "n1"))

    def event(self, host: str, *told: Any) -> list[str]:
        """What is broken once a host has said this."""
        self.seq += 1
        event: Any = SimpleNamespace(
            seq=self.seq, time=self.seq, kind="deliver", host=host, indications=told, state=None, prior=None
        )
        self.monitor.observe(event, self.cluster)
        return [name for name, _ in self.monitor.broken()]


def answer(value: str, outcome: str = OK) -> Returned:
    return Returned("c1.1", Propose("x"), outcome, value)


def test_a_client_may_be_told_what_a_majority_has_accepted_in_one_ballot_and_nothing_else() -> None:
    stage = Stage()
    stage.event("n1", ProposalAccepted("n1", "1.n1", "x"))
    stage.event("c1", answer("x", UNKNOWN))
    stage.event("n2", ProposalAccepted("n1", "1.n1", "x"))
    assert stage.event("c1", answer("x")) == []
    assert stage.event("c1", answer("y")) == ["only_chosen_answered"]


def test_an_answer_that_comes_before_the_choice_is_noticed() -> None:
    stage = Stage()
    stage.event("n1", ProposalAccepted("n1", "1.n1", "x"))
    stage.event("n2", ProposalAccepted("n2", "1.n2", "x"))
    assert stage.event("c1", answer("x")) == ["only_chosen_answered"], "two acceptors, in two ballots"
