"""The lobby: many rooms, each for itself, bounded, and forgotten when nobody comes back."""

import logging
from typing import Any

import pytest

from server.rooms import Room, frames
from server.simulation import Link, Refused, encode
from tests.support.hall import BOSS, TICK_US, Hall, lobby

MINUTE_US = 60_000_000


def play(room: Room, ticks: int) -> None:
    for _ in range(ticks):
        room.tick(TICK_US, lambda: True)


def test_names_of_rooms_are_made_by_the_server_and_differ() -> None:
    names = iter(["a", "e1", "a", "a", "b", "e2"])
    hall = lobby()
    hall.make_id = lambda: next(names)
    assert [hall.open(protocol="raft").name for _ in range(2)] == ["a", "b"]
    assert hall.room("b").epoch == "e2"
    with pytest.raises(Refused) as refused:
        hall.room("c")
    assert refused.value.code == "no_such_room"


def test_a_room_is_set_up_as_ordered() -> None:
    room = lobby().open(
        protocol="raft", nodes=3, clients=2, seed=99, params={"heartbeat_interval": 40_000},
        rules={"one_vote": False, "majority": True}, link=Link(low=1_000, high=2_000), maker=BOSS,
    )  # fmt: skip
    setup = room.setup()
    assert (setup["nodes"], setup["clients"], setup["seed"]) == (3, 2, 99)
    assert setup["params"]["heartbeat_interval"] == 40_000
    assert setup["rules"] == {"one_vote": False}
    assert setup["link"]["high"] == 2_000
    assert room.show.branch.run.world()["rules"]["one_vote"] is False
    assert room.title == "Raft"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"protocol": "rumour"}, "unknown_protocol"),
        ({}, "unknown_protocol"),
        ({"scenario": "rumour"}, "unknown_scenario"),
        ({"lesson": "rumour"}, "unknown_lesson"),
        ({"protocol": "raft", "nodes": 10}, "bad_size"),
        ({"protocol": "raft", "clients": 5}, "bad_size"),
        ({"protocol": "raft", "seed": -1}, "bad_seed"),
        ({"protocol": "raft", "params": {"speed": 3}}, "unknown_param"),
        ({"protocol": "raft", "params": {"election_low": -3}}, "bad_param"),
        ({"protocol": "raft", "params": {"election_low": 400_000}}, "bad_param"),
        ({"protocol": "raft", "nodes": 3, "params": {"initial_members": 9}}, "bad_param"),
        ({"protocol": "raft", "rules": {"physics": False}}, "unknown_rule"),
        ({"protocol": "raft", "link": Link(low=9, high=3)}, "bad_delay"),
    ],
)
def test_a_bad_order_is_refused_and_opens_nothing(order: dict[str, Any], code: str) -> None:
    hall = lobby()
    with pytest.raises(Refused) as refused:
        hall.open(**order)
    assert refused.value.code == code
    assert not hall.rooms


def test_two_rooms_do_not_touch_each_other() -> None:
    hall = lobby()
    rooms = [hall.open(protocol="raft", seed=5, maker=BOSS) for _ in range(3)]
    for room in rooms:
        room.join("boss", BOSS, None)
    play(rooms[0], 50)
    rooms[0].receive("boss", frames.Act(1, {"type": "crash", "node": "n1"}, None))
    rooms[0].receive("boss", frames.Act(2, {"type": "switch_rule", "rule": "one_vote", "on": False}, None))
    play(rooms[0], 50)
    play(rooms[1], 100)
    play(rooms[2], 100)
    second, third = (encode(room.show.branch.run.history.told(1, 10**6)) for room in rooms[1:])
    assert second == third
    assert rooms[1].show.branch.run.world()["hosts"]["n1"]["up"]
    assert not rooms[0].show.branch.run.world()["hosts"]["n1"]["up"]


@pytest.mark.parametrize("where", ["tick", "command"])
def test_a_mistake_in_one_room_stops_that_room_alone(
    where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "server.rooms.room")
    hall = Hall()
    hall.ticks(30)
    other = hall.lobby.open(protocol="raft", seed=7, maker=BOSS)
    other.join("boss", BOSS, None)

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    run = hall.room.show.branch.run
    monkeypatch.setattr(run, "step" if where == "tick" else "act", broken)
    if where == "command":
        assert hall.act(type="crash", node="n1")["code"] == "room_stopped"
    update = hall.tick()
    assert update["stopped"]["args"] == {"reason": "ZeroDivisionError"}
    assert not update["playing"]
    assert hall.say(frames.Play)["code"] == "room_stopped"
    assert hall.tick() == {}
    welcome = hall.come("late")["welcome"]
    assert welcome["stopped"] == update["stopped"]
    assert welcome["cursor"] == update["cursor"]
    assert hall.does(frames.GiveRecording)["recording"]["seed"] == 7
    assert hall.does(frames.Events, 1, 5, None)["events"]
    play(other, 30)
    assert other.show.branch.head > 0
    assert other.stopped is None


