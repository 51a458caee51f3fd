"""Work spread over processes, its results given back in the order of the work.

Processes are spawned, not forked, so that nothing of this one (threads, a green server) is in them. The order of the
results is that of the items, however many processes there are and whichever is faster, so who takes them one by one and
stops at some point has seen the same as any other who stops there.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from typing import TypeVar

from .collector import tune_collector

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""How many items wait for each process, so that it never waits, and that stopping has little to take back."""
THREAD_WAIT_S = 2.0
"""How long the threads of a pool are waited for that has been stopped."""
TICK_S = 0.2
"""How often, in seconds, a sign of life is given while nothing is done."""


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int, until: float | None = None
) -> Generator[Result | None, None, None]:
    """The results, in the order of the items, and None now and then, as a sign of life.

    `until` is when it ends at the latest, in seconds of `time.monotonic`. Who stops early ends the processes at once.
    """
    if jobs <= 1:
        tune_collector()
        for item in items:
            if until is not None and time.monotonic() >= until:
                return
            yield work(item)
        return
    context = multiprocessing.get_context("spawn")
    before = {process.pid for process in multiprocessing.active_children()}
    threads = set(threading.enumerate())
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare) as pool:
        try:
            yield from in_pool(pool, work, items, jobs * AHEAD, until)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                if process.pid not in before:
                    process.terminate()
            # A program that ends while the pool's own thread closes its pipe would wake it by that pipe, and fail.
            for thread in set(threading.enumerate()) - threads:
                thread.join(THREAD_WAIT_S)


def in_pool(
    pool: Executor, work: Callable[[Item], Result], items: Iterable[Item], ahead: int, until: float | None
) -> Iterator[Result | None]:
    """The same by a pool of whatever kind, of which `ahead` items wait at a time."""
    waiting: list[Future[Result]] = []
    coming = iter(items)
    ended = False
    while True:
        while not ended and len(waiting) < ahead:
            try:
                waiting.append(pool.submit(work, next(coming)))
            except StopIteration:
                ended = True
        if not waiting or (until is not None and time.monotonic() >= until):
            return
        if not waiting[0].done():
            wait(waiting[:1], timeout=TICK_S, return_when=FIRST_COMPLETED)
        if waiting[0].done():
            yield waiting.pop(0).result()
        else:
            yield None


def _prepare() -> None:
    # Ctrl-C goes to all processes of a terminal; the first one decides what follows from it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tune_collector()
