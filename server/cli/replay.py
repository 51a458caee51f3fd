"""`replay`: plays a recording again and prints what happens, and the digest to compare."""

from __future__ import annotations

import argparse
from pathlib import Path

from server.protocols import Protocol, program, protocol
from server.rooms.recorded import recorded_from
from server.rooms.verify import flattened
from server.simulation import Recording, Refused, recording_from, recording_from_json
from server.web.gate import BOUNDS, admit

from . import CommandError
from .simulate import parse_span, play

SPAN = "10s"
FILE_MAX_BYTES = 64 * 1024 * 1024


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
        found, recording, until = read_run(args.file)
        span = until if until is not None and args.span is None else parse_span(args.span or SPAN)
        return play(found.run(recording), found, span, args.format, quiet=args.quiet)
    except Refused as reason:
        raise CommandError(str(reason)) from None


def read_run(path: Path) -> tuple[Protocol, Recording, int | None]:
    """The run in a file, the protocol that it is of, and the time (µs) to which it was played, where the file says it. Of a
    room it is the branch that is shown. Raises CommandError, and Refused where it is none.
    """
    try:
        size = path.stat().st_size
        if size > FILE_MAX_BYTES:
            raise CommandError(f"{path} is larger than {FILE_MAX_BYTES // 2**20} MB.")
        if size <= BOUNDS.bytes:
            with path.open("rb") as file:
                data = admit(file)
            if isinstance(data, dict) and "quorumscope" in data:
                recording, until = flattened(recorded_from(data, program).tree)
                return protocol(recording.protocol), recording, until
            recording = recording_from(data, program)
        else:  # a run alone may be longer than what people send each other
            recording = recording_from_json(path.read_text(encoding="utf-8"), program)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is no text in UTF-8.") from None
    return protocol(recording.protocol), recording, None
