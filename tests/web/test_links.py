"""Links over HTTP: made of a room, followed by somebody else, kept by a short name, shown in a frame."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.rooms import Limits as RoomLimits
from server.rooms import Lobby, Room, frames
from server.rooms.links import Link
from server.rooms.packing import pack, unpack
from server.rooms.tree import Tree, tree_of
from server.simulation.commands import Crash
from server.storage import Store, Worker
from server.web import linking
from server.web.app import Web, create_app
from server.web.config import Config
from server.web.keptlinks import KeptLinks
from server.web.linkorders import known_look
from server.web.shelf import everything

HOST = {"Origin": "http://localhost"}
LOOK = {
    "select": {"kind": "event", "seq": 30}, "panel": "inspector", "filter": "all", "board": 1,
    "window": {"span": 350_000, "from": -12_000}, "places": {"n2": [120, -80]},
}  # fmt: skip


@pytest.fixture
def web(built: Path, tmp_path: Path) -> Web:
    config = Config(secret_key=b"k" * 32, framers=("https://school.example",))
    store = Store(f"sqlite:///{tmp_path / 'kept.sqlite3'}")
    store.open()
    names = iter(f"room{number}" for number in range(1, 500))
    lobby = Lobby(RoomLimits(brief_rooms_max=3), make_id=lambda: next(names))
    kept = KeptLinks(config, Worker(store, lambda call: call()))
    return create_app(config, lobby, "threading", everything(), kept)


@pytest.fixture
def room(web: Web) -> Room:
    """A room in which a node was crashed and people went back, behind the crash."""
    made: Room = web.shell.lobby.open(protocol="raft", seed=7, clients=1, params={"think_time": 60_000}, maker="me")
    made.join("v", "me", "Ann")
    branch = made.show.branch
    while branch.head < 200:
        branch.on_to(None)
    branch.act(Crash("n1"), "Ann")
    while branch.head < 260:
        branch.on_to(None)
    made.receive("v", frames.Seek(1, 120, None))
    made.receive("v", frames.Speed(2, 3.3))
    return made


def post(client: FlaskClient, path: str, what: Any, code: int = 201) -> dict[str, Any]:
    answer = client.post(path, json=what, headers=HOST)
    assert answer.status_code == code, answer.text
    return dict(answer.get_json())


def carried(path: str) -> str:
    assert path.startswith("/l#")
    return path.removeprefix("/l#")


def opened(web: Web, told: dict[str, Any]) -> Room:
    found: Room = web.shell.lobby.rooms[told["room"]]
    assert told["address"] == f"/r/{found.name}"
    return found


def test_a_link_opens_the_same_moment_for_somebody_else(web: Web, room: Room) -> None:
    maker, reader = web.app.test_client(), web.app.test_client()
    made = post(maker, "/api/links", {"room": room.name, "look": LOOK})
    assert made == {
        "path": made["path"], "kept": False, "days": 400, "seq": 120, "branch": "A", "branches": 1, "commands": 1,
        "framed": True,
    }  # fmt: skip
    told = post(reader, "/api/links/open", {"link": carried(made["path"])})
    assert told["look"] == LOOK
    other = opened(web, told)
    assert other is not room
    one, two = room.show.branch, other.show.branch
    assert (two.cursor, two.now, two.head, two.run.now) == (one.cursor, one.now, one.head, one.run.now)
    assert two.run.history.digest() == one.run.history.digest()
    assert other.show.pace.ratio == 3.3
    assert other.join("w", None, None)["welcome"]["warnings"] == []
    with reader.session_transaction() as session:
        assert other.maker == session["token"], "who follows it presents in his room"


def test_who_looks_elsewhere_alone_links_to_what_he_sees(web: Web, room: Room) -> None:
    client = web.app.test_client()
    made = post(client, "/api/links", {"room": room.name, "branch": 0, "seq": 33})
    assert made["seq"] == 33
    assert opened(web, post(client, "/api/links/open", {"link": carried(made["path"])})).show.branch.cursor == 33
    looks: list[dict[str, Any]] = [
        {"panel": "<b>"}, {"window": {"from": 3}}, {"window": {"span": 0}}, {"places": {"n1": [0.5, 0]}},
        {"places": {"n1": [2_000, 0]}}, {"places": {f"n{i}": [0, 0] for i in range(65)}},
    ]  # fmt: skip
    for wrong in ({"seq": 10**6}, {"branch": 9}, {"room": "nowhere"}, {"more": 1}, *({"look": look} for look in looks)):
        answer = client.post("/api/links", json={"room": room.name} | wrong, headers=HOST)
        assert answer.status_code in (404, 422), wrong
        assert answer.get_json()["text"]


def test_what_a_link_is_about_and_how_far_it_is_are_told(web: Web, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    client = web.app.test_client()
    link = carried(post(client, "/api/links", {"room": room.name})["path"])
    before = len(web.shell.lobby.rooms)
    told = post(client, "/api/links/about", {"link": link}, 200)
    assert told == {
        "title": "Raft", "nodes": 5, "clients": 1, "seed": 7, "commands": 1, "events": 260, "layout": "circle",
    }  # fmt: skip
    assert len(web.shell.lobby.rooms) == before, "nothing is opened for that"
    ticket, seen = "0123456789abcdef", []
    grow = Room.grow

    def watched(self: Room, tree: Tree, *, forgiving: bool = False) -> Iterator[int]:
        for played in grow(self, tree, forgiving=forgiving):
            yield played
            seen.append(client.get(f"/api/links/open/{ticket}").get_json())

    monkeypatch.setattr(Room, "grow", watched)
    post(client, "/api/links/open", {"link": link, "ticket": ticket})
    assert seen[-1] == {"of": 260, "done": 260, "waiting": False}
    assert client.get(f"/api/links/open/{ticket}").get_json() == {"of": 0, "done": 0, "waiting": False}
    assert client.post("/api/links/about", json={"link": "1abc"}, headers=HOST).status_code == 422
    assert client.post("/api/links/about", json={}, headers=HOST).status_code == 422


def test_a_link_is_kept_when_it_is_asked_for_or_too_long(web: Web, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    client = web.app.test_client()
    short = post(client, "/api/links", {"room": room.name, "keep": True})
    assert short["kept"]
    assert post(client, "/api/links", {"room": room.name, "keep": True})["path"] == short["path"]
    monkeypatch.setattr(linking, "SHORT_CHARACTERS_MAX", 20)
    assert post(client, "/api/links", {"room": room.name})["path"] == short["path"]
    name = short["path"].removeprefix("/l/")
    assert opened(web, post(client, "/api/links/open", {"name": name})).show.branch.cursor == 120
    page = client.get(short["path"])
    assert page.status_code == 200
    assert f'"name": "{name}"' in page.text
    assert client.get("/l/nonsense").status_code == 404
    assert post(client, "/api/links/open", {"name": "a" * 12}, 404)["code"] == "unknown_link"


def test_of_many_branches_those_are_left_out_for_which_there_is_no_place(
    web: Web, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = web.app.test_client()
    room.receive("v", frames.Act(3, {"type": "crash", "node": "n3"}, None))
    room.receive("v", frames.ToBranch(4, 0))
    room.receive("v", frames.Seek(5, 90, None))
    room.receive("v", frames.Act(6, {"type": "crash", "node": "n2"}, None))
    assert room.show.branch.id == 2
    monkeypatch.setattr(linking, "EVENTS_MAX", room.show.branches.events_kept)
    whole = post(client, "/api/links", {"room": room.name})
    assert (whole["branch"], whole["branches"], whole["kept"]) == ("C", 3, False)
    for limit, value in (
        ("EVENTS_MAX", room.show.branches.events_kept - 1),
        ("SHORT_CHARACTERS_MAX", len(whole["path"]) - 5),
    ):
        with monkeypatch.context() as less:
            less.setattr(linking, limit, value)
            made = post(client, "/api/links", {"room": room.name})
        assert (made["branch"], made["branches"], made["kept"]) == ("C", 2, False)
        other = opened(web, post(client, "/api/links/open", {"link": carried(made["path"])}))
        assert other.show.branch.name == "C"
        assert other.show.branch.run.history.digest() == room.show.branch.run.history.digest()
    monkeypatch.setattr(linking, "EVENTS_MAX", 10)
    refused = post(client, "/api/links", {"room": room.name}, 413)
    assert (refused["code"], refused["args"]["most"]) == ("link_too_large", 10)
    alone = linking._alone(tree_of(room, digests=False)).events
    assert f"{alone} events are played" in refused["detail"]
    assert "recording" in refused["detail"]


def test_a_run_that_goes_otherwise_now_says_from_where_on(web: Web, room: Room) -> None:
    client = web.app.test_client()
    made = post(client, "/api/links", {"room": room.name})
    data = unpack(carried(made["path"]))
    data["branches"][0]["commands"][0]["command"]["node"] = "n2"  # as if the program had changed there
    other = opened(web, post(client, "/api/links/open", {"link": pack(data)}))
    note = other.join("w", None, None)["welcome"]["warnings"][0]
    assert note["text"] == linking.OTHERWISE
    assert 150 <= note["args"]["seq"] <= 200
    assert other.show.branch.cursor == 120


def test_what_is_not_known_here_is_told_and_can_be_left_out(web: Web, room: Room) -> None:
    client = web.app.test_client()
    data = unpack(carried(post(client, "/api/links", {"room": room.name})["path"]))
    data["setup"]["params"]["warp_factor"] = 9
    before = len(web.shell.lobby.rooms)
    told = post(client, "/api/links/open", {"link": pack(data)}, 409)
    assert told["parts"] == [{"text": "There is no tunable {name}.", "args": {"name": "warp_factor"}}]
    assert told["known"] == post(client, "/api/links/about", {"link": pack(data)}, 200)
    assert len(web.shell.lobby.rooms) == before
    other = opened(web, post(client, "/api/links/open", {"link": pack(data), "anyway": True}))
    assert other.join("w", None, None)["welcome"]["warnings"][0]["text"] == linking.LEFT_OUT


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"link": "x", "name": "a" * 12}, {"link": ""}, {"link": "1AAAA"}, {"link": "9abc"}, {"link": "1" * 13_000},
        {"name": "../etc"}, {"link": 5}, {"link": "1AAAA", "embed": {"from": -1}}, {"link": "1AAAA", "more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_link_is_refused_with_a_sentence(web: Web, wrong: dict[str, Any]) -> None:
    answer = web.app.test_client().post("/api/links/open", json=wrong, headers=HOST)
    assert answer.status_code in (404, 413, 422)
    assert answer.get_json()["text"]
    assert not web.shell.lobby.rooms


def test_a_link_that_would_take_too_long_is_refused_and_one_that_ends_early_is_shown(web: Web, room: Room) -> None:
    client = web.app.test_client()
    data = unpack(carried(post(client, "/api/links", {"room": room.name})["path"]))
    limb = data["branches"][0]
    limb["head"] = linking.EVENTS_MAX + 1
    assert post(client, "/api/links/open", {"link": pack(data)}, 413)["code"] == "link_too_large"
    limb["head"], limb["time"] = 500, limb["time"] + 1
    other = opened(web, post(client, "/api/links/open", {"link": pack(data)}))
    assert other.show.branch.head == 500
    assert other.join("w", None, None)["welcome"]["warnings"][0]["text"] == linking.OTHERWISE


def test_few_grow_at_a_time_and_no_more_wait_than_there_is_patience(
    web: Web, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = carried(post(web.app.test_client(), "/api/links", {"room": room.name})["path"])
    held, asked = threading.Event(), threading.Event()

    def grow(*_: Any, **__: Any) -> Any:
        asked.set()
        held.wait(20)
        yield 0

    monkeypatch.setattr(Room, "grow", grow)
    monkeypatch.setattr(linking, "WAITING_EVENTS_MAX", 2 * room.show.branch.head - 1)
    first: list[int] = []

    def follow() -> None:
        first.append(web.app.test_client().post("/api/links/open", json={"link": link}, headers=HOST).status_code)

    reader = threading.Thread(target=follow)
    reader.start()
    assert asked.wait(20)
    answer = post(web.app.test_client(), "/api/links/open", {"link": link}, 429)
    held.set()
    reader.join(20)
    assert (answer["code"], first) == ("too_many_links", [201])


# ---- frames ----------------------------------------------------------------------------------------------------------


def policy(answer: Any) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))


def test_only_the_page_for_it_may_be_framed_and_only_by_those_who_are_named(web: Web, room: Room) -> None:
    client = web.app.test_client()
    for path in ("/embed", "/embed/" + "a" * 12, "/embed?theme=dark&lang=zh"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert policy(answer)["frame-ancestors"] == "'self' https://school.example"
        assert "Set-Cookie" not in answer.headers, "in another site's page there are no cookies, and none are needed"
    assert 'data-theme="dark"' in client.get("/embed?theme=dark").text
    assert client.get("/embed/nonsense").status_code == 404
    for path in ("/", "/l", f"/r/{room.name}", "/l/nonsense", "/healthz"):
        assert policy(client.get(path))["frame-ancestors"] == "'none'", path


def test_an_embedded_room_is_nobodys_and_soon_closed(web: Web, room: Room) -> None:
    client = web.app.test_client(use_cookies=False)
    link = carried(post(client, "/api/links", {"room": room.name})["path"])
    how = {"from": 5, "autoplay": True}
    other = opened(web, post(client, "/api/links/open", {"link": link, "embed": how}))
    assert (other.maker, other.brief, other.show.playing, other.show.branch.cursor) == ("", True, True, 5)
    assert other.show.end == room.show.branch.run.now, "who only looks is shown what was linked, and no more"
    welcome = other.join("w", None, None)["welcome"]
    assert welcome["you"]["may_control"]
    assert (welcome["cursor"], welcome["playing"]) == (5, True)
    acting = opened(web, post(client, "/api/links/open", {"link": link, "embed": {"acts": True}}))
    assert (acting.show.end, acting.show.playing, acting.show.branch.cursor) == (None, False, 120)
    acting.join("x", None, None)
    other.leave("w")
    web.shell.lobby.sweep(RoomLimits().brief_room_max_us + 1)
    assert {other.name, acting.name} & set(web.shell.lobby.rooms) == {acting.name}


def test_readers_of_other_pages_leave_place_for_a_class(web: Web, room: Room) -> None:
    client = web.app.test_client(use_cookies=False)
    link = carried(post(client, "/api/links", {"room": room.name})["path"])
    order = {"link": link, "embed": {}}
    for _ in range(3):
        opened(web, post(client, "/api/links/open", order)).join("w", None, None)
    assert post(client, "/api/links/open", order, 429)["code"] == "too_many_rooms"
    assert post(client, "/api/links/open", {"link": link})["room"]


@pytest.mark.parametrize("path", ["/api/links", "/api/links/open"])
def test_a_page_of_another_site_can_neither_make_nor_follow_links(web: Web, path: str) -> None:
    answer = web.app.test_client().post(path, json={}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


# ---- codes -----------------------------------------------------------------------------------------------------------


def test_a_code_is_drawn_of_own_addresses_alone(web: Web) -> None:
    client = web.app.test_client()
    ask: Callable[[str], Any] = lambda address: client.get("/api/code.svg", query_string={"address": address})  # noqa: E731
    answer = ask("http://localhost/l/abcdefghjkmn")
    assert (answer.status_code, answer.content_type) == (200, "image/svg+xml")
    assert answer.text.startswith("<svg")
    assert ask("http://localhost/l/abcdefghjkmp").text != answer.text
    local = "http://localhost/"
    for wrong in ("", "localhost/l", "http://evil.example/l", local + "a" * 500, local + "\n", local + "ä"):
        assert ask(wrong).status_code == 422, wrong


@pytest.mark.parametrize(
    "look",
    [
        {"window": {"span": 2**50}}, {"window": {"span": -1}}, {"window": 5}, {"window": {"span": 5, "from": -(2**50)}},
        {"places": {"n1": [2**50, 0]}}, {"places": {"n1": [1, 2, 3]}}, {"places": [0] * 9_000},
        {"places": {f"n{each}": [0, 0] for each in range(65)}}, {"places": {"<b>": [0, 0]}},
        {"select": {"kind": "host", "host": "<b>"}}, {"board": -1}, {"panel": "../x"}, {"filter": 5}, {"more": 1},
    ],
)  # fmt: skip
def test_what_is_no_look_is_left_out(look: dict[str, Any]) -> None:
    good = {name: value for name, value in LOOK.items() if name not in look}
    assert known_look({**look, **good}) == good


def test_a_link_whose_look_nobody_here_has_written_is_followed_without(web: Web, room: Room) -> None:
    text = Link(tree_of(room), {"window": {"span": 2**50}, "panel": "log", "more": 1}).text()
    assert post(web.app.test_client(), "/api/links/open", {"link": text})["look"] == {"panel": "log"}
