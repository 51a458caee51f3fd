"""Primary-backup replication (Alsberg and Day, 1976; Oki and Liskov, 1988). See README.md for what is simplified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ...simulation import N_, Cluster, Program, Recording
from .. import keyvalue, session
from ..descriptor import Protocol
from ..forms import CLIENTS, Group
from ..service import STORE
from .challenges import challenges
from .client import ReplicaClient
from .failover import FETCH, HEARTBEAT, TAKEOVER
from .indications import INDICATIONS
from .lesson import lessons
from .node import Replica
from .properties import PROPERTIES, is_primary, one_server_disclaimed, replica
from .scenarios import scenarios
from .state import AUTOMATIC, NONE, PULL, TIMESTAMP, WEAK
from .view import PICTURE, VIEW

PROGRAM = Program("primary_backup", Replica, ReplicaClient, keyvalue.parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """Word from the primary must come well within the failure timeout, or good primaries are replaced."""
    settings = recording.settings(PROGRAM)
    pulls = settings.transfer == PULL
    slowest = recording.link.high
    gap = settings.fetch_interval + 2 * slowest if pulls else settings.heartbeat_interval + slowest
    if recording.nodes > 1 and settings.failover == AUTOMATIC and gap >= settings.failure_timeout:
        yield (
            N_("Word from the primary may take {gap} ms to come, and the next replica waits only {timeout} ms: "
               "primaries will be replaced without need."),
            {"gap": gap / 1000, "timeout": settings.failure_timeout / 1000},
        )  # fmt: skip
    if settings.confirmation == NONE and settings.stamps == TIMESTAMP:
        yield N_("Nobody confirms and clocks stamp: writes may be lost by a failover and by a wrong clock."), {}
    if settings.reads == WEAK and pulls and settings.fetch_interval >= 1_000_000:
        yield (
            N_("Weak reads may be {gap} ms old: so seldom do replicas pull."),
            {"gap": settings.fetch_interval / 1000},
        )  # fmt: skip


def places(cluster: Cluster) -> dict[str, str]:
    """The primary of the highest view, as "leader" and "primary", and the others that are up: "backup 1", "backup 2" ..."""
    up = [name for name in cluster.nodes if cluster.hosts[name].up]
    primaries = [name for name in up if is_primary(cluster, name)]
    found: dict[str, str] = {}
    if primaries:
        first = max(primaries, key=lambda name: replica(cluster, name).view)
        found = {"leader": first, "primary": first}
    others = [name for name in up if name != found.get("primary")]
    return found | {f"backup {i}": name for i, name in enumerate(others, 1)}


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Primary-backup"),
    summary=N_("A primary writes updates into its log, replicates them, and commits what its backups have confirmed."),
    cites="Alsberg and Day, A Principle for Resilient Sharing of Distributed Resources, 1976",
    properties=PROPERTIES,
    indications=INDICATIONS,
    timers={
        TAKEOVER: (N_("takeover"), N_("When it runs out, the replica wants to be the primary of its next view.")),
        HEARTBEAT: (N_("heartbeat"), N_("When it runs out, the primary sends to all what they have not confirmed.")),
        FETCH: (N_("fetch"), N_("When it runs out, the replica asks the primary for what is new.")),
        **session.TIMERS,
    },
    operations=keyvalue.OFFERS,
    service=replace(STORE, disclaimed=one_server_disclaimed),
    groups=(
        Group(N_("Replication"), ("transfer", "fetch_interval", "confirmation", "stamps")),
        Group(N_("Answers"), ("notify", "reads")),
        Group(N_("Failover"), ("failover", "heartbeat_interval", "failure_timeout")),
        CLIENTS,
    ),
    view=VIEW,
    family="replication",
    picture=PICTURE,
    scenarios=scenarios,
    lessons=lessons,
    challenges=challenges,
    warn=warn,
    places=places,
)  # fmt: skip
