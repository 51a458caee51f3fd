"""What a primary-backup system is to promise, and with which dials it does not.

Each property is judged event by event, from what nodes and clients indicate and from the logs, and remembers just enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ...properties import ALWAYS, BROKEN, EVENTUALLY, HOLDS, SEEN, SOMETIMES, WAITING, Property
from ...simulation import N_, OK, Cluster, Event, Invoked, Log, Returned, Setting
from .. import keyvalue
from .indications import Answered, AnsweredAgain, Applied, BecamePrimary, Determined, SteppedDown, Undone, WriteLost
from .messages import Entry
from .state import ALL, DETERMINED, NONE, PRIMARY, TIMESTAMP, WEAK, ReplicaState

NO_LOG: Log[Entry] = Log()
NOBODY_CONFIRMS = N_("Nobody confirms an update before it is answered, so whoever takes over may not have it.")
CLOCKS_STAMP = N_("Versions are times of a clock, and clocks may be wrong: a later write can have the earlier version.")
READS_ARE_WEAK = N_("Weak reads are answered by any replica from its own database, which may be behind.")
READS_GO_BACK = N_("While a write is under way, one weak read may see it and a later one, at another replica, not yet.")


def replica(cluster: Cluster, node: str) -> ReplicaState:
    """A node's program."""
    found = cluster.hosts[node].node
    assert isinstance(found, ReplicaState)
    return found


def is_primary(cluster: Cluster, node: str) -> bool:
    """Whether a node is up and takes itself for the primary."""
    return cluster.hosts[node].up and replica(cluster, node).role is PRIMARY


