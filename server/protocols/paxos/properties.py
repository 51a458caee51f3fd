"""What Paxos promises: only one value is chosen, it was proposed, and nobody learns another.

The judge is omniscient: it sees what every acceptor accepts when it does, and counts real majorities of all acceptors,
whatever rule is off. A value is chosen at the moment at which the last acceptor of some majority has accepted one and
the same proposal; no node may know it yet.
"""

from __future__ import annotations

from typing import Any

from ...properties import ALWAYS, BROKEN, EVENTUALLY, HOLDS, SEEN, SOMETIMES, WAITING, Property
from ...simulation import N_, OK, Cluster, Event, Invoked, Returned
from ..ballots import NO_BALLOT, rank
from ..quorum import majority
from .indications import (
    LEARNED,
    AcceptedAgainstPromise,
    BallotBegan,
    Learned,
    LearnedAnother,
    LearnedFrom,
    Promised,
    PromisedAndReported,
    ProposalAccepted,
    ProposalIssued,
)
from .messages import Propose, Value
from .state import Cast, PaxosState, cast_of

NOTHING = rank(NO_BALLOT)


def cast_in(cluster: Cluster) -> Cast:
    """The parts of the nodes of a cluster."""
    params = cluster.params
    return cast_of(cluster.nodes, str(params["roles"]), str(params["learning"]))


class Chosen:
    """Which proposals were chosen, counted from what acceptors accept."""

    def __init__(self) -> None:
        self.backers: dict[tuple[str, Value], tuple[str, ...]] = {}
        """For each proposal, the acceptors that have accepted it."""
        self.proposals: tuple[tuple[str, Value], ...] = ()
        """Those that a majority has accepted, in the order in which that came about."""

    def accept(self, accepted: ProposalAccepted, event: Event, cluster: Cluster) -> bool:
        """Counts an acceptance; whether a proposal is chosen by it."""
        assert event.host is not None
        proposal = (accepted.ballot, accepted.value)
        backers = self.backers.get(proposal, ())
        if event.host in backers:
            return False
        self.backers[proposal] = backers = (*backers, event.host)
        if len(backers) != majority(len(cast_in(cluster).acceptors)):
            return False
        self.proposals = (*self.proposals, proposal)
        return True

    @property
    def values(self) -> tuple[Value, ...]:
        """The values chosen so far, each once."""
        return tuple(dict.fromkeys(value for _, value in self.proposals))


class OneValue(Property):
    """Only a single value is chosen (section 2.1)."""

    name = "one_value_chosen"
    title = N_("Only one value is chosen")
    text = N_("No two different values are ever accepted by majorities of the acceptors, each in one ballot.")
    cites = "Paxos Made Simple §2.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.chosen = Chosen()

    def on_accepted(self, accepted: ProposalAccepted, event: Event, cluster: Cluster) -> str | None:
        return BROKEN if self.chosen.accept(accepted, event, cluster) and len(self.chosen.values) > 1 else None

    indications = {ProposalAccepted: on_accepted, AcceptedAgainstPromise: on_accepted}


class OnlyProposed(Property):
    """Only a value that has been proposed may be chosen (section 2.1): no acceptor accepts one that no client asked for."""

    name = "only_proposed"
    title = N_("Only what was proposed is chosen")
    text = N_("Every value that an acceptor accepts was asked for by a client.")
    cites = "Paxos Made Simple §2.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.asked: dict[Value, bool] = {}

    def on_invoked(self, invoked: Invoked, event: Event, cluster: Cluster) -> str | None:
        if isinstance(invoked.operation, Propose):
            self.asked[invoked.operation.value] = True
        return None

    def on_accepted(self, accepted: ProposalAccepted, event: Event, cluster: Cluster) -> str | None:
        return None if accepted.value in self.asked else BROKEN

    indications = {Invoked: on_invoked, ProposalAccepted: on_accepted, AcceptedAgainstPromise: on_accepted}


