"""What a node that gossips tells the outside: what it took, what it kept, what it had already, and why.

A stamp is told as its two parts: `time`, ms by the clock of its writer, and `by`, the node that wrote it.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..indication import Indication
from ..keyvalue import Scalar

# Writing and reading: any node, at once


@value
class Stamped(Indication):
    text: ClassVar[str] = N_(
        "{host} takes {client}'s write {key} = {value}, stamps it ({time}, {by}), and answers before any other node knows."
    )
    cites: ClassVar[str] = "Demers §0"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "good"
    client: str
    serial: int
    key: str
    value: Scalar
    time: int
    by: str


@value
class Certified(Indication):
    text: ClassVar[str] = N_(
        "{host} deletes {key} for {client}, and keeps a death certificate with the stamp ({time}, {by})."
    )
    cites: ClassVar[str] = "Demers §2"
    weight: ClassVar[str] = "key"
    client: str
    serial: int
    key: str
    time: int
    by: str


@value
class Forgotten(Indication):
    text: ClassVar[str] = N_(
        "{host} deletes {key} for {client} and keeps nothing of it: to gossip it looks like a node that was never told."
    )
    cites: ClassVar[str] = "Demers §2"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    client: str
    serial: int
    key: str
    time: int
    by: str


@value
class WriteLost(Indication):
    text: ClassVar[str] = N_(
        "{host} stamps {client}'s write of {key} ({time}, {by}), and it has lost already: "
        "that is not later than the stamp of the version here, ({own_time}, {own_by})."
    )
    cites: ClassVar[str] = "Demers §1.1"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    client: str
    serial: int
    key: str
    value: Scalar
    time: int
    by: str
    own_time: int
    own_by: str


@value
class Read(Indication):
    text: ClassVar[str] = N_("{host} answers {client} from its own data, without asking anybody: {key} is {value}.")
    cites: ClassVar[str] = "Demers §0"
    client: str
    serial: int
    key: str
    value: Scalar
    time: int
    """-1 where the node has no version."""
    by: str


@value
class AnsweredAgain(Indication):
    text: ClassVar[str] = N_("{host} has carried out {client}'s operation {serial} already, and answers it again.")
    cites: ClassVar[str] = "Birrell and Nelson 1984"
    client: str
    serial: int


@value
class RequestIsOver(Indication):
    text: ClassVar[str] = N_(
        "{host} lets {client}'s operation {serial} be: it is over, {client} has gone on to {newer}."
    )
    cites: ClassVar[str] = "Birrell and Nelson 1984"
    client: str
    serial: int
    newer: int


# Anti-entropy


@value
class Picked(Indication):
    text: ClassVar[str] = N_("{host} draws {peer} for round {round}.")
    cites: ClassVar[str] = "Demers §1.3"
    weight: ClassVar[str] = "routine"
    peer: str
    round: int


@value
class Learned(Indication):
    text: ClassVar[str] = N_("{host} learns {key} = {value}, of stamp ({time}, {by}), from {src}.")
    cites: ClassVar[str] = "Demers §1.3"
    tone: ClassVar[str] = "good"
    key: str
    value: Scalar
    time: int
    by: str
    src: str


@value
class Replaced(Indication):
    text: ClassVar[str] = N_(
        "{host} takes {key} = {value} from {src}: its stamp ({time}, {by}) is later than mine, ({own_time}, {own_by})."
    )
    cites: ClassVar[str] = "Demers §1.3"
    tone: ClassVar[str] = "good"
    key: str
    value: Scalar
    time: int
    by: str
    src: str
    own_time: int
    own_by: str


@value
class ReplacedUnchecked(Indication):
    text: ClassVar[str] = N_(
        "{host} takes {key} = {value} from {src} without a look at the stamps, ({time}, {by}) there and "
        "({own_time}, {own_by}) here."
    )
    cites: ClassVar[str] = "Demers §1.3"
    tone: ClassVar[str] = "bad"
    key: str
    value: Scalar
    time: int
    by: str
    src: str
    own_time: int
    own_by: str


@value
class CertificateTaken(Indication):
    text: ClassVar[str] = N_(
        "{host} takes the death certificate of {key} from {src}: it was deleted, and the stamp of that is ({time}, {by})."
    )
    cites: ClassVar[str] = "Demers §2"
    tone: ClassVar[str] = "good"
    key: str
    time: int
    by: str
    src: str


@value
class Kept(Indication):
    text: ClassVar[str] = N_(
        "{host} keeps its {key}: the stamp from {src}, ({time}, {by}), is not later than mine, ({own_time}, {own_by})."
    )
    cites: ClassVar[str] = "Demers §1.3"
    key: str
    time: int
    by: str
    src: str
    own_time: int
    own_by: str


@value
class TieBroken(Indication):
    text: ClassVar[str] = N_(
        "{host} has two versions of {key} written at {time} ms by {loser} and by {winner}: "
        "the higher name wins, here as everywhere."
    )
    cites: ClassVar[str] = "Demers §1.1"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    key: str
    time: int
    winner: str
    loser: str


@value
class TieKept(Indication):
    text: ClassVar[str] = N_(
        "{host} keeps its own {key}, by {own_by}: that of {by} was written at {time} ms too, and nothing breaks the tie."
    )
    cites: ClassVar[str] = "Demers §1.1"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    key: str
    time: int
    by: str
    src: str
    own_by: str


@value
class HadAlready(Indication):
    text: ClassVar[str] = N_(
        "{host} takes none of the {count} values that {src} sent: it has them, or keeps its own. They were redundant."
    )
    cites: ClassVar[str] = "Demers §1.3"
    weight: ClassVar[str] = "routine"
    src: str
    count: int


@value
class NothingNew(Indication):
    text: ClassVar[str] = N_(
        "{host} need not answer {src}: it has nothing newer that is asked for, and lacks nothing that is offered."
    )
    cites: ClassVar[str] = "Demers §1.3"
    weight: ClassVar[str] = "routine"
    src: str


@value
class Everywhere(Indication):
    text: ClassVar[str] = N_(
        "{host} took the write {key} = {value}, and has now seen it at all {members} nodes, after {rounds} of its rounds."
    )
    cites: ClassVar[str] = "Golding 1992"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    key: str
    value: Scalar
    members: int
    rounds: int


@value
class DeletedEverywhere(Indication):
    text: ClassVar[str] = N_(
        "{host} deleted {key}, and has now seen its death certificate at all {members} nodes, after {rounds} of its rounds."
    )
    cites: ClassVar[str] = "Golding 1992"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    key: str
    members: int
    rounds: int


@value
class CertificateDropped(Indication):
    text: ClassVar[str] = N_(
        "{host} throws away the death certificate of {key}: it is {age} ms old. "
        "A node that still has the value could bring it back."
    )
    cites: ClassVar[str] = "Demers §2"
    tone: ClassVar[str] = "bad"
    key: str
    time: int
    by: str
    age: int


# Rumors


@value
class BecameInfective(Indication):
    text: ClassVar[str] = N_(
        "{host} has a rumor to tell: {key}. It tells it to one node after another, drawn at random."
    )
    cites: ClassVar[str] = "Demers §1.4"
    key: str


@value
class Unimpressed(Indication):
    text: ClassVar[str] = N_(
        "{src} knew the rumor of {key}: that is {count} of the {limit} after which {host} is silent."
    )
    cites: ClassVar[str] = "Demers §1.4"
    weight: ClassVar[str] = "routine"
    src: str
    key: str
    count: int
    limit: int


@value
class LostInterest(Indication):
    text: ClassVar[str] = N_(
        "{host} no longer tells of {key}: it was answered {limit} times that it was known. "
        "Who has not heard of it may hear it from others, or finds it by comparing."
    )
    cites: ClassVar[str] = "Demers §1.4"
    key: str
    limit: int


INDICATIONS: tuple[type[Indication], ...] = (
    Stamped, Certified, Forgotten, WriteLost, Read, AnsweredAgain, RequestIsOver, Picked, Learned, Replaced,
    ReplacedUnchecked, CertificateTaken, Kept, TieBroken, TieKept, HadAlready, NothingNew, Everywhere, DeletedEverywhere,
    CertificateDropped, BecameInfective, Unimpressed, LostInterest,
)  # fmt: skip
