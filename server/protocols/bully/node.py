"""The bully algorithm, after section 4 of the paper (Garcia-Molina, 1982).

Theory of operation. The node with the highest number that is up shall lead. A node that misses its coordinator asks all
higher ones whether they are there. If one answers, it gives way, and that one goes on in the same way. If none does, they
are dead, *because an answer takes no longer than a known time*: this is what the algorithm stands on. Then it makes
the lower ones halt, and only when they have stopped, it becomes their coordinator. So there are never two: a lower one
has halted, and a higher one that comes up makes this one halt before it leads. Coming up, a node does just that: it
bullies whoever leads. Where messages are lost or late, the silent are not dead, and two may lead.
"""

from __future__ import annotations

from ...simulation import on, on_timer
from ..session import ClientRequest
from ..wholeads import number_of
from . import indications as tell
from .messages import Answer, Coordinator, Election, Halt, Halted, Heartbeat
from .state import ASKING, COORDINATOR, FOLLOWER, HALTING, WAITING, BullyState

REPLY = "reply"
HEARTBEAT = "heartbeat"
SILENCE = "silence"


class Bully(BullyState):
    """One node."""

    messages = (Election, Answer, Halt, Halted, Coordinator, Heartbeat, ClientRequest)

    def start(self) -> None:
        """Recovery: whatever there was before, a node that comes up holds an election."""
        if self.recover_with_election:
            self.indicate(tell.CameUp())
            self.hold_election()
        else:
            self.indicate(tell.CameUpQuietly())
            self.set_timer(SILENCE, self.heartbeat_timeout)

    # Part 1 of an election: is anybody higher there?

    def hold_election(self) -> None:
        """Asks all higher nodes. While it elects, it follows nobody and leads nobody."""
        if self.role is COORDINATOR:
            self.indicate(tell.GaveUpLeading())
        self.role = ASKING
        self.leader = None
        self.halted_by = None
        self.halted = ()
        self.cancel_timer(HEARTBEAT)
        self.cancel_timer(SILENCE)
        if not self.higher:
            self.halt_the_lower()
            return
        for node in self.higher:
            self.send(node, Election())
        self.set_timer(REPLY, self.answer_timeout)

    @on(Election)
    def on_election(self, m: Election, src: str) -> None:
        """A lower node asks: answer, and hold an election, unless one is under way here."""
        self.send(src, Answer())
        if self.role in (FOLLOWER, COORDINATOR):
            self.indicate(tell.AnswersLower(src))
            self.hold_election()
            return
        self.indicate(tell.AnswersBusy(src))
        if self.role is HALTING and src not in self.halted:
            self.send(src, Halt())  # it may have come up since the others were told

    @on(Answer)
    def on_answer(self, m: Answer, src: str) -> None:
        """A higher one is there: it will lead, or somebody higher still."""
        if self.role is not ASKING:
            if self.role in (HALTING, COORDINATOR):
                self.indicate(tell.AnswerTooLate(src))
            return
        if not self.answer_stops_the_lower:
            self.indicate(tell.AnswerIgnored(src))
            return
        self.role = WAITING
        self.indicate(tell.GivesWay(src))
        self.cancel_timer(REPLY)
        self.set_timer(SILENCE, self.coordinator_timeout)

    @on_timer(REPLY)
    def on_reply_timeout(self) -> None:
        """Whoever has not answered by now is dead: the higher ones, or those lower ones that have not halted."""
        if self.role is ASKING:
            self.indicate(tell.NobodyHigher())
            self.halt_the_lower()
        elif self.role is HALTING:
            self.become_coordinator()

    # Part 2: the lower ones halt

    def halt_the_lower(self) -> None:
        """No lower node may lead or follow another when this one becomes coordinator."""
        if not self.halt_first or not self.lower:
            self.become_coordinator()
            return
        self.role = HALTING
        for node in self.lower:
            self.send(node, Halt())
        self.set_timer(REPLY, self.answer_timeout)

    @on(Halt)
    def on_halt(self, m: Halt, src: str) -> None:
        """Stops whatever it does, leading too, and waits for `src` to be the coordinator.

        Not if it has halted for one that is higher still: that one makes `src` halt too, and will lead. (The paper lets
        the later call win; then a node may follow the lower of two that hold elections at the same time.)
        """
        if self.role is WAITING and self.halted_by is not None and number_of(self.halted_by) > number_of(src):
            self.indicate(tell.HaltRefused(src, self.halted_by))
            return
        self.indicate(tell.SteppedDown(src) if self.role is COORDINATOR else tell.HaltedBy(src))
        self.role = WAITING
        self.leader = None
        self.halted_by = src
        self.halted = ()
        self.cancel_timer(REPLY)
        self.cancel_timer(HEARTBEAT)
        self.set_timer(SILENCE, self.coordinator_timeout)
        self.send(src, Halted())

    @on(Halted)
    def on_halted(self, m: Halted, src: str) -> None:
        """One more of the lower ones has stopped; a doubled message counts once."""
        if self.role is not HALTING or src in self.halted:
            return
        self.halted = (*self.halted, src)
        self.indicate(tell.LowerHasHalted(src, len(self.halted), len(self.lower)))
        if len(self.halted) == len(self.lower):
            self.become_coordinator()

    # The coordinator

    def become_coordinator(self) -> None:
        """Nobody higher is there, and whoever is lower has stopped, or is dead."""
        self.role = COORDINATOR
        self.leader = self.id
        self.indicate(tell.LeaderElected(len(self.halted)))
        for node in self.halted if self.halt_first else self.lower:
            self.send(node, Coordinator())
        self.cancel_timer(REPLY)
        self.cancel_timer(SILENCE)
        self.set_timer(HEARTBEAT, self.heartbeat_interval)

    @on(Coordinator)
    def on_coordinator(self, m: Coordinator, src: str) -> None:
        """Follows it, if it is the one for which it has halted: another one may have come since."""
        if self.halt_first and self.halted_by != src:
            self.indicate(tell.CoordinatorRefused(src))
            return
        if self.role is COORDINATOR:  # only where nobody was told to halt
            self.indicate(tell.SteppedDown(src))
        self.follow(src)

    def follow(self, leader: str) -> None:
        """The election is over."""
        self.role = FOLLOWER
        self.leader = leader
        self.halted = ()
        self.indicate(tell.CoordinatorFollowed(leader))
        self.cancel_timer(REPLY)
        self.cancel_timer(HEARTBEAT)
        self.set_timer(SILENCE, self.heartbeat_timeout)

    @on_timer(HEARTBEAT)
    def on_heartbeat_timer(self) -> None:
        """Word to all, not to its followers alone: so two coordinators meet when a partition is gone."""
        self.set_timer(HEARTBEAT, self.heartbeat_interval)
        self.broadcast(Heartbeat())

    @on(Heartbeat)
    def on_heartbeat(self, m: Heartbeat, src: str) -> None:
        """Its own coordinator is alive; another one should not be."""
        if src == self.leader:
            self.set_timer(SILENCE, self.heartbeat_timeout)
        elif self.role is WAITING:
            if src == self.halted_by:
                self.follow(src)  # its Coordinator message was lost
        elif self.role in (FOLLOWER, COORDINATOR):
            self.meet_another(src)

    def meet_another(self, src: str) -> None:
        """Two nodes lead, or one leads whom this node can't know: it has just come up, or was cut off."""
        if number_of(src) > number_of(self.id):
            self.indicate(tell.HigherCoordinator(src))
        elif self.recover_with_election:
            self.indicate(tell.LowerCoordinator(src))
        else:
            if self.role is FOLLOWER and self.leader is None:
                self.indicate(tell.LowerCoordinatorFollowed(src))
                self.follow(src)
            return
        self.hold_election()

    @on_timer(SILENCE)
    def on_silence(self) -> None:
        """No coordinator was heard of for too long."""
        self.indicate(tell.NobodyLeads() if self.leader is None else tell.CoordinatorSilent(self.leader))
        self.hold_election()
