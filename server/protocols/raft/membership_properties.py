"""What must hold while members change: no two majorities that could act apart (paper section 6; thesis section 4.1)."""

from __future__ import annotations

from collections.abc import Iterable

from ...properties import ALWAYS, BROKEN, Property
from ...simulation import N_, Cluster, Event
from ..quorum import Ballot, vote_result
from .configuration import Configuration
from .indications import ConfigurationAppended
from .state import RaftState


class MajoritiesOverlap(Property):
    """A leader that goes over to a configuration leaves no other server one in which it could be elected without it.

    Looked at when a configuration is put into a log: another server goes by another one, which is the latest in its own
    log. If enough of its voters would vote for it, since their logs are behind its own, and enough for the new one are
    left beside them, then two leaders can commit without each other's knowledge.
    """

    name = "majorities_overlap"
    title = N_("Majorities overlap")
    text = N_("No server can be elected by voters without whom the leader can commit, while the members change.")
    cites = "Raft §6; Ongaro 2014 §4.1"
    kind = ALWAYS

    def on_appended(self, told: ConfigurationAppended, event: Event, cluster: Cluster) -> str | None:
        servers: dict[str, RaftState] = {}
        for name in cluster.nodes:
            server = cluster.hosts[name].node
            assert isinstance(server, RaftState)
            servers[name] = server
        new = told.configuration
        for name, server in servers.items():
            old = getattr(server, "configuration", None)
            if name == event.host or old is None or old == new or name not in old.electorate:
                continue
            mine = (server.last_log_term, server.last_log_index)
            willing = tuple(n for n in old.electorate if (servers[n].last_log_term, servers[n].last_log_index) <= mine)
            if name in willing and _apart(old, willing, new):
                return BROKEN
        return None

    indications = {ConfigurationAppended: on_appended}


def _apart(old: Configuration, willing: tuple[str, ...], new: Configuration) -> bool:
    """Whether some of the `willing` are a quorum of `old`, and a quorum of `new` has none of these in it."""
    for chosen in range(1, 1 << len(willing)):
        some = tuple(node for at, node in enumerate(willing) if chosen >> at & 1)
        if _enough(old, some) and _enough(new, (node for node in new.electorate if node not in some)):
            return True
    return False


def _enough(configuration: Configuration, nodes: Iterable[str]) -> bool:
    return vote_result(configuration.groups, dict.fromkeys(nodes, True)) is Ballot.WON


OF_MEMBERSHIP: tuple[type[Property], ...] = (MajoritiesOverlap,)
