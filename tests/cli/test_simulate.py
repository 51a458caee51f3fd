"""The commands that run without a browser: what they print, how they end, and what they say to nonsense."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from server import cli

README = Path(__file__).resolve().parents[2] / "README.md"
SHORT = ["simulate", "raft", "--nodes", "3", "--seed", "7", "--for", "1s"]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str], str]:
    """The exit code, the lines of standard output, and standard error."""
    code = cli.run(list(words), None)
    out, err = capsys.readouterr()
    return code, out.splitlines(), err


def test_text_tells_one_event_a_line_and_ends_with_their_number_and_the_digest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, lines, err = said(capsys, *SHORT)
    assert (code, err) == (0, "")
    assert lines[-1].startswith(f"{len(lines) - 1} events, digest ")
    assert any("is the leader of term 1" in line and "Raft §5.2" in line for line in lines)


def test_json_lines_hold_the_events_and_the_same_digest_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    _, text, _ = said(capsys, *SHORT)
    code, lines, _ = said(capsys, *SHORT, "--format", "jsonl")
    events = [json.loads(line) for line in lines]
    assert code == 0
    assert [event["seq"] for event in events[:-1]] == list(range(1, len(lines)))
    assert events[-1]["events"] == len(lines) - 1
    assert text[-1].endswith(f"digest {events[-1]['digest']}, linearizable")
    assert events[-1]["linearizable"] == {"state": "holds", "promised": True}


def test_the_seed_alone_decides(capsys: pytest.CaptureFixture[str]) -> None:
    first, again = said(capsys, *SHORT, "--quiet"), said(capsys, *SHORT, "--quiet")
    other = said(capsys, *SHORT[:5], "8", *SHORT[6:], "--quiet")
    assert first == again
    assert other[1] != first[1]


def test_commands_of_a_file_are_given_at_their_times(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    commands = tmp_path / "commands.jsonl"
    commands.write_text('{"time": "500ms", "type": "crash", "node": "n1"}\n\n{"time": 700000, "type": "heal"}\n')
    code, lines, err = said(capsys, *SHORT, "--commands", str(commands))
    assert code == 0
    assert any("0.500000  command crash node=n1 (script)" in line for line in lines)
    assert "heal at 700000 µs was refused: No partition is in force" in err


def test_a_saved_recording_replays_to_the_same_digest(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    commands, saved = tmp_path / "commands.jsonl", tmp_path / "run.json"
    commands.write_text('{"time": "300ms", "type": "partition", "groups": [["n1"], ["n2", "n3"]]}\n')
    _, lines, _ = said(capsys, *SHORT, "--commands", str(commands), "--save", str(saved), "--quiet")
    code, replayed, _ = said(capsys, "replay", str(saved), "--for", "1s", "--quiet")
    assert code == 0
    assert replayed == lines


def test_a_broken_property_is_told_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = said(
        capsys, "simulate", "raft", "--nodes", "2", "--without", "majority", "--seed", "7", "--for", "2s", "--quiet"
    )
    assert code == 1
    assert "election_safety broken at event" in lines[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fly"], "There is no command 'fly'"),
        (["simulate", "zab"], "There is no protocol zab."),
        (["simulate", "raft", "--nodes", "10"], "A cluster has 1 to 9 nodes."),
        (["simulate", "raft", "--for", "soon"], "'soon' is no span of time"),
        (["simulate", "raft", "--for", "999999999m"], "A run takes at most 100000 s"),
        (["simulate", "raft", "--set", "speed=3"], "There is no tunable 'speed'"),
        (["simulate", "raft", "--set", "no_op=1"], "no_op is on or off."),
        (["simulate", "raft", "--set", "election_low=1"], "election_low is between 10000 and 10000000."),
        (["simulate", "raft", "--set", "election_low=400000"], "election_high is 300000: it can't be less than"),
        (["simulate", "raft", "--nodes", "3", "--set", "initial_members=9"], "initial_members is 9: it can't be more"),
        (["simulate", "raft", "--without", "gravity"], "There is no rule gravity."),
        (["simulate", "raft", "--commands", "nowhere.jsonl"], "nowhere.jsonl can't be read"),
        (["simulate", "raft", "--format", "xml"], "Argument --format: invalid choice"),
        (["replay", "nowhere.json"], "nowhere.json can't be read"),
    ],
)
def test_nonsense_gets_one_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    code, lines, err = said(capsys, *words)
    assert (code, lines) == (2, [])
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("crash n1", "is no command"),
        ("[1]", "is no command"),
        ('{"type": "crash", "node": "n1"}', "is no command"),
        ('{"time": -1, "type": "heal"}', "a time is a span"),
        ('{"time": NaN, "type": "heal"}', "a time is a span"),
        ('{"time": "soon", "type": "heal"}', "'soon' is no span of time"),
        ('{"time": 0, "type": "crash"}', "The command crash lacks its node."),
        ('{"time": 0, "type": "request", "client": "c1"}', "The command request lacks its operation."),
        (
            '{"time": 0, "type": "request", "client": "c1", "operation": 3}',
            "The operation of a request is of the wrong kind.",
        ),
        ('{"time": 0, "type": "crash", "node": 3}', "The node of a crash is of the wrong kind."),
        ("[" * 100_000, "is no command"),
    ],
)
def test_a_line_that_is_no_command_is_named_by_its_number_and_by_what_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, line: str, sentence: str
) -> None:
    commands = tmp_path / "commands.jsonl"
    commands.write_text('{"time": 0, "type": "crash", "node": "n1"}\n' + line + "\n")
    code, lines, err = said(capsys, *SHORT, "--commands", str(commands))
    assert (code, lines) == (2, [])
    assert "Line 2" in err
    assert sentence in err


def test_the_commands_of_the_readme_are_given_and_none_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shown = re.search(r"^```jsonl\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert shown is not None
    commands = tmp_path / "commands.jsonl"
    commands.write_text(shown[1])
    code, lines, err = said(
        capsys, "simulate", "raft", "--nodes", "5", "--seed", "7", "--for", "4s", "--commands", str(commands)
    )
    assert (code, err) == (0, "")
    assert sum("  command " in line for line in lines) == shown[1].count("\n")


def test_a_file_that_is_no_recording_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    for text in (
        "",
        "{}",
        "[]",
        '{"protocol": "raft"}',
        '{"protocol": "raft", "format": 1, "extra": 0}',
        "[" * 100_000,
    ):
        path.write_text(text)
        code, lines, err = said(capsys, "replay", str(path))
        assert (code, lines) == (2, []), text
        assert "recording" in err or "JSON" in err or "nested deeper" in err


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_help_is_everywhere(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run([command, "--help"], None)
    assert ended.value.code == 0
    assert command in capsys.readouterr().out
