"""Programs hold a class: what calls do in rooms, who they are there, and how often they may."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.rooms.limits import Limits as RoomLimits
from server.simulation.texts import Refused
from server.web import calls as calling
from server.web import rest, wire
from server.web.app import Web
from server.web.calls import Calls
from server.web.config import Limits
from server.web.repeats import CALLERS_MAX, OF_CALLER_MAX, Repeats
from tests.web.conftest import Make
from tests.web.test_keeper import Server
from tests.web.test_shell import Browser, Clock


@pytest.fixture
def web(make: Make) -> Web:
    return make()


@pytest.fixture
def ann(web: Web) -> FlaskClient:
    return web.app.test_client()


def opened(client: FlaskClient, **order: Any) -> str:
    answer = client.post("/api/rooms", json={"protocol": "raft", "seed": 7, **order})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["room"])


def say(client: FlaskClient, room: str, type_: str, status: int = 200, **fields: Any) -> Any:
    answer = client.post(f"/api/rooms/{room}/acts", json={"type": type_, **fields})
    assert answer.status_code == status, answer.text
    return answer.get_json()


def test_a_program_holds_a_class(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    assert say(ann, name, "pause") == {"cursor": 0}
    for seq in range(1, 31):
        assert say(ann, name, "step", by=1) == {"cursor": seq}
    web.shell.tick(name, 3_000_000, lambda: True)  # people act thirty times a second
    assert say(ann, name, "seek", seq=12) == {"cursor": 12}
    crash = say(ann, name, "command", command={"type": "crash", "node": "n2"})
    assert crash == {"seq": 13, "branch": 1}
    news = ann.get(f"/api/rooms/{name}/news?since=12").get_json()
    assert (news["branch"], news["since"], news["upto"]) == (1, 12, 13)
    assert [(event["seq"], event["command"]["type"]) for event in news["events"]] == [(13, "crash")]
    assert news["events"][0]["by_kind"] == "person"
    assert (news["shown"]["cursor"], news["shown"]["playing"]) == (13, False)
    asked = {"type": "request", "client": "c1", "operation": {"name": "put", "key": "x", "value": "1"}}
    assert say(ann, name, "command", command=asked)["seq"] == 14
    assert say(ann, name, "rename_branch", branch=1, name="without n2") == {"cursor": 14}
    assert say(ann, name, "branch", branch=0) == {"cursor": 12}
    assert say(ann, name, "run_until", until={"kind": "leader"}) == {"cursor": 12}
    while web.shell.lobby.rooms[name].show.playing:
        web.shell.tick(name, 200_000, lambda: True)
    told = ann.get(f"/api/rooms/{name}/news?since=12&branch=0").get_json()
    assert any(each["type"] == "Elected" for event in told["events"] for each in event.get("indications", ()))
    world = ann.get(f"/api/rooms/{name}/world").get_json()
    assert world["seq"] == told["shown"]["cursor"] < told["upto"] == 30  # it was played to 30 before it went back
    assert [each["name"] for each in ann.get(f"/api/rooms/{name}").get_json()["branches"]] == ["A", "without n2"]
    copy = say(ann, name, "copy", seq=5)["room"]
    assert ann.get(f"/api/rooms/{copy}").get_json()["seq"] == 5


def test_what_sockets_may_ask_for_calls_may_too(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    web.shell.lobby.rooms[name].show.go_on(500_000, lambda: True)
    assert say(ann, name, "world", seq=3)["world"] == ann.get(f"/api/rooms/{name}/world?seq=3").get_json()["world"]
    assert [event["seq"] for event in say(ann, name, "events", **{"from": 2, "to": 4})["events"]] == [2, 3, 4]
    assert say(ann, name, "recording")["recording"]["protocol"] == "raft"
    assert say(ann, name, "log", **{"seq": 3, "host": "n1", "field": "log", "from": 0, "to": 9})["items"] == []
    assert say(ann, name, "tape") == {"tape": []}


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({}, 422, "bad_frame"),
        ([], 422, "bad_call"),
        ({"type": "nothing"}, 422, "unknown_frame"),
        ({"type": "join", "room": "room1"}, 422, "unknown_frame"),
        ({"type": "pause", "id": 3}, 422, "bad_frame"),
        ({"type": "pause", "more": 3}, 422, "bad_frame"),
        ({"type": "step", "by": 2}, 422, "bad_frame"),
        ({"type": "command", "command": {"type": "crash", "node": "N1"}}, 422, "bad_frame"),
        ({"type": "command", "command": {"type": "crash", "node": "n8"}}, 404, "unknown_node"),
        ({"type": "seek", "seq": 9_999}, 404, "no_such_event"),
        ({"type": "step", "by": -1}, 422, "at_beginning"),
        ({"type": "name", "name": "x" * 17_000}, 413, "too_large"),
    ],
)
def test_what_sockets_may_not_say_calls_may_not_either(
    web: Web, ann: FlaskClient, said: Any, status: int, code: str
) -> None:
    name = opened(ann)
    answer = ann.post(f"/api/rooms/{name}/acts", json=said)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    assert answer.get_json()["code"] == code
    if isinstance(said, dict) and code not in ("too_large",) and said.get("type") != "join" and "id" not in said:
        browser = Browser(web, ann)
        browser.ask("join", room=name)
        assert (
            browser.ask(**{"type_": said.get("type", 1), **{k: v for k, v in said.items() if k != "type"}})["code"]
            == code
        )


def test_a_call_has_the_role_of_its_token(web: Web, ann: FlaskClient) -> None:
    name, bob = opened(ann), web.app.test_client()
    bob.get("/")
    assert say(bob, name, "pause", 403)["code"] == "no_controls"
    assert say(bob, name, "controls", 403, to="all")["code"] == "not_presenter"
    people = web.shell.lobby.rooms[name].people
    (bobs,) = (person.id for person in people.persons.values() if not person.presents)
    assert say(ann, name, "controls", to=bobs) == {"controls": bobs}
    assert say(bob, name, "pause") == {"cursor": 0}
    assert say(bob, name, "name", name="Bob's script") == {"name": "Bob's script"}
    event = say(bob, name, "command", command={"type": "crash", "node": "n1"})
    assert ann.get(f"/api/rooms/{name}/news?since={event['seq'] - 1}").get_json()["events"][0]["by"] == "Bob's script"
    assert say(ann, name, "controls", to="presenter") == {"controls": "presenter"}
    assert say(bob, name, "play", 403)["code"] == "no_controls"


def test_a_program_is_whom_its_token_is_of(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    answer = ann.get("/api/token")
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.get_json()["token"]
    script = web.app.test_client(use_cookies=False)
    header = {"Authorization": f"Bearer {token}"}
    act = f"/api/rooms/{name}/acts"
    assert script.post(act, json={"type": "pause"}).status_code == 403
    taken = script.post(act, json={"type": "pause"}, headers=header)
    assert taken.status_code == 200, taken.text
    assert "Set-Cookie" not in taken.headers
    mine = script.post("/api/rooms", json={"protocol": "paxos"}, headers=header).get_json()["room"]
    assert mine in [each["room"] for each in ann.get("/api/rooms").get_json()["rooms"]]
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "qs.", "qs.x"):
        refused = script.get("/api/rooms", headers={"Authorization": f"Bearer {wrong}"})
        assert (refused.status_code, refused.get_json()["code"]) == (401, "bad_token")
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    for a_proxys in ("Bearer eyJhbGciOi", "Basic YTpi"):
        assert script.get("/api/rooms", headers={"Authorization": a_proxys}).status_code == 200


def test_people_see_a_program_as_long_as_it_calls(web: Web, ann: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    name = opened(ann)
    room = web.shell.lobby.rooms[name]
    assert not ann.get(f"/api/rooms/{name}/world").get_json()["seq"]
    assert room.people.count() == 0  # who looks is in no room
    say(ann, name, "pause")
    say(ann, name, "play")
    assert (room.people.count(), room.viewers) == (1, 1)
    web.shell.sweep(1_000)
    assert room.watched
    monkeypatch.setattr(calling, "QUIET_S", -1.0)
    web.shell.sweep(1_000)
    assert (room.people.count(), room.viewers) == (0, 0)


def test_a_program_whose_room_was_closed_is_told_so_and_takes_a_seat_anew(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    say(ann, name, "pause")
    web.shell._close_broken(name)
    assert say(ann, name, "pause", 404)["code"] == "unknown_room"
    assert not [viewer for viewer in web.shell._by_id.values() if viewer.room == name]
    assert say(ann, opened(ann), "pause") == {"cursor": 0}


def test_who_acts_or_looks_too_often_is_told_when_to_try_again(make: Make) -> None:
    web = make(asks_per_second=0.001, asks_burst=3)
    ann = web.app.test_client()
    name = opened(ann)
    for _ in range(RoomLimits().acts_at_once_max):
        say(ann, name, "pause")
    answer = ann.post(f"/api/rooms/{name}/acts", json={"type": "pause"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    for path in ("", "/world", "/news"):
        assert ann.get(f"/api/rooms/{name}{path}").status_code == 200
    for path in ("", "/world", "/news", "/events", "/recording"):
        answer = ann.get(f"/api/rooms/{name}{path}")
        assert (answer.status_code, answer.get_json()["code"], answer.headers["Retry-After"]) == (429, "too_fast", "1")
    bob = web.app.test_client()
    assert bob.get(f"/api/rooms/{name}/world").status_code == 200  # he has a measure of his own


def test_calls_have_the_measure_of_a_socket_too(make: Make) -> None:
    web = make(frames_per_second=0.001, frames_burst=2)
    ann = web.app.test_client()
    name = opened(ann)
    for status in (200, 200, 429):
        assert ann.post(f"/api/rooms/{name}/acts", json={"type": "tape"}).status_code == status


def test_new_cookies_are_no_new_measures_without_an_end(make: Make) -> None:
    web = make(callers_per_address=2)
    name = opened(web.app.test_client())
    answers = []
    for _ in range(3):
        stranger = web.app.test_client()
        stranger.get("/")
        answers.append(stranger.get(f"/api/rooms/{name}/world"))
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].get_json()["code"] == "too_many_callers"


def test_a_call_may_wait_for_news(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    say(ann, name, "pause")
    waiter = Waiter(web, name)
    say(ann, name, "pause")  # something happens, and no event
    say(ann, name, "step", by=1)
    told = waiter.told()
    assert [event["seq"] for event in told["events"]] == [1]
    assert ann.get(f"/api/rooms/{name}/news?since=1").get_json()["events"] == []
    assert ann.get(f"/api/rooms/{name}/news?wait=21").status_code == 422


def test_who_waits_looks_only_when_there_are_news(web: Web, ann: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    told_since = rest.told_since
    monkeypatch.setattr(rest, "told_since", lambda *asked: looks.append(asked[2]) or told_since(*asked))
    name, calls = opened(ann), web.app.extensions["quorumscope.calls"]
    say(ann, name, "pause")
    waiter = Waiter(web, name)
    for _ in range(20):
        say(ann, name, "pause")
    assert looks == []
    say(ann, name, "step", by=1)
    assert waiter.told()["upto"] == 1
    assert looks == [0]
    assert len(calls.waits) == 0


def test_who_waits_for_a_room_that_is_closed_is_told_so(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    waiter = Waiter(web, name)
    web.shell.lobby.close(name)
    web.shell.sweep(1_000)
    assert waiter.told()["code"] == "unknown_room"


def test_a_branch_that_is_deleted_ends_the_waiting_for_it(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    say(ann, name, "pause")
    for _ in range(5):
        say(ann, name, "step", by=1)
    say(ann, name, "seek", seq=2)
    say(ann, name, "command", command={"type": "crash", "node": "n2"})
    waiter = Waiter(web, name, "branch=1&since=3")
    say(ann, name, "delete_branch", branch=1)
    assert waiter.told()["code"] == "no_such_branch"


@pytest.mark.parametrize("limit", ["waits", "waits_per_address", "waits_per_caller"])
def test_nobody_takes_all_places_to_wait_in(make: Make, limit: str) -> None:
    web = make(**{limit: 2})
    ann = web.app.test_client()
    name = opened(ann)
    say(ann, name, "pause")
    token = ann.get("/api/token").get_json()["token"] if limit == "waits_per_caller" else ""
    waiters = [Waiter(web, name, token=token) for _ in range(2)]
    asked = f"/api/rooms/{name}/news?wait=20"
    answer = (ann if token else web.app.test_client()).get(asked)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_waiting")
    assert answer.headers["Retry-After"] == "5"
    assert ann.get(f"/api/rooms/{name}/news").status_code == 200  # who does not wait needs no place
    say(ann, name, "step", by=1)
    assert [waiter.told()["upto"] for waiter in waiters] == [1, 1]
    assert ann.get(asked).get_json()["upto"] == 1  # nor does he to whom something is told at once


def keyed(client: FlaskClient, room: str, key: str, **said: Any) -> Any:
    return client.post(f"/api/rooms/{room}/acts", json=said, headers={"Idempotency-Key": key})


def test_an_act_that_is_sent_again_is_done_once(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    keyed(ann, name, "k0", type="pause")
    first = [keyed(ann, name, "k1", type="step", by=1).get_json() for _ in range(3)]
    assert first == [{"cursor": 1}] * 3
    assert keyed(ann, name, "k2", by=1, type="step").get_json() == {"cursor": 2}
    assert keyed(ann, name, "k1", by=1, type="step").get_json() == {"cursor": 1}
    other = keyed(ann, name, "k1", type="step", by=-1)
    assert (other.status_code, other.get_json()["code"]) == (422, "key_used")
    assert web.shell.lobby.rooms[name].show.branch.cursor == 2
    copies = {keyed(ann, name, "k3", type="copy", seq=1).get_json()["room"] for _ in range(2)}
    assert len(copies) == 1
    (copy,) = copies
    assert keyed(ann, copy, "k1", type="step", by=1).get_json() == {"cursor": 2}  # keys are the room's
    assert keyed(ann, name, "k1", type="world", seq=0).status_code == 200  # a look may be had again


def test_the_keys_of_two_callers_are_two(web: Web, ann: FlaskClient) -> None:
    name, bob = opened(ann), web.app.test_client()
    bob.get("/")
    say(ann, name, "controls", to="all")
    say(ann, name, "pause")
    assert [keyed(who, name, "k", type="step", by=1).get_json()["cursor"] for who in (ann, bob)] == [1, 2]


def test_what_was_refused_is_tried_anew(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    say(ann, name, "pause")
    assert keyed(ann, name, "k", type="step", by=-1).status_code == 422
    say(ann, name, "step", by=1)
    assert keyed(ann, name, "k", type="step", by=-1).get_json() == {"cursor": 0}
    for bad in ("", "x" * 129, "a b", "é"):
        assert keyed(ann, name, bad, type="pause").get_json()["code"] == "bad_key"


def test_the_answer_that_was_not_waited_for_is_had_by_asking_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path / "db", monkeypatch)
    for _ in range(2):
        with pytest.raises(Refused, match="waits to be saved"):
            desk.calls.act(desk.ann, desk.name, {"type": "step", "by": 1}, "k")
    desk.server.keeper.save()
    assert desk.calls.act(desk.ann, desk.name, {"type": "step", "by": 1}, "k") == {"cursor": 1}
    assert desk.server.lobby.rooms[desk.name].show.branch.head == 1


def test_what_is_remembered_of_acts_is_bounded() -> None:
    repeats: Repeats[int] = Repeats()
    for key in range(OF_CALLER_MAX + 1):
        repeats.keep("room", "ann", str(key), {}, key)
    assert (repeats.find("room", "ann", "0", {}), repeats.find("room", "ann", "1", {})) == (None, 1)
    for caller in range(CALLERS_MAX):
        repeats.keep("room", caller, "k", {}, 1)
    assert (repeats.find("room", "ann", "1", {}), repeats.find("room", 0, "k", {})) == (None, 1)
    repeats.tidy({})
    assert repeats.find("room", 0, "k", {}) is None


class Waiter:
    """A call that waits for news, from the moment at which it stands in the line."""

    def __init__(self, web: Web, room: str, query: str = "", token: str = "") -> None:
        waits = web.app.extensions["quorumscope.calls"].waits
        before = len(waits)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._answers: list[Any] = []
        self._call = threading.Thread(
            target=lambda: self._answers.append(
                web.app.test_client().get(f"/api/rooms/{room}/news?wait=20&{query}", headers=headers).get_json()
            )
        )
        self._call.start()
        while len(waits) == before:
            assert self.waits, self._answers

    @property
    def waits(self) -> bool:
        return self._call.is_alive()

    def told(self) -> Any:
        self._call.join()
        return self._answers[0]


def test_a_call_may_wait_until_what_was_run_until_has_come(web: Web, ann: FlaskClient) -> None:
    name = opened(ann)
    since = say(ann, name, "run_until", until={"kind": "leader"})["cursor"]
    news = f"/api/rooms/{name}/news?since={since}"
    web.shell.tick(name, 100_000, lambda: True)
    early = ann.get(f"{news}&until=paused").get_json()  # without `wait` it tells what there is
    assert early["shown"]["playing"]
    assert ann.get(f"{news}&until=event&wait=20").get_json()["events"]
    told: list[Any] = []
    waiting = threading.Thread(target=lambda: told.append(ann.get(f"{news}&wait=20&until=paused").get_json()))
    waiting.start()
    while web.shell.lobby.rooms[name].show.playing:
        assert not told
        web.shell.tick(name, 100_000, lambda: True)
    waiting.join()
    (late,) = told
    assert (late["shown"]["playing"], late["upto"]) == (False, late["shown"]["cursor"])
    assert late["upto"] > early["upto"]
    assert any(each["type"] == "Elected" for each in late["events"][-1]["indications"])
    refused = ann.get(f"{news}&until=dawn")
    assert (refused.status_code, refused.get_json()["detail"]) == (422, "until is one of event, paused.")


class Desk:
    """Calls in a server with a database, whose writer works when it is told to."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(calling, "SETTLE_S", 0.0)
        self.server = Server(path)
        self.calls = Calls(self.server.shell, Limits(), Clock())
        self.name = self.server.room()
        self.server.keeper.save()
        self.ann = self.calls.caller("teacher", "127.0.0.1")


def test_nothing_is_answered_before_it_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path / "db", monkeypatch)
    for refused, act in (
        ("look at the room", lambda: desk.calls.act(desk.ann, desk.name, {"type": "step", "by": 1})),
        ("does not answer", lambda: desk.calls.ask(desk.ann, desk.name, lambda room: room.show.shown())),
    ):
        with pytest.raises(Refused, match=refused) as reason:
            act()
        assert reason.value.code == "not_saved"
    desk.server.keeper.save()
    shown = desk.calls.ask(desk.ann, desk.name, lambda room: room.show.shown())
    assert shown.cursor == 1
    monkeypatch.setattr(calling, "SETTLE_S", 10.0)
    done: list[Any] = []
    acting = threading.Thread(
        target=lambda: done.append(desk.calls.act(desk.ann, desk.name, {"type": "step", "by": 1}))
    )
    acting.start()
    while not desk.server.keeper.unsaved(desk.name):
        assert acting.is_alive()
    assert not done
    desk.server.keeper.save()
    acting.join()
    assert done == [{"cursor": 2}]


def test_a_call_is_parsed_as_a_frame_is() -> None:
    assert wire.read_call({"type": "step", "by": 1}, 7) == wire.read_frame({"type": "step", "by": 1, "id": 7})
