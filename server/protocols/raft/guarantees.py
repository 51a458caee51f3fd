"""What the extensions of Raft promise, beside the five properties of figure 3 (`properties.py`).

Each is judged from what nodes tell and from what is on their disks, whatever the tunables are. Where a tunable leaves the
promise out, the property says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...properties import ALWAYS, BROKEN, EVENTUALLY, HOLDS, WAITING, Property
from ...simulation import N_, Cluster, Event, Invoked, Setting
from ..quorum import majority
from ..service import STORE
from .indications import (
    BecameCandidate,
    BecamePreCandidate,
    CandidateByTransfer,
    Committed,
    Elected,
    LeaderGivesWay,
    PreVoteGranted,
    ReadByLease,
    ReadConfirmed,
    ReadLocally,
    ReadUnconfirmed,
    SteppedDown,
    SteppedDownUnheard,
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

    indications = {Elected: judge, SteppedDown: judge, SteppedDownUnheard: judge}
    on_down = judge


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

    def __init__(self) -> None:
        self.heard: dict[str, tuple[int, int]] = {}
        """For each node, when it last heard a leader, on its own clock in µs, and the leader's term."""

    def on_heard(self, until: int, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        if until:
            self.heard[event.host] = (_clock(cluster, event.host), term_of(cluster, event.host))
        return None

    def on_vote(self, granted: VoteGranted, event: Event, cluster: Cluster) -> str | None:
        settings = cluster.settings
        if not settings.check_quorum and settings.reads != "lease":
            return None
        return self.on_pre_vote(granted, event, cluster)

    def on_pre_vote(self, granted: VoteGranted | PreVoteGranted, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        heard, term = self.heard.get(event.host, (-1, 0))
        since = _clock(cluster, event.host) - heard
        replaces = heard >= 0 and granted.term > term
        return BROKEN if replaces and 0 <= since < cluster.settings.election_low else None

    def on_free(self, what: Any, event: Event, cluster: Cluster) -> str | None:
        """It gave its leader up itself, or the leader wants it."""
        assert event.host is not None
        self.heard.pop(event.host, None)
        return None

    def on_command(self, host: str, event: Event, cluster: Cluster) -> str | None:
        if not cluster.hosts[host].up:
            self.heard.pop(host, None)
        return None

    indications = {
        VoteGranted: on_vote, PreVoteGranted: on_pre_vote, LeaderGivesWay: on_free, BecameCandidate: on_free,
        BecamePreCandidate: on_free, CandidateByTransfer: on_free,
    }  # fmt: skip
    fields = {"withhold_until": on_heard}
    on_down = on_command


def _clock(cluster: Cluster, node: str) -> int:
    return cluster.hosts[node].local(cluster.time)


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

    def on_read(self, read: ReadByLease, event: Event, cluster: Cluster) -> str | None:
        leader = event.host
        assert leader is not None
        backing = sum(node == leader or self.backs(node, leader, cluster) for node in cluster.nodes)
        return None if backing >= majority(len(cluster.nodes)) else BROKEN

    def backs(self, node: str, leader: str, cluster: Cluster) -> bool:
        """Whether a node votes for nobody else now: it is down, or withholds its vote and has heard no other leader."""
        server = cluster.hosts[node].node
        assert isinstance(server, Terms)
        if not cluster.hosts[node].up:
            return True
        return _clock(cluster, node) < server.withhold_until and server.leader in (leader, None)

    indications = {ReadByLease: on_read}


SERVICE = replace(
    STORE,
    disclaimed=NoStaleRead.disclaimed,
    assumes=N_("Where reads go by lease: clocks differ in speed by no more than the lease allows for."),
)
"""The key-value store that clients take a cluster for."""

GUARANTEES: tuple[type[Property], ...] = (
    HeardLeaderStays, SuccessorIsComplete, NoStaleRead, NoStaleLeaseRead, LeaseIsBacked, OneLeaderLasts,
)  # fmt: skip
