"""Nothing is shown before it is saved: the shell, real rooms and a real database, with sockets that only listen."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.rooms import Limits as RoomLimits
from server.rooms import Lobby
from server.rooms.pair import Pair
from server.simulation import Refused
from server.storage import Store, Unavailable, Worker
from server.storage import rooms as table
from server.storage.errors import FULL, FUTURE, LOCKED, READ_ONLY, TAKEN
from server.storage.schema import rooms
from server.web.config import Limits
from server.web.guards.engine import Guard
from server.web.keeper import CLEAN_EVERY_S, Keeper
from server.web.outbox import WAITING_MAX
from server.web.sockets import Shell

ALWAYS = lambda: True  # noqa: E731
TICK_US = 50_000


class Sockets:
    """As much of python-socketio's server as the shell uses; keeps what each socket was sent."""

    def __init__(self) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = {}
        self.rooms: dict[str, set[str]] = {}
        self.manager = self
        self.eio = self
        self.sockets: dict[str, Any] = {}

    def on(self, *_anything: Any) -> None: ...

    def sleep(self, seconds: float) -> None: ...

    def eio_sid_from_sid(self, sid: str, _namespace: str) -> str:
        return sid

    def enter_room(self, sid: str, room: str, namespace: str) -> None:
        self.rooms.setdefault(room, set()).add(sid)

    def leave_room(self, sid: str, room: str, namespace: str) -> None:
        self.rooms.get(room, set()).discard(sid)

    def emit(self, _event: str, payload: dict[str, Any], to: str, namespace: str) -> None:
        for sid in sorted(self.rooms.get(to, ())) if to.startswith("room ") else [to]:
            self.sent.setdefault(sid, []).append(payload)


class Server:
    """A life of a server. Its writer works when it is told to."""

    def __init__(self, path: Path, program: str = "program", **options: Any) -> None:
        self.clock = 0.0
        names = iter(f"{program}{time.monotonic_ns()}-{number}" for number in range(1000))
        self.lobby = Lobby(RoomLimits(), make_id=lambda: next(names))
        self.store = Store(f"sqlite:///{path}", **options)
        worker = Worker(self.store, lambda act: act())
        self.keeper = Keeper(
            worker, self.lobby, program, rooms_max=3, days_max=1, clock=lambda: self.clock, sleep=self._sleep
        )
        self.sockets = Sockets()
        self.shell = Shell(self.sockets, self.lobby, Guard(Limits()), self.keeper)
        self.keeper.open()
        self.ids = 0

    def _sleep(self, seconds: float) -> None:
        self.clock += max(seconds, 0.001)

    def room(self, **order: Any) -> str:
        room = self.lobby.open(**{"protocol": "raft", "seed": 3, "maker": "teacher", **order})
        self.keeper.note_new()
        self.keeper.save()
        return str(room.name)

    def join(self, sid: str, room: str, **more: Any) -> None:
        if sid not in self.shell._viewers:
            self.shell.connected(sid, sid)
        self.say(sid, "join", room=room, **more)

    def say(self, sid: str, type: str, **frame: Any) -> int:
        self.ids += 1
        self.shell.on_frame(sid, {"type": type, "id": self.ids, **frame})
        return self.ids

    def crash(self, sid: str, node: str = "n1") -> int:
        return self.say(sid, "command", command={"type": "crash", "node": node}, at=None)

    def tick(self, room: str) -> None:
        self.shell.tick(room, TICK_US, ALWAYS)

    def heard(self, sid: str) -> list[dict[str, Any]]:
        """What a socket was sent since it was asked last."""
        return self.sockets.sent.pop(sid, [])

    def killed(self) -> None:
        """As if by SIGKILL: what was not saved is gone."""
        self.store.close()


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return lambda **options: Server(tmp_path / "kept.sqlite3", **options)


def kinds(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["type"] for frame in frames]


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


