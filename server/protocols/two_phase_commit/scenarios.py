"""The scenarios of two-phase commit: votes, locks, and the coordinator's crash at each of the points that matter.

Those with a rule off, which show what the rule was for, are in `counterexamples.py`.
"""

from __future__ import annotations

from functools import cache

from ...lessons import Scenario, Script, told
from ...simulation import FAILED, N_, OK, Recording, Returned, Run
from ...simulation.commands import Crash, Restart
from ..bankscripts import BY_HAND, SLOW, answers, balances, bank, put, states, transfer, until_sent
from ..commitment import CommitDecided, CommitLearned, TransactionBegun, VotedNoBalance, VotedNoLocked, VotedYes
from ..transactions import ABORTED, COMMITTED, IN_DOUBT
from .indications import (
    AbortsForPeer,
    CannotHelp,
    CommitBeingWritten,
    CommitKnown,
    CommitToldAfterRestart,
    InDoubt,
    PresumedAbort,
)
from .messages import Commit, Prepare

ASKING_AGAIN = {**BY_HAND, "client_timeout": 400_000, "client_attempts": 100}
"""Clients that ask again, so that they hear the end after the coordinator was away."""


# Looking at a run


def time_of(run: Run, indication: type, host: str | None = None) -> int:
    """When this was told last (µs), or -1."""
    return max((event.time for event, _ in told(run, indication) if host in (None, event.host)), default=-1)


# Several transactions, and participants that say no


def write_votes(script: Script) -> None:
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 30)
    script.wait(5_000)
    transfer(script, "c2", "n2", "n4", 30)
    script.until(Returned, count=2)
    script.wait(100_000)
    transfer(script, "c1", "n4", "n3", 500)
    script.wait(5_000)
    put(script, "c2", "x", 7)


def votes_decided(run: Run) -> bool:
    """The second transfer met a lock, the third an account with too little; the write went everywhere."""
    locked = [(event.host, no.holder) for event, no in told(run, VotedNoLocked)]
    poor = [event.host for event, _ in told(run, VotedNoBalance)]
    return (
        locked == [("n2", "c1.1")]
        and poor == ["n4"]
        and answers(run) == {"c1.1": OK, "c2.1": FAILED, "c1.2": FAILED, "c2.2": OK}
        and balances(run) == [70, 130, 100]
        and all(bank(run, node).data == {"x": 7} for node in run.cluster.nodes[1:])
    )


# Crashes before the votes are in: nobody can have committed


def write_crash_before_votes(script: Script) -> None:
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 30)
    script.until(TransactionBegun)
    script.give(Crash("n1"))
    script.wait(100_000)
    script.give(Restart("n1"))
    script.until(Returned)
    script.wait(100_000)
    put(script, "c1", "x", 1)
    until_sent(script, Prepare, "n2")
    script.give(Crash("n1"))
    script.until(InDoubt, "n2")
    script.wait(200_000)
    script.give(Restart("n1"))


def presumed_twice(run: Run) -> bool:
    """Nobody heard of the first; only n2 of the second, which stays in doubt until abort is presumed."""
    doubts = {event.host for event, _ in told(run, VotedYes)}
    return (
        doubts == {"n2"}
        and [event.host for event, _ in told(run, PresumedAbort)] == ["n1"]
        and answers(run) == {"c1.1": FAILED, "c1.2": FAILED}
        and states(run, "c1.2")[1:] == [ABORTED, None, None]
        and bank(run, "n2").locks == {}
    )


# A crash with all votes in hand


def write_crash_with_votes(script: Script) -> None:
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 30)
    script.until(CommitBeingWritten)
    script.give(Crash("n1"))
    script.until(InDoubt, count=2)
    script.wait(400_000)
    script.give(Restart("n1"))


def votes_were_lost(run: Run) -> bool:
    """All had voted yes, and still it is aborted: the decision had not reached the disk."""
    return (
        len(list(told(run, VotedYes))) == 2
        and not list(told(run, CommitDecided))
        and len(list(told(run, PresumedAbort))) == 2
        and answers(run) == {"c1.1": FAILED}
        and balances(run) == [100, 100, 100]
    )


# A crash with the decision on disk: two-phase commit blocks


def write_blocked(script: Script) -> None:
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 30)
    script.until(CommitDecided)
    script.give(Crash("n1"))
    script.until(InDoubt, count=2)
    script.wait(1_000_000)
    script.give(Restart("n1"))


