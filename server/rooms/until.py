"""Run until: what a person can tell a room to wait for."""

from __future__ import annotations

from typing import Any

from ..simulation import N_, Event, Refused
from .frames import Until

ELECTION, COMMIT = "election", "commit"
MARKS = {"leader": ELECTION, "commit": COMMIT}
"""The mark of the indications that a kind waits for."""


def check(until: Until, described: dict[str, Any], now: int) -> None:
    """Raises Refused where it could never come: an unknown message or indication, a time that is over.

    `described` is the protocol's description, `now` the room's time (µs).
    """
    if until.kind == "message" and until.type is not None and until.type not in described["messages"]:
        raise Refused("unknown_message", N_("There is no message {type} in this protocol."), type=until.type)
    if until.kind == "indication" and until.type is not None and until.type not in described["indications"]:
        raise Refused("unknown_indication", N_("Nothing called {type} is told in this protocol."), type=until.type)
    if until.kind == "time" and (until.time is None or until.time <= now):
        raise Refused("time_is_over", N_("That time is over: go back to it instead."))


def holds(until: Until, event: Event, broken: bool) -> bool:
    """Whether `event` is what was waited for; `broken` says whether a property broke at it. Times are not judged here."""
    match until.kind:
        case "leader" | "commit":
            wanted = MARKS[until.kind]
            return any(getattr(indication, "mark", None) == wanted for indication in event.indications)
        case "message":
            return event.kind == "deliver" and until.type in (None, type(event.subject.body).__name__)
        case "indication":
            return any(until.type in (None, type(indication).__name__) for indication in event.indications)
        case "violation":
            return broken
    return False


def as_dict(until: Until | None) -> dict[str, Any] | None:
    """As the wire tells it."""
    if until is None:
        return None
    told: dict[str, Any] = {"kind": until.kind}
    if until.type is not None:
        told["type"] = until.type
    if until.time is not None:
        told["time"] = until.time
    return told
