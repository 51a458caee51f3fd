"""Raft's rules about terms and elections, one test each, with the section of the paper where the rule stands.

After the tests of etcd's library, in words (`paper-tests.md` of the oracles); the values are those of its tables. Where
etcd goes its own way the paper's is asserted, and the test says so. Section numbers are those of Ongaro and Ousterhout,
In Search of an Understandable Consensus Algorithm (extended version), 2014.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from server.protocols import program
from server.protocols.raft import indications as tell
from server.simulation import Recording, Run
from server.simulation.commands import FireTimer
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
    names,
    reply,
    request,
    sent,
    settings,
    terms,
    told,
)
from tests.conformance.differences import allowed

GRANT, REFUSE = True, False


def followed(**given: Any) -> Raft:
    """A follower of term 1 whose leader is n2."""
    node = make(term=1, **given)
    node.step(append(1), "n2")
    forget(node)
    assert node.leader == "n2"
    return node


# Terms (section 5.1)


@pytest.mark.parametrize("node", [followed, candidate, leader])
def test_any_role_takes_a_newer_term_from_a_message_and_follows(node: Any) -> None:
    """Section 5.1: "If one server's current term is smaller than the other's, then it updates its current term"."""
    n1: Raft = node()
    assert n1.current_term == 1
    n1.step(append(2), "n2")
    assert (n1.current_term, n1.role, n1.leader) == (2, Role.FOLLOWER, "n2")


def test_a_message_of_an_older_term_changes_nothing_and_is_answered_with_the_newer_term() -> None:
    """Section 5.1: "If a server receives a request with a stale term number, it rejects the request".

    etcd stays silent; the paper answers, so that a deposed leader learns of it.
    """
    assert allowed("a message of an older term")
    node = make(term=2, vote="n3", log=entries(1, 2))
    before = node.snapshot()
    answer = reply(node, append(1, new=entries(1, 1, 1), commit=3), "n2")
    assert isinstance(answer, AppendEntriesReply)
    assert (answer.term, answer.success) == (2, False)
    assert node.snapshot() == before
    assert not node.timings, "a deposed leader must not keep a follower from its election"
    assert reply(node, RequestVote(1, 9, 9), "n2") == RequestVoteReply(2, False)
    assert node.snapshot() == before


def test_a_reply_of_an_older_term_changes_nothing() -> None:
    """Section 5.1: requests and replies carry terms so that stale ones are noticed."""
    node = candidate(term=3)
    before = node.snapshot()
    node.step(RequestVoteReply(3, True), "n2")
    assert node.snapshot() == before
    lead = leader(term=3, log=entries(1))
    before = lead.snapshot()
    lead.step(AppendEntriesReply(3, True, 1, 1, 1), "n2")
    lead.step(AppendEntriesReply(3, False, 1, 0, 0), "n2")
    assert lead.snapshot() == before


@pytest.mark.parametrize("make_it", [followed, candidate, leader])
@pytest.mark.parametrize("message", [RequestVote(3, 9, 9), append(3)])
def test_every_role_steps_down_before_term_3_and_knows_a_leader_only_from_its_entries(
    make_it: Any, message: Any
) -> None:
    """Section 5.1, and figure 2, all servers."""
    node: Raft = make_it()
    node.step(message, "n2")
    assert (node.current_term, node.role) == (3, Role.FOLLOWER)
    assert node.leader == ("n2" if isinstance(message, AppendEntries) else None)
    assert node.voted_for == (None if isinstance(message, AppendEntries) else "n2")


# Elections (section 5.2)


def test_a_new_node_is_a_follower() -> None:
    """Section 5.2: "When servers start up, they begin as followers"."""
    node = make()
    assert (node.role, node.current_term, node.voted_for, node.leader) == (Role.FOLLOWER, 0, None, None)


@pytest.mark.parametrize("make_it", [followed, candidate])
def test_an_election_timeout_starts_an_election(make_it: Any) -> None:
    """Section 5.2: it increments its term, votes for itself and asks each of the others, once."""
    node: Raft = make_it()
    node.fire(ELECTION)
    assert (node.current_term, node.role, node.voted_for, node.leader) == (2, Role.CANDIDATE, "n1", None)
    assert sent(node) == [("n2", RequestVote(2, 0, 0)), ("n3", RequestVote(2, 0, 0))]
    assert (ELECTION, node.election_low, node.election_high) in node.timings


def test_silence_for_a_whole_timeout_starts_an_election_and_a_heartbeat_before_prevents_it() -> None:
    """Section 5.2: "If a follower receives no communication over a period of time ... it begins an election"."""
    node = followed()
    node.step(append(1), "n2")
    assert (ELECTION, node.election_low, node.election_high) in node.timings
    forget(node)
    reply(node, RequestVote(1, 0, 0), "n3")
    assert (ELECTION, node.election_low, node.election_high) in node.timings, "a vote given counts as communication"


def test_a_vote_that_is_refused_does_not_put_off_the_own_election() -> None:
    """Figure 2, followers: only "granting vote to candidate" resets the timeout."""
    node = make(term=1, vote="n2")
    assert reply(node, RequestVote(1, 0, 0), "n3") == RequestVoteReply(1, REFUSE)
    assert node.timings == []


ROUNDS: list[tuple[int, str, Role]] = [
    (1, "", Role.LEADER),
    (3, "2+ 3+", Role.LEADER),
    (3, "2+", Role.LEADER),
    (5, "2+ 3+ 4+ 5+", Role.LEADER),
    (5, "2+ 3+ 4+", Role.LEADER),
    (5, "2+ 3+", Role.LEADER),
    (3, "2- 3-", Role.FOLLOWER),
    (5, "2- 3- 4- 5-", Role.FOLLOWER),
    (5, "2+ 3- 4- 5-", Role.FOLLOWER),
    (3, "", Role.CANDIDATE),
    (5, "2+", Role.CANDIDATE),
    (5, "2- 3-", Role.CANDIDATE),
    (5, "", Role.CANDIDATE),
]


@pytest.mark.parametrize(("n", "answers", "role"), ROUNDS)
def test_a_candidate_wins_with_a_majority_of_all_and_never_without(n: int, answers: str, role: Role) -> None:
    """Section 5.2. Where a majority refuses, etcd's candidate becomes a follower at once; the paper's stays candidate."""
    node = candidate(n=n)
    for answer in answers.split():
        node.step(RequestVoteReply(1, answer[1] == "+"), f"n{answer[0]}")
    if role is Role.FOLLOWER and allowed("a candidate refused by a majority"):
        role = Role.CANDIDATE
    assert (node.role, node.current_term) == (role, 1)


def test_a_vote_that_the_network_doubles_counts_once() -> None:
    """Section 5.2: a majority of servers, not of messages."""
    node = candidate(n=5)
    for _ in range(3):
        node.step(RequestVoteReply(1, GRANT), "n2")
    assert node.role.value == "candidate"
    node.step(RequestVoteReply(1, GRANT), "n3")
    assert node.role.value == "leader"


@pytest.mark.parametrize(
    ("vote", "asks", "granted"),
    [(None, 2, GRANT), (None, 3, GRANT), (2, 2, GRANT), (3, 3, GRANT), (2, 3, REFUSE), (3, 2, REFUSE)],
)
def test_a_node_votes_once_per_term_first_come_first_served(vote: int | None, asks: int, granted: bool) -> None:
    """Section 5.2."""
    node = make(term=1, vote=f"n{vote}" if vote else None)
    assert reply(node, RequestVote(1, 0, 0), f"n{asks}") == RequestVoteReply(1, granted)
    assert node.voted_for == (f"n{asks}" if granted else f"n{vote}")


def test_a_vote_survives_a_crash() -> None:
    """Section 5.2 and figure 2: currentTerm and votedFor are on stable storage."""
    node = make()
    assert reply(node, RequestVote(2, 0, 0), "n2") == RequestVoteReply(2, GRANT)
    node.crash(disk_kept=True)
    node.start()
    assert (node.current_term, node.voted_for, node.role) == (2, "n2", Role.FOLLOWER)
    assert reply(node, RequestVote(2, 0, 0), "n3") == RequestVoteReply(2, REFUSE)
    assert reply(node, RequestVote(2, 0, 0), "n2") == RequestVoteReply(2, GRANT)


@pytest.mark.parametrize("term", [1, 2])
def test_a_candidate_that_hears_a_leader_of_its_term_or_a_newer_one_follows(term: int) -> None:
    """Section 5.2."""
    node = candidate()
    node.step(append(term), "n2")
    assert (node.role, node.current_term, node.leader, node.votes) == (Role.FOLLOWER, term, "n2", ())


def test_a_candidate_that_hears_of_an_older_term_stays_one() -> None:
    """Section 5.2: "If the term in the RPC is smaller ... the candidate rejects the RPC and continues"."""
    node = candidate(term=3)
    assert reply(node, append(3), "n2").success is False
    assert (node.role, node.current_term) == (Role.CANDIDATE, 4)


def test_a_leader_without_anything_to_send_sends_one_heartbeat_to_each_per_interval() -> None:
    """Section 5.2. Entries that followers lack travel with the heartbeat here; etcd keeps the two apart."""
    node = leader(no_op=False)
    node.fire(HEARTBEAT)
    assert sent(node) == [("n2", append(1)), ("n3", append(1))]
    assert (HEARTBEAT, node.heartbeat_interval, node.heartbeat_interval) in node.timings


def test_a_leader_sends_what_followers_lack_again_until_they_have_it() -> None:
    """Section 5.3: "the leader retries AppendEntries RPCs indefinitely"."""
    node = leader(no_op=False)
    for serial in range(1, 11):
        request(node, "v", serial)
    forget(node)
    for _ in range(3):
        node.fire(HEARTBEAT)
        messages = sent(node)
        assert [dst for dst, _ in messages] == ["n2", "n3"]
        assert all((m.term, len(m.entries), m.leader_commit) == (1, 10, 0) for _, m in messages)


def test_a_new_leader_tells_all_at_once() -> None:
    """Figure 2, leaders: "Upon election: send initial empty AppendEntries RPCs"; here with the no-op of section 8."""
    node = candidate()
    node.step(RequestVoteReply(1, GRANT), "n2")
    assert [(dst, m.term, terms_of(m)) for dst, m in sent(node, AppendEntries)] == [("n2", 1, [1]), ("n3", 1, [1])]
    assert (node.next_index, node.match_index) == ({"n2": 1, "n3": 1}, {"n2": 0, "n3": 0})


def terms_of(m: AppendEntries) -> list[int]:
    return [entry.term for entry in m.entries]


# Randomized timeouts (section 5.2)


def timeouts(role: str, rounds: int, n: int = 5) -> list[list[int]]:
    """For each round, the election timeouts (ms) that n nodes draw as followers or as candidates."""
    found = []
    for seed in range(rounds):
        setup = Recording(
            "raft", nodes=n, clients=0, seed=seed, params={"election_low": 10_000, "election_high": 19_999}
        )
        run = Run(setup, program("raft"), keep=False)
        run.advance(0)
        if role == "candidate":
            for name in run.cluster.nodes:
                run.act(FireTimer(name, ELECTION))
            for _ in run.cluster.nodes:
                run.step(0)
        due = [t.due for host in run.cluster.hosts.values() for t in host.timers if t.name == ELECTION]
        assert len(due) == n
        found.append([d // 1_000 for d in due if d is not None])
    return found


@pytest.mark.parametrize("role", ["follower", "candidate"])
def test_election_timeouts_take_every_value_between_their_bounds(role: str) -> None:
    """Section 5.2: "chosen randomly from a fixed interval"."""
    drawn = Counter(ms for round_ in timeouts(role, 100) for ms in round_)
    assert sorted(drawn) == list(range(10, 20))


@pytest.mark.parametrize("role", ["follower", "candidate"])
def test_two_nodes_rarely_time_out_first_together(role: str) -> None:
    """Section 5.2: the spread makes it likely that a single server times out first."""
    together = sum(1 for round_ in timeouts(role, 300) if round_.count(min(round_)) > 1)
    assert together <= 0.3 * 300


# The election restriction (section 5.4.1)


@pytest.mark.parametrize(("log", "term", "asked"), [((1,), 1, RequestVote(2, 1, 1)), ((1, 2), 2, RequestVote(3, 2, 2))])
def test_a_candidate_tells_where_its_log_ends(log: tuple[int, ...], term: int, asked: RequestVote) -> None:
    """Section 5.4.1: "The RPC includes information about the candidate's log"."""
    node = make()
    node.step(append(term, new=entries(*log)), "n2")
    node.fire(ELECTION)
    assert sent(node, RequestVote) == [("n2", asked), ("n3", asked)]


VOTER: list[tuple[tuple[int, ...], int, int, bool]] = [
    ((1,), 1, 1, GRANT),
    ((1,), 1, 2, GRANT),
    ((1, 1), 1, 1, REFUSE),
    ((1,), 2, 1, GRANT),
    ((1,), 2, 2, GRANT),
    ((1, 1), 2, 1, GRANT),
    ((2,), 1, 1, REFUSE),
    ((2,), 1, 2, REFUSE),
    ((2, 2), 1, 1, REFUSE),
]


@pytest.mark.parametrize(("log", "last_term", "last_index", "granted"), VOTER)
def test_a_voter_refuses_a_log_that_is_less_up_to_date_than_its_own(
    log: tuple[int, ...], last_term: int, last_index: int, granted: bool
) -> None:
    """Section 5.4.1: the later last term wins; with the same, the longer log."""
    node = make(term=2, log=entries(*log))
    assert reply(node, RequestVote(3, last_index, last_term), "n2") == RequestVoteReply(3, granted)
    assert node.voted_for == ("n2" if granted else None)
    assert bool(told(node, tell.VoteRefusedLogBehind)) is not granted


RECEIVED: list[tuple[Role, int, int, str | None, bool]] = [
    (Role.FOLLOWER, 0, 0, None, REFUSE),
    (Role.FOLLOWER, 0, 1, None, REFUSE),
    (Role.FOLLOWER, 0, 2, None, REFUSE),
    (Role.FOLLOWER, 0, 3, None, GRANT),
    (Role.FOLLOWER, 1, 0, None, REFUSE),
    (Role.FOLLOWER, 1, 1, None, REFUSE),
    (Role.FOLLOWER, 1, 2, None, REFUSE),
    (Role.FOLLOWER, 1, 3, None, GRANT),
    (Role.FOLLOWER, 2, 0, None, REFUSE),
    (Role.FOLLOWER, 2, 1, None, REFUSE),
    (Role.FOLLOWER, 2, 2, None, GRANT),
    (Role.FOLLOWER, 2, 3, None, GRANT),
    (Role.FOLLOWER, 3, 0, None, REFUSE),
    (Role.FOLLOWER, 3, 1, None, REFUSE),
    (Role.FOLLOWER, 3, 2, None, GRANT),
    (Role.FOLLOWER, 3, 3, None, GRANT),
    (Role.FOLLOWER, 3, 2, "n2", GRANT),
    (Role.FOLLOWER, 3, 2, "n1", REFUSE),
    (Role.LEADER, 3, 3, "n1", REFUSE),
    (Role.CANDIDATE, 3, 3, "n1", REFUSE),
]


@pytest.mark.parametrize(("role", "index", "log_term", "vote", "granted"), RECEIVED)
def test_a_vote_goes_by_log_then_by_the_vote_given_and_never_to_a_rival(
    role: Role, index: int, log_term: int, vote: str | None, granted: bool
) -> None:
    """Sections 5.2 and 5.4.1: a voter whose log is two entries of term 2, asked in its own term."""
    if role is Role.FOLLOWER:
        node = make(term=3, vote=vote, log=entries(2, 2))
    else:
        node = (candidate if role is Role.CANDIDATE else leader)(term=2, log=entries(2, 2), no_op=False)
    assert node.current_term == 3
    assert reply(node, RequestVote(3, index, log_term), "n2") == RequestVoteReply(3, granted)
    assert node.role is role


# Networks of nodes (after etcd's raft_test.go)


@pytest.mark.parametrize(("n", "dead", "role"), [
    (3, 0, Role.LEADER), (3, 1, Role.LEADER), (3, 2, Role.CANDIDATE), (4, 2, Role.CANDIDATE), (5, 2, Role.LEADER),
    (1, 0, Role.LEADER), (2, 1, Role.CANDIDATE), (9, 4, Role.LEADER), (9, 5, Role.CANDIDATE),
])  # fmt: skip
def test_an_election_needs_a_majority_of_all_members_alive_or_not(n: int, dead: int, role: Role) -> None:
    """Section 5.2."""
    network = Network(n)
    for i in range(n - dead + 1, n + 1):
        network.isolate(i)
    network.campaign(1)
    assert (network[1].role, network[1].current_term) == (role, 1)


def test_leadership_can_go_round() -> None:
    """Section 5.2: each election takes a new term, in which the others follow."""
    network = Network(3)
    for i in (1, 2, 3):
        network.campaign(i)
        assert network.leaders() == [f"n{i}"]
        assert [node.current_term for node in network.nodes.values()] == [i] * 3


def test_a_leader_overwrites_entries_of_a_newer_term_that_were_never_committed() -> None:
    """Section 5.3: n3 led term 2 by the votes of n4 and n5, and told nobody of its entry."""
    network = Network(5)
    for i, log in ((1, (1,)), (2, (1,)), (3, (2,))):
        network[i].log = make(log=entries(*log)).log
        network[i].current_term = log[-1]
    for i in (4, 5):
        network[i].current_term, network[i].voted_for = 2, "n3"
    network[3].voted_for = "n3"
    network.campaign(1)
    assert (network[1].role is Role.LEADER, network[1].current_term) == (False, 2)
    network.campaign(1)
    assert (network[1].role, network[1].current_term) == (Role.LEADER, 3)
    for node in network.nodes.values():
        assert terms(node) == [1, 3]


def test_a_candidate_with_a_shorter_log_deposes_a_leader_and_wins_nothing() -> None:
    """Sections 5.2 and 5.4.1: two candidates, one of them cut off from the other."""
    network = Network(3)
    network.cut(1, 3)
    network.campaign(1)
    network.campaign(3)
    assert (network[1].role, network[3].role) == (Role.LEADER, Role.CANDIDATE)
    network.recover()
    network.campaign(3)
    assert [node.current_term for node in network.nodes.values()] == [2, 2, 2]
    assert [node.last_log_index for node in network.nodes.values()] == [1, 1, 0]
    # The refused candidate stays one until its next timeout; etcd's gives up at once.
    assert [node.role for node in network.nodes.values()] == [Role.FOLLOWER, Role.FOLLOWER, Role.CANDIDATE]


def test_a_candidate_that_was_cut_off_gives_way_to_the_leader_of_its_term() -> None:
    """Section 5.2."""
    network = Network(3)
    network.isolate(1)
    network.campaign(1)
    network.campaign(3)
    network.recover()
    network.beat(3)
    network.propose(3, "v")
    network.beat(3)
    assert (network[1].role, network[1].current_term) == (Role.FOLLOWER, 1)
    for node in network.nodes.values():
        assert [(e.term, e.command.value if e.command else None) for e in node.log] == [(1, None), (1, "v")]
        assert node.commit_index == 2


def test_settings_for_these_tests_have_every_rule_on() -> None:
    given = settings()
    assert all(getattr(given, rule) for rule in Raft.rules)
    assert names(3) == ("n1", "n2", "n3")
