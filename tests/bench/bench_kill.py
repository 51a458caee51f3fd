"""What is lost when the server is killed: nothing; and what it costs that nothing is.

A hundred people in one room whose server is killed thirty times while commands flow, each of them applying what he is told as
a browser does (`tests.web.killing`); the same with a server that shows first and saves later, which must be found out; a
thousand lines that break. Then how long a server with 50 rooms of 10,000 events takes to listen and to open one of them, how
long a command takes that is saved before it is answered, and how long 200 people take to be sent away.
"""

from __future__ import annotations

import json
import signal
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from server.cli.program import fingerprint
from server.rooms import Limits, Lobby
from server.rooms.journal import Journal
from server.storage import Store
from server.storage import rooms as table
from tests.web.killing import Account, Lives, besieged, shaken
from tests.web.talk import Talk

from .measure import Row

NAME = "kill"
EVENTS, ROOMS = 10_000, 50
LEAVING = 200
RESTART = {"type": "restart", "node": "n1", "disk": "kept"}


def rows(*, tiny: bool = False) -> list[Row]:
    """The table."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        begun = time.monotonic()
        kept = besieged(_new(at), viewers=10 if tiny else 100, kills=2 if tiny else 30)
        took = time.monotonic() - begun
        hasty = besieged(_new(at), "hasty", viewers=10 if tiny else 100, kills=2 if tiny else 15)
        shaky = shaken(_new(at), viewers=10 if tiny else 20, times=20 if tiny else 1_000)
        return [*_seen(kept, hasty, shaky, took), *_restart(_new(at), 3 if tiny else ROOMS), *_living(_new(at), tiny)]


def _new(folder: Path) -> Path:
    made = folder / f"{time.monotonic_ns()}"
    made.mkdir()
    return made


def _seen(kept: Account, hasty: Account, shaky: Account, took: float) -> list[Row]:
    beside = f"{kept.updates} updates seen, {kept.acts} commands, {kept.resumed} resumed, {kept.reloaded} reloaded"
    return [
        Row(NAME, "killed: updates missing", kept.losses, aim=0, beside=beside),
        Row(NAME, "killed: gaps", kept.gaps, aim=0),
        Row(NAME, "killed: applied twice", kept.duplicates, aim=0),
        Row(NAME, "killed: worlds unlike the server's", kept.different, aim=0),
        Row(NAME, "killed: all of it", took, "s"),
        Row(NAME, "shown before saved: found out", hasty.wrong, aim=1, least=True, beside="; ".join(hasty.faults[:2])),
        Row(NAME, "lines broken: anything wrong", shaky.wrong, aim=0,
            beside=f"{shaky.resumed} resumed, {shaky.reloaded} reloaded"),
    ]  # fmt: skip


def _restart(folder: Path, rooms: int) -> list[Row]:
    """Many long rooms are kept; the server starts, and one after the other is opened."""
    store = Store(f"sqlite:///{folder / 'quorumscope.sqlite3'}")
    store.open()
    names = iter(f"name{number}" for number in range(10))
    room = Lobby(Limits(), make_id=lambda: next(names)).open(protocol="raft", nodes=5, seed=1)
    while room.show.branch.head < EVENTS:
        room.show.branch.on_to(None)
    room.join("someone", "token", None)
    room.tick(50_000, lambda: True)
    changes = Journal(room).changes()
    assert changes is not None
    for number in range(rooms):
        name = f"room{number}"
        store.write(lambda c, name=name: table.save(c, name, changes, fingerprint()))  # type: ignore[misc]
    store.close()
    begun = time.perf_counter()
    lives = Lives(folder).start()
    listening, waits, spent = time.perf_counter() - begun, [], []
    try:
        process = psutil.Process(lives.pid)
        starting = sum(process.cpu_times()[:2])
        for number in range(min(5, rooms)):
            before = sum(process.cpu_times()[:2])
            talk = Talk(lives.url, timeout=30)
            begun = time.perf_counter()
            assert talk.join(f"room{number}")["ok"]
            waits.append((time.perf_counter() - begun) * 1000)
            spent.append((sum(process.cpu_times()[:2]) - before) * 1000)
            talk.close()
    finally:
        lives.kill()
    return [
        Row(NAME, f"listening with {rooms} rooms", listening, "s", aim=3,
            beside=f"of {EVENTS} events each; {starting:.1f} s of processor time"),
        Row(NAME, "a room opens", statistics.median(waits), "ms", aim=500,
            beside=f"{statistics.median(spent):.0f} ms of processor time"),
    ]  # fmt: skip


def _living(folder: Path, tiny: bool) -> list[Row]:
    """What saving adds to an answer; and the end."""
    lives = Lives(folder).start()
    room, cookie = lives.room()
    presenter = Talk(lives.url, headers={"Cookie": cookie, "Origin": lives.url}, timeout=30)
    presenter.join(room)
    presenter.ask("pause")
    waits = []
    for number in range(10 if tiny else 100):
        begun = time.perf_counter()
        assert presenter.ask("command", command=({"type": "crash", "node": "n1"}, RESTART)[number % 2], at=None)["ok"]
        waits.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.05)
    others = [Talk(lives.url, timeout=30) for _ in range(10 if tiny else LEAVING)]
    for other in others:
        other.join(room)
    presenter.ask("play")
    with urllib.request.urlopen(f"{lives.url}/healthz", timeout=10) as answer:
        delay = json.load(answer)["loop_delay_ms"]
    begun = time.perf_counter()
    lives.stop(signal.SIGTERM)
    leaving = time.perf_counter() - begun
    told = sum(1 for other in others if other.until("goodbye")["code"] == "stopping")
    return [
        Row(NAME, "a command, saved and answered", statistics.median(waits), "ms", aim=50,
            beside=f"the slowest {max(waits):.0f} ms; the loop {delay:.0f} ms late at the most"),
        Row(NAME, f"{len(others)} people are sent away", leaving, "s", aim=5, beside=f"{told} of them were told why"),
    ]  # fmt: skip
