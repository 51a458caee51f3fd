"""The lesson of three-phase commit: what the phase in between is for, and what it costs."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, All, Beat, Broken, Lesson, Seen
from ...simulation import N_, Recording, Refused, Run
from ..bankscripts import BY_HAND, SLOW
from ..commitment import CommitDecided, CommitLearned
from .indications import (
    AbortBecauseAllDoubt,
    CommitBecausePreCommitted,
    PreCommitted,
    PreCommitting,
    TerminationBegun,
)


def resolve(place: str, run: Run) -> tuple[str, ...]:
    """Who is in a place now: "coordinator" (the first node), "next" (the first of the others), "rest".

    Raises Refused where nobody is, and KeyError for another place.
    """
    first, *others = run.cluster.nodes
    found = {
        "coordinator": (first,),
        "next": tuple(others[:1]),
        "rest": tuple(others[1:]),
    }[place]
    if not found:
        raise Refused("nobody_there", N_("Nobody is {place} now."), place=place)
    return found


def writes(key: str, value: int) -> Act:
    """A client writes a key at all participants."""
    return Act({"type": "request", "client": "c1", "operation": {"name": "put", "key": key, "value": value}})


WHY_THREE_PHASES = Lesson(
    name="why_three_phases",
    title=N_("Why a third phase"),
    text=N_("The coordinator crashes, and the others finish without it. What must they know, and what does it rest on?"),
    setup=Recording("three_phase_commit", nodes=4, params=BY_HAND, seed=3, link=SLOW),
    resolve=resolve,
    breaks=("agreement",),
    picture={
        "nodes": 4, "leader": 2, "down": [1], "messages": [[2, 3, 45, "control"], [2, 4, 60, "control"], [3, 2, 70, "control"]],
    },
    beats=(
        Beat(
            "votes",
            N_("Phase 1: all vote yes"),
            N_("A client writes x at three nodes. All say yes. With two phases the coordinator would commit now."),
            acts=(writes("x", 1),),
            until=Seen(PreCommitting),
            ratio=40,
        ),
        Beat(
            "pre_commit",
            N_("Phase 2: everybody knows"),
            N_("It tells everybody first, and waits until they say that they know. Nobody has committed yet."),
            until=Seen(PreCommitted, count=3),
            ratio=40,
        ),
        Beat(
            "commit",
            N_("Phase 3: commit"),
            N_("Now nobody who is up is in doubt. Only now one commits, and then all do."),
            until=Seen(CommitLearned, count=3),
            ratio=40,
        ),
        Beat(
            "again",
            N_("Once more, up to the decision"),
            N_("Another write. The commit record is on the coordinator's disk, and nobody has heard of it."),
            acts=(writes("x", 2),),
            until=Seen(CommitDecided),
            ratio=30,
        ),
        Beat(
            "crash",
            N_("The coordinator crashes"),
            N_("The others wait for a while. Then they take it for crashed: the next in line coordinates, and asks all."),
            acts=(Act({"type": "crash", "node": "@coordinator"}),),
            until=Seen(TerminationBegun),
        ),
        Beat(
            "finish",
            N_("They finish without it"),
            N_("Whoever answers is pre-committed, so all have said yes. They commit. Two-phase commit would wait here."),
            until=All((Seen(CommitBecausePreCommitted), Seen(CommitLearned, count=2))),
            ratio=30,
        ),
        Beat(
            "earlier",
            N_("A crash one moment earlier"),
            N_("The old coordinator is back. A third write: all say yes, and nobody is told so yet. Stop here."),
            acts=(Act({"type": "restart", "node": "@coordinator"}), writes("x", 3)),
            until=Seen(PreCommitting),
            ratio=30,
        ),
        Beat(
            "abort",
            N_("All are in doubt"),
            N_("It crashes again. Had one committed, all would be pre-committed. Nobody is: they abort, and go on."),
            acts=(Act({"type": "crash", "node": "@coordinator"}),),
            until=Seen(AbortBecauseAllDoubt),
        ),
        Beat(
            "price",
            N_("What all this rests on"),
            N_("Who is silent must have crashed. A fourth write; and when all have said yes, something else happens."),
            acts=(Act({"type": "restart", "node": "@coordinator"}), writes("x", 4)),
            until=Seen(PreCommitting),
            ratio=30,
        ),
        Beat(
            "partition",
            N_("A partition, and two decisions"),
            N_("Each side takes the other for crashed and finishes alone: one commits, one aborts. No promise holds here."),
            acts=(Act({"type": "partition", "groups": [["@coordinator", "@next", "c1"], ["@rest"]]}),),
            until=Broken("agreement"),
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    return (WHY_THREE_PHASES,)
