"""Programs in rooms: what a call says goes the way of what a socket says, and is held to the same.

    calls.act(caller, room, said)   a frame, as the sockets take it: read by `wire`, done by the room, answered when it is saved
    calls.ask(caller, room, tell)   looks at a room; what was seen is told when it is saved

A call ends at once, but whoever calls is somebody for a while: the holder of a token, or one address without one. Who acts
takes a seat in the room, as a socket that has joined it: people see him there, he has the role that his token has, and the
measures of a viewer. He keeps it until he has not been heard of for `QUIET_S`. Who only looks is in no room, and has a measure
of his own.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from server.rooms import Room, frames
from server.simulation.texts import N_, Refused

from . import wire
from .config import Limits
from .guards.bucket import Bucket
from .keeper import SETTLE_S
from .repeats import Repeats
from .sockets import ASKS, Shell, Viewer
from .waiting import Due, Waits

T = TypeVar("T")

QUIET_S = 30.0
"""Of somebody who calls and has not been heard of for so long the seats are free."""
SEATS_MAX = 12
"""Rooms that one caller acts in; in the next one he takes the seat of the room in which he was heard of longest ago."""
NO_ROOM = N_("There is no room {room}. It may have been closed.")


@dataclass
class Seat:
    """A caller's place in one room. `waits` are his calls that have no reply yet, by the number of their frame."""

    viewer: Viewer
    waits: dict[int, Reply] = field(default_factory=dict)

    def hear(self, payload: dict[str, Any]) -> None:
        """The room says something to this viewer."""
        reply = self.waits.pop(payload.get("id", -1), None) if payload.get("type") == "reply" else None
        if reply is not None:
            reply.payload = payload
            reply.there.set()


class Reply:
    """What a room answers to one frame, once that is saved."""

    def __init__(self) -> None:
        self.there = threading.Event()
        self.payload: dict[str, Any] = {}

    def answer(self) -> dict[str, Any]:
        """What it says. Raises Refused where that is a refusal."""
        told = {key: value for key, value in self.payload.items() if key not in ("type", "id", "ok")}
        if not self.payload["ok"]:
            raise Refused(told["code"], told["text"], **told["args"])
        return told


@dataclass
class Caller:
    """Somebody who calls: his measures are those of a socket and of a viewer."""

    token: str | None
    address: str
    limits: Limits
    frames: Bucket
    asks: Bucket
    seen: float
    seats: dict[str, Seat] = field(default_factory=dict)
    """By room, the one in which he was heard of last at the end."""

    @property
    def key(self) -> tuple[bool, str]:
        """What he is known by."""
        return (self.token is not None, self.token or self.address)

    def take(self, *, asks: bool) -> None:
        """One call more. Raises Refused where he calls too often."""
        bucket, most = self.frames, self.limits.frames_per_second
        if asks:
            bucket, most = self.asks, self.limits.asks_per_second
        if not bucket.take():
            raise Refused("too_fast", N_("Too many requests at once: at most {most} a second."), most=int(most))


def _waited(reply: Reply) -> dict[str, Any]:
    """What a reply says once it is there. Raises Refused, also where it takes too long."""
    if not reply.there.wait(SETTLE_S):
        raise Refused(
            "not_saved",
            N_("This waits to be saved, and nobody is shown it before: look at the room before you repeat it."),
        )
    return reply.answer()


