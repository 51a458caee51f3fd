"""The challenges of Multi-Paxos: slots may be chosen out of their order, and none of them twice."""

from __future__ import annotations

from functools import cache

from ...lessons import HARD, MIDDLE, NOBODY_CRASHES, Broken, Challenge, Impossible, Script, Seen
from ...simulation import N_, Link, Recording
from ...simulation.commands import Drop
from .counterexamples import BY_HAND, FAST, write_adopts_nothing
from .indications import WaitsForEarlier
from .messages import Accept
from .scenarios import PATIENT_CLIENT, ask, first_leader, others

DROPS = 3
SLOW = {**PATIENT_CLIENT, "heartbeat_interval": 300_000, "election_low": 1_000_000, "election_high": 1_500_000}
"""Proposals are sent again with each heartbeat: that must not come before the answers."""


def write_gap_in_the_log(script: Script) -> None:
    """The first of two proposals gets to one of the four others alone, so two of five have it."""
    leader = first_leader(script)
    ask(script, "c1", "put", "x", 1, to=leader)
    script.until_event(lambda event: any(type(flight.body) is Accept for flight in event.sent), "a proposal")
    for node in others(script, leader)[:DROPS]:
        script.give(Drop(script.flight(Accept, leader, node).id))
    ask(script, "c2", "put", "y", 2, to=leader)
    script.until(WaitsForEarlier, leader)


GAP = Challenge(
    name="gap_in_the_log",
    title=N_("A gap in the log"),
    text=N_(
        "Have slot 2 chosen while slot 1 is not, so that a node has to wait with what it knows. Three messages may be lost."
    ),
    won=N_("Each slot is a Paxos of its own, and is chosen when it is chosen; only what is applied has an order."),
    setup=Recording("multi_paxos", nodes=5, clients=2, params=SLOW, seed=4, link=Link(low=60_000, high=60_000)),
    goal=Seen(WaitsForEarlier),
    allowed={"request": 2, "drop": DROPS},
    span=5_000_000,
    write=write_gap_in_the_log,
    hints=(
        N_("A leader proposes the next request without waiting for the answers to the one before."),
        N_("Two requests make two slots. How many of five nodes must not hear of the first one?"),
        N_("Request something of the leader, drop three of its four proposals, and then let the other client request."),
    ),
    rules=("refuse_lower", "adopt", "in_order", "once"),
    level=MIDDLE,
    ratio=10,
    picture={
        "nodes": 5, "leader": 1, "terms": [1, 1, 1, 1, 1],
        "messages": [[1, 2, 40, "append"], [1, 3, 55, "append"], [4, 1, 50, "reply"]],
    },
)  # fmt: skip

SLOT_CHOSEN_TWICE = Challenge(
    name="slot_chosen_twice",
    title=N_("One slot, two values"),
    text=N_(
        "Have a slot chosen with one value, and then with another one too. Messages may be late, lost or doubled, links cut "
        "and nodes held up; nobody crashes."
    ),
    won=N_("Without that rule a new leader puts its own value where another one was chosen, and its majority takes it."),
    setup=Recording("multi_paxos", nodes=3, clients=2, params=BY_HAND, seed=1, link=Link(low=FAST, high=FAST)),
    goal=Broken("one_value"),
    allowed=dict.fromkeys(("request", *NOBODY_CRASHES)),
    span=20_000_000,
    write=write_adopts_nothing,
    hints=(
        N_("Have one leader's value chosen, cut that leader off, and have another node lead by its election timer."),
        N_("The promises to the new leader come from a majority. Does one of these nodes know of the value?"),
        N_("What does the new leader propose for a slot of which a promise reports something?"),
    ),
    rules=("durable_promise", "durable_accepted", "adopt", "once"),
    level=HARD,
    impossible=Impossible(
        rule="adopt",
        why=N_(
            "The majority that promises the new ballot shares a node with the one that chose. That node reports what it has "
            "accepted for the slot, and the new leader must propose that."
        ),
        cites="Paxos Made Simple §2.2, §3",
    ),
    ratio=30,
    picture={
        "nodes": 3, "leader": [1, 3], "terms": [1, 2, 2], "groups": [[1], [2, 3]], "commit": 1,
        "logs": [[1], [1], [2]], "messages": [[3, 2, 55, "append"]],
    },
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (GAP, SLOT_CHOSEN_TWICE)
