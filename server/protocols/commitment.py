"""What nodes tell while they agree on whether a transaction commits: the indications that all such protocols share.

The words are those of Gray (Notes on Data Base Operating Systems, 1978) and of Bernstein, Hadzilacos and Goodman
(Concurrency Control and Recovery in Database Systems, 1987, chapter 7), which is cited as BHG here.
"""

from __future__ import annotations

from typing import ClassVar

from ..simulation import N_, value
from .indication import Indication

# Clients and the coordinator


@value
class TransactionBegun(Indication):
    text: ClassVar[str] = N_("{host} begins transaction {transaction}. Participants that must agree to it: {count}.")
    cites: ClassVar[str] = "BHG §7.4"
    transaction: str
    participants: tuple[str, ...]
    count: int


@value
class AccountUnknown(Indication):
    text: ClassVar[str] = N_("{host} turns {transaction} down: there is no account {account}.")
    cites: ClassVar[str] = "Gray (1978) §5.8"
    tone: ClassVar[str] = "bad"
    transaction: str
    account: str


@value
class SentToCoordinator(Indication):
    text: ClassVar[str] = N_("{host} begins no transactions: it sends {client} to the coordinator, {coordinator}.")
    cites: ClassVar[str] = "BHG §7.4"
    client: str
    coordinator: str


@value
class UnderWay(Indication):
    text: ClassVar[str] = N_("{host} lets {client} wait: {transaction} is under way, and begins only once.")
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "routine"
    transaction: str
    client: str


@value
class RequestOver(Indication):
    text: ClassVar[str] = N_("{host} lets {transaction} be: {client} has gone on to its operation {newer}.")
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "routine"
    transaction: str
    client: str
    newer: int


@value
class AnsweredWithoutRecord(Indication):
    text: ClassVar[str] = N_(
        "{host} has no record of {transaction}, though it began it: it can't have committed, and {client} is told so."
    )
    cites: ClassVar[str] = "R* (1986) §3"
    transaction: str
    client: str


# Votes


@value
class VotedYes(Indication):
    text: ClassVar[str] = N_(
        "{host} has {transaction} prepared on its disk and votes yes: from now on it can't decide by itself, "
        "and its locks stay."
    )
    cites: ClassVar[str] = "BHG §7.4"
    transaction: str
    resources: tuple[str, ...]


@value
class VotedYesUnforced(Indication):
    text: ClassVar[str] = N_("{host} votes yes on {transaction}, though the prepared record is not on its disk yet.")
    cites: ClassVar[str] = "Gray (1978) §5.8.3.3"
    tone: ClassVar[str] = "bad"
    transaction: str
    resources: tuple[str, ...]


@value
class VoteRepeated(Indication):
    text: ClassVar[str] = N_("{host} is asked for its vote on {transaction} once more, and gives the same.")
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "routine"
    transaction: str


@value
class VotedNoBalance(Indication):
    text: ClassVar[str] = N_(
        "{host} votes no on {transaction} and aborts it: {amount} is wanted, and its account holds {balance}."
    )
    cites: ClassVar[str] = "BHG §7.4"
    tone: ClassVar[str] = "bad"
    transaction: str
    amount: int
    balance: int


@value
class VotedNoLocked(Indication):
    text: ClassVar[str] = N_(
        "{host} votes no on {transaction} and aborts it: {holder} holds the lock on {resource}, and is not decided."
    )
    cites: ClassVar[str] = "BHG §7.1"
    tone: ClassVar[str] = "bad"
    transaction: str
    resource: str
    holder: str


@value
class VotedNoUnwilling(Indication):
    text: ClassVar[str] = N_("{host} votes no on {transaction} and aborts it: it is not willing, which is its right.")
    cites: ClassVar[str] = "BHG §7.3"
    tone: ClassVar[str] = "bad"
    transaction: str


@value
class VotedNoLate(Indication):
    text: ClassVar[str] = N_(
        "{host} votes no on {transaction}: it has heard of this or a later one of {client}'s before, "
        "and what it had begun is gone."
    )
    cites: ClassVar[str] = "R* (1986) §3"
    tone: ClassVar[str] = "bad"
    transaction: str
    client: str


