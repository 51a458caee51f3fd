"""`check`: whether a history of operations is linearizable, and if not, why.

    check etcd_002.log --format jepsen
    check history.edn --budget 10m
    check c50-bad.txt --format kv --json
    check room.json                        a recording, of a room or of simulate --save: it is replayed

Ends with 0 (linearizable), 1 (not), 3 (not known within the budget), and 2 for a file that makes no sense.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Hashable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from server.properties.linearizability import (
    FORMATS,
    UNKNOWN,
    BadText,
    Checking,
    Explaining,
    Operation,
    Reading,
    Verdict,
)

from . import CommandError
from .files import NoRecording
from .output import Progress, counted, show
from .recorded import reading_of
from .simulate import parse_span

EXIT_CODES = {Verdict.OK: 0, Verdict.NOT: 1, Verdict.UNDECIDED: 3}
RECORDING = "recording"
SUFFIXES = {".log": "jepsen", ".edn": "edn", ".txt": "kv", ".json": RECORDING}
KINDS = (
    "a .log as Jepsen's, an .edn as a history of Knossos, a .txt as a log of get, put and append, unless --format says"
    " otherwise"
)
FILE_MAX_BYTES = 32 * 1024 * 1024
SLICE_STEPS = 5_000
"""How far is searched between two looks at the clock: some 20 ms."""
SHOWN_AFTER_S = 0.5
EXPLAINING_PART = 0.25
"""Of the budget, what the explanation may take at least, however late the verdict came."""
SHOWN_OPERATIONS = 20
TEXT_MAX = 48
UNIT_US = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, how it is written, and how long to search."""
    parser.add_argument("history", metavar="HISTORY", help="a file, or - for standard input")
    parser.add_argument(
        "--format", choices=(*FORMATS, RECORDING),
        help="jepsen: a log of Jepsen, a register that begins as nil; edn: a history of Knossos, a register that begins as 0 "
        "(or a mutex); kv: a log of get, put and append; recording: a run, as a room or simulate saves it "
        "(by the file's ending: .log, .edn, .txt, .json)",
    )  # fmt: skip
    parser.add_argument("--budget", default="60s", help="how long to search, such as 500ms, 60s or 10m (60s)")
    parser.add_argument(
        "--for", dest="span", metavar="SPAN",
        help="how long a recording is replayed, virtual time such as 20s (to where its room was; of a run alone 10 s after its "
        "last command)",
    )  # fmt: skip
    parser.add_argument("--all", action="store_true", help="print the whole linearization, not only its end")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


def run(args: argparse.Namespace) -> int:
    """Checks; 0 linearizable, 1 not, 3 undecided."""
    budget = Budget(parse_span(args.budget) / UNIT_US)
    reading, unpromised = _reading(args.history, args.format, args.span)
    checking = Checking(reading.history.operations, reading.model)
    with budget.shown("searching"):
        while checking.run(SLICE_STEPS) is Verdict.UNDECIDED and budget.left():
            pass
    explaining = None
    if checking.bad:
        explaining = Explaining(checking.parts[checking.bad[0]], reading.model)
        budget.grant(EXPLAINING_PART)
        with budget.shown("explaining"):
            while not explaining.run(SLICE_STEPS) and budget.left():
                pass
    if args.json:
        show(json.dumps(_data(reading, checking, explaining, unpromised)), sys.stdout)
    else:
        for line in _lines(args, reading, checking, explaining):
            show(line, sys.stdout)
        if unpromised is not None and checking.verdict is Verdict.NOT:
            show(f"\nIt is not promised here: {unpromised}", sys.stdout)
    return EXIT_CODES[checking.verdict]


