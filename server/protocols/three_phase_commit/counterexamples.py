"""Where agreement breaks: under a partition, by messages that are only late, and with a rule off.

The first two break it with every rule on, for three-phase commit does not promise it then. The first was found by the
fuzzer, among partitions alone, and shrunk (`exploration.shrink`) from eight commands to the one that it takes.
"""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Link, Recording, Returned, Run
from ...simulation.commands import Crash, Heal, Partition, Restart, SetLink
from ..bankscripts import BY_HAND, SLOW, answers, bank, put, states, who
from ..commitment import CommitDecided, ToldToCommitAborted
from ..transactions import ABORTED, COMMITTED
from .indications import AbortBecauseAllDoubt, DecidedAlone, PreCommitting, WentOnWithoutAcks

# A partition: found by the fuzzer, and shrunk


def write_partition_disagrees(script: Script) -> None:
    script.at(188_109)
    script.give(Partition((("n1", "c2"), ("n2", "n3", "n4", "c1"))))


def sides_disagree(run: Run) -> bool:
    """Of some transaction one side says committed, and the other aborted."""
    tables = [bank(run, node).transactions for node in run.cluster.nodes]
    committed = {t for table in tables for t, part in table.items() if part.state == COMMITTED}
    aborted = {t for table in tables for t, part in table.items() if part.state == ABORTED}
    return bool(committed & aborted) and bool(who(run, WentOnWithoutAcks))


# The same by hand, with an end: no message can mend it


