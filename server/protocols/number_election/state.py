"""What a node of the number election knows, what can be set on it, and the rules that can be off."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from hashlib import blake2b

from ...simulation import N_, Log, choice, durable, param, rule, volatile
from ..wholeads import Elector, number_of
from .messages import Entry


class Role(Enum):
    """How far a node is in its round: the algorithm's steps, and what the last of them, to elect, has made of it."""

    INITIALISE = "initialise"
    BROADCAST = "broadcast"
    COMPARE = "compare"
    LEADER = "leader"
    FOLLOWER = "follower"


INITIALISE, BROADCAST, COMPARE, LEADER, FOLLOWER = Role
"""The members by themselves."""

MINIMUM, MAXIMUM = "minimum", "maximum"
RANDOM, TIME, HASH, TIMESTAMP = "random", "time", "hash", "timestamp"

NO_NUMBERS: Mapping[str, int] = {}


class NumberState(Elector):
    """The state of one node, and how numbers are drawn and compared; `node.NumberElection` says what it does."""

    # Tunables

    compare: str = choice(
        MINIMUM, {MINIMUM: N_("the smallest number"), MAXIMUM: N_("the largest number")},
        N_("Who is elected"), N_("Whether the smallest or the largest of all numbers elects its node."),
    )  # fmt: skip
    source: str = choice(
        RANDOM,
        {
            RANDOM: N_("random"), TIME: N_("from the node's clock"), HASH: N_("a hash of its name and the round"),
            TIMESTAMP: N_("a timestamp"),
        },
        N_("Where numbers come from"),
        N_("At random, from the node's own clock, or from a hash, each within the range; or the time itself, in ms, so "
           "that the earliest is the smallest."),
    )  # fmt: skip
    highest_number: int = param(
        30, 1, 1_000_000, "count", N_("Range of the numbers"),
        N_("Numbers run from 1 to this. A small range makes ties likely. Timestamps know no range."),
    )  # fmt: skip
    initialise_low: int = param(
        10_000, 0, 10_000_000, "µs", N_("Time to initialise, shortest"),
        N_("How long a node takes, at least, before it draws its number in a round."),
    )  # fmt: skip
    initialise_high: int = param(
        60_000, 0, 20_000_000, "µs", N_("Time to initialise, longest"),
        N_("How long a node takes at the most before it draws its number."), not_below="initialise_low",
    )  # fmt: skip
    write_time: int = param(
        5_000, 0, 1_000_000, "µs", N_("Time to write"),
        N_("How long it takes to write the number into the log; only then is it broadcast."),
    )  # fmt: skip
    patience_low: int = param(
        250_000, 10_000, 20_000_000, "µs", N_("Patience, shortest"),
        N_("A node that has elected nobody for a random time, from this on, begins a new round."),
    )  # fmt: skip
    patience_high: int = param(
        400_000, 10_000, 30_000_000, "µs", N_("Patience, longest"),
        N_("The random patience ends here."), not_below="patience_low",
    )  # fmt: skip
    office_time: int = param(
        5_000_000, 50_000, 60_000_000, "µs", N_("Time in office"),
        N_("About so long after it has elected, a node begins a new round. Nothing else notices a dead leader."),
    )  # fmt: skip

    # Rules

    hear_from_all: bool = rule(
        N_("Hear from all"),
        N_("A node elects only when it has the numbers of all nodes. Without it, it elects among those that it has heard "
           "of when its patience is over."),
        cites="Number election, step 3: compare",
    )  # fmt: skip
    tie_break: bool = rule(
        N_("Ties are broken"),
        N_("Of equal numbers, that of the node with the lowest name counts. Without it, each of them elects itself."),
        cites="Number election, step 3: compare",
    )
    durable_log: bool = rule(
        N_("Write before broadcasting"),
        N_(
            "A number is in the log on disk before it is broadcast, so a node that crashes does not draw twice in a round."
        ),
        cites="Number election, step 1: initialise",
    )
    one_round: bool = rule(
        N_("Only numbers of one round"),
        N_("A node compares only numbers of its own round. Without it, a late number of an older round counts too."),
        cites="Number election, step 3: compare",
    )

    # State

    log: Log[Entry] = durable(
        Log(), N_("log"), N_("The round and the number of each node that it has heard of, its own too."),
        unless="durable_log",
    )  # fmt: skip
    round: int = volatile(0, N_("round"), N_("The round that it is in; read from its log after a restart."))
    role: Role = volatile(INITIALISE, N_("step"), N_("How far it is in its round, and what that has made of it."))
    number: int | None = volatile(None, N_("own number"), N_("What it has drawn in this round."))
    numbers: Mapping[str, int] = volatile(
        NO_NUMBERS, N_("numbers"), N_("The numbers that count in this round, by node.")
    )
    heard_from: tuple[str, ...] = volatile((), N_("heard from"), N_("Whose numbers of this round it has, its own too."))

    # Drawing and comparing

    def take_number(self) -> int:
        """A number as the tunable says.

        The random one is addressed by the time on its own clock, not by the round: a node that has forgotten its round
        must not draw the same number again by the simulator's grace.
        """
        highest = self.highest_number
        match self.source:
            case "random":
                return self.draw("number", self.now, 1, highest)
            case "time":
                return self.now % highest + 1
            case "hash":
                digest = blake2b(f"{self.id} {self.round}".encode(), digest_size=8).digest()
                return int.from_bytes(digest, "big") % highest + 1
            case _:
                return self.now // 1_000

    def better(self, number: int, other: int) -> bool:
        """Whether a number comes before another one."""
        return number < other if self.compare == MINIMUM else number > other

    def winners(self) -> tuple[str, ...]:
        """The nodes with the best number of all that it has, in the order in which it heard of them.

        More than one is a tie. Its own log must have a number.
        """
        best: int | None = None
        found: tuple[str, ...] = ()
        for node, number in self.numbers.items():
            if best is None or self.better(number, best):
                best, found = number, (node,)
            elif number == best:
                found = (*found, node)
        return found

    def winner(self, winners: tuple[str, ...]) -> str:
        """Of nodes with the same number, the one that it elects: by the rule the lowest name; without it, itself first."""
        if self.tie_break:
            return min(winners, key=number_of)
        return self.id if self.id in winners else winners[0]
