"""What the clients of a recording were answered: it is replayed, and their history handed to `check`."""

from __future__ import annotations

from server.properties.linearizability import Disorder, Reading
from server.properties.linearizability.formats import KEY_OPERATIONS_MAX
from server.properties.scribe import Scribe
from server.simulation import Refused, Run

from . import CommandError
from .collector import tune_collector
from .files import End, run_from
from .output import Progress

AFTER_LAST_COMMAND_US = 10_000_000
"""How long a recording goes on after its last command, where nobody says how long."""


def reading_of(name: str, content: bytes, span: int | None) -> tuple[Reading, str | None]:
    """The history of a recording's clients up to `span` (µs; None: to where its room was, of a run alone ten seconds after its
    last command), and why the protocol does not promise it with these tunables, or None. Raises CommandError and
    UnicodeDecodeError.
    """
    try:
        found, recording, end = run_from(name, content)
        if found.service is None:
            raise CommandError(f"{name} is a run of {found.title}, of which it is not asked: {found.no_service}")
        scribe = Scribe(found.service)
        run = Run(recording, found.program, (scribe,), keep=False)
    except Refused as reason:
        raise CommandError(f"{name}: {reason}") from None
    if end is None or span is not None:
        last = max((given.time for given in recording.commands), default=0)
        end = End(last + AFTER_LAST_COMMAND_US if span is None else span)
    try:
        _play(run, end)
    except Disorder as reason:
        raise CommandError(f"{name}: {reason}.") from None
    operations = scribe.history.operations
    if not operations:
        raise CommandError(
            f"{name} is a recording in which no client asked for anything; --for lets it go on for longer."
        )
    keys: dict[object, int] = {}
    for operation in operations:
        keys[operation.key] = keys.get(operation.key, 0) + 1
    if max(keys.values()) > KEY_OPERATIONS_MAX:
        raise CommandError(f"{name}: there are more than {KEY_OPERATIONS_MAX:,} operations on one key.")
    unpromised = found.service.disclaimed(found.settings(recording.params))
    return Reading(scribe.history, found.service.model, "events"), unpromised


def _play(run: Run, end: End) -> None:
    tune_collector()
    with Progress(end.time, "replaying", wanted=True) as progress:
        for _ in end.steps(run):
            progress.at(run.now)
