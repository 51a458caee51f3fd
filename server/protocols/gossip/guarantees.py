"""What clients may expect of gossip, judged by the stamps of what they wrote and read; most of it is not promised."""

from __future__ import annotations

from collections.abc import Mapping

from ...properties import ALWAYS, BROKEN, Property
from ...simulation import N_, Cluster, Event, Invoked, Returned, Setting
from ..keyvalue import Scalar
from .client import ANY
from .indications import Certified, DeletedEverywhere, Everywhere, Forgotten, Read, Stamped, WriteLost
from .messages import NO_STAMP, Stamp
from .state import EMPTY, Store, store_of

Written = Stamped | WriteLost | Certified | Forgotten


class Operations(Property):
    """What clients wrote and read, by the stamps that nodes gave and showed: for the properties that are about it."""

    def __init__(self) -> None:
        self.written: dict[tuple[str, int], Stamp] = {}
        """Stamps of writes under way, by client and serial number; the earlier one where two nodes made the write."""
        self.shown: dict[tuple[str, int], list[tuple[Scalar, Stamp]]] = {}
        """What nodes have answered to reads under way."""
        self.finished: dict[str, int] = {}
        """The last operation of each client that is over."""

    def on_written(self, w: Written, event: Event, cluster: Cluster) -> str | None:
        if w.serial > self.finished.get(w.client, 0):
            at = (w.client, w.serial)
            self.written[at] = min(self.written.get(at, (w.time, w.by)), (w.time, w.by))
        return None

    def on_read(self, r: Read, event: Event, cluster: Cluster) -> str | None:
        if r.serial > self.finished.get(r.client, 0):
            self.shown.setdefault((r.client, r.serial), []).append((r.value, (r.time, r.by)))
        return None

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        client = event.host
        assert client is not None
        serial = int(returned.id.rpartition(".")[2])
        self.finished[client] = serial
        stamp = self.written.pop((client, serial), None)
        shown = self.shown.pop((client, serial), [])
        if returned.outcome != "ok":
            return None
        key = returned.operation.key
        if returned.operation.name == "get":
            stamps = [found for value, found in shown if value == returned.result]
            return self.judge_read(client, key, max(stamps)) if stamps else None
        return self.judge_write(client, key, stamp, cluster) if stamp is not None else None

    def judge_read(self, client: str, key: str, stamp: Stamp) -> str | None:
        """A read has ended; it saw this stamp."""
        return None

    def judge_write(self, client: str, key: str, stamp: Stamp, cluster: Cluster) -> str | None:
        """A write or a deletion was acknowledged; it has this stamp."""
        return None

    indications = {
        Stamped: on_written, WriteLost: on_written, Certified: on_written, Forgotten: on_written, Read: on_read,
        Returned: on_returned,
    }  # fmt: skip


class AcknowledgedKept(Operations):
    """What was acknowledged, or something newer, is on the disk of some node."""

    name = "acknowledged_kept"
    title = N_("An acknowledged write is kept")
    text = N_(
        "A write that was answered, or a newer one of its key, is on the disk of some node, as long as disks are kept."
    )
    cites = "Demers §0"
    kind = ALWAYS

    def __init__(self) -> None:
        super().__init__()
        self.newest: dict[str, Stamp] = {}
        """Of each key the newest write that was acknowledged."""
        self.gone: dict[str, Stamp] = {}
        """Of each key the newest deletion, acknowledged or not: what is older need not be kept."""

    def on_deleted(self, d: Certified | Forgotten, event: Event, cluster: Cluster) -> str | None:
        self.gone[d.key] = max(self.gone.get(d.key, NO_STAMP), (d.time, d.by))
        return self.on_written(d, event, cluster)

    def judge_write(self, client: str, key: str, stamp: Stamp, cluster: Cluster) -> str | None:
        self.newest[key] = max(self.newest.get(key, NO_STAMP), stamp)
        return self._judge(key, cluster)

    def _judge(self, key: str, cluster: Cluster) -> str | None:
        stamp = self.newest[key]
        if stamp <= self.gone.get(key, NO_STAMP):
            return None
        for node in cluster.nodes:
            item = store_of(cluster, node).get(key)
            if item is not None and item.stamp >= stamp:
                return None
        return BROKEN

    def on_store(self, store: Store, event: Event, cluster: Cluster) -> str | None:
        return BROKEN if any(self._judge(key, cluster) == BROKEN for key in self.newest) else None

    indications = {**Operations.indications, Certified: on_deleted, Forgotten: on_deleted}
    fields = {"store": on_store}


