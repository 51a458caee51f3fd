"""What a node of three-phase commit knows beside its account and its log, and the rules that can be off."""

from __future__ import annotations

from typing import Any

from ...simulation import N_, rule, value, volatile
from ..bank import Bank
from ..indication import Indication
from ..transactions import COORDINATOR, DECIDED, DOUBTING, WORKING, Get, Role, Transaction

VOTING, PRECOMMITTING, WRITING, POLLING = "voting", "pre-committing", "writing", "polling"
"""What a coordinator waits for: votes, acknowledgements, its disk, or the states of the others."""
PRECOMMITTED = "precommitted"
"""One more state of a transaction at a node, beside those of `bank.py`."""
RECOVERING = "recovering"
"""What a node answers that has crashed while a transaction was under way."""
PRECOMMIT = "precommit"
"""One more kind of record."""

EMPTY: dict[str, Any] = {}


@value
class Round:
    """A transaction that this node coordinates, as the first coordinator or as one that took its place."""

    work: Transaction
    phase: str
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """Whose acknowledgements or states are still to come."""
    asked: int = 0
    """How many were asked to acknowledge: in a termination, only those in doubt."""
    states: tuple[tuple[str, str], ...] = ()
    """The states that have come, by node."""
    why: str = ""
    """How it came to commit: by the votes, or by a rule of the termination protocol (TR2, TR4)."""


@value
class Closing:
    """An abort whose record the disk is writing: what is to be told then, and to whom."""

    said: Indication
    note: str
    to: tuple[str, ...]
    answers: bool
    """Whether the client is told too."""


class ThreePhaseState(Bank):
    """The state of one node; `node.ThreePhaseCommit` says what it does."""

    precommit_first: bool = rule(
        N_("Pre-commit before commit"),
        N_("The coordinator commits only after it has told all that all have voted yes."),
        cites="BHG §7.5",
    )
    look_for_precommit: bool = rule(
        N_("Abort only if all are in doubt"),
        N_("A new coordinator does not abort where somebody is pre-committed, since another may have committed."),
        cites="BHG §7.5, TR4",
    )
    ask_after_crash: bool = rule(
        N_("Ask after a crash"),
        N_("Who has crashed in doubt takes no part in the decision when it is back: it asks how it was."),
        cites="BHG §7.5",
    )

    rounds: dict[str, Round] = volatile(EMPTY, N_("rounds"), N_("The transactions that this node coordinates now."))
    coordinators: dict[str, str] = volatile(
        EMPTY, N_("coordinators"), N_("Who coordinates a transaction, where it is no longer the first node.")
    )
    recovering: dict[str, tuple[str, ...]] = volatile(
        EMPTY, N_("asked about"), N_("Transactions under way when it crashed, and who else has crashed during them.")
    )
    learning: dict[str, str] = volatile(
        EMPTY, N_("commits being written"), N_("Commits that it was told of and that its disk writes now, and by whom.")
    )
    closing: dict[str, Closing] = volatile(
        EMPTY, N_("aborts being written"), N_("Aborts that its disk writes now, and what is to be told then.")
    )

    # Reading it

    def members(self, work: Transaction) -> tuple[str, ...]:
        """All whom a transaction concerns, in the order in which they become its coordinator."""
        return tuple(sorted({self.first, *work.participants}))

    def others(self, work: Transaction) -> tuple[str, ...]:
        """The members but this node."""
        return tuple(node for node in self.members(work) if node != self.id)

    def coordinator_of(self, transaction: str) -> str:
        """Whom this node holds for the coordinator of a transaction."""
        return self.coordinators.get(transaction, self.first)

    def needed(self, work: Transaction) -> int:
        """How many yes a commit takes."""
        return len(work.participants) if self.unanimous else max(1, len(work.participants) - 1)

    def role_now(self) -> Role:
        doubts = any(part.state not in (*DECIDED, WORKING) for part in self.transactions.values())
        if self.rounds or (self.id == self.first and not doubts):
            return COORDINATOR
        return DOUBTING if doubts else super().role_now()

    def is_under_way(self, transaction: str) -> bool:
        return transaction in self.rounds or transaction in self.transactions or transaction in self.closing

    # Writing it

    def put_round(self, known: Round) -> None:
        """Notes how a round stands."""
        self.rounds = {**self.rounds, known.work.id: known}
        self.role = self.role_now()

    def drop_round(self, transaction: str) -> None:
        """Coordinates a transaction no more."""
        if transaction in self.rounds:
            self.rounds = {t: known for t, known in self.rounds.items() if t != transaction}
            self.role = self.role_now()

    def recognise(self, transaction: str, node: str) -> None:
        """Holds another node for the coordinator of a transaction."""
        self.coordinators = {**self.coordinators, transaction: node}

    def settled(self, work: Transaction) -> None:
        """A decision: nothing is waited for any more."""
        self.drop_round(work.id)
        self.expect_nothing(work.id)
        self.coordinators = {t: node for t, node in self.coordinators.items() if t != work.id}
        self.recovering = {t: others for t, others in self.recovering.items() if t != work.id}
        if not isinstance(work.operation, Get):
            self.unlock(work)
