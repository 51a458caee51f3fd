"""Nothing is shown before it is saved, and what was saved comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from server.rooms import Limits as RoomLimits
from server.rooms.links import Link
from server.rooms.pair import Pair
from server.rooms.tree import tree_of
from server.storage import rooms as table
from server.storage.schema import rooms
from server.web.keeper import CLEAN_EVERY_S
from server.web.linking import Opener, Turns
from server.web.linkorders import EmbedShape, OpenOrder
from tests.web.lives import TICK_US, Server, Start


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return lambda **options: Server(tmp_path / "kept.sqlite3", **options)


def test_nothing_is_said_before_it_is_saved_and_all_in_order(start: Start) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    assert server.heard("teacher") == []  # the welcome tells of a coming that is not saved
    server.keeper.save()
    (welcome,) = server.heard("teacher")
    assert welcome["welcome"]["seq"] == 0
    server.tick(room)
    crash = server.crash("teacher")
    server.join("student", room)
    assert server.heard("teacher") == server.heard("student") == []
    server.keeper.save()
    update, reply = server.heard("teacher")
    assert (update["type"], update["seq"], reply["id"], reply["ok"]) == ("update", 1, crash, True)
    (joined,) = server.heard("student")
    assert joined["welcome"]["seq"] == 1  # and not what came before, a second time
    server.tick(room)
    server.keeper.save()
    assert [frame["seq"] for frame in server.heard("student")] == [2]


def test_the_time_of_a_room_stands_still_while_it_is_not_saved(start: Start) -> None:
    server = start()
    room, other = server.room(), server.room()
    for name in (room, other):
        server.join(f"teacher {name}", name)
    server.keeper.save()
    for _ in range(5):
        server.tick(room)
    now = server.lobby.rooms[room].show.branch.now
    assert now == TICK_US // 5
    assert server.keeper.holds(room)
    assert not server.keeper.holds(other)
    server.keeper.save()
    server.tick(room)
    assert server.lobby.rooms[room].show.branch.now == 2 * now


def test_what_was_killed_comes_back_and_a_returning_viewer_misses_nothing(start: Start) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    for _ in range(20):
        server.keeper.save()
        server.tick(room)
    server.keeper.save()
    seen = server.heard("teacher")[-1]
    world = server.lobby.rooms[room].show.branch.run.history.world(seen["cursor"])
    server.tick(room)  # never saved, and so never shown
    assert server.heard("teacher") == []
    server.killed()

    again = start()
    assert set(again.keeper.stored) == {room}
    assert again.keeper.stored[room].maker == server.lobby.rooms[room].maker
    assert again.lobby.rooms == {}
    again.join("teacher", room, last={"epoch": seen["epoch"], "seq": seen["seq"]})
    again.join("student", room, last={"epoch": seen["epoch"], "seq": seen["seq"] - 3})
    again.keeper.save()
    (reply,) = again.heard("teacher")
    assert (reply["updates"], reply["you"]["role"]) == ([], "presenter")
    (reply,) = again.heard("student")
    assert reply["welcome"]["seq"] == seen["seq"]
    assert reply["welcome"]["world"] == world
    again.tick(room)
    again.keeper.save()
    (update,) = again.heard("teacher")
    assert (update["epoch"], update["seq"]) == (seen["epoch"], seen["seq"] + 1)


def test_a_reader_who_only_looks_is_shown_no_more_after_a_restart_either(start: Start) -> None:
    server = start()
    linked = server.lobby.rooms[server.room()]
    while linked.show.branch.head < 30:
        linked.show.step(1)
    opener = Opener(server.shell, lambda _s: None, None, Turns())
    order = OpenOrder(link=Link(tree_of(linked), {}, "").text(), embed=EmbedShape(start=5, autoplay=True))
    room = opener.open(order, None)[0]
    end = room.show.end
    assert end is not None
    server.join("reader", room.name)
    server.tick(room.name)
    server.keeper.save()
    assert (room.show.playing, room.brief) == (True, True)
    server.killed()
    again = start()
    again.join("reader", room.name)
    again.keeper.save()
    back = again.lobby.rooms[room.name].show
    assert (back.playing, back.end) == (True, end)
    for _ in range(200):
        again.tick(room.name)
        again.keeper.save()
    assert (back.playing, back.branch.now, back.branch.head) == (False, end, 30)


def test_a_room_that_was_playing_comes_back_standing_still_and_says_so(start: Start) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    server.keeper.save()
    server.say("teacher", "run_until", until={"kind": "time", "time": 9_000_000})
    for _ in range(3):
        server.tick(room)
        server.keeper.save()
    told = server.heard("teacher")[-1]
    before = server.lobby.rooms[room].show
    assert (before.playing, before.until is None) == (True, False)
    server.killed()

    again = start()
    again.join("teacher", room, last={"epoch": told["epoch"], "seq": told["seq"]})
    again.keeper.save()
    for _ in range(5):
        again.tick(room)
        again.keeper.save()
    show = again.lobby.rooms[room].show
    assert (show.playing, show.until, show.branch.now) == (False, None, before.branch.now)
    updates = [frame for frame in again.heard("teacher") if frame["type"] == "update"]
    assert (updates[0]["playing"], updates[0]["until"]) == (False, None)
    assert [frame["notice"]["code"] for frame in updates if "notice" in frame] == ["stands_still"]
    again.say("teacher", "play")
    again.keeper.save()
    again.tick(room)
    assert show.branch.now > before.branch.now


def test_another_program_may_show_other_events_so_everybody_reloads(start: Start) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    server.keeper.save()
    (reply,) = server.heard("teacher")
    server.killed()
    again = start(program="newer")
    again.join("teacher", room, last={"epoch": reply["welcome"]["epoch"], "seq": 0})
    again.keeper.save()
    (back,) = again.heard("teacher")
    epoch = back["welcome"]["epoch"]
    assert epoch != reply["welcome"]["epoch"]
    again.killed()
    third = start(program="newer")
    third.join("teacher", room, last={"epoch": epoch, "seq": 0})
    third.keeper.save()
    assert third.heard("teacher")[0]["updates"] == []


def test_a_room_that_cant_come_back_says_so_and_is_kept(start: Start) -> None:
    server = start()
    room = server.room()
    for change in ("UPDATE branches SET head = 900, cursor = 5", "UPDATE rooms SET setup_json = '{'"):
        server.store.write(lambda c, change=change: c.exec_driver_sql(change))  # type: ignore[misc]
        server.killed()
        server = start()
        server.join("teacher", room)
        (reply,) = server.heard("teacher")
        assert not reply["ok"]
        assert server.lobby.rooms == {}
        assert server.store.read(lambda c: table.read(c, room)) is not None
    server.join("teacher", "nowhere")
    assert server.heard("teacher")[0]["code"] == "unknown_room"


def test_an_empty_room_leaves_the_memory_and_comes_back_as_it_was(start: Start) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    server.keeper.save()
    server.crash("teacher")
    server.keeper.save()
    server.shell.on_disconnect("teacher")
    server.shell.sweep(RoomLimits().idle_room_max_us + 1)
    assert server.lobby.rooms == {}
    assert server.keeper._kept == {}
    server.join("student", room)
    server.keeper.save()
    welcome = server.heard("student")[-1]["welcome"]
    assert (welcome["seq"], welcome["head"]) == (0, 0)  # as it was told last: nobody has seen the crash
    server.tick(room)
    server.keeper.save()
    assert [event["kind"] for event in server.heard("student")[-1]["events"]][:1] == ["command"]


def test_a_copy_is_saved_before_its_name_is_told(start: Start) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    server.keeper.save()
    server.heard("teacher")
    server.say("teacher", "copy", seq=0)
    assert server.heard("teacher") == []
    server.keeper.save()
    (reply,) = server.heard("teacher")
    assert reply["room"] in server.keeper.stored
    server.killed()
    again = start()
    again.join("teacher", reply["room"])
    again.keeper.save()
    assert again.heard("teacher")[0]["ok"]


def test_rooms_that_nobody_comes_back_to_end(start: Start) -> None:
    server = start()
    names = [server.room(seed=number) for number in range(5)]
    for name in names[:3]:
        server.lobby.close(name)
    server.clock += CLEAN_EVERY_S + 1
    server.keeper.watch()
    server.keeper.clean()
    left = [row["name"] for row in server.store.read(table.listed)]
    assert sorted(left) == sorted(names[2:])  # three are kept: those that moved last
    assert set(server.keeper.stored) == set(left)


def test_stopping_saves_what_was_noted(start: Start) -> None:
    server = start()
    room = server.lobby.open(protocol="raft")
    server.keeper.note(room)
    server.keeper.stopped = True
    server.keeper.save()
    assert server.keeper.drain(1.0)
    assert server.store.read(lambda c: c.execute(sa.select(rooms.c.name)).scalars().all()) == [room.name]
    server.join("someone", room.name)
    assert not server.keeper.drain(0.05)


def test_two_branches_side_by_side_come_back_as_two_under_one_clock(start: Start) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    server.keeper.save()
    for _ in range(40):
        server.tick(room)
        server.keeper.save()
    server.say("teacher", "pause")
    server.say("teacher", "seek", seq=5)
    server.crash("teacher")
    server.keeper.save()
    server.heard("teacher")
    server.say("teacher", "compare", branch=0, other=1)
    assert server.heard("teacher") == []
    server.keeper.save()
    first = server.heard("teacher")[-1]["room"]
    pair = server.lobby.rooms[first].ensemble
    assert isinstance(pair, Pair)
    second = pair.rooms[1].name
    for sid, name in (("left", first), ("right", second)):
        server.join(sid, name)
        server.shell._viewers[sid].token = "teacher"
    server.shell.on_disconnect("left")
    server.shell.connected("left", "teacher")
    server.join("left", first)
    server.say("left", "play")
    for _ in range(5):
        server.keeper.save()
        server.tick(first)
        server.tick(second)
    server.keeper.save()
    server.crash("left", "n2")  # done to both, and saved in one piece
    assert {name for name, _, _ in server.keeper._pending} == {first, second}
    server.keeper.save()
    seen = {sid: server.heard(sid)[-1 if sid == "right" else -2] for sid in ("left", "right")}
    digests = [each.show.branch.run.history.digest() for each in pair.rooms]
    server.killed()

    again = start()
    again.join("right", second, last={"epoch": seen["right"]["epoch"], "seq": seen["right"]["seq"]})
    back = again.lobby.rooms[first].ensemble
    assert isinstance(back, Pair)
    assert [each.name for each in back.rooms] == [first, second]
    assert (back.labels, back.shared) == (pair.labels, pair.shared)
    assert [each.show.branch.run.history.digest() for each in back.rooms] == digests
    assert back.difference().as_dict() == pair.difference().as_dict()
    again.shell.connected("left", "teacher")
    again.join("left", first, last={"epoch": seen["left"]["epoch"], "seq": seen["left"]["seq"]})
    again.keeper.save()
    assert [again.heard(sid)[0]["updates"] for sid in ("left", "right")] == [[], []]
    again.say("left", "play")
    again.keeper.save()
    for _ in range(9):
        again.tick(first)
        again.tick(second)
        again.keeper.save()
    one, other = (each.show.branch.now for each in back.rooms)
    assert one == other > max(each.show.branch.now for each in pair.rooms)
    for sid in ("left", "right"):
        again.shell.on_disconnect(sid)
    again.shell.sweep(RoomLimits().idle_room_max_us + 1)
    assert again.lobby.rooms == {}
    again.join("left", first)
    assert set(again.lobby.rooms) == {first, second}


def test_one_of_a_pair_whose_other_is_gone_comes_back_alone(start: Start) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    server.crash("teacher")
    server.say("teacher", "seek", seq=0)
    server.crash("teacher", "n2")
    server.say("teacher", "compare", branch=0, other=1)
    server.keeper.save()
    first = server.heard("teacher")[-1]["room"]
    (other,) = {each.name for each in server.lobby.rooms[first].ensemble.rooms} - {first}
    server.store.write(lambda c: table.delete(c, [other]))
    server.killed()
    again = start()
    again.join("teacher", first)
    again.keeper.save()
    assert again.heard("teacher")[0]["ok"]
    assert again.lobby.rooms[first].ensemble is None
