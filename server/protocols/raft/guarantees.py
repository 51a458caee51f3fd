"""What the extensions of Raft promise, beside the five properties of figure 3 (`properties.py`).

Each is judged from what nodes tell and from what is on their disks, whatever the tunables are. Where a tunable leaves the
promise out, the property says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...properties import ALWAYS, BROKEN, EVENTUALLY, HOLDS, WAITING, Property
from ...simulation import N_, Cluster, Event, Invoked, Setting
from ..quorum import Ballot, vote_result
from ..service import STORE
from .indications import (
    Committed,
    Elected,
    PreVoteGranted,
    ReadAfterLease,
    ReadByLease,
    ReadConfirmed,
    ReadLocally,
    ReadUnconfirmed,
    RemovedLeaderStepsDown,
    SteppedDown,
    SteppedDownUnheard,
    StillFollows,
    ToldToCampaign,
    VoteGranted,
)
from .properties import leads, log_of, term_of
from .terms import Terms

GOOD_CLOCKS = N_(
    "Clocks differ in speed by no more than the lease allows for. Nobody sets a clock, or has a timer run out early."
)
CLOCK_FAULTS = frozenset({"clock", "fire"})


class OneLeaderLasts(Property):
    """With CheckQuorum two nodes that believe themselves leaders are not two for long, though nothing be repaired."""

    name = "one_leader_lasts"
    title = N_("Two leaders do not last")
    text = N_("Two nodes may believe for a while that they lead; in the end one at the most does.")
    cites = "Ongaro 2014 §6.2"
    kind = EVENTUALLY

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:
        if params["check_quorum"]:
            return None
        return N_("Without CheckQuorum a leader that is cut off believes in itself until it hears of a newer term.")

    def judge(self, what: Any, event: Event, cluster: Cluster) -> str | None:
        return HOLDS if sum(leads(cluster, node) for node in cluster.nodes) <= 1 else WAITING

    indications = {Elected: judge, SteppedDown: judge, SteppedDownUnheard: judge, RemovedLeaderStepsDown: judge}
    on_down = judge


def _are_a_quorum(nodes: Iterable[str], leader: str, cluster: Cluster) -> bool:
    """Whether these are a majority of those who vote, as the leader knows them; of each half where there are two."""
    server = cluster.hosts[leader].node
    assert isinstance(server, Terms)
    return vote_result(server.voting or (cluster.nodes,), dict.fromkeys(nodes, True)) is Ballot.WON


class HeardLeaderStays(Property):
    """Whoever has heard a leader within the shortest election timeout helps nobody to replace it, unless it gives way."""

    name = "heard_leader_stays"
    title = N_("Nobody replaces a leader that it hears")
    text = N_(
        "With PreVote no node gives a pre-vote, and with CheckQuorum or leases no node gives a vote, "
        "within the shortest election timeout of hearing a leader, by its own clock; but where the leader hands over."
    )
    cites = "Ongaro 2014 §4.2.3, §9.6"
    kind = ALWAYS

    def on_vote(self, granted: VoteGranted, event: Event, cluster: Cluster) -> str | None:
        settings = cluster.settings
        if not settings.check_quorum and settings.reads != "lease":
            return None
        assert event.host is not None
        if _server(cluster, event.host).leader is not None:  # it voted in that leader's own term, which deposes nobody
            return None
        return self.judge(granted, event, cluster)

    def judge(self, granted: Any, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        return BROKEN if _withholds(cluster, event.host) else None

    indications = {VoteGranted: on_vote, PreVoteGranted: judge}


def _server(cluster: Cluster, node: str) -> Terms:
    server = cluster.hosts[node].node
    assert isinstance(server, Terms)
    return server


def _withholds(cluster: Cluster, node: str) -> bool:
    """Whether a node has heard a leader so lately, by its own clock, that it must help nobody to replace it."""
    return cluster.hosts[node].local(cluster.time) < _server(cluster, node).withhold_until


class SuccessorIsComplete(Property):
    """Who is told to start an election has the whole log of the leader that tells it."""

    name = "successor_is_complete"
    title = N_("A successor has the whole log")
    text = N_("A leader that hands over tells only a node to campaign that has all of its log.")
    cites = "Ongaro 2014 §3.10"
    kind = ALWAYS

    def on_told(self, told: ToldToCampaign, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        own = log_of(cluster, event.host)
        return None if own.common_prefix(log_of(cluster, told.target)) == own.length else BROKEN

    indications = {ToldToCampaign: on_told}


class FreshReads(Property):
    """What reads without the log promise: to have seen all that was committed when they were asked for."""

    kind = ALWAYS

    def __init__(self) -> None:
        self.committed = 0
        """The highest index that any leader has committed."""
        self.asked: dict[str, tuple[int, int]] = {}
        """For each client: its operation under way, and what was committed when it began."""

    def on_committed(self, committed: Committed, event: Event, cluster: Cluster) -> str | None:
        self.committed = max(self.committed, committed.index)
        return None

    def on_invoked(self, invoked: Invoked, event: Event, cluster: Cluster) -> str | None:
        client, serial = invoked.id.rsplit(".", 1)
        self.asked[client] = (int(serial), self.committed)
        return None

    def on_answer(self, read: Any, event: Event, cluster: Cluster) -> str | None:
        serial, committed = self.asked.get(read.client, (0, 0))
        return BROKEN if read.serial == serial and read.index < committed else None


class NoStaleRead(FreshReads):
    """A read that does not go through the log has seen all that was committed when it was asked for."""

    name = "no_stale_read"
    title = N_("No read is stale")
    text = N_("A leader's answer to a read has seen all that was committed when the client asked.")
    cites = "Ongaro 2014 §6.4"

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:
        if params["reads"] == "local":
            return N_(
                "A leader answers reads from its own state and asks nobody: a deposed one does not know what it missed."
            )
        return None

    indications = {
        Committed: FreshReads.on_committed, Invoked: FreshReads.on_invoked, ReadConfirmed: FreshReads.on_answer,
        ReadUnconfirmed: FreshReads.on_answer, ReadLocally: FreshReads.on_answer,
    }  # fmt: skip


class ReadIsConfirmed(Property):
    """The step of the argument that ReadIndex rests on: in the followers' words, not in the leader's."""

    name = "read_is_confirmed"
    title = N_("A read is confirmed by a majority")
    text = N_(
        "A leader that asks whether it still leads answers a read only after a majority, itself included, "
        "has said so since the client asked."
    )
    cites = "Ongaro 2014 §6.4"
    kind = ALWAYS

    def __init__(self) -> None:
        self.asked: dict[str, tuple[int, dict[str, tuple[int, tuple[str, ...]]]]] = {}
        """For each client its operation under way, and who has said since whom they follow: by leader, its term and they."""

    def on_invoked(self, invoked: Invoked, event: Event, cluster: Cluster) -> str | None:
        client, serial = invoked.id.rsplit(".", 1)
        self.asked[client] = (int(serial), {})
        return None

    def on_followed(self, told: StillFollows, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        for client, (serial, said) in self.asked.items():
            term, followers = said.get(told.leader, (0, ()))
            if told.term > term:
                followers = ()
            if told.term >= term and event.host not in followers:
                now = (told.term, tuple(sorted((*followers, event.host))))
                self.asked[client] = (serial, {**said, told.leader: now})
        return None

    def on_answer(self, read: Any, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        serial, by_leader = self.asked.get(read.client, (0, {}))
        term, followers = by_leader.get(event.host, (0, ()))
        said = followers if term == term_of(cluster, event.host) else ()
        confirmed = _are_a_quorum([event.host, *said], event.host, cluster)
        return BROKEN if read.serial == serial and not confirmed else None

    indications = {Invoked: on_invoked, StillFollows: on_followed, ReadConfirmed: on_answer, ReadUnconfirmed: on_answer}


class NoStaleLeaseRead(FreshReads):
    """The same of reads by lease, which trust in clocks."""

    name = "no_stale_lease_read"
    title = N_("No read by lease is stale")
    text = N_("A leader's answer to a read by lease has seen all that was committed when the client asked.")
    cites = "Ongaro 2014 §6.4.1"
    assumes = GOOD_CLOCKS
    spares = CLOCK_FAULTS

    indications = {
        Committed: FreshReads.on_committed, Invoked: FreshReads.on_invoked, ReadByLease: FreshReads.on_answer,
        ReadAfterLease: FreshReads.on_answer,
    }  # fmt: skip


class LeaseIsBacked(Property):
    """When a read is answered by lease, a majority is in no position to elect anybody else: that is all a lease is."""

    name = "lease_is_backed"
    title = N_("A lease is backed by promises")
    text = N_("When a leader answers a read by lease, a majority withholds its votes from everybody else.")
    cites = "Ongaro 2014 §6.4.1"
    kind = ALWAYS
    assumes = GOOD_CLOCKS
    spares = CLOCK_FAULTS

    def on_read(self, read: Any, event: Event, cluster: Cluster) -> str | None:
        leader = event.host
        assert leader is not None
        backing = [node for node in cluster.nodes if node == leader or self.backs(node, leader, cluster)]
        return None if _are_a_quorum(backing, leader, cluster) else BROKEN

    def backs(self, node: str, leader: str, cluster: Cluster) -> bool:
        """Whether a node votes for nobody else now: it is down, or withholds its vote and has heard no other leader."""
        if not cluster.hosts[node].up:
            return True
        return _withholds(cluster, node) and _server(cluster, node).leader in (leader, None)

    indications = {ReadByLease: on_read, ReadAfterLease: on_read}


def _bad_clocks(params: Mapping[str, Setting]) -> frozenset[str]:
    """Reads by lease trust in clocks, the others in nothing of the kind."""
    return CLOCK_FAULTS if params["reads"] == "lease" else frozenset()


SERVICE = replace(
    STORE,
    disclaimed=NoStaleRead.disclaimed,
    spares=_bad_clocks,
    assumes=N_("Where reads go by lease: clocks differ in speed by no more than the lease allows for."),
)
"""The key-value store that clients take a cluster for."""

GUARANTEES: tuple[type[Property], ...] = (
    HeardLeaderStays, SuccessorIsComplete, NoStaleRead, ReadIsConfirmed, NoStaleLeaseRead, LeaseIsBacked, OneLeaderLasts,
)  # fmt: skip
