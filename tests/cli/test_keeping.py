"""`rooms` and `backup`: what is kept, listed and copied while a server uses it."""

from __future__ import annotations

import json
import shutil
import sys
import types
from pathlib import Path

import pytest

from server import cli
from server.rooms import Limits, Lobby
from server.rooms.journal import Journal
from server.storage import Store
from server.storage import rooms as table


@pytest.fixture
def used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A database that a server has open, with two rooms."""
    monkeypatch.setenv("QUORUMSCOPE_INSTANCE", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    store = Store(f"sqlite:///{tmp_path / 'quorumscope.sqlite3'}")
    store.open()
    names = iter("abcdef")
    lobby = Lobby(Limits(), make_id=lambda: next(names))
    for protocol in ("raft", "paxos"):
        room = lobby.open(protocol=protocol)
        room.join("someone", "token", None)
        room.tick(500_000, lambda: True)
        changes = Journal(room).changes()
        assert changes is not None
        store.write(lambda c, room=room, changes=changes: table.save(c, room.name, changes, ""))  # type: ignore[misc]
    return store


def test_rooms_are_listed_for_people_and_for_programs(used: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["rooms"], None) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "paxos" in first
    assert second.startswith("a  2")
    assert "1 branch, 1 person" in second
    assert cli.run(["rooms", "--json"], None) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(room["name"], room["protocol"]) for room in told] == [("c", "paxos"), ("a", "raft")]


def test_rooms_are_renewed_after_their_database_was_put_back_and_not_while_a_server_has_it(
    used: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [used.read(lambda c, name=name: table.read(c, name)) for name in "ac"]  # type: ignore[misc]
    assert cli.run(["rooms", "--renew"], None) == 2
    assert "The database can't be changed" in capsys.readouterr().err
    used.close()
    assert cli.run(["rooms", "--renew"], None) == 0
    assert capsys.readouterr().out.startswith("2 rooms: ")
    used.open()
    for name, rows in zip("ac", before, strict=True):
        now = used.read(lambda c, name=name: table.read(c, name))  # type: ignore[misc]
        assert now["position"]["epoch"] != rows["position"]["epoch"]
        assert {**now["position"], "epoch": ""} == {**rows["position"], "epoch": ""}
        assert now["branches"] == rows["branches"]


def test_a_backup_can_be_used_in_place_of_what_it_copied(
    used: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.sqlite3"
    assert cli.run(["backup", str(copy)], None) == 0
    assert capsys.readouterr().out == f"{copy}: 2 rooms, 0 recordings\n"
    assert [each.name for each in tmp_path.glob("copy*")] == [copy.name], "the copy is one file, whole"
    assert cli.run(["backup", str(copy)], None) == 2
    assert "is there already" in capsys.readouterr().err
    before = used.read(lambda c: table.read(c, "a"))
    used.write(lambda c: table.delete(c, ["a", "c"]))
    used.close()
    for path in tmp_path.glob("quorumscope.sqlite3*"):
        path.unlink()
    shutil.copy(copy, tmp_path / "quorumscope.sqlite3")
    used.open()
    assert len(used.read(table.listed)) == 2
    assert used.lost == 0
    after = used.read(lambda c: table.read(c, "a"))
    assert before is not None
    assert after is not None
    assert after["position"].pop("epoch") != before["position"].pop("epoch"), (
        "who saw what came later reloads the whole"
    )
    assert after == before


def test_what_is_not_there_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QUORUMSCOPE_INSTANCE", str(tmp_path))
    for words in (["rooms"], ["backup", str(tmp_path / "copy")]):
        assert cli.run(words, None) == 2
        assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setenv("DATABASE_URL", "mysql://host/name")
    for words in (["rooms"], ["backup", str(tmp_path / "copy")]):
        assert cli.run(words, None) == 2
        assert "it can be sqlite or postgresql" in capsys.readouterr().err


def test_of_postgresql_it_is_said_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", types.ModuleType("psycopg"))  # there, and not asked anything
    monkeypatch.setenv("DATABASE_URL", "postgres://ann:secret@host/rooms")
    assert cli.run(["backup", str(tmp_path / "a copy")], None) == 2
    told = capsys.readouterr().err
    assert f"pg_dump --format=custom --file='{tmp_path}/a copy' postgresql://ann@host/rooms;" in told
    assert "secret" not in told


def test_a_driver_that_is_missing_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://host/rooms")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert cli.run(["rooms"], None) == 2
    assert "pip install 'quorumscope[postgresql]'" in capsys.readouterr().err
