"""A lobby with rooms that do next to nothing, so that the shell is tested by itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from server.rooms import frames
from server.simulation.texts import Refused
from server.web.shelf import Shelf

HISTORY_MAX = 1000


class FakeRoom:
    """Numbers its updates and repeats what it is told: `name` is echoed to all, special names misbehave."""

    title = "A room"

    def __init__(self, lobby: FakeLobby, name: str, maker: str | None, **order: Any) -> None:
        self.lobby = lobby
        self.tokens: dict[str, str | None] = {}
        self.name, self.maker, self.order = name, maker, order
        self.epoch, self.seq = f"epoch-{name}", 0
        self.people: dict[str, str] = {}
        self.heard: list[tuple[str, frames.Frame]] = []
        self.news: list[str] = []
        self.history: list[dict[str, Any]] = []
        self.stopped: str | None = None
        self.ballast = 0
        self.breaks = False

    def join(self, viewer: str, token: str | None, name: str | None, last: frames.Last | None) -> dict[str, Any]:
        self.people[viewer] = name or "someone"
        self.tokens[viewer] = token
        if last is not None and last.epoch == self.epoch and last.seq <= self.seq:
            return {"updates": self.history[last.seq :]}
        role = "presenter" if token is not None and token == self.maker else "viewer"
        you = {"id": viewer, "role": role}
        return {"welcome": {"type": "welcome", "epoch": self.epoch, "seq": self.seq, "you": you}}

    def leave(self, viewer: str) -> None:
        self.people.pop(viewer, None)

    def receive(self, viewer: str, frame: frames.Frame) -> list[tuple[str, dict[str, Any]]]:
        self.heard.append((viewer, frame))
        if isinstance(frame, frames.Play):
            raise Refused("no_controls", "{who} may not do that.", who=viewer)
        if isinstance(frame, frames.Pause):
            raise RuntimeError("a secret of the room at /home/someone")
        if isinstance(frame, frames.Copy):
            copied = self.lobby.open(maker=self.tokens[viewer], copied=(self.name, frame.seq))
            return [(viewer, {"type": "reply", "id": frame.id, "ok": True, "room": copied.name})]
        if isinstance(frame, frames.WorldAt):
            print("computing", file=sys.stderr, flush=True)
            until = time.monotonic() + 60
            while time.monotonic() < until:
                pass
        if isinstance(frame, frames.Step):
            self.breaks = True
        if isinstance(frame, frames.Rename):
            self.news.append(frame.name)
        if isinstance(frame, frames.Seek):
            self.ballast = frame.seq or 0
        return [(viewer, {"type": "reply", "id": frame.id, "ok": True})]

    def tick(self, elapsed_us: int, budget: Callable[[], bool]) -> list[tuple[str, dict[str, Any]]]:
        if self.breaks and self.stopped is None:
            raise RuntimeError("a tick that broke")
        if not self.news and not self.ballast and self.stopped is None:
            return []
        self.seq += 1
        update: dict[str, Any] = {"type": "update", "epoch": self.epoch, "seq": self.seq, "news": self.news}
        if self.ballast:
            update["ballast"] = "x" * self.ballast
        if self.stopped is not None:
            update["stopped"] = {"text": self.stopped, "args": {}}
        self.news = []
        self.history.append(update)
        del self.history[:-HISTORY_MAX]
        return [("*", update)]

    def stop(self, text: str) -> None:
        self.stopped = text


class FakeLobby:
    """Opens rooms until there are `most`."""

    def __init__(self, most: int = 20) -> None:
        self.rooms: dict[str, FakeRoom] = {}
        self.most = most
        self.swept_us = 0

    def open(self, **order: Any) -> FakeRoom:
        if len(self.rooms) >= self.most:
            raise Refused("too_many_rooms", "There are {most} rooms already.", most=self.most)
        if order.get("scenario") == "unknown":
            raise Refused("unknown_scenario", "There is no scenario {name}.", name="unknown")
        room = FakeRoom(self, f"room{len(self.rooms) + 1}", **order)
        self.rooms[room.name] = room
        return room

    def sweep(self, elapsed_us: int) -> None:
        self.swept_us += elapsed_us


PROTOCOL = {
    "name": "raft",
    "title": "Raft",
    "summary": "A replicated log.",
    "cites": "Ongaro 2014",
    "params": {
        "heartbeat": {"title": "Heartbeat", "text": "", "default": 50, "low": 1, "high": 1000, "unit": "µs"},
        "noop": {"title": "No-op", "text": "", "default": True, "unit": "switch"},
    },
}


ORDER = {
    "title": "Order", "text": "", "default": "up", "unit": "choice", "choices": {"up": "upwards", "down": "downwards"},
}  # fmt: skip
"""A tunable that is one of a few words."""


def shelf() -> Shelf:
    scenario = {
        "name": "split",
        "title": "Split vote",
        "text": "Two run.",
        "outcome": "One.",
        "protocol": "raft",
        "nodes": 4,
    }
    lesson = {"name": "terms", "title": "Why terms", "text": "Because.", "protocol": "raft", "nodes": 5, "beats": 3}
    challenge = {"name": "two", "title": "Two at once", "text": "Try.", "protocol": "raft", "nodes": 5, "level": 2}
    return Shelf([PROTOCOL], [scenario], [lesson], [challenge])


def contents() -> tuple[FakeLobby, Shelf]:
    """Two rooms that are there from the start, so that a test needs no form."""
    lobby = FakeLobby()
    lobby.open(maker=None)
    lobby.open(maker=None)
    return lobby, shelf()
