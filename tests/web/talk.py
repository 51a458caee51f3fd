"""A WebSocket client that can misbehave: every byte of every frame is the test's own."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import time
from typing import Any
from urllib.parse import urlsplit

PATH = "/socket.io/?EIO=4&transport=websocket"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Closed(Exception):
    """The server has closed the connection; the close code, if it said one."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class RefusedByServer(Exception):
    """The handshake was answered by something else than 101."""

    def __init__(self, status: int, head: str) -> None:
        super().__init__(status)
        self.status, self.head = status, head


def mask(payload: bytes, key: bytes) -> bytes:
    return bytes(byte ^ key[i % 4] for i, byte in enumerate(payload)) if key != bytes(4) else payload


def frame(
    opcode: int, payload: bytes = b"", final: bool = True, key: bytes = b"\1\2\3\4", first: int | None = None
) -> bytes:
    head = bytes([(0x80 if final else 0) | opcode if first is None else first])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 65536:
        head += struct.pack("!BH", 0x80 | 126, len(payload))
    else:
        head += struct.pack("!BQ", 0x80 | 127, len(payload))
    return head + key + mask(payload, key)


class Talk:
    """One WebSocket. `hello` = also speak Engine.IO's and Socket.IO's opening."""

    def __init__(
        self,
        url: str,
        hello: bool = True,
        headers: dict[str, str] | None = None,
        receive_buffer: int = 0,
        timeout: float = 5,
    ) -> None:
        parts = urlsplit(url)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((parts.hostname or "", parts.port or 80))
        self._inbox = b""
        self.head = self._handshake(parts.netloc, headers or {})
        self.counter = 0
        self.pings = 0
        self.sid = ""
        if hello:
            self.opening = self.receive_text()
            self.send_text("40")
            self.sid = json.loads(self.receive_text()[2:])["sid"]

    def _handshake(self, host: str, headers: dict[str, str]) -> str:
        lines = {
            "Host": host,
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **headers,
        }
        request = f"GET {PATH} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
        self.socket.sendall(request.encode())
        while b"\r\n\r\n" not in self._inbox:
            data = self.socket.recv(65536)
            if not data:
                break
            self._inbox += data
        head, _, self._inbox = self._inbox.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1]) if head else 0
        if status != 101:
            self.socket.close()
            raise RefusedByServer(status, head.decode())
        return head.decode()

    # ---- frames ----------------------------------------------------------------------------------------------------

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_text(self, text: str) -> None:
        self.send_raw(frame(TEXT, text.encode()))

    def _take(self, count: int) -> bytes:
        while len(self._inbox) < count:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                raise Closed(None)
            self._inbox += data
        taken, self._inbox = self._inbox[:count], self._inbox[count:]
        return taken

    def receive_frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        length = second & 127
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        return first & 15, self._take(length)

    def receive_text(self) -> str:
        """The next text; answers the pings of Engine.IO by itself. Raises Closed, TimeoutError."""
        while True:
            opcode, payload = self.receive_frame()
            if opcode == CLOSE:
                raise Closed(struct.unpack("!H", payload[:2])[0] if len(payload) > 1 else None)
            if opcode == TEXT:
                text = payload.decode()
                if text == "2":
                    self.pings += 1
                    self.send_text("3")
                elif text != "1":
                    return text

    # ---- the page's frames -----------------------------------------------------------------------------------------

    def send(self, type_: str, **fields: Any) -> int:
        self.counter += 1
        self.send_text("42" + json.dumps(["frame", {"type": type_, "id": self.counter, **fields}]))
        return self.counter

    def receive(self) -> dict[str, Any]:
        text = self.receive_text()
        assert text.startswith("42"), text

        def strict(constant: str) -> None:
            raise AssertionError(f"{constant} is no JSON")

        name, value = json.loads(text[2:], parse_constant=strict)
        assert name == "frame"
        return dict(value)

    def until(self, type_: str) -> dict[str, Any]:
        """The next frame of a type."""
        while True:
            found = self.receive()
            if found["type"] == type_:
                return found

    def ask(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Sends a frame and returns its reply."""
        number = self.send(type_, **fields)
        while True:
            found = self.until("reply")
            if found["id"] == number:
                return found

    def join(self, room: str = "room1", **fields: Any) -> dict[str, Any]:
        return self.ask("join", room=room, **fields)

    def closing(self, within: float) -> int | None:
        """Reads until the server closes; returns the close code. Raises TimeoutError."""
        until = time.monotonic() + within
        try:
            while True:
                self.socket.settimeout(max(0.001, until - time.monotonic()))
                self.receive_text()
        except Closed as closed:
            return closed.code
        except (BrokenPipeError, ConnectionResetError):
            return None

    def close(self) -> None:
        self.socket.close()
