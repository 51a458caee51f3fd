"""Rules for all servers: terms, and whom a server holds for their leader (figure 2; section 5.1)."""

from __future__ import annotations

from . import indications as tell
from .membership import Membership
from .state import CANDIDATE, EMPTY, FOLLOWER, HEARTBEAT


class Terms(Membership):
    """What a server of any role does when it hears of a term or of its leader."""

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
        elif self.role is CANDIDATE:
            self.indicate(tell.CandidacyGivenUp(src, self.current_term))
            self.become_follower()
        if self.leader != src and self.role is FOLLOWER:
            self.leader = src
            self.indicate(tell.LeaderRecognised(src, self.current_term))
