"""What a node of two-phase commit knows beside its account and its log, its tunables, and the rules that can be off."""

from __future__ import annotations

from typing import Any

from ...simulation import N_, param, rule, value, volatile
from ..bank import Bank
from ..transactions import Transaction

VOTING, WRITING, TELLING = "voting", "writing", "telling"
"""The phases of a round: votes come in; the commit record is being forced; acknowledgements come in."""

EMPTY: dict[str, Any] = {}


@value
class Round:
    """An entry of the coordinator's table of transactions under way. What has neither entry nor record is presumed aborted."""

    work: Transaction
    phase: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    acks: tuple[str, ...]


class TwoPhaseState(Bank):
    """The state of one node; `node.TwoPhaseCommit` says what it does."""

    cooperative: bool = param(
        False, False, True, "switch", N_("Cooperative termination"),
        N_("A participant in doubt asks the other participants too, not the coordinator alone."),
    )  # fmt: skip

    force_decision: bool = rule(
        N_("Force the decision before telling it"),
        N_("The commit record is on the coordinator's disk before anybody hears of the commit."),
        cites="Gray (1978) §5.8.3.3",
    )
    wait_in_doubt: bool = rule(
        N_("Wait in doubt"),
        N_("Who has voted yes does not decide by itself, however long it hears nothing."),
        cites="BHG §7.4",
    )
    look_first: bool = rule(
        N_("Presume abort only without a record"),
        N_("The coordinator looks for its commit record before it tells an inquirer that the transaction is aborted."),
        cites="R* (1986) §3",
    )
    await_acks: bool = rule(
        N_("Forget a commit only when all have acknowledged it"),
        N_("The coordinator remembers a commit, and repeats it, until it is on every participant's disk."),
        cites="R* (1986) §3",
    )

    rounds: dict[str, Round] = volatile(
        EMPTY, N_("rounds"), N_("The coordinator's table: transactions that it collects votes or acknowledgements for.")
    )
    learning: dict[str, str] = volatile(
        EMPTY, N_("commits being written"), N_("Commits that it was told of and that its disk writes now, and by whom.")
    )
    helping: dict[str, tuple[str, ...]] = volatile(
        EMPTY,
        N_("aborts being written"),
        N_("Aborts that its disk writes now, and which nodes in doubt wait for them."),
    )

    def others(self, work: Transaction) -> tuple[str, ...]:
        """The participants but this node."""
        return tuple(node for node in work.participants if node != self.id)
