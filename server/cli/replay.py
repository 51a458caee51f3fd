"""`replay`: plays a recording again and prints what happens, and the digest to compare."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from server.protocols import Protocol, program, protocol
from server.rooms.recorded import recorded_from
from server.rooms.verify import flattened
from server.simulation import Recording, Refused, recording_from, recording_from_json
from server.web.gate import BOUNDS, admit

from . import CommandError
from .simulate import End, parse_span, play

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
        found, recording, end = read_run(args.file)
        return play(found.run(recording), found, asked(end, args.span), args.format, quiet=args.quiet)
    except Refused as reason:
        raise CommandError(str(reason)) from None


def asked(end: End | None, span: str | None) -> End:
    """Where to stop: where somebody says, where the file says, or after the usual time. Raises CommandError."""
    return end if end is not None and span is None else End(parse_span(span or SPAN))


def read_run(path: Path) -> tuple[Protocol, Recording, End | None]:
    """The run in a file, as `run_from`. Raises CommandError, and Refused where it is none."""
    try:
        size = path.stat().st_size
        if size > FILE_MAX_BYTES:
            raise CommandError(f"{path} is larger than {FILE_MAX_BYTES // 2**20} MB.")
        return run_from(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is no text in UTF-8.") from None


def run_from(content: bytes) -> tuple[Protocol, Recording, End | None]:
    """The run in the content of a file, the protocol that it is of, and where it ends, if that is said. Of a room it is the
    branch that is shown. Raises Refused, and UnicodeDecodeError.
    """
    end = None
    if len(content) <= BOUNDS.bytes:
        data = admit(io.BytesIO(content))
        if isinstance(data, dict) and "quorumscope" in data:
            flat = flattened(recorded_from(data, program).tree)
            recording, end = flat.recording, End(flat.time, flat.events)
        else:
            recording = recording_from(data, program)
    else:  # a run alone may be longer than what people send each other
        recording = recording_from_json(content.decode(), program)
    return protocol(recording.protocol), recording, end
