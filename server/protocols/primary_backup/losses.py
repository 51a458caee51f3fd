"""Scenarios in which an answered write is lost: by a failover, by a split brain, by a clock; and what prevents it.

All rules are on: here a dial is set so that the protocol does not promise what then breaks. Two of them are there twice,
with the same script and the dial that keeps the promise.
"""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Returned, Run
from ...simulation.commands import Crash, Heal, Partition, Restart, SetClock
from .indications import Answered, BecamePrimary, EntriesRemoved, SteppedDown, Undone, Updated, WriteLost
from .scenarios import PATIENT_CLIENT, answered, database, databases_agree, first_write, get, node, others, put, read
from .state import HYBRID, MAJORITY, NONE, PULL, TIMESTAMP

# A write lost in a failover


def write_lost_write(script: Script) -> None:
    first_write(script)
    script.give(Partition((("n1", "c1"), (*others(script, "n1"), "c2"))))
    put(script, "c1", "x", 2, "n1")
    script.until(Returned, "c1")
    script.give(Crash("n1"))
    script.give(Heal())
    new = script.until(BecamePrimary).host
    script.wait(60_000)
    get(script, "c2", "x", new)
    script.until(Returned, "c2")
    script.give(Restart("n1"))
    script.until(EntriesRemoved, "n1")


def write_was_lost(run: Run) -> bool:
    """x = 2 was answered, the new primary has never had it, and the old one had to undo it."""
    undone = [event.host for event, _ in told(run, Undone)]
    return (
        answered(run, "c1") == [1, 2] and read(run, "c2") == [1] and undone == ["n1"] and databases_agree(run, {"x": 1})
    )


# Writes that were never fetched


def write_not_fetched(script: Script) -> None:
    first_write(script, value=6)
    script.until_event(lambda event: databases_agree(script.run, {"x": 6}), "a fetch by all")
    script.wait(30_000)
    for value in (7, 8, 9):
        put(script, "c1", "x", value, "n1")
        script.until(Returned, "c1")
    script.give(Crash("n1"))
    new = script.until(BecamePrimary).host
    script.wait(60_000)
    get(script, "c2", "x", new)
    script.until(Returned, "c2")
    script.give(Restart("n1"))


def tail_was_lost(run: Run) -> bool:
    """All four writes were answered, and what was written after the last fetch is nowhere."""
    return answered(run, "c1") == [6, 7, 8, 9] and read(run, "c2") == [6] and databases_agree(run, {"x": 6})


# Two primaries


def write_two_primaries(script: Script) -> None:
    first_write(script)
    script.give(Partition((("n1", "n5", "c1"), ("n2", "n3", "n4", "c2"))))
    script.until(BecamePrimary, "n2")
    put(script, "c1", "x", 10, "n1")
    put(script, "c2", "x", 20, "n2")
    script.until(Returned, "c2")
    script.wait(150_000)
    script.give(Heal())
    script.until(SteppedDown, "n1")


def both_sides_answered(run: Run) -> bool:
    """Both writes were answered, and only one of them is left."""
    return answered(run, "c1") == [1, 10] and answered(run, "c2") == [20] and databases_agree(run, {"x": 20})


def one_side_waited(run: Run) -> bool:
    """The old primary took the write and answered nobody; both sides have the other one."""
    updates = [(event.host, updated.client) for event, updated in told(run, Updated)]
    return (
        ("n1", "c1") in updates[1:]
        and answered(run, "c1") == [1]
        and answered(run, "c2") == [20]
        and not any(event.host == "n1" and a.client == "c1" and a.index > 1 for event, a in told(run, Answered))
        and databases_agree(run, {"x": 20})
    )


# A wrong clock


def write_wrong_clock(script: Script) -> None:
    script.at(30_000)
    script.give(SetClock("n1", offset=5_000_000))
    first_write(script, value="old")
    script.give(Crash("n1"))
    new = script.until(BecamePrimary).host
    script.wait(80_000)
    put(script, "c1", "x", "new", new)
    script.until(Returned, "c1")
    script.wait(60_000)
    get(script, "c2", "x", new)


def update_was_lost(run: Run) -> bool:
    """The second write was answered, and every database still has the first."""
    return (
        answered(run, "c1") == ["old", "new"]
        and read(run, "c2") == ["old"]
        and {event.host for event, _ in told(run, WriteLost)} == {"n2", "n3"}
        and database(run, "n2") == database(run, "n3") == {"x": "old"}
    )


def update_was_kept(run: Run) -> bool:
    """The second write won, with a version just behind that of the first: no clock went back."""
    versions = [entry.version for entry in node(run, "n2").log]
    return (
        answered(run, "c1") == ["old", "new"]
        and read(run, "c2") == ["new"]
        and versions[0] > 5_000
        and versions == sorted(set(versions))
    )


LOST_WRITE = Scenario(
    name="write_lost_in_failover",
    title=N_("A write lost in a failover"),
    text=N_(
        "Nobody confirms: the primary answers at once and replicates later. It is cut off, answers one more write, and crashes."
    ),
    outcome=N_("The next replica takes over without the write. When the old primary is back, it has to undo it."),
    setup=Recording("primary_backup", nodes=3, clients=2, seed=4, params={**PATIENT_CLIENT, "confirmation": NONE}),
    write=write_lost_write,
    judge=write_was_lost,
    until=1_100_000,
    ratio=20,
    breaks=("no_lost_write", "same_order", "fresh_reads"),
    picture={
        "nodes": 3, "leader": 2, "down": [1], "terms": [1, 2, 2], "commit": 2, "logs": [[1, 1], [1, 2], [1, 2]],
        "messages": [[2, 3, 55, "append"], [3, 2, 35, "reply"]],
    },
)  # fmt: skip

