"""Services built on primary-backup replication: a database, a job dispatcher, a counter."""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Returned, Run
from ...simulation.commands import Crash, Request, Restart, SetLink
from ..keyvalue import Operation
from .indications import Answered, Applied, BecamePrimary, PrimaryRecognised
from .scenarios import answered, database, databases_agree, get, primaries, put, read
from .state import COMMITTED, MAJORITY, PULL

# A database survives its primary


def write_database(script: Script) -> None:
    script.at(60_000)
    put(script, "c1", "alice", 100, "n1")
    put(script, "c1", "bob", 20)
    script.until(Returned, "c1", count=2)
    script.give(Request("c1", Operation("cas", "alice", 70, 100)))
    script.until(Returned, "c1")
    script.give(Crash("n1"))
    put(script, "c2", "bob", 50, "n3")
    new = script.until(BecamePrimary).host
    assert new is not None
    script.until(Returned, "c2")
    get(script, "c2", "alice")
    script.until(Returned, "c2")
    script.give(Restart("n1"))
    script.until(PrimaryRecognised, "n1")


def database_survived(run: Run) -> bool:
    """What was answered before the crash is there after it, on the node that was down too."""
    return (
        primaries(run) == ["n2"]
        and read(run, "c2") == [70]
        and answered(run, "c2") == [50]
        and databases_agree(run, {"alice": 70, "bob": 50})
    )


# A job dispatcher


def pop(script: Script, client: str, to: str | None = None) -> None:
    """Has a worker take a job."""
    script.give(Request(client, Operation("pop", "jobs"), to))


def write_jobs(script: Script) -> None:
    script.at(60_000)
    for job in ("wash", "cook", "bake"):
        script.give(Request("c1", Operation("push", "jobs", job), "n1"))
    script.until(Returned, "c1", count=3)
    pop(script, "c2", "n1")
    script.until(Answered, "n1")
    script.give(SetLink("n1", "c2", up=False))
    script.wait(40_000)
    script.give(Crash("n1"))
    pop(script, "c3", "n2")
    script.until(BecamePrimary, "n2")
    script.until_event(lambda event: event.host == "c2" and any(isinstance(r, Returned) for r in event.indications))
    pop(script, "c2")


def jobs_done_once(run: Run) -> bool:
    """Each of the three jobs went to one worker, and the first not to a second one when it was asked for again."""
    taken = [r.result for _, r in told(run, Returned) if r.operation.name == "pop"]
    asked_again = any(a.client == "c2" for event, a in told(run, Answered) if event.host == "n1")
    return asked_again and sorted(map(str, taken)) == ["bake", "cook", "wash"] and database(run, "n2") == {}


# A counter that counts twice


def write_counter(script: Script) -> None:
    script.at(60_000)
    script.give(Request("c1", Operation("add", "visits", 1), "n1"))
    script.until(Answered, "n1")
    script.give(SetLink("n1", "c1", up=False))
    script.wait(100_000)
    script.give(SetLink("n1", "c1", up=True))
    script.until(Returned, "c1")
    script.wait(100_000)
    script.give(Request("c2", Operation("get", "visits"), "n1"))


def counted_twice(run: Run) -> bool:
    """One visit, and the counter is at two."""
    results = [r.result for e, r in told(run, Returned) if e.host == "c1"]
    return results == [2] and read(run, "c2") == [2] and sum(a.index == 2 for _, a in told(run, Applied)) == 3


DATABASE = Scenario(
    name="database_failover",
    title=N_("A database survives its primary"),
    text=N_(
        "A majority confirms, and the replicas pull. Accounts are written and a payment is made; then the primary crashes, "
        "and the next replica takes over with the newest log of a majority."
    ),
    outcome=N_("Every answered write is there under the new primary; the old one comes back as a backup and catches up."),
    setup=Recording(
        "primary_backup", nodes=5, clients=2, seed=8,
        params={"think_time": 0, "confirmation": MAJORITY, "transfer": PULL, "client_attempts": 100},
    ),
    write=write_database,
    judge=database_survived,
    until=1_600_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 2, "down": [1], "terms": [1, 2, 2, 2, 2], "commit": 3,
        "logs": [[1, 1, 1], [1, 1, 1, 2], [1, 1, 1, 2], [1, 1, 1], [1, 1, 1]],
        "messages": [[4, 2, 40, "control"], [2, 5, 55, "append"]],
    },
)  # fmt: skip

JOBS = Scenario(
    name="jobs_survive_failover",
    title=N_("A job dispatcher loses its primary"),
    text=N_(
        "Three jobs wait in a queue, and two workers take them. The first job is handed out, but the answer is lost "
        "and the primary crashes: the worker asks the next one."
    ),
    outcome=N_("The new primary knows who was given what: the worker gets the same job again, and no job is done twice."),
    setup=Recording(
        "primary_backup", nodes=5, clients=3, seed=7,
        params={"think_time": 0, "confirmation": MAJORITY, "notify": COMMITTED, "client_attempts": 100},
    ),
    write=write_jobs,
    judge=jobs_done_once,
    until=1_400_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 2, "down": [1], "terms": [1, 2, 2, 2, 2], "commit": 4,
        "logs": [[1, 1, 1, 1], [1, 1, 1, 1, 2], [1, 1, 1, 1, 2], [1, 1, 1, 1], [1, 1, 1, 1]],
        "messages": [[2, 4, 50, "append"], [3, 2, 40, "reply"]],
    },
)  # fmt: skip

COUNTER = Scenario(
    name="counter_counts_twice",
    title=N_("A counter that counts twice"),
    text=N_("Sessions are off. A client adds one to a counter, the answer is lost, and it asks again."),
    outcome=N_("The primary carries out the same operation twice: one visit, and the counter is at two."),
    setup=Recording(
        "primary_backup", nodes=3, clients=2, seed=2, rules={"sessions_kept": False},
        params={"think_time": 0, "client_timeout": 150_000},
    ),
    write=write_counter,
    judge=counted_twice,
    until=700_000,
    ratio=20,
    breaks=("applied_once",),
    picture={
        "nodes": 3, "leader": 1, "terms": [1, 1, 1], "commit": 2, "logs": [[1, 1], [1, 1], [1, 1]],
        "messages": [[1, 2, 50, "append"], [1, 3, 45, "append"]],
    },
)  # fmt: skip

SERVICES = (DATABASE, JOBS, COUNTER)
