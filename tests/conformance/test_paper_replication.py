"""Raft's rules about replication and commitment, one test each, with the section of the paper where the rule stands.

See `test_paper_elections.py` for where the tables come from.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.protocols.keyvalue import Operation
from server.protocols.raft import indications as tell
from server.protocols.session import ClientRequest
from tests.conformance.adapter import (
    CLIENT,
    ELECTION,
    HEARTBEAT,
    AppendEntries,
    AppendEntriesReply,
    ClientReply,
    Network,
    Raft,
    RequestVoteReply,
    Role,
    accept,
    append,
    entries,
    forget,
    leader,
    leader_with_no_op,
    make,
    reply,
    request,
    sent,
    terms,
    told,
)


def values(node: Raft) -> list[Any]:
    """What the commands of a log write; None for a no-op."""
    return [entry.command and entry.command.value for entry in node.log]


def applied(node: Raft) -> list[tuple[int, int]]:
    """Index and term of what the node has applied since it was last told to forget."""
    return [(told_.index, told_.entry.term) for told_ in told(node, tell.Applied)]


# Log replication (section 5.3)


def test_a_request_is_appended_and_sent_to_all_and_not_yet_committed() -> None:
    """Section 5.3: "The leader appends the command to its log as a new entry, then issues AppendEntries RPCs"."""
    node = leader_with_no_op()
    request(node, "data", 1)
    assert (node.last_log_index, node.commit_index) == (2, 1)
    (entry,) = node.log[1:]
    assert (entry.term, entry.command and entry.command.value) == (1, "data")
    expected = AppendEntries(1, 1, 1, (entry,), 1)
    assert sent(node) == [("n2", expected), ("n3", expected)]
    assert node.fields["log"].durable


def test_an_entry_that_all_have_is_committed_applied_and_told() -> None:
    """Section 5.3: "the leader applies the entry to its state machine and returns the result"."""
    node = leader_with_no_op()
    request(node, "data", 1)
    forget(node)
    accept(node, "n2")
    accept(node, "n3")
    assert (node.commit_index, node.last_applied, node.data) == (2, 2, {"x": "data"})
    assert applied(node) == [(2, 1)]
    assert sent(node, ClientReply) == [(CLIENT, ClientReply(1, True, True, "n1"))]
    node.fire(HEARTBEAT)
    assert [(dst, m.leader_commit) for dst, m in sent(node, AppendEntries)] == [("n2", 2), ("n3", 2)]


@pytest.mark.parametrize(
    ("n", "accepting", "committed"),
    [
        (1, "", True), (3, "", False), (3, "2", True), (3, "23", True), (5, "", False), (5, "2", False), (5, "23", True),
        (5, "234", True), (5, "2345", True),
    ],
)  # fmt: skip
def test_an_entry_is_committed_once_a_majority_of_all_has_it(n: int, accepting: str, committed: bool) -> None:
    """Section 5.3."""
    node = leader_with_no_op(n=n)
    request(node, "data", 1)
    for i in accepting:
        accept(node, f"n{i}")
    assert (node.commit_index == node.last_log_index) is committed


def test_an_acceptance_that_the_network_doubles_counts_once() -> None:
    """Section 5.3: a majority of servers, not of messages."""
    node = leader_with_no_op(n=5)
    request(node, "data", 1)
    for _ in range(4):
        accept(node, "n2")
    assert node.commit_index == 1
    accept(node, "n3")
    assert node.commit_index == 2


@pytest.mark.parametrize("old", [(), (2,), (1, 2), (1,)])
def test_committing_an_entry_commits_all_before_it(old: tuple[int, ...]) -> None:
    """Section 5.3: that commits "all preceding entries in the leader's log", those of earlier leaders among them."""
    node = leader(term=2, log=entries(*old))
    request(node, "data", 100)
    forget(node)
    accept(node, "n2")
    accept(node, "n3")
    assert applied(node) == [(i, t) for i, t in enumerate((*old, 3, 3), 1)]
    assert node.commit_index == len(old) + 2


@pytest.mark.parametrize(("count", "commit"), [(1, 1), (2, 2), (2, 1)])
def test_a_follower_applies_what_the_leader_has_committed(count: int, commit: int) -> None:
    """Section 5.3: "Once a follower learns that a log entry is committed, it applies the entry ... (in log order)"."""
    node = make(term=1)
    node.step(append(1, new=entries(*[1] * count), commit=commit), "n2")
    assert (node.commit_index, node.last_applied, node.last_log_index) == (commit, commit, count)
    assert applied(node) == [(i, 1) for i in range(1, commit + 1)]


CHECKED: list[tuple[int, int, bool]] = [(0, 0, True), (1, 1, True), (2, 2, True), (2, 1, False), (3, 3, False)]


@pytest.mark.parametrize(("prev", "prev_term", "success"), CHECKED)
def test_a_follower_takes_entries_only_behind_one_that_it_has_too(prev: int, prev_term: int, success: bool) -> None:
    """Section 5.3: "If the follower does not find an entry in its log with the same index and term ... it refuses".

    The hint that goes with a refusal, the end of the follower's log, is ours; the paper allows one.
    """
    node = make(term=2, log=entries(1, 2), commit=1)
    answer = reply(node, append(2, prev, prev_term), "n2")
    assert answer == AppendEntriesReply(2, success, prev, prev if success else 0, 2)
    assert terms(node) == [1, 2]
    assert node.commit_index == 1


APPENDED: list[tuple[int, int, tuple[int, ...], list[int]]] = [
    (2, 2, (3,), [1, 2, 3]),
    (1, 1, (3, 4), [1, 3, 4]),
    (0, 0, (1,), [1, 2]),
    (0, 0, (3,), [3]),
]


@pytest.mark.parametrize(("prev", "prev_term", "new", "expected"), APPENDED)
def test_a_follower_removes_what_conflicts_and_nothing_else(
    prev: int, prev_term: int, new: tuple[int, ...], expected: list[int]
) -> None:
    """Figure 2, AppendEntries, steps 3 and 4: an old message takes away nothing that came since."""
    node = make(term=2, log=entries(1, 2))
    node.step(append(4, prev, prev_term, entries(*new, start=prev + 1)), "n2")
    assert terms(node) == expected
    removed = told(node, tell.EntriesRemoved)
    assert bool(removed) is (expected[:2] != [1, 2])


LEADER_LOG = (1, 1, 1, 4, 4, 5, 5, 6, 6, 6)
FIGURE_7 = {
    "a": (1, 1, 1, 4, 4, 5, 5, 6, 6),
    "b": (1, 1, 1, 4),
    "c": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6),
    "d": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7),
    "e": (1, 1, 1, 4, 4, 4, 4),
    "f": (1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
}


@pytest.mark.parametrize("case", FIGURE_7)
def test_a_leader_brings_every_follower_of_figure_7_to_its_own_log(case: str) -> None:
    """Section 5.3 and figure 7: "the leader handles inconsistencies by forcing the followers' logs to duplicate its own"."""
    network = Network(3)
    network.isolate(3)
    lead, follower = network[1], network[2]
    lead.current_term = 8
    lead.log = make(log=entries(*LEADER_LOG)).log
    lead.learn_commit(len(LEADER_LOG), "n1")
    follower.current_term = 7
    follower.log = make(log=entries(*FIGURE_7[case])).log
    lead.fire(ELECTION)
    lead.step(RequestVoteReply(9, True), "n3")  # the third node is silent, but its vote arrives
    network.serial = 1_000
    network.propose(1, "new")
    network.beat(1)
    assert lead.role is Role.LEADER
    assert terms(lead) == [*LEADER_LOG, 9, 9]
    assert list(follower.log) == list(lead.log)
    assert follower.commit_index == lead.commit_index == len(LEADER_LOG) + 2


def refusals(leads: tuple[int, ...], follows: tuple[int, ...]) -> int:
    """How often a follower refuses before the logs agree, both ours; the leader's last entry is of its own term."""
    lead = leader(term=leads[-1], log=entries(*leads))
    term = lead.current_term
    follower = make("n2", term=term, log=entries(*follows))
    lead.fire("heartbeat")
    for refused in range(len(leads) + 2):
        (message,) = [m for dst, m in sent(lead, AppendEntries) if dst == "n2"]
        answer = reply(follower, message, "n1")
        lead.step(answer, "n2")
        if answer.success:
            assert list(follower.log) == list(lead.log)
            return refused
    raise AssertionError("the logs never agree")


