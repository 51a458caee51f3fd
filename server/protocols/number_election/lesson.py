"""The lesson of the number election: to wait for all is too much, to wait for some too little."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, Beat, Elapsed, Lesson, Now, Seen
from ...simulation import N_, Recording, Refused, Run
from ..wholeads import all_follow_one, leading
from .indications import LeaderElected, NoLeaderInTime, NumberBroadcast, NumberDrawn, NumberWritten
from .node import ROUND


def resolve(place: str, run: Run) -> tuple[str, ...]:
    """Who is in a place now: "leader", "other leader" (the second that believes so), "follower" (the first that is up and
    does not lead), "down", "left" (the first two nodes), "right" (the others), "first right" (the first of these).

    Raises Refused where nobody is, and KeyError for another place.
    """
    nodes = run.cluster.nodes
    leaders = leading(run.cluster)
    up = tuple(node for node in nodes if run.cluster.hosts[node].up)
    found = {
        "leader": tuple(leaders[:1]),
        "other leader": tuple(leaders[1:2]),
        "follower": tuple(node for node in up if node not in leaders)[:1],
        "down": tuple(node for node in nodes if node not in up)[:1],
        "left": nodes[:2],
        "right": nodes[2:],
        "first right": nodes[2:3],
    }[place]
    if not found:
        raise Refused("nobody_there", N_("Nobody is {place} now."), place=place)
    return found


def two_leaders(run: Run) -> bool:
    """Two nodes believe that they lead."""
    return len(leading(run.cluster)) == 2


WHY_A_MAJORITY = Lesson(
    name="why_a_majority",
    title=N_("Why a majority"),
    text=N_("Everybody draws a number, and the smallest leads. What if one node is silent: wait for it, or go on without it?"),
    setup=Recording("number_election", nodes=5, params={"think_time": 0}, seed=5),
    resolve=resolve,
    breaks=("agreement", "at_most_one_leader", "best_number_wins", "one_leader_per_round"),
    picture={
        "nodes": 5, "leader": [1, 4], "terms": [5, 5, 5, 5, 5], "groups": [[1, 2], [3, 4, 5]],
        "messages": [[1, 2, 55, "vote"], [3, 4, 50, "vote"], [5, 4, 60, "vote"], [4, 5, 35, "vote"]],
    },
    beats=(
        Beat(
            "initialise",
            N_("Step 1: initialise"),
            N_("Every node draws a number and writes it into its own log. What is written is not forgotten in a crash."),
            until=Seen(NumberDrawn, count=4),
            ratio=60,
        ),
        Beat(
            "broadcast",
            N_("Step 2: broadcast"),
            N_("Once its number is written, a node tells it to all. Everybody writes down what he hears, too."),
            until=Seen(NumberBroadcast, count=2),
            ratio=100,
        ),
        Beat(
            "compare",
            N_("Step 3: compare"),
            N_("The dots around a node show whose numbers it has. It compares them, and waits until it has heard from all."),
            until=Seen(NumberWritten, count=4),
            ratio=100,
        ),
        Beat(
            "elect",
            N_("Step 4: elect"),
            N_("Who has all numbers knows the smallest. All find the same leader, and nobody had to announce it."),
            until=Now(all_follow_one),
            ratio=100,
        ),
        Beat(
            "dead_leader",
            N_("The leader crashes"),
            N_("Nobody notices: there are no heartbeats here. The others go on following a dead node."),
            acts=(Act({"type": "crash", "node": "@leader"}),),
            until=Elapsed(200_000),
            ratio=20,
        ),
        Beat(
            "all",
            N_("All means all"),
            N_("A new round is begun. One number is missing, so nobody may elect: one dead node stops the cluster."),
            acts=(Act({"type": "fire_timer", "node": "@follower", "timer": ROUND}),),
            until=Seen(NoLeaderInTime),
            ratio=20,
        ),
        Beat(
            "fewer",
            N_("Do not wait for all"),
            N_("We switch a rule off: whoever is silent for too long is left out. Now the four elect a leader."),
            acts=(Act({"type": "switch_rule", "rule": "hear_from_all", "on": False}),),
            until=Seen(LeaderElected),
            ratio=20,
        ),
        Beat(
            "partition",
            N_("Silent is not dead"),
            N_("The dead node is back, and a partition stands. Each side takes the other for dead, and elects its smallest."),
            acts=(
                Act({"type": "restart", "node": "@down"}),
                Act({"type": "partition", "groups": [["@left"], ["@right"]]}),
                Act({"type": "fire_timer", "node": "n1", "timer": ROUND}),
                Act({"type": "fire_timer", "node": "@first right", "timer": ROUND}),
            ),
            until=Now(two_leaders),
            ratio=20,
        ),
        Beat(
            "split_brain",
            N_("Two smallest numbers"),
            N_("Two leaders, and it stays so when the partition is gone: nobody compares any more."),
            acts=(Act({"type": "heal"}),),
            until=Elapsed(200_000),
            ratio=20,
        ),
        Beat(
            "majority",
            N_("Why a majority"),
            N_("All is too many, some is too few. A majority is enough: two majorities always share a node, that says no."),
            acts=(
                Act({"type": "switch_rule", "rule": "hear_from_all", "on": True}),
                Act({"type": "fire_timer", "node": "@leader", "timer": ROUND}),
            ),
            until=Now(all_follow_one),
            ratio=40,
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    return (WHY_A_MAJORITY,)
