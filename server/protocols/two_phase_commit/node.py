"""Two-phase commit with presumed abort, after Gray (1978) and Mohan, Lindsay and Obermarck (R*, 1986), phase by phase.

Theory of operation. Phase 1: the coordinator asks every participant to prepare. Who votes yes has forced all that it
needs for both ends to its disk, and has given its right to decide away; who votes no has aborted. Phase 2: with all votes
yes the coordinator forces a commit record: that write is the moment at which the transaction is committed. It tells all,
and repeats it until all have acknowledged. A participant that hears nothing stays in doubt, keeps its locks, and asks.
If the coordinator is down, it waits: two-phase commit blocks, and nothing in it can help that.

Presumed abort. A coordinator that knows nothing of a transaction answers that it is aborted. So neither the beginning
nor an abort is forced, and an abort is not acknowledged; but a commit must be remembered until it is known everywhere.
What was forgotten since then is still in the log, so whoever asks late (a message on its way since) is told what it says.

Every `rule` is one line of that argument, and can be switched off to see what it was for.
"""

from __future__ import annotations

from dataclasses import replace

from ...simulation import on
from .. import commitment
from ..indication import Indication
from ..journal import Record
from ..session import ClientReply, ClientRequest
from ..transactions import (
    ABORT,
    ABORTED,
    BEGIN,
    COMMIT,
    COMMITTED,
    END,
    IN_DOUBT,
    PREPARED,
    RESTARTED,
    TIMEOUT,
    WORKING,
    Get,
    NotCommitted,
    Stored,
    Transaction,
)
from . import indications as tell
from .inquiries import Inquiries
from .messages import Abort, Ack, Commit, Inquiry, Prepare, Vote
from .state import TELLING, VOTING, WRITING, Round


