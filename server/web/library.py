"""The library: the recordings that are kept, as pages, calls and the command line use them.

Who has saved a recording is its holder, known by his token: he alone finds it in his list, renames it and deletes it. Whoever
knows its id, which nobody can guess, may open it and take it away: that is how it is handed on. What the command line put in
is nobody's: everybody finds it, and only the command line changes it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from server.protocols import PROTOCOLS, program
from server.rooms.recorded import Recorded, check_name, check_note, recorded_from
from server.simulation import encode
from server.simulation.texts import N_, Refused
from server.storage import Unavailable, Worker, recordings
from server.storage.recordings import NOBODY, Full
from server.storage.schema import now

from .config import Limits

T = TypeVar("T")
ID_BYTES = 9
PAGE = 20
PAGE_MAX = 100
FOUND_NO_MORE = N_("There is no such recording, or it was deleted.")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Part of a list: the rows, and how many there are of them in all."""

    rows: list[dict[str, Any]]
    total: int


class Library:
    """All recordings of a server. `program` is the fingerprint of the code that plays them. Everything raises Refused, also
    where the database can't be used.
    """

    def __init__(self, worker: Worker, program: str, limits: Limits) -> None:
        self.program = program
        self._worker = worker
        self._limits = limits

    def add(self, document: str, told: Mapping[str, Any], holder: str) -> dict[str, Any]:
        """Keeps a recording that was verified or made here; `told` is what `sent.columns` says. What is told of it."""
        row = {
            **told, "id": secrets.token_urlsafe(ID_BYTES), "created": now(), "program": self.program, "holder": holder,
            "document": document,
        }  # fmt: skip
        limits = self._limits
        try:
            self._run(
                lambda connection: recordings.add(
                    connection, row, own_max=limits.recordings_of_one, all_max=limits.recordings
                ),
                write=True,
            )
        except Full as full:
            if full.own:
                raise Refused("too_many_recordings", N_("You have {most} recordings here: delete one of them first."),
                              most=limits.recordings_of_one) from None  # fmt: skip
            raise Refused("too_many_recordings", N_("There is no place for another recording here.")) from None
        return tell(row, holder)

    def listed(
        self, holder: str, words: str = "", say: Callable[[str], str] = str, *, offset: int = 0, limit: int = PAGE
    ) -> Shelf:  # fmt: skip
        """What somebody has and what is nobody's, the newest first, as far as name or protocol have all these words."""
        rows = self._run(lambda connection: recordings.listed(connection, holder))
        sought = words.casefold().split()
        found = [row for row in rows if _speaks(row, sought, say)]
        return Shelf([tell(row, holder) for row in found[offset : offset + limit]], len(found))

    def told(self, id: str, holder: str) -> dict[str, Any]:
        """What is told of one."""
        row = self._run(lambda connection: recordings.told(connection, id))
        if row is None:
            raise Refused("unknown_recording", FOUND_NO_MORE)
        return tell(row, holder)

    def document(self, id: str) -> dict[str, Any]:
        """The whole row of one, with the canonical JSON."""
        row = self._run(lambda connection: recordings.read(connection, id))
        if row is None:
            raise Refused("unknown_recording", FOUND_NO_MORE)
        return row

    def recorded(self, id: str) -> tuple[Recorded, int | None, bool]:
        """One to be opened, the event up to which it plays as it was recorded, and whether this very code has found that."""

        def read(connection: Any) -> tuple[Recorded, int | None, bool]:
            row = recordings.read(connection, id)
            if row is None:
                raise Refused("unknown_recording", FOUND_NO_MORE)
            recorded = recorded_from(json.loads(row["document"]), program)
            return recorded, row["upto"], row["program"] == self.program

        return self._run(read)

    def change(self, id: str, holder: str, name: str | None = None, note: str | None = None) -> dict[str, Any]:
        """Gives one another name, or another note, for its holder. What is told of it."""
        changes = {}
        if name is not None:
            changes["name"] = check_name(name)
        if note is not None:
            changes["note"] = check_note(note)

        def change(connection: Any) -> dict[str, Any]:
            row = _held(recordings.read(connection, id), holder)
            document = encode(json.loads(row["document"]) | changes)
            columns = {"document": document, "size": len(document), "name": changes.get("name", row["name"])}
            recordings.change(connection, id, columns)
            return row | columns

        return tell(self._run(change, write=True), holder)

    def delete(self, id: str, holder: str) -> None:
        """Forgets one, for its holder."""

        def delete(connection: Any) -> None:
            _held(recordings.told(connection, id), holder)
            recordings.delete(connection, id)

        self._run(delete, write=True)

    def _run(self, act: Callable[[Any], T], *, write: bool = False) -> T:
        try:
            return self._worker.run(act, write=write)
        except Unavailable as why:
            raise Refused("not_saved", N_("The database does not answer ({reason}): try again in a moment."),
                          reason=why.code) from None  # fmt: skip


def _held(row: dict[str, Any] | None, holder: str) -> dict[str, Any]:
    if row is None:
        raise Refused("unknown_recording", FOUND_NO_MORE)
    if row["holder"] == NOBODY or row["holder"] != holder:
        raise Refused("not_yours", N_("Only who has saved a recording can change or delete it."))
    return row


def _speaks(row: Mapping[str, Any], sought: list[str], say: Callable[[str], str]) -> bool:
    if not sought:
        return True
    protocol = PROTOCOLS.get(row["protocol"])
    title = protocol.title if protocol is not None else row["protocol"]
    whole = f"{row['name']} {title} {say(title)}".casefold()
    return all(word in whole for word in sought)


def tell(row: Mapping[str, Any], holder: str) -> dict[str, Any]:
    """What somebody is told of a recording; never whose it is."""
    protocol = PROTOCOLS.get(row["protocol"])
    return {
        "id": row["id"], "name": row["name"], "protocol": row["protocol"],
        "title": protocol.title if protocol is not None else row["protocol"],
        "nodes": row["nodes"], "branches": row["branches"], "events": row["events"], "size": row["size"],
        "created": row["created"].isoformat(timespec="seconds"), "digest": row["digest"], "upto": row["upto"],
        "yours": bool(holder) and row["holder"] == holder,
    }  # fmt: skip