def test_while_nothing_can_be_saved_rooms_stand_still_and_say_so_and_then_go_on(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    room, calm = server.room(maker="ada"), server.room(maker="bob")
    for person, name in (("ada", room), ("bob", calm)):
        server.join(person, name)
        server.keeper.save()
        server.say(person, "pause")
        server.keeper.save()
        server.heard(person)
    first = server.crash("ada", "n1")
    meanwhile: list[Any] = []
    usual = server.store.write

    def write(act: Any) -> Any:
        monkeypatch.setattr(server.store, "write", second)
        raise Unavailable(FULL)

    def second(act: Any) -> Any:
        meanwhile.append(server.heard("ada"))
        server.crash("ada", "n2")
        server.say("ada", "world", seq=0)
        server.tick(room)
        meanwhile.append(server.heard("ada"))
        server.heard("bob")
        server.say("bob", "world", seq=0)  # all of this room is saved
        server.crash("bob")
        meanwhile.append(server.heard("bob"))
        server.join("late", room)
        meanwhile.append(server.heard("late"))
        with pytest.raises(Refused, match="full"):
            server.shell.require_saving()
        monkeypatch.setattr(server.store, "write", usual)
        return usual(act)

    monkeypatch.setattr(server.store, "write", write)
    server.keeper.save()
    (told,), refused, answers, late = meanwhile
    assert (told["type"], told["ok"], told["held"]) == ("saving", False, True)
    assert "full" in told["text"]
    assert [frame["code"] for frame in refused] == ["not_saved", "not_saved"]
    assert [(answer["ok"], answer.get("code")) for answer in answers] == [(True, None), (False, "not_saved")]
    assert [frame["code"] for frame in late] == ["not_saved"]
    reply, told = server.heard("ada")
    assert (reply["id"], reply["ok"]) == (first, True)
    assert (told["type"], told["ok"], told["text"]) == ("saving", True, "")
    server.tick(room)
    server.keeper.save()
    (update,) = server.heard("ada")
    assert [event["kind"] for event in update["events"]].count("command") == 1


def test_another_process_holding_the_database_is_waited_for(start: Start, tmp_path: Path) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    other = sqlite3.connect(tmp_path / "kept.sqlite3", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    codes: list[str] = []

    def let_go() -> None:
        codes.append(server.keeper.saving.code)
        if other.in_transaction:
            other.execute("COMMIT")

    server.keeper.announce = let_go
    server.keeper.save()
    assert codes == [LOCKED, ""]
    assert kinds(server.heard("teacher")) == ["reply"]
    other.close()


def test_a_slow_disk_is_told_of_too(start: Start) -> None:
    server = start()
    server.keeper._begun = server.clock
    server.keeper.watch()
    assert not server.keeper.saving.held
    server.clock += 2
    server.keeper.watch()
    assert server.keeper.saving.held
    server.keeper._begun = None
    room = server.lobby.open(protocol="raft")
    server.keeper.note(room)
    server.keeper.save()
    assert not server.keeper.saving.held


@pytest.mark.parametrize("fault", [FUTURE, TAKEN, READ_ONLY])
def test_where_nothing_can_be_kept_rooms_go_on_and_say_so(start: Start, tmp_path: Path, fault: str) -> None:
    path = tmp_path / "kept.sqlite3"
    first = start()
    if fault == FUTURE:
        first.killed()
        with sqlite3.connect(path) as other:
            other.execute("UPDATE alembic_version SET version_num = '9999'")
    elif fault == READ_ONLY:
        first.killed()
        path.unlink()
        path.mkdir()
    server = start()
    health = server.keeper.saving.as_health()
    assert health["state"] == "not_kept"
    assert health["code"] == ("unreachable" if fault == READ_ONLY else fault)
    server.shell.require_saving()
    room = server.lobby.open(protocol="raft")
    server.shell.opened(room.name)
    server.join("someone", room.name)
    server.tick(room.name)
    reply, told, update = server.heard("someone")
    assert (reply["ok"], told["type"], update["type"]) == (True, "saving", "update")
    assert (told["ok"], told["held"]) == (False, False)
    assert "ends with the server" in told["text"]
    first.killed()


def test_a_disk_that_is_full_at_the_start_is_waited_for(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    first = start()
    room = first.room()
    first.killed()
    usual, tries, told = Store.open, [], []

    def opens(store: Store) -> None:
        tries.append(store)
        if len(tries) < 3:
            raise Unavailable(FULL)
        usual(store)

    def sleeps(server: Server, seconds: float) -> None:
        server.clock += seconds
        told.append((server.keeper.saving.as_health()["code"], server.keeper.saving.refused().code))

    monkeypatch.setattr(Store, "open", opens)
    monkeypatch.setattr(Server, "_sleep", sleeps)
    server = start()
    assert told == [(FULL, "not_saved")] * 2
    assert server.keeper.saving.state == "ok"
    assert set(server.keeper.stored) == {room}


def test_a_damaged_database_is_kept_aside_and_a_new_one_begun(start: Start, tmp_path: Path) -> None:
    (tmp_path / "kept.sqlite3").write_bytes(b"no database" * 1000)
    server = start()
    (note,) = server.keeper.saving.as_health()["notes"]
    assert "kept.sqlite3.broken-" in note
    assert server.keeper.saving.state == "ok"
    server.room()


def test_after_a_journal_was_cut_off_everybody_reloads_and_is_told(start: Start, tmp_path: Path) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    server.keeper.save()
    for _ in range(10):
        server.tick(room)
        server.keeper.save()
    seen = server.heard("teacher")[-1]
    rest = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    server.killed()
    for name, data in rest.items():
        (tmp_path / name).write_bytes(data)
    journal = tmp_path / "kept.sqlite3-wal"
    journal.write_bytes(rest[journal.name][: -len(rest[journal.name]) // 6])
    again = start()
    assert "cut off" in again.keeper.saving.as_health()["notes"][0]
    again.join("teacher", room, last={"epoch": seen["epoch"], "seq": seen["seq"]})
    again.keeper.save()
    (reply,) = again.heard("teacher")
    assert reply["welcome"]["epoch"] != seen["epoch"]
    assert reply["welcome"]["seq"] < seen["seq"]
    again.tick(room)
    again.keeper.save()
    assert again.heard("teacher")[-1]["notice"]["code"] == "journal_cut"


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


def test_a_room_that_cant_be_saved_by_mistake_is_closed_and_the_others_go_on(start: Start) -> None:
    server = start()
    room, other = server.room(), server.room()
    for name in (room, other):
        server.join(f"teacher {name}", name)
    server.keeper._pending[0][2]["position"]["seq"] = None  # which no column takes
    server.keeper.save()
    assert set(server.lobby.rooms) == {other}
    assert server.heard(f"teacher {room}") == []
    assert kinds(server.heard(f"teacher {other}")) == ["reply"]
    assert not server.keeper.unsaved()


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


def test_no_more_waits_than_a_room_may_hold(start: Start) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    server.keeper.save()
    server.heard("teacher")
    server.tick(room)
    for _ in range(WAITING_MAX):
        server.keeper.after(room, lambda: None)
    server.crash("teacher")
    assert [frame["code"] for frame in server.heard("teacher")] == ["busy"]


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
    again.join("left", first, last={"epoch": seen["left"]["epoch"], "seq": seen["left"]["seq"]})
    again.keeper.save()
    assert [again.heard(sid)[0]["updates"] for sid in ("left", "right")] == [[], []]
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


@pytest.mark.parametrize("harm", ["deleted", "journal cut off"])
def test_a_database_that_is_harmed_is_begun_anew_with_the_rooms_that_are_open(
    start: Start, tmp_path: Path, harm: str
) -> None:
    server = start()
    room = server.room()
    server.join("teacher", room)
    server.keeper.save()
    for _ in range(5):
        server.tick(room)
        server.keeper.save()
    seen = server.heard("teacher")[-1]
    path = tmp_path / "kept.sqlite3"
    if harm == "deleted":
        path.unlink()
    else:
        os.truncate(f"{path}-wal", 6_000)
    server.crash("teacher")
    server.keeper.save()
    said = server.heard("teacher")
    assert [frame.get("ok") for frame in said] == [False, True, True]  # it says so, answers, and goes on
    assert len(server.keeper.saving.notes) == 1
    server.tick(room)
    server.keeper.save()
    latest = server.heard("teacher")[-1]
    assert latest["seq"] == seen["seq"] + 1
    server.killed()
    again = start()
    again.join("teacher", room, last={"epoch": latest["epoch"], "seq": latest["seq"]})
    again.keeper.save()
    assert again.heard("teacher")[0]["updates"] == []


def test_rooms_that_go_on_unsaved_are_saved_when_the_database_can_be_used(start: Start, tmp_path: Path) -> None:
    first = start()
    server = start()  # a second one, of the same folder
    assert server.keeper.saving.state == "not_kept"
    room = server.lobby.open(protocol="raft", maker="teacher").name
    server.join("teacher", room)
    for _ in range(5):
        server.tick(room)
    server.keeper._open_late()
    assert server.keeper.saving.state == "not_kept"
    first.killed()
    server.keeper._open_late()
    server.keeper.save()
    server.tick(room)
    server.keeper.save()
    seen = server.heard("teacher")
    assert [frame["ok"] for frame in seen if frame["type"] == "saving"] == [False, True]
    server.killed()
    again = start()
    again.join("teacher", room, last={"epoch": seen[-1]["epoch"], "seq": seen[-1]["seq"]})
    again.keeper.save()
    assert again.heard("teacher")[0]["updates"] == []


def test_what_is_in_the_memory_alone_stays_there(start: Start) -> None:
    server = start()
    room = server.room()
    server.keeper.saving.state = "waiting"
    server.shell.sweep(RoomLimits().idle_room_max_us * 9)
    assert set(server.lobby.rooms) == {room}
    server.keeper.saving.state = "ok"
    server.shell.sweep(RoomLimits().idle_room_max_us * 9)
    assert server.lobby.rooms == {}
