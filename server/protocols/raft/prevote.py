"""PreVote (Ongaro's dissertation, section 9.6), and the leader that is heard (sections 4.2.3 and 9.6).

A server that was cut off has timed out again and again, and comes back with a high term: by it alone it deposes a leader
that all others hear. With PreVote it asks first whether it *would* be elected, in a term that nobody has entered. Only if a
majority says so does it begin that term.

Says so: whose log is not ahead of the candidate's, and who has not heard a leader within the shortest election timeout.
The second half is the one that keeps a good leader; the dissertation has it in the algorithm, etcd's library only together
with CheckQuorum. Nobody's term or vote changes by the question or by the answer, and a yes binds nobody.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, on, on_timer, param, rule, value
from ..indication import Indication
from . import indications as tell
from .elections import Elections
from .messages import RequestVote
from .state import ELECTION, LEADER, PRE_CANDIDATE


@value
class RequestPreVote:
    """Asks whether the receiver would vote for the sender (section 9.6). It changes nothing at the receiver."""

    text: ClassVar[str] = N_("{src} asks {dst} whether it would vote for it in term {term}.")
    term: int
    """The term in which it would campaign: one more than its own."""
    last_log_index: int
    """Index of its last entry; 0 where its log is empty."""
    last_log_term: int
    """Term of that entry; 0 where there is none."""


@value
class RequestPreVoteReply:
    """Whether it would."""

    text: ClassVar[str] = N_("{src} answers {dst}'s question about term {asked}.")
    term: int
    """The receiver's own term, for a candidate that is behind."""
    asked: int
    """The term of the question that is answered."""
    vote_granted: bool


class PreElections(Elections):
    """Elections that begin with the question whether they would be won."""

    pre_vote: bool = param(
        False, False, True, "switch", N_("PreVote"),
        N_("A node asks whether it would be elected before it begins a term, so one that was cut off deposes nobody."),
    )  # fmt: skip
    leader_stickiness: bool = rule(
        N_("Nobody replaces a leader that it hears"),
        N_("A node that has heard a leader within the shortest election timeout gives no pre-vote (PreVote) and no vote "
           "(CheckQuorum, leases) to another."),
        cites="Ongaro 2014 §4.2.3, §9.6", needs={"pre_vote": True},
    )  # fmt: skip

    @on_timer(ELECTION)
    def on_election_timeout(self) -> None:
        """With PreVote the question comes first; the term stays."""
        self.withhold_until = 0
        if not self.pre_vote:
            super().on_election_timeout()
            return
        self.role = PRE_CANDIDATE
        self.leader = None
        self.votes = (self.id,)
        self.indicate(tell.BecamePreCandidate(self.current_term, self.current_term + 1))
        self.reset_election_timer()
        if self.has_quorum(self.votes):
            self.campaign_after_pre_vote()
            return
        self.ask_voters(RequestPreVote(self.current_term + 1, self.last_log_index, self.last_log_term))

    @on(RequestPreVote)
    def on_request_pre_vote(self, m: RequestPreVote, src: str) -> None:
        """Says whether it would vote, and remembers nothing of it."""
        refusal = self.reason_to_refuse_pre_vote(m, src)
        self.indicate(tell.PreVoteGranted(src, m.term) if refusal is None else refusal)
        self.send(src, RequestPreVoteReply(self.current_term, m.term, refusal is None))

    def reason_to_refuse_pre_vote(self, m: RequestPreVote, src: str) -> Indication | None:
        """Why it would not vote for `src` in that term, or None."""
        if m.term <= self.current_term:
            return tell.PreVoteRefusedOldTerm(src, m.term, self.current_term)
        if self.leader_stickiness and self.hears_a_leader():
            if self.role is LEADER:
                return tell.PreVoteRefusedLeads(src, m.term)
            if self.leader is None:
                return tell.PreVoteRefusedHeardLately(src, m.term)
            return tell.PreVoteRefusedLeaderHeard(src, m.term, self.leader)
        own = (self.last_log_term, self.last_log_index)
        if self.log_check and (m.last_log_term, m.last_log_index) < own:
            return tell.VoteRefusedLogBehind(src, m.term, m.last_log_term, m.last_log_index, *own)
        return None

    def hears_a_leader(self) -> bool:
        """Whether it leads, or has heard a leader within the shortest election timeout, by its own clock."""
        return self.role is LEADER or self.now < self.withhold_until

    @on(RequestPreVoteReply)
    def on_request_pre_vote_reply(self, m: RequestPreVoteReply, src: str) -> None:
        """Counts the answers to its last question, each once; a majority lets it campaign."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
            return
        current = self.role is PRE_CANDIDATE and m.asked == self.current_term + 1
        if not current or not m.vote_granted or src in self.votes:
            return
        self.votes = (*self.votes, src)
        self.tell_vote(m.asked, src, tell.PreVoteCounted, tell.PreVoteCountedJointly)
        if self.has_quorum(self.votes):
            self.campaign_after_pre_vote()

    def campaign_after_pre_vote(self) -> None:
        """A majority would vote for it: now it begins the term."""
        self.campaign(
            tell.CandidateByPreVote(self.current_term + 1, self.counting(self.votes), self.quorum), RequestVote
        )
