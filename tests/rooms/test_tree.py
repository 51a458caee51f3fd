"""A room comes back from its tree exactly: every branch, every verdict, where people stood."""

import itertools
import json
import random
from typing import Any

import pytest

from server.protocols import PROTOCOLS, protocol
from server.rooms import Room, frames
from server.rooms.growing import differing
from server.rooms.tree import Tree, tree_from, tree_of
from server.simulation import Recording, Refused, encode
from tests.support.hall import BOSS, Hall, lobby
from tests.support.sessions import rounds


def program_of(name: str) -> Any:
    return protocol(name).program


def read(data: Any) -> Tree:
    """As from a file."""
    return tree_from(json.loads(encode(data)), program_of)


def grown(tree: Tree, **limits: Any) -> Room:
    """A room in another lobby, brought back."""
    room = lobby(**limits).plant(tree, BOSS)
    for _ in room.grow(tree):
        pass
    return room


def seen(room: Room) -> dict[str, Any]:
    """All that a newcomer is shown, but for the names of this room and of its life."""
    welcome = Hall(room).come("new", "token-of-the-new", "New")["welcome"]
    mine = ("room", "epoch", "seq", "you", "people", "people_count", "controls", "ensemble", "playing", "until")
    told = {name: value for name, value in welcome.items() if name not in mine}
    for branch in room.show.branches.all:
        told[f"branch {branch.id}"] = {
            "digest": branch.run.history.digest(), "recording": branch.run.recording.as_dict(),
            "tape": branch.tape.between(-1, branch.head), "properties": branch.transitions(-1, branch.head),
            "at": (branch.cursor, branch.now, branch.run.now), "met": branch.met,
        }  # fmt: skip
    told["parts"] = None  # looked for in the ticks to come
    return json.loads(encode(told))  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("seed", range(3))
def test_any_session_comes_back_from_its_tree(name: str, seed: int) -> None:
    rng = random.Random(f"{name} {seed}")
    hall = Hall(protocol=name, seed=seed, clients=2)
    rounds(rng, hall, 25)
    hall.does(frames.Pause)
    hall.tick()
    tree = tree_of(hall.room)
    room = grown(read(tree.as_dict()))
    assert differing(room.show, tree) == []
    assert seen(room) == seen(hall.room)
    assert tree_of(room) == tree
    rounds(rng, Hall(room), 3)


def test_what_came_back_goes_on_as_it_would_have_gone_on() -> None:
    hall = Hall(seed=3, clients=1)
    hall.ticks(40)
    hall.does(frames.Seek, 20, None)
    hall.act(type="crash", node="n1")
    hall.tick()
    other = Hall(grown(tree_of(hall.room)))
    for each in (hall, other):
        each.does(frames.Play)
        each.ticks(60)
        each.does(frames.Pause)
        each.tick()
    assert other.room.show.branch.head > 100
    assert seen(other.room) == seen(hall.room)


def test_a_scenario_comes_back_before_and_after_its_end() -> None:
    hall = Hall(scenario=PROTOCOLS["raft"].scenarios()[0].name)
    for ticks in (30, 1_000):
        hall.ticks(ticks)
        hall.does(frames.Pause)
        hall.tick()
        assert seen(grown(read(tree_of(hall.room).as_dict()))) == seen(hall.room)
        if ticks == 30:
            hall.does(frames.Play)
    assert hall.room.show.branch.met


def test_a_lesson_comes_back_at_its_beat() -> None:
    hall = Hall(lesson=PROTOCOLS["raft"].lessons()[0].name)
    for _ in range(2):
        while hall.room.show.playing:
            hall.tick()
        hall.does(frames.LessonStep, None, True, False)
        hall.tick()
    hall.does(frames.Pause)
    hall.tick()
    room = grown(read(tree_of(hall.room).as_dict()))
    assert seen(room)["lesson"]["beat"] == 2
    assert seen(room) == seen(hall.room)
    again = Hall(room)
    again.does(frames.LessonStep, 1, False, False)
    again.tick()
    assert seen(again.room)["lesson"]["beat"] == 1


def test_a_challenge_comes_back_with_its_hints_and_its_score() -> None:
    challenge = PROTOCOLS["raft"].challenges()[0]
    hall = Hall(challenge=challenge.name, solved=True)
    hall.does(frames.ChallengeStep, "hint")
    hall.does(frames.Play)
    hall.ticks(2_000)
    hall.does(frames.Pause)
    hall.tick()
    told = seen(grown(read(tree_of(hall.room).as_dict())))
    assert told["challenge"]["outcome"] != "open"
    assert len(told["challenge"]["hints"]) == 1
    assert told == seen(hall.room)


