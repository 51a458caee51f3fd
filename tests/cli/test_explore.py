"""The command that explores: what it prints, how it ends, what it says to nonsense, and how it is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import cli
from server.cli import EXIT_INTERRUPTED, EXIT_WRONG_ARGUMENT, spread
from server.simulation import Recording

ROOT = Path(__file__).resolve().parents[2]
FOUND, NOTHING, UNFINISHED = 1, 0, 3
UNREMEMBERED = ["explore", "multi_paxos", "--without", "durable_accepted", "--runs", "16"]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code, standard output, standard error."""
    code = cli.run(list(words), None)
    out, err = capsys.readouterr()
    return code, out, err


def test_what_it_finds_is_a_sentence_and_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, *UNREMEMBERED)
    assert code == FOUND
    lines = out.splitlines()
    assert lines[0].startswith("# Without the rule “Durable acceptances”: n2 crashes.")
    assert lines[0].endswith("With all rules on, the same acts do not break it.")
    assert lines[1] == "# Again: explore multi_paxos --without durable_accepted --seed 5 --runs 1"
    assert "def write_chosen_by_majority_without_durable_accepted(script: Script) -> None:" in lines
    assert err.startswith("quorumscope: 8 runs in ")
    assert "the shortest of 2 stories has 1 acts (15 when it was found)" in err


def test_the_line_that_finds_it_again_does(capsys: pytest.CaptureFixture[str]) -> None:
    _, whole, _ = said(capsys, *UNREMEMBERED)
    again = whole.splitlines()[1].removeprefix("# Again: ").split()
    assert said(capsys, *again)[:2] == (FOUND, whole)


def test_where_nothing_breaks_it_says_so_and_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "explore", "raft", "--runs", "12") == (NOTHING, "12 runs broke nothing.\n", "")


def test_the_number_of_processes_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explore", "number_election", "--without", "durable_log", "--runs", "40"]
    alone = said(capsys, *words, "--jobs", "1")
    together = said(capsys, *words, "--jobs", "2")
    assert alone[0] == together[0] == FOUND
    assert alone[1] == together[1]


def test_a_budget_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    begin = time.monotonic()
    code, out, _ = said(capsys, "explore", "raft", "--budget", "500ms")
    assert code == NOTHING
    assert out.endswith(" runs broke nothing.\n")
    assert time.monotonic() - begin < 10


def test_a_story_can_be_saved_and_replayed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "story.json"
    assert said(capsys, *UNREMEMBERED, "--save", str(path))[0] == FOUND
    code, out, _ = said(capsys, "replay", str(path), "--for", "1s", "--quiet")
    assert code == 1
    assert "chosen_by_majority broken at event" in out


def test_progress_and_result_can_be_had_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, *UNREMEMBERED, "--json-lines")
    assert code == FOUND
    last = json.loads(out.splitlines()[-1])
    result = last["result"]
    assert (last["runs"], last["stopped"]) == (8, False)
    assert (result["broken"], result["seed"], result["guilty"]) == ("chosen_by_majority", 5, True)
    assert [(act["text"], act["args"]) for act in result["acts"]] == [("{node} crashes", {"node": "n2"})]
    assert len(result["recording"]["commands"]) == 1
    assert result["seq"] > 0
    assert result["off"] == ["durable_accepted"]
    assert all(set(told) == {"text", "args"} and told["args"]["host"] for told in result["told"])
    assert result["told"]
    for line in out.splitlines()[:-1]:
        progress = json.loads(line)["progress"]
        assert set(progress) == {
            "phase", "runs", "events", "runs_a_second", "seconds", "part", "stories", "acts",
        }  # fmt: skip
        assert progress["phase"] == ("searching" if progress["stories"] == 0 else "shrinking")


