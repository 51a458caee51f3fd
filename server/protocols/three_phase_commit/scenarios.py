"""The scenarios of three-phase commit: crashes that do not block it, wherever they come.

Those in which agreement breaks, with a rule off or under a partition, are in `counterexamples.py`.
"""

from __future__ import annotations

from functools import cache

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Recording, Run
from ...simulation.commands import Crash, Restart
from ..bankscripts import BY_HAND, SLOW, answers, balances, bank, put, states, transfer, until_sent, who
from ..commitment import CommitDecided, CommitLearned, VotedYes
from ..transactions import ABORTED, COMMITTED
from .indications import (
    AbortBecauseAllDoubt,
    AsksAfterCrash,
    CommitBecausePreCommitted,
    CoordinatorSuspected,
    PreCommitFirst,
    PreCommitted,
    PreCommitting,
    TerminationBegun,
    TotalFailure,
)
from .messages import PreCommit

# The coordinator crashes with the decision on its disk: the others go on


def write_not_blocked(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(CommitDecided)
    script.give(Crash("n1"))
    script.until(CommitLearned, "n4")
    script.wait(150_000)
    script.give(Restart("n1"))


def was_not_blocked(run: Run) -> bool:
    """n2 has finished it, all have committed before n1 was back, and the client has its answer."""
    back = next((given.time for given in run.given if isinstance(given.command, Restart)), 0)
    learned = [event.time for event, _ in told(run, CommitLearned) if event.host in ("n3", "n4")]
    return (
        who(run, TerminationBegun) == ["n2"]
        and who(run, CommitBecausePreCommitted) == ["n2"]
        and len(learned) == 2
        and max(learned) < back
        and states(run, "c1.1") == [COMMITTED] * 4
        and answers(run) == {"c1.1": OK}
    )


# It crashes when it has all votes: nobody is pre-committed


def write_crash_with_votes(script: Script) -> None:
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 30)
    script.until(PreCommitting)
    script.give(Crash("n1"))
    script.until(AbortBecauseAllDoubt)
    script.wait(200_000)
    script.give(Restart("n1"))


def doubt_was_ended(run: Run) -> bool:
    """All had voted yes, all were in doubt, so nobody can have committed: n2 aborts, and n1 learns of it."""
    return (
        len(list(told(run, VotedYes))) == 2
        and who(run, AbortBecauseAllDoubt) == ["n2"]
        and who(run, AsksAfterCrash) == ["n1"]
        and states(run, "c1.1") == [ABORTED, ABORTED, ABORTED, None]
        and balances(run) == [100, 100, 100]
        and bank(run, "n2").locks == {}
    )


# It crashes when it has told some: those who know let the others know


