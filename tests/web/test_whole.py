"""The whole server with its real rooms, from the form to the socket."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.web.conftest import Server
from tests.web.talk import Talk


class Person:
    """A browser with its cookies."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._cookies = CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies)).open

    def order(self, **form: str) -> str:
        """Opens a room and returns its name."""
        request = urllib.request.Request(
            f"{self._server.url}/rooms",
            urlencode(form).encode(),
            {"Accept": "application/json", "Origin": self._server.url},
        )
        with self._open(request, timeout=10) as answer:
            return str(json.load(answer)["room"])

    def talk(self) -> Talk:
        cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)
        return self._server.talk(headers={"Cookie": cookie, "Origin": self._server.url} if cookie else {})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("whole"), module="server")
    yield server
    server.end()


@pytest.fixture
def person(whole: Server) -> Iterator[Person]:
    yield Person(whole)
    whole.hang_up()


def events_until(talk: Talk, wanted: str) -> list[dict[str, Any]]:
    """The events up to the first update with an indication of that type."""
    found: list[dict[str, Any]] = []
    while not any(i["type"] == wanted for event in found for i in event.get("indications", ())):
        found += talk.until("update").get("events", [])
    return found


def test_a_room_elects_a_leader_before_the_eyes_of_all_and_obeys_its_presenter_alone(
    whole: Server, person: Person
) -> None:
    room = person.order(protocol="raft", nodes="5", seed="7")
    presenter, viewer = person.talk(), whole.talk()
    first, second = presenter.join(room), viewer.join(room)
    assert first["welcome"]["you"]["role"] == "presenter"
    assert second["welcome"]["you"]["role"] == "viewer"
    assert first["welcome"]["protocol"]["name"] == "raft"
    assert presenter.ask("speed", ratio=1)["ok"]
    for talk in (presenter, viewer):
        assert events_until(talk, "Elected")
    assert viewer.ask("command", command={"type": "crash", "node": "n1"}, at=None)["code"] == "no_controls"
    crash = presenter.ask("command", command={"type": "crash", "node": "n1"}, at=None)
    assert crash["ok"]
    while not any(event["seq"] == crash["seq"] for event in viewer.until("update").get("events", ())):
        pass
    refused = presenter.ask("command", command={"type": "crash", "node": "n1"}, at=None)
    assert (refused["code"], refused["args"]) == ("already_down", {"node": "n1"})


def test_7_a_viewer_whose_connection_was_lost_is_given_exactly_what_he_missed(whole: Server, person: Person) -> None:
    room = person.order(protocol="raft", seed="3")
    steady, shaky = person.talk(), whole.talk()
    welcome = steady.join(room)["welcome"]
    shaky.join(room)
    last = shaky.until("update")
    shaky.close()
    seen = []
    while len(seen) < 20:
        seen.append(steady.until("update"))
    again = whole.talk()
    reply = again.join(room, last={"epoch": last["epoch"], "seq": last["seq"]})
    after = {update["seq"]: update for update in seen if update["seq"] > last["seq"]}
    missed = {update["seq"]: update for update in reply["updates"]}
    assert missed
    assert min(missed) == last["seq"] + 1
    assert all(missed[seq] == after[seq] for seq in missed.keys() & after.keys())
    assert again.until("update")["seq"] == max(missed) + 1
    assert welcome["epoch"] == last["epoch"]


def test_a_scenario_and_a_lesson_can_be_opened_by_their_names(whole: Server, person: Person) -> None:
    with urllib.request.urlopen(f"{whole.url}/api/protocols/raft", timeout=10) as answer:
        assert json.load(answer)["name"] == "raft"
    room = person.order(scenario="split_vote")
    assert person.talk().join(room)["welcome"]["scenario"]["name"] == "split_vote"


def test_a_challenge_is_opened_and_taken_over_a_socket(whole: Server, person: Person) -> None:
    room = person.order(challenge="two_leaders_at_once", of="raft")
    talk = person.talk()
    challenge = talk.join(room)["welcome"]["challenge"]
    assert (challenge["name"], challenge["outcome"], challenge["hints"]) == ("two_leaders_at_once", "open", [])
    assert talk.ask("challenge", ask="hint")["ok"]
    while "challenge" not in (update := talk.until("update")):
        pass
    assert len(update["challenge"]["hints"]) == 1
    assert talk.ask("command", command={"type": "set_clock", "node": "n1", "offset": 5})["code"] == "act_not_allowed"


def test_everything_that_a_viewer_may_ask_for_is_answered(whole: Server, person: Person) -> None:
    room = person.order(protocol="raft", seed="1")
    talk = person.talk()
    talk.join(room)
    assert talk.ask("run_until", until={"kind": "leader"})["ok"]
    while talk.until("update").get("playing", True):
        pass
    assert talk.ask("events", **{"from": 1, "to": 5})["events"][0]["seq"] == 1
    assert talk.ask("world", seq=3)["world"]["seq"] == 3
    assert talk.ask("log", seq=3, host="n1", field="log", **{"from": 0, "to": 5})["items"] == []
    assert talk.ask("tape")["tape"]
    assert talk.ask("recording")["recording"]["protocol"] == "raft"
    assert talk.ask("step", by=-1)["ok"]
    assert talk.ask("name", name="Ann")["name"] == "Ann"
    copied = talk.ask("copy", seq=3)["room"]
    assert person.talk().join(copied)["welcome"]["cursor"] == 3


def test_the_secret_stays_in_the_instance_folder(whole: Server, tmp_path: Path) -> None:
    assert not list(tmp_path.iterdir())
    assert whole.errors() == ""
