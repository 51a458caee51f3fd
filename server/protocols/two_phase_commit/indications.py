"""What nodes tell in two-phase commit, beside what all protocols of atomic commitment tell (`protocols/commitment.py`).

R* is Mohan, Lindsay and Obermarck, Transaction Management in the R* Distributed Database Management System, 1986; BHG is
Bernstein, Hadzilacos and Goodman, Concurrency Control and Recovery in Database Systems, 1987.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from .. import commitment
from ..indication import Indication


@value
class CommitBeingWritten(Indication):
    text: ClassVar[str] = N_(
        "{votes} of {participants} have voted yes on {transaction}: {host} writes the commit record, and tells nobody yet."
    )
    cites: ClassVar[str] = "R* (1986) §2"
    transaction: str
    votes: int
    participants: int


@value
class AbortedAfterRestart(Indication):
    text: ClassVar[str] = N_(
        "{host} is back and finds {transaction} begun and not decided: nobody can have committed it, so it aborts it."
    )
    cites: ClassVar[str] = "R* (1986) §2"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class AbortedAfterRestartUnforced(Indication):
    text: ClassVar[str] = N_(
        "{host} is back and finds {transaction} begun, and no decision. Its decisions are not forced to disk, so a crash "
        "may have taken a commit from it; it aborts it all the same."
    )
    cites: ClassVar[str] = "R* (1986) §2"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class CommitToldAfterRestart(Indication):
    text: ClassVar[str] = N_(
        "{host} is back and finds the commit record of {transaction}, but not all acknowledgements: it tells all again."
    )
    cites: ClassVar[str] = "R* (1986) §2"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "good"
    transaction: str


@value
class CommitRepeated(Indication):
    text: ClassVar[str] = N_("{host} has no acknowledgement of {transaction} from {missing} and tells them again.")
    cites: ClassVar[str] = "R* (1986) §2"
    transaction: str
    missing: str


@value
class Ended(Indication):
    text: ClassVar[str] = N_("All have acknowledged {transaction}: {host} writes its end record and forgets it.")
    cites: ClassVar[str] = "R* (1986) §2"
    transaction: str


@value
class EndedWithoutAcks(Indication):
    text: ClassVar[str] = N_("{host} forgets {transaction} without waiting for the acknowledgements.")
    cites: ClassVar[str] = "R* (1986) §2"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class InDoubt(Indication):
    text: ClassVar[str] = N_(
        "{host} is in doubt about {transaction}: it has voted yes and hears nothing. "
        "It can't decide by itself, keeps its locks, and asks {asked}."
    )
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str
    asked: str


@value
class InquiresAgain(Indication):
    text: ClassVar[str] = N_("{host} is still in doubt about {transaction} and asks {asked} again.")
    cites: ClassVar[str] = "R* (1986) §2"
    weight: ClassVar[str] = "routine"
    transaction: str
    asked: str


@value
class DecidedAlone(Indication):
    text: ClassVar[str] = N_("{host} is in doubt about {transaction} and aborts it by itself, against its word.")
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class NotDecidedYet(Indication):
    text: ClassVar[str] = N_("{host} lets {src} wait: {transaction} is not decided yet.")
    cites: ClassVar[str] = "R* (1986) §2"
    weight: ClassVar[str] = "routine"
    transaction: str
    src: str


@value
class CommitKnown(Indication):
    text: ClassVar[str] = N_("{host} knows that {transaction} is committed, and tells {src}.")
    cites: ClassVar[str] = "R* (1986) §2"
    tone: ClassVar[str] = "good"
    transaction: str
    src: str


@value
class AbortKnown(Indication):
    text: ClassVar[str] = N_("{host} knows that {transaction} is aborted, and tells {src}.")
    cites: ClassVar[str] = "R* (1986) §2"
    tone: ClassVar[str] = "good"
    transaction: str
    src: str


@value
class PresumedAbort(Indication):
    text: ClassVar[str] = N_(
        "{host} knows nothing of {transaction}: had it committed, {host} would remember it until {src} acknowledged. "
        "So it says abort."
    )
    cites: ClassVar[str] = "R* (1986) §3"
    weight: ClassVar[str] = "key"
    transaction: str
    src: str


@value
class PresumedWithoutAcks(Indication):
    text: ClassVar[str] = N_(
        "{host} knows nothing of {transaction}. It does not wait for acknowledgements, so it can't know "
        "whether it committed; it tells {src} abort all the same."
    )
    cites: ClassVar[str] = "R* (1986) §3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


@value
class ForgottenWithoutAcks(Indication):
    text: ClassVar[str] = N_(
        "{host} has committed {transaction} and forgotten it without waiting for the acknowledgements. "
        "It looks up nothing that is forgotten: it presumes abort, and tells {src} so."
    )
    cites: ClassVar[str] = "R* (1986) §3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


@value
class PresumedUnforced(Indication):
    text: ClassVar[str] = N_(
        "{host} knows nothing of {transaction}. Its decisions are not forced to disk, so a crash may have taken a "
        "commit from it; it tells {src} abort all the same."
    )
    cites: ClassVar[str] = "R* (1986) §3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


@value
class AnsweredUnforced(Indication):
    text: ClassVar[str] = N_(
        "{host} has no record of {transaction}, though it began it. Its decisions are not forced to disk, so a crash may "
        "have taken a commit from it; it tells {client} all the same that it has not committed."
    )
    cites: ClassVar[str] = "R* (1986) §3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str
    client: str


@value
class PresumedAgainstRecord(Indication):
    text: ClassVar[str] = N_("{host} tells {src} that {transaction} is aborted, without a look at its records.")
    cites: ClassVar[str] = "R* (1986) §3"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


@value
class AbortsForPeer(Indication):
    text: ClassVar[str] = N_(
        "{host} has not voted yes on {transaction} and never will: so nobody can have committed it, and {src} may abort."
    )
    cites: ClassVar[str] = "BHG §7.4"
    tone: ClassVar[str] = "good"
    transaction: str
    src: str


@value
class AbortsForPeerAnyway(Indication):
    text: ClassVar[str] = N_(
        "{host} has not voted yes on {transaction} and never will. But one vote fewer is enough here, so it may have "
        "committed; {host} tells {src} all the same to abort."
    )
    cites: ClassVar[str] = "BHG §7.4"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


@value
class AbortBeingWritten(Indication):
    text: ClassVar[str] = N_(
        "{host} has not voted yes on {transaction}, so it may still abort it. It does, and lets {src} know "
        "once the abort record is on its disk."
    )
    cites: ClassVar[str] = "BHG §7.4"
    transaction: str
    src: str


@value
class CommitNotWrittenYet(Indication):
    text: ClassVar[str] = N_(
        "{host} lets {src} wait: it was told to commit {transaction}, and its disk is still writing that."
    )
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "routine"
    transaction: str
    src: str


@value
class CannotHelp(Indication):
    text: ClassVar[str] = N_("{host} can't help {src}: it has voted yes on {transaction} too, and knows no more.")
    cites: ClassVar[str] = "BHG §7.4"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


@value
class OldAnswerIgnored(Indication):
    text: ClassVar[str] = N_("{host} ignores an old answer of {src}: it has committed {transaction} already.")
    cites: ClassVar[str] = "R* (1986) §3"
    weight: ClassVar[str] = "routine"
    transaction: str
    src: str


INDICATIONS: tuple[type[Indication], ...] = (
    *commitment.INDICATIONS, CommitBeingWritten, AbortedAfterRestart, CommitToldAfterRestart, CommitRepeated, Ended,
    EndedWithoutAcks, InDoubt, InquiresAgain, DecidedAlone, NotDecidedYet, CommitKnown, AbortKnown, PresumedAbort,
    PresumedWithoutAcks, ForgottenWithoutAcks, PresumedUnforced, AnsweredUnforced, AbortedAfterRestartUnforced,
    PresumedAgainstRecord, AbortsForPeer, AbortsForPeerAnyway, AbortBeingWritten, CommitNotWrittenYet, CannotHelp,
    OldAnswerIgnored,
)  # fmt: skip
