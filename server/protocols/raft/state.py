"""What a Raft server knows and what can be set on it: figure 2's state, the tunables, and the rules that can be off."""

from __future__ import annotations

from enum import Enum
from typing import Any

from ...simulation import N_, Log, Node, durable, param, rule, volatile
from .. import keyvalue
from .messages import NOTHING, Entry, Snapshot

ELECTION = "election"
HEARTBEAT = "heartbeat"
"""The timers."""


class Role(Enum):
    """What a node believes itself to be."""

    FOLLOWER = "follower"
    PRE_CANDIDATE = "pre-candidate"
    """Asks whether it would be elected, in the term that it is in; only with `prevote`."""
    CANDIDATE = "candidate"
    LEADER = "leader"


FOLLOWER, PRE_CANDIDATE, CANDIDATE, LEADER = Role
"""The members by themselves: looking one up in its class takes longer than comparing it."""

EMPTY: dict[str, Any] = {}


class RaftState(Node):
    """The state of one server, and how its log is read; `node.Raft` says what it does."""

    # Tunables

    election_low: int = param(
        150_000, 10_000, 10_000_000, "µs", N_("Election timeout, shortest"),
        N_("A follower that hears no leader for a random time, from this on, becomes a candidate."),
    )  # fmt: skip
    election_high: int = param(
        300_000, 10_000, 20_000_000, "µs", N_("Election timeout, longest"),
        N_("The random election timeout ends here. A wider spread makes split votes rarer."), not_below="election_low",
    )  # fmt: skip
    heartbeat_interval: int = param(
        50_000, 1_000, 5_000_000, "µs", N_("Heartbeat interval"),
        N_("How often a leader lets its followers know that it is there."),
    )  # fmt: skip
    no_op: bool = param(
        True, False, True, "switch", N_("No-op at the start of a term"),
        N_("A new leader appends an empty entry, so that entries of earlier terms are committed with it."),
    )  # fmt: skip
    snapshot_every: int = param(
        0, 0, 10_000, "count", N_("Entries until a snapshot"),
        N_("A node with more applied entries in its log puts a snapshot in their place; 0: never."), lively=4,
    )  # fmt: skip

    # Rules

    one_vote: bool = rule(
        N_("One vote per term"), N_("A node votes for at most one candidate in a term."), cites="Raft §5.2"
    )
    log_check: bool = rule(
        N_("Log check before voting"),
        N_("A node refuses its vote to a candidate whose log is less up to date than its own."),
        cites="Raft §5.4.1",
    )
    commit_current_term: bool = rule(
        N_("Commit only entries of the current term by counting"),
        N_("A leader counts copies only of entries of its own term; older ones are committed with them."),
        cites="Raft §5.4.2",
    )
    majority: bool = rule(
        N_("Majority"),
        N_("Elections and commits need more than half of all members. Without it, one node fewer is enough."),
        cites="Raft §5.2",
    )
    durable_vote: bool = rule(
        N_("Durable term and vote"),
        N_("currentTerm and votedFor are on disk before a node answers, so a crash does not lose them."),
        cites="Raft §5, figure 2",
    )
    consistency_check: bool = rule(
        N_("Consistency check before appending"),
        N_("A follower takes entries only if it has the entry before them, of the same term."),
        cites="Raft §5.3",
    )
    keep_suffix: bool = rule(
        N_("Entries behind a snapshot stay"),
        N_("A follower that has all that a snapshot stands for, as after a repeated one, keeps what follows in its log."),
        cites="Raft §7, figure 13", needs={"snapshot_every": 4},
    )  # fmt: skip

    # Persistent state on all servers (figure 2)

    current_term: int = durable(0, "currentTerm", N_("Latest term the node has seen."), unless="durable_vote")
    voted_for: str | None = durable(
        None, "votedFor", N_("Candidate that got its vote in the current term."), unless="durable_vote"
    )
    log: Log[Entry] = durable(Log(), "log[]", N_("Entries: the term in which a leader got them, and the command."))
    saved: Snapshot = durable(NOTHING, "snapshot", N_("What stands for the entries that the log no longer has."))

    # Volatile state on all servers

    commit_index: int = volatile(0, "commitIndex", N_("Highest entry known to be committed."))
    last_applied: int = volatile(0, "lastApplied", N_("Highest entry applied to the state machine."))
    role: Role = volatile(FOLLOWER, N_("role"), N_("What the node believes itself to be."))
    leader: str | None = volatile(None, N_("leader"), N_("Whom the node holds for the leader of its term."))

    # Volatile state on candidates and leaders

    votes: tuple[str, ...] = volatile((), "votesGranted", N_("Who has voted for it, as a candidate of this term."))
    next_index: dict[str, int] = volatile(
        EMPTY, "nextIndex[]", N_("For each follower, the next entry that the leader will send.")
    )
    match_index: dict[str, int] = volatile(
        EMPTY, "matchIndex[]", N_("For each follower, the highest entry known to be the same there.")
    )

    # The state machine: volatile here, rebuilt from the log after a restart

    data: keyvalue.Data = volatile(EMPTY, N_("state machine"), N_("The key-value store."))
    sessions: dict[str, keyvalue.Session] = volatile(
        EMPTY, N_("sessions"), N_("For each client, its last operation applied, and the answer.")
    )

    # Reading the log, counted from 1 as in the paper

    @property
    def last_log_index(self) -> int:
        """Index of the last entry; 0 where the log is empty."""
        return self.log.length

    @property
    def last_log_term(self) -> int:
        """Term of the last entry; 0 where the log is empty."""
        return self.term_at(self.log.length)

    def term_at(self, index: int) -> int:
        """Term of entry `index`, or of the last that the snapshot stands for; 0 before the first. No older ones are known."""
        log = self.log
        at = index - log.start
        return log.items[at - 1].term if at > 0 else self.saved.last_term

    def has_committed_in_term(self) -> bool:
        """Leader: whether an entry of its own term is committed. Where a rule is off, the log may end before what is."""
        return self.term_at(min(self.commit_index, self.log.length)) == self.current_term
