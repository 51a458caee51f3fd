"""Raft (Ongaro and Ousterhout, 2014). See README.md in this folder for what is simplified."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...simulation import N_, Cluster, Program, Recording
from .. import session
from ..descriptor import Protocol
from ..forms import CLIENTS, Group
from .challenges import challenges
from .checkquorum import QUORUM_CHECK
from .guarantees import GUARANTEES, SERVICE
from .indications import INDICATIONS
from .lesson import lessons
from .node import Raft
from .operations import ARGUMENTS, OFFERS, RaftClient, parse_operation
from .properties import PROPERTIES, leads, term_of
from .scenarios import scenarios
from .state import ELECTION, HEARTBEAT
from .transfer import TRANSFER
from .view import PICTURE, VIEW

PROGRAM = Program("raft", Raft, RaftClient, parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """Broadcast time must be well below the election timeout, or leaders are not stable (section 5.6)."""
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
        yield N_("The spread of election timeouts is narrower than that of the delays: split votes will be common."), {}
    lease = low * 100 // (100 + settings.clock_drift)
    if settings.reads == "lease" and lease <= heartbeat + round_trip:
        yield (
            N_("A lease of {lease} ms may be over before the next round is answered, {gap} ms after this one began: "
               "reads will often have to ask a majority."),
            {"lease": lease / 1000, "gap": (heartbeat + round_trip) / 1000},
        )  # fmt: skip


def places(cluster: Cluster) -> dict[str, str]:
    """The leader of the highest term, and the followers by number: "leader", "follower 1", "follower 2" ..."""
    up = [name for name in cluster.nodes if cluster.hosts[name].up]
    leaders = [name for name in up if leads(cluster, name)]
    found: dict[str, str] = {}
    if leaders:
        found["leader"] = max(leaders, key=lambda name: term_of(cluster, name))
    others = [name for name in up if name != found.get("leader")]
    return found | {f"follower {i}": name for i, name in enumerate(others, 1)}


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Raft"),
    summary=N_("A leader is elected by majority, appends to its log, and commits what a majority has stored."),
    cites="Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm (extended version), 2014",
    properties=(*PROPERTIES, *GUARANTEES),
    indications=INDICATIONS,
    timers={
        ELECTION: (N_("election timeout"), N_("When it runs out, the node becomes a candidate.")),
        HEARTBEAT: (N_("heartbeat"), N_("When it runs out, the leader sends AppendEntries to all.")),
        QUORUM_CHECK: (N_("quorum check"), N_("When it runs out, a leader that no majority has answered steps down.")),
        TRANSFER: (
            N_("transfer"),
            N_("When it runs out, the leader gives the transfer up and takes operations again."),
        ),
        **session.TIMERS,
    },
    operations=OFFERS,
    arguments=ARGUMENTS,
    service=SERVICE,
    groups=(
        Group(N_("Elections"), ("election_low", "election_high", "pre_vote", "check_quorum", "transfer")),
        Group(N_("Log"), ("heartbeat_interval", "no_op", "window", "snapshot_every")),
        Group(N_("Reads"), ("reads", "clock_drift")),
        Group(N_("Members"), ("membership", "initial_members", "catch_up", "membership_churn")),
        CLIENTS,
    ),
    view=VIEW,
    family="consensus",
    picture=PICTURE,
    scenarios=scenarios,
    lessons=lessons,
    challenges=challenges,
    warn=warn,
    places=places,
)
