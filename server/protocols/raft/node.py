"""Raft, after figure 2 of the paper (Ongaro and Ousterhout, 2014), handler by handler in the paper's order.

Theory of operation. Time is divided into terms, each with at most one leader, because a node votes once per term and a
leader needs a majority. A leader alone appends; followers take over its log, entry after entry, checking each time that
the entry before is the same. An entry of the leader's own term that a majority has stored is committed, with all before
it: no later leader can lack it, since a node refuses its vote to whoever has a log behind its own.

Every `rule` is one line of that argument, and can be switched off to see what it was for.
"""

from __future__ import annotations

from ...simulation import on, on_timer
from .. import keyvalue
from ..indication import Indication
from ..quorum import agreed
from ..session import ClientReply, ClientRequest
from . import indications as tell
from .messages import (
    AppendEntries,
    AppendEntriesReply,
    Entry,
    RequestVote,
    RequestVoteReply,
)
from .state import CANDIDATE, EMPTY, FOLLOWER, LEADER, RaftState

ENTRIES_MAX = 16
"""How many entries one AppendEntries carries at the most."""

ELECTION = "election"
HEARTBEAT = "heartbeat"


class Raft(RaftState):
    """One server of a Raft cluster."""

    messages = (RequestVote, RequestVoteReply, AppendEntries, AppendEntriesReply, ClientRequest)
    foreign = (ClientReply,)

    # Rules for servers: all (section 5.1)

    def start(self) -> None:
        self.reset_election_timer()

    def reset_election_timer(self) -> None:
        """A new random timeout each time, so that split votes are rare and end quickly (section 5.2)."""
        settings = self.settings
        self.set_timer(ELECTION, settings.election_low, settings.election_high)

    def see_term(self, term: int, src: str) -> None:
        """A message of a newer term makes any node a follower of that term."""
        if self.role is FOLLOWER:
            self.indicate(tell.TermAdvanced(self.current_term, term, src))
        else:
            self.indicate(tell.SteppedDown(self.role.value, self.current_term, term, src))
            self.become_follower()
        self.current_term = term
        self.voted_for = None
        self.leader = None

    def become_follower(self) -> None:
        """Gives up what only candidates and leaders have."""
        self.role = FOLLOWER
        self.votes = ()
        self.next_index = EMPTY
        self.match_index = EMPTY
        self.cancel_timer(HEARTBEAT)
        self.reset_election_timer()

    # Elections (section 5.2)

    @on_timer(ELECTION)
    def on_election_timeout(self) -> None:
        """Follower or candidate: no leader was heard of for a whole timeout, so it starts an election."""
        self.current_term += 1
        self.voted_for = self.id
        self.role = CANDIDATE
        self.leader = None
        self.votes = (self.id,)
        self.indicate(tell.BecameCandidate(self.current_term))
        self.reset_election_timer()
        if len(self.votes) >= self.quorum:
            self.become_leader()
            return
        self.broadcast(RequestVote(self.current_term, self.last_log_index, self.last_log_term))

    @on(RequestVote)
    def on_request_vote(self, m: RequestVote, src: str) -> None:
        """Receiver implementation of RequestVote, figure 2."""
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
        self.indicate(tell.VoteCounted(self.current_term, src, len(self.votes), self.quorum))
        if len(self.votes) >= self.quorum:
            self.become_leader()

    def become_leader(self) -> None:
        """Upon election: nextIndex after the end of its log, matchIndex 0, and word to all at once."""
        self.role = LEADER
        self.leader = self.id
        self.next_index = dict.fromkeys(self.peers, self.last_log_index + 1)
        self.match_index = dict.fromkeys(self.peers, 0)
        self.cancel_timer(ELECTION)
        self.set_timer(HEARTBEAT, self.heartbeat_interval)
        self.indicate(tell.Elected(self.current_term, len(self.votes), self.members))
        if self.no_op:
            self.log = self.log.append(Entry(self.current_term, None))
            self.indicate(tell.NoOpAppended(self.last_log_index, self.current_term))
            self.advance_commit_index()
        self.send_entries_to_all()

    # Replication (section 5.3)

    @on_timer(HEARTBEAT)
    def on_heartbeat_timer(self) -> None:
        """Repeated during idle periods to prevent election timeouts; also what sends again what was lost."""
        self.set_timer(HEARTBEAT, self.heartbeat_interval)
        self.send_entries_to_all()

    def send_entries_to_all(self) -> None:
        """AppendEntries to each peer; those with the same nextIndex get the same message."""
        made: dict[int, AppendEntries] = {}
        for peer in self.peers:
            index = self.next_index[peer]
            message = made.get(index)
            if message is None:
                message = made[index] = self.entries_from(index)
            self.send(peer, message)

    def entries_from(self, index: int) -> AppendEntries:
        """AppendEntries with what the log has from `index` on; a heartbeat where it has nothing."""
        log = self.log
        prev = min(index - 1, log.length)  # a leader's log gets shorter only where a rule is off
        entries = log[prev : prev + ENTRIES_MAX] if prev < log.length else ()
        return AppendEntries(self.current_term, prev, self.term_at(prev), entries, self.commit_index)

    @on(ClientRequest)
    def on_client_request(self, m: ClientRequest, src: str) -> None:
        """A leader appends the operation and sends it to all; anyone else says whom to ask (section 8)."""
        if self.role is not LEADER:
            self.indicate(tell.NoLeaderKnown(src) if self.leader is None else tell.Redirected(src, self.leader))
            self.send(src, ClientReply(m.serial, False, None, self.leader))
            return
        serial, result = self.sessions.get(src, (0, None))
        if m.serial < serial:
            self.indicate(tell.RequestIsOver(src, m.serial, serial))
            return
        if m.serial == serial:
            self.indicate(tell.Answered(src, m.serial))
            self.send(src, ClientReply(m.serial, True, result, self.id))
            return
        op = m.operation
        command = keyvalue.Command(op.name, op.key, op.value, op.expect, src, m.serial)
        self.log = self.log.append(Entry(self.current_term, command))
        self.indicate(tell.Appended(self.last_log_index, self.current_term, src, m.serial))
        self.advance_commit_index()
        self.send_entries_to_all()

    @on(AppendEntries)
    def on_append_entries(self, m: AppendEntries, src: str) -> None:
        """Receiver implementation of AppendEntries, figure 2."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
        if m.term < self.current_term:
            self.indicate(tell.AppendRejectedOldTerm(src, m.term, self.current_term))
            self.refuse_entries(m, src)
            return
        self.recognise_leader(src)
        prev = m.prev_log_index
        if self.settings.consistency_check:
            if prev > self.log.length:
                self.indicate(tell.AppendRejectedMissing(src, prev, self.last_log_index))
                self.refuse_entries(m, src)
                return
            if self.term_at(prev) != m.prev_log_term:
                self.indicate(tell.AppendRejectedConflict(src, prev, m.prev_log_term, self.term_at(prev)))
                self.refuse_entries(m, src)
                return
        else:
            prev = min(prev, self.last_log_index)
        match = m.prev_log_index
        if m.entries:
            match += len(m.entries)
            before = self.log
            self.take_entries(m, prev)
            if not self.settings.consistency_check:
                self.indicate(tell.AppendAcceptedUnchecked(src, len(m.entries)))
            elif self.log is before:
                self.indicate(tell.AppendRepeated(src, match))
            else:
                self.indicate(tell.AppendAccepted(src, len(m.entries), m.prev_log_index, match))
        if m.leader_commit > self.commit_index:
            # Not past the last entry known to be the leader's: what stands behind it may be another leader's.
            self.learn_commit(min(m.leader_commit, match, self.last_log_index), src)
        self.send(src, AppendEntriesReply(self.current_term, True, m.prev_log_index, match, self.log.length))

    def recognise_leader(self, src: str) -> None:
        """Whoever sends AppendEntries of the current term leads it; a candidate of that term returns to follower."""
        if self.role is FOLLOWER:
            self.reset_election_timer()
        elif self.role is CANDIDATE:
            self.indicate(tell.CandidacyGivenUp(src, self.current_term))
            self.become_follower()
        if self.leader != src and self.role is FOLLOWER:
            self.leader = src
            self.indicate(tell.LeaderRecognised(src, self.current_term))

    def refuse_entries(self, m: AppendEntries, src: str) -> None:
        """Answers false, with what a leader needs to go on: its request, and the end of this log."""
        self.send(src, AppendEntriesReply(self.current_term, False, m.prev_log_index, 0, self.last_log_index))

    def take_entries(self, m: AppendEntries, prev: int) -> None:
        """Steps 3 and 4: removes what conflicts, from the first conflict on; appends what is not there.

        What agrees stays, even behind the last new entry: an old message must not take away what came since.
        """
        log = self.log
        for offset, entry in enumerate(m.entries):
            index = prev + 1 + offset
            if index <= log.length:
                own_term = log.items[index - 1].term
                if own_term == entry.term:
                    continue
                self.indicate(tell.EntriesRemoved(index, log.length - index + 1, own_term, entry.term))
                log = log.truncate(index - 1)
            log = log.extend(m.entries[offset:])
            break
        self.log = log

    @on(AppendEntriesReply)
    def on_append_entries_reply(self, m: AppendEntriesReply, src: str) -> None:
        """Leader: after success it raises nextIndex and matchIndex, after a refusal it lowers nextIndex and retries."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
            return
        if self.role is not LEADER or m.term < self.current_term:
            return
        if m.success:
            if m.match_index > self.match_index[src]:
                self.match_index = {**self.match_index, src: m.match_index}
                if m.match_index >= self.next_index[src]:
                    self.next_index = {**self.next_index, src: m.match_index + 1}
                self.advance_commit_index()
                if self.next_index[src] <= self.log.length:
                    self.send(src, self.entries_from(self.next_index[src]))
            return
        if m.prev_log_index != self.next_index[src] - 1 or m.prev_log_index <= self.match_index[src]:
            return  # an answer to an older request, late or doubled: nextIndex has moved since
        lower = min(self.next_index[src] - 1, m.last_log_index + 1)
        self.next_index = {**self.next_index, src: max(lower, self.match_index[src] + 1)}
        self.indicate(tell.NextIndexLowered(src, self.next_index[src]))
        self.send(src, self.entries_from(self.next_index[src]))

    # Commitment (sections 5.3 and 5.4.2) and the state machine

    def advance_commit_index(self) -> None:
        """Leader: the highest index that a majority has, if its entry is of the current term (section 5.4.2)."""
        last = self.log.length
        if last <= self.commit_index:
            return
        index = min(agreed((*self.match_index.values(), last), self.quorum), last)
        if index <= self.commit_index:
            return
        term = self.term_at(index)
        copies = 1 + sum(1 for match in self.match_index.values() if match >= index)
        if self.commit_current_term and term != self.current_term:
            self.indicate(tell.NotCommittedOldTerm(index, term, self.current_term, copies, self.members))
            return
        self.commit_index = index
        self.indicate(tell.Committed(index, self.current_term, copies, self.members))
        self.apply_committed()

    def learn_commit(self, index: int, src: str) -> None:
        """Follower: the leader has committed more. The index never goes back."""
        if index <= self.commit_index:
            return
        self.commit_index = index
        self.indicate(tell.CommitLearned(src, index))
        self.apply_committed()

    def apply_committed(self) -> None:
        """All servers: while lastApplied is behind commitIndex, apply the next entry; a leader answers the client."""
        while self.last_applied < self.commit_index:
            entry = self.log.items[self.last_applied]
            self.last_applied += 1
            if entry.command is None:
                self.indicate(tell.Applied(self.last_applied, entry, None))
                continue
            client, serial = entry.command.client, entry.command.serial
            self.apply_once(entry, entry.command)
            done, result = self.sessions[client]
            if self.role is LEADER and done == serial:  # of an older one the client has had the answer
                self.indicate(tell.Answered(client, serial))
                self.send(client, ClientReply(serial, True, result, self.id))

    def apply_once(self, entry: Entry, command: keyvalue.Command) -> None:
        """Applies a client's operation unless it has been: a client that had no answer asks again (section 8)."""
        serial, _ = self.sessions.get(command.client, (0, None))
        if command.serial <= serial:
            self.indicate(tell.DuplicateNotApplied(self.last_applied, entry, command.client, command.serial))
            return
        self.data, result = keyvalue.apply(self.data, command)
        self.sessions = {**self.sessions, command.client: (command.serial, result)}
        self.indicate(tell.Applied(self.last_applied, entry, result))
