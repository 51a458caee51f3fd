"""One browser's session, with a bounded queue out and no way to hurt others in.

Measured against the stock class (python-engineio 4.15.1):

- the queue of a client is unbounded; one that reads 2 KB every 5 s and answers pings is never dropped: +34 MB in 100
  s. Here 256 frames or 1 MiB may wait, then the line is cut as slow; the browser comes back and says what it saw
  last, and the room fills the gap. The kernel's buffer is bounded too, since what waits there is just as late.
- a frame that begins with a byte that is no digit raises outside of every handler, and its socket leaks for over 60
  s. Here whatever goes wrong while reading ends in the same place, which closes at once.
- each frame wakes the client's writer, arms a timer and switches twice: 45 to 70 us a client. Here a frame is packed once
  for all, and goes out at once where nothing waits before it; the writer is woken for the others alone: 15 us.
- each client keeps a thread that sleeps until its next ping, and for ten seconds after it has gone: 20 KB a connection.
  Here one round looks after all of them (`Engine._service_task`).
- `close()` waits until the queue has been read, so that closing a stuck client blocks the one who closes. Here it never
  waits; a client that does not take its goodbye within GOODBYE_S is cut off.
"""

from __future__ import annotations

import contextlib
import logging
import socket as sockets
import time
from typing import TYPE_CHECKING, Any

import engineio.socket
from engineio import packet as packets

from server.simulation.texts import N_

from .. import strictjson
from .bucket import Bucket

if TYPE_CHECKING:
    from .engine import Guard

log = logging.getLogger(__name__)

GOODBYE_S = 1.0
SLOW = "slow"


class Violation(Exception):
    """The client does not speak the protocol."""


class Rest:
    """What is left of a frame that did not go out whole."""

    def __init__(self, frame: bytes) -> None:
        self.frame = frame


