"""`rooms`: lists the rooms that the database keeps, also while a server uses it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from server.storage import Unavailable
from server.storage import rooms as table
from server.storage.store import reading
from server.web.config import ConfigError, database

from . import CommandError
from .output import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How it is written."""
    parser.add_argument("--json", action="store_true", help="one object a line, with all that is known")
    parser.epilog = "Of the database that DATABASE_URL or QUORUMSCOPE_INSTANCE name."


def run(args: argparse.Namespace) -> int:
    """Lists them, the one in which something happened last first. Raises CommandError."""
    try:
        found = reading(database(), table.summaries)
    except ConfigError as error:
        raise CommandError(str(error)) from None
    except Unavailable as why:
        raise CommandError(f"The database can't be read ({why}).") from None
    for room in found:
        print(_as_json(room) if args.json else _as_line(room))  # noqa: T201
    if not found and not args.json:
        print("No rooms are kept.", file=sys.stderr)  # noqa: T201
    return 0


def _as_line(room: dict[str, Any]) -> str:
    moved = room["moved"].strftime("%Y-%m-%d %H:%M:%SZ")
    people = counted(room["people"], "person", "people")
    size = f"{counted(room['events'], 'event')}, {counted(room['branches'], 'branch', 'branches')}, {people}"
    return f"{room['name']}  {moved}  {room['protocol']}: {room['title']} ({size})"


def _as_json(room: dict[str, Any]) -> str:
    return json.dumps({**room, "created": room["created"].isoformat(), "moved": room["moved"].isoformat()})
