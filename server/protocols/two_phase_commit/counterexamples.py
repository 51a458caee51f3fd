"""What a rule was for: scenarios in which it is off, and the property that breaks."""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Recording, Run
from ...simulation.commands import Crash, Restart
from ..bankscripts import BY_HAND, SLOW, answers, balances, bank, put, states, transfer, until_sent
from ..commitment import CommitDecided, CommitUnforced, VotedYes, VotedYesUnforced, WorkLost
from ..transactions import ABORTED, COMMITTED
from .indications import DecidedAlone, InDoubt, PresumedUnforced
from .messages import Commit

# In doubt, and deciding alone


def write_decided_alone(script: Script) -> None:
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 30)
    script.until(CommitDecided)
    until_sent(script, Commit, "n2")
    script.give(Crash("n1"))
    script.wait(700_000)
    script.give(Restart("n1"))


def half_was_done(run: Run) -> bool:
    """n2 has paid, and n3 has aborted what it should have got."""
    return (
        {event.host for event, _ in told(run, DecidedAlone)} == {"n3"}
        and states(run, "c1.1")[:3] == [COMMITTED, COMMITTED, ABORTED]
        and balances(run) == [70, 100, 100]
    )


# A yes that a crash takes back


def write_yes_forgotten(script: Script) -> None:
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 30)
    script.until(VotedYesUnforced, "n3")
    script.wait(10_000)
    script.give(Crash("n3"))
    script.wait(20_000)
    script.give(Restart("n3"))


def work_was_lost(run: Run) -> bool:
    """n3 had voted yes; told to commit, it knew nothing."""
    return (
        [event.host for event, _ in told(run, WorkLost)] == ["n3"]
        and answers(run) == {"c1.1": OK}
        and balances(run) == [70, 100, 100]
    )


# A decision that a crash takes back


def write_decision_forgotten(script: Script) -> None:
    script.at(100_000)
    put(script, "c1", "x", 1)
    script.until(CommitUnforced)
    until_sent(script, Commit, "n2")
    script.give(Crash("n1"))
    script.until(InDoubt, count=2)
    script.wait(100_000)
    script.give(Restart("n1"))


def decision_was_lost(run: Run) -> bool:
    """n2 was told to commit; to n3 and n4 the coordinator, back again, presumes abort."""
    return {presumed.src for _, presumed in told(run, PresumedUnforced)} == {"n3", "n4"} and states(run, "c1.1")[
        1:
    ] == [
        COMMITTED,
        ABORTED,
        ABORTED,
    ]


# Locks that are freed too early


def write_locks_freed(script: Script) -> None:
    script.at(100_000)
    transfer(script, "c1", "n2", "n3", 80)
    script.until(VotedYes, "n2")
    transfer(script, "c2", "n2", "n4", 80)


def account_was_overdrawn(run: Run) -> bool:
    """Both transfers of 80 were taken from the 100 of n2."""
    return answers(run) == {"c1.1": OK, "c2.1": OK} and bank(run, "n2").balance == -60


DECIDED_ALONE = Scenario(
    name="decided_alone",
    title=N_("In doubt, and deciding alone"),
    text=N_(
        "A participant in doubt loses patience and aborts. The coordinator had decided to commit, and had told another."
    ),
    outcome=N_("The money has left one account and never comes to the other: Agreement breaks."),
    setup=Recording("two_phase_commit", nodes=4, params=BY_HAND, rules={"wait_in_doubt": False}, seed=3, link=SLOW),
    write=write_decided_alone,
    judge=half_was_done,
    until=1_400_000,
    ratio=20,
    breaks=("agreement", "money_kept"),
    picture={"nodes": 4, "down": [1], "candidates": [3], "messages": [[1, 2, 70, "append"]]},
)

YES_FORGOTTEN = Scenario(
    name="yes_forgotten",
    title=N_("A yes that a crash takes back"),
    text=N_("The prepared record is not forced before the vote. A participant votes yes, crashes, and is back."),
    outcome=N_("It is told to commit and has no record of it: the money is gone, and Agreement breaks."),
    setup=Recording("two_phase_commit", nodes=4, params=BY_HAND, rules={"force_prepared": False}, seed=4, link=SLOW),
    write=write_yes_forgotten,
    judge=work_was_lost,
    until=600_000,
    ratio=30,
    breaks=("agreement", "money_kept"),
    picture={"nodes": 4, "leader": 1, "down": [3], "messages": [[3, 1, 55, "vote"], [2, 1, 70, "vote"]]},
)

DECISION_FORGOTTEN = Scenario(
    name="decision_forgotten",
    title=N_("A decision that a crash takes back"),
    text=N_("The commit record is not forced before it is told. The coordinator tells one participant, crashes, and is back."),
    outcome=N_("It knows nothing and presumes abort, where one has committed: Agreement breaks."),
    setup=Recording(
        "two_phase_commit", nodes=4, params={**BY_HAND, "write_time": 20_000}, rules={"force_decision": False},
        seed=5, link=SLOW,
    ),
    write=write_decision_forgotten,
    judge=decision_was_lost,
    until=1_400_000,
    ratio=20,
    breaks=("agreement",),
    picture={
        "nodes": 4, "leader": 1, "candidates": [3, 4], "messages": [[3, 1, 45, "control"], [1, 4, 60, "control"]],
    },
)  # fmt: skip

LOCKS_FREED = Scenario(
    name="locks_freed",
    title=N_("Locks freed too early"),
    text=N_("The vote frees the locks. A second transfer finds the money still there that the first is about to take."),
    outcome=N_("Both commit, and the account is overdrawn: undecided transactions were not kept apart."),
    setup=Recording(
        "two_phase_commit", nodes=4, clients=2, params=BY_HAND, rules={"hold_locks": False}, seed=6, link=SLOW
    ),
    write=write_locks_freed,
    judge=account_was_overdrawn,
    until=500_000,
    ratio=40,
    breaks=("isolation", "no_overdraft"),
    picture={"nodes": 4, "leader": 1, "messages": [[2, 1, 30, "vote"], [2, 1, 65, "vote"], [1, 4, 45, "vote"]]},
)

COUNTEREXAMPLES = (DECIDED_ALONE, YES_FORGOTTEN, DECISION_FORGOTTEN, LOCKS_FREED)
