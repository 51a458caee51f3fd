"""What lies beside a database of SQLite: the lock of the one server that uses it, in which it says where it can be
reached, and the mark of what it had written.

The mark is how a journal that was cut off is noticed: SQLite rolls back to the last whole transaction and says nothing, and
people would be shown other updates under numbers that they have seen. So the number of the last transaction is written
here, after it was committed; a database that knows fewer has lost some.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import os
from pathlib import Path

from .errors import TAKEN, Unavailable

MARK_DIGITS = 20
LOCK = "-lock"


ADDRESS_BYTES_MAX = 300


def served_at(path: Path) -> str:
    """Where the server that uses the database `path` now, or used it last, said that it is; empty where none has said so."""
    try:
        with _beside(path, LOCK).open("rb") as file:
            return file.read(ADDRESS_BYTES_MAX).decode("ascii", "replace").strip()
    except OSError:
        return ""


class Beside:
    """The files beside the database `path`. Made when the database is opened; `address` is where whoever opens it can be
    reached. Raises OSError and Unavailable.
    """

    def __init__(self, path: Path, address: str = "") -> None:
        self._lock = os.open(_beside(path, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._mark = -1
        try:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # given back by the system, however we end
            except BlockingIOError:
                raise Unavailable(TAKEN, str(path)) from None
            with contextlib.suppress(OSError):  # where the disk is full: then it is not known, which does no harm
                os.ftruncate(self._lock, 0)
                os.pwrite(self._lock, address.encode()[:ADDRESS_BYTES_MAX], 0)
            self._mark = os.open(_beside(path, "-mark"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except BaseException:
            self.close()
            raise

    def written(self) -> int:
        """How many transactions had been committed; 0 where nobody knows."""
        told = os.pread(self._mark, MARK_DIGITS, 0)
        return int(told) if len(told) == MARK_DIGITS and told.isdigit() else 0

    def write(self, count: int) -> None:
        """So many transactions have been committed."""
        with contextlib.suppress(OSError):  # where the disk is full: the mark is then behind, which says nothing wrong
            os.pwrite(self._mark, b"%0*d" % (MARK_DIGITS, count), 0)

    def close(self) -> None:
        """Lets others use the database."""
        for file in (self._lock, self._mark):
            if file >= 0:
                os.close(file)
        self._lock = self._mark = -1


def put_aside(path: Path) -> Path:
    """Gives a file that is no database another name, and those that belong to it. Returns the name. Raises OSError."""
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    aside, more = _beside(path, f".broken-{stamp}"), 1
    while aside.exists():
        aside, more = _beside(path, f".broken-{stamp}-{more}"), more + 1
    for suffix in ("-wal", "-shm", "-mark"):
        with contextlib.suppress(FileNotFoundError):
            _beside(path, suffix).rename(_beside(aside, suffix))
    path.rename(aside)
    return aside


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
