"""Membership changes (paper section 6; thesis chapter 4), one test a rule; after etcd's tests of configuration changes."""

from dataclasses import replace
from typing import Any

import pytest

from server.protocols.keyvalue import Operation
from server.protocols.raft.changes import ChangeRequest, Members
from server.protocols.raft.checkquorum import QUORUM_CHECK
from server.protocols.raft.indications import (
    CaughtUp,
    ChangeRefusedFixed,
    ChangeRefusedNobodyLeft,
    ChangeRefusedNoOwnEntry,
    ChangeRefusedPending,
    ChangeRefusedTooMany,
    ChangeRefusedUnknown,
    ConfigurationFellBack,
    MajorityHeard,
    NewcomersAwaited,
    RemovedLeaderStepsDown,
    SteppedDownUnheard,
    TimeoutNowAtNoVoter,
    TransferRefusedNoVoter,
    TransferTargetGone,
)
from server.protocols.raft.membership import Standing
from server.protocols.raft.operations import TransferLeadership
from server.protocols.raft.reads import LeaderCheckReply
from server.protocols.raft.transfer import TimeoutNow
from tests.conformance.adapter import (
    CLIENT,
    ELECTION,
    AppendEntries,
    ClientReply,
    ClientRequest,
    Network,
    RequestVote,
    RequestVoteReply,
    Role,
    accept,
    append,
    entries,
    forget,
    make,
    reply,
    request,
    sent,
    told,
)
from tests.conformance.passing import LOW

SINGLE: dict[str, Any] = {"membership": "single", "catch_up": False}
JOINT: dict[str, Any] = {"membership": "joint", "catch_up": False}


def ask(node: Any, name: str, who: str, serial: int = 90) -> None:
    """A client asks a node for other members."""
    op = ChangeRequest(name, members=who) if name == "change_members" else ChangeRequest(name, server=who)
    node.step(ClientRequest(serial, op), CLIENT)


def change(network: Network, i: int, name: str, who: str) -> Any:
    """The same in a network, to quiet, with a round of heartbeats; the answer."""
    network.serial += 1
    ask(network[i], name, who, network.serial)
    network.settle()
    network.beat(i)
    return network.answers[-1] if network.answers else None


def leader_of(n: int, **given: Any) -> Any:
    """n1 as the leader of term 1 of n nodes, its no-op acknowledged by all."""
    node = make("n1", n, **given)
    node.fire(ELECTION)
    for peer in node.followers:
        node.step(RequestVoteReply(1, True), peer)
    for peer in node.followers:
        if peer in node.match_index:
            accept(node, peer)
    forget(node)
    assert node.role is Role.LEADER
    return node


def test_a_configuration_is_in_force_from_the_moment_it_is_in_the_log() -> None:
    """Section 6: a server uses the latest configuration in its log, committed or not."""
    node = leader_of(4, initial_members=3, **SINGLE)
    ask(node, "add_server", "n4")
    assert node.commit_index == 1
    assert (node.described(), node.members, node.quorum) == ("{1 2 3 4}", 4, 3)
    assert "n4" in node.next_index
    accept(node, "n2")
    assert node.commit_index == 1
    accept(node, "n3")
    assert node.commit_index == 2


def test_a_follower_goes_by_it_too_and_falls_back_when_it_is_removed() -> None:
    node = make("n3", 4, term=1, initial_members=3, **SINGLE)
    other = leader_of(4, initial_members=3, **SINGLE)
    ask(other, "remove_server", "n2")
    reply(node, append(1, 0, 0, other.log[:]), "n1")
    assert (node.described(), node.members) == ("{1 3}", 2)
    reply(node, append(2, 1, 1, entries(2, start=2)), "n2")
    assert node.described() == "{1 2 3}"
    assert told(node, ConfigurationFellBack)


