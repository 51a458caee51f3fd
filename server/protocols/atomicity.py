"""What atomic commitment must keep: the rules AC1 to AC5 of Bernstein, Hadzilacos and Goodman, and what they are for.

BHG is their Concurrency Control and Recovery in Database Systems, 1987; section 7.3 has the rules. They are judged by what
nodes tell (`commitment.py`), and the bank behind them by its balances and locks. A protocol that tells more ways to decide
names them in `decided` for its own subclasses (`watching`).
"""

from __future__ import annotations

from typing import Any

from ..properties import ALWAYS, BROKEN, EVENTUALLY, HOLDS, SEEN, SOMETIMES, WAITING, Property
from ..simulation import FAILED, N_, OK, Cluster, Event, Returned
from .bank import Bank
from .commitment import (
    NO_VOTES,
    AbortedByTimeout,
    AbortedByVote,
    AbortLearned,
    BackInDoubt,
    CommitDecided,
    CommitLearned,
    CommitUnforced,
    TransactionBegun,
    VoteCounted,
    VotedNoLate,
    VotedYes,
    VotedYesUnforced,
    WorkLost,
)
from .indication import Indication
from .transactions import ABORTED, COMMITTED, DECIDED, Get

Kinds = tuple[type[Indication], ...]
COMMITS: Kinds = (CommitDecided, CommitUnforced, CommitLearned)
"""With these a node says that a transaction is committed."""
ABORTS: Kinds = (*NO_VOTES, AbortedByVote, AbortedByTimeout, AbortLearned)
"""With these, that it is aborted."""


def bank_of(cluster: Cluster, node: str) -> Bank:
    """The program of a node."""
    server = cluster.hosts[node].node
    assert isinstance(server, Bank)
    return server


def running(cluster: Cluster) -> list[Bank]:
    """The nodes that are up and have started."""
    return [bank_of(cluster, node) for node in cluster.nodes if cluster.hosts[node].up and cluster.hosts[node].started]


def undecided(server: Bank) -> bool:
    """Whether a node has a transaction that it does not know the end of."""
    return any(part.state not in DECIDED for part in server.transactions.values())


class Agreement(Property):
    """AC1: all processes that reach a decision reach the same one."""

    name = "agreement"
    title = N_("Agreement")
    text = N_("No two nodes decide differently: what one has committed, no other has aborted.")
    cites = "BHG §7.3, AC1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.decisions: dict[str, str] = {}

    def on_commit(self, told: Any, event: Event, cluster: Cluster) -> str | None:
        return None if self.decisions.setdefault(told.transaction, COMMITTED) == COMMITTED else BROKEN

    def on_abort(self, told: Any, event: Event, cluster: Cluster) -> str | None:
        return None if self.decisions.setdefault(told.transaction, ABORTED) == ABORTED else BROKEN

    def on_lost(self, told: WorkLost, event: Event, cluster: Cluster) -> str | None:
        return BROKEN

    indications = {**dict.fromkeys(COMMITS, on_commit), **dict.fromkeys(ABORTS, on_abort), WorkLost: on_lost}


class Stability(Property):
    """AC2: a process cannot reverse its decision after it has reached one."""

    name = "stability"
    title = N_("Stability")
    text = N_("A node never reverses its decision.")
    cites = "BHG §7.3, AC2"
    kind = ALWAYS

    def __init__(self) -> None:
        self.decisions: dict[tuple[str | None, str], str] = {}

    def on_commit(self, told: Any, event: Event, cluster: Cluster) -> str | None:
        return None if self.decisions.setdefault((event.host, told.transaction), COMMITTED) == COMMITTED else BROKEN

    def on_abort(self, told: Any, event: Event, cluster: Cluster) -> str | None:
        return None if self.decisions.setdefault((event.host, told.transaction), ABORTED) == ABORTED else BROKEN

    indications = {**dict.fromkeys(COMMITS, on_commit), **dict.fromkeys(ABORTS, on_abort)}


