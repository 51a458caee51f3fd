"""What a node of the number election tells the outside: each decision, with its reason and its step."""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from .. import session, wholeads
from ..indication import Indication

INITIALISE = "Number election, step 1: initialise"
BROADCAST = "Number election, step 2: broadcast"
COMPARE = "Number election, step 3: compare"
ELECT = "Number election, step 4: elect"


# A round begins


@value
class BeganRound(Indication):
    text: ClassVar[str] = N_("{host} has come up and begins round {round}.")
    cites: ClassVar[str] = INITIALISE
    round: int


@value
class JoinedRound(Indication):
    text: ClassVar[str] = N_("{host} joins round {round}, which {src} is in.")
    cites: ClassVar[str] = INITIALISE
    src: str
    round: int


@value
class NoLeaderInTime(Indication):
    text: ClassVar[str] = N_(
        "{host} has elected nobody in round {round}: it has the numbers of {heard} nodes and needs those of all "
        "{members}. It loses patience and begins round {newer_round}."
    )
    cites: ClassVar[str] = ELECT
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    tone: ClassVar[str] = "bad"
    round: int
    newer_round: int
    heard: int
    members: int


@value
class OfficeOver(Indication):
    text: ClassVar[str] = N_("The time in office of {leader} is over for {host}, which begins round {newer_round}.")
    cites: ClassVar[str] = INITIALISE
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    leader: str
    round: int
    newer_round: int


@value
class SteppedDown(Indication):
    text: ClassVar[str] = N_("{host}, the leader of round {round}, is leader no more: round {newer_round} has begun.")
    cites: ClassVar[str] = INITIALISE
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    round: int
    newer_round: int


# Step 1: initialise


@value
class NumberDrawn(Indication):
    text: ClassVar[str] = N_("{host} takes the number {number} for round {round} and writes it into its log.")
    cites: ClassVar[str] = INITIALISE
    round: int
    number: int


# Step 2: broadcast


@value
class NumberBroadcast(Indication):
    text: ClassVar[str] = N_("{host} has written its number {number} and tells it to all.")
    cites: ClassVar[str] = BROADCAST
    round: int
    number: int


# Step 3: compare


@value
class NumberWritten(Indication):
    text: ClassVar[str] = N_(
        "{host} writes down {src}'s number {number}. It has {heard} of {members}; the best is {best}."
    )
    cites: ClassVar[str] = COMPARE
    src: str
    number: int
    heard: int
    members: int
    best: int


@value
class NumberKnown(Indication):
    text: ClassVar[str] = N_("{host} has {src}'s number {number} already.")
    cites: ClassVar[str] = COMPARE
    weight: ClassVar[str] = "routine"
    src: str
    number: int


@value
class SecondNumber(Indication):
    text: ClassVar[str] = N_(
        "{host} hears of a second number of {src} in round {round}, {number}; what is written stays: {written}."
    )
    cites: ClassVar[str] = COMPARE
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    src: str
    round: int
    number: int
    written: int


@value
class OldNumber(Indication):
    text: ClassVar[str] = N_(
        "{host} does not count {src}'s number {number}: it is of round {round}, and {host} is in round {own_round}."
    )
    cites: ClassVar[str] = COMPARE
    src: str
    round: int
    number: int
    own_round: int


@value
class OldNumberCounted(Indication):
    text: ClassVar[str] = N_(
        "{host} counts {src}'s number {number} in round {own_round}, though it is of round {round}."
    )
    cites: ClassVar[str] = COMPARE
    tone: ClassVar[str] = "bad"
    src: str
    round: int
    number: int
    own_round: int


@value
class LateNumber(Indication):
    text: ClassVar[str] = N_("{src}'s number {number} comes too late: {host} has elected {leader} without it.")
    cites: ClassVar[str] = COMPARE
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    src: str
    number: int
    leader: str


@value
class TieBroken(Indication):
    text: ClassVar[str] = N_("{host} sees a tie: {nodes} have the number {number}. The lowest name counts: {winner}.")
    cites: ClassVar[str] = COMPARE
    nodes: str
    number: int
    winner: str


@value
class TieLeft(Indication):
    text: ClassVar[str] = N_("{host} sees a tie: {nodes} have the number {number}, and each of them elects itself.")
    cites: ClassVar[str] = COMPARE
    tone: ClassVar[str] = "bad"
    nodes: str
    number: int


@value
class GoesByFewer(Indication):
    text: ClassVar[str] = N_(
        "{host} waits no longer and elects with {heard} of {members} numbers: the rest may be better."
    )
    cites: ClassVar[str] = COMPARE
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    heard: int
    members: int


# Step 4: elect


@value
class LeaderElected(Indication):
    text: ClassVar[str] = N_("{host} is the leader of round {round}: its {number} is the best of {heard} numbers.")
    cites: ClassVar[str] = ELECT
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "election"
    tone: ClassVar[str] = "good"
    round: int
    number: int
    heard: int


@value
class LeaderFollowed(Indication):
    text: ClassVar[str] = N_("{host} elects {leader} in round {round}: its {number} is the best of {heard} numbers.")
    cites: ClassVar[str] = ELECT
    leader: str
    round: int
    number: int
    heard: int


INDICATIONS: tuple[type[Indication], ...] = (
    BeganRound, JoinedRound, NoLeaderInTime, OfficeOver, SteppedDown, NumberDrawn, NumberBroadcast, NumberWritten,
    NumberKnown, SecondNumber, OldNumber, OldNumberCounted, LateNumber, TieBroken, TieLeft, GoesByFewer, LeaderElected,
    LeaderFollowed, *wholeads.INDICATIONS, *session.INDICATIONS,
)  # fmt: skip