def test_a_branch_alone_brings_those_with_it_that_it_grew_from() -> None:
    hall = Hall(seed=4)
    hall.ticks(60)
    for seq, node in ((30, "n1"), (40, "n2")):
        hall.does(frames.Seek, seq, None)
        hall.act(type="crash", node=node)
        hall.does(frames.Play)
        hall.ticks(40)
    hall.does(frames.ToBranch, 0)
    hall.does(frames.Seek, 10, None)
    hall.act(type="crash", node="n3")
    hall.tick()
    tree = tree_of(hall.room)
    assert [limb.id for limb in tree.limbs] == [0, 1, 2, 3]
    narrow = tree.narrowed(2)
    assert [limb.id for limb in narrow.limbs] == [0, 1, 2]
    room = grown(read(narrow.as_dict()))
    assert room.show.branch.run.history.digest() == hall.room.show.branches.branch(2).run.history.digest()
    Hall(room).act(type="crash", node="n4")
    assert max(branch.id for branch in room.show.branches.all) >= 2


def test_a_changed_digest_is_told() -> None:
    hall = Hall()
    hall.ticks(20)
    data = tree_of(hall.room).as_dict()
    data["branches"][0]["digest"] = "0" * 32
    tree = read(data)
    assert differing(grown(tree).show, tree) == [0]


def test_a_recording_alone_is_a_tree_with_all_still_to_come() -> None:
    hall = Hall()
    hall.act(type="crash", node="n1")
    tree = read(hall.room.recording())
    assert tree.limbs[0].head == 0
    assert len(tree.limbs[0].commands) == 1
    assert grown(tree).show.branch.head == 0


def grow_anyhow(data: Any) -> None:
    tree = read(data)
    grown(tree, events_kept_max=3_000)


def sabotaged() -> list[Any]:
    """Trees that say too much, each in one place."""
    hall = Hall(seed=4)
    hall.ticks(40)
    hall.does(frames.Seek, 30, None)
    hall.act(type="crash", node="n1")
    hall.tick()
    found: list[Any] = []
    whole = (
        {"format": 3}, {"more": 1}, {"shown": 7}, {"shown": True},
        {"next_id": -1}, {"next_id": None}, {"ratio": "5"}, {"ratio": 0}, {"ratio": 1e-300}, {"ratio": 1001},
        {"origin": "game"},
        {"origin": "lesson"}, {"origin": "scenario", "origin_name": "no_such"}, {"branches": []}, {"branches": {}},
        {"setup": {"protocol": "raft", "nodes": 99}}, {"setup": []}, {"place": []},
        {"origin": "lesson", "origin_name": PROTOCOLS["raft"].lessons()[0].name},
    )  # fmt: skip
    found += [{**tree_of(hall.room).as_dict(), **change} for change in whole]
    for change in (
        {"id": 0}, {"id": 2}, {"name": ""}, {"name": " A"}, {"name": "a\nb"}, {"name": "x" * 41}, {"parent": 1}, {"parent": 9},
        {"parent": None}, {"forked_at": 10**6}, {"forked_at": -1}, {"head": 40}, {"head": 10**10},
        {"cursor": 10**6}, {"time": 1}, {"time": 10**14}, {"shown_time": 10**12}, {"commands": None}, {"more": 1},
        {"commands": [{"time": 0, "place": 0, "by": "", "command": {"type": "crash", "node": "n1"}}]},
        {"commands": [{"time": 0}]}, {"digest": 5}, {"cursor": 1},
    ):  # fmt: skip
        data = json.loads(encode(tree_of(hall.room).as_dict()))
        data["branches"][1].update(change)
        found.append(data)
    return [*found, None, [], "tree", {}, {"format": 2}]


@pytest.mark.parametrize("data", sabotaged(), ids=itertools.count())
def test_what_is_no_tree_is_refused(data: Any) -> None:
    with pytest.raises(Refused):
        grow_anyhow(data)


def test_a_setup_that_is_none_of_the_lessons_is_refused() -> None:
    hall = Hall(lesson=PROTOCOLS["raft"].lessons()[0].name)
    data = tree_of(hall.room).as_dict()
    data["setup"]["seed"] += 1
    with pytest.raises(Refused):
        grow_anyhow(data)


def test_a_tree_of_more_events_than_a_room_keeps_is_refused() -> None:
    hall = Hall()
    hall.ticks(60)
    with pytest.raises(Refused, match="fit"):
        grown(tree_of(hall.room), events_kept_max=10)


def test_a_recording_is_no_tree_of_another_program() -> None:
    assert tree_from(Recording("paxos").as_dict(), program_of).protocol == "paxos"


