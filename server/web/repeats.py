"""Acts that are sent again because their answer was lost: under the same `Idempotency-Key` they are done once.

As draft-ietf-httpapi-idempotency-key-header says: the answer to the first one is given again, and another body under the
same key is refused with 422. Where the first is still being saved, whoever repeats it waits for its answer as the first did
(the draft would have 409): nothing is done twice, and he learns what he asked for. What was refused had no effect, and is
tried anew.

All of it is in the memory alone: a server that starts anew, and a room that comes back, know no keys. The caller holds the
shell's lock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from server.simulation.texts import N_, Refused

R = TypeVar("R")
HEADER = "Idempotency-Key"
PATTERN = r"^[!-~]{1,128}\Z"
OF_CALLER_MAX = 32
"""Of one caller in one room; of more, the oldest is forgotten."""
CALLERS_MAX = 64
"""In one room; of more, the one who began first is."""


def check_key(key: str | None) -> str | None:
    """The key of a request. Raises Refused for one that is none."""
    if key is not None and not re.match(PATTERN, key):
        raise Refused("bad_key", N_("An idempotency key has 1 to {most} visible letters of ASCII."), most=128)
    return key


class Repeats(Generic[R]):
    """What was answered, or is going to be, by room, caller and key."""

    def __init__(self) -> None:
        self._of_rooms: dict[str, dict[Hashable, dict[str, tuple[bytes, R]]]] = {}

    def find(self, room: str, caller: Hashable, key: str, said: Any) -> R | None:
        """What became of the act of that key; None where it is new. Raises Refused where it was another act."""
        known = self._of_rooms.get(room, {}).get(caller, {}).get(key)
        if known is None:
            return None
        if known[0] != _digest(said):
            raise Refused("key_used", N_("This idempotency key was used for something else."))
        return known[1]

    def keep(self, room: str, caller: Hashable, key: str, said: Any, answer: R) -> None:
        """Remembers an act that is being done."""
        callers = self._of_rooms.setdefault(room, {})
        acts = callers.setdefault(caller, {})
        acts[key] = (_digest(said), answer)
        if len(acts) > OF_CALLER_MAX:
            del acts[next(iter(acts))]
        if len(callers) > CALLERS_MAX:
            del callers[next(iter(callers))]

    def forget(self, room: str, caller: Hashable, key: str) -> None:
        """It had no effect."""
        self._of_rooms.get(room, {}).get(caller, {}).pop(key, None)

    def tidy(self, rooms: Mapping[str, Any]) -> None:
        """Forgets what was done in rooms that have left the memory."""
        for room in self._of_rooms.keys() - rooms.keys():
            del self._of_rooms[room]


def _digest(said: Any) -> bytes:
    return blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).digest()
