"""One replica of a primary-backup system: the normal case, an update step by step.

Theory of operation. Every update has one place in one log, given to it by the primary of a view. First round: the primary
writes it into its log (update) and sends it on (replicate), the backups write it into theirs and say so (confirm), and when
as many have it as are needed, it can't be lost any more: the primary applies it to its database (commit). Second round: the
backups learn that and apply it too (commit), say so (confirm), and when as many databases have it as are needed, it is
visible everywhere (determine), and the client is told (notify).

How many are needed is a dial: all, a majority, or none but the primary. Together with how many a new primary asks
(`failover`), it decides what a failover can lose. Every `rule` is one line of that argument, and can be switched off.

After Alsberg and Day, A Principle for Resilient Sharing of Distributed Resources, 1976, with the views of Oki and Liskov,
Viewstamped Replication, 1988, and the log check of Ongaro and Ousterhout, 2014.
"""

from __future__ import annotations

from ...simulation import on, on_timer
from .. import keyvalue
from ..session import ClientReply, ClientRequest
from . import indications as tell
from .failover import FETCH, HEARTBEAT, ReplicaFailover
from .messages import Commit, Confirm, Entry, Fetch, HandOver, Refuse, Replicate, TakeOver
from .state import BACKUP, PRIMARY, PULL, TAKING_OVER, WEAK


