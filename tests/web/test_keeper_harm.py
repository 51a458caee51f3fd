"""A database that is away, full, harmed or somebody else's: rooms wait, say so, lose nothing and go on."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from server.rooms import Limits as RoomLimits
from server.simulation import Refused
from server.storage import Store, Unavailable
from server.storage.errors import FULL, FUTURE, LOCKED, READ_ONLY, TAKEN
from server.web.outbox import WAITING_MAX
from tests.web.lives import Server, Start, kinds


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return lambda **options: Server(tmp_path / "kept.sqlite3", **options)


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
        assert server.keeper.saving.degraded
        with pytest.raises(Refused, match="No room could be opened: the server's disk is full"):
            server.shell.require_saving()
        monkeypatch.setattr(server.store, "write", usual)
        return usual(act)

    monkeypatch.setattr(server.store, "write", write)
    server.keeper.save()
    assert not server.keeper.saving.degraded
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
