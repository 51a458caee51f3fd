"""What the timeline is painted with, and the operations of clients: read off the events of a branch, once."""

from __future__ import annotations

from typing import Any

from ..simulation import Event, Invoked, Returned
from ..simulation.events import COMMAND

Mark = tuple[int, int, str, str | None, int | str | None]
"""seq, time (µs), kind, host, value: the term or ballot, or the name of the property that broke."""

MARKED_COMMANDS = ("crash", "restart", "partition", "heal")
NOT_MARKED_COMMANDS = ("request", "deliver_now", "fire_timer")
"""These show in what they bring about."""
VALUE_FIELDS = ("newer_term", "term", "ballot", "view", "round")
"""Fields of an indication whose value the timeline prints, the first that there is."""


def marks_of(event: Event, broken: tuple[str, ...]) -> list[Mark]:
    """The marks of one event, at which the properties `broken` broke."""
    found: list[Mark] = []
    for indication in event.indications:
        kind = getattr(indication, "mark", None)
        if kind is not None:
            value = next((getattr(indication, f) for f in VALUE_FIELDS if hasattr(indication, f)), None)
            found.append((event.seq, event.time, kind, event.host, value))
    if event.kind == COMMAND and event.subject.type not in NOT_MARKED_COMMANDS:
        kind = event.subject.type if event.subject.type in MARKED_COMMANDS else "command"
        host = event.host or getattr(event.subject, "src", None)
        found.append((event.seq, event.time, kind, host, None))
    found.extend((event.seq, event.time, "violation", event.host, name) for name in broken)
    return found


class Tape:
    """The marks of one branch, in the order of their events. Of too many, commits and candidacies are thinned first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.marks: list[Mark] = []

    def add(self, event: Event, broken: tuple[str, ...]) -> None:
        """Takes the marks of the next event."""
        found = marks_of(event, broken)
        if found:
            self.marks.extend(found)
            if len(self.marks) > self.most:
                self._thin()

    def _thin(self) -> None:
        """Every other commit and candidacy goes; where that is not enough, the oldest marks but for violations."""
        kept: list[Mark] = []
        even = False
        for mark in self.marks:
            if mark[2] in ("commit", "candidacy"):
                even = not even
                if even:
                    continue
            kept.append(mark)
        excess = len(kept) - self.most * 9 // 10
        if excess > 0:
            young = kept[excess:]
            kept = [mark for mark in kept[:excess] if mark[2] == "violation"][-self.most // 10 :] + young
        self.marks = kept

    def beginning(self, upto: int) -> Tape:
        """A tape of its own with the marks of events up to `upto`."""
        other = Tape(self.most)
        other.marks = [mark for mark in self.marks if mark[0] <= upto]
        return other

    def between(self, after: int, upto: int) -> list[Mark]:
        """The marks of the events after `after`, up to `upto`."""
        marks = self.marks
        start = len(marks)
        while start > 0 and marks[start - 1][0] > after:
            start -= 1
        return [mark for mark in marks[start:] if mark[0] <= upto]

    def few(self, after: int, kinds: tuple[str, ...], most: int) -> list[Mark]:
        """At most so many marks of these kinds after event `after`, those of the first kind before the others, evenly."""
        found: list[Mark] = []
        for kind in kinds:
            marks = [mark for mark in self.marks if mark[2] == kind and mark[0] > after]
            left = most - len(found)
            found += marks if len(marks) <= left else [marks[i * len(marks) // left] for i in range(left)]
        return sorted(found)


class Operations:
    """What clients asked for in one branch and what came back, by the operation's id, oldest first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.known: dict[str, dict[str, Any]] = {}

    def add(self, event: Event) -> None:
        """Takes what an event tells of operations."""
        for indication in event.indications:
            if type(indication) is Invoked:
                self.known[indication.id] = {
                    "id": indication.id, "client": event.host, "operation": indication.operation,
                    "invoked": event.time, "invoked_seq": event.seq,
                    "returned": None, "returned_seq": None, "outcome": None, "result": None,
                }  # fmt: skip
                if len(self.known) > self.most:
                    del self.known[next(iter(self.known))]
            elif type(indication) is Returned and indication.id in self.known:
                self.known[indication.id] = self.known[indication.id] | {
                    "returned": event.time, "returned_seq": event.seq,
                    "outcome": indication.outcome, "result": indication.result,
                }  # fmt: skip

    def beginning(self, upto: int) -> Operations:
        """The operations as they were known after event `upto`."""
        other = Operations(self.most)
        for id, operation in self.known.items():
            if operation["invoked_seq"] > upto:
                continue
            if (operation["returned_seq"] or 0) > upto:
                operation = operation | {"returned": None, "returned_seq": None, "outcome": None, "result": None}
            other.known[id] = operation
        return other

    def last(self, upto: int, most: int) -> list[dict[str, Any]]:
        """The last `most` operations that were invoked by event `upto`, as they stand at the head."""
        return [operation for operation in self.known.values() if operation["invoked_seq"] <= upto][-most:]
