"""The first difference of two histories that begin alike, and how much of what follows is equal.

Events and messages are numbered in the order in which they come, so one event more shifts all numbers after it. What stays
is a message's *address*: the 17th from n1 to n2, counted from where the two part, or its number where it was on its way
already. Randomness has the same addresses (`addressed.py`), so what differs here are consequences.

    for event, what, effects in facts(history, shared):    names without numbers: equal facts are equal names
    first_difference(one, other, shared)

*What* happened is the kind, the time, the host, and the message, the timer or the command. The *effects* are the state
of the host after it and what it sent, lost, set, changed and indicated. When a message will arrive is an effect; that it
will be lost on the way is not: only the world knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .commands import command_as_dict
from .events import COMMAND, DELIVER, LOST, TIMER, Event
from .history import History
from .network import Flight

EVENTS_MAX = 2_000
"""So many events of each history are compared, which takes some 40 ms; those after them are not spoken of."""

Address = tuple[str, str, int, int]
"""Sender, receiver, the how manieth between them since the beginning that is shared (a message that was on its way then:
minus its number), and the how manieth copy of it, 0 for the original.
"""
What = tuple[Any, ...]
Effects = tuple[Any, ...]

STANDING = ("up", "paused", "rate_ppm", "offset")
"""What a world says of a host besides its program's state."""
OUTCOME, MOMENT, ALONE = "outcome", "moment", "alone"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two histories part. Sequence numbers are each history's own; times are µs."""

    shared: int
    """The last event that both have in common."""
    acts: tuple[tuple[int, ...], tuple[int, ...]]
    """The commands right after it, in each, which made them two."""
    how: str | None
    """`OUTCOME`: the same message or timer, at the same time, with another outcome; `MOMENT`: at another time; `ALONE`: one
    of them lacks it. None: beside the acts nothing differs, as far as both go.
    """
    seqs: tuple[int | None, int | None]
    """The first event that differs, in each, where it has one."""
    time: int | None
    """When it is."""
    until: int
    """The time up to which both were compared."""
    sent: tuple[int, int]
    """How many messages were sent in each since `shared`, up to `until`."""
    equal: int
    """How many of them are the same in both: address, content, times, and end."""
    ends: tuple[int, int]
    """The last event of each by `until`: the latest moment at which the two can be laid side by side."""
    apart: tuple[tuple[str, tuple[str, ...]], ...]
    """The hosts that are not the same then, each with the fields of its program in which it is not. When timers are due
    does not count.
    """

    def as_dict(self) -> dict[str, Any]:
        """As the wire tells it."""
        return {
            "shared": self.shared, "acts": self.acts, "how": self.how, "seqs": self.seqs, "time": self.time,
            "until": self.until, "sent": self.sent, "equal": self.equal, "ends": self.ends, "apart": self.apart,
        }  # fmt: skip


class Addresses:
    """The addresses of the messages of one history, as they are sent after its event `shared`."""

    def __init__(self) -> None:
        self._known: dict[int, Address] = {}
        self._sent: dict[tuple[str, str], int] = {}
        self._copies: dict[Address, int] = {}

    def of(self, flight: Flight) -> Address:
        """The address of a message that has been sent."""
        known = self._known.get(flight.id)
        return known if known is not None else (flight.src, flight.dst, -flight.id, 0)

    def number(self, number: int) -> Any:
        """The address of a message by its number, or the number where it was on its way before."""
        return self._known.get(number, number)

    def take(self, event: Event) -> None:
        """Gives addresses to what an event sent: also to what never flew, for that counts on its link."""
        made = [*event.sent, *(flight for flight, _ in event.lost)]
        made += [change[3] for change in event.changes if change[0] == "flight" and change[2] is None]
        for flight in sorted(made, key=lambda each: each.id):
            if flight.of is None:
                lane = (flight.src, flight.dst)
                count = self._sent[lane] = self._sent.get(lane, 0) + 1
                self._known[flight.id] = (*lane, count, 0)
            else:
                origin = self._known.get(flight.of, (flight.src, flight.dst, -flight.of, 0))
                copy = self._copies[origin] = self._copies.get(origin, 0) + 1
                self._known[flight.id] = (*origin[:3], copy)

    def thing(self, event: Event) -> What:
        """What came, whenever it did: a message, a timer, a start, a command."""
        if event.kind == DELIVER or event.kind == LOST:
            return ("message", self.of(event.subject), event.subject.body)
        if event.kind == COMMAND:
            command = command_as_dict(event.subject)
            if "message" in command:
                command["message"] = self.number(command["message"])
            return (COMMAND, tuple(sorted(command.items(), key=lambda item: item[0])), event.detail)
        return (event.kind, event.host, event.subject if event.kind == TIMER else None)

    def effects(self, event: Event) -> Effects:
        """All that an event brought about."""
        return (
            event.kind,
            event.detail if event.kind == LOST else "",
            event.state,
            tuple((timer.name, timer.set, timer.due, timer.left, timer.span) for timer in event.timers),
            tuple((self.of(flight), flight.body, flight.due, flight.left) for flight in event.sent),
            tuple((self.of(flight), flight.body, reason) for flight, reason in event.lost),
            event.indications,
            tuple(self._changed(change) for change in event.changes),
        )

    def _changed(self, change: tuple[Any, ...]) -> tuple[Any, ...]:
        if change[0] != "flight":
            return change
        return (
            "flight",
            *(flight and (self.of(flight), flight.due, flight.left, flight.place) for flight in change[2:]),
        )


