"""What a Raft node tells the outside: each decision, with its reason and the place in the paper.

`text` is a sentence with the fields of the indication and `host`, the node that speaks. `weight` says how much of the
feed's room it deserves, `mark` how the timeline paints it, `tone` whether it is good or bad news for the cluster.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ...simulation import N_, value
from .. import session
from ..indication import Indication
from .messages import Entry

# Elections (section 5.2)


@value
class BecameCandidate(Indication):
    text: ClassVar[str] = N_(
        "{host}'s election timer ran out before it heard of a leader: it becomes a candidate of term {term} "
        "and votes for itself."
    )
    cites: ClassVar[str] = "Raft §5.2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    term: int


@value
class VoteGranted(Indication):
    text: ClassVar[str] = N_("{host} gives {candidate} its vote for term {term}.")
    cites: ClassVar[str] = "Raft §5.2"
    candidate: str
    term: int


@value
class VoteRefusedOldTerm(Indication):
    text: ClassVar[str] = N_("{host} refuses {candidate}: term {term} is over, {host} is in term {own_term}.")
    cites: ClassVar[str] = "Raft §5.1"
    tone: ClassVar[str] = "bad"
    candidate: str
    term: int
    own_term: int


@value
class VoteRefusedAlreadyVoted(Indication):
    text: ClassVar[str] = N_("{host} refuses {candidate}: in term {term} its vote went to {voted_for}.")
    cites: ClassVar[str] = "Raft §5.2"
    tone: ClassVar[str] = "bad"
    candidate: str
    term: int
    voted_for: str


@value
class VoteRefusedLogBehind(Indication):
    text: ClassVar[str] = N_(
        "{host} refuses {candidate}: its log ends at (term {last_log_term}, #{last_log_index}), "
        "mine at (term {own_last_term}, #{own_last_index})."
    )
    cites: ClassVar[str] = "Raft §5.4.1"
    tone: ClassVar[str] = "bad"
    candidate: str
    term: int
    last_log_term: int
    last_log_index: int
    own_last_term: int
    own_last_index: int


@value
class VoteCounted(Indication):
    text: ClassVar[str] = N_("{host} has {votes} of the {needed} votes that it needs in term {term}.")
    cites: ClassVar[str] = "Raft §5.2"
    term: int
    voter: str
    votes: int
    needed: int


@value
class Elected(Indication):
    text: ClassVar[str] = N_("{host} is the leader of term {term}, with {votes} votes of {members}.")
    cites: ClassVar[str] = "Raft §5.2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "election"
    tone: ClassVar[str] = "good"
    term: int
    votes: int
    members: int


@value
class LeaderRecognised(Indication):
    text: ClassVar[str] = N_("{host} follows {leader}, the leader of term {term}.")
    cites: ClassVar[str] = "Raft §5.2"
    leader: str
    term: int


@value
class SteppedDown(Indication):
    text: ClassVar[str] = N_("{host}, {role} of term {term}, steps down: {src} is in term {newer_term}.")
    cites: ClassVar[str] = "Raft §5.1"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    tone: ClassVar[str] = "bad"
    role: str
    term: int
    newer_term: int
    src: str


@value
class TermAdvanced(Indication):
    text: ClassVar[str] = N_("{host} goes from term {term} to term {newer_term}, which {src} is in.")
    cites: ClassVar[str] = "Raft §5.1"
    weight: ClassVar[str] = "routine"
    term: int
    newer_term: int
    src: str


@value
class CandidacyGivenUp(Indication):
    text: ClassVar[str] = N_("{host} gives up its candidacy: {leader} leads term {term}.")
    cites: ClassVar[str] = "Raft §5.2"
    leader: str
    term: int


# Replication (section 5.3)


@value
class Appended(Indication):
    text: ClassVar[str] = N_("Leader {host} puts {client}'s operation {serial} into its log as entry #{index}.")
    cites: ClassVar[str] = "Raft §5.3"
    index: int
    term: int
    client: str
    serial: int


@value
class NoOpAppended(Indication):
    text: ClassVar[str] = N_("Leader {host} begins term {term} with a no-op as entry #{index}.")
    cites: ClassVar[str] = "Raft §8"
    index: int
    term: int


@value
class AppendAccepted(Indication):
    text: ClassVar[str] = N_(
        "{host} takes entries up to #{match_index} from {leader}: the logs agree up to #{prev_log_index}."
    )
    cites: ClassVar[str] = "Raft §5.3"
    leader: str
    count: int
    prev_log_index: int
    match_index: int


@value
class AppendRepeated(Indication):
    text: ClassVar[str] = N_("{host} has all that {leader} sends, up to #{match_index}, already.")
    cites: ClassVar[str] = "Raft §5.3"
    weight: ClassVar[str] = "routine"
    leader: str
    match_index: int


@value
class AppendAcceptedUnchecked(Indication):
    text: ClassVar[str] = N_(
        "{host} takes what {leader} sends without a look at the entry before: the logs may not agree."
    )
    cites: ClassVar[str] = "Raft §5.3"
    tone: ClassVar[str] = "bad"
    leader: str
    count: int


@value
class AppendRejectedOldTerm(Indication):
    text: ClassVar[str] = N_("{host} refuses {leader}'s entries: term {term} is over, {host} is in term {own_term}.")
    cites: ClassVar[str] = "Raft §5.1"
    tone: ClassVar[str] = "bad"
    leader: str
    term: int
    own_term: int


@value
class AppendRejectedMissing(Indication):
    text: ClassVar[str] = N_(
        "{host} refuses {leader}'s entries: they follow #{prev_log_index}, and its log ends at #{last_log_index}."
    )
    cites: ClassVar[str] = "Raft §5.3"
    tone: ClassVar[str] = "bad"
    leader: str
    prev_log_index: int
    last_log_index: int


@value
class AppendRejectedConflict(Indication):
    text: ClassVar[str] = N_(
        "{host} refuses {leader}'s entries: #{prev_log_index} is of term {own_term} here and of term {prev_log_term} there."
    )
    cites: ClassVar[str] = "Raft §5.3"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    leader: str
    prev_log_index: int
    prev_log_term: int
    own_term: int


@value
class EntriesRemoved(Indication):
    text: ClassVar[str] = N_(
        "{host} removes its entries from #{first} on: #{first} is of term {own_term} here and of term {term} at the leader."
    )
    cites: ClassVar[str] = "Raft §5.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    first: int
    count: int
    own_term: int
    term: int


@value
class NextIndexLowered(Indication):
    text: ClassVar[str] = N_("Leader {host} will try {follower} from entry #{next_index} on.")
    cites: ClassVar[str] = "Raft §5.3"
    follower: str
    next_index: int


# Commitment (sections 5.3 and 5.4.2)


@value
class Committed(Indication):
    text: ClassVar[str] = N_("Leader {host} commits up to #{index}: by its count {copies} of {members} nodes have it.")
    cites: ClassVar[str] = "Raft §5.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    index: int
    term: int
    copies: int
    members: int


@value
class NotCommittedOldTerm(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} does not commit #{index}, though by its count {copies} of {members} nodes have it: "
        "it is of term {entry_term}, not of term {term}."
    )
    cites: ClassVar[str] = "Raft §5.4.2"
    index: int
    entry_term: int
    term: int
    copies: int
    members: int


@value
class CommitLearned(Indication):
    text: ClassVar[str] = N_("{host} learns from {leader} that entries up to #{index} are committed.")
    cites: ClassVar[str] = "Raft §5.3"
    leader: str
    index: int


@value
class Applied(Indication):
    text: ClassVar[str] = N_("{host} applies entry #{index}.")
    cites: ClassVar[str] = "Raft §5.3"
    weight: ClassVar[str] = "routine"
    index: int
    entry: Entry
    result: Any


@value
class DuplicateNotApplied(Indication):
    text: ClassVar[str] = N_("{host} does not apply #{index} again: {client}'s operation {serial} has been applied.")
    cites: ClassVar[str] = "Raft §8"
    index: int
    entry: Entry
    client: str
    serial: int


# Clients (section 8)


@value
class Answered(Indication):
    text: ClassVar[str] = N_("Leader {host} answers {client}'s operation {serial}.")
    cites: ClassVar[str] = "Raft §8"
    client: str
    serial: int


@value
class Redirected(Indication):
    text: ClassVar[str] = N_("{host} does not lead: it sends {client} to {leader}.")
    cites: ClassVar[str] = "Raft §8"
    client: str
    leader: str


@value
class NoLeaderKnown(Indication):
    text: ClassVar[str] = N_("{host} does not lead and knows no leader: {client} has to look elsewhere.")
    cites: ClassVar[str] = "Raft §8"
    tone: ClassVar[str] = "bad"
    client: str


@value
class RequestIsOver(Indication):
    text: ClassVar[str] = N_(
        "{host} lets {client}'s operation {serial} be: it is over, {client} has gone on to {newer}."
    )
    cites: ClassVar[str] = "Raft §8"
    client: str
    serial: int
    newer: int


INDICATIONS: tuple[type[Indication], ...] = (
    BecameCandidate, VoteGranted, VoteRefusedOldTerm, VoteRefusedAlreadyVoted, VoteRefusedLogBehind, VoteCounted, Elected,
    LeaderRecognised, SteppedDown, TermAdvanced, CandidacyGivenUp, Appended, NoOpAppended, AppendAccepted,
    AppendRejectedOldTerm, AppendRejectedMissing, AppendRejectedConflict, EntriesRemoved, NextIndexLowered, Committed,
    NotCommittedOldTerm, CommitLearned, Applied, DuplicateNotApplied, Answered, Redirected, NoLeaderKnown,
    RequestIsOver, AppendRepeated, AppendAcceptedUnchecked, *session.INDICATIONS,
)  # fmt: skip
