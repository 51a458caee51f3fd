"""What the scripts and the outcomes of atomic commitment have in common: asking the bank, and looking into its nodes."""

from __future__ import annotations

from typing import Any

from ..lessons import Script, told
from ..simulation import Link, Returned, Run
from ..simulation.commands import Request
from .bank import Bank
from .transactions import Put, Transfer

BY_HAND = {"think_time": 0, "client_timeout": 10_000_000, "unwilling": 0}
"""Clients ask only what the script tells them and wait for the answer; participants say no only where they must."""
SLOW = Link(low=20_000, high=30_000)
"""Slow enough to see each step."""


# Looking at a run


def who(run: Run, indication: type) -> list[str | None]:
    """Who told this, in order."""
    return [event.host for event, _ in told(run, indication)]


def bank(run: Run, node: str) -> Bank:
    """The program of a node."""
    server = run.cluster.hosts[node].node
    assert isinstance(server, Bank)
    return server


def balances(run: Run) -> list[int | None]:
    """What the participants hold now."""
    return [bank(run, node).balance for node in run.cluster.nodes[1:]]


def states(run: Run, transaction: str) -> list[str | None]:
    """How a transaction stands at each node now."""
    return [bank(run, node).state_of(transaction) for node in run.cluster.nodes]


def answers(run: Run) -> dict[str, str]:
    """The outcome of each operation that has ended."""
    return {returned.id: returned.outcome for _, returned in told(run, Returned)}


# Acting in a script


def transfer(script: Script, client: str, source: str, target: str, amount: int) -> None:
    """Has a client move money."""
    script.give(Request(client, Transfer(source, target, amount)))


def put(script: Script, client: str, key: str, value: Any) -> None:
    """Has a client write a key at all participants."""
    script.give(Request(client, Put(key, value)))


def until_sent(script: Script, message: type, dst: str) -> None:
    """Goes on until a message of this type is on its way to `dst`."""
    script.until_event(
        lambda event: any(f.dst == dst and type(f.body) is message for f in event.sent), message.__name__
    )
