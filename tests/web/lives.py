"""A life of a server in this process: the shell, real rooms and a real database, with sockets that only listen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.rooms import Limits as RoomLimits
from server.rooms import Lobby
from server.storage import Store, Worker
from server.web.config import Limits
from server.web.guards.engine import Guard
from server.web.keeper import Keeper
from server.web.sockets import Shell

ALWAYS = lambda: True  # noqa: E731
TICK_US = 50_000


class Sockets:
    """As much of python-socketio's server as the shell uses; keeps what each socket was sent."""

    def __init__(self) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = {}
        self.rooms: dict[str, set[str]] = {}
        self.manager = self
        self.eio = self
        self.sockets: dict[str, Any] = {}

    def on(self, *_anything: Any) -> None: ...

    def sleep(self, seconds: float) -> None: ...

    def eio_sid_from_sid(self, sid: str, _namespace: str) -> str:
        return sid

    def enter_room(self, sid: str, room: str, namespace: str) -> None:
        self.rooms.setdefault(room, set()).add(sid)

    def leave_room(self, sid: str, room: str, namespace: str) -> None:
        self.rooms.get(room, set()).discard(sid)

    def emit(self, _event: str, payload: dict[str, Any], to: str, namespace: str) -> None:
        for sid in sorted(self.rooms.get(to, ())) if to.startswith("room ") else [to]:
            self.sent.setdefault(sid, []).append(payload)


class Server:
    """A life of a server. Its writer works when it is told to."""

    def __init__(self, path: Path, program: str = "program", **options: Any) -> None:
        self.clock = 0.0
        names = iter(f"{program}{time.monotonic_ns()}-{number}" for number in range(1000))
        self.lobby = Lobby(RoomLimits(), make_id=lambda: next(names))
        self.store = Store(f"sqlite:///{path}", **options)
        worker = Worker(self.store, lambda act: act())
        self.keeper = Keeper(
            worker, self.lobby, program, rooms_max=3, days_max=1, clock=lambda: self.clock, sleep=self._sleep
        )
        self.sockets = Sockets()
        self.shell = Shell(self.sockets, self.lobby, Guard(Limits()), self.keeper)
        self.keeper.open()
        self.ids = 0

    def _sleep(self, seconds: float) -> None:
        self.clock += max(seconds, 0.001)

    def room(self, **order: Any) -> str:
        room = self.lobby.open(**{"protocol": "raft", "seed": 3, "maker": "teacher", **order})
        self.keeper.note_new()
        self.keeper.save()
        return str(room.name)

    def join(self, sid: str, room: str, **more: Any) -> None:
        if sid not in self.shell._viewers:
            self.shell.connected(sid, sid)
        self.say(sid, "join", room=room, **more)

    def say(self, sid: str, type: str, **frame: Any) -> int:
        self.ids += 1
        self.shell.on_frame(sid, {"type": type, "id": self.ids, **frame})
        return self.ids

    def crash(self, sid: str, node: str = "n1") -> int:
        return self.say(sid, "command", command={"type": "crash", "node": node}, at=None)

    def tick(self, room: str) -> None:
        self.shell.tick(room, TICK_US, ALWAYS)

    def heard(self, sid: str) -> list[dict[str, Any]]:
        """What a socket was sent since it was asked last."""
        return self.sockets.sent.pop(sid, [])

    def killed(self) -> None:
        """As if by SIGKILL: what was not saved is gone."""
        self.store.close()


Start = Callable[..., Server]


def kinds(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["type"] for frame in frames]
