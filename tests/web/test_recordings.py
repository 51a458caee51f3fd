"""Recordings: kept, listed, changed by their holder alone, sent as files and played again; and what is refused."""

from __future__ import annotations

import gc
import gzip
import json
import tracemalloc
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.rooms import Room
from server.rooms.recorded import BYTES_MAX
from server.simulation import Recording
from server.storage import Unavailable, recordings
from server.web.app import Web
from server.web.gate import BOUNDS
from tests.web.conftest import Make
from tests.web.test_gate import HEAVY

HOST = {"Origin": "http://localhost"}


@pytest.fixture
def web(make: Make) -> Web:
    return make()


@pytest.fixture
def ann(web: Web) -> FlaskClient:
    client = web.app.test_client()
    client.get("/recordings")
    return client


@pytest.fixture
def bob(web: Web) -> FlaskClient:
    client = web.app.test_client()
    client.get("/recordings")
    return client


def opened(web: Web, client: FlaskClient, **order: Any) -> Room:
    """A room with two branches, of which the second is shown at a moment in its past."""
    answer = client.post(
        "/rooms", data={"protocol": "raft", "seed": "7", **order}, headers=HOST | {"Accept": "application/json"}
    )
    room = web.shell.lobby.rooms[answer.get_json()["room"]]
    room.show.speed(1.0)
    for _ in range(4):
        room.show.go_on(500_000, lambda: True)
    room.show.seek(60, None)
    room.show.act({"type": "crash", "node": "n2"}, "Ann")
    for _ in range(4):
        room.show.go_on(500_000, lambda: True)
    room.show.seek(70, None)
    return room  # type: ignore[no-any-return]


def kept(web: Web, client: FlaskClient, name: str = "Lecture 1", **more: Any) -> dict[str, Any]:
    answer = client.post(f"/api/rooms/{opened(web, client).name}/recordings", json={"name": name, **more}, headers=HOST)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/api/recordings/{answer.get_json()['id']}"
    return dict(answer.get_json())


def file_of(client: FlaskClient, id: str) -> bytes:
    return bytes(client.get(f"/api/recordings/{id}/file").data)


def send(client: FlaskClient, content: bytes, name: str = "", **environ: str) -> Any:
    return client.post(
        "/api/recordings", query_string={"name": name}, data=content, headers=HOST, environ_overrides=environ
    )


def names(client: FlaskClient, **query: Any) -> list[str]:
    return [each["name"] for each in client.get("/api/recordings", query_string=query).get_json()["recordings"]]


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    told = dict(answer.get_json())
    assert (answer.status_code, answer.content_type, told["status"], told["code"]) == (
        status, "application/problem+json", status, code,
    )  # fmt: skip
    assert told["detail"].endswith(".")
    assert "{" not in told["detail"]
    return told


def test_a_room_is_kept_found_and_opened_where_it_stood(web: Web, ann: FlaskClient) -> None:
    told = kept(web, ann, note="About leaders")
    assert (told["name"], told["protocol"], told["nodes"], told["branches"], told["yours"]) == (
        "Lecture 1", "raft", 5, 2, True,
    )  # fmt: skip
    assert ann.get(f"/api/recordings/{told['id']}").get_json() == told
    answer = ann.post(f"/api/recordings/{told['id']}/room", headers=HOST)
    assert answer.status_code == 201
    room = web.shell.lobby.rooms[answer.get_json()["room"]]
    shown = room.show.shown()
    assert (shown.branch, shown.cursor, shown.playing) == (1, 70, False)
    assert json.loads(file_of(ann, told["id"]))["note"] == "About leaders"


def test_a_file_that_comes_back_gives_the_same_bytes(web: Web, ann: FlaskClient, bob: FlaskClient) -> None:
    content = file_of(ann, kept(web, ann)["id"])
    for sent in (content, gzip.compress(content), json.dumps(json.loads(content), indent=2).encode()):
        answer = send(bob, sent)
        assert answer.status_code == 201, answer.text
        told = answer.get_json()
        assert file_of(bob, told["id"]) == content
        assert (told["name"], told["upto"], told["yours"]) == ("Lecture 1", None, True)
    assert names(bob) == ["Lecture 1"] * 3


def test_a_room_is_taken_away_as_the_file_that_it_would_be_kept_as(web: Web, ann: FlaskClient) -> None:
    room = opened(web, ann)
    answer = ann.get(f"/api/rooms/{room.name}/recording")
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"Raft.json\"; filename*=UTF-8''Raft.json"
    saved = ann.post(f"/api/rooms/{room.name}/recordings", json={}, headers=HOST).get_json()
    assert file_of(ann, saved["id"]) == answer.data
    named = ann.post(f"/api/rooms/{room.name}/recordings", json={"name": '第五讲 "a"'}, headers=HOST).get_json()
    header = ann.get(f"/api/recordings/{named['id']}/file").headers["Content-Disposition"]
    assert (
        header == "attachment; filename=\"___ _a_.json\"; filename*=UTF-8''%E7%AC%AC%E4%BA%94%E8%AE%B2%20%22a%22.json"
    )
    problem(ann.get("/api/rooms/nowhere/recording"), 404, "unknown_room")