class Line(engineio.socket.Socket):
    """An Engine.IO session over WebSocket alone."""

    guard: Guard
    last_ping: float | None  # when it was asked whether it is there, and has not answered since

    def __init__(self, server: Any, sid: str) -> None:
        super().__init__(server, sid)
        self.guard = server.guard
        self.waiting_frames = 0
        self.waiting_bytes = 0
        self.greeted = False  # has it sent its one CONNECT?
        self._ws: Any = None
        self.schedule_ping()

    # ---- pings -----------------------------------------------------------------------------------------------------

    def schedule_ping(self) -> None:
        """The client has answered, or has just come: it is asked again after the interval."""
        self.last_ping = None
        self._ping_due = time.monotonic() + self.server.ping_interval

    def look_after(self, now: float) -> None:
        """Asks the client whether it is there, if that is due at `now`; closes where it has not answered in time."""
        if self.closed or self.closing:
            return
        if self.last_ping is not None:
            self.check_ping_timeout()
        elif now >= self._ping_due:
            self.last_ping = time.time()
            self.send(packets.Packet(packets.PING))

    # ---- out -------------------------------------------------------------------------------------------------------

    def send(self, pkt: Any) -> None:
        """Queues a packet, or cuts the line where too much waits already."""
        if not self.check_ping_timeout():
            return
        size = len(pkt.encode())
        if self.waiting_frames == 0 and self._ws is not None:
            rest = self._push(pkt)
            if rest is None:
                return
            pkt, size = rest, len(rest.frame)
        limits = self.guard.limits
        # One large frame (the welcome of a long run) may be larger than the limit, if nothing waits before it.
        too_much = self.waiting_frames >= limits.queue_frames or (
            self.waiting_bytes > 0 and self.waiting_bytes + size > limits.queue_bytes
        )
        if too_much:
            self.guard.slow += 1
            log.info("a slow client was dropped with %d frames waiting", self.waiting_frames)
            self.close(abort=True, reason=SLOW)
            self.cut()
            return
        self.waiting_frames += 1
        self.waiting_bytes += size
        self.queue.put(pkt)

    def _push(self, pkt: Any) -> Rest | None:
        """Sends what goes without waiting; returns what does not. A broken socket is left to the reader to find."""
        frame = self._frame(pkt)
        try:
            sent = self._ws.push(frame)
        except OSError:
            return None
        return Rest(frame[sent:]) if sent < len(frame) else None

    def _frame(self, pkt: Any) -> bytes:
        """The packet as a frame, made once for all whom it is sent to."""
        if isinstance(pkt, Rest):
            return pkt.frame
        frame: bytes | None = getattr(pkt, "frame", None)
        if frame is None:
            frame = pkt.frame = self._ws.pack(pkt.encode())
        return frame

    def farewell(self, code: str, text: str, final: bool = False, **args: Any) -> None:
        """Tells the browser why, and closes. `final`: it need not come back by itself."""
        if self.closed or self.closing:
            return
        frame = {"type": "goodbye", "code": code, "text": text, "args": args, "final": final}
        self.send(packets.Packet(packets.MESSAGE, f'2["frame",{strictjson.dumps(frame)}]'))
        self.close()

    def close(self, wait: bool = False, abort: bool = False, reason: str | None = None) -> None:
        """Closes without ever waiting for the client, whatever `wait` says; unless `abort`, what is queued is sent."""
        if self.closed or self.closing:
            return
        super().close(wait=False, abort=abort, reason=reason)
        if reason == self.server.reason.PING_TIMEOUT:
            self.cut()
        elif not abort:
            self.server.start_background_task(self._cut_later)

    def cut(self) -> None:
        """Ends the connection, also under a writer that is stuck in it."""
        if self._ws is not None:
            with contextlib.suppress(OSError):  # gone already
                self._ws.socket.shutdown(sockets.SHUT_RDWR)

    def _cut_later(self) -> None:
        self.server.sleep(GOODBYE_S)
        self.cut()

    def _write(self) -> None:
        """Sends what is queued until the line is closed. It may wait for long: most frames do not pass through here."""
        try:
            while (pkt := self.queue.get()) is not None:
                self._ws.send_frame(self._frame(pkt))
                self.waiting_frames -= 1
                self.waiting_bytes -= len(pkt.frame if isinstance(pkt, Rest) else pkt.encode())
        except Exception as error:  # noqa: BLE001 - whatever broke, the line is at its end
            log.debug("a line could not be written to: %r", error)
        finally:
            self._ws.close()

    # ---- in --------------------------------------------------------------------------------------------------------

    def _websocket_handler(self, ws: Any) -> list[Any]:
        """The life of the connection; the caller is the thread that reads."""
        self._ws = ws
        self._prepare(ws)
        self.connected = self.upgraded = True
        writer = self.server.start_background_task(self._write)
        try:
            self._read(ws)
        except Violation as error:
            log.info("a line was closed: %s", error)
        except Exception as error:  # noqa: BLE001 - a broken socket, a bad frame: the same end for all
            log.debug("a line could not be read: %r", error)
        if not self.closed:
            self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            self.cut()
        writer.join()
        return []

    def _prepare(self, ws: Any) -> None:
        limits, server = self.guard.limits, self.server
        ws.socket.settimeout(server.ping_interval + server.ping_timeout)
        ws.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, limits.send_buffer_bytes)
        # A reply and the update after it are two small frames; without this the second waits 40 ms for the first one's ACK.
        ws.socket.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        ws.watch(
            limits.message_bytes,
            Bucket(limits.frames_per_second, limits.frames_burst),
            flooded=self._flooded,
            rest=lambda: server.sleep(0),
        )

    def _flooded(self) -> None:
        log.info("a line was closed: too many frames")
        self.farewell("too_fast", N_("This page sent too many messages; it was disconnected."))

    def _read(self, ws: Any) -> None:
        while not self.closed:
            text = ws.wait()
            if text is None:
                return
            if not isinstance(text, str) or not text:
                raise Violation("an empty or binary message")
            kind, rest = text[0], text[1:]
            if kind == "4":
                self.server._trigger_event("message", self.sid, rest, run_async=False)
            elif kind == "3":
                self.schedule_ping()
            elif kind == "1":
                self.close(abort=True, reason=self.server.reason.CLIENT_DISCONNECT)
                self.cut()
            else:
                raise Violation(f"a packet of kind {kind!r}")
