"""Pace: how much virtual time passes while wall time does.

A ratio of 10 means that ten wall microseconds are one virtual one. What is left over of a division is kept for the next
tick, so a thousand short ticks are exactly as long as one long one.
"""

from __future__ import annotations

RATIO_PARTS = 1000
"""A ratio is kept in thousandths, so that all arithmetic is whole."""


class Pace:
    """Turns wall time (µs) into virtual time (µs)."""

    __slots__ = ("_left", "_ratio_parts")

    def __init__(self, ratio: float = 1.0) -> None:
        self._ratio_parts = RATIO_PARTS
        self._left = 0
        """Wall time, in thousandths of a µs, that has not become virtual time yet: less than one virtual µs."""
        self.ratio = ratio

    @property
    def ratio(self) -> float:
        """Wall time per virtual time."""
        return self._ratio_parts / RATIO_PARTS

    @ratio.setter
    def ratio(self, ratio: float) -> None:
        parts = round(ratio * RATIO_PARTS)
        if parts <= 0:
            raise ValueError(f"time does not run at a ratio of {ratio}")
        self._left = self._left * parts // self._ratio_parts  # the same part of a virtual µs
        self._ratio_parts = parts

    def passed(self, elapsed_us: int) -> int:
        """The virtual time (µs) that passes in `elapsed_us` of wall time."""
        virtual, self._left = divmod(self._left + elapsed_us * RATIO_PARTS, self._ratio_parts)
        return virtual

    def forget(self) -> None:
        """Drops what is left over: the run stood still, or could not keep up."""
        self._left = 0
