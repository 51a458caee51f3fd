"""`compare`: plays protocols with the same requests and faults, over many seeds, and prints what each cost and gave.

    compare raft multi_paxos primary_backup --faults one_crash --seeds 100
    compare raft raft:heartbeat_interval=100000 --nodes 3-9 --csv table.csv

A contestant is a protocol, or one with tunables after a colon. The page does the same with `--order -`, which reads the
choice from standard input, and `--json-lines`, which tells how far it is and what is known so far.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from server.exploration.comparison import (
    BUILT_IN,
    CONTESTANTS_MAX,
    WORKLOADS,
    Comparison,
    Contestant,
    Measured,
    Reporter,
    Schedule,
    comparison_from,
    from_recording,
    from_scenario,
    play,
    runs_csv,
    schedule_from,
    table_csv,
)
from server.protocols import PROTOCOLS, Protocol, protocol
from server.simulation import Recording, Refused

from . import EXIT_INTERRUPTED, CommandError
from .contest import lines_of
from .files import FILE_MAX_BYTES, read_run
from .output import Progress, counted, show
from .simulate import parse_param, parse_span, read_commands
from .spread import in_order

PROGRESS_STEPS = 1_000
TOLD_EVERY_S = 0.25
REPORTED_EVERY_S = 1.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is compared, and how it is written."""
    parser.add_argument(
        "contestants", nargs="*", metavar="PROTOCOL[:NAME=VALUE,...]",
        help=f"one to {CONTESTANTS_MAX} protocols or tunings; protocols: {', '.join(PROTOCOLS)}",
    )  # fmt: skip
    parser.add_argument(
        "--faults", default="none", metavar="SCHEDULE",
        help=f"what goes wrong: {', '.join(BUILT_IN)}, the name of a scenario, or a file (a recording, or commands as for "
        "simulate) (none)",
    )  # fmt: skip
    parser.add_argument(
        "--workload", default="", help=f"what clients ask: {', '.join(WORKLOADS)} (the first that fits)"
    )
    parser.add_argument("--nodes", default="5", help="how many nodes, such as 5, 3-9 or 3,5,9 (5)")
    parser.add_argument("--seeds", type=int, default=20, help="how many runs of each, with the seeds 1, 2, 3 ... (20)")
    parser.add_argument("--seconds", default="60", help="virtual time of a run, in seconds (60)")
    parser.add_argument(
        "--param", action="append", default=[], metavar="PROTOCOL.NAME=VALUE",
        help="a tunable of all contestants of a protocol, times in µs",
    )  # fmt: skip
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many processes (one a core)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table as comma-separated values")
    parser.add_argument("--runs-csv", type=Path, metavar="FILE", help="write the figures of single runs")
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")
    parser.add_argument(
        "--json-lines", action="store_true", help="print progress and reports as they come, a line each"
    )
    parser.add_argument("--order", metavar="FILE", help="read the choice from a JSON file, or - for standard input")


def run(args: argparse.Namespace) -> int:
    """Compares; 0, or 130 when it was stopped before it was done, with what was known by then."""
    try:
        comparison = _ordered(args.order) if args.order else _chosen(args)
    except Refused as reason:
        raise CommandError(str(reason)) from None
    if args.jobs < 1:
        raise CommandError("Take one process or more.")
    signal.signal(signal.SIGTERM, _interrupt)
    reporter = Reporter(comparison)
    results, stopped = _results(reporter, args)
    report = reporter.report(results)
    if args.json_lines:
        # Who was stopped in the middle of a line ends it first, for the report to stand on one of its own.
        show(("\n" if stopped else "") + json.dumps({"report": report}), sys.stdout)
    elif args.json:
        show(json.dumps(report), sys.stdout)
    else:
        for line in lines_of(report):
            show(line, sys.stdout)
    _write(args.csv, table_csv(report))
    _write(args.runs_csv, runs_csv(report))
    if stopped:
        print(f"quorumscope: stopped after {report['done']} of {counted(report['of'], 'run')}.", file=sys.stderr)  # noqa: T201
        return EXIT_INTERRUPTED
    return 0


def _interrupt(_number: int, _frame: Any) -> NoReturn:
    raise KeyboardInterrupt


