"""History: every event of a run, and the world after each of them.

The states that events carry share what did not change, so the world after any event is put together from references:
for each host the last event that touched it and for the messages in flight, what a nearby milestone lists and the few
events since; for what commands alone change, the last of those. That costs the same at the beginning of a run and
after a million events. It does not replay, so tests hold it against the cluster itself.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from .cluster import Cluster
from .commands import command_as_dict
from .events import COMMAND, DELIVER, LOST, NOT_PEOPLE, TIMER, Change, Event, Timer
from .network import Flight
from .values import Log, plain, tagged

MILESTONE_EVERY = 64
"""How many events apart the milestones are: the messages in flight, and the last event of every host."""

World = dict[str, Any]
Milestone = tuple[tuple[Flight, ...], tuple[Event | None, ...]]


class History:
    """The events of one branch, numbered from 1. Event 0 stands for the beginning, before anything started."""

    def __init__(self, cluster: Cluster) -> None:
        self.events: list[Event] = []
        self.kinds = {host.id: host.kind for host in cluster.hosts.values()}
        self.fields = {host.id: tuple(host.node.fields) for host in cluster.hosts.values()}
        self.first_states = {host.id: host.node.snapshot() for host in cluster.hosts.values()}
        self.environments: list[dict[str, Any]] = [cluster.environment()]
        self.environment_seqs = array("I", [0])
        self.milestones: list[Milestone] = [((), (None,) * len(cluster.hosts))]

    def __len__(self) -> int:
        return len(self.events)

    def beginning(self, upto: int) -> History:
        """A history of its own that shares the events 1 to `upto` with this one."""
        other: History = History.__new__(History)
        other.events = self.events[:upto]
        other.kinds, other.fields, other.first_states = self.kinds, self.fields, self.first_states
        count = bisect_right(self.environment_seqs, upto)
        other.environments = self.environments[:count]
        other.environment_seqs = self.environment_seqs[:count]
        other.milestones = self.milestones[: upto // MILESTONE_EVERY + 1]
        return other

    def lasts(self, seq: int) -> dict[str, Event | None]:
        """For each host, the last event up to `seq` that touched it."""
        start = seq // MILESTONE_EVERY
        lasts = dict(zip(self.kinds, self.milestones[start][1], strict=True))
        for event in self.events[start * MILESTONE_EVERY : seq]:
            if event.host is not None:
                lasts[event.host] = event
        return lasts

    def add(self, event: Event, cluster: Cluster) -> None:
        """Keeps the event that the cluster has just returned."""
        self.events.append(event)
        if event.kind == COMMAND and any(change[0] != "flight" for change in event.changes):
            self.environments.append(cluster.environment())
            self.environment_seqs.append(event.seq)
        if not event.seq % MILESTONE_EVERY:
            lasts = tuple(host.last for host in cluster.hosts.values())
            self.milestones.append((tuple(cluster.flights.values()), lasts))

    def event(self, seq: int) -> Event:
        """The event of that number. Raises IndexError."""
        if seq < 1:
            raise IndexError(f"there is no event {seq}")
        return self.events[seq - 1]

    def time(self, seq: int) -> int:
        """The time of an event, µs; 0 for the beginning."""
        return self.events[seq - 1].time if seq else 0

    def seq_at(self, time: int) -> int:
        """The last event at or before `time` (µs), or 0."""
        return bisect_right(self.events, time, key=lambda event: event.time)

    # The world after an event

    def flights(self, seq: int) -> dict[int, Flight]:
        """The messages in flight after event `seq`, by id."""
        start = seq // MILESTONE_EVERY
        flights = {flight.id: flight for flight in self.milestones[start][0]}
        for event in self.events[start * MILESTONE_EVERY : seq]:
            for change in event.changes:
                if change[0] == "flight":
                    if change[3] is None:
                        flights.pop(change[1], None)
                    else:
                        flights[change[1]] = change[3]
            if event.kind == DELIVER or event.kind == LOST:
                flights.pop(event.subject.id, None)
            for flight in event.sent:
                flights[flight.id] = flight
        return flights

    def state(self, host: str, seq: int) -> tuple[tuple[Any, ...], tuple[Timer, ...]]:
        """The values of a host's fields, and its timers, after event `seq`. Raises KeyError."""
        return self._state(host, self.lasts(seq)[host])

    def _state(self, host: str, last: Event | None) -> tuple[tuple[Any, ...], tuple[Timer, ...]]:
        if last is None:
            return self.first_states[host], ()
        assert last.state is not None
        return last.state, last.timers

    def world(self, seq: int) -> World:
        """The whole world after event `seq`, ready for an encoder with `values.plain` as its default."""
        environment = self.environments[bisect_right(self.environment_seqs, seq) - 1]
        hosts: dict[str, Any] = {}
        for name, last in self.lasts(seq).items():
            kind = self.kinds[name]
            state, timers = self._state(name, last)
            up, paused, rate_ppm, offset, incarnation = environment["hosts"][name]
            hosts[name] = {
                "kind": kind, "up": up, "paused": paused, "rate_ppm": rate_ppm, "offset": offset,
                "incarnation": incarnation,
                "state": dict(zip(self.fields[name], state, strict=True)),
                "timers": {timer.name: timer.as_dict() for timer in timers},
            }  # fmt: skip
        return {
            "seq": seq,
            "time": self.time(seq),
            "hosts": hosts,
            "links": environment["links"],
            "groups": environment["groups"],
            "rules": environment["rules"],
            "flights": {str(flight.id): flight.as_dict() for flight in self.flights(seq).values()},
        }

    def log_items(self, seq: int, host: str, field: str, start: int, stop: int) -> tuple[int, list[Any]]:
        """Entries `start` to `stop` (0-based, half open) of a log as it was after event `seq`, and the position of the
        first: some may be gone. Raises KeyError.
        """
        fields = self.fields[host]
        if field not in fields:
            raise KeyError(field)
        log = self.state(host, seq)[0][fields.index(field)]
        if not isinstance(log, Log):
            raise KeyError(field)
        start = max(log.start, start)
        return start, list(log[start : max(start, stop)])

    # An event, told

    def tell(self, seq: int) -> dict[str, Any]:
        """Event `seq` as plain data, with its changes as a patch that applies both ways."""
        event = self.event(seq)
        told: dict[str, Any] = {
            "seq": seq, "time": event.time, "kind": event.kind, "cause": event.cause, "host": event.host,
        }  # fmt: skip
        if event.kind == DELIVER or event.kind == LOST:
            told["message"] = event.subject.as_dict()
            if event.kind == LOST:
                told["reason"] = event.detail
        elif event.kind == TIMER:
            told["timer"] = event.subject
        elif event.kind == COMMAND:
            told["command"] = command_as_dict(event.subject)
            told["by"] = event.detail
            told["by_kind"] = event.detail if event.detail in NOT_PEOPLE else "person"
        if event.sent:
            told["sent"] = [flight.as_dict() for flight in event.sent]
        if event.lost:
            told["lost"] = [{"message": flight.as_dict(), "reason": reason} for flight, reason in event.lost]
        if changes := self.changes(event):
            told["changes"] = changes
        if event.indications:
            told["indications"] = [tagged(indication) for indication in event.indications]
        return told

    def changes(self, event: Event) -> list[Change]:
        """All that the event changed, but for messages sent and arrived, each change with its before and after."""
        changes = [_told(change) for change in event.changes]
        if event.host is None or event.state is None:
            return changes
        before = self.first_states[event.host] if event.prior is None else event.prior.state
        assert before is not None
        for name, old, new in zip(self.fields[event.host], before, event.state, strict=True):
            if old is new or old == new:
                continue
            if isinstance(old, Log) and isinstance(new, Log) and old.start == new.start:
                keep = old.common_prefix(new)
                changes.append(("log", event.host, name, keep, old[keep:], new[keep:]))
            else:
                changes.append(("state", event.host, name, old, new))
        changes.extend(_timer_changes(event))
        return changes

    def told(self, start: int, stop: int) -> list[dict[str, Any]]:
        """The events `start` to `stop`, both included, as plain data."""
        return [self.tell(seq) for seq in range(max(1, start), min(stop, len(self.events)) + 1)]

    def digest(self) -> str:
        """A hash of every event: two runs are the same exactly if their digests are."""
        return digest_of(self.told(1, len(self.events)))


