"""Why a history is not linearizable: the first operation that can't be explained, and the fewest that can't be together.

Of a history that is not linearizable every longer one isn't either, so there is a *first return* that makes it so. All
operations that had returned before it can be put into one order: the longest linearization. The operation that returns
there is the one at which people should look first.

The *smallest part* answers why. An operation can't simply be left out: without a write, a read of its value would be
unexplained. But it can be *forgotten*: taken as if it had never returned, so that it may take effect at any time after its
invocation, or never. That allows only more. The smallest part is a set of operations of which none can be forgotten: even
if all the others had ended in any way whatever, these alone contradict each other; and without any one of them, they would
not. (In terms of logic, a minimal unsatisfiable set of the constraints that returns are.) There may be others of the same
kind; the later operations are kept, near to the first error.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence

from .history import Operation, forgotten
from .models import Model
from .places import Verdict
from .search import Search, search_of

SLICE_STEPS = 1_000
TRIAL_STEPS_MIN = 20_000
TRIAL_FACTOR = 20
"""A trial may take this many times what the first refutation took, then it counts for nothing."""

_Work = Generator[int, None, Verdict]


class Explaining:
    """Explains why the operations on one object, in the order of their invocations, can't be put into an order.

    `run` may be called until it says that all is done; what is known by then stands in the fields.
    """

    def __init__(self, operations: Sequence[Operation], model: Model) -> None:
        self.model = model
        self.steps = 0
        self.blocked: Operation | None = None
        """The operation whose return is the first that can't be explained, as far as known."""
        self.first = False
        """Whether it is known to be the first."""
        self.order: tuple[Operation, ...] = ()
        """The longest order found: explains all that returned before `blocked`, if `first`."""
        self.part: tuple[Operation, ...] = tuple(op for op in operations if op.returned is not None)
        """The smallest part found."""
        self.smallest = False
        """Whether none of it can be forgotten."""
        self.done = 0
        self.of = 1
        """How much of the work is done, of how much, for a person who waits."""
        self._operations = tuple(operations)
        self._trial_steps = TRIAL_STEPS_MIN
        self._work = self._explain()
        self._over = False

    def run(self, steps: int) -> bool:
        """Works on for about this many steps; whether all is done."""
        while steps > 0 and not self._over:
            try:
                used = next(self._work)
            except StopIteration:
                self._over = True
                break
            self.steps += used
            steps -= max(used, 1)
        return self._over

    def _explain(self) -> Generator[int, None, None]:
        bad = yield from self._first_bad()
        if bad is None:
            return
        yield from self._shrink(bad)

    # The first return that can't be explained

    def _first_bad(self) -> Generator[int, None, tuple[Operation, ...] | None]:
        """The history up to the first bad return; None where there is none."""
        returns = sorted(op.returned for op in self._operations if op.returned is not None)
        whole = search_of(self.model, self._operations)
        verdict = yield from self._decided(whole, 1 << 60)
        if verdict is not Verdict.NOT:
            return None
        self._trial_steps = max(TRIAL_STEPS_MIN, TRIAL_FACTOR * whole.steps)
        self._found(returns[-1], self._operations, whole)
        self.of = len(returns).bit_length()
        good, bad, sure = -1, len(returns) - 1, True
        while bad - good > 1:
            middle = (good + bad) // 2
            cut = up_to(self._operations, returns[middle])
            search = search_of(self.model, cut)
            verdict = yield from self._decided(search, self._trial_steps)
            self.done += 1
            if verdict is Verdict.NOT:
                bad = middle
                self._found(returns[middle], cut, search)
            else:
                good = middle
                if verdict is Verdict.OK:
                    self.order = _operations(search, cut)
                else:
                    sure = False
        if good < 0:
            self.order = ()
        self.first = sure
        return up_to(self._operations, returns[bad])

    def _found(self, position: int, cut: Sequence[Operation], search: Search) -> None:
        self.blocked = next(op for op in self._operations if op.returned == position)
        self.part = tuple(op for op in cut if op.returned is not None)
        if not self.order:
            self.order = _operations(search, cut)

    # The smallest part

    def _shrink(self, cut: tuple[Operation, ...]) -> Generator[int, None, None]:
        """Forgets as many of the oldest as may be forgotten; where that is too much, of halves of them.

        What could not be forgotten beside more, can't beside less, so going through once is enough.
        """
        kept = [op for op in cut if op.returned is not None]
        spans, sure = [(0, len(kept))], True
        self.done, self.of = 0, len(kept)
        gone: set[int] = set()
        while spans:
            begin, end = spans.pop()
            trial = gone.union(range(begin, end))
            rest = [op for at, op in enumerate(kept) if at not in trial]
            verdict = yield from self._decided(self._with(cut, rest), self._trial_steps)
            if verdict is Verdict.NOT:
                gone, self.part = trial, tuple(rest)
            elif end - begin > 1:
                middle = (begin + end) // 2
                spans += [(middle, end), (begin, middle)]
                continue
            else:
                sure = sure and verdict is Verdict.OK
            self.done = end
        self.smallest = sure

    def _with(self, cut: Sequence[Operation], kept: Collection[Operation]) -> Search:
        ids = {op.id for op in kept}
        return search_of(self.model, [op if op.id in ids else forgotten(op) for op in cut])

    def _decided(self, search: Search, most: int) -> _Work:
        while True:
            before = search.steps
            verdict = search.run(min(SLICE_STEPS, most - before))
            yield search.steps - before
            if verdict is not Verdict.UNDECIDED or search.steps >= most:
                return verdict


def up_to(operations: Sequence[Operation], position: int) -> tuple[Operation, ...]:
    """The history up to the event at this position: what returned later has not returned, what began later is not there."""
    return tuple(
        op if op.returned is None or op.returned <= position else forgotten(op)
        for op in operations
        if op.invoked <= position
    )


def _operations(search: Search, operations: Sequence[Operation]) -> tuple[Operation, ...]:
    return tuple(operations[number] for number in search.order())
