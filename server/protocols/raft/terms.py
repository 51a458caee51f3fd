"""Rules for all servers: terms, and whom a server holds for their leader (figure 2; section 5.1)."""

from __future__ import annotations

from ...simulation import N_, volatile
from . import indications as tell
from .membership import Membership
from .state import EMPTY, FOLLOWER, HEARTBEAT, LEADER


class Terms(Membership):
    """What a server of any role does when it hears of a term or of its leader."""

    withhold_until: int = volatile(
        0, N_("withholds votes until"),
        N_("It has just heard a leader, and till then (on its own clock, in µs) it helps nobody to replace it."),
    )  # fmt: skip

    def start(self) -> None:
        if self.saved.last_index:
            self.load_snapshot()
        self.reset_election_timer()
        if self.settings.membership != "fixed" or self.settings.initial_members:
            self.put_in_force(*self.latest_up_to(self.log.length))

    def load_snapshot(self) -> None:
        """The state machine begins where the snapshot ends, and what it stands for is committed (section 7)."""
        snapshot = self.saved
        self.commit_index = self.last_applied = snapshot.last_index
        self.data, self.sessions = snapshot.data, snapshot.sessions

    def see_term(self, term: int, src: str) -> None:
        """A message of a newer term makes any node a follower of that term."""
        if self.role is FOLLOWER:
            self.indicate(tell.TermAdvanced(self.current_term, term, src))
        else:
            self.indicate(tell.SteppedDown(self.role.value, self.current_term, term, src))
            self.become_follower()
        self.current_term = term
        self.voted_for = None
        self.leader = None

    def become_follower(self) -> None:
        """Gives up what only candidates and leaders have."""
        self.role = FOLLOWER
        self.votes = ()
        self.next_index = EMPTY
        self.match_index = EMPTY
        self.cancel_timer(HEARTBEAT)
        self.reset_election_timer()

    def recognise_leader(self, src: str) -> None:
        """Whoever sends AppendEntries of the current term leads it; a candidate of that term returns to follower."""
        if self.role is FOLLOWER:
            self.reset_election_timer()
        elif self.role is not LEADER:
            self.indicate(tell.CandidacyGivenUp(src, self.current_term))
            self.become_follower()
        if self.role is FOLLOWER:
            settings = self.settings
            if settings.pre_vote or settings.check_quorum or settings.reads == "lease":
                self.withhold_until = self.now + settings.election_low
            if self.leader != src:
                self.follow(src)

    def follow(self, leader: str) -> None:
        """From now on it holds `leader` for the leader of its term."""
        self.leader = leader
        self.indicate(tell.LeaderRecognised(leader, self.current_term))
