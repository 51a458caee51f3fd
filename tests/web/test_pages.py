"""The pages and the REST calls, without sockets."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import paths
from server.storage.errors import FULL
from server.web import texts
from server.web.app import Web, create_app
from server.web.config import Config
from server.web.saving import WAITING, Saving
from server.web.shelf import Shelf, everything
from server.web.sockets import Shell
from tests.web.fakes import ORDER, PROTOCOL, FakeLobby, shelf

HOST = "http://localhost"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built page of next to nothing."""
    plain = ("app.css", "room.css", "late.css", "room.js", "part.js", "gallery.js", "icon.svg")
    names = {name: name.replace(".", "-ABCDEFGH.") for name in plain}
    for name in names.values():
        (tmp_path / name).write_text("/* */" * 1000)
    (tmp_path / "plain.js").write_text("1")
    (tmp_path / "manifest.json").write_text(json.dumps(names))
    monkeypatch.setattr(paths, "STATIC_DIR", tmp_path)
    monkeypatch.setattr(paths, "MANIFEST", tmp_path / "manifest.json")
    return tmp_path


@pytest.fixture
def web(built: Path) -> Web:
    return create_app(Config(secret_key=b"k" * 32), FakeLobby(), "threading", shelf())


@pytest.fixture
def client(web: Web) -> Iterator[FlaskClient]:
    with web.app.test_client() as client:
        yield client


