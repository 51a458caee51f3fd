"""A history that is still going on: fed as it happens, judged within a budget, never wrong.

What clients do is told event by event; `judge` goes through what was told, in order, and searches no longer than it may.
As long as the order that explains everything so far can be continued, an answer costs no more than looking at it. Where it
can't, the search turns back, if need be to the beginning, and says "undecided" until it knows.

Each return is judged before the next is looked at. So the first one that can't be explained is known by itself: it is
`blocked`, and stays. The order before it is the longest linearization.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Any

from .explaining import up_to
from .history import Call, History, Operation
from .models import Model
from .search import Search, Verdict, search_of

KEY_OPERATIONS_MAX = 5_000
"""Of a key with more operations nothing is said any more."""
AFRESH_STEPS = 2_000
"""After so many steps at one return the search begins again at the beginning, knowing by now what all reads saw; each time
after twice as many, so that beginning again costs no more than the search itself."""
ORDER_STEPS = 200_000
"""How long an order is looked for that ends before the first error; it is known that there is one."""

INVOKED, RETURNED, CANCELLED = range(3)
Told = tuple[int, Operation]


class _Key:
    """What is known of one key."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.search = Search(model)
        self.operations: list[Operation] = []
        """By their numbers in the search."""
        self.numbers: dict[int, int] = {}
        """By the id of an operation its number in the search."""
        self.waiting: deque[Told] = deque()
        self.told: list[Told] = []
        """What the search knows."""
        self.blocked: Operation | None = None
        self.last: Operation | None = None
        """The operation whose return was told to the search last."""
        self.settled = True
        """Whether all that the search was told is explained."""
        self.full = False
        """Whether there were too many operations to say anything more."""
        self._spent = 0
        """Steps since all was settled; -1 after beginning afresh."""
        self._afresh_steps = AFRESH_STEPS
        self._order: tuple[Operation, ...] | None = None

    @property
    def verdict(self) -> Verdict:
        if self.blocked is not None:
            return Verdict.NOT
        return Verdict.OK if self.settled and not self.waiting and not self.full else Verdict.UNDECIDED

    def tell(self, kind: int, operation: Operation) -> None:
        """Takes an event, to be judged later."""
        if self.blocked is not None or self.full:
            return
        self.waiting.append((kind, operation))
        if len(self.told) + len(self.waiting) > 2 * KEY_OPERATIONS_MAX:
            self.full = True
            self.waiting.clear()

    def judge(self, steps: int) -> int:
        """Goes on; returns how many steps are left."""
        while steps > 0 and self.blocked is None and (self.waiting or not self.settled):
            if self.settled and not self._next():
                break
            before = self.search.steps
            most = steps if self._spent < 0 else min(steps, self._afresh_steps)
            verdict = self.search.run(most)
            used = self.search.steps - before
            steps -= used + 1
            self.settled = verdict is Verdict.OK
            if verdict is Verdict.NOT:
                self.blocked = self.last
                self.waiting.clear()
            elif self.settled:
                self._spent = 0
            elif self._spent >= 0:
                self._spent += used
                if self._spent >= self._afresh_steps:
                    self._begin_afresh()
        return steps

    def _next(self) -> bool:
        """Tells the search of all events up to the next return; whether there was one to be judged."""
        self._order = None
        while self.waiting:
            told = self.waiting.popleft()
            self.told.append(told)
            if self._tell(told):
                return True
        return False

    def _tell(self, told: Told) -> bool:
        kind, operation = told
        if kind == INVOKED:
            self.numbers[operation.id] = self.search.invoke(operation.call)
            self.operations.append(operation)
        elif kind == CANCELLED:
            self.search.cancel(self.numbers[operation.id])
        else:
            self.search.respond(self.numbers[operation.id], operation.result)
            self.last = operation
        return kind != INVOKED

    def _begin_afresh(self) -> None:
        self.search, self._spent = Search(self.model), -1
        self._afresh_steps *= 2
        self.operations.clear()
        for told in self.told:
            self._tell(told)

    def order(self) -> tuple[Operation, ...]:
        """The longest order that explains what was judged."""
        if self._order is None or not self.settled:
            search, operations = self.search, self.operations
            if self.blocked is not None and self.blocked.returned is not None:
                operations = list(up_to(self.history(), self.blocked.returned - 1))
                search = search_of(self.model, operations)
                search.run(ORDER_STEPS)
            self._order = tuple(operations[number] for number in search.order())
        return self._order

    def history(self) -> tuple[Operation, ...]:
        """The operations that were told, but those that did not happen; up to the first error, if there is one."""
        gone = {operation.id for kind, operation in self.told if kind == CANCELLED}
        known = tuple(operation for operation in self.operations if operation.id not in gone)
        end = None if self.blocked is None else self.blocked.returned
        return known if end is None else up_to(known, end)


class Live:
    """Judges a history while it is written. Each process has one operation under way at a time."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.history = History()
        self._keys: dict[Hashable, _Key] = {}

    def invoke(self, process: int | str, call: Call, key: Hashable = None, place: int | None = None) -> Operation:
        """A process begins an operation. Raises Disorder."""
        operation = self.history.invoke(process, call, key, place)
        if key not in self._keys:
            self._keys[key] = _Key(self.model)
        self._keys[key].tell(INVOKED, operation)
        return operation

    def respond(self, process: int | str, result: Any, place: int | None = None) -> Operation:
        """The operation of a process returns with this result. Raises Disorder."""
        operation = self.history.respond(process, result, place)
        self._keys[operation.key].tell(RETURNED, operation)
        return operation

    def lose(self, process: int | str) -> Operation:
        """Nobody will know how the operation of a process ended. Raises Disorder."""
        return self.history.lose(process)

    def cancel(self, process: int | str) -> Operation:
        """The operation of a process is known not to have happened. Raises Disorder."""
        operation = self.history.cancel(process)
        self._keys[operation.key].tell(CANCELLED, operation)
        return operation

    def judge(self, steps: int) -> Verdict:
        """Searches on, about this many steps over all keys, and says what is known."""
        for known in self._keys.values():
            steps = known.judge(steps)
            if steps <= 0:
                break
        return self.verdict

    @property
    def verdict(self) -> Verdict:
        """NOT as soon as one key can't be explained, for good; OK if all that was told is explained."""
        verdicts = [known.verdict for known in self._keys.values()]
        for verdict in (Verdict.NOT, Verdict.UNDECIDED):
            if verdict in verdicts:
                return verdict
        return Verdict.OK

    def verdict_of(self, key: Hashable) -> Verdict:
        """What is known of one key."""
        return self._keys[key].verdict if key in self._keys else Verdict.OK

    @property
    def keys(self) -> tuple[Hashable, ...]:
        """The keys of which anything was told, in the order of their first appearance."""
        return tuple(self._keys)

    @property
    def blocked(self) -> Operation | None:
        """The operation with the first return that can't be explained, of all keys."""
        found = [known.blocked for known in self._keys.values() if known.blocked is not None]
        return min(found, key=lambda operation: operation.returned or 0, default=None)

    def order(self, key: Hashable) -> tuple[Operation, ...]:
        """The longest order of a key that was found: it explains all that was judged, or all before the first error.

        Costs as much as there are operations, so not to be asked for at every event.
        """
        known = self._keys.get(key)
        return known.order() if known else ()

    def told(self, key: Hashable) -> tuple[Operation, ...]:
        """The operations of a key as `Explaining` takes them, up to the first error, if there is one."""
        known = self._keys.get(key)
        return known.history() if known else ()
