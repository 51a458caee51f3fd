"""Raft's rules that take several nodes or many inputs to be seen, one test each, with the section of the paper.

Like `test_paper_elections.py` and `test_paper_replication.py` after the tests of etcd's library, in words (`paper-tests.md`
of the oracles).
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocols.raft import indications as tell
from server.protocols.raft.replication import ENTRIES_MAX
from tests.conformance.adapter import (
    ELECTION,
    HEARTBEAT,
    AppendEntries,
    AppendEntriesReply,
    Network,
    Raft,
    RequestVote,
    RequestVoteReply,
    Role,
    append,
    candidate,
    entries,
    forget,
    leader,
    make,
    request,
    sent,
    settings,
    terms,
    told,
)

F, C, L = Role.FOLLOWER, Role.CANDIDATE, Role.LEADER
PEERS = ("n2", "n3")

some_term = st.integers(0, 4)
some_index = st.integers(0, 3)
some_entries = st.lists(st.integers(1, 4), max_size=3).map(sorted).map(lambda found: entries(*found))
messages = st.one_of(
    st.builds(RequestVote, some_term, some_index, some_term),
    st.builds(RequestVoteReply, some_term, st.booleans()),
    st.builds(append, some_term, st.just(0), st.just(0), some_entries, some_index),
    st.builds(AppendEntriesReply, some_term, st.booleans(), some_index, some_index, some_index),
)
inputs = st.lists(st.one_of(st.tuples(messages, st.sampled_from(PEERS)), st.just(ELECTION)), max_size=12)


# Roles (figure 4)


@given(st.sampled_from([make, candidate, leader]), inputs)
def test_roles_change_only_as_figure_4_draws_them(start: Any, given_to_it: list[Any]) -> None:
    """Figure 4: a follower becomes no leader without being a candidate, and a leader no candidate of the same term."""
    node: Raft = start()
    for each in given_to_it:
        role, term, led = node.role, node.current_term, list(terms(node))
        if each == ELECTION:
            if role is not L:  # a leader has no such timer
                node.fire(ELECTION)
        elif not (role is L and isinstance(each[0], AppendEntries) and each[0].term == term):  # two leaders of a term
            node.step(*each)
        assert (role, node.role) not in {(F, L), (L, C)}
        if (role, node.role) == (C, L):
            assert node.current_term == term
        if (role, node.role) == (L, F):
            assert node.current_term > term
        if role is node.role is L:
            assert terms(node)[: len(led)] == led, "a leader only appends"


@given(inputs)
def test_terms_and_commit_indexes_never_go_back_and_a_vote_is_not_changed(given_to_it: list[Any]) -> None:
    """Figure 2: "increases monotonically" is written of currentTerm, commitIndex and lastApplied alike."""
    node = make()
    for each in given_to_it:
        before = (node.current_term, node.commit_index, node.last_applied)
        vote, term = node.voted_for, node.current_term
        node.fire(ELECTION) if each == ELECTION and node.role is not L else None
        if each != ELECTION and node.role is not L:
            committed = list(node.log)[: node.commit_index]
            if isinstance(each[0], AppendEntries) and overwrites(each[0], committed):
                continue  # no leader of a whole cluster sends what contradicts a commit
            node.step(*each)
        after = (node.current_term, node.commit_index, node.last_applied)
        assert all(now >= then for now, then in zip(after, before, strict=True))
        assert node.last_applied <= node.commit_index <= node.last_log_index
        if node.current_term == term and vote is not None:
            assert node.voted_for == vote


def overwrites(message: AppendEntries, committed: list[Any]) -> bool:
    """Whether entries from the first on contradict what is committed."""
    return any(mine.term != theirs.term for mine, theirs in zip(committed, message.entries, strict=False))


@pytest.mark.parametrize("role", [L, C])
def test_who_leads_or_runs_has_voted_for_itself_and_keeps_to_it(role: Role) -> None:
    """Section 5.2: "it votes for itself", so no rival gets its vote in this term."""
    node = (leader if role is L else candidate)(term=1)
    assert (node.role, node.voted_for) == (role, node.id)
    node.step(RequestVote(node.current_term, 9, 9), "n2")
    assert (node.role, node.voted_for) == (role, node.id)
    assert told(node, tell.VoteRefusedAlreadyVoted)


# Several nodes


def test_a_follower_that_was_too_slow_deposes_a_leader_by_its_term_alone() -> None:
    """Section 5.1: a newer term makes any leader a follower, also of one who can't win; what PreVote is for."""
    network = Network(3)
    network.campaign(1)
    network.beat(1)
    network.isolate(3)
    network.propose(1, "data")
    network.beat(1)
    network.campaign(3)
    assert (network[3].role, network[3].current_term) == (C, 2)
    assert network.leaders() == ["n1"]
    network.recover()
    network.beat(1)  # the leader hears of term 2 in the answer to its heartbeat
    assert network.leaders() == []
    assert [network[i].current_term for i in (1, 3)] == [2, 2]
    network.campaign(3)
    assert network.leaders() == [], "its log lacks what is committed"
    network.campaign(2)
    network.beat(2)
    assert network.leaders() == ["n2"]
    assert all(terms(node) == terms(network[2]) for node in network.nodes.values())


