"""The scenarios of Multi-Paxos: what a stable leader, a crash, a duel and a lost majority do, with all rules on.

Those with a rule off, which show what the rule was for, are in `counterexamples.py`. Each is written by playing it
(`lessons.Script`): its author says whom to wait for, and the recording keeps times and places.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Link, Recording, Returned, Run
from ...simulation.commands import Crash, FireTimer, Heal, Partition, Request, Restart
from ..keyvalue import Operation
from .indications import (
    BecameCandidate,
    CaughtUp,
    Chosen,
    Elected,
    NoOpProposed,
    PromiseCounted,
    ProposalAccepted,
    Proposed,
    Replayed,
    SteppedDown,
    WaitsForEarlier,
)
from .messages import Prepare
from .node import ELECTION, HEARTBEAT
from .properties import leads, state_of
from .state import MultiPaxosState

PATIENT_CLIENT = {"think_time": 0, "client_timeout": 10_000_000}
"""Clients that ask only what the script tells them, and do not ask again while it lasts."""


# Looking at a run


def state(run: Run, node: str) -> MultiPaxosState:
    """What a node knows now."""
    return state_of(run.cluster, node)


def leaders(run: Run) -> list[str]:
    """The nodes that are up and take themselves for the leader."""
    return [node for node in run.cluster.nodes if leads(run.cluster, node)]


def answers(run: Run, client: str) -> list[Any]:
    """What was answered to the operations of `client` that took effect, in their order."""
    return [
        returned.result for event, returned in told(run, Returned) if event.host == client and returned.outcome == OK
    ]


def same_everywhere(run: Run, slots: int, *nodes: str) -> bool:
    """Whether these nodes, or all, have applied so many slots, and have the same data."""
    found = [state(run, node) for node in nodes or run.cluster.nodes]
    return all(one.chosen_upto == slots and one.data == found[0].data for one in found)


def sent(run: Run, message: type) -> int:
    """How many messages of this type were sent."""
    return sum(1 for event in run.history.events for flight in event.sent if type(flight.body) is message)


# Acting in a script


def ask(script: Script, client: str, name: str, key: str, value: Any = None, *, to: str | None = None) -> None:
    """Has a client begin an operation, after those that it has under way."""
    script.give(Request(client, Operation(name, key, value), to))


def first_leader(script: Script) -> str:
    """Goes on until a leader is elected, and a little further, so that all have heard of it."""
    leader = script.until(Elected).host
    assert leader is not None
    script.wait(80_000)
    return leader


def others(script: Script, *nodes: str) -> tuple[str, ...]:
    """The nodes that are not named."""
    return tuple(node for node in script.run.cluster.nodes if node not in nodes)


# A database: a stable leader and many writes

ACCOUNTS = (("c1", "a", 100), ("c2", "b", 50), ("c3", "c", 10))


def write_database(script: Script) -> None:
    leader = first_leader(script)
    for client, account, balance in ACCOUNTS:
        ask(script, client, "put", account, balance, to=leader)
        for amount in (5, -20, 30):
            ask(script, client, "add", account, amount)
        ask(script, client, "get", account)


def one_round_trip_each(run: Run) -> bool:
    """Phase 1 was done once; fifteen slots were chosen, some before an earlier one; all nodes have the same database."""
    balances = {account: balance + 15 for _, account, balance in ACCOUNTS}
    return (
        sent(run, Prepare) == run.setup.nodes - 1
        and sum(1 for _ in told(run, Chosen)) == 15
        and next(told(run, WaitsForEarlier), None) is not None
        and [answers(run, client)[-1] for client, _, _ in ACCOUNTS] == list(balances.values())
        and state(run, "n1").data == balances
        and same_everywhere(run, 15)
    )


# A leader leaves a gap


def write_gap(script: Script) -> None:
    leader = first_leader(script)
    script.give(FireTimer(leader, HEARTBEAT))  # so that the next, which would close the gap, is far
    script.wait(40_000)
    script.give(Partition(((leader, "c1"), (*others(script, leader), "c2", "c3"))))
    ask(script, "c1", "put", "x", 1, to=leader)
    script.until(Proposed, leader)
    script.give(Heal())
    ask(script, "c2", "put", "y", 2, to=leader)
    ask(script, "c3", "put", "z", 3, to=leader)
    script.until(WaitsForEarlier, leader, count=2)
    script.give(Crash(leader))
    script.until(NoOpProposed)
    script.wait(200_000)
    script.give(Restart(leader))


def gap_was_filled(run: Run) -> bool:
    """Slot 1 is a no-op, slots 2 and 3 are what the old leader proposed, and the lost write came in later."""
    gaps = [(told_of.slot, event.host) for event, told_of in told(run, NoOpProposed)]
    leading = leaders(run)
    if len(leading) != 1 or gaps != [(1, leading[0])]:
        return False
    commands = [entry.command and entry.command.value for entry in state(run, leading[0]).log]
    return (
        commands in ([None, 2, 3, 1], [None, 3, 2, 1])
        and all(answers(run, client) == [True] for client in ("c1", "c2", "c3"))
        and same_everywhere(run, 4)
    )


# Two leaders duel after a partition

DUEL_ROUNDS = 5


def write_duel(script: Script) -> None:
    old = first_leader(script)
    ask(script, "c1", "put", "x", 1, to=old)
    script.until(Returned, "c1")
    script.wait(60_000)
    script.give(Partition(((old, others(script, old)[0], "c1"), (*others(script, old)[1:], "c2"))))
    ask(script, "c1", "put", "x", 2, to=old)
    new = script.until(Elected).host
    assert new is not None
    script.wait(60_000)
    script.give(Heal())
    script.until(SteppedDown, old)
    script.wait(30_000)
    ask(script, "c2", "put", "y", 3, to=new)
    duellists = (old, new)
    for turn in range(DUEL_ROUNDS):
        # Each begins as soon as the other has its first promise, so the other's proposals come too late everywhere.
        script.give(FireTimer(duellists[turn % 2], ELECTION))
        script.until(PromiseCounted, duellists[turn % 2])


def duel_ended(run: Run) -> bool:
    """Leaders followed each other without choosing anything; in the end one leads, and both writes are in."""
    healed = [given.time for given in run.given if isinstance(given.command, Heal)]
    after = [event for event in run.history.events if healed and event.time > healed[0]]
    led = [news.ballot for event in after for news in event.indications if isinstance(news, Elected)]
    chose = {news.ballot for event in after for news in event.indications if isinstance(news, Chosen)}
    in_vain = [ballot for ballot in led if ballot not in chose]
    return (
        len(in_vain) >= 3
        and len(leaders(run)) == 1
        and answers(run, "c1") == [True, True]
        and answers(run, "c2") == [True]
        and all(state(run, node).data == {"x": 2, "y": 3} for node in run.cluster.nodes)
    )


# A lagging node catches up

WRITES = 24


def write_lagging(script: Script) -> None:
    leader = first_leader(script)
    ask(script, "c1", "put", "x", 0, to=leader)
    script.until(Returned, "c1")
    script.wait(80_000)
    late = others(script, leader)[-1]
    script.give(Crash(late))
    for write in range(WRITES):
        ask(script, f"c{write % 4 + 1}", "add", "x", 1, to=leader)
    script.until(Returned, count=WRITES)
    script.wait(120_000)
    script.give(Restart(late))


def node_caught_up(run: Run) -> bool:
    """It applied anew what it had on disk, and took the rest in two pieces of 16 slots at the most, in order."""
    restarted = [(event.host, news.slot) for event, news in told(run, Replayed)]
    pieces = [(event.host, news.first, news.last) for event, news in told(run, CaughtUp)]
    late = restarted[0][0] if restarted else None
    return (
        restarted == [(late, 1)]
        and [(first, last) for node, first, last in pieces if node == late] == [(2, 17), (18, WRITES + 1)]
        and state(run, "n1").data == {"x": WRITES}
        and same_everywhere(run, WRITES + 1)
    )


# A minority stays silent


def write_minority(script: Script) -> None:
    leader = first_leader(script)
    ask(script, "c1", "put", "x", 1, to=leader)
    script.until(Returned, "c1")
    script.wait(80_000)
    down = others(script, leader)[:3]
    for node in down:
        script.give(Crash(node))
    ask(script, "c1", "put", "x", 2, to=leader)
    script.until(Proposed, leader)
    ask(script, "c2", "get", "x", to=leader)
    script.until(ProposalAccepted, count=2)
    script.wait(600_000)
    script.give(Restart(down[0]))


def minority_was_silent(run: Run) -> bool:
    """Two of five accepted and nothing was chosen, nothing read; with the third node, both requests were answered."""
    crashed = next((given.time for given in run.given if isinstance(given.command, Crash)), None)
    back = next((given.time for given in run.given if isinstance(given.command, Restart)), None)
    if crashed is None or back is None:
        return False
    silent = all(not crashed < event.time < back for event, _ in (*told(run, Chosen), *told(run, Returned)))
    candidacies = [event for event, _ in told(run, BecameCandidate) if event.time > crashed]
    return silent and not candidacies and answers(run, "c1") == [True, True] and answers(run, "c2") == [2]


DATABASE = Scenario(
    name="database_over_paxos",
    title=N_("A database with a stable leader"),
    text=N_("Three clients write and read accounts at the same time. Phase 1 has been done, once, for all slots to come."),
    outcome=N_(
        "Each operation costs one round trip of phase 2. Some slots are chosen before an earlier one, "
        "all are applied in order, and every node has the same accounts."
    ),
    setup=Recording("multi_paxos", clients=3, params=PATIENT_CLIENT, seed=10, link=Link(low=5_000, high=45_000)),
    write=write_database,
    judge=one_round_trip_each,
    until=1_400_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 3, "terms": [1, 1, 1, 1, 1], "commit": 2,
        "logs": [[1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1], [1, 1, 1, 1]],
        "messages": [[3, 1, 30, "append"], [3, 2, 45, "append"], [3, 4, 60, "append"], [5, 3, 50, "reply"]],
    },
)  # fmt: skip

GAP = Scenario(
    name="gap_filled",
    title=N_("A gap filled with a no-op"),
    text=N_(
        "The leader proposes for three slots. The first proposal reaches nobody; the other two are chosen, and wait for it. "
        "Then the leader crashes."
    ),
    outcome=N_(
        "The next leader hears of slots 2 and 3 and of nothing in slot 1. It fills the gap with a no-op, "
        "so the two can be applied; the lost write is asked for again."
    ),
    setup=Recording(
        "multi_paxos", clients=3, seed=4,
        params={
            "think_time": 0, "client_timeout": 1_200_000,
            "heartbeat_interval": 200_000, "election_low": 400_000, "election_high": 700_000,
        },
    ),
    write=write_gap,
    judge=gap_was_filled,
    until=3_000_000,
    ratio=15,
    picture={
        "nodes": 5, "leader": 2, "down": [1], "terms": [1, 2, 2, 2, 2], "commit": 3,
        "logs": [[1, 1, 1], [2, 2, 2], [2, 2, 2], [2, 2, 2], [2, 2, 2]],
        "messages": [[2, 3, 50, "append"], [2, 4, 60, "append"], [2, 5, 40, "append"]],
    },
)  # fmt: skip

DUEL = Scenario(
    name="leaders_duel",
    title=N_("Two leaders duel"),
    text=N_(
        "A partition has made two leaders. It is healed, and each outbids the other's ballot just before its proposals arrive."
    ),
    outcome=N_(
        "Leader after leader is refused and nothing is chosen, but nothing breaks. When one of them waits a little longer, "
        "its proposals get through."
    ),
    setup=Recording(
        "multi_paxos", clients=2, seed=5, link=Link(low=20_000, high=20_000),
        params={"think_time": 0, "client_timeout": 500_000},
    ),
    write=write_duel,
    judge=duel_ended,
    until=2_000_000,
    ratio=20,
    picture={
        "nodes": 5, "candidates": [1, 3], "terms": [4, 3, 5, 4, 4],
        "messages": [[1, 4, 70, "append"], [1, 5, 60, "append"], [3, 4, 40, "vote"], [3, 5, 45, "vote"], [3, 1, 55, "vote"]],
    },
)  # fmt: skip

LAGGING = Scenario(
    name="lagging_node_learns",
    title=N_("A node that lags catches up"),
    text=N_("A follower is down while two dozen slots are chosen. It restarts with what is on its disk."),
    outcome=N_(
        "It hears from the leader how far the slots are chosen, asks for what it lacks, 16 slots at a time, "
        "and applies them in order."
    ),
    setup=Recording("multi_paxos", nodes=3, clients=4, params=PATIENT_CLIENT, seed=6, link=Link(low=5_000, high=15_000)),
    write=write_lagging,
    judge=node_caught_up,
    until=1_500_000,
    ratio=20,
    picture={
        "nodes": 3, "leader": 1, "terms": [1, 1, 1], "commit": 6,
        "logs": [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [1]],
        "messages": [[3, 1, 60, "control"], [1, 3, 40, "append"]],
    },
)  # fmt: skip

MINORITY = Scenario(
    name="silent_minority",
    title=N_("A minority stays silent"),
    text=N_("Three of five nodes crash. The leader is among the other two, and two clients ask it to write and to read."),
    outcome=N_("Two of five accept, which chooses nothing, and nobody gets a wrong answer. A third node is all it needs."),
    setup=Recording("multi_paxos", clients=2, params=PATIENT_CLIENT, seed=7),
    write=write_minority,
    judge=minority_was_silent,
    until=1_800_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 5, "down": [1, 2, 3], "terms": [1, 1, 1, 1, 1], "commit": 1,
        "logs": [[1], [1], [1], [1, 1, 1], [1, 1, 1]],
        "messages": [[5, 4, 50, "append"], [5, 3, 45, "append"]],
    },
)  # fmt: skip


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    from .counterexamples import COUNTEREXAMPLES  # it uses what stands above

    return (DATABASE, GAP, DUEL, LAGGING, MINORITY, *COUNTEREXAMPLES)