class Replica(ReplicaFailover):
    """One replica."""

    messages = (ClientRequest, Replicate, Fetch, Confirm, Commit, TakeOver, HandOver, Refuse)
    foreign = (ClientReply,)

    def start(self) -> None:
        """The first node is the primary of view 1. Whoever comes back from a crash is a backup until it knows more."""
        if self.view > 0:
            self.indicate(tell.CameBack(self.view, self.log.length))
            self.become_backup()
            return
        self.view = 1
        self.primary = self.primary_of(1)
        if self.primary == self.id:
            self.act_as_primary()
            self.indicate(tell.BecamePrimary(1, 1, 1, 0))
        else:
            self.become_backup()

    # Update

    @on(ClientRequest)
    def on_client_request(self, m: ClientRequest, src: str) -> None:
        """The primary takes the operation into its log, unless it has it; a weak read is answered by anyone."""
        operation = m.operation
        if self.reads == WEAK and operation.name == "get":
            self.read_weakly(src, m.serial, operation.key)
            return
        if self.role is not PRIMARY:
            self.indicate(tell.Redirected(src, self.primary) if self.primary else tell.NoPrimaryKnown(src, self.view))
            self.send(src, ClientReply(m.serial, False, None, self.primary))
            return
        if self.sessions_kept and self.is_known(m.serial, src):
            return
        command = keyvalue.Command(
            operation.name, operation.key, operation.value, operation.expect, src, m.serial
        )  # fmt: skip
        entry = Entry(self.view, self.stamp(), command)
        self.log = self.log.append(entry)
        self.indicate(tell.Updated(self.log.length, entry.version, src, m.serial))
        self.advance_commit()
        if self.transfer != PULL:
            self.send_to_all(1)

    def is_known(self, serial: int, client: str) -> bool:
        """Whether the operation has been taken already, here or by a primary before; then it is not taken again."""
        newest, result, index = self.newest_of(client)
        if serial > newest:
            return False
        if serial < newest:
            self.indicate(tell.RequestIsOver(client, serial, newest))
        elif index <= min(self.final, self.last_applied):
            self.indicate(tell.AnsweredAgain(client, serial, index, self.view))
            self.send(client, ClientReply(serial, True, result, self.id))
        else:
            self.indicate(tell.StillWaits(client, serial, index))
        return True

    # Replicate: pushed, or fetched

    @on_timer(HEARTBEAT)
    def on_heartbeat(self) -> None:
        """Sends to each backup what it has not confirmed, and with it that the primary is there."""
        self.set_timer(HEARTBEAT, self.heartbeat_interval)
        if self.role is TAKING_OVER:
            self.ask_for_view()
        elif self.transfer == PULL:
            self.send_to_all()
        else:
            for peer in self.peers:
                # To one that has not answered in this view only the end of the log: it says what it lacks.
                self.send(peer, self.replicate_from(self.confirmed[peer] if peer in self.heard else self.log.length))

    @on_timer(FETCH)
    def on_fetch_timer(self) -> None:
        """Where replicas pull: asks for what is new since the last time."""
        self.set_timer(FETCH, self.fetch_interval)
        self.fetch(self.matched or self.log.length)

    def fetch(self, index: int, view: int | None = None) -> None:
        """Asks the primary for what follows an entry, and says how far it has come."""
        to = self.primary or self.primary_of(self.view)
        if to != self.id:  # its own view, before a crash: somebody has to take over
            self.send(to, Fetch(self.view if view is None else view, index, self.matched, self.applied_of_view))

    @on(Fetch)
    def on_fetch(self, m: Fetch, src: str) -> None:
        """The primary sends what is asked for."""
        if self.leads_view(m.view, src):
            self.note(src, m.matched, m.applied)
            self.send(src, self.replicate_from(m.index))

    def leads_view(self, view: int, src: str) -> bool:
        """Whether what a backup sends to the primary of a view has come to it, and in time."""
        if view > self.view:
            self.enter_view(view, src)
        elif view < self.view:
            self.refuse(view, src)
        return view == self.view and self.role is PRIMARY

    # Confirm: the backup's log

    def follows(self, view: int, src: str) -> bool:
        """Whether a backup listens to a primary: not to one of an older view."""
        if view > self.view:
            self.enter_view(view, src)
        elif self.role is not BACKUP or (view < self.view and self.fencing):
            self.refuse(view, src)
            return False
        if self.primary != src:
            self.primary = src
            self.indicate(tell.PrimaryRecognised(src, view))
        self.wait_for_primary()
        return True

    @on(Replicate)
    def on_replicate(self, m: Replicate, src: str) -> None:
        """A backup checks that the entries fit behind its own, writes them into its log, and confirms."""
        if not self.follows(m.view, src):
            return
        prev = self.place_of(m, src)
        if prev is None:
            return
        before = (self.log, self.commit_index)
        match = m.prev_index + len(m.entries)
        self.take_entries(m, prev, src)
        self.matched = max(self.matched, min(match, self.log.length))
        self.learn_commit(m.commit, src)
        if m.last > self.log.length:
            self.fetch(self.matched, m.view)
        elif self.transfer != PULL or before != (self.log, self.commit_index):
            self.confirm(src, m.view)

    def place_of(self, m: Replicate, src: str) -> int | None:
        """Behind which entry of this log they belong; None where something is missing or different, which is asked for."""
        prev, log = m.prev_index, self.log
        if not self.gap_check:
            return min(prev, log.length)
        if prev > log.length:
            self.indicate(tell.GapFound(src, prev, log.length))
            self.fetch(log.length, m.view)
            return None
        own_view = self.view_at(prev)
        if own_view != m.prev_view:
            self.indicate(tell.ConflictFound(src, prev, m.prev_view, own_view))
            while prev and self.view_at(prev) == own_view:  # what one view wrote is right or wrong as a whole, mostly
                prev -= 1
            self.fetch(prev, m.view)
            return None
        return prev

    def take_entries(self, m: Replicate, prev: int, src: str) -> None:
        """Writes down what is new; removes what conflicts, from there on. What agrees stays, also behind the last."""
        if not m.entries:
            return
        for offset, entry in enumerate(m.entries):
            index = prev + 1 + offset
            if index <= self.log.length:
                if self.view_at(index) == entry.view:
                    continue
                self.remove_from(index, entry.view)
            self.log = self.log.extend(m.entries[offset:])
            told = tell.Logged if self.gap_check else tell.LoggedUnchecked
            self.indicate(told(src, len(m.entries) - offset, self.log.length))
            return
        self.indicate(tell.LoggedAlready(src, prev + len(m.entries)))

    def confirm(self, src: str, view: int) -> None:
        """Says how far log and database are, to the primary of that view: its own, but for a rule that is off."""
        self.send(src, Confirm(view, self.matched, self.applied_of_view))

    @on(Confirm)
    def on_confirm(self, m: Confirm, src: str) -> None:
        """The primary notes it, and commits or determines what enough have confirmed."""
        if self.leads_view(m.view, src):
            self.note(src, m.matched, m.applied)

    def note(self, src: str, matched: int, applied: int) -> None:
        """Writes down what a backup has confirmed. It never goes back: an old message may come late."""
        if src not in self.heard:
            self.heard = (*self.heard, src)
        if matched > self.confirmed[src]:
            self.confirmed = {**self.confirmed, src: matched}
            self.indicate(tell.LogConfirmed(src, matched))
            self.advance_commit()
        if applied > self.applied_at[src]:
            self.applied_at = {**self.applied_at, src: applied}
            self.advance_determined()

    # Commit, in the second round: what the primary does of it and of the first stands in `database`

    @on(Commit)
    def on_commit(self, m: Commit, src: str) -> None:
        """A backup commits as far as its log is known to be the primary's, and confirms that too."""
        if self.follows(m.view, src):
            before = self.commit_index
            self.learn_commit(m.index, src)
            if self.commit_index > before:
                self.confirm(src, m.view)

    def learn_commit(self, index: int, src: str) -> None:
        """A backup commits and applies. The index never goes back."""
        index = min(index, self.matched, self.log.length)
        if index > self.commit_index:
            self.commit_index = index
            self.indicate(tell.CommitLearned(src, index))
            self.apply_committed()
