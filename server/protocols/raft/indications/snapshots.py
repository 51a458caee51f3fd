"""What is told of log compaction and of snapshots (section 7)."""

from __future__ import annotations

from typing import ClassVar

from ....simulation import N_, value
from ...indication import Indication
from ..messages import Snapshot


@value
class LogCompacted(Indication):
    text: ClassVar[str] = N_(
        "{host} puts a snapshot in the place of {count} entries: all up to #{index} have been applied."
    )
    cites: ClassVar[str] = "Raft §7"
    count: int
    index: int
    snapshot: Snapshot


@value
class SnapshotRejectedOldTerm(Indication):
    text: ClassVar[str] = N_("{host} refuses {leader}'s snapshot: term {term} is over, {host} is in term {own_term}.")
    cites: ClassVar[str] = "Raft §7"
    tone: ClassVar[str] = "bad"
    leader: str
    term: int
    own_term: int


@value
class SnapshotRepeated(Indication):
    text: ClassVar[str] = N_(
        "{host} has no use for {leader}'s snapshot up to #{index}: its own stands for all up to #{own_index}."
    )
    cites: ClassVar[str] = "Raft §7"
    weight: ClassVar[str] = "routine"
    leader: str
    index: int
    own_index: int


@value
class SnapshotCovered(Indication):
    text: ClassVar[str] = N_(
        "{host} has entry #{index}, with which {leader}'s snapshot ends: it keeps the {kept} entries that follow."
    )
    cites: ClassVar[str] = "Raft §7"
    leader: str
    index: int
    kept: int


@value
class SnapshotInstalled(Indication):
    text: ClassVar[str] = N_(
        "{host} takes {leader}'s snapshot for its state and gives up its log, which ended at #{had}: "
        "the log goes on behind #{index}."
    )
    cites: ClassVar[str] = "Raft §7"
    weight: ClassVar[str] = "key"
    leader: str
    index: int
    had: int
    snapshot: Snapshot


@value
class SnapshotNeeded(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} has no longer entry #{next_index}, which {follower} is not known to have: it sends its snapshot up to "
        "#{index}."
    )
    cites: ClassVar[str] = "Raft §7"
    weight: ClassVar[str] = "routine"  # again with each heartbeat, as long as no answer comes
    follower: str
    next_index: int
    index: int


TOLD: tuple[type[Indication], ...] = (
    LogCompacted, SnapshotRejectedOldTerm, SnapshotRepeated, SnapshotCovered, SnapshotInstalled, SnapshotNeeded,
)  # fmt: skip
