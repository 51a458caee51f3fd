"""Who is there, who has the controls, and how much one person may ask for."""

from typing import Any

import pytest

from server.rooms import frames
from server.simulation import Refused
from tests.support.hall import BOSS, TICK_US, Hall

COMMANDS: list[tuple[Any, ...]] = [
    (frames.Act, {"type": "crash", "node": "n1"}, None),
    (frames.Play,),
    (frames.Pause,),
    (frames.Speed, 20.0),
    (frames.Step, 1),
    (frames.Step, -1),
    (frames.Seek, 1, None),
    (frames.Live,),
    (frames.RunUntil, frames.Until("leader", None, None)),
    (frames.ToBranch, 0),
    (frames.LessonStep, 0, False, False),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0].__name__)
def test_nobody_without_the_controls_changes_anything(command: tuple[Any, ...]) -> None:
    hall = Hall()
    hall.come("eve", "token-of-eve", "Eve")
    hall.ticks(3)
    before = hall.room.show.shown()
    reply = hall.say(*command, by="eve")
    assert (reply["ok"], reply["code"]) == (False, "no_controls")
    assert hall.room.show.shown() == before
    assert hall.say(*command, by="stranger")["code"] == "not_joined"


def test_the_presenter_is_known_by_his_token_wherever_he_comes_from() -> None:
    hall = Hall()
    you = hall.come("tab-2", BOSS)["you"]
    assert (you["role"], you["may_control"], you["id"]) == ("presenter", True, "v1")
    assert hall.act("tab-2", type="crash", node="n1")["ok"]
    hall.room.leave("boss")
    hall.room.leave("tab-2")
    assert hall.come("tab-3", BOSS)["you"]["id"] == "v1"
    assert hall.come("eve", BOSS + "x")["you"]["role"] == "viewer"


def test_several_tabs_of_one_person_are_one_person() -> None:
    hall = Hall()
    for tab in ("a", "b", "c"):
        hall.come(tab, "token-of-eve", "Eve")
    hall.tick()
    assert [p["name"] for p in hall.screens["boss"].shown["people"]] == ["Ann", "Eve"]
    assert hall.room.viewers == 4
    hall.room.leave("a")
    hall.tick()
    assert len(hall.screens["boss"].shown["people"]) == 2
    hall.room.leave("b")
    hall.room.leave("c")
    del hall.screens["a"], hall.screens["b"], hall.screens["c"]
    hall.tick()
    assert [p["name"] for p in hall.screens["boss"].shown["people"]] == ["Ann"]


def test_the_presenter_hands_the_controls_to_all_to_one_and_takes_them_back() -> None:
    hall = Hall()
    eve = hall.come("eve", "token-of-eve")["you"]
    hall.come("bob", "token-of-bob")
    assert hall.say(frames.Controls, "all", by="eve")["code"] == "not_presenter"
    hall.does(frames.Controls, eve["id"])
    assert hall.tick()["controls"] == eve["id"]
    assert hall.say(frames.Pause, by="eve")["ok"]
    assert hall.say(frames.Pause, by="bob")["code"] == "no_controls"
    assert hall.say(frames.Pause)["ok"]
    hall.room.leave("eve")
    assert hall.come("eve-again", "token-of-eve")["you"]["may_control"]
    hall.does(frames.Controls, "all")
    assert hall.say(frames.Pause, by="bob")["ok"]
    hall.does(frames.Controls, "presenter")
    assert hall.say(frames.Pause, by="bob")["code"] == "no_controls"
    assert hall.say(frames.Controls, "v77")["code"] == "unknown_viewer"


def test_a_new_name_is_seen_by_all_and_stands_in_what_its_owner_does() -> None:
    hall = Hall()
    hall.does(frames.Pause)
    hall.does(frames.Rename, "Ann of Green Gables")
    hall.act(type="crash", node="n1")
    update = hall.tick()
    assert update["people"][0]["name"] == "Ann of Green Gables"
    assert update["events"][-1]["by"] == "Ann of Green Gables"
    assert hall.come("x")["you"]["name"] == "#2"


