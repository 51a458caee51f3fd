"""The ring election, after section 2 of the paper (Chang and Roberts, 1979).

Theory of operation. Every node knows its neighbour in the ring and sends to nobody else. Who holds an election sends its
number around. A node passes a larger number on, and swallows a smaller one, in whose place its own number goes, once. So
only the largest gets all the way around: whoever has its own number back knows that nobody has a larger one, and sends
the news around. The paper's ring has no failures. What is added here so that it can have some stands at the end: a
neighbour that does not answer is skipped, one that is back takes its place again, and an election that takes too long
is begun anew (README.md).
"""

from __future__ import annotations

from typing import Any

from ...simulation import on, on_timer
from ..session import ClientRequest
from . import indications as tell
from .messages import AreYouThere, Elected, Present, Token
from .state import FOLLOWER, LEADER, PARTICIPANT, RingState

ELECTION = "election"
PROBE = "probe"
NEIGHBOUR = "neighbour"


class Ring(RingState):
    """One node."""

    messages = (Token, Elected, AreYouThere, Present, ClientRequest)

    def start(self) -> None:
        """A node that comes up finds its neighbour, and holds an election: its number may be the largest."""
        self.indicate(tell.CameUp(self.number))
        if self.peers:
            self.set_timer(PROBE, self.probe_interval)
            self.set_timer(NEIGHBOUR, self.neighbour_timeout)
            self.successor = self.after[0]
        self.hold_election()

    # A number goes around

    def hold_election(self) -> None:
        """Sends its own number. Whoever takes part follows nobody and leads nobody; whoever is alone leads at once."""
        self.take_part(leads_on=self.successor is None)
        self.largest = 0
        self.sent = self.now
        self.pass_on(self.number, self.sent)
        if self.successor is None:
            self.become_leader(tell.LeadsAlone())

    def take_part(self, leads_on: bool = False) -> None:
        """From the first number that it sends or passes on, until it hears who has won; or it `leads_on`, being alone."""
        self.role = PARTICIPANT
        if self.leader == self.id:
            if not self.give_way:
                return
            if not leads_on:
                self.indicate(tell.SteppedDown())
        self.leader = None

    def pass_on(self, number: int, sent: int) -> None:
        """To the neighbour; a number that goes nowhere is missed after the election timeout."""
        self.keep(number, sent)
        self.tell_neighbour(Token(number, sent))

    def keep(self, number: int, sent: int) -> None:
        """Remembers the largest number that it has let pass: nobody smaller can win this election."""
        if number >= self.largest:
            self.largest, self.largest_sent = number, sent
        self.set_timer(ELECTION, self.election_low, max(self.election_low, self.election_high))

    def tell_neighbour(self, message: Any) -> None:
        """Sends to the one node to which this one ever sends, if there is any."""
        if self.successor is not None:
            self.send(self.successor, message)

    @on(Token)
    def on_token(self, m: Token, src: str) -> None:
        """Larger: pass it on. Smaller: swallow it. Its own: it has won."""
        if m.number > self.number:
            self.let_pass(m.number, m.sent)
        elif m.number < self.number:
            self.stop(m.number, m.sent)
        else:
            self.have_own_back(m.sent)

    def have_own_back(self, sent: int) -> None:
        """It has won; not with a number of an earlier election, nor when a larger one has come by since.

        Both can be only where nodes fail: in the paper's ring a larger number would have been swallowed.
        """
        if sent != self.sent:
            self.indicate(tell.OwnNumberAgain())
        elif self.swallow_smaller and self.largest > self.number:
            self.indicate(tell.OwnNumberSwallowed(self.largest))
        elif self.role is PARTICIPANT or not self.take_part_once:
            self.become_leader(tell.LeaderElected(self.number))
        else:
            self.indicate(tell.OwnNumberAgain())

    def let_pass(self, number: int, sent: int) -> None:
        """A larger number goes on. It has to get home: where its owner is skipped, it waits for it here."""
        if number < self.largest and self.swallow_smaller:
            self.indicate(tell.SmallerCameLater(number, self.largest))
            return
        self.take_part()
        self.hear_of(number)
        if self.successor is None or self.is_skipped(number):
            self.indicate(tell.NumberKept(number))
            self.keep(number, sent)
            return
        self.indicate(tell.LargerPassedOn(number, self.successor))
        self.pass_on(number, sent)

    def stop(self, number: int, sent: int) -> None:
        """A smaller number ends here, and its own goes on instead, unless it takes part already."""
        self.say_why_stopped(number)
        if not self.swallow_smaller:
            self.tell_neighbour(Token(number, sent))
        if self.role is not PARTICIPANT:
            self.hold_election()
        elif not self.take_part_once:
            self.pass_on(self.number, self.sent)

    def say_why_stopped(self, number: int) -> None:
        """What becomes of a smaller number, and of its own.

        Who takes part has sent its own number or let a larger one pass, and `largest` says which.
        """
        if self.successor is None:
            self.indicate(tell.SmallerAlone(number))
            return
        if not self.swallow_smaller:
            self.indicate(tell.SmallerPassedOn(number))
        if self.role is not PARTICIPANT:
            replaced = tell.SmallerReplaced(number, self.number)
            self.indicate(replaced if self.swallow_smaller else tell.OwnSentToo(self.number))
        elif not self.take_part_once:
            self.indicate(tell.SentAgain(number))
        elif self.swallow_smaller and self.largest > self.number:
            self.indicate(tell.SmallerCameLater(number, self.largest))
        elif self.swallow_smaller:
            self.indicate(tell.SmallerSwallowed(number))

    # The winner

    def become_leader(self, why: tell.LeaderElected | tell.LeadsAlone) -> None:
        """Its number is back, or it is alone: there is no larger one in the ring."""
        self.role = LEADER
        self.leader = self.id
        self.largest = 0
        self.cancel_timer(ELECTION)
        self.indicate(why)
        self.tell_neighbour(Elected(self.number))

    @on(Elected)
    def on_elected(self, m: Elected, src: str) -> None:
        """Follows the winner and passes the news on, if it is the one whose number it has let pass.

        In the paper's ring the winner's number has passed every other node before its news comes. Where nodes fail, news
        can come late, by another link, or to a node that has come up since the number came by: then another number may
        have won, or be about to. Who follows nobody then holds an election sooner or later, and learns it.
        """
        leader = f"n{m.number}"
        if m.number == self.number:
            self.indicate(tell.NewsIsBack() if self.leader == self.id else tell.NewsIsBackLate())
        elif m.number < self.number:
            self.indicate(tell.NewsOfSmaller(leader))
        elif m.number < self.largest:
            self.indicate(tell.NewsTooOld(leader, self.largest))
        elif self.leader == leader:
            self.indicate(tell.NewsKnown(leader))
        elif self.swallow_smaller and m.number != self.largest:
            self.indicate(tell.NewsNotAwaited(leader, m.number))
        else:
            self.follow(leader, m.number)

    def follow(self, leader: str, number: int) -> None:
        """It has won; the next in the ring hear it too, unless the winner should be among them and is skipped."""
        if self.leader == self.id:
            self.indicate(tell.SteppedDownFor(leader))
        self.role = FOLLOWER
        self.leader = leader
        self.largest = 0
        self.cancel_timer(ELECTION)
        self.hear_of(number)
        if self.is_skipped(number):
            self.indicate(tell.NewsEndsHere(leader))
        else:
            self.indicate(tell.LeaderFollowed(leader))
            self.tell_neighbour(Elected(number))

    @on_timer(ELECTION)
    def on_election_timeout(self) -> None:
        """A number or the news was lost."""
        self.indicate(tell.ElectionTooLong())
        self.hold_election()

    # The ring is kept whole: not in the paper

    @on_timer(PROBE)
    def on_probe_timer(self) -> None:
        """Asks the neighbour, and those that it skips: one of them may be back."""
        self.set_timer(PROBE, self.probe_interval)
        for node in self.skipped:
            self.send(node, AreYouThere())
        self.tell_neighbour(AreYouThere())

    @on(AreYouThere)
    def on_are_you_there(self, m: AreYouThere, src: str) -> None:
        """Says that it is."""
        self.send(src, Present())

    @on(Present)
    def on_present(self, m: Present, src: str) -> None:
        """The neighbour is there; or one that was skipped is back, and takes its place."""
        if src == self.successor:
            self.set_timer(NEIGHBOUR, self.neighbour_timeout)
        elif src in self.skipped:
            self.indicate(tell.NeighbourBack(src))
            self.turn_to(src)
            self.go_on_in_another_ring(src)

    def hear_of(self, number: int) -> None:
        """What the neighbour sent around the ring is a sign of life: it may have come up since it was asked last."""
        if self.successor == f"n{number}":
            self.set_timer(NEIGHBOUR, self.neighbour_timeout)

    def turn_to(self, neighbour: str) -> None:
        """Has another neighbour from now on, and asks it whether it is there."""
        self.successor = neighbour
        self.set_timer(NEIGHBOUR, self.neighbour_timeout)
        self.send(neighbour, AreYouThere())

    def go_on_in_another_ring(self, neighbour: str) -> None:
        """What was sent to the old neighbour goes to the new one too; where nothing was, they elect: the ring is new."""
        if self.role is PARTICIPANT:
            self.indicate(tell.NumberSentAgain(self.largest, neighbour))
            self.pass_on(self.largest, self.largest_sent)
        else:
            self.indicate(tell.RingChanged(neighbour))
            self.hold_election()

    @on_timer(NEIGHBOUR)
    def on_neighbour_timeout(self) -> None:
        """The neighbour does not answer: the next one takes its place. If it led, or its number is on its way, elect."""
        lost = self.successor
        assert lost is not None
        later = self.after[self.after.index(lost) + 1 :]
        if later:
            self.indicate(tell.NeighbourSkipped(lost, later[0]))
            self.turn_to(later[0])
        else:
            self.indicate(tell.LeftAlone(lost))
            self.successor = None
        if self.leader == lost:
            self.indicate(tell.LeaderLost(lost))
            self.hold_election()
        elif self.successor is None and self.role is not LEADER:
            self.hold_election()
        elif self.role is PARTICIPANT and self.is_skipped(self.largest):
            self.indicate(tell.OwnerLost(self.largest))
            self.hold_election()
        elif self.role is PARTICIPANT and self.successor is not None:
            self.indicate(tell.NumberSentAgain(self.largest, self.successor))
            self.pass_on(self.largest, self.largest_sent)
