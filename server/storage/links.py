"""The table of links that are too long for an address: texts by their short names.

Policy: a link is kept until nobody has followed it for `days`. There is place for so many links and so many bytes; where a
new one finds none, those go that nobody has followed for `SPARED_DAYS`, the longest forgotten first, and where that does not
help the new one is refused: no stranger can have a link forgotten that is in use.
"""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .schema import links, now

SPARED_DAYS = 30
NOTED_EVERY = datetime.timedelta(days=1)
"""That a link was followed is written down so often, at most."""
FORGOTTEN_AT_ONCE = 100


def keep(connection: Connection, name: str, text: str, *, days: int, links_max: int, bytes_max: int) -> bool:
    """Keeps a link, also one that is kept already. False where there is no place."""
    moment = now()
    if connection.execute(sa.update(links).where(links.c.id == name).values(used=moment)).rowcount:
        return True
    connection.execute(sa.delete(links).where(links.c.used < moment - datetime.timedelta(days=days)))
    while not _fits(connection, len(text), links_max, bytes_max):
        old = sa.select(links.c.id).where(links.c.used < moment - datetime.timedelta(days=SPARED_DAYS))
        oldest = list(connection.execute(old.order_by(links.c.used).limit(FORGOTTEN_AT_ONCE)).scalars())
        if not oldest:
            return False
        connection.execute(sa.delete(links).where(links.c.id.in_(oldest)))
    connection.execute(
        sa.insert(links), {"id": name, "created": moment, "used": moment, "size": len(text), "document": text}
    )
    return True


def _fits(connection: Connection, size: int, links_max: int, bytes_max: int) -> bool:
    count, taken = connection.execute(sa.select(sa.func.count(), sa.func.sum(links.c.size)).select_from(links)).one()
    return bool(count < links_max and (taken or 0) + size <= bytes_max)


def find(connection: Connection, name: str) -> tuple[str, bool] | None:
    """The link of that name, and whether it is to be noted that it was followed; None where there is none."""
    found = connection.execute(sa.select(links.c.document, links.c.used).where(links.c.id == name)).first()
    return None if found is None else (found.document, found.used < now() - NOTED_EVERY)


def follow(connection: Connection, name: str) -> None:
    """Notes that a link was followed."""
    connection.execute(sa.update(links).where(links.c.id == name).values(used=now()))
