"""The messages of primary-backup replication: an update goes around in two times four steps.

    update, replicate, confirm, commit      the primary logs it, the backups log it and say so, it is committed
    commit, confirm, determine, notify      the backups apply it and say so, it is final, the client is told

`Replicate` carries the second step and, as `commit`, the fifth; `Commit` is the fifth alone; `Confirm` is the third and the
sixth in one. Each message names the view of its sender, so that one of an older view is known and refused. Indexes count
from 1; 0 stands for "before the first entry".
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..keyvalue import Command, Stored


@value
class Entry:
    """A log entry: the view whose primary made it, its version, and the command; None where it only opens a view."""

    view: int
    version: int
    """By which the database tells new from old: a place in the sequence, or a time (ms) of the primary's clock."""
    command: Command | None


@value
class Cell:
    """What the database has under a key: the value (None where it was deleted) and the version of its last write."""

    value: Stored
    version: int


# The normal case


@value
class Replicate:
    """The primary hands on entries of its log; without any it is a heartbeat, or the answer to a fetch."""

    text: ClassVar[str] = N_("Primary {src} of view {view} sends {dst} what follows entry #{prev_index}.")
    view: int
    prev_index: int
    """Index of the entry immediately before these; 0 for the beginning of the log."""
    prev_view: int
    """View of that entry; 0 for the beginning."""
    entries: tuple[Entry, ...]
    commit: int
    """How far the primary has committed."""
    last: int
    """Where the primary's log ends: a backup that lacks more than came asks for it."""


@value
class Commit:
    """The primary tells that it has committed, so that the backups do (only pushed)."""

    text: ClassVar[str] = N_("Primary {src} of view {view} tells {dst} that entries up to #{index} are committed.")
    view: int
    index: int


@value
class Confirm:
    """A backup tells how far it has come: first its log, later its database."""

    text: ClassVar[str] = N_("{src} confirms to {dst}: #{matched} is in its log, #{applied} in its database.")
    view: int
    matched: int
    """Up to where its log is known to be the primary's."""
    applied: int
    """Up to where its database has the entries."""


@value
class Fetch:
    """A backup asks for entries: at its interval where replicas pull, and always where something is missing."""

    text: ClassVar[str] = N_("{src} asks {dst} for what follows entry #{index}.")
    view: int
    index: int
    matched: int
    """As in `Confirm`, which it takes the place of."""
    applied: int


@value
class Refuse:
    """A message of an older view is refused; whoever sent it learns of the newer one."""

    text: ClassVar[str] = N_("{src} refuses what {dst} sent: it is in view {view}.")
    view: int


# A change of view


@value
class TakeOver:
    """A node that wants to be the primary of a view asks the others for it, and for what they have more than it."""

    text: ClassVar[str] = N_("{src} asks {dst} for the part of the primary in view {view}.")
    view: int
    last_view: int
    """View of the last entry of its log; 0 where that is empty."""
    last_index: int
    commit: int
    """How far it has committed: that far all logs are the same."""


@value
class HandOver:
    """A node gives its part to the new primary, with the end of its log where that is newer."""

    text: ClassVar[str] = N_("{src} hands over to {dst} in view {view}; its log has {last_index} entries.")
    view: int
    last_view: int
    last_index: int
    entries: tuple[Entry, ...]
    """What it has behind the `commit` of the question, if its log is newer than the asker's."""