class Budget:
    """A span of time, with a bar for a person who waits for more than a moment."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begun = time.monotonic()
        self.end = self.begun + seconds
        self._stack = ExitStack()
        self._what = ""
        self._bar: Progress | None = None

    def left(self) -> bool:
        """Whether there is time left; tells the bar."""
        now = time.monotonic()
        if self._bar is None and now - self.begun > SHOWN_AFTER_S:
            self._bar = self._stack.enter_context(Progress(1_000, f"{self._what} (of the budget)", wanted=True))
        if self._bar is not None:
            self._bar.at(round(1_000 * (1 - max(0.0, self.end - now) / max(self.end - self.begun, 1e-9))))
        return now < self.end

    def grant(self, part: float) -> None:
        """At least this part of the budget from now on."""
        self.end = max(self.end, time.monotonic() + part * self.seconds)

    def shown(self, what: str) -> ExitStack:
        """A context in which the bar says this."""
        self._what, self._bar = what, None
        self._stack = ExitStack()
        return self._stack


def _reading(name: str, format: str | None, span: str | None) -> tuple[Reading, str | None]:
    """The history of a file, and why it need not be linearizable, or None. Raises CommandError."""
    path = Path(name)
    chosen = format or SUFFIXES.get(path.suffix)
    if chosen is None:
        if name != "-" and not path.exists():
            raise CommandError(f"{name} can't be read: there is no such file.")
        raise CommandError(f"{name} does not tell its format; --format is one of {', '.join((*FORMATS, RECORDING))}.")
    if span is not None and chosen != RECORDING:
        raise CommandError("--for is for recordings: a history has happened already.")
    try:
        with sys.stdin.buffer if name == "-" else path.open("rb") as file:
            content = file.read(FILE_MAX_BYTES + 1)
        if len(content) > FILE_MAX_BYTES:
            raise CommandError(f"{name} is larger than {FILE_MAX_BYTES // 2**20} MB.")
        if chosen == RECORDING:
            return _of_recording(name, content, span, guessed=format is None)
        return FORMATS[chosen](content.decode().replace("\r\n", "\n")), None
    except OSError as error:
        raise CommandError(f"{name} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{name} is no text in UTF-8.") from None
    except BadText as reason:
        raise CommandError(f"{name}, line {reason.line}: {reason.reason}.") from None


def _of_recording(name: str, content: bytes, span: str | None, *, guessed: bool) -> tuple[Reading, str | None]:
    try:
        return reading_of(name, content, None if span is None else parse_span(span))
    except NoRecording as error:
        if not guessed:
            raise
        raise CommandError(f"{str(error).rstrip('.')}; a .json is read as a recording, {KINDS}.") from None


# In words


def _lines(
    args: argparse.Namespace, reading: Reading, checking: Checking, explaining: Explaining | None
) -> Iterator[str]:
    operations = reading.history.operations
    processes = len({operation.process for operation in operations})
    unknown = sum(operation.returned is None for operation in operations)
    told = f"{_count(len(operations), 'operation')} of {_count(processes, 'process', 'processes')}"
    keys = f" on {_count(len(checking.parts), 'key')}" if checking.parts.keys() - {None} else ""
    yield f"{args.history}: {told}{keys}, {unknown} without a known outcome."
    if checking.verdict is Verdict.OK:
        yield "Linearizable."
    elif checking.verdict is Verdict.UNDECIDED:
        yield from _undecided(args, reading, checking)
    elif explaining is not None:
        yield f"Not linearizable{_of_key(checking.bad[0])}."
        yield from _why(args, reading, explaining)


def _undecided(args: argparse.Namespace, reading: Reading, checking: Checking) -> Iterator[str]:
    yield f"Undecided within {args.budget}; --budget gives more time."
    for key in checking.undecided:
        order, part = checking.order(key), checking.parts[key]
        returned = sum(operation.returned is not None for operation in part)
        yield ""
        yield (
            f"The longest linearization found{_of_key(key)} holds {_count(len(order), 'operation')}"
            f" ({returned} of {len(part)} returned):"
        )
        yield from _listed(order, reading.places, whole=args.all)


def _why(args: argparse.Namespace, reading: Reading, explaining: Explaining) -> Iterator[str]:
    blocked, part, order = explaining.blocked, explaining.part, explaining.order
    if blocked is None:
        yield "There was no time left to find out why; --budget gives more."
        return
    yield ""
    first = "The first return that can't be explained:" if explaining.first else "A return that can't be explained:"
    yield first
    yield from _table([blocked], reading.places)
    yield ""
    if explaining.smallest:
        yield f"The smallest part that can't be explained, even if all others had never returned ({len(part)}):"
    else:
        yield f"A part that can't be explained, even if all others had never returned ({len(part)}; time ran out on less):"
    yield from _listed(part, reading.places, whole=args.all)
    yield ""
    what = "of all that returned before" if explaining.first else "found"
    yield f"The longest linearization {what} ({_count(len(order), 'operation')}):"
    yield from _listed(order, reading.places, whole=args.all)


def _listed(operations: Sequence[Operation], places: str, *, whole: bool) -> Iterator[str]:
    shown = operations if whole else operations[-SHOWN_OPERATIONS:]
    if len(shown) < len(operations):
        yield f"  ... {len(operations) - len(shown)} before, --all prints them"
    yield from _table(shown, places)


def _table(operations: Sequence[Operation], places: str) -> Iterator[str]:
    rows = [(_span_of(op, places), f"process {op.process}", _told(op)) for op in operations]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    for row in rows:
        yield f"  {row[0].ljust(widths[0])}  {row[1].ljust(widths[1])}  {row[2]}"


def _span_of(operation: Operation, places: str) -> str:
    end = "never" if operation.returned is None else str(operation.place_returned)
    return f"{places} {operation.place} to {end}"


def _told(operation: Operation) -> str:
    words = " ".join((operation.call[0], *(_text(value) for value in operation.call[1:])))
    if operation.returned is None:
        return f"{words} -> ?"
    if operation.result is None and operation.call[0] not in ("read", "get"):
        return words
    return f"{words} -> {_text(operation.result)}"


def _text(value: Any) -> str:
    """A value as it stands in a history; of a long one its beginning, its length and its end."""
    if value is UNKNOWN:
        return "?"
    if value is None or isinstance(value, bool):
        return "nil" if value is None else str(value).lower()
    if isinstance(value, tuple):
        return "[" + " ".join(_text(part) for part in value) + "]"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    if len(text) <= TEXT_MAX:
        return text
    half = TEXT_MAX // 2
    return f"{text[:half]} ... {text[-half:]} ({len(text) - 2} characters)"


def _of_key(key: Hashable) -> str:
    return "" if key is None else f" on key {_text(key)}"


def _count(number: int, one: str, many: str = "") -> str:
    return counted(number, one, many, ",")


# As data


def _data(
    reading: Reading, checking: Checking, explaining: Explaining | None, unpromised: str | None
) -> dict[str, Any]:
    """The verdict for other programs; operations as in the history, with the lines, or events, at which they stand."""
    found: dict[str, Any] = {
        "verdict": checking.verdict.value,
        "operations": len(reading.history.operations),
        "keys": len(checking.parts),
        "steps": checking.steps,
        "undecided": [_plain(key) for key in checking.undecided] if not checking.bad else [],
    }
    if unpromised is not None:
        found["unpromised"] = unpromised
    if explaining is not None:
        found["key"] = _plain(checking.bad[0])
        found["blocked"] = None if explaining.blocked is None else _operation(explaining.blocked, reading.places)
        found["first"] = explaining.first
        found["part"] = [_operation(operation, reading.places) for operation in explaining.part]
        found["smallest"] = explaining.smallest
        found["order"] = [_operation(operation, reading.places) for operation in explaining.order]
    elif checking.verdict is Verdict.UNDECIDED:
        found["order"] = [
            _operation(op, reading.places) for key in checking.undecided[:1] for op in checking.order(key)
        ]
    return found


def _operation(operation: Operation, places: str) -> dict[str, Any]:
    return {
        "process": operation.process,
        "call": [_plain(part) for part in operation.call],
        "result": None if operation.returned is None else _plain(operation.result),
        places: [operation.place, operation.place_returned],
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (int, str)):
        return value
    return [_plain(part) for part in value] if isinstance(value, tuple) else str(value)
