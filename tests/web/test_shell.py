"""Between the sockets and the rooms, with Flask-SocketIO's own test client and no real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.rooms import frames
from server.web import wire
from server.web.app import Web, create_app
from server.web.config import Config
from server.web.pump import Pump, tick_length
from tests.web.fakes import FakeLobby, FakeRoom, shelf


class Clock:
    """Wall time that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def web() -> Web:
    lobby = FakeLobby()
    for _ in range(3):
        lobby.open(maker=None)
    return create_app(Config(secret_key=b"k" * 32), lobby, "threading", shelf())


def room(web: Web, name: str = "room1") -> FakeRoom:
    found: FakeRoom = web.shell.lobby.rooms[name]
    return found


class Browser:
    """A page that has connected; `with_cookie` is a Flask test client whose cookies it sends."""

    def __init__(self, web: Web, with_cookie: Any = None) -> None:
        self._client = web.socketio.test_client(web.app, flask_test_client=with_cookie)
        self._counter = 0

    def ask(self, type_: str, **fields: Any) -> dict[str, Any]:
        self._counter += 1
        self._client.emit("frame", {"type": type_, "id": self._counter, **fields})
        replies = [frame for frame in self.received() if frame["type"] == "reply"]
        assert [reply["id"] for reply in replies] == [self._counter]
        return replies[0]

    def say(self, value: Any) -> None:
        self._client.emit("frame", value)

    def received(self) -> list[dict[str, Any]]:
        return [message["args"][0] for message in self._client.get_received()]

    def disconnect(self) -> None:
        self._client.disconnect()


@pytest.fixture
def connect(web: Web) -> Callable[..., Browser]:
    def make(in_room: str | None = None, **options: Any) -> Browser:
        made = Browser(web, **options)
        if in_room:
            assert made.ask("join", room=in_room)["ok"]
        return made

    return make


def tick(web: Web) -> None:
    web.pump.turn(0.05)


# ---- coming and going ----------------------------------------------------------------------------------------------


def test_the_maker_of_a_room_is_its_presenter_and_nobody_else_is(web: Web, connect: Callable[..., Browser]) -> None:
    maker, guest = web.app.test_client(), web.app.test_client()
    guest.get("/r/room1")
    maker.post("/rooms", data={"protocol": "raft"})
    welcomes = [connect(with_cookie=who).ask("join", room="room4")["welcome"] for who in (maker, guest, None)]
    roles = [welcome["you"]["role"] for welcome in welcomes]
    assert roles == ["presenter", "viewer", "viewer"]


def test_a_forged_cookie_makes_nobody_a_presenter(web: Web, connect: Callable[..., Browser]) -> None:
    with web.app.test_client() as maker:
        maker.post("/rooms", data={"protocol": "raft"})
        cookie = maker.get_cookie("quorumscope")
        assert cookie is not None
        maker.set_cookie("quorumscope", cookie.value[:-4] + "AAAA")
        assert connect(with_cookie=maker).ask("join", room="room4")["welcome"]["you"]["role"] == "viewer"


def test_a_viewer_is_known_by_a_name_that_the_server_made(web: Web, connect: Callable[..., Browser]) -> None:
    first, second = (connect().ask("join", room="room1")["welcome"]["you"]["id"] for _ in range(2))
    assert first != second
    assert set(room(web).people) == {first, second}


def test_a_viewer_who_leaves_or_goes_elsewhere_is_gone_from_the_room(web: Web, connect: Callable[..., Browser]) -> None:
    one, other = connect("room1"), connect("room1")
    one.disconnect()
    assert other.ask("join", room="room2")["ok"]
    assert (room(web).people, len(room(web, "room2").people)) == ({}, 1)
    room(web).news.append("nobody hears it")
    tick(web)
    assert other.received() == []
    assert web.shell.viewers() == 1


def test_7_a_viewer_who_comes_back_is_given_what_he_missed(web: Web, connect: Callable[..., Browser]) -> None:
    viewer = connect("room1")
    for word in ("one", "two", "three"):
        room(web).news.append(word)
        tick(web)
    missed = viewer.received()[1:]
    reply = connect().ask("join", room="room1", last={"epoch": "epoch-room1", "seq": 1})
    assert reply["updates"] == missed
    assert [update["seq"] for update in missed] == [2, 3]


def test_7_joining_again_in_another_life_of_the_room_begins_anew(web: Web, connect: Callable[..., Browser]) -> None:
    assert "welcome" in connect().ask("join", room="room1", last={"epoch": "another", "seq": 1})


@pytest.mark.parametrize("name", ["nowhere", "../room1", "", 5, None, "room 1", "room1\n"])
def test_8_only_rooms_that_exist_can_be_joined(connect: Callable[..., Browser], name: Any) -> None:
    reply = connect().ask("join", room=name)
    assert reply["ok"] is False
    assert reply["code"] in ("unknown_room", "bad_frame")


