"""What nodes tell in three-phase commit, beside what all protocols of atomic commitment tell (`protocols/commitment.py`).

BHG is Bernstein, Hadzilacos and Goodman, Concurrency Control and Recovery in Database Systems, 1987. TR1 to TR4 are the
rules of its termination protocol, after Skeen (1981).
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from .. import commitment
from ..indication import Indication

# Phases 2 and 3


@value
class PreCommitting(Indication):
    text: ClassVar[str] = N_(
        "{votes} of {participants} have voted yes on {transaction}. {host} does not commit yet: first everybody is to know it."
    )
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "good"
    transaction: str
    votes: int
    participants: int


@value
class PreCommitted(Indication):
    text: ClassVar[str] = N_(
        "{host} knows from {src} that all have voted yes on {transaction}: it is no longer in doubt."
    )
    cites: ClassVar[str] = "BHG §7.5"
    tone: ClassVar[str] = "good"
    weight: ClassVar[str] = "routine"
    transaction: str
    src: str


@value
class PreCommittedByEnough(Indication):
    text: ClassVar[str] = N_(
        "{host} hears from {src} that enough have voted yes on {transaction}, not that all have: it is no longer in doubt."
    )
    cites: ClassVar[str] = "BHG §7.5"
    tone: ClassVar[str] = "bad"
    weight: ClassVar[str] = "routine"
    transaction: str
    src: str


@value
class AckCounted(Indication):
    text: ClassVar[str] = N_("Acknowledgements for {transaction} that {host} has: {acks} of {needed}.")
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "routine"
    transaction: str
    acks: int
    needed: int


@value
class WentOnWithoutAcks(Indication):
    text: ClassVar[str] = N_(
        "{host} waits no longer for {missing}: it takes {missing} for crashed, and goes on with {transaction}."
    )
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "key"
    transaction: str
    missing: str


# Termination


@value
class CoordinatorSuspected(Indication):
    text: ClassVar[str] = N_(
        "{host} has heard nothing of {transaction} from {coordinator} for too long and takes it for crashed: "
        "{next} is to finish the transaction."
    )
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    transaction: str
    coordinator: str
    next: str


@value
class TerminationBegun(Indication):
    text: ClassVar[str] = N_("{host} coordinates {transaction} now, and asks all how it stands with them.")
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "key"
    transaction: str


@value
class StateTold(Indication):
    text: ClassVar[str] = N_("{host} tells {src}, the new coordinator of {transaction}, how it stands here.")
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "routine"
    transaction: str
    src: str
    state: str


@value
class GaveWay(Indication):
    text: ClassVar[str] = N_("{host} is not the coordinator of {transaction} any more: {src} is.")
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


@value
class OldCoordinatorIgnored(Indication):
    text: ClassVar[str] = N_("{host} ignores what {src} says about {transaction}: {coordinator} has taken its place.")
    cites: ClassVar[str] = "BHG §7.5"
    transaction: str
    src: str
    coordinator: str


@value
class AbortBecauseOneHas(Indication):
    text: ClassVar[str] = N_(
        "{host} aborts {transaction}: somebody has aborted it, so nobody can have committed it, "
        "if those who are silent have crashed (TR1)."
    )
    cites: ClassVar[str] = "BHG §7.5, TR1"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class CommitBecauseOneHas(Indication):
    text: ClassVar[str] = N_("{host} commits {transaction}: somebody has committed it, so all must (TR2).")
    cites: ClassVar[str] = "BHG §7.5, TR2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    transaction: str


@value
class AbortBecauseAllDoubt(Indication):
    text: ClassVar[str] = N_(
        "{host} aborts {transaction}: all who answer are in doubt, so nobody can have been told to commit, "
        "if those who are silent have crashed (TR3)."
    )
    cites: ClassVar[str] = "BHG §7.5, TR3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class AbortInSpiteOfPreCommit(Indication):
    text: ClassVar[str] = N_(
        "{host} aborts {transaction}, though somebody is pre-committed and another may have committed."
    )
    cites: ClassVar[str] = "BHG §7.5, TR4"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class PreCommitFirst(Indication):
    text: ClassVar[str] = N_(
        "Somebody is pre-committed for {transaction}: {host} will commit it, and first lets {doubting} know (TR4)."
    )
    cites: ClassVar[str] = "BHG §7.5, TR4"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "good"
    transaction: str
    doubting: str


@value
class CommitBecausePreCommitted(Indication):
    text: ClassVar[str] = N_("{host} commits {transaction}: all who answer know by now that all have voted yes (TR4).")
    cites: ClassVar[str] = "BHG §7.5, TR4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    transaction: str


@value
class CommitBecauseEnough(Indication):
    text: ClassVar[str] = N_(
        "{host} commits {transaction}: all who answer know by now that enough have voted yes, not that all have (TR4)."
    )
    cites: ClassVar[str] = "BHG §7.5, TR4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class AbortsUnasked(Indication):
    text: ClassVar[str] = N_(
        "{host} has not voted on {transaction} and never will: it is aborted here, and {src} is told."
    )
    cites: ClassVar[str] = "BHG §7.5, TR1"
    transaction: str
    src: str


# After a crash


@value
class CoordinatorBack(Indication):
    text: ClassVar[str] = N_(
        "{host} is back and finds {transaction} begun and not decided: the others may have finished it, so it asks them."
    )
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "key"
    transaction: str


@value
class AsksAfterCrash(Indication):
    text: ClassVar[str] = N_(
        "{host} asks how {transaction} ended. It has crashed, so it takes no part in the decision."
    )
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "routine"
    transaction: str


@value
class StaysOut(Indication):
    text: ClassVar[str] = N_(
        "{host} stays out of it: it has crashed during {transaction}, and waits for what {src} and the others decide."
    )
    cites: ClassVar[str] = "BHG §7.5"
    transaction: str
    src: str


@value
class DecidedAlone(Indication):
    text: ClassVar[str] = N_("{host} is back, does not know how {transaction} ended, and aborts it without asking.")
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class NotDecidedYet(Indication):
    text: ClassVar[str] = N_("{host} lets {src} wait: {transaction} is not decided yet.")
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "routine"
    transaction: str
    src: str


@value
class OutcomeKnown(Indication):
    text: ClassVar[str] = N_("{host} knows how {transaction} ended, and tells {src}.")
    cites: ClassVar[str] = "BHG §7.5"
    transaction: str
    src: str


@value
class TotalFailure(Indication):
    text: ClassVar[str] = N_(
        "All of {transaction} have crashed and are back, and none has a decision on its disk: {host} aborts it."
    )
    cites: ClassVar[str] = "BHG §7.5"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str


INDICATIONS: tuple[type[Indication], ...] = (
    *commitment.INDICATIONS, PreCommitting, PreCommitted, PreCommittedByEnough, AckCounted, WentOnWithoutAcks,
    CoordinatorSuspected, TerminationBegun, StateTold, GaveWay, OldCoordinatorIgnored, AbortBecauseOneHas, CommitBecauseOneHas,
    AbortBecauseAllDoubt, AbortInSpiteOfPreCommit, PreCommitFirst, CommitBecausePreCommitted, CommitBecauseEnough,
    AbortsUnasked,
    CoordinatorBack, AsksAfterCrash, StaysOut, DecidedAlone, NotDecidedYet, OutcomeKnown, TotalFailure,
)  # fmt: skip