def refusals_by_term(leads: tuple[int, ...], follows: tuple[int, ...]) -> int:
    """The same by etcd's hint: the follower names the last entry that is no newer than what it was asked for, the leader
    goes back to its own last one that is no newer than that.
    """
    log = (*leads, leads[-1] + 1)  # the no-op
    asked, count = len(leads), 0
    while asked > len(follows) or (asked and follows[asked - 1] != log[asked - 1]):
        hint = last_up_to(follows, min(asked, len(follows)), log[asked - 1])
        asked = last_up_to(log, hint, follows[hint - 1] if hint else 0)
        count += 1
    return count


def last_up_to(log: tuple[int, ...], index: int, term: int) -> int:
    """The last entry up to `index` whose term is no newer; 0 where there is none."""
    while index and log[index - 1] > term:
        index -= 1
    return index


@pytest.mark.parametrize(
    ("leads", "follows", "ours", "by_term"),
    [
        ((1, 2, 2, 4, 4, 4, 4), (1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3), 4, 1),
        ((1, 2, 2, 3, 4, 4, 4, 5), (1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3), 4, 1),
        ((1, 1, 1, 1), (1, 1, 2, 2), 2, 1),
        ((1, 1, 1, 1, 1, 1), (1, 1, 2, 2), 3, 1),
        ((1, 1, 1, 1), (1, 1, 2, 2, 4, 4), 2, 1),
        ((4, 4, 4, 4, 4), (1, 1, 1), 4, 1),
        ((1, 1, 1, 4, 4), (1, 1, 1), 1, 1),
        ((1, 1, 1, 4, 4), (), 1, 1),
        (LEADER_LOG, FIGURE_7["e"], 3, 1),
        (LEADER_LOG, FIGURE_7["f"], 7, 1),
    ],
)
def test_going_back_takes_one_refusal_an_entry_that_differs_where_a_hint_by_terms_takes_one_a_term(
    leads: tuple[int, ...], follows: tuple[int, ...], ours: int, by_term: int
) -> None:
    """FastLogRejection. Section 5.3 has a leader go back entry by entry, and allows a hint. Ours is the end of a log that is
    shorter; what etcd adds, skipping whole terms, saves these refusals and nothing else.
    """
    assert refusals_by_term(leads, follows) == by_term
    assert refusals(leads, follows) == ours
    assert ours <= min(len(leads), len(follows)) + 1, "never more than the entries that both may have, and one"


