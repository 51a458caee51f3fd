"""The lesson of the ring election: why one number gets home, what that costs, and what a failure does to a ring."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, All, Beat, Elapsed, Lesson, Now, Seen
from ...simulation import N_, Recording, Refused, Run
from ..wholeads import all_follow_one, leading
from .indications import (
    CameUp,
    LargerPassedOn,
    LeaderElected,
    LeaderFollowed,
    NeighbourBack,
    NeighbourSkipped,
    SmallerSwallowed,
)


def resolve(place: str, run: Run) -> tuple[str, ...]:
    """Who is in a place now: "leader" (the highest that believes so), "down", "low side" (the two lowest nodes),
    "high side" (the others).

    Raises Refused where nobody is, and KeyError for another place.
    """
    nodes = run.cluster.nodes
    found = {
        "leader": tuple(leading(run.cluster)[-1:]),
        "down": tuple(node for node in nodes if not run.cluster.hosts[node].up)[:1],
        "low side": nodes[:2],
        "high side": nodes[2:],
    }[place]
    if not found:
        raise Refused("nobody_there", N_("Nobody is {place} now."), place=place)
    return found


def two_leaders(run: Run) -> bool:
    """Two nodes believe that they lead."""
    return len(leading(run.cluster)) == 2


RING_LESSON = Lesson(
    name="around_the_ring",
    title=N_("Around the ring"),
    text=N_("Nodes that know nobody but their neighbour find out who has the largest number. And if a neighbour is dead?"),
    setup=Recording("ring", nodes=5, params={"think_time": 0}, seed=1),
    resolve=resolve,
    breaks=("agreement", "at_most_one_leader"),
    picture={
        "nodes": 5, "candidates": [1, 2, 3, 4, 5],
        "messages": [[1, 2, 50, "vote"], [2, 3, 40, "vote"], [3, 4, 55, "vote"], [4, 5, 45, "vote"], [5, 1, 60, "vote"]],
    },
    beats=(
        Beat(
            "send",
            N_("Everybody sends its number"),
            N_("Arrows show who sends to whom: only to the neighbour. Every node sends its own number around the ring."),
            until=All((Seen(CameUp, count=5), Elapsed(10_000))),
            ratio=100,
        ),
        Beat(
            "swallow",
            N_("Smaller numbers end here"),
            N_("n2 gets 1, which is smaller than 2, and swallows it. Whoever has a larger number does so."),
            until=Seen(SmallerSwallowed, count=2),
            ratio=100,
        ),
        Beat(
            "pass",
            N_("Larger ones go on"),
            N_("5 is larger than every number that it meets, so everybody passes it on, and knows that he has not won."),
            until=Seen(LargerPassedOn, count=3),
            ratio=100,
        ),
        Beat(
            "home",
            N_("Home again"),
            N_("n5 gets its own number. It has passed everybody, so nobody has a larger one: n5 leads."),
            until=Seen(LeaderElected),
            ratio=100,
        ),
        Beat(
            "news",
            N_("The news goes around"),
            N_("One more round, and all know it. This order cost 2n-1 numbers; the worst one costs n(n+1)/2."),
            until=Seen(LeaderFollowed, count=4),
            ratio=60,
        ),
        Beat(
            "crash",
            N_("A gap in the ring"),
            N_("The leader crashes. n4 asks its neighbour whether it is there, hears nothing, and skips it."),
            acts=(Act({"type": "crash", "node": "@leader"}),),
            until=Seen(NeighbourSkipped),
        ),
        Beat(
            "four",
            N_("A ring of four"),
            N_("The neighbour was the leader, so n4 sends its number around the smaller ring, and it comes home."),
            until=Now(all_follow_one),
            ratio=50,
        ),
        Beat(
            "back",
            N_("A larger one comes back"),
            N_("n5 is back, takes its place, and sends its number. n4 has to pass it on: it leads no longer."),
            acts=(Act({"type": "restart", "node": "@down"}),),
            until=All((Seen(NeighbourBack), Seen(LeaderElected, "n5"), Now(all_follow_one))),
            ratio=40,
        ),
        Beat(
            "torn",
            N_("A torn ring"),
            N_("A partition. Each part skips whom it can't reach and closes to a ring of its own: two rings, two leaders."),
            acts=(Act({"type": "partition", "groups": [["@low side"], ["@high side"]]}),),
            until=Now(two_leaders),
            ratio=12,
        ),
        Beat(
            "whole",
            N_("One ring again"),
            N_("The ring is whole, and elects anew. Who must never have two leaders asks for a majority, not for a ring."),
            acts=(Act({"type": "heal"}),),
            until=All((Seen(NeighbourBack, count=2), Now(all_follow_one))),
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    return (RING_LESSON,)
