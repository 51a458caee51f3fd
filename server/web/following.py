"""How far the links are that are being followed just now: who waits for a long run sees that it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FOLLOWED_MAX = 1_024
"""Of a class that follows a link at once, each is told; the oldest are forgotten first, and only they see no progress."""


@dataclass(slots=True)
class Way:
    """How far one is."""

    of: int = 0
    """Events that are to be played."""
    done: int = 0
    waiting: bool = True
    """Others are before it."""

    def played(self, events: int) -> None:
        """So many events have been played."""
        self.done = min(events, self.of)

    def as_dict(self) -> dict[str, Any]:
        """As a page is told."""
        return {"of": self.of, "done": self.done, "waiting": self.waiting}


class Ways:
    """Those of all orders that named a ticket, which is known to the page alone that made it up."""

    def __init__(self) -> None:
        self._ways: dict[str, Way] = {}

    def begin(self, ticket: str | None, events: int) -> Way:
        """Somebody waits for so many events."""
        way = Way(events)
        if ticket is not None:
            self._ways.pop(ticket, None)
            self._ways[ticket] = way
            if len(self._ways) > FOLLOWED_MAX:
                del self._ways[next(iter(self._ways))]
        return way

    def end(self, ticket: str | None) -> None:
        """It has come to an end, good or bad."""
        if ticket is not None:
            self._ways.pop(ticket, None)

    def find(self, ticket: str) -> Way:
        """How far it is; nothing of nothing where nobody waits under that ticket, as before it and after it."""
        return self._ways.get(ticket, Way(waiting=False))
