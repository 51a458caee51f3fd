"""The search for a linearization of the operations on one object.

An operation may come next if it was invoked before the first return that is still outstanding (Wing & Gong 1993); what
was tried is a pair of the operations done and the state, and no pair is tried twice (Lowe 2017). Sets of operations are
Python's integers, one bit an operation in the order of their invocations, so that "what may come next" is one AND with
the operations invoked before that return, and nothing has to be undone when the search turns back.

What makes it fast enough for Python are four things that never change the verdict. Each says: if there is any way to go
on from here, there is one that ...

1. ... begins with all operations that may come next, fit the state and never change any (reads, failed compare-and-sets):
   each can be moved to the front of any order without harm to the others. So only changes are ever chosen between.
2. ... takes, of several calls that are the same and may come now, the one that must return first: the two can change
   places. One without a known outcome comes after all that have returned.
3. ... takes an operation without a known outcome only where another one that may come now depends on it: else it could as
   well be left out.
4. ... soon makes the state which the next outstanding read saw. Where nothing that is left can make it, there is no way.

And states which no operation tells apart are one (`Model.merging`), where the whole history is known beforehand.

Operations may be added, and may return, while the search is going on: a pair from which there was no way for the shorter
history has none for the longer one (its new operations begin after everything that had to be explained), so what was
learned stays true. What is chosen between is looked at again where the search turns back to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .history import UNKNOWN, Call, Operation
from .models import ANY, NOWHERE, Model, State
from .places import Frame, Row, Verdict

MEMORY_MAX_BYTES = 200_000_000
"""About how much is remembered of states and of pairs without a way; of more, all is forgotten, which costs time alone."""
ROW_BYTES = 900
PAIR_BYTES = 120
"""Measured, with the tables that they stand in; the value of a state and the bits of a set come on top."""
NEVER = 1 << 60
"""The deadline of an operation that has not returned."""


class Search:
    """Looks for an order of the operations on one object that explains what their clients saw.

    Operations are known here by their number in the order of `invoke`. `run` may be called again and again.
    """

    def __init__(self, model: Model, merge: Callable[[State], State] | None = None) -> None:
        self.model = model
        self._merge = merge
        self._rows: dict[State, Row] = {}
        self._calls: dict[Call, int] = {}
        self._call_of: list[int] = []
        self._by_number: list[Call] = []
        self._results: list[Any] = []
        self._deadlines: list[int] = []
        self._all = 0
        self._dependent = 0
        """The operations that are not blind."""
        self._before: list[int] = []
        """For each return: the operations invoked before it."""
        self._bits: list[int] = []
        """For each return: the operation, as a set."""
        self._goals: list[tuple[int, State]] = []
        """Returns that need one certain state: the number of the return, and the state."""
        self._leaders: list[int] = []
        """The operations that may lead to some state that is asked for, and for each such state those that do."""
        self._makers: dict[State, tuple[int, int]] = {}
        self._changed: list[int] = []
        """Operations in the order in which something new became known of them."""
        self._bytes, self._bytes_max = 0, MEMORY_MAX_BYTES
        self._stack: list[Frame] = []
        self._here: Frame | None = None
        self._best: list[tuple[int, int]] = []
        self._best_count = -1
        self.steps = 0
        self._restart()

    def _restart(self) -> None:
        self._stack.clear()
        self._here = Frame(0, 0, 0, self._row(self.model.initial))

    # What is known of the history

    def invoke(self, call: Call) -> int:
        """An operation begins; returns its number."""
        number = len(self._call_of)
        self._call_of.append(self._kind(call, call))
        self._results.append(UNKNOWN)
        self._deadlines.append(NEVER)
        self._all |= 1 << number
        if self.model.leaders is None or call[0] in self.model.leaders:
            self._leaders.append(number)
        if not self.model.blind(call):
            self._dependent |= 1 << number
        return number

    def _kind(self, key: Call, call: Call) -> int:
        """The number of all calls that may change places."""
        known = self._calls.get(key)
        if known is None:
            known = self._calls[key] = len(self._by_number)
            self._by_number.append(call)
        return known

    def respond(self, number: int, result: Any) -> None:
        """It returns, with this result (UNKNOWN where it happened and nobody knows what it said)."""
        call = self._by_number[self._call_of[number]]
        self._results[number] = result
        self._deadlines[number] = len(self._bits)
        goal = self.model.goal(call, result)
        if goal is not ANY:
            self._goals.append((len(self._bits), goal))
        self._bits.append(1 << number)
        self._before.append(self._all)
        self._look_again(number, result)
        if result is UNKNOWN:
            # Another that is the same and did return can't take its place: there it might have returned something else.
            self._call_of[number] = self._kind((*call, UNKNOWN), call)

    def cancel(self, number: int) -> None:
        """It is known not to have happened."""
        self._all &= ~(1 << number)
        self._deadlines[number] = -1
        self._look_again(number, UNKNOWN)

    def _look_again(self, number: int, result: Any) -> None:
        self._changed.append(number)
        bit = 1 << number
        if self._here is not None and self._here.done & bit:
            frame = next(frame for frame in self._stack if frame.chosen == number)
            seen = self._after(frame.row, number)[1]
            if self._deadlines[number] < 0 or (result is not UNKNOWN and seen != result):
                # What was built on it falls; that says nothing about whether there is another way from there.
                del self._stack[self._stack.index(frame) :]
                self._here = Frame(frame.outstanding, frame.goal, frame.done & ~frame.absorbed, frame.row)

    # States

    def _row(self, value: State) -> Row:
        if self._merge is not None:
            value = self._merge(value)
        row = self._rows.get(value)
        if row is None:
            row = self._rows[value] = Row(value, len(self._changed))
            # Three sets, each a bit an operation, in units of 30 bits and four bytes.
            self._bytes += ROW_BYTES + 3 * len(self._call_of) // 7
            if isinstance(value, (str, tuple)):
                self._bytes += 8 * len(value)
        return row

    def _after(self, row: Row, number: int) -> tuple[Row, Any]:
        """The state after an operation, and its result there."""
        kind = self._call_of[number]
        found = row.next.get(kind)
        if found is None:
            value, result = self.model.step(row.value, self._by_number[kind])
            found = row.next[kind] = (self._row(value), result)
        return found

    def _learn(self, row: Row, asked: int) -> None:
        """Finds out how the operations `asked` fit the state."""
        if row.stamp != len(self._changed):
            for number in self._changed[row.stamp :]:
                row.known &= ~(1 << number)
            row.stamp = len(self._changed)
        asked &= ~row.known
        row.known |= asked
        while asked:
            bit = asked & -asked
            asked ^= bit
            number = bit.bit_length() - 1
            kind = self._call_of[number]
            found = self._after(row, number)
            row.pure &= ~bit
            row.moves &= ~bit
            seen, deadline = self._results[number], self._deadlines[number]
            if deadline == NEVER:
                if found[0] is not row:
                    row.moves |= bit
            elif deadline >= 0 and (seen is UNKNOWN or seen == found[1]):
                if self.model.pure(self._by_number[kind], seen):
                    row.pure |= bit
                else:
                    row.moves |= bit

    def _made(self, goal: State) -> int:
        """The operations that may lead to a state."""
        made, upto = self._makers.get(goal, (0, 0))
        leaders = self._leaders
        if upto < len(leaders):
            leads, by_number, call_of = self.model.leads, self._by_number, self._call_of
            for number in leaders[upto:]:
                if leads(by_number[call_of[number]], goal):
                    made |= 1 << number
            self._makers[goal] = (made, len(leaders))
        return made

    # The search

    def run(self, steps: int) -> Verdict:
        """Searches on, at most this many steps (pairs looked at)."""
        stack, version = self._stack, len(self._changed)
        while True:
            frame = self._here
            if frame is not None:
                if steps <= 0:
                    return Verdict.UNDECIDED
                steps -= 1
                self.steps += 1
                if self._bytes > self._bytes_max:
                    self._forget()
                if self._settle(frame):
                    return Verdict.OK
                if not self._branch(frame):
                    self._note(frame)
                    self._here = None
                    continue
                stack.append(frame)
            elif not stack:
                return Verdict.NOT
            else:
                frame = stack[-1]
                if frame.stamp != version:
                    stack.pop()
                    self._here = Frame(frame.outstanding, frame.goal, frame.done & ~frame.absorbed, frame.row)
                    continue
            if not frame.branches:
                stack.pop()
                self._here = None
                self._fail(frame)
                continue
            number = frame.chosen = frame.branches.pop()
            row = self._after(frame.row, number)[0]
            self._here = Frame(frame.outstanding, frame.goal, frame.done | 1 << number, row)

    def _settle(self, frame: Frame) -> bool:
        """Takes all that changes nothing; whether every operation that returned is explained then."""
        row, done, at = frame.row, frame.done, frame.outstanding
        bits, before, last = self._bits, self._before, len(self._bits)
        begun = done
        while True:
            while at < last and done & bits[at]:
                at += 1
            if at == last:
                break
            may = before[at] & ~done
            if may & ~row.known or row.stamp != len(self._changed):
                self._learn(row, may)
            free = may & row.pure
            if not free:
                break
            done |= free
        frame.outstanding, frame.done, frame.absorbed = at, done, frame.absorbed | (done ^ begun)
        return at == last

    def _branch(self, frame: Frame) -> bool:
        """Finds the changes to choose between, the best last; whether there is any hope."""
        row, done = frame.row, frame.done
        frame.stamp = len(self._changed)
        if done in row.failed or self._hopeless(frame):
            return False
        may = self._before[frame.outstanding] & ~done
        moves = may & row.moves
        deadlines, call_of = self._deadlines, self._call_of
        first: dict[int, int] = {}
        while moves:
            bit = moves & -moves
            moves ^= bit
            number = bit.bit_length() - 1
            other = first.get(call_of[number])
            if other is None or deadlines[number] < deadlines[other]:
                first[call_of[number]] = number
        branches = []
        for call, number in first.items():
            if deadlines[number] == NEVER:
                row_after = row.next[call][0]
                self._learn(row_after, may)
                able = row_after.pure
                if row_after.value is not NOWHERE:
                    able |= row_after.moves & self._dependent
                if not able & may & ~(1 << number):
                    continue
            branches.append(number)
        branches.sort(key=deadlines.__getitem__, reverse=True)
        frame.branches = branches
        if not branches:
            self._fail(frame)
        return bool(branches)

    def _hopeless(self, frame: Frame) -> bool:
        """Whether the next return that needs a certain state can't get it any more."""
        goals, bits, done = self._goals, self._bits, frame.done
        at = frame.goal
        while at < len(goals) and done & bits[goals[at][0]]:
            at += 1
        frame.goal = at
        if at == len(goals):
            return False
        place, goal = goals[at]
        row = frame.row
        grown = row.grown.get(goal)
        if grown is None:
            grown = row.grown[goal] = row.value == goal or self.model.grows(row.value, goal)
        return not grown and not self._made(goal) & self._before[place] & ~done

    def _fail(self, frame: Frame) -> None:
        frame.row.failed.add(frame.done)
        self._bytes += PAIR_BYTES + len(self._call_of) // 7

    def _forget(self) -> None:
        """Frees memory. Where the search stands, it goes on; what it meets again it has to find out again."""
        self._bytes = 0
        self._rows.clear()
        for frame in self._stack:
            frame.row = self._row(frame.row.value)
        if self._here is not None:
            self._here.row = self._row(self._here.row.value)
        # What the stack itself needs can't be freed.
        self._bytes_max = max(MEMORY_MAX_BYTES, 2 * self._bytes)

    # What was found

    def _note(self, frame: Frame) -> None:
        """Keeps the longest order found so far."""
        count = frame.done.bit_count()
        if count > self._best_count:
            self._best_count = count
            self._best = [(each.absorbed, each.chosen) for each in self._stack]
            self._best.append((frame.absorbed, -1))

    def order(self) -> tuple[int, ...]:
        """The operations in an order that explains them, as far as one was found: all that returned if the verdict is OK."""
        parts = self._best
        here = self._here
        if here is not None and (here.outstanding == len(self._bits) or here.done.bit_count() >= self._best_count):
            parts = [(each.absorbed, each.chosen) for each in self._stack]
            parts.append((here.absorbed, -1))
        found: list[int] = []
        for absorbed, chosen in parts:
            while absorbed:
                bit = absorbed & -absorbed
                absorbed ^= bit
                found.append(bit.bit_length() - 1)
            if chosen >= 0:
                found.append(chosen)
        return tuple(found)


def search_of(model: Model, operations: Sequence[Operation]) -> Search:
    """A search over a whole history of one object, given in the order of the invocations."""
    search = Search(model, model.merging(operations))
    events: list[tuple[int, int, Operation]] = []
    for operation in operations:
        events.append((operation.invoked, 0, operation))
        if operation.returned is not None:
            events.append((operation.returned, 1, operation))
    events.sort(key=lambda event: event[:2])
    numbers: dict[int, int] = {}
    for _, returned, operation in events:
        if returned:
            search.respond(numbers[operation.id], operation.result)
        else:
            numbers[operation.id] = search.invoke(operation.call)
    return search
