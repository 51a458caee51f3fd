"""What is told of clients (section 8)."""

from __future__ import annotations

from typing import ClassVar

from ....simulation import N_, value
from ...indication import Indication


@value
class Answered(Indication):
    text: ClassVar[str] = N_("Leader {host} answers {client}'s operation {serial}.")
    cites: ClassVar[str] = "Raft §8"
    client: str
    serial: int


@value
class Redirected(Indication):
    text: ClassVar[str] = N_("{host} does not lead: it sends {client} to {leader}.")
    cites: ClassVar[str] = "Raft §8"
    client: str
    leader: str


@value
class NoLeaderKnown(Indication):
    text: ClassVar[str] = N_("{host} does not lead and knows no leader: {client} has to look elsewhere.")
    cites: ClassVar[str] = "Raft §8"
    tone: ClassVar[str] = "bad"
    client: str


@value
class RequestIsOver(Indication):
    text: ClassVar[str] = N_(
        "{host} lets {client}'s operation {serial} be: it is over, {client} has gone on to {newer}."
    )
    cites: ClassVar[str] = "Raft §8"
    client: str
    serial: int
    newer: int


TOLD: tuple[type[Indication], ...] = (
    Answered, Redirected, NoLeaderKnown, RequestIsOver,
)  # fmt: skip
