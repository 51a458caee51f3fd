"""Eventful runs for tests: faults of every kind, thrown at a run by a seeded hand."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from server.exploration.fuzz import SPAN, faults_of, set_up, unleash
from server.properties import Monitor
from server.protocols import Protocol, protocol
from server.simulation import Cluster, Observer, Recording, Refused, Run, command_from

KINDS = (
    "crash", "restart", "pause", "resume", "set_link", "partition", "heal", "drop", "duplicate", "delay", "deliver_now",
    "hold_link", "release_link", "set_clock", "fire_timer", "request", "switch_rule",
)  # fmt: skip


def some_command(rng: random.Random, cluster: Cluster) -> dict[str, Any]:
    """A command as plain data; perhaps one that can't be done now."""
    hosts, nodes = tuple(cluster.hosts), cluster.nodes
    flights = tuple(cluster.flights) or (0,)
    kind = rng.choice(KINDS)
    command: dict[str, Any] = {"type": kind}
    match kind:
        case "crash" | "pause" | "resume":
            command["node"] = rng.choice(nodes)
        case "restart":
            command |= {"node": rng.choice(nodes), "disk": rng.choice(("kept", "lost"))}
        case "set_link":
            low = rng.randrange(0, 30_000)
            command |= {"src": rng.choice(nodes), "dst": rng.choice(hosts), "low": low, "high": low + 40_000}
            command |= rng.choice((
                {"up": False}, {"loss_percent": 30}, {"duplicate_percent": 40}, {"fifo": True}, {"held": True},
            ))  # fmt: skip
        case "partition":
            shuffled = rng.sample(nodes, len(nodes))
            cut = rng.randrange(1, max(2, len(nodes)))
            command["groups"] = [shuffled[:cut], shuffled[cut:]]
        case "drop" | "duplicate" | "deliver_now":
            command["message"] = rng.choice(flights)
        case "delay":
            command |= {"message": rng.choice(flights), "by": rng.randrange(1, 200_000)}
        case "hold_link" | "release_link":
            command |= {"src": rng.choice(nodes), "dst": rng.choice(nodes)}
        case "set_clock":
            command |= {"node": rng.choice(nodes), "rate_ppm": rng.choice((500_000, 1_000_000, 2_000_000))}
        case "fire_timer":
            host = cluster.hosts[rng.choice(hosts)]
            command |= {"node": host.id, "timer": host.timers[0].name if host.timers else "none"}
        case "request":
            key = rng.choice("xyz")
            command |= {"client": rng.choice(cluster.clients or ("c1",)), "operation": {"name": "get", "key": key}}
        case "switch_rule":
            command |= {"rule": rng.choice(tuple(cluster.rules)), "on": rng.random() < 0.5}
    return command


def eventful(
    seed: int,
    *,
    events: int = 400,
    nodes: int = 5,
    protocol_name: str = "raft",
    params: Mapping[str, Any] | None = None,
    **setup: Any,
) -> Run:
    """A run with about one command in ten events."""
    shown: Protocol = protocol(protocol_name)
    rng = random.Random(seed)
    given = {"think_time": 40_000, **(params or {})}
    run = shown.run(Recording(protocol_name, nodes=nodes, clients=2, params=given, seed=seed, **setup))
    while run.head < events:
        run.advance(run.now + rng.randrange(200_000), most=rng.randrange(1, 20))
        command = some_command(rng, run.cluster)
        try:
            run.act(command_from(command, run.program.parse_operation), "test")
        except Refused:
            continue
    return run


def unleashed(
    owner: Protocol, seed: int, *watching: Observer, params: Mapping[str, Any], rules_off: tuple[str, ...] = ()
) -> Run:
    """A fuzzed run in which nothing is judged, to its end, with others watching."""
    spared = faults_of(owner, seed, frozenset())
    run = Run(set_up(owner, seed, None, rules_off, params, spared), owner.program, (Monitor(()), *watching), keep=False)
    unleash(owner, run, seed, spared, SPAN, frozenset())
    return run
