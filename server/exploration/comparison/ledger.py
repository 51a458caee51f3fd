"""Ledgers: what answers are held against, exactly.

A key is written by one client, one operation after another, with values that only grow. So at any time there is a value
that every later read must at least return: the highest that was written and confirmed, or read by anybody, before that
read began. A read that returns less is *stale*; one that returns what nobody has yet written is *invented*. For such
registers that is all that linearizability asks (Lamport, On Interprocess Communication II, 1986: an atomic register).

A counter is the same with sums: at least the additions that were confirmed, at most those that were begun.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from .workloads import COUNTER, DECISION, LEADER, REGISTER

Floor = Any
"""What a read must at least return, as it was when the read began."""
Down = tuple[str, ...]


class Ledger(Protocol):
    """Judges answers, in the order in which operations begin and end."""

    reads: int
    """Reads, or answers of another kind, that could be judged."""
    stale: int
    """Those of them that were not what a single up-to-date copy would have answered."""

    def begin(self, operation: Any, down: Down = ()) -> Floor:
        """An operation begins, while these nodes are down; what it returns is handed to `end`."""

    def end(self, operation: Any, result: Any, floor: Floor, down: Down = ()) -> None:
        """It was answered, while these nodes are down."""

    def owed(self, key: str) -> int:
        """What everybody must read of a key from now on; 0 where nothing was confirmed."""


class RegisterLedger:
    """Keys that are written by one client each, with growing values."""

    def __init__(self) -> None:
        self.reads = self.stale = 0
        self.floors: dict[str, int] = {}
        """For each key the highest value that was confirmed or read."""
        self.confirmed: dict[str, int] = {}
        self.begun: dict[str, int] = {}
        """For each key the highest value that somebody may have written."""

    def begin(self, operation: Any, down: Down = ()) -> Floor:
        if operation.name == "put":
            self.begun[operation.key] = operation.value
            return None
        return self.floors.get(operation.key, 0)

    def end(self, operation: Any, result: Any, floor: Floor, down: Down = ()) -> None:
        key = operation.key
        if operation.name == "put":
            self.confirmed[key] = max(self.confirmed.get(key, 0), operation.value)
            self.floors[key] = max(self.floors.get(key, 0), operation.value)
            return
        found = result if type(result) is int else 0
        self.reads += 1
        if found < floor or found > self.begun.get(key, 0):
            self.stale += 1
        else:
            self.floors[key] = max(self.floors.get(key, 0), found)

    def owed(self, key: str) -> int:
        return self.confirmed.get(key, 0)


class CounterLedger:
    """Keys to which one client each adds, one at a time."""

    def __init__(self) -> None:
        self.reads = self.stale = 0
        self.floors: dict[str, int] = {}
        self.confirmed: dict[str, int] = {}
        """For each key the sum of what was confirmed."""
        self.begun: dict[str, int] = {}
        """For each key the sum of what was asked for."""

    def begin(self, operation: Any, down: Down = ()) -> Floor:
        key = operation.key
        if operation.name == "add":
            self.begun[key] = self.begun.get(key, 0) + operation.value
        return self.floors.get(key, 0)

    def end(self, operation: Any, result: Any, floor: Floor, down: Down = ()) -> None:
        key = operation.key
        if operation.name == "add":
            self.confirmed[key] = self.confirmed.get(key, 0) + operation.value
            floor = max(floor + operation.value, self.confirmed[key])
        found = result if type(result) is int else 0
        self.reads += 1
        if found < floor or found > self.begun.get(key, 0):
            self.stale += 1
        else:
            self.floors[key] = max(self.floors.get(key, 0), found)

    def owed(self, key: str) -> int:
        return self.confirmed.get(key, 0)


class DecisionLedger:
    """One value is decided, once: whoever is told, is told the same."""

    def __init__(self) -> None:
        self.reads = self.stale = 0
        self.first: Any = None

    def begin(self, operation: Any, down: Down = ()) -> Floor:
        return None

    def end(self, operation: Any, result: Any, floor: Floor, down: Down = ()) -> None:
        self.reads += 1
        if self.first is None:
            self.first = result
        elif result != self.first:
            self.stale += 1

    def owed(self, key: str) -> int:
        return 0


class LeaderLedger:
    """Who leads: nobody who was down when it was asked, and still when it was answered.

    Who has come back meanwhile may have been elected before the answer was given.
    """

    def __init__(self) -> None:
        self.reads = self.stale = 0

    def begin(self, operation: Any, down: Down = ()) -> Floor:
        return down

    def end(self, operation: Any, result: Any, floor: Floor, down: Down = ()) -> None:
        self.reads += 1
        self.stale += result in floor and result in down

    def owed(self, key: str) -> int:
        return 0


class NoLedger:
    """For workloads whose answers have no right and wrong by themselves; the properties judge these runs."""

    def __init__(self) -> None:
        self.reads = self.stale = 0

    def begin(self, operation: Any, down: Down = ()) -> Floor:
        return None

    def end(self, operation: Any, result: Any, floor: Floor, down: Down = ()) -> None:
        return

    def owed(self, key: str) -> int:
        return 0


LEDGERS: dict[str, Callable[[], Ledger]] = {
    REGISTER: RegisterLedger, COUNTER: CounterLedger, DECISION: DecisionLedger, LEADER: LeaderLedger,
}  # fmt: skip


def ledger_for(kind: str) -> Ledger:
    """A new ledger of the kind that a workload names."""
    return LEDGERS.get(kind, NoLedger)()
