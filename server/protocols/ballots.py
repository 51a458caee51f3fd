"""Ballots: the numbers of proposals, for every protocol that counts promises.

A ballot is written "3.n2": its round, and the node that made it, so that no two nodes ever make the same one (Lamport,
Paxos Made Simple, 2001, section 2.5: different proposers choose their numbers from disjoint sets). Ballots are ordered by
their rounds, and by their nodes where the rounds are the same. "0" stands for "none yet".
"""

from __future__ import annotations

from functools import lru_cache

NO_BALLOT = "0"


@lru_cache(maxsize=4096)
def rank(ballot: str) -> tuple[int, str]:
    """What ballots are compared by: the round, then the node."""
    number, _, node = ballot.partition(".")
    return int(number), node


def ballot_of(number: int, node: str) -> str:
    """The ballot of a node in a round."""
    return f"{number}.{node}"