def _results(reporter: Reporter, args: argparse.Namespace) -> tuple[dict[int, Measured], bool]:
    """What was measured, and whether it was stopped early."""
    results: dict[int, Measured] = {}
    teller = Teller(reporter) if args.json_lines else None
    coming = in_order(play, reporter.trials, min(args.jobs, len(reporter.trials)))
    with Progress(PROGRESS_STEPS, "comparing", wanted=True) as progress:
        try:
            for measured in coming:
                if measured is None:
                    continue
                results[len(results)] = measured
                progress.at(round(reporter.progress(results) * PROGRESS_STEPS))
                if teller is not None:
                    teller.tell(results)
        except KeyboardInterrupt:
            return results, True
        finally:
            coming.close()
    return results, False


class Teller:
    """Tells another program how far it is, and what is known, each not too often."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.told = self.reported = 0.0

    def tell(self, results: dict[int, Measured]) -> None:
        """Writes a line, if it is time."""
        now = time.monotonic()
        if now - self.told >= TOLD_EVERY_S:
            self.told = now
            part = {"done": len(results), "of": len(self.reporter.trials), "part": self.reporter.progress(results)}
            show(json.dumps({"progress": part}), sys.stdout)
            sys.stdout.flush()
        if now - self.reported >= REPORTED_EVERY_S:
            self.reported = now
            show(json.dumps({"report": self.reporter.report(results)}), sys.stdout)
            sys.stdout.flush()


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        # With the line ends of the format, on every system.
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}.") from None


# What was asked for


def _ordered(name: str) -> Comparison:
    try:
        text = sys.stdin.read(FILE_MAX_BYTES) if name == "-" else _text_of(Path(name))
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise CommandError("The order is no JSON.") from None
    if not isinstance(data, dict):
        raise CommandError("The order is no JSON object.")
    return comparison_from(data)


def _chosen(args: argparse.Namespace) -> Comparison:
    if not args.contestants:
        raise CommandError(f"Name one to {CONTESTANTS_MAX} protocols; there are {', '.join(PROTOCOLS)}.")
    common = list(_common(args.param))
    contestants = tuple(_contestant(word, common) for word in args.contestants)
    seconds = args.seconds if re.search(r"[a-zµ]", args.seconds) else f"{args.seconds}s"
    return Comparison(
        contestants, _sizes(args.nodes), args.seeds, parse_span(seconds), args.workload,
        _schedule(args.faults, contestants[0]),
    )  # fmt: skip


def _common(words: list[str]) -> Iterator[tuple[Protocol, str]]:
    for word in words:
        owner, dot, setting = word.partition(".")
        if not dot:
            raise CommandError(f"{word!r} is no tunable of a protocol; write PROTOCOL.NAME=VALUE.")
        yield protocol(owner), setting


def _contestant(word: str, common: list[tuple[Protocol, str]]) -> Contestant:
    name, _, tuning = word.partition(":")
    found = protocol(name)
    own = dict(parse_param(setting, found) for setting in tuning.split(",") if setting)
    shared = dict(parse_param(setting, found) for owner, setting in common if owner is found)
    return Contestant(found.name, {**shared, **own})


def _sizes(text: str) -> tuple[int, ...]:
    """The numbers of "5", "3-9" and "3,5,9". Raises CommandError."""
    sizes: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", part.strip())
        if match is None or (match[2] and int(match[2]) < int(match[1])):
            raise CommandError(f"{text!r} is no number of nodes; write it as 5, 3-9 or 3,5,9.")
        sizes += range(int(match[1]), int(match[2] or match[1]) + 1)
    return tuple(dict.fromkeys(sizes))


def _schedule(word: str, first: Contestant) -> Schedule:
    """A built-in schedule, that of a scenario, or that of a file. Raises CommandError and Refused."""
    if word in BUILT_IN:
        return schedule_from({"name": word})
    path = Path(word)
    if path.is_file():
        return _schedule_of_file(path, first)
    owner, slash, name = word.partition("/")
    known = [f"{p.name}/{s.name}" for p in PROTOCOLS.values() for s in p.scenarios()]
    if slash and f"{owner}/{name}" in known:
        return from_scenario(name, owner)
    if any(each.endswith(f"/{word}") for each in known):
        return from_scenario(word)
    raise CommandError(
        f"There is no file {word} and no scenario of that name; the schedules that fit any cluster are "
        f"{', '.join(BUILT_IN)}."
    )


def _schedule_of_file(path: Path, first: Contestant) -> Schedule:
    text = _text_of(path)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, dict) and whole.keys() & {"quorumscope", "protocol"}:
        return from_recording(read_run(path)[1])
    commands = read_commands(path, protocol(first.protocol))
    return from_recording(Recording(first.protocol, commands=commands))


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > FILE_MAX_BYTES:
            raise CommandError(f"{path} is larger than {FILE_MAX_BYTES // 2**20} MB.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is no text in UTF-8.") from None
