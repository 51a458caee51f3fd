"""What the bully algorithm promises, where messages come in time, as the paper assumes: it says so itself (section 2)."""

from __future__ import annotations

from typing import Any

from ...properties import ALWAYS, BROKEN, Property
from ...simulation import N_, Cluster, Event
from .. import wholeads
from ..wholeads import number_of
from .indications import (
    AnswersLower,
    CameUp,
    CoordinatorSilent,
    HigherCoordinator,
    LeaderElected,
    LowerCoordinator,
    NobodyLeads,
)

TIMELY = N_(
    "No message is lost or late, no partition stands, no node is paused, and clocks are right. Nodes may crash."
)
BEGINS = (CameUp, CoordinatorSilent, NobodyLeads, LowerCoordinator, HigherCoordinator, AnswersLower)
"""With each of these, and with nothing else, a node begins an election: the one asked by a lower node does too."""
UNTIMELY = frozenset(
    {"isolate", "split", "cut", "drop", "delay", "duplicate", "hold", "pause", "fire", "clock", "loss"}
)


class AtMostOneLeader(wholeads.AtMostOneLeader):
    """The paper's assertion 1: two nodes that are in a normal state have the same coordinator."""

    assumes = TIMELY
    spares = UNTIMELY


class Agreement(wholeads.Agreement):
    """The same assertion, for followers."""

    assumes = TIMELY
    spares = UNTIMELY


class HighestElected(Property):
    """Nobody becomes coordinator while a higher node is up that was so when the election began: that one has answered."""

    name = "highest_elected"
    title = N_("The highest is elected")
    text = N_("Whoever becomes coordinator has the highest number of the nodes that were up all through its election.")
    cites = "Garcia-Molina 1982, §4"
    kind = ALWAYS
    assumes = TIMELY
    spares = UNTIMELY

    def __init__(self) -> None:
        self.began: dict[str, int] = {}
        """When each node's last election began, µs."""
        self.up_since: dict[str, int] = {}
        """When each node came up again, µs; those that never went down have been there before any election."""

    def on_begun(self, indication: Any, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        self.began[event.host] = event.time
        return None

    def on_elected(self, elected: LeaderElected, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        began = self.began.get(event.host, event.time)
        for node in cluster.nodes:
            there = cluster.hosts[node].up and self.up_since.get(node, -1) < began
            if there and number_of(node) > number_of(event.host):
                return BROKEN
        return None

    def on_command(self, host: str, event: Event, cluster: Cluster) -> str | None:
        if event.subject.type == "restart":
            self.up_since[host] = event.time
        return None

    indications = {**dict.fromkeys(BEGINS, on_begun), LeaderElected: on_elected}
    on_down = on_command


PROPERTIES: tuple[type[Property], ...] = (
    AtMostOneLeader, Agreement, HighestElected, wholeads.NobodyFollowsALower, wholeads.LeaderExists, wholeads.ClientTold,
)  # fmt: skip
