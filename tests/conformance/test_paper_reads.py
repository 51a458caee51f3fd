"""Transfers, reads and pipelining against Ongaro's dissertation, one test a rule, after the tests of etcd's library."""

from __future__ import annotations

from typing import Any

import pytest

from server.protocols.raft import indications as tell
from server.protocols.raft.operations import TransferLeadership
from server.protocols.raft.reads import LeaderCheck, LeaderCheckReply
from server.protocols.raft.transfer import TRANSFER, RequestVoteInTransfer, TimeoutNow
from tests.conformance.adapter import (
    HEARTBEAT,
    AppendEntries,
    AppendEntriesReply,
    ClientReply,
    ClientRequest,
    Network,
    Operation,
    Raft,
    RequestVote,
    Role,
    accept,
    append,
    entries,
    forget,
    leader_with_no_op,
    make,
    reply,
    request,
    sent,
    told,
)  # fmt: skip
from tests.conformance.passing import LOW, roles, terms_of


def ask(node: Raft, operation: Any, client: str = "c1", serial: int = 1) -> None:
    node.step(ClientRequest(serial, operation), client)


def answers(node: Raft) -> list[tuple[str, ClientReply]]:
    return [(dst, m) for dst, m in node.sends if type(m) is ClientReply]


# Leadership transfer (section 3.10)


def transferring(n: int = 3, **given: Any) -> Network:
    network = Network(n, transfer="asked", **given)
    network.campaign(1)
    return network


def transfer(network: Network, i: int, target: str, serial: int = 1, client: str = "c9") -> None:
    ask(network[i], TransferLeadership("transfer_leadership", target), client, serial)
    network.settle()


@pytest.mark.parametrize(
    "given", [{}, {"check_quorum": True}, {"pre_vote": True}, {"pre_vote": True, "check_quorum": True}]
)
def test_leadership_goes_to_a_node_that_is_up_to_date_and_back(given: dict[str, Any]) -> None:
    """Section 3.10."""
    network = transferring(**given)
    transfer(network, 1, "n2")
    assert roles(network) == ["follower", "leader", "follower"]
    assert [(answer.done, answer.result) for answer in network.answers] == [(True, True)]
    transfer(network, 2, "n1", 2)
    assert network.leaders() == ["n1"]
    assert terms_of(network) == [3, 3, 3]


def test_a_follower_that_is_asked_names_the_leader() -> None:
    network = transferring()
    transfer(network, 2, "n3")
    assert network.leaders() == ["n1"]
    assert network.answers == [ClientReply(1, False, None, "n1")]


def test_a_slow_successor_gets_what_it_lacks_first() -> None:
    network = transferring()
    network.isolate(3)
    network.propose(1)
    network.recover()
    transfer(network, 1, "n3")
    assert network.leaders() == ["n1"]
    assert network[1].handover is not None
    network.beat(1)
    assert network.leaders() == ["n3"]
    assert network[3].last_log_index == 3


@pytest.mark.parametrize(("target", "result"), [("n1", True), ("n7", False)])
def test_a_transfer_to_itself_or_to_nobody_changes_nothing(target: str, result: bool) -> None:
    network = transferring()
    transfer(network, 1, target)
    assert network.leaders() == ["n1"]
    assert network[1].handover is None
    assert network.answers[-1].result is result


def test_a_transfer_is_refused_where_it_is_switched_off() -> None:
    network = Network(3)
    network.campaign(1)
    transfer(network, 1, "n2")
    assert network.leaders() == ["n1"]
    assert network.answers[-1].result is False


def test_a_leader_gives_up_after_an_election_timeout_and_stays() -> None:
    network = transferring()
    network.isolate(3)
    network.propose(1)
    transfer(network, 1, "n3")
    network.propose(1, "refused")
    assert network[1].last_log_index == 2
    network[1].fire(TRANSFER)
    network.settle()
    assert network[1].handover is None
    assert network.leaders() == ["n1"]
    assert network.answers[-1] == ClientReply(1, True, False, "n1")
    network.propose(1, "taken")
    assert network[1].last_log_index == 3


def test_a_leader_that_hands_over_takes_no_operation() -> None:
    node = leader_with_no_op(transfer="asked")
    node.log = node.log.extend(entries(1, start=2))
    ask(node, TransferLeadership("transfer_leadership", "n2"), "c9")
    forget(node)
    request(node, "v", 1)
    assert node.last_log_index == 2
    assert answers(node) == [("c1", ClientReply(1, False, None, None))]


def test_a_vote_of_a_newer_term_ends_the_transfer() -> None:
    network = transferring()
    network.isolate(3)
    network.propose(1)
    transfer(network, 1, "n3", serial=5)
    network.campaign(2)
    assert network.leaders() == ["n2"]
    assert network[1].handover is None
    assert ClientReply(5, True, False, "n2") in network.answers