def was_blocked(run: Run) -> bool:
    """Both were in doubt with their locks for more than a second, and committed when the coordinator was back."""
    decided, back = time_of(run, CommitDecided), time_of(run, CommitToldAfterRestart)
    held = [bank(run, node).locks for node in ("n2", "n3")]
    return (
        0 < decided < back - 1_000_000
        and {event.host for event, _ in told(run, InDoubt)} == {"n2", "n3"}
        and states(run, "c1.1") == [COMMITTED, COMMITTED, COMMITTED, None]
        and answers(run) == {"c1.1": OK}
        and balances(run) == [70, 130, 100]
        and held == [{}, {}]
    )


# Asking the other participants


def write_some_told(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(CommitDecided)
    until_sent(script, Commit, "n2")
    script.give(Crash("n1"))
    script.until(InDoubt, count=2)


def peers_helped(run: Run) -> bool:
    """The coordinator is still down; n2 was told, and told the two others."""
    helped = {known.src for event, known in told(run, CommitKnown) if event.host == "n2"}
    return (
        not run.cluster.hosts["n1"].up
        and helped == {"n3", "n4"}
        and states(run, "c1.1")[1:] == [COMMITTED] * 3
        and all(bank(run, node).data == {"x": 1} for node in ("n2", "n3", "n4"))
    )


def write_told_one_crashed(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(CommitDecided)
    until_sent(script, Commit, "n2")
    script.give(Crash("n1"))
    script.until(CommitLearned, "n2")
    script.give(Crash("n2"))
    script.until(CannotHelp, count=2)
    script.wait(700_000)
    script.give(Restart("n2"))


def waited_for_who_knows(run: Run) -> bool:
    """n3 and n4 could not help each other as long as nobody was up who knew; n2 told them, without the coordinator."""
    back = max((given.time for given in run.given if isinstance(given.command, Restart)), default=0)
    helped = {(event.host, known.src) for event, known in told(run, CommitKnown)}
    ended = [event.time for event, _ in told(run, CommitLearned) if event.host in {"n3", "n4"}]
    return (
        {event.host for event, _ in told(run, InDoubt)} == {"n3", "n4"}
        and helped == {("n2", "n3"), ("n2", "n4")}
        and len(ended) == 2
        and min(ended) > back
        and states(run, "c1.1")[1:] == [COMMITTED] * 3
    )


def write_all_in_doubt(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    until_sent(script, Prepare, "n3")
    script.give(Crash("n1"))
    script.until(AbortsForPeer)
    script.wait(300_000)
    script.give(Restart("n1"))
    script.wait(200_000)
    transfer(script, "c2", "n2", "n3", 30)
    script.until(CommitDecided)
    script.give(Crash("n1"))
    script.until(CannotHelp, count=2)
    script.wait(300_000)


def help_has_an_end(run: Run) -> bool:
    """One that had not voted freed the others; where all have voted, none can help, and they wait."""
    return (
        {event.host for event, _ in told(run, AbortsForPeer)} == {"n4"}
        and states(run, "c1.1")[1:3] == [ABORTED, ABORTED]
        and states(run, "c2.1")[1:3] == [IN_DOUBT, IN_DOUBT]
        and bank(run, "n2").locks == {"n2": "c2.1"}
    )


VOTES = Scenario(
    name="votes_yes_and_no",
    title=N_("Votes: yes and no"),
    text=N_("Two clients move money out of the same account at once. Then one wants more than there is, and one writes a key."),
    outcome=N_("A lock and an empty account are each a no, and one no aborts; what all agree to is done everywhere."),
    setup=Recording("two_phase_commit", nodes=4, clients=2, params=BY_HAND, seed=3, link=SLOW),
    write=write_votes,
    judge=votes_decided,
    until=900_000,
    ratio=30,
    picture={
        "nodes": 4, "leader": 1, "messages": [[2, 1, 60, "vote"], [3, 1, 40, "vote"], [1, 4, 55, "control"]],
    },
)  # fmt: skip

CRASH_BEFORE_VOTES = Scenario(
    name="crash_before_votes",
    title=N_("A crash before the votes"),
    text=N_("The coordinator crashes before it asks anybody, and the next time when it has asked one of three."),
    outcome=N_("It knows nothing of either when it is back, so both are aborted: abort is presumed."),
    setup=Recording("two_phase_commit", nodes=4, params=ASKING_AGAIN, seed=4, link=SLOW),
    write=write_crash_before_votes,
    judge=presumed_twice,
    until=2_400_000,
    ratio=20,
    picture={"nodes": 4, "down": [1], "candidates": [2], "messages": [[2, 1, 55, "control"]]},
)

CRASH_WITH_VOTES = Scenario(
    name="crash_with_all_votes",
    title=N_("A crash with all votes in hand"),
    text=N_("All have voted yes. The coordinator crashes while its disk writes the commit record."),
    outcome=N_("Without the record there is no decision: both participants wait in doubt, and abort when it is back."),
    setup=Recording("two_phase_commit", nodes=4, params=ASKING_AGAIN, seed=5, link=SLOW),
    write=write_crash_with_votes,
    judge=votes_were_lost,
    until=1_500_000,
    ratio=20,
    picture={"nodes": 4, "down": [1], "candidates": [2, 3], "messages": [[2, 1, 45, "control"], [3, 1, 60, "control"]]},
)

BLOCKED = Scenario(
    name="blocked",
    title=N_("Two-phase commit blocks"),
    text=N_(
        "The commit record is on the coordinator's disk. It crashes before it tells anybody, and stays away for a second."
    ),
    outcome=N_(
        "The participants can neither commit nor abort, and their locks stay, until the coordinator is back and tells."
    ),
    setup=Recording("two_phase_commit", nodes=4, params=ASKING_AGAIN, seed=6, link=SLOW),
    write=write_blocked,
    judge=was_blocked,
    until=2_400_000,
    ratio=20,
    picture={"nodes": 4, "down": [1], "candidates": [2, 3], "messages": [[2, 1, 70, "control"], [3, 1, 30, "control"]]},
)

SOME_TOLD = Scenario(
    name="some_were_told",
    title=N_("A crash after some were told"),
    text=N_("The coordinator crashes when it has told one of three. Participants in doubt ask one another here."),
    outcome=N_("The one that was told tells the two others, and all commit without the coordinator."),
    setup=Recording("two_phase_commit", nodes=4, params={**BY_HAND, "cooperative": True}, seed=7, link=SLOW),
    write=write_some_told,
    judge=peers_helped,
    until=1_000_000,
    ratio=30,
    picture={
        "nodes": 4, "down": [1], "candidates": [3, 4],
        "messages": [[3, 2, 60, "control"], [4, 2, 45, "control"], [2, 3, 30, "append"]],
    },
)  # fmt: skip

TOLD_ONE_CRASHED = Scenario(
    name="told_one_and_both_crash",
    title=N_("Who knows is down"),
    text=N_("The coordinator tells one of three and crashes; the one that was told has committed, and crashes too."),
    outcome=N_("The two in doubt ask each other in vain. To abort would be wrong; they wait until somebody who knows is back."),
    setup=Recording("two_phase_commit", nodes=4, params={**BY_HAND, "cooperative": True}, seed=7, link=SLOW),
    write=write_told_one_crashed,
    judge=waited_for_who_knows,
    until=2_000_000,
    ratio=20,
    picture={
        "nodes": 4, "down": [1, 2], "candidates": [3, 4], "messages": [[3, 4, 60, "control"], [4, 3, 45, "control"]],
    },
)  # fmt: skip

NO_HELP = Scenario(
    name="help_has_an_end",
    title=N_("What participants can do for one another"),
    text=N_("Participants in doubt ask one another: first one of them has not voted yet, then all have voted yes."),
    outcome=N_("Who has not voted can abort and so free the others. Where all have voted yes they block all the same."),
    setup=Recording("two_phase_commit", nodes=4, clients=2, params={**BY_HAND, "cooperative": True}, seed=8, link=SLOW),
    write=write_all_in_doubt,
    judge=help_has_an_end,
    until=2_600_000,
    ratio=20,
    picture={
        "nodes": 4, "down": [1], "candidates": [2, 3], "messages": [[2, 3, 40, "control"], [3, 2, 40, "control"]],
    },
)  # fmt: skip


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    from .counterexamples import COUNTEREXAMPLES  # it uses what stands above

    return (
        VOTES,
        CRASH_BEFORE_VOTES,
        CRASH_WITH_VOTES,
        BLOCKED,
        SOME_TOLD,
        TOLD_ONE_CRASHED,
        NO_HELP,
        *COUNTEREXAMPLES,
    )
