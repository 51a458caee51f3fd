"""What a Paxos node tells the outside: each decision, with its reason and the place in the paper.

`text` is a sentence with the fields of the indication and `host`, the node that speaks. `weight` says how much of the
feed's room it deserves, `mark` how the timeline paints it, `tone` whether it is good or bad news for the cluster.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..indication import Indication
from . import learner_indications
from .learner_indications import *  # noqa: F403
from .messages import Value

# The proposer, phase 1 (section 2.2)


@value
class ValueTaken(Indication):
    text: ClassVar[str] = N_("{host} takes {value} from {client}, to propose it.")
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    client: str
    serial: int
    value: Value


@value
class ClientWaits(Indication):
    text: ClassVar[str] = N_(
        "{host} already tries to have {value} chosen: {client} will be told what is chosen, if not {other}."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.1"
    client: str
    serial: int
    value: Value
    other: Value


@value
class BallotBegan(Indication):
    text: ClassVar[str] = N_(
        "{host} begins ballot {ballot}, of the next round by its own count, and asks for promises."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    ballot: str
    tries: int


@value
class PromiseCounted(Indication):
    text: ClassVar[str] = N_("{host} has {promises} of the {needed} promises that it needs for ballot {ballot}.")
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    ballot: str
    acceptor: str
    promises: int
    needed: int


@value
class PromisesGathered(Indication):
    text: ClassVar[str] = N_(
        "{promises} of {acceptors} acceptors have promised {host} ballot {ballot}: it goes on to propose a value."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "election"
    tone: ClassVar[str] = "good"
    ballot: str
    promises: int
    acceptors: int


# The proposer, phase 2: which value (P2c)


@value
class ValueFree(Indication):
    text: ClassVar[str] = N_(
        "None of those who promised has reported anything accepted. {host} concludes that nothing is or will be chosen "
        "below ballot {ballot}, and proposes its own {value}."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P2c (a)"
    ballot: str
    value: Value


@value
class ValueAdopted(Indication):
    text: ClassVar[str] = N_(
        "{acceptor} has accepted {value} in ballot {accepted_ballot}, the highest that was reported. It may be chosen "
        "already, so {host} proposes it and not its own {own}."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P2c (b)"
    weight: ClassVar[str] = "key"
    ballot: str
    value: Value
    acceptor: str
    accepted_ballot: str
    own: Value


@value
class OwnValueReported(Indication):
    text: ClassVar[str] = N_(
        "{acceptor} has accepted {value} in ballot {accepted_ballot}, the highest that was reported: {host} proposes it, "
        "as it wanted to."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P2c (b)"
    ballot: str
    value: Value
    acceptor: str
    accepted_ballot: str


@value
class ReportPickedAtWill(Indication):
    text: ClassVar[str] = N_(
        "{host} proposes {value}, of which {acceptor} told it first, though {other} was accepted in the higher "
        "ballot {other_ballot}."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P2c"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    ballot: str
    value: Value
    acceptor: str
    other: Value
    other_ballot: str


@value
class ReportIgnored(Indication):
    text: ClassVar[str] = N_("{host} proposes its own {value}, though {acceptor} has accepted {other}.")
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P2c"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    ballot: str
    value: Value
    acceptor: str
    other: Value


@value
class ProposalIssued(Indication):
    text: ClassVar[str] = N_("{host} asks the acceptors to accept {value} in ballot {ballot}.")
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    ballot: str
    value: Value


# The proposer: a ballot that comes to nothing (sections 2.2 and 2.4)


@value
class BallotAbandoned(Indication):
    text: ClassVar[str] = N_("{host} abandons ballot {ballot}: {acceptor} has promised ballot {promised}.")
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    tone: ClassVar[str] = "bad"
    ballot: str
    acceptor: str
    promised: str


@value
class BallotTimedOut(Indication):
    text: ClassVar[str] = N_(
        "{host} gives up ballot {ballot}: {promises} of the {needed} promises needed came in time."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.4"
    mark: ClassVar[str | None] = "stepdown"
    tone: ClassVar[str] = "bad"
    ballot: str
    promises: int
    needed: int


@value
class ProposalTimedOut(Indication):
    text: ClassVar[str] = N_(
        "{host} has not learned in time that {value} was chosen in ballot {ballot}, and gives it up."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.4"
    mark: ClassVar[str | None] = "stepdown"
    tone: ClassVar[str] = "bad"
    ballot: str
    value: Value


@value
class BacksOff(Indication):
    text: ClassVar[str] = N_(
        "{host} waits a random time of up to {most_ms} ms before its next ballot, so that another may finish."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.4"
    most_ms: int
    tries: int


@value
class DoesNotBackOff(Indication):
    text: ClassVar[str] = N_("{host} does not wait: it begins its next ballot at once.")
    cites: ClassVar[str] = "Paxos Made Simple §2.4"
    tries: int


# The acceptor (section 2.2)


@value
class Promised(Indication):
    text: ClassVar[str] = N_(
        "{host} promises {proposer} to accept nothing below ballot {ballot}. As far as it remembers, it has accepted nothing."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    proposer: str
    ballot: str


@value
class PromisedAndReported(Indication):
    text: ClassVar[str] = N_(
        "{host} promises {proposer} to accept nothing below ballot {ballot}, and reports that it has accepted {value} "
        "in ballot {accepted_ballot}."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    proposer: str
    ballot: str
    accepted_ballot: str
    value: Value


@value
class PromiseRepeated(Indication):
    text: ClassVar[str] = N_("{host} is bound to ballot {ballot} already, and tells {proposer} so.")
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    weight: ClassVar[str] = "routine"
    proposer: str
    ballot: str


@value
class PromiseRefused(Indication):
    text: ClassVar[str] = N_("{host} does not promise {proposer} ballot {ballot}: it has promised ballot {promised}.")
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    tone: ClassVar[str] = "bad"
    proposer: str
    ballot: str
    promised: str


@value
class ProposalAccepted(Indication):
    text: ClassVar[str] = N_(
        "{host} accepts {value} in ballot {ballot}: it does not remember having promised a higher one."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P1a"
    proposer: str
    ballot: str
    value: Value


@value
class AcceptedAgainstPromise(ProposalAccepted):
    text: ClassVar[str] = N_("{host} accepts {value} in ballot {ballot}, though it has promised ballot {promised}.")
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    promised: str


@value
class AcceptanceRepeated(Indication):
    text: ClassVar[str] = N_("{host} has accepted {value} in ballot {ballot} already, and says so again.")
    cites: ClassVar[str] = "Paxos Made Simple §2.3"
    weight: ClassVar[str] = "routine"
    ballot: str
    value: Value


@value
class AcceptanceRefused(Indication):
    text: ClassVar[str] = N_(
        "{host} does not accept {value} in ballot {ballot}: it has promised ballot {promised}, and keeps its promise."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P1a"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    proposer: str
    ballot: str
    value: Value
    promised: str


@value
class PromiseBroken(Indication):
    text: ClassVar[str] = N_(
        "{host} does not refuse {proposer} ballot {ballot}, though it has promised ballot {promised}."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P1a"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    proposer: str
    ballot: str
    promised: str


# Clients


@value
class Answered(Indication):
    text: ClassVar[str] = N_("{host} answers {client}: {value} is chosen.")
    cites: ClassVar[str] = "Paxos Made Simple §2.3"
    client: str
    serial: int
    value: Value


@value
class Redirected(Indication):
    text: ClassVar[str] = N_("{host} is no proposer: it sends {client} to {proposer}.")
    cites: ClassVar[str] = "Paxos Made Simple §2"
    client: str
    proposer: str


INDICATIONS: tuple[type[Indication], ...] = (
    ValueTaken, ClientWaits, BallotBegan, PromiseCounted, PromisesGathered, ValueFree, ValueAdopted, OwnValueReported,
    ReportPickedAtWill, ReportIgnored, ProposalIssued, BallotAbandoned, BallotTimedOut, ProposalTimedOut, BacksOff,
    DoesNotBackOff, Promised, PromisedAndReported, PromiseRepeated, PromiseRefused, ProposalAccepted,
    AcceptedAgainstPromise, AcceptanceRepeated, AcceptanceRefused, PromiseBroken, *learner_indications.TOLD, Answered,
    Redirected,
)  # fmt: skip
