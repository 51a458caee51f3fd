"""The header of whoever runs the server: for one call, with one body, once."""

from __future__ import annotations

import pytest
from itsdangerous import URLSafeTimedSerializer

from server.simulation.texts import Refused
from server.web import authority
from server.web.app import Web
from server.web.authority import BEARER, RUNS, RUNS_S, SALT, USED_MAX, Used, header_of_keeper
from server.web.security import token_for_programs
from tests.web.conftest import Make
from tests.web.test_recordings import file_of, kept

CALL = "POST /api/recordings"
BODY = b"{}"
"""No recording: 422 where it was looked at, 401 where not."""


@pytest.fixture
def web(make: Make) -> Web:
    return make()


def signed(web: Web, call: str = CALL, body: bytes = BODY) -> str:
    return header_of_keeper(web.app.config["SECRET_KEY"], call, body)


def sent(web: Web, header: str, body: bytes = BODY, path: str = "/api/recordings?") -> int:
    client = web.app.test_client(use_cookies=False)
    return client.post(path, data=body, headers={"Authorization": header}).status_code


def for_everybody(web: Web) -> int:
    return int(web.app.test_client().get("/api/recordings").get_json()["total"])


def test_it_is_good_for_its_call_once(web: Web) -> None:
    ann = web.app.test_client()
    ann.get("/recordings")
    body = file_of(ann, kept(web, ann)["id"])
    header = signed(web, body=body)
    assert sent(web, header, body) == 201
    assert for_everybody(web) == 1
    assert sent(web, header, body) == 401
    assert for_everybody(web) == 1
    assert sent(web, signed(web, body=body), body) == 201
    assert for_everybody(web) == 2


def test_it_is_good_for_nothing_else(web: Web) -> None:
    assert sent(web, signed(web), b"[]") == 401
    assert sent(web, signed(web, "GET /api/recordings")) == 401
    assert sent(web, signed(web), path="/api/recordings?name=other") == 401
    client = web.app.test_client(use_cookies=False)
    for call in (client.get, client.delete, client.post):
        assert call("/api/rooms", headers={"Authorization": signed(web)}).status_code == 401
    assert client.get("/api/recordings", headers={"Authorization": signed(web)}).status_code == 401
    assert for_everybody(web) == 0


def test_a_body_that_was_exchanged_uses_nothing_up(web: Web) -> None:
    header = signed(web)
    assert sent(web, header, b"[]") == 401
    assert sent(web, header) == 422
    assert sent(web, header) == 401


def test_what_was_signed_for_one_purpose_is_none_of_another(web: Web) -> None:
    with web.app.test_request_context():
        token = token_for_programs("ann").removeprefix("qs.")
    assert sent(web, BEARER + RUNS + token) == 401
    assert sent(web, BEARER + "qs." + signed(web).removeprefix(BEARER + RUNS)) == 401
    key = web.app.config["SECRET_KEY"]
    for told in ("qs-run.", {}, [], {"call": CALL, "body": "", "word": "w", "more": 1}):
        assert sent(web, BEARER + RUNS + str(URLSafeTimedSerializer(key, salt=SALT).dumps(told))) == 401
    told = {"call": CALL, "body": "0" * 64, "word": "w"}
    assert sent(web, BEARER + RUNS + str(URLSafeTimedSerializer(key, salt="a token for programs").dumps(told))) == 401


def test_it_is_not_good_for_ever_nor_after_a_restart(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    header = signed(web)
    web.app.extensions["quorumscope.used"].since += 10
    assert sent(web, header) == 401
    web.app.extensions["quorumscope.used"].since -= 10
    monkeypatch.setattr(authority, "RUNS_S", -1)
    assert sent(web, header) == 401


def test_what_was_used_is_remembered_as_long_as_it_is_believed_and_no_longer() -> None:
    now = [1_000.0]
    used = Used(lambda: now[0])
    assert used.take("w")
    now[0] += RUNS_S
    assert not used.take("w")
    now[0] += 2
    for each in range(USED_MAX):
        assert used.take(str(each))
    with pytest.raises(Refused) as reason:
        used.take("one more")
    assert reason.value.code == "too_many_imports"
    now[0] += RUNS_S + 2
    assert used.take("one more")
