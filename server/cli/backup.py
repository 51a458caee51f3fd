"""`backup`: copies the database of rooms and recordings as it is at one moment, while the server goes on."""

from __future__ import annotations

import argparse
import sqlite3
from pathlib import Path

from sqlalchemy.engine import make_url

from server.storage.store import copy_database, sqlite_path
from server.web.config import ConfigError, database

from . import CommandError


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
        raise CommandError(
            f"This copies a database of SQLite; for {url.get_backend_name()} use its own tool (pg_dump)."
        )
    if not path.exists():
        raise CommandError(f"There is no database {path}.")
    try:
        copy_database(path, args.file)
        with sqlite3.connect(args.file) as copy:
            rooms, recordings = (
                copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - two names of ours
                for name in ("rooms", "recordings")
            )
    except FileExistsError:
        raise CommandError(f"{args.file} is there already.") from None
    except (OSError, sqlite3.Error) as error:
        raise CommandError(f"The database could not be copied: {error}.") from None
    print(f"{args.file}: {rooms} rooms, {recordings} recordings")  # noqa: T201
    return 0
