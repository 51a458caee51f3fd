"""Scenarios, lessons and broken properties, as people in a room see them."""

import dataclasses
from typing import Any

import pytest

from server.properties import ALWAYS, BROKEN, Property
from server.protocols import PROTOCOLS, protocol
from server.protocols.raft.indications import Elected
from server.rooms import Limits, Room, frames
from server.simulation import Recording, encode
from tests.support.hall import BOSS, Hall

SCENARIOS = [(name, scenario.name) for name, owner in PROTOCOLS.items() for scenario in owner.scenarios()]
LESSONS = [(name, lesson.name) for name, owner in PROTOCOLS.items() for lesson in owner.lessons()]
LONG_TICK_US = 200_000


class OnlyOneElection(Property):
    """Breaks at the second election, whatever the cluster does."""

    name = "only_one_election"
    title = "Only one election"
    text = "There is one election."
    cites = ""
    kind = ALWAYS

    def __init__(self) -> None:
        self.seen = 0

    def on_elected(self, *_: Any) -> str | None:
        self.seen += 1
        return BROKEN if self.seen > 1 else None

    indications = {Elected: on_elected}


def fragile() -> Hall:
    """A room whose property breaks at the second election."""
    shown = dataclasses.replace(protocol("raft"), properties=(OnlyOneElection,))
    run = shown.run(Recording("raft", seed=3))
    return Hall(Room("r", "e", shown, run, Limits(), maker=BOSS))


def second_election(hall: Hall) -> None:
    """Brings the leader down after its election."""
    hall.does(frames.RunUntil, frames.Until("leader", None, None))
    hall.runs()
    leader = hall.updates[-1]["events"][-1]["host"]
    assert hall.act(type="crash", node=leader)["ok"]
    hall.does(frames.Play)


def test_a_property_that_breaks_stops_the_run_at_the_first_bad_event_and_says_which() -> None:
    hall = fragile()
    second_election(hall)
    hall.runs()
    update = hall.updates[-1]
    bad = update["events"][-1]
    assert "Elected" in [i["type"] for i in bad["indications"]]
    assert (update["cursor"], update["head"], update["now"]) == (bad["seq"], bad["seq"], bad["time"])
    notice = hall.screens["boss"].notices[-1]
    assert (notice["code"], notice["args"]) == (
        "property_broken", {"property": "Only one election", "seq": bad["seq"]},
    )  # fmt: skip
    screen = hall.screens["boss"]
    assert screen.properties["only_one_election"][-1] == [bad["seq"], "broken"]
    assert screen.tape[-1][:3] == [bad["seq"], bad["time"], "violation"]
    hall.does(frames.Play)
    hall.ticks(20)
    assert hall.at[1] > bad["seq"]
    assert len(hall.screens["boss"].notices) == 1


def test_run_until_a_property_breaks_finds_the_bad_event_also_in_the_past() -> None:
    hall = fragile()
    second_election(hall)
    hall.runs()
    bad = hall.at[1]
    hall.does(frames.Play)
    hall.ticks(20)
    hall.does(frames.Seek, 1, None)
    hall.does(frames.RunUntil, frames.Until("violation", None, None))
    hall.runs()
    assert hall.at[1] == bad


def test_a_step_into_a_bad_event_tells_it_too_and_stepping_back_takes_nothing_away() -> None:
    hall = fragile()
    second_election(hall)
    hall.does(frames.Pause)
    while not hall.room.show.branch.broken_at(hall.at[1]):
        hall.does(frames.Step, 1)
        hall.tick()
    assert hall.screens["boss"].notices[-1]["code"] == "property_broken"
    bad = hall.at[1]
    hall.does(frames.Step, -1)
    hall.does(frames.Step, 1)
    hall.tick()
    assert hall.at[1] == bad
    assert len(hall.screens["boss"].notices) == 1


def test_a_fork_before_the_bad_event_is_whole_again() -> None:
    hall = fragile()
    second_election(hall)
    hall.runs()
    hall.does(frames.Seek, hall.at[1] - 1, None)
    hall.tick()
    hall.act(type="switch_rule", rule="one_vote", on=False)
    hall.tick()
    assert [t[1] for t in hall.screens["boss"].properties["only_one_election"]] == ["holds"]
    assert all(mark[2] != "violation" for mark in hall.screens["boss"].tape)


