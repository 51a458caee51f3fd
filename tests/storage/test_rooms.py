"""A room is kept as rows, and comes back from them as it was: the same moment, the same people, the same next update."""

from __future__ import annotations

import datetime
import random
from dataclasses import replace
from typing import Any

import pytest

from server.protocols import protocol
from server.rooms import Limits, Lobby, Room, frames
from server.rooms.frames import Last
from server.rooms.journal import Journal, revive, tree_data
from server.rooms.telling import Shown
from server.rooms.tree import tree_from
from server.simulation import Refused
from server.storage import Store
from server.storage import rooms as table
from server.storage.schema import now

ALWAYS = lambda: True  # noqa: E731
ORDERS: dict[str, dict[str, Any]] = {
    "a protocol": {"protocol": "raft", "seed": 7, "nodes": 3},
    "a scenario": {"scenario": "figure_8", "protocol": "raft"},
    "a lesson": {"lesson": "why_raft_needs_terms", "protocol": "raft"},
    "a challenge": {"challenge": "two_leaders_at_once", "protocol": "raft"},
    "a solution": {"challenge": "two_leaders_at_once", "protocol": "raft", "solved": True},
}


def lobby() -> Lobby:
    names = iter(f"name{number}" for number in range(10_000))
    return Lobby(Limits(acts_per_second_max=1000, acts_at_once_max=1000), make_id=lambda: next(names))


class Kept:
    """A room whose rows are saved after everything that happens, as the keeper does it."""

    def __init__(self, store: Store, room: Room) -> None:
        self.store, self.room = store, room
        self.journal = Journal(room)
        self.save()

    def save(self) -> bool:
        changes = self.journal.changes()
        if changes is None:
            return False
        self.store.write(lambda connection: table.save(connection, self.room.name, changes, "program"))
        return True

    def again(self) -> Room:
        """The room as it comes back in another process."""
        rows = self.store.read(lambda connection: table.read(connection, self.room.name))
        assert rows is not None
        tree = tree_from(tree_data(rows), lambda name: protocol(name).program)
        back = lobby().plant(tree, rows["room"]["maker"], (self.room.name, rows["position"]["epoch"]))
        for _ in back.grow(tree):
            pass
        revive(back, rows)
        return back


def moment(room: Room) -> dict[str, Any]:
    """All that must be the same."""
    show = room.show
    return {
        "shown": show.shown(), "told": room.teller.told, "seq": room.teller.updates.seq, "epoch": room.epoch,
        "unseen": show.unseen, "title": room.title, "stopped": room.stopped, "controls": room.people.controls,
        "branches": show.branches.as_list(), "setup": room.setup(),
        "people": [(p.id, p.key, p.name, p.presents) for p in room.people.persons.values()],
        "positions": [(b.cursor, b.now, b.run.now, len(b.run.script), b.met) for b in show.branches.all],
        "digests": [b.run.history.digest() for b in show.branches.all],
        "given": [b.run.given for b in show.branches.all],
        "worlds": [b.run.history.world(b.cursor) for b in show.branches.all],
        "lesson": show.guide and show.guide.as_dict(),
        "challenge": show.contest and show.contest.as_dict(show.branch),
    }  # fmt: skip


