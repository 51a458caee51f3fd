"""Two-phase commit (Gray 1978; R*, 1986). See README.md in this folder for what is simplified."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...simulation import N_, Cluster, Program, Recording
from .. import journal, session
from ..atomicity import bank_of
from ..bank import slow_votes
from ..descriptor import Protocol
from ..transactions import ARGUMENTS, DOUBTING, KEYS_SERVED, OFFERS, TransactionClient, groups, parse_operation
from .challenges import challenges
from .indications import INDICATIONS
from .lesson import lessons
from .node import TwoPhaseCommit
from .properties import PROPERTIES
from .scenarios import scenarios
from .view import VIEW

PROGRAM = Program("two_phase_commit", TwoPhaseCommit, TransactionClient, parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """A vote needs a round trip and a write to disk; a coordinator that waits less aborts what could commit."""
    yield from slow_votes(recording, PROGRAM)


def places(cluster: Cluster) -> dict[str, str]:
    """The coordinator, and the participants by number: "coordinator", "participant 1" ..., and those "in doubt"."""
    first, *others = cluster.nodes
    found = {"coordinator": first} | {f"participant {i}": name for i, name in enumerate(others, 1)}
    doubting = [n for n in others if cluster.hosts[n].up and bank_of(cluster, n).role is DOUBTING]
    return found | {f"in doubt {i}": name for i, name in enumerate(doubting, 1)}


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Two-phase commit"),
    summary=N_("A coordinator asks all participants whether they can commit, and commits only if all of them say yes."),
    cites="Gray, Notes on Data Base Operating Systems, 1978; Mohan, Lindsay and Obermarck, R*, 1986",
    family="commit",
    properties=PROPERTIES,
    indications=(*INDICATIONS, *session.INDICATIONS),
    timers={**journal.TIMERS, **session.TIMERS},
    operations=OFFERS,
    service=KEYS_SERVED,
    arguments=ARGUMENTS,
    groups=groups("cooperative"),
    view=VIEW,
    picture={
        "nodes": 5, "leader": 1,
        "messages": [[1, 2, 60, "vote"], [1, 3, 45, "vote"], [4, 1, 55, "vote"], [1, 5, 35, "vote"]],
    },
    scenarios=scenarios,
    lessons=lessons,
    challenges=challenges,
    warn=warn,
    places=places,
)  # fmt: skip
