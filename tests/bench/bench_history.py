"""History: what keeping every event costs, in memory and in time.

Bytes are what `tracemalloc` sees grow over a stretch of a run, divided by the events of that stretch: events, messages,
states, indications, checkpoints, and what the properties remember. They are measured from a log of 100 entries on, and
from one of 1,000 on; sharing means that the second costs no more than the first. Time is that of the same run with and
without keeping, no properties watched, so that nothing else dilutes the difference.
"""

from __future__ import annotations

import gc
import statistics
import tracemalloc
from collections.abc import Iterator

from server.protocols import PROTOCOLS
from server.simulation import Run

from .bench_simulation import recording
from .measure import ROUNDS, Row, cpu_seconds, interleaved, median_ratio

NAME = "history"
LOGS = (100, 1_000)
STRETCH_EVENTS = 10_000
"""Two checkpoints lie in each stretch, wherever it begins."""
SECONDS = 120


def bytes_per_event(log_lengths: tuple[int, ...], stretch: int) -> list[float]:
    """Bytes kept per event from each of these log lengths on, over `stretch` events."""
    run = PROTOCOLS["raft"].run(recording())
    found = []
    tracemalloc.start()
    try:
        for length in log_lengths:
            while len(run.cluster.hosts["n1"].node.log) < length:
                run.step()
            gc.collect()
            before, begin = tracemalloc.get_traced_memory()[0], run.head
            run.advance(run.now + 10**12, most=stretch)
            gc.collect()
            found.append((tracemalloc.get_traced_memory()[0] - before) / (run.head - begin))
    finally:
        tracemalloc.stop()
    return found


def rows(*, tiny: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each."""
    early, late = bytes_per_event((5, 20) if tiny else LOGS, 500 if tiny else STRETCH_EVENTS)
    yield Row(NAME, "bytes kept per event", late, "B", 1_024, beside=f"with a log of {LOGS[1]:,} entries")
    yield Row(
        NAME, "growth from 100 to 1,000 entries", late / early - 1, "", 0.10, beside=f"{early:,.0f} B with {LOGS[0]}"
    )

    def cost(keep: bool) -> float:
        def play() -> Run:
            run = Run(recording(), PROTOCOLS["raft"].program, (), keep=keep)
            run.advance((2 if tiny else SECONDS) * 1_000_000)
            return run

        spent, run = cpu_seconds(play)
        return spent / run.head

    kept, not_kept = interleaved([lambda: cost(True), lambda: cost(False)], 1 if tiny else ROUNDS)
    yield Row(NAME, "recording, times not recording", median_ratio(kept, not_kept), "x", 2.5,
              beside=f"{statistics.median(kept) * 1e6:.1f} of {statistics.median(not_kept) * 1e6:.1f} us an event")  # fmt: skip
