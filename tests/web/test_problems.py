"""Errors of calls: problems of RFC 9457, whatever goes wrong, in the language of the reader."""

from __future__ import annotations

from typing import Any

import pytest

from server.web.app import Web
from tests.web.conftest import Make


@pytest.fixture
def web(make: Make) -> Web:
    return make()


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "more"),
    [
        ("GET", "/api/nothing", 404, "not_found", {}),
        ("GET", "/api/protocols/nothing", 404, "unknown_protocol", {}),
        ("PUT", "/api/protocols", 405, "no_such_method", {}),
        ("POST", "/api/links", 413, "too_large", {"data": b"x" * 3_000_000}),
        ("POST", "/api/links", 422, "bad_order", {"data": b"{"}),
        ("POST", "/api/comparisons", 403, "foreign_page", {"headers": {"Origin": "http://evil.example"}}),
        ("DELETE", "/api/searches/nothing", 404, "unknown_search", {}),
        ("GET", "/api/searches/nothing?since=x", 404, "unknown_search", {}),
        ("GET", "/api/rooms/nothing/events", 404, "unknown_room", {}),
        ("GET", "/api/code.svg?address=x", 422, "bad_address", {}),
        ("POST", "/compare/rooms", 422, "bad_order", {"headers": {"Accept": "application/json"}}),
    ],
)
def test_whatever_goes_wrong_is_a_problem(
    web: Web, method: str, path: str, status: int, code: str, more: dict[str, Any]
) -> None:
    answer = web.app.test_client().open(path, method=method, **more)
    told = answer.get_json()
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert (told["type"], told["status"], told["code"]) == ("about:blank", status, code)
    assert told["detail"]
    assert "{" not in told["detail"]
    assert ("Allow" in answer.headers) == (status == 405)


def test_the_detail_is_in_the_readers_language_and_the_text_is_its_key(web: Web) -> None:
    answer = web.app.test_client().get("/api/rooms/nothing/events?lang=zh").get_json()
    assert answer["detail"].startswith("没有")
    assert answer["text"] == "There is no room {room}. It may have been closed."
    assert answer["args"] == {"room": "nothing"}


def test_a_mistake_of_the_server_is_told_without_what_broke(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str) -> Any:
        raise RuntimeError("a secret at /home/someone")

    monkeypatch.setattr(web.searches, "find", broken)
    answer = web.app.test_client().get("/api/searches/x")
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert answer.get_json()["code"] == "broken"
    assert "secret" not in answer.text
