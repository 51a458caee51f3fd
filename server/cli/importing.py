"""`import`: looks a file of a recording through, plays it again, compares, and keeps it in the database of the server.

    import lecture.json
    import lecture.json.gz --name "Lecture 3"
    import lecture.json --check

    import lecture.json --server https://quorumscope.example.edu

Everybody who visits the server finds what was put in like this. While the server runs, it alone uses the database; then the
file is sent to it, to where it has said that it is, or to `--server`. Ends with 0, or with 2 where the file is refused.

With `--json-lines` it does the work of that page: the file is on the standard input behind a line with its name, and what it
has become is told in lines of JSON. Nothing is kept then: the server does that.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from server.protocols import program
from server.rooms.recorded import Recorded, recorded_from
from server.rooms.verify import Verified
from server.simulation import Refused
from server.web import gate, sent

from . import CommandError
from .collector import tune_collector
from .files import called
from .output import Progress, counted, show
from .sending import Unreachable, check_address, send

if TYPE_CHECKING:
    from server.web.config import Config

TOLD_EVERY_S = 0.25


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and what becomes of it."""
    parser.add_argument(
        "file", help="a recording, as a room or a list of recordings gives it away; also packed by gzip"
    )
    parser.add_argument(
        "--name", default="", help="what it is called (what it says itself, or else the name of the file)"
    )
    parser.add_argument(
        "--server", metavar="URL", help="a server to send it to (the one that uses the database, while it runs)"
    )
    parser.add_argument("--check", action="store_true", help="only look whether it is one, and keep nothing")
    parser.add_argument("--json-lines", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Reads, plays and keeps; 0."""
    tune_collector()
    if args.json_lines:
        return _for_the_page(sys.stdin.buffer)
    path = Path(args.file)
    try:
        recorded = _read(path, args.name)
        if args.name:
            recorded = recorded.renamed(args.name)
        verified = _verified(recorded, quiet=False)
        show(_sentence(verified), sys.stdout)
        if not args.check:
            show(_kept(verified, None if args.server is None else check_address(args.server)), sys.stdout)
    except Refused as reason:
        raise CommandError(str(reason)) from None
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from None
    return 0


def _read(path: Path, name: str) -> Recorded:
    """Raises CommandError and OSError."""
    try:
        with path.open("rb") as file:
            return recorded_from(gate.admit(file), program, name or called(path))
    except Refused as reason:
        raise CommandError(f"{path}: {reason}") from None


def _verified(recorded: Recorded, *, quiet: bool) -> Verified:
    steps = sent.steps(recorded)
    told = time.monotonic()
    total = max(1, 2 * recorded.tree.events)
    done = before = 0
    with Progress(total, "playing", wanted=not quiet) as progress:
        while True:
            try:
                at = next(steps)
            except StopIteration as end:
                verified: Verified = end.value
                return verified
            done, before = done + (at - before if at >= before else at), at
            progress.at(done)
            if quiet and time.monotonic() - told > TOLD_EVERY_S:
                told = time.monotonic()
                _tell({"progress": {"done": done, "part": min(1.0, done / total)}})


def _sentence(verified: Verified) -> str:
    tree = verified.recorded.tree
    size = len(verified.recorded.to_json())
    said = (
        f"{verified.recorded.name!r}: {tree.protocol}, {counted(tree.setup.nodes, 'node')}, "
        f"{counted(len(tree.limbs), 'branch', 'branches')}, {counted(tree.events, 'event')}, "
        f"digest {tree.limb(tree.shown).digest}, {size} bytes."
    )
    if verified.upto is not None:
        said += f"\nIt was made by other code: up to event {verified.upto} it is the same, what follows is different."
    if verified.skipped:
        said += f"\n{verified.skipped} of its commands could not be carried out."
    return said


def _kept(verified: Verified, server: str | None) -> str:
    """Keeps it, in the database or by a server. What is said of that."""
    # Imported here: the child of a page does without the database, and begins half a second sooner.
    from server.storage import Unavailable
    from server.storage.errors import TAKEN
    from server.web.config import ConfigError, from_environment

    try:
        settings = from_environment()
        if server is not None:
            return _sent(verified, settings, server)
        return f"It is kept as /recordings/{_keep(verified, settings)}."
    except ConfigError as error:
        raise CommandError(str(error)) from None
    except Unavailable as why:
        if why.code == TAKEN:
            return _sent(verified, settings, _address_of(settings))
        raise CommandError(f"The database can't be used: {why}.") from None


def _keep(verified: Verified, settings: Config) -> str:
    from server.storage import Store, Worker
    from server.storage.recordings import NOBODY
    from server.web.library import Library

    from .program import fingerprint

    store = Store(settings.database)
    try:
        store.open()
        document = verified.recorded.to_json()
        shelf = Library(Worker(store, lambda act: act()), fingerprint(), settings.limits)
        return str(shelf.add(document, sent.columns(verified, document), NOBODY)["id"])
    finally:
        store.close()


def _address_of(settings: Config) -> str:
    """Where the server has said that it is which uses the database. Raises CommandError."""
    from server.storage.files import served_at
    from server.storage.store import Store

    path = Store(settings.database).path
    address = served_at(path) if path is not None else ""
    if not address:
        raise CommandError("Another program has the database for itself: try again in a moment, or name a --server.")
    return address


def _sent(verified: Verified, settings: Config, server: str) -> str:
    """Sends it; what is said of that. Raises CommandError."""
    from server.web.authority import header_of_keeper

    try:
        page, for_everybody = send(
            server, verified.recorded.to_json(), lambda call, body: header_of_keeper(settings.secret_key, call, body)
        )
    except Unreachable as why:
        raise CommandError(
            f"The server can't be reached at {server} ({why}): name its address with --server, or put the file in on its page "
            "/recordings."
        ) from None
    said = f"The server keeps it as {server}{page}."
    return (
        said
        if for_everybody
        else f"{said} It has another secret than is known here: nobody finds it but by this address."
    )


def _for_the_page(source: BinaryIO) -> int:
    try:
        verified = _verified(sent.read(source), quiet=True)
        document = verified.recorded.to_json()
        _tell({"document": document})
        told = sent.columns(verified, document)
        _tell({"report": {"columns": told, "skipped": verified.skipped}})
    except Refused as reason:
        _tell({"refused": {"code": reason.code, "text": reason.text, "args": reason.parameters}})
    return 0


def _tell(line: dict[str, Any]) -> None:
    show(json.dumps(line), sys.stdout)
    sys.stdout.flush()
