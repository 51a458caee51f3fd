"""Three-phase commit (Skeen 1981). See README.md in this folder for what is simplified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
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
from .node import ThreePhaseCommit
from .properties import ONLY_CRASHES, PROPERTIES, all_but_crashes
from .scenarios import scenarios
from .view import VIEW

PROGRAM = Program("three_phase_commit", ThreePhaseCommit, TransactionClient, parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """Silence must mean a crash: who waits less than an answer may take breaks what the protocol rests on."""
    yield from slow_votes(recording, PROGRAM)
    write, send, votes, patience = (
        int(recording.params.get(name, PROGRAM.params[name].default))
        for name in ("write_time", "send_time", "vote_timeout", "patience")
    )
    needed = votes + recording.link.high + 2 * write + 2 * (recording.nodes - 1) * send
    if patience <= needed:
        yield (
            N_("Word from a coordinator that is up may take {needed} ms, and a participant waits only {patience} ms: "
               "it may take it for crashed, and then agreement is not promised."),
            {"needed": needed / 1000, "patience": patience / 1000},
        )  # fmt: skip
    if recording.link.loss_percent:
        yield N_("Messages are lost: silence does not mean a crash then, and agreement is not promised."), {}


def places(cluster: Cluster) -> dict[str, str]:
    """The coordinator, and the participants by number: "coordinator", "participant 1" ..., and those "in doubt"."""
    first, *others = cluster.nodes
    found = {"coordinator": first} | {f"participant {i}": name for i, name in enumerate(others, 1)}
    doubting = [n for n in others if cluster.hosts[n].up and bank_of(cluster, n).role is DOUBTING]
    return found | {f"in doubt {i}": name for i, name in enumerate(doubting, 1)}


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Three-phase commit"),
    summary=N_(
        "As two-phase commit, but before anybody commits all learn that all have voted yes. It does not block after a crash."
    ),
    cites="Skeen, Nonblocking Commit Protocols, 1981; Bernstein, Hadzilacos and Goodman, 1987",
    family="commit",
    properties=PROPERTIES,
    indications=(*INDICATIONS, *session.INDICATIONS),
    timers={**journal.TIMERS, **session.TIMERS},
    operations=OFFERS,
    service=replace(KEYS_SERVED, assumes=ONLY_CRASHES, spares=all_but_crashes),
    arguments=ARGUMENTS,
    groups=groups(),
    view=VIEW,
    picture={
        "nodes": 5, "leader": 1,
        "messages": [[1, 2, 60, "append"], [1, 3, 45, "append"], [4, 1, 55, "append"], [1, 5, 35, "append"]],
    },
    scenarios=scenarios,
    lessons=lessons,
    challenges=challenges,
    warn=warn,
    places=places,
)  # fmt: skip
