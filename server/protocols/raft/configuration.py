"""Who takes part: the configuration of a Raft cluster, what its quorums are, and how it may be changed.

After Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm (extended version), 2014, section 6, and
Ongaro's thesis, Consensus: Bridging Theory and Practice, 2014, chapter 4; the arithmetic of changes with learners is that
of etcd's Raft, which the tests hold this module to.

A **simple** change alters at most one voter (thesis section 4.1): any majority of the old voters and any majority of the
new ones then share a node, so no two leaders and no two commits can come about without each other's knowledge. Any number
of learners, who store entries and count nowhere, may come and go with it. A larger change goes through a **joint**
configuration (thesis section 4.3): elections and commits need a majority of the `voters`, who are to stay, and a majority
of the `outgoing` ones, until it is left again. A voter that is to become a learner goes on voting in the outgoing half, so
it waits in `learners_next` until then.

A configuration is a value. A change makes another one, or is refused with a sentence and changes nothing. Names stand in
the order n1, n2, ... n10, so two configurations of the same members are equal. What is left out: how a change gets into a
log, and when it takes effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from ...simulation import N_, Refused, value
from ..quorum import Ballot, committed_index, vote_result


class ChangeKind(Enum):
    """What is to become of a member."""

    ADD_VOTER = "add voter"
    ADD_LEARNER = "add learner"
    REMOVE = "remove"
    UPDATE = "update"
    """Something that Raft does not look at, such as its address; the configuration stays as it is."""


ADD_VOTER, ADD_LEARNER, REMOVE, UPDATE = ChangeKind


class Transition(Enum):
    """How a list of changes is carried out."""

    AUTO = "auto"
    """In one step where that is safe, else through a joint configuration that is left by itself."""
    IMPLICIT = "implicit"
    """Through a joint configuration that is left by itself, as soon as it is committed."""
    EXPLICIT = "explicit"
    """Through a joint configuration that stays until somebody leaves it."""


@value
class Change:
    """One change of one member."""

    kind: ChangeKind
    node: str


@value
class Configuration:
    """Who votes, who only learns, and whether a change is under way."""

    voters: tuple[str, ...] = ()
    """Those who vote; in a joint configuration those of the new half, the incoming ones."""
    outgoing: tuple[str, ...] = ()
    """The voters of the old half of a joint configuration; none in any other."""
    learners: tuple[str, ...] = ()
    """Members that store entries and count nowhere."""
    learners_next: tuple[str, ...] = ()
    """Outgoing voters that are learners once the joint configuration is left."""
    auto_leave: bool = False
    """Whether the leader leaves the joint configuration by itself, once it is committed."""

    @property
    def joint(self) -> bool:
        """Whether two halves must agree, each by itself."""
        return bool(self.outgoing)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups of voters of which each needs a majority."""
        return (self.voters, self.outgoing) if self.outgoing else (self.voters,)

    @property
    def electorate(self) -> tuple[str, ...]:
        """All who vote, in either half."""
        return ordered((*self.voters, *self.outgoing)) if self.outgoing else self.voters

    @property
    def members(self) -> tuple[str, ...]:
        """All who are sent entries: voters of either half and learners."""
        return ordered((*self.voters, *self.outgoing, *self.learners))

    def __str__(self) -> str:
        parts = ["voters=" + "&&".join(f"({' '.join(group)})" for group in self.groups)]
        if self.learners:
            parts.append(f"learners=({' '.join(self.learners)})")
        if self.learners_next:
            parts.append(f"learners_next=({' '.join(self.learners_next)})")
        if self.auto_leave:
            parts.append("autoleave")
        return " ".join(parts)

    # Quorums

    def vote_result(self, votes: Mapping[str, bool], *, short: int = 0) -> Ballot:
        """How an election stands after these answers; `short` as in `quorum.needed`."""
        return vote_result(self.groups, votes, short=short)

    def committed(self, match: Mapping[str, int], *, short: int = 0) -> int | None:
        """The highest index that a quorum has, as far as is known; None where nobody votes, so nothing bounds it."""
        return committed_index(self.groups, match, short=short)

    # Changes

    def simple(self, changes: Iterable[Change]) -> Configuration:
        """The configuration after these changes in one step, which alter at most one voter. Raises Refused."""
        if self.joint:
            raise Refused("joint", N_("A change in one step can't be made while another is under way."))
        after = self._after(changes)
        if len(set(self.voters) ^ set(after.voters)) > 1:
            raise Refused(
                "more_than_one", N_("More than one voter would change at once, so two majorities need not meet.")
            )
        return after

    def enter_joint(self, changes: Iterable[Change], *, auto_leave: bool = False) -> Configuration:
        """The joint configuration of this one and of the one after these changes. Raises Refused."""
        if self.joint:
            raise Refused("already_joint", N_("A change is under way already; it must be finished first."))
        if not self.voters:
            raise Refused("nobody", N_("A configuration in which nobody votes can't be changed in two halves."))
        both = Configuration(self.voters, self.voters, self.learners, (), auto_leave)
        return both._after(changes)

    def leave_joint(self) -> Configuration:
        """The configuration when only its new half is left. Raises Refused."""
        if not self.joint:
            raise Refused("not_joint", N_("No change is under way that could be finished."))
        return Configuration(self.voters, (), ordered((*self.learners, *self.learners_next)))

    def changed(self, changes: Iterable[Change], transition: Transition = Transition.AUTO) -> Configuration:
        """What follows next from a request to change; none at all asks to leave the joint configuration. Raises Refused."""
        asked = tuple(changes)
        if not asked and transition is Transition.AUTO:
            return self.leave_joint()
        if transition is Transition.AUTO and len(asked) == 1:
            return self.simple(asked)
        return self.enter_joint(asked, auto_leave=transition is not Transition.EXPLICIT)

    def _after(self, changes: Iterable[Change]) -> Configuration:
        """One change after the other, all or none. To add who is there, and to remove who is not, changes nothing."""
        after = self
        for change in changes:
            after = after._after_one(change)
        if not after.voters:
            raise Refused("no_voter_left", N_("Nobody would be left to vote."))
        return after

    def _after_one(self, change: Change) -> Configuration:
        node = change.node
        if change.kind is UPDATE or (change.kind is ADD_LEARNER and node in self.learners):
            return self
        gone = Configuration(
            without(self.voters, node), self.outgoing, without(self.learners, node), without(self.learners_next, node),
            self.auto_leave,
        )  # fmt: skip
        voters, learners, learners_next = gone.voters, gone.learners, gone.learners_next
        if change.kind is ADD_VOTER:
            voters = ordered((*voters, node))
        elif change.kind is ADD_LEARNER and node in self.outgoing:
            learners_next = ordered((*learners_next, node))
        elif change.kind is ADD_LEARNER:
            learners = ordered((*learners, node))
        return Configuration(voters, gone.outgoing, learners, learners_next, gone.auto_leave)


def ordered(nodes: Iterable[str]) -> tuple[str, ...]:
    """Each name once, n2 before n10."""
    return tuple(sorted(dict.fromkeys(nodes), key=lambda name: (len(name), name)))


def without(nodes: tuple[str, ...], node: str) -> tuple[str, ...]:
    """All but one."""
    return tuple(name for name in nodes if name != node) if node in nodes else nodes
