"""Workloads: what clients ask for while protocols are compared, the same for all of them.

A workload is an *open loop*: requests come at their times whether or not the earlier ones have been answered, so a
protocol that stands still is asked all the same, and the time that a request waits counts (a closed loop would ask
less of a slow system, and so flatter it). Virtual time is cut into slots, and in each slot one request comes at a
random moment of it. Times, clients, keys and kinds are addressed draws of the seed: every protocol gets the same stream.

What a workload needs is declared by the names of operations, and whoever has these can be asked. Each key is written by
one client alone, and the values that it writes only grow, so that a reader can tell exactly whether what he was given
was the newest (`ledger.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...protocols import PROTOCOLS, Protocol
from ...simulation import N_, Refused
from ...simulation.addressed import draw_between, draw_percent, stream

CLIENTS = 4
"""How many clients ask. Each has one operation under way at a time; what it is asked for meanwhile waits in its queue."""
SLOT = 100_000
"""How long (µs) a slot is: ten requests a second, from all clients together."""

REGISTER = "register"
COUNTER = "counter"
DECISION = "decision"
LEADER = "leader"
NOTHING = "nothing"


@dataclass(frozen=True)
class Asking:
    """One request: at `time` (µs), by client `client` (from 0), the operation as plain data."""

    index: int
    time: int
    client: int
    operation: Mapping[str, Any]


@dataclass(frozen=True)
class Workload:
    """One way to use a cluster."""

    name: str
    title: str
    text: str
    """What is asked, for people (msgid)."""
    needs: tuple[str, ...]
    """The operations that a protocol must have."""
    make: Callable[[int, int, int, int], Mapping[str, Any]]
    """The operation of request `index` (from 0) by client number `client` (from 0) in a cluster of so many nodes, made
    with the key of its draws."""
    ledger: str = NOTHING
    """How its answers are judged: as those of a register, a counter, a single decision, of who leads, or not at all."""
    nodes_least: int = 1
    """How many nodes it makes sense with."""

    def fits(self, protocol: Protocol) -> bool:
        """Whether a protocol has all that is asked."""
        return all(name in protocol.operations for name in self.needs)

    def requests(self, seed: int, span: int, nodes: int) -> Iterator[Asking]:
        """The stream of a seed over `span` µs. Times and clients do not depend on the number of nodes."""
        times, chance = stream(seed, "workload", "time"), stream(seed, "workload", self.name)
        for index in range(span // SLOT):
            time = draw_between(times, index, index * SLOT, (index + 1) * SLOT - 1)
            client = draw_between(chance, 4 * index, 0, CLIENTS - 1)
            yield Asking(index, time, client, self.make(index, client, chance, nodes))

    def audit(self) -> Sequence[Mapping[str, Any]]:
        """What every client reads at the end, when all has been repaired, to see what became of the writes."""
        if self.ledger not in (REGISTER, COUNTER):
            return ()
        return [{"name": "get", "key": key_of(client)} for client in range(CLIENTS)]


def key_of(client: int) -> str:
    """The key that a client alone writes."""
    return f"k{client + 1}"


def _some_key(index: int, chance: int) -> str:
    return key_of(draw_between(chance, 4 * index + 1, 0, CLIENTS - 1))


def _write(index: int, client: int, _chance: int, _nodes: int) -> Mapping[str, Any]:
    return {"name": "put", "key": key_of(client), "value": index + 1}


def _read(index: int, _client: int, chance: int, _nodes: int) -> Mapping[str, Any]:
    return {"name": "get", "key": _some_key(index, chance)}


def _reads_and_writes(index: int, client: int, chance: int, nodes: int) -> Mapping[str, Any]:
    return (_read if draw_percent(chance, 4 * index + 2, 50) else _write)(index, client, chance, nodes)


def _mostly_reads(index: int, client: int, chance: int, nodes: int) -> Mapping[str, Any]:
    return (_read if draw_percent(chance, 4 * index + 2, 90) else _write)(index, client, chance, nodes)


def _counter(index: int, client: int, chance: int, nodes: int) -> Mapping[str, Any]:
    if draw_percent(chance, 4 * index + 2, 25):
        return _read(index, client, chance, nodes)
    return {"name": "add", "key": key_of(client), "value": 1}


def _transfer(index: int, _client: int, chance: int, nodes: int) -> Mapping[str, Any]:
    # The first node may be the coordinator and have no account; so the others pay each other, where there are two.
    first = 2 if nodes > 2 else 1
    count = nodes - first + 1
    source = draw_between(chance, 4 * index + 1, 0, count - 1)
    further = draw_between(chance, 4 * index + 2, 1, max(1, count - 1))
    amount = draw_between(chance, 4 * index + 3, 1, 5)
    names = [f"n{first + number % count}" for number in (source, source + further)]
    return {"name": "transfer", "source": names[0], "target": names[1], "amount": amount}


def _who_leads(_index: int, _client: int, _chance: int, _nodes: int) -> Mapping[str, Any]:
    return {"name": "who"}


def _one_decision(_index: int, client: int, _chance: int, _nodes: int) -> Mapping[str, Any]:
    return {"name": "propose", "value": f"v{client + 1}"}


WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        Workload(
            "reads_and_writes", N_("reads and writes"),
            N_("Ten operations a second: half of them write a key, half read one."),
            ("put", "get"), _reads_and_writes, REGISTER,
        ),
        Workload(
            "mostly_reads", N_("mostly reads"),
            N_("Ten operations a second, as of a cache: nine of ten read a key, one writes."),
            ("put", "get"), _mostly_reads, REGISTER,
        ),
        Workload(
            "writes", N_("writes"), N_("Ten operations a second, and all of them write a key."),
            ("put", "get"), _write, REGISTER,
        ),
        Workload(
            "counter", N_("a counter"),
            N_("Ten operations a second: three of four add one to a counter, the others read one."),
            ("add", "get"), _counter, COUNTER,
        ),
        Workload(
            "transactions", N_("transactions"),
            N_("Ten times a second a client moves a little money from one node's account to another's."),
            ("transfer",), _transfer, nodes_least=2,
        ),
        Workload(
            "who_leads", N_("who leads"), N_("Ten times a second a client asks who the leader is."),
            ("who",), _who_leads, LEADER,
        ),
        Workload(
            "one_decision", N_("one decision"),
            N_("Ten times a second a client proposes a value of its own and is told which one was chosen."),
            ("propose",), _one_decision, DECISION,
        ),
    )
}  # fmt: skip


def workload(name: str) -> Workload:
    """The workload of that name. Raises Refused."""
    found = WORKLOADS.get(name)
    if found is None:
        raise Refused(
            "unknown_workload", N_("There is no workload {name}; there are {known}."),
            name=name[:40], known=", ".join(WORKLOADS),
        )  # fmt: skip
    return found


def served_by(protocols: Sequence[Protocol]) -> list[Workload]:
    """The workloads that all of these protocols can serve, the most usual first."""
    return [load for load in WORKLOADS.values() if all(load.fits(protocol) for protocol in protocols)]


def choose(protocols: Sequence[Protocol], name: str | None = None) -> Workload:
    """The workload of that name, or the first that all can serve. Raises Refused with what would fit."""
    shared = served_by(protocols)
    if name is None:
        if shared:
            return shared[0]
        raise _nothing_shared(protocols)
    wanted = workload(name)
    for protocol in protocols:
        if not wanted.fits(protocol):
            raise _unserved(wanted, protocol, shared)
    return wanted


def _nothing_shared(protocols: Sequence[Protocol]) -> Refused:
    first = protocols[0]
    mates = [p.name for p in PROTOCOLS.values() if p is not first and served_by((first, p))]
    if not served_by((first,)):
        return Refused(
            "no_workload", N_("{protocol} serves none of the workloads: {known}."),
            protocol=first.name, known=", ".join(WORKLOADS),
        )  # fmt: skip
    alien = next((p for p in protocols[1:] if not served_by((first, p))), protocols[-1])
    if not mates:
        return Refused(
            "no_workload", N_("{protocol} and {other} can't be asked the same; compare tunings of {protocol} alone."),
            protocol=first.name, other=alien.name,
        )  # fmt: skip
    return Refused(
        "no_workload", N_("{protocol} and {other} can't be asked the same; {protocol} can be compared with {mates}."),
        protocol=first.name, other=alien.name, mates=", ".join(mates),
    )  # fmt: skip


def _unserved(wanted: Workload, protocol: Protocol, shared: Sequence[Workload]) -> Refused:
    lacking = ", ".join(name for name in wanted.needs if name not in protocol.operations)
    if shared:
        return Refused(
            "bad_workload",
            N_("{protocol} can't serve the workload {workload}: it has no operation {lacking}. All that were chosen can "
               "serve {fitting}."),
            protocol=protocol.name, workload=wanted.name, lacking=lacking, fitting=", ".join(load.name for load in shared),
        )  # fmt: skip
    own = ", ".join(load.name for load in WORKLOADS.values() if load.fits(protocol))
    return Refused(
        "bad_workload",
        N_("{protocol} can't serve the workload {workload}: it has no operation {lacking}. By itself it can serve: {fitting}."),
        protocol=protocol.name, workload=wanted.name, lacking=lacking, fitting=own or "-",
    )  # fmt: skip
