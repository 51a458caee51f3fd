"""PreVote and CheckQuorum against Ongaro's dissertation, one test a rule, after the tests of etcd's library (etcd-io/raft)."""

from __future__ import annotations

import pytest

from server.protocols.raft import indications as tell
from server.protocols.raft.checkquorum import QUORUM_CHECK
from server.protocols.raft.prevote import RequestPreVote, RequestPreVoteReply
from tests.conformance.adapter import (
    ELECTION,
    AppendEntriesReply,
    Network,
    Raft,
    RequestVote,
    RequestVoteReply,
    Role,
    accept,
    append,
    entries,
    leader_with_no_op,
    make,
    reply,
    sent,
    settings,
    told,
)  # fmt: skip
from tests.conformance.passing import LOW, elapse, roles, terms_of

# PreVote (section 9.6)


@pytest.mark.parametrize(
    ("n", "dead", "role", "term"),
    [(3, (), "leader", 1), (3, (2,), "leader", 1), (3, (2, 3), "pre-candidate", 0), (4, (2, 3), "pre-candidate", 0),
     (5, (2, 3), "leader", 1)],
)  # fmt: skip
def test_a_failed_pre_election_leaves_the_term_as_it_was(n: int, dead: tuple[int, ...], role: str, term: int) -> None:
    """Section 9.6."""
    network = Network(n, pre_vote=True)
    for i in dead:
        network.isolate(i)
    network.campaign(1)
    assert (network[1].role.value, network[1].current_term) == (role, term)
    assert network[1].voted_for == (None if term == 0 else "n1")


def test_a_pre_candidate_asks_for_the_next_term_and_stays_in_its_own() -> None:
    node = make(term=3, vote="n2", log=entries(1, 3), pre_vote=True)
    node.fire(ELECTION)
    assert sent(node) == [("n2", RequestPreVote(4, 2, 3)), ("n3", RequestPreVote(4, 2, 3))]
    assert (node.role, node.current_term, node.voted_for) == (Role.PRE_CANDIDATE, 3, "n2")


@pytest.mark.parametrize(
    ("last_term", "last_index", "granted"),
    [(0, 0, False), (1, 2, False), (1, 3, False), (2, 1, False), (2, 2, True), (2, 3, True), (3, 1, True)],
)
def test_a_pre_vote_needs_a_log_that_is_not_behind(last_term: int, last_index: int, granted: bool) -> None:
    node = make(term=2, vote="n3", log=entries(2, 2), pre_vote=True)
    assert reply(node, RequestPreVote(3, last_index, last_term), "n2") == RequestPreVoteReply(2, 3, granted)
    assert (node.current_term, node.voted_for) == (2, "n3")


def test_a_pre_vote_binds_nobody() -> None:
    node = make(term=1, pre_vote=True)
    assert reply(node, RequestPreVote(2, 0, 0), "n2").vote_granted
    assert reply(node, RequestPreVote(2, 0, 0), "n3").vote_granted
    assert reply(node, RequestVote(2, 0, 0), "n3").vote_granted


def test_a_pre_vote_for_a_term_that_is_not_new_is_refused_with_the_own_term() -> None:
    node = make(term=4, pre_vote=True)
    assert reply(node, RequestPreVote(4, 9, 9), "n2") == RequestPreVoteReply(4, 4, False)
    asker = make("n2", term=3, pre_vote=True)
    asker.fire(ELECTION)
    asker.step(RequestPreVoteReply(4, 4, False), "n1")
    assert (asker.role, asker.current_term) == (Role.FOLLOWER, 4)


def test_a_pre_candidate_counts_each_answer_once_and_none_to_an_older_question() -> None:
    node = make(n=5, term=3, pre_vote=True)
    node.fire(ELECTION)
    for answer, src in ((RequestPreVoteReply(3, 4, True), "n2"), (RequestPreVoteReply(3, 4, True), "n2"),
                        (RequestPreVoteReply(2, 3, True), "n3"), (RequestPreVoteReply(3, 4, False), "n4")):  # fmt: skip
        node.step(answer, src)
    assert (node.role, node.votes) == (Role.PRE_CANDIDATE, ("n1", "n2"))
    node.step(RequestPreVoteReply(3, 4, True), "n5")
    assert (node.role, node.current_term, node.votes) == (Role.CANDIDATE, 4, ("n1",))


