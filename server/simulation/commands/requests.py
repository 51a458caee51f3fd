"""What clients are told to ask for, and what line of the algorithm is in force."""

from __future__ import annotations

from typing import Any, ClassVar

from ..cluster import Cluster
from ..events import Change
from ..host import CLIENT, Host
from ..node import ClientNode
from ..texts import N_, Refused
from ..values import value

REQUESTS_WAITING_MAX = 20


@value
class Request:
    """A client is told to issue an operation, at node `to` first, or at whom it holds for the leader."""

    type: ClassVar[str] = "request"
    client: str
    operation: Any
    to: str | None = None

    def check(self, cluster: Cluster) -> None:
        host = cluster.host(self.client)
        if host.kind != CLIENT:
            raise Refused("unknown_client", N_("There is no client {client}."), client=self.client)
        if self.to is not None:
            cluster.node_host(self.to)
        if cluster.client_node(host).waiting() >= REQUESTS_WAITING_MAX:
            raise Refused("client_busy", N_("{client} has {most} operations waiting."),
                          client=self.client, most=REQUESTS_WAITING_MAX)  # fmt: skip

    def apply(self, cluster: Cluster, changes: list[Change]) -> Host:
        host = cluster.host(self.client)
        assert isinstance(host.node, ClientNode)
        host.node.now = host.local(cluster.time)
        host.node.request(self.operation, self.to)
        return host


@value
class SwitchRule:
    """Switches one line of the algorithm off or on, for all hosts."""

    type: ClassVar[str] = "switch_rule"
    rule: str
    on: bool

    def check(self, cluster: Cluster) -> None:
        if self.rule not in cluster.rules:
            raise Refused("unknown_rule", N_("There is no rule {rule}."), rule=self.rule)
        if cluster.rules[self.rule] == self.on:
            raise Refused("no_change", N_("The rule is so already."))

    def apply(self, cluster: Cluster, changes: list[Change]) -> None:
        changes.append(("rule", self.rule, cluster.rules[self.rule], self.on))
        cluster.rules[self.rule] = self.on
        setattr(cluster.settings, self.rule, self.on)
