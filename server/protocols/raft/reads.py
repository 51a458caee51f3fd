"""Reads that do not go through the log (Ongaro's dissertation, section 6.4), and how each can be wrong.

A leader that has been deposed may not know it, and its state machine is old then. So before it answers a read from its
own state, it must know that nobody else has led since the read came:

- *through the log*: the read is an entry like any other. Safe, and as slow as a write.
- *ReadIndex*: it notes its commit index, asks all whether they still follow it, and answers when a majority has said so.
  A new leader's commit index may be behind what is committed, so it first has an entry of its own term committed.
- *by lease* (section 6.4.1): as long as a majority has promised not to vote against it, it answers at once. The promise
  is counted in time: from the sending of the round of heartbeats that a majority answered, for the shortest election
  timeout less what the clocks may drift. If a clock is worse than that, reads are stale.
- *from its own state*: it asks nobody, and a deposed leader answers with what is long gone.

The dissertation asks by the heartbeats that a leader sends anyway. Here a round of them is a pair of messages of its own,
as in etcd's library, since its answer must say which round it answers: a late one proves nothing for a later read.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, choice, on, on_timer, param, rule, value, volatile
from ..keyvalue import Operation
from ..session import ClientReply
from . import indications as tell
from .configuration import Configuration
from .state import EMPTY, HEARTBEAT, LEADER
from .transfer import Transfers


@value
class LeaderCheck:
    """A round of heartbeats: do you still follow me? (section 6.4)"""

    text: ClassVar[str] = N_("{src} asks {dst} whether it still leads term {term}, in round {round}.")
    term: int
    round: int
    """The leader's count of its rounds in this term."""
    sent_at: int
    """When the round began, on the leader's clock in µs; repeated in the answer."""


@value
class LeaderCheckReply:
    """The answer; it says no by a newer term."""

    text: ClassVar[str] = N_("{src} answers {dst}'s round {round} of term {asked}, in term {term}.")
    term: int
    asked: int
    """The term of the round that is answered: a leader that leads again must not take it for one of its new term."""
    round: int
    sent_at: int


@value
class PendingRead:
    """A read that waits: for the round `round` to be answered by a majority; 0 where none could begin yet."""

    client: str
    serial: int
    key: str
    index: int
    """The read index: what the answer must have seen."""
    round: int


