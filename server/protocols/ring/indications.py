"""What a node of the ring tells the outside: each decision, with its reason and the place where it is written."""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from .. import session, wholeads
from ..indication import Indication

# An election begins


@value
class CameUp(Indication):
    text: ClassVar[str] = N_("{host} has come up, and holds an election with its number {number}.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    number: int


@value
class LeaderLost(Indication):
    text: ClassVar[str] = N_(
        "{host}'s neighbour {leader}, which it takes for the leader, does not answer: {host} holds an election."
    )
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    tone: ClassVar[str] = "bad"
    leader: str


@value
class OwnerLost(Indication):
    text: ClassVar[str] = N_(
        "The owner of the number {number} does not answer: {host} sends its own number around the ring."
    )
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    tone: ClassVar[str] = "bad"
    number: int


@value
class RingChanged(Indication):
    text: ClassVar[str] = N_("The ring is another one since {neighbour} is there: {host} holds an election.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    neighbour: str


@value
class ElectionTooLong(Indication):
    text: ClassVar[str] = N_(
        "{host} has heard of no winner for too long: a number or the news may be lost. It starts again."
    )
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    tone: ClassVar[str] = "bad"


@value
class SmallerReplaced(Indication):
    text: ClassVar[str] = N_("{host} swallows {number}, which is smaller than its own number, and sends {own} instead.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    number: int
    own: int


@value
class OwnSentToo(Indication):
    text: ClassVar[str] = N_("{host} has not taken part yet, and sends its own number {own} as well.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    own: int


# A number on its way


@value
class LargerPassedOn(Indication):
    text: ClassVar[str] = N_("{host} passes {number} on to {neighbour}: it is larger than its own number.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    number: int
    neighbour: str


@value
class SmallerSwallowed(Indication):
    text: ClassVar[str] = N_("{host} swallows {number}: its own number is larger, and has been sent already.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    number: int


@value
class SmallerCameLater(Indication):
    text: ClassVar[str] = N_("{host} swallows {number}: the larger {largest} has come by, so that one can't win.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    number: int
    largest: int


@value
class SmallerPassedOn(Indication):
    text: ClassVar[str] = N_("{host} passes {number} on, although its own number is larger.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    tone: ClassVar[str] = "bad"
    number: int


@value
class SentAgain(Indication):
    text: ClassVar[str] = N_("{host} sends its own number for the smaller {number}, although it takes part already.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    tone: ClassVar[str] = "bad"
    number: int


@value
class SmallerAlone(Indication):
    text: ClassVar[str] = N_("{host} gets the smaller {number}, and is alone in the ring: {number} ends here.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    number: int


@value
class NumberKept(Indication):
    text: ClassVar[str] = N_("{host} keeps {number}: its owner has not answered, and is skipped.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    tone: ClassVar[str] = "bad"
    number: int


@value
class OwnNumberAgain(Indication):
    text: ClassVar[str] = N_("{host} gets its own number, of an election that is over for it.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    weight: ClassVar[str] = "routine"


@value
class OwnNumberSwallowed(Indication):
    text: ClassVar[str] = N_("{host} has its own number back, and has not won: the larger number {number} has come by.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    tone: ClassVar[str] = "bad"
    number: int


# The winner


@value
class LeaderElected(Indication):
    text: ClassVar[str] = N_(
        "{host} has its own number {number} back: every node that it came to has let it pass, so it leads."
    )
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "election"
    tone: ClassVar[str] = "good"
    number: int


@value
class LeadsAlone(Indication):
    text: ClassVar[str] = N_("{host} is alone in the ring: it leads.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "election"


@value
class SteppedDown(Indication):
    text: ClassVar[str] = N_("{host} leads no longer: it takes part in an election.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"


@value
class SteppedDownFor(Indication):
    text: ClassVar[str] = N_("{host} leads no longer: it hears that {leader} has won.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    leader: str


@value
class LeaderFollowed(Indication):
    text: ClassVar[str] = N_("{host} hears that {leader} has won, follows it, and passes the news on.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    leader: str


@value
class NewsEndsHere(Indication):
    text: ClassVar[str] = N_(
        "{host} hears that {leader} has won, and follows it. The news ends here: {leader} has not answered, and is skipped."
    )
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    leader: str


@value
class NewsIsBack(Indication):
    text: ClassVar[str] = N_("{host} has its own news back: it has gone around the ring.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    weight: ClassVar[str] = "routine"


@value
class NewsIsBackLate(Indication):
    text: ClassVar[str] = N_("{host} has its own news back, and leads no longer.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"


@value
class NewsKnown(Indication):
    text: ClassVar[str] = N_("{host} follows {leader} already.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    weight: ClassVar[str] = "routine"
    leader: str


@value
class NewsOfSmaller(Indication):
    text: ClassVar[str] = N_("{host} does not follow {leader}: its own number is larger.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    leader: str


@value
class NewsTooOld(Indication):
    text: ClassVar[str] = N_("{host} does not follow {leader}: the larger number {number} has come by.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    leader: str
    number: int


@value
class NewsNotAwaited(Indication):
    text: ClassVar[str] = N_("{host} does not follow {leader}: it does not wait for the number {number} to get home.")
    cites: ClassVar[str] = "Chang and Roberts 1979, §2"
    leader: str
    number: int


# The ring itself


@value
class NeighbourSkipped(Indication):
    text: ClassVar[str] = N_("{host}'s neighbour {neighbour} does not answer. Its next neighbour is {next}.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    neighbour: str
    next: str


@value
class LeftAlone(Indication):
    text: ClassVar[str] = N_(
        "{host}'s neighbour {neighbour} does not answer, and nobody else is left: the ring is {host}."
    )
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    neighbour: str


@value
class NeighbourBack(Indication):
    text: ClassVar[str] = N_("{neighbour} is there again, and takes its place after {host} in the ring.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "good"
    neighbour: str


@value
class NumberSentAgain(Indication):
    text: ClassVar[str] = N_("{host} sends {number} to its new neighbour {neighbour}, which may not have had it yet.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    number: int
    neighbour: str


INDICATIONS: tuple[type[Indication], ...] = (
    CameUp, LeaderLost, OwnerLost, RingChanged, ElectionTooLong, SmallerReplaced, OwnSentToo, LargerPassedOn,
    SmallerSwallowed, SmallerCameLater, SmallerPassedOn, SentAgain, SmallerAlone, NumberKept, OwnNumberAgain,
    OwnNumberSwallowed, LeaderElected, LeadsAlone, SteppedDown, SteppedDownFor, LeaderFollowed, NewsEndsHere, NewsIsBack,
    NewsIsBackLate, NewsKnown, NewsOfSmaller, NewsTooOld, NewsNotAwaited, NeighbourSkipped, LeftAlone, NeighbourBack,
    NumberSentAgain, *wholeads.INDICATIONS, *session.INDICATIONS,
)  # fmt: skip