def something(room: Room, chance: random.Random) -> frames.Frame:
    branch = room.show.branch
    choices: list[frames.Frame] = [
        frames.Act(1, {"type": "crash", "node": "n1"}, None),
        frames.Act(1, {"type": "restart", "node": "n1", "disk": "kept"}, None),
        frames.Act(1, {"type": "partition", "groups": [["n1"], ["n2", "n3"]]}, None),
        frames.Act(1, {"type": "heal"}, None),
        frames.Act(1, {"type": "fire_timer", "node": "n2", "timer": "election"}, None),
        frames.Play(1),
        frames.Play(1),
        frames.Pause(1),
        frames.Speed(1, chance.choice((1.0, 3.5, 20.0))),
        frames.Step(1, chance.choice((1, 1, -1))),
        frames.Seek(1, chance.randint(0, branch.head), None),
        frames.Seek(1, None, chance.randint(0, branch.run.now + 1)),
        frames.Live(1),
        frames.RunUntil(1, frames.Until("leader", None, None)),
        frames.ToBranch(1, chance.choice(room.show.branches.all).id),
        frames.RenameBranch(1, chance.choice(room.show.branches.all).id, chance.choice(("A", "没有 n1"))),
        frames.DeleteBranch(1, chance.choice(room.show.branches.all).id),
        frames.LessonStep(1, None, True, False),
        frames.LessonStep(1, 0, False, False),
        frames.ChallengeStep(1, chance.choice(("hint", "again"))),
        frames.Controls(1, chance.choice(("all", "presenter", "v2"))),
        frames.Rename(1, chance.choice(("Ada", "林"))),
    ]
    return chance.choice(choices)


@pytest.mark.parametrize("kind", ORDERS)
def test_a_room_comes_back_as_it_was_whatever_was_done_in_it(store: Store, kind: str) -> None:
    for seed in range(3):
        chance = random.Random(f"{kind} {seed}")
        room = lobby().open(**ORDERS[kind], maker="teacher")
        room.name = f"room{seed}"
        kept = Kept(store, room)
        room.join("a", "teacher", "Teacher")
        room.join("b", "student", None)
        kept.save()
        for step in range(40):
            if chance.random() < 0.5:
                room.tick(chance.choice((20_000, 200_000)), ALWAYS)
            else:
                frame = something(room, chance)
                room.receive(chance.choice("aab"), frame)
                if isinstance(frame, frames.DeleteBranch):
                    room.tick(0, ALWAYS)  # what is told of a branch that is gone has a test of its own
            kept.save()
            if step % 13 == 12:
                back = kept.again()
                assert moment(back) == {**moment(room), "shown": stopped(room.show.shown())}
                assert not Kept.save(_known(store, back)), "a room that came back has nothing new"


def stopped(shown: Shown) -> Shown:
    """What is shown after a room has come back: the same, and time stands still."""
    return replace(shown, playing=False, until=None)


def _known(store: Store, back: Room) -> Kept:
    kept = Kept.__new__(Kept)
    kept.store, kept.room, kept.journal = store, back, Journal(back)
    kept.journal.changes()
    return kept


def test_a_branch_that_was_told_last_and_deleted_since_is_left_with_a_jump(store: Store) -> None:
    room = lobby().open(protocol="raft", seed=3, maker="teacher")
    kept = Kept(store, room)
    room.join("a", "teacher", None)
    for _ in range(60):
        room.tick(200_000, ALWAYS)
    room.receive("a", frames.Seek(1, 30, None))
    room.receive("a", frames.Act(1, {"type": "crash", "node": "n1"}, None))
    for _ in range(60):
        room.tick(200_000, ALWAYS)
    assert room.teller.told.branch == 1
    room.receive("a", frames.DeleteBranch(1, 1))
    kept.save()
    back = kept.again()
    welcome = back.join("b", "student", None)["welcome"]
    assert welcome["world"]["seq"] == 30
    back.join("a", "teacher", None)
    ((_, update),) = back.tick(20_000, ALWAYS)
    assert (update["branch"], update["jump"]["seq"], update["tape_reset"]) == (0, 30, True)
    assert [branch["id"] for branch in update["branches"]] == [0]
    back.receive("a", frames.Act(1, {"type": "crash", "node": "n2"}, None))
    assert back.show.branch.id == 2, "1 was given once"


