"""Seek: the complete world after a random event, with the messages in flight, encoded as it goes to a browser.

2,000 points drawn over a run of 100,000 events; then over the first ten thousand and over a million events of the same
run, to see that the cost does not grow with the length. CPU time of each seek, so that another process on the machine
does not count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random

from server.protocols import PROTOCOLS
from server.simulation import History
from server.web.strictjson import dumps

from .bench_simulation import recording
from .measure import Row, percentile, tuned_collector

NAME = "seek"
POINTS = 2_000
SHORT, MIDDLE, LONG = 10_000, 100_000, 1_000_000


def seek_ms(history: History, points: int, seed: int) -> tuple[list[float], int]:
    """Milliseconds of CPU for each of so many seeks, and the bytes of a middling world."""
    draw, took, sizes = Random(seed).randint, [], []
    for _ in range(points):
        seq = draw(0, len(history))
        begin = time.process_time_ns()
        encoded = dumps(history.world(seq))
        took.append((time.process_time_ns() - begin) / 1e6)
        sizes.append(len(encoded))
    return took, sorted(sizes)[points // 2]


def rows(*, tiny: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each."""
    short, middle, long = (200, 500, 1_000) if tiny else (SHORT, MIDDLE, LONG)
    points = 50 if tiny else POINTS
    with tuned_collector():
        run = PROTOCOLS["raft"].run(recording())
        run.advance(10**15, most=long)
        assert run.head == long
        histories = {events: run.history.beginning(events) for events in (short, middle, long)}
        for history in histories.values():
            seek_ms(history, points // 10, seed=2)  # to warm up
        found = {events: seek_ms(history, points, seed=1) for events, history in histories.items()}
    at, size = found[middle]
    beside = f"{points:,} points of {middle:,} events; a world is about {size / 1000:.1f} kB of JSON"
    yield Row(NAME, "p50", percentile(at, 50), "ms", 0.5, beside=beside)
    yield Row(NAME, "p99", percentile(at, 99), "ms", 5.0)
    few, many = (percentile(found[events][0], 50) for events in (short, long))
    yield Row(NAME, "p50 at a million events, times that at ten thousand", many / few, "x", 3.0,
              beside=f"{many:.3f} ms and {few:.3f} ms")  # fmt: skip