NOT_FETCHED = Scenario(
    name="writes_never_fetched",
    title=N_("Writes that nobody fetched"),
    text=N_(
        "The replicas fetch what is new every 400 ms, and nobody confirms. The primary answers three writes between two "
        "fetches, and crashes."
    ),
    outcome=N_("The next replica takes over with what it had fetched: all three answered writes are gone."),
    setup=Recording(
        "primary_backup", nodes=3, clients=2, seed=4,
        params={
            **PATIENT_CLIENT, "transfer": PULL, "confirmation": NONE, "fetch_interval": 400_000,
            "failure_timeout": 600_000,
        },
    ),
    write=write_not_fetched,
    judge=tail_was_lost,
    until=1_700_000,
    ratio=20,
    breaks=("no_lost_write", "same_order", "fresh_reads"),
    picture={
        "nodes": 3, "leader": 2, "down": [1], "terms": [1, 2, 2], "commit": 4, "logs": [[1, 1, 1, 1], [1], [1]],
        "messages": [[2, 3, 55, "append"], [3, 2, 35, "reply"]],
    },
)  # fmt: skip

TWO_PRIMARIES = Scenario(
    name="two_primaries",
    title=N_("Split brain without confirmation"),
    text=N_(
        "A partition leaves the primary with one backup. The other side takes it for dead and gets a primary of its own; "
        "a client writes on each side, and nobody confirms."
    ),
    outcome=N_("Both writes are answered. After healing the newer view wins, and the other write is gone."),
    setup=Recording("primary_backup", nodes=5, clients=2, seed=6, params={**PATIENT_CLIENT, "confirmation": NONE}),
    write=write_two_primaries,
    judge=both_sides_answered,
    until=1_100_000,
    ratio=20,
    breaks=("no_lost_write", "same_order"),
    picture={
        "nodes": 5, "leader": [1, 2], "terms": [1, 2, 2, 2, 1], "groups": [[1, 5], [2, 3, 4]],
        "messages": [[1, 5, 50, "append"], [2, 3, 45, "append"], [2, 4, 60, "append"]],
    },
)  # fmt: skip

TWO_PRIMARIES_SAFE = Scenario(
    name="two_primaries_majority",
    title=N_("Split brain with a majority"),
    text=N_("The same partition and the same writes, but now a majority confirms updates and hands over to a new primary."),
    outcome=N_("There are two primaries again, but only the one with a majority commits: nothing that was answered is lost."),
    setup=Recording("primary_backup", nodes=5, clients=2, seed=6, params={**PATIENT_CLIENT, "confirmation": MAJORITY}),
    write=write_two_primaries,
    judge=one_side_waited,
    until=1_100_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": [1, 2], "terms": [1, 2, 2, 2, 1], "groups": [[1, 5], [2, 3, 4]], "commit": 3,
        "logs": [[1, 1], [1, 2, 2], [1, 2, 2], [1, 2, 2], [1, 1]],
        "messages": [[1, 5, 50, "append"], [3, 2, 45, "reply"], [4, 2, 60, "reply"]],
    },
)  # fmt: skip

WRONG_CLOCK = Scenario(
    name="wrong_clock_loses_update",
    title=N_("A wrong clock loses an update"),
    text=N_(
        "Versions are times of the primary's clock, and the last writer wins. The first primary's clock is five seconds ahead; "
        "the next one's is right."
    ),
    outcome=N_("A later write has the earlier timestamp. It is confirmed and answered, and every database drops it."),
    setup=Recording(
        "primary_backup", nodes=3, clients=2, seed=9,
        params={**PATIENT_CLIENT, "confirmation": MAJORITY, "stamps": TIMESTAMP},
    ),
    write=write_wrong_clock,
    judge=update_was_lost,
    until=1_150_000,
    ratio=20,
    breaks=("versions_forward", "no_lost_write", "fresh_reads"),
    picture={
        "nodes": 3, "leader": 2, "down": [1], "terms": [1, 2, 2], "commit": 3, "logs": [[1], [1, 2, 2], [1, 2, 2]],
        "messages": [[2, 3, 50, "append"], [3, 2, 70, "reply"]],
    },
)  # fmt: skip

WRONG_CLOCK_SAFE = Scenario(
    name="wrong_clock_held_back",
    title=N_("A wrong clock, and versions that never go back"),
    text=N_("The same clocks and the same writes. A version is the clock's time, or one more than the version before it."),
    outcome=N_("The later write has the later version, though the clock says otherwise, and it wins."),
    setup=Recording(
        "primary_backup", nodes=3, clients=2, seed=9,
        params={**PATIENT_CLIENT, "confirmation": MAJORITY, "stamps": HYBRID},
    ),
    write=write_wrong_clock,
    judge=update_was_kept,
    until=1_150_000,
    ratio=20,
    picture={
        "nodes": 3, "leader": 2, "down": [1], "terms": [1, 2, 2], "commit": 3, "logs": [[1], [1, 2, 2], [1, 2, 2]],
        "messages": [[2, 3, 50, "append"], [3, 2, 30, "reply"]],
    },
)  # fmt: skip

LOSSES = (LOST_WRITE, NOT_FETCHED, TWO_PRIMARIES, TWO_PRIMARIES_SAFE, WRONG_CLOCK, WRONG_CLOCK_SAFE)