def boot(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


# ---- what there is -------------------------------------------------------------------------------------------------


def test_the_gallery_shows_everything_that_can_be_opened(client: FlaskClient) -> None:
    page = client.get("/").text
    for title in ("Raft", "Split vote", "Why terms"):
        assert title in page
    assert "/static/app-ABCDEFGH.css" in page


@pytest.mark.usefixtures("built")
def test_the_gallery_shows_one_protocol_alone() -> None:
    raft = {**PROTOCOL, "family": "consensus"}
    tiny = {
        **PROTOCOL,
        "name": "tiny",
        "title": "Tiny thing",
        "family": "commit",
        "operations": [],
        "params": {"order": ORDER},
    }
    of_tiny = {"name": "one", "title": "One more", "text": "", "outcome": "", "protocol": "tiny", "nodes": 3}
    given = shelf()
    both = Shelf([raft, tiny], [*given.scenarios, of_tiny], given.lessons)
    with create_app(Config(secret_key=b"k" * 32), FakeLobby(), "threading", both).app.test_client() as client:
        everything = client.get("/").text
        for text in (
            "Atomic commit",
            "Consensus",
            'href="/?protocol=tiny"',
            'id="scenarios-tiny"',
            'id="protocol-tiny"',
        ):
            assert text in everything
        assert everything.index("Atomic commit") < everything.index("Consensus"), "families have their order"
        alone = client.get("/?protocol=tiny").text
        assert "One more" in alone
        assert "Split vote" not in alone
        assert "Why terms" not in alone
        assert 'href="/?protocol=tiny" aria-current="true"' in alone
        assert 'href="?protocol=tiny&amp;lang=zh"' in alone
        assert '<option value="down">downwards</option>' in alone
        assert '<option value="up" selected>upwards</option>' in alone
        assert 'name="clients" value="0"' in alone, "its clients would ask for nothing"
        assert "Split vote" in client.get("/?protocol=nonsense").text


def test_the_challenges_have_a_page_of_their_own(client: FlaskClient) -> None:
    page = client.get("/challenges").text
    for text in ("Two at once", "Consensus", "medium", 'data-challenge="two"', 'aria-current="page">Challenges<'):
        assert text in page
    assert 'href="/challenges"' in client.get("/").text


def test_a_challenge_is_opened_to_be_tried_or_to_be_shown(web: Web, client: FlaskClient) -> None:
    for form in ({"challenge": "two", "of": "raft"}, {"challenge": "two", "of": "raft", "solved": "on"}):
        assert client.post("/rooms", data=form, headers={"Origin": HOST}).status_code == 303
    orders = [room.order for room in web.shell.lobby.rooms.values()]
    assert [(order["challenge"], order["protocol"], order["solved"]) for order in orders] == [
        ("two", "raft", False),
        ("two", "raft", True),
    ]


def test_a_scenario_is_opened_for_the_protocol_that_it_is_of(web: Web, client: FlaskClient) -> None:
    form = {"scenario": "split", "of": "raft"}
    client.post("/rooms", data=form, headers={"Origin": HOST})
    assert web.shell.lobby.rooms["room1"].order["protocol"] == "raft"
    assert web.shell.lobby.rooms["room1"].order["scenario"] == "split"


def test_opening_a_protocol_makes_a_room_whose_presenter_is_the_one_who_opened_it(
    web: Web, client: FlaskClient
) -> None:
    form = {"protocol": "raft", "nodes": "3", "seed": "7", "param.noop": ["off", "on"]}
    answer = client.post("/rooms", data=form, headers={"Origin": HOST})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/r/room1")
    room = web.shell.lobby.rooms["room1"]
    with client.session_transaction() as session:
        assert room.maker == session["token"]
    assert room.order == {
        "protocol": "raft", "scenario": None, "lesson": None, "nodes": 3, "clients": None, "seed": 7, "params": {"noop": True},
        "challenge": None, "solved": False,
    }  # fmt: skip
    page = client.get("/r/room1").text
    assert boot(page) == {"room": "room1", "locale": "en", "catalog": {}}
    assert room.maker not in page


def test_a_program_can_open_a_room_too(client: FlaskClient) -> None:
    answer = client.post("/rooms", data={"scenario": "split"}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (201, {"room": "room1", "address": "/r/room1"})


def test_the_description_of_a_protocol_can_be_read(client: FlaskClient) -> None:
    assert client.get("/api/protocols").json["protocols"][0]["name"] == "raft"  # type: ignore[index]
    assert client.get("/api/protocols/raft").json["params"]["heartbeat"]["default"] == 50  # type: ignore[index]
    assert client.get("/api/protocols/paxos").status_code == 404


def test_the_health_says_how_the_server_is(client: FlaskClient) -> None:
    health = client.get("/healthz")
    assert {"status", "version", "rooms", "viewers", "loop_delay_ms"} <= set(health.json or {})
    assert (health.json or {})["status"] == "ok"
    assert health.headers["Cache-Control"] == "no-store"


def test_a_room_that_can_not_be_opened_now_is_asked_for_again_by_a_button(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_shell: Shell) -> None:
        raise Saving(WAITING, FULL).unopened()

    monkeypatch.setattr(Shell, "require_saving", full)
    answer = client.post("/rooms", data={"protocol": "raft", "nodes": "5"})
    assert answer.status_code == 503
    assert "No room could be opened: the server&#39;s disk is full." in answer.text
    assert "stands still" not in answer.text
    assert re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', answer.text) == [
        ("protocol", "raft"), ("nodes", "5"),
    ]  # fmt: skip
    assert "Try again" in answer.text
    assert "Try again" not in client.get("/nothing").text


# ---- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        ({}, 422, "one thing"),
        ({"protocol": "raft", "nodes": "12"}, 422, "from 1 to 9"),
        ({"protocol": "raft", "param.x": "1"}, 404, "no setting x"),
        ({"scenario": "unknown"}, 404, "no scenario unknown"),
    ],
)
def test_an_order_that_cant_be_met_says_why(client: FlaskClient, form: dict[str, str], status: int, says: str) -> None:
    answer = client.post("/rooms", data=form)
    assert answer.status_code == status
    assert says in answer.text


def test_when_there_are_too_many_rooms_it_says_so(web: Web, client: FlaskClient) -> None:
    for _ in range(20):
        web.shell.lobby.open(maker=None)
    answer = client.post("/rooms", data={"protocol": "raft"})
    assert answer.status_code == 429
    assert "20 rooms already" in answer.text