class CommitValidity(Property):
    """AC3: the commit decision can only be reached if all processes voted yes."""

    name = "commit_validity"
    title = N_("Commit only if all voted yes")
    text = N_("A transaction commits only if every participant has voted yes.")
    cites = "BHG §7.3, AC3"
    kind = ALWAYS

    def __init__(self) -> None:
        self.missing: dict[str, tuple[str, ...]] = {}
        """For each transaction, who has not voted yes so far."""

    def on_begun(self, begun: TransactionBegun, event: Event, cluster: Cluster) -> str | None:
        # A coordinator that takes part votes by going on.
        self.missing[begun.transaction] = tuple(node for node in begun.participants if node != event.host)
        return None

    def on_yes(self, voted: VotedYes | VotedYesUnforced, event: Event, cluster: Cluster) -> str | None:
        missing = self.missing.get(voted.transaction, ())
        self.missing[voted.transaction] = tuple(node for node in missing if node != event.host)
        return None

    def on_commit(self, told: Any, event: Event, cluster: Cluster) -> str | None:
        return BROKEN if self.missing.get(told.transaction) else None

    indications = {
        TransactionBegun: on_begun, VotedYes: on_yes, VotedYesUnforced: on_yes, **dict.fromkeys(COMMITS, on_commit),
    }  # fmt: skip


class AbortValidity(Property):
    """AC4: if there are no failures and all processes voted yes, the decision will be commit.

    So an abort has a cause: a vote that was no, or one that did not come in time.
    """

    name = "abort_validity"
    title = N_("No abort without a cause")
    text = N_("The coordinator aborts only if somebody has voted no, or a vote has not come in time.")
    cites = "BHG §7.3, AC4"
    kind = ALWAYS

    def __init__(self) -> None:
        self.refused: dict[str, tuple[str | None, ...]] = {}
        self.asked: dict[str, int] = {}
        self.counted: dict[str, int] = {}

    def on_begun(self, begun: TransactionBegun, event: Event, cluster: Cluster) -> str | None:
        self.asked[begun.transaction] = len(begun.participants)
        return None

    def on_no(self, voted: Any, event: Event, cluster: Cluster) -> str | None:
        self.refused[voted.transaction] = (*self.refused.get(voted.transaction, ()), event.host)
        return None

    def on_counted(self, counted: VoteCounted, event: Event, cluster: Cluster) -> str | None:
        self.counted[counted.transaction] = counted.votes
        return None

    def on_abort(self, told: AbortedByVote, event: Event, cluster: Cluster) -> str | None:
        return None if told.voter in self.refused.get(told.transaction, ()) else BROKEN

    def on_timeout(self, told: AbortedByTimeout, event: Event, cluster: Cluster) -> str | None:
        all_came = self.counted.get(told.transaction, 0) >= self.asked.get(told.transaction, 1)
        return BROKEN if all_came else None

    indications = {
        TransactionBegun: on_begun, **dict.fromkeys((*NO_VOTES, VotedNoLate), on_no), VoteCounted: on_counted,
        AbortedByVote: on_abort, AbortedByTimeout: on_timeout,
    }  # fmt: skip


class EverythingDecided(Property):
    """AC5, for the nodes that are up: no transaction stays undecided."""

    name = "everything_decided"
    title = N_("Every transaction is decided")
    text = N_("No node that is up is left in doubt. It may be for a while, and must come to know.")
    cites = "BHG §7.3, AC5"
    kind = EVENTUALLY

    def judge(self, what: Any, event: Event, cluster: Cluster) -> str | None:
        return WAITING if any(undecided(server) for server in running(cluster)) else HOLDS

    fields = {"transactions": judge}
    on_down = judge


