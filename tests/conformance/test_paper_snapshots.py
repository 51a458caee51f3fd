"""Log compaction and InstallSnapshot (section 7), one test a rule; after etcd's tests of snapshots (`raft_snap_test.go`)."""

from typing import Any

from server.protocols.raft.indications import LogCompacted, SnapshotCovered, SnapshotInstalled, SnapshotRepeated
from server.protocols.raft.messages import InstallSnapshot, InstallSnapshotReply, Snapshot
from tests.conformance.adapter import (
    CLIENT,
    AppendEntries,
    AppendEntriesReply,
    Network,
    RequestVote,
    Role,
    accept,
    append,
    entries,
    leader,
    make,
    reply,
    request,
    sent,
    terms,
    told,
)

AT_11 = Snapshot(11, 11, {"x": "11/11"}, {CLIENT: (11, True)})


def compacted(upto: int = 3, more: int = 0, **given: Any) -> Any:
    """A follower of term 2 whose snapshot stands for the first `upto` entries, all of term 1, with `more` behind them."""
    node = make(term=2, log=entries(*[1] * (upto + more)), commit=upto, snapshot_every=upto - 1, **given)
    assert node.log.start == upto
    return node


def test_a_log_is_compacted_once_more_entries_are_applied_than_it_may_have() -> None:
    node = make(term=1, log=entries(1, 1, 1, 1), snapshot_every=2)
    node.learn_commit(2, "n2")
    assert node.log.start == 0
    node.learn_commit(3, "n2")
    (news,) = told(node, LogCompacted)
    assert (news.count, news.index, node.log.start, node.log.length) == (3, 3, 3, 4)
    assert node.saved == Snapshot(3, 1, {"x": "3/1"}, {CLIENT: (3, True)})
    assert (node.last_log_index, node.last_log_term) == (4, 1)


def test_what_is_not_applied_is_never_compacted() -> None:
    node = make(term=1, log=entries(1, 1, 1, 1, 1, 1), commit=2, snapshot_every=1)
    assert (node.log.start, node.log.length) == (2, 6)


def test_a_snapshot_replaces_log_and_state_machine() -> None:
    """Restore: last index, last term, commit index and state are those of the snapshot."""
    node = make(term=11, log=entries(1, 1))
    answer = reply(node, InstallSnapshot(11, AT_11), "n2")
    assert answer == InstallSnapshotReply(11, 11)
    assert (node.last_log_index, node.last_log_term, node.commit_index, node.last_applied) == (11, 11, 11, 11)
    assert (node.data, node.sessions, terms(node), node.log.start) == ({"x": "11/11"}, {CLIENT: (11, True)}, [], 11)
    assert told(node, SnapshotInstalled)


def test_an_older_snapshot_is_ignored() -> None:
    node = compacted(4)
    before = node.snapshot()
    answer = reply(node, InstallSnapshot(2, Snapshot(3, 1, {}, {})), "n2")
    assert answer == InstallSnapshotReply(2, 4)
    assert told(node, SnapshotRepeated)
    assert node.saved.last_index == 4
    assert node.snapshot()[0:3] == before[0:3]


def test_a_follower_that_has_the_last_entry_of_a_snapshot_keeps_what_follows() -> None:
    """Figure 13, step 6; what the snapshot stands for is known to be committed now."""
    node = make(term=2, log=entries(1, 1, 1, 2, 2), commit=1)
    reply(node, InstallSnapshot(2, Snapshot(3, 1, {"x": "3/1"}, {CLIENT: (3, True)})), "n2")
    assert (terms(node), node.log.start, node.commit_index) == ([2, 2], 3, 3)
    assert [news.kept for news in told(node, SnapshotCovered)] == [2]


