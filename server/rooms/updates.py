"""Updates: numbered, at most one a tick, the last ones remembered for those who missed some."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from .frames import Last
from .limits import Limits

UPDATE_BYTES, EVENT_BYTES, FLIGHT_BYTES, HOST_BYTES, ENTRY_BYTES, PERSON_BYTES = 250, 700, 260, 600, 110, 80
"""About what these take as JSON, on the large side."""


def bytes_of(update: Mapping[str, Any]) -> int:
    """An estimate of what an update takes as JSON."""
    total = UPDATE_BYTES
    for event in (*update.get("events", ()), *update.get("back", ())):
        total += EVENT_BYTES + FLIGHT_BYTES * len(event.get("sent", ()))
    if (world := update.get("jump")) is not None:
        total += world_bytes(world)
    total += 40 * len(update.get("tape", ())) + PERSON_BYTES * len(update.get("people", ()))
    total += 200 * len(update.get("operations", ())) + 330 * len(update.get("branches", ()))
    total += 60 * len(update.get("judged", ())) + 100 * len(update.get("parts", ()))
    return total + 25 * sum(len(told) for told in update.get("properties", {}).values())


def world_bytes(world: Mapping[str, Any]) -> int:
    """An estimate of what a world takes as JSON: a log is told by its last entries."""
    total = FLIGHT_BYTES * len(world["flights"]) + 150 * len(world["links"])
    for host in world["hosts"].values():
        total += HOST_BYTES
        for value in host["state"].values():
            if hasattr(value, "window"):
                total += ENTRY_BYTES * len(value.window()["items"])
            elif isinstance(value, dict | tuple):
                total += 20 * len(value)
    return total


class Updates:
    """The updates of one life (`epoch`) of a room."""

    def __init__(self, epoch: str, limits: Limits) -> None:
        self.epoch = epoch
        self.limits = limits
        self.seq = 0
        self.bytes = 0
        self._kept: deque[tuple[dict[str, Any], int]] = deque()

    def __len__(self) -> int:
        return len(self._kept)

    def number(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The next update, remembered."""
        self.seq += 1
        update = {"type": "update", "epoch": self.epoch, "seq": self.seq, **fields}
        size = bytes_of(update)
        self._kept.append((update, size))
        self.bytes += size
        while self._kept and (
            len(self._kept) > self.limits.updates_remembered_max
            or self.bytes > self.limits.updates_remembered_bytes_max
        ):
            self.bytes -= self._kept.popleft()[1]
        return update

    def missed(self, last: Last | None) -> list[dict[str, Any]] | None:
        """The updates after `last`, or None where they are not all remembered, or are of another life."""
        if last is None or last.epoch != self.epoch or last.seq > self.seq:
            return None
        if last.seq < self.seq - len(self._kept):
            return None
        return [update for update, _ in self._kept if update["seq"] > last.seq]
