"""Branches of a room: where they hang, their names, what deleting one does, and that nothing dangles afterwards."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from server.protocols import protocol
from server.rooms import frames
from server.rooms.branches import Branch, shared_past
from server.rooms.tree import tree_from, tree_of
from server.simulation import encode
from tests.rooms.test_show import played
from tests.support.hall import BOSS, Hall, lobby
from tests.support.sessions import rounds


def grown(**more: Any) -> Hall:
    """A room with the branches A (from the beginning), B (from event 60 of A), C (from 80 of B) and D (from 70 of B)."""
    hall = played(100, **more)
    for branch, seq, node in ((0, 60, "n1"), (1, 80, "n2"), (1, 70, "n3")):
        hall.does(frames.ToBranch, branch)
        hall.does(frames.Seek, seq, None)
        assert hall.act(type="crash", node=node)["ok"]
        hall.does(frames.Play)
        hall.ticks(40)
        hall.does(frames.Pause)
        hall.tick()
    return hall


def tree(hall: Hall) -> dict[str, tuple[Any, int]]:
    """By name: the parent's name, and where it was left."""
    told = hall.room.show.branches.as_list()
    names = {branch["id"]: branch["name"] for branch in told} | {None: None}
    return {branch["name"]: (names[branch["parent"]], branch["forked_at"]) for branch in told}


def test_a_branch_hangs_where_its_last_event_belongs() -> None:
    hall = grown()
    assert tree(hall) == {"A": (None, 0), "B": ("A", 60), "C": ("B", 80), "D": ("B", 70)}
    hall.does(frames.Seek, 40, None)
    hall.act(type="crash", node="n4")
    assert tree(hall)["E"] == ("A", 40), "event 40 of D is one of A's"


def test_a_renamed_branch_keeps_its_number_and_its_name_is_its_own() -> None:
    hall = grown()
    hall.does(frames.RenameBranch, 1, "without n1")
    update = hall.tick()
    assert [(b["id"], b["name"]) for b in update["branches"]][1] == (1, "without n1")
    reply = hall.say(frames.RenameBranch, 2, "WITHOUT N1")
    assert (reply["code"], reply["args"]) == ("name_taken", {"name": "WITHOUT N1"})
    assert hall.say(frames.RenameBranch, 2, "with\u3164out n1")["code"] == "name_taken"
    hall.does(frames.RenameBranch, 1, "Without N1")
    hall.does(frames.RenameBranch, 0, "E")
    hall.does(frames.Seek, 10, None)
    hall.act(type="crash", node="n4")
    assert hall.room.show.branch.name == "F", "E is taken"
    assert hall.say(frames.RenameBranch, 99, "x")["code"] == "no_such_branch"


def test_who_watches_neither_renames_nor_deletes() -> None:
    hall = grown()
    hall.come("bob", "token-of-bob", "Bob")
    assert hall.say(frames.RenameBranch, 1, "mine", by="bob")["code"] == "no_controls"
    assert hall.say(frames.DeleteBranch, 2, by="bob")["code"] == "no_controls"
    assert set(tree(hall)) == {"A", "B", "C", "D"}


def test_a_deleted_branch_leaves_all_others_as_they_were() -> None:
    hall = grown()
    branches = hall.room.show.branches
    kept = {b.name: b.run.history.digest() for b in branches.all if b.name != "D"}
    own = branches.branch(3).head - 70
    hall.does(frames.ToBranch, 0)
    before = branches.events_kept
    hall.does(frames.DeleteBranch, 3)
    update = hall.tick()
    assert [b["name"] for b in update["branches"]] == ["A", "B", "C"]
    assert tree(hall) == {"A": (None, 0), "B": ("A", 60), "C": ("B", 80)}
    assert {b.name: b.run.history.digest() for b in branches.all} == kept
    assert branches.events_kept == before - own


def test_branches_share_what_came_before_the_earlier_of_two_forks() -> None:
    branches = grown().room.show.branches
    for one, other, last in ((2, 3, 70), (2, 1, 80), (0, 3, 60), (1, 1, branches.branch(1).head)):
        pair = branches.branch(one), branches.branch(other)
        assert shared_past(*pair) == shared_past(*reversed(pair)) == last
        assert encode(pair[0].run.history.world(last)) == encode(pair[1].run.history.world(last))


def test_a_branch_from_which_others_grew_stays() -> None:
    hall = grown()
    for at in (0, 1, 2):
        hall.does(frames.ToBranch, at)
        reply = hall.say(frames.DeleteBranch, 1)
        assert (reply["code"], reply["args"]) == ("branch_needed", {"names": "C, D"})
        assert hall.say(frames.DeleteBranch, 0)["code"] == "first_branch"
    for gone in (2, 3, 1):
        hall.does(frames.DeleteBranch, gone)
    hall.tick()
    assert tree(hall) == {"A": (None, 0)}


def test_a_number_is_given_once_also_where_the_room_came_back_meanwhile() -> None:
    hall = grown()
    hall.does(frames.ToBranch, 0)
    hall.does(frames.RenameBranch, 2, "第二次")
    hall.does(frames.DeleteBranch, 3)
    back = lobby().plant(
        tree_from(json.loads(encode(tree_of(hall.room).as_dict())), lambda name: protocol(name).program), BOSS
    )
    for _ in back.grow(tree_of(hall.room)):
        pass
    other = Hall(back)
    assert tree(other) == tree(hall)
    for each in (hall, other):
        each.does(frames.Seek, 20, None)
        each.act(type="crash", node="n4")
        assert (each.room.show.branch.id, each.room.show.branch.name) == (4, "E")