def test_what_a_file_says_of_a_challenge_is_what_people_can_have_done() -> None:
    possible = next(each for each in PROTOCOLS["raft"].challenges() if each.impossible is None)
    data = tree_of(Hall(challenge=possible.name).room).as_dict()
    grow_anyhow(data)
    for change in ({"claim": "right"}, {"shown": True}, {"hints": True}, {"hints": 99}, {"wrong": ["no_rule"]}):
        with pytest.raises(Refused):
            grow_anyhow({**data, "place": {**data["place"], **change}})


def test_what_a_file_says_of_a_lesson_has_come_true_there() -> None:
    lesson = PROTOCOLS["raft"].lessons()[0]
    hall = Hall(lesson=lesson.name)
    while hall.room.show.playing:
        hall.tick()
    data = tree_of(hall.room).as_dict()
    assert not data["place"]["waiting"]
    grow_anyhow(data)
    for came_true in ([0, 0], [1_000_000, 1_000_000], [0, 10**14]):
        with pytest.raises(Refused):
            grow_anyhow({**data, "place": {**data["place"], "came_true": came_true}})


@pytest.mark.parametrize("acts", [False, True])
def test_what_people_do_after_the_end_of_a_scenario_does_not_change_how_it_ended(acts: bool) -> None:
    for owner in ("raft", "ring", "paxos"):
        hall = Hall(scenario=PROTOCOLS[owner].scenarios()[0].name, protocol=owner)
        while hall.room.show.branch.met is None:
            if not hall.room.show.playing:
                hall.does(frames.Play)
            hall.tick()
        if acts:
            for node in ("n1", "n2", "n3"):
                hall.act(type="crash", node=node)
        hall.tick()
        assert hall.room.show.branch.met
        assert seen(grown(tree_of(hall.room))) == seen(hall.room)


def test_an_act_right_before_a_script_at_the_same_instant_can_be_kept() -> None:
    script = [{"time": 0, "place": place, "by": by, "command": {"type": "crash", "node": node}}
              for place, by, node in ((3, "Ann", "n1"), (0, "scenario", "n2"))]  # fmt: skip
    data = {**tree_of(Hall().room).as_dict()}
    data["branches"] = [{**data["branches"][0], "commands": script}]
    assert [given.place for given in read(data).limbs[0].commands] == [3, 0]


def test_a_branch_hangs_where_its_moment_was_and_not_where_only_its_last_event_was() -> None:
    """B begins where nothing happened for a while; its parent never came as far in time as C, which leaves B there."""
    hall = Hall(lesson="around_the_ring", protocol="ring")
    show = hall.room.show
    hall.does(frames.Play)
    hall.runs()
    hall.does(frames.LessonStep, None, True, False)
    hall.say(frames.Pause)
    hall.does(frames.Speed, 1.0)
    hall.does(frames.Play)
    hall.tick(1_000)
    hall.does(frames.Pause)
    first = show.branch
    hall.does(frames.LessonStep, 1, False, False)
    hall.say(frames.Pause)
    second = show.branch
    assert second is not first
    hall.does(frames.Step, 1)
    hall.does(frames.Seek, None, second.run.history.time(second.head) - 1)
    assert (second.cursor, first.head) == (first.head, second.forked_at)
    assert second.now > first.run.now
    hall.act(type="crash", node="n1")
    assert show.branch.parent is second
    hall.tick()
    tree = tree_of(hall.room)
    assert seen(grown(read(tree.as_dict()))) == seen(hall.room)


@pytest.mark.parametrize(
    "command", [{"type": "crash", "node": "n1"}, {"type": "fire_timer", "node": "n1", "timer": "election"}]
)
def test_a_full_room_comes_back(command: dict[str, Any]) -> None:
    hall = Hall(protocol="raft", seed=7, limits={"events_kept_max": 60})
    hall.does(frames.Pause)
    while hall.room.show.events_left > 1:
        hall.does(frames.Step, 1)
    hall.act(**command)
    hall.tick()
    tree = tree_of(hall.room)
    assert tree.events <= 60
    assert seen(grown(read(tree.as_dict()), events_kept_max=60)) == seen(hall.room)


def test_a_room_takes_no_more_commands_than_can_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("server.rooms.show", "server.rooms.tree"):
        monkeypatch.setattr(f"{module}.COMMANDS_MAX", 5)
    hall = Hall(limits={"acts_at_once_max": 100})
    hall.does(frames.Pause)
    answers = [hall.act(type=kind, node="n1") for kind in ("crash", "restart") * 3]
    assert [each["ok"] for each in answers] == [True] * 5 + [False]
    assert answers[-1]["code"] == "too_many_commands"
    grown(read(tree_of(hall.room).as_dict()))
