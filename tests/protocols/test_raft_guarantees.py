"""What the extensions of Raft promise: each promise broken by hand, and left whole by what is allowed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from server.exploration import fuzz
from server.properties import BROKEN, HOLDS, WAITING, Monitor
from server.protocols import protocol
from server.protocols.keyvalue import Operation
from server.protocols.raft.indications import (
    Committed,
    Elected,
    PreVoteGranted,
    ReadByLease,
    ReadConfirmed,
    ReadLocally,
    ReadUnconfirmed,
    SteppedDown,
    SteppedDownUnheard,
    StillFollows,
    ToldToCampaign,
    VoteGranted,
)  # fmt: skip
from server.protocols.raft.state import Role
from server.simulation import Invoked, Log, Recording
from tests.conformance.adapter import entries

RAFT = protocol("raft")
GET = Operation("get", "x")
LOW = 150_000


class Stage:
    """Three nodes that say and have what a test wants, at a time that it chooses, and the monitor that watches them."""

    def __init__(self, **params: Any) -> None:
        self.cluster = RAFT.run(Recording("raft", nodes=3, clients=2, params=params), keep=False).cluster
        self.monitor = Monitor(RAFT.properties)
        self.seq = 0

    def event(self, host: str, *told: Any, at: int | None = None, kind: str = "deliver", **state: Any) -> None:
        """An event on a host: what it indicates, and what its fields are afterwards."""
        self.seq += 1
        if at is not None:
            self.cluster.time = at
        self.cluster.hosts[host].node.__dict__.update(state)
        event: Any = SimpleNamespace(
            seq=self.seq, time=self.cluster.time, kind=kind, host=host, indications=told, state=None, prior=None
        )
        self.monitor.observe(event, self.cluster)

    def asks(self, serial: int, client: str = "c1") -> None:
        self.event(client, Invoked(f"{client}.{serial}", GET, "n1"))

    def commits(self, host: str, index: int, term: int = 1) -> None:
        log = Log(entries(*[1] * index))
        self.event(host, Committed(index, term, 2, 3), log=log, current_term=term)

    def state(self, name: str) -> str:
        return self.monitor.state(name)


# Nobody replaces a leader that it hears


@pytest.mark.parametrize(("at", "state"), [(LOW - 1, BROKEN), (LOW, HOLDS)])
def test_no_pre_vote_before_the_shortest_timeout_is_over(at: int, state: str) -> None:
    stage = Stage(pre_vote=True)
    stage.event("n2", withhold_until=LOW)
    stage.event("n2", PreVoteGranted("n3", 2), at=at)
    assert stage.state("heard_leader_stays") == state


@pytest.mark.parametrize(
    ("params", "leader", "state"),
    [({"check_quorum": True}, None, BROKEN), ({"reads": "lease"}, None, BROKEN), ({"pre_vote": True}, None, HOLDS),
     ({}, None, HOLDS), ({"check_quorum": True}, "n1", HOLDS)],
)  # fmt: skip
def test_a_vote_counts_where_votes_are_withheld_and_only_in_a_newer_term(
    params: dict[str, Any], leader: str | None, state: str
) -> None:
    stage = Stage(**params)
    stage.event("n2", withhold_until=LOW)
    stage.event("n2", VoteGranted("n3", 2), at=1_000, leader=leader)
    assert stage.state("heard_leader_stays") == state


# A successor has the whole log


@pytest.mark.parametrize(("its", "state"), [((1, 1), HOLDS), ((1, 1, 1), HOLDS), ((1,), BROKEN), ((1, 2), BROKEN)])
def test_only_a_complete_log_is_told_to_campaign(its: tuple[int, ...], state: str) -> None:
    stage = Stage()
    stage.event("n2", log=Log(entries(*its)))
    stage.event("n1", ToldToCampaign("n2", 2), log=Log(entries(1, 1)))
    assert stage.state("successor_is_complete") == state


# Reads


@pytest.mark.parametrize("kind", [ReadConfirmed, ReadUnconfirmed])
@pytest.mark.parametrize(("index", "state"), [(1, BROKEN), (2, HOLDS), (3, HOLDS)])
def test_an_answer_has_seen_what_was_committed_when_the_client_asked(kind: type, index: int, state: str) -> None:
    stage = Stage(reads="read_index")
    stage.commits("n2", 2)
    stage.asks(1)
    stage.commits("n2", 5)
    read = kind("c1", 1, index, 1) if kind is ReadConfirmed else kind("c1", 1, index)
    stage.event("n1", read)
    assert stage.state("no_stale_read") == state


def test_an_answer_to_what_the_client_asks_no_more_is_not_judged() -> None:
    stage = Stage(reads="read_index")
    stage.asks(1)
    stage.commits("n2", 2)
    stage.asks(2)
    stage.event("n1", ReadUnconfirmed("c1", 1, 0))
    assert stage.state("no_stale_read") == HOLDS


def test_local_reads_break_what_they_do_not_promise_and_leases_have_a_promise_of_their_own() -> None:
    stage = Stage(reads="local")
    stage.commits("n2", 2)
    stage.asks(1)
    stage.event("n1", ReadLocally("c1", 1, 1))
    assert stage.state("no_stale_read") == BROKEN
    assert "no_stale_read" in RAFT.disclaimed({"reads": "local"})
    assert "no_stale_read" not in RAFT.disclaimed({"reads": "lease"})
    stage = Stage(reads="lease")
    stage.commits("n2", 2)
    stage.asks(1)
    stage.event("n1", ReadByLease("c1", 1, 1, 5))
    assert (stage.state("no_stale_read"), stage.state("no_stale_lease_read")) == (HOLDS, BROKEN)


@pytest.mark.parametrize(
    ("said", "state"),
    [((("n2", "n1", 3),), HOLDS), ((), BROKEN), ((("n2", "n1", 2),), BROKEN), ((("n2", "n3", 3),), BROKEN)],
)
def test_a_read_needs_a_majority_that_has_said_so_in_this_term(said: tuple[Any, ...], state: str) -> None:
    stage = Stage(reads="read_index")
    stage.event("n1", current_term=3)
    stage.asks(1)
    for host, leader, term in said:
        stage.event(host, StillFollows(leader, term, 1))
    stage.event("n1", ReadConfirmed("c1", 1, 0, 1))
    assert stage.state("read_is_confirmed") == state


def test_what_was_said_before_the_client_asked_confirms_nothing() -> None:
    stage = Stage(reads="read_index")
    stage.event("n1", current_term=3)
    stage.event("n2", StillFollows("n1", 3, 1))
    stage.asks(1)
    stage.event("n1", ReadConfirmed("c1", 1, 0, 1))
    assert stage.state("read_is_confirmed") == BROKEN


@pytest.mark.parametrize(
    ("until", "leader", "up", "state"),
    [(LOW, "n1", True, HOLDS), (LOW, None, True, HOLDS), (500, "n1", True, BROKEN), (LOW, "n3", True, BROKEN),
     (0, None, False, HOLDS)],
)  # fmt: skip
def test_a_lease_needs_a_majority_that_votes_for_nobody_else(
    until: int, leader: str | None, up: bool, state: str
) -> None:
    stage = Stage(reads="lease")
    stage.cluster.hosts["n2"].up = up
    stage.event("n2", withhold_until=until, leader=leader)
    stage.event("n1", ReadByLease("c1", 1, 0, 5), at=1_000)
    assert stage.state("lease_is_backed") == state


# Two leaders do not last


def test_two_leaders_are_waited_for_to_be_one() -> None:
    stage = Stage(check_quorum=True)
    assert stage.state("one_leader_lasts") == WAITING
    stage.event("n1", Elected(1, 2, 3), role=Role.LEADER)
    assert stage.state("one_leader_lasts") == HOLDS
    stage.event("n2", Elected(2, 2, 3), role=Role.LEADER)
    assert stage.state("one_leader_lasts") == WAITING
    stage.event("n1", SteppedDownUnheard(1, 1, 2, 3), role=Role.FOLLOWER)
    assert stage.state("one_leader_lasts") == HOLDS
    stage.event("n3", Elected(3, 2, 3), role=Role.LEADER)
    stage.event("n2", SteppedDown("leader", 2, 3, "n3"), role=Role.FOLLOWER)
    assert stage.state("one_leader_lasts") == HOLDS


def test_with_check_quorum_two_leaders_never_last_and_without_it_they_may() -> None:
    wanted = frozenset({"one_leader_lasts"})
    broken = dict.fromkeys((True, False), 0)
    for on in broken:
        for seed in range(120):
            params = {"check_quorum": on, "think_time": 0}
            broken[on] += fuzz(RAFT, seed, params=params, wanted=wanted).broken is not None
    assert broken[True] == 0
    assert broken[False] > 0
    assert "one_leader_lasts" in RAFT.disclaimed({})
    assert "one_leader_lasts" not in RAFT.disclaimed({"check_quorum": True})
