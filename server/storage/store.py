"""The database of one server: opened, checked, brought up to date, and used by one caller at a time.

    store = Store(url)
    store.open()                                     raises Unavailable
    store.read(lambda connection: ...)               one transaction each; raise Unavailable
    store.write(lambda connection: ...)

Everything here waits for the disk, so none of it may run on the event loop: `worker.Worker` sees to that.

SQLite as it is used here: a journal that is written ahead (readers and the one writer don't wait for each other, a process
may be killed at any moment), each transaction flushed to the disk (`synchronous=FULL`: 4 ms where it was measured, against
0.03 ms with NORMAL, which would lose the last seconds when the power fails, and the viewers have seen them).
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from .errors import BROKEN, CLOSED, FUTURE, UNREACHABLE, Unavailable, unavailable
from .files import Beside, cause, put_aside
from .postgresql import arguments, take
from .schema import HEAD, ledger

log = logging.getLogger(__name__)

_BEFORE: sa.BindParameter[int] = sa.bindparam("before", type_=sa.Integer)
_COUNT = sa.update(ledger).where(ledger.c.writes == _BEFORE).values(writes=_BEFORE + 1)

T = TypeVar("T")
Act = Callable[[Connection], T]

LOCK_WAIT_S = 1.0
"""How long a statement waits for another process to let go; whoever asked tries again."""
PAGE_BYTES = 4096
BACKUP_PAGES, BACKUP_PAUSE_S = 256, 0.005


def sqlite_path(url: URL) -> Path | None:
    """The file of a database of SQLite; None for one in memory and for other databases."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database.removeprefix("file:"))


