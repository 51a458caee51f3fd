"""What a node of the ring knows, what can be set on it, and the rules that can be off."""

from __future__ import annotations

from enum import Enum
from hashlib import blake2b

from ...simulation import N_, choice, param, rule, volatile
from ..wholeads import Elector, number_of


class Role(Enum):
    """Whether a node takes part in an election, follows the one elected, or is that one."""

    FOLLOWER = "follower"
    PARTICIPANT = "participant"
    LEADER = "leader"


FOLLOWER, PARTICIPANT, LEADER = Role
"""The members by themselves."""

ASCENDING, DESCENDING, MIXED = "ascending", "descending", "mixed"


class RingState(Elector):
    """The state of one node, and its place in the ring; `node.Ring` says what it does. Nothing of it is on disk."""

    # Tunables

    order: str = choice(
        ASCENDING,
        {
            ASCENDING: N_("to the next higher number"), DESCENDING: N_("to the next lower number"),
            MIXED: N_("in a mixed order"),
        },
        N_("Order of the ring"),
        N_("Where messages go. Of n numbers that start at once, the next lower neighbour makes n(n+1)/2 messages until one "
           "is back, the next higher one 2n-1, a mixed order about n ln n."),
    )  # fmt: skip
    probe_interval: int = param(
        60_000, 2_000, 10_000_000, "µs", N_("Time between questions"),
        N_("How often a node asks its neighbour whether it is there."),
    )  # fmt: skip
    neighbour_timeout: int = param(
        190_000, 4_000, 20_000_000, "µs", N_("Neighbour timeout"),
        N_("A neighbour that has not answered for so long is skipped: the next one takes its place."),
    )  # fmt: skip
    election_low: int = param(
        600_000, 10_000, 20_000_000, "µs", N_("Election timeout, shortest"),
        N_("A participant that hears of no winner for a random time, from this on, sends its number again."),
    )  # fmt: skip
    election_high: int = param(
        800_000, 10_000, 30_000_000, "µs", N_("Election timeout, longest"),
        N_("The random election timeout ends here."), not_below="election_low",
    )  # fmt: skip

    # Rules

    swallow_smaller: bool = rule(
        N_("Smaller numbers are swallowed"),
        N_("A node passes on only numbers larger than its own. Without it, smaller ones get home as well, and win."),
        cites="Chang and Roberts 1979, §2",
    )
    take_part_once: bool = rule(
        N_("A node sends its number once"),
        N_(
            "A participant does not send its own number again for each smaller one. Without it, it wins more than once."
        ),
        cites="Chang and Roberts 1979, §2",
    )
    give_way: bool = rule(
        N_("A larger number ends a leader's time"),
        N_("A leader that passes a larger number on leads no longer. Without it, it leads until it hears who has won."),
        cites="Coulouris, Dollimore, Kindberg and Blair §15.3",
    )

    # State

    role: Role = volatile(FOLLOWER, N_("role"), N_("Whether it takes part in an election, follows, or leads."))
    successor: str | None = volatile(None, N_("neighbour"), N_("To whom it sends: the next in the ring that is there."))
    sent: int = volatile(0, N_("sent"), N_("When it sent its own number last, µs of its own clock."))
    largest: int = volatile(
        0, N_("largest"), N_("The largest number that it has sent or let pass in this election; or 0.")
    )
    largest_sent: int = volatile(0, N_("largest sent"), N_("When the owner of the largest number sent it."))

    # The ring

    @property
    def number(self) -> int:
        """The number with which it takes part."""
        return number_of(self.id)

    @property
    def after(self) -> tuple[str, ...]:
        """All others in the order in which they stand behind it in the ring."""
        ring = sorted(self.everybody, key=number_of)
        if self.order == DESCENDING:
            ring.reverse()
        elif self.order == MIXED:
            ring.sort(key=lambda node: blake2b(node.encode(), digest_size=8).digest())
        place = ring.index(self.id)
        return (*ring[place + 1 :], *ring[:place])

    @property
    def skipped(self) -> tuple[str, ...]:
        """Those between itself and its neighbour: they do not answer. All others, where it is alone."""
        after = self.after
        return after if self.successor is None else after[: after.index(self.successor)]

    def is_skipped(self, number: int) -> bool:
        """Whether the node with this number is taken for dead here."""
        return any(number_of(node) == number for node in self.skipped)
