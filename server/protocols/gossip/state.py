"""What a node that gossips knows, what can be set on it, and the rules that can be off."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any
from zlib import crc32

from ...simulation import N_, Cluster, Node, choice, durable, param, rule, value, volatile
from ..keyvalue import Scalar
from .messages import Item, Stamp

PUSH, PULL, PUSH_PULL = "push", "pull", "push_pull"
DIGEST, VALUES = "digest", "values"
CLOCK, HYBRID = "clock", "hybrid"

Store = Mapping[str, Item]
EMPTY: dict[str, Any] = {}
CHECKSUMS = 797
"""How many checksums there are; so chosen that in no scenario two nodes with different data have the same hue (there are
six, and the number is printed)."""


class Role(Enum):
    """Whether a node has a rumor to tell (section 1.4)."""

    QUIET = "quiet"
    INFECTIVE = "infective"


@value
class Spread:
    """How far one of its own writes is known to have come."""

    nodes: tuple[str, ...]
    """Those that have shown its stamp."""
    since: int
    """The round in which it was written."""


def checksum_of(store: Store) -> int:
    """A number from 1 on that is the same for the same data, and seldom for other data; 0 where there is none."""
    if not store:
        return 0
    written = repr([(key, store[key].value, store[key].stamp) for key in sorted(store)])
    return crc32(written.encode()) % CHECKSUMS + 1


class GossipState(Node):
    """The state of one node; `node.Gossip` says what it does."""

    # Tunables

    mode: str = choice(
        PUSH_PULL,
        {PUSH: N_("push: it sends what it has"), PULL: N_("pull: it asks for what is new"), PUSH_PULL: N_("push and pull")},
        N_("Direction of an exchange"),
        N_("Whether the node that begins an exchange gives what it has, takes what the other has, or both."),
    )  # fmt: skip
    content: str = choice(
        DIGEST,
        {DIGEST: N_("the stamps first"), VALUES: N_("all values at once")},
        N_("What an exchange sends"),
        N_("Stamps first, so that only what is missing is sent; or all values, of which most are known already."),
    )
    gossip_interval: int = param(
        100_000, 5_000, 10_000_000, "µs", N_("Gossip interval"),
        N_("About how often a node picks another at random and compares its data with it."),
    )  # fmt: skip
    rumor_limit: int = param(
        0, 0, 8, "count", N_("Rumors: loses interest after"),
        N_("A node tells what is new until so many had it already; 0: no rumors, only the comparing at an interval."),
    )  # fmt: skip
    rumor_interval: int = param(
        20_000, 1_000, 5_000_000, "µs", N_("Rumor interval"),
        N_("About how often a node that knows a rumor tells it to another, picked at random."),
    )  # fmt: skip
    stamps: str = choice(
        CLOCK,
        {CLOCK: N_("the node's clock"), HYBRID: N_("the clock, but later than all it has seen")},
        N_("Where stamps come from"),
        N_("A wrong clock makes a write win, or lose, over others that it has nothing to do with."),
    )
    certificate_life: int = param(
        0, 0, 100_000_000, "µs", N_("Life of death certificates"),
        N_("After so long a node throws away the note that a key was deleted; 0: it keeps it for ever."),
    )  # fmt: skip

    # Rules

    newer_wins: bool = rule(
        N_("Compare the stamps before overwriting"),
        N_("A node takes another's version of a key only if its stamp is newer than that of its own."),
        cites="Demers §1.3",
    )
    tie_by_node: bool = rule(
        N_("A tie is broken by the node"),
        N_("Of two versions of the same time, that of the node with the higher name wins, at every node."),
        cites="Demers §1.1",
    )
    unique_stamps: bool = rule(
        N_("No stamp twice"),
        N_("A node gives each of its writes a later time than the one before, also within one tick of its clock."),
        cites="Demers §1.1",
    )
    death_certificates: bool = rule(
        N_("A deletion leaves a death certificate"),
        N_("A deleted key is kept with no value and the stamp of its deletion, and that spreads like a value."),
        cites="Demers §2",
    )
    durable_store: bool = rule(
        N_("Store on disk before answering"),
        N_("A node has a write on its disk before it answers the client, so a crash does not lose it."),
        cites="Demers §0",
    )
    answer_once: bool = rule(
        N_("A request that comes again is not a new write"),
        N_("A node remembers each client's last operation, and answers it again without giving it another stamp."),
        cites="Birrell and Nelson 1984",
    )

    # On disk

    store: Store = durable(EMPTY, N_("data"), N_("For each key its version: value and stamp."), unless="durable_store")
    checksum: int = durable(
        0, N_("checksum"), N_("A number for all its data: the same at two nodes if they have the same."),
        unless="durable_store",
    )  # fmt: skip
    last_time: int = durable(
        0, N_("last stamp"), N_("The time, in ms, that its next stamp must be later than."), unless="durable_store"
    )
    sessions: dict[str, tuple[int, Any]] = durable(
        EMPTY, N_("sessions"), N_("For each client, its last operation here, and the answer."), unless="durable_store"
    )
    round: int = durable(0, N_("round"), N_("How many exchanges it has begun; tells what to draw for the next."))
    told: int = durable(0, N_("rumors told"), N_("How many rumors it has told; tells what to draw for the next."))

    # In memory

    role: Role = volatile(Role.QUIET, N_("role"), N_("Infective while it has a rumor to tell."))
    partner: str | None = volatile(None, N_("partner"), N_("Whom it picked last."))
    hot: dict[str, int] = volatile(
        EMPTY, N_("rumors"), N_("For each key that it tells as a rumor, how many had it already.")
    )
    spreading: dict[str, Spread] = volatile(
        EMPTY, N_("spreading"), N_("For each write that it took itself, the nodes that it knows to have it.")
    )
    fresh: int = volatile(0, N_("news"), N_("How many of the values sent to it were news."))
    redundant: int = volatile(0, N_("had it already"), N_("How many of the values sent to it were no news."))

    # Reading it

    @property
    def members(self) -> int:
        """How many nodes the cluster has, alive or not."""
        return len(self.peers) + 1

    def newer(self, stamp: Stamp, than: Stamp) -> bool:
        """Whether a stamp is the later one. The times are compared, then the nodes."""
        return stamp > than if self.tie_by_node else stamp[0] > than[0]

    def is_news(self, stamp: Stamp, own: Stamp | None) -> bool:
        """Whether a version with this stamp takes the place of one with the stamp `own`, None where there is none."""
        if own is None:
            return True
        return self.newer(stamp, own) if self.newer_wins else stamp != own

    def stamp_of(self, key: str) -> Stamp | None:
        """The stamp of its version of a key."""
        item = self.store.get(key)
        return None if item is None else item.stamp


def store_of(cluster: Cluster, node: str) -> Store:
    """The data of a node, up or down: it is on its disk."""
    server = cluster.hosts[node].node
    assert isinstance(server, GossipState)
    return server.store


def visible(store: Store) -> dict[str, tuple[Scalar, Stamp]]:
    """What a reader can find, with the stamps: death certificates are not seen."""
    return {key: (item.value, item.stamp) for key, item in store.items() if item.value is not None}
