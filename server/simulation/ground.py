"""The ground of a run: the hosts, the links between them, and what is on its way; looked at, and never changed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .agenda import Agenda
from .host import CLIENT, NODE, Host
from .network import ARRIVED, Flight, Lane, Link
from .node import ClientNode, Program, Setting, Settings
from .texts import N_, Refused

NODES_MAX = 9
CLIENTS_MAX = 4


class Ground:
    """`nodes` hosts n1, n2, ... and `clients` hosts c1, c2, ..., all of which start at time 0."""

    __slots__ = (
        "agenda", "clients", "flights", "groups", "hosts", "keep", "link", "messages", "nodes", "params", "place",
        "program", "rules", "seed", "seq", "settings", "time",
    )  # fmt: skip

    def __init__(
        self,
        program: Program,
        *,
        nodes: int = 5,
        clients: int = 1,
        params: Mapping[str, Setting] | None = None,
        rules: Mapping[str, bool] | None = None,
        seed: int = 1,
        link: Link | None = None,
        keep: bool = True,
    ) -> None:
        if not 1 <= nodes <= NODES_MAX:
            raise Refused("bad_size", N_("A cluster has 1 to {most} nodes."), most=NODES_MAX)
        if not 0 <= clients <= CLIENTS_MAX:
            raise Refused("bad_size", N_("There are at most {most} clients."), most=CLIENTS_MAX)
        self.program = program
        self.seed = seed
        self.keep = keep
        """Whether events carry states, for a history; a search that only wants the properties does without."""
        self.link = link or Link()
        self.rules = dict.fromkeys(program.rules, True) | dict(rules or {})
        self.params = {name: p.default for name, p in program.params.items()} | dict(params or {})
        self.settings = Settings(self.params, self.rules, seed)
        self.groups: tuple[tuple[str, ...], ...] | None = None
        self.agenda = Agenda()
        self.flights: dict[int, Flight] = {}
        self.time = 0
        self.seq = 0
        self.place = 0
        """How many events have happened at this instant: with the time, the address of a command in a recording."""
        self.messages = 0
        self.nodes = tuple(f"n{i}" for i in range(1, nodes + 1))
        self.clients = tuple(f"c{i}" for i in range(1, clients + 1))
        self.hosts: dict[str, Host] = {}
        for name in self.nodes:
            peers = tuple(n for n in self.nodes if n != name)
            self.hosts[name] = Host(name, NODE, program.node(name, peers, self.settings))
        for name in self.clients:
            self.hosts[name] = Host(name, CLIENT, program.client(name, self.nodes, self.settings))
        for src in self.hosts.values():
            for dst in self.hosts:
                if dst != src.id and (src.kind == NODE or dst in self.nodes):
                    src.lanes[dst] = Lane(seed, src.id, dst, self.link)
        for host in self.hosts.values():
            self.agenda.push(0, host, host)

    # Looking

    def host(self, name: str) -> Host:
        """The host of that name. Raises Refused."""
        host = self.hosts.get(name)
        if host is None:
            raise Refused("unknown_host", N_("There is no {host}."), host=name)
        return host

    def node_host(self, name: str) -> Host:
        """The host of a node. Raises Refused, also for a client."""
        host = self.hosts.get(name)
        if host is None or host.kind != NODE:
            raise Refused("unknown_node", N_("There is no node {node}."), node=name)
        return host

    def lane(self, src: str, dst: str) -> Lane:
        """The lane of a link. Raises Refused."""
        lane = self.host(src).lanes.get(self.host(dst).id)
        if lane is None:
            raise Refused("unknown_link", N_("There is no link from {src} to {dst}."), src=src, dst=dst)
        return lane

    def flight(self, id: int) -> Flight:
        """A message in flight. Raises Refused when it is none, or none any more."""
        flight = self.flights.get(id)
        if flight is None:
            raise Refused("not_in_flight", N_("Message {message} is not in flight."), message=id)
        return flight

    def parted(self, src: str, dst: str) -> bool:
        """Whether a partition stands between two hosts. A host in no group can reach all."""
        if self.groups is None:
            return False
        sides = [i for name in (src, dst) for i, group in enumerate(self.groups) if name in group]
        return len(sides) == 2 and sides[0] != sides[1]

    def may_arrive(self, flight: Flight) -> bool:
        return flight.place == ARRIVED or self.hosts[flight.src].lanes[flight.dst].open

    def environment(self) -> dict[str, Any]:
        """All that commands alone change: facts of the hosts, links that differ from the set-up, partition, rules."""
        links = {
            f"{host.id}>{dst}": lane.link
            for host in self.hosts.values()
            for dst, lane in host.lanes.items()
            if lane.link != self.link
        }
        facts = {host.id: host.facts() for host in self.hosts.values()}
        return {"hosts": facts, "links": links, "groups": self.groups, "rules": dict(self.rules)}

    def client_node(self, host: Host) -> ClientNode:
        """The program of a client's host."""
        assert isinstance(host.node, ClientNode)
        return host.node
