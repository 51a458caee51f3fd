"""The properties of Multi-Paxos, each broken by hand in every way that it can be, and each left whole by what is allowed."""

from __future__ import annotations

import pickle
from types import SimpleNamespace
from typing import Any

import pytest

from server.properties import HOLDS, SEEN, WAITING, Monitor
from server.protocols import protocol
from server.protocols.keyvalue import Command
from server.protocols.multi_paxos.indications import (
    Adopted,
    Applied,
    BecameCandidate,
    Chosen,
    DuplicateNotApplied,
    Elected,
    NoOpProposed,
    Promised,
    ProposalAccepted,
    Proposed,
    Replayed,
    SteppedDown,
)
from server.protocols.multi_paxos.state import Role
from server.simulation import OK, UNKNOWN, Recording, Returned

MULTI_PAXOS = protocol("multi_paxos")


class Stage:
    """A cluster whose nodes say what a test wants, and the monitor that watches them."""

    def __init__(self) -> None:
        self.cluster = MULTI_PAXOS.run(Recording("multi_paxos", nodes=3), keep=False).cluster
        self.monitor = Monitor(MULTI_PAXOS.properties)
        self.seq = 0

    def event(self, host: str, *told: Any, kind: str = "deliver", **state: Any) -> None:
        """An event on a host: what it indicates, and what its fields are afterwards."""
        self.seq += 1
        for name, given in state.items():
            setattr(self.cluster.hosts[host].node, name, given)
        event: Any = SimpleNamespace(
            seq=self.seq, time=self.seq, kind=kind, host=host, indications=told, state=None, prior=None
        )
        self.monitor.observe(event, self.cluster)

    def crash(self, host: str) -> None:
        """The host goes down; what it was is gone."""
        self.cluster.hosts[host].up = False
        self.event(host, kind="command", role=Role.FOLLOWER)
        self.cluster.hosts[host].up = True

    @property
    def broken(self) -> list[str]:
        return [name for name, _ in self.monitor.broken()]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def command(value: str, serial: int = 1) -> Command:
    return Command("put", "x", value, None, "c1", serial)


A, B = command("a"), command("b", 2)


def chosen(slot: int, ballot: str, value: Command | None) -> Chosen:
    return Chosen(slot, ballot, value, 2, 3)


def proposed(slot: int, ballot: str, value: Command) -> Proposed:
    return Proposed(slot, ballot, value, value.client, value.serial)


def test_a_ballot_that_is_led_twice_breaks_one_leader_for_a_ballot(stage: Stage) -> None:
    stage.event("n1", Elected("1.n1", 2, 3, 1))
    stage.event("n1", Elected("2.n1", 2, 3, 1))
    assert stage.broken == []
    stage.event("n1", Elected("2.n1", 2, 3, 1))
    assert stage.broken == ["ballot_led_once"]


@pytest.mark.parametrize("lower", [Promised("n2", "9.n3", 1, 0), ProposalAccepted("n2", "9.n3", 1)])
def test_a_lower_ballot_promised_or_accepted_after_a_higher_one_breaks_a_promise(stage: Stage, lower: Any) -> None:
    stage.event("n1", Promised("n3", "9.n3", 1, 0), ProposalAccepted("n3", "9.n3", 1))
    stage.event("n2", lower)
    stage.event("n1", BecameCandidate("10.n1", 1))
    assert stage.broken == [], "10 is higher than 9, and another node has made no promise"
    stage.crash("n1")
    stage.event("n1", lower)
    assert stage.broken == ["promises_kept"]


def test_two_values_chosen_for_one_slot_break_one_value(stage: Stage) -> None:
    stage.event("n1", chosen(1, "1.n1", A), chosen(2, "1.n1", None))
    stage.event("n2", chosen(1, "2.n2", command("a")))
    assert stage.broken == []
    stage.event("n2", chosen(2, "2.n2", B))
    assert "one_value" in stage.broken


