"""Puts the guards under Flask-SocketIO.

What the page sends is one CONNECT to the one namespace, events named "frame", and a goodbye. Everything else that
python-socketio understands is refused before it is parsed, and the line closed:

- binary events: their attachments are collected without a limit;
- a second CONNECT, other namespaces, acknowledgements that nobody asked for: each raises in a place of its own;
- events named "connect" and "disconnect", which call the server's own handlers with the stranger's arguments.

Measured: a packet that can't be decoded is logged with its traceback, so that one client can fill the disk; and the
drafts of WebSocket from before RFC 6455 are accepted and read into a buffer without an end.
"""

from __future__ import annotations

import logging
import re
import time
from typing import Any

import engineio
import socketio.packet
from engineio import packet as packets

from ..config import Limits
from .door import Door
from .line import Line

log = logging.getLogger(__name__)

_CONNECT = re.compile(r"0(\{.*\})?", re.DOTALL)
_DISCONNECT = re.compile(r"1")
_FRAME = re.compile(r'2\[\s*"frame"\s*,.*\]', re.DOTALL)


PING_ROUND_S = 0.5


class TextPacket(socketio.packet.Packet):
    """A packet without attachments; not looking for any in each welcome saves a walk in Python over the whole of it."""

    uses_binary_events = False


class Guard:
    """What all lines of a server share."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.door = Door(limits)
        self.slow = 0  # lines that were cut because they did not read


class Engine(engineio.Server):
    """An Engine.IO server whose sessions are guarded lines."""

    guard: Guard
    start_service_task: bool

    def _handle_connect(self, environ: dict[str, Any], start_response: Any, *_transport: Any) -> Any:
        """Opens a session, if the door lets it in, and stays with it until it ends."""
        if self.start_service_task:
            self.start_service_task = False
            self.service_task_handle = self.start_background_task(self._service_task)
        sid = self.generate_id()
        if not self.guard.door.enter(sid, environ.get("REMOTE_ADDR", "")):
            return {"status": "503 SERVICE UNAVAILABLE", "response": b"Too many connections.",
                    "headers": [("Content-Type", "text/plain"), ("Retry-After", "2")]}  # fmt: skip
        line = self.sockets[sid] = Line(self, sid)
        try:
            if wait := self.guard.door.turn():
                self.sleep(wait)
            line.send(packets.Packet(packets.OPEN, self._opening(sid)))
            if self._trigger_event("connect", sid, environ, run_async=False) not in (None, True):
                return self._unauthorized()
            return line._upgrade_websocket(environ, start_response)
        finally:
            line.close(abort=True)  # a request that is no handshake after all never becomes a connection
            self.guard.door.leave(sid)
            self.sockets.pop(sid, None)

    def _service_task(self) -> None:
        every = min(PING_ROUND_S, self.ping_interval / 4, self.ping_timeout / 4)
        self.service_task_event = self.create_event()
        while not self.service_task_event.is_set():
            now = time.monotonic()
            for line in list(self.sockets.values()):
                try:
                    line.look_after(now)
                except Exception:
                    log.exception("a line could not be looked after")
            self.sleep(every)

    def _opening(self, sid: str) -> dict[str, Any]:
        return {
            "sid": sid,
            "upgrades": [],
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval * 1000),
            "maxPayload": self.guard.limits.message_bytes,
        }


def install(server: Any, limits: Limits) -> Guard:
    """Guards a python-socketio server, before it serves. Returns what its lines share."""
    guard = Guard(limits)
    eio = server.eio
    # Flask-SocketIO makes its server itself and takes no class for it.
    eio.__class__ = Engine
    eio.guard = guard
    if eio._async["websocket"] is not None:
        eio._async = {**eio._async, "websocket": _modern_only(eio._async["websocket"])}

    def message(eio_sid: str, data: str) -> None:
        line = eio.sockets.get(eio_sid)
        try:
            if line is not None and not _expected(data, line):
                raise ValueError("a packet that the page never sends")
            server._handle_eio_message(eio_sid, data)
        except Exception as error:  # noqa: BLE001 - the handlers raise nothing, so this is what the stranger sent
            log.info("a line was closed: %s", str(error)[:200])
            if line is not None:
                line.close(abort=True)
                line.cut()

    eio.on("message", message)
    return guard


def _expected(data: str, line: Line) -> bool:
    if _CONNECT.fullmatch(data) and not line.greeted:
        line.greeted = True
        return True
    return bool(line.greeted and (_FRAME.fullmatch(data) or _DISCONNECT.fullmatch(data)))


def _modern_only(base: Any) -> Any:
    class ModernOnly(base):
        """Takes RFC 6455 alone."""

        def __init__(self, handler: Any, server: Any) -> None:
            super().__init__(handler, server)
            self.support_legacy_versions = False

    return ModernOnly
