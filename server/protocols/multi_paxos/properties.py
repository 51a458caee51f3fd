"""What Multi-Paxos promises: one value for a slot, the same state everywhere, and that something happens.

Each safety property is judged event by event, from what nodes indicate, and remembers just enough. They look at what
happened, never at how the handlers are written.
"""

from __future__ import annotations

from typing import Any

from ...properties import ALWAYS, BROKEN, EVENTUALLY, HOLDS, SEEN, SOMETIMES, WAITING, Property
from ...simulation import N_, Cluster, Event, Returned
from ..ballots import rank
from ..keyvalue import Command
from ..quorum import majority
from .indications import (
    Adopted,
    Applied,
    BecameCandidate,
    Chosen,
    DuplicateNotApplied,
    Elected,
    NoOpProposed,
    NotApplied,
    OvertakenNotApplied,
    Promised,
    ProposalAccepted,
    Proposed,
    Replayed,
    SteppedDown,
)
from .state import LEADER, MultiPaxosState

Rank = tuple[int, str]


def state_of(cluster: Cluster, node: str) -> MultiPaxosState:
    """What a node knows, up or down."""
    server = cluster.hosts[node].node
    assert isinstance(server, MultiPaxosState)
    return server


def leads(cluster: Cluster, node: str) -> bool:
    """Whether a node is up and believes itself the leader."""
    return cluster.hosts[node].up and state_of(cluster, node).role is LEADER


