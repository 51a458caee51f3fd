"""The challenges of primary-backup replication: what is paid for answers that nobody has confirmed."""

from __future__ import annotations

from functools import cache

from ...lessons import EASY, MIDDLE, Broken, Challenge, Now, Script, told
from ...simulation import N_, OK, Invoked, Recording, Returned, Run
from ...simulation.commands import HoldLink, Partition, Request
from ..keyvalue import Operation
from .indications import BecamePrimary
from .scenarios import PATIENT_CLIENT, get, put
from .state import COMMITTED, MAJORITY, NONE, WEAK

# A lock that two hold

LOCKING = ("acquire", "release", "get")


def two_hold_a_lock(run: Run) -> bool:
    """Two clients were given the same lock, neither has given it back, and nobody wrote over it."""
    held: set[tuple[str, str]] = set()
    meddled = {asked.operation.key for _, asked in told(run, Invoked) if asked.operation.name not in LOCKING}
    for event, returned in told(run, Returned):
        if event.host is None or returned.outcome != OK or returned.result is not True:
            continue
        lock = (returned.operation.key, event.host)
        if returned.operation.name == "acquire":
            held.add(lock)
        elif returned.operation.name == "release":
            held.discard(lock)
    locks = [key for key, _ in held if key not in meddled]
    return len(locks) > len(set(locks))


def write_two_holders(script: Script) -> None:
    script.at(60_000)
    script.give(Partition((("n1", "c1"), ("n2", "n3", "n4", "n5", "c2"))))
    script.give(Request("c1", Operation("acquire", "printer"), "n1"))
    script.until(BecamePrimary, "n2")
    script.give(Request("c2", Operation("acquire", "printer"), "n2"))
    script.until(Returned, "c2")


# A stale read


def write_stale_read(script: Script) -> None:
    script.at(60_000)
    script.give(HoldLink("n1", "n3"))
    put(script, "c1", "x", 1, "n1")
    script.until(Returned, "c1")
    get(script, "c2", "x", "n3")
    script.until(Returned, "c2")


STALE_READ = Challenge(
    name="read_the_past",
    title=N_("Read the past"),
    text=N_(
        "Reads are weak here: any replica answers from what it has. Have a client read less than what was answered before."
    ),
    won=N_("A majority had confirmed, and the client asked one that had not. A strong read would have gone to the primary."),
    setup=Recording(
        "primary_backup", nodes=3, clients=2, seed=3,
        params={**PATIENT_CLIENT, "reads": WEAK, "confirmation": MAJORITY, "notify": COMMITTED},
    ),
    goal=Broken("fresh_reads"),
    allowed={"request": 3, "hold_link": 1, "release_link": 1},
    span=5_000_000,
    write=write_stale_read,
    hints=(
        N_("A write is answered when two of the three have it. Which one may be without it?"),
        N_("Hold the link from the primary n1 to one backup, and write."),
        N_("When the write is answered, have the other client read the same key at that backup."),
    ),
    rules=("confirm_first", "overlap", "fencing", "gap_check"),
    level=EASY,
    ratio=20,
    picture={
        "nodes": 3, "leader": 1, "terms": [1, 1, 1], "commit": 1, "logs": [[1], [1], []],
        "messages": [[1, 3, 45, "append"], [1, 2, 60, "append"]],
    },
)  # fmt: skip

TWO_HOLDERS = Challenge(
    name="lock_held_by_two",
    title=N_("One lock, two holders"),
    text=N_("The primary answers before anybody has confirmed. Give the same lock to both clients, with one partition."),
    won=N_("Each side had a primary that asked nobody. With the confirmation of a majority one of them would have waited."),
    setup=Recording(
        "primary_backup", nodes=5, clients=2, seed=6, params={**PATIENT_CLIENT, "confirmation": NONE}
    ),
    goal=Now(two_hold_a_lock),
    allowed={"request": 3, "partition": 1},
    span=5_000_000,
    write=write_two_holders,
    hints=(
        N_("A lock is a key: the operation acquire takes it, and a primary gives it once. So there must be two primaries."),
        N_("Who misses the primary for long enough takes over. Keep one client on each side."),
        N_("Cut n1 and c1 off, acquire the same key at n1 by c1 and, when n2 has taken over, at n2 by c2."),
    ),
    rules=("confirm_first", "overlap", "fencing", "sessions_kept"),
    level=MIDDLE,
    ratio=20,
    picture={
        "nodes": 5, "leader": 2, "terms": [1, 2, 2, 2, 2], "groups": [[1], [2, 3, 4, 5]],
        "messages": [[2, 3, 55, "append"], [2, 5, 45, "append"]],
    },
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (STALE_READ, TWO_HOLDERS)
