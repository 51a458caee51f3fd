"""What is told of elections (section 5.2)."""

from __future__ import annotations

from typing import ClassVar

from ....simulation import N_, value
from ...indication import Indication


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


TOLD: tuple[type[Indication], ...] = (
    BecameCandidate, VoteGranted, VoteRefusedOldTerm, VoteRefusedAlreadyVoted, VoteRefusedLogBehind, VoteCounted,
    Elected, LeaderRecognised, SteppedDown, TermAdvanced, CandidacyGivenUp,
)  # fmt: skip
