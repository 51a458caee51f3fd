"""The world straight from the cluster, and the ways in which tests compare worlds."""

from __future__ import annotations

import json
from typing import Any

from server.simulation import Cluster, History, Log, Run, encode
from server.simulation.values import plain

WHOLE = 1_000_000_000
"""A window that every log fits into."""


def whole(data: Any) -> Any:
    """Plain JSON data of a world or an event, logs written whole."""

    def default(obj: Any) -> Any:
        return obj.window(WHOLE) if isinstance(obj, Log) else plain(obj)

    return json.loads(json.dumps(data, default=default, sort_keys=True))


def truth(cluster: Cluster) -> dict[str, Any]:
    """The world as the cluster itself has it now, put together without the history, logs written whole."""
    hosts = {}
    for host in cluster.hosts.values():
        hosts[host.id] = {
            "kind": host.kind,
            "up": host.up,
            "paused": host.paused,
            "rate_ppm": host.rate_ppm,
            "offset": host.offset,
            "incarnation": host.incarnation,
            "state": {name: host.node.__dict__[name] for name in type(host.node).fields},
            "timers": {t.name: {"set": t.set, "due": t.due, "left": t.left, "span": t.span} for t in host.timers},
        }
    lanes = {f"{host.id}>{dst}": lane.link for host in cluster.hosts.values() for dst, lane in host.lanes.items()}
    world = {
        "seq": cluster.seq,
        "time": cluster.time,
        "hosts": hosts,
        "links": {name: link for name, link in lanes.items() if link != cluster.link},
        "groups": cluster.groups,
        "rules": cluster.rules,
        "flights": {str(flight.id): flight.as_dict() for flight in cluster.flights.values()},
    }
    found: dict[str, Any] = whole(world)
    return found


def world(history: History, seq: int) -> dict[str, Any]:
    """The world after event `seq` as the history tells it, logs written whole."""
    found: dict[str, Any] = whole(history.world(seq))
    return found


def fingerprint(run: Run) -> str:
    """All that a refused command must leave as it was: the world, and the recording."""
    return encode([run.world(), run.recording.as_dict(), run.now, run.head, run.next_time()])
