"""Scenarios about reads: a leader that has been deposed does not know it, and is asked what a key holds.

One schedule, three ways to read. From its own state it answers what is long gone; by ReadIndex it can't answer, for no
majority says that it leads; by lease it is right as long as its clock is.
"""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Recording, Returned, Run
from ...simulation.commands import Heal, Partition, Request, SetClock
from ..keyvalue import Operation
from .indications import Elected, LeaseOver, ReadByLease, ReadConfirmed, ReadLocally
from .scenarios import PATIENT_CLIENT, answered, first_leader, others, put

SLOW_PPM = 200_000
"""A clock at a fifth of its pace."""


def depose(script: Script, clock_ppm: int | None = None) -> str:
    """x = 1; then a partition leaves the leader alone with c1, and the others elect another, at which c2 writes x = 2."""
    old = first_leader(script)
    put(script, "c1", "x", 1, old)
    script.until(Returned, "c1")
    script.wait(120_000)
    if clock_ppm is not None:
        script.give(SetClock(old, rate_ppm=clock_ppm))
        script.wait(60_000)
    script.give(Partition(((old, "c1"), (*others(script, old), "c2"))))
    new = script.until(Elected).host
    script.wait(40_000)
    put(script, "c2", "x", 2, new)
    script.until(Returned, "c2")
    return old


def read(script: Script, client: str, to: str) -> None:
    """Has a client read."""
    script.give(Request(client, Operation("get", "x"), to))


def write_stale_read(script: Script) -> None:
    read(script, "c1", depose(script))
    script.wait(150_000)
    script.give(Heal())


def write_lease_and_slow_clock(script: Script) -> None:
    read(script, "c1", depose(script, SLOW_PPM))
    script.wait(150_000)
    script.give(Heal())


def values_read(run: Run, client: str) -> list[object]:
    """What a client's reads came to."""
    return [
        r.result for event, r in told(run, Returned)
        if event.host == client and r.outcome == OK and r.operation.name == "get"
    ]  # fmt: skip


def read_was_stale(run: Run) -> bool:
    """c2 had been told that x = 2 is written; after that c1 asked, and was told 1."""
    return answered(run, "c2") == [2] and values_read(run, "c1") == [1] and any(True for _ in told(run, ReadLocally))


def read_waited(run: Run) -> bool:
    """c1 was answered by the new leader, which a majority had confirmed."""
    by = {event.host for event, read in told(run, ReadConfirmed) if read.client == "c1"}
    new = [event.host for event, _ in told(run, Elected)][-1:]
    return answered(run, "c2") == [2] and values_read(run, "c1") == [2] and list(by) == new


def lease_was_wrong(run: Run) -> bool:
    """The old leader answered by its lease after x = 2 was written."""
    by_lease = any(read.client == "c1" for _, read in told(run, ReadByLease))
    return answered(run, "c2") == [2] and values_read(run, "c1") == [1] and by_lease


def lease_was_over(run: Run) -> bool:
    """The old leader knew by its clock that its lease was over, and asked; so c1 got its answer elsewhere."""
    over = [event.host for event, _ in told(run, LeaseOver)]
    first = [event.host for event, _ in told(run, Elected)][:1]
    return answered(run, "c2") == [2] and values_read(run, "c1") == [2] and first == over[:1]


STALE_READ = Scenario(
    name="stale_read",
    title=N_("A stale read from a deposed leader"),
    text=N_("A leader that is cut off goes on believing that it leads. A client that still reaches it asks for x."),
    outcome=N_("It answers from its own state: 1, although 2 was written and confirmed before the client asked."),
    setup=Recording("raft", nodes=5, clients=2, params={**PATIENT_CLIENT, "reads": "local"}, seed=26),
    write=write_stale_read,
    judge=read_was_stale,
    until=1_400_000,
    ratio=20,
    breaks=("no_stale_read",),
    picture={
        "nodes": 5, "leader": [1, 3], "terms": [1, 2, 2, 2, 2], "groups": [[1], [2, 3, 4, 5]],
        "logs": [[1, 1], [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2]], "commit": 4,
        "messages": [[3, 2, 50, "append"], [3, 4, 60, "append"]],
    },
)  # fmt: skip

READ_INDEX = Scenario(
    name="read_index",
    title=N_("The same read by ReadIndex"),
    text=N_("The same schedule. Before it answers, a leader asks all whether it still leads, and needs a majority to say so."),
    outcome=N_("Nobody confirms the old leader, so it says nothing. After the partition the client is told 2 by the new one."),
    setup=Recording("raft", nodes=5, clients=2, params={**PATIENT_CLIENT, "reads": "read_index"}, seed=26),
    write=write_stale_read,
    judge=read_waited,
    until=1_400_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": [1, 3], "terms": [1, 2, 2, 2, 2], "groups": [[1], [2, 3, 4, 5]],
        "logs": [[1, 1], [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2]], "commit": 4,
        "messages": [[1, 2, 30, "control"], [1, 4, 30, "control"], [3, 2, 50, "append"]],
    },
)  # fmt: skip

LEASE_AND_SLOW_CLOCK = Scenario(
    name="lease_and_slow_clock",
    title=N_("A lease and a clock that runs slow"),
    text=N_(
        "Leases save the round trip: for an election timeout nobody votes against the leader. "
        "But this leader's clock is five times too slow."
    ),
    outcome=N_("By its clock the lease still runs, when another leads already: it answers 1, although 2 was confirmed."),
    setup=Recording("raft", nodes=5, clients=2, params={**PATIENT_CLIENT, "reads": "lease"}, seed=26),
    write=write_lease_and_slow_clock,
    judge=lease_was_wrong,
    until=1_600_000,
    ratio=20,
    breaks=("lease_is_backed", "no_stale_lease_read"),
    picture={
        "nodes": 5, "leader": [1, 3], "terms": [1, 2, 2, 2, 2], "groups": [[1], [2, 3, 4, 5]],
        "logs": [[1, 1], [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2]], "commit": 4,
        "messages": [[3, 2, 50, "append"], [3, 4, 60, "append"]],
    },
)  # fmt: skip

LEASE_AND_GOOD_CLOCK = Scenario(
    name="lease_and_good_clock",
    title=N_("A lease and a clock that is right"),
    text=N_("The same partition, and all clocks run alike. The leader that is cut off is asked after its lease has run out."),
    outcome=N_(
        "It knows that its lease is over, and asks a majority, which does not answer. The client is told 2 by the new leader."
    ),
    setup=Recording("raft", nodes=5, clients=2, params={**PATIENT_CLIENT, "reads": "lease"}, seed=26),
    write=write_stale_read,
    judge=lease_was_over,
    until=1_400_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": [1, 3], "terms": [1, 2, 2, 2, 2], "groups": [[1], [2, 3, 4, 5]],
        "logs": [[1, 1], [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2]], "commit": 4,
        "messages": [[1, 2, 30, "control"], [3, 2, 50, "append"]],
    },
)  # fmt: skip

READING = (STALE_READ, READ_INDEX, LEASE_AND_SLOW_CLOCK, LEASE_AND_GOOD_CLOCK)
