"""What a Paxos node knows and what can be set on it: who plays which part, the tunables, and the rules that can be off."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache

from ...simulation import N_, Node, choice, durable, param, rule, value, volatile
from ..ballots import NO_BALLOT, ballot_of
from ..quorum import majority
from .messages import Proposal, Value


class Role(Enum):
    """What a node is doing, or where roles are apart and it does nothing, what it is for."""

    IDLE = "idle"
    PROPOSER = "proposer"
    ACCEPTOR = "acceptor"
    LEARNER = "learner"
    PREPARING = "preparing"
    PROPOSING = "proposing"
    WAITING = "waiting"
    LEARNED = "learned"


IDLE, PROPOSER, ACCEPTOR, LEARNER, PREPARING, PROPOSING, WAITING, LEARNED = Role
"""The members by themselves: looking one up in its class takes longer than comparing it."""

ALL = "all"
APART = "apart"
RANDOM = "random"
NONE = "none"
DISTINGUISHED = "distinguished"

NO_PROMISES: Mapping[str, Proposal | None] = {}
NO_PROPOSALS: Mapping[str, Proposal] = {}
NOBODY: Mapping[str, int] = {}


@value
class Cast:
    """Who is which agent (Paxos Made Simple, section 2): a node may be several of them."""

    proposers: tuple[str, ...]
    acceptors: tuple[str, ...]
    learners: tuple[str, ...]
    listeners: tuple[str, ...]
    """The learners to whom acceptors speak: all of them, or the distinguished one."""


PARTS = {
    2: (1, 1, 0), 3: (1, 1, 1), 4: (2, 1, 1), 5: (1, 3, 1), 6: (2, 3, 1), 7: (2, 3, 2), 8: (2, 5, 1), 9: (2, 5, 2),
}  # fmt: skip
"""With roles apart, how many of so many nodes propose, accept and learn. Acceptors are odd in number, as an even one more
survives no crash more. Of two nodes the proposer learns too, and a single node is everything."""


@cache
def cast_of(nodes: tuple[str, ...], roles: str, learning: str) -> Cast:
    """The parts of all nodes. With roles apart the first propose, those in the middle accept, the last learn."""
    if roles == ALL or len(nodes) == 1:
        proposers = acceptors = learners = nodes
    else:
        propose, accept, learn = PARTS[len(nodes)]
        proposers = nodes[:propose]
        acceptors = nodes[propose : propose + accept]
        learners = nodes[-learn:] if learn else proposers
    return Cast(proposers, acceptors, learners, learners if learning == ALL else learners[:1])


@cache
def members_of(id: str, peers: tuple[str, ...]) -> tuple[str, ...]:
    """All nodes of the cluster, in order: at most nine, so the order of their names is that of their numbers."""
    return tuple(sorted((id, *peers)))


class PaxosState(Node):
    """The state of one node, and what follows from its dials; `node.Paxos` says what it does."""

    # Tunables

    roles: str = choice(
        ALL, {ALL: N_("every node is all three"), APART: N_("roles apart")},
        N_("Proposers, acceptors, learners"),
        N_("Every node proposes, accepts and learns; or the first nodes propose, those in the middle accept, "
           "the last learn."),
    )  # fmt: skip
    back_off: str = choice(
        RANDOM, {RANDOM: N_("random, twice as long each time"), NONE: N_("no wait")},
        N_("Back-off"),
        N_("How long a proposer waits after a lost ballot before it begins the next. Without a wait a duel may never end."),
    )  # fmt: skip
    back_off_base: int = param(
        20_000, 1_000, 2_000_000, "µs", N_("Back-off, at first"),
        N_("The random wait after the first lost ballot is at most so long; it may double six times."),
    )  # fmt: skip
    phase_timeout: int = param(
        100_000, 5_000, 10_000_000, "µs", N_("Phase timeout"),
        N_("How long a proposer waits for a majority to answer before it begins another ballot."),
    )  # fmt: skip
    learning: str = choice(
        ALL, {ALL: N_("all learners"), DISTINGUISHED: N_("one distinguished learner")},
        N_("Acceptors tell"),
        N_("Whom an acceptor tells what it has accepted. A distinguished learner spares messages, and may fail."),
    )  # fmt: skip
    learn_interval: int = param(
        600_000, 0, 20_000_000, "µs", N_("Learners inquire after"),
        N_("Who has not learned the value asks others about so often, as messages may be lost; 0: never."),
    )  # fmt: skip
    nacks: bool = param(
        True, False, True, "switch", N_("Abandon early"),
        N_("An acceptor tells a proposer that a higher ballot was begun. Without it, that one finds out by its timeout."),
    )  # fmt: skip

    # Rules

    majority: bool = rule(
        N_("Majority"),
        N_("A ballot needs more than half of all acceptors, since any two majorities share one. "
           "Without it, one fewer is enough."),
        cites="Paxos Made Simple §2.2",
    )  # fmt: skip
    keep_promise: bool = rule(
        N_("Keep promises (P1a)"),
        N_("An acceptor refuses a ballot below the one it has promised."),
        cites="Paxos Made Simple §2.2",
    )
    durable_promise: bool = rule(
        N_("Durable promise"),
        N_("What an acceptor has promised is on disk before it answers, so a crash does not lose it."),
        cites="Paxos Made Simple §2.5",
    )
    durable_acceptance: bool = rule(
        N_("Durable acceptance"),
        N_("What an acceptor has accepted is on disk before it answers, so a crash does not lose it."),
        cites="Paxos Made Simple §2.5",
    )
    adopt_accepted: bool = rule(
        N_("Adopt what was accepted (P2c)"),
        N_("A proposer that is told of an accepted proposal proposes that value, and not its own."),
        cites="Paxos Made Simple §2.2",
    )
    highest_accepted: bool = rule(
        N_("Of these, the highest (P2c)"),
        N_("Of several accepted proposals the one of the highest ballot counts. Without it, the first that comes in."),
        cites="Paxos Made Simple §2.2",
    )
    unique_ballots: bool = rule(
        N_("Unique ballots"),
        N_("A ballot bears the name of its node, so two proposers never share one."),
        cites="Paxos Made Simple §2.5",
    )
    durable_ballot: bool = rule(
        N_("Durable ballot"),
        N_("A proposer keeps on disk the highest ballot it has used, and never uses one again."),
        cites="Paxos Made Simple §2.5",
    )
    count_one_ballot: bool = rule(
        N_("Count within one ballot"),
        N_("A value is chosen when a majority has accepted it in one and the same ballot, not each in some ballot."),
        cites="Paxos Made Simple §2.2",
    )

    # What an acceptor must remember

    promised: str = durable(
        NO_BALLOT,
        N_("promised"),
        N_("The highest ballot it has promised: it accepts nothing below."),
        unless="durable_promise",
    )
    accepted_ballot: str = durable(
        NO_BALLOT, N_("accepted in ballot"), N_("The ballot of the proposal it has accepted last; 0: none yet."),
        unless="durable_acceptance",
    )  # fmt: skip
    accepted_value: Value | None = durable(
        None, N_("accepted"), N_("The value of the proposal it has accepted last."), unless="durable_acceptance"
    )

    # What a proposer must remember, and what it knows while it proposes

    round: int = durable(
        0, N_("round"), N_("The highest round it has used or heard of; its next ballot is of the next round."),
        unless="durable_ballot",
    )  # fmt: skip
    role: Role = volatile(IDLE, N_("role"), N_("What it is doing now."))
    ballot: str = volatile(NO_BALLOT, N_("ballot"), N_("Its own ballot, which it began last."))
    own: Value | None = volatile(None, N_("own value"), N_("The client's value that it would like to be chosen."))
    proposed: Value | None = volatile(None, N_("proposed"), N_("The value that it proposes in its ballot."))
    promises: Mapping[str, Proposal | None] = volatile(
        NO_PROMISES, N_("promises"), N_("For each acceptor that promised its ballot, what that one had accepted.")
    )
    backing: tuple[str, ...] | None = volatile(
        None, N_("backing"), N_("The acceptors that have promised its ballot, or in phase 2 accepted its proposal.")
    )
    tries: int = volatile(0, N_("tries"), N_("How many ballots it has begun for its value."))
    waiting: Mapping[str, int] = volatile(
        NOBODY, N_("waiting"), N_("The clients to be told what is chosen, each with its operation.")
    )

    # What a learner knows

    heard: Mapping[str, Proposal] = volatile(
        NO_PROPOSALS, N_("heard"), N_("For each acceptor, the latest proposal that it is known to have accepted.")
    )
    chosen: Value | None = volatile(None, N_("chosen"), N_("The value that it has learned to be chosen."))

    # Who is who

    @property
    def cast(self) -> Cast:
        """Who proposes, accepts and learns."""
        return cast_of(members_of(self.id, self.peers), self.roles, self.learning)

    @property
    def idle_role(self) -> Role:
        """What it is while it does nothing."""
        cast = self.cast
        if self.roles == ALL or len(self.peers) == 0:
            return IDLE
        return PROPOSER if self.id in cast.proposers else ACCEPTOR if self.id in cast.acceptors else LEARNER

    @property
    def quorum(self) -> int:
        """How many acceptors make a majority of all of them, alive or not."""
        needed = majority(len(self.cast.acceptors))
        return needed if self.majority else max(1, needed - 1)

    def number(self, round: int) -> str:
        """The ballot of a round: with its own name in it, no other node can make it."""
        return ballot_of(round, self.id) if self.unique_ballots else str(round)
