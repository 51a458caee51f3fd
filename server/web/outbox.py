"""What was noted of rooms and is still to be saved, and what waits behind it: a room says nothing that could be lost.

The caller holds the shell's lock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.rooms.journal import Changes, Journal, together
from server.simulation.texts import N_, Refused

from .saving import NOT_KEPT, Saving

Send = Callable[[], None]
Noted = tuple[str, int, Changes]
"""The room, how often its changes were noted, and what they are."""

WAITING_MAX = 512
"""Of one room; more are refused. At 30 acts a second a viewer it takes some seconds of a blocked database."""


@dataclass
class Kept:
    """What is known of a room in memory."""

    journal: Journal
    noted: int = 0
    """How often changes were noted, and up to which of these they are saved."""
    saved: int = 0
    waiting: deque[tuple[int, Send]] = field(default_factory=deque)


class Outbox:
    """Of all rooms of a lobby."""

    def __init__(self, lobby: Any) -> None:
        self.saving = Saving()
        self.growing: set[str] = set()
        """Rooms that are coming back, and are not what they were yet."""
        self._lobby = lobby
        self._kept: dict[str, Kept] = {}
        self._pending: list[Noted] = []
        self._over: list[str] = []
        """Rooms that are to be deleted."""
        self._due = threading.Event()

    def note(self, room: Any) -> None:
        """Something may have happened to a room."""
        if self.saving.state != NOT_KEPT and self._can_be_kept(room):
            for each in together(room):
                self._note(each)

    def _note(self, room: Any) -> None:
        kept = self._kept.get(room.name)
        if kept is None:
            kept = self._kept[room.name] = Kept(Journal(room))
        changes = kept.journal.changes()
        if changes is not None:
            kept.noted += 1
            self._pending.append((room.name, kept.noted, changes))
            self._due.set()

    def note_all(self) -> None:
        """What is in the database is not what was put there: all rooms in memory are noted whole, in place of what is there
        of them. Those that are only coming back were read from what was there before, and have to be read again.
        """
        self.growing.clear()
        there = {name: room for name, room in self._lobby.rooms.items() if self._can_be_kept(room)}
        self._pending = [each for each in self._pending if each[0] not in there]
        for name, room in there.items():
            kept = self._kept.setdefault(name, Kept(Journal(room)))
            kept.journal = Journal(room)
            kept.noted += 1
            self._pending.append((name, kept.noted, {**(kept.journal.changes() or {}), "instead": True}))
        self._due.set()

    def _can_be_kept(self, room: Any) -> bool:
        rooms = together(room)
        return bool(rooms) and not any(each.growing or each.name in self.growing for each in rooms)

    def note_new(self, beside: Any = None) -> None:
        """Rooms may have been opened; what the room `beside` says of them waits for them too."""
        for name, room in self._lobby.rooms.items():
            if name not in self._kept:
                self.note(room)
        kept = None if beside is None else self._kept.get(beside.name)
        if kept is not None and self._pending:
            kept.noted += 1
            self._pending.append((beside.name, kept.noted, {}))

    def after(self, name: str, send: Send) -> None:
        """Sends when all that was noted of a room is saved, and after what waits already."""
        kept = self._kept.get(name)
        if kept is None or kept.saved == kept.noted:
            send()
        else:
            kept.waiting.append((kept.noted, send))

    def holds(self, name: str) -> bool:
        """Whether the time of a room stands still."""
        return name in self._kept and (self.saving.held or not self.settled(name))

    def settled(self, name: str) -> bool:
        """Whether all of a room is saved."""
        kept = self._kept.get(name)
        return kept is None or kept.saved == kept.noted

    def require(self, name: str = "") -> None:
        """Raises Refused where nothing can be saved now, or too much waits for it (in the room `name`)."""
        kept = self._kept.get(name)
        if self.saving.held:
            raise self.saving.refused()
        if kept is not None and len(kept.waiting) >= WAITING_MAX:
            raise Refused("busy", N_("Too much waits to be saved: try again in a moment."))

    def adopt(self, room: Any, *, anew: bool) -> None:
        """A room has come back as it was saved; `anew` with another epoch, which has to be saved before anybody sees it. Raises
        Refused where what was saved is no longer what is in the database.
        """
        if room.name not in self.growing:
            raise Refused("busy", N_("The room is still coming back: try again in a moment."))
        self.growing.discard(room.name)
        kept = self._kept[room.name] = Kept(Journal(room))
        changes = kept.journal.changes()
        if anew and changes is not None:
            kept.noted += 1
            self._pending.append((room.name, kept.noted, {"position": changes["position"]}))
            self._due.set()

    def tidy(self) -> None:
        """Lets go of the rooms that have left the memory."""
        for name in [name for name in self._kept if name not in self._lobby.rooms]:
            self.let_go(name)

    def let_go(self, name: str) -> None:
        """A room has left the memory; what was noted of it is still saved."""
        kept = self._kept.pop(name, None)
        if kept is not None:
            kept.waiting.clear()  # nobody is there any more
            if kept.journal.room.brief:
                self._over.append(name)  # nobody comes back to it
                self._due.set()

    def unsaved(self, name: str = "") -> bool:
        """Whether anything, or anything of one room, is still to be saved."""
        return any(not name or name == each for each, _, _ in self._pending)
