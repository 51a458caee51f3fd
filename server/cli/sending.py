"""Sending a recording to a server that runs: it alone uses its database, so the file goes in by the call that its page uses.

Who can read the server's secret speaks for whoever runs it, and what he sends is for everybody, as if it were put into the
database.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit

from . import CommandError
from .output import Progress

PATH = "/api/recordings"
ANSWER_S = 60.0
ASK_EVERY_S = 0.5
ANSWER_BYTES_MAX = 1024 * 1024
UNKNOWN_TOKEN = 401


class Unreachable(Exception):
    """Nobody answers at an address; the message is why."""


def send(address: str, document: str, authority: Callable[[str, bytes], str]) -> tuple[str, bool]:
    """Gives a recording to the server at `address`. The path of its page there, and whether everybody finds it
    (`authority` makes the header that says so, for a call and its body). Raises CommandError where it is refused, and
    Unreachable.
    """
    server, body = _Server(address), document.encode()
    status, told = server.call("POST", PATH, body, {"Authorization": authority(f"POST {PATH}", body)})
    for_everybody = status != UNKNOWN_TOKEN
    if not for_everybody:  # a server of somebody else: there it is whoever's who knows its address
        status, told = server.call("POST", PATH, body)
    with Progress(1_000, "playing there", wanted=True) as progress:
        while "over" in told and not told["over"]:
            progress.at(round(1_000 * told["progress"]["part"]))
            time.sleep(ASK_EVERY_S)
            status, told = server.call("GET", f"/api/imports/{told['name']}")
    problem = told.get("problem") or (told if "detail" in told else None)
    if problem is not None:
        raise CommandError(f"{address} refuses it: {problem['detail']}")
    kept = told.get("recording") or told
    if not isinstance(kept.get("id"), str):
        raise Unreachable("what answers there is no Quorumscope")
    return f"/recordings/{kept['id']}", for_everybody


def check_address(text: str) -> str:
    """The address of a server, without a path. Raises CommandError."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise CommandError(f"{text!r} is no address of a server; write it as http://127.0.0.1:8000.")
    return f"{parts.scheme}://{parts.netloc}"


class _Server:
    def __init__(self, address: str) -> None:
        self._address = address
        self._headers = {"Content-Type": "application/json", "Accept-Language": "en"}
        local = urlsplit(address).hostname in ("127.0.0.1", "::1", "localhost")
        self._open = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if local else [])).open

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[int, dict[str, Any]]:  # fmt: skip
        """The status and the JSON of the answer. Raises Unreachable."""
        request = urllib.request.Request(  # noqa: S310 - http or https: `check_address`
            urljoin(self._address, path), body, {**self._headers, **headers}, method=method
        )
        try:
            try:
                with self._open(request, timeout=ANSWER_S) as answer:
                    return answer.status, _read(answer)
            except urllib.error.HTTPError as refused:
                with refused:
                    return refused.code, _read(refused)
        except urllib.error.URLError as error:
            raise Unreachable(getattr(error.reason, "strerror", None) or str(error.reason)) from None
        except OSError as error:
            raise Unreachable(error.strerror or str(error)) from None


def _read(answer: Any) -> dict[str, Any]:
    try:
        told = json.loads(answer.read(ANSWER_BYTES_MAX))
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Unreachable("what answers there is no Quorumscope")
    return told
