"""Three-phase commit, after Skeen (1981) and Bernstein, Hadzilacos and Goodman (BHG, 1987, section 7.5), phase by phase.

Theory of operation. Two-phase commit blocks because a participant in doubt can't know whether another has committed. So a
phase is put in between: after all have voted yes, the coordinator first lets everybody know that (pre-commit), and
commits only when all that are up have acknowledged. Then nobody can have committed while anybody who is up is in doubt.
If the coordinator crashes, the others ask one another and finish without it (`termination.py`).

The price is one more round trip; and it holds only as long as silence means a crash. Messages that are late, and
partitions, make two groups finish the same transaction differently. Three-phase commit does not promise agreement then.

Every `rule` is one line of that argument, and can be switched off to see what it was for.
"""

from __future__ import annotations

from dataclasses import replace

from ...simulation import on
from .. import commitment
from ..session import ClientReply, ClientRequest
from ..transactions import (
    ABORT,
    ABORTED,
    BEGIN,
    COMMIT,
    COMMITTED,
    IN_DOUBT,
    RESTARTED,
    TIMEOUT,
    WORKING,
    Get,
    NotCommitted,
    Stored,
    Transaction,
)
from . import indications as tell
from .decision import BY_VOTES
from .messages import (
    Ack,
    CanCommit,
    DoAbort,
    DoCommit,
    Elect,
    Inquiry,
    PreCommit,
    StateReply,
    StateRequest,
    Vote,
)
from .state import PRECOMMITTED, PRECOMMITTING, VOTING, WRITING, Round
from .termination import Termination


