"""The five properties of figure 3 of the Raft paper, and what a cluster is for.

Each safety property is judged event by event, from what nodes indicate and from their logs, and remembers just enough:
no run is searched twice. They look at what happened, never at how the handlers are written.
"""

from __future__ import annotations

from typing import Any

from ...properties import ALWAYS, BROKEN, EVENTUALLY, HOLDS, SEEN, SOMETIMES, WAITING, Property
from ...simulation import N_, Cluster, Event, Log, Returned
from .indications import (
    Applied,
    Committed,
    DuplicateNotApplied,
    Elected,
    NotApplied,
    OvertakenNotApplied,
    RemovedLeaderStepsDown,
    SteppedDown,
    SteppedDownUnheard,
)
from .membership_properties import OF_MEMBERSHIP
from .messages import Entry
from .snapshot_properties import OF_SNAPSHOTS
from .state import LEADER, RaftState

NO_LOG: Log[Entry] = Log()


def log_of(cluster: Cluster, node: str) -> Log[Entry]:
    """The log of a node, up or down: it is on its disk."""
    server = cluster.hosts[node].node
    assert isinstance(server, RaftState)
    return server.log


def leads(cluster: Cluster, node: str) -> bool:
    """Whether a node is up and believes itself the leader."""
    host = cluster.hosts[node]
    server = host.node
    assert isinstance(server, RaftState)
    return host.up and server.role is LEADER


def term_of(cluster: Cluster, node: str) -> int:
    """The term that a node is in."""
    server = cluster.hosts[node].node
    assert isinstance(server, RaftState)
    return server.current_term


