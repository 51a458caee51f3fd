"""The messages of Raft (Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm, 2014, figure 2).

The paper's remote procedure calls are pairs of messages here, since a network delays, loses and doubles each half by
itself. So an answer says which request it answers: that to AppendEntries repeats `prev_log_index`, and says how far the
logs are known to agree. Indexes count from 1, as in the paper; 0 stands for "before the first entry", of term 0.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..keyvalue import Command, Data, Session
from .changes import Members
from .configuration import Configuration


@value
class Entry:
    """A log entry: the term in which a leader received it, and the command; None for a no-op, `Members` for a
    configuration.
    """

    term: int
    command: Command | Members | None


@value
class RequestVote:
    """Invoked by candidates to gather votes (section 5.2)."""

    text: ClassVar[str] = N_("{src} asks {dst} for its vote in term {term}.")
    term: int
    last_log_index: int
    """Index of the candidate's last entry; 0 where its log is empty."""
    last_log_term: int
    """Term of that entry; 0 where there is none."""


@value
class RequestVoteReply:
    """A vote, or its refusal."""

    text: ClassVar[str] = N_("{src} answers {dst}'s request for a vote, in term {term}.")
    term: int
    """The voter's term, for a candidate that is behind."""
    vote_granted: bool


@value
class AppendEntries:
    """Invoked by the leader to replicate entries; also the heartbeat, then without any (section 5.3)."""

    text: ClassVar[str] = N_("Leader {src} sends {dst} what follows entry {prev_log_index}, in term {term}.")
    term: int
    prev_log_index: int
    """Index of the entry immediately before the new ones; 0 for the beginning of the log."""
    prev_log_term: int
    """Term of that entry; 0 for the beginning of the log."""
    entries: tuple[Entry, ...]
    """Entries to store, in their order; none in a heartbeat."""
    leader_commit: int
    """The leader's commit index."""


@value
class AppendEntriesReply:
    """Whether the follower's log had the entry before the new ones."""

    text: ClassVar[str] = N_("{src} answers {dst}'s entries, in term {term}.")
    term: int
    """The follower's term, for a leader that is deposed."""
    success: bool
    prev_log_index: int
    """That of the request which is answered."""
    match_index: int
    """Up to where the follower's log is now known to agree with the leader's; 0 without success."""
    last_log_index: int
    """The end of the follower's log, so that a leader need not look for it step by step."""


@value
class Snapshot:
    """What stands for the entries that a log no longer has: all that applying them came to (section 7)."""

    last_index: int
    """Index of the last entry that it stands for; 0 where it stands for none."""
    last_term: int
    """Term of that entry."""
    data: Data
    """The key-value store after it."""
    sessions: dict[str, Session]
    """For each client the last operation applied up to it, and the answer."""
    members: Configuration | None = None
    """The latest configuration up to it; None where that is all nodes."""


NOTHING = Snapshot(0, 0, {}, {})
"""Stands for no entry."""


@value
class InstallSnapshot:
    """Invoked by the leader where it has no longer what a follower lacks (section 7, figure 13), in one piece."""

    text: ClassVar[str] = N_("Leader {src} sends {dst} its snapshot instead of entries, in term {term}.")
    term: int
    snapshot: Snapshot


@value
class InstallSnapshotReply:
    """What the follower has of the leader's log, now that the snapshot has come."""

    text: ClassVar[str] = N_("{src} answers {dst}'s snapshot, in term {term}.")
    term: int
    """The follower's term, for a leader that is deposed."""
    match_index: int
    """Up to where the follower is now known to agree with the leader; 0 where it refuses the leader as one of an older term."""
