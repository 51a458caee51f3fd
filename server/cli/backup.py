"""`backup`: copies the database of rooms and recordings as it is at one moment, while the server goes on."""

from __future__ import annotations

import argparse
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from server.storage.store import copy_database, sqlite_path
from server.web.config import ConfigError, database

from . import CommandError
from .output import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the copy goes."""
    parser.add_argument("file", type=Path, help="the copy; it must not be there yet")
    parser.epilog = (
        "Of the database that DATABASE_URL or QUORUMSCOPE_INSTANCE name. To restore it, stop the server and put the copy in "
        "the place of quorumscope.sqlite3, without the files quorumscope.sqlite3-wal, -shm and -mark."
    )


def run(args: argparse.Namespace) -> int:
    """Copies, and says what was copied. Raises CommandError."""
    try:
        url = make_url(database())
    except ConfigError as error:
        raise CommandError(str(error)) from None
    path = sqlite_path(url)
    if path is None:
        raise CommandError(_other(url, args.file))
    if not path.exists():
        raise CommandError(f"There is no database {path}.")
    try:
        copy_database(path, args.file)
        rooms, recordings = _made_its_own(args.file)
    except FileExistsError:
        raise CommandError(f"{args.file} is there already.") from None
    except (OSError, sqlite3.Error) as error:
        raise CommandError(f"The database could not be copied: {error}.") from None
    print(f"{args.file}: {counted(rooms, 'room')}, {counted(recordings, 'recording')}")  # noqa: T201
    return 0


def _made_its_own(path: Path) -> tuple[int, int]:
    """Gives the rooms of a copy new epochs; how many rooms and recordings it has. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path)) as copy:
        # One file is what is moved about: what is written below must not stand in a second one beside it, as it would
        # with the journal that the copy has inherited. Whoever opens it for a server changes that back.
        copy.execute("PRAGMA journal_mode = DELETE")
        # Whoever has seen what came later must not take what comes after the copy for its continuation.
        copy.execute("UPDATE positions SET epoch = lower(hex(randomblob(8)))")
        copy.commit()
        rooms, recordings = (
            copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - two names of ours
            for name in ("rooms", "recordings")
        )
    return rooms, recordings


def _other(url: URL, file: Path) -> str:
    """What to do where the database is none of SQLite."""
    where = URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()
    return (
        "This copies a database of SQLite. PostgreSQL's own program copies that one, also while the server runs: "
        f"pg_dump --format=custom --file={shlex.quote(str(file))} {shlex.quote(where)}; "
        "to restore it, stop the server, use pg_restore --clean --if-exists, and then quorumscope rooms --renew."
    )
