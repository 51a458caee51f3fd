"""CheckQuorum: a leader that a majority does not answer steps down (dissertation, section 6.2), and nobody votes against a
leader that it hears (section 4.2.3).

Each half needs the other. A server that ignores requests for votes while it hears a leader keeps servers that were cut
off or removed from disrupting the cluster, whatever their term; and a leader that only some of the servers hear must go by
itself then, since the others can't depose it by a term alone.

"Heard" is any answer in its own term. It looks after every election timeout, as etcd's library does. Its time is its own
clock. A server that was just added has had no time to answer: at the first look after that the leader waits for it and does
not step down (etcd's `RecentActive` of a new server), but counts it as heard nowhere, and no lease rests on it.
"""

from __future__ import annotations

from ...simulation import N_, on, on_timer, param, volatile
from ..indication import Indication
from . import indications as tell
from .configuration import Configuration
from .membership import names
from .messages import RequestVote
from .prevote import PreElections
from .state import EMPTY, LEADER

QUORUM_CHECK = "quorum_check"


class CheckQuorum(PreElections):
    """Leaders that know whether they are still heard."""

    check_quorum: bool = param(
        False, False, True, "switch", N_("CheckQuorum"),
        N_("A leader that no majority has answered for an election timeout steps down, and a node that hears a leader "
           "ignores those who ask for its vote."),
    )  # fmt: skip

    heard_from: dict[str, int] = volatile(
        EMPTY, N_("heard from"),
        N_("With CheckQuorum, for each follower: when the leader had its last answer, on its own clock in µs."),
    )  # fmt: skip
    newcomers: dict[str, int] = volatile(
        EMPTY, N_("newcomers"),
        N_("With CheckQuorum, for each new member that has not answered yet: since when, on the leader's clock in µs."),
    )  # fmt: skip

    # Followers (section 4.2.3)

    @on(RequestVote)
    def on_request_vote(self, m: RequestVote, src: str) -> None:
        """Whoever hears a leader does not even take over the candidate's term."""
        if m.term >= self.current_term and self.leader_stickiness and self.keeps_its_leader():
            self.indicate(self.why_withheld(src, m.term))
            return
        super().on_request_vote(m, src)

    def why_withheld(self, candidate: str, term: int) -> Indication:
        """What it says of a request that it ignores."""
        if self.role is LEADER:
            return tell.VoteWithheldLeads(candidate, term)
        if self.leader is None:
            return tell.VoteWithheldHeardLately(candidate, term)
        return tell.VoteWithheld(candidate, term, self.leader)

    def keeps_its_leader(self) -> bool:
        """Whether it ignores requests for its vote now."""
        return self.settings.check_quorum and self.hears_a_leader()

    # The leader (section 6.2)

    def become_leader(self) -> None:
        if self.check_quorum:
            self.heard_from = self.newcomers = EMPTY
            self.set_timer(QUORUM_CHECK, self.election_low)
        super().become_leader()

    def become_follower(self) -> None:
        super().become_follower()
        if self.settings.check_quorum:
            self.heard_from = self.newcomers = EMPTY
            self.cancel_timer(QUORUM_CHECK)

    def put_in_force(self, at: int, configuration: Configuration | None) -> None:
        """A new member has a whole election timeout for its first answer; who has been silent so far gets none by that."""
        before = self.followers
        super().put_in_force(at, configuration)
        if self.role is LEADER and self.check_quorum:
            now = self.followers
            self.heard_from = {node: time for node, time in self.heard_from.items() if node in now}
            self.newcomers = {
                node: self.newcomers.get(node, self.now) for node in now if node in self.newcomers or node not in before
            }

    def hear(self, src: str) -> None:
        if src not in self.match_index:
            return  # it is no member any more
        self.heard_from = {**self.heard_from, src: self.now}
        if src in self.newcomers:
            self.newcomers = {node: since for node, since in self.newcomers.items() if node != src}

    @on_timer(QUORUM_CHECK)
    def on_quorum_check(self) -> None:
        """After every election timeout: who has answered within it? Without a majority, itself included, it steps down."""
        if self.role is not LEADER:
            return
        since = self.now - self.election_low
        answered = (self.id, *(node for node, time in self.heard_from.items() if time >= since))
        heard = self.counting(answered)
        if self.has_quorum(answered):
            self.indicate(tell.MajorityHeard(self.current_term, heard, self.members))
            self.set_timer(QUORUM_CHECK, self.election_low)
            return
        awaited = tuple(node for node, added in self.newcomers.items() if added > since)
        if awaited and self.has_quorum((*answered, *awaited)):
            self.indicate(tell.NewcomersAwaited(self.current_term, heard, self.members, names(awaited)))
            self.set_timer(QUORUM_CHECK, self.election_low)
            return
        self.indicate(tell.SteppedDownUnheard(self.current_term, heard, self.quorum, self.members))
        self.leader = None
        self.become_follower()