def test_a_run_alone_is_played_and_named_by_its_file(ann: FlaskClient) -> None:
    answer = send(ann, Recording("paxos", seed=3).to_json().encode(), "homework")
    assert answer.status_code == 201, answer.text
    assert (answer.get_json()["name"], answer.get_json()["protocol"]) == ("homework", "paxos")


def test_what_other_code_has_made_is_marked(web: Web, ann: FlaskClient) -> None:
    data = json.loads(file_of(ann, kept(web, ann)["id"]))
    data["branches"][1]["digest"] = "0" * 32
    told = send(ann, json.dumps(data).encode()).get_json()
    assert told["upto"] == 0
    answer = ann.post(f"/api/recordings/{told['id']}/room", headers=HOST).get_json()
    assert answer["upto"] == 0
    room = web.shell.lobby.rooms[answer["room"]]
    assert "made by another version" in room.join("v", "t", "Eve")["welcome"]["warnings"][0]["text"]


def test_a_recording_that_was_kept_by_other_code_is_compared_when_it_is_opened(web: Web, ann: FlaskClient) -> None:
    told = kept(web, ann)
    library = web.app.view_functions["recordings.look_at_recording"].__closure__[0].cell_contents  # type: ignore[index]
    library.program = "another"
    assert ann.post(f"/api/recordings/{told['id']}/room", headers=HOST).get_json()["upto"] is None
    row = library.document(told["id"])
    document = row["document"].replace(row["digest"], "f" * 32)
    library._run(lambda connection: recordings.change(connection, told["id"], {"document": document}), write=True)
    assert ann.post(f"/api/recordings/{told['id']}/room", headers=HOST).get_json()["upto"] == 0


def test_only_its_holder_finds_renames_and_deletes_a_recording(web: Web, ann: FlaskClient, bob: FlaskClient) -> None:
    id = kept(web, ann)["id"]
    assert (names(ann), names(bob)) == (["Lecture 1"], [])
    assert bob.get(f"/api/recordings/{id}").get_json()["yours"] is False  # who has its address may look
    assert bob.post(f"/api/recordings/{id}/room", headers=HOST).status_code == 201
    problem(bob.patch(f"/api/recordings/{id}", json={"name": "Mine"}, headers=HOST), 403, "not_yours")
    problem(bob.delete(f"/api/recordings/{id}", headers=HOST), 403, "not_yours")
    answer = ann.patch(f"/api/recordings/{id}", json={"name": " Lecture  2 ", "note": "New"}, headers=HOST)
    assert answer.get_json()["name"] == "Lecture 2"
    document = json.loads(file_of(ann, id))
    assert (document["name"], document["note"]) == ("Lecture 2", "New")
    assert file_of(ann, send(ann, file_of(ann, id)).get_json()["id"]) == file_of(ann, id)
    assert ann.delete(f"/api/recordings/{id}", headers=HOST).status_code == 204
    for method, path in (("GET", ""), ("GET", "/file"), ("DELETE", ""), ("POST", "/room")):
        problem(ann.open(f"/api/recordings/{id}{path}", method=method, headers=HOST), 404, "unknown_recording")


def test_a_list_is_searched_and_turned_page_by_page(web: Web, ann: FlaskClient) -> None:
    content = file_of(ann, kept(web, ann, "Ärger 0")["id"])
    id = send(ann, content).get_json()["id"]
    ann.patch(f"/api/recordings/{id}", json={"name": "Other"}, headers=HOST)
    assert names(ann, q="äRGER") == ["Ärger 0"]
    assert names(ann, q="raft other") == ["Other"]
    assert names(ann, q="50%") == []
    assert names(ann, limit=1) == ["Other"]
    assert names(ann, limit=1, offset=1) == ["Ärger 0"]
    assert ann.get("/api/recordings?limit=1").get_json()["total"] == 2
    problem(ann.get("/api/recordings?limit=0"), 422, "bad_number")
    problem(ann.get("/api/recordings?offset=x"), 422, "bad_number")
    problem(ann.get("/api/recordings?q=" + "x" * 100), 422, "bad_search")


def test_the_page_begins_with_its_first_list(web: Web, ann: FlaskClient) -> None:
    kept(web, ann, "<script>alert(1)</script>".replace("/", "-"))
    page = ann.get("/recordings").text
    assert "\\u003cscript\\u003ealert(1)" in page
    assert '"total": 1' in page or '"total":1' in page


