"""Time that passes on the clocks of a network of Raft nodes, and what they have come to."""

from __future__ import annotations

from tests.conformance.adapter import Network

LOW = 150_000
"""The shortest election timeout, µs."""


def elapse(network: Network, span: int = LOW) -> None:
    """Time goes by on all clocks, and nobody hears anything."""
    for node in network.nodes.values():
        node.now += span


def roles(network: Network) -> list[str]:
    return [node.role.value for node in network.nodes.values()]


def terms_of(network: Network) -> list[int]:
    return [node.current_term for node in network.nodes.values()]