def facts(history: History, shared: int, most: int = EVENTS_MAX) -> Iterator[tuple[Event, What, Effects]]:
    """At most so many events after `shared`, each with its names."""
    addresses = Addresses()
    for event in history.events[shared : shared + most]:
        addresses.take(event)
        yield event, (event.time, event.host, *addresses.thing(event)), addresses.effects(event)


def first_difference(
    one: History, other: History, shared: int, nows: tuple[int, int], most: int = EVENTS_MAX
) -> Difference:
    """Where two histories part that have their first `shared` events in common, and the times (µs) to which they go."""
    told = (list(facts(one, shared, most)), list(facts(other, shared, most)))
    acts, start = _acts(*told)
    ends = (_end(nows[0], told[0], most), _end(nows[1], told[1], most))
    until = min(ends)
    how, seqs, time = _part(told[0][start[0] :], told[1][start[1] :], ends)
    mine, theirs = (_messages(history, shared, most, until) for history in (one, other))
    equal = sum(1 for address, fate in mine.items() if theirs.get(address) == fate)
    last = (max(shared, one.seq_at(until)), max(shared, other.seq_at(until)))
    apart = _apart(one.world(last[0]), other.world(last[1]))
    return Difference(shared, acts, how, seqs, time, until, (len(mine), len(theirs)), equal, last, apart)


def _end(now: int, told: list[tuple[Event, What, Effects]], most: int) -> int:
    """How far a history is known: to its present, or to the last event that was looked at."""
    return told[-1][0].time - 1 if len(told) >= most else now


def _acts(
    one: list[tuple[Event, What, Effects]], other: list[tuple[Event, What, Effects]]
) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, int]]:
    """The commands with which each of them begins and the other one does not, and where what follows begins."""
    alike = 0
    while alike < min(len(one), len(other)) and one[alike][1:] == other[alike][1:]:
        alike += 1
    if alike and any(event.kind != COMMAND for event, _, _ in one[:alike]):
        return ((), ()), (0, 0)  # they part later: nobody has acted right here
    acts = tuple(tuple(event.seq for event in _leading(each[alike:])) for each in (one, other))
    return (acts[0], acts[1]), (alike + len(acts[0]), alike + len(acts[1]))


def _leading(told: list[tuple[Event, What, Effects]]) -> list[Event]:
    """The commands at the very beginning."""
    found = []
    for event, _, _ in told:
        if event.kind != COMMAND:
            break
        found.append(event)
    return found


def _part(
    one: list[tuple[Event, What, Effects]], other: list[tuple[Event, What, Effects]], ends: tuple[int, int]
) -> tuple[str | None, tuple[int | None, int | None], int | None]:
    """How two rows of facts differ first, the events at which they do, and when; `ends` is how far each is known (µs)."""
    rows, at, until = (list(one), list(other)), 0, min(ends)
    while True:
        mine, theirs = rows
        while at < min(len(mine), len(theirs)) and mine[at][1:] == theirs[at][1:]:
            at += 1
        coming = [row[at] if at < len(row) and row[at][0].time <= until else None for row in rows]
        here, there = coming
        # At one instant both have what is the same, or what was to come to the same host: delivered here, lost there.
        if here is not None and there is not None and here[0].time == there[0].time and here[1][2:] == there[1][2:]:
            return OUTCOME, (here[0].seq, there[0].seq), here[0].time
        parted = []
        for side, coming_here in enumerate(coming):
            if coming_here is None:
                continue
            event, what, _ = coming_here
            rest = enumerate(rows[1 - side][at:], at)
            found = next(
                ((row, each[0]) for row, each in rest if each[1][2:] == what[2:] and each[0].time <= until), None
            )
            if found is None and event.time >= ends[1 - side]:
                continue  # it may still come there: that one stands at this very instant
            # What both have at the same instant is only shifted by what one of them lacks.
            parted.append((event.time, found is not None and found[1].time == event.time, side, event.seq, found))
        if not parted:
            return None, (None, None), None
        time, shifted, side, seq, match = min(parted, key=lambda each: each[:3])
        if match is None:
            return ALONE, (seq, None) if side == 0 else (None, seq), time
        row, event = match
        seqs = (seq, event.seq) if side == 0 else (event.seq, seq)
        if not shifted:
            return MOMENT, seqs, time
        if rows[side][at][2] != rows[1 - side][row][2]:
            return OUTCOME, seqs, time
        del rows[side][at], rows[1 - side][row]  # the same in another order at one instant, to no effect


def _apart(one: dict[str, Any], other: dict[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The hosts that are not the same in two worlds, each with the fields of its program in which it is not."""
    found = []
    for host, mine in one["hosts"].items():
        theirs = other["hosts"][host]
        fields = tuple(name for name, value in mine["state"].items() if value != theirs["state"][name])
        if fields or any(mine[name] != theirs[name] for name in STANDING):
            found.append((host, fields))
    return tuple(found)


def _messages(history: History, shared: int, most: int, until: int) -> dict[Address, tuple[Any, ...]]:
    """What was sent after `shared` by `until`: by address its content, and when and how it began and ended."""
    addresses = Addresses()
    found: dict[Address, tuple[Any, ...]] = {}
    for event in history.events[shared : shared + most]:
        if event.time > until:
            break
        addresses.take(event)
        for flight in event.sent:
            found[addresses.of(flight)] = (flight.body, event.time, flight.due)
        for flight, reason in event.lost:
            found[addresses.of(flight)] = (flight.body, event.time, reason)
        if event.kind == DELIVER or event.kind == LOST:
            address = addresses.of(event.subject)
            if address in found:
                found[address] += (event.kind, event.detail, event.time)
    return found
