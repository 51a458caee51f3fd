"""Comparisons that pages have ordered: each is `python -m server compare`, whose report the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from server.simulation.texts import N_

from . import jobs
from .config import Limits
from .jobs import OVER, Bounds, Jobs


class Job(jobs.Job):
    """One comparison."""

    BEGINNING: ClassVar[Mapping[str, Any]] = {"done": 0, "of": 0, "part": 0.0}

    def words(self, processes: int) -> list[str]:
        """The command."""
        return ["compare", "--order", "-", "--json-lines", "--jobs", str(processes)]

    def hear(self, told: Mapping[str, Any]) -> None:
        """Takes a line."""
        super().hear(told)
        if self.report is not None and self.complete:
            self.progress = {"done": self.report["of"], "of": self.report["of"], "part": 1.0}

    @property
    def complete(self) -> bool:
        """Whether all runs are in the report."""
        return self.report is not None and bool(self.report["complete"])


class Comparisons(Jobs[Job]):
    """All comparisons of the server."""

    TOO_MANY = ("too_many_comparisons", N_("Many comparisons are waiting already: try again in a minute."))
    UNKNOWN = ("unknown_comparison", N_("This comparison is not kept any more: begin it anew."))
    NOT_YOURS = ("not_yours", N_("Only who has begun a comparison can stop it."))

    kind = Job

    @staticmethod
    def bounds(limits: Limits) -> Bounds:
        """How much of it there may be."""
        return Bounds(
            limits.comparisons, limits.comparison_processes, limits.comparisons_waiting, limits.comparisons_kept,
            limits.comparison_s, limits.comparison_unwatched_s,
        )  # fmt: skip


__all__ = ["OVER", "Comparisons", "Job"]