class Calls:
    """All who call."""

    def __init__(self, shell: Shell, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._shell = shell
        self._limits = limits
        self._clock = clock
        self._callers: dict[tuple[bool, str], Caller] = {}
        self._at: Counter[str] = Counter()
        """How many there are by address, so that new cookies are no new measures without an end."""
        self._numbers = itertools.count(1)
        self.waits = Waits(limits, shell.lock)
        self.repeats: Repeats[Reply] = Repeats()
        shell.moved = self.waits.moved
        shell.chores.append(self.sweep)

    def __len__(self) -> int:
        return len(self._callers)

    def caller(self, token: str | None, address: str | None) -> Caller:
        """Who calls with this token, or from this address without one. Raises Refused where there are too many."""
        address, limits = address or "", self._limits
        key = (token is not None, token or address)
        with self._shell.lock:
            found = self._callers.get(key)
            if found is None:
                if len(self._callers) >= limits.callers or self._at[address] >= limits.callers_per_address:
                    raise Refused(
                        "too_many_callers", N_("Too many programs call at this moment: try again in a minute.")
                    )
                found = self._callers[key] = Caller(
                    token, address, limits, Bucket(limits.frames_per_second, limits.frames_burst, self._clock),
                    Bucket(limits.asks_per_second, limits.asks_burst, self._clock), self._clock(),
                )  # fmt: skip
                self._at[address] += 1
            found.seen = self._clock()
            return found

    def act(self, caller: Caller, name: str, said: Any, key: str | None = None) -> dict[str, Any]:
        """A caller says something to a room; what it answers. Waits until that is saved; raises Refused. What he has said
        under the same `key` before is not done again.
        """
        caller.take(asks=False)
        number = next(self._numbers)
        frame = wire.read_call(said, number)
        self._shell.find(name)
        if key is not None and not isinstance(frame, ASKS):  # these change nothing
            return self._act_once(caller, name, said, key, frame)
        with self._shell.lock:
            seat, reply = self._say(caller, name, frame)
        try:
            return _waited(reply)
        finally:
            seat.waits.pop(number, None)

    def _act_once(self, caller: Caller, name: str, said: Any, key: str, frame: frames.Frame) -> dict[str, Any]:
        with self._shell.lock:
            reply = self.repeats.find(name, caller.key, key, said)
            if reply is None:
                _, reply = self._say(caller, name, frame)
                self.repeats.keep(name, caller.key, key, said, reply)
        try:
            return _waited(reply)
        finally:
            if reply.there.is_set() and not reply.payload["ok"]:
                with self._shell.lock:
                    self.repeats.forget(name, caller.key, key)

    def _say(self, caller: Caller, name: str, frame: frames.Frame) -> tuple[Seat, Reply]:
        """Has a caller say something, with the lock. Raises Refused."""
        seat, reply = self._seat(caller, name), Reply()
        seat.waits[frame.id] = reply
        try:
            self._shell.hear(seat.viewer, frame)
        except BaseException:
            seat.waits.pop(frame.id, None)
            raise
        return seat, reply

    def ask(self, caller: Caller, name: str, tell: Callable[[Room], T]) -> T:
        """What `tell` says of a room. Waits until what it is about is saved; raises Refused."""
        caller.take(asks=True)
        return self._told(name, tell)

    def await_news(self, caller: Caller, name: str, tell: Callable[[Room], T], due: Due, seconds: float) -> T:
        """As `ask`, once the room is `due`, or after so many seconds. Raises Refused also where too many wait."""
        if not self.ask(caller, name, due) and seconds:
            until = self._clock() + seconds
            with self.waits.one(caller.key, caller.address, name, due) as waiting:
                there = self._told(name, due)  # it may have come before he stood in the line
                while not there and (left := until - self._clock()) > 0:
                    waiting.there.wait(left)
                    waiting.there.clear()
                    there = self._told(name, due)
        return self._told(name, tell)

    def _told(self, name: str, tell: Callable[[Room], T]) -> T:
        room = self._shell.find(name)
        if not isinstance(room, Room):
            raise Refused("unknown_room", NO_ROOM, room=wire.clean_name(name))
        saved = threading.Event()
        with self._shell.lock:
            self._shell.require_told(name)
            found = tell(room)
            self._shell.after(name, saved.set)
        if not saved.wait(SETTLE_S):
            raise Refused("not_saved", N_("The database does not answer: try again in a moment."))
        return found

    def _seat(self, caller: Caller, name: str) -> Seat:
        """The caller's place in a room, taken now where he has none. Raises Refused."""
        seat = caller.seats.pop(name, None)
        if seat is not None and seat.viewer.room != name:  # the room was closed meanwhile
            self._shell.unseat(seat.viewer)
            seat = None
        if seat is None:
            if len(caller.seats) >= SEATS_MAX:
                self._shell.unseat(caller.seats.pop(next(iter(caller.seats))).viewer)
            seat = Seat(Viewer("c" + secrets.token_urlsafe(6), "", "", caller.token))
            seat.viewer.hears = seat.hear
            self._shell.seat(seat.viewer, name)
        caller.seats[name] = seat
        return seat

    def sweep(self) -> None:
        """Frees the seats of those who have not been heard of for long."""
        self.waits.look(self._shell.lobby.rooms)
        latest = self._clock() - QUIET_S
        with self._shell.lock:
            self.repeats.tidy(self._shell.lobby.rooms)
            for key in [key for key, caller in self._callers.items() if caller.seen < latest]:
                caller = self._callers.pop(key)
                self._at[caller.address] -= 1
                if self._at[caller.address] <= 0:
                    del self._at[caller.address]
                for seat in caller.seats.values():
                    self._shell.unseat(seat.viewer)
