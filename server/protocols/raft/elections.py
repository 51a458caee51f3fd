"""Elections (section 5.2), and who may win one (section 5.4.1)."""

from __future__ import annotations

from collections.abc import Callable

from ...simulation import on, on_timer
from ..indication import Indication
from ..quorum import majority
from . import indications as tell
from .messages import Entry, RequestVote, RequestVoteReply
from .pipeline import Pipelining
from .state import CANDIDATE, ELECTION, HEARTBEAT, LEADER


class Elections(Pipelining):
    """How a cluster without a leader gets one."""

    @on_timer(ELECTION)
    def on_election_timeout(self) -> None:
        """Follower or candidate: no leader was heard of for a whole timeout, so it starts an election."""
        self.campaign(tell.BecameCandidate(self.current_term + 1), RequestVote)

    def campaign(self, why: Indication, ask: type) -> None:
        """Begins an election in the next term; `ask` is the class of the messages that ask for votes."""
        self.current_term += 1
        self.voted_for = self.id
        self.role = CANDIDATE
        self.leader = None
        self.votes = (self.id,)
        self.indicate(why)
        self.reset_election_timer()
        if self.has_quorum(self.votes):
            self.become_leader()
            return
        self.ask_voters(ask(self.current_term, self.last_log_index, self.last_log_term))

    @on(RequestVote)
    def on_request_vote(self, m: RequestVote, src: str) -> None:
        """Receiver implementation of RequestVote, figure 2."""
        self.judge_request_vote(m, src)

    def judge_request_vote(self, m: RequestVote, src: str) -> None:
        """Gives the vote or refuses it, and answers."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
        refusal = self.reason_to_refuse_vote(m, src)
        if refusal is not None:
            self.indicate(refusal)
            self.send(src, RequestVoteReply(self.current_term, False))
            return
        self.voted_for = src
        if self.role is not LEADER:  # one that leads has no such timer; it can be asked only where a rule is off
            self.reset_election_timer()
        self.indicate(tell.VoteGranted(src, m.term))
        self.send(src, RequestVoteReply(self.current_term, True))

    def reason_to_refuse_vote(self, m: RequestVote, src: str) -> Indication | None:
        """Why `src` does not get the vote, or None."""
        if m.term < self.current_term:
            return tell.VoteRefusedOldTerm(src, m.term, self.current_term)
        if self.one_vote and self.voted_for is not None and self.voted_for != src:
            return tell.VoteRefusedAlreadyVoted(src, m.term, self.voted_for)
        own = (self.last_log_term, self.last_log_index)
        if self.log_check and (m.last_log_term, m.last_log_index) < own:
            return tell.VoteRefusedLogBehind(src, m.term, m.last_log_term, m.last_log_index, *own)
        return None

    @on(RequestVoteReply)
    def on_request_vote_reply(self, m: RequestVoteReply, src: str) -> None:
        """A candidate counts votes of its own term, each voter once: the network may duplicate."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
            return
        if self.role is not CANDIDATE or m.term < self.current_term or not m.vote_granted or src in self.votes:
            return
        self.votes = (*self.votes, src)
        self.tell_vote(self.current_term, src)
        if self.has_quorum(self.votes):
            self.become_leader()

    def tell_vote(
        self, term: int, src: str, alone: Callable[..., Indication] = tell.VoteCounted,
        jointly: Callable[..., Indication] = tell.VoteCountedJointly,
    ) -> None:  # fmt: skip
        """How many votes there are now, of how many that are needed: in a joint configuration, of each half."""
        if len(self.voting) < 2:
            counted = sum(1 for node in self.votes if not self.voting or node in self.voting[0])
            self.indicate(alone(term, src, counted, self.quorum))
            return
        (new, votes_new), (old, votes_old) = (
            (majority(len(group)), sum(1 for node in self.votes if node in group)) for group in self.voting
        )
        self.indicate(jointly(term, src, votes_old, old, votes_new, new))

    def become_leader(self) -> None:
        """Upon election: nextIndex after the end of its log, matchIndex 0, and word to all at once."""
        self.role = LEADER
        self.leader = self.id
        self.next_index = dict.fromkeys(self.followers, self.last_log_index + 1)
        self.match_index = dict.fromkeys(self.followers, 0)
        self.cancel_timer(ELECTION)
        self.set_timer(HEARTBEAT, self.heartbeat_interval)
        self.indicate(tell.Elected(self.current_term, self.counting(self.votes), self.members))
        if self.no_op:
            self.append_no_op()
        self.send_entries_to_all()

    def append_no_op(self) -> None:
        """An entry of its own term without a command, which commits those of earlier terms with it (section 8)."""
        self.log = self.log.append(Entry(self.current_term, None))
        self.indicate(tell.NoOpAppended(self.last_log_index, self.current_term))
        self.advance_commit_index()
