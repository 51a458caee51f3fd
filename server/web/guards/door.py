"""Who may come in, and until when he must have joined a room.

Measured: 1,000 handshakes of strangers took 1.1 s, and all of them were then held for 45 s without ever joining
anything. So sockets that have not joined are counted per address and closed after a deadline; and there is a total
per address, far higher, because a whole school may stand behind one.

Measured too: a thousand people who join at once take a second or two of processor time, and everybody else waits that
long, because they are all served in one turn of the loop. So they come in one by one, `EVERY_S` apart.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from ..config import Limits

EVERY_S = 0.0015


class Door:
    """Counts the sockets by address. `sid` is any name of a socket that its caller keeps."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._address: dict[str, str] = {}
        self._open: Counter[str] = Counter()
        self._waiting: dict[str, float] = {}  # sid -> when it came; dicts keep their order
        self._waiting_at: Counter[str] = Counter()
        self._next = clock()
        self.shut = False
        self.refused = 0

    def __len__(self) -> int:
        """How many are inside."""
        return len(self._address)

    def enter(self, sid: str, address: str) -> bool:
        """Lets a socket in, unless there are too many; it is to join before the deadline."""
        if (
            self.shut
            or len(self._address) >= self._limits.sockets
            or self._open[address] >= self._limits.sockets_per_address
            or self._waiting_at[address] >= self._limits.handshakes_per_address
        ):
            self.refused += 1
            return False
        self._address[sid] = address
        self._open[address] += 1
        self._waiting[sid] = self._clock()
        self._waiting_at[address] += 1
        return True

    def turn(self) -> float:
        """How long the next one waits until it is his turn to come in, in seconds; mostly he does not."""
        now = self._clock()
        wait = max(0.0, self._next - now)
        self._next = now + wait + EVERY_S
        return wait

    def joined(self, sid: str) -> None:
        """The socket is in a room."""
        if self._waiting.pop(sid, None) is not None:
            self._less(self._waiting_at, self._address[sid])

    def leave(self, sid: str) -> None:
        """The socket is gone."""
        self.joined(sid)
        address = self._address.pop(sid, None)
        if address is not None:
            self._less(self._open, address)

    def overdue(self) -> list[str]:
        """The sockets that should have joined by now; each is told once."""
        latest = self._clock() - self._limits.connect_deadline_s
        late = []
        for sid, since in self._waiting.items():
            if since > latest:
                break
            late.append(sid)
        for sid in late:
            self.joined(sid)
        return late

    @staticmethod
    def _less(counter: Counter[str], address: str) -> None:
        counter[address] -= 1
        if counter[address] <= 0:
            del counter[address]  # an address seen once must not be kept for ever
