"""What a rule was for: scenarios in which it is off, and the property that breaks.

They follow the counterexamples of the literature step by step: Figure 8 of the paper, a vote that a crash makes a node
forget, a vote for a log that lacks what is committed. Election timeouts are long, so that no node becomes a candidate
but the one whose timer the script fires; a message that the schedule loses finds a partition or a cut link in its way.
Figure 8 is there twice, with its rule off and on: the same schedule, and another end.
"""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Returned, Run
from ...simulation.commands import Crash, FireTimer, Heal, Partition, Pause, Restart, SetLink
from .indications import AppendAccepted, Appended, Applied, Committed, Elected, NotCommittedOldTerm
from .scenarios import answered, log_of, put
from .state import ELECTION

BY_HAND = {
    "think_time": 0, "client_timeout": 10_000_000, "no_op": False,
    "election_low": 4_000_000, "election_high": 6_000_000,
}  # fmt: skip
"""Nothing happens that the script does not begin: no client asks by itself, and no election starts by itself. There is
no no-op, which would commit older entries with it and so hide what the rule is for."""

ROUND_TRIP = 70_000
"""A little more than two of the slowest flights, µs."""


def campaign(script: Script, node: str) -> None:
    """A node's election timer runs out, and all answers come back."""
    script.give(FireTimer(node, ELECTION))
    script.wait(ROUND_TRIP)


def applied_at(run: Run, index: int) -> set[object]:
    """The values that nodes have applied at an index."""
    return {a.entry.command.value for _, a in told(run, Applied) if a.index == index and a.entry.command is not None}


# Figure 8: an entry of an older term is on a majority, and is overwritten all the same


def write_figure_8(script: Script) -> None:
    """In the terms of the figure, less one: (a) is term 1, (b) term 2, (c) term 3, (d) term 4."""
    script.at(50_000)
    campaign(script, "n1")
    # (a) n1 has x in its log; it reaches n2 alone, and the answer is lost, for n1 crashes.
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4", "n5", "c2"))))
    put(script, "c1", "k", "x", "n1")
    script.until(Appended, "n1")
    script.until(AppendAccepted, "n2")
    script.give(Crash("n1"))
    script.wait(60_000)
    # (b) n5 leads by the votes of n3 and n4, and takes y, which reaches nobody; it crashes.
    script.give(Heal())
    campaign(script, "n5")
    script.give(Partition((("n5", "c2"), ("n1", "n2", "n3", "n4"))))
    put(script, "c2", "k", "y", "n5")
    script.until(Appended, "n5")
    script.wait(40_000)
    script.give(Crash("n5"))
    # (c) n1 is back. In the term of n5 it gets no majority, in the next it does; x comes to n3 too.
    script.give(Heal())
    script.give(Restart("n1"))
    script.wait(20_000)
    campaign(script, "n1")
    script.give(Partition((("n1", "n2", "n3"), ("n4",))))
    campaign(script, "n1")
    script.until(AppendAccepted, "n3")
    script.wait(ROUND_TRIP)
    # (d) n1 stands still. n5 is back, its last entry is of a newer term than theirs, and y takes the place of x.
    script.give(Pause("n1"))
    script.give(Heal())
    script.give(Restart("n5"))
    script.wait(20_000)
    campaign(script, "n5")
    campaign(script, "n5")


def figure_8_breaks(run: Run) -> bool:
    """x was applied at index 1, and y was too."""
    return {"x", "y"} <= applied_at(run, 1)


def figure_8_holds(run: Run) -> bool:
    """Nobody committed anything, nobody was told so, and y is in the place of x on a majority."""
    logs = [[entry.command and entry.command.value for entry in log_of(run, node)] for node in run.cluster.nodes]
    return (
        next(told(run, Committed), None) is None
        and next(told(run, NotCommittedOldTerm), None) is not None
        and answered(run, "c1") == answered(run, "c2") == []
        and logs.count(["y"]) >= 3
    )


# A vote that a node forgets


def write_vote_forgotten(script: Script) -> None:
    script.at(50_000)
    script.give(SetLink("n1", "n2", up=False))
    campaign(script, "n1")
    script.wait(40_000)
    script.give(Crash("n3"))
    script.wait(40_000)
    script.give(Restart("n3"))
    script.wait(20_000)
    campaign(script, "n2")


def two_leaders_in_one_term(run: Run) -> bool:
    """n1 and n2 were both elected in term 1, by the vote of n3."""
    elected = [(event.host, e.term) for event, e in told(run, Elected)]
    return elected == [("n1", 1), ("n2", 1)]


