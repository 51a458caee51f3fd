"""A file that a visitor has sent: written down piece by piece, looked at, and where it is short, played at once.

All of this but `spool` takes a while, and belongs into a thread; what is long, into a child (`imports.py`).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import tempfile
from collections.abc import Generator
from hashlib import sha256
from typing import IO, Any

from server.protocols import program
from server.rooms import Limits, Lobby
from server.rooms.recorded import BYTES_MAX, Recorded, recorded_from
from server.rooms.verify import Verified, verify
from server.simulation.texts import N_, Refused

from . import gate

PIECE_BYTES = 64 * 1024
HEADER_BYTES_MAX = 4_096
DRAINED_BYTES_MAX = 4 * BYTES_MAX
"""A body that says that it is longer is not read at all."""
M_MMAP_THRESHOLD = -3
"""Of malloc.h."""
EVENTS_SHORT_MAX = 2_000
"""A recording of so many events is played and compared in 0.2 s; a child takes longer to begin."""


def too_large() -> Refused:
    """What is said of a file that is longer than any recording."""
    return Refused("too_large", N_("This file is larger than {most} MB."), most=BYTES_MAX // gate.MEGABYTE)


def spool(stream: Any, name: str) -> tuple[IO[bytes], str]:
    """Writes what a visitor sends into a nameless file, behind a line with the name that he gives it; that file, and the
    SHA-256 of what was sent. Raises Refused where it is too much. Then the rest is read all the same, and dropped: who is cut
    off while he writes never sees the answer.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads it closes it
    file.write(json.dumps({"name": name}).encode() + b"\n")
    taken, digest = 0, sha256()
    while piece := stream.read(PIECE_BYTES):
        taken += len(piece)
        if taken <= BYTES_MAX:
            file.write(piece)
            digest.update(piece)
    if taken > BYTES_MAX:
        file.close()
        raise too_large()
    file.seek(0)
    return file, digest.hexdigest()


def read(file: Any) -> Recorded:
    """The recording in what `spool` has written. Raises Refused."""
    header = json.loads(file.readline(HEADER_BYTES_MAX))
    return recorded_from(gate.admit(file), program, header["name"])


def steps(recorded: Recorded, events_max: int = Limits().events_kept_max) -> Generator[int, None, Verified]:
    """Plays a recording, and compares, in a lobby of its own. Raises Refused."""
    _, verified = yield from verify(recorded, Lobby(Limits(events_kept_max=events_max), lambda: "room"))
    return verified


def played_if_short(recorded: Recorded) -> Verified | None:
    """What became of a recording; None for one that is better played in a child. Raises Refused."""
    if not 0 < recorded.tree.events <= EVENTS_SHORT_MAX:
        return None
    try:
        going = steps(recorded, 2 * EVENTS_SHORT_MAX)
        while True:
            next(going)
    except StopIteration as end:
        verified: Verified = end.value
        return verified
    except Refused as reason:
        if reason.code == "too_many_events":  # it is not what it says, but it may be something
            return None
        raise


def give_large_blocks_back() -> None:
    """Has freed blocks of a megabyte and more go back to the system at once, where it can be told to (glibc). Measured: else
    each of the pool's twenty threads keeps the megabytes of a file that was looked at in it, 80 MB together; with this, none.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, gate.MEGABYTE)


def columns(verified: Verified, document: str) -> dict[str, Any]:
    """What the list says of a recording, whose canonical JSON is `document`."""
    recorded = verified.recorded
    tree = recorded.tree
    return {
        "name": recorded.name, "protocol": tree.protocol, "size": len(document), "nodes": tree.setup.nodes,
        "events": tree.events, "branches": len(tree.limbs), "digest": tree.limb(tree.shown).digest,
        "upto": verified.upto,
    }  # fmt: skip
