"""The challenges of Raft: two that teach what an election timeout is for, and two that nobody can win.

Their solutions are written by playing them (`lessons.Script`), as scenarios are; those of the impossible ones are the
counterexamples with the rule off.
"""

from __future__ import annotations

from functools import cache

from ...lessons import (
    ANY_FAULT,
    EASY,
    HARD,
    MIDDLE,
    All,
    Broken,
    Challenge,
    Elapsed,
    Impossible,
    Not,
    Now,
    Script,
    Seen,
    told,
)
from ...simulation import N_, OK, Link, Recording, Returned, Run
from ...simulation.commands import Delay, Drop, FireTimer, Partition
from .counterexamples import BY_HAND, write_vote_forgotten, write_vote_without_log_check
from .indications import BecameCandidate, Elected, VoteGranted
from .messages import RequestVote, RequestVoteReply
from .scenarios import field, first_leader, leaders, log_of, others
from .state import ELECTION

SLOW = Link(low=60_000, high=80_000)
"""Slow enough to catch a message in its flight."""
EVEN = Link(low=20_000, high=20_000)

# Two leaders at once


def two_lead(run: Run) -> bool:
    """Two nodes that are up take themselves for the leader, each in a term of its own."""
    return len({field(run, node, "current_term") for node in leaders(run)}) > 1


def write_two_leaders(script: Script) -> None:
    old = first_leader(script)
    script.give(Partition(((old,), others(script, old))))
    script.until(Elected)


# No leader for ten seconds


def write_no_leader(script: Script) -> None:
    """All have voted and wait anew, and three of the four answers are lost: two votes of five are no majority."""
    candidate = script.until(BecameCandidate).host
    assert candidate is not None
    script.until(VoteGranted, count=4)
    for voter in others(script, candidate)[:3]:
        script.give(Drop(script.flight(RequestVoteReply, voter, candidate).id))
    script.at(10_000_000)


# The vote split three times


def split_terms(run: Run) -> list[int]:
    """The terms in which two candidates got one vote each beside their own, in a cluster of four."""
    votes: dict[int, list[str]] = {}
    for _, granted in told(run, VoteGranted):
        votes.setdefault(granted.term, []).append(granted.candidate)
    return sorted(term for term, given in votes.items() if len(given) == 2 and len(set(given)) == 2)


def split_three_times(run: Run) -> bool:
    """Three terms, one after the other, ended in a tie."""
    terms = split_terms(run)
    return any({term, term + 1, term + 2} <= set(terms) for term in terms)


def write_split_votes(script: Script) -> None:
    """Each candidate's word comes first to another one of the two that only vote."""
    script.at(100_000)
    for _ in range(3):
        script.give(FireTimer("n1", ELECTION))
        script.give(FireTimer("n3", ELECTION))
        script.wait(1_000)
        script.give(Delay(script.flight(RequestVote, "n3", "n4").id, 10_000))
        script.wait(70_000)


# An acknowledged write that is gone


def write_is_gone(run: Run) -> bool:
    """A write was answered, and the leader of the newest term has no entry of it."""
    leading = leaders(run)
    if not leading:
        return False
    newest = max(leading, key=lambda node: field(run, node, "current_term"))
    if any(field(run, node, "current_term") > field(run, newest, "current_term") for node in run.cluster.nodes):
        return False
    kept = {entry.command.value for entry in log_of(run, newest) if entry.command is not None}
    answers = [r for _, r in told(run, Returned) if r.outcome == OK and r.operation.name == "put"]
    return any(answer.operation.value not in kept for answer in answers)


NO_LEADER = Challenge(
    name="no_leader_for_ten_seconds",
    title=N_("No leader for ten seconds"),
    text=N_(
        "Five nodes, and each waits five to eight seconds for a leader before it asks for votes. You may drop three messages."
    ),
    won=N_("Who votes starts its timer anew. So the questions must arrive: only three of the answers must not."),
    setup=Recording(
        "raft", nodes=5, clients=0, seed=3, link=SLOW,
        params={"election_low": 5_000_000, "election_high": 8_000_000},
    ),
    goal=All((Elapsed(10_000_000), Not(Seen(Elected)))),
    allowed={"drop": 3},
    span=10_000_000,
    fails=Seen(Elected),
    failed=N_("A leader was elected."),
    write=write_no_leader,
    hints=(
        N_("Run until the first message flies, then go on event by event."),
        N_("A node that hears no question asks one itself, a little later. A node that has voted waits anew."),
        N_("Let all four questions arrive, and drop three of the four answers."),
    ),
    rules=("one_vote", "log_check", "majority", "durable_vote"),
    level=MIDDLE,
    ratio=1,
    picture={
        "nodes": 5, "candidates": [2], "terms": [1, 1, 1, 1, 1],
        "messages": [[1, 2, 45, "reply"], [3, 2, 55, "reply"], [4, 2, 40, "reply"], [5, 2, 60, "reply"]],
    },
)  # fmt: skip

