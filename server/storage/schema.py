"""The tables. A room is kept as what determines it, in rows that SQL can read: nothing of what follows from these is kept.

    rooms        what a room was made of; written once
    positions    where it stands: one short row, written with every update
    branches     where each of its branches began, and how far it has come
    commands     what was given on a branch, one row each; only ever added to
    people       who has been there, so that presenters and those with the controls are known again
    recordings   what people have saved
    links        what is behind the short name of a link
    ledger       one row that counts what was written, by which a journal that was cut off is noticed

Times of a run are whole microseconds, times of day UTC. Columns of type `Text` called `..._json` hold JSON.
"""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

HEAD = "0004"
"""The newest migration: the schema that this program works with."""

NAME_LETTERS = 64

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime.datetime]):
    """A time of day in UTC, also where the database knows no zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """To the database. Raises ValueError for a time of no zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time of day without a zone")
        return None if value is None else value.astimezone(datetime.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime.datetime | None:
        """From the database."""
        if value is None:
            return None
        found: datetime.datetime = value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value
        return found.astimezone(datetime.UTC)


def now() -> datetime.datetime:
    """The time of day."""
    return datetime.datetime.now(datetime.UTC)


rooms = Table(
    "rooms",
    metadata,
    Column("name", String(NAME_LETTERS), primary_key=True),
    Column("protocol", String(40), nullable=False),
    Column("title", String(200), nullable=False),  # a msgid
    Column("maker", String(NAME_LETTERS), nullable=False),  # the token of its presenter; empty: nobody's
    Column("origin", String(20), nullable=False),  # protocol, scenario, lesson, challenge
    Column("origin_name", String(NAME_LETTERS), nullable=False),
    Column("setup_json", Text, nullable=False),  # a recording without commands
    Column("found_json", Text),  # the story of a search that it was opened for
    Column("note", Text, nullable=False),  # what whoever is here should know of it (a msgid), or nothing
    Column("brief", Boolean, nullable=False),  # a reader's, who will not come back
    Column("pair_json", Text),  # with which other room it stands side by side
    Column("end_time", BigInteger),  # where what is shown ends (virtual, µs), if it does
    Column("created", Utc, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1
    Column("writes", BigInteger, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("room", ForeignKey("rooms.name", ondelete="CASCADE"), primary_key=True),
    Column("epoch", String(NAME_LETTERS), nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the last update that may have been shown
    Column("told_json", Text, nullable=False),  # what that update said of the moment shown
    Column("shown", Integer, nullable=False),  # the branch
    Column("next_id", Integer, nullable=False),  # of the next branch
    Column("playing", Boolean, nullable=False),
    Column("ratio", Float, nullable=False),
    Column("until_json", Text),
    Column("unseen", BigInteger),  # an event that was computed before anybody looked
    Column("place_json", Text, nullable=False),  # in a lesson or a challenge
    Column("controls", String(NAME_LETTERS), nullable=False),
    Column("persons", Integer, nullable=False),  # how many have ever come
    Column("remarks_json", Text, nullable=False),  # how it came about
    Column("stopped_json", Text),
    Column("program", String(NAME_LETTERS), nullable=False),  # the fingerprint of the program that was here
    Column("moved", Utc, nullable=False),
    Index(None, "moved"),
)

branches = Table(
    "branches",
    metadata,
    Column("room", ForeignKey("rooms.name", ondelete="CASCADE"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("rank", Integer, nullable=False),  # parents stand before their children
    Column("name", String(NAME_LETTERS), nullable=False),
    Column("parent", Integer),
    Column("forked_at", BigInteger, nullable=False),
    Column("forked_time", BigInteger, nullable=False),
    Column("script_json", Text, nullable=False),  # what a script had still to give when the branch began
    Column("script_left", Integer, nullable=False),  # how many of these, from the end, it still has
    Column("head", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("shown_time", BigInteger, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    Column("room", String(NAME_LETTERS), primary_key=True),
    Column("branch", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # on its branch, from 0
    Column("time", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),
    Column("by", String(NAME_LETTERS), nullable=False),
    Column("command_json", Text, nullable=False),
    ForeignKeyConstraint(["room", "branch"], ["branches.room", "branches.id"], ondelete="CASCADE"),
)

people = Table(
    "people",
    metadata,
    Column("room", ForeignKey("rooms.name", ondelete="CASCADE"), primary_key=True),
    Column("id", String(20), primary_key=True),  # v1, v2, ...
    Column("token", String(NAME_LETTERS), nullable=False),
    Column("name", String(80), nullable=False),
    Column("presents", Boolean, nullable=False),
    Column("seen", Integer, nullable=False),  # in the order of their last coming
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", String(NAME_LETTERS), primary_key=True),  # short, made by chance, fit for an address
    Column("name", String(200), nullable=False),
    Column("protocol", String(40), nullable=False),
    Column("created", Utc, nullable=False),
    Column("size", Integer, nullable=False),  # bytes of the document
    Column("nodes", Integer, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("branches", Integer, nullable=False),
    Column("digest", String(128), nullable=False),  # of the branch that is shown
    Column("upto", BigInteger),  # the event up to which it plays as it was recorded; null: all of it
    Column("program", String(NAME_LETTERS), nullable=False),  # the fingerprint of what computed its digests
    Column("holder", String(NAME_LETTERS), nullable=False),  # the token of who saved it; empty: nobody's
    Column("document", Text, nullable=False),  # JSON
    Index(None, "created"),
    Index(None, "holder", "created"),
)

links = Table(
    "links",
    metadata,
    Column("id", String(NAME_LETTERS), primary_key=True),  # what stands in the address
    Column("created", Utc, nullable=False),
    Column("used", Utc, nullable=False),  # to the day: made or followed last
    Column("size", Integer, nullable=False),  # bytes of the document
    Column("document", Text, nullable=False),  # the text of the link, as it would stand in an address
    Index(None, "used"),
)