def test_a_leader_looks_for_the_place_where_the_logs_part_step_by_step_at_the_most() -> None:
    """Section 5.3: "the leader decrements nextIndex and retries the AppendEntries RPC"."""
    node = leader(term=4, log=entries(1, 1, 1, 4, 4), no_op=False)
    answer = AppendEntriesReply(5, False, 5, 0, 3)
    node.step(answer, "n2")
    assert node.next_index == {"n2": 4, "n3": 6}, "not behind the end of the follower's log"
    assert [(dst, m.prev_log_index) for dst, m in sent(node, AppendEntries)] == [("n2", 3)]
    node.step(AppendEntriesReply(5, False, 3, 0, 3), "n2")
    assert node.next_index["n2"] == 3


def test_a_refusal_that_comes_late_or_twice_does_not_lower_next_index_again() -> None:
    """Section 5.3; etcd's LogReplicationWithReorderedMessage: a leader never goes back behind a known match."""
    node = leader(term=4, log=entries(1, 1, 1, 4, 4), no_op=False)
    late = AppendEntriesReply(5, False, 5, 0, 3)
    node.step(late, "n2")
    forget(node)
    node.step(late, "n2")
    assert node.next_index["n2"] == 4
    assert sent(node) == []
    accept(node, "n2", 4)
    accept(node, "n2", 5)
    node.step(AppendEntriesReply(5, False, 3, 0, 2), "n2")
    node.step(AppendEntriesReply(5, False, 5, 0, 2), "n2")
    assert (node.match_index["n2"], node.next_index["n2"]) == (5, 6)
    accept(node, "n2", 3)
    assert (node.match_index["n2"], node.next_index["n2"]) == (5, 6), "matchIndex increases monotonically (figure 2)"


HANDLED: list[tuple[int, int, int, tuple[int, ...], int, int, bool]] = [
    # prev, its term, leaderCommit, new entries -> last index, commit, refused
    (2, 3, 3, (), 2, 0, True),
    (3, 3, 3, (), 2, 0, True),
    (1, 1, 1, (), 2, 1, False),
    (0, 0, 1, (2,), 1, 1, False),
    (2, 2, 3, (2, 2), 4, 3, False),
    (2, 2, 4, (2,), 3, 3, False),
    (1, 1, 4, (2,), 2, 2, False),
    (1, 1, 3, (), 2, 1, False),
    (1, 1, 3, (2,), 2, 2, False),
    (2, 2, 3, (), 2, 2, False),
    (2, 2, 4, (), 2, 2, False),
]


