"""`export`: plays a recording and writes its events in a format of other tools."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from server.exports import FORMATS, Format, Span, span
from server.protocols import Protocol
from server.simulation import Refused, Run, digest_of

from . import CommandError
from .collector import tune_collector
from .files import End, read_run
from .output import Progress, show
from .replay import asked

EVENTS_PLAYED_MAX = 1_000_000
"""At about 1 KB each."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The recording, the format, and which events."""
    parser.add_argument(
        "file", type=Path, metavar="RECORDING", help="a recording, as a room or simulate --save gives it"
    )
    parser.add_argument(
        "--to", choices=tuple(FORMATS), required=True,
        help="jsonl: JSON Lines; shiviz: a log with vector clocks; mermaid: a sequence diagram of at most "
        f"{FORMATS['mermaid'].events_max} events",
    )  # fmt: skip
    parser.add_argument("--from", dest="first", type=int, metavar="SEQ", help="the first event (1)")
    parser.add_argument("--upto", dest="last", type=int, metavar="SEQ", help="the last event (the last within --for)")
    parser.add_argument(
        "--for", dest="time", help="virtual time to run without --upto, such as 20s (as far as the file says; 10s)"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write (standard output)")


def run(args: argparse.Namespace) -> int:
    """Plays the recording and writes; 0. The digest of the events is told on standard error."""
    form = FORMATS[args.to]
    try:
        found, recording, told = read_run(args.file)
        end = asked(told, args.time)
        played = found.run(recording)
        tune_collector()
        _play(played, end, args.last)
        chosen = span(played.history, args.first, args.last, form.events_max)
    except Refused as reason:
        raise CommandError(str(reason)) from None
    with _written(args.output) as out:
        _write(played, found, form, chosen, out, to_file=args.output is not None)
    digest = digest_of(played.history.told(chosen.first, chosen.last))
    print(f"events {chosen.first} to {chosen.last}, digest {digest}", file=sys.stderr)  # noqa: T201
    return 0


def _play(run: Run, end: End, last: int | None) -> None:
    """Lets the run go on to event `last`, or to its end."""
    wanted = EVENTS_PLAYED_MAX if last is None else min(last, EVENTS_PLAYED_MAX)
    with Progress(wanted if last is not None else end.time, "playing", wanted=True) as progress:
        steps = end.steps(run) if last is None else iter(run.step, None)
        while run.head < wanted and next(steps, None) is not None:
            progress.at(run.head if last is not None else run.now)


def _write(run: Run, found: Protocol, form: Format, chosen: Span, out: TextIO, *, to_file: bool) -> None:
    with Progress(len(chosen), "writing", wanted=to_file or not out.isatty()) as progress:
        for count, line in enumerate(form.lines(run.history, found, chosen, str)):
            show(line, out)
            progress.at(count)


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    """The file, or standard output. Raises CommandError."""
    if path is None:
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            yield file
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}.") from None
