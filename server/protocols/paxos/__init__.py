"""Paxos for a single value (Lamport, 1998 and 2001). See README.md in this folder for what is simplified."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...simulation import N_, Cluster, Program, Recording
from .. import session
from ..ballots import rank
from ..descriptor import Protocol
from ..forms import CLIENTS, Group, Offer
from .challenges import challenges
from .client import SERVICE, PaxosClient
from .indications import INDICATIONS
from .lesson import lessons
from .messages import parse_operation
from .node import LEARN, RETRY, Paxos
from .properties import PROPERTIES, cast_in
from .scenarios import scenarios
from .state import ALL, NONE, PREPARING, PROPOSING, WAITING, PaxosState, cast_of
from .view import VIEW

PICTURE = {
    "nodes": 5, "leader": 1, "candidates": [2], "terms": ["1.n1", "2.n2", "1.n1", "1.n1", "2.n2"],
    "messages": [[1, 3, 60, "append"], [1, 4, 50, "append"], [2, 5, 85, "vote"], [2, 3, 35, "vote"]],
}  # fmt: skip
"""n1 proposes in ballot 1.n1, while n2 has begun ballot 2.n2."""

PROGRAM = Program("paxos", Paxos, PaxosClient, parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """A phase must have the time of a round trip, and a duel needs a wait to end (section 2.4)."""
    params = {name: p.default for name, p in PROGRAM.params.items()} | dict(recording.params)
    nodes = tuple(f"n{i}" for i in range(1, recording.nodes + 1))
    cast = cast_of(nodes, str(params["roles"]), ALL)
    round_trip, timeout = 2 * recording.link.high, int(params["phase_timeout"])
    if len(nodes) > 1 and timeout <= round_trip:
        yield (
            N_("A phase takes up to {round_trip} ms, and a proposer waits only {timeout} ms: "
               "ballots will be given up that would have won."),
            {"round_trip": round_trip / 1000, "timeout": timeout / 1000},
        )  # fmt: skip
    if params["back_off"] == NONE and len(cast.proposers) > 1 and recording.clients > 1:
        yield N_("Without a back-off two proposers may outbid each other for ever."), {}
    if len(nodes) > 1 and len(cast.acceptors) == 1:
        yield N_("With a single acceptor nothing can be chosen while it is down."), {}


def places(cluster: Cluster) -> dict[str, str]:
    """The proposers by their ballots: "proposer" of the highest, "rival" of the next; and the acceptors by number."""
    busy: list[tuple[tuple[int, str], str]] = []
    for name in cluster.nodes:
        node = cluster.hosts[name].node
        assert isinstance(node, PaxosState)
        if cluster.hosts[name].up and node.role in (PREPARING, PROPOSING, WAITING):
            busy.append((rank(node.ballot), name))
    named = [name for _, name in sorted(busy, reverse=True)]
    found = dict(zip(("proposer", "rival"), named, strict=False))
    acceptors = [name for name in cast_in(cluster).acceptors if name not in found.values()]
    return found | {f"acceptor {i}": name for i, name in enumerate(acceptors, 1)}


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Paxos"),
    summary=N_(
        "A proposer asks a majority for promises, then to accept a value. One value is chosen, once and for all."
    ),
    cites="Lamport, The Part-Time Parliament, 1998, and Paxos Made Simple, 2001",
    properties=PROPERTIES,
    indications=(*INDICATIONS, *session.INDICATIONS),
    timers={
        RETRY: (N_("next ballot"), N_("When it runs out, the proposer begins another ballot.")),
        LEARN: (N_("inquiry"), N_("When it runs out, the node asks others what was accepted or chosen.")),
        **session.TIMERS,
    },
    operations={
        "propose": Offer(N_("Propose"), N_("Propose a value; the answer is the one that was chosen."), ("value",))
    },
    service=SERVICE,
    groups=(
        Group(N_("Proposers"), ("phase_timeout", "back_off", "back_off_base", "nacks")),
        Group(N_("Learners"), ("learning", "learn_interval")),
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
