"""What every command can do."""

from __future__ import annotations

from typing import ClassVar, Protocol

from ..cluster import Cluster
from ..events import Change
from ..host import Host
from ..texts import Refused


class Command(Protocol):
    """Something done to a run."""

    type: ClassVar[str]

    def check(self, cluster: Cluster) -> None:
        """Raises Refused when it can't be done now."""

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host | None:
        """Does it; returns the host whose program or timers it touched."""


def refusal(command: Command, cluster: Cluster) -> Refused | None:
    """Why the command can't be done now, or None."""
    try:
        command.check(cluster)
    except Refused as reason:
        return reason
    return None
