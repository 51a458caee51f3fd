"""What a search remembers: states, places at which something was chosen, and the verdict that it comes to."""

from __future__ import annotations

from enum import Enum
from typing import Any

from .models import State


class Verdict(Enum):
    """Whether a history can be explained."""

    OK = "linearizable"
    NOT = "not linearizable"
    UNDECIDED = "undecided"


class Row:
    """A state: which operations fit it, as sets, as far as that was asked for, and where they lead."""

    __slots__ = ("failed", "grown", "known", "moves", "next", "pure", "stamp", "value")

    def __init__(self, value: State, stamp: int) -> None:
        self.value = value
        self.known = self.pure = self.moves = 0
        self.next: dict[int, tuple[Row, Any]] = {}
        """By the number of the call: the next state and the result."""
        self.failed: set[int] = set()
        """The operations done with which there is no way on from this state."""
        self.grown: dict[State, bool] = {}
        self.stamp = stamp


class Frame:
    """A place at which something was chosen: the operations done, and which changes are left to be tried."""

    __slots__ = ("absorbed", "branches", "chosen", "done", "goal", "outstanding", "row", "stamp")

    def __init__(self, outstanding: int, goal: int, done: int, row: Row) -> None:
        self.outstanding, self.goal, self.done, self.row = outstanding, goal, done, row
        self.absorbed = 0
        """Those that came first here without changing anything; in `done` already."""
        self.branches: list[int] = []
        """Operations to be tried, the next one last."""
        self.chosen = -1
        self.stamp = 0
