"""The shell around the rooms: sockets on one side, rooms on the other.

A room is a pure state machine; the shell gives it frames and wall time and carries what it says to the sockets. It
knows viewers by names of its own making. One lock orders everything that happens to rooms, so that what a viewer is
told comes in the order in which it happened (python-socketio's `async_handlers=True` starts one thread for each
event, in no order).

A room that raises is stopped, says so, and leaves the others alone.

With a keeper nothing of a room goes out before it is saved (`keeper.py`); without one (in tests) it goes out at once.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from server.rooms import frames
from server.simulation.texts import N_, Refused

from . import wire
from .guards.engine import Guard
from .health import LoopDelay
from .keeper import Keeper
from .waking import Waking

log = logging.getLogger(__name__)

EVERYBODY = "*"
ASKS = (frames.Events, frames.WorldAt, frames.LogSpan, frames.Tape, frames.GiveRecording)
"""What changes nothing: it is answered also while nothing can be saved, if the room is saved as it is."""
Sent = Iterable[tuple[str, dict[str, Any]]]  # to whom (a viewer or EVERYBODY), what


class Room(Protocol):
    """What the shell asks of a room."""

    name: str

    def join(self, viewer: str, token: str | None, name: str | None, last: frames.Last | None) -> dict[str, Any]:
        """Lets a viewer in (again); returns what belongs into the reply. Raises Refused."""

    def leave(self, viewer: str) -> None:
        """The viewer is gone."""

    def receive(self, viewer: str, frame: frames.Frame) -> Sent:
        """Does what a viewer says; returns what to send, the reply among it. Raises Refused."""

    def tick(self, elapsed_us: int, budget: Callable[[], bool]) -> Sent:
        """Lets wall time pass; `budget()` is False when the room should come to an end with this tick."""

    def stop(self, text: str) -> None:
        """Something broke: the room stands still from now on, and says so with its next tick."""


class Lobby(Protocol):
    """What the shell asks of the lobby."""

    @property
    def rooms(self) -> Mapping[str, Any]:
        """The rooms that are open, by name."""

    @property
    def open(self) -> Callable[..., Any]:
        """Opens a room for an order (`wire.RoomOrder`) and its maker's token. Raises Refused."""

    @property
    def open_ensemble(self) -> Callable[..., Any]:
        """Opens rooms that are watched side by side. Raises Refused."""

    @property
    def open_found(self) -> Callable[..., Any]:
        """Opens a room for a run that a search has found. Raises Refused."""

    @property
    def plant(self) -> Callable[..., Any]:
        """Opens a room for a tree, which has still to grow there. Raises Refused."""

    def close(self, name: str) -> None:
        """Forgets a room."""

    def sweep(self, elapsed_us: int) -> Any:
        """Closes what nobody uses."""


@dataclass(slots=True)
class Viewer:
    """One socket. `sid` is Socket.IO's name for it, `line` Engine.IO's; neither is told to anyone. Of somebody who calls
    (`calls.py`) both are empty.
    """

    id: str
    sid: str
    line: str
    token: str | None
    room: str | None = None
    hears: Callable[[dict[str, Any]], None] | None = None
    """Where it is no socket: takes what is said to it alone."""


