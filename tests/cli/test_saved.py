"""A run that `simulate` or `explore` saves ends where it ended, to the event, for every command and for rooms."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from server.cli import files
from server.protocols import PROTOCOLS, program
from server.rooms.recorded import recorded_from
from server.simulation import Recording
from server.web.gate import admit
from tests.cli.test_explore import UNREMEMBERED, said
from tests.rooms.test_recorded import exported, played

CRASH = '{"time": "400ms", "type": "crash", "node": "n1"}\n'
LATER = '{"time": "9s", "type": "crash", "node": "n2"}\n'


def simulated(capsys: pytest.CaptureFixture[str], folder: Path, *words: str, commands: str = CRASH) -> tuple[Path, str]:
    """The file of a run, and the last line of `simulate`."""
    given, saved = folder / "commands.jsonl", folder / "homework.json"
    given.write_text(commands)
    _, told, _ = said(capsys, "simulate", *words, "--commands", str(given), "--save", str(saved), "--quiet")
    return saved, told


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_room_of_a_saved_run_gives_the_same_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, protocol: str
) -> None:
    saved, told = simulated(capsys, tmp_path, protocol, "--for", "1200ms", "--nodes", "4")
    recorded = recorded_from(admit(io.BytesIO(saved.read_bytes())), program)
    (limb,) = recorded.tree.limbs
    assert (recorded.name, limb.time, limb.cursor) == ("homework", 1_200_000, limb.head)
    assert told.startswith(f"{limb.head} events, digest {limb.digest}")
    hall, verified = played(recorded)
    assert (verified.upto, verified.skipped) == (None, 0)
    assert verified.recorded.to_json() == exported(hall, "homework") == saved.read_text()


def test_every_command_agrees_to_the_event_on_where_a_saved_run_ends(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    saved, told = simulated(capsys, tmp_path, "raft", "--for", "3s", commands=CRASH + LATER)
    events, digest = int(told.split()[0]), told.split()[3].rstrip(",")
    assert said(capsys, "replay", str(saved), "--quiet") == (0, told, "")
    code, lines, err = said(capsys, "export", str(saved), "--to", "jsonl")
    assert (code, len(lines.splitlines()), err) == (0, events, f"events 1 to {events}, digest {digest}\n")
    code, sentence, _ = said(capsys, "import", str(saved), "--check")
    assert code == 0
    assert f"{events} events, digest {digest}, {saved.stat().st_size} bytes" in sentence
    assert said(capsys, "check", str(saved))[0] == 0
    longer = said(capsys, "replay", str(saved), "--for", "9500ms")[1]
    assert "9.000000  command crash node=n2 (script)" in longer  # what was still to come is not lost


def test_a_saved_story_ends_with_the_event_that_breaks_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    saved = tmp_path / "story.json"
    assert said(capsys, *UNREMEMBERED, "--save", str(saved))[0] == 1
    code, told, _ = said(capsys, "replay", str(saved), "--quiet")
    events = int(told.split()[0])
    assert code == 1
    assert f"broken at event {events}" in told
    _, verified = played(recorded_from(admit(io.BytesIO(saved.read_bytes())), program))
    assert (verified.upto, verified.recorded.tree.events) == (None, events)
    again = said(capsys, "explore", "multi_paxos", "--from", str(saved), "--at", "10s", "--runs", "1")
    assert again[0] in (0, 1)


def test_files_of_the_first_format_are_read_by_every_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    saved, told = simulated(capsys, tmp_path, "raft", "--for", "1s")
    whole = json.loads(saved.read_text())
    old = tmp_path / "old.json"
    alone = {**whole["setup"], "format": 1, "commands": whole["branches"][0]["commands"]}
    old.write_text(json.dumps(alone))
    assert alone.keys() == Recording("raft").as_dict().keys()
    assert said(capsys, "replay", str(old), "--for", "1s", "--quiet") == (0, told, "")
    assert said(capsys, "export", str(old), "--to", "jsonl", "--for", "1s")[2].split()[-1] in told
    assert said(capsys, "import", str(old), "--check")[0] == 0
    assert said(capsys, "check", str(old), "--for", "2s")[0] == 0
    assert said(capsys, "compare", "raft", "--seeds", "1", "--seconds", "5", "--faults", str(old))[0] == 0
    assert said(capsys, "explore", "raft", "--from", str(old), "--runs", "1")[0] == 0


def test_a_run_of_more_commands_than_rooms_take_is_still_a_file_for_the_command_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.rooms.recorded.COMMANDS_MAX", 1)
    given, saved = tmp_path / "commands.jsonl", tmp_path / "long.json"
    given.write_text(CRASH + '{"time": "600ms", "type": "restart", "node": "n1"}\n')
    words = ["simulate", "raft", "--for", "1s", "--quiet", "--commands", str(given), "--save", str(saved)]
    code, told, err = said(capsys, *words)
    assert code == 0
    assert err == f"quorumscope: {saved} is for the command line alone: A recording has at most 1 commands.\n"
    assert files.read_run(saved)[2] == files.End(1_000_000, int(told.split()[0]))
    assert said(capsys, "replay", str(saved), "--quiet") == (0, told, "")


WHOLE = {"quorumscope": "recording", "format": 2, "name": "x"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "a recording is one object of JSON"),
        ({"operations": []}, "quorumscope is missing"),
        (WHOLE, "setup is missing"),
        ({**WHOLE, "setup": {"protocol": "raft", "nodes": "3"}}, "setup.nodes is missing or makes no sense"),
        ({**WHOLE, "setup": {"protocol": "raft", "speed": 3}}, "no field setup.speed"),
        ({**WHOLE, "setup": {"protocol": "raft"}, "branches": [{"commands": [{"time": -1}]}]}, "branches[0].commands[0] is"),
        ({**WHOLE, "setup": {"protocol": "raft"}, "branches": [{"commands": [], "id": "0"}]}, "branches[0].id is"),
        ({"format": 1, "protocol": "raft", "seed": 0.5}, "seed is missing or makes no sense"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_recording_is_told_where_it_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, data: object, sentence: str
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(data))
    for words in (("replay",), ("export", "--to", "jsonl"), ("import", "--check"), ("check",)):
        code, out, err = said(capsys, *words, str(path))
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"quorumscope: {path}: ")
        assert sentence in err
        assert ("a .txt as a log of get, put and append" in err) == (words == ("check",))
