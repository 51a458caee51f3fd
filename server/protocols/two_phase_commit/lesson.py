"""The lesson of two-phase commit: what a yes means, and why it blocks."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, All, Beat, Elapsed, Lesson, Seen
from ...simulation import N_, Recording, Refused, Run
from ..bankscripts import BY_HAND, SLOW, bank
from ..commitment import AbortedByVote, CommitDecided, VotedYes
from ..transactions import DOUBTING
from .indications import CommitBeingWritten, Ended, InDoubt, PresumedAbort


def resolve(place: str, run: Run) -> tuple[str, ...]:
    """Who is in a place now: "coordinator", "payer" and "payee" (the first two participants), "in doubt" (those that are).

    Raises Refused where nobody is, and KeyError for another place.
    """
    first, *others = run.cluster.nodes
    found = {
        "coordinator": (first,),
        "payer": tuple(others[:1]),
        "payee": tuple(others[1:2]),
        "in doubt": tuple(n for n in others if run.cluster.hosts[n].up and bank(run, n).role is DOUBTING),
    }[place]
    if not found:
        raise Refused("nobody_there", N_("Nobody is {place} now."), place=place)
    return found


def pays(amount: int) -> Act:
    """A client moves money from the payer to the payee."""
    operation = {"name": "transfer", "source": "@payer", "target": "@payee", "amount": amount}
    return Act({"type": "request", "client": "c1", "operation": operation})


WHY_IT_BLOCKS = Lesson(
    name="why_two_phase_commit_blocks",
    title=N_("Why two-phase commit blocks"),
    text=N_("Money goes from one node to another, as a whole or not at all. What must a node promise for that?"),
    setup=Recording("two_phase_commit", nodes=4, params={**BY_HAND, "client_timeout": 1_000_000}, seed=2, link=SLOW),
    resolve=resolve,
    picture={
        "nodes": 4, "down": [1], "candidates": [2, 3], "messages": [[2, 1, 45, "control"], [3, 1, 60, "control"]],
    },
    beats=(
        Beat(
            "bank",
            N_("A bank of three accounts"),
            N_("Three nodes keep an account each, with 100 in it. The one in the middle coordinates: it keeps none, it asks."),
            until=Elapsed(50_000),
        ),
        Beat(
            "promise",
            N_("Phase 1: a yes is a promise"),
            N_("30 go from n2 to n3. Both lock, write a prepared record to disk, and say yes. Now they can't go back."),
            acts=(pays(30),),
            until=Seen(VotedYes, count=2),
            ratio=40,
        ),
        Beat(
            "decision",
            N_("The decision is a record"),
            N_("With all votes the coordinator writes a commit record. When it is on the disk, the transaction is committed."),
            until=Seen(CommitDecided),
            ratio=60,
        ),
        Beat(
            "phase_2",
            N_("Phase 2: all are told"),
            N_("Both do their part, free their locks and acknowledge. Then the coordinator may forget the transaction."),
            until=Seen(Ended),
            ratio=40,
        ),
        Beat(
            "no",
            N_("One no is enough"),
            N_("500 are more than n2 has. It aborts at once and says no; the other, which said yes, is told to abort."),
            acts=(pays(500),),
            until=All((Seen(AbortedByVote), Elapsed(150_000))),
            ratio=40,
        ),
        Beat(
            "all_yes",
            N_("Again, with all votes in hand"),
            N_("20 go from n2 to n3, and both say yes. The coordinator's disk is writing the commit record: stop here."),
            acts=(pays(20),),
            until=Seen(CommitBeingWritten),
            ratio=40,
        ),
        Beat(
            "crash",
            N_("The coordinator crashes"),
            N_("It is gone, and the record is not on its disk. The two participants hear nothing: they are in doubt, and ask."),
            acts=(Act({"type": "crash", "node": "@coordinator"}),),
            until=Seen(InDoubt, count=2),
        ),
        Beat(
            "blocked",
            N_("Neither yes nor no"),
            N_("Abort? The coordinator may have committed. Commit? It may have aborted. So they wait, and their locks stay."),
            until=Elapsed(400_000),
        ),
        Beat(
            "back",
            N_("It is back, and knows nothing"),
            N_("Had it committed, a record would say so. There is none, so it tells them to abort: abort is presumed."),
            acts=(Act({"type": "restart", "node": "@coordinator"}),),
            until=All((Seen(PresumedAbort, count=2), Elapsed(200_000))),
            ratio=30,
        ),
        Beat(
            "moral",
            N_("Five milliseconds"),
            N_("With the record on the disk they had to commit. Those in doubt can't tell: so two-phase commit blocks."),
            acts=(pays(10),),
            until=Seen(Ended),
            ratio=30,
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    return (WHY_IT_BLOCKS,)