def test_one_change_at_a_time() -> None:
    """StepIgnoreConfig: a second change while one is not committed does not begin. In etcd it becomes an empty entry."""
    node = leader_of(5, initial_members=3, **SINGLE)
    ask(node, "add_server", "n4", 90)
    ask(node, "add_server", "n5", 91)
    assert told(node, ChangeRefusedPending)
    assert node.described() == "{1 2 3 4}"
    for peer in ("n2", "n3"):
        accept(node, peer)
    ask(node, "add_server", "n5", 91)
    assert node.described() == "{1 2 3 4 5}"


def test_no_change_before_an_entry_of_its_own_term_is_committed() -> None:
    """The bug of 2015."""
    node = make("n1", 4, initial_members=3, **SINGLE)
    node.fire(ELECTION)
    node.step(RequestVoteReply(1, True), "n2")
    ask(node, "add_server", "n4")
    assert told(node, ChangeRefusedNoOwnEntry)
    assert node.described() == "{1 2 3}"
    accept(node, "n2")
    ask(node, "add_server", "n4")
    assert node.described() == "{1 2 3 4}"


def test_removing_a_node_commits_what_waited_for_it() -> None:
    """CommitAfterRemoveNode: of two nodes one is removed, and what waited for it is committed by the other alone."""
    node = leader_of(2, **SINGLE)
    request(node, "v", 90)
    assert node.commit_index == 1
    ask(node, "remove_server", "n2", 91)
    assert node.commit_index == 3
    assert node.data == {"x": "v"}


def test_the_last_voter_can_not_be_removed() -> None:
    node = leader_of(1, **SINGLE)
    ask(node, "remove_server", "n1")
    assert told(node, ChangeRefusedNobodyLeft)
    assert node.described() == "{1}"


@pytest.mark.parametrize(
    ("given", "name", "who", "why"),
    [
        ({}, "add_server", "n3", ChangeRefusedFixed),
        (SINGLE, "add_server", "n9", ChangeRefusedUnknown),
        (SINGLE, "change_members", "n1", ChangeRefusedTooMany),
    ],
)
def test_a_change_that_can_not_be_is_refused_with_the_reason(given: Any, name: str, who: str, why: type) -> None:
    node = leader_of(3, **given)
    ask(node, name, who)
    assert told(node, why)
    assert sent(node, ClientReply) == [(CLIENT, ClientReply(90, True, False, "n1"))]
    assert node.log.length == 1


def test_a_removed_leader_steps_down_after_the_commit_and_not_before() -> None:
    """Thesis 4.2.2: it leads a cluster of which it is no member, and does not count itself."""
    node = leader_of(3, **SINGLE)
    ask(node, "remove_server", "n1")
    assert (node.role, node.standing) == (Role.LEADER, Standing.LEAVING)
    accept(node, "n2")
    assert node.role is Role.LEADER
    assert node.commit_index == 1
    accept(node, "n3")
    assert (node.role, node.standing, node.commit_index) == (Role.FOLLOWER, Standing.OUTSIDE, 2)
    assert told(node, RemovedLeaderStepsDown)


def test_who_stands_outside_or_learns_does_not_campaign_but_votes_when_asked() -> None:
    """campaign_learner_must_vote: it may be a voter by a configuration that it does not have yet."""
    node = make("n4", 4, initial_members=3, **SINGLE)
    assert node.standing is Standing.OUTSIDE
    assert ELECTION not in [name for name, low, _ in node.timings if low >= 0]
    answer = reply(node, RequestVote(1, 0, 0), "n1")
    assert answer.vote_granted


def test_votes_and_copies_of_those_who_do_not_vote_count_nowhere() -> None:
    node = make("n1", 5, initial_members=3, **SINGLE)
    node.fire(ELECTION)
    assert {dst for dst, _ in sent(node, RequestVote)} == {"n2", "n3"}
    node.step(RequestVoteReply(1, True), "n4")
    node.step(RequestVoteReply(1, True), "n5")
    assert node.role is Role.CANDIDATE
    node.step(RequestVoteReply(1, True), "n2")
    assert node.role is Role.LEADER


