"""What a node of the bully algorithm tells the outside: each decision, with its reason and the place in the paper."""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from .. import session, wholeads
from ..indication import Indication

# An election begins


@value
class CameUp(Indication):
    text: ClassVar[str] = N_("{host} has come up, and holds an election: nobody lower than itself shall lead.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"


@value
class CameUpQuietly(Indication):
    text: ClassVar[str] = N_("{host} has come up, and waits to hear of a coordinator.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    tone: ClassVar[str] = "bad"


@value
class CoordinatorSilent(Indication):
    text: ClassVar[str] = N_("{host} has not heard of coordinator {leader} for too long: it holds an election.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    tone: ClassVar[str] = "bad"
    leader: str


@value
class NobodyLeads(Indication):
    text: ClassVar[str] = N_("{host} has waited for a coordinator in vain: it holds an election.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    tone: ClassVar[str] = "bad"


@value
class LowerCoordinator(Indication):
    text: ClassVar[str] = N_("{host} hears {src} lead, which has a lower number: it holds an election, to bully it.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    src: str


@value
class HigherCoordinator(Indication):
    text: ClassVar[str] = N_(
        "{host} hears {src} lead, whom it does not follow: something is wrong, it holds an election."
    )
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    tone: ClassVar[str] = "bad"
    src: str


@value
class LowerCoordinatorFollowed(Indication):
    text: ClassVar[str] = N_("{host} hears {src} lead, and follows it, although its own number is higher.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    tone: ClassVar[str] = "bad"
    src: str


# Part 1: who is higher and there?


@value
class AnswersLower(Indication):
    text: ClassVar[str] = N_(
        "{host} answers {src}: it is there, its number is higher, and it holds an election itself."
    )
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    src: str


@value
class AnswersBusy(Indication):
    text: ClassVar[str] = N_("{host} answers {src}: it is there. An election is under way already.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    src: str


@value
class GivesWay(Indication):
    text: ClassVar[str] = N_("{host} gives way: {src} is there and has a higher number.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    src: str


@value
class AnswerIgnored(Indication):
    text: ClassVar[str] = N_("{host} goes on with its election, although {src} is there and has a higher number.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    tone: ClassVar[str] = "bad"
    src: str


@value
class AnswerTooLate(Indication):
    text: ClassVar[str] = N_("{src}'s answer comes too late: {host} has taken it for dead.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §2"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    src: str


@value
class NobodyHigher(Indication):
    text: ClassVar[str] = N_(
        "No higher node has answered {host} in time: it takes them for dead and makes the lower ones halt."
    )
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"


# Part 2: the lower ones halt


@value
class HaltedBy(Indication):
    text: ClassVar[str] = N_("{host} halts for {src}: it follows nobody until {src} is coordinator.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    src: str


@value
class HaltRefused(Indication):
    text: ClassVar[str] = N_(
        "{host} does not halt for {src}: it has halted for {halted_by}, whose number is higher still."
    )
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    src: str
    halted_by: str


@value
class SteppedDown(Indication):
    text: ClassVar[str] = N_("{host} is coordinator no more: {src} has a higher number and makes it halt.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    src: str


@value
class GaveUpLeading(Indication):
    text: ClassVar[str] = N_("{host} is coordinator no more: it has to hold an election again.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    mark: ClassVar[str | None] = "stepdown"


@value
class LowerHasHalted(Indication):
    text: ClassVar[str] = N_("{src} has halted for {host}. Lower nodes that have: {halted} of {lower}.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    src: str
    halted: int
    lower: int


# The coordinator


@value
class LeaderElected(Indication):
    text: ClassVar[str] = N_(
        "{host} is the coordinator: nobody higher answers. Lower nodes that have halted: {halted}."
    )
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "election"
    tone: ClassVar[str] = "good"
    halted: int


@value
class CoordinatorFollowed(Indication):
    text: ClassVar[str] = N_("{host} follows {leader}, its new coordinator.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    leader: str


@value
class CoordinatorRefused(Indication):
    text: ClassVar[str] = N_("{host} does not follow {src}: that is not the one for which it has halted.")
    cites: ClassVar[str] = "Garcia-Molina 1982, §4"
    tone: ClassVar[str] = "bad"
    src: str


INDICATIONS: tuple[type[Indication], ...] = (
    CameUp, CameUpQuietly, CoordinatorSilent, NobodyLeads, LowerCoordinator, HigherCoordinator,
    LowerCoordinatorFollowed, AnswersLower, AnswersBusy, GivesWay, AnswerIgnored, AnswerTooLate, NobodyHigher,
    HaltedBy, HaltRefused, SteppedDown, GaveUpLeading, LowerHasHalted, LeaderElected, CoordinatorFollowed,
    CoordinatorRefused, *wholeads.INDICATIONS, *session.INDICATIONS,
)  # fmt: skip
