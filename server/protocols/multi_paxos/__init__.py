"""Multi-Paxos (Lamport, Paxos Made Simple, 2001, section 3). See README.md in this folder for what is simplified."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...simulation import N_, Cluster, Program, Recording
from .. import keyvalue, session
from ..ballots import rank
from ..descriptor import Protocol
from ..forms import CLIENTS, Group
from ..service import STORE
from .challenges import challenges
from .indications import INDICATIONS
from .lesson import lessons
from .node import ELECTION, HEARTBEAT, MultiPaxos
from .properties import PROPERTIES, leads, state_of
from .scenarios import scenarios
from .view import PICTURE, VIEW

PROGRAM = Program("multi_paxos", MultiPaxos, session.SessionClient, keyvalue.parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """A phase 1 must be over before the next candidate begins, or ballots outbid each other (section 2.4)."""
    settings = recording.settings(PROGRAM)
    round_trip = 2 * recording.link.high
    low, high, heartbeat = settings.election_low, settings.election_high, settings.heartbeat_interval
    if round_trip >= low:
        yield (
            N_("The worst round trip of {round_trip} ms is not below the election timeout of {timeout} ms: "
               "elections may never end."),
            {"round_trip": round_trip / 1000, "timeout": low / 1000},
        )  # fmt: skip
    if heartbeat + recording.link.high >= low:
        yield (
            N_("A heartbeat may take {gap} ms to come, and a follower waits only {timeout} ms: "
               "leaders will be deposed without need."),
            {"gap": (heartbeat + recording.link.high) / 1000, "timeout": low / 1000},
        )  # fmt: skip
    if recording.nodes > 1 and high - low < recording.link.high - recording.link.low:
        yield N_("The spread of election timeouts is narrower than that of the delays: candidates will duel."), {}


def places(cluster: Cluster) -> dict[str, str]:
    """The leader of the highest ballot, and the followers by number: "leader", "follower 1", "follower 2" ..."""
    up = [name for name in cluster.nodes if cluster.hosts[name].up]
    leaders = [name for name in up if leads(cluster, name)]
    found: dict[str, str] = {}
    if leaders:
        found["leader"] = max(leaders, key=lambda name: rank(state_of(cluster, name).promised))
    others = [name for name in up if name != found.get("leader")]
    return found | {f"follower {i}": name for i, name in enumerate(others, 1)}


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Multi-Paxos"),
    summary=N_("A leader prepares one ballot for all slots of a log, and then a majority accepts slot after slot."),
    cites="Lamport, Paxos Made Simple, 2001, section 3",
    properties=PROPERTIES,
    indications=INDICATIONS,
    timers={
        ELECTION: (N_("election timeout"), N_("When it runs out, the node becomes a candidate.")),
        HEARTBEAT: (
            N_("heartbeat"),
            N_("When it runs out, the leader sends a heartbeat, or what was not accepted, to all."),
        ),
        **session.TIMERS,
    },
    operations=keyvalue.OFFERS,
    service=STORE,
    groups=(
        Group(N_("Leader"), ("election_low", "election_high", "heartbeat_interval")),
        Group(N_("Slots"), ("window",)),
        CLIENTS,
    ),
    view=VIEW,
    scenarios=scenarios,
    challenges=challenges,
    lessons=lessons,
    warn=warn,
    places=places,
    family="consensus",
    picture=PICTURE,
)
