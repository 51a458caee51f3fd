"""What is told of PreVote (dissertation, section 9.6) and of CheckQuorum (sections 4.2.3 and 6.2)."""

from __future__ import annotations

from typing import ClassVar

from ....simulation import N_, value
from ...indication import Indication


@value
class BecamePreCandidate(Indication):
    text: ClassVar[str] = N_(
        "{host}'s election timer ran out: it stays in term {term} and asks who would vote for it in term {next_term}."
    )
    cites: ClassVar[str] = "Ongaro 2014 §9.6"
    weight: ClassVar[str] = "key"
    term: int
    next_term: int


@value
class PreVoteGranted(Indication):
    text: ClassVar[str] = N_("{host} would vote for {candidate} in term {term}, and stays in its own.")
    cites: ClassVar[str] = "Ongaro 2014 §9.6"
    candidate: str
    term: int


@value
class PreVoteRefusedOldTerm(Indication):
    text: ClassVar[str] = N_("{host} would not vote for {candidate} in term {term}: it is in term {own_term} already.")
    cites: ClassVar[str] = "Ongaro 2014 §9.6"
    tone: ClassVar[str] = "bad"
    candidate: str
    term: int
    own_term: int


@value
class PreVoteRefusedLeaderHeard(Indication):
    text: ClassVar[str] = N_("{host} would not vote for {candidate} in term {term}: it hears a leader, {leader}.")
    cites: ClassVar[str] = "Ongaro 2014 §9.6"
    candidate: str
    term: int
    leader: str


@value
class PreVoteRefusedLeads(Indication):
    text: ClassVar[str] = N_("{host} would not vote for {candidate} in term {term}: it leads itself.")
    cites: ClassVar[str] = "Ongaro 2014 §9.6"
    candidate: str
    term: int


@value
class PreVoteRefusedHeardLately(Indication):
    text: ClassVar[str] = N_(
        "{host} would not vote for {candidate} in term {term}: it may have heard a leader within an election timeout."
    )
    cites: ClassVar[str] = "Ongaro 2014 §9.6"
    candidate: str
    term: int


@value
class PreVoteCounted(Indication):
    text: ClassVar[str] = N_("{votes} of the {needed} nodes that {host} needs would elect it in term {term}.")
    cites: ClassVar[str] = "Ongaro 2014 §9.6"
    term: int
    voter: str
    votes: int
    needed: int


@value
class PreVoteCountedJointly(Indication):
    text: ClassVar[str] = N_(
        "{votes_old} of the {needed_old} old members that {host} needs would elect it in term {term}, "
        "and {votes_new} of the {needed_new} new ones."
    )
    cites: ClassVar[str] = "Ongaro 2014 §9.6; Raft §6"
    term: int
    voter: str
    votes_old: int
    needed_old: int
    votes_new: int
    needed_new: int


@value
class CandidateByPreVote(Indication):
    text: ClassVar[str] = N_(
        "{votes} nodes, as many as it needs, would elect {host}: it becomes a candidate of term {term} and votes for itself."
    )
    cites: ClassVar[str] = "Ongaro 2014 §9.6"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    term: int
    votes: int
    needed: int


# CheckQuorum


@value
class VoteWithheld(Indication):
    text: ClassVar[str] = N_(
        "{host} ignores {candidate}, which asks for its vote in term {term}: it hears {leader} lead."
    )
    cites: ClassVar[str] = "Ongaro 2014 §4.2.3"
    candidate: str
    term: int
    leader: str


@value
class VoteWithheldLeads(Indication):
    text: ClassVar[str] = N_("{host} ignores {candidate}, which asks for its vote in term {term}: it leads itself.")
    cites: ClassVar[str] = "Ongaro 2014 §4.2.3"
    candidate: str
    term: int


@value
class VoteWithheldHeardLately(Indication):
    text: ClassVar[str] = N_(
        "{host} ignores {candidate}, which asks for its vote in term {term}: it may have heard a leader within an election "
        "timeout."
    )
    cites: ClassVar[str] = "Ongaro 2014 §4.2.3"
    candidate: str
    term: int


@value
class MajorityHeard(Indication):
    text: ClassVar[str] = N_("Leader {host} has heard {heard} of {members} nodes within an election timeout: it stays.")
    cites: ClassVar[str] = "Ongaro 2014 §6.2"
    weight: ClassVar[str] = "routine"
    term: int
    heard: int
    members: int


@value
class NewcomersAwaited(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} has heard only {heard} of {members} nodes within an election timeout, and waits once more: {nodes}, "
        "just added, has had no time to answer."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.2"
    term: int
    heard: int
    members: int
    nodes: str


@value
class SteppedDownUnheard(Indication):
    text: ClassVar[str] = N_(
        "{host}, leader of term {term}, steps down: within an election timeout it has heard only {heard} of {members} "
        "nodes, itself included, and that is no quorum."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    tone: ClassVar[str] = "bad"
    term: int
    heard: int
    needed: int
    members: int


TOLD: tuple[type[Indication], ...] = (
    BecamePreCandidate, PreVoteGranted, PreVoteRefusedOldTerm, PreVoteRefusedLeaderHeard, PreVoteRefusedLeads,
    PreVoteRefusedHeardLately, PreVoteCounted,
    PreVoteCountedJointly, CandidateByPreVote, VoteWithheld, VoteWithheldLeads, VoteWithheldHeardLately,
    MajorityHeard, NewcomersAwaited, SteppedDownUnheard,
)  # fmt: skip
