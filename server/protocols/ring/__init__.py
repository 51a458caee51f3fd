"""The ring election (Chang and Roberts, 1979). See README.md in this folder for what is added to the paper."""

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
from .node import ELECTION, NEIGHBOUR, PROBE, Ring
from .properties import PROPERTIES
from .scenarios import scenarios
from .view import PICTURE, VIEW

PROGRAM = Program("ring", Ring, wholeads.WhoClient, wholeads.parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """A neighbour must have time to answer, and a number time to go around, and the news after it."""
    settings = recording.settings(PROGRAM)
    answer = settings.probe_interval + 2 * recording.link.high
    if answer >= settings.neighbour_timeout:
        yield (
            N_("An answer may take {answer} ms to come, and a node waits only {timeout} ms: the living will be skipped, "
               "and two may lead."),
            {"answer": answer / 1000, "timeout": settings.neighbour_timeout / 1000},
        )  # fmt: skip
    around = 2 * recording.nodes * recording.link.high
    if recording.nodes > 1 and around > settings.election_low:
        yield (
            N_("A number and the news may take {around} ms to go around, and a participant waits only {timeout} ms: "
               "elections may be begun anew without need."),
            {"around": around / 1000, "timeout": settings.election_low / 1000},
        )  # fmt: skip


def places(cluster: Cluster) -> dict[str, str]:
    """The leader (the highest, where several believe that they lead), and the others that are up, by number."""
    up = [node for node in cluster.nodes if cluster.hosts[node].up]
    leaders = wholeads.leading(cluster)
    found: dict[str, str] = {"leader": leaders[-1]} if leaders else {}
    others = [node for node in up if node != found.get("leader")]
    return found | {f"follower {i}": node for i, node in enumerate(others, 1)}


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Ring election"),
    summary=N_("Numbers go around a ring of nodes; a larger one swallows a smaller. Whose number comes back leads."),
    cites="Chang and Roberts, An Improved Algorithm for Decentralized Extrema-Finding in Circular Configurations of "
    "Processes, Communications of the ACM 22(5), 1979",
    properties=PROPERTIES,
    indications=INDICATIONS,
    timers={
        ELECTION: (N_("election timeout"), N_("When it runs out, a participant sends its number again.")),
        PROBE: (N_("next question"), N_("When it runs out, the node asks its neighbour whether it is there.")),
        NEIGHBOUR: (N_("neighbour"), N_("When it runs out, the neighbour has not answered, and is skipped.")),
        **session.TIMERS,
    },
    operations=wholeads.OFFERS,
    no_service=wholeads.NO_SERVICE,
    groups=(
        Group(N_("Neighbours"), ("order", "probe_interval", "neighbour_timeout")),
        Group(N_("Elections"), ("election_low", "election_high")),
        CLIENTS,
    ),
    view=VIEW,
    family="election",
    picture=PICTURE,
    scenarios=scenarios,
    challenges=challenges,
    lessons=lessons,
    warn=warn,
    places=places,
)