class OnlyChosenLearned(Property):
    """A process never learns that a value has been chosen unless it actually has been (section 2.1)."""

    name = "only_chosen_learned"
    title = N_("Only what is chosen is learned")
    text = N_("A node learns a value only once a majority of all acceptors has accepted it in one ballot.")
    cites = "Paxos Made Simple §2.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.chosen = Chosen()

    def on_accepted(self, accepted: ProposalAccepted, event: Event, cluster: Cluster) -> str | None:
        self.chosen.accept(accepted, event, cluster)
        return None

    def on_learned(self, learned: Learned | LearnedFrom, event: Event, cluster: Cluster) -> str | None:
        return None if learned.value in self.chosen.values else BROKEN

    indications = {
        ProposalAccepted: on_accepted,
        AcceptedAgainstPromise: on_accepted,
        **dict.fromkeys(LEARNED, on_learned),
        LearnedFrom: on_learned,
    }


class OnlyChosenAnswered(Property):
    """What a client is told is what was chosen: the promise of section 2.1, as the outside sees it."""

    name = "only_chosen_answered"
    title = N_("Clients are told what is chosen")
    text = N_("A client is told a value only once a majority of all acceptors has accepted it in one ballot.")
    cites = "Paxos Made Simple §2.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.chosen = Chosen()

    def on_accepted(self, accepted: ProposalAccepted, event: Event, cluster: Cluster) -> str | None:
        self.chosen.accept(accepted, event, cluster)
        return None

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        return BROKEN if returned.outcome == OK and returned.result not in self.chosen.values else None

    indications = {ProposalAccepted: on_accepted, AcceptedAgainstPromise: on_accepted, Returned: on_returned}


class LearnersAgree(Property):
    """No two nodes learn different values, and none learns two; it follows from the others, and is what clients see."""

    name = "learners_agree"
    title = N_("Learners agree")
    text = N_("No two nodes learn different values, now or later.")
    cites = "Paxos Made Simple §2.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.learned: Value | None = None

    def on_learned(self, learned: Learned | LearnedFrom | LearnedAnother, event: Event, cluster: Cluster) -> str | None:
        if self.learned is None:
            self.learned = learned.value
        return None if self.learned == learned.value else BROKEN

    indications = {**dict.fromkeys(LEARNED, on_learned), LearnedFrom: on_learned, LearnedAnother: on_learned}


class ProposalsRespectChosen(Property):
    """P2b: if a proposal is chosen, every higher-numbered proposal issued has its value; sooner or later alike."""

    name = "proposals_respect_chosen"
    title = N_("Later ballots respect what is chosen (P2b)")
    text = N_("Once a proposal is chosen, every proposal issued in a higher ballot has the same value.")
    cites = "Paxos Made Simple §2.2, P2b"
    kind = ALWAYS

    def __init__(self) -> None:
        self.chosen = Chosen()
        self.lowest: dict[Value, tuple[int, str]] = {}
        """For each value chosen, the lowest ballot in which it was, by its rank."""
        self.highest: dict[Value, tuple[int, str]] = {}
        """For each value issued, the highest ballot in which it was."""

    def on_accepted(self, accepted: ProposalAccepted, event: Event, cluster: Cluster) -> str | None:
        if not self.chosen.accept(accepted, event, cluster):
            return None
        ballot, value = rank(accepted.ballot), accepted.value
        self.lowest[value] = min(ballot, self.lowest.get(value, ballot))
        return BROKEN if any(ballot < issued and value != other for other, issued in self.highest.items()) else None

    def on_issued(self, issued: ProposalIssued, event: Event, cluster: Cluster) -> str | None:
        ballot, value = rank(issued.ballot), issued.value
        self.highest[value] = max(ballot, self.highest.get(value, ballot))
        return BROKEN if any(chosen < ballot and value != other for other, chosen in self.lowest.items()) else None

    indications = {ProposalAccepted: on_accepted, AcceptedAgainstPromise: on_accepted, ProposalIssued: on_issued}