def test_a_learner_stores_entries_and_holds_up_no_commit() -> None:
    network = Network(4, initial_members=3, **SINGLE)
    network.campaign(1)
    assert change(network, 1, "add_learner", "n4").result is True
    assert network[4].standing is Standing.LEARNER
    network.isolate(4)
    network.isolate(3)
    network.propose(1, "a")
    assert network[1].commit_index == 3
    network.recover()
    network.beat(1)
    network.beat(1)
    assert network[4].data == {"x": "a"}


def test_a_new_server_votes_only_when_it_has_caught_up() -> None:
    """Thesis 4.2.1."""
    network = Network(4, initial_members=3, membership="single")
    network.campaign(1)
    network.propose(1, "a")
    network.isolate(4)
    change(network, 1, "add_server", "n4")
    assert network[1].described() == "{1 2 3}[4]"
    network.propose(1, "b")
    assert network[1].described() == "{1 2 3}[4]"
    network.recover()
    for _ in range(3):
        network.beat(1)
    assert {node.described() for node in network.nodes.values()} == {"{1 2 3 4}"}
    assert network.answers[-1].result is True


def test_catching_up_is_told_and_the_client_is_answered_once() -> None:
    node = leader_of(4, initial_members=3, membership="single")
    ask(node, "add_server", "n4")
    accept(node, "n2")
    assert not told(node, CaughtUp)
    ask(node, "add_server", "n4")  # the same question again changes nothing
    assert node.log.length == 2
    accept(node, "n4")
    assert [news.nodes for news in told(node, CaughtUp)] == ["n4"]
    for peer in ("n2", "n3"):
        accept(node, peer)
    assert [m.serial for _, m in sent(node, ClientReply)] == [90]


def test_a_joint_configuration_needs_both_majorities_to_commit() -> None:
    """Section 6: agreement requires separate majorities of the old and of the new configuration."""
    node = leader_of(5, initial_members=3, **JOINT)
    ask(node, "change_members", "n1 n4 n5")
    assert node.described() == "{1 2 3|1 4 5}"
    accept(node, "n2", 2)
    assert node.commit_index == 1
    accept(node, "n4", 2)
    assert node.commit_index == 2
    assert node.described() == "{1 4 5}"  # left by itself as soon as it is committed
    accept(node, "n3", 3)
    assert node.commit_index == 2
    accept(node, "n5", 3)
    assert node.commit_index == 3


def test_a_joint_configuration_needs_both_majorities_to_elect() -> None:
    other = leader_of(5, initial_members=3, **JOINT)
    ask(other, "change_members", "n3 n4 n5")
    node = make("n3", 5, term=1, log=other.log[:], initial_members=3, **JOINT)
    node.fire(ELECTION)
    for voter in ("n4", "n5"):
        node.step(RequestVoteReply(2, True), voter)
    assert node.role is Role.CANDIDATE
    node.step(RequestVoteReply(2, True), "n2")
    assert node.role is Role.LEADER


def test_all_members_can_be_replaced_jointly() -> None:
    network = Network(6, initial_members=3, membership="joint")
    network.campaign(1)
    network.propose(1, "a")
    change(network, 1, "change_members", "n4 n5 n6")
    for _ in range(4):
        network.beat(1)
    assert network[1].role is Role.FOLLOWER
    network.campaign(5)
    assert network.leaders() == ["n5"]
    assert [network[i].data for i in (4, 5, 6)] == [{"x": "a"}] * 3
    network.partition([[1, 2, 3], [4, 5, 6]])
    network.propose(5, "b")
    assert network.answers[-1].done


def test_a_snapshot_carries_the_configuration() -> None:
    """Section 7: the latest configuration as of the last entry that the snapshot stands for."""
    network = Network(4, initial_members=3, snapshot_every=2, **SINGLE)
    network.campaign(1)
    network.isolate(3)
    change(network, 1, "remove_server", "n3")
    change(network, 1, "add_server", "n4")
    for i in range(5):
        network.propose(1, str(i))
    assert network[1].saved.members == network[1].configuration
    assert network[4].described() == "{1 2 4}"
    network.restart(4)
    assert network[4].described() == "{1 2 4}"
    assert not [e for e in network[4].log if isinstance(e.command, Members)]