def test_a_second_wish_replaces_the_first_and_the_same_does_not_extend_its_time() -> None:
    node = leader_with_no_op(n=5, transfer="asked")
    node.log = node.log.extend(entries(1, start=2))
    ask(node, TransferLeadership("transfer_leadership", "n2"), "c8")
    forget(node)
    ask(node, TransferLeadership("transfer_leadership", "n2"), "c8")
    assert (node.timings, node.sends) == ([], [])
    ask(node, TransferLeadership("transfer_leadership", "n3"), "c9")
    assert answers(node) == [("c8", ClientReply(1, True, False, "n1"))]
    assert node.handover is not None
    assert (node.handover.target, node.handover.client) == ("n3", "c9")
    accept(node, "n2")
    assert not sent(node, TimeoutNow)
    accept(node, "n3")
    assert sent(node, TimeoutNow) == [("n3", TimeoutNow(1))]


def test_the_successor_campaigns_at_once_without_a_pre_vote_and_with_the_flag() -> None:
    node = make(term=1, pre_vote=True, check_quorum=True)
    node.step(append(1), "n2")
    forget(node)
    node.step(TimeoutNow(1), "n2")
    assert (node.role, node.current_term) == (Role.CANDIDATE, 2)
    assert sent(node) == [("n2", RequestVoteInTransfer(2, 0, 0)), ("n3", RequestVoteInTransfer(2, 0, 0))]


def test_a_word_to_campaign_of_an_older_term_does_nothing() -> None:
    node = make(term=3)
    node.step(TimeoutNow(2), "n2")
    assert (node.role, node.current_term, sent(node)) == (Role.FOLLOWER, 3, [])


# Reads (section 6.4)


def read(node: Raft, serial: int = 1, client: str = "c1") -> None:
    ask(node, Operation("get", "x"), client, serial)


def test_a_read_index_is_the_commit_index_when_it_was_asked_for() -> None:
    """Section 6.4; ReadOnlyOptionSafe of etcd's tests."""
    network = Network(3, reads="read_index")
    network.campaign(1)
    for round_, index in enumerate((11, 21, 31), 1):
        for i in range(10):
            network.propose(1, f"{round_}.{i}")
        read(network[1], serial=round_, client="c2")
        assert [begun.index for begun in told(network[1], tell.ReadBegun)] == [index]
        network.settle()
        assert network.answers[-1] == ClientReply(round_, True, f"{round_}.9", "n1")
    assert network[1].last_log_index == 31, "no read is in the log"


def test_a_follower_names_the_leader_to_who_wants_to_read() -> None:
    network = Network(3, reads="read_index")
    network.campaign(1)
    read(network[2])
    network.settle()
    assert network.answers == [ClientReply(1, False, None, "n1")]


def test_a_new_leader_answers_no_read_before_an_entry_of_its_own_term_is_committed() -> None:
    """Section 6.4; ReadOnlyForNewLeader of etcd's tests."""
    network = Network(3, reads="read_index", no_op=False)
    network.campaign(1)
    network.propose(1, "a")
    network.campaign(2)
    assert network[2].commit_index == 0
    network.ignored = {AppendEntriesReply}
    read(network[2], client="c2")
    network.settle()
    assert not [answer for answer in network.answers if answer.serial == 1 and answer.result == "a"]
    assert network[2].last_log_index == 2, "it begins its term with a no-op, for somebody wants to read"
    network.recover()
    network.beat(2)
    assert network.answers[-1] == ClientReply(1, True, "a", "n2")


def test_late_or_doubled_answers_confirm_no_later_read() -> None:
    """Section 6.4; and a round of an older term is none of this one, which random schedules found."""
    node = leader_with_no_op(n=3, term=4, reads="read_index")
    read(node)
    (_, check), _ = sent(node, LeaderCheck)
    read(node, 2)
    forget(node)
    answer = LeaderCheckReply(5, 5, check.round, check.sent_at)
    for _ in range(2):
        node.step(answer, "n2")
    assert answers(node) == []
    node.step(LeaderCheckReply(5, 4, 9, 0), "n2")
    assert answers(node) == []
    node.step(LeaderCheckReply(5, 5, check.round + 1, 0), "n3")
    assert answers(node) == [("c1", ClientReply(2, True, None, "n1"))]


def test_a_deposed_leader_drops_the_reads_that_wait() -> None:
    node = leader_with_no_op(reads="read_index")
    read(node)
    forget(node)
    node.step(LeaderCheckReply(7, 1, 1, 0), "n2")
    assert answers(node) == [("c1", ClientReply(1, False, None, None))]
    assert (node.role, node.pending_reads) == (Role.FOLLOWER, ())


