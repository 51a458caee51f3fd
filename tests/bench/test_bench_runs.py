"""Every bench runs in its tiny form and yields what it promises. Nothing here looks at how fast anything was."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server.protocols import PROTOCOLS
from tests.bench import floor_raft
from tests.bench.bench_simulation import play
from tests.bench.measure import Row, interleaved, number, percentile
from tests.bench.process import ROOT
from tests.conformance.test_histories import cases

# How many rows each bench has, and how many of them have an aim, in the tiny form.
PROMISED = {
    "simulation": (2, 2), "kernel": (3, 2), "history": (3, 3), "histories": (8, 6), "seek": (3, 3), "fanout": (5, 0),
    "explore": (4 + 2 * len(PROTOCOLS), 3 + 2 * len(PROTOCOLS)), "page": (8, 8),
}  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.browser] if name == "page" else []) for name in PROMISED]
)
def test_a_bench_runs_and_yields_its_rows(name: str, tmp_path: Path) -> None:
    if name == "histories" and not cases():
        pytest.skip("no histories; tests/conformance says where they are looked for, and fails in CI")
    kept = tmp_path / "rows.json"
    command = [sys.executable, "-m", "tests.bench", "--tiny", "--json", str(kept), name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(kept.read_text())
    assert {row["bench"] for row in rows} == {name}
    assert (len(rows), sum(row["aim"] is not None for row in rows)) == PROMISED[name]
    assert all(math.isfinite(row["value"]) for row in rows)
    assert all(row["measure"] in " ".join(done.stdout.split()) or name == "fanout" for row in rows)


def test_a_bench_that_does_not_exist_is_refused_in_one_sentence() -> None:
    command = [sys.executable, "-m", "tests.bench", "nosuch"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "there is no bench nosuch" in done.stderr


def test_the_floor_and_the_simulation_do_the_same_work() -> None:
    sent, history = floor_raft.run(20)
    run = play(20)
    assert sent == pytest.approx(run.cluster.messages, rel=0.1)
    last = {node: state for _, node, *state in history}
    assert all(state[floor_raft.COMMIT] > 150 for state in last.values())
    assert all(
        last[0][floor_raft.LOG][: state[floor_raft.COMMIT]] == state[floor_raft.LOG][: state[floor_raft.COMMIT]]
        for state in last.values()
    )
    assert run.cluster.hosts["c1"].node.__dict__["serial"] == pytest.approx(200, rel=0.1)


def test_a_row_says_by_how_much_it_missed() -> None:
    assert Row("b", "m", 0.2, aim=0.4, least=True).verdict == "missed by 50%"
    assert Row("b", "m", 3.0, aim=2.5).verdict == "missed by 20%"
    assert Row("b", "m", 2.0, aim=2.5).verdict == "met"
    assert Row("b", "m", 1.0, aim=0.0).verdict == "missed by 1"
    assert Row("b", "m", 1.0).verdict == ""
    assert [number(value) for value in (0, 0.1234, 12.34, 1234.5)] == ["0", "0.123", "12.3", "1,234"]


def test_rounds_are_interleaved_and_the_first_is_thrown_away() -> None:
    seen: list[str] = []
    found = interleaved([lambda: seen.append("a") or 1.0, lambda: seen.append("b") or 2.0], rounds=2)
    assert seen == ["a", "b", "b", "a", "a", "b"]
    assert found == [[1.0, 1.0], [2.0, 2.0]]
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
