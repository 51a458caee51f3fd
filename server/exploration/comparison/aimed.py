"""Faults aimed at a part that a node plays: "the leader crashes".

Which node that is differs from protocol to protocol and from run to run, so such a command is settled in the run, when
its time comes. What is recorded, and what others are shown, is the command that it became.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...protocols import PROTOCOLS
from ...simulation import N_, Cluster, Command, Refused
from ...simulation.commands import Crash, Restart
from ...simulation.events import Change
from ...simulation.host import Host

LEADING = ("leader", "primary", "coordinator", "proposer", "writer")
"""The places of protocols whose node leads the others, most of all first."""


def who_leads(cluster: Cluster) -> str | None:
    """The node that leads; where nobody does, the first that is up; None where none is."""
    program = type(cluster.hosts[cluster.nodes[0]].node)
    places = next(known for known in PROTOCOLS.values() if known.program.node is program).places(cluster)
    up = [name for name in cluster.nodes if cluster.hosts[name].up]
    leading = [places[place] for place in LEADING if places.get(place) in up]
    return next(iter(leading or up), None)


class Aimed:
    """A command that is settled when its time comes; checked and applied it is what it becomes then."""

    def settled(self, cluster: Cluster) -> Command:
        """What it is now. Raises Refused where there is nothing to do."""
        raise Refused("nothing_to_do", N_("There is nothing to do."))

    def check(self, cluster: Cluster) -> None:
        """Raises Refused when it can't be done now."""
        self.settled(cluster).check(cluster)

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host | None:
        """Does it."""
        return self.settled(cluster).apply(cluster, changes)


def settled(command: Command, cluster: Cluster) -> Command:
    """The command that it is now. Raises Refused where it is aimed, and there is nothing to do."""
    return command.settled(cluster) if isinstance(command, Aimed) else command


@dataclass(frozen=True)
class CrashLeader(Aimed):
    """Whoever leads crashes."""

    type: ClassVar[str] = "crash_leader"

    def settled(self, cluster: Cluster) -> Command:
        """The crash of the node that leads now. Raises Refused where all are down."""
        node = who_leads(cluster)
        return super().settled(cluster) if node is None else Crash(node)


@dataclass(frozen=True)
class RestartCrashed(Aimed):
    """The first node that is down restarts."""

    type: ClassVar[str] = "restart_crashed"

    def settled(self, cluster: Cluster) -> Command:
        """The restart of that node. Raises Refused where all are up."""
        down = next((name for name in cluster.nodes if not cluster.hosts[name].up), None)
        return super().settled(cluster) if down is None else Restart(down)
