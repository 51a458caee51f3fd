"""Views, and how a replica becomes the primary of one (Oki and Liskov, 1988; Liskov and Cowling, 2012).

Views are numbered, and the number says whose turn it is, so no view has two primaries. A backup that misses the primary,
or is told so by hand, calls the next view that is its own. Where a majority confirms updates, it first collects the word
of a majority, each with what its log has more, and begins with the newest of these logs: one of them has every update that
was ever answered. Where all confirm, its own log has them, and it begins at once. Where nobody confirms it begins at once
too, and what only the old primary had is lost.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import on, on_timer
from . import indications as tell
from .database import ReplicaDatabase
from .messages import Entry, HandOver, Refuse, Replicate, TakeOver
from .state import BACKUP, EMPTY, HYBRID, MANUAL, PRIMARY, PULL, SEQUENCE, TAKING_OVER

TAKEOVER = "takeover"
HEARTBEAT = "heartbeat"
FETCH = "fetch"

ENTRIES_MAX = 16
"""How many entries one Replicate carries at the most."""
BY_HAND = 3_600_000_000
"""What a takeover timer is set to (µs) that only a hand is to fire: an hour."""


class ReplicaFailover(ReplicaDatabase):
    """A replica as far as views go."""

    messages: ClassVar[tuple[type, ...]] = (TakeOver, HandOver, Refuse)
    foreign: ClassVar[tuple[type, ...]] = (Replicate,)

    # Being a backup

    def wait_for_primary(self) -> None:
        """Sets the takeover timer: the next in line waits one failure timeout, each one after it half of it more."""
        span = self.failure_timeout * (2 + self.rank) // 2
        self.set_timer(TAKEOVER, BY_HAND if self.failover == MANUAL else span)

    def become_backup(self) -> None:
        """Begins to wait for the primary of its view, and to fetch where replicas pull."""
        self.role = BACKUP
        self.wait_for_primary()
        if self.transfer == PULL:
            self.set_timer(FETCH, 1, self.fetch_interval)  # not all of them at the same moment

    def enter_view(self, view: int, src: str) -> None:
        """A newer view makes any node a backup in it; what it knew of the older one is over."""
        if self.role is BACKUP:
            self.indicate(tell.ViewEntered(self.view, view, src))
        else:
            self.indicate(tell.SteppedDown(self.role.value, self.view, view, src))
        self.view = view
        self.cancel_timer(HEARTBEAT)
        self.forget_view()
        self.become_backup()

    def forget_view(self) -> None:
        """Drops what holds for one view only."""
        self.primary = None
        self.matched = 0
        self.heard = ()
        self.newest = None
        self.confirmed = EMPTY
        self.applied_at = EMPTY
        self.determined = 0

    @on(Refuse)
    def on_refuse(self, m: Refuse, src: str) -> None:
        """Its view is over: somebody knows a newer one."""
        if m.view > self.view:
            self.enter_view(m.view, src)

    def refuse(self, view: int, src: str) -> None:
        """Tells the sender of an older view that it is over."""
        self.indicate(tell.OldViewRefused(src, view, self.view))
        self.send(src, Refuse(self.view))

    # Taking over

    @on_timer(TAKEOVER)
    def on_takeover(self) -> None:
        """The primary was missed for too long, or a hand fired the timer."""
        old, self.view = self.view, self.own_next_view
        primary = self.primary_of(old)
        if primary == self.id:
            self.indicate(tell.OwnViewOver(old, self.view))
        else:
            told = tell.ToldToTakeOver if self.failover == MANUAL else tell.PrimaryMissed
            self.indicate(told(primary, old, self.view))
        self.forget_view()
        self.role = TAKING_OVER
        self.heard = (self.id,)
        self.cancel_timer(FETCH)
        self.set_timer(HEARTBEAT, self.heartbeat_interval)
        if len(self.heard) >= self.needed_to_take_over:
            self.become_primary()
        else:
            self.ask_for_view()

    def ask_for_view(self) -> None:
        """Asks all who have not handed over yet; again and again, since messages get lost."""
        question = TakeOver(self.view, *self.end, self.commit_index)
        for peer in self.peers:
            if peer not in self.heard:
                self.send(peer, question)

    @on(TakeOver)
    def on_take_over(self, m: TakeOver, src: str) -> None:
        """Hands over, and from now on takes nothing from the primary of an older view."""
        if m.view < self.view:
            self.refuse(m.view, src)
            return
        if m.view > self.view:
            self.enter_view(m.view, src)
        elif self.role is not BACKUP:
            return
        newer = self.end > (m.last_view, m.last_index)
        entries = self.log[m.commit :] if newer else ()
        self.indicate(tell.HandsOver(src, m.view, len(entries)))
        self.send(src, HandOver(m.view, *self.end, entries))

    @on(HandOver)
    def on_hand_over(self, m: HandOver, src: str) -> None:
        """Who takes over counts each node once, and remembers the newest log."""
        if self.role is not TAKING_OVER or m.view != self.view or src in self.heard:
            return
        self.heard = (*self.heard, src)
        end = (m.last_view, m.last_index)
        if end > (self.end if self.newest is None else self.newest[:2]):
            self.newest = (*end, m.entries, src)
        self.indicate(tell.HandedOver(src, self.view, len(self.heard), self.needed_to_take_over))
        if len(self.heard) >= self.needed_to_take_over:
            self.become_primary()

    def become_primary(self) -> None:
        """Begins its view: with the newest log, and with an entry that opens the view and commits those before it."""
        heard = len(self.heard)
        if self.newest is not None:
            self.take_newest_log()
        self.act_as_primary()
        self.indicate(tell.BecamePrimary(self.view, heard, self.needed_to_take_over, self.log.length))
        self.log = self.log.append(Entry(self.view, self.stamp(), None))
        self.indicate(tell.ViewOpened(self.log.length, self.view))
        self.advance_commit()
        self.send_to_all(1)

    def take_newest_log(self) -> None:
        """Puts the end of the newest log in the place of its own, behind what it has committed."""
        assert self.newest is not None
        _, last_index, entries, src = self.newest
        if not self.take_newest:
            self.indicate(tell.KeptOwnLog(src, self.log.length, last_index))
            return
        if self.commit_index + len(entries) != last_index:
            return  # that log is shorter than what is committed here: it can be newer only where a rule is off
        if self.log[self.commit_index :] != entries:
            self.log = self.log.truncate(self.commit_index).extend(entries)
            self.indicate(tell.NewestTaken(src, len(entries), last_index))

    def act_as_primary(self) -> None:
        """Takes up what only a primary has."""
        self.forget_view()
        self.role = PRIMARY
        self.primary = self.id
        self.confirmed = dict.fromkeys(self.peers, 0)
        self.applied_at = dict.fromkeys(self.peers, 0)
        self.cancel_timer(TAKEOVER)
        self.cancel_timer(FETCH)
        self.set_timer(HEARTBEAT, self.heartbeat_interval)

    # What the normal case has for it

    def stamp(self) -> int:
        """The version of the next entry."""
        log = self.log
        if self.stamps == SEQUENCE:
            return log.length + 1
        clock = self.now // 1000
        if self.stamps == HYBRID and log.length:
            return max(clock, log.items[log.length - 1].version + 1)
        return clock

    def replicate_from(self, index: int) -> Replicate:
        """What follows entry `index`; at the end of the log a heartbeat."""
        log = self.log
        prev = min(index, log.length)
        entries = log[prev : prev + ENTRIES_MAX]
        return Replicate(self.view, prev, self.view_at(prev), entries, self.commit_index, log.length)

    def send_to_all(self, new: int = 0) -> None:
        """Pushes the last `new` entries to all; where replicas pull, they are told only of a new view."""
        made = self.replicate_from(self.log.length - new)
        for peer in self.peers:
            if self.transfer != PULL:
                self.send(peer, made)
            elif peer not in self.heard:
                self.send(peer, self.replicate_from(self.log.length))
