"""What the ring election promises, where nodes can tell a dead neighbour from a slow one."""

from __future__ import annotations

from typing import Any

from ...properties import ALWAYS, BROKEN, Property
from ...simulation import N_, Cluster, Event
from .. import wholeads
from .indications import (
    CameUp,
    ElectionTooLong,
    LeaderElected,
    LeaderLost,
    LeadsAlone,
    OwnerLost,
    OwnSentToo,
    RingChanged,
    SmallerReplaced,
)

TIMELY = N_(
    "No message is lost or late, no partition stands, no node is paused, and clocks are right. Nodes may crash."
)
UNTIMELY = frozenset(
    {"isolate", "split", "cut", "drop", "delay", "duplicate", "hold", "pause", "fire", "clock", "loss"}
)


class AtMostOneLeader(wholeads.AtMostOneLeader):
    """A number gets home only past all others, and whoever passes on a larger one leads no longer."""

    cites = "Chang and Roberts 1979, §2"
    assumes = TIMELY
    spares = UNTIMELY


class Agreement(wholeads.Agreement):
    """Whoever takes part in an election follows nobody until he hears who has won."""

    cites = "Chang and Roberts 1979, §2"
    assumes = TIMELY
    spares = UNTIMELY


class NobodyFollowsALower(wholeads.NobodyFollowsALower):
    """A smaller number ends at a larger one."""

    cites = "Chang and Roberts 1979, §2"


class ElectedOnce(Property):
    """A node that has been elected is not elected again before it has held another election."""

    name = "elected_once"
    title = N_("Elected once")
    text = N_("A node is elected at most once in an election that it holds: its number goes around once.")
    cites = "Chang and Roberts 1979, §2"
    kind = ALWAYS

    def __init__(self) -> None:
        self.elected: dict[str, bool] = {}

    def on_elected(self, elected: LeaderElected, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        if self.elected.get(event.host):
            return BROKEN
        self.elected[event.host] = True
        return None

    def on_held(self, indication: Any, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        self.elected[event.host] = False
        return None

    def on_led_alone(self, indication: LeadsAlone, event: Event, cluster: Cluster) -> str | None:
        """Alone, it holds an election and is elected in one step."""
        assert event.host is not None
        self.elected[event.host] = True
        return None

    indications = {
        CameUp: on_held, LeaderLost: on_held, OwnerLost: on_held, RingChanged: on_held, ElectionTooLong: on_held,
        SmallerReplaced: on_held, OwnSentToo: on_held, LeaderElected: on_elected, LeadsAlone: on_led_alone,
    }  # fmt: skip


class LeaderExists(wholeads.LeaderExists):
    cites = "Chang and Roberts 1979, §2"


PROPERTIES: tuple[type[Property], ...] = (
    AtMostOneLeader, Agreement, NobodyFollowsALower, ElectedOnce, LeaderExists, wholeads.ClientTold,
)  # fmt: skip
