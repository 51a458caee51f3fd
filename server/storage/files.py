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

from .errors import BROKEN, FULL, READ_ONLY, TAKEN, UNREACHABLE, Unavailable

MARK_DIGITS = 20
MAGIC = b"SQLite format 3\0"
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
        self._path, self._journal = path, _beside(path, "-wal")
        self._file = -1
        self._known: tuple[int, int] | None = None
        self._known_journal: tuple[int, int, int] | None = None
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

    def check(self) -> None:
        """Whether the files are still those that were written into. SQLite goes on writing into a file that was deleted or
        replaced by another, and into a journal that was cut off, and says nothing; at the next start all of that is gone.
        Raises Unavailable.
        """
        try:
            now = self._path.stat()
            journal = self._journal.stat() if self._known_journal is not None else None
        except OSError:
            raise Unavailable(BROKEN, "a file of the database is gone") from None
        if self._known is not None and (now.st_dev, now.st_ino) != self._known:
            raise Unavailable(BROKEN, "another file has the place of the database")
        self._known = (now.st_dev, now.st_ino)
        if self._file < 0:
            # Open as long as the database is: to close any file of it would let go of the locks that SQLite has on it.
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        if now.st_size and os.pread(self._file, len(MAGIC), 0) != MAGIC:
            raise Unavailable(BROKEN, "something was written over the database")
        if journal is not None and self._known_journal is not None:
            device, node, size = self._known_journal
            if (journal.st_dev, journal.st_ino) != (device, node) or journal.st_size < size:
                raise Unavailable(BROKEN, "the journal was cut off or replaced")

    def note_journal(self) -> None:
        """Something was written: the journal is this file now, and it is never shorter again while the database is open."""
        with contextlib.suppress(OSError):
            found = self._journal.stat()
            self._known_journal = (found.st_dev, found.st_ino, found.st_size)

    def close(self) -> None:
        """Lets others use the database."""
        for file in (self._lock, self._mark, self._file):
            if file >= 0:
                os.close(file)
        self._lock = self._mark = self._file = -1


def cause(path: Path) -> str:
    """What stands behind an input or output error of a file: the code that says most."""
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return UNREACHABLE
    if found.f_flag & os.ST_RDONLY:
        return READ_ONLY
    return FULL if found.f_bavail == 0 else UNREACHABLE


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
