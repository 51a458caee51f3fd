"""A lecture hall for tests: a lobby, one room, people with screens, and a hand on the clock."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from server.rooms import EVERYBODY, Limits, Lobby, Room, frames
from tests.support.screen import Screen, assert_same

BOSS = "token-of-the-boss"
TICK_US = 50_000


def lobby(**limits: Any) -> Lobby:
    """A lobby with some limits changed; its names are r1, r2, ..."""
    numbers = count(1)
    return Lobby(Limits(**limits), lambda: f"r{next(numbers)}")


class Hall:
    """One room with its presenter, whose viewer id is "boss", already in it."""

    def __init__(self, room: Room | None = None, *, limits: dict[str, Any] | None = None, **order: Any) -> None:
        if room is None:
            order = (
                {"protocol": "raft", "seed": 7, **order}
                if not order.keys() & {"scenario", "lesson", "challenge"}
                else order
            )
            self.lobby = lobby(**(limits or {}))
            room = self.lobby.open(**order, maker=BOSS)
        self.room = room
        self.screens: dict[str, Screen] = {}
        self._frame = 0
        self.updates: list[dict[str, Any]] = []
        self.come("boss", BOSS, "Ann")

    def come(self, viewer: str, token: str = "", name: str = "", last: frames.Last | None = None) -> dict[str, Any]:
        """Somebody joins; returns what the room said. His screen is there from now on."""
        said = self.room.join(viewer, token, name, last)
        if "welcome" in said:
            self.screens[viewer] = Screen(said["welcome"])
        else:
            for update in said["updates"]:
                self.screens[viewer].take(update)
        return said

    def say(self, kind: type[frames.Frame], *args: Any, by: str = "boss") -> dict[str, Any]:
        """Somebody sends a frame; returns the reply, which goes to him alone."""
        self._frame += 1
        ((target, reply),) = self.room.receive(by, kind(self._frame, *args))
        assert (target, reply["id"]) == (by, self._frame)
        return reply

    def does(self, kind: type[frames.Frame], *args: Any, by: str = "boss") -> dict[str, Any]:
        """As `say`; the room must agree."""
        reply = self.say(kind, *args, by=by)
        assert reply["ok"], reply
        return reply

    def act(self, by: str = "boss", **command: Any) -> dict[str, Any]:
        """Somebody gives a command; returns the reply."""
        return self.say(frames.Act, command, None, by=by)

    def tick(self, elapsed_us: int = TICK_US, budget: Callable[[], bool] = lambda: True) -> dict[str, Any]:
        """One tick. All screens follow, and show the world that the history tells. Returns the update, or {}."""
        out = self.room.tick(elapsed_us, budget)
        assert len(out) <= 1
        if not out:
            return {}
        ((target, update),) = out
        assert target == EVERYBODY
        self.updates.append(update)
        branch = self.room.show.branches.branch(update["branch"])
        for screen in self.screens.values():
            screen.take(update)
            assert_same(screen.world, branch.run.history.world(update["cursor"]))
        return update

    def ticks(self, number: int) -> None:
        """So many ticks."""
        for _ in range(number):
            self.tick()

    def runs(self, ticks_max: int = 2_000) -> None:
        """Ticks until the room stands still."""
        for _ in range(ticks_max):
            if not self.room.show.playing:
                self.tick()
                return
            self.tick()
        raise AssertionError(f"the room still plays after {ticks_max} ticks")

    @property
    def at(self) -> tuple[int, int, int, int]:
        """Branch, cursor, head and time shown."""
        shown = self.room.show.shown()
        return shown.branch, shown.cursor, shown.head, shown.now