def write_no_mending(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(PreCommitting)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4"))))
    script.until(AbortBecauseAllDoubt)
    script.wait(100_000)
    script.give(Heal())
    script.wait(100_000)
    put(script, "c1", "y", 2)
    script.until(Returned, "c1")


def stays_so(run: Run) -> bool:
    """x is 1 at n2 and nowhere else, although all are together again and agree on y."""
    data = [bank(run, node).data for node in ("n2", "n3", "n4")]
    return (
        states(run, "c1.1") == [COMMITTED, COMMITTED, ABORTED, ABORTED]
        and answers(run) == {"c1.1": OK, "c1.2": OK}
        and data == [{"x": 1, "y": 2}, {"y": 2}, {"y": 2}]
    )


# Late, not lost


def write_late_coordinator(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(PreCommitting)
    for node in ("n2", "n3", "n4"):
        script.give(SetLink("n1", node, low=600_000, high=600_000))


def late_one_committed(run: Run) -> bool:
    """Every message of n1 arrived, and too late: the others had taken it for crashed."""
    return (
        who(run, AbortBecauseAllDoubt) == ["n2"]
        and who(run, CommitDecided) == ["n1"]
        and {event.host for event, _ in told(run, ToldToCommitAborted)} == {"n2", "n3", "n4"}
        and states(run, "c1.1") == [COMMITTED, ABORTED, ABORTED, ABORTED]
    )


# Without the phase in between


def write_two_phases(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(CommitDecided)
    script.give(Crash("n1"))
    script.until(AbortBecauseAllDoubt)
    script.wait(200_000)
    script.give(Restart("n1"))


def decided_twice(run: Run) -> bool:
    """n1 had committed; the others were in doubt, and aborted."""
    return (
        who(run, CommitDecided) == ["n1"]
        and who(run, AbortBecauseAllDoubt) == ["n2"]
        and states(run, "c1.1") == [COMMITTED, ABORTED, ABORTED, ABORTED]
    )


# Back from a crash, and not asking


def write_not_asking(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(PreCommitting)
    script.give(Crash("n4"))
    script.wait(150_000)
    script.give(Restart("n4"))


def one_went_its_own_way(run: Run) -> bool:
    """All have committed but n4, which aborted when it was back."""
    return (
        [event.host for event, _ in told(run, DecidedAlone)] == ["n4"]
        and states(run, "c1.1") == [COMMITTED, COMMITTED, COMMITTED, ABORTED]
    )  # fmt: skip


PARTITION_DISAGREES = Scenario(
    name="partition_disagrees",
    title=N_("A partition makes them disagree"),
    text=N_("Found by the fuzzer, and shrunk to a single act: a partition, at the wrong moment. Every rule is on."),
    outcome=N_("Each side takes the other for crashed and finishes alone: one commits, the other aborts. Agreement breaks."),
    setup=Recording(
        "three_phase_commit", nodes=4, clients=2, seed=45, link=Link(low=5_000, high=15_000),
        params={"think_time": 100_000, "client_timeout": 1_000_000, "client_attempts": 3, "unwilling": 0},
    ),
    write=write_partition_disagrees,
    judge=sides_disagree,
    until=700_000,
    ratio=40,
    breaks=("agreement", "truthful_answers"),
    picture={
        "nodes": 4, "leader": [1, 2], "groups": [[1], [2, 3, 4]],
        "messages": [[2, 3, 60, "control"], [2, 4, 45, "control"]],
    },
)  # fmt: skip

NO_MENDING = Scenario(
    name="no_mending",
    title=N_("Healed, and still different"),
    text=N_("A partition stands while the coordinator pre-commits. Then it is healed, and another transaction follows."),
    outcome=N_("They agree on the second, and not on the first: what one side committed, the other lacks for good."),
    setup=Recording("three_phase_commit", nodes=4, params=BY_HAND, seed=10, link=SLOW),
    write=write_no_mending,
    judge=stays_so,
    until=1_500_000,
    ratio=25,
    breaks=("agreement",),
    picture={
        "nodes": 4, "leader": 1, "candidates": [3, 4], "groups": [[1, 2], [3, 4]],
        "messages": [[1, 2, 60, "append"], [3, 4, 45, "control"]],
    },
)  # fmt: skip

LATE_COORDINATOR = Scenario(
    name="late_coordinator",
    title=N_("Late is not lost, and not crashed"),
    text=N_("What the coordinator sends takes 600 ms from now on, longer than the others wait. They take it for crashed."),
    outcome=N_("They abort; it goes on and commits. No message was lost and nobody crashed, and still Agreement breaks."),
    setup=Recording("three_phase_commit", nodes=4, params=BY_HAND, seed=11, link=SLOW),
    write=write_late_coordinator,
    judge=late_one_committed,
    until=1_500_000,
    ratio=25,
    breaks=("agreement",),
    picture={
        "nodes": 4, "leader": 2, "candidates": [3, 4],
        "messages": [[1, 2, 30, "append"], [1, 3, 25, "append"], [2, 3, 60, "control"]],
    },
)  # fmt: skip

TWO_PHASES = Scenario(
    name="without_precommit",
    title=N_("Without the phase in between"),
    text=N_("The coordinator commits as soon as it has the votes, and crashes. The others end their doubt all the same."),
    outcome=N_("They abort what it has committed: without the pre-commit, to be in doubt tells nothing. Agreement breaks."),
    setup=Recording(
        "three_phase_commit", nodes=4, params=BY_HAND, rules={"precommit_first": False}, seed=12, link=SLOW
    ),
    write=write_two_phases,
    judge=decided_twice,
    until=1_500_000,
    ratio=25,
    breaks=("agreement", "truthful_answers"),
    picture={
        "nodes": 4, "leader": 2, "down": [1], "candidates": [3, 4],
        "messages": [[2, 3, 45, "control"], [2, 4, 60, "control"]],
    },
)  # fmt: skip

NOT_ASKING = Scenario(
    name="not_asking",
    title=N_("Back from a crash, and not asking"),
    text=N_("A participant crashes after its yes. When it is back it aborts, instead of asking how it ended."),
    outcome=N_("The others had gone on without it, as they may, and have committed: Agreement breaks."),
    setup=Recording(
        "three_phase_commit", nodes=4, params=BY_HAND, rules={"ask_after_crash": False}, seed=13, link=SLOW
    ),
    write=write_not_asking,
    judge=one_went_its_own_way,
    until=800_000,
    ratio=30,
    breaks=("agreement",),
    picture={"nodes": 4, "leader": 1, "down": [4], "messages": [[1, 2, 60, "append"], [1, 3, 45, "append"]]},
)

COUNTEREXAMPLES = (PARTITION_DISAGREES, NO_MENDING, LATE_COORDINATOR, TWO_PHASES, NOT_ASKING)
