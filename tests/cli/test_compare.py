"""The command that compares: its table, its files, what it says to nonsense, and how it is stopped."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server import cli
from server.cli import EXIT_INTERRUPTED, EXIT_WRONG_ARGUMENT

ROOT = Path(__file__).resolve().parents[2]
TWO = ["compare", "raft", "raft:heartbeat_interval=100000"]
SHORT = ["--seeds", "2", "--seconds", "5", "--nodes", "3"]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code, standard output, standard error."""
    code = cli.run(list(words), None)
    out, err = capsys.readouterr()
    return code, out, err


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The sentence that a wrong argument gets."""
    code, out, err = said(capsys, *words, "--jobs", "1")
    assert (code, out) == (EXIT_WRONG_ARGUMENT, "")
    assert err.count("\n") == 1
    return err


def test_the_table_has_a_line_for_each_figure_and_says_what_each_means(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, *TWO, *SHORT, "--seeds", "3", "--jobs", "1", "--faults", "one_crash")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "reads and writes, one crash: 3 seeds of 5 s each"
    assert lines[2].split() == ["3", "nodes", "raft", "raft:heartbeat_interval=100000"]
    for judgement in ("CONSISTENCY", "AVAILABILITY", "FAULT TOLERANCE", "PERFORMANCE", "SCALABILITY"):
        assert judgement in lines
    assert any(line.startswith("  Messages per operation ") and " ! " in line and " * " in line for line in lines)
    assert any(line.startswith("Availability: The share of virtual time") for line in lines)


def test_the_number_of_processes_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    alone = said(capsys, *TWO, *SHORT, "--jobs", "1", "--json")
    together = said(capsys, *TWO, *SHORT, "--jobs", "2", "--json")
    assert alone == together
    assert json.loads(alone[1])["complete"] is True


def test_files_hold_what_the_table_shows(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    table, runs = tmp_path / "table.csv", tmp_path / "runs.csv"
    code, out, _ = said(
        capsys, *TWO, *SHORT, "--jobs", "1", "--json", "--csv", str(table), "--runs-csv", str(runs)
    )  # fmt: skip
    assert code == 0
    report = json.loads(out)
    rows = {row["name"]: row for group in report["tables"][0]["groups"] for row in group["rows"]}
    with table.open(newline="") as file:
        for line in csv.DictReader(file):
            if line["part"] == "table":
                cell = rows[line["figure"]]["cells"][line["contestant"] != "raft"]
                assert line["value"] == ("" if cell["value"] is None else f"{cell['value']:.6g}")
    assert runs.read_text().startswith("contestant,nodes,seed,figure,unit,value")


def test_a_range_of_sizes_gives_a_table_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "compare", "raft", "--seeds", "1", "--seconds", "5", "--nodes", "3-5", "--json")
    assert code == 0
    assert [table["nodes"] for table in json.loads(out)["tables"]] == [3, 4, 5]


def test_tunables_of_all_contestants_of_a_protocol_are_given_once(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", "raft", "raft:no_op=off", *SHORT, "--seeds", "1", "--jobs", "1", "--json"]
    code, out, _ = said(capsys, *words, "--param", "raft.heartbeat_interval=60000")
    assert code == 0
    labels = [contestant["label"] for contestant in json.loads(out)["contestants"]]
    assert labels == ["raft:heartbeat_interval=60000", "raft:heartbeat_interval=60000,no_op=off"]


def test_faults_may_be_those_of_a_scenario_a_recording_or_a_file_of_commands(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ["compare", "raft", "--seeds", "1", "--seconds", "5", "--jobs", "1"]
    code, out, _ = said(capsys, *words, "--faults", "raft/stale_leader")
    assert code == 0
    assert "requests of the recording are left out" in out
    commands, recording = tmp_path / "commands.jsonl", tmp_path / "run.json"
    commands.write_text(
        '{"time": "1s", "type": "crash", "node": "n1"}\n{"time": "2s", "type": "restart", "node": "n1"}\n'
    )
    saved = said(
        capsys, "simulate", "raft", "--for", "3s", "--commands", str(commands), "--save", str(recording), "--quiet"
    )
    assert saved[0] == 0
    of_commands = said(capsys, *words, "--faults", str(commands), "--json")
    of_recording = said(capsys, *words, "--faults", str(recording), "--json")
    assert of_commands == of_recording
    assert of_commands[1] != said(capsys, *words, "--json")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["compare"], "Name one to 4 protocols"),
        (["compare", "raft", "raft"], "raft was chosen twice"),
        (["compare", "paxis"], "There is no protocol paxis."),
        (["compare", "raft:heartbeat"], "heartbeat"),
        (["compare", "raft", "--param", "heartbeat_interval=1"], "write PROTOCOL.NAME=VALUE"),
        (["compare", "raft", "--nodes", "9-3"], "write it as 5, 3-9 or 3,5,9"),
        (["compare", "raft", "--nodes", "12"], "A cluster has 1 to 9 nodes."),
        (["compare", "raft", "--seconds", "soon"], "is no span of time"),
        (["compare", "raft", "--faults", "flood"], "the schedules that fit any cluster are none, one_crash"),
        (["compare", "raft", "--nodes", "3", "--faults", "raft/stale_leader"], "take 5 or more"),
        (["compare", "raft", "--workload", "who_leads"], "raft can't serve the workload who_leads"),
        (["compare", "raft", "--jobs", "0"], "one process or more"),
        (["compare", "--order", "no_such_file"], "no_such_file can't be read"),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_one_sentence_that_says_what_would_fit(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    jobs = [] if "--jobs" in words else ["--jobs", "1"]
    code, out, err = said(capsys, *words, *jobs)
    assert (code, out) == (EXIT_WRONG_ARGUMENT, "")
    assert sentence in err
    assert err.count("\n") == 1


def begun(*words: str) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "server", *words], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip


ORDER = {"contestants": [{"protocol": "raft"}], "seeds": 1000, "seconds": 5, "sizes": [3]}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_it_gets_what_is_there(number: int) -> None:
    process = begun("compare", "--order", "-", "--json-lines", "--jobs", "2")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(ORDER))
    process.stdin.close()
    process.stdin = None
    first = json.loads(process.stdout.readline())
    assert 0 < first["progress"]["part"] < 1
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == EXIT_INTERRUPTED
    last = json.loads(out.splitlines()[-1])["report"]
    assert last["complete"] is False
    assert last["done"] >= first["progress"]["done"]
    assert f"stopped after {last['done']} of {last['of']} runs" in err
    assert "Traceback" not in err
