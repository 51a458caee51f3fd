"""Recordings in the database: rows in, rows out. What a document means is known elsewhere.

Every function takes a connection, inside a transaction of `Store.read` or `Store.write`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .schema import recordings

NOBODY = ""
"""The holder of what was put in on the server itself: everybody sees it, nobody changes it from outside."""

_TOLD = [column for column in recordings.c if column is not recordings.c.document]


class Full(Exception):
    """There is no place for another one: `own` says whether its holder, or else the whole database, has as many as may be."""

    def __init__(self, own: bool) -> None:
        super().__init__("own" if own else "all")
        self.own = own


def add(connection: Connection, row: Mapping[str, Any], *, own_max: int, all_max: int) -> None:
    """Keeps a recording. Raises Full."""
    count = sa.select(sa.func.count()).select_from(recordings)
    own = count.where(recordings.c.holder == row["holder"])
    if row["holder"] != NOBODY and connection.execute(own).scalar_one() >= own_max:
        raise Full(own=True)
    if connection.execute(count).scalar_one() >= all_max:
        raise Full(own=False)
    connection.execute(sa.insert(recordings), [dict(row)])


def listed(connection: Connection, holder: str) -> list[dict[str, Any]]:
    """What somebody sees in his list, his own and nobody's, the newest first: all columns but the document."""
    found = connection.execute(
        sa.select(*_TOLD)
        .where(recordings.c.holder.in_({holder, NOBODY}))
        .order_by(recordings.c.created.desc(), recordings.c.id)
    )
    return [dict(row) for row in found.mappings()]


def told(connection: Connection, id: str) -> dict[str, Any] | None:
    """One recording without its document; None where there is none."""
    row = connection.execute(sa.select(*_TOLD).where(recordings.c.id == id)).mappings().first()
    return None if row is None else dict(row)


def read(connection: Connection, id: str) -> dict[str, Any] | None:
    """One recording with its document; None where there is none."""
    row = connection.execute(sa.select(recordings).where(recordings.c.id == id)).mappings().first()
    return None if row is None else dict(row)


def change(connection: Connection, id: str, columns: Mapping[str, Any]) -> None:
    """Changes some columns."""
    connection.execute(sa.update(recordings).where(recordings.c.id == id).values(dict(columns)))


def delete(connection: Connection, id: str) -> None:
    """Forgets one."""
    connection.execute(sa.delete(recordings).where(recordings.c.id == id))
