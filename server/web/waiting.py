"""Who waits for news of a room: he is woken when there are some, and costs nothing until then.

    with waits.one(caller, address, room, due) as waiting:     due(room): are there news for him?
        waiting.there.wait(seconds)

`moved` is told of every room to which something has happened; a room that was closed wakes whoever waits for it. The caller
holds the shell's lock, but where he waits.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from server.simulation.texts import N_, Refused

from .config import Limits

Due = Callable[[Any], bool]


@dataclass(eq=False)
class Waiting:
    """One call that waits."""

    due: Due
    there: threading.Event = field(default_factory=threading.Event)


class Waits:
    """All of them, and how many there may be: of all, of one address, of one caller."""

    def __init__(self, limits: Limits, lock: Any) -> None:
        self._limits = limits
        self._lock = lock
        self._of_rooms: dict[str, list[Waiting]] = {}
        self._of_callers: Counter[Hashable] = Counter()
        self._of_addresses: Counter[str] = Counter()
        self._all = 0

    def __len__(self) -> int:
        return self._all

    @contextmanager
    def one(self, caller: Hashable, address: str, room: str, due: Due) -> Iterator[Waiting]:
        """A place to wait in. Raises Refused where there is none left."""
        limits, waiting = self._limits, Waiting(due)
        with self._lock:
            if (
                self._all >= limits.waits
                or self._of_addresses[address] >= limits.waits_per_address
                or self._of_callers[caller] >= limits.waits_per_caller
            ):
                raise Refused("too_many_waiting", N_("Too many calls wait for news: let one of them end first."))
            self._count(caller, address, 1)
            self._of_rooms.setdefault(room, []).append(waiting)
        try:
            yield waiting
        finally:
            with self._lock:
                self._count(caller, address, -1)
                self._of_rooms[room].remove(waiting)
                if not self._of_rooms[room]:
                    del self._of_rooms[room]

    def _count(self, caller: Hashable, address: str, by: int) -> None:
        self._all += by
        self._of_callers[caller] += by
        self._of_addresses[address] += by
        if not self._of_callers[caller]:
            del self._of_callers[caller]
        if not self._of_addresses[address]:
            del self._of_addresses[address]

    def moved(self, name: str, room: Any) -> None:
        """Something may have happened to a room (None: it is gone)."""
        for waiting in self._of_rooms.get(name, ()):
            if not waiting.there.is_set() and (room is None or waiting.due(room)):
                waiting.there.set()

    def look(self, rooms: Any) -> None:
        """Wakes those whose room has left the memory; called now and then."""
        with self._lock:
            for name in self._of_rooms.keys() - rooms.keys():
                self.moved(name, None)
