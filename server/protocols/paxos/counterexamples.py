"""What a rule was for: scenarios in which it is off, and the property that breaks.

They follow the counterexamples that are known of Paxos, step by step: an acceptor that forgets its promise, a proposer
that takes any reported value, two proposers that share a ballot. Proposers neither time out nor abandon early, so that no
ballot begins but those that the script begins; a message that the schedule loses finds a cut link in its way, and one
that comes late a link that is held. The forgotten promise is there twice, with its rule off and on: the same schedule,
and another end.
"""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Run
from ...simulation.commands import Crash, FireTimer, Heal, HoldLink, Partition, ReleaseLink, Restart, SetLink
from .indications import (
    AcceptanceRefused,
    Learned,
    LearnedFromFewer,
    Promised,
    PromisesGathered,
    ProposalAccepted,
    ReportIgnored,
    ReportPickedAtWill,
)
from .node import RETRY
from .scenarios import EVEN, PATIENT, accepted_by, answered, known, propose, write_value_outlives

BY_HAND = {**PATIENT, "phase_timeout": 10_000_000, "nacks": False, "learn_interval": 0}
"""Nothing happens that the script does not begin."""

ROUND_TRIP = 45_000
"""A little more than there and back, µs."""


# An acceptor forgets its promise


def write_forgotten_promise(script: Script) -> None:
    """n1's accept request for x comes to n2 after n2 has promised a higher ballot, accepted y in it, and restarted."""
    script.at(50_000)
    script.give(SetLink("n1", "n3", up=False))
    script.give(SetLink("n3", "n1", up=False))
    propose(script, "c1", "x", "n1")
    script.until(Promised, "n2")
    script.give(HoldLink("n1", "n2"))
    script.until(PromisesGathered, "n1")
    script.give(SetLink("n2", "n1", up=False))
    script.wait(ROUND_TRIP)
    propose(script, "c2", "y", "n3")
    script.until(Learned, "n3")
    script.wait(ROUND_TRIP)
    script.give(Crash("n2"))
    script.wait(40_000)
    script.give(Restart("n2"))
    script.wait(40_000)
    script.give(Heal())
    script.give(ReleaseLink("n1", "n2"))


def forgotten_promise_breaks(run: Run) -> bool:
    """n2 was of both majorities: that of y in ballot 1.n3, and after its restart that of x in ballot 1.n1."""
    accepted = [(a.ballot, a.value) for event, a in told(run, ProposalAccepted) if event.host == "n2"]
    return accepted == [("1.n3", "y"), ("1.n1", "x")] and answered(run, "c1") == ["x"] and answered(run, "c2") == ["y"]


def promise_was_kept(run: Run) -> bool:
    """n2 refused x in ballot 1.n1, for it remembered ballot 1.n3; only y is chosen."""
    refused = [(event.host, r.value, r.promised) for event, r in told(run, AcceptanceRefused)]
    return refused == [("n2", "x", "1.n3")] and answered(run, "c1") == [] and answered(run, "c2") == ["y"]


# A proposer takes any reported value


def write_any_value(script: Script) -> None:
    """x is accepted by n1 alone in ballot 1.n1, y is chosen in ballot 1.n2, and n1 begins ballot 2.n1 with both reported."""
    script.at(50_000)
    script.give(SetLink("n1", "n2", up=False))
    propose(script, "c1", "x", "n1")
    script.until(PromisesGathered, "n1")
    script.give(Partition((("n1", "c1"), ("n2", "n3", "c2"))))
    script.wait(ROUND_TRIP)
    propose(script, "c2", "y", "n2")
    script.until(Learned, "n2")
    script.wait(ROUND_TRIP)
    script.give(Heal())
    script.give(FireTimer("n1", RETRY))


def any_value_breaks(run: Run) -> bool:
    """n1 was told of both and took x, the older one; both were chosen."""
    picked = [(event.host, p.value, p.other) for event, p in told(run, ReportPickedAtWill)]
    return picked == [("n1", "x", "y")] and answered(run, "c1") == ["x"] and answered(run, "c2") == ["y"]


# Two proposers share a ballot


def write_shared_ballot(script: Script) -> None:
    script.at(50_000)
    propose(script, "c1", "x", "n1")
    propose(script, "c2", "y", "n2")


def shared_ballot_breaks(run: Run) -> bool:
    """All three acceptors accepted both values in ballot 1."""
    ballots = {a.ballot for _, a in told(run, ProposalAccepted)}
    return ballots == {"1"} and len(accepted_by(run, "x")) == len(accepted_by(run, "y")) == 3


# A proposer keeps its own value


def own_value_breaks(run: Run) -> bool:
    """n5 was told of x by n3 and proposed y all the same; each client was told its own value."""
    ignored = [(event.host, i.value, i.acceptor, i.other) for event, i in told(run, ReportIgnored)]
    return ignored == [("n5", "y", "n3", "x")] and answered(run, "c1") == ["x"] and answered(run, "c2") == ["y"]


# Less than a majority


def write_two_minorities(script: Script) -> None:
    script.at(50_000)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4", "n5", "c2"))))
    propose(script, "c1", "x", "n1")
    script.wait(30_000)
    propose(script, "c2", "y", "n4")
    script.until(LearnedFromFewer, "n4")
    script.wait(ROUND_TRIP)


def two_sides_learned(run: Run) -> bool:
    """Each side of the partition takes another value for chosen."""
    return known(run) == ["x", "x", "y", "y", "y"] and answered(run, "c1") == ["x"] and answered(run, "c2") == ["y"]


