"""A replica's database: what entries do to it, when the primary commits and determines them, what clients are told.

These are the steps 4, 7 and 8 of an update, and how a database goes back where one was never confirmed.
"""

from __future__ import annotations

from typing import Any

from ...simulation import value
from .. import keyvalue
from ..quorum import agreed
from ..session import ClientReply
from . import indications as tell
from .messages import Cell, Commit, Entry
from .state import DETERMINED, EMPTY, NO_SESSION, PULL, TIMESTAMP, ReplicaState, Session

Database = dict[str, Cell]
NEW = Cell(None, 0)


@value
class Effect:
    """What an entry does to a database: the cell of its key afterwards, and the answer."""

    cell: Cell | None
    """None: nothing is written."""
    result: Any
    newer: int | None
    """The version that a write lost against; None where it did not lose."""


def effect(data: Database, entry: Entry, *, by_timestamp: bool) -> Effect:
    """The effect of an entry on the database.

    With timestamps the last writer wins: a write whose stamp is behind that of the key changes nothing, though it is
    answered like any other (the rule of Thomas, 1979). A deleted key keeps its version, or an older write would revive it.
    """
    command = entry.command
    assert command is not None
    cell = data.get(command.key, NEW)
    before: keyvalue.Data = EMPTY if cell.value is None else {command.key: cell.value}
    after, result = keyvalue.apply(before, command)
    if after is before:
        return Effect(None, result, None)
    if by_timestamp and entry.version < cell.version:
        return Effect(None, result, cell.version)
    return Effect(Cell(after.get(command.key), entry.version), result, None)


class ReplicaDatabase(ReplicaState):
    """A replica as far as its database goes."""

    def apply_committed(self) -> None:
        """Applies what is committed and not applied yet, in the order of the log."""
        while self.last_applied < self.commit_index:
            index = self.last_applied + 1
            entry = self.log.items[index - 1]
            done = self.apply(index, entry)
            self.indicate(tell.Applied(index, entry, None if done is None else done.result))
            if done is not None and done.newer is not None and entry.command is not None:
                self.indicate(tell.WriteLost(index, entry.command.key, entry.version, done.newer))

    def apply(self, index: int, entry: Entry) -> Effect | None:
        """Applies one entry; None where it only opens a view."""
        self.last_applied = index
        command = entry.command
        if command is None:
            return None
        done = effect(self.data, entry, by_timestamp=self.settings.stamps == TIMESTAMP)
        if done.cell is not None:
            self.data = {**self.data, command.key: done.cell}
        self.sessions = {**self.sessions, command.client: (command.serial, done.result, index)}
        return done

    def remove_from(self, index: int, view: int) -> None:
        """Takes entry `index` and all behind it out of the log: the primary of `view` has another one there.

        Where they had been applied, which only happens without confirmation, the database is made anew from the rest.
        """
        log = self.log
        self.indicate(tell.EntriesRemoved(index, log.length - index + 1, self.view_at(index), view))
        self.log = log.truncate(index - 1)
        self.matched = min(self.matched, index - 1)
        self.commit_index = min(self.commit_index, index - 1)
        if self.last_applied < index:
            return
        self.indicate(tell.Undone(index, self.last_applied - index + 1))
        self.data, self.sessions, self.last_applied = EMPTY, EMPTY, 0
        for at, entry in enumerate(self.log[: self.commit_index], 1):
            self.apply(at, entry)

    # Commit, determine, notify: the primary

    def advance_commit(self) -> None:
        """The primary commits up to the highest entry that enough have, if it is of its own view (Raft section 5.4.2)."""
        last = self.log.length
        index = min(agreed((last, *self.confirmed.values()), self.needed), last)
        if index <= self.commit_index:
            return
        copies = 1 + sum(1 for matched in self.confirmed.values() if matched >= index)
        if self.view_at(index) != self.view:
            self.indicate(tell.NotCommittedOldView(index, self.view_at(index), self.view, copies))
            return
        before, self.commit_index = self.commit_index, index
        self.indicate(tell.Committed(index, self.view, copies, len(self.peers) + 1))
        self.apply_committed()
        if self.notify != DETERMINED:
            self.answer(before, index)
        if self.needed > 1 and self.transfer != PULL:
            self.broadcast(Commit(self.view, index))
        self.advance_determined()

    def advance_determined(self) -> None:
        """The primary determines what is in as many databases as needed; then clients can be told."""
        databases = (self.last_applied, *self.applied_at.values())
        index = min(agreed(databases, self.needed), self.commit_index)
        if index <= self.determined:
            return
        before, self.determined = self.determined, index
        copies = sum(1 for applied in databases if applied >= index)
        self.indicate(tell.Determined(index, copies, len(databases)))
        if self.notify == DETERMINED:
            self.answer(before, index)

    def answer(self, after: int, upto: int) -> None:
        """Notify: tells clients of the operations that have become final. Each has one under way at the most."""
        for client, (serial, result, index) in self.sessions.items():
            if after < index <= upto:
                self.indicate(tell.Answered(client, serial, index, self.view))
                self.send(client, ClientReply(serial, True, result, self.id))

    def newest_of(self, client: str) -> Session:
        """The client's newest operation that is applied or in the log; without the answer in the log alone."""
        found = self.sessions.get(client, NO_SESSION)
        for at in range(self.last_applied, self.log.length):
            command = self.log.items[at].command
            if command is not None and command.client == client and command.serial >= found[0]:
                found = (command.serial, None, at + 1)
        return found

    def read_weakly(self, client: str, serial: int, key: str) -> None:
        """Answers from this database as it is, whatever the others have."""
        cell = self.data.get(key, NEW)
        self.indicate(tell.WeakRead(client, serial, key, self.last_applied, cell.version))
        self.send(client, ClientReply(serial, True, cell.value, self.primary))
