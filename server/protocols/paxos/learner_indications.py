"""What a Paxos learner tells: what it hears to be accepted, and what it takes for chosen (section 2.3)."""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..indication import Indication
from .messages import Value


@value
class AcceptanceHeard(Indication):
    text: ClassVar[str] = N_(
        "{host} hears that {acceptor} has accepted {value} in ballot {ballot}: that makes {acceptances}, of {needed} needed."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.3"
    weight: ClassVar[str] = "routine"
    acceptor: str
    ballot: str
    value: Value
    acceptances: int
    needed: int


@value
class AcceptanceHeardInAnyBallot(AcceptanceHeard):
    text: ClassVar[str] = N_(
        "{host} hears that {acceptor} has accepted {value} in ballot {ballot}. It counts {acceptances} that have accepted "
        "this value, not all in one ballot, of {needed} needed."
    )


@value
class Learned(Indication):
    text: ClassVar[str] = N_(
        "{host} learns that {value} is chosen: {acceptances} of {acceptors} acceptors have accepted it in ballot {ballot}."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    value: Value
    ballot: str
    acceptances: int
    acceptors: int


@value
class LearnedFromFewer(Learned):
    text: ClassVar[str] = N_(
        "{host} takes {value} for chosen, though it knows of no more than {acceptances} of {acceptors} acceptors that have "
        "accepted it in ballot {ballot}: that is no majority."
    )
    tone: ClassVar[str] = "bad"


@value
class LearnedAcrossBallots(Learned):
    text: ClassVar[str] = N_(
        "{host} takes {value} for chosen: {acceptances} of {acceptors} acceptors have accepted it, though not in one ballot, "
        "but in {ballots}."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2"
    tone: ClassVar[str] = "bad"
    ballots: str


@value
class LearnedFrom(Indication):
    text: ClassVar[str] = N_("{host} hears from {src} that {value} is chosen.")
    cites: ClassVar[str] = "Paxos Made Simple §2.3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "good"
    value: Value
    src: str


@value
class LearnedAnother(Indication):
    text: ClassVar[str] = N_("By what {host} hears now {value} is chosen, and before it has taken {chosen} for chosen.")
    cites: ClassVar[str] = "Paxos Made Simple §2.1"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    value: Value
    chosen: Value


@value
class Inquired(Indication):
    text: ClassVar[str] = N_("{host} has not learned any value, and asks the others what was accepted or chosen.")
    cites: ClassVar[str] = "Paxos Made Simple §2.3"
    weight: ClassVar[str] = "routine"


LEARNED: tuple[type[Learned], ...] = (Learned, LearnedFromFewer, LearnedAcrossBallots)
"""One of these when a learner has counted enough acceptances: the first, or where a rule is off another."""

TOLD: tuple[type[Indication], ...] = (
    AcceptanceHeard, AcceptanceHeardInAnyBallot, *LEARNED, LearnedFrom, LearnedAnother, Inquired,
)  # fmt: skip
