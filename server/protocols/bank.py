"""A node of the bank: an account, some keys, locks, and a log that must be forced to disk before anything is promised.

What is under any protocol of atomic commitment (Gray, Notes on Data Base Operating Systems, 1978, section 5.8):

- **Clients.** The first node is the coordinator. It begins each operation once, and remembers on disk that it has.
- **Votes.** A participant is asked once, locks, forces a prepared record, and votes; or it aborts by itself and votes no.
- **The account machine**: who may lock what, whether there is money enough, and what a commit does. Balance and keys are
  made from the log anew after a crash: what has a prepared record and no decision is in doubt, and locks again.

The log, telling one after the other, and waiting are in `journal.py`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from ..simulation import N_, Program, Recording, durable, on, param, rule, volatile
from . import commitment as tell
from .indication import Indication
from .journal import Journal, Record
from .session import ClientReply, ClientRequest
from .transactions import (
    ABORT,
    ABORTED,
    BALANCE,
    COMMIT,
    COMMITTED,
    COORDINATOR,
    DECIDED,
    DOUBTING,
    END,
    FORGOTTEN,
    IN_DOUBT,
    LATE,
    LOCKED,
    NO_ACCOUNT,
    PARTICIPANT,
    PREPARED,
    UNWILLING,
    WORKING,
    Get,
    NotCommitted,
    Operation,
    Part,
    Put,
    Role,
    Stored,
    Transaction,
    Transfer,
    holders,
    owner,
)

DECIDED_KEPT = 8
"""How many decided transactions a node keeps in its table; the log has them all."""

EMPTY: dict[str, Any] = {}


class Bank(Journal):
    """A node with an account. A protocol adds how nodes agree: `begin`, `cast`, `on_disk`, `recover`, `timed_out`."""

    messages: ClassVar[tuple[type, ...]] = (ClientRequest,)
    foreign: ClassVar[tuple[type, ...]] = (ClientReply,)

    # Tunables

    takes_part: bool = param(
        False, False, True, "switch", N_("The coordinator takes part"),
        N_("The coordinator keeps an account too, and votes. Otherwise it only asks the others."),
    )  # fmt: skip
    opening_balance: int = param(
        100, 0, 1_000_000, "count", N_("Opening balance"), N_("What every account holds at the beginning.")
    )  # fmt: skip
    unwilling: int = param(
        5, 0, 100, "percent", N_("Unwilling participants"),
        N_("How often a participant votes no for a reason of its own."),
    )  # fmt: skip
    vote_timeout: int = param(
        140_000, 1_000, 10_000_000, "µs", N_("Timeout of the coordinator"),
        N_("How long the coordinator waits for answers: then it aborts, or asks again."),
    )  # fmt: skip
    patience: int = param(
        240_000, 1_000, 10_000_000, "µs", N_("Timeout of a participant"),
        N_("How long a participant that has voted yes waits for word before it does something."),
    )  # fmt: skip

    # Rules

    force_prepared: bool = rule(
        N_("Force the prepared record before voting yes"),
        N_("A yes is a promise that outlives a crash: the prepared record is on disk before the vote is sent."),
        cites="Gray (1978) §5.8.3.3",
    )
    unanimous: bool = rule(
        N_("Unanimous yes"),
        N_("A transaction commits only if all participants vote yes. Without it, one vote fewer is enough."),
        cites="BHG §7.3, AC3",
    )
    hold_locks: bool = rule(
        N_("Locks are held while in doubt"),
        N_("What a transaction has locked stays locked until it is decided. Without it, the vote frees the locks."),
        cites="BHG §7.1",
    )

    # On disk

    seen: dict[str, int] = durable(
        EMPTY, N_("last operations"), N_("For each client, its last operation that was begun, or asked for, here.")
    )

    # In memory

    role: Role = volatile(PARTICIPANT, N_("role"), N_("Coordinator, participant, or a participant in doubt."))
    transactions: dict[str, Part] = volatile(
        EMPTY, N_("transactions"), N_("How each transaction stands here; of the decided ones the last.")
    )
    votes: tuple[str, ...] = volatile(
        (), N_("votes"), N_("Who has voted yes on the newest transaction, as counted here.")
    )
    balance: int | None = volatile(
        None, N_("balance"), N_("What the account holds, made from the log; nothing where there is none.")
    )
    data: dict[str, Stored] = volatile(EMPTY, N_("keys"), N_("The values of the keys, made from the log."))
    locks: dict[str, str] = volatile(EMPTY, N_("locks"), N_("What is locked here, and by which transaction."))
    answers: dict[str, tuple[int, Any]] = volatile(
        EMPTY, N_("answers"), N_("For each client, the last operation answered, and the answer.")
    )

    # What a protocol adds

    @abstractmethod
    def begin(self, work: Transaction) -> None:
        """Coordinator: begins a transaction."""

    @abstractmethod
    def cast(self, work: Transaction, *, yes: bool, reason: str = "", found: Stored = None) -> None:
        """Participant: sends its vote, with what a `get` found."""

    @abstractmethod
    def recover(self, work: Transaction, kind: str) -> None:
        """After a restart: the last record of this transaction is of this kind."""

    # Who is who

    @property
    def first(self) -> str:
        """The coordinator: the first of all nodes."""
        return min(self.id, *self.peers) if self.peers else self.id

    @property
    def accounts(self) -> tuple[str, ...]:
        """The nodes that keep an account."""
        return holders(tuple(sorted((self.id, *self.peers))), coordinator_too=self.takes_part)

    # The beginning, and the beginning after a crash

    def start(self) -> None:
        """Makes the account and the keys from the log; takes up what has no decision."""
        self.role = COORDINATOR if self.id == self.first else PARTICIPANT
        self.balance = self.opening_balance if self.id in self.accounts else None
        last: dict[str, Record] = {}
        for record in self.log:
            if record.kind == COMMIT:
                self.apply(record.work)
            last.pop(record.work.id, None)
            last[record.work.id] = record
        over = [record.work.id for record in last.values() if self.is_over(record.kind)]
        forgotten = dict.fromkeys(over[:-DECIDED_KEPT])
        for record in last.values():
            if record.work.id not in forgotten:
                self.recover(record.work, record.kind)

    def is_over(self, kind: str) -> bool:
        """Whether nothing is left to be done for a transaction whose last record here is of this kind."""
        return kind in (ABORT, END) or (kind == COMMIT and self.id != self.first)

    # The table of transactions

    def outcome(self, transaction: str) -> str | None:
        """How a transaction was decided here, after the table or else the log; None where neither says so."""
        part = self.transactions.get(transaction)
        if part is not None:
            return part.state if part.state in DECIDED else None
        for record in reversed(self.log[:]):
            if record.work.id == transaction and record.kind in (COMMIT, ABORT, END):
                return ABORTED if record.kind == ABORT else COMMITTED
        return None

    def put_part(self, work: Transaction, state: str, note: str = "") -> None:
        """Notes how a transaction stands now; of the decided ones the oldest go."""
        table = {**self.transactions, work.id: Part(state, work, note)}
        decided = [t for t, part in table.items() if part.state in DECIDED]
        for old in decided[: max(0, len(decided) - DECIDED_KEPT)]:
            del table[old]
        self.transactions = table
        self.role = self.role_now()

    def role_now(self) -> Role:
        """What it is: the coordinator, in doubt about some transaction, or neither."""
        if self.id == self.first:
            return COORDINATOR
        return DOUBTING if any(p.state not in (*DECIDED, WORKING) for p in self.transactions.values()) else PARTICIPANT

    def state_of(self, transaction: str) -> str | None:
        """How a transaction stands in the table; None where it is not there."""
        part = self.transactions.get(transaction)
        return None if part is None else part.state

    def heard_of(self, client: str, serial: int) -> None:
        """Remembers, on disk, the last operation of a client that was dealt with here."""
        if serial > self.seen.get(client, 0):
            self.seen = {**self.seen, client: serial}

    def never_votes(self, transaction: str) -> None:
        """Promises, on disk, not to vote yes on a transaction that it has not been asked for."""
        self.heard_of(*owner(transaction))

    # Clients

    @on(ClientRequest)
    def on_client_request(self, m: ClientRequest, src: str) -> None:
        """The coordinator begins each operation once; others say who it is."""
        if self.id != self.first:
            self.indicate(tell.SentToCoordinator(src, self.first))
            self.send(src, ClientReply(m.serial, False, None, self.first))
            return
        name, known = f"{src}.{m.serial}", self.seen.get(src, 0)
        if m.serial < known:
            self.indicate(tell.RequestOver(name, src, known))
        elif m.serial == known:
            self.answer_again(name, src, m.serial)
        else:
            self.heard_of(src, m.serial)
            work = Transaction(name, src, m.serial, m.operation, self.concerned(m.operation, m.serial))
            unknown = self.unknown_account(m.operation)
            if unknown is None:
                self.indicate(tell.TransactionBegun(name, work.participants, len(work.participants)))
                self.begin(work)
            else:
                self.indicate(tell.AccountUnknown(name, unknown))
                self.answer(work, NotCommitted(NO_ACCOUNT))

    def concerned(self, operation: Operation, serial: int) -> tuple[str, ...]:
        """Who must agree: both ends of a transfer, all for a write, and for a read one, each in turn."""
        accounts = self.accounts
        if isinstance(operation, Transfer):
            return tuple(sorted({operation.source, operation.target}))
        return accounts if isinstance(operation, Put) else (accounts[serial % len(accounts)],)

    def unknown_account(self, operation: Operation) -> str | None:
        """An account that a transfer names and that there is not, or None."""
        named = (operation.source, operation.target) if isinstance(operation, Transfer) else ()
        return next((account for account in named if account not in self.accounts), None)

    def answer(self, work: Transaction, result: Any) -> None:
        """Tells the client how its transaction ended, after those who must know it first."""
        self.answers = {**self.answers, work.client: (work.serial, result)}
        self.tell(ClientReply(work.serial, True, result, self.first), (work.client,))

    def answer_again(self, name: str, client: str, serial: int) -> None:
        """A client asks for what was begun already. Without a record it can't have committed."""
        answered, result = self.answers.get(client, (0, None))
        if answered != serial:
            outcome = self.outcome(name)
            if outcome is None and self.is_under_way(name):
                self.indicate(tell.UnderWay(name, client))
                return
            result = True if outcome == COMMITTED else NotCommitted(FORGOTTEN)
            if outcome is None:
                self.indicate(self.without_record(name, client))
        self.send(client, ClientReply(serial, True, result, self.first))

    def without_record(self, transaction: str, client: str) -> Indication:
        """What is told where a client asks for what was begun here, and there is no record of it."""
        return tell.AnsweredWithoutRecord(transaction, client)

    def is_under_way(self, transaction: str) -> bool:
        """Whether a transaction is not decided yet."""
        return transaction in self.transactions

    # Votes

    def consider(self, work: Transaction) -> None:
        """Participant: is asked for its vote. It is given once, and repeated where it is asked for again."""
        part = self.transactions.get(work.id)
        if part is not None:
            if part.state in (IN_DOUBT, ABORTED):
                self.indicate(tell.VoteRepeated(work.id))
                self.cast(work, yes=part.state == IN_DOUBT, reason=part.note)
            return
        if work.serial <= self.seen.get(work.client, 0):
            self.indicate(tell.VotedNoLate(work.id, work.client))
            self.cast(work, yes=False, reason=LATE)
            return
        self.heard_of(work.client, work.serial)
        objection = self.objection(work)
        if objection is not None:
            reason, said = objection
            self.indicate(said)
            if not isinstance(work.operation, Get):
                self.write(ABORT, work, force=False)
                self.put_part(work, ABORTED, reason)
            self.cast(work, yes=False, reason=reason)
        elif isinstance(work.operation, Get):
            self.indicate(tell.ReadWithoutSecondPhase(work.id, work.operation.key))
            self.cast(work, yes=True, found=self.data.get(work.operation.key))
        else:
            self.prepare(work)

    def prepare(self, work: Transaction) -> None:
        """Locks, and writes down that it is ready for both ends; votes yes once that is on the disk."""
        self.lock(work)
        self.put_part(work, WORKING)
        self.write(PREPARED, work, force=self.force_prepared)
        if not self.force_prepared:
            self.vote_yes(work, tell.VotedYesUnforced(work.id, self.resources(work)))

    def prepared(self, work: Transaction) -> None:
        if self.state_of(work.id) == WORKING:
            self.vote_yes(work, tell.VotedYes(work.id, self.resources(work)))

    def vote_yes(self, work: Transaction, said: Indication) -> None:
        """Gives its word: from now on it is in doubt until it is told."""
        self.put_part(work, IN_DOUBT)
        self.indicate(said)
        if not self.hold_locks:
            self.unlock(work)
        self.expect(work.id, self.patience)
        self.cast(work, yes=True)

    # The account machine

    def resources(self, work: Transaction) -> tuple[str, ...]:
        """What a transaction locks here: the account, which is named after the node, or a key."""
        if self.id not in work.participants or isinstance(work.operation, Get):
            return ()
        return (self.id,) if isinstance(work.operation, Transfer) else (work.operation.key,)

    def lock(self, work: Transaction) -> None:
        """Locks what the transaction touches."""
        self.locks = {**self.locks, **dict.fromkeys(self.resources(work), work.id)}

    def unlock(self, work: Transaction) -> None:
        """Frees what the transaction has locked."""
        self.locks = {r: holder for r, holder in self.locks.items() if holder != work.id}

    def objection(self, work: Transaction) -> tuple[str, Indication] | None:
        """Why it votes no, in a word and in a sentence; None where it can do what is asked."""
        operation = work.operation
        touched = (operation.key,) if isinstance(operation, Get) else self.resources(work)
        for resource in touched:
            if resource in self.locks:
                return LOCKED, tell.VotedNoLocked(work.id, resource, self.locks[resource])
        if isinstance(operation, Get):
            return None
        balance = self.balance or 0
        if isinstance(operation, Transfer) and operation.source == self.id and operation.amount > balance:
            return BALANCE, tell.VotedNoBalance(work.id, operation.amount, balance)
        # One draw for each client and serial number, so that none depends on how many there were.
        if self.draw(f"unwilling {work.client}", work.serial, 1, 100) <= self.unwilling:
            return UNWILLING, tell.VotedNoUnwilling(work.id)
        return None

    def apply(self, work: Transaction) -> None:
        """What a commit does to this node's account and keys."""
        operation = work.operation
        if self.id not in work.participants:
            return
        if isinstance(operation, Put):
            self.data = {**self.data, operation.key: operation.value}
        elif isinstance(operation, Transfer):
            self.balance = (self.balance or 0) + (
                operation.amount if operation.target == self.id else -operation.amount
            )


def slow_votes(recording: Recording, program: Program) -> Iterator[tuple[str, dict[str, Any]]]:
    """Warns where votes may come too late for the coordinator, or where there is nobody to vote."""
    write, send, votes, patience = (
        int(recording.params.get(name, program.params[name].default))
        for name in ("write_time", "send_time", "vote_timeout", "patience")
    )
    needed = 2 * recording.link.high + 2 * write + (recording.nodes - 1) * send
    if votes <= needed:
        yield (
            N_("A vote may take {needed} ms to come, and the coordinator waits only {timeout} ms: "
               "it will abort what could have committed."),
            {"needed": needed / 1000, "timeout": votes / 1000},
        )  # fmt: skip
    if patience <= votes:
        yield (
            N_("A participant asks after {patience} ms, while the coordinator may wait {timeout} ms for the votes: "
               "it will ask before there is an answer."),
            {"patience": patience / 1000, "timeout": votes / 1000},
        )  # fmt: skip
    if recording.nodes == 1:
        yield N_("With one node there is nobody to agree with, and no second account for a transfer."), {}
