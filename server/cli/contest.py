"""A comparison's report as lines of text: the same rows and numbers as on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.exploration.comparison import shown
from server.protocols.narrate import fill

from .output import counted

SIGNS = {"best": "*", "worst": "!", "": " "}
TITLE_WIDTH = 34
CELL_WIDTH_MIN = 22


def lines_of(report: Mapping[str, Any]) -> Iterator[str]:
    """The notices, a table for each size, how many crashes are borne, what broke, and the definitions."""
    seconds = report["span"] / 1_000_000
    seeds = counted(report["seeds"], "seed")
    yield (
        f"{report['workload']['title']}, {report['faults']['title']}: {seeds} of {seconds:g} s each"
        + ("" if report["complete"] else f" (stopped: {report['done']} of {counted(report['of'], 'run')})")
    )
    for notice in report["notices"]:
        of = f"{notice['of']}: " if notice["of"] else ""
        yield f"note: {of}{fill(notice['text'], notice['args'])}"
    for table in report["tables"]:
        yield ""
        yield from _table(report, table)
    yield from _crashes(report)
    yield from _broken(report)
    yield from _definitions(report)


def _table(report: Mapping[str, Any], table: Mapping[str, Any]) -> Iterator[str]:
    labels = [contestant["label"] for contestant in report["contestants"]]
    widths = [max(CELL_WIDTH_MIN, len(label)) for label in labels]
    head = counted(table["nodes"], "node")
    yield _line(head, labels, widths)
    for group in table["groups"]:
        yield group["title"].upper()
        for row in group["rows"]:
            yield _line(f"  {_titled(row)}", [_cell(cell, row["unit"]) for cell in row["cells"]], widths)


def _titled(row: Mapping[str, Any]) -> str:
    unit = row["unit"]
    return f"{row['title']} ({unit})" if unit else str(row["title"])


def _cell(cell: Mapping[str, Any], unit: str) -> str:
    text = f"{SIGNS[cell['mark']]} {cell['shown']}"
    if cell["low"] is None or cell["value"] is None:
        return text
    low, high = shown(cell["low"], unit), shown(cell["high"], unit)
    return text if low == high == cell["shown"] else f"{text} ({low} to {high})"


def _line(title: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    parts = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    return f"{title.ljust(TITLE_WIDTH)}  {'  '.join(parts)}".rstrip()


def _crashes(report: Mapping[str, Any]) -> Iterator[str]:
    """From how many crashes on something goes wrong, and what."""
    yield ""
    for contestant, levels in zip(report["contestants"], report["crashes"], strict=True):
        first = next((level for level in levels if level["tried"] and not level["borne"]), None)
        if first is None or not any(first[name] for name in ("blocked", "stopped", "lost", "broken")):
            continue
        found = (
            ("requests without an answer", "blocked"), ("operations of some kind never carried out", "stopped"),
            ("confirmed writes lost", "lost"), ("promised properties broken", "broken"),
        )  # fmt: skip
        told = ", ".join(
            f"{what} in {first[name]} of {counted(first['tried'], 'run')}" for what, name in found if first[name]
        )
        yield f"{contestant['label']}: with {first['crashed']} of {counted(len(levels), 'node')} down, {told}"


def _broken(report: Mapping[str, Any]) -> Iterator[str]:
    for contestant, broken in zip(report["contestants"], report["broken"], strict=True):
        for each in broken:
            why = each["reason"] or each["assumes"]
            yield f"{contestant['label']}: {each['title']} broken in {counted(each['runs'], 'run')}. {why}".rstrip()


def _definitions(report: Mapping[str, Any]) -> Iterator[str]:
    """What each figure means, once."""
    yield ""
    yield (
        "* best and ! worst, where chance does not explain it and the middle halves do not overlap; in brackets the "
        "middle half of the runs by themselves, where the figure is of all runs together."
    )
    for group in report["tables"][0]["groups"]:
        for row in group["rows"]:
            yield f"{row['title']}: {row['text']}"