class ReadYourWrites(Operations):
    """A client sees its own writes."""

    name = "read_your_writes"
    title = N_("A client reads its own writes")
    text = N_(
        "A read sees the last write of the same client that was answered, or a newer one, if both ask the same node."
    )
    cites = "Terry et al. 1994"
    kind = ALWAYS

    def __init__(self) -> None:
        super().__init__()
        self.own: dict[tuple[str, str], Stamp] = {}
        """For each client and key, its last write that was acknowledged."""

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:
        if params["asks"] == ANY:
            return N_("Weak consistency: another node is asked next, and it may not have heard of the write yet.")
        if params["certificate_life"]:
            return N_("Death certificates are thrown away: a node that was away for longer brings old values back.")
        return None

    def judge_write(self, client: str, key: str, stamp: Stamp, cluster: Cluster) -> str | None:
        self.own[client, key] = max(self.own.get((client, key), NO_STAMP), stamp)
        return None

    def judge_read(self, client: str, key: str, stamp: Stamp) -> str | None:
        return BROKEN if stamp < self.own.get((client, key), NO_STAMP) else None


class FreshReads(Operations):
    """A read sees what was acknowledged, to anybody, before it began."""

    name = "fresh_reads"
    title = N_("A read is fresh")
    text = N_("A read sees the newest write of its key that was answered before the read began.")
    cites = "Herlihy and Wing 1990"
    kind = ALWAYS

    def __init__(self) -> None:
        super().__init__()
        self.newest: dict[str, Stamp] = {}
        self.due: dict[str, Stamp] = {}
        """What the read that a client has begun must see."""

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:  # noqa: ARG003 - no tunable changes that
        return N_(
            "Weak consistency: any node answers from what it has, and does not ask whether there is something newer."
        )

    def on_invoked(self, invoked: Invoked, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        self.due[event.host] = self.newest.get(invoked.operation.key, NO_STAMP)
        return None

    def judge_write(self, client: str, key: str, stamp: Stamp, cluster: Cluster) -> str | None:
        self.newest[key] = max(self.newest.get(key, NO_STAMP), stamp)
        return None

    def judge_read(self, client: str, key: str, stamp: Stamp) -> str | None:
        return BROKEN if stamp < self.due.get(client, NO_STAMP) else None

    indications = {**Operations.indications, Invoked: on_invoked}


class NothingInvented(Operations):
    """What nodes have and what clients read was written by a client: values come with the stamps that they were given."""

    name = "nothing_invented"
    title = N_("Nothing out of nowhere")
    text = N_(
        "Every version that a node has was written with that stamp, and a read answers a version that a node has."
    )
    cites = "Demers §1.1"
    kind = ALWAYS

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[tuple[str, Stamp], Scalar] = {}
        """Each key and stamp that was given, with the value."""
        self.stores: dict[str, Store] = {}

    def on_made(self, w: Stamped | WriteLost | Certified, event: Event, cluster: Cluster) -> str | None:
        self.made[w.key, (w.time, w.by)] = None if isinstance(w, Certified) else w.value
        return self.on_written(w, event, cluster)

    def on_store(self, store: Store, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        before = self.stores.get(event.host, EMPTY)
        self.stores[event.host] = store
        new = [item for key, item in store.items() if before.get(key) is not item]
        known = all((i.key, i.stamp) in self.made and self.made[i.key, i.stamp] == i.value for i in new)
        return None if known else BROKEN

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        shown = self.shown.get((event.host, int(returned.id.rpartition(".")[2])), [])
        read = returned.outcome == "ok" and returned.operation.name == "get"
        super().on_returned(returned, event, cluster)
        return BROKEN if read and all(value != returned.result for value, _ in shown) else None

    def on_read(self, r: Read, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        super().on_read(r, event, cluster)
        item = store_of(cluster, event.host).get(r.key)
        return None if r.value == (None if item is None else item.value) else BROKEN

    indications = {
        Stamped: on_made, WriteLost: on_made, Certified: on_made, Forgotten: Operations.on_written, Read: on_read,
        Returned: on_returned,
    }  # fmt: skip
    fields = {"store": on_store}


class EverywhereIsTrue(Property):
    """What a node takes to be everywhere is, or something newer: counted over all nodes, by one who sees their disks."""

    name = "everywhere_is_true"
    title = N_("Everywhere means everywhere")
    text = N_(
        "When a node says that a write is at all nodes, each of them has it or a newer one of its key, "
        "as long as disks are kept."
    )
    cites = "Golding 1992"
    kind = ALWAYS

    def on_everywhere(self, told: Everywhere | DeletedEverywhere, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        stamp = store_of(cluster, event.host)[told.key].stamp
        gone_may_be = bool(cluster.params["certificate_life"])  # then a newer deletion may have left nothing
        for node in cluster.nodes:
            item = store_of(cluster, node).get(told.key)
            if (item is None and not gone_may_be) or (item is not None and item.stamp < stamp):
                return BROKEN
        return None

    indications = {Everywhere: on_everywhere, DeletedEverywhere: on_everywhere}
