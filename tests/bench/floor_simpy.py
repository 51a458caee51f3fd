"""simpy's cheapest process form: a generator that yields one timeout after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import simpy


def run(events: int, pending: int, delays: list[int]) -> float:
    """Runs `pending` processes until they have had about `events` timeouts. Returns the time it has become."""
    env = simpy.Environment()
    count = len(delays)

    def process(start: int, times: int) -> Iterator[Any]:
        for order in range(start, start + times * pending, pending):
            yield env.timeout(delays[order % count])

    for start in range(pending):
        env.process(process(start, events // pending))
    env.run()
    return float(env.now)