def test_every_change_is_refused_to_pages_of_other_sites(web: Web, ann: FlaskClient) -> None:
    id = kept(web, ann)["id"]
    for method, path in (("POST", ""), ("DELETE", f"/{id}"), ("PATCH", f"/{id}"), ("POST", f"/{id}/room")):
        answer = ann.open(f"/api/recordings{path}", method=method, headers={"Origin": "https://elsewhere.example"})
        problem(answer, 403, "foreign_page")
    assert names(ann) == ["Lecture 1"]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", "bad_call"), (b'{"name": 5}', "bad_call"), (b'{"name": "x", "more": 1}', "bad_call"), (b"[]", "bad_call"),
     (b'{"name": "../../x"}', "bad_name"), (b'{"name": "  "}', "bad_name"), (b'{"name": "a", "note": "\\u0007"}', "bad_note")],
)  # fmt: skip
def test_a_call_that_is_none_is_refused(web: Web, ann: FlaskClient, body: bytes, code: str) -> None:
    problem(ann.post(f"/api/rooms/{opened(web, ann).name}/recordings", data=body, headers=HOST), 422, code)


HOSTILE = {
    "nothing": (b"", 422, "bad_json"),
    "too deep": (b"[" * 50_000, 422, "bad_json"),
    "a long number": (b'{"format": ' + b"9" * 5_000 + b"}", 422, "bad_json"),
    "NaN": (b'{"format": NaN}', 422, "bad_json"),
    "a name twice": (b'{"format": 2, "format": 2}', 422, "bad_json"),
    "another thing": (b'{"hello": "world"}', 422, "bad_recording"),
    "a bomb": (gzip.compress(bytes(60_000_000)), 413, "too_large"),
    "a million commands": (HEAVY["a million commands"], 413, "too_large"),
    "too large": (b" " * (BYTES_MAX + 1), 413, "too_large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_nothing_is_kept(ann: FlaskClient, name: str) -> None:
    content, status, code = HOSTILE[name]
    problem(send(ann, content), status, code)
    assert names(ann) == []


def test_a_refused_file_leaves_nothing_in_memory(ann: FlaskClient) -> None:
    content = b'"' + b"a" * 4_000_000
    send(ann, content)
    gc.collect()
    gc.disable()  # a server's collector comes by once in a long while
    tracemalloc.start()
    try:
        for _ in range(3):
            problem(send(ann, content), 422, "bad_json")
        grown, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert grown < len(content) / 2
    assert most < 30 * 1024 * 1024


def test_what_says_that_it_is_too_long_is_not_even_read(ann: FlaskClient) -> None:
    problem(send(ann, b"{}", CONTENT_LENGTH=str(10**12)), 413, "too_large")


def test_a_file_with_a_path_for_a_name_is_refused(web: Web, ann: FlaskClient) -> None:
    data = json.loads(file_of(ann, kept(web, ann)["id"]))
    for name in ("../../etc/passwd", "/tmp/x", "..", "a\\b"):
        told = problem(send(ann, json.dumps(data | {"name": name}).encode()), 422, "bad_name")
        assert "path" in told["detail"]
    sent = send(ann, Recording("raft").to_json().encode(), "../../etc/passwd")
    problem(sent, 422, "bad_name")


def test_there_is_an_end_to_what_one_visitor_keeps(make: Make) -> None:
    web = make(recordings_of_one=1)
    client = web.app.test_client()
    content = file_of(client, kept(web, client)["id"])
    told = problem(send(client, content), 429, "too_many_recordings")
    assert told["args"] == {"most": 1}


def test_a_file_that_takes_long_is_asked_for_again(web: Web, ann: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.web.recordings.WAIT_S", 0.0)
    answer = send(ann, Recording("raft").to_json().encode(), "Later")
    assert answer.status_code == 202
    told = answer.get_json()
    assert answer.headers["Location"] == f"/api/imports/{told['name']}"
    while not told["over"]:
        told = ann.get(f"/api/imports/{told['name']}").get_json()
    assert told["recording"]["name"] == "Later"
    assert names(ann) == ["Later"]
    problem(ann.get("/api/imports/none"), 404, "unknown_import")


def test_without_a_database_it_says_so(web: Web, ann: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    id = kept(web, ann)["id"]

    def fail(*_args: Any) -> Any:
        raise Unavailable("locked")

    monkeypatch.setattr("server.storage.store.Store._transact", fail)
    problem(ann.get("/api/recordings"), 503, "not_saved")
    problem(ann.delete(f"/api/recordings/{id}", headers=HOST), 503, "not_saved")
    assert "The database does not answer" in ann.get("/recordings").text


@given(st.binary(max_size=60), st.integers(0, 4_000))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_makes_the_server_fail(web: Web, ann: FlaskClient, damage: bytes, at: int) -> None:
    rows = ann.get("/api/recordings").get_json()["recordings"]
    content = file_of(ann, (rows[-1] if rows else kept(web, ann))["id"])
    answer = send(ann, content[:at] + damage + content[at + len(damage) :])
    assert answer.status_code in (201, 404, 413, 422)


def test_the_bounds_of_the_gate_are_those_of_a_recording() -> None:
    assert BOUNDS.bytes == BYTES_MAX
