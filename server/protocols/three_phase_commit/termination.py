"""How those who are up finish a transaction without its coordinator (BHG section 7.5, after Skeen 1981).

Who has waited in vain takes the coordinator for crashed and looks to the next in line. That one asks all how the
transaction stands with them, and decides by what comes back:

    TR1  somebody has aborted: abort.
    TR2  somebody has committed: commit.
    TR3  all are in doubt: abort. Nobody can have committed, as all would have been pre-committed before.
    TR4  somebody is pre-committed: pre-commit those in doubt, then commit. Nobody can have aborted.

A node that has crashed meanwhile takes no part. It asks how the transaction ended, until somebody can tell it; only when
*all* have crashed and are back do they know that nobody has decided.

The argument needs that silence means a crash. Under a partition both sides finish the transaction, each by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from ...simulation import on
from ..session import ClientReply, ClientRequest
from ..transactions import ABORTED, COMMITTED, DECIDED, IN_DOUBT, TIMEOUT, WORKING, Transaction
from . import indications as tell
from .decision import BY_TR2, BY_TR4, Deciding
from .messages import Ack, DoAbort, DoCommit, Elect, Inquiry, PreCommit, StateReply, StateRequest
from .state import POLLING, PRECOMMIT, PRECOMMITTED, PRECOMMITTING, RECOVERING, Round


class Termination(Deciding):
    """The termination protocol, and the questions of those who come back from a crash."""

    messages: ClassVar[tuple[type, ...]] = (
        PreCommit, Elect, StateRequest, StateReply, Inquiry, DoCommit, DoAbort, ClientRequest,
    )  # fmt: skip
    foreign: ClassVar[tuple[type, ...]] = (ClientReply, Ack)

    # The second phase, which both the first coordinator and one that takes its place go through

    def precommit(self, known: Round, whom: tuple[str, ...], why: str) -> None:
        """Coordinator: lets these know that all have voted yes, and waits until they do."""
        if self.state_of(known.work.id) != PRECOMMITTED:
            self.write(PRECOMMIT, known.work, force=False)
            self.put_part(known.work, PRECOMMITTED)
        self.tell(PreCommit(known.work.id), whom)
        known = replace(known, phase=PRECOMMITTING, waiting=whom, asked=len(whom), why=why)
        if whom:
            self.put_round(known)
            self.expect(known.work.id, self.vote_timeout)
        else:
            self.decide_commit(known, why)

    @on(PreCommit)
    def on_pre_commit(self, m: PreCommit, src: str) -> None:
        """Participant: is no longer in doubt, and says so. Told twice, it acknowledges twice."""
        state = self.state_now(m.transaction)
        if (
            state not in (IN_DOUBT, PRECOMMITTED)
            or self.stays_out(m.transaction, src)
            or self.is_old(m.transaction, src)
        ):
            return
        if state == IN_DOUBT:
            work = self.transactions[m.transaction].work
            self.write(PRECOMMIT, work, force=False)
            self.put_part(work, PRECOMMITTED)
            said = tell.PreCommitted if self.unanimous else tell.PreCommittedByEnough
            self.indicate(said(m.transaction, src))
        self.expect(m.transaction, self.patience)
        self.send(src, Ack(m.transaction))

    def stays_out(self, transaction: str, src: str) -> bool:
        """Whether it has crashed during the transaction, so that it only waits for the decision."""
        if transaction not in self.recovering:
            return False
        self.indicate(tell.StaysOut(transaction, src))
        return True

    def is_old(self, transaction: str, src: str) -> bool:
        """Whether a coordinator speaks whose place another has taken; one that comes later in line is believed."""
        current = self.coordinator_of(transaction)
        if src < current:
            self.indicate(tell.OldCoordinatorIgnored(transaction, src, current))
            return True
        self.recognise(transaction, src)
        return False

    # The election: the first in line of those not taken for crashed

    def suspect(self, transaction: str) -> None:
        """It has waited in vain for the coordinator: the next in line is to go on."""
        work = self.transactions[transaction].work
        gone = self.coordinator_of(transaction)
        members = self.members(work)
        following = [node for node in members if node > gone]
        chosen = following[0] if following else members[0]  # after the last, the first may be back
        self.indicate(tell.CoordinatorSuspected(transaction, gone, chosen))
        self.recognise(transaction, chosen)
        if chosen == self.id:
            self.poll(work)
        else:
            self.send(chosen, Elect(transaction))
            self.expect(transaction, self.patience)

    @on(Elect)
    def on_elect(self, m: Elect, src: str) -> None:
        """The others take the coordinator for crashed, and this node is the next in line."""
        state = self.state_now(m.transaction)
        if state is None:
            self.abort_unasked(m.transaction, src)
            self.send(src, DoAbort(m.transaction))
        elif state in DECIDED:
            self.tell_outcome(m.transaction, state, src)
        elif m.transaction not in self.rounds and not self.stays_out(m.transaction, src):
            self.recognise(m.transaction, self.id)
            self.poll(self.transactions[m.transaction].work)

    # Asking for the states

    def poll(self, work: Transaction) -> None:
        """The new coordinator asks all, also those that it takes for crashed."""
        others = self.others(work)
        self.indicate(tell.TerminationBegun(work.id))
        known = Round(work, POLLING, waiting=others)
        self.put_round(known)
        self.tell(StateRequest(work.id), others)
        self.expect(work.id, self.vote_timeout)
        if not others:
            self.resolve(known)

    @on(StateRequest)
    def on_state_request(self, m: StateRequest, src: str) -> None:
        """Says how the transaction stands. Who has not voted aborts it, so that it can say so."""
        state = self.state_now(m.transaction)
        if state in (None, *DECIDED):
            if state is None:
                self.abort_unasked(m.transaction, src)
            self.send(src, StateReply(m.transaction, state or ABORTED))
            return
        if self.stays_out(m.transaction, src) or self.is_old(m.transaction, src):
            return
        work = self.transactions[m.transaction].work
        if m.transaction in self.rounds:
            self.drop_round(m.transaction)
            self.indicate(tell.GaveWay(m.transaction, src))
        if state == WORKING:
            self.decide_abort(work, tell.AbortsUnasked(m.transaction, src), TIMEOUT, ())
            state = ABORTED
        else:
            self.indicate(tell.StateTold(m.transaction, src, str(state)))
            self.expect(m.transaction, self.patience)
        self.send(src, StateReply(m.transaction, str(state)))

    def abort_unasked(self, transaction: str, src: str) -> None:
        """Promises never to vote on what it has not been asked about."""
        self.never_votes(transaction)
        self.indicate(tell.AbortsUnasked(transaction, src))

    @on(StateReply)
    def on_state_reply(self, m: StateReply, src: str) -> None:
        """The new coordinator decides once all have answered, or once one has that knows the decision."""
        if m.state == RECOVERING:
            self.also_recovering(m.transaction, src)
            return
        known = self.rounds.get(m.transaction)
        if known is None or known.phase != POLLING or src not in known.waiting:
            return
        waiting = tuple(node for node in known.waiting if node != src)
        known = replace(known, waiting=waiting, states=(*known.states, (src, m.state)))
        self.put_round(known)
        if not waiting or m.state in DECIDED:
            self.resolve(known)

    # The rules of termination

    def resolve(self, known: Round) -> None:
        """Decides by TR1 to TR4, in this order."""
        work = known.work
        states = dict(known.states) | {self.id: self.state_now(work.id)}
        found = tuple(states.values())
        everybody = self.others(work)
        if ABORTED in found:
            self.decide_abort(work, tell.AbortBecauseOneHas(work.id), TIMEOUT, everybody)
        elif COMMITTED in found:
            self.decide_commit(known, BY_TR2)
        elif PRECOMMITTED not in found:
            self.decide_abort(work, tell.AbortBecauseAllDoubt(work.id), TIMEOUT, everybody)
        elif not self.look_for_precommit:
            self.decide_abort(work, tell.AbortInSpiteOfPreCommit(work.id), TIMEOUT, everybody)
        else:
            doubting = tuple(node for node in everybody if states.get(node) == IN_DOUBT)
            if doubting:
                self.indicate(tell.PreCommitFirst(work.id, ", ".join(doubting)))
                self.precommit(known, doubting, BY_TR4)
            else:
                self.decide_commit(known, BY_TR4)

    # After a crash

    def ask(self, work: Transaction) -> None:
        """Asks all how it ended; when nobody else is there to know, nobody has decided."""
        others = self.others(work)
        self.indicate(tell.AsksAfterCrash(work.id))
        for node in others:
            self.send(node, Inquiry(work.id))
        self.expect(work.id, self.patience)
        self.also_recovering(work.id, self.id)

    @on(Inquiry)
    def on_inquiry(self, m: Inquiry, src: str) -> None:
        """Says how it ended, if it knows; that it has been away too, if so."""
        state = self.state_now(m.transaction)
        if m.transaction in self.recovering and state not in DECIDED:
            self.send(src, StateReply(m.transaction, RECOVERING))
        elif state is None:
            self.abort_unasked(m.transaction, src)
            self.send(src, DoAbort(m.transaction))
        elif state in DECIDED:
            self.tell_outcome(m.transaction, state, src)
        else:
            self.indicate(tell.NotDecidedYet(m.transaction, src))

    def tell_outcome(self, transaction: str, state: str, to: str) -> None:
        """Tells one that asks. A decision that the disk is still writing is told when it is written."""
        if transaction in self.learning or transaction in self.closing or transaction in self.rounds:
            self.indicate(tell.NotDecidedYet(transaction, to))
            return
        self.indicate(tell.OutcomeKnown(transaction, to))
        self.send(to, DoCommit(transaction) if state == COMMITTED else DoAbort(transaction))

    def also_recovering(self, transaction: str, node: str) -> None:
        """Another has crashed during the transaction too. If all have, and all are back, nobody has decided."""
        if transaction not in self.recovering or transaction in self.learning or transaction in self.closing:
            return
        work = self.transactions[transaction].work
        back = self.recovering[transaction]
        if node not in (*back, self.id):
            back = (*back, node)
            self.recovering = {**self.recovering, transaction: back}
        if len(back) == len(self.others(work)):
            self.decide_abort(work, tell.TotalFailure(transaction), TIMEOUT, self.others(work))