TWO_LEADERS = Challenge(
    name="two_leaders_at_once",
    title=N_("Two leaders at once"),
    text=N_("Bring about a moment at which two nodes take themselves for the leader, in different terms. One act is enough."),
    won=N_("A leader that is cut off does not know it. Terms are there so that nobody listens to it afterwards."),
    setup=Recording("raft", nodes=5, clients=1, seed=5, params={"think_time": 0}),
    goal=Now(two_lead),
    allowed={"partition": 2, "heal": 1, "crash": 1, "restart": 1},
    span=5_000_000,
    write=write_two_leaders,
    hints=(
        N_("A leader learns that it is none any more by a message of a newer term."),
        N_("Keep every message from it, and leave the others enough nodes to elect."),
        N_("Cut the leader off from all others, and wait for an election timeout."),
    ),
    rules=("one_vote", "log_check", "majority", "leader_stickiness"),
    level=EASY,
    picture={
        "nodes": 5, "leader": [1, 3], "terms": [1, 2, 2, 2, 2], "groups": [[1], [2, 3, 4, 5]],
        "messages": [[3, 4, 50, "append"], [3, 5, 60, "append"]],
    },
)  # fmt: skip

SPLIT_VOTES = Challenge(
    name="three_split_votes",
    title=N_("The vote split three times"),
    text=N_("Four nodes, and no leader yet. Have three terms in a row end in a tie: two candidates, two votes each."),
    won=N_("Random timeouts make that rare: somebody had to choose the moments. Nothing in Raft forbids it."),
    setup=Recording("raft", nodes=4, clients=0, seed=7, link=EVEN),
    goal=Now(split_three_times),
    allowed={"fire_timer": 6, "delay": 6},
    span=3_000_000,
    fails=Seen(Elected),
    failed=N_("A leader was elected."),
    write=write_split_votes,
    hints=(
        N_("Two nodes must ask for votes at the same moment: their election timers can be fired by hand."),
        N_("Each of the other two votes for whom it hears of first. Make one of the questions a little later."),
        N_("Fire the timers of n1 and n3 at the same moment, and delay the earlier of their two questions to n4 by 10 ms."),
    ),
    rules=("one_vote", "log_check", "majority"),
    level=HARD,
    ratio=20,
    picture={
        "nodes": 4, "candidates": [1, 3], "terms": [3, 3, 3, 3],
        "messages": [[1, 2, 55, "vote"], [1, 4, 30, "vote"], [3, 4, 55, "vote"], [3, 2, 40, "vote"]],
    },
)  # fmt: skip

WRITE_GONE = Challenge(
    name="acknowledged_write_gone",
    title=N_("Make an acknowledged write disappear"),
    text=N_(
        "A client is told that its write is done. Then bring about a leader of the newest term that does not have it. "
        "Any fault is allowed, but for a disk that is lost."
    ),
    won=N_("Without the check of logs a node that lacks the write can win the election, and the write is overwritten."),
    setup=Recording("raft", nodes=3, clients=2, seed=1, params=BY_HAND),
    goal=Now(write_is_gone),
    allowed=dict.fromkeys(("request", *ANY_FAULT)),
    span=20_000_000,
    write=write_vote_without_log_check,
    hints=(
        N_("Find out who has the entry of the write when the client is answered."),
        N_("A candidate needs a majority. Is there a majority without any node that has the entry?"),
        N_("What does a node that has the entry look at before it votes?"),
    ),
    rules=("log_check", "leader_stickiness", "transfer_catch_up", "read_round"),
    level=HARD,
    impossible=Impossible(
        rule="log_check",
        why=N_(
            "A write is answered when a majority has its entry. A leader needs the votes of a majority, so one of its "
            "voters has the entry; and that one votes for nobody whose log is behind its own."
        ),
        cites="Raft §5.4.1, §5.4.3",
    ),
    picture={
        "nodes": 3, "leader": 3, "terms": [1, 2, 2], "groups": [[1], [2, 3]], "logs": [[1], [1], []], "commit": 1,
        "messages": [[3, 2, 55, "vote"]],
    },
)  # fmt: skip

TWO_IN_ONE_TERM = Challenge(
    name="two_leaders_in_one_term",
    title=N_("Two leaders in one term"),
    text=N_("Three nodes. Have two of them elected in the same term. Any fault is allowed, but for a disk that is lost."),
    won=N_("With the vote in memory alone a crash takes it back, and the node votes a second time in the same term."),
    setup=Recording("raft", nodes=3, clients=1, seed=1, params=BY_HAND),
    goal=Broken("election_safety"),
    allowed=dict.fromkeys(ANY_FAULT),
    span=20_000_000,
    write=write_vote_forgotten,
    hints=(
        N_("Election timers can be fired by hand, at two nodes shortly one after the other."),
        N_("Both candidates vote for themselves; the third node decides. Can it be made to decide twice?"),
        N_("What does a node still know of its vote after a crash and a restart?"),
    ),
    rules=("log_check", "commit_current_term", "durable_vote", "consistency_check"),
    level=MIDDLE,
    impossible=Impossible(
        rule="durable_vote",
        why=N_(
            "Each leader needs a majority of all nodes, and two majorities share a node. That one votes once in a term, "
            "and it has its vote on disk before it answers: a crash takes nothing back."
        ),
        cites="Raft §5.2, figure 2",
    ),
    picture={
        "nodes": 3, "leader": 1, "candidates": [2], "down": [3], "terms": [1, 1, 1],
        "messages": [[2, 3, 50, "vote"]],
    },
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (TWO_LEADERS, NO_LEADER, SPLIT_VOTES, TWO_IN_ONE_TERM, WRITE_GONE)
