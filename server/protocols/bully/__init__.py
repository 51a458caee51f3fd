"""The bully algorithm (Garcia-Molina, 1982). See README.md in this folder for what is simplified."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...simulation import N_, Cluster, Program, Recording
from .. import session, wholeads
from ..descriptor import Protocol
from ..forms import CLIENTS, Group
from .challenges import challenges
from .indications import INDICATIONS
from .lesson import lessons
from .node import HEARTBEAT, REPLY, SILENCE, Bully
from .properties import PROPERTIES
from .scenarios import scenarios
from .view import PICTURE, VIEW

PROGRAM = Program("bully", Bully, wholeads.WhoClient, wholeads.parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """All of the algorithm stands on times that must be longer than the network's worst."""
    settings = recording.settings(PROGRAM)
    round_trip = 2 * recording.link.high
    if round_trip >= settings.answer_timeout:
        yield (
            N_("The worst round trip of {round_trip} ms is not below the time to answer, {timeout} ms: the living will "
               "be taken for dead, and two may lead."),
            {"round_trip": round_trip / 1000, "timeout": settings.answer_timeout / 1000},
        )  # fmt: skip
    gap = settings.heartbeat_interval + recording.link.high
    if gap >= settings.heartbeat_timeout:
        yield (
            N_("A heartbeat may take {gap} ms to come, and a node waits only {timeout} ms: there will be elections "
               "without need."),
            {"gap": gap / 1000, "timeout": settings.heartbeat_timeout / 1000},
        )  # fmt: skip
    election = 2 * settings.answer_timeout + 3 * recording.link.high
    if election >= settings.coordinator_timeout:
        yield (
            N_("An election may take {election} ms, and who has given way waits only {timeout} ms: elections will "
               "disturb each other."),
            {"election": election / 1000, "timeout": settings.coordinator_timeout / 1000},
        )  # fmt: skip


def places(cluster: Cluster) -> dict[str, str]:
    """The coordinator (the highest, where several believe that they lead), and the others that are up, by number."""
    up = [node for node in cluster.nodes if cluster.hosts[node].up]
    leaders = wholeads.leading(cluster)
    found: dict[str, str] = {}
    if leaders:
        found["leader"] = leaders[-1]
        found["coordinator"] = leaders[-1]
    others = [node for node in up if node != found.get("leader")]
    return found | {f"follower {i}": node for i, node in enumerate(others, 1)}


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Bully algorithm"),
    summary=N_(
        "The node with the highest number leads. It makes all lower ones halt, and bullies them when it comes back."
    ),
    cites="Garcia-Molina, Elections in a Distributed Computing System, IEEE Transactions on Computers C-31(1), 1982",
    properties=PROPERTIES,
    indications=INDICATIONS,
    timers={
        REPLY: (N_("time to answer"), N_("When it runs out, whoever has not answered is taken for dead.")),
        HEARTBEAT: (N_("heartbeat"), N_("When it runs out, the coordinator says that it is alive.")),
        SILENCE: (N_("silence"), N_("When it runs out, no coordinator was heard of, and the node holds an election.")),
        **session.TIMERS,
    },
    operations=wholeads.OFFERS,
    no_service=wholeads.NO_SERVICE,
    groups=(
        Group(N_("Elections"), ("answer_timeout", "coordinator_timeout")),
        Group(N_("Heartbeats"), ("heartbeat_interval", "heartbeat_timeout")),
        CLIENTS,
    ),
    view=VIEW,
    family="election",
    picture=PICTURE,
    scenarios=scenarios,
    lessons=lessons,
    challenges=challenges,
    warn=warn,
    places=places,
)
