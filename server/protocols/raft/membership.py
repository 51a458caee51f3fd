"""Who counts: the configuration in force (paper section 6; thesis chapter 4).

The latest configuration in a server's log is in force, committed or not, and where it is removed again the one before it
is. So every majority is counted over `configuration`. Where that is None, membership is fixed: all nodes vote, and nothing
of this takes part. What a leader does to change it is in `reconfiguration.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from ...simulation import N_, choice, param, volatile
from ..quorum import Ballot, agreed, majority, vote_result
from . import indications as tell
from .changes import Members, brief
from .configuration import Configuration, ordered
from .state import CANDIDATE, ELECTION, EMPTY, FOLLOWER, LEADER, PRE_CANDIDATE, RaftState


class Standing(Enum):
    """What a server is in the configuration that is in force for it."""

    VOTER = "voter"
    LEARNER = "learner"
    LEAVING = "leaving"
    """A configuration without it is in its log, not known to be committed: it may still be needed (thesis 4.2.2)."""
    OUTSIDE = "outside"


VOTER, LEARNER, LEAVING, OUTSIDE = Standing


class Membership(RaftState):
    """The members of the cluster, as one of its servers knows them."""

    membership: str = choice(
        "fixed",
        {"fixed": N_("stay as they are"), "single": N_("one server at a time"), "joint": N_("by joint consensus")},
        N_("Members change"), N_("How a cluster gets other members, when a client asks for it."),
    )  # fmt: skip
    initial_members: int = param(
        0, 0, 9, "count", N_("Members at the start"),
        N_("How many of the nodes vote from the start; the others wait outside, to be added. 0: all."), lively=3,
        of_nodes=True,
    )  # fmt: skip
    catch_up: bool = param(
        True, False, True, "switch", N_("New servers catch up first"),
        N_("A server that is to vote is added as a learner, and votes once it has what is committed."),
    )  # fmt: skip
    membership_churn: int = param(
        0, 0, 100, "count", N_("Clients ask for other members"),
        N_("Every n-th operation of an idle client adds or removes a server, where members may change; 0: none."),
        lively=3,
    )  # fmt: skip

    configuration: Configuration | None = volatile(
        None, N_("configuration"), N_("Who votes and who learns, by the latest entry that says so; none: all vote.")
    )
    configured_at: int = volatile(
        0, N_("configured at"), N_("The entry that says so; 0: the beginning, or the snapshot.")
    )
    voting: tuple[tuple[str, ...], ...] = volatile(
        (), N_("voters"), N_("Whose votes count: a majority of each group is needed. None: all nodes.")
    )
    standing: Standing = volatile(VOTER, N_("standing"), N_("What the node is in this configuration."))

    # Counting

    def has_quorum(self, yes: tuple[str, ...]) -> bool:
        """Whether these are enough to elect, or to commit."""
        if self.configuration is None:
            return len(yes) >= self.quorum
        result = vote_result(self.voting, dict.fromkeys(yes, True), short=not self.majority)
        return result is Ballot.WON

    def agreed_index(self, last: int) -> int:
        """Leader: the highest index that a quorum is known to have; `last` is the end of its own log."""
        if self.configuration is None:
            return agreed((*self.match_index.values(), last), self.quorum)
        return self.agreed_upon(self.match_index, last)

    def agreed_upon(self, reached: Mapping[str, int], own: int, nothing: int = 0) -> int:
        """Leader: the highest number that a quorum has reached, itself at `own`; who is not there is at `nothing`."""
        if self.configuration is None:
            return agreed((own, *(reached.get(peer, nothing) for peer in self.peers)), self.quorum)
        known = {**dict.fromkeys(self.configuration.electorate, nothing), **reached, self.id: own}
        found = self.configuration.committed(known, short=not self.majority)
        return own if found is None else found

    def counting(self, nodes: Iterable[str]) -> int:
        """How many of these nodes vote; in a joint configuration, in either half."""
        if self.configuration is None:
            return len(tuple(nodes))
        return sum(1 for node in nodes if node in self.configuration.electorate)

    @property
    def members(self) -> int:
        """How many nodes vote, alive or not."""
        return len(self.peers) + 1 if self.configuration is None else len(self.configuration.electorate)

    @property
    def quorum(self) -> int:
        """How many of them are needed to elect and to commit; where two groups must agree, of the larger one."""
        if self.configuration is None:
            needed = majority(len(self.peers) + 1)
        else:
            needed = max(majority(len(group)) for group in self.voting)
        return needed if self.majority else max(1, needed - 1)

    @property
    def followers(self) -> tuple[str, ...]:
        """Whom a leader sends entries to: all other members."""
        if self.configuration is None:
            return self.peers
        return tuple(node for node in self.configuration.members if node != self.id)

    def ask_voters(self, message: Any) -> None:
        """Sends to all others who vote."""
        if self.configuration is None:
            self.broadcast(message)
            return
        for node in self.configuration.electorate:
            if node != self.id:
                self.send(node, message)

    # Which configuration is in force

    def first_configuration(self) -> Configuration | None:
        """That of the beginning; None where membership is fixed and all nodes are members."""
        if self.membership == "fixed" and not self.initial_members:
            return None
        nodes = ordered((self.id, *self.peers))
        return Configuration(nodes[: self.initial_members or len(nodes)])

    def members_at(self, index: int) -> Any:
        """The latest configuration up to entry `index`."""
        if self.configuration is None:
            return None
        return self.latest_up_to(index)[1]

    def latest_up_to(self, index: int) -> tuple[int, Configuration | None]:
        """The latest entry up to `index` that says who the members are, 0 where none is in the log, and who they are."""
        log = self.log
        for at in range(index, log.start, -1):
            command = log[at - 1].command
            if type(command) is Members:
                return at, command.configuration
        return 0, self.saved.members or self.first_configuration()

    def adopt_configuration(self, first: int = 0) -> None:
        """The log has changed from entry `first` on, or (0) a snapshot has come: what says last who votes is in force."""
        if self.configured_at < first and not any(type(e.command) is Members for e in self.log[first - 1 :]):
            return
        at, configuration = self.latest_up_to(self.log.length)
        before, replaced = self.configured_at, self.configuration
        self.put_in_force(at, configuration)
        if not first:
            if configuration != replaced:
                self.indicate(tell.ConfigurationFromSnapshot(self.described()))
        elif at < first:
            self.indicate(tell.ConfigurationFellBack(before, self.described()))
        elif at > before or configuration != replaced:
            self.indicate(tell.ConfigurationAdopted(at, self.described()))

    def put_in_force(self, at: int, configuration: Configuration | None) -> None:
        """From now on majorities are those of this configuration, which entry `at` holds."""
        if configuration is None:
            return
        self.configured_at = at
        self.configuration = configuration
        self.voting = configuration.groups
        if self.role is LEADER:
            others, last = self.followers, self.last_log_index
            self.next_index = {node: self.next_index.get(node, last + 1) for node in others}
            self.match_index = {node: self.match_index.get(node, 0) for node in others}
        self.take_standing()

    def take_standing(self) -> None:
        """What the node is now, and so whether it waits for a leader to fall silent."""
        configuration, before = self.configuration, self.standing
        assert configuration is not None
        if self.id in configuration.electorate:
            now = VOTER
        elif self.may_still_vote():
            now = LEAVING
        else:
            now = LEARNER if self.id in configuration.learners else OUTSIDE
        if now is before:
            return
        self.standing = now
        if now in (LEARNER, OUTSIDE):
            if self.role is CANDIDATE or self.role is PRE_CANDIDATE:
                self.give_up_role()
            self.cancel_timer(ELECTION)
        elif before in (LEARNER, OUTSIDE) and self.role is not LEADER:
            self.reset_election_timer()

    def may_still_vote(self) -> bool:
        """Whether a configuration in which it votes may be the one that is committed: the present one is not known to be."""
        at = self.configured_at
        while at > self.commit_index:
            at, configuration = self.latest_up_to(at - 1)
            if configuration is not None and self.id in configuration.electorate:
                return True
        return False

    def give_up_role(self) -> None:
        """Who does not vote does not campaign."""
        self.votes = ()
        self.role = FOLLOWER
        self.next_index = self.match_index = EMPTY

    def described(self) -> str:
        """The configuration in force, in few characters."""
        return "" if self.configuration is None else brief(self.configuration)

    def reset_election_timer(self) -> None:
        """A new random timeout each time, so that split votes are rare and end quickly (section 5.2)."""
        if self.standing is VOTER or self.standing is LEAVING:
            settings = self.settings
            self.set_timer(ELECTION, settings.election_low, settings.election_high)


def names(nodes: Iterable[str]) -> str:
    """Names in a sentence."""
    return ", ".join(nodes)
