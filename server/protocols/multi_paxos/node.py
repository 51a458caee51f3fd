"""Multi-Paxos: one node, handler by handler in the order of Paxos Made Simple (Lamport, 2001), section 3.

Theory of operation. Each slot of the log is one instance of Paxos: a majority must accept its value in one ballot. A
ballot has one maker, so within it a slot has one value; a candidate asks a majority to promise its ballot, and hears what
these have accepted in lower ones. Any value that was or may yet be chosen is among that, so a leader that proposes the
value of the highest ballot reported changes nothing that was decided.

What makes a log of it is that a Prepare names no value: phase 1 is done once for all slots, from the first that the
candidate does not know to be chosen. From then on a command costs one round trip, phase 2, and slots do not wait for each
other. So slots are chosen in any order and applied in their own, and a slot that a leader left empty gets a no-op.

Every `rule` is one line of that argument, and can be switched off to see what it was for.
"""

from __future__ import annotations

from ...simulation import on, on_timer
from .. import keyvalue
from ..ballots import ballot_of, rank
from ..session import ClientReply, ClientRequest
from . import indications as tell
from .learning import Learner
from .messages import (
    SLOTS_MAX,
    Accept,
    Accepted,
    Heartbeat,
    LearnReply,
    LearnRequest,
    Nack,
    Prepare,
    Promise,
    Proposal,
    Report,
    Slot,
)
from .state import CANDIDATE, EMPTY, FOLLOWER, GAP, LEADER, with_slot

ELECTION = "election"
HEARTBEAT = "heartbeat"


