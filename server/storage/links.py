"""Links in the database that are too long for an address. Every function takes a connection, inside a transaction."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .schema import links, now


def keep(connection: Connection, name: str, text: str, most: int, before: datetime.datetime) -> None:
    """Keeps a link, and forgets those that were followed last before a time, and the longest not followed of more than
    `most`.
    """
    connection.execute(sa.delete(links).where(links.c.followed < before))
    count = connection.execute(sa.select(sa.func.count()).select_from(links)).scalar_one()
    if count >= most:
        oldest = sa.select(links.c.name).order_by(links.c.followed).limit(count - most + 1)
        connection.execute(sa.delete(links).where(links.c.name.in_(oldest.scalar_subquery())))
    connection.execute(sa.insert(links), {"name": name, "text": text, "created": now(), "followed": now()})


def find(connection: Connection, name: str) -> str | None:
    """The text of a link, which has been followed now; None where there is none."""
    followed = sa.update(links).where(links.c.name == name).values(followed=now()).returning(links.c.text)
    found: str | None = connection.execute(followed).scalar()
    return found
