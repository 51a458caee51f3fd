"""The floor of the kernel: a loop that pops and pushes bare tuples."""

from __future__ import annotations

from heapq import heappop, heappush


def run(events: int, pending: int, delays: list[int]) -> int:
    """Takes out and puts in `events` tuples, `pending` being in the heap at any time. Returns the time it has become."""
    heap: list[tuple[int, int, object]] = []
    for order in range(pending):
        heappush(heap, (delays[order % len(delays)], order, None))
    due, count = 0, len(delays)
    for order in range(pending, pending + events):
        due, _, subject = heappop(heap)
        heappush(heap, (due + delays[order % count], order, subject))
    return due
