"""The scenarios of Raft: what an election, a partition and a crash do to a cluster whose rules are all on.

Those with a rule off, which show what the rule was for, are in `counterexamples.py`. Each is written by playing it
(`lessons.Script`): its author says whom to wait for, and the recording keeps times and places.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Log, Recording, Returned, Run
from ...simulation.commands import Crash, FireTimer, Heal, Partition, Request, Restart
from ..keyvalue import Operation
from .indications import (
    AppendAccepted,
    AppendRejectedConflict,
    Applied,
    BecameCandidate,
    Committed,
    Elected,
    EntriesRemoved,
    VoteGranted,
)
from .messages import Entry
from .state import ELECTION, Role

PATIENT_CLIENT = {"think_time": 0, "client_timeout": 10_000_000}
"""Clients that ask only what the script tells them, and do not ask again while it lasts."""


# Looking at a run


def field(run: Run, node: str, name: str) -> Any:
    """A field of a node now."""
    return getattr(run.cluster.hosts[node].node, name)


def log_of(run: Run, node: str) -> Log[Entry]:
    """The log of a node now."""
    log: Log[Entry] = field(run, node, "log")
    return log


def logs_agree(run: Run) -> bool:
    """Whether all nodes have the same log now, and have committed all of it."""
    nodes = run.cluster.nodes
    first = log_of(run, nodes[0])
    return all(log_of(run, node) == first and field(run, node, "commit_index") == len(first) for node in nodes)


def leaders(run: Run) -> list[str]:
    """The nodes that are up and take themselves for the leader."""
    nodes = run.cluster.nodes
    return [n for n in nodes if run.cluster.hosts[n].up and field(run, n, "role") is Role.LEADER]


def answered(run: Run, client: str) -> list[Any]:
    """The values of the writes of `client` that were answered with success."""
    return [r.operation.value for e, r in told(run, Returned) if e.host == client and r.outcome == OK]


def applied(run: Run, value: Any) -> bool:
    """Whether any node has applied a write of this value."""
    return any(a.entry.command is not None and a.entry.command.value == value for _, a in told(run, Applied))


# Acting in a script


def put(script: Script, client: str, key: str, value: Any, to: str | None = None) -> None:
    """Has a client write."""
    script.give(Request(client, Operation("put", key, value), to))


def first_leader(script: Script) -> str:
    """Goes on until a leader is elected, and a little further, so that all have heard of it."""
    leader = script.until(Elected).host
    assert leader is not None
    script.wait(80_000)
    return leader


def others(script: Script, *nodes: str) -> tuple[str, ...]:
    """The nodes that are not named."""
    return tuple(n for n in script.run.cluster.nodes if n not in nodes)


# A split vote


def write_split_vote(script: Script) -> None:
    script.at(100_000)
    script.give(FireTimer("n1", ELECTION))
    script.give(FireTimer("n3", ELECTION))


def vote_was_split(run: Run) -> bool:
    """Two votes each in term 1 and no leader; a leader in a later term."""
    votes = [(granted.candidate, granted.term) for _, granted in told(run, VoteGranted)]
    terms = [elected.term for _, elected in told(run, Elected)]
    split = votes.count(("n1", 1)) == 1 and votes.count(("n3", 1)) == 1
    return split and terms == [2] and len(leaders(run)) == 1


# A stale leader in the minority


def write_stale_leader(script: Script) -> None:
    old = first_leader(script)
    put(script, "c1", "x", 1, old)
    script.until(Committed)
    script.wait(120_000)
    partner = others(script, old)[-1]
    script.give(Partition(((old, partner, "c1"), (*others(script, old, partner), "c2"))))
    script.wait(40_000)
    put(script, "c1", "x", 2, old)
    script.until(AppendAccepted, partner)
    script.wait(40_000)
    new = first_leader(script)
    put(script, "c2", "x", 3, new)
    script.until(Committed, new)
    script.wait(200_000)
    script.give(Heal())


def stale_write_was_lost(run: Run) -> bool:
    """x = 2 was in two logs, was never applied nor answered, and all end with x = 3."""
    removed = {event.host for event, _ in told(run, EntriesRemoved)}
    data = [field(run, node, "data") for node in run.cluster.nodes]
    return (
        len(removed) == 2
        and not applied(run, 2)
        and answered(run, "c1") == [1]
        and answered(run, "c2") == [3]
        and all(stored == {"x": 3} for stored in data)
        and logs_agree(run)
    )


# A log conflict, repaired


def write_log_conflict(script: Script) -> None:
    first = first_leader(script)
    put(script, "c1", "x", 1, first)
    script.until(Committed)
    script.wait(120_000)
    script.give(Partition(((first, "c1", "c2", "c3"), (*others(script, first), "c4"))))
    for client, value in (("c1", 10), ("c2", 20), ("c3", 30)):
        put(script, client, "y", value, first)
    script.wait(60_000)
    script.give(Crash(first))
    second = first_leader(script)
    for value in (2, 3):
        put(script, "c4", "x", value, second)
    script.until(Returned, "c4", count=2)
    script.wait(120_000)
    script.give(Crash(second))
    first_leader(script)
    script.give(Heal())
    script.give(Restart(first))
    script.until(EntriesRemoved, first)
    script.wait(150_000)
    script.give(Restart(second))


def log_was_repaired(run: Run) -> bool:
    """The conflict was found step by step, three entries were removed, and all logs are the same."""
    removed = [r.count for _, r in told(run, EntriesRemoved)]
    steps = sum(1 for _ in told(run, AppendRejectedConflict))
    return removed == [3] and steps >= 2 and logs_agree(run) and not applied(run, 10)


# A restarted node catches up


def write_restarted_node(script: Script) -> None:
    leader = first_leader(script)
    put(script, "c1", "x", 1, leader)
    script.until(Returned, "c1")
    script.wait(120_000)
    late = others(script, leader)[-1]
    script.give(Crash(late))
    for value in (2, 3, 4, 5):
        put(script, "c1", "x", value, leader)
    script.until(Returned, "c1", count=4)
    script.wait(250_000)
    script.give(Restart(late))


def node_caught_up(run: Run) -> bool:
    """The node that was down has all entries, those of the time without it too, and has applied them."""
    restarted = [given.command.node for given in run.given if isinstance(given.command, Restart)]
    return (
        len(restarted) == 1
        and restarted[0] not in leaders(run)
        and len(log_of(run, restarted[0])) == 6
        and field(run, restarted[0], "data") == {"x": 5}
        and logs_agree(run)
    )


# Five nodes, three down


def write_three_down(script: Script) -> None:
    leader = first_leader(script)
    put(script, "c1", "x", 1, leader)
    script.until(Returned, "c1")
    script.wait(120_000)
    down = (leader, *others(script, leader)[:2])
    for node in down:
        script.give(Crash(node))
    script.wait(100_000)
    put(script, "c1", "x", 2)
    script.until(BecameCandidate, count=4)
    script.wait(60_000)
    script.give(Restart(down[1]))


def majority_was_needed(run: Run) -> bool:
    """No leader and no commit while three of five were down; both come back with the third node."""
    down: set[str] = set()
    most_down = 0
    for event in run.history.events:
        if isinstance(event.subject, Crash):
            down.add(event.subject.node)
        elif isinstance(event.subject, Restart):
            down.discard(event.subject.node)
        most_down = max(most_down, len(down))
        if len(down) >= 3 and any(isinstance(news, Elected | Committed) for news in event.indications):
            return False
    return most_down == 3 and len(leaders(run)) == 1 and answered(run, "c1") == [1, 2]


SPLIT_VOTE = Scenario(
    name="split_vote",
    title=N_("Split vote"),
    text=N_("Two of four nodes become candidates at the same moment, and each gets half of the votes."),
    outcome=N_("Term 1 ends without a leader; random timeouts let one node be first in term 2, and it is elected."),
    setup=Recording("raft", nodes=4, params={"think_time": 0}, seed=7),
    write=write_split_vote,
    judge=vote_was_split,
    until=700_000,
    ratio=20,
    picture={
        "nodes": 4, "candidates": [1, 3], "terms": [1, 1, 1, 1],
        "messages": [[1, 2, 45, "vote"], [1, 4, 60, "vote"], [3, 4, 45, "vote"], [3, 2, 60, "vote"]],
    },
)  # fmt: skip

STALE_LEADER = Scenario(
    name="stale_leader",
    title=N_("Stale leader in the minority"),
    text=N_("A partition leaves the leader with one follower. A client goes on writing to it; the majority elects another."),
    outcome=N_("The write in the minority is never committed: after healing, the new leader's entries take its place."),
    setup=Recording("raft", nodes=5, clients=2, params=PATIENT_CLIENT, seed=26),
    write=write_stale_leader,
    judge=stale_write_was_lost,
    until=1_400_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 3, "terms": [2, 2, 2, 1, 1], "groups": [[4, 5], [1, 2, 3]],
        "messages": [[3, 1, 45, "append"], [3, 2, 60, "append"], [4, 5, 50, "append"]],
    },
)  # fmt: skip

LOG_CONFLICT = Scenario(
    name="log_conflict",
    title=N_("Log conflict repaired"),
    text=N_("A leader cut off from all others crashes with three entries that nobody else has. Two leaders later it returns."),
    outcome=N_("Entry by entry the leader finds where the logs part; the three entries go, and all logs are the same."),
    setup=Recording("raft", nodes=5, clients=4, params=PATIENT_CLIENT, seed=22),
    write=write_log_conflict,
    judge=log_was_repaired,
    until=2_000_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 2, "down": [1], "terms": [2, 3, 3, 3, 3], "commit": 2,
        "logs": [[1, 1, 2, 2, 2], [1, 1, 2, 2, 2, 3], [1, 1, 2, 2, 2, 3], [1, 1, 1, 1, 1], [1, 1, 2, 2, 2, 3]],
        "messages": [[2, 4, 50, "append"]],
    },
)  # fmt: skip

RESTARTED_NODE = Scenario(
    name="restarted_node",
    title=N_("A restarted node catches up"),
    text=N_("A follower crashes, and four writes are committed without it. It restarts with what is on its disk."),
    outcome=N_("It kept its term, its vote and its log, gets the four entries from the leader, and applies everything anew."),
    setup=Recording("raft", nodes=3, params={"think_time": 0}, seed=4),
    write=write_restarted_node,
    judge=node_caught_up,
    until=1_500_000,
    ratio=20,
    picture={
        "nodes": 3, "leader": 1, "terms": [1, 1, 1], "commit": 6,
        "logs": [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [1, 1]], "messages": [[1, 3, 55, "append"]],
    },
)  # fmt: skip

THREE_DOWN = Scenario(
    name="three_down",
    title=N_("Five nodes, three down"),
    text=N_("Three of five nodes crash. The other two ask for votes again and again, and a client waits."),
    outcome=N_("No leader and no commit with two of five; as soon as a third node is back, the write is committed."),
    setup=Recording("raft", nodes=5, params={"think_time": 0, "client_attempts": 100}, seed=26),
    write=write_three_down,
    judge=majority_was_needed,
    until=1_900_000,
    ratio=20,
    picture={
        "nodes": 5, "candidates": [4], "down": [1, 2, 3], "terms": [1, 1, 1, 4, 4],
        "messages": [[4, 5, 50, "vote"], [4, 1, 45, "vote"]],
    },
)  # fmt: skip


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    from .compaction import COMPACTION  # they use what stands above
    from .counterexamples import COUNTEREXAMPLES
    from .disruptions import DISRUPTIONS
    from .figures import FIGURES
    from .memberships import MEMBERSHIPS
    from .reading import READING
    from .services import SERVICES

    return (
        SPLIT_VOTE, STALE_LEADER, LOG_CONFLICT, RESTARTED_NODE, THREE_DOWN, *FIGURES, *COUNTEREXAMPLES, *COMPACTION,
        *MEMBERSHIPS, *DISRUPTIONS, *READING, *SERVICES,
    )  # fmt: skip