@pytest.mark.parametrize(("prev", "prev_term", "leader_commit", "new", "last", "commit", "refused"), HANDLED)
def test_a_follower_commits_no_further_than_the_last_entry_known_to_match(
    prev: int, prev_term: int, leader_commit: int, new: tuple[int, ...], last: int, commit: int, refused: bool
) -> None:
    """Figure 2, AppendEntries, step 5: min(leaderCommit, index of last new entry)."""
    node = make(term=2, log=entries(1, 2))
    message = append(2, prev, prev_term, entries(*new, start=prev + 1), leader_commit)
    answer = reply(node, message, "n2")
    assert answer.success is not refused
    assert (node.last_log_index, node.commit_index) == (last, commit)


@pytest.mark.parametrize(("leader_commit", "commit"), [(3, 3), (1, 2)])
def test_a_heartbeat_raises_the_commit_index_and_never_lowers_it(leader_commit: int, commit: int) -> None:
    """Figure 2: commitIndex "increases monotonically"."""
    node = make(term=2, log=entries(1, 2, 2), commit=2)
    node.step(append(2, 3, 2, commit=leader_commit), "n2")
    assert node.commit_index == commit
    assert node.last_log_index == 3


def test_an_old_heartbeat_that_matches_less_does_not_commit_what_it_does_not_vouch_for() -> None:
    """Figure 2, step 5: an entry behind the last that the message vouches for may be another leader's."""
    node = make(term=2, log=entries(1, 1, 1))
    node.step(append(2, 1, 1, commit=3), "n2")
    assert node.commit_index == 1


def test_a_leader_never_removes_or_overwrites_its_own_entries() -> None:
    """Section 5.3, Leader Append-Only: through elections, requests and refusals its log only grows."""
    node = make(term=1, log=entries(1, 1))
    node.fire(ELECTION)
    node.step(RequestVoteReply(2, True), "n2")
    before = list(node.log)
    for serial in range(10, 15):
        request(node, "v", serial)
        node.step(AppendEntriesReply(2, False, node.next_index["n2"] - 1, 0, 0), "n2")
        accept(node, "n3", serial - 8)
        assert list(node.log)[: len(before)] == before
        before = list(node.log)


# Commitment (section 5.4.2)


@pytest.mark.parametrize(("match", "commit"), [(1, 0), (2, 0), (3, 3)])
def test_a_leader_commits_only_entries_of_its_own_term_by_counting(match: int, commit: int) -> None:
    """Section 5.4.2 and figure 8."""
    node = leader(n=2, term=2, log=entries(1, 2))
    request(node, "data", 100)
    accept(node, "n2", match)
    assert (node.current_term, node.commit_index) == (3, commit)
    assert bool(told(node, tell.NotCommittedOldTerm)) is (commit == 0)


COMMITS: list[tuple[list[int], list[int], int, int]] = [
    ([1], [1], 1, 1), ([1], [1], 2, 0), ([2], [1, 2], 2, 2), ([1], [2], 2, 1),
    ([2, 1, 1], [1, 2], 1, 1), ([2, 1, 1], [1, 1], 2, 0), ([2, 1, 2], [1, 2], 2, 2), ([2, 1, 2], [1, 1], 2, 0),
    ([2, 1, 1, 1], [1, 2], 1, 1), ([2, 1, 1, 1], [1, 1], 2, 0), ([2, 1, 1, 2], [1, 2], 1, 1),
    ([2, 1, 1, 2], [1, 1], 2, 0), ([2, 1, 2, 2], [1, 2], 2, 2), ([2, 1, 2, 2], [1, 1], 2, 0),
]  # fmt: skip


@pytest.mark.parametrize(("matches", "log", "term", "commit"), COMMITS)
def test_the_commit_index_is_what_a_majority_has_if_that_is_of_the_current_term(
    matches: list[int], log: list[int], term: int, commit: int
) -> None:
    """Figure 2, leaders, last rule, as a function of matchIndex, the log and the current term."""
    n = len(matches)
    node = make(n=n, term=term, log=entries(*log[: matches[0]]))
    node.role = Role.LEADER
    node.match_index = dict(zip(node.peers, matches[1:], strict=True))
    node.next_index = {peer: match + 1 for peer, match in node.match_index.items()}
    node.advance_commit_index()
    assert node.commit_index == commit


def test_nothing_of_an_older_term_is_committed_before_something_of_the_new_one_is() -> None:
    """Section 5.4.2: five nodes, two entries of n1 that only n2 has too."""
    network = Network(5, no_op=False)
    network.campaign(1)
    network.propose(1)
    network.beat(1)
    for i in (3, 4, 5):
        network.cut(1, i)
    network.propose(1)
    network.propose(1)
    assert network[1].commit_index == 1
    network.recover()
    network.cut(1, 2)  # n1 must not repair n2's view, nor hear of n2 before it wins
    network.campaign(2)
    network.beat(2)
    assert network[2].role is Role.LEADER
    assert network[2].commit_index == 1, "all have the entries of term 1, and they are not committed by counting"
    assert [terms(network[i]) for i in (2, 3, 4, 5)] == [[1, 1, 1]] * 4
    network.propose(2)
    assert network[2].commit_index == 4


