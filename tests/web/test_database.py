"""The whole server when its database can't be used: it stays up, says so, holds still what it can't save, and goes on."""

from __future__ import annotations

import resource
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.conftest import Server
from tests.web.test_whole import Person

Start = Callable[..., Server]


def at_work(server: Server) -> None:
    server.wait_for(lambda health: health["storage"]["state"] != "opening", within=20)


def test_a_database_that_another_process_holds_freezes_nobody(start: Start, tmp_path: Path) -> None:
    server = start(module="server")
    at_work(server)
    person = Person(server)
    room = person.order(protocol="raft", seed="3")
    talk = person.talk()
    talk.join(room)
    talk.until("update")
    other = sqlite3.connect(tmp_path / "quorumscope.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    held = talk.until("saving")
    assert (held["ok"], held["held"]) == (False, True)
    assert "Another program" in held["text"] or "does not answer" in held["text"]
    begun = time.monotonic()
    health = server.health()
    assert time.monotonic() - begun < 1
    assert health["storage"]["state"] == "waiting"
    refused = talk.ask("command", command={"type": "crash", "node": "n1"}, at=None)
    assert refused["code"] == "not_saved"
    last = None
    for _ in range(5):  # the loop goes on while the worker waits for the lock
        server.health()
        last = server.wait_for(lambda health: health["storage"]["code"] == "locked")
    assert last is not None
    assert last["loop_delay_ms"] < 900
    other.execute("COMMIT")
    other.close()
    while not talk.until("saving")["ok"]:
        pass
    assert talk.until("update")
    assert talk.ask("command", command={"type": "crash", "node": "n1"}, at=None)["ok"]


def test_a_database_from_the_future_lets_a_class_go_on_and_says_that_nothing_is_kept(
    start: Start, tmp_path: Path
) -> None:  # fmt: skip
    with sqlite3.connect(tmp_path / "quorumscope.sqlite3") as made:
        made.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        made.execute("INSERT INTO alembic_version VALUES ('9999')")
    made.close()
    server = start(module="server")
    at_work(server)
    storage = server.health()["storage"]
    assert (storage["state"], storage["code"]) == ("not_kept", "future")
    person = Person(server)
    talk = person.talk()
    talk.join(person.order(protocol="raft", seed="3"))
    told = talk.until("saving")
    assert "newer version" in told["text"]
    assert talk.until("update")
    assert server.stop() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the bound on files of another process is Linux's")
def test_a_disk_that_takes_nothing_more_holds_the_rooms_still_until_it_does(start: Start, tmp_path: Path) -> None:
    server = start(module="server")
    at_work(server)
    person = Person(server)
    room = person.order(protocol="raft", seed="3")
    talk = person.talk()
    talk.join(room)
    seen = talk.until("update")["seq"]
    free = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
    while (told := talk.receive())["type"] != "saving":
        seen = told["seq"]
    assert told["held"]
    assert "nothing is lost" in told["text"]
    health = server.health()
    assert (health["status"], health["storage"]["state"]) == ("degraded", "waiting")
    assert talk.ask("command", command={"type": "crash", "node": "n1"}, at=None)["code"] == "not_saved"
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, free)
    after = [talk.until("update")["seq"] for _ in range(3)]
    assert after == [seen + 1, seen + 2, seen + 3]
    health = server.health()
    assert (health["status"], health["storage"]["state"]) == ("ok", "ok")
    assert server.health()["loop_delay_ms"] < 900
    server.process.kill()
    server.process.wait()
    again = start(module="server")
    at_work(again)
    assert again.talk().join(room)["ok"]
