"""The challenge of the number election: without a majority one lost message is enough for two leaders."""

from __future__ import annotations

from functools import cache

from ...lessons import MIDDLE, Broken, Challenge, Script
from ...simulation import N_, Link, Recording
from ...simulation.commands import Drop
from .indications import LeaderElected, NumberDrawn
from .messages import Number
from .scenarios import QUIET


def write_two_by_a_loss(script: Script) -> None:
    """The smallest number does not come to who has the second smallest."""
    ahead = Script(script.run.setup, script.run.program)
    numbers: dict[str, int] = {}
    while len(numbers) < len(ahead.run.cluster.nodes):
        event = ahead.until(NumberDrawn)
        for told in event.indications:
            if isinstance(told, NumberDrawn) and event.host is not None:
                numbers[event.host] = told.number
    first, second = sorted(numbers, key=lambda node: numbers[node])[:2]
    script.until_event(
        lambda event: any((f.src, f.dst, type(f.body)) == (first, second, Number) for f in event.sent), "the number"
    )
    script.give(Drop(script.flight(Number, first, second).id))
    script.until(LeaderElected, second)


TWO_BY_A_LOSS = Challenge(
    name="two_leaders_by_a_loss",
    title=N_("Two leaders by one loss"),
    text=N_(
        "The smallest number leads, and who has not heard from all goes by the numbers that it has. Drop one message, and "
        "have two nodes lead."
    ),
    won=N_("Nobody can see that a number is missing that was smaller still. A majority of votes would have shown it."),
    setup=Recording(
        "number_election", nodes=5, clients=0, params=QUIET, rules={"hear_from_all": False}, seed=6,
        link=Link(low=20_000, high=40_000),
    ),
    goal=Broken("at_most_one_leader"),
    allowed={"drop": 1},
    span=3_000_000,
    write=write_two_by_a_loss,
    hints=(
        N_("Go on until all have told their numbers, look who has the smallest ones, and step back."),
        N_("A node takes itself for the leader when it knows of no smaller number than its own."),
        N_("Only one node can be mistaken by one loss: who has the second smallest number must miss the smallest."),
    ),
    rules=("hear_from_all", "tie_break", "one_round"),
    level=MIDDLE,
    ratio=20,
    picture={
        "nodes": 5, "leader": 2, "terms": [1, 1, 1, 1, 1],
        "messages": [[2, 4, 50, "vote"], [1, 4, 70, "vote"], [4, 3, 45, "vote"]],
    },
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (TWO_BY_A_LOSS,)
