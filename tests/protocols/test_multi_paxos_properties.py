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
from server.protocols.multi_paxos.messages import Slot
from server.protocols.multi_paxos.state import MultiPaxosState, Role, with_slot
from server.simulation import OK, UNKNOWN, Recording, Returned

MULTI_PAXOS = protocol("multi_paxos")


class Stage:
    """A cluster whose nodes say what a test wants, and the monitor that watches them."""

    def __init__(self) -> None:
        self.cluster = MULTI_PAXOS.run(Recording("multi_paxos", nodes=3), keep=False).cluster
        self.monitor = Monitor(MULTI_PAXOS.properties)
        self.seq = 0

    def event(self, host: str, *told: Any, kind: str = "deliver", **state: Any) -> None:
        """An event on a host: what it indicates, and what its fields are afterwards. What is chosen, two nodes have."""
        self.seq += 1
        for one in told:
            if isinstance(one, Chosen):
                self.accept(one, "n1", "n2")
        for name, given in state.items():
            setattr(self.cluster.hosts[host].node, name, given)
        event: Any = SimpleNamespace(
            seq=self.seq, time=self.seq, kind=kind, host=host, indications=told, state=None, prior=None
        )
        self.monitor.observe(event, self.cluster)

    def accept(self, told: Chosen, *nodes: str, ballot: str | None = None) -> None:
        """The nodes accept the value of that slot, in its ballot or in another one."""
        for name in nodes:
            server = self.cluster.hosts[name].node
            assert isinstance(server, MultiPaxosState)
            entry = Slot(ballot or told.ballot, told.command, early=False, gap=False)
            server.log = with_slot(server.log, told.slot, entry)

    def elect(self, host: str, ballot: str) -> None:
        """The host is elected with the promises of a majority."""
        self.event(host, BecameCandidate(ballot, 1))
        self.event("n2" if host != "n2" else "n3", Promised(host, ballot, 1, 0))
        self.event(host, Elected(ballot, 2, 3, 1))

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
    stage.elect("n1", "1.n1")
    stage.elect("n1", "2.n1")
    assert stage.broken == []
    stage.event("n1", Elected("2.n1", 2, 3, 1))
    assert stage.broken == ["ballot_led_once"]


def test_a_leader_that_one_node_has_promised_twice_breaks_the_majority(stage: Stage) -> None:
    stage.event("n1", BecameCandidate("1.n1", 1))
    stage.event("n2", Promised("n1", "1.n1", 1, 0))
    stage.event("n3", Promised("n1", "2.n1", 1, 0))
    stage.event("n1", Elected("1.n1", 2, 3, 1))
    assert stage.broken == []
    stage.event("n1", Elected("2.n1", 2, 3, 1))
    assert stage.broken == ["promised_by_majority"], "of ballot 2.n1 only n3 has spoken"


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


def watched_alone(stage: Stage, told: Chosen) -> list[str]:
    """What breaks when a leader says this of the logs as they are."""
    event: Any = SimpleNamespace(seq=1, time=1, kind="deliver", host="n1", indications=(told,), state=None, prior=None)
    stage.monitor.observe(event, stage.cluster)
    return stage.broken


def test_what_a_majority_has_accepted_in_the_ballot_or_later_may_be_called_chosen(stage: Stage) -> None:
    stage.accept(chosen(2, "1.n1", A), "n1")
    stage.accept(chosen(2, "1.n1", command("a")), "n3", ballot="2.n2")
    assert watched_alone(stage, chosen(2, "1.n1", A)) == []


@pytest.mark.parametrize(("value", "ballot"), [(B, "2.n1"), (None, "2.n1"), (A, "1.n3")])
def test_what_only_one_node_has_accepted_must_not_be_called_chosen(
    stage: Stage, value: Command | None, ballot: str
) -> None:
    stage.accept(chosen(1, "2.n1", A), "n1")
    stage.accept(chosen(1, ballot, value), "n2", "n3")
    assert watched_alone(stage, chosen(1, "2.n1", A)) == ["chosen_by_majority"]


def test_a_slot_that_gives_different_answers_at_two_nodes_breaks_the_same_state(stage: Stage) -> None:
    stage.event("n1", chosen(1, "1.n1", A), chosen(2, "1.n1", B), chosen(3, "1.n1", A))
    stage.event("n1", Applied(1, A, True), Applied(2, B, 1), DuplicateNotApplied(3, A, "c1", 1))
    stage.event("n2", Applied(1, A, True))
    assert stage.broken == []
    stage.event("n2", Applied(2, B, 2))
    assert stage.broken == ["same_answers"]


def test_a_command_that_was_not_chosen_breaks_what_may_be_applied(stage: Stage) -> None:
    stage.event("n1", chosen(1, "1.n1", A), Applied(1, A, True))
    stage.event("n2", Applied(1, command("a"), True))
    assert stage.broken == []
    stage.event("n2", Applied(2, None, None))
    assert stage.broken == ["only_chosen_applied"]


def test_an_operation_that_takes_effect_again_at_one_node_alone_breaks_the_same_state(stage: Stage) -> None:
    stage.event("n1", Applied(1, A, True), DuplicateNotApplied(2, A, "c1", 1))
    stage.event("n2", Applied(2, A, True))
    assert "same_answers" in stage.broken


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
    stage.event("n1", chosen(1, "1.n1", A), chosen(2, "1.n1", None))
    stage.event("n1", Applied(1, A, True), Applied(2, None, None))
    stage.event("n2", Applied(1, command("a"), True))
    assert stage.broken == []
    stage.event("n2", DuplicateNotApplied(2, B, "c1", 2))
    assert set(stage.broken) == {"only_chosen_applied", "state_machine_safety", "same_answers"}


def test_a_slot_left_out_or_applied_twice_breaks_the_order(stage: Stage) -> None:
    stage.event("n1", chosen(1, "1.n1", None), chosen(2, "1.n1", A), chosen(3, "1.n1", None))
    stage.event("n1", Applied(1, None, None), DuplicateNotApplied(2, A, "c1", 1))
    stage.crash("n1")
    stage.event("n1", Replayed(2))
    stage.event("n1", Applied(3, None, None))
    stage.crash("n1")
    stage.event("n1", Applied(1, None, None))
    assert stage.broken == [], "after a crash a node begins with the first slot, or where its disk ends"
    stage.event("n2", DuplicateNotApplied(2, A, "c1", 1))
    assert stage.broken == ["applied_in_order"]


def test_an_operation_applied_in_two_slots_breaks_applied_once(stage: Stage) -> None:
    stage.event("n1", *(chosen(slot, "1.n1", one) for slot, one in enumerate((A, A, B, A), 1)))
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
    stage.elect("n1", "1.n1")
    stage.event("n1", proposed(1, "1.n1", A), chosen(1, "1.n1", A), Applied(1, A, True))
    twin = Stage()
    twin.monitor, twin.cluster = pickle.loads(pickle.dumps((stage.monitor, stage.cluster)))
    twin.seq = stage.seq
    twin.event("n2", proposed(1, "2.n2", B), Applied(1, B, True))
    assert set(twin.broken) == {"chosen_is_adopted", "only_chosen_applied", "state_machine_safety"}
    assert stage.broken == []


def test_every_property_and_every_decision_says_where_it_is_written() -> None:
    speakers: tuple[Any, ...] = (*MULTI_PAXOS.properties, *MULTI_PAXOS.indications)
    for told in speakers:
        assert told.text.endswith(".")
        assert told.cites.startswith(("Paxos Made ", "Ongaro 2014 §6.3"))
