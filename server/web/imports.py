"""Recordings that people have sent and that take a while: each is played again by `python -m server import`, in a child."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, ClassVar

from server.rooms.recorded import BYTES_MAX
from server.simulation.texts import N_, Refused

from . import jobs
from .config import Limits
from .jobs import DONE, FAILED, STOPPED, Bounds, Jobs
from .library import Library

BROKE_OFF = N_("This recording could not be played: it took too long, or broke off.")


class Job(jobs.Job):
    """One file."""

    BEGINNING: ClassVar[Mapping[str, Any]] = {"done": 0, "part": 0.0}
    LINE_BYTES_MAX: ClassVar[int] = 2 * BYTES_MAX
    """The document, in which every quotation mark is escaped."""

    def __init__(self, order: Mapping[str, Any], holder: str, now: float) -> None:
        super().__init__(order, holder, now)
        self.refused: Refused | None = None
        """Why it is no recording, or could not be kept."""
        self.kept: dict[str, Any] | None = None
        """What is told of the recording that it became, once that is kept."""
        self._document = ""
        self._keeping = False

    def words(self, processes: int) -> list[str]:
        """The command."""
        return ["import", "-", "--json-lines"]

    def input(self) -> IO[bytes]:
        """The file."""
        found: IO[bytes] = self.order["file"]
        return found

    def hear(self, told: Mapping[str, Any]) -> None:
        """Takes a line: how far it is, the document, what it is, or what was wrong."""
        if "refused" in told:
            self.refused = Refused(told["refused"]["code"], told["refused"]["text"], **told["refused"]["args"])
        elif "document" in told:
            self._document = told["document"]
        else:
            super().hear(told)

    @property
    def complete(self) -> bool:
        """Whether it is known what it was."""
        return self.refused is not None or self.report is not None

    @property
    def settled(self) -> bool:
        """Whether nothing more will be known of it."""
        return self.refused is not None or self.kept is not None or self.state in (STOPPED, FAILED)

    def settle(self, library: Library) -> None:
        """Keeps what it became, once: the child has computed all of it, so that it is believed."""
        if self.state in (STOPPED, FAILED) and self.refused is None:
            self.refused = Refused("bad_recording", BROKE_OFF)
        if self.state != DONE or self.settled or self._keeping or self.report is None:
            return
        self._keeping = True
        try:
            self.kept = library.add(self._document, self.report["columns"], self.holder)
        except Refused as reason:
            self.refused = reason
        finally:
            self._keeping = False
            self._document = ""


class Imports(Jobs[Job]):
    """All files that are looked at."""

    TOO_MANY = ("too_many_imports", N_("Many files are waiting already: try again in a minute."))
    UNKNOWN = ("unknown_import", N_("This file is not known any more: send it again."))
    NOT_YOURS = ("not_yours", N_("Only who has sent a file can stop it."))

    kind = Job

    @staticmethod
    def bounds(limits: Limits) -> Bounds:
        """How much of it there may be."""
        return Bounds(
            limits.imports, 1, limits.imports_waiting, limits.imports_kept, limits.import_s,
            limits.import_unwatched_s,
        )  # fmt: skip


__all__ = ["Imports", "Job"]