# A vote for a log that lacks what is committed


def write_vote_without_log_check(script: Script) -> None:
    script.at(50_000)
    script.give(Partition((("n1", "n2"), ("n3",))))
    campaign(script, "n1")
    put(script, "c1", "k", "x", "n1")
    script.until(Returned, "c1")
    script.wait(ROUND_TRIP)
    campaign(script, "n3")
    script.give(Partition((("n1",), ("n2", "n3"))))
    script.wait(20_000)
    campaign(script, "n3")
    put(script, "c2", "k", "y", "n3")
    script.until(Returned, "c2")
    script.wait(ROUND_TRIP)
    script.give(Heal())


def committed_write_was_overwritten(run: Run) -> bool:
    """x and y were both answered with success, and both were applied at index 1."""
    return answered(run, "c1") == ["x"] and answered(run, "c2") == ["y"] and {"x", "y"} <= applied_at(run, 1)


FIGURE_8 = Scenario(
    name="figure_8",
    title=N_("Figure 8, with its rule off"),
    text=N_(
        "An entry of an older term is on a majority of the nodes. If a leader commits it by counting, "
        "the next leader can still overwrite it."
    ),
    outcome=N_("Two leaders commit different entries at index 1: State Machine Safety breaks."),
    setup=Recording("raft", nodes=5, clients=2, params=BY_HAND, rules={"commit_current_term": False}),
    write=write_figure_8,
    judge=figure_8_breaks,
    until=1_100_000,
    ratio=20,
    breaks=("leader_completeness", "state_machine_safety"),
    picture={
        "nodes": 5, "leader": 1, "down": [5], "terms": [3, 3, 3, 3, 2], "logs": [[1], [1], [1], [], [2]], "commit": 1,
        "messages": [[1, 3, 60, "append"]],
    },
)  # fmt: skip

FIGURE_8_SAFE = Scenario(
    name="figure_8_safe",
    title=N_("Figure 8, with its rule on"),
    text=N_(
        "The same schedule. A leader counts copies only of entries of its own term, so it does not commit the older one."
    ),
    outcome=N_("The entry is overwritten, but nobody had committed it and no client was told so."),
    setup=Recording("raft", nodes=5, clients=2, params=BY_HAND),
    write=write_figure_8,
    judge=figure_8_holds,
    until=1_100_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 5, "terms": [3, 4, 4, 4, 4], "logs": [[1], [2], [2], [2], [2]], "commit": 0,
        "messages": [[5, 2, 55, "append"], [5, 3, 50, "append"]],
    },
)  # fmt: skip

VOTE_FORGOTTEN = Scenario(
    name="vote_forgotten",
    title=N_("A vote forgotten"),
    text=N_("Term and vote are not on disk. A node votes, crashes, restarts, and votes again in the same term."),
    outcome=N_("Two leaders are elected in term 1: Election Safety breaks."),
    setup=Recording("raft", nodes=3, clients=1, params=BY_HAND, rules={"durable_vote": False}),
    write=write_vote_forgotten,
    judge=two_leaders_in_one_term,
    until=600_000,
    ratio=20,
    breaks=("election_safety",),
    picture={
        "nodes": 3, "leader": 1, "candidates": [2], "terms": [1, 1, 1],
        "messages": [[2, 3, 40, "vote"], [3, 2, 35, "reply"]],
    },
)  # fmt: skip

VOTE_WITHOUT_LOG_CHECK = Scenario(
    name="vote_without_log_check",
    title=N_("A vote without the log check"),
    text=N_("A node votes for a candidate whose log lacks an entry that is committed. The new leader overwrites it."),
    outcome=N_("A write that was answered is gone: Leader Completeness and State Machine Safety break."),
    setup=Recording("raft", nodes=3, clients=2, params=BY_HAND, rules={"log_check": False}),
    write=write_vote_without_log_check,
    judge=committed_write_was_overwritten,
    until=1_000_000,
    ratio=20,
    breaks=("leader_completeness", "state_machine_safety"),
    picture={
        "nodes": 3, "leader": 3, "terms": [1, 2, 2], "groups": [[1], [2, 3]], "logs": [[1], [2], [2]], "commit": 1,
        "messages": [[3, 2, 55, "append"]],
    },
)  # fmt: skip

COUNTEREXAMPLES = (FIGURE_8, FIGURE_8_SAFE, VOTE_FORGOTTEN, VOTE_WITHOUT_LOG_CHECK)
