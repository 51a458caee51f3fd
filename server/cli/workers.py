"""Trials in processes: a comparison is many short runs that know nothing of each other.

Processes are spawned, not forked, so that nothing of this one (threads, a green server) is in them. What they give back
is put in its place by its number, so the result does not depend on how many there are, or which was faster.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from server.exploration.comparison import Measured, Trial, play

from .collector import tune_collector

AHEAD = 4
"""How many trials wait for each process, so that it never waits, and that stopping has little to take back."""


def played(trials: Sequence[Trial], jobs: int) -> Iterator[tuple[int, Measured]]:
    """Each trial's place with what it measured, as they are done. Whoever stops early ends the processes at once."""
    if jobs <= 1 or len(trials) == 1:
        tune_collector()
        for index, trial in enumerate(trials):
            yield index, play(trial)
        return
    context = multiprocessing.get_context("spawn")
    before = {process.pid for process in multiprocessing.active_children()}
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare) as pool:
        try:
            yield from _in_pool(pool, trials, jobs * AHEAD)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                if process.pid not in before:
                    process.terminate()
            raise


def _in_pool(pool: ProcessPoolExecutor, trials: Sequence[Trial], ahead: int) -> Iterator[tuple[int, Measured]]:
    waiting: dict[Future[Measured], int] = {}
    coming = iter(enumerate(trials))
    while True:
        while len(waiting) < ahead and (following := next(coming, None)) is not None:
            index, trial = following
            waiting[pool.submit(play, trial)] = index
        if not waiting:
            return
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=waiting.__getitem__):
            yield waiting.pop(future), future.result()


def _prepare() -> None:
    # Ctrl-C goes to all processes of a terminal; the first one decides what follows from it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tune_collector()
