"""The scenarios of primary-backup replication: what each dial buys, and what it costs.

Each is written by playing it (`lessons.Script`): its author says whom to wait for, and the recording keeps times and
places. Those in which something is lost are in `losses.py`, the
services built on it in `services.py`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Recording, Returned, Run
from ...simulation.commands import Crash, Request, Restart, SetLink
from ..keyvalue import Operation
from .indications import Committed, Logged, StillWaits
from .properties import is_primary, replica
from .state import ALL, COMMITTED, MAJORITY, MANUAL, WEAK, ReplicaState

PATIENT_CLIENT: dict[str, int | bool | str] = {"think_time": 0, "client_timeout": 10_000_000}
"""Clients that ask only what the script tells them, and do not ask again while it lasts."""


# Looking at a run


def node(run: Run, name: str) -> ReplicaState:
    """A node now."""
    return replica(run.cluster, name)


def primaries(run: Run) -> list[str]:
    """The nodes that are up and take themselves for the primary."""
    return [name for name in run.cluster.nodes if is_primary(run.cluster, name)]


def database(run: Run, name: str) -> dict[str, Any]:
    """The values in a node's database now."""
    return {key: cell.value for key, cell in node(run, name).data.items() if cell.value is not None}


def databases_agree(run: Run, wanted: dict[str, Any]) -> bool:
    """Whether every node has these values, and the same log."""
    nodes = run.cluster.nodes
    return all(database(run, n) == wanted and node(run, n).log == node(run, nodes[0]).log for n in nodes)


def answered(run: Run, client: str) -> list[Any]:
    """The values of the writes of a client that were answered."""
    returned = [r for e, r in told(run, Returned) if e.host == client and r.outcome == OK]
    return [r.operation.value for r in returned if r.operation.name != "get"]


def read(run: Run, client: str) -> list[Any]:
    """What a client's reads were answered with."""
    returned = [r for e, r in told(run, Returned) if e.host == client and r.outcome == OK]
    return [r.result for r in returned if r.operation.name == "get"]


# Acting in a script


def put(script: Script, client: str, key: str, value: Any, to: str | None = None) -> None:
    """Has a client write."""
    script.give(Request(client, Operation("put", key, value), to))


def get(script: Script, client: str, key: str, to: str | None = None) -> None:
    """Has a client read."""
    script.give(Request(client, Operation("get", key), to))


def others(script: Script, *nodes: str) -> tuple[str, ...]:
    """The nodes that are not named."""
    return tuple(n for n in script.run.cluster.nodes if n not in nodes)


def first_write(script: Script, client: str = "c1", value: Any = 1) -> None:
    """A write that goes well and comes to all."""
    script.at(60_000)
    put(script, client, "x", value, "n1")
    script.until(Returned, client)
    script.wait(120_000)


# One dead replica blocks all


def write_blocked(script: Script) -> None:
    first_write(script)
    script.give(Crash("n4"))
    script.wait(40_000)
    put(script, "c1", "x", 2, "n1")
    script.until(StillWaits, "n1")
    script.wait(300_000)
    script.give(Restart("n4"))


def was_blocked(run: Run) -> bool:
    """Nothing was committed while n4 was down; with it everything was."""
    times = [given.time for given in run.given if isinstance(given.command, Crash | Restart)]
    commits = [event.time for event, _ in told(run, Committed)]
    return (
        answered(run, "c1") == [1, 2]
        and len(times) == len(commits) == 2
        and commits[0] < times[0] < times[1] < commits[1]
        and databases_agree(run, {"x": 2})
    )


# A cache with weak reads


def write_cache(script: Script) -> None:
    first_write(script)
    script.give(SetLink("n1", "n3", up=False))
    put(script, "c1", "x", 2, "n1")
    script.until(Returned, "c1")
    script.wait(30_000)
    get(script, "c2", "x", "n3")
    script.until(Returned, "c2")
    script.wait(60_000)
    script.give(SetLink("n1", "n3", up=True))
    script.until(Logged, "n3")
    script.wait(120_000)
    get(script, "c2", "x", "n3")


def read_was_stale(run: Run) -> bool:
    """The first read came from a replica that was behind, the second did not."""
    return answered(run, "c1") == [1, 2] and read(run, "c2") == [1, 2]


BLOCKED = Scenario(
    name="one_replica_blocks_all",
    title=N_("One dead replica blocks all"),
    text=N_("Every update must be confirmed by all replicas, as in the article. One backup crashes, and a client writes."),
    outcome=N_("The update waits in the primary's log. It is committed as soon as the backup is back, and not before."),
    setup=Recording("primary_backup", nodes=5, params={"think_time": 0, "client_attempts": 100, "confirmation": ALL}, seed=3),
    write=write_blocked,
    judge=was_blocked,
    until=1_500_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 1, "down": [4], "terms": [1, 1, 1, 1, 1], "commit": 1,
        "logs": [[1, 1], [1, 1], [1, 1], [1], [1, 1]], "messages": [[1, 4, 50, "append"], [2, 1, 40, "reply"]],
    },
)  # fmt: skip

CACHE = Scenario(
    name="cache_with_weak_reads",
    title=N_("A cache with weak reads"),
    text=N_(
        "Reads are answered by the nearest replica at once, like by a cache. A link to one replica is cut, "
        "and a write is confirmed by the majority without it."
    ),
    outcome=N_("The replica answers with the old value: a stale read. Once it has caught up, it answers with the new one."),
    setup=Recording(
        "primary_backup", nodes=3, clients=2, seed=5,
        params={**PATIENT_CLIENT, "confirmation": MAJORITY, "notify": COMMITTED, "reads": WEAK, "failover": MANUAL},
    ),
    write=write_cache,
    judge=read_was_stale,
    until=900_000,
    ratio=20,
    breaks=("fresh_reads",),
    picture={
        "nodes": 3, "leader": 1, "terms": [1, 1, 1], "commit": 2, "logs": [[1, 1], [1, 1], [1]],
        "messages": [[1, 2, 60, "append"], [2, 1, 30, "reply"]],
    },
)  # fmt: skip


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    from .losses import LOSSES  # they use what stands above
    from .services import SERVICES

    return (BLOCKED, CACHE, *LOSSES, *SERVICES)
