"""Histories as others write them: Jepsen's logs, Knossos' EDN, and the logs of a key-value store.

The formats differ in what `:fail` means, the classic trap. In the Jepsen logs of a register `:fail :cas` says that the
comparison failed: the operation *did* happen and returned false, and the register begins as nil. In EDN `:fail` says that
the operation did *not* happen, the register begins as 0, and nil for a read says that nobody knows what was read. In all of
them `:info`, or no answer at all, says that it may take effect at any later time or never. This is settled here; the
checker knows nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .edn import BadText, Map, Word, forms, items
from .history import UNKNOWN, Call, Disorder, History
from .models import Model, Mutex, Register, Texts

OPERATIONS_MAX = 200_000
KEY_OPERATIONS_MAX = 20_000
"""Of one key: sets of operations are numbers with a bit for each."""
LOG_LINE = re.compile(r"jepsen\.util\s*[-:]\s*(\S+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s*(.*)")

TIMED_OUT = Word(":timed-out")
"""Stands in the place of a value in Jepsen's logs; also with `:fail`, of reads."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A history, and the model to hold it against."""

    history: History
    model: Model
    places: str = "lines"
    """What the places of its operations count: lines of a file, or events of a run."""


@dataclass(slots=True)
class _Event:
    """One line of a history."""

    line: int
    process: int | str
    kind: str
    name: str
    value: Any
    key: Any = None


class _Writer:
    """Writes events into a history."""

    def __init__(
        self, models: tuple[Model, ...], *, failed_cas_happened: bool = False, nil_is_unknown: bool = False
    ) -> None:
        self.history = History()
        self.models = models
        self.failed_cas_happened = failed_cas_happened
        self.nil_is_unknown = nil_is_unknown
        self.seen = 0
        """Events, those of the nemesis too."""
        self._counts: dict[Any, int] = {}

    def write(self, event: _Event) -> None:
        """Raises BadText."""
        try:
            if event.kind == "invoke":
                self._invoke(event)
            else:
                self._end(event)
        except Disorder as reason:
            raise BadText(event.line, str(reason)) from None

    def _invoke(self, event: _Event) -> None:
        call = self._call(event)
        count = self._counts[event.key] = self._counts.get(event.key, 0) + 1
        if count > KEY_OPERATIONS_MAX:
            raise BadText(event.line, f"there are more than {KEY_OPERATIONS_MAX:,} operations on one key")
        self.history.invoke(event.process, call, event.key, event.line)

    def _call(self, event: _Event) -> Call:
        """The call of an invocation; which operations there are decides on the model."""
        fitting = tuple(model for model in self.models if event.name in model.calls)
        if not fitting:
            known = ", ".join(f":{name}" for model in self.models for name in model.calls)
            raise BadText(event.line, f"there is no operation :{event.name}, there are {known}")
        self.models = fitting
        wanted = fitting[0].calls[event.name]
        if wanted == 0:
            return (event.name,)
        if wanted == 1:
            return (event.name, scalar(event.value, event.line))
        if not isinstance(event.value, tuple) or len(event.value) != wanted:
            raise BadText(event.line, f":{event.name} takes {wanted} values, [a b]")
        return (event.name, *(scalar(value, event.line) for value in event.value))

    def _end(self, event: _Event) -> None:
        process = event.process
        begun = self.history.under_way(process)
        if begun is None:
            if event.kind == "info":
                return  # something else that the process had to say
            raise Disorder(f"process {process} has no operation under way")
        if begun.call[0] != event.name:
            raise BadText(event.line, f"process {process} ends :{event.name}, but it began :{begun.call[0]}")
        if event.kind == "info" or event.value == TIMED_OUT:
            self.history.lose(process)
        elif event.kind == "fail" and not (self.failed_cas_happened and isinstance(event.value, tuple)):
            self.history.cancel(process)
        else:
            self.history.respond(process, self._result(event), event.line)

    def _result(self, event: _Event) -> Any:
        match event.name:
            case "read" | "get":
                if event.value is None and self.nil_is_unknown:
                    return UNKNOWN
                return scalar(event.value, event.line)
            case "cas":
                return event.kind == "ok"
            case "acquire" | "release":
                return True
            case _:
                return None

    def reading(self) -> Reading:
        """What was written. Raises BadText if it is nothing."""
        if not self.seen:
            raise BadText(1, "there is no event of an operation in it")
        return Reading(self.history, self.models[0])


