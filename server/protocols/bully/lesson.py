"""The lesson of the bully algorithm: what it does, and what it stands on."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, All, Beat, Elapsed, Lesson, Now, Seen
from ...simulation import N_, Recording, Refused, Run
from ..wholeads import all_follow_one, leading
from .indications import AnswersBusy, CoordinatorSilent, HaltedBy, LeaderElected, LowerHasHalted


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


BULLY_LESSON = Lesson(
    name="what_the_bully_stands_on",
    title=N_("What the bully stands on"),
    text=N_("The highest node leads, and takes its place back by force. It works as long as silence means death."),
    setup=Recording("bully", nodes=5, params={"think_time": 0}, seed=3),
    resolve=resolve,
    breaks=("agreement", "at_most_one_leader", "highest_elected"),
    picture={
        "nodes": 5, "leader": [2, 5], "groups": [[1, 2], [3, 4, 5]],
        "messages": [[2, 1, 50, "append"], [5, 3, 55, "append"], [5, 4, 45, "append"]],
    },
    beats=(
        Beat(
            "ask",
            N_("Who is higher?"),
            N_("All nodes come up, and each asks those with higher numbers whether they are there. Who is, answers."),
            until=Seen(AnswersBusy, count=2),
            ratio=50,
        ),
        Beat(
            "halt",
            N_("Halt first"),
            N_("n5 has nobody to ask. It tells all lower nodes to halt: whoever halts leads nobody and follows nobody."),
            until=Seen(LowerHasHalted, count=2),
            ratio=100,
        ),
        Beat(
            "lead",
            N_("Then lead"),
            N_("All four have halted. Only now n5 is the coordinator, and says so. Its colour is everybody's colour."),
            until=Now(all_follow_one),
            ratio=100,
        ),
        Beat(
            "crash",
            N_("The coordinator crashes"),
            N_("No more heartbeats: each follower's arc empties. Who has waited too long holds an election."),
            acts=(Act({"type": "crash", "node": "@leader"}),),
            until=Seen(CoordinatorSilent),
        ),
        Beat(
            "dead",
            N_("Silent means dead"),
            N_("n4 asks n5 and waits for the longest time that an answer can take. Nothing: n5 must be dead, n4 may go on."),
            until=Seen(LeaderElected),
        ),
        Beat(
            "back",
            N_("The bully is back"),
            N_("n5 comes up again. It does not ask who leads: it makes all halt, the good leader n4 too."),
            acts=(Act({"type": "restart", "node": "@down"}),),
            until=All((Seen(HaltedBy), Now(all_follow_one))),
            ratio=50,
        ),
        Beat(
            "partition",
            N_("Silent is not dead"),
            N_("A partition stands. n1 and n2 hear nothing from the higher ones, and the waiting is over."),
            acts=(Act({"type": "partition", "groups": [["@low side"], ["@high side"]]}),),
            until=Seen(CoordinatorSilent),
        ),
        Beat(
            "two",
            N_("Two coordinators"),
            N_("n2 takes n5 for dead, and it is not. What the algorithm stands on is gone: two lead, and nobody errs."),
            until=Now(two_leaders),
            ratio=30,
        ),
        Beat(
            "heal",
            N_("They meet again"),
            N_("The partition is gone. n2 and n5 hear each other's heartbeats: a new election, and n2 has to halt."),
            acts=(Act({"type": "heal"}),),
            until=Now(all_follow_one),
            ratio=30,
        ),
        Beat(
            "majority",
            N_("What it would take"),
            N_("No timeout tells the dead from the silent. Raft asks for a majority instead: then one side can't elect."),
            until=Elapsed(150_000),
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    return (BULLY_LESSON,)