def test_who_has_not_joined_can_do_nothing(web: Web, connect: Callable[..., Browser]) -> None:
    stranger = connect()
    for frame in ("live", "tape", "play"):
        assert stranger.ask(frame)["code"] == "not_joined"
    assert room(web).heard == []


# ---- what is said --------------------------------------------------------------------------------------------------


def test_what_a_viewer_says_reaches_his_room_as_a_typed_frame(web: Web, connect: Callable[..., Browser]) -> None:
    connect("room1").ask("speed", ratio=20)
    (viewer, frame), *_ = room(web).heard
    assert viewer in room(web).people
    assert frame == frames.Speed(2, 20.0)


def test_a_refusal_of_the_room_is_a_reply_with_its_parameters(web: Web, connect: Callable[..., Browser]) -> None:
    viewer = connect("room1")
    reply = viewer.ask("play")
    (name,) = room(web).people
    assert reply == {"type": "reply", "id": 2, "ok": False, "code": "no_controls",
                     "text": "{who} may not do that.", "args": {"who": name}}  # fmt: skip


@pytest.mark.parametrize("value", [None, 5, "text", [], {}, {"id": 3}, {"type": "nonsense", "id": 3}])
def test_nonsense_is_refused_and_does_no_harm(connect: Callable[..., Browser], value: Any) -> None:
    viewer = connect("room1")
    viewer.say(value)
    (reply,) = viewer.received()
    assert reply["ok"] is False
    assert viewer.ask("live")["ok"]


def test_a_copy_is_a_room_of_ones_own(web: Web, connect: Callable[..., Browser]) -> None:
    with web.app.test_client() as client:
        client.post("/rooms", data={"protocol": "raft"})
        viewer = connect("room1", with_cookie=client)
        reply = viewer.ask("copy", seq=12)
    assert reply["room"] == "room5"
    assert room(web, "room5").order == {"copied": ("room1", 12)}
    assert room(web, "room5").maker == room(web, "room4").maker


def test_every_viewer_of_the_room_and_no_other_gets_one_frame_a_tick(web: Web, connect: Callable[..., Browser]) -> None:
    viewers = [connect("room1") for _ in range(3)]
    other = connect("room2")
    room(web).news += ["a", "b", "c"]
    tick(web)
    tick(web)
    for viewer in viewers:
        (update,) = viewer.received()
        assert update["news"] == ["a", "b", "c"]
    assert other.received() == []


# ---- what breaks ---------------------------------------------------------------------------------------------------


def test_a_room_that_breaks_while_ticking_says_so_and_the_others_go_on(
    web: Web, connect: Callable[..., Browser], caplog: pytest.LogCaptureFixture
) -> None:
    one, two = connect("room1"), connect("room2")
    one.ask("step", by=1)
    room(web, "room2").news.append("fine")
    tick(web)
    assert two.received()[0]["news"] == ["fine"]
    tick(web)
    (update,) = one.received()
    assert update["stopped"] == {"text": "RuntimeError", "args": {}}
    assert "a tick that broke" in caplog.text


