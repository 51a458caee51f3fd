"""Leadership transfer (Ongaro's dissertation, section 3.10): a leader hands over to a server of somebody's choice.

It takes no new operations, brings the target's log up to its own, and then tells the target not to wait for its timeout.
The target asks for votes with a flag that lets voters who hear the leader vote all the same (section 4.2.3), since the
leader itself wants it. Nothing of Raft's safety rests on any of this: it is an election like others, only sooner. If the
target has not taken over after an election timeout, the leader goes on as before.

A client asks for it with the operation `transfer`, which never enters the log. The answer says whether the target leads.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, choice, on, on_timer, rule, value, volatile
from ..session import ClientReply
from . import indications as tell
from .checkquorum import CheckQuorum
from .configuration import Configuration
from .membership import LEAVING, VOTER
from .messages import RequestVote
from .state import LEADER

TRANSFER = "transfer"


@value
class TimeoutNow:
    """The leader asks the receiver to start an election at once (section 3.10)."""

    text: ClassVar[str] = N_("Leader {src} tells {dst} to start an election at once, in term {term}.")
    term: int


@value
class RequestVoteInTransfer:
    """RequestVote with the flag of section 4.2.3: the leader wants this election, so nobody protects it."""

    text: ClassVar[str] = N_("{src}, to whom the leader hands over, asks {dst} for its vote in term {term}.")
    term: int
    last_log_index: int
    last_log_term: int


@value
class Handover:
    """A transfer under way, as the leader remembers it, and still as a follower until it knows how it ended."""

    target: str
    client: str
    serial: int
    told: bool
    """Whether the target has been told to start its election."""


class Transfers(CheckQuorum):
    """A leader that gives its place away."""

    transfer: str = choice(
        "off",
        {"off": N_("is refused"), "asked": N_("when you ask for it"), "often": N_("clients ask for it by themselves, too")},
        N_("Leadership transfer"), N_("A client may ask the leader to hand over to another node."),
    )  # fmt: skip
    transfer_catch_up: bool = rule(
        N_("Hand over only to a log that is complete"),
        N_("A leader tells its successor to start the election only when that has all of the leader's log; "
           "else it would lose the election, and the cluster its leader."),
        cites="Ongaro 2014 §3.10", needs={"transfer": "often"},
    )  # fmt: skip

    handover: Handover | None = volatile(
        None, N_("handover"), N_("To whom it hands over its leadership, and for whom.")
    )
    handed_over_in: int = volatile(
        0, N_("handed over in term"),
        N_("The last term in which it told another node to start an election: from then on no lease is to be trusted."),
    )  # fmt: skip

    def ask_for_transfer(self, target: str, client: str, serial: int) -> None:
        """Leader: a client wants `target` to lead."""
        before = self.handover
        if before is not None and (before.target, before.client, before.serial) == (target, client, serial):
            return  # the same question again: its time does not begin anew
        if self.transfer == "off":
            self.indicate(tell.TransferRefusedOff(client, target))
            self.answer_transfer(client, serial, done=False)
        elif target == self.id:
            self.indicate(tell.TransferNotNeeded(client))
            self.answer_transfer(client, serial, done=True)
        elif target not in self.peers:
            self.indicate(tell.TransferRefusedUnknown(client, target))
            self.answer_transfer(client, serial, done=False)
        elif self.configuration is not None and target not in self.configuration.voters:
            self.indicate(tell.TransferRefusedNoVoter(client, target))
            self.answer_transfer(client, serial, done=False)
        elif before is not None and before.target == target:
            self.answer_transfer(client, serial, done=False)
        else:
            if before is not None:
                self.answer_transfer(before.client, before.serial, done=False)
            self.handover = Handover(target, client, serial, told=False)
            self.indicate(tell.TransferBegun(target, client, self.last_log_index - self.match_index[target]))
            self.set_timer(TRANSFER, self.election_low)
            self.hand_over()

    def answer_transfer(self, client: str, serial: int, *, done: bool) -> None:
        """Tells the client whether the node of its choice leads now."""
        self.send(client, ClientReply(serial, True, done, self.leader))

    def hand_over(self) -> None:
        """As soon as the target's log is complete it is told to start an election; till then it gets what it lacks."""
        handover = self.handover
        if handover is None or handover.told or self.role is not LEADER:
            return
        target = handover.target
        if self.transfer_catch_up and self.match_index.get(target, 0) < self.last_log_index:
            return
        self.handover = Handover(target, handover.client, handover.serial, told=True)
        self.handed_over_in = self.current_term
        self.indicate(tell.ToldToCampaign(target, self.last_log_index))
        self.send(target, TimeoutNow(self.current_term))

    @on(TimeoutNow)
    def on_timeout_now(self, m: TimeoutNow, src: str) -> None:
        """The target campaigns as if its timer had run out, without a pre-vote, for it is not the leader's foe."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
        if m.term < self.current_term or self.role is LEADER:
            self.indicate(tell.TimeoutNowIsOver(src, m.term, self.current_term))
            return
        if self.standing is not VOTER and self.standing is not LEAVING:
            self.indicate(tell.TimeoutNowAtNoVoter(src))
            return
        self.withhold_until = 0
        self.campaign(tell.CandidateByTransfer(self.current_term + 1, src), RequestVoteInTransfer)

    @on(RequestVoteInTransfer)
    def on_request_vote_in_transfer(self, m: RequestVoteInTransfer, src: str) -> None:
        """Like any request for a vote, but that whom one hears does not count."""
        news = m.term > self.current_term or (m.term == self.current_term and self.leader is None)
        if news and self.hears_a_leader():
            heard = self.id if self.role is LEADER else self.leader
            self.indicate(
                tell.LeaderHeardLatelyGivesWay(src, m.term)
                if heard is None
                else tell.LeaderGivesWay(src, m.term, heard)
            )
            self.withhold_until = 0
        self.judge_request_vote(RequestVote(m.term, m.last_log_index, m.last_log_term), src)

    # How it ends

    def put_in_force(self, at: int, configuration: Configuration | None) -> None:
        """Nobody hands over to a node that does not vote any more."""
        super().put_in_force(at, configuration)
        handover = self.handover
        if handover is None or configuration is None or self.role is not LEADER:
            return
        if handover.target not in configuration.voters:
            self.indicate(tell.TransferTargetGone(handover.target))
            self.end_transfer(done=False)

    def follow(self, leader: str) -> None:
        """The old leader hears the next one."""
        super().follow(leader)
        if self.handover is not None:
            self.end_transfer(done=leader == self.handover.target)

    @on_timer(TRANSFER)
    def on_transfer_timeout(self) -> None:
        """After an election timeout: the leader takes operations again, and who follows by then says what it knows."""
        if self.handover is not None:
            if self.role is LEADER:
                self.indicate(tell.TransferGivenUp(self.handover.target))
            self.end_transfer(done=self.leader == self.handover.target)

    def end_transfer(self, *, done: bool) -> None:
        """The transfer is over, one way or the other."""
        assert self.handover is not None
        if done:
            self.indicate(tell.Transferred(self.handover.target))
        client, serial = self.handover.client, self.handover.serial
        self.handover = None
        self.cancel_timer(TRANSFER)
        self.answer_transfer(client, serial, done=done)

    def become_leader(self) -> None:
        """An old leader that leads again has not handed over."""
        super().become_leader()
        if self.handover is not None:
            self.end_transfer(done=False)
