"""The challenges of two-phase commit: it blocks by one crash, and nothing makes it disagree."""

from __future__ import annotations

from functools import cache

from ...lessons import EASY, HARD, NOBODY_CRASHES, Broken, Challenge, Impossible, Lasting, Script
from ...simulation import N_, Recording
from ...simulation.commands import Crash, Partition
from ..bankscripts import BY_HAND, SLOW, put, transfer
from ..commitment import AbortLearned, CommitDecided, CommitLearned, VotedYes
from .indications import AbortsForPeer, DecidedAlone

FIVE_SECONDS = 5_000_000


def write_block(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(VotedYes, count=3)
    script.give(Crash("n1"))
    script.wait(FIVE_SECONDS)


def write_told_half(script: Script) -> None:
    """The word of the decision reaches n2, and never n3, which loses patience and decides by itself."""
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 30)
    script.until(CommitDecided)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4", "c2"))))
    script.wait(700_000)


BLOCK = Challenge(
    name="block_for_five_seconds",
    title=N_("Locked for five seconds"),
    text=N_(
        "Have a participant wait in doubt for five seconds, with its locks held. You may crash one node, and it stays down."
    ),
    won=N_("Who has voted yes may not decide alone, and whoever knows the decision is down: two-phase commit blocks."),
    setup=Recording("two_phase_commit", nodes=4, clients=1, params=BY_HAND, seed=9, link=SLOW),
    goal=Lasting(VotedYes, (CommitLearned, AbortLearned, AbortsForPeer, DecidedAlone), FIVE_SECONDS),
    allowed={"request": 2, "crash": 1},
    span=9_000_000,
    write=write_block,
    hints=(
        N_("Begin a transaction with a client request, and go on event by event."),
        N_("Between its yes and the decision a participant may neither commit nor abort. Who brings the decision?"),
        N_("Crash the coordinator n1 when the participants have voted, and before it has told anybody."),
    ),
    rules=("unanimous", "hold_locks", "wait_in_doubt", "look_first"),
    level=EASY,
    ratio=5,
    picture={
        "nodes": 4, "down": [1], "candidates": [2, 3, 4], "messages": [[2, 3, 45, "control"], [4, 1, 40, "control"]],
    },
)  # fmt: skip

DISAGREE = Challenge(
    name="two_phase_disagrees",
    title=N_("Half a transaction"),
    text=N_(
        "Have one node commit a transaction that another one aborts. Messages may be late, lost or doubled, links cut and "
        "nodes held up; nobody crashes."
    ),
    won=N_("Who loses patience in doubt guesses; and it may guess wrong."),
    setup=Recording("two_phase_commit", nodes=4, clients=2, params=BY_HAND, seed=3, link=SLOW),
    goal=Broken("agreement"),
    allowed=dict.fromkeys(("request", *NOBODY_CRASHES)),
    span=20_000_000,
    write=write_told_half,
    hints=(
        N_("Only the coordinator decides. Can the word of its decision reach one participant and not another?"),
        N_("It can. What does the other one do in the meantime, and for how long?"),
    ),
    rules=("force_prepared", "hold_locks", "force_decision", "wait_in_doubt"),
    level=HARD,
    impossible=Impossible(
        rule="wait_in_doubt",
        why=N_(
            "One node decides, once, and has it on disk before it tells anybody. Who has voted yes waits for that word, "
            "however long it takes, so nobody can come to another end. What is paid for it is blocking."
        ),
        cites="BHG §7.4",
    ),
    picture={"nodes": 4, "groups": [[1, 2], [3, 4]], "candidates": [3], "messages": [[1, 2, 70, "append"]]},
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (BLOCK, DISAGREE)
