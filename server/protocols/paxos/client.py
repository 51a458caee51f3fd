"""A client of Paxos: it wants a value to be chosen, and is told which one was."""

from __future__ import annotations

from ...properties import Service
from ...properties.linearizability import Call, Consensus
from ..session import SessionClient
from .messages import Propose
from .state import ALL, cast_of


def propose_call(operation: Propose, client: str) -> tuple[None, Call]:  # noqa: ARG001 - whose proposal it is does not matter
    """A proposal as a call: there is one object, the value that is chosen."""
    return None, ("propose", operation.value)


SERVICE = Service(Consensus(), propose_call)
"""For `Protocol.service`."""
LETTERS = "xyzw"
"""Clients c1, c2, ... propose x1, x2, ...; y1, y2, ...; and so on."""


class PaxosClient(SessionClient):
    """Asks proposers only, and each client another one first, so that proposers compete."""

    @property
    def proposers(self) -> tuple[str, ...]:
        """The nodes that propose."""
        return cast_of(self.peers, self.settings.roles, ALL).proposers

    @property
    def number(self) -> int:
        """Its own number, from 0."""
        return int(self.id[1:]) - 1

    def propose(self, count: int) -> Propose:
        """A value that no other client proposes."""
        return Propose(f"{LETTERS[self.number % len(LETTERS)]}{count}")

    def target(self, operation: Propose) -> str:
        return self.leader or self.proposers[self.number % len(self.proposers)]

    def after(self, node: str | None) -> str:
        """The proposer that it asks after `node`, in turn."""
        if node not in self.proposers:
            return self.proposers[0]
        return self.proposers[(self.proposers.index(node) + 1) % len(self.proposers)]
