"""What the elections share: a client that asks who leads, the node that answers, and properties of what nodes believe.

An election serves nobody by itself, so its clients ask for the only thing that it has: who leads. Any node answers, from
its own belief. So a client sees what an election is worth: it may be told of two leaders by two nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..lessons import told
from ..properties import ALWAYS, BROKEN, EVENTUALLY, HOLDS, SEEN, SOMETIMES, WAITING, Property
from ..simulation import N_, OK, Cluster, Event, Node, Refused, Returned, Run, on, value, volatile
from .forms import Offer
from .indication import Indication
from .session import ClientReply, ClientRequest, SessionClient

WHO = "who"
OFFERS = {WHO: Offer(N_("Who leads?"), N_("Ask who leads."))}
"""For `Protocol.operations`."""
NO_SERVICE = N_(
    "Clients ask who leads, and each node answers what it believes. They change nothing, so there are no effects to put into "
    "an order, and linearizability is not asked: whether two nodes may be told of at once is what the properties say."
)
"""For `Protocol.no_service`."""
SHOWN_MAX = 16
"""How many characters of a stranger's word are repeated to him."""


@value
class Who:
    """A client's question: who leads?"""

    name: str = WHO


def parse_operation(data: Mapping[str, Any]) -> Who:
    """Makes the question of plain data. Raises Refused."""
    name = data.get("name")
    if name != WHO:
        raise Refused("unknown_operation", N_("There is no operation {name}."), name=str(name)[:SHOWN_MAX])
    for field in data:
        if field != "name" and data[field] is not None:
            raise Refused("bad_operation", N_("{name} takes no {field}."), name=WHO, field=str(field)[:SHOWN_MAX])
    return Who()


class WhoClient(SessionClient):
    """Asks the nodes in turn who leads, so that it hears of every opinion."""

    def propose(self, count: int) -> Who:
        """The one question that there is."""
        return Who()

    def target(self, operation: Any) -> str:
        """The nodes in turn; each client begins with another one, as its number says."""
        return self.peers[(number_of(self.id) + self.serial - 2) % len(self.peers)]


@value
class ToldWhoLeads(Indication):
    text: ClassVar[str] = N_("{host} tells {client} that {leader} leads: that is what it believes.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    client: str
    leader: str


@value
class ToldNobodyLeads(Indication):
    text: ClassVar[str] = N_("{host} knows of no leader: {client} has to ask another node.")
    cites: ClassVar[str] = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    tone: ClassVar[str] = "bad"
    client: str


INDICATIONS: tuple[type[Indication], ...] = (ToldWhoLeads, ToldNobodyLeads)
"""For `Protocol.indications`."""


class Elector(Node):
    """A node that takes part in elections. Subclasses name `ClientRequest` among their messages and set `leader`."""

    messages: ClassVar[tuple[type, ...]] = (ClientRequest,)
    foreign = (ClientReply,)

    leader: str | None = volatile(None, N_("leader"), N_("Whom the node holds for the leader; nobody while it elects."))

    @property
    def members(self) -> int:
        """How many nodes the cluster has, alive or not."""
        return len(self.peers) + 1

    @property
    def everybody(self) -> tuple[str, ...]:
        """All nodes by their numbers, itself among them."""
        return tuple(sorted((*self.peers, self.id), key=number_of))

    @on(ClientRequest)
    def on_client_request(self, m: ClientRequest, src: str) -> None:
        """Any node answers, from its own belief; one that knows of no leader has the client ask elsewhere."""
        if self.leader is None:
            self.indicate(ToldNobodyLeads(src))
            self.send(src, ClientReply(m.serial, False, None, None))
            return
        self.indicate(ToldWhoLeads(src, self.leader))
        self.send(src, ClientReply(m.serial, True, self.leader, self.leader))


def number_of(host: str) -> int:
    """The number in a host's name: 3 of n3."""
    return int(host[1:])


# What nodes believe


def believed(cluster: Cluster, node: str) -> str | None:
    """Whom a node holds for the leader; None also where it is down."""
    host = cluster.hosts[node]
    elector = host.node
    assert isinstance(elector, Elector)
    return elector.leader if host.up else None


def leading(cluster: Cluster) -> list[str]:
    """The nodes that are up and take themselves for the leader, in order."""
    return [node for node in cluster.nodes if believed(cluster, node) == node]


# Properties; each election says for itself what it must assume for them


class AtMostOneLeader(Property):
    """At no time do two nodes that are up take themselves for the leader."""

    name = "at_most_one_leader"
    title = N_("At most one leader")
    text = N_("No two nodes that are up take themselves for the leader at the same time.")
    cites = "Garcia-Molina 1982, §3"
    kind = ALWAYS

    def on_leader(self, leader: str | None, event: Event, cluster: Cluster) -> str | None:
        return BROKEN if leader == event.host and len(leading(cluster)) > 1 else None

    fields = {"leader": on_leader}


class Agreement(Property):
    """At no time do two nodes that are up hold different nodes for the leader."""

    name = "agreement"
    title = N_("Agreement on the leader")
    text = N_("No two nodes that are up hold different nodes for the leader. Some may know of none.")
    cites = "Garcia-Molina 1982, §3"
    kind = ALWAYS

    def on_leader(self, leader: str | None, event: Event, cluster: Cluster) -> str | None:
        if leader is None:
            return None
        others = (believed(cluster, node) for node in cluster.nodes)
        return BROKEN if any(other not in (None, leader) for other in others) else None

    fields = {"leader": on_leader}


class NobodyFollowsALower(Property):
    """A node never holds one with a lower number than its own for the leader."""

    name = "highest_wins"
    title = N_("The highest number wins")
    text = N_("No node ever takes one with a lower number than its own for the leader.")
    cites = "Garcia-Molina 1982, §4"
    kind = ALWAYS

    def on_leader(self, leader: str | None, event: Event, cluster: Cluster) -> str | None:
        assert event.host is not None
        return BROKEN if leader is not None and number_of(leader) < number_of(event.host) else None

    fields = {"leader": on_leader}


class LeaderExists(Property):
    """Some node that is up believes that it leads."""

    name = "leader_exists"
    title = N_("A leader exists")
    text = N_(
        "Some node that is up takes itself for the leader. There may be none for a while, and one must come back."
    )
    cites = "Garcia-Molina 1982, §3"
    kind = EVENTUALLY

    def judge(self, what: Any, event: Event, cluster: Cluster) -> str | None:
        return HOLDS if leading(cluster) else WAITING

    fields = {"leader": judge}
    on_down = judge


class ClientTold(Property):
    """A client has been told who leads."""

    name = "client_told"
    title = N_("A client is told who leads")
    text = N_("At least once, a client that asked who leads was given a name.")
    cites = "Coulouris, Dollimore, Kindberg and Blair §15.3"
    kind = SOMETIMES

    def on_returned(self, returned: Returned, event: Event, cluster: Cluster) -> str | None:
        return SEEN if returned.outcome == OK else None

    indications = {Returned: on_returned}


# Looking at a run, for scenarios and lessons


def beliefs(run: Run) -> list[str | None]:
    """Whom each node that is up holds for the leader."""
    return [believed(run.cluster, node) for node in run.cluster.nodes if run.cluster.hosts[node].up]


def all_follow_one(run: Run) -> bool:
    """Whether all nodes that are up hold the same one for the leader, and it is up."""
    return len(leading(run.cluster)) == 1 and len(set(beliefs(run))) == 1


def answers(run: Run, client: str | None = None) -> list[str]:
    """What a client, or any, was told, in order."""
    return [r.result for e, r in told(run, Returned) if r.outcome == OK and client in (None, e.host)]
