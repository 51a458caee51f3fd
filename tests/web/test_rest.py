"""The calls about rooms, and about what there is to open."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.simulation import encode
from server.web import strictjson
from server.web.app import Web
from server.web.keeper import Stored
from tests.web.conftest import Make


@pytest.fixture
def web(make: Make) -> Web:
    return make()


@pytest.fixture
def ann(web: Web) -> FlaskClient:
    return web.app.test_client()


def opened(client: FlaskClient, **order: Any) -> Any:
    answer = client.post("/api/rooms", json=order)
    assert answer.status_code == 201, answer.text
    told = answer.get_json()
    assert answer.headers["Location"] == f"/api/rooms/{told['room']}"
    return told


def test_a_room_is_opened_by_a_call_as_by_the_form(web: Web, ann: FlaskClient) -> None:
    told = opened(
        ann, protocol="raft", nodes=3, clients=2, seed=7, params={"heartbeat_interval": 60_000, "pre_vote": True}
    )
    assert told["address"] == f"/r/{told['room']}"
    room = web.shell.lobby.rooms[told["room"]]
    setup = room.show.branch.run.setup
    assert (setup.protocol, setup.nodes, setup.clients, setup.seed) == ("raft", 3, 2, 7)
    assert (setup.params["heartbeat_interval"], setup.params["pre_vote"]) == (60_000, True)
    for kind, name in (("lesson", "why_raft_needs_terms"), ("challenge", "two_leaders_at_once")):
        assert opened(ann, **{kind: name})["room"] in web.shell.lobby.rooms


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({}, 422, "bad_order"),
        ({"protocol": "raft", "lesson": "why_raft_needs_terms"}, 422, "bad_order"),
        ({"protocol": "nothing"}, 404, "unknown_protocol"),
        ({"protocol": "../raft"}, 422, "bad_call"),
        ({"protocol": "raft", "nodes": 10}, 422, "bad_call"),
        ({"protocol": "raft", "nodes": "5"}, 422, "bad_call"),
        ({"protocol": "raft", "more": 1}, 422, "bad_call"),
        ({"protocol": "raft", "params": {"nothing": 1}}, 404, "unknown_param"),
        ({"protocol": "raft", "params": {"heartbeat_interval": True}}, 422, "bad_number"),
        ({"protocol": "raft", "params": {"heartbeat_interval": 0}}, 422, "bad_number"),
        ({"protocol": "raft", "params": {"pre_vote": 1}}, 422, "bad_switch"),
        ([], 422, "bad_call"),
    ],
)
def test_what_is_no_room_is_refused(web: Web, ann: FlaskClient, order: Any, status: int, code: str) -> None:
    answer = ann.post("/api/rooms", json=order)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code), answer.text
    assert not web.shell.lobby.rooms


def test_ones_own_rooms_are_listed_and_nobody_elses(web: Web, ann: FlaskClient) -> None:
    names = [opened(ann, protocol="raft")["room"] for _ in range(3)]
    bob = web.app.test_client()
    assert bob.get("/api/rooms").get_json()["rooms"] == []
    opened(bob, protocol="raft")
    listed = ann.get("/api/rooms?limit=2").get_json()
    assert ([room["room"] for room in listed["rooms"]], listed["total"]) == (names[:0:-1], 3)
    assert [room["room"] for room in ann.get("/api/rooms?offset=2").get_json()["rooms"]] == names[:1]


def test_a_room_that_sleeps_in_the_database_is_listed_for_its_maker_alone(
    web: Web, ann: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = opened(ann, protocol="raft")["room"]
    maker = web.shell.lobby.rooms[name].maker
    kept = {
        of: Stored("paxos", "Paxos", "this", of_whom) for of, of_whom in (("mine", maker), ("his", "bob"), ("no", ""))
    }
    monkeypatch.setattr(
        web.shell, "keeper", SimpleNamespace(stored={name: Stored("raft", "Raft", "this", maker), **kept})
    )
    listed = ann.get("/api/rooms").get_json()["rooms"]
    assert [(room["room"], room["protocol"], room["open"]) for room in listed] == [
        (name, "raft", True), ("mine", "paxos", False),
    ]  # fmt: skip
    assert web.app.test_client().get("/api/rooms").get_json()["rooms"] == []


def test_a_room_is_looked_at_by_whoever_knows_its_name(web: Web, ann: FlaskClient) -> None:
    name = opened(ann, protocol="raft", seed=7)["room"]
    room = web.shell.lobby.rooms[name]
    room.show.speed(1.0)
    room.show.go_on(500_000, lambda: True)
    room.show.seek(20, None)
    room.show.act({"type": "crash", "node": "n2"}, "Ann")
    told = web.app.test_client().get(f"/api/rooms/{name}").get_json()
    assert (told["yours"], told["protocol"], told["setup"]["seed"], told["people"]) == (False, "raft", 7, 0)
    assert [(each["parent"], each["forked_at"]) for each in told["branches"]] == [(None, 0), (0, 20)]
    assert (told["branch"], told["seq"], told["playing"]) == (1, 21, room.show.playing)
    assert "maker" not in ann.get(f"/api/rooms/{name}").text
    assert ann.get(f"/api/rooms/{name}").get_json()["yours"]


def test_the_world_is_that_of_the_event_and_branch_that_are_asked_for(web: Web, ann: FlaskClient) -> None:
    name = opened(ann, protocol="raft", seed=7)["room"]
    room = web.shell.lobby.rooms[name]
    room.show.go_on(500_000, lambda: True)
    history = room.show.branch.run.history
    told = ann.get(f"/api/rooms/{name}/world?seq=5&branch=0").get_json()
    assert (told["seq"], told["branch"]) == (5, 0)
    assert strictjson.loads(strictjson.dumps(history.world(5))) == told["world"]
    assert encode(told["world"]) != encode(ann.get(f"/api/rooms/{name}/world").get_json()["world"])
    for wrong, code in (("seq=999999", "no_such_event"), ("branch=9", "no_such_branch"), ("seq=-1", "bad_number")):
        assert ann.get(f"/api/rooms/{name}/world?{wrong}").get_json()["code"] == code


def test_what_can_be_opened_is_listed_in_parts(ann: FlaskClient) -> None:
    whole = ann.get("/api/scenarios?limit=200").get_json()
    assert whole["total"] == len(whole["scenarios"]) > 100
    parts = [ann.get(f"/api/scenarios?offset={at}&limit=40").get_json()["scenarios"] for at in range(0, 200, 40)]
    assert [each for part in parts for each in part] == whole["scenarios"]
    of_raft = ann.get("/api/scenarios?protocol=raft").get_json()
    assert {each["protocol"] for each in of_raft["scenarios"]} == {"raft"}
    assert 0 < ann.get("/api/lessons?q=terms").get_json()["total"] < ann.get("/api/lessons").get_json()["total"]
    assert ann.get("/api/challenges?protocol=raft&limit=1").get_json()["challenges"][0]["level"]
    assert ann.get("/api/protocols?q=raft&limit=1").get_json()["protocols"]
    for wrong, status in (("protocol=nothing", 404), ("limit=0", 422), ("limit=201", 422), ("offset=x", 422)):
        assert ann.get(f"/api/scenarios?{wrong}").status_code == status
    assert ann.get("/api/scenarios?q=" + "x" * 81).status_code == 422