def test_a_follower_with_another_entry_there_gives_up_its_log() -> None:
    """Figure 13, step 7."""
    node = make(term=3, log=entries(1, 1, 2, 2, 2), commit=1)
    reply(node, InstallSnapshot(3, Snapshot(3, 3, {}, {})), "n2")
    assert (terms(node), node.log.start, node.log.length) == ([], 3, 3)


def test_a_snapshot_of_an_older_term_is_refused_with_the_newer_one() -> None:
    """Figure 13, step 1."""
    node = make(term=12)
    assert reply(node, InstallSnapshot(11, AT_11), "n2") == InstallSnapshotReply(12, 0)
    assert node.log.length == 0


def test_a_snapshot_is_word_from_the_leader_of_its_term() -> None:
    node = make(term=1)
    node.fire("election")
    reply(node, InstallSnapshot(11, AT_11), "n2")
    assert (node.role, node.current_term, node.leader) == (Role.FOLLOWER, 11, "n2")


def test_entries_that_the_snapshot_stands_for_are_passed_over() -> None:
    """A late message from before: what the log has no longer was committed, so it agrees."""
    node = compacted(3, more=1)
    answer = reply(node, append(2, 1, 1, entries(1, 1, 1, start=2)), "n2")
    assert (answer.success, answer.match_index, terms(node), node.log.length) == (True, 4, [1], 4)
    answer = reply(node, append(2, 0, 0, entries(1)), "n2")
    assert (answer.success, answer.match_index, node.log.length) == (True, 3, 4)
    answer = reply(node, append(2, 3, 1, entries(2, start=4)), "n2")
    assert (answer.match_index, terms(node)) == (4, [2])


def test_the_log_check_counts_what_the_snapshot_stands_for() -> None:
    node = compacted(3)
    assert not reply(node, RequestVote(2, 2, 1), "n2").vote_granted
    assert reply(node, RequestVote(2, 3, 1), "n2").vote_granted


def test_a_leader_that_has_no_longer_what_a_follower_lacks_sends_its_snapshot() -> None:
    """ProvideSnap; and no entries until it is acknowledged."""
    node = leader(term=1, log=entries(1, 1, 1), snapshot_every=2)
    accept(node, "n2")
    assert node.log.start == 4
    node.step(AppendEntriesReply(node.current_term, False, 3, 0, 0), "n3")
    ((_, message),) = [(dst, m) for dst, m in sent(node, InstallSnapshot) if dst == "n3"]
    assert message == InstallSnapshot(node.current_term, node.saved)
    request(node, "v", 9)
    assert [type(m) for dst, m in sent(node) if dst == "n3"] == [InstallSnapshot]
    node.step(InstallSnapshotReply(node.current_term, 4), "n3")
    assert [m.prev_log_index for dst, m in sent(node, AppendEntries) if dst == "n3"] == [4]


def test_a_node_that_restarts_begins_where_its_snapshot_ends() -> None:
    node = compacted(3, more=2)
    node.crash(disk_kept=True)
    assert (node.commit_index, node.data) == (0, {})
    node.start()
    assert (node.commit_index, node.last_applied, node.data) == (3, 3, {"x": "3/1"})
    assert (node.log.start, terms(node)) == (3, [1, 1])


def test_a_slow_node_is_restored_from_a_snapshot() -> None:
    """SlowNodeRestore: 101 requests without it, and one more when it is back."""
    network = Network(3, snapshot_every=10)
    network.campaign(1)
    network.isolate(3)
    for i in range(101):
        network.propose(1, str(i))
    network.recover()
    network.beat(1)
    network.propose(1, "last")
    network.beat(1)
    follower = network[3]
    assert follower.log.start > 90
    assert (follower.commit_index, follower.last_log_index) == (103, 103)
    assert follower.data == network[1].data == {"x": "last"}


def test_without_the_tunable_nothing_is_compacted() -> None:
    network = Network(3)
    network.campaign(1)
    for i in range(50):
        network.propose(1, str(i))
    assert all(node.log.start == 0 for node in network.nodes.values())