def test_a_round_that_was_lost_is_asked_for_again_with_the_next_heartbeat() -> None:
    node = leader_with_no_op(reads="read_index")
    read(node)
    first = sent(node, LeaderCheck)
    node.fire(HEARTBEAT)
    assert sent(node, LeaderCheck) == first


def leasing(**given: Any) -> Raft:
    """A leader whose first round, begun at 1,000 µs, has been answered by n2."""
    node = leader_with_no_op(reads="lease", clock_drift=0, **given)
    node.now = 1_000
    node.fire(HEARTBEAT)
    (_, check), _ = sent(node, LeaderCheck)
    node.now = 40_000
    node.step(LeaderCheckReply(check.term, check.term, check.round, check.sent_at), "n2")
    forget(node)
    return node


@pytest.mark.parametrize(("now", "by_lease"), [(40_000, True), (1_000 + LOW - 1, True), (1_000 + LOW, False)])
def test_a_lease_runs_from_the_sending_of_the_round_that_a_majority_answered(now: int, by_lease: bool) -> None:
    node = leasing()
    node.now = now
    read(node)
    assert bool(answers(node)) is by_lease
    assert bool(told(node, tell.LeaseOver)) is not by_lease


def test_a_lease_is_shorter_by_what_clocks_may_drift() -> None:
    node = leasing()
    setattr(node.settings, "clock_drift", 50)  # noqa: B010 - settings are what the run was given
    assert node.lease_left() == 1_000 + LOW * 100 // 150 - 40_000


def test_a_leader_that_has_told_another_to_campaign_has_no_lease_in_that_term() -> None:
    node = leasing(transfer="asked")
    assert node.lease_left() > 0
    ask(node, TransferLeadership("transfer_leadership", "n2"), "c9")
    node.fire(TRANSFER)
    assert node.role is Role.LEADER
    assert node.lease_left() is None


def test_who_promised_a_lease_votes_for_nobody_before_its_time_not_even_after_a_crash() -> None:
    node = make(term=1, reads="lease")
    node.step(append(1), "n2")
    forget(node)
    node.now = LOW - 1
    node.step(RequestVote(2, 9, 9), "n3")
    assert (node.sends, node.current_term) == ([], 1)
    node.crash(disk_kept=True)
    node.start()
    forget(node)
    node.step(RequestVote(2, 9, 9), "n3")
    assert node.sends == []
    node.now = 2 * LOW
    assert reply(node, RequestVote(2, 9, 9), "n3").vote_granted


# Pipelining (section 10.2.2)


def piping(window: int) -> Raft:
    """A leader of two that has a window open to n2."""
    node = leader_with_no_op(n=2, window=window)
    assert node.under_way == {"n2": ()}
    return node


def ends(node: Raft) -> list[int]:
    """Up to which entry each append goes that was sent since."""
    return [m.prev_log_index + len(m.entries) for _, m in sent(node, AppendEntries)]


def test_each_entry_is_sent_once_without_waiting_until_the_window_is_full() -> None:
    node = piping(2)
    for serial in (1, 2, 3, 4):
        request(node, str(serial), serial)
    assert ends(node) == [2, 3]
    assert (node.next_index["n2"], node.under_way["n2"]) == (4, (2, 3))
    accept(node, "n2", 2)
    assert ends(node) == [5], "all that waited goes with the next"


def test_a_refusal_closes_the_window_and_a_success_opens_it_again() -> None:
    node = piping(4)
    for serial in (1, 2, 3):
        request(node, str(serial), serial)
    forget(node)
    node.step(AppendEntriesReply(1, False, 2, 0, 1), "n2")
    assert node.under_way == {}
    assert ends(node) == [4]
    node.step(AppendEntriesReply(1, False, 3, 0, 1), "n2")
    assert ends(node) == [], "the answer to what was sent before it went back"
    accept(node, "n2", 4)
    assert (node.under_way, node.commit_index) == ({"n2": ()}, 4)


def test_a_heartbeat_finds_out_what_was_lost() -> None:
    node = piping(2)
    request(node, "v", 1)
    forget(node)
    node.fire(HEARTBEAT)
    assert sent(node, AppendEntries) == [("n2", AppendEntries(1, 2, 1, (), 1))]
    node.step(AppendEntriesReply(1, False, 2, 0, 1), "n2")
    assert ends(node) == [2]


def test_without_a_window_what_is_not_confirmed_is_sent_again() -> None:
    node = leader_with_no_op(n=2)
    for serial in (1, 2, 3):
        request(node, str(serial), serial)
    assert [(m.prev_log_index, len(m.entries)) for _, m in sent(node, AppendEntries)] == [(1, 1), (1, 2), (1, 3)]
