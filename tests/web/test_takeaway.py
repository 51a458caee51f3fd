"""What a room gives away over HTTP: files of events, and the page of a handout."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.exports import FORMATS
from server.rooms import Room
from server.simulation import digest_of
from server.simulation.commands import Crash
from server.web import takeaway
from server.web.app import Web
from tests.web.conftest import Make

EVENTS = "/api/rooms/room1/events"


@pytest.fixture
def web(make: Make) -> Web:
    """A server with one room, in which a leader was elected and something crashed on a second branch."""
    web = make(exports=2)
    room: Room = web.shell.lobby.open(protocol="raft", nodes=3, clients=1, seed=7, maker="somebody")
    show = room.show
    show.branch.on_to(800_000)
    while show.branch.on_to(800_000) is not None:
        pass
    show.branch.go_to(30)
    show.act({"type": "crash", "node": "n1"}, "Ada")
    return web


@pytest.fixture
def client(web: Web) -> FlaskClient:
    return web.app.test_client()


def room_of(web: Web) -> Room:
    room: Room = web.shell.lobby.rooms["room1"]
    return room


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_comes_as_a_file_with_a_name_and_a_type(web: Web, client: FlaskClient, form: str) -> None:
    answer = client.get(f"{EVENTS}?format={form}&branch=0&from=3&upto=40", headers={"Accept-Encoding": "gzip"})
    history = room_of(web).show.branches.branch(0).run.history
    made = FORMATS[form]
    lines = made.lines(history, room_of(web).protocol, takeaway.Span(3, 40), str)
    assert answer.status_code == 200
    assert answer.text == "".join(f"{line}\n" for line in lines)
    assert answer.headers["Content-Type"] == f"{made.content_type}; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="raft-A-events-3-40.{made.extension}"'
    assert "Content-Encoding" not in answer.headers


def test_without_more_words_it_is_all_of_the_branch_that_is_shown(web: Web, client: FlaskClient) -> None:
    told = [json.loads(line) for line in client.get(EVENTS).text.splitlines()]
    assert [event["seq"] for event in told] == list(range(1, 32))
    assert told[-1]["command"] == {"type": "crash", "node": "n1"}


def test_sentences_are_in_the_language_of_the_reader(client: FlaskClient) -> None:
    english = client.get(f"{EVENTS}?format=shiviz&upto=9").text
    chinese = client.get(f"{EVENTS}?format=shiviz&upto=9&lang=zh").text
    assert "becomes a candidate of term" in english
    assert "becomes a candidate of term" not in chinese
    assert re.search("[\u4e00-\u9fff]", chinese)


@pytest.mark.parametrize(
    ("query", "code", "said"),
    [
        ("format=pdf", 422, "bad_format"),
        ("branch=7", 404, "no_such_branch"),
        ("from=9&upto=8", 422, "bad_span"),
        ("from=0", 422, "bad_span"),
        ("upto=999999999", 422, "bad_span"),
        ("from=x", 422, "bad_number"),
        ("upto=-1", 422, "bad_number"),
        ("from=99999999999999999999", 422, "bad_number"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(client: FlaskClient, query: str, code: int, said: str) -> None:
    for address in (EVENTS, "/r/room1/handout"):
        if address != EVENTS and said == "bad_format":
            continue
        answer = client.get(f"{address}?{query}", headers={"Accept": "application/json"})
        assert answer.status_code == code
        assert answer.json is not None
        assert (answer.content_type, answer.json["code"]) == ("application/problem+json", said)
        assert answer.json["text"]


def test_a_room_that_is_not_there_is_said_to_be_gone(client: FlaskClient) -> None:
    for address in ("/api/rooms/nothing/events", "/r/nothing/handout"):
        assert client.get(address).status_code == 404


def test_a_span_that_is_too_long_is_refused(web: Web, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    room = room_of(web)
    object.__setattr__(room.limits, "events_exported_max", 10)
    object.__setattr__(room.limits, "handout_events_max", 5)
    assert client.get(f"{EVENTS}?from=1&upto=10").status_code == 200
    answer = client.get(f"{EVENTS}?from=1&upto=11")
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"], answer.json["args"]) == (
        422,
        "too_long_span",
        {"n": 11, "most": 10},
    )
    assert client.get("/r/room1/handout?from=1&upto=6").status_code == 422


def test_only_so_many_files_are_made_at_once_and_each_gives_its_place_back(client: FlaskClient) -> None:
    for _ in range(3):
        with client.get(EVENTS) as answer:
            assert answer.status_code == 200
    open_ones = [client.get(EVENTS, buffered=False) for _ in range(2)]
    refused = client.get(EVENTS)
    assert refused.json is not None
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_exports")
    for answer in open_ones:
        answer.close()
    assert client.get(EVENTS).status_code == 200


def test_others_have_their_turn_while_a_file_is_made() -> None:
    pauses: list[float] = []
    exports = takeaway.Exports(1, pauses.append)
    chunks = list(exports.chunks(str(number) for number in range(2 * takeaway.CHUNK_LINES + 1)))
    assert b"".join(chunks) == b"".join(b"%d\n" % number for number in range(2 * takeaway.CHUNK_LINES + 1))
    assert pauses == [0, 0]


def handout(client: FlaskClient, query: str) -> dict[str, Any]:
    """What the page of a handout is drawn from."""
    page = client.get(f"/r/room1/handout?{query}")
    assert page.status_code == 200
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page.text, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1])["told"])


def test_a_handout_has_its_events_the_world_after_them_and_where_it_is_from(web: Web, client: FlaskClient) -> None:
    told = handout(client, "branch=1&from=12&upto=31")
    history = room_of(web).show.branches.branch(1).run.history
    assert [event["seq"] for event in told["events"]] == list(range(12, 32))
    assert told["world"]["seq"] == 31
    assert (told["world"]["hosts"]["n1"]["up"], told["first"], told["last"]) == (False, 12, 31)
    assert told["digest"] == digest_of(history.told(12, 31))
    assert told["recording"]["commands"] == 1
    assert handout(client, "branch=1&from=12&upto=30")["recording"]["commands"] == 0


def test_a_name_in_a_handout_is_no_markup(web: Web, client: FlaskClient) -> None:
    room_of(web).show.branch.act(Crash("n2"), "</script><b>Eve")
    page = client.get("/r/room1/handout").text
    assert "</script><b>" not in page
    assert handout(client, "")["events"][-1]["by"] == "</script><b>Eve"
