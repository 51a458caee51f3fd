"""Two branches side by side: copies under one clock, where they part, and what is told of their first difference."""

from __future__ import annotations

from server.rooms import Room, frames
from server.rooms.pair import Pair
from server.simulation import encode
from tests.rooms.test_branches import grown
from tests.support.hall import TICK_US, Hall


def side_by_side(hall: Hall, one: int, other: int) -> list[Hall]:
    """The rooms that the presenter of a hall gets for two branches, each with somebody in it."""
    name = hall.does(frames.Beside, one, other)["room"]
    first: Room = hall.lobby.room(name)
    assert isinstance(first.ensemble, Pair)
    return [Hall(room) for room in first.ensemble.rooms]


def test_the_first_difference_of_two_branches_is_told_to_whoever_asks() -> None:
    hall = grown()
    hall.come("bob", "token-of-bob", "Bob")
    told = hall.does(frames.Parting, 0, 1, by="bob")["difference"]
    a, b = (hall.room.show.branches.branch(id).run.history for id in (0, 1))
    assert told["shared"] == 60
    assert [b.event(seq).subject.type for seq in told["acts"][1]] == ["crash"]
    assert told["how"] is not None
    mine, theirs = told["seqs"]
    assert told["time"] == min(h.time(seq) for h, seq in ((a, mine), (b, theirs)) if seq is not None)
    assert 0 < told["equal"] <= min(told["sent"])
    assert hall.say(frames.Parting, 1, 1)["code"] == "same_branch"
    assert hall.say(frames.Parting, 1, 9)["code"] == "no_such_branch"
    assert hall.say(frames.Parting, None, 0)["ok"], "the one shown, where none is named"


def test_two_branches_stand_side_by_side_where_they_part() -> None:
    hall = grown()
    before = {b.name: b.run.history.digest() for b in hall.room.show.branches.all}
    pair = side_by_side(hall, 2, 3)
    assert [each.at[1] for each in pair] == [70, 70]
    assert [each.room.show.branch.run.history.digest() for each in pair] == [before["C"], before["D"]]
    assert pair[0].room.ensemble is not None
    assert list(pair[0].room.ensemble.labels) == ["C", "D"]
    worlds = [encode(each.room.show.branch.run.history.world(70)) for each in pair]
    assert worlds[0] == worlds[1]
    pair[0].does(frames.Speed, 1.0)
    pair[1].does(frames.Play)
    for _ in range(60):
        for each in pair:
            each.tick(TICK_US)
    pair[0].does(frames.Pause)
    assert pair[0].at[3] == pair[1].at[3]
    assert {b.name: b.run.history.digest() for b in hall.room.show.branches.all} == before, "copies, and nothing else"


def test_the_difference_of_a_pair_is_that_of_its_branches_and_moves_when_somebody_acts_before_it() -> None:
    hall = grown()
    told = hall.does(frames.Parting, 2, 3)["difference"]
    pair = side_by_side(hall, 2, 3)
    assert pair[1].does(frames.Parting, None, None)["difference"] == told
    pair[0].does(frames.Seek, 30, None)
    assert pair[0].act(type="crash", node="n5")["ok"]
    parted = pair[0].does(frames.Parting, None, None)["difference"]
    assert parted["shared"] <= 30
    assert (parted["how"], parted["sent"]) == (None, (0, 0)), "the same act in both, and nothing since"


def test_only_branches_have_a_first_difference() -> None:
    hall = grown()
    pair = side_by_side(hall, 0, 1)
    assert pair[0].say(frames.Beside, 0, 0)["code"] == "no_copies"
    assert pair[0].say(frames.DeleteBranch, 0)["code"] == "not_in_comparison"
    assert hall.say(frames.Beside, 1, 1)["code"] == "same_branch"
    hall.come("nobody")
    assert hall.say(frames.Beside, 0, 1, by="nobody")["code"] == "no_cookie"


def test_who_compares_too_often_is_asked_to_wait() -> None:
    hall = grown(limits={"asks_at_once_max": 12})
    assert hall.say(frames.Parting, 0, 1)["ok"]
    assert hall.say(frames.Parting, 0, 1)["ok"]
    assert hall.say(frames.Parting, 0, 1)["code"] == "too_fast"
    hall.ticks(20)
    assert hall.say(frames.Parting, 0, 1)["ok"]


def test_a_pair_counts_among_the_rooms_of_its_maker() -> None:
    hall = grown(limits={"rooms_of_one_maker_max": 2})
    assert hall.say(frames.Beside, 0, 1)["code"] == "too_many_rooms"
