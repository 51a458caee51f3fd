"""The heart: one loop that lets time pass in all rooms.

Measured: the cost of a broadcast is per frame and client (45 us with the stock writer, 13 us with `guards/line.py`), not
per event. One frame per room and tick, and longer ticks for more viewers, carry 200 events a second to 1,000 viewers on
half a core with the stock writer; 33 ms and less collapses there, and unbatched events stop near 100 viewers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from .sockets import Shell

log = logging.getLogger(__name__)

TICK_LOW_S, TICK_HIGH_S = 0.050, 0.200
TICK_PER_VIEWER_S = 0.000_1
SWEEP_EVERY_S = 1.0
ELAPSED_MAX_S = 1.0  # a machine that slept does not make the rooms run after the time
WORK_SHARE = 0.5  # of a tick is for simulating; the rest is for sending
ROOM_WORK_LOW_S = 0.002
SAVED_WITHIN = 0.5  # of a tick is waited for a room that is being saved; then its time stands still until the next one
SAVED_AGAIN_S = 0.003


def tick_length(viewers: int) -> float:
    """Seconds from one tick to the next."""
    return min(TICK_HIGH_S, max(TICK_LOW_S, TICK_PER_VIEWER_S * viewers))


class Pump:
    """`sleep` lets everybody else run."""

    def __init__(
        self, shell: Shell, sleep: Callable[[float], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shell = shell
        self._sleep = sleep
        self._clock = clock
        self._last: dict[str, float] = {}  # room -> when it ticked last
        self._swept = clock()
        self.stopped = False

    def run(self) -> None:
        """Goes on until `stopped`; survives everything but that."""
        due = self._clock()
        while not self.stopped:
            length = tick_length(self._shell.viewers())
            due = max(due + length, self._clock())
            self._sleep(max(0.0, due - self._clock()))
            self._shell.delay.note(max(0.0, self._clock() - due))
            try:
                self.turn(length)
            except Exception:
                log.exception("a turn of the pump broke")

    def turn(self, length_s: float) -> None:
        """One tick of every room."""
        if self._shell.keeper is not None:
            self._shell.keeper.watch()
        names = list(self._shell.lobby.rooms)
        share = max(ROOM_WORK_LOW_S, WORK_SHARE * length_s / max(1, len(names)))
        begun = self._clock()
        self._last = {name: self._last.get(name, begun) for name in names}
        held = [name for name in names if not self._pass(name, share)]
        while held and self._clock() - begun < SAVED_WITHIN * length_s:
            self._sleep(SAVED_AGAIN_S)
            held = [name for name in held if not self._pass(name, share)]
        self._last.update(dict.fromkeys(held, self._clock()))
        now = self._clock()
        if now - self._swept >= SWEEP_EVERY_S:
            elapsed, self._swept = now - self._swept, now
            self._shell.sweep(round(elapsed * 1_000_000))

    def _pass(self, name: str, share: float) -> bool:
        """Lets a room have the time since it had some last, and `share` (s) to compute. Whether it could."""
        now = self._clock()
        elapsed = min(ELAPSED_MAX_S, now - self._last[name])
        if not self._shell.tick(name, round(elapsed * 1_000_000), lambda: self._clock() < now + share):
            return False
        self._last[name] = now
        self._sleep(0)  # what a room has said is sent before the next one computes
        return True
