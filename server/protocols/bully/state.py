"""What a node of the bully algorithm knows, what can be set on it, and the rules that can be off."""

from __future__ import annotations

from enum import Enum

from ...simulation import N_, param, rule, volatile
from ..wholeads import Elector, number_of


class Role(Enum):
    """What a node is doing: the paper's states Election (in three parts) and Normal (as a follower or as coordinator)."""

    FOLLOWER = "follower"
    ASKING = "asking"
    HALTING = "halting"
    WAITING = "waiting"
    COORDINATOR = "coordinator"


FOLLOWER, ASKING, HALTING, WAITING, COORDINATOR = Role
"""The members by themselves."""


class BullyState(Elector):
    """The state of one node; `node.Bully` says what it does. Nothing of it is on disk: a node that comes up asks anew."""

    # Tunables

    answer_timeout: int = param(
        150_000, 2_000, 10_000_000, "µs", N_("Time to answer"),
        N_("Who has not answered within this time is taken for dead. It must be longer than the worst round trip."),
    )  # fmt: skip
    coordinator_timeout: int = param(
        500_000, 5_000, 30_000_000, "µs", N_("Time to become coordinator"),
        N_("Who has given way waits so long for the coordinator, and then holds an election again."),
    )  # fmt: skip
    heartbeat_interval: int = param(
        50_000, 1_000, 5_000_000, "µs", N_("Heartbeat interval"), N_("How often the coordinator says that it is alive.")
    )  # fmt: skip
    heartbeat_timeout: int = param(
        200_000, 2_000, 10_000_000, "µs", N_("Heartbeat timeout"),
        N_("A node that does not hear its coordinator for so long holds an election."),
    )  # fmt: skip

    # Rules

    answer_stops_the_lower: bool = rule(
        N_("An answer stops the lower one"),
        N_("A node that is answered by a higher one gives way. Without it, it goes on and becomes coordinator."),
        cites="Garcia-Molina 1982, §4",
    )
    halt_first: bool = rule(
        N_("Halt the lower ones first"),
        N_("A node becomes coordinator only after the lower ones have stopped. Without it, it just says so to them."),
        cites="Garcia-Molina 1982, §4",
    )
    recover_with_election: bool = rule(
        N_("A recovered node holds an election"),
        N_(
            "A node that comes up, or hears a coordinator lower than itself, holds an election. Without it, it follows."
        ),
        cites="Garcia-Molina 1982, §4",
    )

    # State

    role: Role = volatile(FOLLOWER, N_("role"), N_("What the node is doing: follow, ask, halt, wait, or coordinate."))
    halted_by: str | None = volatile(
        None, N_("halted by"), N_("Who has told it to halt: only that one may lead it now.")
    )
    halted: tuple[str, ...] = volatile((), N_("halted"), N_("Which lower nodes have halted for it, in this election."))

    @property
    def higher(self) -> tuple[str, ...]:
        """The nodes with higher numbers, in order."""
        own = number_of(self.id)
        return tuple(node for node in self.everybody if number_of(node) > own)

    @property
    def lower(self) -> tuple[str, ...]:
        """The nodes with lower numbers, in order."""
        own = number_of(self.id)
        return tuple(node for node in self.everybody if number_of(node) < own)
