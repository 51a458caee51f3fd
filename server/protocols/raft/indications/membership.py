"""What is told of changes of the members (paper section 6; thesis chapter 4)."""

from __future__ import annotations

from typing import ClassVar

from ....simulation import N_, value
from ...indication import Indication
from ..configuration import Configuration


@value
class ConfigurationAppended(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} puts the configuration {members} into its log as entry #{index}, and counts by it from now on."
    )
    cites: ClassVar[str] = "Raft §6"
    weight: ClassVar[str] = "key"
    index: int
    members: str
    configuration: Configuration


@value
class ConfigurationAdopted(Indication):
    text: ClassVar[str] = N_("{host} finds the configuration {members} in its log, as entry #{index}, and goes by it.")
    cites: ClassVar[str] = "Raft §6"
    index: int
    members: str


@value
class ConfigurationFellBack(Indication):
    text: ClassVar[str] = N_(
        "The configuration of entry #{index} is gone from {host}'s log: the one before, {members}, is in force again."
    )
    cites: ClassVar[str] = "Ongaro 2014 §4.1"
    weight: ClassVar[str] = "key"
    tone: ClassVar[str] = "bad"
    index: int
    members: str


@value
class ConfigurationFromSnapshot(Indication):
    text: ClassVar[str] = N_(
        "{host} goes by the configuration {members} from now on, which has come with the snapshot."
    )
    cites: ClassVar[str] = "Raft §7"
    members: str


@value
class VoteCountedJointly(Indication):
    text: ClassVar[str] = N_(
        "{host} has {votes_old} votes of the {needed_old} that it needs of the old members in term {term}, "
        "and {votes_new} of {needed_new} of the new ones."
    )
    cites: ClassVar[str] = "Raft §6"
    term: int
    voter: str
    votes_old: int
    needed_old: int
    votes_new: int
    needed_new: int


@value
class CatchUpBegun(Indication):
    text: ClassVar[str] = N_("{nodes} will vote once all that is committed is there; a learner for now.")
    cites: ClassVar[str] = "Ongaro 2014 §4.2.1"
    nodes: str


@value
class CaughtUp(Indication):
    text: ClassVar[str] = N_("Leader {host} knows that {nodes} has all entries up to #{index}: the change can begin.")
    cites: ClassVar[str] = "Ongaro 2014 §4.2.1"
    tone: ClassVar[str] = "good"
    nodes: str
    index: int


@value
class RemovedLeaderStepsDown(Indication):
    text: ClassVar[str] = N_(
        "{host} leads no longer in term {term}: entry #{index} is committed, and by it the members are {members}."
    )
    cites: ClassVar[str] = "Ongaro 2014 §4.2.2"
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    term: int
    index: int
    members: str


@value
class ChangeRefusedFixed(Indication):
    text: ClassVar[str] = N_("Leader {host} changes no members for {client}: they are to stay as they are in this run.")
    cites: ClassVar[str] = "Raft §6"
    tone: ClassVar[str] = "bad"
    client: str


@value
class ChangeRefusedUnknown(Indication):
    text: ClassVar[str] = N_("Leader {host} changes no members for {client}: there is no {node}.")
    cites: ClassVar[str] = "Raft §6"
    tone: ClassVar[str] = "bad"
    client: str
    node: str


@value
class ChangeRefusedPending(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} changes no members for {client}: the change of entry #{index} is still under way."
    )
    cites: ClassVar[str] = "Ongaro 2014 §4.1"
    tone: ClassVar[str] = "bad"
    client: str
    index: int


@value
class ChangeRefusedNoOwnEntry(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} changes no members for {client}: it has not committed an entry of its own term {term} yet."
    )
    cites: ClassVar[str] = "Ongaro 2014 §4.1"
    tone: ClassVar[str] = "bad"
    client: str
    term: int


@value
class ChangeRefusedTooMany(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} changes no members for {client}: of more than one voter at once, majorities need not overlap."
    )
    cites: ClassVar[str] = "Ongaro 2014 §4.1"
    tone: ClassVar[str] = "bad"
    client: str


@value
class ChangeRefusedNobodyLeft(Indication):
    text: ClassVar[str] = N_("Leader {host} changes no members for {client}: nobody would be left to vote.")
    cites: ClassVar[str] = "Ongaro 2014 §4.1"
    tone: ClassVar[str] = "bad"
    client: str


TOLD: tuple[type[Indication], ...] = (
    ConfigurationAppended, ConfigurationAdopted, ConfigurationFellBack, ConfigurationFromSnapshot,
    VoteCountedJointly, CatchUpBegun, CaughtUp, RemovedLeaderStepsDown, ChangeRefusedFixed, ChangeRefusedUnknown,
    ChangeRefusedPending, ChangeRefusedNoOwnEntry, ChangeRefusedTooMany, ChangeRefusedNobodyLeft,
)  # fmt: skip