def test_a_leader_sends_to_members_alone() -> None:
    node = leader_of(5, initial_members=3, **SINGLE)
    node.fire("heartbeat")
    assert {dst for dst, _ in sent(node, AppendEntries)} == {"n2", "n3"}


def test_where_membership_is_fixed_all_nodes_vote() -> None:
    node = make("n1", 5)
    assert (node.configuration, node.members, node.quorum) == (None, 5, 3)


def test_a_node_campaigns_by_the_configuration_in_its_log_committed_or_not() -> None:
    """ConfChangeCheckBeforeCampaign. In etcd a configuration counts when it is applied, so a node with one that is not may
    not campaign. Section 6: it counts when it is in the log. So it campaigns at once, asks its voters and needs them.
    """
    lead = leader_of(5, initial_members=3, **JOINT)
    ask(lead, "change_members", "n1 n4 n5")
    node = make("n2", 5, term=1, log=lead.log[:], initial_members=3, **JOINT)
    assert node.configuration.joint
    assert node.configured_at > node.commit_index
    node.fire(ELECTION)
    assert node.role is Role.CANDIDATE
    assert {dst for dst, _ in sent(node, RequestVote)} == {"n1", "n3", "n4", "n5"}
    node.step(RequestVoteReply(2, True), "n3")
    assert node.role is Role.CANDIDATE, "a majority of the old members alone elects nobody"
    for peer in ("n4", "n5"):
        node.step(RequestVoteReply(2, True), peer)
    assert node.role is Role.LEADER


# Leadership transfer to whom does not vote (thesis section 3.10)


def hand_over(node: Any, target: str) -> list[bool]:
    """A client asks the leader to hand over; what it was answered by then."""
    node.step(ClientRequest(80, TransferLeadership("transfer_leadership", target)), CLIENT)
    return [m.result for dst, m in node.sends if type(m) is ClientReply]


def test_a_leader_hands_over_to_none_that_does_not_vote() -> None:
    node = leader_of(4, initial_members=3, transfer="asked", **SINGLE)
    assert hand_over(node, "n4") == [False]
    assert told(node, TransferRefusedNoVoter)
    assert node.handover is None


def test_a_node_that_does_not_vote_does_not_campaign_when_told_to() -> None:
    """TransferNonMember: TimeoutNow at a node that was removed does nothing."""
    node = make("n4", 4, term=1, initial_members=3, transfer="asked", **SINGLE)
    assert node.standing is Standing.OUTSIDE
    node.step(TimeoutNow(1), "n1")
    assert (node.role, node.current_term) == (Role.FOLLOWER, 1)
    assert told(node, TimeoutNowAtNoVoter)


def test_a_transfer_ends_when_its_target_is_removed() -> None:
    """The change was under way before the transfer was asked for: two halves, and the next one is without the target."""
    node = leader_of(4, initial_members=3, transfer="asked", **JOINT)
    ask(node, "change_members", "n1 n2 n4")
    assert node.configuration.joint
    assert hand_over(node, "n2") == []
    assert node.handover is not None
    node.handover = replace(node.handover, target="n3", told=True)
    for peer in ("n2", "n3", "n4"):
        accept(node, peer)
    assert node.described() == "{1 2 4}"
    assert told(node, TransferTargetGone)
    assert node.handover is None


def test_a_new_member_has_an_election_timeout_before_its_silence_counts() -> None:
    """AddNodeCheckQuorum: a leader does not step down at once since a node that was just added has not answered yet.

    It is waited for, and not counted: what the leader says is whom it has heard.
    """
    node = leader_of(2, initial_members=1, check_quorum=True, **SINGLE)
    node.now += LOW
    ask(node, "add_server", "n2")
    assert node.quorum == 2
    node.now += 1
    node.fire(QUORUM_CHECK)
    assert node.role is Role.LEADER
    assert [(t.heard, t.members, t.nodes) for t in told(node, NewcomersAwaited)] == [(1, 2, "n2")]
    assert not told(node, MajorityHeard)
    node.now += LOW
    node.fire(QUORUM_CHECK)
    assert node.role is Role.FOLLOWER


