"""How late the loop was of late: the one number that says whether the server keeps up.

The pump knows when it wanted to wake; the difference is how long everybody had to wait for somebody.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW_S = 60


class LoopDelay:
    """The worst delay of each of the last WINDOW_S seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._worst: deque[tuple[int, float]] = deque(maxlen=WINDOW_S)

    def note(self, delay_s: float) -> None:
        """The loop came back `delay_s` later than it was asked to."""
        second = int(self._clock())
        if self._worst and self._worst[-1][0] == second:
            delay_s = max(delay_s, self._worst.pop()[1])
        self._worst.append((second, delay_s))

    def worst_ms(self) -> float:
        """The worst delay of the last minute, in milliseconds."""
        oldest = int(self._clock()) - WINDOW_S
        return round(max((delay for second, delay in self._worst if second > oldest), default=0.0) * 1000, 1)
