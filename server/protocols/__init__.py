"""Programs: one folder a protocol, and what they share."""

from __future__ import annotations

from ..simulation import N_, Program, Refused
from .bully import PROTOCOL as BULLY
from .descriptor import Protocol
from .gossip import PROTOCOL as GOSSIP
from .multi_paxos import PROTOCOL as MULTI_PAXOS
from .number_election import PROTOCOL as NUMBER_ELECTION
from .paxos import PROTOCOL as PAXOS
from .primary_backup import PROTOCOL as PRIMARY_BACKUP
from .raft import PROTOCOL as RAFT
from .ring import PROTOCOL as RING
from .three_phase_commit import PROTOCOL as THREE_PHASE_COMMIT
from .two_phase_commit import PROTOCOL as TWO_PHASE_COMMIT

PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        RAFT,
        NUMBER_ELECTION,
        BULLY,
        RING,
        PRIMARY_BACKUP,
        GOSSIP,
        TWO_PHASE_COMMIT,
        THREE_PHASE_COMMIT,
        PAXOS,
        MULTI_PAXOS,
    )
}


def protocol(name: str) -> Protocol:
    """The protocol of that name. Raises Refused."""
    found = PROTOCOLS.get(name)
    if found is None:
        raise Refused("unknown_protocol", N_("There is no protocol {name}."), name=name[:40])
    return found


def program(name: str) -> Program:
    """The program of the protocol of that name. Raises Refused."""
    return protocol(name).program


__all__ = ["PROTOCOLS", "Protocol", "program", "protocol"]