def write_crash_amid(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    until_sent(script, PreCommit, "n2")
    script.give(Crash("n1"))
    script.until(PreCommitFirst)


def doubting_were_told(run: Run) -> bool:
    """n2 alone was pre-committed, pre-committed n3 and n4, and committed."""
    first = [(event.host, p.src) for event, p in told(run, PreCommitted)]
    return (
        not run.cluster.hosts["n1"].up
        and first[0] == ("n2", "n1")
        and sorted(first[1:]) == [("n3", "n2"), ("n4", "n2")]
        and states(run, "c1.1")[1:] == [COMMITTED] * 3
        and answers(run) == {"c1.1": OK}
    )


# The next coordinator crashes too


def write_one_after_another(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(CommitDecided)
    script.give(Crash("n1"))
    script.until(TerminationBegun, "n2")
    script.wait(5_000)
    script.give(Crash("n2"))
    script.until(TerminationBegun, "n3")


def third_finished(run: Run) -> bool:
    """Two coordinators are down, and the third in line has committed with the fourth."""
    return (
        [run.cluster.hosts[node].up for node in run.cluster.nodes] == [False, False, True, True]
        and who(run, TerminationBegun) == ["n2", "n3"]
        and ("n4", "n2", "n3") in [(e.host, s.coordinator, s.next) for e, s in told(run, CoordinatorSuspected)]
        and states(run, "c1.1")[2:] == [COMMITTED, COMMITTED]
        and answers(run) == {"c1.1": OK}
    )


# All crash


def write_all_crash(script: Script) -> None:
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 30)
    script.until(VotedYes, count=2)
    for node in ("n1", "n2", "n3"):
        script.give(Crash(node))
    script.wait(200_000)
    script.give(Restart("n2"))
    script.wait(300_000)
    script.give(Restart("n3"))
    script.wait(500_000)
    script.give(Restart("n1"))


def waited_for_all(run: Run) -> bool:
    """Nobody decided before the last was back; then it is aborted everywhere."""
    back = [given.time for given in run.given if isinstance(given.command, Restart)]
    decided = [event.time for event, _ in told(run, TotalFailure)]
    return (
        len(back) == 3
        and bool(decided)
        and min(decided) > back[-1]
        and states(run, "c1.1")[:3] == [ABORTED] * 3
        and balances(run) == [100, 100, 100]
    )


NOT_BLOCKED = Scenario(
    name="not_blocked",
    title=N_("Three-phase commit does not block"),
    text=N_("The coordinator crashes with the decision on its disk, before anybody hears of it. Here two-phase commit blocks."),
    outcome=N_("All that are up know that all have voted yes. The next in line takes over, and they commit without it."),
    setup=Recording("three_phase_commit", nodes=4, params=BY_HAND, seed=6, link=SLOW),
    write=write_not_blocked,
    judge=was_not_blocked,
    until=1_300_000,
    ratio=30,
    picture={
        "nodes": 4, "leader": 2, "down": [1],
        "messages": [[2, 3, 40, "control"], [2, 4, 45, "control"], [3, 2, 70, "control"]],
    },
)  # fmt: skip

CRASH_WITH_VOTES = Scenario(
    name="crash_with_all_votes_in_three",
    title=N_("A crash with all votes, in three phases"),
    text=N_("All have voted yes, and the coordinator crashes before it has told anybody so."),
    outcome=N_("All who are up are in doubt, so nobody can have committed. They abort, and the coordinator learns it later."),
    setup=Recording("three_phase_commit", nodes=4, params=BY_HAND, seed=5, link=SLOW),
    write=write_crash_with_votes,
    judge=doubt_was_ended,
    until=1_300_000,
    ratio=25,
    picture={
        "nodes": 4, "leader": 2, "down": [1], "candidates": [3], "messages": [[2, 3, 45, "control"], [3, 2, 55, "control"]],
    },
)  # fmt: skip

CRASH_AMID = Scenario(
    name="crash_amid_precommit",
    title=N_("A crash when some are pre-committed"),
    text=N_("The coordinator crashes when it has told one of three that all have voted yes."),
    outcome=N_("That one takes over, lets the two others know first, and then they commit."),
    setup=Recording("three_phase_commit", nodes=4, params=BY_HAND, seed=7, link=SLOW),
    write=write_crash_amid,
    judge=doubting_were_told,
    until=1_200_000,
    ratio=30,
    picture={
        "nodes": 4, "leader": 2, "down": [1], "candidates": [3, 4], "messages": [[2, 3, 60, "append"], [2, 4, 45, "append"]],
    },
)  # fmt: skip

ONE_AFTER_ANOTHER = Scenario(
    name="one_after_another",
    title=N_("One coordinator after another"),
    text=N_("The coordinator crashes, and the one that takes over crashes as well."),
    outcome=N_("The third in line asks again, and finishes the transaction with who is left."),
    setup=Recording("three_phase_commit", nodes=4, params=BY_HAND, seed=8, link=SLOW),
    write=write_one_after_another,
    judge=third_finished,
    until=1_600_000,
    ratio=25,
    picture={"nodes": 4, "leader": 3, "down": [1, 2], "messages": [[3, 4, 45, "control"], [4, 3, 60, "control"]]},
)

ALL_CRASH = Scenario(
    name="all_crash",
    title=N_("All of them crash"),
    text=N_("Everybody whom the transaction concerns crashes in the middle of it. They come back one by one."),
    outcome=N_(
        "Even three phases wait now: only when the last is back is it known that nobody has decided, and they abort."
    ),
    setup=Recording("three_phase_commit", nodes=4, params=BY_HAND, seed=9, link=SLOW),
    write=write_all_crash,
    judge=waited_for_all,
    until=2_000_000,
    ratio=25,
    picture={"nodes": 4, "down": [1, 3], "candidates": [2], "messages": [[2, 1, 45, "control"], [2, 3, 60, "control"]]},
)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    from .counterexamples import COUNTEREXAMPLES  # it uses what stands above

    return (NOT_BLOCKED, CRASH_WITH_VOTES, CRASH_AMID, ONE_AFTER_ANOTHER, ALL_CRASH, *COUNTEREXAMPLES)