def test_a_copy_begins_at_that_moment_and_belongs_to_who_asked_for_it() -> None:
    hall = Hall()
    hall.come("eve", "token-of-eve", "Eve")
    hall.ticks(60)
    name = hall.does(frames.Copy, 20, by="eve")["room"]
    own = Hall(hall.lobby.room(name))
    assert own.come("eve", "token-of-eve")["you"]["role"] == "presenter"
    assert own.at == (0, 20, 20, hall.room.show.branch.run.history.time(20))
    assert own.tick() == {} or not own.updates[-1]["playing"]
    own.screens.pop("boss")
    own.does(frames.Play, by="eve")
    own.ticks(60)
    head = min(own.at[2], hall.at[2])
    told = [encode(room.show.branch.run.history.told(1, head)) for room in (own.room, hall.room)]
    assert told[0] == told[1]
    assert own.act("eve", type="crash", node="n1")["ok"]
    assert hall.room.show.branch.run.world()["hosts"]["n1"]["up"]
    assert hall.say(frames.Copy, 10**6)["code"] == "no_such_event"
    hall.come("nobody")
    assert hall.say(frames.Copy, 1, by="nobody")["code"] == "no_cookie"


def test_rooms_are_bounded_and_the_one_that_is_empty_longest_goes_first() -> None:
    hall = lobby(rooms_max=3)
    rooms = [hall.open(protocol="raft") for _ in range(3)]
    with pytest.raises(Refused) as refused:
        hall.open(protocol="raft")
    assert (refused.value.code, refused.value.parameters) == ("too_many_rooms", {"most": 3})
    rooms[0].join("a", None, None)
    rooms[1].join("b", None, None)
    rooms[1].leave("b")
    hall.sweep(1_000_000)
    rooms[2].join("c", None, None)
    rooms[2].leave("c")
    hall.sweep(1_000_000)
    fresh = hall.open(protocol="raft")
    assert set(hall.rooms) == {rooms[0].name, rooms[2].name, fresh.name}


def test_one_person_makes_only_so_many_rooms() -> None:
    hall = lobby(rooms_of_one_maker_max=2)
    for number in range(2):
        hall.open(protocol="raft", maker=BOSS).join(f"a{number}", None, None)
    with pytest.raises(Refused) as refused:
        hall.open(protocol="raft", maker=BOSS)
    assert refused.value.code == "too_many_rooms"
    hall.open(protocol="raft", maker="another")


def test_a_room_that_nobody_comes_back_to_is_closed_and_no_other() -> None:
    hall = lobby()
    visited, never, kept = (hall.open(protocol="raft") for _ in range(3))
    visited.join("a", None, None)
    visited.leave("a")
    kept.join("b", None, None)
    assert hall.sweep(6 * MINUTE_US) == [never.name]
    for _ in range(3):
        hall.sweep(6 * MINUTE_US)
    visited.join("a", None, None)
    hall.sweep(6 * MINUTE_US)
    visited.leave("a")
    assert hall.sweep(29 * MINUTE_US) == []
    assert hall.sweep(2 * MINUTE_US) == [visited.name]
    assert list(hall.rooms) == [kept.name]


def test_empty_rooms_go_early_where_all_together_keep_too_much() -> None:
    hall = lobby(events_kept_all_max=500, events_share_low=200)
    rooms = [hall.open(protocol="raft", seed=seed, maker=BOSS) for seed in (1, 2, 3)]
    for room in rooms:
        room.join("boss", BOSS, None)
        room.receive("boss", frames.Speed(1, 1.0))
        play(room, 40)
    assert hall.sweep(1_000) == []
    assert {room.show.events_max for room in rooms} == {200}
    play(rooms[0], 400)
    assert not rooms[0].show.playing
    rooms[1].leave("boss")
    assert hall.sweep(1_000) == [rooms[1].name]
    for room in (rooms[0], rooms[2]):
        assert room.show.events_max <= 250
    rooms[2].leave("boss")
    assert hall.sweep(1_000) == [rooms[2].name]
    assert rooms[0].show.events_max == 200_000


def test_what_a_room_tells_is_json() -> None:
    hall = Hall(params={"think_time": 50_000})
    hall.ticks(100)
    for update in hall.updates:
        encode(update)
    encode(hall.does(frames.GiveRecording))
