"""`replay`: plays a recording again and prints what happens, and the digest to compare."""

from __future__ import annotations

import argparse
from pathlib import Path

from server.simulation import Refused

from . import CommandError
from .files import End, read_run
from .simulate import parse_span, play

SPAN = "10s"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and how to write what happens."""
    parser.add_argument("file", type=Path, help="a recording, as a room or simulate --save gives it")
    parser.add_argument(
        "--for", dest="span", help="virtual time to run, such as 20s or 500ms (as far as the file says; 10s)"
    )
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="how events are written (text)")
    parser.add_argument("--quiet", action="store_true", help="only the last line")


def run(args: argparse.Namespace) -> int:
    """Plays the recording; 0, or 1 when a property broke."""
    try:
        found, recording, end = read_run(args.file)
        return play(found.run(recording), found, asked(end, args.span), args.format, quiet=args.quiet)
    except Refused as reason:
        raise CommandError(str(reason)) from None


def asked(end: End | None, span: str | None) -> End:
    """Where to stop: where somebody says, where the file says, or after the usual time. Raises CommandError."""
    return end if end is not None and span is None else End(parse_span(span or SPAN))
