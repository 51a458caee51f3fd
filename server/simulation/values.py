"""Values: what messages, indications and the fields of a node are made of.

A node at rest is data, and history keeps every state that a node ever had. Both are cheap only if states share what did
not change, so a handler *replaces* a value and never changes it in place. `value` makes the classes for that, `Log` is
the one container that grows: appending to it takes constant time and memory, and every earlier version stays valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, Generic, TypeVar, dataclass_transform, overload

T = TypeVar("T")
E = TypeVar("E")

LOG_WINDOW = 64
"""How many of a log's last entries a snapshot carries; older ones are asked for."""


@dataclass_transform(frozen_default=True, eq_default=True)
def value(cls: type[T]) -> type[T]:
    """A class whose instances are never changed once made.

    The type checker holds it frozen. At run time it is not: `frozen=True` makes construction four times slower, and
    messages are made by the million. `tests/simulation` checks that no handler changes a value.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


class Log(Generic[E]):
    """An immutable sequence that shares its storage with the versions before and after it.

    A version is a list and a length. Appending to the newest version extends the list in place, which no other version
    can see, since each looks only at its own length; appending to an older version, as after a truncation, copies.
    Indexes are those of Python: 0 is the first entry. A protocol that counts from 1 says so itself.

    `items` is the shared list, of which the first `length` are this version's. A handler on the hot path may read them
    directly, within `length`; only this class writes.
    """

    __slots__ = ("items", "length")

    def __init__(self, items: Iterable[E] = ()) -> None:
        self.items: list[E] = list(items)
        self.length = len(self.items)

    @classmethod
    def _version(cls, items: list[E], length: int) -> Log[E]:
        log: Log[E] = cls.__new__(cls)
        log.items = items
        log.length = length
        return log

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[E]:
        return iter(self.items[: self.length])

    @overload
    def __getitem__(self, index: int) -> E: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[E, ...]: ...
    def __getitem__(self, index: int | slice) -> E | tuple[E, ...]:
        length = self.length
        if index.__class__ is int:
            if index < 0:
                index += length
            if not 0 <= index < length:
                raise IndexError(f"entry {index} of a log of {length}")
            return self.items[index]
        assert isinstance(index, slice)
        start, stop, step = index.indices(length)
        if step != 1:
            return tuple(self.items[:length][index])
        return tuple(self.items[start:stop]) if start < stop else ()

    def append(self, entry: E) -> Log[E]:
        """The log with one entry more."""
        return self.extend((entry,))

    def extend(self, entries: Iterable[E]) -> Log[E]:
        """The log with `entries` after its last one."""
        items = self.items
        if len(items) != self.length:
            items = items[: self.length]
        items.extend(entries)
        return Log._version(items, len(items))

    def truncate(self, length: int) -> Log[E]:
        """The first `length` entries, or the log itself where it is not longer."""
        return self if length >= self.length else Log._version(self.items, length)

    def common_prefix(self, other: Log[E]) -> int:
        """How many entries the two have in common from the beginning."""
        shorter = min(self.length, other.length)
        if self.items is other.items:
            return shorter
        low, high = 0, shorter
        while low < high:  # comparing slices runs in C, so halving beats a loop over the entries
            middle = (low + high + 1) // 2
            if self.items[low:middle] == other.items[low:middle]:
                low = middle
            else:
                high = middle - 1
        return low

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Log):
            return NotImplemented
        return self.length == other.length and self.common_prefix(other) == self.length

    def __hash__(self) -> int:
        return hash((self.length, self.items[self.length - 1] if self.length else None))

    def __repr__(self) -> str:
        return f"Log({list(self)!r})"

    def __getstate__(self) -> tuple[list[E], int]:
        return (self.items, self.length)

    def __setstate__(self, state: tuple[list[E], int]) -> None:
        self.items, self.length = state

    def window(self, size: int = LOG_WINDOW) -> dict[str, Any]:
        """The last `size` entries, as a snapshot carries them."""
        start = max(0, self.length - size)
        return {"log": True, "length": self.length, "from": start, "items": self.items[start : self.length]}


_FIELD_NAMES: dict[type, tuple[str, ...]] = {}


def field_names(cls: type) -> tuple[str, ...]:
    """The names of the fields of a `value` class, in their order."""
    names = _FIELD_NAMES.get(cls)
    if names is None:
        names = _FIELD_NAMES[cls] = tuple(f.name for f in fields(cls))
    return names


def plain(obj: Any) -> Any:
    """`default=` for an encoder of JSON: what a `value`, a `Log` or an `Enum` is written as.

    Raises TypeError for anything else: a state that can't be written is a mistake in a protocol.
    """
    if isinstance(obj, Log):
        return obj.window()
    if is_dataclass(obj) and not isinstance(obj, type):
        return {name: getattr(obj, name) for name in field_names(type(obj))}
    if isinstance(obj, Enum):
        return obj.value
    raise TypeError(f"a {type(obj).__name__} is no value")


def tagged(obj: Any) -> dict[str, Any]:
    """A `value` as an object that names its class under "type"."""
    cls = type(obj)
    return {"type": cls.__name__, **{name: getattr(obj, name) for name in field_names(cls)}}
