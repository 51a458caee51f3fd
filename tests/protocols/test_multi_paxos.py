"""Multi-Paxos, rule by rule: each test hands inputs to one node and reads off what it sends and knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from server.protocols.ballots import rank
from server.protocols.keyvalue import Command, Operation
from server.protocols.multi_paxos import indications as tell
from server.protocols.multi_paxos.messages import (
    SLOTS_MAX,
    Accept,
    Accepted,
    Heartbeat,
    LearnReply,
    LearnRequest,
    Nack,
    Prepare,
    Promise,
    Proposal,
    Report,
    Slot,
)
from server.protocols.multi_paxos.node import ELECTION, HEARTBEAT, MultiPaxos
from server.protocols.multi_paxos.state import GAP, Role, with_slot
from server.protocols.session import ClientReply, ClientRequest
from server.simulation import Log
from server.simulation.node import Settings


def settings(*, off: Iterable[str] = (), **params: Any) -> Settings:
    """The tunables at their defaults but for `params`, all rules on but for those in `off`."""
    rules = dict.fromkeys(MultiPaxos.rules, True) | dict.fromkeys(off, False)
    return Settings({name: p.default for name, p in MultiPaxos.params.items()} | params, rules)


def make(id: str = "n1", n: int = 3, *, off: Iterable[str] = (), log: Iterable[Slot] = (), **given: Any) -> MultiPaxos:
    """A follower among n1 to n`n` that has started; `given` are fields and tunables. Nothing is pending."""
    params = {name: given.pop(name) for name in list(given) if name in MultiPaxos.params}
    peers = tuple(f"n{i}" for i in range(1, n + 1) if f"n{i}" != id)
    node = MultiPaxos(id, peers, settings(off=off, **params))
    node.log = Log(log)
    for name, value in given.items():
        setattr(node, name, value)
    node.start()
    drain(node)
    return node


def drain(node: MultiPaxos) -> list[tuple[str, Any]]:
    """What the node has sent, taken away; what it has told and its timers go too."""
    sends, node.sends = node.sends, []
    node.timings, node.indicated = [], []
    return sends


def put(value: Any, serial: int = 1, client: str = "c1") -> Command:
    """A write as it stands in a slot."""
    return Command("put", "x", value, None, client, serial)


def has(ballot: str, value: Any, *, early: bool = False) -> Slot:
    """A slot in which a write was accepted."""
    return Slot(ballot, put(value), early, gap=False)


def campaign(node: MultiPaxos, *promises: tuple[str, tuple[Report, ...]]) -> list[tuple[str, Any]]:
    """The node becomes a candidate and gets these promises. Returns what it sends after the last."""
    node.fire(ELECTION)
    for acceptor, reports in promises:
        drain(node)
        node.step(Promise(node.promised, reports, 0), acceptor)
    return drain(node)


def leader(n: int = 3, **given: Any) -> MultiPaxos:
    """n1, leading with the promises of a majority that had accepted nothing."""
    node = make("n1", n, **given)
    campaign(node, *((f"n{i}", ()) for i in range(2, n // 2 + 2)))
    assert node.role is Role.LEADER
    return node


def request(node: MultiPaxos, value: Any, serial: int = 1, client: str = "c1") -> list[tuple[str, Any]]:
    """A client asks the node to write. Returns what it sends."""
    node.step(ClientRequest(serial, Operation("put", "x", value)), client)
    return drain(node)


# Ballots and slots


def test_ballots_are_ordered_by_their_rounds_as_numbers_and_then_by_their_nodes() -> None:
    assert sorted(["10.n1", "9.n9", "0", "1.n3", "1.n1", "2.n2"], key=rank) == [
        "0", "1.n1", "1.n3", "2.n2", "9.n9", "10.n1",
    ]  # fmt: skip


def test_a_slot_behind_the_end_is_appended_and_leaves_gaps_before_it() -> None:
    log: Log[Slot] = Log()
    one = with_slot(log, 1, has("1.n1", "a"))
    four = with_slot(one, 4, has("1.n1", "d"))
    assert list(four) == [has("1.n1", "a"), GAP, GAP, has("1.n1", "d")]
    assert four.items is one.items, "an append shares what was there"
    filled = with_slot(four, 2, has("1.n1", "b"))
    assert [entry.gap for entry in filled] == [False, False, True, False]
    assert list(four)[1] is GAP, "the version before is as it was"


# Phase 1


def test_a_candidate_prepares_above_all_ballots_that_it_knows_from_the_first_slot_not_known_to_be_chosen() -> None:
    node = make(promised="2.n3", log=[has("1.n2", "a"), has("2.n3", "b")], chosen_upto=1)
    node.fire(ELECTION)
    assert drain(node) == [("n2", Prepare("3.n1", 2)), ("n3", Prepare("3.n1", 2))]
    node.step(Nack("3.n1", "7.n2"), "n2")
    assert node.role is Role.FOLLOWER
    node.fire(ELECTION)
    assert node.promised == "8.n1"


@pytest.mark.parametrize("message", [Prepare("1.n3", 1), Accept("1.n3", (Proposal(1, None),), 0), Heartbeat("1.n3", 0)])
def test_whoever_comes_with_a_ballot_below_the_promise_is_refused_and_told_why(message: Any) -> None:
    node = make(promised="2.n2")
    node.step(message, "n3")
    assert drain(node) == [("n3", Nack("1.n3", "2.n2"))]
    assert (node.promised, node.log.length, node.leader) == ("2.n2", 0, None)


def test_a_promise_reports_what_was_accepted_and_what_is_known_to_be_chosen_but_no_gaps() -> None:
    node = make(log=[has("1.n2", "a"), has("1.n2", "b"), GAP, has("1.n3", "d", early=True)], chosen_upto=1)
    node.step(Prepare("2.n3", 1), "n3")
    reports = (
        Report(1, "1.n2", put("a"), chosen=True),
        Report(2, "1.n2", put("b"), chosen=False),
        Report(4, "1.n3", put("d"), chosen=True),
    )
    assert drain(node) == [("n3", Promise("2.n3", reports, 0))]
    node.step(Prepare("2.n3", 4), "n3")
    assert drain(node) == [("n3", Promise("2.n3", reports[2:], 0))]


def test_a_long_report_comes_in_pieces_and_a_promise_counts_only_when_it_is_complete() -> None:
    acceptor = make("n2", log=[has("1.n2", i) for i in range(1, 36)])
    node = make("n1", promised="1.n2")
    node.fire(ELECTION)
    (_, prepare), _ = drain(node)
    pieces = []
    while node.role is Role.CANDIDATE:
        acceptor.step(prepare, "n1")
        ((_, promise),) = drain(acceptor)
        pieces.append((len(promise.reports), promise.rest))
        node.step(promise, "n2")
        ((_, prepare), *_) = drain(node)
    assert pieces == [(SLOTS_MAX, 17), (SLOTS_MAX, 33), (3, 0)]
    assert [entry.command.value for entry in node.log if entry.command] == list(range(1, 36))


def test_a_promise_counts_once_and_only_for_the_ballot_of_now() -> None:
    node = make("n1", 5)
    node.fire(ELECTION)
    node.step(Promise("1.n1", (), 0), "n2")
    node.step(Promise("1.n1", (), 0), "n2")
    assert (node.role, node.promises) == (Role.CANDIDATE, ("n1", "n2"))
    node.fire(ELECTION)
    node.step(Promise("1.n1", (), 0), "n3")
    assert node.promises == ("n1",)


def test_a_new_leader_adopts_the_highest_ballot_of_each_slot_and_fills_gaps_with_no_ops() -> None:
    node = make("n1", 5, promised="3.n3", log=[has("1.n1", "a")])
    found = (Report(1, "2.n2", put("b"), chosen=False), Report(4, "1.n2", put("d"), chosen=False))
    more = (Report(1, "1.n4", put("z"), chosen=False), Report(2, "3.n3", put("e"), chosen=False))
    sends = campaign(node, ("n2", found), ("n3", more))
    proposals = tuple(Proposal(i, c) for i, c in enumerate((put("b"), put("e"), None, put("d")), 1))
    assert sends == [(peer, Accept("4.n1", proposals, 0)) for peer in node.peers]
    assert [entry.ballot for entry in node.log] == ["4.n1"] * 4
    assert node.accepted_by == {str(slot): ("n1",) for slot in (1, 2, 3, 4)}


def test_what_a_new_leader_has_accepted_itself_counts_like_a_report() -> None:
    node = make("n1", promised="1.n3", log=[has("1.n3", "a")])
    sends = campaign(node, ("n2", (Report(2, "1.n2", put("b"), chosen=False),)))
    proposals = (Proposal(1, put("a")), Proposal(2, put("b")))
    assert sends == [(peer, Accept("2.n1", proposals, 0)) for peer in node.peers]


def test_what_is_reported_as_chosen_is_applied_and_not_proposed() -> None:
    node = make("n1")
    reports = (Report(1, "1.n3", put("a"), chosen=True), Report(2, "1.n3", put("b"), chosen=False))
    assert campaign(node, ("n2", reports))[-1] == ("n3", Accept("1.n1", (Proposal(2, put("b")),), 1))
    assert (node.chosen_upto, node.data) == (1, {"x": "a"})


def test_a_leader_that_hears_of_a_higher_ballot_steps_down_and_forgets_what_only_leaders_have() -> None:
    node = leader()
    request(node, "a")
    node.step(Prepare("2.n3", 1), "n3")
    assert (node.role, node.promised, node.accepted_by, node.promises) == (Role.FOLLOWER, "2.n3", {}, ())
    assert drain(node) == [("n3", Promise("2.n3", (Report(1, "1.n1", put("a"), chosen=False),), 0))]


# Phase 2


def test_slots_are_chosen_each_by_its_own_majority_and_applied_in_order() -> None:
    node = leader(5)
    request(node, "a", client="c1")
    request(node, "b", client="c2")
    for acceptor in ("n2", "n2", "n3"):  # twice from one: it counts once
        assert node.chosen_upto == 0
        node.step(Accepted("1.n1", (2,)), acceptor)
    assert (node.chosen_upto, [entry.early for entry in node.log]) == (0, [False, True])
    assert drain(node) == [], "nobody is answered before the slot is applied"
    node.step(Accepted("1.n1", (1,)), "n4")
    node.step(Accepted("1.n1", (1,)), "n5")
    assert (node.chosen_upto, node.data) == (2, {"x": "b"})
    assert drain(node) == [("c1", ClientReply(1, True, True, "n1")), ("c2", ClientReply(1, True, True, "n1"))]


def test_an_acceptance_of_an_older_ballot_does_not_count() -> None:
    node = leader()
    request(node, "a")
    node.step(Accepted("0.n1", (1,)), "n2")
    assert node.accepted_by == {"1": ("n1",)}


def test_a_proposal_that_comes_twice_is_answered_twice_and_stored_once() -> None:
    node = make("n2")
    accept = Accept("1.n1", (Proposal(1, put("a")),), 0)
    node.step(accept, "n1")
    before = node.log
    node.step(accept, "n1")
    assert drain(node) == [("n1", Accepted("1.n1", (1,)))] * 2
    assert node.log is before


def test_a_proposal_for_a_slot_that_is_chosen_is_accepted_in_its_ballot_and_changes_no_command() -> None:
    node = make("n2", promised="1.n1", log=[has("1.n1", "a"), GAP, has("1.n1", "c", early=True)], chosen_upto=1)
    node.step(Accept("2.n3", (Proposal(1, put("a")), Proposal(3, put("c"))), 0), "n3")
    assert drain(node) == [("n3", Accepted("2.n3", (1, 3)))]
    assert list(node.log) == [has("2.n3", "a"), GAP, has("2.n3", "c", early=True)]
    assert node.promised == "2.n3", "to obey a higher ballot takes no promise"


def test_another_proposal_for_a_slot_that_is_chosen_is_not_put_in_its_place() -> None:
    node = make("n2", promised="1.n1", log=[has("1.n1", "a"), GAP, has("1.n1", "c", early=True)], chosen_upto=1)
    before = node.log
    node.step(Accept("2.n3", (Proposal(1, put("b")), Proposal(3, put("b"))), 0), "n3")
    assert node.log is before
    assert [told for told in node.indicated if type(told) is tell.ChosenKept] == [
        tell.ChosenKept("n3", "2.n3", 1),
        tell.ChosenKept("n3", "2.n3", 3),
    ]


def test_with_each_heartbeat_the_leader_asks_again_whoever_has_not_accepted_16_slots_at_a_time() -> None:
    node = leader(5, window=64)
    for serial in range(1, 19):
        request(node, serial, serial)
    node.step(Accepted("1.n1", tuple(range(1, 19))), "n2")
    node.step(Accepted("1.n1", tuple(range(1, 18))), "n3")
    drain(node)
    node.fire(HEARTBEAT)
    sends = dict(drain(node))
    assert sends["n2"] == Heartbeat("1.n1", 17)
    assert sends["n3"] == sends["n4"] == Accept("1.n1", (Proposal(18, put(18, 18)),), 17)
    one = leader(3, window=64)
    for serial in range(1, 19):
        request(one, serial, serial)
    one.fire(HEARTBEAT)
    assert [len(accept.proposals) for _, accept in drain(one)] == [SLOTS_MAX] * 2


def test_an_operation_waits_while_the_window_is_full_and_one_client_waits_with_one() -> None:
    node = leader(window=1)
    assert len(request(node, "a", client="c1")) == 2
    assert request(node, "b", 1, client="c2") == []
    assert request(node, "c", 2, client="c2") == []
    assert node.waiting == (put("c", 2, "c2"),)
    node.step(Accepted("1.n1", (1,)), "n3")
    assert drain(node)[-1] == ("n3", Accept("1.n1", (Proposal(2, put("c", 2, "c2")),), 1))
    assert not node.waiting


def test_a_node_that_is_alone_chooses_at_once() -> None:
    node = make("n1", 1)
    node.fire(ELECTION)
    drain(node)
    assert request(node, "a") == [("c1", ClientReply(1, True, True, "n1"))]


def test_an_operation_asked_for_again_is_answered_again_and_one_that_is_over_is_let_be() -> None:
    node = leader()
    request(node, "a", 1)
    node.step(Accepted("1.n1", (1,)), "n2")
    drain(node)
    assert request(node, "a", 1) == [("c1", ClientReply(1, True, True, "n1"))]
    request(node, "b", 2)
    node.step(Accepted("1.n1", (2,)), "n2")
    drain(node)
    assert request(node, "a", 1) == []
    assert node.log.length == 2


# Learning


def test_a_follower_learns_only_what_it_accepted_in_the_ballot_of_the_leader_and_asks_for_the_rest() -> None:
    node = make("n3", promised="2.n2", log=[has("2.n2", "a"), has("1.n1", "b"), has("2.n2", "c")])
    node.step(Heartbeat("2.n2", 3), "n2")
    assert (node.chosen_upto, node.data) == (1, {"x": "a"})
    assert drain(node) == [("n2", LearnRequest(2))]
    node.step(Heartbeat("2.n2", 3), "n2")
    assert drain(node) == [], "it has just asked"
    node.now = node.heartbeat_interval
    node.step(Heartbeat("2.n2", 3), "n2")
    assert drain(node) == [("n2", LearnRequest(2))]


def test_a_reply_is_taken_from_where_the_node_is_now_and_the_rest_is_asked_for() -> None:
    node = make("n3", promised="2.n2", log=[has("2.n2", "a"), GAP, has("1.n1", "old"), has("2.n2", "d")], chosen_upto=1)
    entries = tuple(has("2.n2", value) for value in "abc")
    node.step(LearnReply(1, entries, 9), "n2")
    assert [entry.command.value for entry in node.log if entry.command] == ["a", "b", "c", "d"]
    assert (node.chosen_upto, drain(node)) == (3, [("n2", LearnRequest(4))])
    before = node.snapshot()
    for late in (LearnReply(1, entries, 9), LearnReply(5, entries, 9)):
        node.step(late, "n2")
    assert node.snapshot() == before


def test_what_is_chosen_is_taught_16_slots_at_a_time_by_anybody_who_knows_it() -> None:
    node = make("n2", log=[has("1.n1", i) for i in range(1, 31)], chosen_upto=20)
    for first, last in ((1, 16), (17, 20)):
        node.step(LearnRequest(first), "n3")
        assert drain(node) == [("n3", LearnReply(first, node.log[first - 1 : last], 20))]
    node.step(LearnRequest(21), "n3")
    assert drain(node) == []


def test_a_restarted_node_has_its_promise_its_slots_and_its_state_machine_again() -> None:
    node = leader()
    for serial, value in enumerate("ab", 1):
        request(node, value, serial)
        node.step(Accepted("1.n1", (serial,)), "n2")
    data, sessions = node.data, node.sessions
    node.crash(disk_kept=True)
    assert (node.role, node.leader, node.data) == (Role.FOLLOWER, None, {})
    node.start()
    assert (node.promised, node.chosen_upto, node.data, node.sessions) == ("1.n1", 2, data, sessions)
    assert tell.Replayed(2) in node.indicated
    node.crash(disk_kept=False)
    node.start()
    assert (node.promised, node.log.length, node.chosen_upto, node.data) == ("0", 0, 0, {})


def test_a_restarted_node_applies_an_operation_once_that_stands_in_two_slots() -> None:
    node = make("n1", log=[has("1.n2", "a"), Slot("1.n2", put("b", 2), early=False, gap=False), has("1.n2", "a")])
    node.chosen_upto = 3
    node.start()
    assert (node.data, node.sessions) == ({"x": "b"}, {"c1": (2, True)})


def test_an_older_operation_does_not_take_the_place_of_a_later_one_that_waits() -> None:
    node = leader(window=1)
    request(node, "a", client="c2")
    request(node, "c", serial=3)
    node.step(ClientRequest(2, Operation("put", "x", "b")), "c1")
    assert node.indicated == [tell.RequestIsOver("c1", 2, 3)]
    assert [command.serial for command in node.waiting] == [3]
