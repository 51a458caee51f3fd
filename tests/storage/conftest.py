"""Databases to test: SQLite, and PostgreSQL as well where TEST_DATABASE_URL names one (each test has a schema of its own)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from server.storage import Store

POSTGRESQL = os.environ.get("TEST_DATABASE_URL", "")
KINDS = ["sqlite", *(["postgresql"] if POSTGRESQL else [])]


def _schema() -> Iterator[str]:
    """The address of an empty schema, which is dropped afterwards."""
    url: URL = make_url(POSTGRESQL).set(drivername="postgresql+psycopg")
    name = f"test_{secrets.token_hex(6)}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    try:
        yield url.update_query_dict({"options": f"-c search_path={name}"}).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
        engine.dispose()


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a database that is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kept.sqlite3'}"
    else:
        yield from _schema()


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An open one."""
    for url in ("sqlite://",) if request.param == "sqlite" else _schema():
        made = Store(url)
        made.open()
        yield made
        made.close()
