"""A whole history: each key for itself, and all of them in turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Sequence

from .history import Operation, by_key
from .models import Model
from .places import Verdict
from .search import Search, search_of

FIRST_SLICE_STEPS = 2_000
"""How far one key is searched in the first turn; in each further turn twice as far."""


class Checking:
    """Checks operations, given in the order of their invocations, key by key; `run` may be called until it is decided.

    A history of several objects is linearizable if that of each object is (Herlihy & Wing 1990), which is where most of the
    speed comes from (P-compositionality, Horn & Kroening 2015). The first key without an explanation settles it, and
    another may take for ever, so they are searched in turn with growing budgets.
    """

    def __init__(self, operations: Iterable[Operation], model: Model) -> None:
        self.model = model
        self.parts = by_key(operations)
        self.steps = 0
        """How many were searched so far, a few microseconds each."""
        self.bad: tuple[Hashable, ...] = ()
        """The key that can't be explained, if one was found."""
        self._searches: dict[Hashable, Search] = {}
        self._waiting = deque((key, FIRST_SLICE_STEPS) for key in self.parts)

    @property
    def verdict(self) -> Verdict:
        """What is known by now."""
        if self.bad:
            return Verdict.NOT
        return Verdict.UNDECIDED if self._waiting else Verdict.OK

    @property
    def undecided(self) -> tuple[Hashable, ...]:
        """The keys of which nothing is known yet."""
        return tuple(key for key, _ in self._waiting)

    def run(self, steps: int) -> Verdict:
        """Searches on, about this many steps."""
        while steps > 0 and self._waiting and not self.bad:
            key, budget = self._waiting[0]
            search = self._searches.get(key)
            if search is None:
                search = self._searches[key] = search_of(self.model, self.parts[key])
            before = search.steps
            verdict = search.run(min(budget, steps))
            used = search.steps - before
            self.steps += used
            steps -= max(used, 1)
            if verdict is Verdict.UNDECIDED:
                if used < budget:
                    self._waiting[0] = (key, budget - used)
                else:
                    self._waiting.rotate(-1)
                    self._waiting[-1] = (key, FIRST_SLICE_STEPS + search.steps)
                continue
            self._waiting.popleft()
            if verdict is Verdict.NOT:
                self.bad = (key,)
        return self.verdict

    def order(self, key: Hashable) -> tuple[Operation, ...]:
        """The longest order of a key's operations that was found so far; of all that returned, if it is linearizable."""
        search = self._searches.get(key)
        part = self.parts[key]
        return tuple(part[number] for number in search.order()) if search else ()


def check(operations: Iterable[Operation], model: Model, most_steps: int = 1 << 60) -> Checking:
    """Checks operations with a budget of steps."""
    checking = Checking(operations, model)
    checking.run(most_steps)
    return checking


def points(order: Sequence[Operation]) -> tuple[tuple[Operation, int], ...]:
    """Where each operation of an order may have taken effect: right after the event at this position of the history.

    As early as the order allows: at an operation's own invocation, or at that of one before it.
    """
    found, latest = [], 0
    for operation in order:
        latest = max(latest, operation.invoked)
        found.append((operation, latest))
    return tuple(found)