def test_a_node_that_hears_a_leader_gives_no_pre_vote_within_the_shortest_timeout() -> None:
    node = make(term=1, pre_vote=True)
    node.step(append(1), "n2")
    node.now = LOW - 1
    assert not reply(node, RequestPreVote(2, 0, 0), "n3").vote_granted
    node.now = LOW
    assert reply(node, RequestPreVote(2, 0, 0), "n3").vote_granted


def test_a_leader_gives_no_pre_vote() -> None:
    network = Network(3, pre_vote=True)
    network.campaign(1)
    elapse(network, 10 * LOW)
    assert not reply(network[1], RequestPreVote(2, 9, 9), "n3").vote_granted


def test_a_pre_candidate_follows_a_leader_of_its_term() -> None:
    node = make(term=1, pre_vote=True)
    node.fire(ELECTION)
    node.step(append(1), "n2")
    assert (node.role, node.leader) == (Role.FOLLOWER, "n2")
    assert [told.leader for told in told(node, tell.CandidacyGivenUp)] == ["n2"]


def test_of_duelling_pre_candidates_the_one_behind_changes_nothing() -> None:
    """Section 9.6."""
    network = Network(3, pre_vote=True)
    network.cut(1, 3)
    network.campaign(1)
    network.campaign(3)
    assert roles(network) == ["leader", "follower", "follower"], "it learned of term 1 from the refusal"
    network.recover()
    elapse(network)
    network.campaign(3)
    network.beat(1)
    assert roles(network) == ["leader", "follower", "follower"]
    assert terms_of(network) == [1, 1, 1]


def test_after_a_split_vote_the_next_pre_election_elects() -> None:
    """Section 9.6."""
    network = Network(3, pre_vote=True)
    network.campaign(1)
    network.isolate(1)
    elapse(network)
    network.ignored = {RequestVoteReply}
    for i in (2, 3):
        network[i].fire(ELECTION)
    network.settle()
    network.ignored = set()
    assert {network[2].role, network[3].role} <= {Role.CANDIDATE, Role.PRE_CANDIDATE, Role.FOLLOWER}
    assert network.leaders() == ["n1"]
    elapse(network)
    network.campaign(3)
    network.campaign(2)
    assert len(network.leaders()) == 2  # n1 is cut off and does not know
    assert max(terms_of(network)[1:]) > 1


def test_a_node_of_a_smaller_term_completes_an_election() -> None:
    """Section 9.6; NodeWithSmallerTermCanCompleteElection of etcd's tests."""
    network = Network(3, pre_vote=True)
    network.isolate(3)
    network.campaign(1)
    network.restart(1)
    elapse(network)
    network.campaign(2)
    assert terms_of(network) == [2, 2, 0]
    network.recover()
    network.isolate(2)
    network.campaign(3)
    elapse(network)
    network.campaign(1)
    assert "n1" in network.leaders()
    assert terms_of(network)[0] == terms_of(network)[2] == 3


def test_a_slow_follower_deposes_the_leader_without_pre_vote_and_not_with_it() -> None:
    """Section 9.6; DisruptiveFollower of etcd's tests."""
    for pre_vote in (False, True):
        network = Network(3, pre_vote=pre_vote)
        network.campaign(1)
        network.isolate(3)
        network.propose(1)
        network.campaign(3)
        network.campaign(3)
        network.recover()
        network.beat(1)
        assert (network.leaders() == ["n1"]) is pre_vote
        assert terms_of(network)[0] == (1 if pre_vote else 3)


def test_with_both_a_cluster_without_a_leader_elects_one() -> None:
    """Sections 6.2 and 9.6: what the two forbid together ends with an election timeout."""
    network = Network(3, pre_vote=True, check_quorum=True)
    network.campaign(1)
    network.isolate(1)
    network.campaign(2)
    assert network.leaders() == ["n1"]
    assert terms_of(network) == [1, 1, 1]
    elapse(network)
    network.campaign(2)
    assert network.leaders() == ["n1", "n2"]
    for _ in range(2):
        elapse(network)
        network[1].fire(QUORUM_CHECK)
    network.settle()
    assert network.leaders() == ["n2"]


