"""Servers to test: each as its own process on a free port, or in this process with limits."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server import paths
from server.rooms import Limits as RoomLimits
from server.rooms import Lobby
from server.storage import Store, Worker
from server.web.app import Web, create_app
from server.web.config import Config, Limits
from server.web.shelf import everything
from tests.web.talk import Talk

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """`python -m tests.web.serve` with the settings of a test."""

    def __init__(self, folder: Path, module: str = "tests.web.serve", **environ: str) -> None:
        self._errors = folder / f"errors{time.monotonic_ns()}.txt"
        self._talks: list[Talk] = []
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdout=subprocess.PIPE, stderr=errors, cwd=ROOT, text=True,
                env={**os.environ, "PORT": "0", "QUORUMSCOPE_INSTANCE": str(folder), "HOST": "127.0.0.1", **environ},
            )  # fmt: skip
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline().strip()
        self.url = self.line.rpartition(" ")[2]
        assert self.url.startswith("http://"), self.errors()

    def errors(self) -> str:
        return self._errors.read_text()

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:
            return dict(json.load(answer))

    def wait_for(self, condition: Callable[[dict[str, Any]], bool], within: float = 5) -> dict[str, Any]:
        """Asks for the health until it is as wished; returns it."""
        until = time.monotonic() + within
        while not condition(health := self.health()):
            assert time.monotonic() < until, health
            time.sleep(0.01)
        return health

    def talk(self, **options: Any) -> Talk:
        talk = Talk(self.url, **options)
        self._talks.append(talk)
        return talk

    def viewer(self, room: str = "room1", **options: Any) -> Talk:
        """A browser that has joined."""
        talk = self.talk(**options)
        assert talk.join(room)["ok"]
        return talk

    def hang_up(self) -> None:
        for talk in self._talks:
            talk.close()
        self._talks.clear()

    def stop(self, number: int = signal.SIGTERM, within: float = 10) -> int:
        self.process.send_signal(number)
        return self.process.wait(within)

    def end(self) -> None:
        self.hang_up()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers with settings, and ends them."""
    servers: list[Server] = []

    def make(**settings: str) -> Server:
        servers.append(Server(tmp_path, **settings))
        return servers[-1]

    yield make
    for server in servers:
        server.end()


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("instance"))
    yield server
    server.end()


@pytest.fixture
def server(_shared: Server) -> Iterator[Server]:
    """One server for all tests that leave it as it was."""
    yield _shared
    _shared.hang_up()
    _shared.wait_for(lambda health: health["sockets"] == 0, within=10)


Make = Callable[..., Web]
PAGES = (
    "app.css", "compare.css", "compare.js", "embed.css", "embed.js", "explore.css", "explore.js", "gallery.js",
    "handout.css", "handout.js", "icon.svg", "late.css", "link.js", "room.css",
    "recordings.css", "recordings.js",
)  # fmt: skip


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built page of next to nothing; the folder."""
    for name in PAGES:
        (tmp_path / name).write_text("1")
    (tmp_path / "manifest.json").write_text(json.dumps({name: name for name in PAGES}))
    monkeypatch.setattr(paths, "STATIC_DIR", tmp_path)
    monkeypatch.setattr(paths, "MANIFEST", tmp_path / "manifest.json")
    return tmp_path


@pytest.fixture(scope="session")
def _tables() -> list[str]:
    """What the migrations make of an empty database, as statements: that is done in a tenth of their time."""
    store = Store("sqlite://")
    store.open()
    told: list[str] = store.read(lambda connection: list(connection.connection.driver_connection.iterdump()))  # type: ignore[union-attr]
    return told[1:-1]  # without the transaction


_everything = functools.cache(everything)


@pytest.fixture
def make(built: Path, _tables: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes servers in this process, with limits; what they compute is stopped at the end."""
    made: list[Web] = []
    monkeypatch.setattr(
        "server.storage.store.migrate", lambda connection: [connection.exec_driver_sql(each) for each in _tables]
    )

    def one(**limits: Any) -> Web:
        names = iter(f"room{number}" for number in range(1, 100))
        lobby = Lobby(RoomLimits(), make_id=lambda: next(names))
        config = Config(secret_key=b"k" * 32, limits=Limits(**limits))
        store = Store("sqlite://")
        store.open()
        worker = Worker(store, lambda act: act())
        made.append(create_app(config, lobby, "threading", _everything(), worker=worker))
        return made[-1]

    yield one
    for web in made:
        for jobs in (web.comparisons, web.searches, web.imports):
            jobs.stop_all()
            for job in jobs.jobs.values():
                if job.process is not None:
                    job.process.wait(10)