def test_the_no_op_of_a_new_leader_commits_what_older_terms_left() -> None:
    """Section 8: "each leader commit[s] a blank no-op entry ... at the start of its term"."""
    network = Network(5)
    network.campaign(1)
    for i in (3, 4, 5):
        network.cut(1, i)
    network.propose(1)
    network.propose(1)
    assert network[1].commit_index == 1
    network.recover()
    network.campaign(2)
    network.beat(2)
    assert [node.commit_index for node in network.nodes.values()] == [4] * 5


def test_a_late_message_of_an_older_term_is_ignored_by_a_leader() -> None:
    """Sections 5.1 and 5.3: n1 leads term 1, n2 term 2, n1 term 3."""
    network = Network(3)
    for i in (1, 2, 1):
        network.campaign(i)
    assert [node.current_term for node in network.nodes.values()] == [3, 3, 3]
    network.inject(1, append(2, 2, 2, entries(2, start=3)), 2)
    assert network[1].role is Role.LEADER
    network.propose(1)
    for node in network.nodes.values():
        assert terms(node) == [1, 2, 3, 3]


@pytest.mark.parametrize(
    ("n", "dead", "committed"), [(3, 0, True), (3, 1, True), (3, 2, False), (4, 2, False), (5, 2, True)]
)
def test_a_proposal_is_committed_exactly_where_a_majority_can_be_reached(n: int, dead: int, committed: bool) -> None:
    """Section 5.3."""
    network = Network(n)
    for i in range(n - dead + 1, n + 1):
        network.isolate(i)
    network.campaign(1)
    network.propose(1, "data")
    network.beat(1)
    done = [node.last_log_index == node.commit_index == 2 for node in network.nodes.values()]
    assert done == [committed and i <= n - dead for i in range(1, n + 1)]
    assert [answer.done for answer in network.answers] == [committed], "without a majority n1 never led, and says so"


def test_the_commit_index_is_not_on_disk() -> None:
    """Figure 2: it is volatile. etcd keeps it; a restarted node here learns it anew from the leader."""
    network = Network(3)
    network.campaign(1)
    network.propose(1, "data")
    network.beat(1)
    assert network[2].commit_index == 2
    network.restart(2)
    assert (network[2].commit_index, network[2].last_applied, network[2].data) == (0, 0, {})
    network.beat(1)
    assert (network[2].commit_index, network[2].last_applied, network[2].data) == (2, 2, {"x": "data"})


# Clients (section 8)


def test_a_follower_sends_a_client_to_its_leader() -> None:
    """Section 8: it "will reject the client's request and supply information about the most recent leader"."""
    network = Network(3)
    network.propose(1, "early")
    network.campaign(1)
    network.propose(2, "data")
    assert [(a.done, a.leader) for a in network.answers] == [(False, None), (False, "n1")]
    assert values(network[1]) == [None]


def test_an_operation_that_a_client_asks_for_again_is_applied_once() -> None:
    """Section 8: "the state machine ... immediately responds without re-executing the request"."""
    node = leader_with_no_op()
    for _ in range(2):  # asked again before it is committed: twice in the log
        request(node, "data", 1)
    accept(node, "n2")
    assert values(node) == [None, "data", "data"]
    assert [(t.index, t.serial) for t in told(node, tell.DuplicateNotApplied)] == [(3, 1)]
    forget(node)
    request(node, "data", 1)  # and again, after it was applied
    assert sent(node) == [(CLIENT, ClientReply(1, True, True, "n1"))]
    assert node.last_log_index == 3


def test_a_request_that_its_client_has_left_behind_gets_no_answer_of_another_one() -> None:
    """Section 8: a serial number tells operations apart, so the answer to one is never that to another."""
    node = leader_with_no_op(n=1)
    node.step(ClientRequest(1, Operation("put", "x", "old")), CLIENT)
    node.step(ClientRequest(2, Operation("get", "x")), CLIENT)
    forget(node)
    node.step(ClientRequest(1, Operation("put", "x", "old")), CLIENT)
    assert sent(node) == []
    node.step(ClientRequest(2, Operation("get", "x")), CLIENT)
    assert sent(node) == [(CLIENT, ClientReply(2, True, "old", node.id))]
