"""The lesson of primary-backup replication: an update in eight steps, and what happens when a node is missing."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, All, Beat, Elapsed, Lesson, Now, Seen
from ...simulation import N_, Recording, Refused, Returned, Run
from .indications import BecamePrimary, CommitLearned, Committed, Determined, Logged, PrimaryRecognised, Updated
from .scenarios import node, primaries


def resolve(place: str, run: Run) -> tuple[str, ...]:
    """Who is in a place now: "primary" (of the newest view), "backups" (the others that are up), "backup" (the last of
    them), "down".

    Raises Refused where nobody is, and KeyError for another place.
    """
    hosts = run.cluster.hosts
    leading = sorted(primaries(run), key=lambda name: node(run, name).view)[-1:]
    backups = tuple(name for name in run.cluster.nodes if hosts[name].up and name not in leading)
    found = {
        "primary": tuple(leading),
        "backups": backups,
        "backup": backups[-1:],
        "down": tuple(name for name in run.cluster.nodes if not hosts[name].up)[:1],
    }[place]
    if not found:
        raise Refused("nobody_there", N_("Nobody is {place} now."), place=place)
    return found


def all_the_same(run: Run) -> bool:
    """Every node has committed the same log to its end."""
    first = node(run, run.cluster.nodes[0])
    return all(
        node(run, name).log == first.log and node(run, name).commit_index == first.log.length
        for name in run.cluster.nodes
    )


def write(value: int) -> Act:
    """A client writes x, at the primary."""
    operation = {"name": "put", "key": "x", "value": value}
    return Act({"type": "request", "client": "c1", "operation": operation, "to": "@primary"})


EIGHT_STEPS = Lesson(
    name="an_update_in_eight_steps",
    title=N_("An update in eight steps"),
    text=N_("An update on its way through the logs and databases of four nodes. Then a backup is missing, then the primary."),
    setup=Recording("primary_backup", nodes=4, params={"think_time": 0, "client_attempts": 100}, seed=12),
    resolve=resolve,
    picture={
        "nodes": 4, "leader": 1, "terms": [1, 1, 1, 1],
        "messages": [[1, 2, 60, "append"], [1, 3, 40, "append"], [1, 4, 50, "append"]],
    },
    beats=(
        Beat(
            "primary",
            N_("One primary, three backups"),
            N_("Node n1 is the primary of view 1. It alone takes updates; its heartbeats tell the backups that it is there."),
            until=Elapsed(120_000),
            ratio=40,
        ),
        Beat(
            "update",
            N_("1 Update"),
            N_("A client writes x = 1. The primary writes that into its log as entry #1, with its version. Nothing more yet."),
            acts=(write(1),),
            until=Seen(Updated),
            ratio=80,
        ),
        Beat(
            "replicate",
            N_("2 Replicate"),
            N_("The primary sends the entry to all. Each backup writes it into its log: three more copies, not committed."),
            until=Seen(Logged, count=3),
            ratio=80,
        ),
        Beat(
            "confirm",
            N_("3 Confirm, 4 commit"),
            N_("Each backup confirms. When all four logs have the entry, the primary commits: x = 1 is in its database."),
            until=Seen(Committed),
            ratio=80,
        ),
        Beat(
            "second_round",
            N_("5 Commit, 6 confirm"),
            N_("The primary says that #1 is committed. The backups put it into their databases, and confirm that too."),
            until=Seen(CommitLearned, count=3),
            ratio=80,
        ),
        Beat(
            "notify",
            N_("7 Determine, 8 notify"),
            N_("All four databases have it, as the primary now knows. Only then does the client hear that its write is done."),
            until=All((Seen(Determined), Seen(Returned))),
            ratio=80,
        ),
        Beat(
            "blocked",
            N_("One is missing, all wait"),
            N_("A backup crashes, and the client writes x = 2. All must confirm and one can't: so the update waits."),
            acts=(Act({"type": "crash", "node": "@backup"}), write(2)),
            until=Elapsed(400_000),
        ),
        Beat(
            "back",
            N_("It is back, and all go on"),
            N_("The backup restarts with its log, gets what it lacks, and confirms. The write is committed and answered."),
            acts=(Act({"type": "restart", "node": "@down"}),),
            until=Seen(Returned),
            ratio=40,
        ),
        Beat(
            "failover",
            N_("The primary crashes"),
            N_("No heartbeat comes. The next node waits one failure timeout and begins view 2, with every answered write."),
            acts=(Act({"type": "crash", "node": "@primary"}),),
            until=Seen(BecamePrimary),
        ),
        Beat(
            "return",
            N_("The old primary returns"),
            N_("It was the primary of view 1, and hears of view 2: it is a backup now. With it all confirm again."),
            acts=(Act({"type": "restart", "node": "@down"}),),
            until=All((Seen(PrimaryRecognised), Now(all_the_same))),
            ratio=40,
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    return (EIGHT_STEPS,)
