"""What a branch shows of its clients' operations: the witness's verdict, the orders that it found, why there is none.

The witness judges as the run is computed (`properties.Witness`). What takes longer, the smallest part of a history that
can't be explained, is looked for here afterwards, a little in each tick.
"""

from __future__ import annotations

from typing import Any

from ..properties import BROKEN, Witness
from ..properties.linearizability import Case, Explaining
from ..properties.witness import Fact
from ..simulation import Run

STEPS_PER_TICK = 3_000
"""How far is searched in a tick: some 10 ms."""

Parts = dict[str, tuple[str, ...]]
"""For an operation that can't be explained, those that contradict each other, it among them."""


class Judgement:
    """What is told of one branch's clients."""

    def __init__(self, run: Run, parent: Judgement | None = None) -> None:
        self.witness = next((o for o in run.observers if isinstance(o, Witness)), None)
        self.parts: Parts = {}
        """Replaced when there is more."""
        if parent is not None and self.witness is not None:
            known = {name for _, name, _ in self.witness.cases}
            self.parts = {name: part for name, part in parent.parts.items() if name in known}
        self._case: Case | None = None
        self._left: list[Explaining] = []
        self._found: dict[str, None] = {}

    def broken_at(self, seq: int) -> tuple[str, ...]:
        """Its name, if that was the event at which it was known."""
        w = self.witness
        return (w.name,) if w is not None and w.transitions[-1][:2] == (seq, BROKEN) else ()

    def transitions(self) -> dict[str, list[tuple[Any, ...]]]:
        """By its name, the states that it was in."""
        return {self.witness.name: self.witness.transitions} if self.witness is not None else {}

    def known(self, after: int, upto: int, most: int) -> list[Fact]:
        """What became known after event `after` up to `upto`, the last `most` of it."""
        return self.witness.known(after, upto)[-most:] if self.witness is not None else []

    def explain(self) -> bool:
        """Looks on for why operations can't be explained; whether something was found."""
        if self.witness is None or not self.witness.cases:
            return False
        if self._case is None:
            self._case = next((case for _, name, case in self.witness.cases if name not in self.parts), None)
            if self._case is None:
                return False
            self._left = [Explaining(operations, model) for model, operations in self._case.histories]
            self._found = {}
        if self._left:
            if not self._left[0].run(STEPS_PER_TICK):
                return False
            # Where the past has several ways to end, each contradicts itself by a part of its own.
            self._found.update(dict.fromkeys(str(operation.process) for operation in self._left.pop(0).part))
        if self._left:
            return False
        name = str(self._case.operation.process)
        self.parts = {**self.parts, name: tuple(dict.fromkeys((*self._found, name)))}
        self._case = None
        return True