class MoneyKept(Property):
    """What agreement is for: money moves as a whole or not at all."""

    name = "money_kept"
    title = N_("No money is lost or made")
    text = N_(
        "When every transaction is decided everywhere, all accounts together hold what they held at the beginning."
    )
    cites = "Gray (1978) §5.8"
    kind = ALWAYS

    def judge(self, what: Any, event: Event, cluster: Cluster) -> str | None:
        servers = running(cluster)
        if len(servers) < len(cluster.nodes) or any(undecided(server) for server in servers):
            return None  # a balance is made from the log again when its node is up
        accounts = servers[0].accounts
        kept = sum(server.balance or 0 for server in servers) == len(accounts) * servers[0].opening_balance
        return None if kept else BROKEN

    fields = {"balance": judge, "transactions": judge}


class Isolation(Property):
    """What the locks are for: one undecided transaction at a time."""

    name = "isolation"
    title = N_("Undecided transactions are kept apart")
    text = N_("A node votes yes on a transaction only if no other that it is in doubt about touches the same.")
    cites = "BHG §7.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.held: dict[tuple[str | None, str], str] = {}
        """For each node and resource, the transaction that is undecided there."""

    def on_yes(self, voted: Any, event: Event, cluster: Cluster) -> str | None:
        for resource in voted.resources:
            if self.held.setdefault((event.host, resource), voted.transaction) != voted.transaction:
                return BROKEN
        return None

    def on_decided(self, told: Any, event: Event, cluster: Cluster) -> str | None:
        free = [place for place, holder in self.held.items() if place[0] == event.host and holder == told.transaction]
        for place in free:
            del self.held[place]
        return None

    indications = {
        **dict.fromkeys((VotedYes, VotedYesUnforced, BackInDoubt), on_yes),
        **dict.fromkeys((*COMMITS, *ABORTS), on_decided),
    }


class NoOverdraft(Property):
    """No account holds less than nothing."""

    name = "no_overdraft"
    title = N_("No account is overdrawn")
    text = N_("No balance ever falls below zero.")
    cites = "Gray (1978) §5.8"
    kind = ALWAYS

    def on_balance(self, balance: int | None, event: Event, cluster: Cluster) -> str | None:
        return BROKEN if balance is not None and balance < 0 else None

    fields = {"balance": on_balance}


class TruthfulAnswers(Property):
    """What a client is told is so: done, and somebody has committed it; failed, and nobody ever does."""

    name = "truthful_answers"
    title = N_("Clients are told the truth")
    text = N_("What a client was told is done has been committed; what it was told has failed never is.")
    cites = "Gray (1978) §5.8"
    kind = ALWAYS

    def __init__(self) -> None:
        self.committed: dict[str, bool] = {}
        self.failed: dict[str, bool] = {}

    def on_commit(self, told: Any, event: Event, cluster: Cluster) -> str | None:
        self.committed[told.transaction] = True
        return BROKEN if told.transaction in self.failed else None

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        if isinstance(returned.operation, Get):
            return None
        if returned.outcome == OK:
            return None if returned.id in self.committed else BROKEN
        if returned.outcome != FAILED:
            return None
        self.failed[returned.id] = True
        return BROKEN if returned.id in self.committed else None

    indications = {Returned: on_returned, **dict.fromkeys(COMMITS, on_commit)}


class SomeCommitted(Property):
    """A transaction commits."""

    name = "some_committed"
    title = N_("A transaction commits")
    text = N_("At least once, a transaction is committed.")
    cites = "BHG §7.3, AC4"
    kind = SOMETIMES

    def on_told(self, told: Any, event: Event, cluster: Cluster) -> str | None:
        return SEEN

    indications = dict.fromkeys(COMMITS, on_told)


class SomeAborted(Property):
    """A transaction is aborted."""

    name = "some_aborted"
    title = N_("A transaction is aborted")
    text = N_("At least once, a transaction is aborted, at all who had prepared it.")
    cites = "BHG §7.3, AC3"
    kind = SOMETIMES

    def on_told(self, told: Any, event: Event, cluster: Cluster) -> str | None:
        return SEEN

    indications = dict.fromkeys(ABORTS, on_told)
