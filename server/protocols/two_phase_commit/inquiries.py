"""Who is in doubt asks; the coordinator answers from its records or presumes; participants help each other (BHG 7.4)."""

from __future__ import annotations

from typing import ClassVar

from ...simulation import on
from .. import commitment
from ..indication import Indication
from ..session import ClientReply, ClientRequest
from ..transactions import ABORT, ABORTED, COMMITTED, IN_DOUBT, TIMEOUT, WORKING, Transaction
from . import indications as tell
from .messages import Abort, Commit, Inquiry
from .state import TELLING, TwoPhaseState

ASKED = "asked"
"""The note of a transaction in doubt that the node has asked about."""


class Inquiries(TwoPhaseState):
    """Doubt, inquiries and what is answered."""

    messages: ClassVar[tuple[type, ...]] = (Inquiry, ClientRequest)
    foreign: ClassVar[tuple[type, ...]] = (ClientReply, Commit, Abort)

    # In doubt

    def doubt(self, transaction: str) -> None:
        """Participant: it has given its word and may not decide; so it asks, as often as it takes."""
        part = self.transactions.get(transaction)
        if part is None or part.state != IN_DOUBT or transaction in self.learning:
            return
        if not self.wait_in_doubt:
            self.indicate(tell.DecidedAlone(transaction))
            self.give_up(part.work, TIMEOUT)
            return
        asked = (
            (self.first, *(n for n in self.others(part.work) if n != self.first)) if self.cooperative else (self.first,)
        )
        said = tell.InquiresAgain if part.note == ASKED else tell.InDoubt
        self.indicate(said(transaction, ", ".join(asked)))
        self.put_part(part.work, IN_DOUBT, ASKED)
        for node in asked:
            self.send(node, Inquiry(transaction))
        self.expect(transaction, self.patience)

    def give_up(self, work: Transaction, note: str, *, force: bool = False) -> None:
        """Participant: aborts; once it is decided the record need not be forced, since abort is presumed."""
        self.write(ABORT, work, force=force)
        self.unlock(work)
        self.put_part(work, ABORTED, note)
        self.expect_nothing(work.id)

    # What is answered

    @on(Inquiry)
    def on_inquiry(self, m: Inquiry, src: str) -> None:
        """The coordinator answers from its table or its log, or else by presumption; a participant helps if it can."""
        if self.id != self.first:
            self.help(m.transaction, src)
            return
        known = self.rounds.get(m.transaction)
        if known is not None and known.phase != TELLING:
            self.indicate(tell.NotDecidedYet(m.transaction, src))
        else:
            said = self.record_of(m.transaction, src, under_way=known is not None)
            self.indicate(said)
            self.send(src, (Commit if isinstance(said, tell.CommitKnown) else Abort)(m.transaction))

    def record_of(self, transaction: str, src: str, *, under_way: bool) -> Indication:
        """Coordinator: what it tells of a transaction that is decided, or of which it has no record."""
        outcome = self.outcome(transaction)
        if outcome is None:
            return self.presumption(transaction, src)
        if not self.look_first:
            return tell.PresumedAgainstRecord(transaction, src)
        if outcome == ABORTED:
            return tell.AbortKnown(transaction, src)
        if under_way or self.await_acks:
            return tell.CommitKnown(transaction, src)
        return tell.ForgottenWithoutAcks(transaction, src)

    def help(self, transaction: str, src: str) -> None:
        """Participant: says what it knows. Who has not voted yes can still abort, and then nobody can have committed."""
        state = self.state_of(transaction) or self.outcome(transaction)
        if transaction in self.learning:
            self.indicate(tell.CommitNotWrittenYet(transaction, src))
        elif state == IN_DOUBT:
            self.indicate(tell.CannotHelp(transaction, src))
        elif state == WORKING or transaction in self.helping:
            self.abort_for(transaction, src)
        elif state is None:
            self.never_votes(transaction)
            self.free(transaction, src)
        else:
            self.indicate((tell.CommitKnown if state == COMMITTED else tell.AbortKnown)(transaction, src))
            self.send(src, Commit(transaction) if state == COMMITTED else Abort(transaction))

    def abort_for(self, transaction: str, src: str) -> None:
        """Participant: aborts what it has not voted on yet (BHG 7.4), so that it can tell one that asks.

        Its prepared record may be on the disk before the abort record is: after a crash in between it would be in doubt,
        and might vote yes. So here the abort is forced, and told only then.
        """
        if transaction not in self.helping:
            self.give_up(self.transactions[transaction].work, TIMEOUT, force=True)
        self.helping = {**self.helping, transaction: (*self.helping.get(transaction, ()), src)}
        self.indicate(tell.AbortBeingWritten(transaction, src))

    def abort_written(self, work: Transaction) -> None:
        """Participant: the abort record is on the disk, and those who asked are told."""
        asked = self.helping[work.id]
        self.helping = {t: peers for t, peers in self.helping.items() if t != work.id}
        for src in dict.fromkeys(asked):
            self.free(work.id, src)

    def free(self, transaction: str, src: str) -> None:
        """Participant: it will never vote yes, so one that is in doubt may abort."""
        self.indicate((tell.AbortsForPeer if self.unanimous else tell.AbortsForPeerAnyway)(transaction, src))
        self.send(src, Abort(transaction))

    def presumption(self, transaction: str, src: str) -> Indication:
        """Why it says abort of what it knows nothing of.

        It is no more than a guess where it does not wait for acknowledgements or a crash may take a decision from it.
        """
        if not self.await_acks:
            return tell.PresumedWithoutAcks(transaction, src)
        if not self.force_decision:
            return tell.PresumedUnforced(transaction, src)
        return tell.PresumedAbort(transaction, src)

    def without_record(self, transaction: str, client: str) -> Indication:
        told = commitment.AnsweredWithoutRecord if self.force_decision else tell.AnsweredUnforced
        return told(transaction, client)