@pytest.mark.parametrize(
    "other",
    [proposed(1, "2.n2", B), Adopted(1, "2.n2", B, "1.n1"), Adopted(1, "2.n2", None, "1.n1"), NoOpProposed(1, "2.n2")],
)
def test_another_value_in_a_higher_ballot_than_that_of_the_choice_breaks_adoption(stage: Stage, other: Any) -> None:
    stage.event("n1", proposed(1, "1.n1", A), chosen(1, "1.n1", A))
    stage.event("n3", Adopted(1, "3.n3", A, "1.n1"))
    stage.event("n3", proposed(1, "1.a", B))  # lower than the choice: it could not be chosen any more
    assert stage.broken == []
    stage.event("n2", other)
    assert stage.broken == ["chosen_is_adopted"]


def test_a_choice_after_another_value_was_proposed_in_a_higher_ballot_breaks_adoption(stage: Stage) -> None:
    stage.event("n2", proposed(1, "2.n2", B))
    stage.event("n1", proposed(1, "1.n1", A))
    assert stage.broken == []
    stage.event("n1", chosen(1, "1.n1", A))
    assert stage.broken == ["chosen_is_adopted"]


def test_two_commands_applied_of_one_slot_break_state_machine_safety(stage: Stage) -> None:
    stage.event("n1", Applied(1, A, True), Applied(2, None, None))
    stage.event("n2", Applied(1, command("a"), True))
    assert stage.broken == []
    stage.event("n2", DuplicateNotApplied(2, B, "c1", 2))
    assert stage.broken == ["state_machine_safety"]


def test_a_slot_left_out_or_applied_twice_breaks_the_order(stage: Stage) -> None:
    stage.event("n1", Applied(1, None, None), DuplicateNotApplied(2, A, "c1", 1))
    stage.crash("n1")
    stage.event("n1", Replayed(2))
    stage.event("n1", Applied(3, None, None))
    stage.crash("n1")
    stage.event("n1", Applied(1, None, None))
    assert stage.broken == [], "after a crash a node begins with the first slot, or where its disk ends"
    stage.event("n2", Applied(2, A, True))
    assert stage.broken == ["applied_in_order"]


def test_an_operation_applied_in_two_slots_breaks_applied_once(stage: Stage) -> None:
    stage.event("n1", Applied(1, A, True))
    stage.event("n2", Applied(1, A, True))
    stage.event("n1", DuplicateNotApplied(2, A, "c1", 1), Applied(3, B, True))
    assert stage.broken == []
    stage.event("n1", Applied(4, A, True))
    assert stage.broken == ["applied_once"]


def test_a_leader_exists_while_one_that_is_up_leads(stage: Stage) -> None:
    assert stage.monitor.state("leader_exists") == WAITING
    stage.event("n1", Elected("1.n1", 2, 3, 1), role=Role.LEADER)
    assert stage.monitor.state("leader_exists") == HOLDS
    stage.crash("n1")
    assert stage.monitor.state("leader_exists") == WAITING
    stage.event("n2", Elected("2.n2", 2, 3, 1), role=Role.LEADER)
    stage.event("n2", SteppedDown("leader", "2.n2", "3.n3", "n3"), role=Role.FOLLOWER)
    assert stage.monitor.state("leader_exists") == WAITING


def test_a_request_is_answered_once_one_has_come_back_with_success(stage: Stage) -> None:
    stage.event("c1", Returned("c1.1", None, UNKNOWN, None))
    assert stage.monitor.state("request_answered") == WAITING
    stage.event("c1", Returned("c1.2", None, OK, None))
    assert stage.monitor.state("request_answered") == SEEN


def test_a_monitor_goes_on_from_its_checkpoint(stage: Stage) -> None:
    stage.event("n1", Elected("1.n1", 2, 3, 1), proposed(1, "1.n1", A), chosen(1, "1.n1", A), Applied(1, A, True))
    twin = Stage()
    twin.monitor, twin.cluster = pickle.loads(pickle.dumps((stage.monitor, stage.cluster)))
    twin.seq = stage.seq
    twin.event("n2", proposed(1, "2.n2", B), Applied(1, B, True))
    assert twin.broken == ["chosen_is_adopted", "state_machine_safety"]
    assert stage.broken == []


def test_every_property_and_every_decision_says_where_it_is_written() -> None:
    speakers: tuple[Any, ...] = (*MULTI_PAXOS.properties, *MULTI_PAXOS.indications)
    for told in speakers:
        assert told.text.endswith(".")
        assert told.cites.startswith(("Paxos Made ", "Raft §8"))
