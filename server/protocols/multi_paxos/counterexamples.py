"""What a rule was for: scenarios in which it is off, and the properties that break.

Election timeouts are long, so that no node becomes a candidate but the one whose timer the script fires.
"""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Link, Recording, Returned, Run
from ...simulation.commands import Crash, FireTimer, Partition, Restart, SetLink
from .indications import Chosen, Elected, Proposed
from .node import ELECTION
from .scenarios import answers, ask, state

BY_HAND = {
    "think_time": 0, "client_timeout": 10_000_000, "election_low": 4_000_000, "election_high": 6_000_000,
    "heartbeat_interval": 300_000,
}  # fmt: skip
"""Nothing happens that the script does not begin: no client asks by itself, and no election starts by itself."""

FAST, SLOW = 10_000, 90_000
"""How long (µs) messages take; and those that are overtaken."""
ROUND_TRIP = 2 * FAST + 5_000


def campaign(script: Script, node: str) -> None:
    """A node's election timer runs out, and all answers come back."""
    script.give(FireTimer(node, ELECTION))
    script.wait(ROUND_TRIP)


def chosen_for(run: Run, slot: int) -> list[object]:
    """The values that were chosen for a slot, in the order of their choice; more than one is a mistake."""
    return [news.command and news.command.value for _, news in told(run, Chosen) if news.slot == slot]


# A new leader that does not adopt what it is told of


def write_adopts_nothing(script: Script) -> None:
    script.at(50_000)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "c2"))))
    campaign(script, "n1")
    ask(script, "c1", "put", "x", "old", to="n1")
    script.until(Returned, "c1")
    script.wait(ROUND_TRIP)
    script.give(Partition((("n1", "c1"), ("n2", "n3", "c2"))))
    campaign(script, "n3")
    ask(script, "c2", "put", "x", "new", to="n3")
    script.until(Returned, "c2")
    script.wait(ROUND_TRIP)


def chosen_value_was_overwritten(run: Run) -> bool:
    """Slot 1 was chosen twice, and both clients were told that their write is done."""
    return chosen_for(run, 1) == ["old", "new"] and answers(run, "c1") == answers(run, "c2") == [True]


# A promise that a node forgets


def write_promise_forgotten(script: Script) -> None:
    script.at(50_000)
    campaign(script, "n1")
    script.give(SetLink("n3", "n1", up=False))
    script.give(Partition((("n1", "c1"), ("n2", "n3", "c2"))))
    campaign(script, "n2")
    ask(script, "c2", "put", "x", "new", to="n2")
    script.until(Proposed, "n2")
    # n3 has promised ballot 2.n2, and restarts before the proposal comes; the partition moves, and 1.n1 comes first.
    script.give(Crash("n3"))
    script.give(Restart("n3"))
    script.give(Partition((("n1", "n3", "c1"), ("n2", "c2"))))
    script.give(SetLink("n3", "n1", up=True))
    ask(script, "c1", "put", "x", "old", to="n1")
    script.until(Returned, "c1")
    script.wait(ROUND_TRIP)
    script.give(Partition((("n1", "c1"), ("n2", "n3", "c2"))))
    script.until(Returned, "c2")
    script.wait(ROUND_TRIP)


def two_values_were_chosen(run: Run) -> bool:
    """Slot 1 was chosen in ballot 1.n1 after a majority had promised 2.n2, and then again in 2.n2."""
    leading = [(event.host, news.ballot) for event, news in told(run, Elected)]
    return leading == [("n1", "1.n1"), ("n2", "2.n2")] and chosen_for(run, 1) == ["old", "new"]


# Slots applied as soon as they are chosen


def write_out_of_order(script: Script) -> None:
    script.at(50_000)
    campaign(script, "n1")
    for node in ("n2", "n3"):
        script.give(SetLink("n1", node, low=SLOW, high=SLOW))
    ask(script, "c1", "put", "x", "first", to="n1")
    script.until(Proposed, "n1")
    for node in ("n2", "n3"):
        script.give(SetLink("n1", node, low=FAST, high=FAST))
    ask(script, "c2", "put", "x", "second", to="n1")
    script.until(Chosen, count=2)
    script.wait(ROUND_TRIP)
    ask(script, "c1", "get", "x", to="n1")


def nodes_differ(run: Run) -> bool:
    """The leader applied slot 2 before slot 1, the others in order: the same log, and not the same state."""
    data = [state(run, node).data.get("x") for node in run.cluster.nodes]
    return data == ["first", "second", "second"] and answers(run, "c1") == [True, "first"]


ADOPTS_NOTHING = Scenario(
    name="leader_adopts_nothing",
    title=N_("A leader that adopts nothing"),
    text=N_("A write is chosen and answered. The next leader is told of it with a promise, and does not look at that."),
    outcome=N_("It proposes something else for the same slot, and that is chosen too: an answered write is gone."),
    setup=Recording(
        "multi_paxos", nodes=3, clients=2, params=BY_HAND, rules={"adopt": False}, link=Link(low=FAST, high=FAST)
    ),
    write=write_adopts_nothing,
    judge=chosen_value_was_overwritten,
    until=500_000,
    ratio=30,
    breaks=("chosen_is_adopted", "one_value", "state_machine_safety"),
    picture={
        "nodes": 3, "leader": [1, 3], "terms": [1, 2, 2], "groups": [[1], [2, 3]], "commit": 1,
        "logs": [[1], [1], [2]], "messages": [[3, 2, 55, "append"]],
    },
)  # fmt: skip

PROMISE_FORGOTTEN = Scenario(
    name="slot_promise_forgotten",
    title=N_("A promise forgotten"),
    text=N_("Promises are not on disk. A node promises the ballot of a new leader, restarts, and accepts from the old one."),
    outcome=N_("Both leaders have their majority, and slot 1 is chosen twice."),
    setup=Recording(
        "multi_paxos", nodes=3, clients=2, params=BY_HAND, rules={"durable_promise": False},
        link=Link(low=FAST, high=FAST),
    ),
    write=write_promise_forgotten,
    judge=two_values_were_chosen,
    until=1_500_000,
    ratio=20,
    breaks=("promises_kept", "chosen_is_adopted", "one_value", "state_machine_safety"),
    picture={
        "nodes": 3, "leader": [1, 2], "terms": [1, 2, 1], "groups": [[1, 3], [2]], "commit": 1,
        "logs": [[1], [2], [1]], "messages": [[1, 3, 50, "append"], [3, 1, 40, "reply"]],
    },
)  # fmt: skip

OUT_OF_ORDER = Scenario(
    name="applied_out_of_order",
    title=N_("Slots applied out of order"),
    text=N_("Two clients write the same key. The second slot is chosen before the first, and is applied at once."),
    outcome=N_("All nodes have the same two slots, and not the same value: the order of a log is part of what is agreed."),
    setup=Recording(
        "multi_paxos", nodes=3, clients=2, params=BY_HAND, rules={"in_order": False}, link=Link(low=FAST, high=FAST)
    ),
    write=write_out_of_order,
    judge=nodes_differ,
    until=700_000,
    ratio=30,
    breaks=("applied_in_order", "same_answers"),
    picture={
        "nodes": 3, "leader": 1, "terms": [1, 1, 1], "commit": 2, "logs": [[1, 1], [1, 1], [1, 1]],
        "messages": [[1, 2, 70, "append"], [1, 3, 60, "append"], [2, 1, 40, "reply"]],
    },
)  # fmt: skip

COUNTEREXAMPLES = (ADOPTS_NOTHING, PROMISE_FORGOTTEN, OUT_OF_ORDER)
