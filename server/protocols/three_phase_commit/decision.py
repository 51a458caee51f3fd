"""How a transaction ends: who decides it forces a record before anybody hears of it; the others are told."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar

from ...simulation import on
from .. import commitment
from ..indication import Indication
from ..journal import Record
from ..session import ClientReply, ClientRequest
from ..transactions import ABORT, ABORTED, BEGIN, COMMIT, COMMITTED, PREPARED, Get, NotCommitted, Transaction
from . import indications as tell
from .messages import DoAbort, DoCommit
from .state import WRITING, Closing, Round, ThreePhaseState

BY_VOTES, BY_TR2, BY_TR4 = "votes", "TR2", "TR4"
"""How a coordinator came to commit."""


class Deciding(ThreePhaseState):
    """Decisions, taken and told."""

    messages: ClassVar[tuple[type, ...]] = (DoCommit, DoAbort, ClientRequest)
    foreign: ClassVar[tuple[type, ...]] = (ClientReply,)

    @abstractmethod
    def begun(self, work: Transaction) -> None:
        """The begin record is on the disk."""

    def state_now(self, transaction: str) -> str | None:
        """How it stands, where a decision that the disk is writing is one already; None of what is not known."""
        known = self.rounds.get(transaction)
        if transaction in self.learning or (known is not None and known.phase == WRITING):
            return COMMITTED
        if transaction in self.closing:
            return ABORTED
        return self.state_of(transaction) or self.outcome(transaction)

    def decide_commit(self, known: Round, why: str) -> None:
        """Coordinator: writes the commit record, and tells when that is on the disk."""
        self.expect_nothing(known.work.id)
        self.put_round(replace(known, phase=WRITING, why=why))
        self.write(COMMIT, known.work, force=True)

    def decide_abort(self, work: Transaction, said: Indication, note: str, to: tuple[str, ...]) -> None:
        """Aborts; tells so when the record is on the disk. Who coordinates tells the client too."""
        closing = Closing(said, note, to, work.id in self.rounds or self.id == self.first)
        self.drop_round(work.id)
        self.expect_nothing(work.id)
        if isinstance(work.operation, Get):
            self.aborted(work, closing)
        else:
            self.closing = {**self.closing, work.id: closing}
            self.write(ABORT, work, force=True)

    def aborted(self, work: Transaction, closing: Closing) -> None:
        """The abort record is on the disk, or none is needed."""
        self.closing = {t: each for t, each in self.closing.items() if t != work.id}
        self.indicate(closing.said)
        self.settled(work)
        if not isinstance(work.operation, Get):
            self.put_part(work, ABORTED, closing.note)
            self.tell(DoAbort(work.id), closing.to)
        if closing.answers:
            self.answer(work, NotCommitted(closing.note or ABORTED))

    def on_disk(self, record: Record) -> None:
        """What waited for the disk goes on: the questions, a yes, a commit."""
        work, known = record.work, self.rounds.get(record.work.id)
        if record.kind == BEGIN:
            self.begun(work)
        elif work.id in self.closing:
            if record.kind == ABORT:
                self.aborted(work, self.closing[work.id])
        elif record.kind == PREPARED:
            self.prepared(work)
        elif record.kind == COMMIT and work.id in self.learning:
            self.commit_written(work)
        elif record.kind == COMMIT and known is not None and known.phase == WRITING:
            self.committed(known)

    def committed(self, known: Round) -> None:
        """Coordinator: the commit record is on the disk; does its own part, tells the others and the client."""
        work = known.work
        if known.why == BY_VOTES:
            self.indicate(commitment.CommitDecided(work.id, len(known.yes), len(work.participants)))
        else:
            by_tr4 = tell.CommitBecausePreCommitted if self.unanimous else tell.CommitBecauseEnough
            self.indicate((tell.CommitBecauseOneHas if known.why == BY_TR2 else by_tr4)(work.id))
        self.end_committed(work)
        self.tell(DoCommit(work.id), self.others(work))
        self.answer(work, True)

    def end_committed(self, work: Transaction) -> None:
        """Does what the transaction asks of this node."""
        self.apply(work)
        self.put_part(work, COMMITTED)
        self.settled(work)

    @on(DoCommit)
    def on_do_commit(self, m: DoCommit, src: str) -> None:
        """A decision is one, whoever tells it."""
        state = self.state_now(m.transaction)
        if state == ABORTED:
            self.indicate(commitment.ToldToCommitAborted(m.transaction, src))
        elif state is None:
            self.never_votes(m.transaction)
            self.indicate(commitment.WorkLost(m.transaction, src))
        elif state != COMMITTED:
            self.drop_round(m.transaction)
            self.expect_nothing(m.transaction)
            self.learning = {**self.learning, m.transaction: src}
            self.write(COMMIT, self.transactions[m.transaction].work, force=True)

    def commit_written(self, work: Transaction) -> None:
        """The commit that it was told of is on the disk."""
        src = self.learning[work.id]
        self.learning = {t: told for t, told in self.learning.items() if t != work.id}
        self.end_committed(work)
        self.indicate(commitment.CommitLearned(work.id, src))
        if self.id == self.first:
            self.answer(work, True)

    @on(DoAbort)
    def on_do_abort(self, m: DoAbort, src: str) -> None:
        """A decision is one, whoever tells it."""
        state = self.state_now(m.transaction)
        if state == COMMITTED:
            self.indicate(commitment.ToldToAbortCommitted(m.transaction, src))
        elif state is None:
            self.never_votes(m.transaction)
        elif state != ABORTED:
            work = self.transactions[m.transaction].work
            self.decide_abort(work, commitment.AbortLearned(m.transaction, src), "", ())
