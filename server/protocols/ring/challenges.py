"""The challenges of the ring election: it ends only if a number gets all the way around, and a ring may become two."""

from __future__ import annotations

from functools import cache

from ...lessons import EASY, MIDDLE, All, Challenge, Elapsed, Not, Now, Script, Seen
from ...simulation import N_, Event, Recording, Run
from ...simulation.commands import Drop, Partition
from ..wholeads import leading
from .indications import LeaderElected
from .messages import Token
from .scenarios import EVEN, QUIET, settled

TWO_SECONDS = 2_000_000
DROPS = 3
LARGEST = 5


def two_lead(run: Run) -> bool:
    """Two nodes that are up take themselves for the leader."""
    return len(leading(run.cluster)) > 1


def write_torn_ring(script: Script) -> None:
    settled(script)
    script.give(Partition((("n1", "n2"), ("n3", "n4", "n5"))))
    script.until_event(lambda event: two_lead(script.run), "two leaders")


def on_its_last_leg(event: Event) -> bool:
    """The largest number sets out for home."""
    return event.host == "n4" and any(type(f.body) is Token and f.body.number == LARGEST for f in event.sent)


def write_never_home(script: Script) -> None:
    """The largest number has swallowed all others by then, so nothing else gets home either."""
    while script.run.now < TWO_SECONDS:
        event = script.run.step(TWO_SECONDS)
        if event is None:
            break
        if on_its_last_leg(event):
            script.give(Drop(script.flight(Token, "n4", "n5").id))


TORN = Challenge(
    name="two_leaders_in_a_ring",
    title=N_("One ring becomes two"),
    text=N_("Five nodes in a ring. Have two of them lead at the same time. One act is enough."),
    won=N_("Who can't be reached is skipped, and each part closes to a ring of its own. A majority would have to be asked."),
    setup=Recording("ring", nodes=5, clients=0, params=QUIET, seed=3),
    goal=Now(two_lead),
    allowed={"partition": 2, "heal": 1, "crash": 1},
    span=5_000_000,
    write=write_torn_ring,
    hints=(
        N_("A node that hears nothing from its neighbour skips it, whether that is dead or only far."),
        N_("A ring of two nodes elects like one of five: nobody counts how many have left."),
        N_("Put up a partition between two nodes and the other three, and wait."),
    ),
    rules=("swallow_smaller", "take_part_once", "give_way"),
    level=EASY,
    ratio=10,
    picture={
        "nodes": 5, "leader": [2, 5], "groups": [[1, 2], [3, 4, 5]],
        "messages": [[2, 1, 50, "append"], [5, 3, 55, "append"]],
    },
)  # fmt: skip

NEVER_HOME = Challenge(
    name="number_never_home",
    title=N_("No number gets home"),
    text=N_("Keep the ring without a leader for two seconds. You may drop three messages."),
    won=N_("One number is all that is left of an election, and a ring has no other way around."),
    setup=Recording("ring", nodes=LARGEST, clients=0, params=QUIET, seed=2, link=EVEN),
    goal=All((Elapsed(TWO_SECONDS), Not(Seen(LeaderElected)))),
    allowed={"drop": DROPS},
    span=TWO_SECONDS,
    fails=Seen(LeaderElected),
    failed=N_("A leader was elected."),
    write=write_never_home,
    hints=(
        N_("Smaller numbers are swallowed. Which one is still on its way in the end?"),
        N_("Lost, it is missed only when an election timeout is over. The later it is lost, the longer that takes."),
        N_("Drop the number 5 on its way from n4 to n5, each time that it comes by."),
    ),
    rules=("swallow_smaller", "take_part_once", "give_way"),
    level=MIDDLE,
    ratio=10,
    picture={"nodes": 5, "candidates": [1, 2, 3, 4, 5], "messages": [[4, 5, 45, "vote"]]},
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (TORN, NEVER_HOME)