def test_it_goes_on_from_a_scenario_or_a_recording(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["explore", "raft", "--without", "majority", "--runs", "30", "--at", "300ms"]
    assert said(capsys, *words, "--from", "raft/stale_leader")[0] == FOUND
    path = tmp_path / "run.json"
    path.write_text(Recording("raft", nodes=3).to_json())
    assert said(capsys, *words, "--from", str(path))[0] == FOUND


def test_the_systematic_search_prints_the_shortest_story(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explore", "raft", "--without", "one_vote", "--systematic", "--clients", "0"]
    code, out, err = said(capsys, *words)
    assert code == FOUND
    assert "“Election Safety” breaks" in out
    assert "of which 6 have to be done by hand" in err
    again = next(line for line in out.splitlines() if line.startswith("# Again: ")).removeprefix("# Again: ").split()
    assert said(capsys, *again)[:2] == (FOUND, out)


def test_the_systematic_search_says_whether_it_has_seen_all(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explore", "raft", "--systematic", "--clients", "0"]
    code, out, _ = said(capsys, *words, "--acts", "1")
    assert (code, out) == (NOTHING, "251 states, all there are within these bounds, broke nothing.\n")
    code, out, _ = said(capsys, *words, "--budget", "300ms")
    assert code == UNFINISHED
    assert "not all there are within these bounds" in out


def test_the_systematic_search_says_when_it_makes_short_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explore", "raft", "--without", "one_vote", "--systematic", "--clients", "0", "--json-lines"]
    code, out, _ = said(capsys, *words)
    assert code == FOUND
    *progress, last = (json.loads(line) for line in out.splitlines())
    assert progress[-1]["progress"]["phase"] == "shrinking"
    assert last["result"]["broken"] == "election_safety"


def test_the_systematic_search_tells_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explore", "raft", "--systematic", "--budget", "1s", "--json-lines"]
    code, out, _ = said(capsys, *words)
    assert code == UNFINISHED
    *progress, last = (json.loads(line) for line in out.splitlines())
    assert progress
    assert set(progress[0]["progress"]) == {
        "phase", "acts", "depth", "states", "steps", "waiting", "states_a_second", "seconds", "part",
    }  # fmt: skip
    assert last["result"] is None
    assert last["complete"] is False
    assert last["states"] >= progress[-1]["progress"]["states"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["paxis"], "There is no protocol paxis; there are raft, "),
        (["raft", "--without", "gravity"], "raft has no rule gravity; there are one_vote, "),
        (["raft", "--property", "gravity"], "there are election_safety, "),
        (["raft", "--nodes", "12"], "A cluster has 1 to 9 nodes."),
        (["raft", "--budget", "soon"], "write it as 20s, 500ms or 2m"),
        (["raft", "--budget", "0s"], "write it as 60s or 10m"),
        (["raft", "--jobs", "0"], "one process or more"),
        (["raft", "--runs", "0"], "one run or more"),
        (["raft", "--stories", "0"], "one story or more"),
        (["raft", "--seed", "-1"], "A seed is a number from 0"),
        (["raft", "--set", "gravity=3"], "There is no tunable 'gravity'; there are "),
        (["raft", "--from", "gravity"], "no such scenario; there are "),
        (["raft", "--systematic", "--acts", "0"], "--acts is one or more"),
        (["raft", "--systematic", "--crashes", "-1"], "--crashes is no less than 0"),
        (["raft", "--systematic", "--clients", "9"], "at most 4 clients"),
        (["raft", "--systematic", "--property", "leader_exists"], "sees no end"),
    ],
)
def test_a_wrong_argument_is_one_sentence_that_says_what_would_fit(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    code, out, err = said(capsys, "explore", *words)
    assert (code, out) == (EXIT_WRONG_ARGUMENT, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_run_of_another_protocol_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(Recording("paxos").to_json())
    code, _, err = said(capsys, "explore", "raft", "--from", str(path))
    assert code == EXIT_WRONG_ARGUMENT
    assert "is a run of paxos, not of raft" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_who_stops_it_gets_what_is_there(number: int, jobs: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "explore", "raft", "--budget", "10m", "--jobs", jobs, "--json-lines"],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["progress"]["runs"] == 0:
        pass
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == EXIT_INTERRUPTED
    last = json.loads(out.splitlines()[-1])
    assert last["stopped"] is True
    assert last["runs"] > 0
    assert f"stopped after {last['runs']} runs" in err
    assert "Traceback" not in err


def square(number: int) -> int:
    return number * number


def items() -> Iterator[int]:
    yield from range(40)


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_work(jobs: int) -> None:
    results = [result for result in spread.in_order(square, items(), jobs) if result is not None]
    assert results == [number * number for number in range(40)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_without_an_end_ends_when_its_time_is_up(jobs: int) -> None:
    def endless() -> Iterator[int]:
        number = 0
        while True:
            yield number
            number += 1

    results = [r for r in spread.in_order(square, endless(), jobs, time.monotonic() + 3) if r is not None]
    assert results == [number * number for number in range(len(results))]
