"""Which events are taken away, and what the file is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..simulation import N_, Event, History, Refused

NAME_MAX = 24
_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Span:
    """The events `first` to `last`, both included."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def events(self, history: History) -> Iterator[Event]:
        """The events themselves. A run that goes on meanwhile only appends, so they stay the same."""
        for seq in range(self.first, self.last + 1):
            yield history.event(seq)


def span(history: History, first: int | None, last: int | None, most: int) -> Span:
    """The events from `first` (None: the first of all) to `last` (None: the last so far). Raises Refused where there are
    no such events, or more than `most` of them.
    """
    head = len(history)
    first, last = 1 if first is None else first, head if last is None else last
    if not 1 <= first <= last <= head:
        raise Refused(
            "bad_span",
            N_("There are no events {first} to {last}: the run has {head}."),
            first=first,
            last=last,
            head=head,
        )
    if last - first >= most:
        raise Refused(
            "too_long_span", N_("These are {n} events; at most {most} can be taken away like this: choose fewer."),
            n=last - first + 1, most=most,
        )  # fmt: skip
    return Span(first, last)


def file_name(protocol: str, branch: str, chosen: Span, extension: str) -> str:
    """A name that every file system takes and that needs no quoting: "raft-A-events-120-240.jsonl"."""
    words = [_UNSAFE.sub("_", word)[:NAME_MAX].strip("_") for word in (protocol, branch)]
    return (
        "-".join([*(word for word in words if word), "events", str(chosen.first), str(chosen.last)]) + f".{extension}"
    )
