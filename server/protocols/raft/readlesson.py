"""The lesson about reads: why a leader has to ask before it answers."""

from __future__ import annotations

from typing import Any

from ...lessons import Act, All, Beat, Broken, Elapsed, Lesson, Seen
from ...simulation import N_, Recording, Returned
from .indications import Elected, ReadBegun, ReadConfirmed, ReadDropped
from .lesson import resolve
from .scenarios import PATIENT_CLIENT
from .state import HEARTBEAT


def ask(client: str, to: str, name: str, value: Any = None) -> Act:
    """A client writes x, or reads it."""
    operation = {"name": name, "key": "x"} | ({} if value is None else {"value": value})
    return Act({"type": "request", "client": client, "operation": operation, "to": to})


def rule(*, on: bool) -> Act:
    return Act({"type": "switch_rule", "rule": "read_round", "on": on})


FRESH_READS = Lesson(
    name="reads_that_are_never_stale",
    title=N_("Reads that are never stale"),
    text=N_("A leader that has been replaced does not know it. What keeps it from answering with what is long gone?"),
    setup=Recording("raft", nodes=5, clients=3, params={**PATIENT_CLIENT, "reads": "read_index"}, seed=30),
    resolve=resolve,
    breaks=("no_stale_read", "read_is_confirmed"),
    picture={
        "nodes": 5, "leader": [3, 5], "terms": [2, 2, 1, 2, 2], "groups": [[3], [1, 2, 4, 5]],
        "messages": [[3, 2, 20, "control"], [3, 4, 20, "control"], [5, 1, 45, "append"], [5, 4, 55, "append"]],
    },
    beats=(
        Beat(
            "leader",
            N_("A leader"),
            N_("Five nodes elect a leader. Reads do not go through its log here: it answers them from its own state."),
            until=All((Seen(Elected), Elapsed(350_000))),
        ),
        Beat(
            "write",
            N_("x is 1"),
            N_("A client writes x = 1. A majority stores it, the leader commits it and says so."),
            acts=(ask("c1", "@leader", "put", 1),),
            until=All((Seen(Returned, "c1"), Elapsed(150_000))),
            ratio=40,
        ),
        Beat(
            "read",
            N_("First the leader asks"),
            N_("The client reads x. The leader asks all: do you still follow me? When a majority has said so, it answers."),
            acts=(ask("c1", "@leader", "get"),),
            until=All((Seen(ReadConfirmed), Seen(Returned, "c1"))),
            ratio=100,
        ),
        Beat(
            "cut_off",
            N_("The leader is cut off"),
            N_("A partition leaves the leader alone, with two clients. The others elect another leader, in term 2."),
            acts=(Act({"type": "partition", "groups": [["@leader", "c1", "c3"], ["@others", "c2"]]}),),
            until=All((Seen(Elected), Elapsed(100_000))),
        ),
        Beat(
            "newer",
            N_("x is 2"),
            N_("On that side x = 2 is written and confirmed. The old leader still has x = 1, and still wears its crown."),
            acts=(ask("c2", "@leader", "put", 2),),
            until=All((Seen(Returned, "c2"), Elapsed(100_000))),
            ratio=40,
        ),
        Beat(
            "no_majority",
            N_("Nobody confirms it"),
            N_("A client asks the old leader for x. It asks in vain, and does not answer: better late than wrong."),
            acts=(ask("c1", "@old leader", "get"),),
            until=All((Seen(ReadBegun), Elapsed(150_000))),
            ratio=40,
        ),
        Beat(
            "rule_off",
            N_("Without the question"),
            N_("Now that rule is off, and another client asks. The old leader answers at once: 1. That was true once."),
            acts=(rule(on=False), ask("c3", "@old leader", "get")),
            until=All((Broken("no_stale_read"), Seen(Returned, "c3"))),
            ratio=100,
        ),
        Beat(
            "healed",
            N_("The answer comes, and it is 2"),
            N_("The rule is on, the partition gone. The old leader hears of term 2 and sends its client on, who reads 2."),
            acts=(
                rule(on=True), Act({"type": "heal"}),
                Act({"type": "fire_timer", "node": "@old leader", "timer": HEARTBEAT}),
            ),
            until=All((Seen(ReadDropped), Seen(Returned, "c1"))),
            ratio=40,
        ),
    ),
)  # fmt: skip
