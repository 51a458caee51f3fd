"""The report: what a comparison has come to so far, as plain data. Command line, page and files show nothing else.

A report can be made at any time, of the trials that are done; that of all of them is the result. It does not depend on
the order in which they were done. In its tables a figure is marked as best or worst only where it differs from the others
by more than chance (`figures.differ`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any

from ...properties import ALWAYS
from ...simulation import N_
from .figures import (
    GROWING,
    JUDGEMENTS,
    LESS,
    MESSAGES,
    MORE,
    NUMBER,
    SPREAD,
    Figure,
    differ,
    exponent,
    fitted,
    quartiles,
)
from .plan import SIZE_RANGE, SIZE_SPAN, Comparison
from .trial import CRASHES, MAIN, SIZES, Measured, Trial

Results = Mapping[int, Measured]
"""What the trials that are done have measured, by their place in `Comparison.trials()`."""
Row = dict[str, Any]

NODES = "nodes"
EXPONENT_NOISE = 0.05
"""Exponents that are closer than that are the same."""


class Reporter:
    """Makes reports of one comparison."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.trials = comparison.trials()
        self.whole = sum(trial.cost for trial in self.trials)
        self.labels = [contestant.label for contestant in comparison.contestants]
        self.count = len(self.labels)

    def progress(self, results: Results) -> float:
        """How much is done, 0 to 1, by what it costs."""
        return sum(self.trials[index].cost for index in results) / self.whole

    def report(self, results: Results) -> dict[str, Any]:
        """All that is known now."""
        done = [(self.trials[index], results[index]) for index in sorted(results)]
        comparison = self.comparison
        known = comparison.protocols()
        return {
            "contestants": [
                {"label": contestant.label, "protocol": contestant.protocol, "title": owner.title,
                 "params": dict(contestant.params)}
                for contestant, owner in zip(comparison.contestants, known, strict=True)
            ],
            "sizes": list(comparison.sizes),
            "seeds": comparison.seeds,
            "span": comparison.span,
            "workload": {"name": comparison.load.name, "title": comparison.load.title, "text": comparison.load.text},
            "faults": {"name": comparison.faults.name, "title": comparison.faults.title},
            "notices": [{"of": of, "text": text, "args": args} for of, (text, args) in comparison.notices()],
            "done": len(results),
            "of": len(self.trials),
            "complete": len(results) == len(self.trials),
            "tables": [self._table(size, done) for size in comparison.sizes],
            "crashes": self._crashes(done),
            "broken": self._broken(done),
            "growth": self._growth(done),
            "spread": self._spread(done),
        }  # fmt: skip

    def _runs(self, done: Sequence[tuple[Trial, Measured]], part: str, nodes: int, number: int) -> dict[int, Measured]:
        """The runs of a part and a size by one contestant, by their seeds."""
        return {
            trial.seed: measured
            for trial, measured in done
            if (trial.part, trial.nodes, trial.contestant) == (part, nodes, number)
        }

    # The table

    def _table(self, nodes: int, done: Sequence[tuple[Trial, Measured]]) -> dict[str, Any]:
        runs = [self._runs(done, MAIN, nodes, number) for number in range(self.count)]
        seeds = [seed for seed in runs[0] if all(seed in each for each in runs)]
        groups = []
        for judgement in JUDGEMENTS:
            rows = [self._row(figure, runs, seeds) for figure in judgement.figures]
            if judgement.name == "tolerance":
                rows = [self._tolerance_row(done)] if nodes == self.comparison.size else []
            elif judgement.name == "scalability":
                rows = self._scalability_rows(done)
            if rows:
                groups.append({"name": judgement.name, "title": judgement.title, "rows": rows})
        return {"nodes": nodes, "seeds": len(seeds), "groups": groups}

    def _row(self, figure: Figure, runs: Sequence[Mapping[int, Measured]], seeds: Sequence[int]) -> Row:
        span = self.comparison.span
        pooled = [figure.pooled(list(each.values()), span) if each else None for each in runs]
        single = [[figure.of(each[seed], span) for seed in seeds] for each in runs]
        spread = [quartiles([value for value in each if value is not None]) for each in single]

        def apart(one: int, other: int) -> bool:
            # Two percentiles of many runs may be one and the same while single runs differ, and then nobody is better.
            # What differs surely, but less than the runs among themselves, is no reason to choose.
            return (
                pooled[one] != pooled[other]
                and differ(single[one], single[other])
                and not _overlap(spread[one], spread[other])
            )

        cells = _cells(pooled, figure.better, figure.unit, apart)
        for cell, between in zip(cells, spread, strict=True):
            if between is not None:
                cell["low"], cell["high"] = between
        return _row(figure.name, figure.title, figure.text, figure.unit, figure.better, cells)

    # How many crashes are borne

    def _crashes(self, done: Sequence[tuple[Trial, Measured]]) -> list[list[dict[str, Any]]]:
        """For each contestant and number of crashes: of how many sets tried, and what went wrong in how many."""
        whole: dict[tuple[int, int], int] = {}
        for trial in self.trials:
            if trial.part == CRASHES:
                level = trial.contestant, len(trial.crash)
                whole[level] = whole.get(level, 0) + 1
        disclaimed = [
            set(owner.disclaimed(contestant.settings()))
            for contestant, owner in zip(self.comparison.contestants, self.comparison.protocols(), strict=True)
        ]
        told = []
        for number in range(self.count):
            levels = []
            for crashed in range(self.comparison.size):
                of = [m for t, m in done if (t.part, t.contestant, len(t.crash)) == (CRASHES, number, crashed)]
                broken = [[name for name in m.broken if name not in disclaimed[number]] for m in of]
                bad = [bool(m.blocked or m.stopped or m.lost or names) for m, names in zip(of, broken, strict=True)]
                levels.append({
                    "crashed": crashed,
                    "tried": len(of),
                    "of": whole.get((number, crashed), 0),
                    "blocked": sum(bool(m.blocked) for m in of),
                    "stopped": sum(bool(m.stopped) for m in of),
                    "lost": sum(bool(m.lost) for m in of),
                    "broken": sum(bool(names) for names in broken),
                    "borne": len(of) == whole.get((number, crashed), 0) and not any(bad),
                })  # fmt: skip
            told.append(levels)
        return told

    def _tolerance_row(self, done: Sequence[tuple[Trial, Measured]]) -> Row:
        values: list[float | None] = []
        for levels in self._crashes(done):
            borne = -1
            known = True
            for level in levels:
                if level["tried"] < level["of"]:
                    known = False
                    break
                if not level["borne"]:
                    break
                borne = level["crashed"]
            values.append(None if not known or borne < 0 else borne)
        cells = _cells(values, MORE, NODES, lambda one, other: values[one] != values[other])
        text = N_("The largest number of nodes that may crash at one moment, when one of them has just confirmed a write (or "
                  "before anything is decided, where there is one decision), and stay down, such that no request is left "
                  "without an answer, operations of every kind are still carried out, no confirmed write is lost and no "
                  "promised property is broken, whichever nodes they are: every set of so many is tried, or ten of them "
                  "where there are more. Without a number: not even without a crash.")  # fmt: skip
        return _row("tolerated", N_("Crashes borne"), text, NODES, MORE, cells)

    # How the cost grows

    def _means(self, figure: Figure, number: int, done: Sequence[tuple[Trial, Measured]]) -> list[float | None]:
        """The figure for each size."""
        found = []
        for size in SIZE_RANGE:
            runs = list(self._runs(done, SIZES, size, number).values())
            found.append(figure.pooled(runs, SIZE_SPAN) if runs else None)
        return found

    def _growth(self, done: Sequence[tuple[Trial, Measured]]) -> dict[str, Any]:
        figures = []
        for figure in GROWING:
            values = [self._means(figure, number, done) for number in range(self.count)]
            exponents = [_exponent(each) for each in values]
            curves = [
                None if k is None else [fitted(_points(each), k, size) for size in SIZE_RANGE]
                for each, k in zip(values, exponents, strict=True)
            ]
            figures.append(_head(figure) | {"values": values, "exponents": exponents, "curves": curves})
        return {"sizes": list(SIZE_RANGE), "seeds": self.comparison.size_seeds, "figures": figures}

    def _scalability_rows(self, done: Sequence[tuple[Trial, Measured]]) -> list[Row]:
        values = [self._means(MESSAGES, number, done) for number in range(self.count)]
        rows = []
        grows = [_exponent(each) for each in values]

        def apart(one: int, other: int) -> bool:
            first, second = grows[one], grows[other]
            return first is not None and second is not None and abs(first - second) > EXPONENT_NOISE

        text = N_("The k for which the messages per operation grow as the number of nodes to the power of k: fitted by "
                  "least squares to clusters of 3 to 9 nodes without faults. 0: they stay the same; 1: twice the nodes, "
                  "twice the messages.")  # fmt: skip
        cells = _cells(grows, LESS, NUMBER, apart)
        rows.append(_row("exponent", N_("Growth of the cost"), text, NUMBER, LESS, cells))
        for title, text, at in (
            (N_("Messages per operation, 3 nodes"), N_("As above, in a cluster of 3 nodes without faults."), 0),
            (N_("Messages per operation, 9 nodes"), N_("As above, in a cluster of 9 nodes without faults."), -1),
        ):
            single = [each[at] for each in values]
            cells = _cells(single, LESS, NUMBER, lambda one, other, s=single: not _close(s[one], s[other]))
            rows.append(_row(f"messages_{SIZE_RANGE[at]}", title, text, NUMBER, LESS, cells))
        return rows

    # How far chance spreads it, and what broke

    def _spread(self, done: Sequence[tuple[Trial, Measured]]) -> dict[str, Any]:
        nodes = self.comparison.size
        runs = [self._runs(done, MAIN, nodes, number) for number in range(self.count)]
        figures = [
            _head(figure)
            | {"values": [[figure.of(each[seed], self.comparison.span) for seed in sorted(each)] for each in runs]}
            for figure in SPREAD
        ]
        return {"nodes": nodes, "seeds": [sorted(each) for each in runs], "figures": figures}

    def _broken(self, done: Sequence[tuple[Trial, Measured]]) -> list[list[dict[str, Any]]]:
        """For each contestant the properties that broke in the main part, in how many runs, and why they might."""
        told = []
        for number, owner in enumerate(self.comparison.protocols()):
            reasons = owner.disclaimed(self.comparison.contestants[number].settings())
            runs = [m for t, m in done if t.part == MAIN and t.contestant == number]
            told.append([
                {"name": p.name, "title": p.title, "runs": sum(p.name in m.broken for m in runs),
                 "assumes": p.assumes, "reason": reasons.get(p.name, "")}
                for p in owner.properties
                if p.kind == ALWAYS and any(p.name in m.broken for m in runs)
            ])  # fmt: skip
        return told


