"""The scenarios of gossip with all its rules on: how news spreads, who wins, and what nobody may expect of it.

Those with a rule off, or with clocks and certificates that do harm, are in `counterexamples.py`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Recording, Returned, Run
from ...simulation.commands import Heal, Partition, Request
from ..keyvalue import Operation
from .indications import BecameInfective, HadAlready, Learned, LostInterest, NothingNew, Read, Stamped
from .messages import Values
from .state import store_of, visible

INTERVAL = 100_000
"""The gossip interval that all of them have, µs; a round is up to a tenth longer."""
QUIET = {"think_time": 0, "client_timeout": 2_000_000, "gossip_interval": INTERVAL}
"""Clients ask only what the script tells them."""


# Looking at a run


def value_at(run: Run, node: str, key: str) -> Any:
    """The value that a reader would find at a node; None where there is none."""
    item = store_of(run.cluster, node).get(key)
    return None if item is None else item.value


def values(run: Run, key: str) -> list[Any]:
    """The value of a key at each node that is up."""
    return [value_at(run, node, key) for node in run.cluster.nodes if run.cluster.hosts[node].up]


def all_have(run: Run, key: str, value: Any) -> bool:
    """Whether all nodes that are up have this value."""
    return all(found == value for found in values(run, key))


def all_agree(run: Run) -> bool:
    """Whether a reader finds the same at all nodes that are up."""
    stores = [visible(store_of(run.cluster, n)) for n in run.cluster.nodes if run.cluster.hosts[n].up]
    return all(store == stores[0] for store in stores)


def answers(run: Run, client: str) -> list[Any]:
    """What the client was answered, in order, where it was."""
    return [r.result for e, r in told(run, Returned) if e.host == client and r.outcome == OK]


# Acting in a script


def ask(script: Script, client: str, name: str, key: str, value: Any = None, *, to: str) -> None:
    """Has a client ask a node for an operation, and waits for the answer."""
    script.give(Request(client, Operation(name, key, value), to))
    script.until(Returned, client)


def until_all_have(script: Script, key: str, value: Any) -> None:
    """Goes on until all nodes have this value."""
    script.until_event(lambda event: all_have(script.run, key, value), f"{key} = {value} everywhere")


# News spreads like an epidemic


def write_epidemic(script: Script) -> None:
    script.at(180_000)
    ask(script, "c1", "put", "x", 1, to="n1")


def spread_in_few_rounds(run: Run) -> bool:
    """All nine have it within six rounds, and then comparing finds nothing new."""
    written = next((event.time for event, _ in told(run, Stamped)), None)
    learned = [event.time for event, _ in told(run, Learned)]
    if written is None or len(learned) != len(run.cluster.nodes) - 1:
        return False
    compared = [event.time for event, _ in told(run, NothingNew) if event.time > learned[-1]]
    return learned[-1] - written <= 6 * INTERVAL and len(compared) > len(run.cluster.nodes)


# A partition, a write on each side


def write_two_sides(script: Script) -> None:
    script.at(100_000)
    ask(script, "c1", "put", "x", "old", to="n1")
    until_all_have(script, "x", "old")
    script.wait(60_000)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4", "n5", "c2"))))
    script.wait(40_000)
    ask(script, "c1", "put", "x", "left", to="n1")
    script.wait(100_000)
    ask(script, "c2", "put", "x", "right", to="n5")
    script.wait(400_000)
    script.give(Heal())


def later_side_won(run: Run) -> bool:
    """Both writes were answered while the partition stood, and the later one is everywhere, the other nowhere."""
    return all_have(run, "x", "right") and answers(run, "c1") == [True, True] and answers(run, "c2") == [True]


# A read that sees less than its client wrote


def write_stale_read(script: Script) -> None:
    script.at(100_000)
    ask(script, "c1", "put", "x", 1, to="n1")
    until_all_have(script, "x", 1)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4"))))
    ask(script, "c1", "put", "x", 2, to="n1")
    script.wait(100_000)
    script.give(Heal())
    ask(script, "c1", "get", "x", to="n3")
    until_all_have(script, "x", 2)
    ask(script, "c1", "get", "x", to="n3")


def read_was_stale(run: Run) -> bool:
    """The client wrote 2, was answered, read 1, and a little later 2."""
    reads = [r.value for _, r in told(run, Read)]
    return reads == [1, 2] and answers(run, "c1") == [True, True, 1, 2]


# Push against pull: the last one that does not know


def write_last_node(script: Script) -> None:
    """Eight of nine know; the ninth was cut off, and then is not."""
    script.at(80_000)
    nodes = script.run.cluster.nodes
    script.give(Partition((nodes[:-1], nodes[-1:])))
    ask(script, "c1", "put", "x", 1, to="n1")
    script.until_event(
        lambda event: all(value_at(script.run, node, "x") == 1 for node in nodes[:-1]), "x = 1 at all but one"
    )
    script.wait(20_000)
    script.give(Heal())


def rounds_of_the_last(run: Run) -> float | None:
    """How many intervals after the healing the last node learned it."""
    healed = [event.time for event in run.history.events if isinstance(event.subject, Heal)]
    learned = [event.time for event, _ in told(run, Learned) if event.host == run.cluster.nodes[-1]]
    return (learned[0] - healed[0]) / INTERVAL if healed and learned else None


def last_one_pulled(run: Run) -> bool:
    """By its own first question."""
    rounds = rounds_of_the_last(run)
    return rounds is not None and rounds <= 1.5 and all_have(run, "x", 1)


def last_one_waited(run: Run) -> bool:
    """Until somebody happened to draw it; the others told each other what they knew."""
    rounds = rounds_of_the_last(run)
    return rounds is not None and rounds > 2.5 and sum(1 for _ in told(run, HadAlready)) > 10 and all_have(run, "x", 1)


# A rumor dies out before all have heard it


def write_rumor_dies(script: Script) -> None:
    script.at(100_000)
    ask(script, "c1", "put", "x", 1, to="n1")


def rumor_died_out(run: Run) -> bool:
    """All who told it had fallen silent when somebody learned it by comparing, not from a rumor; then all know."""
    telling = 0
    found_silent = False
    for event in run.history.events:
        for news in event.indications:
            if isinstance(news, Learned) and type(event.subject.body) is Values:
                found_silent = found_silent or telling == 0
            telling += isinstance(news, BecameInfective) - isinstance(news, LostInterest)
    return found_silent and all_have(run, "x", 1)


EPIDEMIC = Scenario(
    name="gossip_epidemic",
    title=N_("News spreads like an epidemic"),
    text=N_("One of nine nodes takes a write. At each round everybody compares stamps with one other, drawn at random."),
    outcome=N_("About twice as many know after each round. All nine do after a few, and then nothing is new any more."),
    setup=Recording("gossip", nodes=9, params=QUIET, seed=3),
    write=write_epidemic,
    judge=spread_in_few_rounds,
    until=1_500_000,
    ratio=20,
    picture={
        "nodes": 9, "terms": [1, 2, 1, 2, 2, 1, 2, 1, 2],
        "messages": [[1, 4, 45, "append"], [3, 5, 60, "append"], [6, 2, 50, "append"], [8, 9, 30, "control"]],
    },
)  # fmt: skip

TWO_SIDES = Scenario(
    name="gossip_two_sides",
    title=N_("A write on each side of a partition"),
    text=N_("A partition stands, and both sides take a write of the same key. Nobody is refused: each side is available."),
    outcome=N_("When the sides meet again, the later stamp wins at all nodes. The other write was answered too, and is gone."),
    setup=Recording("gossip", nodes=5, clients=2, params=QUIET, seed=5),
    write=write_two_sides,
    judge=later_side_won,
    until=2_000_000,
    ratio=20,
    picture={
        "nodes": 5, "terms": [1, 1, 2, 2, 2], "groups": [[1, 2], [3, 4, 5]],
        "messages": [[1, 2, 45, "append"], [5, 3, 60, "append"], [4, 5, 40, "append"]],
    },
)  # fmt: skip

STALE_READ = Scenario(
    name="gossip_stale_read",
    title=N_("A client does not see its own write"),
    text=N_("A client writes to one node, is answered, and reads from another one that has not heard of it yet."),
    outcome=N_("It reads the old value, and the new one later: weak consistency promises it neither fresh reads nor its own."),
    setup=Recording("gossip", nodes=4, clients=1, params=QUIET, seed=8),
    write=write_stale_read,
    judge=read_was_stale,
    until=1_500_000,
    ratio=20,
    breaks=("fresh_reads", "read_your_writes"),
    picture={
        "nodes": 4, "terms": [1, 1, 2, 2], "groups": [[1, 2], [3, 4]], "messages": [[1, 2, 50, "append"]],
    },
)  # fmt: skip

LAST_PULL = Scenario(
    name="gossip_last_node_pull",
    title=N_("The last one that does not know: pull"),
    text=N_("Eight of nine nodes know, and the ninth asks one of them."),
    outcome=N_("Whomever it draws knows: pull brings the news to the last node in its next round."),
    setup=Recording("gossip", nodes=9, params={**QUIET, "mode": "pull"}, seed=7),
    write=write_last_node,
    judge=last_one_pulled,
    until=2_200_000,
    ratio=15,
    picture={
        "nodes": 9, "terms": [1, 1, 1, 1, 1, 1, 1, 1, 2], "messages": [[9, 3, 30, "control"], [3, 9, 65, "append"]],
    },
)  # fmt: skip

LAST_PUSH = Scenario(
    name="gossip_last_node_push",
    title=N_("The last one that does not know: push"),
    text=N_("Eight of nine nodes know, and tell each other so, until one of them happens to draw the ninth."),
    outcome=N_("Here nobody draws it for three rounds, while redundant messages go about. One round in three is like that."),
    setup=Recording("gossip", nodes=9, params={**QUIET, "mode": "push", "content": "values"}, seed=7),
    write=write_last_node,
    judge=last_one_waited,
    until=2_200_000,
    ratio=15,
    picture={
        "nodes": 9, "terms": [1, 1, 1, 1, 1, 1, 1, 1, 2],
        "messages": [[1, 3, 30, "append"], [4, 2, 65, "append"], [7, 6, 50, "append"], [5, 8, 40, "append"]],
    },
)  # fmt: skip

RUMOR_DIES = Scenario(
    name="gossip_rumor_dies",
    title=N_("A rumor dies out too early"),
    text=N_("The write is told around as a rumor. Whoever meets one that knows it already tells it no more."),
    outcome=N_("All are silent while some have never heard it. Comparing at an interval is slower and finds them."),
    setup=Recording(
        "gossip", nodes=9, seed=26,
        params={**QUIET, "rumor_limit": 1, "rumor_interval": 40_000, "gossip_interval": 1_000_000},
    ),
    write=write_rumor_dies,
    judge=rumor_died_out,
    until=3_000_000,
    ratio=12,
    picture={
        "nodes": 9, "terms": [1, 1, 2, 1, 1, 2, 1, 1, 1], "messages": [[1, 4, 45, "vote"], [4, 5, 60, "vote"]],
    },
)  # fmt: skip


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    from .counterexamples import COUNTEREXAMPLES  # it uses what stands above

    return (EPIDEMIC, TWO_SIDES, STALE_READ, LAST_PULL, LAST_PUSH, RUMOR_DIES, *COUNTEREXAMPLES)
