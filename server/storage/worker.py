"""The one worker: whatever waits for the database waits here, and the event loop does not.

Measured: eventlet does not make C code cooperative. A query of 0.4 s on the loop freezes every viewer for 418 ms, from here 8
ms; a lock that another process holds for 30 s would freeze all for as long.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from .errors import BUSY, STEADY, Unavailable
from .store import Act, Store

T = TypeVar("T")
Call = Callable[[Callable[[], T]], T]
"""Runs a function outside the event loop and waits for it without holding the loop up; `lambda f: f()` in plain threads."""

WAITING_MAX = 64


class Worker:
    """Gives the store to one caller after the other."""

    def __init__(self, store: Store, call: Call[T]) -> None:
        self.store = store
        self.call = call
        self.doubt = False
        """The database may not hold what was put into it: it is to be opened anew, and told all over."""
        self.on_doubt: Callable[[], None] = lambda: None
        self._turn = threading.Lock()
        self._waiting = 0

    def open(self) -> None:
        """As `Store.open`. What others say of the database from now on is believed again."""
        self._in_turn(self.store.open, True)
        self.doubt = False

    def run(self, act: Act[T], *, write: bool = False, wait: bool = False) -> T:
        """Does something in one transaction, outside the event loop. Raises Unavailable: what the store raises, and "busy"
        where too many wait already (with `wait` there is always a place).
        """
        try:
            return self._in_turn(lambda: (self.store.write if write else self.store.read)(act), wait)
        except Unavailable as why:
            if why.code not in STEADY:
                self.doubt = True
                self.on_doubt()
            raise

    def _in_turn(self, do: Callable[[], T], wait: bool) -> T:
        if self._waiting >= WAITING_MAX and not wait:
            raise Unavailable(BUSY)
        self._waiting += 1
        try:
            with self._turn:
                return self.call(do)  # type: ignore[arg-type,return-value]
        finally:
            self._waiting -= 1