# Rows and cells


def _head(figure: Figure) -> Row:
    return {"name": figure.name, "title": figure.title, "unit": figure.unit, "better": figure.better}


def _row(name: str, title: str, text: str, unit: str, better: str, cells: list[Row]) -> Row:
    return {"name": name, "title": title, "text": text, "unit": unit, "better": better, "cells": cells}


def _points(values: Sequence[float | None]) -> list[tuple[float, float]]:
    return [(size, value) for size, value in zip(SIZE_RANGE, values, strict=True) if value is not None]


def _exponent(values: Sequence[float | None]) -> float | None:
    return exponent(_points(values))


def _overlap(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    """Whether two middle halves share anything."""
    return one is not None and other is not None and one[0] <= other[1] and other[0] <= one[1]


def _close(one: float | None, other: float | None) -> bool:
    return one is None or other is None or isclose(one, other, rel_tol=0.02)


def _cells(values: Sequence[float | None], better: str, unit: str, apart: Any) -> list[Row]:
    """A cell for each contestant, the best and the worst marked. `apart(i, j)` says whether two of them differ."""
    known = [index for index, value in enumerate(values) if value is not None]
    cells: list[Row] = [
        {"value": value, "shown": shown(value, unit), "low": None, "high": None, "mark": ""} for value in values
    ]
    if len(known) < 2:
        return cells

    def rank(index: int) -> float:
        value = values[index]
        assert value is not None
        return value if better == LESS else -value

    def like(one: int, other: int) -> bool:
        # Of two numbers that read the same none is better, however sure it is that they differ.
        return cells[one]["shown"] == cells[other]["shown"] or not apart(one, other)

    best, worst = min(known, key=rank), max(known, key=rank)
    if like(best, worst):
        return cells
    for index in known:
        like_best, like_worst = like(index, best), like(index, worst)
        if like_best is not like_worst:
            cells[index]["mark"] = "best" if like_best else "worst"
    return cells


def shown(value: float | None, unit: str) -> str:
    """The number as people read it: three digits, and no more behind the point than mean something."""
    if value is None:
        return "–"
    if unit == NODES:
        return str(round(value))
    if unit == "%":
        # Nearly all is not all, and hardly any is not none.
        if 0 < value < 0.05 or 99.95 <= value < 100:
            return "< 0.1" if value < 1 else "> 99.9"
        return f"{value:.1f}".removesuffix(".0")
    size = abs(value)
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2
    return f"{value:.{digits}f}"
