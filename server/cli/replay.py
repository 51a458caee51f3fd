"""`replay`: plays a recording again and prints what happens, and the digest to compare."""

from __future__ import annotations

import argparse
from pathlib import Path

from server.protocols import Protocol, program, protocol
from server.simulation import Recording, Refused, recording_from_json

from . import CommandError
from .simulate import parse_span, play

FILE_MAX_BYTES = 64 * 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and how to write what happens."""
    parser.add_argument("file", type=Path, help="a recording, as simulate --save writes it")
    parser.add_argument("--for", dest="span", default="10s", help="virtual time to run, such as 20s or 500ms (10s)")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="how events are written (text)")
    parser.add_argument("--quiet", action="store_true", help="only the last line")


def run(args: argparse.Namespace) -> int:
    """Plays the recording; 0, or 1 when a property broke."""
    span = parse_span(args.span)
    try:
        found, recording = read_recording(args.file)
        return play(found.run(recording), found, span, args.format, quiet=args.quiet)
    except Refused as reason:
        raise CommandError(str(reason)) from None


def read_recording(path: Path) -> tuple[Protocol, Recording]:
    """The recording in a file, and the protocol that it is of. Raises CommandError, and Refused where it is none."""
    try:
        if path.stat().st_size > FILE_MAX_BYTES:
            raise CommandError(f"{path} is larger than {FILE_MAX_BYTES // 2**20} MB.")
        recording = recording_from_json(path.read_text(encoding="utf-8"), program)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is no text in UTF-8.") from None
    return protocol(recording.protocol), recording
