"""What one browser shows: a world that follows the updates of a room, through JSON, and complains where they do not fit."""

from __future__ import annotations

from typing import Any

from server.simulation import encode
from tests.support.reducer import World, apply, as_told, comparable, unapply


def assert_same(mine: World, told: World) -> None:
    """The two worlds are the same, as far as both know the logs."""
    mine, told = comparable(mine, told)
    assert encode(mine) == encode(told)


class Screen:
    """Follows the updates of one room from a welcome on."""

    told = staticmethod(as_told)
    """How what it is given becomes its own."""

    def __init__(self, welcome: dict[str, Any]) -> None:
        welcome = self.told(welcome)
        self.epoch: str = welcome["epoch"]
        self.seq: int = welcome["seq"]
        self.world: World = welcome["world"]
        self.branch: int = welcome["branch"]
        self.tape: list[Any] = list(welcome["tape"])
        self.properties: dict[str, list[Any]] = welcome["properties"]
        self.notices: list[dict[str, Any]] = []
        self.shown: dict[str, Any] = welcome

    def take(self, update: dict[str, Any]) -> None:
        """Applies the next update. Raises AssertionError where it is not the next, or does not fit."""
        update = self.told(update)
        assert (update["epoch"], update["seq"]) == (self.epoch, self.seq + 1), "an update is missing"
        self.seq = update["seq"]
        if update["branch"] != self.branch:
            self._change_branch(update)
        for event in update.get("back", ()):
            assert event["seq"] == self.world["seq"]
            last = event["seq"] - 1 == update["cursor"]  # who steps back is at the time of the event before
            unapply(self.world, event, update["now"] if last else event["time"])
        for event in update.get("events", ()):
            assert event["seq"] == self.world["seq"] + 1
            apply(self.world, event)
        self.world = update.get("jump", self.world)
        self._take_facts(update)
        self.shown = {**self.shown, **update}
        assert self.world["seq"] == update["cursor"]

    def _take_facts(self, update: dict[str, Any]) -> None:
        if update.get("tape_reset"):
            self.tape = []
        self.tape += update.get("tape", [])
        for name, told in update.get("properties", {}).items():
            self.properties[name] = [t for t in self.properties.get(name, []) if t[0] < told[0][0]] + told
        if "notice" in update:
            self.notices.append(update["notice"])

    def _change_branch(self, update: dict[str, Any]) -> None:
        self.branch = update["branch"]
        if "jump" not in update:
            shared = self.world["seq"]
            self.tape = [mark for mark in self.tape if mark[0] <= shared]
            self.properties = {n: [t for t in told if t[0] <= shared] for n, told in self.properties.items()}
