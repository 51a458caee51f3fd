"""Links and the messages on them.

A link is the directed way from one host to another; two links join a pair. What a person can set on it is a `Link`, a
value; what the world keeps beside it is a `Lane`: how many messages it has carried, and the streams they draw from.

A `Flight` is one copy of one packet on one link. It is never changed: a command that moves it puts another one with the
same id in its place, so history can keep every version, and a queue entry knows that it is stale when the flight in
force is no longer its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .addressed import Draws, stream
from .texts import N_, Refused
from .values import value

ARRIVED = 1000
"""The place of a flight at its end, in thousandths of the way."""

DELAY_MAX = 60_000_000
"""No link is slower than a minute (µs)."""


@value
class Link:
    """What can be set on a link. Delays are µs, `low` to `high`, uniform; chances are percent."""

    up: bool = True
    held: bool = False
    low: int = 15_000
    high: int = 30_000
    loss_percent: int = 0
    duplicate_percent: int = 0
    fifo: bool = False

    def with_changes(self, **changes: Any) -> Link:
        """The link with some settings changed. Raises Refused where the result makes no sense."""
        link = replace(self, **changes)
        if not 0 <= link.low <= link.high:
            raise Refused("bad_delay", N_("A delay runs from low to high, and neither is negative."))
        if link.high > DELAY_MAX:
            raise Refused("bad_delay", N_("No link is slower than a minute."))
        for percent in (link.loss_percent, link.duplicate_percent):
            if not 0 <= percent <= 100:
                raise Refused("bad_percent", N_("A chance is between 0 and 100 percent."))
        return link


class Lane:
    """The world's own bookkeeping of one link."""

    __slots__ = ("delays", "duplicate_key", "last_due", "link", "loss_key", "open", "sent")

    def __init__(self, seed: int, src: str, dst: str, link: Link) -> None:
        self.link = link
        self.open = link.up
        """May a message pass now: the link is up, and no partition stands between its ends."""
        self.sent = 0
        self.last_due = 0
        self.delays = Draws(stream(seed, "delay", src, dst))
        self.loss_key = stream(seed, "loss", src, dst)
        self.duplicate_key = stream(seed, "duplicate", src, dst)


class Flight:
    """A message on its way. `sent` and `due` are µs of virtual time; `sent_seq` is the event that sent it.

    The rest is the same for nearly every message, so it stands in the class, and in `MovedFlight` for those others.
    """

    __slots__ = ("body", "dst", "due", "id", "sent", "sent_seq", "src")

    of: int | None = None
    """The original's id, where this is a duplicate."""
    place: int = 0
    """Where the present leg of the flight began, in thousandths of the way."""
    left: int | None = None
    """µs still to go once its link is released; None while it moves."""
    fate: int | None = None
    """The place at which it will be lost; None if it arrives. Only the world knows."""

    def __init__(self, id: int, src: str, dst: str, body: Any, sent: int, sent_seq: int, due: int | None) -> None:
        self.id = id
        self.src = src
        self.dst = dst
        self.body = body
        self.sent = sent
        self.sent_seq = sent_seq
        self.due = due

    @property
    def leg(self) -> int:
        """When the present leg of the flight began (µs)."""
        return self.sent

    def place_at(self, time: int) -> int:
        """Where it is at `time`, in thousandths of the way."""
        if self.due is None:
            return self.place
        if time >= self.due:
            return ARRIVED
        return self.place + (ARRIVED - self.place) * (time - self.leg) // max(1, self.due - self.leg)

    def here(self, time: int) -> int:
        """Where a new leg of it begins at `time`: short of the end, unless its link has let it pass already."""
        return ARRIVED if self.place == ARRIVED else min(self.place_at(time), ARRIVED - 1)

    def moved(self, time: int, *, due: int | None, left: int | None = None, place: int | None = None) -> MovedFlight:
        """The same message on a new leg that begins now, where it is, or at `place`."""
        here = self.here(time) if place is None else place
        return MovedFlight(self, leg=time, place=here, due=due, left=left, of=self.of, fate=self.fate)

    def lost_at(self) -> int | None:
        """When it will be lost (µs), or None."""
        if self.fate is None or self.due is None:
            return None
        whole = ARRIVED - self.place
        return self.leg + (self.due - self.leg) * max(0, self.fate - self.place) // max(1, whole)

    def as_dict(self) -> dict[str, Any]:
        """As the wire tells it; the fate stays untold."""
        return {
            "id": self.id, "src": self.src, "dst": self.dst, "type": type(self.body).__name__, "body": self.body,
            "of": self.of, "sent": self.sent, "sent_seq": self.sent_seq,
            "leg": self.leg, "place": self.place, "due": self.due, "left": self.left,
        }  # fmt: skip


class MovedFlight(Flight):
    """A flight that a command has moved, or that is a duplicate, held or doomed: all its fields are its own."""

    __slots__ = ("_leg", "fate", "left", "of", "place")

    def __init__(
        self, origin: Flight, *, leg: int, place: int, due: int | None, left: int | None, of: int | None,
        fate: int | None, id: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            origin.id if id is None else id, origin.src, origin.dst, origin.body, origin.sent, origin.sent_seq, due
        )
        self._leg = leg
        self.place = place
        self.left = left
        self.of = of
        self.fate = fate

    @property
    def leg(self) -> int:
        return self._leg
