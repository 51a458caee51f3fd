"""The messages of the ring election (Chang and Roberts, 1979).

The paper's processes send a number around the ring, and when one has got its own back, they may let the others know who
won. The last two messages are not the paper's: with them a node knows whether its neighbour is there (see README.md).
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value


@value
class Token:
    """A number on its way around the ring: it gets on as long as nobody has a larger one."""

    text: ClassVar[str] = N_("{src} passes the number {number} on to {dst}.")
    number: int
    """The number in the name of the node that sent it first."""
    sent: int
    """When that one sent it, µs of its own clock: so it knows this number from one of an earlier election."""


@value
class Elected:
    """The winner's news: it goes around once, from neighbour to neighbour."""

    text: ClassVar[str] = N_("{src} tells {dst} that the node with the number {number} is elected.")
    number: int


@value
class AreYouThere:
    """Asked of the neighbour, and of those that are skipped, in case they are back. Not in the paper."""

    text: ClassVar[str] = N_("{src} asks {dst} whether it is there.")


@value
class Present:
    """The answer: it is there."""

    text: ClassVar[str] = N_("{src} tells {dst} that it is there.")
