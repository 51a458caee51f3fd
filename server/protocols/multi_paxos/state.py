"""What a node of Multi-Paxos knows and what can be set on it: its state, the tunables, and the rules that can be off."""

from __future__ import annotations

from enum import Enum
from typing import Any

from ...simulation import N_, Log, Node, durable, param, rule, volatile
from .. import keyvalue
from ..ballots import NO_BALLOT
from ..quorum import majority
from .messages import Report, Slot


class Role(Enum):
    """What a node believes itself to be. Each is an acceptor and a learner too."""

    FOLLOWER = "follower"
    CANDIDATE = "candidate"
    LEADER = "leader"


FOLLOWER, CANDIDATE, LEADER = Role
"""The members by themselves: looking one up in its class takes longer than comparing it."""

EMPTY: dict[str, Any] = {}
GAP = Slot(NO_BALLOT, None, early=False, gap=True)


def with_slot(log: Log[Slot], slot: int, entry: Slot) -> Log[Slot]:
    """The log with that entry in that slot; before it, what is not there becomes a gap.

    Behind the end this is an append, which shares all that was there. In the middle it copies, which a slot costs only
    where messages overtake each other.
    """
    missing = slot - 1 - log.length
    if missing == 0:
        return log.append(entry)
    if missing > 0:
        return log.extend((*(GAP,) * missing, entry))
    return log.truncate(slot - 1).extend((entry, *log[slot:]))


class MultiPaxosState(Node):
    """The state of one node, and how its log is read; `node.MultiPaxos` says what it does."""

    # Tunables: the first three are Raft's, with the same values, so that the two compare

    election_low: int = param(
        150_000, 10_000, 10_000_000, "µs", N_("Election timeout, shortest"),
        N_("A follower that hears no leader for a random time, from this on, becomes a candidate."),
    )  # fmt: skip
    election_high: int = param(
        300_000, 10_000, 20_000_000, "µs", N_("Election timeout, longest"),
        N_("The random election timeout ends here. A wider spread makes duels of candidates rarer."), not_below="election_low",
    )  # fmt: skip
    heartbeat_interval: int = param(
        50_000, 1_000, 5_000_000, "µs", N_("Heartbeat interval"),
        N_("How often a leader lets its followers know that it is there, and sends again what was not accepted."),
    )  # fmt: skip
    window: int = param(
        8, 1, 64, "count", N_("Window"),
        N_("How many slots a leader proposes for at once, before the first of them is known to be chosen."),
    )  # fmt: skip

    # Rules

    majority: bool = rule(
        N_("Majority"),
        N_("Promises and acceptances need more than half of all members. Without it, one node fewer is enough."),
        cites="Paxos Made Simple §2.2",
    )
    durable_promise: bool = rule(
        N_("Durable promise"),
        N_("The promised ballot is on disk before a node answers, so a crash does not lose it."),
        cites="Paxos Made Simple §2.5",
    )
    durable_accepted: bool = rule(
        N_("Durable acceptances"),
        N_("What a node accepts is on disk before it answers, so a crash does not lose it."),
        cites="Paxos Made Simple §2.5",
    )
    refuse_lower: bool = rule(
        N_("Refusal of lower ballots"),
        N_("A node that has promised a ballot promises and accepts nothing in a lower one."),
        cites="Paxos Made Simple §2.2, P1a",
    )
    adopt: bool = rule(
        N_("Adopt the value of the highest ballot"),
        N_(
            "A new leader proposes, for each slot, what was accepted there in the highest ballot that a promise reports."
        ),
        cites="Paxos Made Simple §2.2, P2c",
    )
    same_ballot: bool = rule(
        N_("Learn only what was accepted in the leader's ballot"),
        N_(
            "A node that hears how far the slots are chosen takes what it has accepted only if that was in the same ballot."
        ),
        cites="Paxos Made Simple §2.3",
    )
    in_order: bool = rule(
        N_("Apply without gaps"),
        N_("A slot is applied only after all slots before it. Without it, each is applied as soon as it is chosen."),
        cites="Paxos Made Simple §3",
    )
    once: bool = rule(
        N_("Apply an operation once"),
        N_("An operation that a client asked for again is answered again, and not applied again."),
        cites="Paxos Made Moderately Complex §2.1",
    )

    # On disk before any answer

    promised: str = durable(
        NO_BALLOT, N_("promised"), N_("The highest ballot promised; nothing below it is accepted any more."),
        unless="durable_promise",
    )  # fmt: skip
    log: Log[Slot] = durable(
        Log(), N_("slots"), N_("For each slot the ballot in which a command was accepted last, and the command."),
        unless="durable_accepted",
    )  # fmt: skip
    chosen_upto: int = durable(
        0, N_("chosen up to"), N_("All slots up to this one are known to be chosen, and are applied."),
        unless="durable_accepted",
    )  # fmt: skip

    # Volatile

    role: Role = volatile(FOLLOWER, N_("role"), N_("What the node believes itself to be."))
    leader: str | None = volatile(None, N_("leader"), N_("Whom the node holds for the leader of its ballot."))
    heard: str = volatile(NO_BALLOT, N_("heard of"), N_("The highest ballot that a refusal has told of."))
    asked_from: int = volatile(0, N_("asked from"), N_("The slot from which on it has asked what was chosen."))
    asked_at: int = volatile(0, N_("asked at"), N_("When it has asked, by its own clock (µs)."))

    # Volatile, of candidates and leaders

    promises: tuple[str, ...] = volatile((), N_("promises"), N_("Who has promised it its ballot."))
    reported: tuple[Report, ...] = volatile((), N_("reported"), N_("What promises have reported as accepted."))
    accepted_by: dict[str, tuple[str, ...]] = volatile(
        EMPTY, N_("accepted by"), N_("For each slot proposed and not chosen yet, who has accepted it.")
    )
    waiting: tuple[keyvalue.Command, ...] = volatile(
        (), N_("waiting"), N_("Operations for which the window has no slot yet.")
    )

    # The state machine: volatile, and rebuilt after a restart from the slots that are known to be chosen

    data: keyvalue.Data = volatile(EMPTY, N_("state machine"), N_("The key-value store."))
    sessions: dict[str, keyvalue.Session] = volatile(
        EMPTY, N_("sessions"), N_("For each client, its last operation applied, and the answer.")
    )

    @property
    def members(self) -> int:
        """How many nodes the cluster has, alive or not."""
        return len(self.peers) + 1

    @property
    def quorum(self) -> int:
        """How many of them are needed to promise and to accept."""
        needed = majority(len(self.peers) + 1)
        return needed if self.settings.majority else max(1, needed - 1)