@value
class ReadWithoutSecondPhase(Indication):
    text: ClassVar[str] = N_("{host} reads {key} for {transaction}; nothing changes, so there is no second phase.")
    cites: ClassVar[str] = "R* (1986) §4"
    transaction: str
    key: str


@value
class VoteCounted(Indication):
    text: ClassVar[str] = N_("Votes for {transaction} that {host} has: {votes} of {needed}.")
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "routine"
    transaction: str
    voter: str
    votes: int
    needed: int


# Decisions


@value
class CommitDecided(Indication):
    text: ClassVar[str] = N_(
        "{transaction} is committed: {host} has the commit record on its disk, with {votes} of {participants} votes."
    )
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    transaction: str
    votes: int
    participants: int


@value
class CommitUnforced(Indication):
    text: ClassVar[str] = N_(
        "{host} decides to commit {transaction} and tells so at once, though the commit record is not on its disk yet."
    )
    cites: ClassVar[str] = "Gray (1978) §5.8.3.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "bad"
    transaction: str
    votes: int
    participants: int


@value
class AbortedByVote(Indication):
    text: ClassVar[str] = N_("{host} aborts {transaction}: {voter} voted no, and one no is enough.")
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str
    voter: str
    reason: str


@value
class AbortedByTimeout(Indication):
    text: ClassVar[str] = N_("{host} aborts {transaction}: it has waited long enough for the votes of {missing}.")
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str
    missing: str


@value
class CommitLearned(Indication):
    text: ClassVar[str] = N_(
        "{host} has committed {transaction}, as {src} told it: its work is done, its locks are free."
    )
    cites: ClassVar[str] = "BHG §7.4"
    tone: ClassVar[str] = "good"
    transaction: str
    src: str


@value
class AbortLearned(Indication):
    text: ClassVar[str] = N_("{host} aborts {transaction}, as {src} told it: nothing is done, its locks are free.")
    cites: ClassVar[str] = "BHG §7.4"
    transaction: str
    src: str


@value
class WorkLost(Indication):
    text: ClassVar[str] = N_(
        "{src} tells {host} to commit {transaction}, of which it has no record: it can't do its part any more."
    )
    cites: ClassVar[str] = "Gray (1978) §5.8.3.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


@value
class ToldToCommitAborted(Indication):
    text: ClassVar[str] = N_(
        "{src} tells {host} to commit {transaction}, which {host} has aborted: no message can mend this any more."
    )
    cites: ClassVar[str] = "BHG §7.3, AC1"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


@value
class ToldToAbortCommitted(Indication):
    text: ClassVar[str] = N_(
        "{src} tells {host} to abort {transaction}, which {host} has committed: no message can mend this any more."
    )
    cites: ClassVar[str] = "BHG §7.3, AC1"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    transaction: str
    src: str


# Recovery


@value
class BackInDoubt(Indication):
    text: ClassVar[str] = N_(
        "{host} is back and finds {transaction} prepared in its log, without a decision: it is in doubt, "
        "and locks again what it had locked."
    )
    cites: ClassVar[str] = "BHG §7.4"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    transaction: str
    resources: tuple[str, ...]


NO_VOTES: tuple[type[Indication], ...] = (VotedNoBalance, VotedNoLocked, VotedNoUnwilling)
"""With these a participant aborts by itself, which it may as long as it has not voted yes."""

INDICATIONS: tuple[type[Indication], ...] = (
    TransactionBegun, AccountUnknown, SentToCoordinator, UnderWay, RequestOver,
    AnsweredWithoutRecord,
    VotedYes, VotedYesUnforced, VoteRepeated, *NO_VOTES, VotedNoLate, ReadWithoutSecondPhase, VoteCounted,
    CommitDecided, CommitUnforced, AbortedByVote, AbortedByTimeout, CommitLearned, AbortLearned, WorkLost,
    ToldToCommitAborted, ToldToAbortCommitted,
    BackInDoubt,
)  # fmt: skip
