"""What must hold of snapshots, so that whatever the properties of figure 3 say of entries is said of snapshots, too."""

from __future__ import annotations

from typing import Any

from ...properties import ALWAYS, BROKEN, Property
from ...simulation import N_, Cluster, Event
from .. import keyvalue
from .changes import Members
from .indications import (
    Applied,
    DuplicateNotApplied,
    EntriesRemoved,
    LogCompacted,
    NotApplied,
    OvertakenNotApplied,
    SnapshotInstalled,
)
from .messages import NOTHING, Entry, Snapshot
from .state import LEADER, RaftState


class SnapshotsAreFaithful(Property):
    """A snapshot says what the entries that it stands for come to, when they are applied one after the other.

    The entries are those first applied at each index, which `state_machine_safety` watches over.
    """

    name = "snapshots_are_faithful"
    title = N_("Snapshots are faithful")
    text = N_("A snapshot holds what applying all the entries that it stands for comes to.")
    cites = "Raft §7"
    kind = ALWAYS

    def __init__(self) -> None:
        self.applied: list[Entry] = []
        """The entry first applied at each index."""
        self.made = NOTHING
        """What the first of them come to."""
        self.first: dict[int, tuple[Any, ...]] = {}
        """What those up to an index come to, for each index at which there was a snapshot."""

    def on_applied(self, applied: Applied | NotApplied, event: Event, cluster: Cluster) -> str | None:
        if applied.index == len(self.applied) + 1:
            self.applied.append(applied.entry)
        return None

    def on_snapshot(self, told: LogCompacted | SnapshotInstalled, event: Event, cluster: Cluster) -> str | None:
        snapshot = told.snapshot
        said = (snapshot.last_term, snapshot.data, snapshot.sessions, snapshot.members)
        known = self.first.get(snapshot.last_index)
        if known is None and self.made.last_index < snapshot.last_index <= len(self.applied):
            for entry in self.applied[self.made.last_index : snapshot.last_index]:
                self.made = _after(self.made, entry)
            made = self.made
            known = (made.last_term, made.data, made.sessions, made.members or snapshot.members)
        if known is None:  # older than another, or of entries that nobody has told of
            known = said
        self.first[snapshot.last_index] = known
        return None if known == said else BROKEN

    indications = {
        Applied: on_applied, DuplicateNotApplied: on_applied, OvertakenNotApplied: on_applied,
        LogCompacted: on_snapshot, SnapshotInstalled: on_snapshot,
    }  # fmt: skip


def _after(before: Snapshot, entry: Entry) -> Snapshot:
    """What stands for one entry more: a client's operation counts once (section 8)."""
    data, sessions, members, command = before.data, before.sessions, before.members, entry.command
    if isinstance(command, Members):
        members = command.configuration
    if command is not None and command.client is not None and command.serial > sessions.get(command.client, (0, 0))[0]:
        result: Any = True
        if isinstance(command, keyvalue.Command):
            data, result = keyvalue.apply(data, command)
        sessions = {**sessions, command.client: (command.serial, result)}
    return Snapshot(before.last_index + 1, entry.term, data, sessions, members)


class AcknowledgedStays(Property):
    """What a follower has acknowledged to a leader is in its log, or in its snapshot, as long as that leader leads.

    Looked at where a log gets shorter: the leader counts what was acknowledged, and commits by that count.
    """

    name = "acknowledged_stays"
    title = N_("What is acknowledged stays")
    text = N_("A follower does not lose an entry that it has acknowledged to the leader of its term.")
    cites = "Raft §5.3, §7"
    kind = ALWAYS

    def on_removal(self, told: EntriesRemoved | SnapshotInstalled, event: Event, cluster: Cluster) -> str | None:
        host = event.host
        assert host is not None
        server = cluster.hosts[host].node
        assert isinstance(server, RaftState)
        for name in cluster.nodes:
            other = cluster.hosts[name].node
            assert isinstance(other, RaftState)
            leads = other.role is LEADER and other.current_term == server.current_term
            if leads and other.match_index.get(host, 0) > server.log.length:
                return BROKEN
        return None

    indications = {EntriesRemoved: on_removal, SnapshotInstalled: on_removal}


OF_SNAPSHOTS: tuple[type[Property], ...] = (SnapshotsAreFaithful, AcknowledgedStays)
