"""Figure 7 of the paper, its six logs brought to agree; and nine nodes in three groups of three."""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Returned, Run
from ...simulation.commands import Crash, FireTimer, Heal, Partition, Restart
from .counterexamples import ROUND_TRIP, campaign
from .indications import BecameCandidate, Elected, EntriesRemoved
from .scenarios import answered, leaders, log_of, logs_agree, put
from .state import ELECTION

BY_HAND = {
    "think_time": 0, "client_timeout": 80_000, "client_attempts": 1, "no_op": False,
    "election_low": 5_000_000, "election_high": 7_000_000,
}  # fmt: skip
"""Nothing happens that the script does not begin, and a client that has no answer soon gives up."""

AGREED = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8]
"""The log of the leader in the figure, and the entry that it takes in its own term."""


# Figure 7: (a) to (f) are n2 to n7, and the leader is n1


def elect(script: Script, node: str) -> None:
    """A node campaigns; what it sends when it is elected is still on its way."""
    script.give(FireTimer(node, ELECTION))
    script.until(Elected, node)


def entries(script: Script, leader: str, count: int) -> None:
    """The client writes so many times, each until it has an answer or gives up."""
    for _ in range(count):
        put(script, "c1", "x", script.run.head, leader)
        script.until(Returned, "c1")
    script.wait(ROUND_TRIP // 2)


def alone(script: Script, *groups: tuple[str, ...]) -> None:
    """The client is with the first group; who is in none is by himself."""
    named = [node for group in groups for node in group]
    rest = tuple((node,) for node in script.run.cluster.nodes if node not in named)
    script.give(Partition(((*groups[0], "c1"), *groups[1:], *rest)))


def write_figure_7(script: Script) -> None:
    script.at(20_000)
    campaign(script, "n1")
    entries(script, "n1", 3)
    script.wait(2 * ROUND_TRIP)
    for count in (3, 5):  # (f) leads terms 2 and 3, and reaches nobody
        if script.run.cluster.groups:
            script.give(Heal())
            script.give(Restart("n7"))
            script.wait(1_000)
        elect(script, "n7")
        alone(script, ("n7",))
        entries(script, "n7", count)
        script.give(Crash("n7"))
    # (e) leads term 4: the first entry reaches all, the second not (b), the others nobody.
    script.give(Heal())
    elect(script, "n6")
    entries(script, "n6", 1)
    alone(script, ("n1", "n2", "n4", "n5", "n6"))
    entries(script, "n6", 1)
    alone(script, ("n6",))
    entries(script, "n6", 2)
    script.give(Crash("n6"))
    # n1 leads term 5 without (b), (e) and (f).
    alone(script, ("n1", "n2", "n4", "n5"))
    elect(script, "n1")
    entries(script, "n1", 2)
    # (c) leads term 6: two entries reach (a), one more (d) and n1, the last nobody.
    elect(script, "n4")
    entries(script, "n4", 2)
    alone(script, ("n1", "n4", "n5"))
    entries(script, "n4", 1)
    alone(script, ("n4",))
    entries(script, "n4", 1)
    script.give(Crash("n4"))
    # (d) leads term 7, and reaches nobody.
    alone(script, ("n1", "n2", "n3", "n5"))
    elect(script, "n5")
    alone(script, ("n5",))
    entries(script, "n5", 2)
    script.give(Crash("n5"))
    # The moment of the figure: n1 comes to power in term 8.
    script.give(Heal())
    for node in ("n4", "n5", "n6", "n7"):
        script.give(Restart(node))
    script.wait(20_000)
    campaign(script, "n1")
    script.wait(150_000)
    put(script, "c1", "x", 0, "n1")


def figure_7_agrees(run: Run) -> bool:
    """(c) to (f) have lost what the figure shows beyond the leader's log, and all logs are the leader's."""
    removed: dict[str, list[int]] = {}
    for event, r in told(run, EntriesRemoved):
        removed.setdefault(str(event.host), []).append(r.count)
    return (
        removed == {"n4": [1], "n5": [2], "n6": [2], "n7": [8]}
        and logs_agree(run)
        and [entry.term for entry in log_of(run, "n1")] == AGREED
    )


# Three of nine in each group


GROUPS = (("n1", "n2", "n3"), ("n4", "n5", "n6"), ("n7", "n8", "n9"))


def write_three_groups(script: Script) -> None:
    script.at(20_000)
    script.give(Partition(GROUPS))
    script.until(BecameCandidate, count=8)
    script.give(Partition(((*GROUPS[0], *GROUPS[1]), GROUPS[2])))
    script.until(Elected)
    script.wait(100_000)
    put(script, "c1", "x", 1)
    script.until(Returned, "c1")


def two_groups_were_needed(run: Run) -> bool:
    """Nobody was elected before two groups had come together; then one of these, with at least five votes."""
    joined = max((given.time for given in run.given if isinstance(given.command, Partition)), default=0)
    elected = [(event.time, event.host, e.votes) for event, e in told(run, Elected)]
    return (
        bool(elected)
        and all(time > joined and host not in GROUPS[2] and votes >= 5 for time, host, votes in elected)
        and len(leaders(run)) == 1
        and answered(run, "c1") == [1]
    )


FIGURE_7 = Scenario(
    name="figure_7",
    title=N_("Figure 7: six logs that differ"),
    text=N_(
        "Leaders of seven terms crashed with entries that only some had. A leader comes to power in term 8; the logs of "
        "the other six lack entries of its own, have others, or both."
    ),
    outcome=N_("It overwrites nothing of its own and finds for each log where it agrees with it: all become the same."),
    setup=Recording("raft", nodes=7, clients=1, params=BY_HAND),
    write=write_figure_7,
    judge=figure_7_agrees,
    until=3_900_000,
    ratio=12,
    picture={
        "nodes": 7, "leader": 1, "terms": [8, 8, 8, 8, 8, 8, 8], "commit": 9,
        "logs": [
            AGREED[:10], [1, 1, 1, 4, 4, 5, 5, 6, 6], [1, 1, 1, 4], [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
            [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7], [1, 1, 1, 4, 4, 4, 4], [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
        ],
        "messages": [[1, 3, 45, "append"], [1, 7, 60, "append"]],
    },
)  # fmt: skip

THREE_GROUPS = Scenario(
    name="three_groups",
    title=N_("Three groups of three"),
    text=N_("Nine nodes, and walls between three groups of three. In each they ask for votes, term after term."),
    outcome=N_("Three of nine elect nobody. As soon as two groups are one, six of nine do, and a write is committed."),
    setup=Recording("raft", nodes=9, params={"think_time": 0, "client_attempts": 100}, seed=9),
    write=write_three_groups,
    judge=two_groups_were_needed,
    until=2_600_000,
    ratio=12,
    picture={
        "nodes": 9, "candidates": [2, 5, 8], "terms": [2, 2, 2, 3, 3, 3, 2, 2, 2],
        "groups": [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
        "messages": [[2, 1, 50, "vote"], [2, 3, 60, "vote"], [5, 4, 45, "vote"], [8, 9, 55, "vote"]],
    },
)  # fmt: skip

FIGURES = (FIGURE_7, THREE_GROUPS)
