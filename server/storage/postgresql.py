"""What PostgreSQL needs to be told: how long to wait, and that this server has the database for itself.

The one connection through which all is read and written holds a lock of the session. So the lock can't be had by one server
while another one writes: where the connection breaks, both end together, and who connects again asks for the lock again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import URL

from .errors import TAKEN, Unavailable

SERVER_LOCK = 0x51756F72
"""The number of the lock, within one schema of one database."""
CONNECT_S = 5
LOCK_WAIT_MS, STATEMENT_MS = 1_000, 30_000
SILENT_S, PROBES = 5, 3
"""A peer that is gone without a word is noticed after some twenty seconds."""


def arguments(url: URL) -> dict[str, Any]:
    """What is said to libpq when connecting, as far as the address does not say it."""
    told = {
        "connect_timeout": CONNECT_S, "application_name": "quorumscope",
        "keepalives_idle": SILENT_S, "keepalives_interval": SILENT_S, "keepalives_count": PROBES,
        "tcp_user_timeout": SILENT_S * (PROBES + 1) * 1000,
    }  # fmt: skip
    given = url.query.get("options", "")
    ours = f"-c lock_timeout={LOCK_WAIT_MS} -c statement_timeout={STATEMENT_MS}"
    return {
        **{name: value for name, value in told.items() if name not in url.query},
        "options": f"{ours} {given if isinstance(given, str) else ' '.join(given)}",  # what is said last, goes
    }


def take(connection: Any, _record: Any) -> None:
    """Has a new connection take the database for this server. Raises Unavailable where another one has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({SERVER_LOCK}, hashtext(current_schema()))")
        (mine,) = cursor.fetchone()
    connection.commit()
    if not mine:
        connection.close()
        raise Unavailable(TAKEN, "another server uses this database")
