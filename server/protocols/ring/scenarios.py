"""The scenarios of the ring election: what an election costs, and what failures do to a ring.

Each is written by playing it (`lessons.Script`): its author says whom to wait for, and the recording keeps times and
places.
"""

from __future__ import annotations

from functools import cache

from ...lessons import Scenario, Script, told
from ...simulation import N_, Link, Recording, Returned, Run
from ...simulation.commands import Crash, Drop, Heal, Partition, Request, Restart
from ..wholeads import Who, all_follow_one, answers, leading
from .indications import ElectionTooLong, LeaderElected, NeighbourBack, NeighbourSkipped, SmallerPassedOn
from .messages import Token

QUIET = {"think_time": 0}
"""Clients that ask only what the script tells them."""
EVEN = Link(low=20_000, high=20_000)
"""Every message takes as long as every other, so that none overtakes another."""


def elected(run: Run) -> list[str | None]:
    """Who was elected, in order; one that is so again is named once."""
    hosts = [event.host for event, _ in told(run, LeaderElected)]
    return [host for i, host in enumerate(hosts) if i == 0 or host != hosts[i - 1]]


def tokens(run: Run) -> int:
    """How many messages with a number were sent, up to the first election."""
    first = next((event.seq for event, _ in told(run, LeaderElected)), 0)
    return sum(type(f.body) is Token for event in run.history.events[:first] for f in event.sent)


def settled(script: Script) -> None:
    """Goes on until all nodes that are up follow one leader, and a little further."""
    script.until_event(lambda event: all_follow_one(script.run), "an election by all")
    script.wait(80_000)


# The worst order


def write_worst_order(script: Script) -> None:
    settled(script)
    script.give(Request("c1", Who(), "n1"))


def cost_most(run: Run) -> bool:
    """5 + 4 + 3 + 2 + 1 numbers were sent until the largest was back."""
    return tokens(run) == 15 and elected(run) == ["n5"] and answers(run) == ["n5"]


# The leader crashes and returns


def write_leader_crashes(script: Script) -> None:
    settled(script)
    script.give(Crash("n5"))
    script.until(LeaderElected, "n4")
    settled(script)
    script.give(Request("c1", Who(), "n1"))
    script.until(Returned)
    script.wait(60_000)
    script.give(Restart("n5"))


def ring_closed_twice(run: Run) -> bool:
    """n4 skipped n5 and was elected; n5 took its place again and was elected."""
    skipped = [(event.host, news.neighbour) for event, news in told(run, NeighbourSkipped)]
    back = [(event.host, news.neighbour) for event, news in told(run, NeighbourBack)]
    closed = skipped == [("n4", "n5")] == back
    return closed and elected(run) == ["n5", "n4", "n5"] and answers(run) == ["n4"] and all_follow_one(run)


# A number is lost


def write_number_lost(script: Script) -> None:
    script.until_event(
        lambda event: event.host == "n4" and any(type(f.body) is Token and f.body.number == 5 for f in event.sent),
        "the largest number on its last leg",
    )
    script.give(Drop(script.flight(Token, "n4", "n5").id))


def begun_anew(run: Run) -> bool:
    """Nobody was elected until somebody had waited too long."""
    waited = next((event.time for event, _ in told(run, ElectionTooLong)), None)
    first = next((event.time for event, _ in told(run, LeaderElected)), None)
    return (
        waited is not None and first is not None and waited < first and elected(run) == ["n5"] and all_follow_one(run)
    )


# The ring is torn


def write_torn(script: Script) -> None:
    settled(script)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4", "n5", "c2"))))
    script.until_event(lambda event: len(leading(script.run.cluster)) == 2, "two leaders")
    script.wait(100_000)
    script.give(Request("c1", Who(), "n2"))
    script.give(Request("c2", Who(), "n5"))
    script.until(Returned, count=2)
    script.wait(60_000)
    script.give(Heal())


def two_rings(run: Run) -> bool:
    """n2 and n5 led, each a ring of its own, and n5 leads them all in the end."""
    return set(answers(run)) == {"n2", "n5"} and leading(run.cluster) == ["n5"] and all_follow_one(run)


# Smaller numbers get home


def write_all_win(script: Script) -> None:
    script.until(LeaderElected, count=4)
    script.wait(10_000)
    for node in ("n1", "n2", "n3", "n4"):
        script.give(Request("c1", Who(), node))