def test_who_speaks_of_a_deleted_branch_is_told_so() -> None:
    hall = grown()
    hall.does(frames.ToBranch, 0)
    hall.does(frames.DeleteBranch, 3)
    assert hall.say(frames.ToBranch, 3)["text"] == "That branch was deleted."
    assert hall.say(frames.WorldAt, 5, 3)["code"] == "no_such_branch"
    hall.does(frames.Seek, 20, None)
    hall.act(type="crash", node="n4")
    assert (hall.room.show.branch.id, hall.room.show.branch.name) == (4, "E")


def test_the_branch_shown_goes_when_its_parent_is_shown_and_all_come_along() -> None:
    hall = grown()
    hall.come("bob", "token-of-bob", "Bob")
    assert hall.at[0] == 3
    hall.does(frames.DeleteBranch, 3)
    late = hall.come("eve", "token-of-eve", "Eve")["welcome"]
    assert late["branch"] == 3, "she is told what all others were told last"
    update = hall.tick()
    assert (update["branch"], update["cursor"], update["playing"]) == (1, 70, False)
    assert hall.screens["bob"].world["seq"] == 70
    hall.does(frames.Play)
    hall.ticks(3)


def test_deleting_makes_place_for_more() -> None:
    hall = grown(limits={"branches_max": 4})
    hall.does(frames.Seek, 20, None)
    assert hall.act(type="crash", node="n4")["code"] == "too_many_branches"
    hall.does(frames.DeleteBranch, 2)
    assert hall.act(type="crash", node="n4")["ok"]
    show = hall.room.show
    show.events_max = show.branches.events_kept
    assert hall.say(frames.Step, 1)["code"] == "too_many_events"
    hall.does(frames.DeleteBranch, 3)
    hall.does(frames.Step, 1)


def test_a_branch_that_a_lesson_comes_back_to_stays() -> None:
    hall = Hall(lesson="why_raft_needs_terms", limits={"elapsed_max_us": 10**7})
    hall.does(frames.Speed, 1.0)
    hall.runs()
    hall.does(frames.LessonStep, None, True, False)
    hall.runs()
    hall.does(frames.LessonStep, 0, False, False)
    again = hall.room.show.branch.id
    assert again > 0
    hall.does(frames.ToBranch, 0)
    assert hall.say(frames.DeleteBranch, again)["code"] == "branch_in_lesson"
    hall.does(frames.Seek, 1, None)
    hall.act(type="crash", node="n1")
    own = hall.room.show.branch.id
    hall.does(frames.DeleteBranch, own)
    for beat in (0, 1):
        hall.does(frames.LessonStep, beat, False, False)


def test_a_challenge_goes_on_when_the_attempt_is_deleted() -> None:
    hall = Hall(challenge="two_leaders_at_once")
    hall.does(frames.ChallengeStep, "again")
    hall.tick()
    assert hall.at[0] == 1
    hall.does(frames.DeleteBranch, 1)
    hall.tick()
    assert hall.at[0] == 0
    hall.does(frames.ChallengeStep, "again")
    assert hall.room.show.branch.id == 2


def test_a_branch_tells_where_it_began_how_long_it_is_and_what_broke() -> None:
    hall = grown()
    for branch, told in zip(hall.room.show.branches.all, hall.room.show.branches.as_list(), strict=True):
        assert told["forked_time"] == branch.run.history.time(branch.forked_at)
        assert told["time"] == branch.run.now
        kinds = [mark[2] for mark in told["marks"]]
        assert set(kinds) <= {"commit", "violation"}
        assert len(kinds) <= 12
        assert all(mark[0] > branch.forked_at for mark in told["marks"])


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_grown_and_deleted_the_tree_stays_one(seed: int) -> None:
    """Every branch shares with its parent exactly what it says."""
    rng = random.Random(seed)
    hall = Hall(seed=seed, params={"think_time": 60_000}, clients=2, limits={"branches_max": 9})
    hall.does(frames.Speed, 2.0)
    for _ in range(12):
        rounds(rng, hall, 8)
        branches = hall.room.show.branches
        for branch in branches.all:
            parent = branch.parent
            assert parent is None or (parent in branches.all and parent.head >= branch.forked_at)
            assert parent is None or parent.parent is None or branch.forked_at > parent.forked_at
            assert all(_same(branch, parent, seq) for seq in range(1, branch.forked_at + 1) if parent is not None)
        assert branches.shown in branches.all
        assert len({b.id for b in branches.all}) == len(branches.all) == len({b.name.casefold() for b in branches.all})


def _same(one: Branch, other: Branch, seq: int) -> bool:
    return encode(one.run.history.tell(seq)) == encode(other.run.history.tell(seq))


def test_a_room_that_was_kept_with_names_that_look_the_same_comes_back() -> None:
    data = tree_of(grown().room, digests=False).as_dict()
    for branch, name in zip(data["branches"], ["A", "a\u3164", "\u3164", "D"], strict=True):
        branch["name"] = name
    kept = tree_from(json.loads(encode(data)), lambda known: protocol(known).program)
    assert [limb.name for limb in kept.limbs] == ["A", "a", "C", "D"]
    room = lobby().plant(kept, BOSS)
    for _ in room.grow(kept):
        pass
    assert [branch.name for branch in room.show.branches.all] == ["A", "B", "C", "D"]
