"""The page that looks for counterexamples, and the calls behind it: real children, stories as rooms, what is refused."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.exploration.fuzz import monitor_of
from server.protocols import PROTOCOLS
from server.rooms import frames
from server.web.searches import Job, order_from
from tests.web.conftest import Make

HOST = {"Origin": "http://localhost"}
UNREMEMBERED = {"protocol": "multi_paxos", "without": ["durable_accepted"], "seconds": 60}
LONG = {"protocol": "raft", "seconds": 120}
PATIENCE_S = 60


def order(client: FlaskClient, what: Any) -> dict[str, Any]:
    answer = client.post("/api/searches", json=what, headers=HOST)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def until(client: FlaskClient, name: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Asks until it is as wanted."""
    end = time.monotonic() + PATIENCE_S
    while not wanted(told := dict(client.get(f"/api/searches/{name}").get_json())):
        assert time.monotonic() < end, told
        time.sleep(0.05)
    return told


def over(told: dict[str, Any]) -> bool:
    return bool(told["over"])


def begun(told: dict[str, Any]) -> bool:
    return bool(told["state"] != "waiting")


def searching(told: dict[str, Any]) -> bool:
    return told["progress"].get("runs", 0) > 0


def running_in_group(leader: int) -> list[str]:
    """The processes of a group that have not ended, as the system tells them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = path.read_text()
        except OSError:
            continue  # it has ended meanwhile
        state, _, group = told.rpartition(")")[2].split()[:3]
        if int(group) == leader and state != "Z":
            found.append(told)
    return found


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_page_offers_every_protocol_with_its_rules_and_properties(make: Make) -> None:
    page = make().app.test_client().get("/explore").text
    assert '<a href="/explore" aria-current="page">' in page
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    boot = json.loads(found[1])
    assert [each["name"] for each in boot["protocols"]] == list(PROTOCOLS)
    for told in boot["protocols"]:
        known = PROTOCOLS[told["name"]]
        assert [rule["name"] for rule in told["rules"]] == list(known.program.rules)
        assert [p["name"] for p in told["properties"]] == [p.name for p in (*known.properties, *known.witnesses())]


# ---- a search --------------------------------------------------------------------------------------------------------


def test_a_search_finds_a_story_that_opens_as_a_room_before_its_last_event_which_is_news_there(make: Make) -> None:
    web = make()
    client = web.app.test_client()
    job = order(client, UNREMEMBERED)
    done = until(client, job["name"], over)
    assert (done["state"], done["progress"]["part"]) == ("done", 1)
    story = done["report"]["result"]
    assert story["off"] == ["durable_accepted"]
    assert story["guilty"] is True
    assert len(story["acts"]) == len(story["recording"]["commands"]) > 0
    opened = client.post(f"/api/searches/{job['name']}/room", headers=HOST)
    assert opened.status_code == 201
    room = web.shell.lobby.rooms[opened.get_json()["room"]]
    welcome = room.join("v1", None, "Ann")["welcome"]
    assert (welcome["cursor"], welcome["head"], welcome["playing"]) == (story["seq"] - 1, story["seq"], False)
    assert welcome["found"]["broken"] == story["broken"]
    assert welcome["world"]["rules"]["durable_accepted"] is False
    (since, state, *_) = welcome["properties"][story["broken"]][-1]
    assert (since, state) == (story["seq"], "broken")
    _its_last_event_is_news_when_it_is_shown_first(web.shell, room, story)


def _its_last_event_is_news_when_it_is_shown_first(shell: Any, room: Any, story: dict[str, Any]) -> None:
    with shell.lock:
        room.join("v2", room.maker, "Ann")
        room.receive("v2", frames.Play(1))
        ticks = [frame for _ in range(40) for _, frame in room.tick(200_000, lambda: True)]
    (notice,) = [frame["notice"] for frame in ticks if "notice" in frame]
    assert (notice["code"], notice["args"]["seq"]) == ("property_broken", story["seq"])
    assert (room.show.branch.cursor, room.show.playing) == (story["seq"], False)
    assert story["broken"] in dict(monitor_of(room.show.branch.run).broken())
    with shell.lock:
        room.receive("v2", frames.Step(2, -1))
        room.receive("v2", frames.Play(3))
        again = [frame for _ in range(40) for _, frame in room.tick(200_000, lambda: True)]
    assert not [frame for frame in again if "notice" in frame]
    assert room.show.branch.cursor > story["seq"]


def test_where_nothing_is_found_it_says_how_much_was_searched(make: Make) -> None:
    client = make().app.test_client()
    job = order(client, {"protocol": "raft", "seconds": 8})
    done = until(client, job["name"], over)
    assert (done["state"], done["report"]["result"]) == ("done", None)
    assert done["report"]["runs"] > 0
    assert done["report"]["events"] > done["report"]["runs"]
    assert done["progress"]["phase"] == "searching"
    refused = client.post(f"/api/searches/{job['name']}/room", headers=HOST)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "no_story")


def test_a_systematic_search_tells_states_and_depth_and_whether_it_saw_all(make: Make) -> None:
    client = make().app.test_client()
    job = order(client, {"protocol": "raft", "method": "systematic", "seconds": 5, "nodes": 3})
    partial = until(client, job["name"], lambda told: told["progress"].get("states", 0) > 0 or over(told))
    assert partial["progress"]["depth"] > 0
    done = until(client, job["name"], over)
    assert done["report"]["states"] > 0
    assert done["report"]["complete"] is False


def test_who_ordered_it_stops_it_and_the_child_and_its_workers_are_gone(make: Make) -> None:
    web = make()
    ann, bob = web.app.test_client(), web.app.test_client()
    job = order(ann, LONG)
    until(ann, job["name"], searching)
    bob.get("/explore")
    refused = bob.delete(f"/api/searches/{job['name']}", headers=HOST)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_yours")
    assert ann.delete(f"/api/searches/{job['name']}", headers=HOST).status_code == 200
    stopped = until(ann, job["name"], over)
    assert stopped["state"] == "stopped"
    assert stopped["report"]["stopped"] is True
    process = web.searches.jobs[job["name"]].process
    assert process is not None
    assert process.poll() is not None
    end = time.monotonic() + PATIENCE_S
    while alive := running_in_group(process.pid):
        assert time.monotonic() < end, alive
        time.sleep(0.05)


def test_one_is_computed_at_a_time_and_the_line_has_an_end(make: Make) -> None:
    web = make(searches_waiting=1)
    ann, bob, eve = (web.app.test_client() for _ in range(3))
    first = order(ann, LONG)
    until(ann, first["name"], lambda told: told["state"] == "running")
    second = order(bob, {"protocol": "raft", "seconds": 5})
    assert (second["state"], second["before"]) == ("waiting", 1)
    refused = eve.post("/api/searches", json=LONG, headers=HOST)
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too_many_searches")
    ann.delete(f"/api/searches/{first['name']}", headers=HOST)
    assert until(bob, second["name"], begun)["state"] in ("running", "done")


def test_who_orders_another_one_no_longer_wants_the_first(make: Make) -> None:
    client = make().app.test_client()
    first = order(client, LONG)
    until(client, first["name"], searching)
    second = order(client, {"protocol": "raft", "seconds": 5})
    assert until(client, first["name"], over)["state"] == "stopped"
    assert until(client, second["name"], begun)["state"] in ("running", "done")


def test_what_nobody_looks_at_is_stopped(make: Make) -> None:
    web = make(search_unwatched_s=0.5)
    job = web.searches.jobs[order(web.app.test_client(), LONG)["name"]]
    end = time.monotonic() + PATIENCE_S
    while job.state != "stopped":
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_search_that_is_not_kept_is_said_so(make: Make) -> None:
    client = make().app.test_client()
    for answer in (client.get("/api/searches/nothing"), client.post("/api/searches/nothing/room", headers=HOST)):
        assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_search")


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"protocol": "paxis"}, "There is no protocol {name}."),
        ({"without": ["gravity"]}, "{protocol} has no rule {name}; there are {names}."),
        ({"wanted": "gravity"}, "has no property {name} that can break"),
        ({"nodes": 12}, "A cluster has 1 to {most} nodes."),
        ({"nodes": "three"}, "This is no order for a search."),
        ({"params": {"gravity": 3}}, "There is no tunable {name}."),
        ({"params": {"heartbeat_interval": 0}}, "{name} is between {low} and {high}."),
        ({"seconds": 4}, "Here a search takes {low} to {high} seconds"),
        ({"seconds": 100_000}, "Here a search takes {low} to {high} seconds"),
        ({"method": "lucky"}, "This is no order for a search."),
        ({"colour": "red"}, "This is no order for a search."),
        ({"method": "systematic", "wanted": "leader_exists"}, "a systematic search sees no end"),
        ({"method": "systematic", "wanted": "linearizable"}, "forgets how a state came about"),
    ],
)
def test_a_wrong_choice_is_refused_before_anything_is_computed(
    make: Make, change: dict[str, Any], sentence: str
) -> None:
    web = make()
    answer = web.app.test_client().post("/api/searches", json={**LONG, **change}, headers=HOST)
    assert answer.status_code in (404, 422)
    assert sentence in answer.get_json()["text"]
    assert not web.searches.jobs


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"seconds": NaN}'])
def test_what_is_no_order_is_refused(make: Make, body: bytes) -> None:
    answer = make().app.test_client().post("/api/searches", data=body, headers=HOST)
    assert (answer.status_code, answer.get_json()["text"]) == (422, "This is no order for a search.")


def test_pages_of_other_sites_can_do_nothing(make: Make) -> None:
    client = make().app.test_client()
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert client.post("/api/searches", json=LONG, headers=elsewhere).status_code == 403
    assert client.delete("/api/searches/x", headers=elsewhere).status_code == 403
    assert client.post("/api/searches/x/room", headers=elsewhere).status_code == 403


def test_the_command_is_made_of_names_that_the_protocol_knows_and_of_numbers() -> None:
    params = {"heartbeat_interval": 60_000, "no_op": False}
    data = {"protocol": "raft", "without": ["one_vote"] * 2, "nodes": 4, "params": params, "method": "systematic"}
    order_from(data)
    assert Job(data, "ann", 0.0).words(2) == [
        "explore", "raft", "--json-lines", "--budget=30s", "--jobs=2", "--without=one_vote",
        "--set=heartbeat_interval=60000", "--set=no_op=off", "--nodes=4", "--systematic", "--states=300000",
    ]  # fmt: skip
