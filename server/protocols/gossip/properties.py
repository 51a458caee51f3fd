"""What gossip promises, and what nobody may expect of it.

It promises that versions win and lose alike at all nodes, that nothing goes back, that what was acknowledged is kept
somewhere, and that the nodes come to have the same data. It does not promise that a read sees a write, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...properties import ALWAYS, BROKEN, EVENTUALLY, HOLDS, SEEN, SOMETIMES, WAITING, Property
from ...simulation import N_, Cluster, Event, Returned, Setting
from ..keyvalue import Scalar
from .guarantees import AcknowledgedKept, EverywhereIsTrue, FreshReads, NothingInvented, ReadYourWrites, Written
from .indications import (
    CertificateTaken,
    Certified,
    DeletedEverywhere,
    Everywhere,
    Forgotten,
    Kept,
    Learned,
    Replaced,
    ReplacedUnchecked,
    Stamped,
    TieKept,
    WriteLost,
)
from .messages import NO_STAMP, Stamp
from .state import CLOCK, EMPTY, Store, store_of, visible

PAIRS_MAX = 5_000
"""How many comparisons of two versions are remembered; of more, the oldest go."""


class NoStepBack(Property):
    """A node's version of a key only ever becomes newer."""

    name = "no_step_back"
    title = N_("The last writer wins")
    text = N_("A node never replaces its version of a key by an older one.")
    cites = "Demers §1.1, §1.3"
    kind = ALWAYS

    def __init__(self) -> None:
        self.stores: dict[str, Store] = {}

    def on_store(self, store: Store, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        before = self.stores.get(event.host, EMPTY)
        self.stores[event.host] = store
        back = any(
            key in before and item is not before[key] and item.stamp < before[key].stamp for key, item in store.items()
        )
        return BROKEN if back else None

    fields = {"store": on_store}


class OneWinner(Property):
    """Of two versions every node that compares them keeps the same one."""

    name = "one_winner"
    title = N_("The same winner everywhere")
    text = N_("Of two versions of a key, all nodes that compare them keep the same one.")
    cites = "Demers §1.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.won: dict[tuple[str, Stamp, Stamp], None] = {}
        """Key, winner, loser."""

    def _judge(self, key: str, winner: Stamp, loser: Stamp) -> str | None:
        if winner == loser:
            return None
        self.won[key, winner, loser] = None
        if len(self.won) > PAIRS_MAX:
            del self.won[next(iter(self.won))]
        return BROKEN if (key, loser, winner) in self.won else None

    def on_taken(self, t: Replaced | ReplacedUnchecked, event: Event, cluster: Cluster) -> str | None:
        return self._judge(t.key, (t.time, t.by), (t.own_time, t.own_by))

    def on_kept(self, k: Kept | WriteLost, event: Event, cluster: Cluster) -> str | None:
        return self._judge(k.key, (k.own_time, k.own_by), (k.time, k.by))

    def on_tie(self, k: TieKept, event: Event, cluster: Cluster) -> str | None:
        return self._judge(k.key, (k.time, k.own_by), (k.time, k.by))

    indications = {
        Replaced: on_taken, ReplacedUnchecked: on_taken, Kept: on_kept, WriteLost: on_kept, TieKept: on_tie,
    }  # fmt: skip


class OneValue(Property):
    """A stamp names one version."""

    name = "one_value"
    title = N_("One stamp, one value")
    text = N_("No two different writes of a key have the same stamp: else nodes with the same stamp differ for ever.")
    cites = "Demers §1.1"
    kind = ALWAYS

    def __init__(self) -> None:
        self.values: dict[tuple[str, Stamp], Scalar] = {}

    def on_written(self, w: Stamped | WriteLost | Certified, event: Event, cluster: Cluster) -> str | None:
        found = None if isinstance(w, Certified) else w.value
        first = self.values.setdefault((w.key, (w.time, w.by)), found)
        if len(self.values) > PAIRS_MAX:
            del self.values[next(iter(self.values))]
        return None if first == found else BROKEN

    indications = {Stamped: on_written, WriteLost: on_written, Certified: on_written}


class NoReturn(Property):
    """Where a key was deleted, no version older than the deletion comes back."""

    name = "no_return"
    title = N_("What was deleted stays deleted")
    text = N_(
        "A node that has deleted a key, or was told so, never takes an older value of it again, unless its disk is lost."
    )
    cites = "Demers §2"
    kind = ALWAYS

    def __init__(self) -> None:
        self.deleted: dict[tuple[str, str], Stamp] = {}
        """For each node and key, the latest deletion that it knew of."""

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:
        if params["certificate_life"]:
            return N_("Death certificates are thrown away: a node that was away for longer brings old values back.")
        return None

    def on_deleted(self, d: Certified | Forgotten | CertificateTaken, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        at = (event.host, d.key)
        self.deleted[at] = max(self.deleted.get(at, NO_STAMP), (d.time, d.by))
        return None

    def on_taken(self, t: Learned | Replaced | ReplacedUnchecked, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        if t.value is None:
            return self.on_deleted(CertificateTaken(t.key, t.time, t.by, t.src), event, cluster)
        return BROKEN if (t.time, t.by) < self.deleted.get((event.host, t.key), NO_STAMP) else None

    indications = {
        Certified: on_deleted, Forgotten: on_deleted, CertificateTaken: on_deleted,
        Learned: on_taken, Replaced: on_taken, ReplacedUnchecked: on_taken,
    }  # fmt: skip


class StampedOnce(Property):
    """No node makes two writes of one operation."""

    name = "stamped_once"
    title = N_("One operation, one write at a node")
    text = N_(
        "However often it is asked, a node makes one write of a client's operation. Another node may make one more."
    )
    cites = "Birrell and Nelson 1984"
    kind = ALWAYS

    def __init__(self) -> None:
        self.last: dict[tuple[str, str], int] = {}
        """For each node and client the serial number of the last operation stamped there."""

    def on_written(self, w: Written, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        at = (event.host, w.client)
        if w.serial <= self.last.get(at, 0):
            return BROKEN
        self.last[at] = w.serial
        return None

    indications = {Stamped: on_written, WriteLost: on_written, Certified: on_written, Forgotten: on_written}


class LaterWriteWins(Property):
    """A write that a node takes is newer than what the node had."""

    name = "later_write_wins"
    title = N_("No write is lost to a wrong clock")
    text = N_("A write never loses to a version that its node had when it took the write.")
    cites = "Kulkarni et al. 2014"
    kind = ALWAYS

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:
        if params["stamps"] == CLOCK:
            return N_("Stamps are read from clocks, and clocks are wrong: a write of later may have the earlier stamp.")
        return None

    def on_lost(self, lost: WriteLost, event: Event, cluster: Cluster) -> str | None:
        return BROKEN

    indications = {WriteLost: on_lost}


class Converged(Property):
    """All nodes that are up have the same data."""

    name = "converged"
    title = N_("All have the same data")
    text = N_(
        "Once writes stop, all nodes that are up and can reach each other, if need be by way of others, "
        "come to have the same data."
    )
    cites = "Demers §0"
    kind = EVENTUALLY

    def judge(self, what: object, event: Event, cluster: Cluster) -> str | None:
        stores = [visible(store_of(cluster, node)) for node in cluster.nodes if cluster.hosts[node].up]
        return HOLDS if all(store == stores[0] for store in stores) else WAITING

    fields = {"store": judge}
    on_down = judge


class KnownEverywhere(Property):
    """The node that took a write comes to know that all have it."""

    name = "known_everywhere"
    title = N_("A write is seen everywhere")
    text = N_("At least once, the node that took a write sees that all nodes have it.")
    cites = "Golding 1992"
    kind = SOMETIMES

    def on_everywhere(self, told: Everywhere | DeletedEverywhere, event: Event, cluster: Cluster) -> str | None:
        return SEEN

    indications = {Everywhere: on_everywhere, DeletedEverywhere: on_everywhere}


class RequestAnswered(Property):
    """A client's operation is answered."""

    name = "request_answered"
    title = N_("A request is answered")
    text = N_("At least once, a client's operation is carried out and answered.")
    cites = "Demers §0"
    kind = SOMETIMES

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        return SEEN if returned.outcome == "ok" else None

    indications = {Returned: on_returned}


PROPERTIES: tuple[type[Property], ...] = (
    NoStepBack, OneWinner, OneValue, NothingInvented, NoReturn, AcknowledgedKept, StampedOnce, LaterWriteWins,
    ReadYourWrites, FreshReads, EverywhereIsTrue, Converged, KnownEverywhere, RequestAnswered,
)  # fmt: skip