class MultiPaxos(Learner):
    """One node: proposer, acceptor and learner."""

    messages = (Prepare, Promise, Accept, Accepted, Nack, Heartbeat, LearnRequest, LearnReply, ClientRequest)
    foreign = (ClientReply,)

    def start(self) -> None:
        self.replay()
        self.reset_election_timer()

    def reset_election_timer(self) -> None:
        """A new random timeout each time, so that candidates seldom stand in each other's way (section 2.4)."""
        settings = self.settings
        self.set_timer(ELECTION, settings.election_low, settings.election_high)

    def step_down(self, newer: str, src: str) -> None:
        """A higher ballot is about: what this one proposes would be refused, so it makes room."""
        self.indicate(tell.SteppedDown(self.role.value, self.promised, newer, src))
        self.role = FOLLOWER
        self.leader = None
        self.promises = ()
        self.reported = ()
        self.accepted_by = EMPTY
        self.waiting = ()
        self.cancel_timer(HEARTBEAT)
        self.reset_election_timer()

    # Phase 1, once for all slots

    @on_timer(ELECTION)
    def on_election_timeout(self) -> None:
        """Follower or candidate: no leader was heard of for a whole timeout, so it makes a ballot above all it knows."""
        number = max(rank(self.promised), rank(self.heard))[0] + 1
        self.promised = ballot_of(number, self.id)
        self.role = CANDIDATE
        self.leader = None
        self.promises = (self.id,)
        self.reported = ()
        self.indicate(tell.BecameCandidate(self.promised, self.chosen_upto + 1))
        self.reset_election_timer()
        if len(self.promises) >= self.quorum:
            self.become_leader()
            return
        self.broadcast(Prepare(self.promised, self.chosen_upto + 1))

    @on(Prepare)
    def on_prepare(self, m: Prepare, src: str) -> None:
        """Phase 1b. The same ballot again is the same promise: asked for again, or for the rest of a long report."""
        if m.ballot != self.promised:
            if rank(m.ballot) > rank(self.promised):
                if self.role is not FOLLOWER:
                    self.step_down(m.ballot, src)
                self.promised = m.ballot
                self.leader = None
            elif self.refuse_lower:
                self.indicate(tell.PromiseRefused(src, m.ballot, self.promised))
                self.send(src, Nack(m.ballot, self.promised))
                return
        if self.role is FOLLOWER:
            self.reset_election_timer()
        reports, rest = self.report_from(m.slot, SLOTS_MAX)
        self.indicate(tell.Promised(src, m.ballot, m.slot, len(reports)))
        self.send(src, Promise(m.ballot, reports, rest))

    def report_from(self, slot: int, most: int) -> tuple[tuple[Report, ...], int]:
        """What was accepted from `slot` on, `most` reports, and where the rest begins (0: there is none)."""
        items, chosen = self.log.items, self.chosen_upto
        reports: list[Report] = []
        for at in range(slot, self.log.length + 1):
            entry = items[at - 1]
            if entry.gap:
                continue
            if len(reports) == most:
                return tuple(reports), at
            reports.append(Report(at, entry.ballot, entry.command, entry.early or at <= chosen))
        return tuple(reports), 0

    @on(Promise)
    def on_promise(self, m: Promise, src: str) -> None:
        """A candidate counts the promises of its ballot, each node once, and each only with the whole of its report."""
        if self.role is not CANDIDATE or m.ballot != self.promised or src in self.promises:
            return
        self.reported = (*self.reported, *m.reports)
        if m.rest:
            self.reset_election_timer()  # a long report is no silence
            self.indicate(tell.ReportContinues(src, m.rest))
            self.send(src, Prepare(m.ballot, m.rest))
            return
        self.promises = (*self.promises, src)
        self.indicate(tell.PromiseCounted(m.ballot, src, len(self.promises), self.quorum))
        if len(self.promises) >= self.quorum:
            self.become_leader()

    def become_leader(self) -> None:
        """The ballot is promised by a majority, for every slot: first to settle what others left undone."""
        self.role = LEADER
        self.leader = self.id
        self.cancel_timer(ELECTION)
        self.set_timer(HEARTBEAT, self.heartbeat_interval)
        self.indicate(tell.Elected(self.promised, len(self.promises), self.members, self.chosen_upto + 1))
        proposals = self.settle()
        self.reported = ()
        if not proposals:
            self.broadcast(Heartbeat(self.promised, self.chosen_upto))
            return
        self.accepted_by = {str(proposal.slot): (self.id,) for proposal in proposals}
        if self.quorum == 1:
            self.accepted_by = EMPTY
            for proposal in proposals:
                self.choose(proposal.slot, 1)
        for start in range(0, len(proposals), SLOTS_MAX):
            self.broadcast(Accept(self.promised, proposals[start : start + SLOTS_MAX], self.chosen_upto))

    def settle(self) -> tuple[Proposal, ...]:
        """Accepts by itself, and returns, a value for each slot up to the last that a promise reports.

        That is the value accepted in the highest ballot (P2c), and a no-op where nobody reports any. What is reported as
        chosen needs no proposal.
        """
        base = self.chosen_upto
        found = self.found_from(base + 1)
        entries: list[Slot] = []
        proposals: list[Proposal] = []
        for slot in range(base + 1, max(found, default=base) + 1):
            report = found.get(slot)
            if report is not None and report.chosen:
                self.indicate(tell.ChosenReported(slot))
                known = slot <= self.log.length and self.log.items[slot - 1].early
                if not self.in_order and not known:
                    self.apply(slot, report.command)
                entries.append(Slot(report.ballot, report.command, early=True, gap=False))
                continue
            if report is None:
                self.indicate(tell.NoOpProposed(slot, self.promised))
            else:
                self.indicate(tell.Adopted(slot, self.promised, report.command, report.ballot))
            command = None if report is None else report.command
            entries.append(Slot(self.promised, command, early=False, gap=False))
            proposals.append(Proposal(slot, command))
        if entries:
            self.log = self.log.truncate(base).extend(entries)
            self.apply_upto(base)  # and on, as far as it is reported as chosen
        return tuple(proposals)

    def found_from(self, first: int) -> dict[int, Report]:
        """For each slot from `first` on, the report of the highest ballot; its own acceptances are reports too."""
        reports, _ = self.report_from(first, self.log.length)
        if self.adopt:
            reports = (*reports, *self.reported)
        elif self.reported:
            self.indicate(tell.ReportsIgnored(len(self.reported)))
        found: dict[int, Report] = {}
        for report in reports:
            known = found.get(report.slot)
            if known is None or (report.chosen, rank(report.ballot)) > (known.chosen, rank(known.ballot)):
                found[report.slot] = report
        return found

    # Phase 2, for each slot by itself

    @on(ClientRequest)
    def on_client_request(self, m: ClientRequest, src: str) -> None:
        """A leader proposes the operation for the next slot; anyone else says whom to ask."""
        if self.role is not LEADER:
            self.indicate(tell.NoLeaderKnown(src) if self.leader is None else tell.Redirected(src, self.leader))
            self.send(src, ClientReply(m.serial, False, None, self.leader))
            return
        if self.once:
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
        if self.log.length - self.chosen_upto < self.window:
            self.propose(command)
            return
        newest = max((other.serial for other in self.waiting if other.client == src), default=0)
        if m.serial < newest:
            self.indicate(tell.RequestIsOver(src, m.serial, newest))
            return
        self.indicate(tell.WindowFull(src, m.serial, self.chosen_upto + 1, self.window))
        # A client has one operation under way at a time, so a later one takes the place of an earlier: the queue is short.
        self.waiting = (*(other for other in self.waiting if other.client != src), command)

    def propose(self, command: keyvalue.Command) -> None:
        """Phase 2a: accepts by itself, and asks all others to."""
        self.log = self.log.append(Slot(self.promised, command, early=False, gap=False))
        slot = self.log.length
        self.indicate(tell.Proposed(slot, self.promised, command, command.client, command.serial))
        if self.quorum == 1:
            self.choose(slot, 1)
        else:
            self.accepted_by = {**self.accepted_by, str(slot): (self.id,)}
        self.broadcast(Accept(self.promised, (Proposal(slot, command),), self.chosen_upto))

    @on_timer(HEARTBEAT)
    def on_heartbeat_timer(self) -> None:
        """Keeps the followers quiet; whoever has not accepted a proposal gets it again in place of a heartbeat."""
        self.set_timer(HEARTBEAT, self.heartbeat_interval)
        heartbeat = Heartbeat(self.promised, self.chosen_upto)
        if not self.accepted_by:
            self.broadcast(heartbeat)
            return
        items = self.log.items
        for peer in self.peers:
            missing = [int(slot) for slot, nodes in self.accepted_by.items() if peer not in nodes][:SLOTS_MAX]
            if not missing:
                self.send(peer, heartbeat)
                continue
            proposals = tuple(Proposal(slot, items[slot - 1].command) for slot in missing)
            self.send(peer, Accept(self.promised, proposals, self.chosen_upto))

    def obeys(self, ballot: str, src: str) -> bool:
        """Whether a leader's word counts here: not below the promise. A higher ballot needs no promise to be obeyed."""
        if ballot != self.promised:
            if rank(ballot) > rank(self.promised):
                if self.role is not FOLLOWER:
                    self.step_down(ballot, src)
                self.promised = ballot
            elif self.refuse_lower:
                self.indicate(tell.ProposalRefused(src, ballot, self.promised))
                self.send(src, Nack(ballot, self.promised))
                return False
        if self.role is FOLLOWER:
            self.reset_election_timer()
            if self.leader != src:
                self.leader = src
                self.indicate(tell.LeaderRecognised(src, ballot))
        return True

    @on(Heartbeat)
    def on_heartbeat(self, m: Heartbeat, src: str) -> None:
        """The leader is there: the election timer begins anew."""
        if self.obeys(m.ballot, src) and m.chosen_upto > self.chosen_upto:
            self.learn_upto(m.chosen_upto, m.ballot, src)

    @on(Accept)
    def on_accept(self, m: Accept, src: str) -> None:
        """Phase 2b: accepts each proposal, for its ballot is not below the promise (P1a), and says so.

        Also where it knows what was chosen: the proposal is the same then (P2), and its ballot counts anew. With a rule
        off it may be another: that one is not put in the place of what was chosen.
        """
        if not self.obeys(m.ballot, src):
            return
        log, known = self.log, self.chosen_upto
        for proposal in m.proposals:
            slot = proposal.slot
            entry = log.items[slot - 1] if slot <= log.length else GAP
            if entry.ballot == m.ballot:
                continue
            if (entry.early or slot <= known) and entry.command != proposal.command:
                self.indicate(tell.ChosenKept(src, m.ballot, slot))
                continue
            log = with_slot(log, slot, Slot(m.ballot, proposal.command, early=entry.early, gap=False))
            self.indicate(tell.ProposalAccepted(src, m.ballot, slot))
        self.log = log
        self.send(src, Accepted(m.ballot, tuple(proposal.slot for proposal in m.proposals)))
        if m.chosen_upto > known:
            self.learn_upto(m.chosen_upto, m.ballot, src)

    @on(Accepted)
    def on_accepted(self, m: Accepted, src: str) -> None:
        """A leader counts for each slot who has accepted it in its ballot, each node once; a majority chooses it."""
        if self.role is not LEADER or m.ballot != self.promised:
            return
        counted = dict(self.accepted_by)
        chosen: list[tuple[int, int]] = []
        for slot in m.slots:
            nodes = counted.get(str(slot))
            if nodes is None or src in nodes:
                continue
            counted[str(slot)] = (*nodes, src)
            if len(nodes) + 1 >= self.quorum:
                del counted[str(slot)]
                chosen.append((slot, len(nodes) + 1))
        self.accepted_by = counted or EMPTY
        for slot, copies in chosen:
            self.choose(slot, copies)
        while self.waiting and self.log.length - self.chosen_upto < self.window:
            command, self.waiting = self.waiting[0], self.waiting[1:]
            self.propose(command)

    def choose(self, slot: int, copies: int) -> None:
        """A majority has accepted the slot in this ballot: it is chosen, for good. It is applied after those before it."""
        entry = self.log.items[slot - 1]
        self.indicate(tell.Chosen(slot, self.promised, entry.command, copies, self.members))
        if slot == self.chosen_upto + 1:
            self.apply_upto(slot)
        elif slot > self.chosen_upto:
            self.log = with_slot(self.log, slot, Slot(entry.ballot, entry.command, early=True, gap=False))
            if self.in_order:
                self.indicate(tell.WaitsForEarlier(slot, self.chosen_upto + 1))
            else:
                self.apply(slot, entry.command)

    @on(Nack)
    def on_nack(self, m: Nack, src: str) -> None:
        """Somebody has promised a higher ballot: this one is over, and the next must be above that."""
        if rank(m.promised) > rank(self.heard):
            self.heard = m.promised
        if self.role is not FOLLOWER and rank(m.promised) > rank(self.promised):
            self.step_down(m.promised, src)
