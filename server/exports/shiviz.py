"""A log for ShiViz (https://bestchai.bitbucket.io/shiviz): each event with its vector clock.

The first line is the regular expression that reads the log, the second, empty one says that there is one execution; so
the file is uploaded as it is. Then one event a line:

    n2 {"n1":2,"n2":3} #17 0.151402s n2 gets: n1 asks n2 for its vote in term 1 | n2 votes for n1 in term 1.

`host`, `clock` (how many events of each host are known here, this one counted), `seq`, `time` (s of virtual time) and
`event`, the sentences of the feed.

Happened-before is Lamport's: events of one host follow each other, and a delivery follows the event that sent the
message (Time, Clocks, and the Ordering of Events, 1978); clocks are Mattern's (Virtual Time and Global States, 1989).
A delivery and all that it makes its host send are one atomic event, and count once. What touches no host, a message
that is lost or copied and a change of the links, is told on a line of life of its own, `network`: it follows the sending
of its message (but for what a person does to a message under way, which follows nothing), and no host's event ever
follows one of those, for a copy brings what its original knew and no more.
Clocks count the events of the span: whatever lies between two events of it lies within it, so their order is the same as
if one had counted from the beginning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..protocols import Protocol
from ..protocols.narrate import Say, sentences
from ..simulation import DELIVER, LOST, Event, History
from .span import Span

NETWORK = "network"
SHIVIZ_REGEX = r"(?<host>\S+) (?<clock>\{[^}]*\}) #(?<seq>\d+) (?<time>\d+\.\d+)s (?<event>.*)"
"""Named groups as JavaScript and ShiViz write them; for Python's `re`, `(?<` is `(?P<`."""

Clock = tuple[int, ...]


class VectorClocks:
    """The clock of each event in turn, one number for each of `hosts` and one for the network."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self.hosts = (*hosts, NETWORK)
        self._place = {host: place for place, host in enumerate(self.hosts)}
        self._now: list[Clock] = [(0,) * len(self.hosts)] * len(self.hosts)
        self._brought: dict[int, Clock] = {}
        """By id of a message under way, the clock of the event that sent it: what its receiver learns."""

    def tick(self, event: Event) -> Clock:
        """The clock of the next event."""
        own = self._place[event.host or NETWORK]
        known = self._now[own]
        heard = self._heard(event)
        if heard is not None:
            known = tuple(map(max, known, heard))
        clock = (*known[:own], known[own] + 1, *known[own + 1 :])
        self._now[own] = clock
        for flight in event.sent:
            self._brought[flight.id] = clock
        return clock

    def _heard(self, event: Event) -> Clock | None:
        """What an event learns from a message; None where it learns nothing, or the message is older than the span."""
        if event.kind == DELIVER or event.kind == LOST:
            return self._brought.pop(event.subject.id, None)
        for change in event.changes:
            if change[0] == "flight" and change[2] is None:  # a copy, made by hand
                clock = self._brought.get(event.subject.message)
                if clock is not None:
                    self._brought[change[1]] = clock
                return clock
        return None

    def told(self, clock: Clock) -> dict[str, int]:
        """A clock by the names of the hosts, without those of which nothing is known."""
        return {host: count for host, count in zip(self.hosts, clock, strict=True) if count}


def shiviz(history: History, protocol: Protocol, chosen: Span, say: Say = str) -> Iterator[str]:
    """The log, its regular expression first."""
    yield SHIVIZ_REGEX
    yield ""
    clocks = VectorClocks(tuple(history.kinds))
    for event in chosen.events(history):
        clock = json.dumps(clocks.told(clocks.tick(event)), separators=(",", ":"))
        words = " | ".join(sentences(protocol, history.tell(event.seq), say))
        host = event.host or NETWORK
        yield f"{host} {clock} #{event.seq} {event.time / 1_000_000:.6f}s {' '.join(words.split())}"
