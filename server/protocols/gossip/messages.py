"""The messages of gossip (Demers et al., Epidemic Algorithms for Replicated Database Maintenance, 1987).

The paper's ResolveDifference (section 1.3) compares two databases as if both were at one place. Here the two are at the
ends of a network, so an exchange is a digest and the values that follow from it, or all values at once; each half may be
lost, doubled or late by itself, and none of them needs to come: the next round makes good for it.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..keyvalue import Scalar

Stamp = tuple[int, str]
"""When a version was written, in ms by its writer's clock, and the node that wrote it. The greater one is the newer."""
NO_STAMP: Stamp = (-1, "")
"""Before all others: no version."""


@value
class Item:
    """A version of a key (section 1.1): a value and its stamp."""

    key: str
    value: Scalar
    """None in a death certificate: the key was deleted (section 2)."""
    stamp: Stamp


@value
class Digest:
    """Begins an exchange: what versions the sender has, and what it would like."""

    text: ClassVar[str] = N_("{src} tells {dst} which versions it has.")
    round: int
    stamps: tuple[tuple[str, Stamp], ...]
    """Each key with the stamp of its version; none where the sender wants all that there is."""
    offers: bool
    """Push: it will send what the receiver lacks, if asked."""
    asks: bool
    """Pull: it wants what is newer at the receiver."""


@value
class Values:
    """Values, as the first message of an exchange or as an answer to one."""

    text: ClassVar[str] = N_("{src} sends {dst} values with their stamps.")
    round: int
    """That of the exchange which it is part of."""
    items: tuple[Item, ...]
    wants: tuple[str, ...]
    """Keys of which the other has newer versions, which it is to send."""
    asks: bool
    """Pull: it wants what is newer at the receiver than these items."""


@value
class Rumor:
    """What a node has learned of late and tells unasked (section 1.4)."""

    text: ClassVar[str] = N_("{src} tells {dst} a rumor.")
    items: tuple[Item, ...]


@value
class RumorReply:
    """Feedback: whether the rumor was news to the one who heard it (section 1.4)."""

    text: ClassVar[str] = N_("{src} says to {dst} what of the rumor it knew.")
    news: bool
    """False: it knew all of it."""
    known: tuple[str, ...]
    """The keys that were no news."""
    stamps: tuple[tuple[str, Stamp], ...]
    """Each key told, with the stamp that it has at the sender now."""
