"""Scenarios of log compaction (section 7): a server that lags behind it, and what a repeated snapshot may not take away."""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Returned, Run
from ...simulation.commands import Crash, Delay, Duplicate, Restart
from .indications import Committed, SnapshotInstalled
from .messages import InstallSnapshot
from .properties import log_of
from .scenarios import field, first_leader, others, put

COMPACTING = {"think_time": 0, "snapshot_every": 3}


# A server that lags behind the compaction


def write_lagging_server(script: Script) -> None:
    leader = first_leader(script)
    late = others(script, leader)[-1]
    put(script, "c1", "x", 1, leader)
    script.until(Returned, "c1")
    script.wait(120_000)
    script.give(Crash(late))
    for value in (2, 3, 4, 5, 6):
        put(script, "c1", "x", value, leader)
    script.until(Returned, "c1", count=5)
    script.wait(200_000)
    script.give(Restart(late))
    script.until(SnapshotInstalled, late)
    put(script, "c1", "y", 7, leader)
    script.until(Returned, "c1")


def snapshot_brought_it_up_to_date(run: Run) -> bool:
    """The node that was down was sent a snapshot and then entries, and has what the others have; all logs are short."""
    restarted = [given.command.node for given in run.given if isinstance(given.command, Restart)]
    logs = [log_of(run.cluster, node) for node in run.cluster.nodes]
    return (
        [event.host for event, _ in told(run, SnapshotInstalled)] == restarted
        and {log.length for log in logs} == {8}
        and min(log.start for log in logs) >= 4
        and all(field(run, node, "data") == {"x": 6, "y": 7} for node in run.cluster.nodes)
    )


# A snapshot that comes twice


def write_repeated_snapshot(script: Script) -> None:
    """The copy of a snapshot comes after the entries that follow it; the follower has acknowledged these."""
    leader = first_leader(script)
    late, other = others(script, leader)[-1], others(script, leader)[0]
    script.give(Crash(late))
    for value in (1, 2, 3, 4):
        put(script, "c1", "x", value, leader)
    script.until(Returned, "c1", count=4)
    script.wait(100_000)
    script.give(Restart(late))
    script.until_event(
        lambda event: any(type(f.body) is InstallSnapshot for f in event.sent), f"a snapshot from {leader}"
    )
    flight = script.flight(InstallSnapshot, leader, late)
    script.give(Duplicate(flight.id))
    script.give(Delay(flight.id, 160_000))
    script.until(SnapshotInstalled, late)
    script.wait(30_000)
    script.give(Crash(other))
    put(script, "c1", "x", 5, leader)
    script.until(Committed, leader)
    script.wait(30_000)


def acknowledged_entry_was_lost(run: Run) -> bool:
    """The follower took the same snapshot twice; the second time an entry went that the leader had committed with it."""
    installed = [str(event.host) for event, _ in told(run, SnapshotInstalled)]
    return len(installed) == 2 and len(set(installed)) == 1 and field(run, installed[0], "log").length < 6


LAGGING_SERVER = Scenario(
    name="lagging_server",
    title=N_("A server that lags behind the compaction"),
    text=N_("A follower is down while the others put a snapshot in the place of the entries that it lacks."),
    outcome=N_("The leader has those entries no longer: it sends its snapshot, and then the entries that follow."),
    setup=Recording("raft", nodes=3, params=COMPACTING, seed=4),
    write=write_lagging_server,
    judge=snapshot_brought_it_up_to_date,
    until=1_600_000,
    ratio=20,
    picture={
        "nodes": 3, "leader": 1, "terms": [1, 1, 1], "commit": 6,
        "logs": [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [1, 1]], "messages": [[1, 3, 55, "append"]],
    },
)  # fmt: skip

REPEATED_SNAPSHOT = Scenario(
    name="repeated_snapshot",
    title=N_("A snapshot that comes twice"),
    text=N_(
        "The network doubles a snapshot, and the copy comes late. The follower gives up its whole log, "
        "as if it had nothing of what follows the snapshot."
    ),
    outcome=N_("It loses an entry that it has acknowledged and that is committed: only the leader has it now."),
    setup=Recording("raft", nodes=3, params=COMPACTING, rules={"keep_suffix": False}, seed=4),
    write=write_repeated_snapshot,
    judge=acknowledged_entry_was_lost,
    until=1_100_000,
    ratio=20,
    breaks=("acknowledged_stays",),
    picture={
        "nodes": 3, "leader": 1, "down": [2], "terms": [1, 1, 1], "commit": 6,
        "logs": [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]], "messages": [[1, 3, 55, "append"]],
    },
)  # fmt: skip

COMPACTION = (LAGGING_SERVER, REPEATED_SNAPSHOT)