class Store:
    """`url` is SQLAlchemy's; `bytes_max` bounds the file, where the database can be told; `address` is where the server is
    that uses it.
    """

    def __init__(self, url: str, bytes_max: int = 0, address: str = "") -> None:
        self.url = make_url(url)
        self.path = sqlite_path(self.url)
        self.aside: Path | None = None
        """Where a file was put that was no database."""
        self.lost = 0
        """How many transactions were missing when it was opened: the journal had been cut off."""
        self.made = False
        """Whether there was nothing when it was opened, and its tables were made."""
        self.gone = False
        """Whether that was so although there had been something."""
        self._bytes_max = bytes_max
        self._address = address
        self._engine: Engine | None = None
        self._beside: Beside | None = None
        self._writes = 0

    # Opening

    def open(self) -> None:
        """Opens and checks it, and makes or changes its tables. Raises Unavailable; may be tried again then."""
        self.close()
        try:
            if self.path is not None:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._beside = Beside(self.path, self._address)
            self._engine = self._connect()
            try:
                self._prepare()
            except Unavailable as why:
                if why.code != BROKEN or self.path is None:
                    raise
                self._begin_anew(self.path)
        except OSError as error:
            self.close()
            raise unavailable(error) or error from None
        except BaseException:
            self.close()
            raise

    def _connect(self) -> Engine:
        if self.url.get_backend_name() != "sqlite":
            engine = sa.create_engine(
                self.url, pool_pre_ping=True, pool_size=1, max_overflow=0, connect_args=arguments(self.url)
            )
            event.listen(engine, "connect", take)
            return engine
        engine = sa.create_engine(
            self.url, poolclass=StaticPool, connect_args={"check_same_thread": False, "timeout": LOCK_WAIT_S}
        )
        event.listen(engine, "connect", self._on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine

    def _on_connect(self, connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        if self._bytes_max:
            connection.execute(f"PRAGMA max_page_count={max(1, self._bytes_max // PAGE_BYTES)}")

    def _prepare(self) -> None:
        """Checks the file and brings the tables up to date."""
        if self.path is not None:
            self.path.chmod(0o600) if self.path.exists() else self.path.touch(0o600)
            told = self.read(lambda connection: connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
            if told != "ok":
                raise Unavailable(BROKEN, str(told))
        found = self.read(version)
        self.made = found is None
        if found != HEAD:
            self._transact(migrate, {"writes": True})
        self._writes = self.read(lambda connection: connection.execute(sa.select(ledger.c.writes)).scalar_one())
        if self._beside is not None:
            written = self._beside.written()
            self.gone = self.made and written > 0
            self.lost = 0 if self.made else max(0, written - self._writes)
        self.write(lambda _connection: None)  # whether it can be written is to be known now, and not in a room

    def _begin_anew(self, path: Path) -> None:
        """Puts a file aside that is no database, and makes a new one."""
        self.close()
        self.aside = put_aside(path)
        log.error("%s is no database of ours any more; it was put aside as %s, and a new one begun", path, self.aside)
        self._beside = Beside(path, self._address)
        self._engine = self._connect()
        self._prepare()
        self.made = self.gone = False  # it is told as damage

    def close(self) -> None:
        """Lets go of it."""
        engine, self._engine = self._engine, None
        beside, self._beside = self._beside, None
        if engine is not None:
            engine.dispose()
        if beside is not None:
            beside.close()

    # Using

    def read(self, act: Act[T]) -> T:
        """One transaction that changes nothing. Raises Unavailable."""
        return self._transact(act, {})

    def write(self, act: Act[T]) -> T:
        """One transaction: all of it or nothing. On the disk when this returns. Raises Unavailable; where the database is not
        as the last one left it, which is also so where nobody knows whether the last one was carried out, nothing is done.
        """

        def counted(connection: Connection) -> T:
            if connection.execute(_COUNT, {"before": self._writes}).rowcount != 1:
                raise Unavailable(UNREACHABLE, "something else was written into the database")
            return act(connection)

        if self._beside is not None:
            self._beside.check()
        found = self._transact(counted, {"writes": True})
        self._writes += 1
        if self._beside is not None:
            self._beside.note_journal()
            self._beside.write(self._writes)
        return found

    def _transact(self, act: Act[T], options: dict[str, Any]) -> T:
        if self._engine is None:
            raise Unavailable(CLOSED)
        try:
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                return act(connection)
        except SQLAlchemyError as error:
            raise self._why(error) or error from None

    def _why(self, error: SQLAlchemyError) -> Unavailable | None:
        found = unavailable(error)
        if found is not None and found.code == UNREACHABLE and self.path is not None:
            found.code = cause(self.path)  # SQLite says "disk I/O error" of much
        return found

    # A copy

    def backup(self, target: Path) -> None:
        """Writes a copy as of one moment, while others go on writing (SQLite). Raises Unavailable and OSError."""
        if self.path is None:
            raise Unavailable(CLOSED, "not a database of SQLite")
        copy_database(self.path, target)


def _on_begin(connection: Connection) -> None:
    # A transaction that reads first and writes later may have to be given up halfway; one that writes says so at once.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def version(connection: Connection) -> str | None:
    """The newest migration that was run on it; None where there are no tables."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def migrate(connection: Connection) -> None:
    """Runs the migrations that are missing, in the connection's transaction. Raises Unavailable for a schema that is newer
    than this program.
    """
    # Imported here: a start that finds all in order does without it, and is half a second faster.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    found = version(connection)
    if found is not None and found not in {
        each.revision for each in ScriptDirectory.from_config(config).walk_revisions()
    }:
        raise Unavailable(FUTURE, found)
    command.upgrade(config, "head")


def reading(url: str, act: Act[T]) -> T:
    """Reads a database that a server may be using. Raises Unavailable."""
    made = make_url(url)
    path = sqlite_path(made)
    if path is not None:
        if not path.exists():
            raise Unavailable(CLOSED, f"there is no {path}")
        made = make_url(f"sqlite:///{path.absolute().as_uri()}?mode=ro&uri=true")
    engine = sa.create_engine(made)
    try:
        with engine.connect() as connection:
            if (found := version(connection)) != HEAD:
                raise Unavailable(FUTURE, f"its schema is {found}, and {HEAD} is known here")
            return act(connection)
    except SQLAlchemyError as error:
        raise unavailable(error) or error from None
    finally:
        engine.dispose()


def copy_database(path: Path, target: Path) -> None:
    """Copies a database of SQLite as it is at one moment, while others go on using it. `target` must not be there yet.
    Raises OSError and sqlite3.Error.
    """
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=LOCK_WAIT_S)
    try:
        target.touch(0o600, exist_ok=False)
        copy = sqlite3.connect(target)
        try:
            source.backup(copy, pages=BACKUP_PAGES, sleep=BACKUP_PAUSE_S)
        finally:
            copy.close()
    finally:
        source.close()
