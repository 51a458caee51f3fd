"""Gossip (Demers et al., 1987). See README.md in this folder for what is simplified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...simulation import N_, Cluster, Program, Recording, Refused
from .. import keyvalue
from ..descriptor import Protocol
from ..forms import CLIENTS, Group
from ..service import STORE
from ..session import INDICATIONS as CLIENT_INDICATIONS
from ..session import TIMERS as CLIENT_TIMERS
from .challenges import challenges
from .client import ANY, GossipClient
from .guarantees import FreshReads
from .indications import INDICATIONS
from .lesson import lessons
from .node import GOSSIP, RUMOR, Gossip
from .properties import PROPERTIES
from .scenarios import scenarios
from .state import store_of
from .view import VIEW

SERVED = ("get", "put", "delete")


def parse_operation(data: Mapping[str, Any]) -> keyvalue.Operation:
    """Makes an operation of plain data. Raises Refused, also for one that would need an order of all operations."""
    operation = keyvalue.parse_operation(data)
    if operation.name not in SERVED:
        raise Refused(
            "unknown_operation",
            N_(
                "Gossip puts operations in no order, so nodes would do {name} differently: it serves get, put and delete."
            ),
            name=operation.name,
        )
    return operation


PROGRAM = Program("gossip", Gossip, GossipClient, parse_operation)


def warn(recording: Recording) -> Iterable[tuple[str, dict[str, Any]]]:
    """Rounds that are shorter than messages take, and certificates that go before all have seen them (section 2)."""
    params = {name: p.default for name, p in PROGRAM.params.items()} | dict(recording.params)
    interval, life = int(params["gossip_interval"]), int(params["certificate_life"])
    if 2 * recording.link.high > interval:
        yield (
            N_("An exchange may take {round_trip} ms and the next begins after {interval} ms: "
               "nodes send again what is on its way."),
            {"round_trip": 2 * recording.link.high / 1000, "interval": interval / 1000},
        )  # fmt: skip
    if life and life < 2 * interval * recording.nodes:
        yield (
            N_("Death certificates live {life} ms, and it may take as long until all nodes have one: "
               "deleted values can come back."),
            {"life": life / 1000},
        )  # fmt: skip
    if params["asks"] == ANY and int(params["client_timeout"]) < 2 * recording.link.high:
        yield (
            N_("A client waits {timeout} ms, and an answer may take {round_trip} ms: "
               "it asks another node, which makes the same write again with a later stamp."),
            {"timeout": int(params["client_timeout"]) / 1000, "round_trip": 2 * recording.link.high / 1000},
        )  # fmt: skip


def places(cluster: Cluster) -> dict[str, str]:
    """The node that wrote the newest version there is, and one that has not got it."""
    stores = {name: store_of(cluster, name) for name in cluster.nodes if cluster.hosts[name].up}
    items = [item for store in stores.values() for item in store.values()]
    if not items:
        return {}
    newest = max(items, key=lambda item: (item.stamp, item.key))
    behind = [
        name for name, store in stores.items() if newest.key not in store or store[newest.key].stamp < newest.stamp
    ]
    found = {"writer": newest.stamp[1]} if newest.stamp[1] in stores else {}
    return found | ({"behind": behind[0]} if behind else {})


PROTOCOL = Protocol(
    program=PROGRAM,
    title=N_("Gossip"),
    summary=N_("Any node takes reads and writes at once; nodes compare their data in pairs until all have the same."),
    cites="Demers et al., Epidemic Algorithms for Replicated Database Maintenance, 1987",
    properties=PROPERTIES,
    indications=(*INDICATIONS, *CLIENT_INDICATIONS),
    timers={
        GOSSIP: (N_("gossip"), N_("When it runs out, the node draws another and compares its data with it.")),
        RUMOR: (N_("rumor"), N_("When it runs out, the node tells its rumors to another one.")),
        **CLIENT_TIMERS,
    },
    operations={name: keyvalue.OFFERS[name] for name in SERVED},
    service=replace(STORE, disclaimed=FreshReads.disclaimed),
    groups=(
        Group(N_("Comparing"), ("mode", "content", "gossip_interval")),
        Group(N_("Rumors"), ("rumor_limit", "rumor_interval")),
        Group(N_("Stamps"), ("stamps", "certificate_life")),
        Group(CLIENTS.title, ("asks", *CLIENTS.params)),
    ),
    view=VIEW,
    scenarios=scenarios,
    lessons=lessons,
    challenges=challenges,
    warn=warn,
    places=places,
    family="replication",
    picture={
        "nodes": 5, "terms": [1, 1, 2, 1, 2],
        "messages": [[3, 1, 45, "append"], [5, 2, 60, "append"], [4, 3, 30, "control"]],
    },
)  # fmt: skip
