"""The properties of Raft, each broken by hand in every way that it can be, and each left whole by what is allowed."""

from __future__ import annotations

import pickle
from types import SimpleNamespace
from typing import Any

import pytest

from server.properties import BROKEN, HOLDS, SEEN, WAITING, Monitor, Property
from server.protocols import protocol
from server.protocols.raft.indications import (
    Applied,
    Committed,
    DuplicateNotApplied,
    Elected,
    OvertakenNotApplied,
    SteppedDown,
)
from server.protocols.raft.messages import Entry
from server.protocols.raft.state import Role
from server.simulation import OK, UNKNOWN, Log, Recording, Returned
from tests.conformance.adapter import entries, put

RAFT = protocol("raft")


class Stage:
    """A cluster whose nodes say and have what a test wants, and the monitor that watches them."""

    def __init__(self) -> None:
        self.cluster = RAFT.run(Recording("raft", nodes=3), keep=False).cluster
        self.monitor = Monitor(RAFT.properties)
        self.seq = 0

    def event(self, host: str, *told: Any, kind: str = "deliver", **state: Any) -> None:
        """An event on a host: what it indicates, and what its fields are afterwards."""
        self.seq += 1
        if "log" in state:
            state["log"] = Log(state["log"])
        self.cluster.hosts[host].node.__dict__.update(state)
        event: Any = SimpleNamespace(
            seq=self.seq, time=self.seq, kind=kind, host=host, indications=told, state=None, prior=None
        )
        self.monitor.observe(event, self.cluster)

    def elects(self, host: str, term: int, *log: int) -> None:
        """A node becomes the leader of a term, with such a log."""
        self.event(host, Elected(term, 2, 3), role=Role.LEADER, current_term=term, log=entries(*log))

    def follows(self, host: str, term: int, *log: int) -> None:
        """A node is a follower with such a log."""
        self.event(host, role=Role.FOLLOWER, current_term=term, log=entries(*log))

    @property
    def broken(self) -> list[str]:
        return [name for name, _ in self.monitor.broken()]


@pytest.fixture
def stage() -> Stage:
    return Stage()


# Election Safety


def test_two_leaders_of_one_term_break_election_safety(stage: Stage) -> None:
    stage.elects("n1", 1)
    stage.elects("n2", 2)
    assert stage.broken == []
    stage.elects("n3", 2)
    assert stage.broken == ["election_safety"]


def test_a_leader_told_twice_of_one_term_is_one_leader(stage: Stage) -> None:
    stage.elects("n1", 1)
    stage.elects("n1", 1)
    assert stage.broken == []


# Leader Append-Only


@pytest.mark.parametrize("log", [(1,), (1, 2, 2), ()])
def test_a_leader_that_removes_or_overwrites_an_entry_breaks_leader_append_only(stage: Stage, log: Any) -> None:
    stage.elects("n1", 2, 1, 1)
    stage.event("n1", log=entries(1, 1, 2))
    assert stage.broken == []
    stage.event("n1", log=entries(*log))
    assert stage.broken == ["leader_append_only"]


def test_a_follower_may_remove_entries_and_a_leader_that_steps_down_in_the_same_event_too(stage: Stage) -> None:
    stage.follows("n2", 1, 1, 1)
    stage.follows("n2", 2, 1)
    stage.elects("n1", 2, 1, 1)
    stage.event("n1", SteppedDown("leader", 2, 3, "n3"), role=Role.FOLLOWER, current_term=3, log=entries(1))
    assert stage.broken == []


def test_a_leader_that_crashed_may_come_back_with_another_log(stage: Stage) -> None:
    stage.elects("n1", 2, 1, 1)
    stage.cluster.hosts["n1"].up = False
    stage.event("n1", kind="command", role=Role.FOLLOWER)
    stage.cluster.hosts["n1"].up = True
    stage.follows("n1", 3, 1)
    stage.elects("n1", 4, 1)
    assert "leader_append_only" not in stage.broken


# Log Matching


def test_one_index_and_term_with_two_commands_breaks_log_matching(stage: Stage) -> None:
    stage.follows("n1", 1, 1, 1)
    stage.follows("n2", 1, 1, 1)
    assert stage.broken == []
    stage.event("n3", log=[*entries(1), Entry(1, put("other", 9))])
    assert stage.broken == ["log_matching"]


def test_one_index_and_term_behind_another_past_breaks_log_matching(stage: Stage) -> None:
    stage.follows("n1", 3, 1, 3)
    stage.follows("n2", 3, 2, 3)
    assert stage.broken == ["log_matching"]


