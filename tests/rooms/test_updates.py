"""Numbered updates: nothing is lost, nothing is told twice, and nothing is remembered without end."""

import json
from typing import Any

import pytest

from server.rooms import frames
from server.rooms.updates import bytes_of
from server.simulation import encode
from tests.support.hall import BOSS, Hall
from tests.support.reducer import apply
from tests.support.screen import Screen, assert_same


def test_updates_are_numbered_by_one_within_an_epoch() -> None:
    hall = Hall()
    hall.ticks(30)
    assert [u["seq"] for u in hall.updates] == list(range(1, 31))
    assert {u["epoch"] for u in hall.updates} == {hall.room.epoch}


def test_nothing_is_sent_where_nothing_changed() -> None:
    hall = Hall()
    hall.does(frames.Pause)
    hall.tick()
    assert [hall.tick() for _ in range(5)] == [{}] * 5
    hall.does(frames.Speed, hall.room.show.pace.ratio)
    assert hall.tick() == {}


def test_who_comes_late_is_welcomed_into_what_was_told_and_the_next_update_fits() -> None:
    hall = Hall()
    hall.ticks(40)
    hall.does(frames.Pause)
    hall.does(frames.Step, -1)
    hall.does(frames.Step, -1)
    welcome = hall.come("late")["welcome"]
    assert welcome["seq"] == hall.updates[-1]["seq"]
    assert welcome["cursor"] == hall.updates[-1]["cursor"]
    hall.act(type="crash", node="n5")
    hall.come("later")
    hall.does(frames.Play)
    hall.ticks(40)
    for screen in hall.screens.values():
        assert_same(screen.world, hall.screens["boss"].world)
        assert screen.tape == hall.screens["boss"].tape
        assert screen.properties == hall.screens["boss"].properties


def test_a_welcome_holds_all_that_a_page_needs() -> None:
    hall = Hall(params={"think_time": 50_000})
    hall.ticks(150)
    welcome = json.loads(encode(hall.come("late", name="Lee")["welcome"]))
    assert welcome["you"] == {"id": "v2", "name": "Lee", "role": "viewer", "may_control": False}
    assert welcome["protocol"]["name"] == "raft"
    assert welcome["setup"]["nodes"] == 5
    assert welcome["setup"]["params"]["think_time"] == 50_000
    assert welcome["setup"]["params"]["election_low"] == 150_000
    assert welcome["setup"]["link"]["high"] > 0
    assert [b["id"] for b in welcome["branches"]] == [0]
    assert {mark[2] for mark in welcome["tape"]} >= {"election", "commit"}
    assert set(welcome["properties"]) == set(welcome["protocol"]["properties"])
    assert {o["client"] for o in welcome["operations"]} == {"c1"}
    assert welcome["operations"][0]["outcome"] == "ok"
    assert welcome["stopped"] is None
    assert welcome["limits"]["viewers"] == 1200


def test_a_warning_about_the_dials_is_part_of_the_welcome() -> None:
    hall = Hall(params={"election_low": 20_000, "election_high": 30_000})
    assert hall.room.join("late", None, None)["welcome"]["warnings"]


def test_who_missed_some_updates_gets_exactly_those() -> None:
    hall = Hall()
    hall.come("eve", "token-of-eve")
    hall.ticks(20)
    screen = hall.screens.pop("eve")
    hall.room.leave("eve")
    hall.ticks(30)
    said = hall.room.join("eve-2", "token-of-eve", None, frames.Last(screen.epoch, screen.seq))
    assert [u["seq"] for u in said["updates"]] == list(range(21, 51))
    assert said["you"]["id"] == "v2"
    for update in said["updates"]:
        screen.take(update)
    hall.screens["eve-2"] = screen
    hall.ticks(10)
    assert_same(screen.world, hall.screens["boss"].world)


def test_who_fills_a_gap_disturbs_nobody() -> None:
    hall = Hall()
    hall.ticks(10)
    hall.does(frames.Pause)
    hall.tick()
    said = hall.room.join("boss", BOSS, "Ann", frames.Last(hall.room.epoch, 5))
    assert [u["seq"] for u in said["updates"]] == list(range(6, hall.screens["boss"].seq + 1))
    assert hall.tick() == {}


@pytest.mark.parametrize("last", [frames.Last("another-life", 5), frames.Last("", 10**9), None])
def test_who_missed_too_much_or_another_life_is_welcomed_anew(last: frames.Last | None) -> None:
    hall = Hall()
    hall.ticks(10)
    if last is not None and not last.epoch:
        last = frames.Last(hall.room.epoch, last.seq)
    assert "welcome" in hall.room.join("eve", None, None, last)


