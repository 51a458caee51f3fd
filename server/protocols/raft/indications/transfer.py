"""What is told of leadership transfer (dissertation, section 3.10)."""

from __future__ import annotations

from typing import ClassVar

from ....simulation import N_, value
from ...indication import Indication


@value
class TransferRefusedOff(Indication):
    text: ClassVar[str] = N_("Leader {host} does not hand over to {target} as {client} asks: that is switched off.")
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    tone: ClassVar[str] = "bad"
    client: str
    target: str


@value
class TransferRefusedUnknown(Indication):
    text: ClassVar[str] = N_("Leader {host} can't hand over to {target} as {client} asks: there is no such node.")
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    tone: ClassVar[str] = "bad"
    client: str
    target: str


@value
class TransferRefusedNoVoter(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} does not hand over to {target} as {client} asks: it is none of those who vote."
    )
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    tone: ClassVar[str] = "bad"
    client: str
    target: str


@value
class TransferTargetGone(Indication):
    text: ClassVar[str] = N_("Leader {host} gives the transfer up: {target} does not vote any more.")
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    tone: ClassVar[str] = "bad"
    target: str


@value
class TimeoutNowAtNoVoter(Indication):
    text: ClassVar[str] = N_("{host} does not campaign as {src} tells it to, for it does not vote.")
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    src: str


@value
class TransferNotNeeded(Indication):
    text: ClassVar[str] = N_("{client} wants {host} to lead, and it does.")
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    client: str


@value
class TransferBegun(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} will hand over to {target}, as {client} asks: it takes no new writes, and as far as it knows "
        "{target} still lacks {lacks} of its entries."
    )
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    weight: ClassVar[str] = "key"
    target: str
    client: str
    lacks: int


@value
class ToldToCampaign(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} tells {target} to start an election now. The leader's own log ends at #{index}."
    )
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    weight: ClassVar[str] = "key"
    target: str
    index: int


@value
class TimeoutNowIsOver(Indication):
    text: ClassVar[str] = N_(
        "{host} starts no election for {leader}: that was wanted in term {term}, it is in {own_term}."
    )
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    leader: str
    term: int
    own_term: int


@value
class CandidateByTransfer(Indication):
    text: ClassVar[str] = N_("{host} becomes a candidate of term {term} at once, for {leader} hands over to it.")
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    term: int
    leader: str


@value
class LeaderGivesWay(Indication):
    text: ClassVar[str] = N_("{host} listens to {candidate} though it hears {leader} lead: {leader} itself hands over.")
    cites: ClassVar[str] = "Ongaro 2014 §4.2.3"
    candidate: str
    term: int
    leader: str


@value
class LeaderHeardLatelyGivesWay(Indication):
    text: ClassVar[str] = N_(
        "{host} listens to {candidate} though it may have heard a leader lately: that leader itself hands over."
    )
    cites: ClassVar[str] = "Ongaro 2014 §4.2.3"
    candidate: str
    term: int


@value
class BusyHandingOver(Indication):
    text: ClassVar[str] = N_("Leader {host} takes no operation of {client} now: it hands over to {target}.")
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    client: str
    target: str


@value
class TransferGivenUp(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} gives the transfer up: {target} has not taken over within an election timeout. It goes on leading."
    )
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    target: str


@value
class Transferred(Indication):
    text: ClassVar[str] = N_("{host} has handed over: {target} leads.")
    cites: ClassVar[str] = "Ongaro 2014 §3.10"
    tone: ClassVar[str] = "good"
    target: str


TOLD: tuple[type[Indication], ...] = (
    TransferRefusedOff, TransferRefusedUnknown, TransferRefusedNoVoter, TransferTargetGone, TimeoutNowAtNoVoter,
    TransferNotNeeded, TransferBegun, ToldToCampaign,
    TimeoutNowIsOver, CandidateByTransfer, LeaderGivesWay, LeaderHeardLatelyGivesWay,
    BusyHandingOver, TransferGivenUp, Transferred,
)  # fmt: skip
