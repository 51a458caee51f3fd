"""The meter: an observer that counts what a run costs and what its clients get for it.

It sees events and nothing else: requests are the commands that hand them over, so the same meter sits on a run that is
compared a hundred times without a history and on one that people watch live in a room. It is data, as every observer is,
and goes into a checkpoint with the run.
"""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass
from typing import Any

from ...simulation import OK, UNKNOWN, Cluster, Event, Invoked, Returned
from ...simulation.commands import Request
from ...simulation.events import COMMAND, DELIVER, LOST
from .ledger import Floor, ledger_for
from .sizes import size_of_message
from .workloads import NOTHING

PATIENCE = 1_000_000
"""How long (µs) a client may wait for an answer before the cluster counts as not available to it."""
READ = "get"


class Asked:
    """One request that a client was told to make."""

    __slots__ = ("answered", "begun", "floor", "operation", "outcome", "time")

    def __init__(self, time: int, operation: Any) -> None:
        self.time = time
        """When it was asked for, µs; the client may begin it later."""
        self.operation = operation
        self.begun = 0
        """The event in which the client began it; 0 before that."""
        self.floor: Floor = None
        self.outcome = UNKNOWN
        self.answered = -1
        """When it ended, µs; -1 before that."""


@dataclass(frozen=True)
class Counters:
    """What a run has cost up to a moment."""

    messages: int = 0
    """Messages put on links: those that flew and those that were stopped at once, of nodes and of clients."""
    bytes: int = 0
    lost: int = 0
    """Messages that did not arrive: stopped, lost on the way, or their receiver was down."""
    delays: int = 0
    """Message delays one after the other on the way to an answer, over all answers; two are a round trip."""
    answers: int = 0
    reads: int = 0
    stale: int = 0
    elections: int = 0
    commits: int = 0
    first_election: int | None = None
    """When a node was elected for the first time, µs."""


class Meter:
    """What one run has cost so far. `ledger` names how answers are judged, as a workload does."""

    def __init__(self, ledger: str = NOTHING) -> None:
        self.ledger = ledger_for(ledger)
        self.messages = self.bytes = self.lost = 0
        self.asked: list[Asked] = []
        self.waiting: dict[str, deque[Asked]] = {}
        """For each client what it was asked for and has not begun."""
        self.open: dict[str, Asked] = {}
        """What was begun and not ended, by the operation's id."""
        self.delays = self.answers = 0
        self.elections = self.commits = 0
        self.first_election: int | None = None
        self.causes = array("q", (0,))
        """For each event its cause, negative where the event is no delivery."""

    def counters(self) -> Counters:
        """What it has counted so far."""
        return Counters(
            self.messages, self.bytes, self.lost, self.delays, self.answers, self.ledger.reads, self.ledger.stale,
            self.elections, self.commits, self.first_election,
        )  # fmt: skip

    def observe(self, event: Event, cluster: Cluster) -> None:
        """Looks at an event."""
        kind = event.kind
        self.causes.append(event.cause if kind == DELIVER else -event.cause)
        sent = event.sent
        if sent:
            self.messages += len(sent)
            last, size, total = None, 0, 0
            for flight in sent:
                body = flight.body
                if body is not last:  # a broadcast sends one and the same
                    last, size = body, size_of_message(body)
                total += size
            self.bytes += total
        if event.lost:
            self.messages += len(event.lost)
            self.lost += len(event.lost)
            self.bytes += sum(size_of_message(flight.body) for flight, _ in event.lost)
        if kind == COMMAND and type(event.subject) is Request:
            asked = Asked(event.time, event.subject.operation)
            self.asked.append(asked)
            self.waiting.setdefault(event.subject.client, deque()).append(asked)
        elif kind == LOST:
            self.lost += 1
        if event.indications:
            self._hear(event, cluster)

    def _hear(self, event: Event, cluster: Cluster) -> None:
        for told in event.indications:
            cls = type(told)
            if cls is Invoked:
                self._begin(told, event, cluster)
            elif cls is Returned:
                self._end(told, event, cluster)
            elif cls.mark == "election":
                self.elections += 1
                if self.first_election is None:
                    self.first_election = event.time
            elif cls.mark == "commit":
                self.commits += 1

    def _begin(self, invoked: Invoked, event: Event, cluster: Cluster) -> None:
        waiting = self.waiting.get(str(event.host))
        if not waiting or waiting[0].operation != invoked.operation:
            return  # the client's own idea
        asked = self.open[invoked.id] = waiting.popleft()
        asked.begun = event.seq
        asked.floor = self.ledger.begin(asked.operation, _down(cluster))

    def _end(self, returned: Returned, event: Event, cluster: Cluster) -> None:
        asked = self.open.pop(returned.id, None)
        if asked is None:
            return
        asked.answered, asked.outcome = event.time, returned.outcome
        if returned.outcome == OK:
            self.delays += self._delays(event.seq, asked.begun)
            self.answers += 1
            self.ledger.end(asked.operation, returned.result, asked.floor, _down(cluster))

    def _delays(self, seq: int, since: int) -> int:
        """How many messages, one after the other, led from event `since` to event `seq`."""
        causes, count = self.causes, 0
        while seq > since:
            cause = causes[seq]
            if cause > 0:
                count += 1
            seq = abs(cause)
        return count


def _down(cluster: Cluster) -> tuple[str, ...]:
    """The nodes that are down now."""
    return tuple([node for node in cluster.nodes if not cluster.hosts[node].up])


def name_of(each: Asked) -> str:
    """The name of the operation that was asked for."""
    return str(getattr(each.operation, "name", ""))


def latencies(asked: list[Asked], *, reads: bool) -> list[int]:
    """How long (µs) from being asked for to being confirmed, for the reads, or for all that is no read; unsorted."""
    return [each.answered - each.time for each in asked if each.outcome == OK and (name_of(each) == READ) is reads]


def in_time(each: Asked) -> bool:
    """Whether a request was carried out and confirmed within `PATIENCE`."""
    return each.outcome == OK and each.answered - each.time <= PATIENCE
