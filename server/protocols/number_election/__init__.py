"""The number election: initialise, broadcast, compare, elect. See README.md in this folder."""

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
from .node import INITIALISED, ROUND, WRITTEN, NumberElection
from .properties import PROPERTIES
from .scenarios import scenarios
from .state import TIMESTAMP
from .view import PICTURE, VIEW

PROGRAM = Program("number_election", NumberElection, wholeads.WhoClient, wholeads.parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """A round must fit into the patience of the most impatient node; and a small range makes ties."""
    settings = recording.settings(PROGRAM)
    longest = max(settings.initialise_low, settings.initialise_high) + settings.write_time + recording.link.high
    if longest >= settings.patience_low:
        yield (
            N_("A number may take {longest} ms to come, and a node waits only {patience} ms: rounds may end without "
               "a leader."),
            {"longest": longest / 1000, "patience": settings.patience_low / 1000},
        )  # fmt: skip
    if settings.source != TIMESTAMP and settings.highest_number < recording.nodes:
        yield (
            N_("There are fewer numbers ({numbers}) than nodes ({nodes}): there will be ties."),
            {"numbers": settings.highest_number, "nodes": recording.nodes},
        )


def places(cluster: Cluster) -> dict[str, str]:
    """The leader (of the newest round, where several believe that they lead), and the others that are up, by number."""
    up = [node for node in cluster.nodes if cluster.hosts[node].up]
    leaders = wholeads.leading(cluster)
    found: dict[str, str] = {}
    if leaders:
        found["leader"] = max(leaders, key=lambda node: round_of(cluster, node))
    others = [node for node in up if node != found.get("leader")]
    return found | {f"follower {i}": node for i, node in enumerate(others, 1)}


def round_of(cluster: Cluster, node: str) -> int:
    """The round that a node is in."""
    host = cluster.hosts[node].node
    assert isinstance(host, NumberElection)
    return host.round


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Number election"),
    summary=N_(
        "Every node draws a number and tells it to all. Who has heard from all compares, and the best number leads."
    ),
    cites="Le Lann, Distributed Systems: Towards a Formal Approach, 1977",
    properties=PROPERTIES,
    indications=INDICATIONS,
    timers={
        INITIALISED: (N_("initialise"), N_("When it runs out, the node draws its number and writes it into its log.")),
        WRITTEN: (N_("write"), N_("When it runs out, the number is on disk and is told to all.")),
        ROUND: (N_("new round"), N_("When it runs out, the node begins a new round. Fire it to hold an election now.")),
        **session.TIMERS,
    },
    operations=wholeads.OFFERS,
    no_service=wholeads.NO_SERVICE,
    groups=(
        Group(N_("Numbers"), ("compare", "source", "highest_number")),
        Group(
            N_("Rounds"),
            ("initialise_low", "initialise_high", "write_time", "patience_low", "patience_high", "office_time"),
        ),
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
