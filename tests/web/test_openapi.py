"""The document of the calls: complete, valid, and true to what is really parsed and answered."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from server.rooms.limits import Limits as RoomLimits
from server.simulation.texts import Refused
from server.web.app import Web
from server.web.compare import check
from server.web.openapi import document
from server.web.openapi.document import path_of
from server.web.openapi.orders import ComparisonOrder
from server.web.shapes import FRAMES
from server.web.wire import read_call
from tests.web.conftest import Make
from tests.web.test_recordings import opened

SAID: list[dict[str, Any]] = [
    {"type": "pause"},
    {"type": "seek", "time": 5},
    {"type": "events", "from": 1, "to": 2},
    {"type": "events", "first": 1, "last": 2},
    {"type": "command", "command": {"type": "restart", "node": "n1", "disk": "kept"}, "at": 5},
    {"type": "command", "command": {"type": "restart", "node": "n1"}},
    {"type": "run_until", "until": {"kind": "leader", "type": None}},
    {"type": "step", "by": 3},
    {"type": "step"},
    {"type": "pause", "id": 1},
    {"type": "join", "room": "room1"},
]
HOST = {"Origin": "http://localhost"}


@pytest.fixture
def web(make: Make) -> Web:
    return make()


@pytest.fixture
def ann(web: Web) -> FlaskClient:
    client = web.app.test_client()
    client.get("/recordings")
    return client


def test_every_route_is_in_the_document_and_nothing_else(web: Web) -> None:
    routes = {
        (path_of(rule.rule), method.lower())
        for rule in web.app.url_map.iter_rules()
        if rule.rule.startswith("/api")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(path, method) for path, told in document()["paths"].items() for method in told}


def test_the_document_is_openapi_and_served(ann: FlaskClient) -> None:
    answer = ann.get("/api/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert list(OPENAPI_31_VALIDATOR.iter_errors(answer.get_json())) == []
    ids = [told["operationId"] for path in document()["paths"].values() for told in path.values()]
    assert len(ids) == len(set(ids))
    assert not re.search(r"\\Z", answer.text)
    for name in set(re.findall(r'"#/components/schemas/(\w+)"', answer.text)):
        assert name in document()["components"]["schemas"]


def hold(answer: Any, id: str, status: int) -> Any:
    """Holds an answer to the shape that the document has for it; what it says."""
    assert answer.status_code == status, answer.text
    (operation,) = (
        told for path in document()["paths"].values() for told in path.values() if told["operationId"] == id
    )
    schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
    validator = jsonschema_rs.validator_for({**schema, "components": document()["components"]})
    validator.validate(answer.get_json())
    return answer.get_json()


def test_answers_about_rooms_are_as_described(web: Web, ann: FlaskClient) -> None:
    name = opened(web, ann).name
    hold(ann.post("/api/rooms", json={"protocol": "raft"}), "openRoom", 201)
    assert len(hold(ann.get("/api/rooms"), "listRooms", 200)["rooms"]) == 2
    assert len(hold(ann.get(f"/api/rooms/{name}"), "getRoom", 200)["branches"]) == 2
    assert hold(ann.get(f"/api/rooms/{name}/world"), "getWorld", 200)["seq"] == 70
    assert hold(ann.get(f"/api/rooms/{name}/news?since=60"), "getNews", 200)["upto"] > 70
    assert hold(ann.get(f"/api/rooms/{name}/news?since=60&until=paused&wait=1"), "getNews", 200)["upto"] > 70
    for said in ({"type": "pause"}, {"type": "command", "command": {"type": "crash", "node": "n1"}}, {"type": "tape"}):
        hold(ann.post(f"/api/rooms/{name}/acts", json=said), "act", 200)
    hold(ann.get("/api/token"), "getToken", 200)
    made = hold(ann.post("/api/links", json={"room": name}), "makeLink", 201)
    hold(ann.post("/api/links/open", json={"link": made["path"].partition("#")[2]}), "openLink", 201)
    for kind in ("Protocols", "Scenarios", "Lessons", "Challenges"):
        assert hold(ann.get(f"/api/{kind.lower()}"), f"list{kind}", 200)["total"]
    for protocol in ann.get("/api/protocols").get_json()["protocols"]:
        hold(ann.get(f"/api/protocols/{protocol['name']}"), "getProtocol", 200)


def test_answers_about_recordings_are_as_described(web: Web, ann: FlaskClient) -> None:
    name = opened(web, ann).name
    kept = hold(ann.post(f"/api/rooms/{name}/recordings", json={}), "saveRoom", 201)
    address = f"/api/recordings/{kept['id']}"
    hold(ann.get(address), "getRecording", 200)
    hold(ann.patch(address, json={"name": "Lecture"}), "changeRecording", 200)
    file = hold(ann.get(f"{address}/file"), "exportRecording", 200)
    hold(ann.post("/api/recordings", json=file), "sendRecording", 201)
    assert len(hold(ann.get("/api/recordings"), "listRecordings", 200)["recordings"]) == 2
    hold(ann.post(f"{address}/room"), "openRecording", 201)
    assert ann.delete(address).status_code == 204


def test_answers_about_jobs_are_as_described(make: Make) -> None:
    """None of them is begun: there are no places."""
    ann = make(comparisons=0, searches=0).app.test_client()
    order = {"contestants": [{"protocol": "raft"}, {"protocol": "multi_paxos"}], "seeds": 1, "seconds": 5}
    for kind, ordered in (("Comparison", order), ("Search", {"protocol": "raft"})):
        calls = {"Comparison": "/api/comparisons", "Search": "/api/searches"}[kind]
        name = hold(ann.post(calls, json=ordered), f"order{kind}", 201)["name"]
        hold(ann.get(f"{calls}/{name}"), f"get{kind}", 200)
        assert hold(ann.delete(f"{calls}/{name}"), f"stop{kind}", 200)["over"]


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({}, True),
        ({"sizes": [3]}, True),
        ({"workload": None, "faults": None}, True),
        ({"seeds": 101}, False),
        ({"seconds": 61}, False),
        ({"seconds": 4}, False),
        ({"sizes": [10]}, False),
        ({"sizes": [3, 5]}, False),
        ({"contestants": [{"protocol": "raft"}]}, False),
        ({"contestants": [{"protocol": "raft", "params": {"pre_vote": on}} for on in (True, False)]}, True),
        ({"more": 1}, False),
    ],
)
def test_an_order_for_a_comparison_is_described_as_it_is_parsed(change: dict[str, Any], taken: bool) -> None:
    order = {"contestants": [{"protocol": "raft"}, {"protocol": "multi_paxos"}], "seeds": 1, "seconds": 5} | change
    components = document()["components"]
    schema = {"$ref": f"#/components/schemas/{ComparisonOrder.__name__}", "components": components}
    assert jsonschema_rs.validator_for(schema).is_valid(order) == taken
    try:
        check(order)
        parsed = True
    except Refused:
        parsed = False
    assert parsed == taken


def test_a_full_server_answers_as_described(web: Web, ann: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.shell.lobby, "limits", RoomLimits(rooms_of_one_maker_max=0))
    answer = ann.post("/api/rooms", json={"protocol": "raft"}, headers=HOST)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_rooms")
    assert "429" in document()["paths"]["/api/rooms"]["post"]["responses"]


@pytest.mark.parametrize("said", SAID, ids=str)
def test_what_is_said_to_a_room_is_described_as_it_is_parsed(said: dict[str, Any]) -> None:
    act = document()["paths"]["/api/rooms/{room}/acts"]["post"]
    schema = act["requestBody"]["content"]["application/json"]["schema"] | {"components": document()["components"]}
    try:
        read_call(said, 1)
        taken = True
    except Refused:
        taken = False
    assert jsonschema_rs.validator_for(schema).is_valid(said) == taken


def test_all_that_sockets_say_but_one_can_be_said_by_a_call() -> None:
    act = document()["paths"]["/api/rooms/{room}/acts"]["post"]
    said = act["requestBody"]["content"]["application/json"]["schema"]["discriminator"]["mapping"]
    assert set(said) == set(FRAMES) - {"join"}
