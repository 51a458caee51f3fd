"""The lesson of Multi-Paxos: from one decision to a log."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, All, Beat, Elapsed, Lesson, Seen
from ...simulation import N_, Recording, Refused, Returned, Run
from ..ballots import rank
from .indications import BecameCandidate, CaughtUp, Chosen, Elected, Proposed, WaitsForEarlier
from .node import HEARTBEAT
from .scenarios import leaders, state


def resolve(place: str, run: Run) -> tuple[str, ...]:
    """Who is in a place now: "leader" (of the highest ballot), "others" (all nodes but the leader), "crashed" (the first
    node that is down).

    Raises Refused where nobody is, and KeyError for another place.
    """
    leading = sorted(leaders(run), key=lambda node: rank(state(run, node).promised))[-1:]
    nodes = run.cluster.nodes
    found = {
        "leader": tuple(leading),
        "others": tuple(node for node in nodes if node not in leading),
        "crashed": tuple(node for node in nodes if not run.cluster.hosts[node].up)[:1],
    }[place]
    if not found:
        raise Refused("nobody_there", N_("Nobody is {place} now."), place=place)
    return found


def write(client: str, key: str, value: int) -> Act:
    """A client writes, and asks the leader."""
    operation = {"name": "put", "key": key, "value": value}
    return Act({"type": "request", "client": client, "operation": operation, "to": "@leader"})


FROM_ONE_DECISION = Lesson(
    name="from_one_decision_to_a_log",
    title=N_("From one decision to a log"),
    text=N_("Paxos decides one value. What must be added for a database, which needs one decision after the other?"),
    setup=Recording(
        "multi_paxos", nodes=5, clients=3, seed=2,
        params={
            "think_time": 0, "client_timeout": 1_300_000,
            "heartbeat_interval": 250_000, "election_low": 500_000, "election_high": 800_000,
        },
    ),
    resolve=resolve,
    picture={
        "nodes": 5, "leader": 2, "down": [1], "terms": [1, 2, 2, 2, 2], "commit": 4,
        "logs": [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 2, 2], [1, 1, 1, 1, 2, 2], [1, 1, 1, 1, 2, 2], [1, 1, 1, 1, 2, 2]],
        "messages": [[2, 3, 50, "append"], [2, 4, 60, "append"], [2, 5, 40, "append"]],
    },
    beats=(
        Beat(
            "slots",
            N_("A row of decisions"),
            N_("Paxos decides one value. A log is a row of slots, and each slot is one such decision. All are empty yet."),
            until=Elapsed(150_000),
        ),
        Beat(
            "prepare",
            N_("One Prepare for all slots"),
            N_("A node's arc is empty: it makes a ballot and asks all to promise it, at once for every slot there will be."),
            until=Seen(BecameCandidate),
        ),
        Beat(
            "promises",
            N_("A majority promises"),
            N_("Three promises of five make a leader. A Prepare names no value, so one is enough for the whole log."),
            until=Seen(Elected),
            ratio=40,
        ),
        Beat(
            "one_slot",
            N_("One round trip"),
            N_("A client writes. The leader proposes it for the next slot, three of five accept, and it is chosen."),
            acts=(write("c1", "x", 1),),
            until=Seen(Chosen),
            ratio=40,
        ),
        Beat(
            "side_by_side",
            N_("Slots do not wait"),
            N_("Three clients write. Each slot is decided by itself, so all three proposals fly at the same time."),
            acts=(write("c1", "x", 2), write("c2", "y", 3), write("c3", "z", 4)),
            until=All((Seen(Chosen, count=3), Seen(Returned, count=3))),
            ratio=40,
        ),
        Beat(
            "lost",
            N_("A proposal is lost"),
            N_("For a moment a partition stands around the leader. Its proposal for slot 5 reaches nobody."),
            acts=(
                Act({"type": "fire_timer", "node": "@leader", "timer": HEARTBEAT}),
                Act({"type": "partition", "groups": [["@leader", "c1"], ["@others", "c2", "c3"]]}),
                write("c1", "x", 5),
            ),
            until=All((Seen(Proposed), Elapsed(40_000))),
            ratio=40,
        ),
        Beat(
            "early",
            N_("Chosen, but not applied"),
            N_("The next proposal is chosen. Yet nobody may apply slot 6, nor answer for it: slot 5 before it is open."),
            acts=(Act({"type": "heal"}), write("c2", "y", 6)),
            until=Seen(WaitsForEarlier),
            ratio=40,
        ),
        Beat(
            "crash",
            N_("The leader crashes"),
            N_("It alone knew what belongs in slot 5. The others miss its heartbeats, and one makes a higher ballot."),
            acts=(Act({"type": "crash", "node": "@leader"}),),
            until=Seen(BecameCandidate),
            ratio=15,
        ),
        Beat(
            "reports",
            N_("Promises tell the past"),
            N_("With their promises nodes report what they accepted. Slot 6 may be chosen, so it is proposed again as it is."),
            until=Seen(Elected),
            ratio=60,
        ),
        Beat(
            "no_op",
            N_("A no-op fills the gap"),
            N_("A majority has nothing in slot 5, so nothing was chosen there. A no-op fills it, and slot 6 can be applied."),
            until=All((Seen(Chosen, count=2), Seen(Returned))),
            ratio=40,
        ),
        Beat(
            "catch_up",
            N_("The old leader catches up"),
            N_("It has its slots on disk. It hears how far they are chosen, asks for what it lacks, and its slot 5 gives way."),
            acts=(Act({"type": "restart", "node": "@crashed"}),),
            until=Seen(CaughtUp),
        ),
        Beat(
            "again",
            N_("Nothing is lost"),
            N_("The client without an answer asks again and gets slot 7. One ballot, many slots, one order: that is a log."),
            until=Seen(Returned, host="c1"),
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    return (FROM_ONE_DECISION,)