def test_1_a_room_that_says_what_json_cant_say_is_stopped_and_harms_no_browser(
    web: Web, connect: Callable[..., Browser], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = connect("room1")
    monkeypatch.setattr(room(web), "tick", lambda *_: [("*", {"type": "update", "now": float("nan")})])
    tick(web)
    assert viewer.received() == []
    assert room(web).stopped == "ValueError"


def test_a_room_that_cant_even_be_stopped_does_not_stop_the_pump(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_anything: Any) -> None:
        raise RuntimeError("again")

    monkeypatch.setattr(room(web), "tick", broken)
    monkeypatch.setattr(room(web), "stop", broken)
    tick(web)
    assert "could not even be stopped" in caplog.text


def test_a_mistake_of_the_shell_is_noted_and_answered(
    web: Web, connect: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    viewer = connect("room1")

    def broken(_value: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(wire, "read_frame", broken)
    reply = viewer.ask("live")
    assert reply["code"] == "broken"
    assert "a secret" in caplog.text


def test_a_room_that_the_lobby_closes_sends_its_viewers_home(web: Web, connect: Callable[..., Browser]) -> None:
    connect("room1")
    said: list[tuple[Any, ...]] = []
    web.shell.farewell = lambda *args, **more: said.append((*args[1:], more))  # type: ignore[method-assign]
    web.shell.lobby.sweep = lambda _elapsed: web.shell.lobby.rooms.pop("room1")  # type: ignore[attr-defined]
    web.shell.sweep(1_000_000)
    assert said == [("room_closed", "This room was closed.", {"final": True})]
    assert web.shell.viewers() == 0


def test_11_events_of_a_socket_are_handled_one_after_the_other(web: Web) -> None:
    assert web.socketio.server.async_handlers is False


# ---- the pump ------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pump(web: Web, clock: Clock) -> Pump:
    return Pump(web.shell, clock.sleep, clock)


@pytest.mark.parametrize(("viewers", "seconds"), [(0, 0.05), (30, 0.05), (500, 0.05), (1000, 0.1), (5000, 0.2)])
def test_ticks_get_longer_with_the_viewers(viewers: int, seconds: float) -> None:
    assert tick_length(viewers) == pytest.approx(seconds)


def test_a_room_is_told_how_much_wall_time_has_passed_for_it(web: Web, pump: Pump, clock: Clock) -> None:
    told: list[int] = []
    room(web).tick = lambda elapsed, _budget: told.append(elapsed) or []  # type: ignore[method-assign,func-returns-value]
    for seconds in (0.05, 0.07, 3600.0):
        pump.turn(0.05)
        clock.now += seconds
    pump.turn(0.05)
    assert told == [0, 50_000, 70_000, 1_000_000]  # an hour of sleep is not made up for


@pytest.mark.parametrize(
    ("saved_after", "told"), [(0.008, [50_000, 59_000]), (1.0, [50_000])], ids=["in a moment", "not in this tick"]
)
def test_a_room_that_is_being_saved_has_its_time_when_it_is_saved_in_the_same_tick(
    web: Web, pump: Pump, clock: Clock, monkeypatch: pytest.MonkeyPatch, saved_after: float, told: list[int]
) -> None:
    pump.turn(0.05)
    saved, heard = 0.0, []

    def tick(_name: str, elapsed: int, _budget: Callable[[], bool]) -> bool:
        if clock.now >= saved:
            heard.append(elapsed)
        return clock.now >= saved

    monkeypatch.setattr(web.shell, "tick", tick)
    monkeypatch.setattr(web.shell.lobby, "rooms", {"room1": room(web)})
    clock.now += 0.05
    pump.turn(0.05)
    clock.now += 0.05
    saved = clock.now + saved_after
    pump.turn(0.05)
    assert heard == told
    clock.now = saved = clock.now + 0.05
    pump.turn(0.05)
    assert heard == [*told, 50_000], "where that took longer its time stood still"


def test_a_room_may_work_for_its_share_of_the_tick_and_no_longer(web: Web, pump: Pump, clock: Clock) -> None:
    worked: list[float] = []

    def work(_elapsed: int, budget: Callable[[], bool]) -> list[Any]:
        begun = clock.now
        while budget():
            clock.now += 0.001
        worked.append(clock.now - begun)
        return []

    for name in ("room1", "room2", "room3"):
        room(web, name).tick = work  # type: ignore[method-assign]
    pump.turn(0.06)
    assert worked == pytest.approx([0.01, 0.01, 0.01], abs=0.0015)


def test_the_pump_keeps_its_rhythm_and_notes_how_late_it_was(web: Web, pump: Pump, clock: Clock) -> None:
    turns = 0

    def turn(_length: float) -> None:
        nonlocal turns
        turns += 1
        clock.now += 0.2 if turns == 5 else 0.01  # one turn takes too long
        pump.stopped = turns == 10

    pump.turn = turn  # type: ignore[method-assign]
    web.shell.delay._clock = clock  # type: ignore[assignment]
    late = iter([0.0] * 7 + [0.03] + [0.0] * 10)
    usual = clock.sleep

    def sleep(seconds: float) -> None:
        usual(seconds + next(late))

    pump._sleep = sleep
    begun = clock.now
    pump.run()
    assert clock.now - begun == pytest.approx(10 * 0.05 + 0.16, abs=0.05)
    assert web.shell.delay.worst_ms() == pytest.approx(30, abs=1)
    clock.now += 61
    assert web.shell.delay.worst_ms() == 0


def test_the_pump_outlives_a_turn_that_breaks(web: Web, pump: Pump, caplog: pytest.LogCaptureFixture) -> None:
    def turn(_length: float) -> None:
        pump.stopped = len(caplog.records) >= 2
        raise RuntimeError("a turn that broke")

    pump.turn = turn  # type: ignore[method-assign]
    pump.run()
    assert len(caplog.records) == 3


def test_the_lobby_is_swept_about_once_a_second(web: Web, pump: Pump, clock: Clock) -> None:
    for _ in range(100):
        clock.now += 0.05
        pump.turn(0.05)
    assert web.shell.lobby.swept_us == pytest.approx(5_000_000, abs=1_000_000)  # type: ignore[attr-defined]
