"""Histories for the tests of the checker: made by chance around a true object, and judged straight from the definition."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from server.properties.linearizability import UNKNOWN, Call, History, Model, Mutex, Operation, Register, Store, Texts

KINDS = ("register", "texts", "mutex", "store")
STATES: dict[str, tuple[Any, ...]] = {
    "register": (0, 1, 2), "texts": ("", "a", "ab", "b"), "mutex": (False, True), "store": (None, 0, 1, (0,), "A"),
}  # fmt: skip


def model(kind: str) -> Model:
    """A small object of this kind."""
    made: dict[str, Model] = {"register": Register(0), "texts": Texts(), "mutex": Mutex(), "store": Store(jobs_max=2)}
    return made[kind]


def some_call(rng: random.Random, kind: str) -> Call:
    """A call with few different arguments, so that operations meet."""
    a, b, who = rng.randrange(3), rng.randrange(3), rng.choice("AB")
    calls: dict[str, Sequence[Call]] = {
        "register": (("read",), ("read",), ("write", a), ("cas", a, b)),
        "texts": (("get",), ("get",), ("put", rng.choice(("a", "b", "ax"))), ("append", rng.choice("abc")), ("append", who)),
        "mutex": (("acquire",), ("release",)),
        "store": (
            ("get",), ("put", a), ("cas", rng.choice((None, a)), b), ("delete",), ("add", a), ("acquire", who),
            ("release", who), ("push", a), ("pop",),
        ),
    }  # fmt: skip
    return rng.choice(calls[kind])


class Made:
    """A history made by chance: a true object does each operation at some moment, and some of what is told is untrue."""

    def __init__(self, seed: int, kind: str, *, operations: int = 10, processes: int = 4) -> None:
        self.rng = rng = random.Random(seed)
        self.kind, self.model, self.history = kind, model(kind), History()
        self.state: Any = self.model.initial
        self.processes = list(range(rng.randint(1, processes)))
        self.under_way: dict[int, tuple[Call, bool, Any]] = {}
        """By process: the call, whether the object did it, and its result."""
        self.noise = rng.choice((0.0, 0.1, 0.3))
        left = rng.randint(1, operations)
        while left or self.under_way:
            process = rng.choice(self.processes)
            if process in self.under_way:
                self._go_on(process, waits=left > 0)
            elif left:
                left -= 1
                call = some_call(rng, kind)
                self.history.invoke(process, call)
                self.under_way[process] = (call, False, None)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All that happened or may have."""
        return self.history.operations

    def _go_on(self, process: int, *, waits: bool) -> None:
        rng, (call, done, result) = self.rng, self.under_way[process]
        if not done and rng.random() < 0.6:
            state, result = self.model.step(self.state, call)
            if self.kind != "mutex" or result:
                self.state = state
                self.under_way[process] = (call, True, result)
            elif not waits:
                self._lose(process)
        elif rng.random() < (0.15 if done else 0.3):
            self._lose(process)
        elif done:
            if self.kind != "mutex" and rng.random() < self.noise:
                result = self.model.step(rng.choice(STATES[self.kind]), call)[1]
            self.history.respond(process, UNKNOWN if rng.random() < 0.05 else result)
            del self.under_way[process]
        elif rng.random() < 0.05:
            self.history.cancel(process)
            del self.under_way[process]

    def _lose(self, process: int) -> None:
        self.history.lose(process)
        del self.under_way[process]
        self.processes.remove(process)
        self.processes.append(max(self.processes, default=process) + process + 1)


def explained(model: Model, operations: Sequence[Operation]) -> bool:
    """Whether there is an order, by trying all: any operation that begins before all others that are left have ended."""
    seen: set[tuple[frozenset[int], Any]] = set()

    def search(left: frozenset[int], state: Any) -> bool:
        if all(operations[at].returned is None for at in left):
            return True
        if (left, state) in seen:
            return False
        seen.add((left, state))
        for at in sorted(left):
            if any(_before(operations[other], operations[at]) for other in left):
                continue
            after, result = model.step(state, operations[at].call)
            if fits(operations[at], result) and search(left - {at}, after):
                return True
        return False

    return search(frozenset(range(len(operations))), model.initial)


def _before(one: Operation, other: Operation) -> bool:
    return one.returned is not None and one.returned < other.invoked


def fits(operation: Operation, result: Any) -> bool:
    """Whether the operation may have had this result."""
    return operation.returned is None or operation.result is UNKNOWN or bool(operation.result == result)


def is_explanation(model: Model, operations: Sequence[Operation], order: Sequence[Operation]) -> bool:
    """Whether `order` is a linearization: all that returned, once each, in real time's order, as was seen."""
    ids = [operation.id for operation in order]
    known = {operation.id: operation for operation in operations}
    if len(set(ids)) != len(ids) or not set(ids) <= set(known):
        return False
    if any(operation.returned is not None and operation.id not in ids for operation in operations):
        return False
    state, latest = model.initial, -1
    for operation in (known[id] for id in ids):
        latest = max(latest, operation.invoked)
        if operation.returned is not None and latest > operation.returned:
            return False
        state, result = model.step(state, operation.call)
        if not fits(operation, result):
            return False
    return True
