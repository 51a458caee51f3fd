"""A history that is still going on: judged as it happens, within a budget of steps, in bounded memory, never wrong.

What clients do is told event by event. Where `search.py` looks for one order of a whole history, this goes along with all
orders at once: the *frontier* is every pair of a state and of the operations under way that took effect already, with what
they saw, that some order of all the rest leads to (just-in-time linearization: Lowe, Testing for Linearizability, 2017). At
each return it moves on to those in which the operation has taken effect with the result that was seen. Where none is
left, that return is the first without an explanation. With a handful of clients the frontier is a handful of pairs, so
what has returned is forgotten, and an hour costs no more memory than a minute.

An operation whose outcome nobody knows stays for ever, as one that may still take effect. Of two pairs that differ in such
operations alone the one that has used fewer of them can do all that the other can, and only that one is kept. Where there
are too many all the same, nothing is said of the key any more: "undecided" is never a guess.

After an error the key is judged on as if the operation in question had an unknown outcome, so later errors are found too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from .cases import Case, Splice
from .frontier import Frontier, Growing, Path, Seen, common
from .history import UNKNOWN, Call, Disorder, Operation, forgotten
from .models import Model, State
from .places import Verdict

WAITING_MAX = 400
"""Events of one key that wait to be judged; of a key with more nothing is said any more."""
LOST_MAX = 200
"""Operations of one key without a known outcome, likewise."""
PATH_MAX = 200
"""How many of the last operations of an order may still change places on the screen; behind them it stands."""
WINDOW_RETURNS = 100
"""For explaining an error at least so many returns before it are kept, and twice as many at the most."""
STARTS_MAX = 8
"""From how many pairs of the frontier an explanation may begin; where there were more there is none."""
ERRORS_MAX = 200
"""How many errors of one key are kept."""

CASES_MAX = 8
"""How many errors of one key can be explained; what comes after the first is seldom news."""

INVOKED, RETURNED, LOST, CANCELLED = range(4)


@dataclass(slots=True)
class _Window:
    """The operations since a moment, and the frontier of that moment."""

    starts: tuple[Seen, ...]
    operations: list[Operation]
    returns: int = 0


@dataclass(slots=True)
class _Key:
    """What is known of one key."""

    model: Model
    frontier: Frontier
    waiting: deque[tuple[int, Operation, Any]] = field(default_factory=deque)
    under_way: dict[int, Operation] = field(default_factory=dict)
    lost: dict[int, Operation] = field(default_factory=dict)
    growing: Growing | None = None
    """The return that is being judged."""
    full: bool = False
    """Whether there was too much to say anything more."""
    errors: list[Case] = field(default_factory=list)
    wrong: set[int] = field(default_factory=set)
    """The operations in the windows that were errors."""
    settled: int = 0
    """How many operations stand before the paths of the frontier, the same in all of them."""
    order: Path = ()
    splices: list[Splice] = field(default_factory=list)
    """What became of the order, not asked for yet."""
    windows: list[_Window] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        if self.errors:
            return Verdict.NOT
        return Verdict.UNDECIDED if self.full or self.waiting or self.growing is not None else Verdict.OK

    def tell(self, kind: int, operation: Operation, result: Any = UNKNOWN) -> None:
        """Takes an event, to be judged later."""
        if self.full:
            return
        self.waiting.append((kind, operation, result))
        if len(self.waiting) > WAITING_MAX:
            self.give_up()

    def give_up(self) -> None:
        """Says nothing more, and forgets what it would need for that."""
        self.full, self.growing = True, None
        self.waiting.clear()
        self.under_way.clear()
        self.lost.clear()
        self.windows.clear()
        self.frontier = Frontier(self.model)

    def judge(self, steps: int) -> int:
        """Goes on; returns how many steps are left."""
        while steps > 0 and (self.waiting or self.growing is not None):
            if self.growing is None:
                steps -= 1
                self._next()
                continue
            steps -= self.growing.run(steps)
            if self.growing.failed:
                self.give_up()
            elif self.growing.done:
                growing, self.growing = self.growing, None
                self._returned(growing)
        return steps

    def _next(self) -> None:
        kind, operation, result = self.waiting.popleft()
        match kind:
            case 0:
                self.under_way[operation.id] = operation
                if not self.windows:
                    self.windows = [self._window()]
                for window in self.windows:
                    window.operations.append(operation)
            case 1:
                if self._plain(operation, result):
                    return
                self.growing = Growing(self.frontier, operation, result, self.under_way, self.lost, self.model)
            case 2:
                self._lose(operation)
            case _:
                self._cancel(operation)

    def _plain(self, operation: Operation, result: Any) -> bool:
        """Moves on where there is but one thing that can have happened, as nearly always: whether that was so."""
        if len(self.frontier.paths) > 1 or len(self.under_way) > 1 or self.lost:
            return False
        (((state, seen, used), path),) = self.frontier.paths.items()
        if seen or path or self.order:
            return False
        after, said = self.model.step(state, operation.call)
        if not (result is UNKNOWN or result == said):
            return False
        del self.under_way[operation.id]
        if after is not state:
            self.frontier = Frontier.of(Seen(after, seen, used))
        self.splices.append(Splice(self.settled, (operation.id,)))
        self.settled += 1
        self._count_return()
        return True

    def _lose(self, operation: Operation) -> None:
        del self.under_way[operation.id]
        changes = not self.model.pure(operation.call, UNKNOWN)
        if changes:
            self.lost[operation.id] = operation
        self.frontier = self.frontier.without_answer(operation.id, changes=changes)
        if len(self.lost) > LOST_MAX:
            self.give_up()

    def _cancel(self, operation: Operation) -> None:
        left = self.frontier.without(operation.id)
        if left.paths:
            del self.under_way[operation.id]
            self.frontier = left
            for window in self.windows:
                window.operations = [each for each in window.operations if each is not operation]
            self._settle()
        else:
            self._wrong(operation)

    def _returned(self, growing: Growing) -> None:
        operation = growing.operation
        if growing.found.paths:
            del self.under_way[operation.id]
            self.frontier = growing.found
            self._settle()
        else:
            self._wrong(operation)
        self._count_return()

    def _count_return(self) -> None:
        for window in self.windows:
            window.returns += 1
        if self.windows[-1].returns >= WINDOW_RETURNS:
            self.windows = [self.windows[-1], self._window()]
            kept = {operation.id for operation in self.windows[0].operations}
            self.wrong = {id for id in self.wrong if id in kept}

    def _wrong(self, operation: Operation) -> None:
        """No order explains it: says so, and goes on as if its outcome were unknown."""
        if len(self.errors) < ERRORS_MAX:
            self.errors.append(self._case(operation))
        self.wrong.add(operation.id)
        self._lose(operation)

    # The order

    def _settle(self) -> None:
        """Takes what all paths have in common out of them, and notes what became of the order that is shown."""
        paths = list(self.frontier.paths.values())
        order = max(paths, key=lambda path: common(path, self.order))
        keep = common(order, self.order)
        if keep < len(self.order) or keep < len(order):
            self.splices.append(Splice(self.settled + keep, order[keep:]))
        same = min(common(path, order) for path in paths)
        same = max(same, len(order) - PATH_MAX)
        if same:
            self.frontier = self.frontier.shortened(same)
            self.settled += same
        self.order = order[same:]

    # What an explanation needs

    def _window(self) -> _Window:
        starts = tuple(self.frontier.paths) if len(self.frontier.paths) <= STARTS_MAX else ()
        return _Window(starts, [*self.lost.values(), *self.under_way.values()])

    def _case(self, operation: Operation) -> Case:
        """The error with the histories that it can be explained by, as they are now."""
        window = self.windows[0]
        end = operation.returned
        if len(self.errors) >= CASES_MAX:
            return Case(replace(operation))
        known = []
        for each in sorted(window.operations, key=lambda each: each.id):
            if each is operation and end is None:
                continue  # it is known not to have happened
            told = each.returned is not None and (end is None or each.returned <= end)
            told = told and each.id not in self.wrong
            known.append(replace(each) if told else forgotten(each))
        histories = []
        for start in window.starts:
            results = dict(start.seen)
            if any(
                each.id in results and each.returned is not None and each.result != results[each.id] for each in known
            ):
                continue  # contradicted by what came back since; such a beginning explains nothing
            done = set(results) | start.used
            histories.append(
                (from_state(self.model, start.state), tuple(each for each in known if each.id not in done))
            )
        return Case(replace(operation), tuple(histories))


def from_state(model: Model, state: State) -> Model:
    """The same object, in this state at first."""
    made = copy(model)
    made.initial = state
    return made


class Live:
    """Judges a history while it is written. Each process has one operation under way at a time."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.length = 0
        """How many events there were."""
        self._count = 0
        self._open: dict[int | str, Operation] = {}
        self._keys: dict[Hashable, _Key] = {}
        self._busy: dict[Hashable, _Key] = {}
        """Keys that were told something which is not judged yet."""
        self._fresh: dict[Hashable, _Key] = {}
        """Keys that were judged since somebody asked for news."""
        self._bad = self._full = False

    def invoke(self, process: int | str, call: Call, key: Hashable = None, place: int | None = None) -> Operation:
        """A process begins an operation. Raises Disorder."""
        if process in self._open:
            raise Disorder(f"process {process} begins an operation before its last one has returned")
        operation = Operation(self._count, process, call, key, self.length, place=place)
        self._count += 1
        self.length += 1
        self._open[process] = operation
        if key not in self._keys:
            self._keys[key] = _Key(self.model, Frontier(self.model))
        self._tell(INVOKED, operation)
        return operation

    def respond(self, process: int | str, result: Any, place: int | None = None) -> Operation:
        """The operation of a process returns, with this result (UNKNOWN: it happened, what it said is not known).

        Raises Disorder.
        """
        operation = self._end(process)
        operation.returned, operation.result, operation.place_returned = self.length, result, place
        self.length += 1
        self._tell(RETURNED, operation, result)
        return operation

    def lose(self, process: int | str) -> Operation:
        """Nobody will know how the operation of a process ended. Raises Disorder."""
        operation = self._end(process)
        self._tell(LOST, operation)
        return operation

    def cancel(self, process: int | str, place: int | None = None) -> Operation:
        """The operation of a process is known not to have happened. Raises Disorder."""
        operation = self._end(process)
        operation.place_returned = place
        self._tell(CANCELLED, operation)
        return operation

    def _tell(self, kind: int, operation: Operation, result: Any = UNKNOWN) -> None:
        known = self._busy[operation.key] = self._keys[operation.key]
        known.tell(kind, operation, result)

    def _end(self, process: int | str) -> Operation:
        operation = self._open.pop(process, None)
        if operation is None:
            raise Disorder(f"process {process} has no operation under way")
        return operation

    def judge(self, steps: int) -> Verdict:
        """Goes on, about this many steps over all keys, and says what is known."""
        while self._busy and steps > 0:
            key, known = next(iter(self._busy.items()))
            steps = known.judge(steps)
            self._fresh[key] = known
            self._bad = self._bad or bool(known.errors)
            self._full = self._full or known.full
            if not known.waiting and known.growing is None:
                del self._busy[key]
        return self.verdict

    @property
    def verdict(self) -> Verdict:
        """NOT as soon as one key can't be explained, for good; OK if all that was told is explained."""
        if self._bad:
            return Verdict.NOT
        return Verdict.UNDECIDED if self._busy or self._full else Verdict.OK

    @property
    def busy(self) -> bool:
        """Whether something was told that is not judged yet."""
        return bool(self._busy)

    def news(self) -> list[Hashable]:
        """The keys that were judged since this was asked last."""
        keys = list(self._fresh)
        self._fresh = {}
        return keys

    def verdict_of(self, key: Hashable) -> Verdict:
        """What is known of one key."""
        return self._keys[key].verdict if key in self._keys else Verdict.OK

    def given_up(self, key: Hashable) -> bool:
        """Whether there was too much of a key to say anything more."""
        return key in self._keys and self._keys[key].full

    @property
    def keys(self) -> tuple[Hashable, ...]:
        """The keys of which anything was told, in the order of their first appearance."""
        return tuple(self._keys)

    def errors(self, key: Hashable) -> list[Case]:
        """The operations of a key that can't be explained, in the order of their returns; the first `ERRORS_MAX`."""
        return self._keys[key].errors if key in self._keys else []

    @property
    def blocked(self) -> Operation | None:
        """The operation with the first return that can't be explained, of all keys."""
        found = [known.errors[0].operation for known in self._keys.values() if known.errors]
        return min(found, key=lambda operation: operation.returned or 0, default=None)

    def splices(self, key: Hashable) -> list[Splice]:
        """What became of the order of a key since this was asked last."""
        known = self._keys.get(key)
        if known is None:
            return []
        found, known.splices = known.splices, []
        return found

    @property
    def kept(self) -> int:
        """How many operations, pairs and events are kept: what bounds its memory."""
        return sum(
            len(known.frontier.paths) + len(known.lost) + len(known.waiting)
            + sum(len(window.operations) for window in known.windows)
            for known in self._keys.values()
        )  # fmt: skip
