"""The table of differences from etcd is the one that the comparisons use: no row idle, no difference without a row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conformance import differences, tracing
from tests.conformance.differences import ADAPTERS, DIFFERENCES, allowed
from tests.conformance.oracles import cases, json_lines, need
from tests.conformance.scripts import Conversation, played
from tests.conformance.test_golden_schedules import SCHEDULES, disagreements
from tests.conformance.test_scripts import FIGURE_7, FIGURE_8, SCRIPTS, playable
from tests.conformance.test_trace import TRACES

HERE = Path(__file__).parent
ASKED = re.compile(r'allowed\("([^"]+)"\)')
SCHEDULES_ENOUGH = 50


def asked() -> set[str]:
    """The rows that the code of the comparisons asks for."""
    others = [path for path in HERE.glob("*.py") if path.name not in {Path(__file__).name, "differences.py"}]
    return {key for path in others for key in ASKED.findall(path.read_text(encoding="utf-8"))}


def test_every_row_is_asked_for_and_whoever_asks_finds_one() -> None:
    assert asked() == set(DIFFERENCES)
    assert set(ADAPTERS) < set(DIFFERENCES)


@pytest.mark.parametrize("row", DIFFERENCES.values(), ids=list(DIFFERENCES))
def test_every_row_says_who_does_what_and_why_that_is_safe(row: differences.Difference) -> None:
    assert all((row.etcd, row.ours, row.reason, row.safe_because))
    assert row.etcd != row.ours


def test_the_oracles_need_every_row_that_an_adapter_normalises() -> None:
    """Should one of them come out the same one day, its row has to go."""
    schedules = [schedule for path in need(SCHEDULES) for schedule in json_lines(path)][:SCHEDULES_ENOUGH]
    traces = need(TRACES)
    scripts = [path for pattern in SCRIPTS for path in need(pattern) if playable(path)]
    if not {FIGURE_7, FIGURE_8} <= {path.name for path in scripts}:
        pytest.skip("The scripts that show the most differences are not in this folder.")
    before = dict(differences.used)
    for schedule in schedules:
        assert not list(disagreements(schedule))
    for path in traces:
        tracing.Follower().follow(line["event"] for line in json_lines(path))
    for path in scripts:
        list(played(cases(path), Conversation()))
    idle = [key for key in ADAPTERS if differences.used[key] == before.get(key, 0)]
    assert not idle, f"Nothing in the oracles shows these differences any more: {idle}"


def test_a_difference_without_a_row_is_none_that_is_allowed() -> None:
    with pytest.raises(AssertionError, match="Nobody has said why"):
        allowed("two leaders in one term")
