"""A report as files: the table, and the figures of single runs, as comma-separated values (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

Report = Mapping[str, Any]


def table_csv(report: Report) -> str:
    """Every figure of every table, then how the figures go with the number of nodes; one value a line."""
    return _written(
        ("part", "nodes", "judgement", "figure", "unit", "contestant", "value", "low", "high", "mark"),
        (*_tables(report), *_growth(report)),
    )


def runs_csv(report: Report) -> str:
    """The figures of single runs: one value a line, with the seed that gives the same run again."""
    labels = [contestant["label"] for contestant in report["contestants"]]
    spread = report["spread"]
    lines = (
        (label, spread["nodes"], seed, figure["name"], figure["unit"], _number(value))
        for figure in spread["figures"]
        for label, seeds, values in zip(labels, spread["seeds"], figure["values"], strict=True)
        for seed, value in zip(seeds, values, strict=True)
    )
    return _written(("contestant", "nodes", "seed", "figure", "unit", "value"), lines)


def _tables(report: Report) -> Iterable[tuple[Any, ...]]:
    labels = [contestant["label"] for contestant in report["contestants"]]
    for table in report["tables"]:
        for group in table["groups"]:
            for row in group["rows"]:
                for label, cell in zip(labels, row["cells"], strict=True):
                    numbers = (_number(cell[name]) for name in ("value", "low", "high"))
                    yield (
                        "table",
                        table["nodes"],
                        group["name"],
                        row["name"],
                        row["unit"],
                        label,
                        *numbers,
                        cell["mark"],
                    )


def _growth(report: Report) -> Iterable[tuple[Any, ...]]:
    labels = [contestant["label"] for contestant in report["contestants"]]
    growth = report["growth"]
    for figure in growth["figures"]:
        for label, values in zip(labels, figure["values"], strict=True):
            for size, value in zip(growth["sizes"], values, strict=True):
                yield ("sizes", size, "", figure["name"], figure["unit"], label, _number(value), "", "", "")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _written(head: tuple[str, ...], lines: Iterable[tuple[Any, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(lines)
    return out.getvalue()
