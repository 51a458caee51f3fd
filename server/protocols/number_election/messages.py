"""The one message of the number election: a node tells its number of a round."""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value

Drawn = tuple[str, int]
"""Who drew which number."""


@value
class Number:
    """Step 2, broadcast: the number that the sender drew and wrote down for a round."""

    text: ClassVar[str] = N_("{src} tells {dst} its number of round {round}: {number}.")
    round: int
    """Rounds count from 1. A node that hears of a newer one joins it."""
    number: int


@value
class Entry:
    """A line of a node's log: in this round, this node drew this number. Its own number stands there, and each it heard."""

    round: int
    drawn: Drawn
