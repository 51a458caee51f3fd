"""What `import` says to a server that runs, and what it makes of the answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from server.cli import CommandError, sending
from server.cli.sending import Unreachable, check_address, send

KEPT = {"id": "abc", "name": "Week 2"}
DOING = {"name": "job", "over": False, "before": 0, "progress": {"part": 0.5}, "recording": None, "problem": None}
SIGNED = "Bearer POST /api/recordings of {}"


def signed(call: str, body: bytes) -> str:
    return f"Bearer {call} of {body.decode()}"


class Played(HTTPServer):
    """A server that gives the answers of a test, one after the other, and remembers the calls."""

    answers: list[tuple[int, Any]]
    calls: list[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Played

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.calls.append(f"{self.command} {self.path} {self.headers.get('Authorization')}")
        status, told = self.server.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(told if isinstance(told, bytes) else json.dumps(told).encode())

    def log_message(self, *_words: Any) -> None: ...


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    monkeypatch.setattr(sending, "ASK_EVERY_S", 0.0)
    server = Played(("127.0.0.1", 0), Answering)
    server.answers, server.calls = [], []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_long_file_is_asked_after_until_it_is_kept(played: Played) -> None:
    played.answers = [(202, DOING), (200, DOING), (200, DOING | {"over": True, "recording": KEPT})]
    assert send(played.address, "{}", signed) == ("/recordings/abc", True)
    asked = "GET /api/imports/job None"
    assert played.calls == [f"POST /api/recordings {SIGNED}", asked, asked]


def test_where_the_secret_is_another_it_is_sent_without(played: Played) -> None:
    played.answers = [(401, {"detail": "No.", "code": "bad_token"}), (201, KEPT)]
    assert send(played.address, "{}", signed) == ("/recordings/abc", False)
    assert played.calls == [f"POST /api/recordings {SIGNED}", "POST /api/recordings None"]


@pytest.mark.parametrize(
    "answers",
    [
        [(429, {"detail": "Many files are waiting."})],
        [(202, DOING), (200, DOING | {"over": True, "problem": {"detail": "Many files are waiting."}})],
        [(202, DOING), (503, {"detail": "Many files are waiting."})],
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_server(played: Played, answers: list[tuple[int, Any]]) -> None:
    played.answers = answers
    with pytest.raises(CommandError, match=r"refuses it: Many files are waiting\."):
        send(played.address, "{}", signed)


@pytest.mark.parametrize("told", [b"<html>", [], {}, {"id": 5}])
def test_what_is_no_quorumscope_is_told_so(played: Played, told: Any) -> None:
    played.answers = [(200, told)]
    with pytest.raises(Unreachable, match="no Quorumscope"):
        send(played.address, "{}", signed)


@pytest.mark.parametrize(
    "text", ["", "example.edu", "ftp://x", "http://", "http://x/path", "http://x?y", "file:///etc/passwd"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="is no address of a server"):
        check_address(text)