def test_with_appends_held_up_a_new_leader_commits_nothing_until_they_pass() -> None:
    """Section 5.4.2: five nodes, two entries of term 1 that only n1 and n2 have, and n2 leads term 2 unheard."""
    network = Network(5)
    network.campaign(1)
    network.beat(1)
    for i in (3, 4, 5):
        network.cut(1, i)
    network.propose(1)
    network.propose(1)
    assert network[1].commit_index == 1
    network.recover()
    network.ignored.add(AppendEntries)
    network.campaign(2)
    assert (network[2].role, network[2].current_term, network[2].commit_index) == (L, 2, 1)
    network.recover()
    network.beat(2)
    network.propose(2)
    assert network[2].commit_index == 5
    network.beat(2)
    assert [node.commit_index for node in network.nodes.values()] == [5] * 5


def test_a_leader_that_comes_back_follows_and_its_unconfirmed_entry_goes() -> None:
    """Section 5.3: "conflicting entries in follower logs will be overwritten with entries from the leader's log"."""
    network = Network(5)
    network.campaign(1)
    network.beat(1)
    network.partition([[1, 2], [3, 4, 5]])
    network.propose(1, "lost")
    network.campaign(3)
    network.propose(3, "kept")
    network.beat(3)
    assert (network[1].commit_index, network[3].commit_index) == (1, 3)
    network.recover()
    network.beat(1)
    network.beat(3)
    assert network.leaders() == ["n3"]
    assert [[e.command and e.command.value for e in node.log] for node in network.nodes.values()] == [
        [None, None, "kept"]
    ] * 5
    network.beat(3)
    assert [node.data for node in network.nodes.values()] == [{"x": "kept"}] * 5


# Restarts (figure 2)


@pytest.mark.parametrize("make_it", [make, candidate, leader])
def test_a_restart_keeps_term_vote_and_log_and_nothing_else(make_it: Any) -> None:
    """Figure 2: the persistent state, "updated on stable storage before responding to RPCs"."""
    node = make_it(term=2, vote="n1", log=entries(1, 2), commit=1)
    kept = (node.current_term, node.voted_for, tuple(node.log))
    node.crash(disk_kept=True)
    node.start()
    assert (node.current_term, node.voted_for, tuple(node.log)) == kept
    assert (node.role, node.leader, node.votes, node.match_index) == (F, None, (), {})
    assert (node.commit_index, node.last_applied, node.data, node.sessions) == (0, 0, {}, {})
    assert any(timing[0] == ELECTION for timing in node.timings)


def test_an_entry_that_is_acknowledged_survives_the_crash_of_a_minority_at_any_time() -> None:
    """Section 5.4.3: committed is durable. Every node restarts once, the leader too, and the write is still there."""
    network = Network(3)
    network.campaign(1)
    network.propose(1, "data")
    network.beat(1)
    for i in (1, 2, 3):
        network.restart(i)
        network.campaign(i % 3 + 1)
        network.beat(i % 3 + 1)
    assert [node.data for node in network.nodes.values()] == [{"x": "data"}] * 3


def test_a_node_that_lost_its_disk_would_vote_twice_in_a_term() -> None:
    """Section 5: stable storage is what the safety argument stands on, so such a node is a new member and not the old one."""
    node = make(term=1, vote="n2", log=entries(1))
    node.crash(disk_kept=False)
    node.start()
    assert (node.current_term, node.voted_for, list(node.log)) == (0, None, [])
    node.step(RequestVote(1, 0, 0), "n3")
    assert (node.current_term, node.voted_for) == (1, "n3")


# Messages that come late, twice or in another order


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4))
def test_appends_in_any_order_and_any_number_end_in_the_leaders_log(order: list[int], again: list[int]) -> None:
    """Section 5.5: RPCs are idempotent; "the leader retries"; and entries that came first stay, behind an older message."""
    node = leader(given=settings(no_op=False))
    for i in range(5):
        request(node, f"v{i}", i + 1)
    whole = tuple(node.log)
    sends = [append(1, i, 1 if i else 0, whole[i : i + 1], min(i, 5)) for i in range(6)]
    follower = make("n2", term=1)
    for i in [*order, *again]:
        follower.step(sends[i], "n1")
        assert tuple(follower.log) == whole[: follower.last_log_index], "never anything else than the leader's"
    for i in range(6):
        follower.step(sends[i], "n1")
    assert tuple(follower.log) == whole
    assert follower.commit_index == 5


# Flow


def test_a_follower_far_behind_is_sent_bounded_portions_each_after_the_answer_to_the_last() -> None:
    """Section 5.3: the leader "retries"; how many entries one message carries is bounded, so no message grows with the log."""
    node = leader(given=settings(no_op=False))
    for i in range(3 * ENTRIES_MAX):
        request(node, f"v{i}", i + 1)
    node.next_index = dict.fromkeys(node.peers, 1)
    forget(node)
    node.fire(HEARTBEAT)
    carried = 0
    while found := [m for dst, m in sent(node, AppendEntries) if dst == "n2"]:
        (message,) = found
        assert message.prev_log_index == carried
        assert 0 < len(message.entries) <= ENTRIES_MAX
        carried += len(message.entries)
        node.step(AppendEntriesReply(1, True, message.prev_log_index, carried, carried), "n2")
    assert carried == node.last_log_index == 3 * ENTRIES_MAX
    assert node.match_index == {"n2": carried, "n3": 0}


def test_a_silent_follower_holds_up_nobody_else() -> None:
    """Section 5.3: "a minority of slow servers need not impact overall system performance"."""
    network = Network(5)
    for i in (4, 5):
        network.isolate(i)
    network.campaign(1)
    for i in range(10):
        network.propose(1, f"v{i}")
        assert network[1].commit_index == i + 2
    network.recover()
    network.beat(1)
    network.beat(1)
    assert [node.commit_index for node in network.nodes.values()] == [11] * 5
