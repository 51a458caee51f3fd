"""What a replica tells the outside: each decision, with its reason and the place where it is written.

The eight steps of an update stand at the beginning of the sentences that tell them. Those of taking over, and what a rule
that is off lets happen, stand in `view_indications`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ...simulation import N_, value
from .. import session
from ..indication import Indication
from .messages import Entry
from .view_indications import INDICATIONS as OF_VIEWS
from .view_indications import (
    BecamePrimary,
    CameBack,
    HandedOver,
    HandsOver,
    KeptOwnLog,
    NewestTaken,
    OldViewRefused,
    OwnViewOver,
    PrimaryMissed,
    PrimaryRecognised,
    SteppedDown,
    ToldToTakeOver,
    ViewEntered,
    ViewOpened,
)

ALSBERG = "Alsberg and Day 1976"

# First round: update, replicate, confirm, commit


@value
class Updated(Indication):
    text: ClassVar[str] = N_(
        "Update: primary {host} writes {client}'s operation {serial} into its log as #{index}, with version {version}."
    )
    cites: ClassVar[str] = ALSBERG
    index: int
    version: int
    client: str
    serial: int


@value
class Logged(Indication):
    text: ClassVar[str] = N_("Replicate: {host} writes what {primary} sends into its log, which now ends at #{last}.")
    cites: ClassVar[str] = ALSBERG
    primary: str
    count: int
    last: int


@value
class LoggedAlready(Indication):
    text: ClassVar[str] = N_("{host} has what {primary} sends already, up to #{last}.")
    cites: ClassVar[str] = ALSBERG
    weight: ClassVar[str] = "routine"
    primary: str
    last: int


@value
class LoggedUnchecked(Indication):
    text: ClassVar[str] = N_(
        "{host} writes down what {primary} sends without a look at the entry before: its log ends at #{last} "
        "and may not be the primary's."
    )
    cites: ClassVar[str] = "Raft §5.3"
    tone: ClassVar[str] = "bad"
    primary: str
    count: int
    last: int


@value
class GapFound(Indication):
    text: ClassVar[str] = N_(
        "{host} takes nothing: what {primary} sends follows #{prev_index}, and its own log ends at #{last}. "
        "It asks for what is missing."
    )
    cites: ClassVar[str] = "Raft §5.3"
    tone: ClassVar[str] = "bad"
    primary: str
    prev_index: int
    last: int


@value
class ConflictFound(Indication):
    text: ClassVar[str] = N_(
        "{host} takes nothing yet: #{prev_index} is of view {own_view} here and of view {prev_view} at {primary}. "
        "It asks for what comes before."
    )
    cites: ClassVar[str] = "Raft §5.3"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    primary: str
    prev_index: int
    prev_view: int
    own_view: int


@value
class EntriesRemoved(Indication):
    text: ClassVar[str] = N_(
        "{host} removes its entries from #{first} on: #{first} is of view {own_view} here and of view {view} at the primary."
    )
    cites: ClassVar[str] = "Raft §5.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    first: int
    count: int
    own_view: int
    view: int


@value
class Undone(Indication):
    text: ClassVar[str] = N_(
        "{host} had applied entries from #{first} on and must undo them: its database is made anew from its log."
    )
    cites: ClassVar[str] = ALSBERG
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    first: int
    count: int


@value
class LogConfirmed(Indication):
    text: ClassVar[str] = N_(
        "Confirm: primary {host} hears from {backup} that it has entries up to #{index} in its log."
    )
    cites: ClassVar[str] = ALSBERG
    weight: ClassVar[str] = "routine"
    backup: str
    index: int


@value
class Committed(Indication):
    text: ClassVar[str] = N_("Commit: primary {host} commits up to #{index}: {copies} of {members} logs have it.")
    cites: ClassVar[str] = ALSBERG
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    index: int
    view: int
    copies: int
    members: int


@value
class NotCommittedOldView(Indication):
    text: ClassVar[str] = N_(
        "Primary {host} does not commit #{index} yet, though {copies} logs have it: it is of view {entry_view}, "
        "and goes with the first entry of view {view}."
    )
    cites: ClassVar[str] = "Raft §5.4.2"
    weight: ClassVar[str] = "routine"
    index: int
    entry_view: int
    view: int
    copies: int


# Second round: commit, confirm, determine, notify


@value
class CommitLearned(Indication):
    text: ClassVar[str] = N_("Commit: {host} hears from {primary} that entries up to #{index} are committed.")
    cites: ClassVar[str] = ALSBERG
    primary: str
    index: int


@value
class Applied(Indication):
    text: ClassVar[str] = N_("{host} applies #{index} to its database.")
    cites: ClassVar[str] = ALSBERG
    weight: ClassVar[str] = "routine"
    index: int
    entry: Entry
    result: Any


@value
class WriteLost(Indication):
    text: ClassVar[str] = N_(
        "{host} drops the write of #{index}: its timestamp {version} is behind {newer}, which {key} has. "
        "The later write loses against the earlier one."
    )
    cites: ClassVar[str] = "Thomas 1979"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    index: int
    key: str
    version: int
    newer: int


@value
class Determined(Indication):
    text: ClassVar[str] = N_(
        "Determine: entries up to #{index} are in {copies} of {members} databases, as primary {host} knows."
    )
    cites: ClassVar[str] = ALSBERG
    tone: ClassVar[str] = "good"
    index: int
    copies: int
    members: int


@value
class Answered(Indication):
    text: ClassVar[str] = N_("Notify: primary {host} tells {client} that its operation {serial} is done, as #{index}.")
    cites: ClassVar[str] = ALSBERG
    tone: ClassVar[str] = "good"
    client: str
    serial: int
    index: int
    view: int


# Clients


@value
class AnsweredAgain(Indication):
    text: ClassVar[str] = N_("{host} answers {client}'s operation {serial} again: it is done since #{index}.")
    cites: ClassVar[str] = "Liskov and Cowling 2012 §4.1"
    client: str
    serial: int
    index: int
    view: int


@value
class StillWaits(Indication):
    text: ClassVar[str] = N_(
        "{host} has {client}'s operation {serial} as #{index} already, and still waits for confirmations."
    )
    cites: ClassVar[str] = "Liskov and Cowling 2012 §4.1"
    client: str
    serial: int
    index: int


@value
class RequestIsOver(Indication):
    text: ClassVar[str] = N_("{host} lets {client}'s operation {serial} be: {client} has gone on to {newer}.")
    cites: ClassVar[str] = "Liskov and Cowling 2012 §4.1"
    client: str
    serial: int
    newer: int


@value
class WeakRead(Indication):
    text: ClassVar[str] = N_(
        "{host} answers {client}'s read of {key} from its own database, which has the entries up to #{index}: "
        "version {version}."
    )
    cites: ClassVar[str] = "Terry et al. 1994"
    client: str
    serial: int
    key: str
    index: int
    version: int


@value
class Redirected(Indication):
    text: ClassVar[str] = N_("{host} is not the primary: it sends {client} to {primary}.")
    cites: ClassVar[str] = ALSBERG
    client: str
    primary: str


@value
class NoPrimaryKnown(Indication):
    text: ClassVar[str] = N_("{host} knows no primary of view {view} yet: {client} has to look elsewhere.")
    cites: ClassVar[str] = ALSBERG
    tone: ClassVar[str] = "bad"
    client: str
    view: int


INDICATIONS: tuple[type[Indication], ...] = (
    Updated, Logged, LoggedAlready, LoggedUnchecked, GapFound, ConflictFound, EntriesRemoved, Undone, LogConfirmed,
    Committed, NotCommittedOldView, CommitLearned, Applied, WriteLost, Determined, Answered, AnsweredAgain, StillWaits,
    RequestIsOver, WeakRead, Redirected, NoPrimaryKnown, *OF_VIEWS, *session.INDICATIONS,
)  # fmt: skip

__all__ = [
    "INDICATIONS", "Answered", "AnsweredAgain", "Applied", "BecamePrimary", "CameBack", "CommitLearned", "Committed",
    "ConflictFound", "Determined", "EntriesRemoved", "GapFound", "HandedOver", "HandsOver", "KeptOwnLog", "LogConfirmed",
    "Logged", "LoggedAlready", "LoggedUnchecked", "NewestTaken", "NoPrimaryKnown", "NotCommittedOldView",
    "OldViewRefused", "OwnViewOver", "PrimaryMissed", "PrimaryRecognised", "Redirected", "RequestIsOver", "SteppedDown",
    "StillWaits", "ToldToTakeOver", "Undone", "Updated", "ViewEntered", "ViewOpened", "WeakRead", "WriteLost",
]  # fmt: skip
