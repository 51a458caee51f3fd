"""What a node does with what was chosen: it learns it, asks for what it missed, and applies it in the order of the slots.

A leader says with everything it sends how far the slots are chosen. A follower that accepted a slot in this leader's
ballot has the value that was chosen, since a ballot has one value for a slot. What it accepted in another ballot may be
something else, and what it never accepted it can't know: it asks for both (Paxos Made Simple, section 2.3; catch-up as in
Chandra, Griesemer and Redstone, Paxos Made Live, 2007, section 4.2).

What is chosen stays chosen, so `chosen_upto` may be written to disk at any time: an old value of it is true as well, and
means only that something is asked for again.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import on
from .. import keyvalue
from ..session import ClientReply
from . import indications as tell
from .messages import SLOTS_MAX, LearnReply, LearnRequest, Slot
from .state import LEADER, MultiPaxosState

NEVER: keyvalue.Session = (0, None)


class Learner(MultiPaxosState):
    """The learner and the state machine of a node; `node.MultiPaxos` is the proposer and the acceptor."""

    messages: ClassVar[tuple[type, ...]] = (LearnRequest, LearnReply)
    foreign: ClassVar[tuple[type, ...]] = (ClientReply,)

    # Learning

    def learn_upto(self, upto: int, ballot: str, src: str) -> None:
        """The leader of `ballot` says that all slots up to `upto` are chosen."""
        log, at = self.log, self.chosen_upto
        items, end, same = log.items, min(upto, log.length), self.settings.same_ballot
        while at < end:
            entry = items[at]
            if not (entry.early or entry.ballot == ballot or (not same and not entry.gap)):
                break
            at += 1
        if at > self.chosen_upto:
            self.indicate(tell.ChosenLearned(src, at))
            self.apply_upto(at)
        if upto > self.chosen_upto:
            self.ask(src, upto)

    def ask(self, src: str, upto: int) -> None:
        """Asks for what is missing: at once where that is news, and again after the time of a heartbeat."""
        first, waited = self.chosen_upto + 1, self.now - self.asked_at
        if first == self.asked_from and 0 <= waited < self.settings.heartbeat_interval:
            return
        self.asked_from = first
        self.asked_at = self.now
        self.indicate(tell.AskedForChosen(src, first, upto))
        self.send(src, LearnRequest(first))

    @on(LearnRequest)
    def on_learn_request(self, m: LearnRequest, src: str) -> None:
        """Whoever knows what was chosen may say so: it is chosen for good."""
        last = min(self.chosen_upto, m.slot + SLOTS_MAX - 1)
        if last < m.slot:
            return
        self.indicate(tell.Taught(src, m.slot, last))
        self.send(src, LearnReply(m.slot, self.log[m.slot - 1 : last], self.chosen_upto))

    @on(LearnReply)
    def on_learn_reply(self, m: LearnReply, src: str) -> None:
        """Takes what it does not know yet, and asks on. A leader knows all that was chosen before its ballot."""
        known = self.chosen_upto
        skip = known + 1 - m.slot
        if self.role is LEADER or not 0 <= skip < len(m.entries):
            return
        new = tuple(Slot(entry.ballot, entry.command, early=False, gap=False) for entry in m.entries[skip:])
        last = known + len(new)
        self.log = self.log.truncate(known).extend((*new, *self.log[last:]))
        self.indicate(tell.CaughtUp(src, known + 1, last))
        self.apply_upto(last)
        if m.chosen_upto > self.chosen_upto:
            self.ask(src, m.chosen_upto)

    # The state machine

    def apply_upto(self, upto: int) -> None:
        """All slots up to `upto` are chosen: applies them in order, and on through those that were chosen early."""
        log, at, in_order = self.log, self.chosen_upto, self.settings.in_order
        while at < log.length:
            entry = log.items[at]
            if at >= upto and not entry.early:
                break
            at += 1
            self.chosen_upto = at
            if in_order or not entry.early:  # without the rule, one that was chosen early has been applied early
                self.apply(at, entry.command)

    def apply(self, slot: int, command: keyvalue.Command | None) -> None:
        """Applies a slot, unless it is a no-op, or an operation that the session knows or has passed; a leader answers."""
        if command is None:
            self.indicate(tell.Applied(slot, None, None))
            return
        client, serial = command.client, command.serial
        last, result = self.sessions.get(client, NEVER)
        if serial == last and self.settings.once:
            self.indicate(tell.DuplicateNotApplied(slot, command, client, serial))
        elif serial < last and self.settings.once:  # one that its client gave up may never have been applied
            self.indicate(tell.OvertakenNotApplied(slot, command, client, serial, last))
        else:
            self.data, result = keyvalue.apply(self.data, command)
            self.sessions = {**self.sessions, client: (serial, result)}
            self.indicate(tell.Applied(slot, command, result))
            last = serial
        if self.role is LEADER and last == serial:  # of an older one the client has had the answer
            self.indicate(tell.Answered(client, serial))
            self.send(client, ClientReply(serial, True, result, self.id))

    def replay(self) -> None:
        """After a restart: the state machine from the slots that are on disk and known to be chosen."""
        if not self.chosen_upto:
            return
        for entry in self.log[: self.chosen_upto]:
            command = entry.command
            if command is None or (self.once and command.serial <= self.sessions.get(command.client, NEVER)[0]):
                continue
            self.data, result = keyvalue.apply(self.data, command)
            self.sessions = {**self.sessions, command.client: (command.serial, result)}
        self.indicate(tell.Replayed(self.chosen_upto))