def scalar(value: Any, line: int) -> Any:
    """A value that an object may have. Raises BadText."""
    if value is None or isinstance(value, (int, str, Word)):
        return value
    if isinstance(value, tuple):
        return tuple(scalar(part, line) for part in value)
    raise BadText(line, "a map or a set is no value that could be compared")


def read_jepsen(text: str) -> Reading:
    """A log of Jepsen: lines of `jepsen.util`, others are passed over. Raises BadText."""
    writer = _Writer((Register(None),), failed_cas_happened=True)
    for number, line in enumerate(text.splitlines(), 1):
        found = LOG_LINE.search(line)
        if found is None:
            if "jepsen.util" in line and ":invoke" in line:
                raise BadText(number, "this is no event of an operation: process, :type, :operation, value")
            continue
        writer.seen += 1
        process, kind, name, rest = found.groups()
        if process.startswith(":"):
            continue  # the nemesis
        if not process.isdecimal():
            raise BadText(number, f"{process[:20]!r} is no process")
        value = next(forms(rest, number), None)
        writer.write(_Event(number, int(process), kind, name, value))
    return writer.reading()


def read_edn(text: str) -> Reading:
    """A history of Knossos: one vector of maps, or a map a line. Raises BadText."""
    writer = _Writer((Register(0), Mutex()), nil_is_unknown=True)
    _write_maps(text, writer)
    return writer.reading()


def read_kv(text: str) -> Reading:
    """A log of a key-value store, a map a line; a key that nobody wrote holds the empty text. Raises BadText."""
    writer = _Writer((Texts(),))
    _write_maps(text, writer, keyed=True)
    return writer.reading()


def _write_maps(text: str, writer: _Writer, *, keyed: bool = False) -> None:
    for line, entry in items(text):
        writer.seen += 1
        if writer.seen > OPERATIONS_MAX * 2:
            raise BadText(line, f"there are more than {OPERATIONS_MAX:,} operations")
        if not isinstance(entry, Map):
            raise BadText(line, f"{str(entry)[:40]!r} is no event of an operation, which is a map")
        event = _event(entry, keyed=keyed)
        if event is not None:
            writer.write(event)


def _event(entry: Map, *, keyed: bool) -> _Event | None:
    """The event of a map; None for those of the nemesis."""
    process = entry.get(":process")
    if isinstance(process, Word):
        return None
    if not isinstance(process, int):
        raise BadText(entry.line, "an event has no :process")
    kind, name = _word(entry, "type"), _word(entry, "f")
    if kind not in ("invoke", "ok", "fail", "info"):
        raise BadText(entry.line, f":type is :invoke, :ok, :fail or :info, not :{kind[:20]}")
    value, key = entry.get(":value"), entry.get(":key")
    if keyed:
        if key is None:
            raise BadText(entry.line, "an event has no :key")
        text = isinstance(value, str)
        if not text and (name != "get" or kind == "ok") and kind in ("invoke", "ok"):
            raise BadText(entry.line, f"the :value of :{name} is no text")
    return _Event(entry.line, process, kind, name, value, scalar(key, entry.line))


def _word(entry: Map, name: str) -> str:
    found = entry.get(f":{name}")
    if not isinstance(found, Word) or not found.name.startswith(":"):
        raise BadText(entry.line, f"an event has no :{name}")
    return found.name[1:]


FORMATS: dict[str, Callable[[str], Reading]] = {"jepsen": read_jepsen, "edn": read_edn, "kv": read_kv}
