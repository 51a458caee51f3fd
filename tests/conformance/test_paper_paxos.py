"""One test for each rule of Paxos Made Simple (Lamport, 2001), and the known counterexamples S10, S11 and S11b by hand.

Nothing of the simulation takes part: messages are handed over by `step`, timers by `fire`, and what a node sends is read
off it. What a node sends to itself it gets at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from server.protocols.paxos import indications as tell
from server.protocols.paxos.messages import (
    Accept,
    Accepted,
    Decided,
    Inquire,
    Nack,
    Prepare,
    Promise,
    Propose,
    parse_operation,
)
from server.protocols.paxos.node import RETRY, Paxos
from server.protocols.paxos.state import PARTS, Role, cast_of
from server.protocols.session import ClientReply, ClientRequest
from server.simulation import Refused
from server.simulation.node import Settings

THREE = ("n1", "n2", "n3")


def settings(*, off: Iterable[str] = (), **params: Any) -> Settings:
    """The tunables at their defaults but for `params`, all rules on but for those in `off`."""
    rules = dict.fromkeys(Paxos.rules, True) | dict.fromkeys(off, False)
    return Settings({name: p.default for name, p in Paxos.params.items()} | params, rules)


def make(id: str = "n1", names: tuple[str, ...] = THREE, *, off: Iterable[str] = (), **params: Any) -> Paxos:
    """A node that has started."""
    node = Paxos(id, tuple(name for name in names if name != id), settings(off=off, **params))
    node.start()
    node.timings.clear()
    return node


def sent(node: Paxos, kind: type | None = None) -> list[tuple[str, Any]]:
    """What the node has sent since one looked last, of one kind if that is given."""
    found = [(dst, m) for dst, m in node.sends if kind is None or isinstance(m, kind)]
    node.sends.clear()
    return found


def said(node: Paxos, kind: type) -> list[Any]:
    """What the node has ever indicated of this kind."""
    return [told for told in node.indicated if isinstance(told, kind)]


def wants(node: Paxos, value: str, client: str = "c1", serial: int = 1) -> None:
    """A client asks the node for a value."""
    node.step(ClientRequest(serial, Propose(value)), client)


def proposing(id: str = "n1", value: str = "x", **given: Any) -> Paxos:
    """A proposer that has the promise of one other acceptor, which has accepted nothing."""
    node = make(id, **given)
    wants(node, value)
    node.step(Promise(node.ballot, 0, None), node.peers[0])
    sent(node)
    assert node.role is Role.PROPOSING
    return node


# P1: an acceptor


def test_p1_an_acceptor_accepts_the_first_proposal_that_it_gets() -> None:
    node = make()
    node.step(Accept("1.n2", "y"), "n2")
    assert (node.accepted_ballot, node.accepted_value) == ("1.n2", "y")
    assert [dst for dst, _ in sent(node, Accepted)] == ["n2", "n3"]


def test_phase_1b_it_promises_a_higher_ballot_and_says_what_it_has_accepted() -> None:
    node = make()
    node.step(Prepare("1.n2"), "n2")
    assert sent(node) == [("n2", Promise("1.n2", "0", None))]
    node.step(Accept("1.n2", "y"), "n2")
    sent(node)
    node.step(Prepare("2.n3"), "n3")
    assert sent(node) == [("n3", Promise("2.n3", "1.n2", "y"))]
    assert node.promised == "2.n3"


def test_phase_1b_it_refuses_a_ballot_below_its_promise_and_says_why() -> None:
    node = make()
    node.step(Prepare("2.n3"), "n3")
    sent(node)
    node.step(Prepare("1.n2"), "n2")
    assert sent(node) == [("n2", Nack("1.n2", "2.n3"))]
    (refused,) = said(node, tell.PromiseRefused)
    assert (refused.ballot, refused.promised) == ("1.n2", "2.n3")


def test_p1a_it_accepts_nothing_below_its_promise() -> None:
    node = make()
    node.step(Prepare("2.n3"), "n3")
    sent(node)
    node.step(Accept("1.n2", "y"), "n2")
    assert (node.accepted_ballot, node.accepted_value) == ("0", None)
    assert sent(node) == [("n2", Nack("1.n2", "2.n3"))]
    node.step(Accept("2.n3", "z"), "n3")
    assert (node.accepted_ballot, node.accepted_value) == ("2.n3", "z")


def test_p1a_what_it_accepts_binds_it_as_a_promise_does() -> None:
    node = make()
    node.step(Accept("2.n3", "z"), "n3")
    sent(node)
    node.step(Prepare("1.n2"), "n2")
    assert sent(node) == [("n2", Nack("1.n2", "2.n3"))]


def test_it_may_be_silent_instead_of_saying_no() -> None:
    node = make(nacks=False)
    node.step(Prepare("2.n3"), "n3")
    sent(node)
    node.step(Prepare("1.n2"), "n2")
    node.step(Accept("1.n2", "y"), "n2")
    assert sent(node) == []


def test_a_prepare_request_that_comes_twice_is_answered_twice_and_changes_nothing() -> None:
    node = make()
    node.step(Prepare("1.n2"), "n2")
    before = node.snapshot()
    first = sent(node)
    node.step(Prepare("1.n2"), "n2")
    assert sent(node) == first
    assert node.snapshot() == before


def test_promise_and_acceptance_survive_a_crash_and_nothing_else_but_the_round() -> None:
    node = proposing()
    node.step(Accepted("1.n1", "x"), "n2")
    assert node.chosen == "x"
    node.crash(disk_kept=True)
    assert (node.promised, node.accepted_ballot, node.accepted_value, node.round) == ("1.n1", "1.n1", "x", 1)
    lost = [getattr(node, name) for name in ("chosen", "own", "ballot", "promises", "heard")]
    assert lost == [None, None, "0", {}, {}]


@pytest.mark.parametrize(
    ("rule", "lost"),
    [("durable_promise", "promised"), ("durable_acceptance", "accepted_ballot"), ("durable_ballot", "round")],
)
def test_without_its_rule_each_of_them_is_lost(rule: str, lost: str) -> None:
    node = proposing(off=(rule,))
    assert str(getattr(node, lost)) != "0"
    node.crash(disk_kept=True)
    assert str(getattr(node, lost)) == "0"


# P2c: a proposer


def test_phase_1a_a_proposer_asks_all_acceptors_to_prepare_a_ballot_of_its_own() -> None:
    node = make("n2")
    wants(node, "y")
    assert sent(node) == [("n1", Prepare("1.n2")), ("n3", Prepare("1.n2"))]
    assert node.promised == "1.n2", "it is an acceptor too"


def test_two_proposers_never_share_a_ballot() -> None:
    first, second = make("n1"), make("n2")
    wants(first, "x")
    wants(second, "y")
    for node in (first, second):
        for _ in range(5):
            node.fire(RETRY)
    ballots = [[told.ballot for told in said(node, tell.BallotBegan)] for node in (first, second)]
    assert ballots == [
        ["1.n1", "2.n1", "3.n1", "4.n1", "5.n1", "6.n1"],
        ["1.n2", "2.n2", "3.n2", "4.n2", "5.n2", "6.n2"],
    ]


def test_a_proposer_begins_above_all_ballots_that_it_has_heard_of_and_used() -> None:
    node = make("n1")
    node.step(Prepare("5.n3"), "n3")
    wants(node, "x")
    assert node.ballot == "6.n1"
    node.crash(disk_kept=True)
    node.start()
    wants(node, "x", serial=2)
    assert node.ballot == "7.n1"


def test_it_proposes_only_with_the_promises_of_a_majority_each_acceptor_counted_once() -> None:
    node = make("n1", ("n1", "n2", "n3", "n4", "n5"))
    wants(node, "x")
    sent(node)
    node.step(Promise("1.n1", "0", None), "n2")
    node.step(Promise("1.n1", "0", None), "n2")
    node.step(Promise(1, 0, None), "n3")
    assert node.role is Role.PREPARING
    assert sent(node) == []
    node.step(Promise("1.n1", "0", None), "n4")
    assert sent(node, Accept) == [(peer, Accept("1.n1", "x")) for peer in node.peers]


def test_p2c_it_proposes_its_own_value_where_nothing_was_accepted() -> None:
    node = proposing()
    assert node.proposed == "x"
    assert said(node, tell.ValueFree)


def test_p2c_it_proposes_the_value_of_the_highest_ballot_that_was_reported() -> None:
    node = make("n1", ("n1", "n2", "n3", "n4", "n5"))
    node.round = 4
    wants(node, "x")
    node.step(Promise("5.n1", "1.n2", "y"), "n2")
    node.step(Promise("5.n1", "2.n3", "z"), "n3")
    assert node.proposed == "z"
    (adopted,) = said(node, tell.ValueAdopted)
    assert (adopted.acceptor, adopted.accepted_ballot, adopted.own) == ("n3", "2.n3", "x")


def test_a_proposer_abandons_its_ballot_when_a_higher_one_was_begun_and_waits() -> None:
    node = proposing()
    node.timings.clear()
    node.step(Nack("1.n1", "2.n3"), "n3")
    assert node.role is Role.WAITING
    assert node.timings == [(RETRY, 0, node.back_off_base)]
    node.fire(RETRY)
    assert node.ballot == "3.n1"


def test_a_proposer_that_is_an_acceptor_hears_of_a_higher_ballot_by_itself() -> None:
    node = proposing()
    node.step(Prepare("2.n3"), "n3")
    assert node.role is Role.WAITING
    assert sent(node) == [("n3", Promise("2.n3", "1.n1", "x"))]


def test_each_lost_ballot_doubles_the_wait_up_to_a_bound() -> None:
    node = make()
    wants(node, "x")
    waits = []
    for _ in range(10):
        node.timings.clear()
        node.step(Nack(node.ballot, f"{node.round}.n3"), "n3")
        waits.append(node.timings[-1][2] // node.back_off_base)
        node.fire(RETRY)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 64, 64, 64]


def test_an_old_refusal_is_of_no_account() -> None:
    node = proposing()
    node.fire(RETRY)
    node.step(Nack("1.n1", "2.n3"), "n3")
    assert (node.role, node.ballot) == (Role.PREPARING, "2.n1")
    node.fire(RETRY)
    assert node.ballot == "3.n1"


# Learners (section 2.3)


def test_a_learner_counts_acceptors_that_have_accepted_the_same_proposal() -> None:
    node = make("n1", ("n1", "n2", "n3", "n4", "n5"))
    for acceptor, ballot in (("n2", "1.n2"), ("n3", "1.n2"), ("n4", "2.n3"), ("n2", "1.n2")):
        node.step(Accepted(ballot, "y"), acceptor)
    assert said(node, tell.Learned) == [], "three have accepted y, but not in one ballot"
    node.step(Accepted("2.n3", "y"), "n5")
    node.step(Accepted("2.n3", "y"), "n3")
    assert node.chosen == "y"
    (learned,) = said(node, tell.Learned)
    assert (learned.ballot, learned.acceptances, learned.acceptors) == ("2.n3", 3, 5)


def test_a_late_word_of_an_older_ballot_takes_nothing_back() -> None:
    node = make()
    node.step(Accepted("2.n3", "y"), "n2")
    node.step(Accepted("1.n2", "x"), "n2")
    assert node.heard["n2"].ballot == "2.n3"
    node.step(Accepted("1.n2", "x"), "n3")
    assert node.chosen is None


def test_who_knows_answers_an_inquiry_with_the_value_and_an_acceptor_with_what_it_accepted() -> None:
    node = make()
    node.step(Inquire(), "n2")
    assert sent(node) == []
    node.step(Accept("1.n2", "y"), "n2")
    sent(node)
    node.step(Inquire(), "n3")
    assert sent(node) == [("n3", Accepted("1.n2", "y"))]
    node.step(Accepted("1.n2", "y"), "n2")
    sent(node)
    node.step(Inquire(), "n3")
    assert sent(node) == [("n3", Decided("y"))]


def test_all_clients_that_wait_are_told_the_value_that_was_chosen() -> None:
    node = make()
    wants(node, "x", "c1")
    wants(node, "y", "c2")
    wants(node, "y", "c2")
    node.step(Decided("z"), "n2")
    assert sent(node, ClientReply) == [("c1", ClientReply(1, True, "z", "n1")), ("c2", ClientReply(1, True, "z", "n1"))]
    wants(node, "w", "c2", 2)
    assert sent(node) == [("c2", ClientReply(2, True, "z", "n1"))]


# Roles apart, and one distinguished learner


@pytest.mark.parametrize("nodes", range(1, 10))
def test_with_roles_apart_every_node_has_a_part_and_every_part_a_node(nodes: int) -> None:
    names = tuple(f"n{i}" for i in range(1, nodes + 1))
    cast = cast_of(names, "apart", "all")
    assert {*cast.proposers, *cast.acceptors, *cast.learners} == set(names)
    assert cast.proposers
    assert cast.learners
    assert len(cast.acceptors) % 2 == 1
    if nodes > 2:
        assert sum(PARTS[nodes]) == nodes
        assert not set(cast.proposers) & set(cast.acceptors)
        assert not set(cast.acceptors) & set(cast.learners)


def test_one_that_only_accepts_takes_no_value_of_a_client() -> None:
    node = make("n3", ("n1", "n2", "n3", "n4", "n5"), roles="apart")
    wants(node, "x")
    assert sent(node) == [("c1", ClientReply(1, False, None, "n1"))]


def test_a_learner_tells_the_proposers() -> None:
    node = make("n5", ("n1", "n2", "n3", "n4", "n5"), roles="apart")
    node.step(Accepted("1.n1", "x"), "n2")
    node.step(Accepted("1.n1", "x"), "n4")
    assert sent(node) == [("n1", Decided("x"))]


def test_acceptors_tell_the_distinguished_learner_alone_and_it_tells_the_others() -> None:
    acceptor = make("n2", learning="distinguished")
    acceptor.step(Accept("1.n3", "z"), "n3")
    assert sent(acceptor) == [("n1", Accepted("1.n3", "z"))]
    learner = make("n1", learning="distinguished")
    learner.step(Accepted("1.n3", "z"), "n2")
    learner.step(Accepted("1.n3", "z"), "n3")
    assert sent(learner) == [("n2", Decided("z")), ("n3", Decided("z"))]


def test_a_single_node_chooses_by_itself() -> None:
    node = make("n1", ("n1",))
    wants(node, "x")
    assert node.chosen == "x"
    assert sent(node) == [("c1", ClientReply(1, True, "x", "n1"))]


# The known counterexamples, by hand: what the acceptor n2 does in the end


@pytest.mark.parametrize("durable", [False, True])
def test_s10_an_acceptor_that_forgets_its_promise_accepts_for_two_majorities(durable: bool) -> None:
    n2 = make("n2", off=() if durable else ("durable_promise",))
    n2.step(Prepare("1.n1"), "n1")
    n2.step(Prepare("1.n3"), "n3")
    n2.step(Accept("1.n3", "y"), "n3")
    n2.crash(disk_kept=True)
    n2.start()
    n2.step(Accept("1.n1", "x"), "n1")
    assert (n2.accepted_ballot, n2.accepted_value) == (("1.n3", "y") if durable else ("1.n1", "x"))


@pytest.mark.parametrize("highest", [False, True])
def test_s11_a_proposer_that_takes_any_reported_value_proposes_what_was_not_chosen(highest: bool) -> None:
    n1 = proposing(off=() if highest else ("highest_accepted",))  # n1 alone has accepted x in ballot "1.n1"
    n1.fire(RETRY)
    n1.step(Promise("2.n1", "1.n2", "y"), "n2")  # y was chosen by n2 and n3 in ballot "1.n2"
    assert n1.proposed == ("y" if highest else "x")


@pytest.mark.parametrize("unique", [False, True])
def test_s11b_an_acceptor_accepts_two_values_in_a_ballot_that_is_shared(unique: bool) -> None:
    off = () if unique else ("unique_ballots",)
    one, two, acceptor = make("n1", off=off), make("n2", off=off), make("n3", off=off)
    wants(one, "x")
    wants(two, "y")
    for proposer in (one, two):
        acceptor.step(Prepare(proposer.ballot), proposer.id)
        for dst, promise in sent(acceptor, Promise):
            assert dst == proposer.id
            proposer.step(promise, "n3")
    assert (one.ballot == two.ballot) is not unique
    accepted = []
    for proposer in (two, one):
        acceptor.step(Accept(proposer.ballot, str(proposer.own)), proposer.id)
        accepted.append((acceptor.accepted_ballot, acceptor.accepted_value))
    assert accepted == ([("1.n2", "y"), ("1.n2", "y")] if unique else [("1", "y"), ("1", "x")])


# What clients may ask for


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"name": "put", "value": "x"}, "unknown_operation"),
        ({"name": "propose"}, "bad_value"),
        ({"name": "propose", "value": ""}, "bad_value"),
        ({"name": "propose", "value": "x" * 17}, "bad_value"),
        ({"name": "propose", "value": True}, "bad_value"),
        ({"name": "propose", "value": 2**60}, "bad_value"),
        ({"name": "propose", "value": "x", "key": "k"}, "bad_operation"),
        ({}, "unknown_operation"),
    ],
)
def test_what_is_no_proposal_is_refused(data: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_operation(data)
    assert refused.value.code == code
    assert str(refused.value).endswith(".")


def test_a_proposal_is_a_text_or_a_number() -> None:
    assert parse_operation({"name": "propose", "value": "x"}) == Propose("x")
    assert parse_operation({"name": "propose", "value": 7, "key": None}) == Propose(7)
