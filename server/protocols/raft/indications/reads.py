"""What is told of reads that do not go through the log (dissertation, section 6.4)."""

from __future__ import annotations

from typing import ClassVar

from ....simulation import N_, value
from ...indication import Indication


@value
class ReadWaits(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} lets {client}'s read {serial} wait: it has committed nothing in term {term} yet, "
        "so it does not know all that is committed."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.4"
    client: str
    serial: int
    term: int


@value
class ReadBegun(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} notes read index #{index} for {client}'s read {serial}, and asks all whether it still leads: "
        "round {round}."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.4"
    client: str
    serial: int
    index: int
    round: int


@value
class ReadConfirmed(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} answers {client}'s read {serial} as of #{index}: a quorum said in round {round} or later that it leads."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.4"
    tone: ClassVar[str] = "good"
    client: str
    serial: int
    index: int
    round: int


@value
class ReadUnconfirmed(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} answers {client}'s read {serial} as of #{index} without asking whether it still leads."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.4"
    tone: ClassVar[str] = "bad"
    client: str
    serial: int
    index: int


@value
class ReadLocally(Indication):
    text: ClassVar[str] = N_(
        "{host} believes that it leads and answers {client}'s read {serial} from its own state, as of #{index}. It asks nobody."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.4"
    client: str
    serial: int
    index: int


@value
class ReadByLease(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} answers {client}'s read {serial} as of #{index} at once: by its clock its lease runs for {left} µs more."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.4.1"
    tone: ClassVar[str] = "good"
    client: str
    serial: int
    index: int
    left: int


@value
class ReadAfterLease(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} answers {client}'s read {serial} as of #{index} at once, though by its clock its lease is over."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.4.1"
    tone: ClassVar[str] = "bad"
    client: str
    serial: int
    index: int


@value
class LeaseOver(Indication):
    text: ClassVar[str] = N_("Leader {host} has no lease for {client}'s read {serial}: it has to ask a majority.")
    cites: ClassVar[str] = "Ongaro 2014 §6.4.1"
    client: str
    serial: int


@value
class StillFollows(Indication):
    text: ClassVar[str] = N_("{host} tells {leader} that it still follows it in term {term}: round {round}.")
    cites: ClassVar[str] = "Ongaro 2014 §6.4"
    weight: ClassVar[str] = "routine"
    leader: str
    term: int
    round: int


@value
class NoLongerLeads(Indication):
    text: ClassVar[str] = N_(
        "{host} tells {leader} that it leads no longer: {host} is in term {own_term}, past term {term}."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.4"
    tone: ClassVar[str] = "bad"
    leader: str
    term: int
    own_term: int


@value
class ReadDropped(Indication):
    text: ClassVar[str] = N_("{host} leads no longer: {client} has to ask elsewhere for its read {serial}.")
    cites: ClassVar[str] = "Ongaro 2014 §6.4"
    client: str
    serial: int


ReadAnswered = ReadConfirmed | ReadUnconfirmed | ReadLocally | ReadByLease | ReadAfterLease
"""One of these with each answer; `index` is the last entry that the answer has seen."""

TOLD: tuple[type[Indication], ...] = (
    ReadWaits, ReadBegun, ReadConfirmed, ReadUnconfirmed, ReadLocally, ReadByLease, ReadAfterLease, LeaseOver,
    StillFollows, NoLongerLeads, ReadDropped,
)  # fmt: skip
