"""The challenge of three-phase commit: it does not block, and for that it can be made to disagree."""

from __future__ import annotations

from functools import cache

from ...lessons import MIDDLE, Broken, Challenge, Script
from ...simulation import N_, Recording
from ...simulation.commands import Partition
from ..bankscripts import BY_HAND, SLOW, put
from .indications import AbortBecauseAllDoubt, PreCommitting


def write_disagree(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(PreCommitting)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4"))))
    script.until(AbortBecauseAllDoubt)


DISAGREE = Challenge(
    name="three_phase_disagrees",
    title=N_("Make three-phase commit disagree"),
    text=N_("Have one side commit what the other side aborts. You have one transaction and one partition."),
    won=N_("Each side takes the other for crashed. That nobody is in doubt for long is paid for with this."),
    setup=Recording("three_phase_commit", nodes=4, clients=1, params=BY_HAND, seed=10, link=SLOW),
    goal=Broken("agreement"),
    allowed={"request": 1, "partition": 1},
    span=5_000_000,
    write=write_disagree,
    hints=(
        N_("A participant that hears nothing more goes by the state that it is in, and by those that it can ask."),
        N_("One side must have heard that all will commit, and the other side must not."),
        N_("Put up the partition while the pre-commit messages fly, so that some of them do not arrive."),
    ),
    rules=("unanimous", "precommit_first", "look_for_precommit", "ask_after_crash"),
    level=MIDDLE,
    ratio=10,
    picture={
        "nodes": 4, "leader": 1, "candidates": [3, 4], "groups": [[1, 2], [3, 4]],
        "messages": [[1, 2, 60, "append"], [3, 4, 45, "control"]],
    },
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (DISAGREE,)