@pytest.mark.parametrize(
    "name",
    [
        "scenario",
        "lesson",
        "Scenario",
        "ｓｃｅｎａｒｉｏ",
        "ſcenario",
        "fuzzer",
        "script",
        "sce\u00adnario",
        "scr\u034fipt",
        "les\u180eson",
        "\u3164scenario",
        "fuzzer\ufe0f",
        "script\U000e0041",
        "ｓ\u00adcript",
    ],
)
def test_nobody_passes_for_a_script(name: str) -> None:
    hall = Hall()
    hall.does(frames.Pause)
    assert hall.say(frames.Rename, name)["code"] == "name_taken"
    assert hall.come("x", "token-of-x", name)["you"]["name"] == "#2"
    hall.act(type="crash", node="n1")
    assert hall.tick()["events"][-1]["by_kind"] == "person"


def test_what_somebody_did_who_once_was_called_like_a_script_is_left_out_of_a_fork() -> None:
    hall = Hall(scenario="disruptive_server")
    people = hall.room.people
    row = {"id": "v9", "token": "t", "name": "scenario", "presents": False, "seen": 9}
    people.remember([row], people.controls, 9)
    assert hall.come("old", "t")["you"]["name"] == "#9"
    hall.does(frames.Controls, "all")
    hall.does(frames.Pause)
    for _ in range(30):
        hall.does(frames.Step, 1)
        hall.room.people.time_passes(1_000_000)
    crash = hall.does(frames.Act, {"type": "crash", "node": "n5"}, None, by="old")
    hall.does(frames.Seek, 20, None)
    scripted = len(hall.room.show.branch.run.script)
    hall.does(frames.Act, {"type": "crash", "node": "n4"}, None)
    run = hall.room.show.branch.run
    assert crash["seq"] > 20
    assert {given.by for given in run.script} <= {"scenario"}
    assert len(run.script) == scripted
    assert "n5" not in [getattr(given.command, "node", None) for given in run.script]


def test_a_full_room_says_so_and_always_lets_its_presenter_in() -> None:
    hall = Hall(limits={"viewers_per_room_max": 3})
    hall.come("a")
    hall.come("b")
    with pytest.raises(Refused) as refused:
        hall.come("c")
    assert (refused.value.code, refused.value.parameters) == ("room_full", {"most": 3})
    assert hall.come("boss-2", BOSS)["you"]["role"] == "presenter"
    hall.room.leave("a")
    hall.room.leave("b")
    assert hall.come("c")["you"]["role"] == "viewer"


def test_of_many_people_some_are_named_and_all_are_counted_not_too_often() -> None:
    hall = Hall(limits={"people_told_max": 5})
    hall.tick()
    for number in range(40):
        hall.room.join(f"x{number}", None, None)
    told = [hall.tick() for _ in range(20)]
    assert sum("people" in update for update in told) == 1
    people = next(update for update in told if "people" in update)
    assert (len(people["people"]), people["people_count"]) == (5, 41)
    hall.room.join("late", "token-of-late", "Late")
    assert sum("people" in hall.tick() for _ in range(40)) == 1
    hall.does(frames.Controls, hall.room.people.by_viewer["late"].id)
    hall.ticks(25)
    assert [p["name"] for p in hall.screens["boss"].shown["people"]][:2] == ["Ann", "Late"]


def test_persons_who_left_are_not_remembered_without_end() -> None:
    hall = Hall(limits={"people_remembered_max": 10})
    for number in range(100):
        hall.room.join(f"x{number}", f"token-{number}", None)
        hall.room.leave(f"x{number}")
        hall.room.join(f"y{number}", None, None)
        hall.room.leave(f"y{number}")
    assert len(hall.room.people.persons) <= 12
    assert hall.room.people.person("boss").presents


def test_one_viewer_acts_and_asks_only_so_often() -> None:
    hall = Hall(
        limits={"acts_at_once_max": 5, "acts_per_second_max": 10, "asks_at_once_max": 3, "asks_per_second_max": 1}
    )
    hall.come("eve", "token-of-eve")
    replies = [hall.say(frames.Pause) for _ in range(8)]
    assert [r["ok"] for r in replies] == [True] * 5 + [False] * 3
    assert (replies[-1]["code"], replies[-1]["args"]) == ("too_fast", {"most": 10})
    asked = [hall.say(frames.Tape, by="eve")["ok"] for _ in range(5)]
    assert asked == [True] * 3 + [False] * 2
    hall.tick(2 * TICK_US)
    assert [hall.say(frames.Pause)["ok"] for _ in range(2)] == [True, False]


def test_a_room_that_nobody_made_is_everybodys() -> None:
    hall = Hall()
    room = hall.lobby.open(protocol="raft")
    assert room.join("a", None, None)["you"]["may_control"]
