"""Why the database can't be used, in a few codes: what a driver says is read here and nowhere else."""

from __future__ import annotations

import errno

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

LOCKED, FULL, READ_ONLY, BROKEN, UNREACHABLE = "locked", "full", "read_only", "broken", "unreachable"
FUTURE, TAKEN, BUSY, CLOSED = "future", "taken", "busy", "closed"
STEADY = {LOCKED, FULL, BUSY, CLOSED}
"""What says nothing against the connection: the same may go in a moment. After all else the database is opened anew, for
what is in it may not be what was put there.
"""

_SQLITE = {
    "SQLITE_BUSY": LOCKED, "SQLITE_LOCKED": LOCKED, "SQLITE_FULL": FULL, "SQLITE_READONLY": READ_ONLY,
    "SQLITE_CORRUPT": BROKEN, "SQLITE_NOTADB": BROKEN, "SQLITE_CANTOPEN": UNREACHABLE, "SQLITE_IOERR": UNREACHABLE,
    "SQLITE_PERM": READ_ONLY, "SQLITE_AUTH": READ_ONLY,
}  # fmt: skip
_POSTGRESQL = {
    "25006": READ_ONLY, "40001": LOCKED, "40P01": LOCKED, "42501": READ_ONLY, "53100": FULL, "55P03": LOCKED, "57014": LOCKED,
    "XX001": BROKEN, "XX002": BROKEN,
}  # fmt: skip
"""Its SQLSTATEs: read-only, cannot serialize, deadlock, no privilege, disk full, lock or statement timed out, corrupted."""
_SYSTEM = {
    errno.EROFS: READ_ONLY, errno.EACCES: READ_ONLY, errno.EPERM: READ_ONLY, errno.ENOSPC: FULL, errno.EDQUOT: FULL,
}  # fmt: skip


class Unavailable(Exception):
    """The database can't be used. `code` is one of the words above, `detail` what the driver said, for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


def unavailable(error: SQLAlchemyError | OSError) -> Unavailable | None:
    """What an error means; None where it is none of the database's but a mistake of the program."""
    if isinstance(error, OSError):
        return Unavailable(_SYSTEM.get(error.errno or 0, UNREACHABLE), error.strerror or str(error))
    if not isinstance(error, DBAPIError):
        return None
    detail = str(error.orig)
    name = getattr(error.orig, "sqlite_errorname", None)
    if isinstance(name, str):
        for known, code in _SQLITE.items():
            if name == known or name.startswith(f"{known}_"):
                return Unavailable(code, detail)
    if (state := getattr(error.orig, "sqlstate", None)) in _POSTGRESQL:
        return Unavailable(_POSTGRESQL[state], detail)
    if error.connection_invalidated or type(error).__name__ == "OperationalError":
        return Unavailable(UNREACHABLE, detail)
    return None