def test_logs_that_part_and_never_meet_again_match(stage: Stage) -> None:
    stage.follows("n1", 3, 1, 2, 2)
    stage.follows("n2", 3, 1, 3, 3, 3)
    stage.follows("n3", 3, 1)
    stage.follows("n1", 3, 1, 3, 3)
    assert stage.broken == []


# Leader Completeness


def test_a_leader_that_lacks_what_an_older_term_committed_breaks_leader_completeness(stage: Stage) -> None:
    stage.elects("n1", 1, 1)
    stage.event("n1", Committed(1, 1, 2, 3))
    stage.elects("n2", 2, 1)
    assert stage.broken == []
    stage.elects("n3", 3)
    assert stage.broken == ["leader_completeness"]


def test_a_leader_with_another_entry_in_the_place_of_a_committed_one_breaks_leader_completeness(stage: Stage) -> None:
    stage.elects("n1", 1, 1)
    stage.event("n1", Committed(1, 1, 2, 3))
    stage.elects("n3", 3, 3)
    assert stage.broken == ["leader_completeness"]


def test_what_is_committed_after_a_later_leader_was_elected_without_it_breaks_leader_completeness(stage: Stage) -> None:
    stage.elects("n1", 1, 1)
    stage.elects("n2", 2, 2)
    assert stage.broken == []
    stage.event("n1", Committed(1, 1, 2, 3))
    assert stage.broken == ["leader_completeness"]


def test_what_is_committed_again_in_a_later_term_binds_from_the_first_time_on(stage: Stage) -> None:
    stage.elects("n1", 1, 1)
    stage.event("n1", Committed(1, 1, 2, 3))
    stage.elects("n2", 3, 1, 3)
    stage.event("n2", Committed(2, 3, 2, 3))
    stage.elects("n3", 2)  # elected in term 2, and told late: it lacks what term 1 committed
    assert stage.broken == ["leader_completeness"]


def test_a_leader_of_an_older_term_need_not_have_what_a_newer_one_committed(stage: Stage) -> None:
    stage.elects("n2", 3, 3)
    stage.event("n2", Committed(1, 3, 2, 3))
    stage.elects("n1", 2)
    assert stage.broken == []


def test_a_second_entry_committed_at_an_index_must_be_in_the_logs_of_later_leaders_too(stage: Stage) -> None:
    stage.elects("n1", 1, 1, 1)
    stage.elects("n2", 2, 1, 2)
    stage.event("n2", Committed(2, 2, 2, 3))
    assert stage.broken == []
    stage.event("n1", Committed(2, 1, 2, 3))  # still the leader of term 1, it commits what n2 lacks
    assert stage.broken == ["leader_completeness"]


def test_a_leader_elected_later_must_have_every_entry_committed_at_an_index(stage: Stage) -> None:
    stage.elects("n2", 2, 1, 2)
    stage.event("n2", Committed(2, 2, 2, 3))
    stage.elects("n1", 1, 1, 1)
    stage.event("n1", Committed(2, 1, 2, 3))
    before = "leader_completeness" in stage.broken
    stage.elects("n3", 3, 1, 2)
    assert (before, "leader_completeness" in stage.broken) == (True, True)


# State Machine Safety


def test_two_entries_applied_at_one_index_break_state_machine_safety(stage: Stage) -> None:
    one, other = entries(1)[0], Entry(2, put("other", 9))
    stage.event("n1", Applied(1, one, True))
    stage.event("n2", Applied(1, Entry(1, put("1/1", 1)), True))
    stage.event("n1", Applied(1, one, True))  # again, after a restart
    assert stage.broken == []
    stage.event("n3", Applied(1, other, True))
    assert stage.broken == ["state_machine_safety"]


def test_an_entry_passed_over_as_a_duplicate_counts_as_applied(stage: Stage) -> None:
    stage.event("n1", Applied(1, entries(1)[0], True))
    stage.event("n1", DuplicateNotApplied(2, Entry(1, put("x", 1)), "c1", 1))
    stage.event("n1", OvertakenNotApplied(3, Entry(1, put("x", 3)), "c1", 1, 2))
    stage.event("n2", Applied(1, entries(1)[0], True), Applied(2, Entry(1, put("x", 1)), True))
    assert stage.broken == []
    stage.event("n2", Applied(3, Entry(2, put("y", 2)), True))
    assert stage.broken == ["state_machine_safety"]


# What a cluster is for