def test_the_last_updates_are_remembered_and_no_more() -> None:
    hall = Hall(limits={"updates_remembered_max": 16})
    hall.ticks(60)
    epoch = hall.room.epoch
    assert len(hall.room.teller.updates) == 16
    assert len(hall.room.join("a", None, None, frames.Last(epoch, 44))["updates"]) == 16
    assert "welcome" in hall.room.join("b", None, None, frames.Last(epoch, 43))


def test_remembered_updates_are_bounded_in_bytes_too() -> None:
    hall = Hall(limits={"updates_remembered_bytes_max": 60_000})
    hall.ticks(80)
    for seq in range(1, 20):
        hall.does(frames.Seek, seq, None)
        hall.tick()
        assert hall.room.teller.updates.bytes <= 60_000
    assert len(hall.room.teller.updates) < 20


def test_the_estimate_of_an_update_is_about_its_size() -> None:
    hall = Hall(params={"think_time": 20_000})
    hall.does(frames.Speed, 2.0)
    hall.ticks(100)
    hall.does(frames.Seek, 400, None)
    hall.tick()
    for kind in ("events", "jump"):
        updates = [u for u in hall.updates if kind in u]
        estimated, true = sum(map(bytes_of, updates)), sum(len(encode(u)) for u in updates)
        assert true * 0.6 < estimated < true * 2, (kind, estimated, true)


def test_what_one_viewer_asks_for_is_told_to_him_alone() -> None:
    hall = Hall(params={"think_time": 20_000})
    hall.come("eve", "token-of-eve")
    hall.does(frames.Speed, 2.0)
    hall.ticks(100)
    hall.does(frames.Pause)
    hall.tick()
    head = hall.at[2]
    events = hall.does(frames.Events, 5, 60, None, by="eve")["events"]
    assert [e["seq"] for e in events] == list(range(5, 61))
    assert len(hall.does(frames.Events, 1, head, None, by="eve")["events"]) == min(head, 500)
    assert hall.does(frames.WorldAt, 17, None, by="eve")["world"]["seq"] == 17
    assert hall.say(frames.WorldAt, head + 1, None, by="eve")["code"] == "no_such_event"
    assert hall.say(frames.WorldAt, 1, 8, by="eve")["code"] == "no_such_branch"
    log = hall.screens["eve"].world["hosts"]["n1"]["state"]["log"]
    told = hall.does(frames.LogSpan, head, "n1", "log", 0, 5, by="eve")
    assert (told["from"], len(told["items"])) == (0, 5)
    assert log["length"] >= 5
    assert hall.say(frames.LogSpan, head, "n1", "role", 0, 5, by="eve")["code"] == "no_such_log"
    assert hall.say(frames.LogSpan, head, "n8", "log", 0, 5, by="eve")["code"] == "no_such_log"
    assert hall.say(frames.LogSpan, head, "n1", "log", 0, 5, 8, by="eve")["code"] == "no_such_branch"
    assert hall.does(frames.Tape, by="eve")["tape"] == hall.room.show.branch.tape.marks
    assert hall.does(frames.GiveRecording, by="eve")["recording"]["seed"] == 7
    assert hall.tick() == {}


def test_a_world_asked_for_joins_the_events_after_it() -> None:
    hall = Hall()
    hall.ticks(80)
    alone = Screen(hall.come("eve")["welcome"])
    alone.world = json.loads(encode(hall.does(frames.WorldAt, 10, None, by="eve")["world"]))
    told: list[Any] = hall.does(frames.Events, 11, 30, None, by="eve")["events"]
    for event in json.loads(encode(told)):
        apply(alone.world, event)
    assert_same(alone.world, json.loads(encode(hall.room.show.branch.run.history.world(30))))


def test_a_reload_brings_back_exactly_the_present() -> None:
    hall = Hall()
    hall.ticks(50)
    hall.does(frames.Step, -1)
    hall.tick()
    before = hall.screens["boss"]
    hall.room.leave("boss")
    hall.come("boss-again", BOSS)
    after = hall.screens["boss-again"]
    assert_same(before.world, after.world)
    for name in ("now", "cursor", "head", "branch", "playing", "ratio", "until"):
        assert before.shown[name] == after.shown[name]


def test_notices_wait_for_their_tick_and_not_without_end() -> None:
    hall = Hall(limits={"notices_waiting_max": 3})
    hall.does(frames.Pause)
    for number in range(5):
        hall.room.show.news.notice("note", "{n}", n=number)
    hall.ticks(6)
    assert [notice["args"]["n"] for notice in hall.screens["boss"].notices] == [2, 3, 4]
