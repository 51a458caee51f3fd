"""Frames from strangers, read with limits.

Measured against the stock class (eventlet 0.41.3):

- one client that sends frames of 1 MB freezes every room: 58.8 s. It unmasks byte by byte in Python, and a `recv`
  that finds data never lets anyone else run. Here whole words are unmasked at once, and every 16th frame lets the
  others run.
- 100,000 tiny events take 7.5 s of everybody's time. Here a bucket counts frames of every kind, pings and empty
  fragments too.
- its limit is for one frame: 200 fragments of one message cost 180 MB. Here the fragments are counted together.
- binary messages (200 attachments cost the same 180 MB) are nothing that the page sends, and are refused.
- the drafts of the protocol from before RFC 6455 are read without any limit at all: see `engine.py`, which refuses
  them.
"""

from __future__ import annotations

import socket as sockets
import sys
from collections.abc import Callable
from typing import Any

from .bucket import Bucket

FRAMES_PER_TURN = 16
_CHUNK_BYTES = 16 * 1024
_TEXT, _BINARY = 1, 2
_CONTROL = 8  # and above: close, ping, pong
_KNOWN = (0, _TEXT, _BINARY, 8, 9, 10)
_FINAL = _MASKED = 0x80
_RESERVED = 0x70
_LENGTH_IN_2, _LENGTH_IN_8 = 126, 127
_CONTROL_BYTES_MAX = 125
CLOSE_PROTOCOL, CLOSE_UNSUPPORTED, CLOSE_ENCODING, CLOSE_TOO_BIG = 1002, 1003, 1007, 1009


def unmask(data: bytes, mask: bytes) -> bytes:
    """`data` xor the repeated `mask` (RFC 6455, 5.3): 16 KB in 10 us, byte by byte it is 3 ms."""
    length = len(data)
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(data, "little") ^ int.from_bytes(key, "little")).to_bytes(length, "little")


def guarded_websocket(base: Any) -> Any:
    """A subclass of the server's RFC 6455 class that reads frames with limits."""
    module = sys.modules[base.__module__]
    errors = {"failed": module.FailedConnectionError, "gone": module.ConnectionClosedError}
    message = type("GuardedMessage", (WholeMessage, base.Message), errors)
    return type("GuardedWebSocket", (GuardedReading, base), {**errors, "Message": message})


class WholeMessage:
    """One message, perhaps in fragments; mixed into the server's own class."""

    failed: Any
    size = 0

    def getvalue(self) -> Any:
        """The whole text. Fails the connection where it is no UTF-8."""
        try:
            return super().getvalue()  # type: ignore[misc]
        except UnicodeDecodeError:
            raise self.failed(CLOSE_ENCODING, "A text must be UTF-8.") from None


class GuardedReading:
    """Mixed into the server's own class. Call `watch` before the first `wait`.

    `failed(status, text)` closes the connection and says why, `gone()` ends reading without a word.
    """

    failed: Any
    gone: Any
    Message: Any
    UTF8Decoder: Any
    socket: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._inbox = bytearray()
        self._frames = 0

    def watch(self, message_bytes: int, bucket: Bucket, flooded: Callable[[], None], rest: Callable[[], None]) -> None:
        """`flooded` is called once when the bucket is empty; `rest` lets the others run."""
        self._message_bytes, self._bucket, self._flooded, self._rest = message_bytes, bucket, flooded, rest

    def close(self, close_data: Any = None) -> None:
        """Closes, and takes a socket that is gone already for closed (the stock class writes that to the log)."""
        try:
            self._send_closing_frame(close_data=close_data, ignore_send_errors=True)  # type: ignore[attr-defined]
            self.socket.shutdown(sockets.SHUT_WR)
        except OSError:
            pass
        finally:
            self.socket.close()

    def pack(self, text: str) -> bytes:
        """A text as a frame, the same for every client: a server masks nothing, and nothing is compressed."""
        frame: bytes = self._pack_message(text)  # type: ignore[attr-defined]
        return frame

    def push(self, frame: bytes) -> int:
        """Sends as much of a frame as goes without waiting, and says how much. Raises OSError on a broken socket."""
        if self._sendlock.locked():  # type: ignore[attr-defined]
            return 0
        try:
            sent: int = self.socket.fd.send(frame)
        except BlockingIOError:
            return 0
        return sent

    def send_frame(self, frame: bytes) -> None:
        """Sends a frame, or the rest of one, and waits as long as that takes. Raises OSError."""
        self._send(frame)  # type: ignore[attr-defined]

    def _get_bytes(self, numbytes: int) -> bytes:
        inbox = self._inbox
        while len(inbox) < numbytes:
            data = self.socket.recv(_CHUNK_BYTES)
            if not data:
                raise self.gone()
            inbox += data
        taken = bytes(inbox[:numbytes])
        del inbox[:numbytes]
        return taken

    def _recv_frame(self, message: Any = None) -> Any:
        """One frame; `message` is the one that is being continued. RFC 6455, section 5.2."""
        first, second = self._get_bytes(2)
        self._count()
        opcode, length = first & 15, second & 127
        problem = _problem(first, second, opcode, bool(message))
        if problem:
            raise self.failed(CLOSE_PROTOCOL, problem)
        if opcode == _BINARY:
            raise self.failed(CLOSE_UNSUPPORTED, "Binary messages are not taken.")
        if length == _LENGTH_IN_2:
            length = int.from_bytes(self._get_bytes(2), "big")
        elif length == _LENGTH_IN_8:
            length = int.from_bytes(self._get_bytes(8), "big")
        if not message or opcode >= _CONTROL:
            message = self.Message(opcode, self._message_bytes, self.UTF8Decoder() if opcode == _TEXT else None)
        message.size += length
        if message.size > self._message_bytes:
            raise self.failed(CLOSE_TOO_BIG, f"A message has at most {self._message_bytes} bytes.")
        mask = self._get_bytes(4)
        message.push(unmask(self._get_bytes(length), mask), final=first >= _FINAL)
        return message

    def _count(self) -> None:
        self._frames += 1
        if self._frames % FRAMES_PER_TURN == 0:
            self._rest()
        if not self._bucket.take():
            self._flooded()
            # Not `failed`: that would close the socket before the goodbye has left.
            raise self.gone()


def _problem(first: int, second: int, opcode: int, continued: bool) -> str | None:
    """What the first two bytes of a frame do against the standard."""
    if first & _RESERVED:
        return "No extension was agreed on."
    if opcode not in _KNOWN:
        return "There is no such opcode."
    if not second & _MASKED:
        return "A client must mask its frames."
    if opcode >= _CONTROL and (not first & _FINAL or second & 127 > _CONTROL_BYTES_MAX):
        return "A control frame is short and whole."
    if 0 < opcode < _CONTROL and continued:
        return "A message began within another one."
    if opcode == 0 and not continued:
        return "A message was continued that had not begun."
    return None
