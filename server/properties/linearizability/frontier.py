"""The frontier of a history that is going on: all states that some order leads to, and how it moves on at a return.

See live.py for what it is for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from .history import UNKNOWN, Call, Operation
from .models import ANY, Model, State

PAIRS_MAX = 2_000
"""Of more pairs nothing is said."""
LOOKED_AT_MAX = 50_000
"""Nor of a return that can't be judged by looking at so many pairs."""

Path = tuple[int, ...]
"""Operations by their ids, in an order."""


class Seen(NamedTuple):
    """A state that some order leads to."""

    state: State
    seen: frozenset[tuple[int, Any]]
    """The operations under way that took effect already, with their results."""
    used: frozenset[int]
    """Those without a known outcome that did."""


class Frontier:
    """All pairs, each with one order that leads there. Not changed once made."""

    __slots__ = ("least", "paths")

    def __init__(self, model: Model | None = None) -> None:
        self.paths: dict[Seen, Path] = {}
        self.least: dict[tuple[State, frozenset[tuple[int, Any]]], list[frozenset[int]]] = {}
        """The sets of used operations that were met with a state: none of them contains another."""
        if model is not None:
            self.add(Seen(model.initial, frozenset(), frozenset()), ())

    @classmethod
    def of(cls, pair: Seen) -> Frontier:
        """One pair, and all that leads there is settled."""
        made = cls()
        made.paths[pair] = ()
        made.least[pair.state, pair.seen] = [pair.used]
        return made

    def add(self, pair: Seen, path: Path) -> bool:
        """Takes a pair, unless one that has used less is there; those that have used more go. For the making alone."""
        state, seen, used = pair
        least = self.least.get((state, seen))
        if least is None:
            self.least[state, seen] = [used]
        else:
            if any(other <= used for other in least):
                return False
            for other in [other for other in least if used < other]:
                least.remove(other)
                del self.paths[Seen(state, seen, other)]
            least.append(used)
        self.paths[pair] = path
        return True

    def without(self, id: int) -> Frontier:
        """Those in which an operation has not taken effect: it never will."""
        made = Frontier()
        for pair, path in self.paths.items():
            if all(other != id for other, _ in pair.seen):
                made.add(pair, path)
        return made

    def without_answer(self, id: int, *, changes: bool) -> Frontier:
        """The same where the result of an operation doesn't matter any more; `changes`: but its effect does."""
        made = Frontier()
        for (state, seen, used), path in self.paths.items():
            left = frozenset(each for each in seen if each[0] != id)
            took_effect = changes and len(left) < len(seen)
            made.add(Seen(state, left, used | {id} if took_effect else used), path)
        return made

    def shortened(self, by: int) -> Frontier:
        """The same with the first operations of all orders left out."""
        made = Frontier()
        made.least = self.least
        made.paths = {pair: path[by:] for pair, path in self.paths.items()}
        return made


class Growing:
    """Moves a frontier on over a return: all pairs in which the operation has taken effect with the result that was seen.

    From each pair breadth first: the operation itself, or another one before it. An operation without a known outcome
    is taken only where it changes the state, of several equal ones the first, and not right before another that writes
    over it; nor is anything tried from which there is no way to the only state that gives the result. None of that changes
    what is found but for pairs that others stand for.
    """

    __slots__ = (
        "_alike", "_goal", "_leaders", "_looked_at", "_met", "_queue", "done", "failed", "found", "lost", "model", "operation",
        "result", "under_way",
    )  # fmt: skip

    def __init__(
        self, frontier: Frontier, operation: Operation, result: Any, under_way: Mapping[int, Operation],
        lost: Mapping[int, Operation], model: Model,
    ) -> None:  # fmt: skip
        self.model, self.operation, self.result = model, operation, result
        self.under_way = tuple(each for each in under_way.values() if each is not operation)
        self.lost = tuple(lost.values())
        self.found = Frontier()
        self.done = self.failed = False
        self._looked_at = 0
        self._met: tuple[Frontier, Frontier] = (Frontier(), Frontier())
        """The pairs met, by whether an operation without a known outcome came last."""
        self._queue: deque[tuple[Seen, Path, bool]] = deque()
        earlier: dict[Call, int] = {}
        self._alike: dict[int, int] = {}
        """For an operation without a known outcome, the one before it that is the same."""
        for each in self.lost:
            if each.call in earlier:
                self._alike[each.id] = earlier[each.call]
            earlier[each.call] = each.id
        self._goal = model.goal(operation.call, result)
        self._leaders: tuple[int, ...] = ()
        """Those that may lead to the only state in which the operation has its result, if there is but one."""
        if self._goal is not ANY:
            others = (*self.under_way, *self.lost)
            self._leaders = tuple(each.id for each in others if model.leads(each.call, self._goal))
        for pair, path in frontier.paths.items():
            known = next((each for each in pair.seen if each[0] == operation.id), None)
            if known is None:
                self._meet(pair, path, after_lost=False)
            elif self._fits(known[1]):
                self.found.add(Seen(pair.state, pair.seen - {known}, pair.used), path)
        self.done = not self._queue

    def _fits(self, result: Any) -> bool:
        return self.result is UNKNOWN or bool(result == self.result)

    def _hopeless(self, pair: Seen) -> bool:
        """Whether the state in which the operation has its result can't be reached any more."""
        goal, state = self._goal, pair.state
        if goal is ANY or state == goal or self.model.grows(state, goal):
            return False
        done = {id for id, _ in pair.seen}
        return all(id in done or id in pair.used for id in self._leaders)

    def _meet(self, pair: Seen, path: Path, *, after_lost: bool) -> None:
        if self._hopeless(pair):
            return
        if self._met[after_lost].add(pair, path):
            self._queue.append((pair, path, after_lost))

    def run(self, steps: int) -> int:
        """Goes on, about this many steps; returns how many it took, one at least."""
        taken = 0
        while self._queue and taken < steps:
            taken += self._look(*self._queue.popleft())
            if len(self.found.paths) > PAIRS_MAX or self._looked_at > LOOKED_AT_MAX:
                self.failed = True
                break
        self.done = not self._queue
        return max(taken, 1)

    def _look(self, pair: Seen, path: Path, after_lost: bool) -> int:
        """Looks at what may come after one order: how many steps that were."""
        step, (state, seen, used) = self.model.step, pair
        after, result = step(state, self.operation.call)
        if self._fits(result):
            self.found.add(Seen(after, seen, used), (*path, self.operation.id))
        done = {id for id, _ in seen}
        for each in self.under_way:
            if each.id not in done:
                after, result = step(state, each.call)
                self._meet(Seen(after, seen | {(each.id, result)}, used), (*path, each.id), after_lost=False)
        for each in self.lost:
            if each.id in used or self._alike.get(each.id, each.id) not in {*used, each.id}:
                continue
            if after_lost and self.model.blind(each.call):
                continue
            after, _ = step(state, each.call)
            if after != state:
                self._meet(Seen(after, seen, used | {each.id}), (*path, each.id), after_lost=True)
        taken = 1 + len(self.under_way) + len(self.lost)
        self._looked_at += taken
        return taken


def common(one: Path, other: Path) -> int:
    """How many operations two orders have in common at their beginning."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