class PromisesKept(Property):
    """P1a and phase 1b: an acceptor that has promised a ballot does nothing for a lower one, also if it has forgotten."""

    name = "promises_kept"
    title = N_("Promises are kept (P1a)")
    text = N_("No acceptor promises or accepts anything in a ballot below one that it has promised.")
    cites = "Paxos Made Simple §2.2, P1a"
    kind = ALWAYS

    def __init__(self) -> None:
        self.promised: dict[str, tuple[int, str]] = {}

    def on_promised(self, promised: Promised | PromisedAndReported, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        before, ballot = self.promised.get(event.host, NOTHING), rank(promised.ballot)
        self.promised[event.host] = max(before, ballot)
        return BROKEN if ballot < before else None

    def on_accepted(self, accepted: ProposalAccepted, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        return BROKEN if rank(accepted.ballot) < self.promised.get(event.host, NOTHING) else None

    indications = {
        Promised: on_promised,
        PromisedAndReported: on_promised,
        ProposalAccepted: on_accepted,
        AcceptedAgainstPromise: on_accepted,
    }


class BallotsUnique(Property):
    """A proposer begins with a number that nobody has used, itself neither (sections 2.2 and 2.5)."""

    name = "ballots_unique"
    title = N_("Ballots are unique")
    text = N_("No ballot is begun twice, by two proposers or by one that has forgotten it.")
    cites = "Paxos Made Simple §2.5"
    kind = ALWAYS

    def __init__(self) -> None:
        self.begun: dict[str, str] = {}

    def on_began(self, began: BallotBegan, event: Event, cluster: Cluster) -> str | None:
        if began.ballot in self.begun:
            return BROKEN
        self.begun[began.ballot] = event.host or ""
        return None

    indications = {BallotBegan: on_began}


class OneValueABallot(Property):
    """Different proposals have different numbers (section 2.2)."""

    name = "one_value_a_ballot"
    title = N_("One value per ballot")
    text = N_("No two different values are proposed in one ballot.")
    cites = "Paxos Made Simple §2.2"
    kind = ALWAYS

    def __init__(self) -> None:
        self.issued: dict[str, Value] = {}

    def on_issued(self, issued: ProposalIssued, event: Event, cluster: Cluster) -> str | None:
        return None if self.issued.setdefault(issued.ballot, issued.value) == issued.value else BROKEN

    indications = {ProposalIssued: on_issued}


class ValueChosen(Property):
    """Progress, which no algorithm can promise always (Fischer, Lynch and Paterson, 1985); see section 2.4."""

    name = "value_chosen"
    title = N_("A value is chosen")
    text = N_(
        "Some value comes to be chosen: if a majority of the acceptors can be reached, and one proposer is left alone "
        "for long enough."
    )
    cites = "Paxos Made Simple §2.4"
    kind = EVENTUALLY

    def __init__(self) -> None:
        self.chosen = Chosen()

    def on_accepted(self, accepted: ProposalAccepted, event: Event, cluster: Cluster) -> str | None:
        return HOLDS if self.chosen.accept(accepted, event, cluster) else None

    indications = {ProposalAccepted: on_accepted, AcceptedAgainstPromise: on_accepted}


class AllLearn(Property):
    """Every node that learns, or answers clients, comes to know what was chosen, as long as it is up."""

    name = "all_learn"
    title = N_("Everybody learns it")
    text = N_(
        "Every proposer and learner that is up comes to know the chosen value. After a restart it must learn it anew."
    )
    cites = "Paxos Made Simple §2.3"
    kind = EVENTUALLY

    def judge(self, what: Any, event: Event, cluster: Cluster) -> str | None:
        cast = cast_in(cluster)
        for name in dict.fromkeys((*cast.proposers, *cast.learners)):
            host = cluster.hosts[name]
            node = host.node
            assert isinstance(node, PaxosState)
            if host.up and node.chosen is None:
                return WAITING
        return HOLDS

    indications = {**dict.fromkeys(LEARNED, judge), LearnedFrom: judge}
    on_down = judge


class ClientAnswered(Property):
    """A client is told what was chosen."""

    name = "client_answered"
    title = N_("A client is answered")
    text = N_("At least once, a client that proposed a value is told which value was chosen.")
    cites = "Paxos Made Simple §2.1"
    kind = SOMETIMES

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        return SEEN if returned.outcome == "ok" else None

    indications = {Returned: on_returned}


PROPERTIES: tuple[type[Property], ...] = (
    OneValue, OnlyProposed, OnlyChosenLearned, OnlyChosenAnswered, LearnersAgree, ProposalsRespectChosen, PromisesKept,
    BallotsUnique, OneValueABallot, ValueChosen, AllLearn, ClientAnswered,
)  # fmt: skip
