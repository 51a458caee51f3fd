"""`import` looks a file through, plays it and keeps it; `replay` reads files of rooms and of runs alone."""

import gzip
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from server.__main__ import main
from server.simulation import Given, Recording
from server.simulation.commands import Crash
from server.storage import Store, recordings
from tests.rooms.test_recorded import FORKED, read
from tests.web.conftest import Server


@pytest.fixture
def lecture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of a room, and a folder of its own for the database."""
    monkeypatch.setenv("QUORUMSCOPE_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    path = tmp_path / "lecture 3.json"
    path.write_text(FORKED)
    return path


def kept(tmp_path: Path) -> list[dict[str, Any]]:
    store = Store(f"sqlite:///{tmp_path / 'instance' / 'quorumscope.sqlite3'}")
    store.open()
    try:
        return store.read(lambda connection: recordings.listed(connection, "anybody"))
    finally:
        store.close()


def test_a_file_is_played_compared_and_kept_for_everybody(
    lecture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(lecture)]) == 0
    tree = read(FORKED).tree
    said = capsys.readouterr().out
    assert f"raft, 5 nodes, 2 branches, {tree.events} events, digest {tree.limb(tree.shown).digest}" in said
    (row,) = kept(tmp_path)
    assert said.endswith(f"It is kept as /recordings/{row['id']}.\n")
    assert (row["name"], row["holder"], row["events"], row["upto"]) == ("A lecture", "", tree.events, None)


def test_a_packed_run_alone_is_called_as_its_file(
    lecture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "homework.json.gz"
    path.write_bytes(gzip.compress(Recording("paxos").to_json().encode()))
    assert main(["import", str(path), "--check"]) == 0
    assert capsys.readouterr().out.startswith("'homework': paxos, ")
    assert main(["import", str(path), "--name", "Week 1"]) == 0
    assert [row["name"] for row in kept(tmp_path)] == ["Week 1"]


def test_what_differs_is_told(lecture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(FORKED)
    data["branches"][0]["digest"] = "0" * 32
    lecture.write_text(json.dumps(data))
    assert main(["import", str(lecture), "--check"]) == 0
    assert "up to event 1000 it is the same" in capsys.readouterr().out


def test_a_file_is_refused_in_one_sentence(lecture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lecture.write_text('{"format": NaN}')
    assert main(["import", str(lecture)]) == 2
    assert capsys.readouterr().err == f"quorumscope: {lecture}: Line 1, column 12: NaN is no number.\n"
    assert main(["import", str(lecture.with_name("none.json"))]) == 2
    assert "can't be read" in capsys.readouterr().err


def test_while_another_program_has_the_database_it_is_left_alone(
    lecture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = f"sqlite:///{tmp_path / 'instance' / 'quorumscope.sqlite3'}"
    for address, sentence in (("", "Another program has the database"), ("http://127.0.0.1:9", "(Connection refused)")):
        store = Store(where, address=address)
        store.open()
        assert main(["import", str(lecture)]) == 2
        assert sentence in capsys.readouterr().err
        store.close()
    assert main(["import", str(lecture), "--server", "example.edu"]) == 2
    assert "is no address of a server" in capsys.readouterr().err


def test_a_running_server_is_sent_the_file(
    lecture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its own folder for everybody; from where its secret is not known for those who have the address."""
    (tmp_path / "instance").mkdir()
    server = Server(tmp_path / "instance", module="server")
    try:
        server.wait_for(lambda health: health["storage"]["state"] == "ok")
        assert main(["import", str(lecture), "--name", "Week 2"]) == 0
        address = capsys.readouterr().out.rpartition(" ")[2].strip().removesuffix(".")
        assert address.startswith(f"{server.url}/recordings/")
        with urllib.request.urlopen(f"{server.url}/api/recordings", timeout=10) as answer:
            (listed,) = json.load(answer)["recordings"]
        assert (listed["name"], address.rpartition("/")[2], listed["yours"]) == ("Week 2", listed["id"], False)
        order = urllib.request.Request(f"{server.url}/api/rooms", b'{"protocol": "paxos"}')
        with urllib.request.urlopen(order, timeout=10) as answer:
            room = json.load(answer)["room"]
        assert main(["rooms"]) == 0
        assert capsys.readouterr().out.startswith(f"{room}  ")
        monkeypatch.setenv("SECRET_KEY", "another secret, of another server")
        assert main(["import", str(lecture), "--server", f"{server.url}/"]) == 0
        assert "nobody finds it but by this address" in capsys.readouterr().out
    finally:
        server.end()
    assert [row["name"] for row in kept(tmp_path)] == ["Week 2"]


def test_replay_reads_what_rooms_give_and_what_simulate_writes(
    lecture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(lecture), "--quiet"]) == 0
    tree = read(FORKED).tree
    shown = tree.limb(tree.shown)
    assert capsys.readouterr().out.startswith(f"{shown.head} events, digest {shown.digest}")
    alone = tmp_path / "alone.json"
    alone.write_text(Recording("raft", commands=(Given(10, 0, Crash("n1")),)).to_json())
    assert main(["replay", str(alone), "--quiet", "--for", "100ms"]) == 0
    assert " events, digest " in capsys.readouterr().out
