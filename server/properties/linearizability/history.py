"""What clients saw: operations with the moments of their invocation and of their return."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

Call = tuple[Any, ...]
"""What was asked for, as a model reads it: the name of the operation and its arguments, `("cas", 1, 2)`. Hashable."""


class _Unknown(Enum):
    """A result that nobody saw. (An enumeration, so that it survives copying and pickling as one object.)"""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = _Unknown.UNKNOWN


class Disorder(ValueError):
    """A history that can't have happened: an answer to nothing, or two operations of one process at once."""


@dataclass(slots=True)
class Operation:
    """One operation of a history.

    `invoked` and `returned` are positions in the history: its first event is 0, the next 1 ...; `returned` is None where
    the outcome is unknown: the operation may take effect at any time after its invocation, or never. `place` is where it
    was invoked and `place_returned` where it returned, for people (the lines of a file, the numbers of events of a run).
    """

    id: int
    process: int | str
    call: Call
    key: Hashable = None
    invoked: int = 0
    returned: int | None = None
    result: Any = UNKNOWN
    place: int | None = None
    place_returned: int | None = None


class History:
    """Operations in the order of their invocations, to be written event by event.

    A process has one operation under way at a time; after an unknown outcome it may go on with another, while the first
    stays open for ever.
    """

    def __init__(self) -> None:
        self.length = 0
        """How many events there were."""
        self._operations: list[Operation | None] = []
        self._open: dict[int | str, Operation] = {}

    def invoke(self, process: int | str, call: Call, key: Hashable = None, place: int | None = None) -> Operation:
        """A process begins an operation. Raises Disorder."""
        if process in self._open:
            raise Disorder(f"process {process} begins an operation before its last one has returned")
        operation = Operation(len(self._operations), process, call, key, self.length, place=place)
        self.length += 1
        self._operations.append(operation)
        self._open[process] = operation
        return operation

    def under_way(self, process: int | str) -> Operation | None:
        """The operation of a process that has not returned."""
        return self._open.get(process)

    def respond(self, process: int | str, result: Any, place: int | None = None) -> Operation:
        """The operation of a process returns, with this result (UNKNOWN: it happened, what it said is not known).

        Raises Disorder.
        """
        operation = self._end(process)
        operation.returned, operation.result, operation.place_returned = self.length, result, place
        self.length += 1
        return operation

    def lose(self, process: int | str) -> Operation:
        """Nobody will know how the operation of a process ended. Raises Disorder."""
        return self._end(process)

    def cancel(self, process: int | str) -> Operation:
        """The operation of a process is known not to have happened. Raises Disorder."""
        operation = self._end(process)
        self._operations[operation.id] = None
        return operation

    def _end(self, process: int | str) -> Operation:
        operation = self._open.pop(process, None)
        if operation is None:
            raise Disorder(f"process {process} has no operation under way")
        return operation

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Those that happened or may have happened, in the order of their invocations."""
        return tuple(operation for operation in self._operations if operation is not None)


def by_key(operations: Iterable[Operation]) -> dict[Hashable, list[Operation]]:
    """The operations of each key, keys in the order of their first appearance."""
    found: dict[Hashable, list[Operation]] = {}
    for operation in operations:
        found.setdefault(operation.key, []).append(operation)
    return found


def forgotten(operation: Operation) -> Operation:
    """The same operation as if it had never returned."""
    return Operation(
        operation.id, operation.process, operation.call, operation.key, operation.invoked, place=operation.place
    )
