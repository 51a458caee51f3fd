"""Services over the replicated log: a lock, a counter, a dispatcher of jobs, each while the leader crashes.

What they need of Raft is the same each time: operations have one order at all nodes, what is committed outlives a leader,
and an operation that a client asks for again is carried out once (section 8).
"""

from __future__ import annotations

from typing import Any

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Recording, Returned, Run
from ...simulation.commands import Crash, Drop, Request
from ..keyvalue import Operation
from ..session import AskedAgain, ClientReply
from .indications import Answered, Elected
from .scenarios import PATIENT_CLIENT, field, first_leader, leaders

RESTLESS_CLIENT = {"think_time": 0, "client_timeout": 250_000}
"""Clients that ask again, and by themselves do nothing."""
JOBS = ("a", "b", "c", "d")


def results(run: Run, client: str) -> list[Any]:
    """What the client was answered, in order."""
    return [r.result for event, r in told(run, Returned) if event.host == client and r.outcome == OK]


def ask(script: Script, client: str, name: str, key: str, value: Any = None, *, to: str | None = None) -> None:
    """Has a client ask for an operation, and waits for the answer."""
    script.give(Request(client, Operation(name, key, value), to))
    script.until(Returned, client)


def crash_before_the_answer_comes(script: Script, leader: str, client: str) -> None:
    """The leader has carried out the client's operation; its answer is lost, and it crashes."""
    script.until_event(
        lambda event: any(isinstance(news, Answered) and news.client == client for news in event.indications),
        f"an answer to {client}",
    )
    script.give(Drop(script.flight(ClientReply, leader, client).id))
    script.give(Crash(leader))


def kept_everywhere(run: Run, key: str) -> list[Any]:
    """What the nodes that are up have applied for a key."""
    return [field(run, node, "data").get(key) for node in run.cluster.nodes if run.cluster.hosts[node].up]


def leader_was_replaced(run: Run) -> bool:
    """The one that leads is not the one that crashed."""
    crashed = [given.command.node for given in run.given if isinstance(given.command, Crash)]
    return len(crashed) == 1 and len(leaders(run)) == 1 and leaders(run) != crashed


# A lock


def write_lock_service(script: Script) -> None:
    leader = first_leader(script)
    ask(script, "c1", "acquire", "door", to=leader)
    ask(script, "c2", "acquire", "door", to=leader)
    script.wait(60_000)
    script.give(Crash(leader))
    leader = first_leader(script)
    ask(script, "c2", "acquire", "door", to=leader)
    ask(script, "c2", "release", "door", to=leader)
    ask(script, "c1", "release", "door", to=leader)
    ask(script, "c2", "acquire", "door", to=leader)


def lock_outlived_its_leader(run: Run) -> bool:
    """c2 got it only after c1 had given it back, although the leader that had lent it was gone by then."""
    asked = results(run, "c1"), results(run, "c2")
    held = kept_everywhere(run, "door")
    return asked == ([True, True], [False, False, False, True]) and held == ["c2"] * 4 and leader_was_replaced(run)


# A counter


def write_counter_service(script: Script) -> None:
    leader = first_leader(script)
    ask(script, "c2", "add", "n", 10, to=leader)
    script.give(Request("c1", Operation("add", "n", 1), leader))
    crash_before_the_answer_comes(script, leader, "c1")
    script.until(Returned, "c1")
    ask(script, "c2", "add", "n", 10)


def each_was_counted_once(run: Run) -> bool:
    """c1 had to ask again; 10 + 1 + 10 is 21 at every node."""
    again = any(event.host == "c1" for event, _ in told(run, AskedAgain))
    asked = results(run, "c1"), results(run, "c2")
    return again and asked == ([11], [10, 21]) and kept_everywhere(run, "n") == [21] * 4 and leader_was_replaced(run)


# A dispatcher of jobs


def write_job_dispatcher(script: Script) -> None:
    leader = first_leader(script)
    for job in JOBS:
        script.give(Request("c1", Operation("push", "q", job), leader))
    script.until(Returned, "c1", count=len(JOBS))
    ask(script, "c3", "pop", "q", to=leader)
    script.give(Request("c2", Operation("pop", "q"), leader))
    crash_before_the_answer_comes(script, leader, "c2")
    script.give(Request("c3", Operation("pop", "q")))
    script.until(Elected)
    script.until_event(lambda event: len(results(script.run, "c2")) == 1 and len(results(script.run, "c3")) == 2)
    script.give(Request("c2", Operation("pop", "q")))


def each_job_was_taken_once(run: Run) -> bool:
    """Four jobs, four takings, none twice and none left, though a worker had to ask again for his."""
    taken = [*results(run, "c2"), *results(run, "c3")]
    again = any(event.host == "c2" for event, _ in told(run, AskedAgain))
    return (
        sorted(map(str, taken)) == list(JOBS)
        and again
        and not any(kept_everywhere(run, "q"))
        and leader_was_replaced(run)
    )


LOCK_SERVICE = Scenario(
    name="lock_service",
    title=N_("A lock service"),
    text=N_("A client takes a lock, and the leader that gave it crashes. Another client asks the next leader for it."),
    outcome=N_("The lock is in the log, so it is still held: the other is refused, and gets it when the holder gives it back."),
    setup=Recording("raft", nodes=5, clients=2, params=PATIENT_CLIENT, seed=12),
    write=write_lock_service,
    judge=lock_outlived_its_leader,
    until=1_800_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 2, "down": [1], "terms": [1, 2, 2, 2, 2], "commit": 2,
        "logs": [[1, 1], [1, 1, 2], [1, 1, 2], [1, 1, 2], [1, 1]], "messages": [[2, 5, 45, "append"], [2, 3, 60, "append"]],
    },
)  # fmt: skip

COUNTER_SERVICE = Scenario(
    name="counter_service",
    title=N_("A counter that never counts twice"),
    text=N_("Two clients add to a counter. The leader counts, and crashes before the client hears of it: it asks again."),
    outcome=N_("The next leader finds the serial number in its log and answers with the sum: it is counted once."),
    setup=Recording("raft", nodes=5, clients=2, params=RESTLESS_CLIENT, seed=15),
    write=write_counter_service,
    judge=each_was_counted_once,
    until=1_800_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 4, "down": [2], "terms": [2, 1, 2, 2, 2], "commit": 3,
        "logs": [[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1]], "messages": [[4, 5, 50, "append"]],
    },
)  # fmt: skip

JOB_DISPATCHER = Scenario(
    name="job_dispatcher",
    title=N_("A dispatcher of jobs"),
    text=N_("One client puts four jobs into a queue, two workers take them. The leader crashes while one of them waits."),
    outcome=N_("The worker asks the next leader and gets the same job again. Each job is taken once, and none is lost."),
    setup=Recording("raft", nodes=5, clients=3, params=RESTLESS_CLIENT, seed=18),
    write=write_job_dispatcher,
    judge=each_job_was_taken_once,
    until=2_200_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 3, "down": [5], "terms": [2, 2, 2, 2, 1], "commit": 4,
        "logs": [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1], [1, 1, 1, 1]],
        "messages": [[3, 4, 50, "append"], [3, 1, 40, "append"]],
    },
)  # fmt: skip

SERVICES = (LOCK_SERVICE, COUNTER_SERVICE, JOB_DISPATCHER)