def _told(change: Change) -> Change:
    if change[0] != "flight":
        return change
    before, after = change[2], change[3]
    return ("flight", change[1], before and before.as_dict(), after and after.as_dict())


def _timer_changes(event: Event) -> Iterable[Change]:
    before: Sequence[Timer] = event.prior.timers if event.prior is not None else ()
    if before is event.timers:
        return
    old = {timer.name: timer for timer in before}
    new = {timer.name: timer for timer in event.timers}
    for name in [*old, *(n for n in new if n not in old)]:
        was, now = old.get(name), new.get(name)
        if was is not now:  # after a fork the same timer may be another object
            before_it, after_it = was and was.as_dict(), now and now.as_dict()
            if before_it != after_it:
                yield ("timer", event.host, name, before_it, after_it)


def encode(data: Any) -> str:
    """Plain data as canonical JSON: keys sorted, no spaces, values as `values.plain` writes them."""
    return json.dumps(data, default=plain, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(data: Iterable[Any]) -> str:
    """A hash of the canonical JSON of all that is in `data`."""
    hasher = new_digest()
    for item in data:
        feed(hasher, item)
    return hasher.hexdigest()


def new_digest() -> blake2b:
    """What `digest_of` begins with; `feed` takes it on, so that it can be read at any moment."""
    return blake2b(digest_size=16)


def feed(hasher: blake2b, item: Any) -> None:
    """Takes one more item into a digest."""
    hasher.update(encode(item).encode())
    hasher.update(b"\n")