class Reads(Transfers):
    """A leader that answers reads from its state machine."""

    reads: str = choice(
        "log",
        {"log": N_("through the log"), "read_index": N_("ReadIndex: asks a majority"), "lease": N_("by lease"),
         "local": N_("from its own state")},
        N_("Reads"), N_("How a leader answers a get: each way trusts in something else, the last in nothing."),
    )  # fmt: skip
    clock_drift: int = param(
        10, 0, 100, "percent", N_("Clock drift that leases allow for"),
        N_("A lease is shorter than the shortest election timeout by as much as clocks may differ in speed."),
    )  # fmt: skip
    read_round: bool = rule(
        N_("Ask a majority before answering a read"),
        N_("ReadIndex: a leader answers a read only when a majority has told it, since the read came, that it still leads."),
        cites="Ongaro 2014 §6.4", needs={"reads": "read_index"},
    )  # fmt: skip
    read_own_term: bool = rule(
        N_("No read before an entry of the own term is committed"),
        N_("A new leader does not know yet what is committed; an entry of its own term that is committed tells it."),
        cites="Ongaro 2014 §6.4", needs={"reads": "read_index"},
    )  # fmt: skip
    lease_ends: bool = rule(
        N_("A lease ends before anybody may vote"),
        N_(
            "A leader's lease runs from the sending of the heartbeats that a majority answered, no longer than followers "
            "withhold their votes."
        ),
        cites="Ongaro 2014 §6.4.1",
        needs={"reads": "lease"},
    )

    pending_reads: tuple[PendingRead, ...] = volatile(
        (), N_("pending reads"), N_("Reads that a leader has yet to answer.")
    )
    round: int = volatile(0, N_("round"), N_("How often it has asked all whether it still leads, in this term."))
    rounds_answered: dict[str, int] = volatile(
        EMPTY, N_("rounds answered"), N_("For each follower, the last round that it answered.")
    )
    lease_from: dict[str, int] = volatile(
        EMPTY, N_("promises from"),
        N_("With leases, for each follower: from when on (the leader's clock, in µs) it has promised not to vote against it."),
    )  # fmt: skip

    def start(self) -> None:
        """A node that has been in some term may have promised something before it crashed, and has forgotten it."""
        super().start()
        if self.reads == "lease" and self.current_term:
            self.withhold_until = self.now + self.election_low

    def keeps_its_leader(self) -> bool:
        """With leases, a follower that has heard its leader has promised it not to vote."""
        return super().keeps_its_leader() or (self.settings.reads == "lease" and self.now < self.withhold_until)

    # The leader is asked

    def read(self, operation: Operation, client: str, serial: int) -> None:
        """A client wants to know the value of a key."""
        asked = PendingRead(client, serial, operation.key, self.commit_index, 0)
        if self.reads == "local":
            self.answer_read(asked, tell.ReadLocally(client, serial, self.last_applied))
            return
        if not self.knows_what_is_committed():
            self.indicate(tell.ReadWaits(client, serial, self.current_term))
            self.pending_reads = (*self.reads_but(client), asked)
            if self.last_log_term != self.current_term:
                self.append_no_op()
                self.send_entries_to_all()
            return
        if self.reads == "lease":
            left = self.lease_left()
            if left is not None and (left > 0 or not self.lease_ends):
                self.answer_read(
                    asked,
                    tell.ReadByLease(client, serial, self.last_applied, left)
                    if left > 0
                    else tell.ReadAfterLease(client, serial, self.last_applied),
                )
                return
            self.indicate(tell.LeaseOver(client, serial))
        if not self.read_round:
            self.answer_read(asked, tell.ReadUnconfirmed(client, serial, self.last_applied))
            return
        self.pending_reads = (*self.reads_but(client), asked)
        self.begin_round()

    def knows_what_is_committed(self) -> bool:
        """A leader does once an entry of its own term is: all that was committed before it is committed with it."""
        return not self.read_own_term or self.has_committed_in_term()

    def reads_but(self, client: str) -> tuple[PendingRead, ...]:
        """What waits, without the client's earlier question: it has one at a time."""
        return tuple(read for read in self.pending_reads if read.client != client)

    def lease_left(self) -> int | None:
        """How long (µs of its own clock) the lease still runs, 0 or less where it is over; None where there is none."""
        if self.handed_over_in == self.current_term:
            return None
        since = self.agreed_upon(self.lease_from, self.now, nothing=-1)
        if since < 0:
            return None
        span = self.election_low * 100 // (100 + self.clock_drift)
        return since + span - self.now

    # A round of heartbeats

    def begin_round(self) -> None:
        """Reads that could not be in a round before are in this one."""
        self.round += 1
        may = self.knows_what_is_committed()
        ready: list[PendingRead] = []
        for read in self.pending_reads:
            if read.round == 0 and may:
                read = PendingRead(read.client, read.serial, read.key, self.commit_index, self.round)
                self.indicate(tell.ReadBegun(read.client, read.serial, read.index, self.round))
            ready.append(read)
        self.pending_reads = tuple(ready)
        self.ask_voters(LeaderCheck(self.current_term, self.round, self.now))
        self.confirm_reads()

    @on_timer(HEARTBEAT)
    def on_heartbeat_timer(self) -> None:
        """With leases each heartbeat renews the promise; with ReadIndex a round that was lost is asked for again."""
        super().on_heartbeat_timer()
        if self.settings.reads == "lease":
            self.begin_round()
        elif any(read.round for read in self.pending_reads):
            self.ask_voters(LeaderCheck(self.current_term, self.round, self.now))

    @on(LeaderCheck)
    def on_leader_check(self, m: LeaderCheck, src: str) -> None:
        """Follower: as good as a heartbeat, and answered with its round."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
        if m.term == self.current_term:
            self.recognise_leader(src)
            if self.role is not LEADER:  # two lead in one term only where a rule is off
                self.indicate(tell.StillFollows(src, m.term, m.round))
        else:
            self.indicate(tell.NoLongerLeads(src, m.term, self.current_term))
        self.send(src, LeaderCheckReply(self.current_term, m.term, m.round, m.sent_at))

    @on(LeaderCheckReply)
    def on_leader_check_reply(self, m: LeaderCheckReply, src: str) -> None:
        """Leader: what a majority has answered confirms all reads that came before it was asked."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
            return
        if self.role is not LEADER or m.asked != self.current_term:
            return
        if self.check_quorum:
            self.hear(src)
        if src not in self.match_index:
            return  # it is no member any more
        if m.sent_at > self.lease_from.get(src, -1):  # not when the answer came: it may be late
            self.lease_from = {**self.lease_from, src: m.sent_at}
        if m.round > self.rounds_answered.get(src, 0):
            self.rounds_answered = {**self.rounds_answered, src: m.round}
            self.confirm_reads()

    def confirm_reads(self) -> None:
        """Answers the reads whose round a majority has answered, itself included."""
        confirmed = self.agreed_upon(self.rounds_answered, self.round)
        ready = [read for read in self.pending_reads if 0 < read.round <= confirmed]
        if ready:
            self.pending_reads = tuple(read for read in self.pending_reads if read not in ready)
        for read in ready:
            self.answer_read(read, tell.ReadConfirmed(read.client, read.serial, self.last_applied, read.round))

    def answer_read(self, read: PendingRead, why: tell.ReadAnswered) -> None:
        """From the state machine as it is, which has applied all that is committed here."""
        self.indicate(why)
        self.send(read.client, ClientReply(read.serial, True, self.data.get(read.key), self.id))

    def begin_reads(self) -> None:
        """The first commit of its own term lets the reads that waited for it begin."""
        if any(read.round == 0 for read in self.pending_reads) and self.knows_what_is_committed():
            self.begin_round()

    # Coming and going

    def put_in_force(self, at: int, configuration: Configuration | None) -> None:
        """Promises and answers of who is no member any more are forgotten; those who are left may be enough now."""
        super().put_in_force(at, configuration)
        if self.role is LEADER and configuration is not None:
            members = self.next_index
            self.lease_from = {node: since for node, since in self.lease_from.items() if node in members}
            self.rounds_answered = {node: last for node, last in self.rounds_answered.items() if node in members}
            if self.pending_reads:
                self.confirm_reads()

    def become_leader(self) -> None:
        self.round = 0
        self.rounds_answered = self.lease_from = EMPTY
        super().become_leader()

    def become_follower(self) -> None:
        """Reads that wait must be asked elsewhere."""
        super().become_follower()
        for read in self.pending_reads:
            self.indicate(tell.ReadDropped(read.client, read.serial))
            self.send(read.client, ClientReply(read.serial, False, None, None))
        self.pending_reads = ()
        self.round = 0
        self.rounds_answered = self.lease_from = EMPTY