@pytest.mark.parametrize("origin", ["https://example.com", "null", "http://localhost:81", "http://[", "file://", ""])
def test_a_form_of_another_site_makes_no_room(web: Web, client: FlaskClient, origin: str) -> None:
    answer = client.post("/rooms", data={"protocol": "raft"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert not web.shell.lobby.rooms


def test_a_form_without_an_origin_from_another_site_makes_no_room(web: Web, client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/rooms", data={"protocol": "raft"}, headers=headers).status_code == 403


def test_the_cookie_is_not_sent_from_other_sites_nor_read_by_scripts(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_room_that_is_gone_says_so_politely(client: FlaskClient) -> None:
    answer = client.get("/r/gone<b>")
    assert answer.status_code == 404
    assert "There is no room gone&lt;b&gt;." in answer.text


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", 404), ("/rooms", 405), ("/static/none.js", 404), ("/r/", 404)]
)
def test_what_is_not_there_is_a_page_too(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert "Quorumscope" in answer.text


def test_a_form_that_is_too_large_is_not_read(client: FlaskClient) -> None:
    assert client.post("/rooms", data={"protocol": "x" * 20_000}).status_code == 413


def test_an_error_of_the_server_says_nothing_about_itself(
    web: Web, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_order: Any) -> None:
        raise RuntimeError("a secret at /home/someone")

    monkeypatch.setattr(web.shell.lobby, "open", broken)
    answer = client.post("/rooms", data={"protocol": "raft"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "a secret at" in caplog.text


def test_a_page_that_was_not_built_says_what_to_do(client: FlaskClient, built: Path) -> None:
    (built / "manifest.json").unlink()
    answer = client.get("/")
    assert answer.status_code == 503
    assert "make install" in answer.text


# ---- headers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/nothing", "/healthz", "/static/app-ABCDEFGH.css"])
def test_every_answer_carries_the_rules_for_the_page(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_no_page_has_a_script_inside_or_loads_from_elsewhere(web: Web, client: FlaskClient) -> None:
    web.shell.lobby.open(maker=None)
    for path in ("/", "/r/room1", "/glossary", "/nothing"):
        page = client.get(path).text
        for script in re.findall(r"<script\b([^>]*)>", page):
            assert 'src="/static/' in script or 'type="application/json"' in script
        assert not re.findall(r"<style\b|\son\w+=", page)
        assert not re.findall(r'(?:src|action)="(?:https?:)?//|<link[^>]*href="(?:https?:)?//', page)


def test_built_files_are_kept_for_ever_and_others_asked_for_again(client: FlaskClient) -> None:
    assert "immutable" in client.get("/static/app-ABCDEFGH.css").headers["Cache-Control"]
    plain = client.get("/static/plain.js")
    assert plain.headers["Cache-Control"] == "no-cache"
    assert client.get("/static/plain.js", headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/", "/static/app-ABCDEFGH.css"])
def test_pages_and_files_are_compressed_for_who_takes_it(client: FlaskClient, path: str) -> None:
    client.get("/")  # the cookie is set once
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_files_outside_of_the_page_are_not_given_out(client: FlaskClient) -> None:
    for path in ("/static/../config.py", "/static/%2e%2e/%2e%2e/etc/passwd"):
        assert client.get(path).status_code == 404


# ---- languages -----------------------------------------------------------------------------------------------------


@pytest.fixture
def chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue with a sentence, a sentence with a parameter, and a plural."""
    folder = tmp_path / "translations" / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n\n'
        'msgid "Gallery"\nmsgstr "画廊 100 %"\n\n'
        'msgid "There is no room {room}. It may have been closed."\nmsgstr "没有房间 {room}。"\n\n'
        'msgid "{count} node"\nmsgid_plural "{count} nodes"\nmsgstr[0] "{count} 个节点"\n\n'
        'msgid "Not yet"\nmsgstr ""\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(paths, "TRANSLATIONS_DIR", tmp_path / "translations")


@pytest.mark.usefixtures("chinese")
def test_the_language_is_asked_for_kept_and_wished_for_in_this_order(client: FlaskClient) -> None:
    wish = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.1"}
    assert "Gallery" in client.get("/").text
    assert "画廊 100 %" in client.get("/", headers=wish).text
    assert "Gallery" in client.get("/?lang=en", headers=wish).text
    assert "Gallery" in client.get("/", headers=wish).text
    assert "画廊" in client.get("/?lang=zh").text
    assert "画廊" in client.get("/").text
    assert "Gallery" not in client.get("/?lang=xx").text


def test_a_room_is_not_given_the_sentences_of_other_protocols() -> None:
    shelf = everything()
    assert set(shelf.sentences) == {protocol["name"] for protocol in shelf.protocols}
    whole = texts.catalog("zh")
    for name, own in shelf.sentences.items():
        foreign = shelf.foreign(name)
        assert not foreign & own
        given = texts.catalog("zh", foreign)
        assert own & set(whole) <= set(given)
        assert not foreign & set(given)
    assert shelf.foreign("nonsense") == frozenset()


@pytest.mark.usefixtures("chinese")
def test_the_browser_is_given_the_catalogue_of_its_language(web: Web, client: FlaskClient) -> None:
    web.shell.lobby.open(maker=None)
    given = boot(client.get("/r/room1?lang=zh").text)
    assert given["locale"] == "zh"
    assert given["catalog"] == {
        "Gallery": "画廊 100 %",
        "There is no room {room}. It may have been closed.": "没有房间 {room}。",
        "{count} node": "{count} 个节点",
    }


@pytest.mark.usefixtures("chinese")
def test_parameters_of_a_translated_sentence_are_filled_in_and_escaped(client: FlaskClient) -> None:
    assert "没有房间 a&lt;i&gt;。" in client.get("/r/a<i>?lang=zh").text


def test_a_parameter_that_is_missing_stays_as_it_stands() -> None:
    assert texts.fill("{a} and {b} {c!r}", {"a": "{b}"}) == "{b} and {b} {c!r}"


# ---- behind proxies ------------------------------------------------------------------------------------------------


def test_a_trusted_proxy_says_where_the_caller_is(built: Path) -> None:
    trusting = create_app(Config(secret_key=b"k" * 32, trusted_proxies=1), FakeLobby(), "threading", shelf()).app
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "class.example"}
    with trusting.test_client() as client:
        answer = client.post(
            "/rooms", data={"protocol": "raft"}, headers={**headers, "Origin": "https://class.example"}
        )
    assert answer.status_code == 303


def test_an_untrusted_one_does_not(client: FlaskClient) -> None:
    headers = {"X-Forwarded-Host": "example.com", "Origin": "https://example.com"}
    assert client.post("/rooms", data={"protocol": "raft"}, headers=headers).status_code == 403


WORDS = {"split brain": "脑裂", "linearizable, linearizability": "线性一致，线性一致性"}


def test_a_protocol_is_found_by_what_it_promises() -> None:
    found = {card["name"] for card in everything().matching("linearizable", str).protocols}
    assert {"raft", "multi_paxos"} <= found
    assert "bully" not in found, "its clients are served by nothing that could be linearizable"


@pytest.mark.parametrize(
    ("sought", "name"),
    [
        ("split brain", "two_leaders_at_once"), ("stale read", "read_the_past"), ("snapshot", "lagging_server"),
        ("membership", "changing_the_members"), ("脑裂", "two_leaders_at_once"), ("log check", "acknowledged_write_gone"),
        ("linearizable", "stale_read"), ("linearizability", "reads_that_are_never_stale"), ("线性一致", "stale_read"),
    ],
)  # fmt: skip
def test_what_there_is_is_found_by_its_topic(sought: str, name: str) -> None:
    """Also by the rule that forbids it, and in the reader's language."""
    found = everything().matching(sought, lambda text: WORDS.get(text, text))
    names = [card["name"] for cards in (found.lessons, found.scenarios, found.challenges) for card in cards]
    assert name in names
    assert len(names) < 40


def test_challenges_have_their_place_in_the_gallery(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'id="challenges"' in page
    assert "Two at once" in page
    assert 'data-challenge="two"' in client.get("/?q=two+at").text
    assert 'data-challenge="two"' not in client.get("/?q=vote").text
