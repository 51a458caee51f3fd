"""Rooms come back from the database when somebody wants to see them: one after the other, and a little at a time, so that those
who are in other rooms do not notice. Two that stand side by side come back together.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from server.protocols import protocol
from server.rooms import Room
from server.rooms.journal import pair_told, revive, tree_data
from server.rooms.pair import pair_again
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
            growth.done.set()

    def _grow(self, name: str) -> None:
        if name in self._lobby.rooms:
            return  # it has come with the one that it stands beside
        keeper = self._keeper
        rows = self._read(name)
        if rows is None:
            with keeper.lock:
                keeper.stored.pop(name, None)
            return
        told = pair_told(rows)
        saved = {name: rows}
        for other in told["rooms"] if told is not None else ():
            if other not in self._lobby.rooms and other != name and (found := self._read(other)) is not None:
                saved[other] = found
        with keeper.lock:
            for other in saved.keys() - {name}:
                self._growing.setdefault(other, self._growing[name])
                keeper.growing.add(other)
        try:
            order = sorted(saved, key=told["rooms"].index if told is not None else None)
            rooms = [self._plant(each, saved[each]) for each in order]
            with keeper.lock:
                self._come_in(rooms, saved, told)
        except BaseException:
            with keeper.lock:
                for each in saved:
                    self._lobby.close(each)
            raise
        finally:
            with keeper.lock:
                mine = self._growing[name]
                for other in saved.keys() - {name}:
                    keeper.growing.discard(other)
                    if self._growing.get(other) is mine:
                        del self._growing[other]

    def _read(self, name: str) -> dict[str, Any] | None:
        while self._keeper.unsaved(name):
            self._sleep(0.002)
        return self._keeper.worker.run(lambda connection: table.read(connection, name))

    def _same(self, rows: dict[str, Any]) -> bool:
        """Whether what computes rooms is what computed this one."""
        return bool(rows["position"]["program"] == self._keeper.program)

    def _plant(self, name: str, rows: dict[str, Any]) -> Room:
        """The room, grown, where nobody comes yet. Raises Refused."""
        tree = tree_from(tree_data(rows), lambda known: protocol(known).program)
        # Of another program the same inputs may have become other events: who was there reloads the whole.
        epoch = rows["position"]["epoch"] if self._same(rows) else self._lobby.make_id()
        with self._keeper.lock:
            room: Room = self._lobby.plant(tree, rows["room"]["maker"], (name, epoch))
        for _ in room.grow(tree):
            self._sleep(0)
        return room

    def _come_in(self, rooms: list[Room], saved: dict[str, dict[str, Any]], told: dict[str, Any] | None) -> None:
        keeper = self._keeper
        for room in rooms:
            if keeper.worker.store.lost:
                room.show.news.notice("journal_cut", CUT)
            revive(room, saved[room.name])
            if self._lobby.rooms.get(room.name) is not room:
                raise Refused("busy", N_("The room is still coming back: try again in a moment."))
        if told is not None and len(rooms) == len(told["rooms"]):
            pair_again(rooms, told)
        for room in rooms:
            keeper.adopt(room, anew=not self._same(saved[room.name]))