@pytest.mark.parametrize(("owner", "name"), SCENARIOS)
def test_a_scenario_plays_in_a_room_to_its_stated_outcome(owner: str, name: str) -> None:
    hall = Hall(scenario=name)
    scenario = protocol(owner).scenario(name)
    assert hall.screens["boss"].shown["scenario"]["met"] is None
    assert hall.room.title == scenario.title
    broken = []
    for _ in range(2_000):
        update = hall.tick(LONG_TICK_US)
        if "notice" in update:
            broken.append(update["notice"]["args"]["property"])
        if hall.screens["boss"].shown["scenario"]["met"] is not None:
            break
        if not update.get("playing") and not hall.room.show.news.notices:
            hall.does(frames.Play)
    while hall.room.show.news.notices:  # one an update: several properties may break at one event
        broken.append(hall.tick(0)["notice"]["args"]["property"])
    assert hall.screens["boss"].shown["scenario"]["met"] is True
    assert hall.at[3] == scenario.until if not scenario.breaks else hall.at[3] <= scenario.until
    assert not hall.room.show.playing
    titles = {p.name: p.title for p in protocol(owner).properties}
    assert broken == [titles[name] for name in scenario.breaks]


@pytest.mark.parametrize(("owner", "name"), SCENARIOS)
def test_a_scenario_that_breaks_something_stops_by_itself_only_where_its_last_property_breaks(
    owner: str, name: str
) -> None:
    scenario = protocol(owner).scenario(name)
    hall = Hall(scenario=name)
    for _ in range(2_000):
        hall.tick(LONG_TICK_US)
        if not hall.room.show.playing:
            break
    monitor = hall.room.show.branch.monitor
    assert monitor is not None
    broken = monitor.broken()
    assert [found for found, _ in broken] == list(scenario.breaks)
    if broken:
        assert hall.at[1] == broken[-1][1]


def test_a_what_if_in_a_scenario_keeps_its_script_and_may_end_otherwise() -> None:
    hall = Hall(scenario="log_conflict")
    scenario = protocol("raft").scenario("log_conflict")
    total = len(scenario.recording(protocol("raft").program).commands)
    while hall.screens["boss"].shown["scenario"]["met"] is None:
        hall.tick(LONG_TICK_US)
    hall.does(frames.Seek, None, 100_000)
    hall.tick()
    for node in ("n1", "n2", "n3"):
        assert hall.act(type="crash", node=node)["ok"]
    run = hall.room.show.branch.run
    assert len(run.script) + len(run.given) - 3 == total
    hall.tick()
    assert hall.screens["boss"].shown["scenario"]["met"] is None
    hall.does(frames.Play)
    while hall.screens["boss"].shown["scenario"]["met"] is None:
        hall.tick(LONG_TICK_US)
        if not hall.room.show.playing and hall.screens["boss"].shown["scenario"]["met"] is None:
            hall.does(frames.Play)
    assert hall.screens["boss"].shown["scenario"]["met"] is False
    hall.does(frames.ToBranch, 0)
    assert hall.tick()["scenario"]["met"] is True


def beat_comes_true(hall: Hall) -> None:
    for _ in range(3_000):
        if not hall.room.show.playing:
            hall.tick(LONG_TICK_US)
            return
        hall.tick(LONG_TICK_US)
    raise AssertionError("the beat does not come true")


@pytest.mark.parametrize(("owner", "name"), LESSONS)
@pytest.mark.parametrize("run_on", [False, True])
def test_a_lesson_comes_to_its_end_in_real_time_however_slow_the_ticks_and_whoever_lets_it_run_on(
    owner: str, name: str, run_on: bool
) -> None:
    hall = Hall(lesson=name)
    for number, beat in enumerate(protocol(owner).lesson(name).beats):
        hall.does(frames.Speed, 1.0)
        beat_comes_true(hall)
        assert not hall.screens["boss"].shown["lesson"]["waiting"], beat.name
        if run_on:
            hall.does(frames.Play)
            hall.ticks(4)
        if number + 1 < len(protocol(owner).lesson(name).beats):
            assert hall.say(frames.LessonStep, None, True, False)["ok"], beat.name
            hall.tick(0)
    assert hall.screens["boss"].shown["lesson"]["done"]