class NoLostWrite(Property):
    """A write that a client was told of is in the log of every primary of a later view, and takes effect."""

    name = "no_lost_write"
    title = N_("No answered write is lost")
    text = N_("A write that was answered takes effect, and every later primary has it in its log.")
    cites = "Alsberg and Day 1976"
    kind = ALWAYS

    def __init__(self) -> None:
        self.answered: dict[int, tuple[int, Entry]] = {}
        """For each index the entry answered there, and the lowest view in which it was."""
        self.taken_over: dict[int, Log[Entry]] = {}
        """For each view the log with which its primary began."""
        self.without_effect: frozenset[int] = frozenset()

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:
        if params["confirmation"] == NONE:
            return NOBODY_CONFIRMS
        return CLOCKS_STAMP if params["stamps"] == TIMESTAMP else None

    def on_answered(self, told: Answered | AnsweredAgain, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        entry = replica(cluster, event.host).log[told.index - 1]
        if entry.command is None or entry.command.name == "get":
            return None
        view, known = self.answered.get(told.index, (told.view, entry))
        self.answered[told.index] = (min(view, told.view), known)
        if known != entry or told.index in self.without_effect:
            return BROKEN
        late = any(v > told.view and _lacks(log, told.index, entry) for v, log in self.taken_over.items())
        return BROKEN if late else None

    def on_became_primary(self, told: BecamePrimary, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        log = replica(cluster, event.host).log
        self.taken_over[told.view] = log
        lost = any(view < told.view and _lacks(log, at, entry) for at, (view, entry) in self.answered.items())
        return BROKEN if lost else None

    def on_write_lost(self, told: WriteLost, event: Event, cluster: Cluster) -> str | None:
        self.without_effect |= {told.index}
        return BROKEN if told.index in self.answered else None

    indications = {
        Answered: on_answered, AnsweredAgain: on_answered, BecamePrimary: on_became_primary, WriteLost: on_write_lost,
    }  # fmt: skip


def _lacks(log: Log[Entry], index: int, entry: Entry) -> bool:
    """Whether a log does not have the entry at that index."""
    return index > log.length or (log.items[index - 1] is not entry and log.items[index - 1] != entry)


class SameOrder(Property):
    """If a node has applied an entry at an index, no other ever applies a different one there."""

    name = "same_order"
    title = N_("One order of updates")
    text = N_("All replicas apply the same entries in the same order: no two ever have different ones at one place.")
    cites = "Schneider 1990"
    kind = ALWAYS

    def __init__(self) -> None:
        self.applied: list[Entry] = []
        """The entry first applied at each index; a node applies them in their order, so there are no gaps."""

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:
        return NOBODY_CONFIRMS if params["confirmation"] == NONE else None

    def on_applied(self, applied: Applied, event: Event, cluster: Cluster) -> str | None:
        if applied.index > len(self.applied):
            self.applied.append(applied.entry)
            return None
        first = self.applied[applied.index - 1]
        return None if first is applied.entry or first == applied.entry else BROKEN

    indications = {Applied: on_applied}


class FreshReads(Property):
    """A read sees the last write of its key that was answered before the read began, or a later one.

    The entries in the order in which they were first applied give the values that each key ever had; a read's answer must
    be one of those from the last answered write on.
    """

    name = "fresh_reads"
    title = N_("Fresh reads")
    text = N_("A read sees every write that was answered before it began.")
    cites = "Alsberg and Day 1976"
    kind = ALWAYS

    def __init__(self) -> None:
        self.length = 0
        self.data: keyvalue.Data = {}
        self.values: dict[str, tuple[tuple[int, Any], ...]] = {}
        """For each key the index of each change of it, and the value from there on."""
        self.places: dict[str, tuple[str, int]] = {}
        """For each operation applied, by its name in the run, the key and the index."""
        self.answered: dict[str, int] = {}
        """For each key the highest index of a write that a client was told of."""
        self.floors: dict[str, int] = {}
        """For each read under way what was answered before it began."""

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:
        if params["confirmation"] == NONE:
            return NOBODY_CONFIRMS
        if params["stamps"] == TIMESTAMP:
            return CLOCKS_STAMP
        everywhere = params["confirmation"] == ALL and params["notify"] == DETERMINED
        return READS_ARE_WEAK if params["reads"] == WEAK and not everywhere else None

    def on_applied(self, applied: Applied, event: Event, cluster: Cluster) -> str | None:
        command = applied.entry.command
        if applied.index <= self.length:
            return None
        self.length = applied.index
        if command is not None:
            before = self.data.get(command.key)
            self.data, _ = keyvalue.apply(self.data, command)
            self.places[f"{command.client}.{command.serial}"] = (command.key, applied.index)
            after = self.data.get(command.key)
            if after != before:
                self.values[command.key] = (*self.values.get(command.key, ()), (applied.index, after))
        return None

    def on_invoked(self, invoked: Invoked, event: Event, cluster: Cluster) -> str | None:
        if invoked.operation.name == "get":
            self.floors[invoked.id] = self.answered.get(invoked.operation.key, 0)
        return None

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        floor = self.floors.pop(returned.id, None)
        if returned.outcome != OK:
            return None
        if floor is None:
            key, index = self.places.get(returned.id, (returned.operation.key, 0))
            self.answered[key] = max(self.answered.get(key, 0), index)
            return None
        changes = self.values.get(returned.operation.key, ())
        before = [value for index, value in changes if index <= floor]
        fresh = [before[-1] if before else None, *(value for index, value in changes if index > floor)]
        return None if returned.result in fresh else BROKEN

    indications = {Applied: on_applied, Invoked: on_invoked, Returned: on_returned}


def one_server_disclaimed(params: Mapping[str, Setting]) -> str | None:
    """Why what clients see may not be that of a single server (msgid); None where it is promised.

    A weak read that is fresh makes a regular register and not an atomic one (Lamport, On Interprocess Communication, 1986):
    until a write is answered some databases have it and others do not, and reads may see it come and go.
    """
    return FreshReads.disclaimed(params) or (READS_GO_BACK if params["reads"] == WEAK else None)


class AppliedOnce(Property):
    """No replica carries out an operation twice, unless it has undone it between."""

    name = "applied_once"
    title = N_("Once and not twice")
    text = N_("No replica carries out one operation of a client at two places of its log.")
    cites = "Liskov and Cowling 2012 §4.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.places: dict[str, dict[tuple[str, int], int]] = {}
        """For each node, where it has applied which operation of which client."""

    def on_applied(self, applied: Applied, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        command = applied.entry.command
        if command is None:
            return None
        places = self.places.setdefault(event.host, {})
        return None if places.setdefault((command.client, command.serial), applied.index) == applied.index else BROKEN

    def on_undone(self, undone: Undone, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        places = self.places.get(event.host, {})
        self.places[event.host] = {what: index for what, index in places.items() if index < undone.first}
        return None

    indications = {Applied: on_applied, Undone: on_undone}


class VersionsForward(Property):
    """Behind an entry of a log stands none of an earlier version."""

    name = "versions_forward"
    title = N_("Versions go forward")
    text = N_("An update that comes later has a later version: in no log do they go backwards.")
    cites = "Lamport 1978"
    kind = ALWAYS

    def __init__(self) -> None:
        self.logs: dict[str, Log[Entry]] = {}

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:
        return CLOCKS_STAMP if params["stamps"] == TIMESTAMP else None

    def on_log(self, log: Log[Entry], event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        start = self.logs.get(event.host, NO_LOG).common_prefix(log)
        self.logs[event.host] = log
        entries = log[max(0, start - 1) :]
        backwards = any(a.version > b.version for a, b in pairwise(entries))
        return BROKEN if backwards else None

    fields = {"log": on_log}


class PrimaryExists(Property):
    """Some node that is up takes itself for the primary. Whether anybody hears it is not asked."""

    name = "primary_exists"
    title = N_("A primary exists")
    text = N_("Some node that is up is the primary. After a crash there is none for a while, and then another.")
    cites = "Oki and Liskov 1988"
    kind = EVENTUALLY

    def judge(self, what: Any, event: Event, cluster: Cluster) -> str | None:
        return HOLDS if any(is_primary(cluster, node) for node in cluster.nodes) else WAITING

    indications = {BecamePrimary: judge, SteppedDown: judge}
    on_down = judge


class UpdateAnswered(Property):
    """A client is told that its operation is done."""

    name = "update_answered"
    title = N_("An operation is answered")
    text = N_("At least once, a client is told that its operation is done.")
    cites = "Alsberg and Day 1976"
    kind = SOMETIMES

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        return SEEN if returned.outcome == OK else None

    indications = {Returned: on_returned}


class UpdateEverywhere(Property):
    """The primary learns that an update is in all databases."""

    name = "update_everywhere"
    title = N_("An update is everywhere")
    text = N_("At least once, the primary knows that an update is in the databases of all replicas.")
    cites = "Alsberg and Day 1976"
    kind = SOMETIMES

    def on_determined(self, determined: Determined, event: Event, cluster: Cluster) -> str | None:
        return SEEN if determined.copies == determined.members else None

    indications = {Determined: on_determined}


PROPERTIES: tuple[type[Property], ...] = (
    NoLostWrite, SameOrder, FreshReads, AppliedOnce, VersionsForward, PrimaryExists, UpdateAnswered, UpdateEverywhere,
)  # fmt: skip