class ThreePhaseCommit(Termination):
    """One node: the first begins transactions, the others take part (and the first too, where it keeps an account)."""

    messages = (
        CanCommit, Vote, PreCommit, Ack, DoCommit, DoAbort, Elect, StateRequest, StateReply, Inquiry, ClientRequest,
    )  # fmt: skip
    foreign = (ClientReply,)

    # Phase 1, coordinator

    def begin(self, work: Transaction) -> None:
        """Forces a begin record, since after a crash it must ask how this ended; then asks all for their votes."""
        own = self.id in work.participants
        objection = self.objection(work) if own else None
        reading = isinstance(work.operation, Get)
        if own and reading and objection is None:
            self.answer(work, self.data.get(work.operation.key) if isinstance(work.operation, Get) else None)
            return
        if objection is not None:
            reason, said = objection
            self.indicate(said)
            self.decide_abort(work, commitment.AbortedByVote(work.id, self.id, reason), reason, ())
            return
        if own:
            self.lock(work)
        self.votes = (self.id,) if own else ()
        self.put_round(Round(work, VOTING, self.votes))
        if reading:
            self.begun(work)
        else:
            self.put_part(work, WORKING)
            self.write(BEGIN, work, force=True)

    def begun(self, work: Transaction) -> None:
        """The begin record is on the disk: the participants are asked."""
        known = self.rounds.get(work.id)
        if known is None or known.phase != VOTING:
            return
        self.tell(CanCommit(work), self.electorate(work))
        self.expect(work.id, self.vote_timeout)
        self.precommit_if_all(known)

    def electorate(self, work: Transaction) -> tuple[str, ...]:
        """The participants but this node."""
        return tuple(node for node in work.participants if node != self.id)

    @on(Vote)
    def on_vote(self, m: Vote, src: str) -> None:
        """Coordinator: one no aborts; all yes begins the second phase."""
        known = self.rounds.get(m.transaction)
        if known is None or known.phase != VOTING or src in known.yes or src in known.no:
            return  # doubled, or late
        if isinstance(known.work.operation, Get):
            self.settled(known.work)
            if not m.yes:
                self.indicate(commitment.AbortedByVote(m.transaction, src, m.reason))
            self.answer(known.work, m.found if m.yes else NotCommitted(m.reason))
        elif not m.yes:
            known = replace(known, no=(*known.no, src))
            if len(known.work.participants) - len(known.no) < self.needed(known.work):
                said = commitment.AbortedByVote(m.transaction, src, m.reason)
                told = tuple(node for node in self.electorate(known.work) if node not in known.no)
                self.decide_abort(known.work, said, m.reason, told)
            else:
                self.put_round(known)
                self.precommit_if_all(known)
        else:
            known = replace(known, yes=(*known.yes, src))
            self.put_round(known)
            self.votes = known.yes
            self.indicate(commitment.VoteCounted(m.transaction, src, len(known.yes), self.needed(known.work)))
            self.precommit_if_all(known)

    # Phase 2, coordinator

    def precommit_if_all(self, known: Round) -> None:
        """With all votes everybody is to know it; without that rule, it is committed at once."""
        if len(known.yes) < self.needed(known.work):
            return
        self.expect_nothing(known.work.id)
        if self.precommit_first:
            self.indicate(tell.PreCommitting(known.work.id, len(known.yes), len(known.work.participants)))
            self.precommit(known, self.electorate(known.work), BY_VOTES)
        else:
            self.decide_commit(known, BY_VOTES)

    @on(Ack)
    def on_ack(self, m: Ack, src: str) -> None:
        """Coordinator: once all know, it commits."""
        known = self.rounds.get(m.transaction)
        if known is None or known.phase != PRECOMMITTING or src not in known.waiting:
            return
        known = replace(known, waiting=tuple(node for node in known.waiting if node != src))
        self.put_round(known)
        self.indicate(tell.AckCounted(m.transaction, known.asked - len(known.waiting), known.asked))
        if not known.waiting:
            self.decide_commit(known, known.why)

    # Phase 1, participant

    @on(CanCommit)
    def on_can_commit(self, m: CanCommit, src: str) -> None:
        """Participant: locks, prepares and votes (`Bank.consider`); after a crash it does not vote again."""
        if m.work.id not in self.closing and not self.stays_out(m.work.id, src):
            self.consider(m.work)

    def cast(self, work: Transaction, *, yes: bool, reason: str = "", found: Stored = None) -> None:
        self.send(self.first, Vote(work.id, yes, reason, found))

    # Waiting in vain

    def timed_out(self, transaction: str) -> None:
        """Coordinator: goes on without those who are silent. Others: look for another coordinator, or ask again."""
        known = self.rounds.get(transaction)
        if known is not None and known.phase != WRITING:
            self.go_on_without(known)
        elif transaction in self.recovering:
            self.ask(self.transactions[transaction].work)
        elif self.state_now(transaction) in (IN_DOUBT, PRECOMMITTED):
            self.suspect(transaction)

    def go_on_without(self, known: Round) -> None:
        """Coordinator: without a vote it aborts; without an acknowledgement it commits; else it decides by the states."""
        work = known.work
        if known.phase == VOTING:
            missing = tuple(n for n in work.participants if n not in known.yes and n not in known.no)
            said = commitment.AbortedByTimeout(work.id, ", ".join(missing))
            self.decide_abort(work, said, TIMEOUT, tuple(n for n in self.electorate(work) if n not in known.no))
        elif known.phase == PRECOMMITTING:
            self.indicate(tell.WentOnWithoutAcks(work.id, ", ".join(known.waiting)))
            self.decide_commit(known, known.why)
        else:
            self.resolve(known)

    # After a crash

    def recover(self, work: Transaction, kind: str) -> None:
        """What has no decision in the log is asked about: the others may have finished it."""
        if kind in (ABORT, COMMIT):
            self.put_part(work, ABORTED if kind == ABORT else COMMITTED)
            return
        self.lock(work)
        self.put_part(work, IN_DOUBT)
        self.recovering = {**self.recovering, work.id: ()}
        if self.id == self.first:
            self.indicate(tell.CoordinatorBack(work.id))
        else:
            self.indicate(commitment.BackInDoubt(work.id, self.resources(work)))
        if self.ask_after_crash:
            self.ask(work)
        else:
            self.decide_abort(work, tell.DecidedAlone(work.id), RESTARTED, ())