@pytest.mark.parametrize(("owner", "name"), LESSONS)
def test_a_lesson_goes_through_all_its_beats_and_any_of_them_can_be_entered_again_exactly(
    owner: str, name: str
) -> None:
    hall = Hall(lesson=name)
    lesson = protocol(owner).lesson(name)
    worlds = []
    for number, beat in enumerate(lesson.beats):
        state = hall.screens["boss"].shown["lesson"]
        assert (state["beat"], state["waiting"], state["left"]) == (number, True, False), beat.name
        assert hall.say(frames.LessonStep, None, True, False)["code"] in ("beat_waits", "lesson_over")
        guide = hall.room.show.guide
        assert guide is not None
        moment = guide.moment(number)
        worlds.append(encode(hall.room.show.branch.run.history.world(moment.seq)))
        beat_comes_true(hall)
        assert not hall.screens["boss"].shown["lesson"]["waiting"], beat.name
        if number + 1 < len(lesson.beats):
            hall.does(frames.LessonStep, None, True, False)
            hall.tick(0)
    assert hall.screens["boss"].shown["lesson"]["done"]
    assert hall.say(frames.LessonStep, None, True, False)["code"] == "lesson_over"
    for number in (*range(len(lesson.beats)), 1):
        hosts = hall.room.show.branch.run.cluster.hosts
        hall.act(type="crash", node=next(name for name in ("n2", "n1", "n3") if hosts[name].up))
        hall.tick(0)
        assert hall.screens["boss"].shown["lesson"]["left"]
        hall.does(frames.LessonStep, number, False, False)
        hall.tick(0)
        guide = hall.room.show.guide
        assert guide is not None
        run = hall.room.show.branch.run
        assert encode(run.history.world(guide.moment(number).seq)) == worlds[number]
        state = hall.screens["boss"].shown["lesson"]
        assert (state["beat"], state["waiting"], state["left"]) == (number, True, False)
        beat_comes_true(hall)
        assert not hall.screens["boss"].shown["lesson"]["waiting"]


def test_a_lesson_can_be_left_and_goes_on_from_any_beat_entered() -> None:
    hall = Hall(lesson="why_raft_needs_terms")
    beat_comes_true(hall)
    hall.does(frames.LessonStep, None, False, True)
    assert hall.tick()["lesson"]["left"]
    assert hall.say(frames.LessonStep, None, True, False)["code"] == "lesson_left"
    assert hall.say(frames.LessonStep, 5, False, False)["code"] == "beat_not_entered"
    assert hall.say(frames.LessonStep, 99, False, False)["code"] == "no_such_beat"
    hall.does(frames.LessonStep, 0, False, False)
    beat_comes_true(hall)
    hall.does(frames.LessonStep, None, True, False)
    assert hall.tick()["lesson"]["beat"] == 1
    assert Hall().say(frames.LessonStep, 0, False, False)["code"] == "no_lesson"


def test_going_on_with_a_lesson_after_looking_back_starts_where_the_beat_came_true() -> None:
    hall = Hall(lesson="why_raft_needs_terms")
    beat_comes_true(hall)
    end = hall.at
    for _ in range(3):
        hall.does(frames.Step, -1)
    hall.tick()
    hall.does(frames.LessonStep, None, True, False)
    update = hall.tick(0)
    assert update["lesson"]["beats"][1]["entered"] == end[2]
    assert (update["cursor"], update["now"], update["branch"]) == (end[2], end[3], 0)


def test_a_lesson_or_a_scenario_shows_its_beginning_to_a_newcomer() -> None:
    hall = Hall(lesson="why_raft_needs_terms")
    lesson = hall.room.join("late", None, None)["welcome"]["lesson"]
    assert (lesson["name"], lesson["beat"], lesson["beats"][0]["entered"]) == ("why_raft_needs_terms", 0, 0)
    assert all(beat["title"] and beat["text"] for beat in lesson["beats"])


def test_dials_that_make_elections_unstable_are_warned_of_and_the_warning_goes_with_them() -> None:
    hall = Hall(protocol="raft")
    assert hall.screens["boss"].shown["warnings"] == []
    hall.act(type="set_link", src="n1", dst="n2", low=100_000, high=400_000)
    assert [w["args"]["round_trip"] for w in hall.tick()["warnings"] if "round_trip" in w["args"]] == [800]
    hall.act(type="set_link", src="n1", dst="n2", low=15_000, high=30_000)
    assert hall.tick()["warnings"] == []
