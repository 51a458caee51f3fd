"""`rooms`: lists the rooms that are kept, also while a server uses them; or renews them after a database was put back."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from typing import Any

from server.storage import Store, Unavailable
from server.storage import rooms as table
from server.storage.store import reading
from server.web.config import ConfigError, database

from . import CommandError
from .output import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How it is written."""
    parser.add_argument("--json", action="store_true", help="one object a line, with all that is known")
    parser.add_argument(
        "--renew", action="store_true",
        help="after a database was put back by its own tools, as pg_restore does, and before a server uses it: whoever was in "
        "a room reloads it whole, and takes nothing that happens now for the continuation of what he saw",
    )  # fmt: skip
    parser.epilog = "Of the database that DATABASE_URL or QUORUMSCOPE_INSTANCE name."


def run(args: argparse.Namespace) -> int:
    """Lists them, the one in which something happened last first. Raises CommandError."""
    try:
        found = reading(database(), table.summaries)
        if args.renew:
            _renew(database())
    except ConfigError as error:
        raise CommandError(str(error)) from None
    except Unavailable as why:
        raise CommandError(f"The database can't be {'changed' if args.renew else 'read'} ({why}).") from None
    if args.renew:
        print(f"{counted(len(found), 'room')}: whoever was there reloads what is in the database now.")  # noqa: T201
        return 0
    for room in found:
        print(_as_json(room) if args.json else _as_line(room))  # noqa: T201
    if not found and not args.json:
        print("No rooms are kept.", file=sys.stderr)  # noqa: T201
    return 0


def _renew(url: str) -> None:
    """Gives every room a new epoch. Raises Unavailable, also where a server has the database."""
    store = Store(url)
    store.open()
    try:
        store.write(lambda connection: table.renew_epochs(connection, lambda: secrets.token_hex(8)))
    finally:
        store.close()


def _as_line(room: dict[str, Any]) -> str:
    moved = room["moved"].strftime("%Y-%m-%d %H:%M:%SZ")
    people = counted(room["people"], "person", "people")
    size = f"{counted(room['events'], 'event')}, {counted(room['branches'], 'branch', 'branches')}, {people}"
    return f"{room['name']}  {moved}  {room['protocol']}: {room['title']} ({size})"


def _as_json(room: dict[str, Any]) -> str:
    return json.dumps({**room, "created": room["created"].isoformat(), "moved": room["moved"].isoformat()})