FORGOTTEN_PROMISE = Scenario(
    name="forgotten_promise",
    title=N_("An acceptor forgets its promise"),
    text=N_(
        "Promises are not on disk. n2 promises ballot 1.n3, accepts y in it, restarts, and gets a late request of ballot 1.n1."
    ),
    outcome=N_("n2 accepts x too. With n3 it has chosen y and with n1 it chooses x: two values are chosen."),
    setup=Recording("paxos", nodes=3, clients=2, params=BY_HAND, rules={"durable_promise": False}, link=EVEN),
    write=write_forgotten_promise,
    judge=forgotten_promise_breaks,
    until=700_000,
    ratio=30,
    breaks=("one_value_chosen", "promises_kept", "proposals_respect_chosen", "learners_agree"),
    picture={
        "nodes": 3, "candidates": [1], "down": [2], "terms": ["1.n1", "1.n3", "1.n3"],
        "messages": [[1, 2, 50, "append"]],
    },
)  # fmt: skip

PROMISE_REMEMBERED = Scenario(
    name="promise_remembered",
    title=N_("The acceptor remembers its promise"),
    text=N_("The same schedule. What n2 has promised is on its disk, and after its restart it still knows of ballot 1.n3."),
    outcome=N_("n2 refuses the late request of ballot 1.n1, so x is not chosen: y stays the only value."),
    setup=Recording("paxos", nodes=3, clients=2, params=BY_HAND, link=EVEN),
    write=write_forgotten_promise,
    judge=promise_was_kept,
    until=700_000,
    ratio=30,
    picture={
        "nodes": 3, "candidates": [1], "terms": ["1.n1", "1.n3", "1.n3"],
        "messages": [[1, 2, 90, "append"]],
    },
)  # fmt: skip

ANY_REPORTED_VALUE = Scenario(
    name="any_reported_value",
    title=N_("Any reported value will do"),
    text=N_("A proposer is told of two accepted values. It takes the first that comes in, not that of the highest ballot."),
    outcome=N_("The older value had been accepted by one node only; the newer one was chosen. Now both are."),
    setup=Recording("paxos", nodes=3, clients=2, params=BY_HAND, rules={"highest_accepted": False}, link=EVEN),
    write=write_any_value,
    judge=any_value_breaks,
    until=600_000,
    ratio=30,
    breaks=("proposals_respect_chosen", "one_value_chosen", "learners_agree"),
    picture={
        "nodes": 3, "leader": 1, "terms": ["2.n1", "2.n1", "2.n1"],
        "messages": [[1, 2, 50, "append"], [1, 3, 50, "append"]],
    },
)  # fmt: skip

SHARED_BALLOT = Scenario(
    name="shared_ballot",
    title=N_("Two proposers, one ballot"),
    text=N_("Ballots are counted 1, 2, 3 by everyone alike. Two nodes begin ballot 1 at the same moment."),
    outcome=N_("An acceptor can't tell them apart, promises both and accepts both: two values in one ballot, both chosen."),
    setup=Recording("paxos", nodes=3, clients=2, params=BY_HAND, rules={"unique_ballots": False}, link=EVEN),
    write=write_shared_ballot,
    judge=shared_ballot_breaks,
    until=300_000,
    ratio=60,
    breaks=("ballots_unique", "one_value_a_ballot", "one_value_chosen", "learners_agree"),
    picture={
        "nodes": 3, "leader": [1, 2], "terms": [10, 10, 10],
        "messages": [[1, 3, 55, "append"], [2, 3, 55, "append"]],
    },
)  # fmt: skip

OWN_VALUE_KEPT = Scenario(
    name="own_value_kept",
    title=N_("A proposer keeps its own value"),
    text=N_("As in the scenario of the value that outlives its proposer, but n5 does not care what was accepted before."),
    outcome=N_("n3 reports x, and n5 proposes y nevertheless: the two majorities meet, and two values are chosen."),
    setup=Recording("paxos", clients=2, params=PATIENT, rules={"adopt_accepted": False}),
    write=write_value_outlives,
    judge=own_value_breaks,
    until=700_000,
    ratio=30,
    breaks=("proposals_respect_chosen", "one_value_chosen", "learners_agree"),
    picture={
        "nodes": 5, "leader": 5, "down": [1, 2], "terms": ["1.n1", "1.n1", "1.n5", "1.n5", "1.n5"],
        "messages": [[5, 3, 60, "append"], [5, 4, 50, "append"]],
    },
)  # fmt: skip

TWO_MINORITIES = Scenario(
    name="less_than_a_majority",
    title=N_("Less than a majority"),
    text=N_("Two of five acceptors are enough to promise and accept. A partition leaves two on one side, three on the other."),
    outcome=N_("The two groups share no node: one side learns x, the other y."),
    setup=Recording("paxos", clients=2, params=BY_HAND, rules={"majority": False}, link=EVEN),
    write=write_two_minorities,
    judge=two_sides_learned,
    until=400_000,
    ratio=40,
    breaks=("only_chosen_learned", "learners_agree", "only_chosen_answered"),
    picture={
        "nodes": 5, "leader": [1, 4], "terms": ["1.n1", "1.n1", "1.n4", "1.n4", "1.n4"], "groups": [[1, 2], [3, 4, 5]],
        "messages": [[1, 2, 50, "append"], [4, 3, 50, "append"], [4, 5, 50, "append"]],
    },
)  # fmt: skip

COUNTEREXAMPLES = (
    FORGOTTEN_PROMISE, PROMISE_REMEMBERED, ANY_REPORTED_VALUE, SHARED_BALLOT, OWN_VALUE_KEPT, TWO_MINORITIES,
)  # fmt: skip