@pytest.mark.parametrize("asks_first", [(1,), (2, 3), (1, 3)])
def test_a_cluster_where_only_some_ask_first_does_not_get_stuck(asks_first: tuple[int, ...]) -> None:
    """Section 9.6: servers are updated one by one, and whoever has the longest log gets elected meanwhile."""
    network = Network(3)
    for i in asks_first:
        network[i].settings = settings(pre_vote=True)
    network.campaign(1)
    network.isolate(3)
    network.propose(1)
    for _ in range(2):
        network.campaign(3)
    network.recover()
    for _ in range(3):
        for i in (3, 2, 1):
            elapse(network, 2 * LOW)
            network.campaign(i)
            network.beat(i)
    assert len(network.leaders()) == 1
    assert [node.last_log_index for node in network.nodes.values()] == [network[1].last_log_index] * 3


# CheckQuorum (section 6.2), and the leader that is heard (section 4.2.3)


def checked(node: Raft, span: int = LOW) -> None:
    """An election timeout passes on the leader's clock, and it looks who has answered."""
    node.now += span
    node.fire(QUORUM_CHECK)


def test_a_leader_stays_while_a_majority_answers_and_steps_down_after_a_timeout_without() -> None:
    """Section 6.2."""
    node = leader_with_no_op(check_quorum=True)
    node.now += LOW - 1
    accept(node, "n2")
    checked(node, 1)
    assert node.role is Role.LEADER
    checked(node, LOW)
    assert (node.role, node.current_term, node.leader) == (Role.FOLLOWER, 1, None)
    (down,) = told(node, tell.SteppedDownUnheard)
    assert (down.heard, down.needed, down.members) == (1, 2, 3)


def test_a_refusal_is_an_answer_and_one_of_an_older_term_is_none() -> None:
    node = leader_with_no_op(term=3, check_quorum=True)
    node.now += LOW
    node.step(AppendEntriesReply(3, True, 0, 0, 0), "n2")
    checked(node, 1)
    assert node.role is Role.FOLLOWER
    node = leader_with_no_op(check_quorum=True)
    node.now += LOW
    node.step(AppendEntriesReply(1, False, 7, 0, 0), "n2")
    checked(node, 1)
    assert node.role is Role.LEADER


def test_a_leader_alone_in_its_cluster_hears_a_majority() -> None:
    node = leader_with_no_op(n=1, check_quorum=True)
    checked(node)
    assert node.role is Role.LEADER


def test_without_check_quorum_nobody_looks() -> None:
    node = make()
    node.fire(ELECTION)
    node.step(RequestVoteReply(1, True), "n2")
    assert QUORUM_CHECK not in [name for name, *_ in node.timings]


def test_a_voter_that_hears_a_leader_ignores_a_candidate_and_its_term_until_the_timeout_is_over() -> None:
    """Section 4.2.3; LeaderSupersedingWithCheckQuorum of etcd's tests."""
    network = Network(3, check_quorum=True)
    network.campaign(1)
    network.campaign(3)
    assert roles(network) == ["leader", "follower", "candidate"]
    assert terms_of(network) == [1, 1, 2]
    elapse(network)
    network.campaign(3)
    assert network[3].role is Role.LEADER
    assert terms_of(network)[1:] == [3, 3]


def test_a_cluster_that_has_heard_no_leader_elects_one_with_check_quorum() -> None:
    """Section 6.2; LeaderElectionWithCheckQuorum of etcd's tests."""
    network = Network(3, check_quorum=True)
    network.campaign(1)
    assert roles(network) == ["leader", "follower", "follower"]
    elapse(network)
    network[1].fire(QUORUM_CHECK)
    network[1].fire(QUORUM_CHECK)
    network.campaign(3)
    assert network.leaders()[-1] == "n3"


def test_a_stuck_candidate_frees_itself_by_answering_the_leader_with_its_term() -> None:
    """Section 6.2; FreeStuckCandidateWithCheckQuorum of etcd's tests."""
    network = Network(3, check_quorum=True)
    network.campaign(1)
    network.isolate(1)
    elapse(network, LOW - 1)
    network.campaign(3)
    network.campaign(3)
    assert (network[3].role, network[3].current_term) == (Role.CANDIDATE, 3)
    network.recover()
    network.beat(1)
    assert (network[1].role, network[1].current_term) == (Role.FOLLOWER, 3)
    elapse(network)
    network.campaign(3)
    assert network.leaders() == ["n3"]
