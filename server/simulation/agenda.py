"""The agenda: what is to happen, in the order in which it will.

A binary heap of `(due, order, subject, owner)`. `order` counts what was scheduled, so things due at one instant happen
in the order in which they were scheduled, and the comparison never reaches the subject. Nothing is ever removed from
the middle: what was cancelled or moved is recognised as stale by its owner when it comes up.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

Entry = tuple[int, int, Any, Any]


class Agenda:
    """A queue of subjects, each with its time (µs) and its owner."""

    __slots__ = ("heap", "order")

    def __init__(self) -> None:
        self.heap: list[Entry] = []
        self.order = 0

    def __len__(self) -> int:
        return len(self.heap)

    def push(self, due: int, subject: Any, owner: Any = None) -> None:
        """Schedules `subject` at `due`."""
        self.order = order = self.order + 1
        heappush(self.heap, (due, order, subject, owner))

    def push_first(self, due: int, subject: Any, owner: Any = None) -> None:
        """Schedules `subject` at `due`, before all else that is due then: somebody asked for it by hand."""
        self.order = order = self.order + 1
        heappush(self.heap, (due, -order, subject, owner))

    def pop(self) -> Entry:
        """Takes out what is due first. Raises IndexError when nothing is left."""
        return heappop(self.heap)
