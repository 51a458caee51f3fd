"""Values: what messages, indications and the fields of a node are made of.

A node at rest is data, and history keeps every state that a node ever had. Both are cheap only if states share what did
not change, so a handler *replaces* a value and never changes it in place. `value` makes the classes for that, `Log` is
the one container that grows: appending to it takes constant time and memory, and every earlier version stays valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar, dataclass_transform, overload

T = TypeVar("T")
E = TypeVar("E")

LOG_WINDOW = 64
"""How many of a log's last entries a picture of the world carries; older ones are asked for."""


@dataclass_transform(frozen_default=True, eq_default=True)
def value(cls: type[T]) -> type[T]:
    """A class whose instances are never changed once made.

    The type checker holds it frozen. At run time it is not: `frozen=True` makes construction four times slower, and
    messages are made by the million. `tests/simulation` checks that no handler changes a value.

    There are hundreds of such classes, and writing methods for each took a quarter of a server's start. Those that depend
    on nothing but the names of the fields are shared by the classes that have the same.
    """
    cls.__doc__ = cls.__doc__ or cls.__name__  # or `dataclass` looks for the signature, which takes as long as the rest
    made = dataclass(slots=True, eq=False, repr=False)(cls)
    equal, hashed = _compared(field_names(made))
    for name, method in (("__eq__", equal), ("__hash__", hashed), ("__repr__", _told)):
        if name not in vars(made):
            setattr(made, name, method)
    return made


@cache
def _compared(names: tuple[str, ...]) -> tuple[Callable[[Any, Any], Any], Callable[[Any], int]]:
    """How values with these fields are compared, and what they hash to: as the tuple of their fields."""
    mine, others = (f"({''.join(f'{of}.{name}, ' for name in names)})" for of in ("self", "other"))
    methods: tuple[Any, Any] = eval(  # noqa: S307 - nothing but attributes
        f"(lambda self, other: {mine} == {others} if other.__class__ is self.__class__ else NotImplemented,"
        f" lambda self: hash({mine}))"
    )
    return methods


def _told(self: Any) -> str:
    """As any dataclass tells itself."""
    cls = type(self)
    return f"{cls.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in field_names(cls))})"


class Log(Generic[E]):
    """An immutable sequence that shares its storage with the versions before and after it.

    A version is a list and a length. Appending to the newest version extends the list in place, which no other version
    can see, since each looks only at its own length; appending to an older version, as after a truncation, copies.
    Indexes are those of Python: 0 is the first entry. A protocol that counts from 1 says so itself.

    A log may be compacted: its first `start` entries are gone, and something else stands for them. Positions stay what
    they were, and `length` still counts from the first entry that ever was.

    `items` is the shared list, of which the first `length - start` are this version's, from position `start` on. A handler
    on the hot path may read them directly, within `length`; only this class writes.
    """

    __slots__ = ("items", "length", "start")

    def __init__(self, items: Iterable[E] = (), start: int = 0) -> None:
        self.items: list[E] = list(items)
        self.start = start
        self.length = start + len(self.items)

    @classmethod
    def _version(cls, items: list[E], length: int, start: int) -> Log[E]:
        log: Log[E] = cls.__new__(cls)
        log.items = items
        log.length = length
        log.start = start
        return log

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[E]:
        return iter(self.items[: self.length - self.start])

    @overload
    def __getitem__(self, index: int) -> E: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[E, ...]: ...
    def __getitem__(self, index: int | slice) -> E | tuple[E, ...]:
        length = self.length
        if index.__class__ is int:
            if index < 0:
                index += length
            if not self.start <= index < length:
                raise IndexError(f"entry {index} of a log of {length} from {self.start} on")
            return self.items[index - self.start]
        assert isinstance(index, slice)
        start, stop, step = index.indices(length)
        gone = self.start
        if step != 1:
            return tuple(self.items[at - gone] for at in range(start, stop, step) if at >= gone)
        start = max(start, gone)
        return tuple(self.items[start - gone : stop - gone]) if start < stop else ()

    def append(self, entry: E) -> Log[E]:
        """The log with one entry more."""
        return self.extend((entry,))

    def extend(self, entries: Iterable[E]) -> Log[E]:
        """The log with `entries` after its last one."""
        items, start = self.items, self.start
        if len(items) != self.length - start:
            items = items[: self.length - start]
        items.extend(entries)
        return Log._version(items, start + len(items), start)

    def truncate(self, length: int) -> Log[E]:
        """The first `length` entries, or the log itself where it is not longer. What is gone stays gone."""
        if length >= self.length:
            return self
        return Log._version(self.items, max(length, self.start), self.start)

    def compact(self, start: int) -> Log[E]:
        """The log without its first `start` entries; itself where they are gone. Raises IndexError past its end."""
        if start > self.length:
            raise IndexError(f"{start} entries of a log of {self.length}")
        if start <= self.start:
            return self
        return Log._version(self.items[start - self.start : self.length - self.start], self.length, start)

    def common_prefix(self, other: Log[E]) -> int:
        """How many entries the two have in common from the beginning; what is gone from one of them counts as the same."""
        shorter = min(self.length, other.length)
        if self.items is other.items:
            return shorter
        mine, theirs = self.start, other.start
        low, high = max(mine, theirs), shorter
        if low >= high:
            return shorter
        while low < high:  # comparing slices runs in C, so halving beats a loop over the entries
            middle = (low + high + 1) // 2
            if self.items[low - mine : middle - mine] == other.items[low - theirs : middle - theirs]:
                low = middle
            else:
                high = middle - 1
        return low

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Log):
            return NotImplemented
        if self.length != other.length or self.start != other.start:
            return False
        return self.common_prefix(other) == self.length

    def __hash__(self) -> int:
        return hash((self.length, self.start, self[-1] if self.length > self.start else None))

    def __repr__(self) -> str:
        return f"Log({list(self)!r}, {self.start})" if self.start else f"Log({list(self)!r})"

    def __getstate__(self) -> tuple[list[E], int, int]:
        return (self.items, self.length, self.start)

    def __setstate__(self, state: tuple[list[E], int, int]) -> None:
        self.items, self.length, self.start = state

    def window(self, size: int = LOG_WINDOW) -> dict[str, Any]:
        """The last `size` entries, as a picture of the world carries them; "start" where the log was compacted."""
        first, gone = max(self.start, self.length - size), self.start
        told = {
            "log": True,
            "length": self.length,
            "from": first,
            "items": self.items[first - gone : self.length - gone],
        }
        return {**told, "start": gone} if gone else told


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