def test_a_leader_exists_while_one_that_is_up_leads(stage: Stage) -> None:
    assert stage.monitor.state("leader_exists") == WAITING
    stage.elects("n1", 1)
    assert stage.monitor.state("leader_exists") == HOLDS
    stage.cluster.hosts["n1"].up = False
    stage.event("n1", kind="command", role=Role.FOLLOWER)
    assert stage.monitor.state("leader_exists") == WAITING
    stage.elects("n2", 2)
    stage.event("n2", SteppedDown("leader", 2, 3, "n3"), role=Role.FOLLOWER)
    assert [state for _, state in stage.monitor.transitions["leader_exists"]] == [
        WAITING, HOLDS, WAITING, HOLDS, WAITING,
    ]  # fmt: skip
    assert stage.broken == []


def test_a_request_is_answered_once_one_has_come_back_with_success(stage: Stage) -> None:
    stage.event("c1", Returned("c1.1", None, UNKNOWN, None))
    assert stage.monitor.state("request_answered") == WAITING
    stage.event("c1", Returned("c1.2", None, OK, None))
    assert stage.monitor.state("request_answered") == SEEN
    assert stage.monitor.transitions["request_answered"] == [(0, WAITING), (2, SEEN)]


# The monitor


def test_what_is_broken_stays_broken_from_its_first_bad_event_on(stage: Stage) -> None:
    stage.elects("n1", 1)
    stage.elects("n2", 1)
    stage.elects("n3", 1)
    stage.elects("n3", 5)
    assert stage.monitor.broken() == [("election_safety", 2)]
    assert stage.monitor.transitions["election_safety"] == [(0, HOLDS), (2, BROKEN)]


class FickleProperty(Property):
    """Holds or not as it is told: to try the monitor."""

    name = "fickle"
    title = text = cites = "fickle"
    kind = "always"

    def on_elected(self, elected: Elected, event: Any, cluster: Any) -> str | None:
        return BROKEN if elected.term == 1 else HOLDS

    indications = {Elected: on_elected}


def test_a_property_does_not_mend(stage: Stage) -> None:
    stage.monitor = Monitor([FickleProperty])
    for term in (2, 1, 3, 1):
        stage.elects("n1", term)
    assert stage.monitor.transitions["fickle"] == [(0, HOLDS), (2, BROKEN)]


def test_broken_properties_stand_in_the_order_of_their_first_bad_events(stage: Stage) -> None:
    stage.event("n1", Applied(1, entries(1)[0], True))
    stage.event("n2", Applied(1, Entry(2, None), True))
    stage.elects("n1", 1)
    stage.elects("n2", 1)
    assert stage.monitor.broken() == [("state_machine_safety", 2), ("election_safety", 4)]


def test_a_monitor_goes_on_from_its_checkpoint_and_leaves_the_original_alone(stage: Stage) -> None:
    stage.elects("n1", 1, 1)
    stage.event("n1", Committed(1, 1, 2, 3))
    twin = Stage()
    twin.monitor, twin.cluster = pickle.loads(pickle.dumps((stage.monitor, stage.cluster)))
    twin.seq = stage.seq
    twin.elects("n2", 1)
    twin.elects("n3", 3)
    assert twin.broken == ["election_safety", "leader_completeness"]
    assert stage.broken == []
    stage.elects("n2", 2, 1)
    assert stage.broken == []


def test_what_was_never_seen_is_told(stage: Stage) -> None:
    assert stage.monitor.never_seen() == ["leader_exists", "request_answered", "one_leader_lasts"]
    stage.elects("n1", 1)
    assert stage.monitor.never_seen() == ["request_answered"]


def test_transitions_are_bounded_and_the_first_and_the_last_stay(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.properties.monitor.TRANSITIONS_MAX", 10)
    for term in range(1, 30):
        stage.elects("n1", term)
        stage.event("n1", SteppedDown("leader", term, term + 1, "n2"), role=Role.FOLLOWER)
    transitions = stage.monitor.transitions["leader_exists"]
    assert len(transitions) == 10
    assert transitions[0] == (0, WAITING)
    assert transitions[-1] == (stage.seq, WAITING)
    assert [seq for seq, _ in transitions] == sorted(seq for seq, _ in transitions)


def test_every_property_says_what_it_is_and_where_it_is_written() -> None:
    for prop in RAFT.properties:
        assert prop.title
        assert prop.text.endswith(".")
        assert prop.cites.startswith(("Raft §", "Raft figure", "Ongaro 2014 §"))
        assert prop.kind in ("always", "eventually", "sometimes")
    assert len({prop.name for prop in RAFT.properties}) == len(RAFT.properties)
