"""The number election, step by step: initialise, broadcast, compare, elect.

Theory of operation. In a round every node draws a number, writes it into its log and tells it to all; it writes down what
it is told; and when it has the numbers of *all* nodes it knows by itself whose is the best, so no message need announce
the leader. All nodes compare the same numbers and come to the same end, whatever the order in which they came. So
two leaders cannot be, as long as a node waits for all; and nobody leads as long as one node is down, cut off, or one
message is lost. Who will not wait so long (the rule off) may overlook the best number, and then there are two leaders.

To gather all numbers and take the extreme one is Le Lann's idea (1977); rounds, and how one begins, are told in README.md.
"""

from __future__ import annotations

from ...simulation import on, on_timer
from ..session import ClientRequest
from . import indications as tell
from .messages import Entry, Number
from .state import BROADCAST, COMPARE, FOLLOWER, INITIALISE, LEADER, NO_NUMBERS, NumberState

INITIALISED = "initialise"
WRITTEN = "write"
ROUND = "round"


class NumberElection(NumberState):
    """One node."""

    messages = (Number, ClientRequest)

    def start(self) -> None:
        """A node that comes up begins a new round: it can't know what it has missed. Its log says which was its last."""
        last = self.log[-1].round if self.log.length else 0
        self.begin_round(last + 1)
        self.indicate(tell.BeganRound(self.round))

    # Step 1: initialise

    def begin_round(self, round: int) -> None:
        """All that belonged to the round before is over, the leader too."""
        if self.role is LEADER:
            self.indicate(tell.SteppedDown(self.round, round))
        self.round = round
        self.role = INITIALISE
        self.leader = None
        self.number = None
        self.numbers = NO_NUMBERS
        self.heard_from = ()
        self.cancel_timer(WRITTEN)
        self.set_timer(INITIALISED, self.initialise_low, max(self.initialise_low, self.initialise_high))
        self.set_timer(ROUND, self.patience_low, max(self.patience_low, self.patience_high))

    @on_timer(INITIALISED)
    def on_initialised(self) -> None:
        """Draws a number and writes it into its own log."""
        number = self.take_number()
        self.role = BROADCAST
        self.number = number
        self.write(self.id, number)
        self.indicate(tell.NumberDrawn(self.round, number))
        self.set_timer(WRITTEN, self.write_time)

    def write(self, node: str, number: int) -> None:
        """Writes down whose number of this round is which."""
        self.log = self.log.append(Entry(self.round, (node, number)))
        self.numbers = {**self.numbers, node: number}
        self.heard_from = (*self.heard_from, node)

    # Step 2: broadcast

    @on_timer(WRITTEN)
    def on_written(self) -> None:
        """The number is written: now the others may know of it."""
        assert self.number is not None
        self.role = COMPARE
        self.indicate(tell.NumberBroadcast(self.round, self.number))
        self.broadcast(Number(self.round, self.number))
        self.elect_if_all_are_heard()

    # Step 3: compare

    @on(Number)
    def on_number(self, m: Number, src: str) -> None:
        """Writes it down; a newer round is joined, an older one does not count, and its sender is told of this one."""
        if m.round > self.round:
            self.begin_round(m.round)
            self.indicate(tell.JoinedRound(src, m.round))
        elif m.round < self.round and self.one_round:
            self.indicate(tell.OldNumber(src, m.round, m.number, self.round))
            if self.number is not None and self.role is not BROADCAST:
                self.send(src, Number(self.round, self.number))
            return
        if src in self.numbers:
            self.hear_again(m, src)
            return
        self.write(src, m.number)
        if m.round < self.round:
            self.indicate(tell.OldNumberCounted(src, m.round, m.number, self.round))
        elif self.leader is not None:
            self.indicate(tell.LateNumber(src, m.number, self.leader))
        else:
            best = self.numbers[self.winners()[0]]
            self.indicate(tell.NumberWritten(src, m.number, len(self.numbers), self.members, best))
        self.elect_if_all_are_heard()

    def hear_again(self, m: Number, src: str) -> None:
        """A second message with a number: the network has doubled it, or its sender has forgotten the first one."""
        written = self.numbers[src]
        if m.number == written:
            self.indicate(tell.NumberKnown(src, m.number))
        else:
            self.indicate(tell.SecondNumber(src, m.round, m.number, written))

    def elect_if_all_are_heard(self) -> None:
        """A node that has told its own number compares when it has those of all nodes, itself among them."""
        if self.role is COMPARE and len(self.numbers) == self.members:
            self.elect()

    # Step 4: elect

    def elect(self) -> None:
        """The best number of those written down elects its node; everybody finds that by himself."""
        winners = self.winners()
        winner = self.winner(winners)
        number = self.numbers[winner]
        if len(winners) > 1:
            tied = ", ".join(winners)
            self.indicate(tell.TieBroken(tied, number, winner) if self.tie_break else tell.TieLeft(tied, number))
        self.leader = winner
        if winner == self.id:
            self.role = LEADER
            self.indicate(tell.LeaderElected(self.round, number, len(self.numbers)))
        else:
            self.role = FOLLOWER
            self.indicate(tell.LeaderFollowed(winner, self.round, number, len(self.numbers)))
        self.set_timer(ROUND, self.office_time // 2, self.office_time * 3 // 2)

    @on_timer(ROUND)
    def on_round_over(self) -> None:
        """Patience is over, or the time in office, or an operator wants it: a new round begins."""
        newer = self.round + 1
        if self.leader is not None:
            self.indicate(tell.OfficeOver(self.leader, self.round, newer))
        elif self.role is COMPARE and not self.hear_from_all:
            self.indicate(tell.GoesByFewer(len(self.numbers), self.members))
            self.elect()
            return
        else:
            self.indicate(tell.NoLeaderInTime(self.round, newer, len(self.numbers), self.members))
        self.begin_round(newer)
