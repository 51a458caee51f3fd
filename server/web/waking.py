"""Rooms come back from the database when somebody wants to see them: one after the other, and a little at a time, so that those
who are in other rooms do not notice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from server.protocols import protocol
from server.rooms.journal import revive, tree_data
from server.rooms.tree import tree_from
from server.simulation.texts import N_, Refused
from server.storage import Unavailable
from server.storage import rooms as table

from .keeper import Keeper
from .saving import CUT

log = logging.getLogger(__name__)

GROWING_S = 60.0


class Growth:
    """A room that is coming back."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.refused: Refused | None = None


class Waking:
    """Everything here waits, and is called without the lock."""

    def __init__(self, keeper: Keeper, lobby: Any, sleep: Callable[[float], None]) -> None:
        self._keeper = keeper
        self._lobby = lobby
        self._sleep = sleep
        self._growing: dict[str, Growth] = {}
        self._turn = threading.Lock()

    def wake(self, name: str) -> None:
        """Sees that the room `name` is in memory, if there is such a room. Raises Refused where it can't come back."""
        self._keeper.wait_until_open()
        with self._keeper.lock:
            growth = self._growing.get(name)
            mine = growth is None
            if growth is None:
                if name in self._lobby.rooms or name not in self._keeper.stored:
                    return
                growth = self._growing[name] = Growth()
                self._keeper.growing.add(name)
        if mine:
            self._bring_back(name, growth)
        elif not growth.done.wait(GROWING_S):
            raise Refused("busy", N_("The room is still coming back: try again in a moment."))
        if growth.refused is not None:
            raise growth.refused

    def _bring_back(self, name: str, growth: Growth) -> None:
        try:
            with self._turn:
                self._grow(name)
        except Refused as refused:
            log.warning("room %s can't come back: %s", name, refused.code)
            growth.refused = refused
        except Unavailable as why:
            log.warning("room %s can't be read: %s", name, why)
            growth.refused = Refused("busy", N_("The database does not answer: try again in a moment."))
        except Exception:
            log.exception("room %s can't come back", name)
            growth.refused = Refused(
                "room_broken", N_("This room can't be brought back; what was saved of it is kept.")
            )
        finally:
            with self._keeper.lock:
                self._growing.pop(name, None)
                self._keeper.growing.discard(name)
                if growth.refused is not None:
                    self._lobby.close(name)
            growth.done.set()

    def _grow(self, name: str) -> None:
        keeper = self._keeper
        while keeper.unsaved(name):
            self._sleep(0.002)
        rows = keeper.worker.run(lambda connection: table.read(connection, name))
        if rows is None:
            with keeper.lock:
                keeper.stored.pop(name, None)
            return
        same = rows["position"]["program"] == keeper.program
        tree = tree_from(tree_data(rows), lambda known: protocol(known).program)
        # Of another program the same inputs may have become other events: who was there reloads the whole.
        epoch = rows["position"]["epoch"] if same else self._lobby.make_id()
        with keeper.lock:
            room = self._lobby.plant(tree, rows["room"]["maker"], (name, epoch))
        for _ in room.grow(tree):
            self._sleep(0)
        with keeper.lock:
            revive(room, rows)
            if keeper.worker.store.lost:
                room.show.news.notice("journal_cut", CUT)
            if self._lobby.rooms.get(name) is not room:
                raise Refused("busy", N_("The room is still coming back: try again in a moment."))
            keeper.adopt(room, anew=not same)
