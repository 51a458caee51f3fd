"""A node with a log that must be forced to disk, that tells many one after the other, and waits for many things at once.

- **The log** (`write`). A record is appended at once, and stands on the disk only when a write of the disk has ended, for
  which it is *forced*; whatever was appended before goes with it (Gray, Notes on Data Base Operating Systems, 1978,
  section 5.8.3). A crash cuts the log at `forced`. What a node does once a record is on the disk is `on_disk`.
- **Telling** (`tell`). A node sends to many one after the other, so it can crash after it told some of them.
- **Waiting** (`expect`). One timer serves all transactions: it runs out when the first of them has waited long enough.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from ..simulation import N_, Log, Node, durable, on_timer, param, value, volatile
from .transactions import Transaction

DISK, SEND, TIMEOUT = "disk", "send", "timeout"
"""The timers."""
TIMERS = {
    DISK: (N_("write to disk"), N_("When it runs out, what was to be forced stands on the disk.")),
    SEND: (N_("pause before sending"), N_("When it runs out, the next of several messages is sent.")),
    TIMEOUT: (
        N_("timeout"),
        N_("When it runs out, the node has waited long enough for a vote, an answer or a decision."),
    ),
}

SHORT = {"prepared": "yes", "precommit": "pre"}
"""Records whose kind is too long to be drawn: a prepared record is a "yes" in some books."""

EMPTY: dict[str, Any] = {}


@value
class Record:
    """A record of the log."""

    kind: str
    work: Transaction
    line: str
    """Transaction and kind in one line, as the log is drawn."""


class Journal(Node):
    """The disk, the outbox and the deadlines of a node. A protocol adds `on_disk` and `timed_out`."""

    # Tunables

    write_time: int = param(
        5_000, 0, 1_000_000, "µs", N_("Time of a write to disk"),
        N_("How long it takes until a record that is forced stands on the disk."),
    )  # fmt: skip
    send_time: int = param(
        500, 0, 1_000_000, "µs", N_("Time between two sends"),
        N_("A node that tells many tells them one after the other; in between it may crash."),
    )  # fmt: skip

    # On disk

    log: Log[Record] = durable(
        Log(), N_("log"), N_("The records of transactions; after a crash, those that were forced.")
    )
    forced: int = durable(0, N_("forced"), N_("How many records of the log stand on the disk."))

    # In memory

    deadlines: dict[str, tuple[int, int]] = volatile(
        EMPTY,
        N_("deadlines"),
        N_("Until when (own clock, µs) it waits for word of a transaction, and how long in all."),
    )
    outbox: tuple[tuple[str, Any], ...] = volatile(
        (), N_("to send"), N_("What it will send next, one after the other.")
    )
    writing: int = volatile(0, N_("being written"), N_("Up to which record the disk writes now; 0 where it is idle."))
    wanted: int = volatile(0, N_("to be forced"), N_("Up to which record the log is to be forced."))

    # What a protocol adds

    @abstractmethod
    def on_disk(self, record: Record) -> None:
        """A record stands on the disk now."""

    @abstractmethod
    def timed_out(self, transaction: str) -> None:
        """It has waited long enough for word of a transaction."""

    def start(self) -> None:
        """Nothing is asked for; a subclass goes on from its log."""

    def crash(self, *, disk_kept: bool) -> None:
        super().crash(disk_kept=disk_kept)
        self.log = self.log.truncate(self.forced)

    # The log

    def write(self, kind: str, work: Transaction, *, force: bool) -> None:
        """Appends a record, and forces it to the disk or leaves that to the next that is forced."""
        self.log = self.log.append(Record(kind, work, f"{work.id} {SHORT.get(kind, kind)}"))
        if not force:
            return
        self.wanted = self.log.length
        if not self.writing:
            self.begin_writing()

    def begin_writing(self) -> None:
        """The disk writes all that has been appended so far."""
        self.writing = self.log.length
        self.set_timer(DISK, self.write_time)

    @on_timer(DISK)
    def on_disk_written(self) -> None:
        """The write has ended; what was to be forced meanwhile comes next."""
        before, self.forced, self.writing = self.forced, self.writing, 0
        if self.wanted > self.forced:
            self.begin_writing()
        for record in self.log[before : self.forced]:
            self.on_disk(record)

    # Telling and waiting

    def tell(self, message: Any, to: Iterable[str]) -> None:
        """Sends to several, one after the other."""
        idle = not self.outbox
        self.outbox = (*self.outbox, *((dst, message) for dst in to))
        if idle and self.outbox:
            self.set_timer(SEND, 0)

    @on_timer(SEND)
    def on_send(self) -> None:
        """Sends the next message."""
        if not self.outbox:
            return
        (dst, message), self.outbox = self.outbox[0], self.outbox[1:]
        self.send(dst, message)
        if self.outbox:
            self.set_timer(SEND, self.send_time)

    def expect(self, transaction: str, span: int) -> None:
        """Waits for word of a transaction, for so long (µs)."""
        self.deadlines = {**self.deadlines, transaction: (self.now + span, span)}
        self.wind()

    def expect_nothing(self, transaction: str) -> None:
        """No more word of this transaction is needed."""
        if transaction in self.deadlines:
            self.deadlines = {t: d for t, d in self.deadlines.items() if t != transaction}
            self.wind()

    def waits(self, transaction: str) -> int:
        """How long it still waits (µs); never longer than it meant to, whatever has been done to its clock."""
        until, span = self.deadlines[transaction]
        return min(max(0, until - self.now), span)

    def wind(self) -> None:
        """Sets the timer to what comes first."""
        if self.deadlines:
            self.set_timer(TIMEOUT, min(map(self.waits, self.deadlines)))
        else:
            self.cancel_timer(TIMEOUT)

    @on_timer(TIMEOUT)
    def on_timeout(self) -> None:
        """Those that have waited long enough, and at least the one that was to be first."""
        if not self.deadlines:
            return
        least = min(map(self.waits, self.deadlines))
        due = tuple(t for t in self.deadlines if self.waits(t) <= least)
        self.deadlines = {t: d for t, d in self.deadlines.items() if t not in due}
        self.wind()
        for transaction in due:
            self.timed_out(transaction)