class ElectionSafety(Property):
    """At most one leader can be elected in a given term."""

    name = "election_safety"
    title = N_("Election Safety")
    text = N_("At most one leader is elected in a term.")
    cites = "Raft figure 3, §5.2"
    kind = ALWAYS

    def __init__(self) -> None:
        self.leaders: dict[int, str] = {}

    def on_elected(self, elected: Elected, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        return None if self.leaders.setdefault(elected.term, event.host) == event.host else BROKEN

    indications = {Elected: on_elected}


class LeaderAppendOnly(Property):
    """A leader never overwrites or deletes entries in its log; it only appends new ones."""

    name = "leader_append_only"
    title = N_("Leader Append-Only")
    text = N_("A leader never overwrites or removes entries of its log; it only appends.")
    cites = "Raft figure 3, §5.3"
    kind = ALWAYS

    def __init__(self) -> None:
        self.leading: dict[str, tuple[int, Log[Entry]]] = {}

    def on_log(self, log: Log[Entry], event: Event, cluster: Cluster) -> str | None:
        host = event.host
        assert host is not None
        before = self.leading.get(host)
        server = cluster.hosts[host].node
        assert isinstance(server, RaftState)
        if not leads(cluster, host):
            if before is not None:
                del self.leading[host]
            return None
        term = server.current_term
        self.leading[host] = (term, log)
        if before is None or before[0] != term:
            return None
        return None if before[1].common_prefix(log) == before[1].length else BROKEN

    def on_elected(self, elected: Elected, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        self.leading[event.host] = (elected.term, log_of(cluster, event.host))
        return None

    def on_stepped_down(
        self, indication: SteppedDown | RemovedLeaderStepsDown, event: Event, cluster: Cluster
    ) -> str | None:
        assert event.host is not None
        self.leading.pop(event.host, None)
        return None

    def on_command(self, host: str, event: Event, cluster: Cluster) -> str | None:
        if host in cluster.nodes and not leads(cluster, host):
            self.leading.pop(host, None)
        return None

    indications = {
        Elected: on_elected, SteppedDown: on_stepped_down, RemovedLeaderStepsDown: on_stepped_down,
    }  # fmt: skip
    fields = {"log": on_log}
    on_down = on_command


class LogMatching(Property):
    """If two logs contain an entry with the same index and term, they are identical in all entries up to it.

    It is enough to hold each new entry, with the term of the one before it, against the same index of the other logs:
    where the term is the same, the command and the predecessor's term must be. Equality of all that stands before
    follows by induction, since every entry was new once.
    """

    name = "log_matching"
    title = N_("Log Matching")
    text = N_("If two logs have an entry of the same index and term, they are the same up to that entry.")
    cites = "Raft figure 3, §5.3"
    kind = ALWAYS

    def __init__(self) -> None:
        self.logs: dict[str, Log[Entry]] = {}

    def on_log(self, log: Log[Entry], event: Event, cluster: Cluster) -> str | None:
        host = event.host
        assert host is not None
        start = self.logs.get(host, NO_LOG).common_prefix(log)
        self.logs[host] = log
        for other in self.logs.values():
            if other.length > start and other is not log and _parts(log, start, other):
                return BROKEN
        return None

    fields = {"log": on_log}


def _parts(log: Log[Entry], start: int, other: Log[Entry]) -> bool:
    """Whether an entry of `log`, from position `start` on, has its index and term but not its past in `other`. What a
    snapshot stands for is left to `snapshot_properties`.
    """
    mine, theirs = log.items, other.items
    if log.start or other.start:
        gone = max(log.start, other.start)
        mine, theirs = [*log[gone:]], [*other[gone:]]
        return _differ(mine, theirs, max(0, start - gone), min(len(mine), len(theirs)))
    return _differ(mine, theirs, start, min(log.length, other.length))


def _differ(mine: list[Entry], theirs: list[Entry], start: int, stop: int) -> bool:
    """The same for entries that begin at the same place."""
    for at in range(start, stop):
        if mine[at] is not theirs[at]:
            if mine[at].term != theirs[at].term:
                continue
            if mine[at] != theirs[at]:
                return True
        if at and mine[at - 1].term != theirs[at - 1].term:
            return True
    return False


class LeaderCompleteness(Property):
    """If an entry is committed in a given term, it is in the logs of the leaders of all higher terms."""

    name = "leader_completeness"
    title = N_("Leader Completeness")
    text = N_("An entry committed in a term is in the log of every leader of a later term.")
    cites = "Raft figure 3, §5.4"
    kind = ALWAYS

    def __init__(self) -> None:
        self.committed: list[tuple[int, Entry]] = []
        """For each index, the lowest term in which the entry first committed there was committed, and that entry."""
        self.others: list[tuple[int, int, Entry]] = []
        """Further entries committed at an index that had one: term, position, entry. Only a broken algorithm has any."""
        self.upto: dict[tuple[str, int], int] = {}
        """For each leader and term, how far its commits have been looked at."""
        self.logs_at_election: dict[int, tuple[Log[Entry], ...]] = {}

    def on_committed(self, committed: Committed, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        term, leader = committed.term, (event.host, committed.term)
        start = self.upto.get(leader, 0)
        self.upto[leader] = committed.index
        new = _entries(log_of(cluster, event.host), start, committed.index, event)
        for at, entry in new:
            self._note(term, at, entry)
        for later, logs in self.logs_at_election.items():
            if later > term and any(_lacks(log, at, entry) for log in logs for at, entry in new):
                return BROKEN
        return None

    def _note(self, term: int, at: int, entry: Entry) -> None:
        if at >= len(self.committed):
            self.committed.append((term, entry))
            return
        first_term, first = self.committed[at]
        if first is not entry and first != entry:
            self.others.append((term, at, entry))
        elif term < first_term:
            self.committed[at] = (term, entry)

    def on_elected(self, elected: Elected, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        log = log_of(cluster, event.host)
        self.logs_at_election[elected.term] = (*self.logs_at_election.get(elected.term, ()), log)
        for at, (term, entry) in enumerate(self.committed):
            if term < elected.term and _lacks(log, at, entry):
                return BROKEN
        return BROKEN if any(term < elected.term and _lacks(log, at, e) for term, at, e in self.others) else None

    indications = {Elected: on_elected, Committed: on_committed}


def _entries(log: Log[Entry], start: int, stop: int, event: Event) -> list[tuple[int, Entry]]:
    """Positions from `start` to before `stop`, with what stands there. A leader that compacts its log at once has told
    what it had there when it applied it.
    """
    found = list(enumerate(log[start:stop], max(start, log.start)))
    if start >= log.start:
        return found
    told = (a for a in event.indications if isinstance(a, Applied | NotApplied))
    return [(a.index - 1, a.entry) for a in told if start < a.index <= log.start] + found


def _lacks(log: Log[Entry], at: int, entry: Entry) -> bool:
    """Whether a log does not have the entry at that position. What a snapshot stands for it has: see
    `snapshot_properties`.
    """
    if at < log.start:
        return False
    return at >= log.length or (log[at] is not entry and log[at] != entry)


class StateMachineSafety(Property):
    """If a node has applied an entry at an index, no other ever applies a different one at that index."""

    name = "state_machine_safety"
    title = N_("State Machine Safety")
    text = N_("No two nodes ever apply different entries at the same index.")
    cites = "Raft figure 3, §5.4.3"
    kind = ALWAYS

    def __init__(self) -> None:
        self.applied: list[Entry] = []
        """The entry first applied at each index; a node applies them in their order, so there are no gaps."""

    def on_applied(self, applied: Applied | NotApplied, event: Event, cluster: Cluster) -> str | None:
        if applied.index > len(self.applied):
            self.applied.append(applied.entry)
            return None
        first = self.applied[applied.index - 1]
        return None if first is applied.entry or first == applied.entry else BROKEN

    indications = {Applied: on_applied, DuplicateNotApplied: on_applied, OvertakenNotApplied: on_applied}


class LeaderExists(Property):
    """Some node that is up believes that it leads. Whether anybody hears it is not asked: see "a request is answered"."""

    name = "leader_exists"
    title = N_("A leader exists")
    text = N_("Some node that is up leads. It may fail for a while, and must come back.")
    cites = "Raft §5.2"
    kind = EVENTUALLY

    def judge(self, what: Any, event: Event, cluster: Cluster) -> str | None:
        return HOLDS if any(leads(cluster, node) for node in cluster.nodes) else WAITING

    indications = {Elected: judge, SteppedDown: judge, SteppedDownUnheard: judge, RemovedLeaderStepsDown: judge}
    on_down = judge


class RequestAnswered(Property):
    """A client's operation is answered."""

    name = "request_answered"
    title = N_("A request is answered")
    text = N_("At least once, a client's operation is carried out and answered.")
    cites = "Raft §8"
    kind = SOMETIMES

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        return SEEN if returned.outcome == "ok" else None

    indications = {Returned: on_returned}


PROPERTIES: tuple[type[Property], ...] = (
    ElectionSafety, LeaderAppendOnly, LogMatching, LeaderCompleteness, StateMachineSafety, *OF_SNAPSHOTS,
    *OF_MEMBERSHIP, LeaderExists, RequestAnswered,
)  # fmt: skip
