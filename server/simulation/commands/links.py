"""What can be done to links, one by one or by a partition."""

from __future__ import annotations

from typing import Any, ClassVar

from ..cluster import Cluster
from ..events import Change
from ..texts import N_, Refused
from ..values import value


@value
class SetLink:
    """Changes settings of one link, one direction; what is None stays as it is. Delays µs, chances percent."""

    type: ClassVar[str] = "set_link"
    src: str
    dst: str
    up: bool | None = None
    held: bool | None = None
    low: int | None = None
    high: int | None = None
    loss_percent: int | None = None
    duplicate_percent: int | None = None
    fifo: bool | None = None

    def _changes(self) -> dict[str, Any]:
        names = ("up", "held", "low", "high", "loss_percent", "duplicate_percent", "fifo")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def check(self, cluster: Cluster) -> None:
        lane = cluster.lane(self.src, self.dst)
        if not self._changes():
            raise Refused("nothing_to_set", N_("Nothing to set was named."))
        if lane.link.with_changes(**self._changes()) == lane.link:
            raise Refused("no_change", N_("The link from {src} to {dst} is so already."), src=self.src, dst=self.dst)

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        link = cluster.lane(self.src, self.dst).link.with_changes(**self._changes())
        cluster.set_link(self.src, self.dst, link, changes)


@value
class HoldLink:
    """Freezes a link: what is on it, and what is sent over it, waits until it is released."""

    type: ClassVar[str] = "hold_link"
    src: str
    dst: str

    def check(self, cluster: Cluster) -> None:
        if cluster.lane(self.src, self.dst).link.held:
            raise Refused("already_held", N_("The link from {src} to {dst} is held already."),
                          src=self.src, dst=self.dst)  # fmt: skip

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        link = cluster.lane(self.src, self.dst).link.with_changes(held=True)
        cluster.set_link(self.src, self.dst, link, changes)


@value
class ReleaseLink:
    """Lets what was held on a link go on from where it is."""

    type: ClassVar[str] = "release_link"
    src: str
    dst: str

    def check(self, cluster: Cluster) -> None:
        if not cluster.lane(self.src, self.dst).link.held:
            raise Refused("not_held", N_("The link from {src} to {dst} is not held."), src=self.src, dst=self.dst)

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        link = cluster.lane(self.src, self.dst).link.with_changes(held=False)
        cluster.set_link(self.src, self.dst, link, changes)


@value
class Partition:
    """Hosts in different groups can't reach each other. A host in no group reaches all."""

    type: ClassVar[str] = "partition"
    groups: tuple[tuple[str, ...], ...]

    def check(self, cluster: Cluster) -> None:
        named = [name for group in self.groups for name in group]
        for name in named:
            cluster.host(name)
        if len(self.groups) < 2 or not all(self.groups):
            raise Refused("bad_groups", N_("A partition has two groups or more, and none is empty."))
        if len(set(named)) != len(named):
            raise Refused("bad_groups", N_("A host can be in one group only."))
        if self.groups == cluster.groups:
            raise Refused("no_change", N_("This partition is in force already."))

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        cluster.set_groups(self.groups, changes)


@value
class Heal:
    """Lifts the partition and puts up every link that is cut. Delays and chances stay."""

    type: ClassVar[str] = "heal"

    def check(self, cluster: Cluster) -> None:
        whole = all(lane.link.up for host in cluster.hosts.values() for lane in host.lanes.values())
        if cluster.groups is None and whole:
            raise Refused("nothing_to_heal", N_("No partition is in force and no link is cut."))

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        if cluster.groups is not None:
            cluster.set_groups(None, changes)
        for host in cluster.hosts.values():
            for dst, lane in host.lanes.items():
                if not lane.link.up:
                    cluster.set_link(host.id, dst, lane.link.with_changes(up=True), changes)
