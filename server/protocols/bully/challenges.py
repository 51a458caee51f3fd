"""The challenge of the bully algorithm: it stands on answers that come in time."""

from __future__ import annotations

from functools import cache

from ...lessons import MIDDLE, Broken, Challenge, Script
from ...simulation import N_, Link, Recording
from ...simulation.commands import Drop, FireTimer
from .indications import LeaderElected
from .messages import Election
from .node import SILENCE
from .scenarios import QUIET, settled


def write_two_coordinators(script: Script) -> None:
    settled(script)
    script.give(FireTimer("n4", SILENCE))
    script.wait(1_000)
    script.give(Drop(script.flight(Election, "n4", "n5").id))
    script.until(LeaderElected, "n4")


TWO_COORDINATORS = Challenge(
    name="two_coordinators",
    title=N_("Two coordinators, nobody crashed"),
    text=N_("All nodes are up. Have two of them be coordinator at the same time, with one timer and one lost message."),
    won=N_("Who does not answer in time is taken for dead. Where messages may be lost, that is a guess."),
    setup=Recording("bully", nodes=5, clients=0, params=QUIET, seed=4, link=Link(low=20_000, high=40_000)),
    goal=Broken("at_most_one_leader"),
    allowed={"fire_timer": 1, "drop": 1},
    span=5_000_000,
    write=write_two_coordinators,
    hints=(
        N_("Wait until n5 leads. Who must believe that n5 is dead, to lead itself?"),
        N_("The next one, n4, asks n5 alone. Have it begin an election by its silence timer."),
        N_("If n5 hears the question, it holds an election itself. So drop the question, not the answer."),
    ),
    rules=("answer_stops_the_lower", "halt_first", "recover_with_election"),
    level=MIDDLE,
    ratio=10,
    picture={
        "nodes": 5, "leader": 5, "candidates": [4], "messages": [[4, 5, 45, "vote"], [5, 1, 60, "control"]],
    },
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (TWO_COORDINATORS,)
