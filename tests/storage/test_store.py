"""The database: its schema, what it survives, and what it says when it can't be used."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from server import storage
from server.storage import Store, Unavailable
from server.storage import rooms as table
from server.storage.errors import BROKEN, CLOSED, FULL, FUTURE, LOCKED, READ_ONLY, TAKEN, UNREACHABLE
from server.storage.schema import HEAD, ledger, metadata, now, recordings, rooms
from server.storage.store import copy_database, reading


def opened(path: Path, **options: int) -> Store:
    return opened_at(f"sqlite:///{path}", **options)


def opened_at(address: str, **options: int) -> Store:
    store = Store(address, **options)
    store.open()
    return store


def keep(store: Store, name: str, ballast: int = 0) -> None:
    row = {
        "name": name, "protocol": "raft", "title": "Raft", "maker": "", "origin": "protocol", "origin_name": "",
        "setup_json": "x" * ballast, "created": now(), "note": "", "brief": False,
    }  # fmt: skip
    store.write(lambda connection: connection.execute(sa.insert(rooms), row))


def names(store: Store) -> list[str]:
    return store.read(lambda connection: list(connection.execute(sa.select(rooms.c.name)).scalars()))


def test_the_migrations_make_the_schema_that_the_program_works_with(address: str) -> None:
    store = opened_at(address)
    assert store.read(lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)) == []
    config = Config()
    config.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_what_was_written_is_there_again_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "kept.sqlite3"
    store = opened(path)
    keep(store, "a")
    store.close()
    with pytest.raises(Unavailable, match=CLOSED):
        names(store)
    store.open()
    assert (names(store), store.lost, store.aside) == (["a"], 0, None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_transaction_is_whole_or_not_at_all(address: str) -> None:
    store = opened_at(address)
    keep(store, "a")
    with pytest.raises(sa.exc.IntegrityError):
        keep(store, "a")
    keep(store, "b")
    assert names(store) == ["a", "b"]


def test_a_second_server_is_told_that_the_folder_is_taken(address: str) -> None:
    store = opened_at(address)
    with pytest.raises(Unavailable, match=TAKEN):
        opened_at(address)
    store.close()
    opened_at(address).close()


def test_a_schema_from_the_future_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    opened(path).close()
    with sqlite3.connect(path) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(Unavailable, match=f"{FUTURE}: 9999"):
        opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["garbage", "cut", "scrambled"])
def test_a_file_that_is_no_database_is_put_aside_and_never_deleted(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "kept.sqlite3"
    store = opened(path)
    keep(store, "a", 20_000)
    store.close()
    whole = path.read_bytes()
    broken = {"garbage": b"no database\n" * 500, "cut": whole[:9000], "scrambled": whole[:4096] + whole[4096:][::-1]}
    path.write_bytes(broken[damage])
    store = opened(path)
    assert names(store) == []
    assert store.aside is not None
    assert store.aside.read_bytes() == broken[damage]
    keep(store, "b")
    store.close()
    path.write_bytes(b"again no database, though it is long enough" * 100)
    opened(path)
    assert len(list(tmp_path.glob("kept.sqlite3.broken-????????T??????Z*"))) >= 2


def test_a_journal_that_was_cut_off_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    store = opened(path)
    keep(store, "a")
    keep(store, "b")
    journal = path.with_name("kept.sqlite3-wal")
    rest = {file.name: file.read_bytes() for file in tmp_path.iterdir()}  # as a killed process leaves it
    store.close()
    for name, data in rest.items():
        (tmp_path / name).write_bytes(data)
    journal.write_bytes(rest[journal.name][:-6_000])
    store = opened(path)
    assert (names(store), store.lost) == (["a"], 1)


def test_a_lock_is_waited_for_a_second_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    store = opened(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable, match=LOCKED):
        keep(store, "a")
    assert names(store) == []  # who reads does not wait
    other.execute("COMMIT")
    other.close()
    keep(store, "a")
    assert names(store) == ["a"]


def test_a_full_disk_refuses_and_goes_on_when_there_is_place(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    store = opened(path, bytes_max=400_000)
    keep(store, "large", 250_000)
    with pytest.raises(Unavailable, match=FULL):
        keep(store, "more", 100_000)
    assert names(store) == ["large"]
    store.write(lambda connection: connection.execute(sa.delete(rooms)))
    keep(store, "more", 100_000)
    assert names(store) == ["more"]


def test_what_cant_be_written_says_so(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    store = opened(path)
    keep(store, "a")
    store.close()
    # As a file in a folder that may not be written, which nothing forbids to root.
    store = Store(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(Unavailable, match=READ_ONLY):
        store.open()
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=UNREACHABLE):
        opened(tmp_path / "file" / "kept.sqlite3")


def test_a_backup_is_whole_while_others_write_and_overwrites_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path / "kept.sqlite3")
    keep(store, "a", 2_000_000)
    copy_database(tmp_path / "kept.sqlite3", tmp_path / "copy.sqlite3")
    keep(store, "b")
    assert names(opened(tmp_path / "copy.sqlite3")) == ["a"]
    with pytest.raises(FileExistsError):
        copy_database(tmp_path / "kept.sqlite3", tmp_path / "copy.sqlite3")


def test_times_of_day_have_a_zone(address: str) -> None:
    store = opened_at(address)
    keep(store, "a")
    (made,) = store.read(lambda connection: list(connection.execute(sa.select(rooms.c.created)).scalars()))
    assert made.utcoffset() is not None
    assert abs((now() - made).total_seconds()) < 60
    with pytest.raises(sa.exc.StatementError):
        store.write(lambda c: c.execute(sa.update(rooms).values(created=made.replace(tzinfo=None))))
    assert {column.name for column in recordings.c} >= {"id", "name", "created", "document", "digest", "holder"}


def test_a_damage_that_shows_later_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    store = opened(path)
    keep(store, "a", 400_000)
    store.read(lambda c: c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    store.close()
    fresh = Store(f"sqlite:///{path}")
    fresh._engine = fresh._connect()  # as if it had been opened before the damage
    with pytest.raises(Unavailable, match=BROKEN):
        names(fresh)


def test_a_schema_that_is_newer_is_told_wherever_it_is(address: str) -> None:
    store = opened_at(address)
    store.write(lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(Unavailable, match=f"{FUTURE}: 9999"):
        opened_at(address)
    with pytest.raises(Unavailable, match=FUTURE):
        reading(address, lambda connection: None)


def test_what_somebody_else_wrote_is_not_written_over(address: str) -> None:
    store = opened_at(address)
    keep(store, "a")
    # As another server that had the database for a while, or a commit whose answer never came.
    store._transact(lambda connection: connection.execute(sa.update(ledger).values(writes=ledger.c.writes + 1)), {})
    with pytest.raises(Unavailable, match="something else was written"):
        keep(store, "b")
    assert names(store) == ["a"]
    store.open()
    keep(store, "b")
    assert reading(store.url.render_as_string(hide_password=False), lambda c: len(table.listed(c))) == 0
    assert names(store) == ["a", "b"]
    store.close()


@pytest.mark.parametrize("harm", ["deleted", "replaced", "overwritten", "journal deleted", "journal cut off"])
def test_files_that_are_harmed_while_they_are_open_are_noticed_at_the_next_write(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "kept.sqlite3"
    store = opened(path)
    keep(store, "a")
    file = path.with_name("kept.sqlite3-wal") if "journal" in harm else path
    if harm.endswith("deleted"):
        file.unlink()
    elif harm == "replaced":
        (tmp_path / "other").write_bytes(file.read_bytes())
        (tmp_path / "other").rename(file)
    else:
        with file.open("r+b") as open_file:
            open_file.truncate(5_000) if "cut" in harm else open_file.write(b"not a database")
    with pytest.raises(Unavailable, match=BROKEN):
        keep(store, "b")
    store.open()  # and then it can be used again, with what is left, or with nothing
    keep(store, "c")
    assert "c" in names(store)
    store.close()


def test_a_disk_without_place_says_so_and_one_with_place_goes_on(tmp_path: Path) -> None:
    """In a process of its own, since the bound on files is the process's; its server finds its place again."""
    program = """
import resource, signal, sys
from tests.storage.test_store import keep, names, opened
from pathlib import Path
from server.storage import Unavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = opened(Path(sys.argv[1]))
keep(store, "a")
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
try:
    keep(store, "b", 400_000)
except Unavailable as why:
    print(why.code, names(store))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.open()
keep(store, "b", 400_000)
print(names(store), store.lost, store.aside)
"""
    told = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "kept.sqlite3")], capture_output=True, text=True
    )  # fmt: skip
    assert told.stdout.splitlines() == ["unreachable ['a']", "['a', 'b'] 0 None"], told.stderr