class BallotLedOnce(Property):
    """A ballot is made by one node, and used once."""

    name = "ballot_led_once"
    title = N_("One leader for a ballot")
    text = N_("With a ballot at most one leader is elected, and only once.")
    cites = "Paxos Made Simple §2.5"
    kind = ALWAYS

    def __init__(self) -> None:
        self.led: dict[str, str] = {}

    def on_elected(self, elected: Elected, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        if elected.ballot in self.led:
            return BROKEN
        self.led[elected.ballot] = event.host
        return None

    indications = {Elected: on_elected}


class PromisedByMajority(Property):
    """Phase 2 begins with the promises of a majority, counted by one who hears every acceptor."""

    name = "promised_by_majority"
    title = N_("Promised by a majority")
    text = N_("A leader is elected only when more than half of all nodes, itself among them, have promised its ballot.")
    cites = "Paxos Made Simple §2.2"
    kind = ALWAYS

    def __init__(self) -> None:
        self.promised: dict[str, tuple[str, ...]] = {}
        """For each ballot, who has promised it."""

    def on_promised(self, told: Promised | BecameCandidate, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        nodes = self.promised.get(told.ballot, ())
        if event.host not in nodes:
            self.promised[told.ballot] = (*nodes, event.host)
        return None

    def on_elected(self, elected: Elected, event: Event, cluster: Cluster) -> str | None:
        return None if len(self.promised.get(elected.ballot, ())) >= majority(len(cluster.nodes)) else BROKEN

    indications = {BecameCandidate: on_promised, Promised: on_promised, Elected: on_elected}


class PromisesKept(Property):
    """P1a: an acceptor accepts in a ballot only if it has not promised a higher one."""

    name = "promises_kept"
    title = N_("Promises are kept")
    text = N_(
        "A node that has promised or accepted a ballot never promises or accepts a lower one, not even after a crash."
    )
    cites = "Paxos Made Simple §2.2, P1a"
    kind = ALWAYS

    def __init__(self) -> None:
        self.highest: dict[str, str] = {}

    def on_ballot(
        self, told: Promised | ProposalAccepted | BecameCandidate, event: Event, cluster: Cluster
    ) -> str | None:
        assert event.host is not None
        before = self.highest.get(event.host)
        if before == told.ballot:
            return None
        if before is not None and rank(told.ballot) < rank(before):
            return BROKEN
        self.highest[event.host] = told.ballot
        return None

    indications = {Promised: on_ballot, ProposalAccepted: on_ballot, BecameCandidate: on_ballot}


class OneValue(Property):
    """The safety of consensus, for each instance: only a single value is chosen, and it stays chosen."""

    name = "one_value"
    title = N_("One value for a slot")
    text = N_("For a slot at most one value is ever chosen.")
    cites = "Paxos Made Simple §2.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.chosen: dict[int, Command | None] = {}

    def on_chosen(self, chosen: Chosen, event: Event, cluster: Cluster) -> str | None:
        first = self.chosen.setdefault(chosen.slot, chosen.command)
        return None if first is chosen.command or first == chosen.command else BROKEN

    indications = {Chosen: on_chosen}


class ChosenByMajority(Property):
    """Chosen means accepted by a majority: counted over all members, by one who sees the disks of all of them."""

    name = "chosen_by_majority"
    title = N_("Chosen by a majority")
    text = N_(
        "When a leader says that a slot is chosen, more than half of all nodes have accepted that value, "
        "in its ballot or later."
    )
    cites = "Paxos Made Simple §2.2"
    kind = ALWAYS

    def on_chosen(self, chosen: Chosen, event: Event, cluster: Cluster) -> str | None:
        have = sum(1 for node in cluster.nodes if self._has(state_of(cluster, node), chosen))
        return None if have >= majority(len(cluster.nodes)) else BROKEN

    @staticmethod
    def _has(server: MultiPaxosState, chosen: Chosen) -> bool:
        """Whether a node has the value in that slot, accepted in this ballot or later, or known to be chosen."""
        if chosen.slot > server.log.length:
            return False
        entry = server.log.items[chosen.slot - 1]
        if entry.gap or (entry.command is not chosen.command and entry.command != chosen.command):
            return False
        known = entry.early or chosen.slot <= server.chosen_upto
        return known or rank(entry.ballot) >= rank(chosen.ballot)

    indications = {Chosen: on_chosen}


class ChosenIsAdopted(Property):
    """P2b: if a value is chosen, every higher-numbered proposal has that value."""

    name = "chosen_is_adopted"
    title = N_("A new leader adopts what is chosen")
    text = N_(
        "If a value is chosen for a slot in a ballot, every proposal for the slot in a higher ballot has that value."
    )
    cites = "Paxos Made Simple §2.2, P2b"
    kind = ALWAYS

    def __init__(self) -> None:
        self.chosen: dict[int, tuple[Rank, Command | None]] = {}
        """For each slot, the lowest ballot in which it was chosen, and the value."""
        self.proposed: dict[int, list[tuple[Rank, Command | None]]] = {}
        """For each slot, what was proposed in which ballot."""

    def on_proposed(self, told: Proposed | Adopted | NoOpProposed, event: Event, cluster: Cluster) -> str | None:
        ballot = rank(told.ballot)
        self.proposed.setdefault(told.slot, []).append((ballot, told.command))
        chosen = self.chosen.get(told.slot)
        if chosen is None or ballot <= chosen[0] or told.command == chosen[1]:
            return None
        return BROKEN

    def on_chosen(self, told: Chosen, event: Event, cluster: Cluster) -> str | None:
        ballot = rank(told.ballot)
        known = self.chosen.get(told.slot)
        if known is None or ballot < known[0]:
            self.chosen[told.slot] = (ballot, told.command)
        for later, command in self.proposed.get(told.slot, ()):
            if later > ballot and command != told.command:
                return BROKEN
        return None

    indications = {Proposed: on_proposed, Adopted: on_proposed, NoOpProposed: on_proposed, Chosen: on_chosen}


class StateMachineSafety(Property):
    """If a node has applied a command of a slot, no other ever applies a different one of that slot."""

    name = "state_machine_safety"
    title = N_("State Machine Safety")
    text = N_("No two nodes ever apply different commands of the same slot.")
    cites = "Paxos Made Simple §3"
    kind = ALWAYS

    def __init__(self) -> None:
        self.applied: dict[int, Command | None] = {}

    def on_applied(self, told: Applied | NotApplied, event: Event, cluster: Cluster) -> str | None:
        first = self.applied.setdefault(told.slot, told.command)
        return None if first is told.command or first == told.command else BROKEN

    indications = {Applied: on_applied, DuplicateNotApplied: on_applied, OvertakenNotApplied: on_applied}


class OnlyChosenApplied(Property):
    """A process never learns that a value has been chosen unless it actually has been (section 2.1)."""

    name = "only_chosen_applied"
    title = N_("Only what is chosen is applied")
    text = N_("A node applies a command of a slot only when that command was chosen there.")
    cites = "Paxos Made Simple §2.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.chosen: dict[int, tuple[Command | None, ...]] = {}
        """For each slot what was chosen, which is one value as long as nothing is broken."""

    def on_chosen(self, told: Chosen, event: Event, cluster: Cluster) -> str | None:
        found = self.chosen.get(told.slot, ())
        if told.command not in found:
            self.chosen[told.slot] = (*found, told.command)
        return None

    def on_applied(self, told: Applied | NotApplied, event: Event, cluster: Cluster) -> str | None:
        return None if told.command in self.chosen.get(told.slot, ()) else BROKEN

    indications = {
        Chosen: on_chosen,
        Applied: on_applied,
        DuplicateNotApplied: on_applied,
        OvertakenNotApplied: on_applied,
    }


class SameAnswers(Property):
    """Nodes that run the same commands in the same order come through the same states, also after a restart."""

    name = "same_answers"
    title = N_("The same state everywhere")
    text = N_("What a slot does, and answers, is the same at every node that applies it.")
    cites = "Paxos Made Simple §3"
    kind = ALWAYS

    def __init__(self) -> None:
        self.answers: dict[int, tuple[bool, Any]] = {}
        """For each slot whether it had an effect on the first node that came to it, and its answer there."""

    def on_applied(self, told: Applied | NotApplied, event: Event, cluster: Cluster) -> str | None:
        answer = (True, told.result) if isinstance(told, Applied) else (False, None)
        return None if self.answers.setdefault(told.slot, answer) == answer else BROKEN

    indications = {Applied: on_applied, DuplicateNotApplied: on_applied, OvertakenNotApplied: on_applied}


class AppliedInOrder(Property):
    """Each node applies the slots one after the other, without leaving one out; after a crash from the first again."""

    name = "applied_in_order"
    title = N_("Applied in order")
    text = N_("A node applies a slot only when it has applied all slots before it.")
    cites = "Paxos Made Simple §3"
    kind = ALWAYS

    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    def on_applied(self, told: Applied | NotApplied, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        before = self.last.get(event.host, 0)
        self.last[event.host] = told.slot
        return None if told.slot == before + 1 else BROKEN

    def on_replayed(self, told: Replayed, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        self.last[event.host] = told.slot
        return None

    def on_command(self, host: str, event: Event, cluster: Cluster) -> str | None:
        if not cluster.hosts[host].up:
            self.last.pop(host, None)
        return None

    indications = {
        Applied: on_applied,
        DuplicateNotApplied: on_applied,
        OvertakenNotApplied: on_applied,
        Replayed: on_replayed,
    }
    on_down = on_command


class AppliedOnce(Property):
    """A client's operations take effect on a node in the order of their serial numbers, each once."""

    name = "applied_once"
    title = N_("Applied once")
    text = N_("No node applies an operation of a client twice, however often it was asked for.")
    cites = "Paxos Made Moderately Complex §2.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.serials: dict[str, dict[str, int]] = {}

    def on_applied(self, told: Applied, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        command = told.command
        if command is None:
            return None
        serials = self.serials.setdefault(event.host, {})
        if command.serial <= serials.get(command.client, 0):
            return BROKEN
        serials[command.client] = command.serial
        return None

    def on_command(self, host: str, event: Event, cluster: Cluster) -> str | None:
        if not cluster.hosts[host].up:
            self.serials.pop(host, None)
        return None

    indications = {Applied: on_applied}
    on_down = on_command


class LeaderExists(Property):
    """Some node that is up believes that it leads. Whether anybody hears it is not asked: see "a request is answered"."""

    name = "leader_exists"
    title = N_("A leader exists")
    text = N_("Some node that is up leads. It may fail for a while, and must come back.")
    cites = "Paxos Made Simple §2.4"
    kind = EVENTUALLY

    def judge(self, what: Any, event: Event, cluster: Cluster) -> str | None:
        return HOLDS if any(leads(cluster, node) for node in cluster.nodes) else WAITING

    indications = {Elected: judge, SteppedDown: judge}
    on_down = judge


class RequestAnswered(Property):
    """A client's operation is answered."""

    name = "request_answered"
    title = N_("A request is answered")
    text = N_("At least once, a client's operation is carried out and answered.")
    cites = "Paxos Made Simple §3"
    kind = SOMETIMES

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        return SEEN if returned.outcome == "ok" else None

    indications = {Returned: on_returned}


PROPERTIES: tuple[type[Property], ...] = (
    BallotLedOnce, PromisedByMajority, PromisesKept, OneValue, ChosenByMajority, ChosenIsAdopted, OnlyChosenApplied,
    StateMachineSafety, SameAnswers, AppliedInOrder, AppliedOnce, LeaderExists, RequestAnswered,
)  # fmt: skip
