"""What a replica tells of views: who is missed, who takes over, and who is refused."""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..indication import Indication

VIEWS = "Oki and Liskov 1988"
CHANGE = "Liskov and Cowling 2012 §4.2"


@value
class PrimaryMissed(Indication):
    text: ClassVar[str] = N_(
        "{host} has not heard from {primary}, whose turn view {view} is, for a whole failure timeout: "
        "it wants to take over in view {new_view}."
    )
    cites: ClassVar[str] = VIEWS
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    primary: str
    view: int
    new_view: int


@value
class OwnViewOver(Indication):
    text: ClassVar[str] = N_(
        "{host} wants view {new_view}: view {view} was its own before it crashed, and it knows of nobody who has "
        "taken over since."
    )
    cites: ClassVar[str] = VIEWS
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    view: int
    new_view: int


@value
class ToldToTakeOver(Indication):
    text: ClassVar[str] = N_(
        "{host} is told to take over from {primary}, whose turn view {view} is: it wants view {new_view}."
    )
    cites: ClassVar[str] = VIEWS
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    primary: str
    view: int
    new_view: int


@value
class HandsOver(Indication):
    text: ClassVar[str] = N_(
        "{host} hands over to {src} in view {view}, with {count} entries of its log, "
        "and takes nothing from older views any more."
    )
    cites: ClassVar[str] = CHANGE
    src: str
    view: int
    count: int


@value
class HandedOver(Indication):
    text: ClassVar[str] = N_("{host} has the word of {votes} of the {needed} nodes that it needs for view {view}.")
    cites: ClassVar[str] = CHANGE
    src: str
    view: int
    votes: int
    needed: int


@value
class NewestTaken(Indication):
    text: ClassVar[str] = N_("{host} begins with the log of {src}, which is newer than its own and ends at #{last}.")
    cites: ClassVar[str] = CHANGE
    src: str
    count: int
    last: int


@value
class KeptOwnLog(Indication):
    text: ClassVar[str] = N_(
        "{host} begins with its own log, which ends at #{own_last}, though that of {src} is newer and ends at #{last}."
    )
    cites: ClassVar[str] = CHANGE
    tone: ClassVar[str] = "bad"
    src: str
    own_last: int
    last: int


@value
class BecamePrimary(Indication):
    text: ClassVar[str] = N_("{host} is the primary of view {view}; its log has {length} entries.")
    cites: ClassVar[str] = VIEWS
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "election"
    tone: ClassVar[str] = "good"
    view: int
    votes: int
    needed: int
    length: int


@value
class ViewOpened(Indication):
    text: ClassVar[str] = N_(
        "Primary {host} opens view {view} with an empty entry, #{index}. "
        "Once that is committed, so is all that stands before it."
    )
    cites: ClassVar[str] = "Raft §5.4.2"
    index: int
    view: int


@value
class ViewEntered(Indication):
    text: ClassVar[str] = N_("{host} goes from view {view} to view {new_view}, which {src} is in.")
    cites: ClassVar[str] = VIEWS
    view: int
    new_view: int
    src: str


@value
class SteppedDown(Indication):
    text: ClassVar[str] = N_("{host}, {role} in view {view}, steps down: {src} is in view {new_view}.")
    cites: ClassVar[str] = VIEWS
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    tone: ClassVar[str] = "bad"
    role: str
    view: int
    new_view: int
    src: str


@value
class PrimaryRecognised(Indication):
    text: ClassVar[str] = N_("{host} follows {primary}, the primary of view {view}.")
    cites: ClassVar[str] = VIEWS
    primary: str
    view: int


@value
class OldViewRefused(Indication):
    text: ClassVar[str] = N_("{host} refuses what {src} sends: view {view} is over, {host} is in view {own_view}.")
    cites: ClassVar[str] = VIEWS
    tone: ClassVar[str] = "bad"
    src: str
    view: int
    own_view: int


@value
class CameBack(Indication):
    text: ClassVar[str] = N_(
        "{host} is back with the {length} entries on its disk. It was in view {view}; whether that is still so, "
        "it has to hear."
    )
    cites: ClassVar[str] = VIEWS
    view: int
    length: int


INDICATIONS: tuple[type[Indication], ...] = (
    PrimaryMissed, OwnViewOver, ToldToTakeOver, HandsOver, HandedOver, NewestTaken, KeptOwnLog, BecamePrimary, ViewOpened,
    ViewEntered, SteppedDown, PrimaryRecognised, OldViewRefused, CameBack,
)  # fmt: skip