def test_who_saw_the_last_update_misses_nothing_and_goes_on_with_the_next(store: Store) -> None:
    room = lobby().open(protocol="raft", seed=3, maker="teacher")
    kept = Kept(store, room)
    room.join("a", "teacher", None)
    room.receive("a", frames.Speed(1, 1.0))
    for _ in range(30):
        room.tick(50_000, ALWAYS)
        kept.save()
    seen = Last(room.epoch, room.teller.updates.seq)
    # Something happened and was saved of which nobody was told.
    room.receive("a", frames.Act(2, {"type": "crash", "node": "n1"}, None))
    kept.save()
    back = kept.again()
    reply = back.join("b", "teacher", None, seen)
    assert reply["updates"] == []
    assert reply["you"]["role"] == "presenter"
    ((_, update),) = back.tick(50_000, ALWAYS)
    assert update["seq"] == seen.seq + 1
    assert next(event["seq"] for event in update["events"]) == room.teller.told.cursor + 1
    assert any(event["kind"] == "command" for event in update["events"])
    assert set(update) >= {"people", "controls", "branches"}
    # Who saw less, or something else, is given the whole.
    for last in (Last(seen.epoch, seen.seq - 1), Last("another", seen.seq), Last(seen.epoch, seen.seq + 9), None):
        assert back.join("c", None, None, last)["welcome"]["seq"] == seen.seq + 1


def test_nothing_is_written_where_nothing_has_changed_and_little_where_time_goes_on(store: Store) -> None:
    room = lobby().open(protocol="raft", seed=3)
    kept = Kept(store, room)
    room.join("a", "someone", None)
    assert kept.save()
    room.receive("a", frames.GiveRecording(1))
    room.join("b", None, None)  # nobody who could come back
    room.leave("b")
    assert room.people.count_ever == 2
    assert kept.save()  # the number of people
    assert not kept.save()
    room.tick(50_000, ALWAYS)
    changes = kept.journal.changes()
    assert changes is not None
    assert set(changes) == {"position", "moves"}
    assert len(str(changes)) < 1_000


def test_rooms_are_listed_and_end(store: Store) -> None:
    made = lobby()
    for number in range(4):
        room = made.open(protocol="raft", seed=number, maker="teacher")
        kept = Kept(store, room)
        room.join("a", "teacher", None)
        room.receive("a", frames.Act(1, {"type": "crash", "node": "n1"}, None))
        kept.save()
    listed = store.read(table.listed)
    assert {row["protocol"] for row in listed} == {"raft"}
    assert [row["moved"] for row in listed] == sorted((row["moved"] for row in listed), reverse=True)
    newest = listed[0]["name"]
    soon = now() + datetime.timedelta(seconds=10)
    assert store.read(lambda c: table.overdue(c, now() - datetime.timedelta(days=1), 10, ())) == []
    gone = store.read(lambda c: table.overdue(c, now() - datetime.timedelta(days=1), 1, {listed[2]["name"]}))
    assert gone == [listed[1]["name"], listed[3]["name"]]
    assert len(store.read(lambda c: table.overdue(c, soon, 10, {newest}))) == 3
    store.write(lambda c: table.delete(c, gone))
    assert [row["name"] for row in store.read(table.listed)] == [newest, listed[2]["name"]]
    assert store.read(lambda c: table.read(c, gone[0])) is None
    left = store.read(lambda c: [c.exec_driver_sql(f"SELECT count(DISTINCT room) FROM {name}").scalar()
                                 for name in ("positions", "branches", "commands", "people")])  # fmt: skip
    assert left == [2, 2, 2, 2]
    before = store.read(lambda c: table.read(c, newest))
    store.write(lambda c: table.renew_epochs(c, made.make_id))
    after = store.read(lambda c: table.read(c, newest))
    assert before is not None
    assert after is not None
    assert before["position"]["epoch"] != after["position"]["epoch"]


def test_rows_that_tell_of_what_cant_be_are_refused(store: Store) -> None:
    room = lobby().open(protocol="raft", seed=3)
    kept = Kept(store, room)
    room.join("a", None, None)
    room.tick(500_000, ALWAYS)
    kept.save()
    store.write(lambda c: c.exec_driver_sql("UPDATE branches SET time = time + 5000000"))
    with pytest.raises(Refused):
        kept.again()
