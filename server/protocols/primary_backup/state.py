"""What a replica is made of: tunables, rules, fields, and how they are read. What it does stands in `node`."""

from __future__ import annotations

from enum import Enum
from typing import Any

from ...simulation import N_, Log, Node, choice, durable, param, rule, volatile
from .. import quorum
from .messages import Cell, Entry


class Role(Enum):
    """What a node believes itself to be."""

    BACKUP = "backup"
    TAKING_OVER = "taking over"
    PRIMARY = "primary"


BACKUP, TAKING_OVER, PRIMARY = Role
"""The members by themselves: looking one up in its class takes longer than comparing it."""

ALL, MAJORITY, NONE = "all", "majority", "none"
PUSH, PULL = "push", "pull"
STRONG, WEAK = "strong", "weak"
SEQUENCE, TIMESTAMP, HYBRID = "sequence", "timestamp", "hybrid"
COMMITTED, DETERMINED = "committed", "determined"
AUTOMATIC, MANUAL = "automatic", "manual"

EMPTY: dict[str, Any] = {}
Session = tuple[int, Any, int]
"""Of a client's last operation applied: its serial number, the answer, and its place in the log."""
NO_SESSION: Session = (0, None, 0)


class ReplicaState(Node):
    """The state of one replica."""

    # Tunables

    transfer: str = choice(
        PUSH, {PUSH: N_("active: the primary pushes"), PULL: N_("passive: the replicas pull")},
        N_("Active or passive"),
        N_("Whether the primary sends updates as they come, or the replicas fetch them at an interval."),
    )  # fmt: skip
    confirmation: str = choice(
        ALL, {ALL: N_("all replicas"), MAJORITY: N_("a majority"), NONE: N_("nobody")},
        N_("Confirmed by"),
        N_("Who must have an update in the log before it is committed, and in the database before it is determined."),
    )  # fmt: skip
    notify: str = choice(
        DETERMINED, {DETERMINED: N_("when it is determined"), COMMITTED: N_("when it is committed")},
        N_("Notify the client"),
        N_("After the second round, when the update is in the databases, or after the first, when it is in the logs."),
    )  # fmt: skip
    reads: str = choice(
        STRONG, {STRONG: N_("strong: by the primary, confirmed"), WEAK: N_("weak: by any replica, at once")},
        N_("Reads"),
        N_("A strong read goes the way of an update. A weak one is answered from the nearest database, old or not."),
    )  # fmt: skip
    stamps: str = choice(
        SEQUENCE, {
            SEQUENCE: N_("a sequence number"), TIMESTAMP: N_("the primary's clock"),
            HYBRID: N_("the clock, but never backwards"),
        },
        N_("Versions"),
        N_("What an update is stamped with. A database lets a write lose against a newer timestamp."),
    )  # fmt: skip
    failover: str = choice(
        AUTOMATIC, {AUTOMATIC: N_("automatic"), MANUAL: N_("manual")},
        N_("Failover"),
        N_("Whether the next replica takes over when it misses the primary, or only when its takeover timer is fired by hand."),
    )  # fmt: skip
    heartbeat_interval: int = param(
        50_000, 1_000, 5_000_000, "µs", N_("Heartbeat interval"),
        N_("How often the primary sends to all, with what they have not confirmed yet."),
    )  # fmt: skip
    fetch_interval: int = param(
        40_000, 1_000, 5_000_000, "µs", N_("Fetch interval"),
        N_("How often a replica asks the primary for updates, where replicas pull."),
    )  # fmt: skip
    failure_timeout: int = param(
        200_000, 10_000, 20_000_000, "µs", N_("Failure timeout"),
        N_("How long the next replica waits for the primary before it takes over; each one after it waits half as long more."),
    )  # fmt: skip

    # Rules

    confirm_first: bool = rule(
        N_("Confirm before committing"),
        N_("The primary commits and answers only after the confirmations that it needs. Without it, at once."),
        cites="Alsberg and Day 1976",
    )
    overlap: bool = rule(
        N_("Confirmations reach the next primary"),
        N_("So many confirm an update that whoever takes over learns of it. Without it, fewer are enough."),
        cites="Gifford 1979",
    )
    fencing: bool = rule(
        N_("Older views are refused"),
        N_("A replica takes nothing from the primary of an older view."),
        cites="Oki and Liskov 1988",
    )
    gap_check: bool = rule(
        N_("No gaps, no conflicts"),
        N_("A replica takes entries only if it has the entry before them, of the same view."),
        cites="Raft §5.3",
    )
    take_newest: bool = rule(
        N_("Take over from the newest log"),
        N_("A new primary begins with the newest log of a majority, and not with its own."),
        cites="Liskov and Cowling 2012 §4.2",
    )
    sessions_kept: bool = rule(
        N_("Sessions"),
        N_("An operation that a client sends again is not carried out again."),
        cites="Liskov and Cowling 2012 §4.1",
    )
    durable_log: bool = rule(
        N_("Log and database on disk"),
        N_("What a replica confirms is on its disk first, so a crash does not lose it."),
        cites="Gray 1978",
    )

    # On disk

    view: int = durable(
        0, N_("view"), N_("Number of the newest view that the node knows; its primary follows from it.")
    )
    log: Log[Entry] = durable(
        Log(),
        N_("log"),
        N_("Entries: the view in which they were made, the version, the command."),
        unless="durable_log",
    )
    commit_index: int = durable(0, N_("committed"), N_("Highest entry known to be committed."), unless="durable_log")
    last_applied: int = durable(0, N_("applied"), N_("Highest entry in the database."), unless="durable_log")
    data: dict[str, Cell] = durable(
        EMPTY, N_("database"), N_("For each key its value and the version of its last write."), unless="durable_log"
    )
    sessions: dict[str, Session] = durable(
        EMPTY, N_("sessions"), N_("For each client its last operation applied, the answer, and its place in the log."),
        unless="durable_log",
    )  # fmt: skip

    # In memory: all

    role: Role = volatile(BACKUP, N_("role"), N_("What the node believes itself to be."))
    primary: str | None = volatile(None, N_("primary"), N_("Whom it holds for the primary of its view."))
    matched: int = volatile(0, N_("matched"), N_("Backup: up to where its log is known to be the primary's."))

    # In memory: a primary, or who takes over

    heard: tuple[str, ...] = volatile(
        (), N_("heard"), N_("Who has handed over to it, or, once it is the primary, has answered it in this view.")
    )
    newest: tuple[int, int, tuple[Entry, ...], str] | None = volatile(
        None,
        N_("newest"),
        N_("The newest log handed over: view and index of its last entry, its end, and whose it is."),
    )
    confirmed: dict[str, int] = volatile(
        EMPTY, N_("confirmed"), N_("For each backup, the highest entry that it has confirmed to be in its log.")
    )
    applied_at: dict[str, int] = volatile(
        EMPTY, N_("applied at"), N_("For each backup, the highest entry that it has confirmed to be in its database.")
    )
    determined: int = volatile(0, N_("determined"), N_("Highest entry that is in as many databases as needed."))

    # Reading it

    @property
    def members(self) -> tuple[str, ...]:
        """All nodes of the cluster, alive or not, in the order in which they are primaries."""
        return tuple(sorted((*self.peers, self.id)))

    def primary_of(self, view: int) -> str:
        """Who is the primary of a view, if it ever has one: one node for each view, so no two can share one."""
        members = self.members
        return members[(view - 1) % len(members)]

    @property
    def rank(self) -> int:
        """How many others are to take over before it: 0 for the one next to the primary of its view."""
        members = self.members
        return (members.index(self.id) - members.index(self.primary_of(self.view)) - 1) % len(members)

    @property
    def own_next_view(self) -> int:
        """The next view of which it is the primary."""
        return self.view + self.rank + 1

    def view_at(self, index: int) -> int:
        """View of entry `index`; 0 before the first."""
        return self.log.items[index - 1].view if index else 0

    @property
    def end(self) -> tuple[int, int]:
        """View and index of the last entry. Of two logs the one with the greater end is the newer."""
        return self.view_at(self.log.length), self.log.length

    @property
    def applied_of_view(self) -> int:
        """Backup: up to where its database is known to have what the primary's has. Unconfirmed entries may be undone."""
        return min(self.last_applied, self.matched)

    @property
    def needed(self) -> int:
        """How many nodes, the primary too, must have an update."""
        confirmation, members = self.settings.confirmation, len(self.peers) + 1
        if confirmation == NONE or not self.confirm_first:
            return 1
        if not self.overlap:
            return max(1, members - self.needed_to_take_over)
        return members if confirmation == ALL else quorum.majority(members)

    @property
    def needed_to_take_over(self) -> int:
        """How many nodes must hand over. Together with `needed` they are more than there are, but where nobody confirms."""
        return quorum.majority(len(self.peers) + 1) if self.settings.confirmation == MAJORITY else 1

    @property
    def final(self) -> int:
        """Up to which entry clients are answered."""
        return self.commit_index if self.settings.notify == COMMITTED else self.determined
