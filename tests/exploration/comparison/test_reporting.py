"""From what trials measured to figures, marks, curves and files."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import Any

import pytest

from server.exploration.comparison import (
    Comparison,
    Contestant,
    Measured,
    Reporter,
    play,
    runs_csv,
    schedule_from,
    shown,
    table_csv,
)
from server.exploration.comparison.figures import JUDGEMENTS, differ, exponent, percentile, quartiles, student
from server.exploration.comparison.report import _cells

LAZY = Contestant("raft", {"heartbeat_interval": 100_000})
SECOND = 1_000_000


@cache
def compared() -> tuple[Reporter, dict[int, Measured]]:
    comparison = Comparison(
        (Contestant("raft"), LAZY), seeds=4, span=6 * SECOND, faults=schedule_from({"name": "stall"})
    )
    reporter = Reporter(comparison)
    return reporter, {index: play(trial) for index, trial in enumerate(reporter.trials)}


def rows(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for group in report["tables"][0]["groups"] for row in group["rows"]}


# ---- statistics ------------------------------------------------------------------------------------------------------


def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    assert [percentile(list(range(1, 101)), p) for p in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([7], 99) == 7
    assert percentile([], 50) is None


def test_quartiles_hold_the_middle_half() -> None:
    assert quartiles([5, 1, 4, 2, 3]) == (2, 4)
    assert quartiles([]) is None


@pytest.mark.parametrize("k", [0, 0.5, 1, 2])
def test_the_exponent_of_a_power_is_found(k: float) -> None:
    found = exponent([(n, 3.5 * n**k) for n in range(3, 10)])
    assert found == pytest.approx(k)


def test_no_exponent_is_made_of_two_points() -> None:
    assert exponent([(3, 1.0), (4, 2.0), (5, 0.0)]) is None


def test_students_t_is_that_of_the_tables() -> None:
    for freedom, t in ((3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (100, 1.984)):
        assert student(freedom) == pytest.approx(t, rel=0.04)


def test_contestants_differ_where_the_pairs_do_and_not_where_chance_would_do_as_well() -> None:
    noise = [3.0, -2.0, 1.0, 4.0, -5.0, 2.0, -1.0, -3.0]
    first = [100 + each for each in noise]
    assert differ(first, [each + 1 for each in first])  # small, and always the same
    assert not differ(first, [100 - each for each in noise])
    assert not differ(first, first)
    assert not differ([None, 1.0], [2.0, None])
    assert not differ([1.0, 2.0], [2.0, 3.0])  # too few to tell it from chance


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "%", "–"), (0.0, "%", "0"), (100.0, "%", "100"), (99.99, "%", "> 99.9"), (0.01, "%", "< 0.1"),
        (12.34, "%", "12.3"), (2.0, "nodes", "2"), (88.94, "ms", "88.9"), (416.6, "ms", "417"), (1.149, "", "1.15"),
        (99.97, "ms", "100"), (9.996, "", "10.0"),
    ],
)  # fmt: skip
def test_a_number_is_shown_with_three_digits_and_nearly_all_is_not_all(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


# ---- the report ------------------------------------------------------------------------------------------------------


def test_the_order_in_which_trials_are_done_is_no_matter() -> None:
    reporter, results = compared()
    backwards = dict(reversed(results.items()))
    assert reporter.report(results) == reporter.report(backwards)


def test_a_report_of_some_trials_says_so_and_grows_into_that_of_all() -> None:
    reporter, results = compared()
    assert reporter.report({})["complete"] is False
    for count in (1, 2, 30, len(results) - 1):
        some = {index: results[index] for index in range(count)}
        report = reporter.report(some)
        assert (report["done"], report["complete"]) == (count, False)
        assert 0 < reporter.progress(some) < 1
    assert reporter.report(results)["complete"] is True
    assert reporter.progress(results) == pytest.approx(1)


def test_a_table_has_the_five_judgements_each_with_figures_and_their_definitions() -> None:
    reporter, results = compared()
    groups = reporter.report(results)["tables"][0]["groups"]
    assert [group["name"] for group in groups] == [judgement.name for judgement in JUDGEMENTS]
    for group in groups:
        for row in group["rows"]:
            assert row["text"].endswith(".")
            assert len(row["cells"]) == 2


def test_what_raft_is_known_for_comes_out() -> None:
    reporter, results = compared()
    report = reporter.report(results)
    found = rows(report)
    assert found["consistent"]["cells"][0]["value"] == 100
    assert found["tolerated"]["cells"][0]["value"] == 2  # of five
    assert 1.9 < found["round_trips"]["cells"][0]["value"] < 2.2
    assert 0.9 < found["exponent"]["cells"][0]["value"] < 1.4
    assert [level["borne"] for level in report["crashes"][0]] == [True, True, True, False, False]


def test_fewer_heartbeats_are_marked_as_cheaper_and_as_nothing_else() -> None:
    reporter, results = compared()
    found = rows(reporter.report(results))
    assert [cell["mark"] for cell in found["messages"]["cells"]] == ["worst", "best"]
    assert [cell["mark"] for cell in found["consistent"]["cells"]] == ["", ""]
    low, high = (found["messages"]["cells"][0][end] for end in ("low", "high"))
    assert low <= found["messages"]["cells"][0]["value"] <= high


@pytest.mark.parametrize(
    ("values", "better", "marks"),
    [
        ([1.0, 2.0, 3.0], "less", ["best", "", "worst"]),
        ([1.0, 2.0, 3.0], "more", ["worst", "", "best"]),
        ([1.0, None, 3.0], "less", ["best", "", "worst"]),
        ([1.0, 1.0, 3.0], "less", ["best", "best", "worst"]),
        ([1.001, 1.002], "less", ["", ""]),  # read the same
        ([5.0], "less", [""]),
        ([None, 5.0], "less", ["", ""]),
    ],
)
def test_the_best_and_the_worst_are_marked_where_they_can_be_told_apart(
    values: list[float | None], better: str, marks: list[str]
) -> None:
    cells = _cells(values, better, "", lambda one, other: values[one] != values[other])
    assert [cell["mark"] for cell in cells] == marks


def test_a_protocol_that_promises_nothing_is_told_by_its_figures(alone: str) -> None:
    comparison = Comparison((Contestant("raft"), Contestant(alone)), seeds=3, span=6 * SECOND)
    reporter = Reporter(comparison)
    report = reporter.report({index: play(trial) for index, trial in enumerate(reporter.trials)})
    found = rows(report)
    assert found["consistent"]["cells"][1]["value"] == 0
    assert [cell["mark"] for cell in found["stale"]["cells"]] == ["best", "worst"]
    assert [cell["mark"] for cell in found["commit_p50"]["cells"]] == ["worst", "best"]
    assert found["round_trips"]["cells"][1]["value"] == 1
    assert found["messages"]["cells"][1]["value"] == pytest.approx(2, rel=0.01)
    assert found["tolerated"]["cells"][1]["value"] == 0  # whoever confirmed it crashes, and it is gone
    assert found["exponent"]["cells"][1]["value"] == pytest.approx(0, abs=0.02)
    assert found["leader"]["cells"][1]["shown"] == "–"


def test_the_growth_is_that_of_the_sizes_with_a_curve_through_it() -> None:
    reporter, results = compared()
    growth = reporter.report(results)["growth"]
    messages = next(figure for figure in growth["figures"] if figure["name"] == "messages")
    assert growth["sizes"] == list(range(3, 10))
    assert messages["values"][0] == sorted(messages["values"][0])
    for value, curve in zip(messages["values"][0], messages["curves"][0], strict=True):
        assert curve == pytest.approx(value, rel=0.1)


# ---- files -----------------------------------------------------------------------------------------------------------


def test_the_table_as_csv_has_every_value_of_the_report() -> None:
    reporter, results = compared()
    report = reporter.report(results)
    lines = list(csv.DictReader(io.StringIO(table_csv(report))))
    table = {(line["figure"], line["contestant"]): line for line in lines if line["part"] == "table"}
    for name, row in rows(report).items():
        for contestant, cell in zip(report["contestants"], row["cells"], strict=True):
            line = table[name, contestant["label"]]
            assert line["value"] == ("" if cell["value"] is None else f"{cell['value']:.6g}")
            assert line["mark"] == cell["mark"]
    assert sum(line["part"] == "sizes" for line in lines) == 7 * 2 * len(report["growth"]["figures"])


def test_the_runs_as_csv_have_a_line_for_each_seed() -> None:
    reporter, results = compared()
    lines = list(csv.DictReader(io.StringIO(runs_csv(reporter.report(results)))))
    messages = [line for line in lines if line["figure"] == "messages"]
    assert {(line["contestant"], line["seed"]) for line in messages} == {
        (label, str(seed)) for label in ("raft", LAZY.label) for seed in range(1, 5)
    }
