"""Recordings in files of one's own: what `simulate` and `explore` write, and what every command reads."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.protocols import Protocol, program, protocol
from server.rooms.recorded import recorded_from
from server.rooms.verify import flattened, recorded_run
from server.simulation import Event, Recording, Refused, Run, encode, recording_from
from server.simulation.recording import COMMANDS_MAX
from server.web import wire
from server.web.gate import MEGABYTE, Bounds, admit

from . import CommandError

ENDINGS = (".gz", ".json")
FILE_MAX_BYTES = 64 * MEGABYTE
OWN = Bounds(bytes=FILE_MAX_BYTES, parts=4_000_000, boxes=1_000_000)
"""Of a file that somebody has made on his own machine: as many commands as a run takes, which is more than people may send
each other.
"""
TOO_LONG = ("too_many_commands", "too_large")


class NoRecording(CommandError):
    """A file that is no recording."""


@dataclass(frozen=True)
class End:
    """How far a run is played: to a time (µs), and where a file says so, to that very event and not to the others of the
    instant.
    """

    time: int
    events: int | None = None

    def steps(self, run: Run) -> Iterator[Event]:
        """The events of a run that are still to come up to here."""
        while self.events is None or run.head < self.events:
            event = run.step(self.time)
            if event is None:
                return
            yield event


def called(path: Path) -> str:
    """What a recording is called that does not say it: as its file."""
    name = path.name
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    return wire.clean_name(name).lstrip(".~") or "-"


def save(path: Path, run: Run) -> str:
    """Writes a run as it stands; its digest. Where it is too long for rooms, that is said on standard error. Raises
    CommandError.
    """
    recorded = recorded_run(run, called(path))
    try:
        text = recorded.to_json()
    except Refused as reason:
        if reason.code not in TOO_LONG:
            raise
        text = encode(recorded.as_dict())
        print(  # noqa: T201
            f"quorumscope: {path} is for the command line alone: {reason}", file=sys.stderr
        )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}.") from None
    return recorded.tree.limbs[0].digest


def read_run(path: Path) -> tuple[Protocol, Recording, End | None]:
    """The run in a file, as `run_from`. Raises CommandError."""
    try:
        with path.open("rb") as file:
            content = file.read(OWN.bytes + 1)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from None
    return run_from(str(path), content)


def run_from(name: str, content: bytes) -> tuple[Protocol, Recording, End | None]:
    """The run in the content of the file `name`, the protocol that it is of, and where it ends, if that is said. Of a room it
    is the branch that is shown. Raises CommandError.
    """
    end = None
    try:
        data = admit(io.BytesIO(content), OWN)
        if not isinstance(data, dict) or data.get("format") != 1 or "quorumscope" in data:
            flat = flattened(recorded_from(data, program, commands_max=COMMANDS_MAX).tree)
            recording, end = flat.recording, End(flat.time, flat.events)
        else:
            recording = recording_from(data, program)
        return protocol(recording.protocol), recording, end
    except Refused as reason:
        raise NoRecording(f"{name}: {reason}") from None
