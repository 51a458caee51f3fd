"""Quorum arithmetic: counted over the configured members, never over those alive.

A quorum is a majority of one group of voters, or of each of several groups at once: a joint configuration needs both of
its halves (Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm, 2014, section 6; Ongaro, Consensus:
Bridging Theory and Practice, 2014, section 4.3). A group without members binds nobody: its vote is won, and it bounds no
commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

Groups = Iterable[Sequence[str]]
"""The groups of voters of which each must agree by itself; no voter twice in one group."""


class Ballot(Enum):
    """How a vote stands."""

    WON = "won"
    LOST = "lost"
    PENDING = "pending"


def majority(members: int) -> int:
    """The smallest number of members such that any two groups of that size share one."""
    return members // 2 + 1


def needed(members: int, short: int = 0) -> int:
    """How many of a group must agree: a majority, less `short` where the rule that asks for one is off; at least one."""
    return max(1, majority(members) - short)


def agreed(indexes: Iterable[int], needed: int) -> int:
    """The largest index that at least `needed` of `indexes` have reached."""
    return sorted(indexes, reverse=True)[needed - 1]


def vote_result(groups: Groups, votes: Mapping[str, bool], *, short: int = 0) -> Ballot:
    """Won once every group has enough who said yes, lost once one group can't have it any more.

    `votes` is what was answered so far, by voter; whoever is not in it may still say either. A vote of somebody who is in
    no group counts nowhere.
    """
    result = Ballot.WON
    for voters in groups:
        if not voters:
            continue
        quorum = needed(len(voters), short)
        yes = sum(1 for voter in voters if votes.get(voter) is True)
        no = sum(1 for voter in voters if votes.get(voter) is False)
        if len(voters) - no < quorum:
            return Ballot.LOST
        if yes < quorum:
            result = Ballot.PENDING
    return result


def committed_index(groups: Groups, match: Mapping[str, int], *, short: int = 0) -> int | None:
    """The largest index that enough voters of every group have reached; None where no group has a voter, so no bound.

    `match` is how far each voter is known to have got; of whoever is not in it nothing is known, which is index 0.
    """
    bounds = [
        agreed((match.get(voter, 0) for voter in voters), needed(len(voters), short)) for voters in groups if voters
    ]
    return min(bounds, default=None)