def test_a_member_added_just_when_the_leader_looks_is_waited_for_once() -> None:
    node = leader_of(2, initial_members=1, check_quorum=True, **SINGLE)
    node.now += LOW
    ask(node, "add_server", "n2")
    node.fire(QUORUM_CHECK)
    assert node.role is Role.LEADER
    node.now += LOW
    node.fire(QUORUM_CHECK)
    assert node.role is Role.FOLLOWER


def test_a_change_of_members_lends_no_time_to_old_members_that_are_silent() -> None:
    """Two of three never answered this leader; that a fourth is added makes none of them a newcomer."""
    node = make("n1", 4, initial_members=3, check_quorum=True, **SINGLE)
    node.fire(ELECTION)
    node.step(RequestVoteReply(1, True), "n2")
    accept(node, "n2")
    node.now += LOW
    ask(node, "add_server", "n4")
    assert node.newcomers == {"n4": node.now}
    node.now += LOW - 1
    node.fire(QUORUM_CHECK)
    assert told(node, SteppedDownUnheard)
    assert node.role is Role.FOLLOWER


def test_a_newcomer_that_has_answered_is_heard_like_any_other() -> None:
    node = leader_of(2, initial_members=1, check_quorum=True, **SINGLE)
    ask(node, "add_server", "n2")
    accept(node, "n2")
    assert (node.newcomers, list(node.heard_from)) == ({}, ["n2"])
    node.now += LOW
    node.fire(QUORUM_CHECK)
    assert told(node, MajorityHeard)


def test_what_a_leader_knew_of_a_removed_member_is_gone_with_it() -> None:
    """Nothing is under way to it, and neither its promise nor its answer counts should it be added again."""
    node = leader_of(3, check_quorum=True, reads="lease", window=4, **SINGLE)
    for peer in ("n2", "n3"):
        node.step(LeaderCheckReply(1, 1, 1, node.now), peer)
    assert set(node.under_way) == set(node.lease_from) == set(node.rounds_answered) == {"n2", "n3"}
    ask(node, "remove_server", "n3")
    for known in (node.under_way, node.heard_from, node.lease_from, node.rounds_answered):
        assert set(known) == {"n2"}
    node.step(LeaderCheckReply(1, 1, 2, node.now), "n3")  # late
    for known in (node.heard_from, node.lease_from, node.rounds_answered):
        assert set(known) == {"n2"}
    accept(node, "n2")
    ask(node, "add_server", "n3", serial=91)
    assert set(node.lease_from) == {"n2"}
    assert node.newcomers == {"n3": node.now}


def test_a_lease_needs_the_promises_of_a_majority_with_the_new_members() -> None:
    """One of one holds the lease by itself; of two, the second has promised nothing yet."""
    node = leader_of(2, initial_members=1, reads="lease", clock_drift=0, **SINGLE)
    assert node.lease_left() == LOW
    ask(node, "add_server", "n2")
    assert node.lease_left() is None
    node.step(LeaderCheckReply(1, 1, 1, node.now), "n2")
    assert node.lease_left() == LOW


def test_a_read_that_waits_is_answered_when_those_left_are_enough() -> None:
    """The one whose answer it waited for is removed: nobody else is there to be asked."""
    node = leader_of(2, reads="read_index", **SINGLE)
    node.step(ClientRequest(70, Operation("get", "x")), CLIENT)
    assert node.pending_reads
    forget(node)
    ask(node, "remove_server", "n2")
    assert not node.pending_reads
    assert [m.serial for m in reply_to_client(node)] == [70, 90]


def reply_to_client(node: Any) -> list[ClientReply]:
    return [m for dst, m in node.sends if dst == CLIENT and type(m) is ClientReply]
