"""What the commands that run without a browser write: lines to standard output, and a progress bar for people."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

SHOWN_AFTER_PARTS = 200


def show(line: str, out: TextIO) -> None:
    """Writes a line."""
    out.write(line + "\n")


def counted(number: int, one: str, many: str = "", form: str = "") -> str:
    """So many of something: "1 room", "2 rooms"; `many` where that does not end in s, `form` how the number is written."""
    return f"{number:{form}} {one if number == 1 else many or one + 's'}"


class Progress:
    """A progress bar on standard error, for a person who waits: only where that is a terminal, and `wanted`."""

    def __init__(self, total: int, what: str, *, wanted: bool) -> None:
        console = Console(stderr=True)
        self._part = max(1, total // SHOWN_AFTER_PARTS)
        self._next = self._part
        self._bar = (
            Bar(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
                TimeRemainingColumn(), console=console, transient=True)
            if wanted and sys.stderr.isatty()
            else None
        )  # fmt: skip
        self._task = self._bar.add_task(what, total=total) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def at(self, done: int) -> None:
        """Tells how far it is."""
        if self._bar and self._task is not None and done >= self._next:
            self._next = done + self._part
            self._bar.update(self._task, completed=done)


class Looking:
    """The same for a search, of which nobody knows when it finds something: how much of its time is used, and what it knows."""

    def __init__(self, seconds: float, *, wanted: bool) -> None:
        self._bar = (
            Bar(BarColumn(bar_width=24), TimeRemainingColumn(), TextColumn("{task.description}"),
                console=Console(stderr=True), transient=True)
            if wanted and sys.stderr.isatty()
            else None
        )  # fmt: skip
        self._task = self._bar.add_task("", total=seconds) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def at(self, spent: float, told: str) -> None:
        """Tells how many seconds are used, and what is known."""
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=spent, description=told)
