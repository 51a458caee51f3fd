"""What a run has cost up to any of its events, for the meter beside a ring.

The meter (`exploration.comparison`) counts forward only, and people go back. So its readings are kept for each event, a
few numbers in arrays, and what clients waited for is read off the requests, of which each knows when it was asked for
and when it was answered.
"""

from __future__ import annotations

from array import array
from typing import Any

from ..exploration.comparison.meter import PATIENCE, READ, Asked, Meter
from ..simulation import OK, UNKNOWN

COUNTED = ("messages", "bytes", "lost", "delays", "answers", "reads", "stale", "elections", "commits")
"""The counters of a meter of which every event's reading is kept."""


class Costs:
    """The readings of one branch's meter. `add` is called once for each event, in their order."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.counted = {name: array("Q", (0,)) for name in COUNTED}

    def add(self) -> None:
        """Keeps what the meter reads after one more event."""
        counters = self.meter.counters()
        for name, readings in self.counted.items():
            readings.append(getattr(counters, name))

    def beginning(self, upto: int, meter: Meter) -> Costs:
        """The readings up to event `upto`, to be gone on with by the meter of a fork."""
        other = Costs(meter)
        other.counted = {name: readings[: upto + 1] for name, readings in self.counted.items()}
        return other

    def at(self, seq: int, now: int) -> dict[str, Any]:
        """What had been spent and had been got after event `seq`, at `now` (µs). Times are µs; None where there is none."""
        told: dict[str, Any] = {name: readings[seq] for name, readings in self.counted.items()}
        first = self.meter.first_election
        asked = [each for each in self.meter.asked if each.time <= now]
        ended = [each for each in asked if 0 <= each.answered <= now and each.outcome != UNKNOWN]
        answered = [each for each in ended if each.outcome == OK]
        told |= {
            "first_election": first if first is not None and first <= now else None,
            "asked": len(asked),
            "answered": len(answered),
            "failed": len(ended) - len(answered),
            "late": sum(1 for each in asked if now - each.time > PATIENCE and not _in_time(each)),
            "write_times": _quantiles([each for each in answered if not _reads(each)]),
            "read_times": _quantiles([each for each in answered if _reads(each)]),
        }
        return told


def _in_time(each: Asked) -> bool:
    return each.outcome != UNKNOWN and 0 <= each.answered - each.time <= PATIENCE


def _reads(each: Asked) -> bool:
    return getattr(each.operation, "name", "") == READ


def _quantiles(answered: list[Asked]) -> dict[str, int] | None:
    """The median and the 99th percentile (nearest rank) of the time (µs) from being asked to being answered."""
    if not answered:
        return None
    times = sorted(each.answered - each.time for each in answered)
    return {f"p{percent}": times[max(0, -(-percent * len(times) // 100) - 1)] for percent in (50, 99)}
