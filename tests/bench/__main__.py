"""`python -m tests.bench [name...]`: measures, and prints one table.

    simulation   Raft with history and properties, against Raft hard-coded on a bare heap
    kernel       schedule and deliver, against bare tuples and simpy
    history      bytes and time that keeping every event costs
    histories    the checker of histories, against Porcupine's own times
    clients      what judging the clients of a room costs, and that it stays so
    seek         the world after any event, encoded
    fanout       30, 300 and 1,000 viewers in one room, against a bare broadcast
    outbox       what saving before showing costs, against a server that keeps nothing
    explore      for every rule what finding its story costs and how short it gets; the pace of the searches
    kill         a server killed 30 times with 100 viewers: what anybody misses; restart, saving, stopping
    page         what the page weighs, and what a frame costs, against a minimal page

Nothing here is a test: a slow machine fails nobody. Where an aim is missed, the table says by how much.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .measure import Row, Unavailable, number

BENCHES = (
    "simulation", "kernel", "history", "histories", "clients", "seek", "fanout", "outbox", "explore", "kill", "page",
)  # fmt: skip
TAKE_LONG = ("page", "explore")


def table(rows: Sequence[Row]) -> Table:
    """All that was measured, one line each."""
    shown = Table(title="Quorumscope, measured", title_justify="left", show_lines=False)
    for column, justify in (("measure", "left"), ("value", "right"), ("aim", "right"), ("of aim", "right"),
                            ("", "left"), ("formed from", "left")):  # fmt: skip
        shown.add_column(column, justify=justify, overflow="fold")  # type: ignore[arg-type]
    bench = ""
    for row in rows:
        if row.bench != bench:
            shown.add_section()
            bench = row.bench
        aim = "" if row.aim is None else f"{'≥' if row.least else '≤'} {number(row.aim)} {row.unit}".rstrip()
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        style = {True: "green", False: "bold red", None: ""}[row.met]
        shown.add_row(
            f"{row.bench}: {row.measure}", f"{number(row.value)} {row.unit}".rstrip(), aim, ratio,
            f"[{style}]{row.verdict}[/]" if style else "", row.beside,
        )  # fmt: skip
    return shown


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the benches named, or all; 0 also where an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"one or more of {', '.join(BENCHES)}; all if none is given"
    )
    parser.add_argument("--tiny", action="store_true", help="a taste of each: does it run? The numbers mean nothing")
    parser.add_argument(
        "--long", action="store_true",
        help="page: play five minutes in five minutes, not accelerated; explore: 100,000 runs of each protocol",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the rows there too")
    args = parser.parse_args(argv)
    if unknown := [name for name in args.names if name not in BENCHES]:
        parser.error(f"there is no bench {unknown[0]}; there are {', '.join(BENCHES)}")
    rows: list[Row] = []
    for name in args.names or BENCHES:
        begin = time.monotonic()
        print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
        options = {"tiny": args.tiny} | ({"long": args.long} if name in TAKE_LONG else {})
        try:
            rows.extend(import_module(f"{__package__}.bench_{name}").rows(**options))
        except Unavailable as missing:
            print(f"left out: {missing}", file=sys.stderr)
            continue
        print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    console = Console() if sys.stdout.isatty() else Console(width=200)
    console.print(table(rows))
    missed = sum(1 for row in rows if row.met is False)
    aims = sum(1 for row in rows if row.met is not None)
    console.print(f"{aims - missed} of {aims} aims met. Python {platform.python_version()}, {platform.machine()}.")
    if args.json:
        args.json.write_text(json.dumps([asdict(row) | {"met": row.met} for row in rows], indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
