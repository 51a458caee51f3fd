"""Where our Raft differs from etcd's on purpose, in one table, and why. No row is a matter of safety.

Whoever compares the two asks `allowed(key)` at the place where it lets a difference pass, or does for ours what etcd does
otherwise. So each row stands for something that is really normalised (`test_differences.py` counts), and nothing is
normalised that has no row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One row."""

    etcd: str
    ours: str
    reason: str
    safe_because: str


DIFFERENCES: dict[str, Difference] = {
    "commit index after a restart": Difference(
        etcd="keeps the commit index on disk",
        ours="begins at 0, and learns it from the leader",
        reason="figure 2 of the paper says that it is volatile, and people are to see how it comes back",
        safe_because="a commit index that is too low only delays what is applied",
    ),
    "commit index told at once": Difference(
        etcd="sends an empty AppendEntries to all when it has committed more",
        ours="tells it with the next AppendEntries or heartbeat",
        reason="section 5.3 of the paper; and half the messages in the picture",
        safe_because="followers learn the same index, a heartbeat later",
    ),
    "entries that are not confirmed": Difference(
        etcd="holds entries back from a follower that it probes, or that has enough of them under way",
        ours="sends with every AppendEntries, heartbeats too, all that follows nextIndex",
        reason="section 5.3: the leader retries until all followers have stored all entries",
        safe_because="a follower takes the same entries once, however often they come",
    ),
    "heartbeats": Difference(
        etcd="has a message of its own for them, with a commit index that the follower's log is known to reach",
        ours="sends AppendEntries without entries, whose consistency check says how far the logs agree",
        reason="figure 2 of the paper",
        safe_because="a follower commits no further than what the message vouches for, in both",
    ),
    "entries behind the commit index": Difference(
        etcd="leaves an AppendEntries alone that begins before its commit index, and answers with that index",
        ours="takes what it lacks of it, as of any other",
        reason="figure 2 of the paper has no such case",
        safe_because="what is committed agrees with the leader's, so the consistency check holds and nothing is removed",
    ),
    "beginning of the log": Difference(
        etcd="begins its tests with a snapshot or with entries that name the members",
        ours="begins with as many entries of term 1, which are applied",
        reason="indexes and terms are what is compared",
        safe_because="it is the same prefix at all nodes, and committed",
    ),
    "how far a log is compacted": Difference(
        etcd="keeps the entries behind an index that its user names",
        ours="puts a snapshot in the place of all that is applied",
        reason="section 7 of the paper",
        safe_because="what is applied is committed, and the snapshot has it",
    ),
    "own vote and own disk": Difference(
        etcd="counts its own vote, and its own copy of an entry, when its disk has answered",
        ours="counts them at once: here a disk is as fast as a handler",
        reason="one event is one atomic step",
        safe_because="what a handler has written is on disk before anything that it sends leaves",
    ),
    "PreVote without CheckQuorum": Difference(
        etcd="lets a node that hears a leader give a pre-vote to another, unless CheckQuorum is on too",
        ours="has that condition with PreVote, as a rule of its own; scripts of PreVote alone are played with it off",
        reason="section 9.6 of the dissertation has it in the algorithm",
        safe_because="whether a pre-vote is given changes no term and no vote",
    ),
    "a pre-vote refused for a leader that is heard": Difference(
        etcd="is silent",
        ours="answers no",
        reason="people are to see why the candidate does not get it",
        safe_because="a no is counted nowhere",
    ),
    "a message of an older term": Difference(
        etcd="is silent",
        ours="answers false with its own term",
        reason="section 5.1 of the paper, and a deposed leader learns of it earlier",
        safe_because="a newer term only makes a node a follower",
    ),
    "a candidate refused by a majority": Difference(
        etcd="becomes a follower at once",
        ours="stays a candidate until its next timeout, or until it hears a leader",
        reason="section 5.2 of the paper",
        safe_because="a candidate that is refused by a majority cannot get one in this term",
    ),
}

ADAPTERS = (
    "commit index after a restart", "commit index told at once", "entries that are not confirmed", "heartbeats",
    "entries behind the commit index", "beginning of the log", "own vote and own disk",
    "PreVote without CheckQuorum", "a pre-vote refused for a leader that is heard", "how far a log is compacted",
)  # fmt: skip
"""The rows that schedules, scripts and traces need; the others are asserted by the paper's tests, where etcd's differ."""

used: Counter[str] = Counter()


def allowed(key: str) -> bool:
    """Says that a difference is let pass here; it must stand in the table."""
    used[key] += 1
    assert key in DIFFERENCES, f"Nobody has said why our Raft differs from etcd's in this: {key}"
    return True
