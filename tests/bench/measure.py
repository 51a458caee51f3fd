"""How every bench measures: CPU seconds, ratios formed inside one run, medians of interleaved rounds.

Both sides of a ratio run in the same process, in turn, under the same tuning of the collector, so what else the machine does
meets them alike. Times are CPU seconds of this process (`time.process_time`), which do not count waiting for the other core.

The tuning is that of the server (`server.cli.collector`): without it the cyclic collector visits what a history keeps again
and again, and finds nothing there, for events are no cycles.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from server.cli.collector import tune_collector

ROUNDS = 5


@dataclass(frozen=True)
class Row:
    """One line of the table.

    `value` is what was measured, in `unit`. `aim` is what it should be, `least` or at the most; None where it is for
    orientation. `beside` tells what it was formed from, and `why` what a missed aim is due to.
    """

    bench: str
    measure: str
    value: float
    unit: str = ""
    aim: float | None = None
    least: bool = False
    beside: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim was reached; None where there is none."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.least else self.value <= self.aim

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the aim."""
        return None if not self.aim else self.value / self.aim

    @property
    def verdict(self) -> str:
        """`met`, or by how much it was missed."""
        if self.met is None:
            return ""
        if self.met:
            return "met"
        if not self.aim:
            return f"missed by {number(self.value)}"
        return f"missed by {abs(self.value / self.aim - 1):.0%}"


def number(value: float) -> str:
    """A number with about three digits that matter, and thousands set apart."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


class Unavailable(Exception):
    """A bench can't run on this machine; the message says what is missing."""


@contextmanager
def tuned_collector() -> Iterator[None]:
    """The cyclic collector as the server has it: what is there already is left alone, and new things are looked at rarely."""
    before = gc.get_threshold()
    gc.collect()  # what came before is not this bench's
    tune_collector()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
        gc.collect()


def cpu_seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How many CPU seconds `work` took, and what it returned."""
    gc.collect()
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def interleaved(sides: Sequence[Callable[[], float]], rounds: int = ROUNDS) -> list[list[float]]:
    """What each side measured in each round: all sides in turn, `rounds` times, the first round in vain to warm up.

    The order turns round from one round to the next, so none always comes after the same other.
    """
    found: list[list[float]] = [[] for _ in sides]
    with tuned_collector():
        for turn in range(rounds + 1):
            places = list(range(len(sides)))
            for place in places if turn % 2 == 0 else reversed(places):
                measured = sides[place]()
                if turn:
                    found[place].append(measured)
    return found


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios of the rounds."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of a hundred do not exceed. Raises ValueError on none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
