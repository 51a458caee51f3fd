"""What people are told about the database: the sentences, and the state of saving."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from server.simulation.texts import N_, Refused
from server.storage import errors

OPENING, SAVING, WAITING, NOT_KEPT = "opening", "ok", "waiting", "not_kept"
"""The database is being opened; all is saved before it is shown; it can't be now; nothing is kept by this server."""

_WAITING = {
    errors.LOCKED: N_("Another program holds the database. The room stands still until it lets go; nothing is lost."),
    errors.FULL: N_("The server's disk is full. The room stands still until there is space; nothing is lost."),
    errors.READ_ONLY: N_("The database can't be written. The room stands still until it can; nothing is lost."),
    errors.BROKEN: N_("The database is damaged. The room stands still; what was saved is kept."),
    errors.TAKEN: N_("Another server has taken the database. The room stands still until it ends; nothing is lost."),
    errors.FUTURE: N_("A newer version has changed the database. The room stands still; nothing is lost."),
    errors.UNREACHABLE: N_("The database does not answer. The room stands still until it does; nothing is lost."),
}
_UNOPENED = {
    errors.LOCKED: N_("No room could be opened: another program holds the database. Try again in a moment."),
    errors.FULL: N_("No room could be opened: the server's disk is full. Try again when there is space."),
    errors.READ_ONLY: N_("No room could be opened: the database can't be written. Try again when it can."),
    errors.BROKEN: N_("No room could be opened: the database is damaged."),
    errors.TAKEN: N_("No room could be opened: another server has taken the database. Try again when it has ended."),
    errors.FUTURE: N_("No room could be opened: a newer version has changed the database."),
    errors.UNREACHABLE: N_("No room could be opened: the database does not answer. Try again in a moment."),
}
"""The same for who wants a room that is not there yet, so that none stands still."""
_NOT_KEPT = {
    errors.FUTURE: N_(
        "Nothing is saved here: the database was made by a newer version. This room ends with the server."
    ),
    errors.TAKEN: N_("Nothing is saved here: another server uses the same database. This room ends with the server."),
}
_NOT_KEPT_AT_ALL = N_("Nothing is saved here: the database can't be used. This room ends with the server.")
CUT = N_("The server's journal was cut off: this room may have come back at an earlier moment than you saw.")


NOTES_MAX = 8


@dataclass
class Saving:
    """Whether what happens is saved, and if not why. `notes` are for those who run the server."""

    state: str = OPENING
    code: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Rooms stand still."""
        return self.state in (OPENING, WAITING)

    def note(self, text: str) -> None:
        """Something that those who run the server should know; the last few are kept."""
        if text not in self.notes:
            self.notes = [*self.notes, text][-NOTES_MAX:]

    @property
    def text(self) -> str:
        """The sentence for people (msgid); empty where all is well."""
        if self.state == WAITING or (self.state == OPENING and self.code):
            return _WAITING.get(self.code, _WAITING[errors.UNREACHABLE])
        if self.state == NOT_KEPT:
            return _NOT_KEPT.get(self.code, _NOT_KEPT_AT_ALL)
        return ""

    def as_frame(self) -> dict[str, Any]:
        """As viewers are told (`Saving` in types.ts)."""
        return {"type": "saving", "ok": self.state == SAVING, "held": self.held, "text": self.text, "args": {}}

    def as_health(self) -> dict[str, Any]:
        """As `/healthz` tells it."""
        return {"state": self.state, "code": self.code, "text": self.text, "notes": list(self.notes)}

    @property
    def degraded(self) -> bool:
        """Whether those who run the server should see to it: rooms stand still, or are not kept."""
        return bool(self.text)

    def unopened(self) -> Refused:
        """Why no new room can be opened now."""
        if not self.text:
            return self.refused()
        return Refused("not_saved", _UNOPENED.get(self.code, _UNOPENED[errors.UNREACHABLE]))

    def refused(self) -> Refused:
        """Why something can't be done now."""
        if not self.text:
            return Refused(
                "busy", N_("The server has just started and is opening its database: try again in a moment.")
            )
        return Refused("not_saved", self.text)
