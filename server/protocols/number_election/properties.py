"""What the number election promises, and what it does not.

Because a node waits for the numbers of all nodes, nothing that the network or a crash does can make two leaders: that is
promised always. What is not promised is that there is one.
"""

from __future__ import annotations

from ...properties import ALWAYS, BROKEN, Property
from ...simulation import N_, Cluster, Event
from .. import wholeads
from .indications import LeaderElected, NumberDrawn
from .state import NumberState


class OneLeaderPerRound(Property):
    """At most one node is elected in a round."""

    name = "one_leader_per_round"
    title = N_("One leader in a round")
    text = N_("At most one node is elected in a round.")
    cites = "Number election, step 4: elect"
    kind = ALWAYS

    def __init__(self) -> None:
        self.leaders: dict[int, str] = {}

    def on_elected(self, elected: LeaderElected, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        return None if self.leaders.setdefault(elected.round, event.host) == event.host else BROKEN

    indications = {LeaderElected: on_elected}


class OneNumberPerRound(Property):
    """A node draws at most one number in a round: others may have heard of the first."""

    name = "one_number_per_round"
    title = N_("One number in a round")
    text = N_("A node takes at most one number in a round, also if it crashes in between.")
    cites = "Number election, step 1: initialise"
    kind = ALWAYS

    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    def on_drawn(self, drawn: NumberDrawn, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        if drawn.round <= self.last.get(event.host, 0):
            return BROKEN
        self.last[event.host] = drawn.round
        return None

    indications = {NumberDrawn: on_drawn}


class BestNumberWins(Property):
    """Nobody has drawn a better number in a round than the one that elects."""

    name = "best_number_wins"
    title = N_("The best number wins")
    text = N_("Whoever is elected has the best number of all that were taken in its round.")
    cites = "Number election, step 3: compare"
    kind = ALWAYS

    def __init__(self) -> None:
        self.best: dict[int, int] = {}
        """The best number that was drawn in each round."""
        self.winning: dict[int, int] = {}
        """The best number of those that have elected in it."""

    def on_drawn(self, drawn: NumberDrawn, event: Event, cluster: Cluster) -> str | None:
        node = self._node(event, cluster)
        best = self.best.get(drawn.round)
        if best is None or node.better(drawn.number, best):
            self.best[drawn.round] = drawn.number
        winning = self.winning.get(drawn.round)
        return BROKEN if winning is not None and node.better(drawn.number, winning) else None

    def on_elected(self, elected: LeaderElected, event: Event, cluster: Cluster) -> str | None:
        self.winning[elected.round] = elected.number
        best = self.best.get(elected.round, elected.number)
        return BROKEN if self._node(event, cluster).better(best, elected.number) else None

    def _node(self, event: Event, cluster: Cluster) -> NumberState:
        assert event.host is not None
        node = cluster.hosts[event.host].node
        assert isinstance(node, NumberState)
        return node

    indications = {NumberDrawn: on_drawn, LeaderElected: on_elected}


class LeaderExists(wholeads.LeaderExists):
    """A leader needs all nodes, so any fault that keeps one number from one node keeps a leader away."""

    cites = "Number election, step 4: elect"
    assumes = N_("Every node is up, and every number comes in time.")
    spares = frozenset({"crash", "isolate", "split", "cut", "drop", "delay", "hold", "pause", "loss"})


PROPERTIES: tuple[type[Property], ...] = (
    wholeads.AtMostOneLeader, wholeads.Agreement, OneLeaderPerRound, OneNumberPerRound, BestNumberWins, LeaderExists,
    wholeads.ClientTold,
)  # fmt: skip
