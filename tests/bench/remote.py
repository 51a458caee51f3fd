"""A presenter without a browser: opens a room over HTTP, and says over a socket what a page would say."""

from __future__ import annotations

import http.client
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import socketio

from .process import Process

ANSWER_SECONDS_MAX = 10


def open_room(server: Process, **form: Any) -> tuple[str, str]:
    """A new room of Raft; `form` as the gallery posts it. Returns its name and its maker's cookie. Raises RuntimeError."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_SECONDS_MAX)
    body = urlencode({"protocol": "raft", "seed": 1, **form})
    connection.request("POST", "/rooms", body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 303:
        raise RuntimeError(f"no room was opened: {answer.status} {said[:200]!r}")
    cookies = re.findall(r"(?:^|, )(\w+=[^;]+)", answer.headers.get("Set-Cookie", ""))
    return urlsplit(answer.headers["Location"]).path.rsplit("/", 1)[-1], "; ".join(cookies)


class Presenter:
    """`with Presenter(server, room, cookie) as presenter: presenter.ask("play")`."""

    def __init__(self, server: Process, room: str, cookie: str) -> None:
        self._client = socketio.SimpleClient()
        self._client.connect(server.url, transports=["websocket"], headers={"Cookie": cookie})
        self._ids = 0
        self.updated: dict[str, Any] = {}
        self.ask("join", room=room, last=None)

    def __enter__(self) -> Presenter:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Sends a frame and returns the reply to it. Raises RuntimeError where it is refused."""
        self._ids += 1
        self._client.emit("frame", {"type": kind, "id": self._ids, **fields})
        while True:
            told: dict[str, Any] = self._client.receive(timeout=ANSWER_SECONDS_MAX)[1]
            if told["type"] == "update":
                self.updated = told
            elif told["type"] == "reply" and told["id"] == self._ids:
                if not told["ok"]:
                    raise RuntimeError(f"{kind} was refused: {told.get('text')} {told.get('args')}")
                return told

    def update(self) -> dict[str, Any]:
        """The last update that came before now."""
        self.ask("name", name="presenter")
        return self.updated
