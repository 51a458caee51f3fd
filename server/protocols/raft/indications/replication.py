"""What is told of replication (section 5.3), and of commitment (5.4.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from ....simulation import N_, value
from ...indication import Indication
from ..messages import Entry


@value
class Appended(Indication):
    text: ClassVar[str] = N_("Leader {host} puts {client}'s operation {serial} into its log as entry #{index}.")
    cites: ClassVar[str] = "Raft §5.3"
    index: int
    term: int
    client: str
    serial: int


@value
class NoOpAppended(Indication):
    text: ClassVar[str] = N_("Leader {host} begins term {term} with a no-op as entry #{index}.")
    cites: ClassVar[str] = "Raft §8"
    index: int
    term: int


@value
class AppendAccepted(Indication):
    text: ClassVar[str] = N_(
        "{host} takes entries up to #{match_index} from {leader}: the logs agree up to #{prev_log_index}."
    )
    cites: ClassVar[str] = "Raft §5.3"
    leader: str
    count: int
    prev_log_index: int
    match_index: int


@value
class AppendRepeated(Indication):
    text: ClassVar[str] = N_("{host} has all that {leader} sends, up to #{match_index}, already.")
    cites: ClassVar[str] = "Raft §5.3"
    weight: ClassVar[str] = "routine"
    leader: str
    match_index: int


@value
class AppendAcceptedUnchecked(Indication):
    text: ClassVar[str] = N_(
        "{host} takes what {leader} sends without a look at the entry before: the logs may not agree."
    )
    cites: ClassVar[str] = "Raft §5.3"
    tone: ClassVar[str] = "bad"
    leader: str
    count: int


@value
class AppendRejectedOldTerm(Indication):
    text: ClassVar[str] = N_("{host} refuses {leader}'s entries: term {term} is over, {host} is in term {own_term}.")
    cites: ClassVar[str] = "Raft §5.1"
    tone: ClassVar[str] = "bad"
    leader: str
    term: int
    own_term: int


@value
class AppendRejectedMissing(Indication):
    text: ClassVar[str] = N_(
        "{host} refuses {leader}'s entries: they follow #{prev_log_index}, and its log ends at #{last_log_index}."
    )
    cites: ClassVar[str] = "Raft §5.3"
    tone: ClassVar[str] = "bad"
    leader: str
    prev_log_index: int
    last_log_index: int


@value
class AppendRejectedConflict(Indication):
    text: ClassVar[str] = N_(
        "{host} refuses {leader}'s entries: #{prev_log_index} is of term {own_term} here and of term {prev_log_term} there."
    )
    cites: ClassVar[str] = "Raft §5.3"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    leader: str
    prev_log_index: int
    prev_log_term: int
    own_term: int


@value
class EntriesRemoved(Indication):
    text: ClassVar[str] = N_(
        "{host} removes its entries from #{first} on: #{first} is of term {own_term} here and of term {term} at the leader."
    )
    cites: ClassVar[str] = "Raft §5.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    first: int
    count: int
    own_term: int
    term: int


@value
class NextIndexLowered(Indication):
    text: ClassVar[str] = N_("Leader {host} will try {follower} from entry #{next_index} on.")
    cites: ClassVar[str] = "Raft §5.3"
    follower: str
    next_index: int


# Pipelining (dissertation, section 10.2.2)


@value
class WindowFull(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} keeps {waiting} entries back from {follower}: {flying} appends to it are not answered yet, and no more "
        "may be."
    )
    cites: ClassVar[str] = "Ongaro 2014 §10.2.2"
    weight: ClassVar[str] = "routine"
    follower: str
    flying: int
    waiting: int


@value
class WindowClosed(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} sent {follower} more than it could take, for something before it is missing there: "
        "it goes back to entry {next_index}."
    )
    cites: ClassVar[str] = "Ongaro 2014 §10.2.2"
    follower: str
    next_index: int


# Commitment (sections 5.3 and 5.4.2)


@value
class Committed(Indication):
    text: ClassVar[str] = N_("Leader {host} commits up to #{index}: by its count {copies} of {members} nodes have it.")
    cites: ClassVar[str] = "Raft §5.3"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    index: int
    term: int
    copies: int
    members: int


@value
class NotCommittedOldTerm(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} does not commit #{index}, though by its count {copies} of {members} nodes have it: "
        "it is of term {entry_term}, not of term {term}."
    )
    cites: ClassVar[str] = "Raft §5.4.2"
    index: int
    entry_term: int
    term: int
    copies: int
    members: int


@value
class CommitLearned(Indication):
    text: ClassVar[str] = N_("{host} learns from {leader} that entries up to #{index} are committed.")
    cites: ClassVar[str] = "Raft §5.3"
    leader: str
    index: int


@value
class Applied(Indication):
    text: ClassVar[str] = N_("{host} applies entry #{index}.")
    cites: ClassVar[str] = "Raft §5.3"
    weight: ClassVar[str] = "routine"
    index: int
    entry: Entry
    result: Any


@value
class DuplicateNotApplied(Indication):
    text: ClassVar[str] = N_("{host} does not apply #{index}: {client}'s operation {serial} has been applied before.")
    cites: ClassVar[str] = "Raft §8"
    index: int
    entry: Entry
    client: str
    serial: int


@value
class OvertakenNotApplied(Indication):
    text: ClassVar[str] = N_(
        "{host} does not apply #{index}: {client} waits no longer for operation {serial}, "
        "for its operation {newer} has been applied."
    )
    cites: ClassVar[str] = "Ongaro 2014 §6.3"
    index: int
    entry: Entry
    client: str
    serial: int
    newer: int


NotApplied = DuplicateNotApplied | OvertakenNotApplied
"""One of these for a committed operation that changes nothing: it was applied before, or one of its client's after it."""

TOLD: tuple[type[Indication], ...] = (
    Appended, NoOpAppended, AppendAccepted, AppendRepeated, AppendAcceptedUnchecked, AppendRejectedOldTerm,
    AppendRejectedMissing, AppendRejectedConflict, EntriesRemoved, NextIndexLowered, WindowFull, WindowClosed,
    Committed, NotCommittedOldTerm,
    CommitLearned, Applied, DuplicateNotApplied, OvertakenNotApplied,
)  # fmt: skip