def everybody_won(run: Run) -> bool:
    """Each node was elected, and each had its own number back."""
    winners = {event.host for event, _ in told(run, LeaderElected)}
    return len(winners) == 4 and any(told(run, SmallerPassedOn))


WORST_ORDER = Scenario(
    name="ring_worst_order",
    title=N_("The worst order of a ring"),
    text=N_("All five nodes send their numbers at once, each to the next lower node: every number gets a long way."),
    outcome=N_("15 messages, n(n+1)/2, until the largest is back. To the next higher node it would be 9, 2n-1."),
    setup=Recording("ring", nodes=5, params={**QUIET, "order": "descending"}, link=EVEN, seed=1),
    write=write_worst_order,
    judge=cost_most,
    until=400_000,
    ratio=50,
    picture={
        "nodes": 5, "candidates": [1, 2, 3, 4, 5],
        "messages": [[5, 4, 50, "vote"], [4, 3, 50, "vote"], [3, 2, 50, "vote"], [2, 1, 50, "vote"], [1, 5, 50, "vote"]],
    },
)  # fmt: skip

LEADER_CRASHES = Scenario(
    name="ring_leader_crashes",
    title=N_("The ring closes again"),
    text=N_("The leader n5 crashes. Its neighbour n4 hears nothing from it any more, and skips it. Later n5 is back."),
    outcome=N_("n4 leads a ring of four; when n5 takes its place again, its larger number goes around and wins."),
    setup=Recording("ring", nodes=5, params=QUIET, seed=1),
    write=write_leader_crashes,
    judge=ring_closed_twice,
    until=1_900_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 4, "down": [5],
        "messages": [[4, 1, 50, "append"], [1, 2, 45, "append"], [4, 5, 60, "control"]],
    },
)  # fmt: skip

RING_NUMBER_LOST = Scenario(
    name="ring_number_lost",
    title=N_("The largest number is lost"),
    text=N_("All smaller numbers have been swallowed, and the largest is lost on its last leg home."),
    outcome=N_("Nobody is elected, and nobody can know why. After the election timeout the numbers are sent again."),
    setup=Recording("ring", nodes=5, params=QUIET, seed=2),
    write=write_number_lost,
    judge=begun_anew,
    until=1_300_000,
    ratio=20,
    picture={
        "nodes": 5, "candidates": [1, 2, 3, 4, 5], "messages": [[4, 5, 45, "vote"]],
    },
)  # fmt: skip

RING_TORN = Scenario(
    name="ring_torn",
    title=N_("A torn ring"),
    text=N_("A partition tears the ring. Each part skips those that it can't reach, and closes to a ring of its own."),
    outcome=N_("Two rings, two leaders, and clients are told of both. After healing one ring elects one leader."),
    setup=Recording("ring", nodes=5, clients=2, params=QUIET, seed=3),
    write=write_torn,
    judge=two_rings,
    until=2_600_000,
    ratio=15,
    breaks=("agreement", "at_most_one_leader"),
    picture={
        "nodes": 5, "leader": [2, 5], "groups": [[1, 2], [3, 4, 5]],
        "messages": [[2, 1, 50, "append"], [5, 3, 55, "append"], [3, 4, 45, "append"]],
    },
)  # fmt: skip

ALL_WIN = Scenario(
    name="ring_all_win",
    title=N_("Everybody wins"),
    text=N_("Nobody swallows a smaller number: all four numbers go all the way around the ring."),
    outcome=N_("Each node has its own number back and takes itself for the winner. The larger must swallow the smaller."),
    setup=Recording("ring", nodes=4, params=QUIET, rules={"swallow_smaller": False}, link=EVEN, seed=1),
    write=write_all_win,
    judge=everybody_won,
    until=300_000,
    ratio=50,
    breaks=("agreement", "at_most_one_leader"),
    picture={
        "nodes": 4, "leader": [1, 2, 3, 4],
        "messages": [[1, 2, 50, "vote"], [2, 3, 50, "vote"], [3, 4, 50, "vote"], [4, 1, 50, "vote"]],
    },
)  # fmt: skip


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    return (LEADER_CRASHES, WORST_ORDER, RING_NUMBER_LOST, RING_TORN, ALL_WIN)