class TwoPhaseCommit(Inquiries):
    """One node: the first coordinates, the others take part (and the first too, where it keeps an account)."""

    messages = (Prepare, Vote, Commit, Abort, Ack, Inquiry, ClientRequest)
    foreign = (ClientReply,)

    # Phase 1, coordinator

    def begin(self, work: Transaction) -> None:
        """Asks every participant to prepare. The begin record is not forced: without it, abort is presumed."""
        own = self.id in work.participants
        objection = self.objection(work) if own else None
        if isinstance(work.operation, Get):
            if own and objection is None:
                self.answer(work, self.data.get(work.operation.key))
                return
        else:
            self.write(BEGIN, work, force=False)
            self.put_part(work, WORKING)
        self.votes = (self.id,) if own and objection is None else ()
        self.rounds = {**self.rounds, work.id: Round(work, VOTING, self.votes, (), ())}
        if objection is not None:
            reason, said = objection
            self.indicate(said)
            self.abort(work, reason, commitment.AbortedByVote(work.id, self.id, reason), self.others(work))
            return
        if own:
            self.lock(work)
        self.tell(Prepare(work), self.others(work))
        self.expect(work.id, self.vote_timeout)
        self.decide_if_all(work.id)

    def needed(self, work: Transaction) -> int:
        """How many yes a commit takes."""
        return len(work.participants) if self.unanimous else max(1, len(work.participants) - 1)

    @on(Vote)
    def on_vote(self, m: Vote, src: str) -> None:
        """Coordinator: one no aborts; all yes commits."""
        known = self.rounds.get(m.transaction)
        if known is None:
            self.vote_without_round(m, src)
        elif known.phase != VOTING or src in known.yes or src in known.no:
            return  # doubled, or late
        elif isinstance(known.work.operation, Get):
            self.read_comes_back(known.work, m, src)
        elif not m.yes:
            self.put_round(replace(known, no=(*known.no, src)))
            if len(known.work.participants) - len(known.no) - 1 < self.needed(known.work):
                told = tuple(node for node in self.others(known.work) if node != src)
                self.abort(known.work, m.reason, commitment.AbortedByVote(m.transaction, src, m.reason), told)
            else:
                self.decide_if_all(m.transaction)
        else:
            known = replace(known, yes=(*known.yes, src))
            self.put_round(known)
            self.votes = known.yes
            self.indicate(commitment.VoteCounted(m.transaction, src, len(known.yes), self.needed(known.work)))
            self.decide_if_all(m.transaction)

    def vote_without_round(self, m: Vote, src: str) -> None:
        """A yes to something that was forgotten: whoever gave it is in doubt, and is told. Others have been told."""
        if self.id == self.first and m.yes and self.outcome(m.transaction) is None:
            self.indicate(self.presumption(m.transaction, src))
            self.send(src, Abort(m.transaction))

    def read_comes_back(self, work: Transaction, m: Vote, src: str) -> None:
        """Coordinator: a read needs no second phase."""
        self.drop_round(work)
        if not m.yes:
            self.indicate(commitment.AbortedByVote(work.id, src, m.reason))
        self.answer(work, m.found if m.yes else NotCommitted(m.reason))

    def put_round(self, known: Round) -> None:
        """Notes how a round stands."""
        self.rounds = {**self.rounds, known.work.id: known}

    def drop_round(self, work: Transaction) -> None:
        """Forgets a round: from now on an inquiry is answered from the log, or by presumption."""
        self.rounds = {t: known for t, known in self.rounds.items() if t != work.id}
        self.expect_nothing(work.id)

    # The decision

    def decide_if_all(self, transaction: str) -> None:
        """Coordinator: with all votes it writes the commit record, and tells when that is on the disk."""
        known = self.rounds[transaction]
        work, votes = known.work, len(known.yes)
        if votes < self.needed(work):
            return
        self.expect_nothing(transaction)
        self.put_round(replace(known, phase=WRITING))
        self.write(COMMIT, work, force=self.force_decision)
        if self.force_decision:
            self.indicate(tell.CommitBeingWritten(transaction, votes, len(work.participants)))
        else:
            self.indicate(commitment.CommitUnforced(transaction, votes, len(work.participants)))
            self.committed(work)

    def on_disk(self, record: Record) -> None:
        """What waited for the disk goes on: a yes, the commit of the coordinator, that of a participant."""
        work = record.work
        if record.kind == PREPARED:
            self.prepared(work)
        elif record.kind == ABORT and work.id in self.helping:
            self.abort_written(work)
        elif record.kind == COMMIT and work.id in self.learning:
            self.commit_written(work)
        elif record.kind == COMMIT and work.id in self.rounds and self.rounds[work.id].phase == WRITING:
            votes = len(self.rounds[work.id].yes)
            self.indicate(commitment.CommitDecided(work.id, votes, len(work.participants)))
            self.committed(work)

    def committed(self, work: Transaction) -> None:
        """Phase 2, coordinator: does its own part, tells the others and the client."""
        self.apply(work)
        self.unlock(work)
        self.put_part(work, COMMITTED)
        self.tell_commit(work)
        self.answer(work, True)

    def tell_commit(self, work: Transaction) -> None:
        """Tells the participants, and waits for their acknowledgements."""
        others = self.others(work)
        self.tell(Commit(work.id), others)
        self.put_round(Round(work, TELLING, work.participants, (), ()))
        if not others:
            self.end(work)
        elif self.await_acks:
            self.expect(work.id, self.vote_timeout)
        else:
            self.indicate(tell.EndedWithoutAcks(work.id))
            self.write(END, work, force=False)
            self.drop_round(work)

    def abort(self, work: Transaction, reason: str, said: Indication, to: tuple[str, ...]) -> None:
        """Coordinator: aborts and forgets. The record is not forced, and nobody acknowledges: abort is presumed."""
        self.indicate(said)
        self.drop_round(work)
        if not isinstance(work.operation, Get):
            self.write(ABORT, work, force=False)
            self.unlock(work)
            self.put_part(work, ABORTED, reason)
            self.tell(Abort(work.id), to)
        self.answer(work, NotCommitted(reason))

    # Phase 1, participant

    @on(Prepare)
    def on_prepare(self, m: Prepare, src: str) -> None:
        """Participant: locks, prepares and votes (`Bank.consider`)."""
        self.consider(m.work)

    def cast(self, work: Transaction, *, yes: bool, reason: str = "", found: Stored = None) -> None:
        self.send(self.first, Vote(work.id, yes, reason, found))

    # Phase 2, participant

    @on(Commit)
    def on_commit(self, m: Commit, src: str) -> None:
        """Participant: forces the commit record, then acknowledges. Told twice, it acknowledges twice."""
        state = self.state_of(m.transaction) or self.outcome(m.transaction)
        if state in (IN_DOUBT, WORKING):
            if m.transaction not in self.learning:
                self.learning = {**self.learning, m.transaction: src}
                self.expect_nothing(m.transaction)
                self.write(COMMIT, self.transactions[m.transaction].work, force=True)
            return
        if state == ABORTED:
            self.indicate(commitment.ToldToCommitAborted(m.transaction, src))
        elif state is None:
            self.never_votes(m.transaction)
            self.indicate(commitment.WorkLost(m.transaction, src))
        if self.id != self.first:
            self.send(self.first, Ack(m.transaction))

    def commit_written(self, work: Transaction) -> None:
        """Participant: the commit record is on the disk."""
        src = self.learning[work.id]
        self.learning = {t: told for t, told in self.learning.items() if t != work.id}
        self.apply(work)
        self.unlock(work)
        self.put_part(work, COMMITTED)
        self.indicate(commitment.CommitLearned(work.id, src))
        self.send(self.first, Ack(work.id))

    @on(Abort)
    def on_abort(self, m: Abort, src: str) -> None:
        """Participant: gives up what it has prepared; of what it has not been asked for, it will vote no."""
        state = self.state_of(m.transaction) or self.outcome(m.transaction)
        if m.transaction in self.learning or state == COMMITTED:
            self.indicate(tell.OldAnswerIgnored(m.transaction, src))
        elif state in (IN_DOUBT, WORKING) and self.id != self.first:
            self.give_up(self.transactions[m.transaction].work, "")
            self.indicate(commitment.AbortLearned(m.transaction, src))
        elif state is None:
            self.never_votes(m.transaction)

    # The end, coordinator

    @on(Ack)
    def on_ack(self, m: Ack, src: str) -> None:
        """Coordinator: when all have it on their disks, it writes the end record and forgets."""
        known = self.rounds.get(m.transaction)
        if known is None or known.phase != TELLING or src in known.acks:
            return
        known = replace(known, acks=(*known.acks, src))
        self.put_round(known)
        if len(known.acks) == len(self.others(known.work)):
            self.end(known.work)

    def end(self, work: Transaction) -> None:
        """Forgets a commit that all have."""
        self.write(END, work, force=False)
        self.drop_round(work)
        self.indicate(tell.Ended(work.id))

    # Waiting in vain

    def timed_out(self, transaction: str) -> None:
        """Coordinator: aborts without all votes, and repeats a commit. Participant: is in doubt, and asks."""
        known = self.rounds.get(transaction)
        if known is None:
            self.doubt(transaction)
        elif known.phase == VOTING:
            missing = ", ".join(n for n in known.work.participants if n not in known.yes and n not in known.no)
            said = commitment.AbortedByTimeout(transaction, missing)
            self.abort(known.work, TIMEOUT, said, tuple(n for n in self.others(known.work) if n not in known.no))
        else:
            missing_acks = tuple(node for node in self.others(known.work) if node not in known.acks)
            self.indicate(tell.CommitRepeated(transaction, ", ".join(missing_acks)))
            self.tell(Commit(transaction), missing_acks)
            self.expect(transaction, self.vote_timeout)

    # After a crash

    def recover(self, work: Transaction, kind: str) -> None:
        """Goes on from the last record of a transaction (R*, section 2)."""
        if kind == PREPARED:
            self.lock(work)
            self.put_part(work, IN_DOUBT)
            self.indicate(commitment.BackInDoubt(work.id, self.resources(work)))
            self.doubt(work.id)
        elif kind == BEGIN:
            said = (tell.AbortedAfterRestart if self.force_decision else tell.AbortedAfterRestartUnforced)(work.id)
            self.put_part(work, WORKING)
            self.abort(work, RESTARTED, said, self.others(work))
        elif kind == ABORT:
            self.put_part(work, ABORTED)
        else:
            self.put_part(work, COMMITTED)
            if kind == COMMIT and self.id == self.first:
                self.indicate(tell.CommitToldAfterRestart(work.id))
                self.tell_commit(work)
                self.answer(work, True)

    def is_under_way(self, transaction: str) -> bool:
        return transaction in self.rounds