class Shell:
    """Everything that happens between the sockets and the rooms of one server."""

    def __init__(self, server: Any, lobby: Lobby, guard: Guard, keeper: Keeper | None = None) -> None:
        self._server = server  # python-socketio's
        self.lobby = lobby
        self.guard = guard
        self.delay = LoopDelay()
        self.lock = threading.RLock()
        self.keeper = keeper
        self._waking: Waking | None = None
        if keeper is not None:
            keeper.lock, keeper.announce, keeper.dismiss = self.lock, self._tell_saving, self._close_broken
            self._waking = Waking(keeper, lobby, server.sleep)
        self._viewers: dict[str, Viewer] = {}  # by sid
        self._by_id: dict[str, Viewer] = {}  # and those who call
        self.chores: list[Callable[[], None]] = []
        """What else is to be done now and then."""
        self.moved: Callable[[str, Any], None] = lambda _name, _room: None
        """Is told of a room to which something may have happened."""
        server.on("frame", self.on_frame)
        server.on("disconnect", self.on_disconnect)

    def viewers(self) -> int:
        """How many are in a room."""
        return sum(1 for viewer in self._viewers.values() if viewer.room is not None)

    def connected(self, sid: str, token: str | None) -> None:
        """A socket has said hello; `token` is its holder's."""
        line = self._server.manager.eio_sid_from_sid(sid, "/") or ""
        with self.lock:
            viewer = Viewer("v" + secrets.token_urlsafe(6), sid, line, token)
            self._viewers[sid] = self._by_id[viewer.id] = viewer

    def on_disconnect(self, sid: str, *_reason: Any) -> None:
        """A socket is gone."""
        with self.lock:
            viewer = self._viewers.pop(sid, None)
            if viewer is not None:
                self._by_id.pop(viewer.id, None)
                self._leave(viewer)

    def on_frame(self, sid: str, value: Any = None, *_more: Any) -> None:
        """A socket has said something. Raises nothing, whatever it was."""
        viewer = self._viewers.get(sid)
        if viewer is None:
            return
        try:
            frame = wire.read_frame(value)
            if self._waking is not None and isinstance(frame, frames.Join):
                self._waking.wake(frame.room)  # without the lock: this may take a while
            with self.lock:
                if self._viewers.get(sid) is viewer:
                    self.hear(viewer, frame)
        except Refused as refused:
            self._refuse(viewer, value, refused)
        except Exception:
            log.exception("a frame could not be handled")
            self._refuse(viewer, value, Refused("broken", N_("Something went wrong in the server; it has been noted.")))

    def find(self, name: str) -> Any:
        """The room of that name, brought back if it must be; None where there is none. Waits; raises Refused."""
        if self._waking is not None:
            self._waking.wake(name)
        return self.lobby.rooms.get(name)

    def opened(self, *names: str) -> None:
        """Rooms were opened: returns when they are saved. Waits; raises Refused where that takes too long."""
        if self.keeper is not None:
            with self.lock:
                self.keeper.note_new()
            for name in names:
                self.keeper.settle(name)

    def require_saving(self) -> None:
        """Raises Refused where nothing new can be saved. Waits where the database is only being opened."""
        if self.keeper is not None:
            try:
                self.keeper.wait_until_open()
                self.keeper.require()
            except Refused:
                raise self.keeper.saving.unopened() from None

    def tick(self, name: str, elapsed_us: int, budget: Callable[[], bool]) -> bool:
        """Lets wall time pass in one room. False where that is being saved and may be asked again in a moment."""
        with self.lock:
            room = self.lobby.rooms.get(name)
            if room is None:
                return True
            if self.keeper is not None and self.keeper.holds(name):
                return self.keeper.saving.held
            self._guarded(room, lambda: self._carry(name, room.tick(elapsed_us, budget)))
            return True

    def sweep(self, elapsed_us: int) -> None:
        """Closes what nobody uses, and those who have not come in."""
        with self.lock:
            before = set(self.lobby.rooms)
            if self.keeper is None or not self.keeper.saving.held:  # what can't be saved now is in the memory alone
                self.lobby.sweep(elapsed_us)
            for name in before - set(self.lobby.rooms):
                self._dismiss(name)
            if self.keeper is not None:
                self.keeper.tidy()
        for chore in self.chores:
            chore()
        for line in self.guard.door.overdue():
            self.farewell(line, "late", N_("No room was joined in time."))

    def farewell(self, line: str, code: str, text: str, final: bool = False, **args: Any) -> None:
        """Tells one socket why, and closes it."""
        found = self._server.eio.sockets.get(line)
        if found is not None:
            found.farewell(code, text, final, **args)

    def lines(self) -> list[str]:
        """All sockets that are open."""
        return list(self._server.eio.sockets)

    # ---- with the lock, also for those who call --------------------------------------------------------------------

    def hear(self, viewer: Viewer, frame: frames.Frame) -> None:
        """Does what a viewer says; the reply goes to him when it is saved. Raises Refused."""
        if isinstance(frame, frames.Join):
            self._join(viewer, frame)
            return
        room = self.lobby.rooms.get(viewer.room) if viewer.room else None
        if room is None or viewer.room is None:
            raise Refused("not_joined", N_("Join a room first."))
        name = viewer.room
        if isinstance(frame, ASKS):
            self.require_told(name)
        elif self.keeper is not None:
            self.keeper.require(name)
        copies = isinstance(frame, frames.Copy | frames.Beside)
        if not self._guarded(room, lambda: self._carry(name, room.receive(viewer.id, frame), copies)):
            raise Refused("room_stopped", N_("The room has stopped because of an error in the server."))

    def require_told(self, name: str) -> None:
        """Raises Refused where a room can't even be looked at: it is not saved as it is, and can't be now."""
        if self.keeper is not None and not self.keeper.settled(name):
            self.keeper.require(name)

    def seat(self, viewer: Viewer, name: str) -> None:
        """Lets somebody into a room who calls. Raises Refused."""
        self._enter(viewer, name, None, None)
        self._by_id[viewer.id] = viewer

    def unseat(self, viewer: Viewer) -> None:
        """He has not been heard of for long."""
        self._by_id.pop(viewer.id, None)
        self._leave(viewer)

    def after(self, name: str, send: Callable[[], None]) -> None:
        """Sends what a room says when what it says is saved."""
        if self.keeper is None:
            send()
        else:
            self.keeper.after(name, send)

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _enter(self, viewer: Viewer, name: str, called: str | None, last: frames.Last | None) -> dict[str, Any]:
        """Lets a viewer into a room; what the room says to that. Raises Refused."""
        room = self.lobby.rooms.get(name)
        if room is None:
            raise Refused("unknown_room", N_("There is no room {room}. It may have been closed."), room=name)
        if self.keeper is not None:
            self.keeper.require(name)
        if viewer.room not in (None, name):
            self._leave(viewer)
        payload: dict[str, Any] = room.join(viewer.id, viewer.token, called, last)
        viewer.room = name
        self._note(room)
        return payload

    def _join(self, viewer: Viewer, frame: frames.Join) -> None:
        payload = self._enter(viewer, frame.room, frame.name, frame.last)
        self.guard.door.joined(viewer.line)

        def come_in() -> None:
            if self._viewers.get(viewer.sid) is not viewer or viewer.room != frame.room:
                return
            # The reply first, then the room: nothing that comes later can overtake what the viewer starts from.
            self._reply(viewer, frame.id, {"ok": True, **payload})
            self._server.enter_room(viewer.sid, _channel(frame.room), namespace="/")
            if self.keeper is not None and self.keeper.saving.text:
                self._send(viewer, self.keeper.saving.as_frame())

        self.after(frame.room, come_in)

    def _leave(self, viewer: Viewer) -> None:
        if viewer.room is None:
            return
        name, viewer.room = viewer.room, None
        if viewer.sid in self._viewers:
            self._server.leave_room(viewer.sid, _channel(name), namespace="/")
        room = self.lobby.rooms.get(name)
        if room is not None:
            self._guarded(room, lambda: room.leave(viewer.id))

    def _dismiss(self, name: str) -> None:
        for viewer in [viewer for viewer in self._by_id.values() if viewer.room == name]:
            viewer.room = None
            self.farewell(viewer.line, "room_closed", N_("This room was closed."), final=True)

    def _guarded(self, room: Room, act: Callable[[], None]) -> bool:
        """Does something with a room; where that breaks, the room is stopped and the others go on."""
        try:
            act()
        except Refused:
            raise
        except Exception as error:
            log.exception("room %s was stopped", room.name)
            try:
                room.stop(type(error).__name__)
            except Exception:
                log.exception("room %s could not even be stopped", room.name)
            return False
        return True

    def _note(self, room: Any, opens: bool = False) -> None:
        """What has changed in a room is to be saved; with `opens`, also the rooms that were opened."""
        if self.keeper is not None:
            self.keeper.note(room)
            if opens:
                self.keeper.note_new(room)

    def _carry(self, name: str, sent: Sent, opens: bool = False) -> None:
        if (room := self.lobby.rooms.get(name)) is not None:
            self._note(room, opens)
            self.moved(name, room)
        for target, payload in sent:
            self.after(name, lambda target=target, payload=payload: self._emit(name, target, payload))  # type: ignore[misc]

    def _emit(self, name: str, target: str, payload: dict[str, Any]) -> None:
        if target == EVERYBODY:
            self._server.emit("frame", payload, to=_channel(name), namespace="/")
        elif viewer := self._by_id.get(target):
            self._send(viewer, payload)

    def _send(self, viewer: Viewer, payload: dict[str, Any]) -> None:
        if viewer.hears is not None:
            viewer.hears(payload)
            return
        self._server.emit("frame", payload, to=viewer.sid, namespace="/")

    def _reply(self, viewer: Viewer, frame_id: int | None, payload: dict[str, Any]) -> None:
        self._send(viewer, {"type": "reply", "id": frame_id, **payload})

    def _refuse(self, viewer: Viewer, value: Any, refused: Refused) -> None:
        with self.lock:
            self._reply(viewer, wire.frame_id(value), refusal(refused))

    def _tell_saving(self) -> None:
        """Tells everybody whether what happens is saved; this is no update, for it is about no room's run."""
        assert self.keeper is not None
        for name in self.lobby.rooms:
            self._emit(name, EVERYBODY, self.keeper.saving.as_frame())

    def _close_broken(self, name: str) -> None:
        self.lobby.close(name)
        self._dismiss(name)


def _channel(name: str) -> str:
    """Socket.IO's name for the viewers of a room.

    Measured: Socket.IO has one space of names for rooms and clients, so whoever may choose the name of a room to join
    can choose another client's and read what is sent to it. These names begin as no client's does, and the room must
    exist.
    """
    return f"room {name}"


def refusal(refused: Refused) -> dict[str, Any]:
    """What a reply says about something that can't be done."""
    return {"ok": False, "code": refused.code, "text": refused.text, "args": refused.parameters}
