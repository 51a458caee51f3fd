"""Rooms in the database: the rows that a room's journal gives out, put in, and read again.

Every function takes a connection, inside a transaction of `Store.read` or `Store.write`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .schema import branches, commands, now, people, positions, rooms

NAMES_AT_ONCE = 500


def save(connection: Connection, name: str, changes: Mapping[str, Any], program: str) -> None:
    """Puts in what has changed of the room `name`; `program` is the fingerprint of what computes it."""
    moment = now()
    position = changes["position"]
    if "room" in changes:
        connection.execute(sa.insert(rooms), {**changes["room"], "name": name, "created": moment})
        connection.execute(sa.insert(positions), {**position, "room": name, "program": program, "moved": moment})
    else:
        row = {**position, "program": program, "moved": moment}
        connection.execute(_moving(positions, tuple(row)), {**row, "of": name})
    if gone := changes.get("gone"):
        connection.execute(_LEAVING[branches], [{"of": name, "which": id} for id in gone])
    if new := changes.get("branches"):
        connection.execute(sa.insert(branches), [{**row, "room": name} for row in new])
    if moves := changes.get("moves"):
        columns = tuple(column for column in moves[0] if column != "id")
        connection.execute(_moving(branches, columns), [{**row, "of": name, "which": row["id"]} for row in moves])
    if given := changes.get("commands"):
        connection.execute(sa.insert(commands), [{**row, "room": name} for row in given])
    _save_people(connection, name, changes)


def _save_people(connection: Connection, name: str, changes: Mapping[str, Any]) -> None:
    left = [*changes.get("forgotten", ()), *(row["id"] for row in changes.get("people", ()))]
    if left:
        connection.execute(_LEAVING[people], [{"of": name, "which": id} for id in left])
    if come := changes.get("people"):
        connection.execute(sa.insert(people), [{**row, "room": name} for row in come])


@cache
def _moving(table: sa.Table, columns: tuple[str, ...]) -> sa.Update:
    """Changes these columns of the row `which` of the room `of`. Rooms that play ask for it twenty times a second, and
    putting a statement together takes as long as carrying it out.
    """
    return sa.update(table).where(*_one(table)).values({column: sa.bindparam(column) for column in columns})


def _one(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """The row `which` of the room `of`; of a table with one row a room, that."""
    wanted = [table.c.room == sa.bindparam("of")]
    return [*wanted, table.c.id == sa.bindparam("which")] if "id" in table.c else wanted


_LEAVING = {table: sa.delete(table).where(*_one(table)) for table in (branches, people)}


def listed(connection: Connection) -> list[dict[str, Any]]:
    """All rooms, the one that moved last first: `name`, `protocol`, `title`, `maker`, `created`, `moved`,
    `program`.
    """
    found = connection.execute(
        sa.select(
            rooms.c.name,
            rooms.c.protocol,
            rooms.c.title,
            rooms.c.maker,
            rooms.c.created,
            positions.c.moved,
            positions.c.program,
        )
        .join_from(rooms, positions)
        .order_by(positions.c.moved.desc(), rooms.c.name)
    )
    return [dict(row) for row in found.mappings()]


def summaries(connection: Connection) -> list[dict[str, Any]]:
    """As `listed`, with the numbers of `events`, `branches` and `people`, and without the makers, who are secrets."""

    def of(table: sa.Table, counted: Any) -> dict[str, int]:
        rows = connection.execute(sa.select(table.c.room, counted).group_by(table.c.room))
        return {name: int(count) for name, count in rows}

    events = of(branches, sa.func.sum(branches.c.head - branches.c.forked_at))
    grown, come = of(branches, sa.func.count()), of(people, sa.func.count())
    rows = [{key: value for key, value in row.items() if key != "maker"} for row in listed(connection)]
    return [
        {**row, "events": events.get(row["name"], 0), "branches": grown.get(row["name"], 0),
         "people": come.get(row["name"], 0)}
        for row in rows
    ]  # fmt: skip


def read(connection: Connection, name: str) -> dict[str, Any] | None:
    """All rows of one room: `room`, `position`, and lists of `branches`, `commands`, `people`. None where there is none."""
    room = connection.execute(sa.select(rooms).where(rooms.c.name == name)).mappings().first()
    position = connection.execute(sa.select(positions).where(positions.c.room == name)).mappings().first()
    if room is None or position is None:
        return None

    def of(table: sa.Table, *order: sa.Column[Any]) -> list[dict[str, Any]]:
        found = connection.execute(sa.select(table).where(table.c.room == name).order_by(*order))
        return [dict(row) for row in found.mappings()]

    return {
        "room": dict(room), "position": dict(position), "branches": of(branches, branches.c.rank),
        "commands": of(commands, commands.c.branch, commands.c.number), "people": of(people, people.c.seen),
    }  # fmt: skip


def delete(connection: Connection, names: Iterable[str]) -> None:
    """Deletes rooms with all that belongs to them."""
    left = list(names)
    for start in range(0, len(left), NAMES_AT_ONCE):
        connection.execute(sa.delete(rooms).where(rooms.c.name.in_(left[start : start + NAMES_AT_ONCE])))


def overdue(connection: Connection, before: datetime.datetime, most: int, spared: Collection[str]) -> list[str]:
    """The rooms that moved last before a time, and the longest still of more than `most`; none of `spared`."""
    found = connection.execute(sa.select(positions.c.room, positions.c.moved).order_by(positions.c.moved.desc())).all()
    return [
        name for place, (name, moved) in enumerate(found) if (moved < before or place >= most) and name not in spared
    ]


def renew_epochs(connection: Connection, make: Callable[[], str]) -> None:
    """Gives every room a new epoch, so that whoever was there reloads it whole: it is not where they saw it."""
    names = list(connection.execute(sa.select(positions.c.room)).scalars())
    if names:
        connection.execute(
            sa.update(positions).where(positions.c.room == sa.bindparam("of")).values(epoch=sa.bindparam("made")),
            [{"of": name, "made": make()} for name in names],
        )
