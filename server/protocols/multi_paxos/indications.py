"""What a node of Multi-Paxos tells the outside: each decision, with its reason and the place where it is written.

The papers: Lamport, Paxos Made Simple, 2001; van Renesse and Altinbuken, Paxos Made Moderately Complex, 2015; Chandra,
Griesemer and Redstone, Paxos Made Live, 2007.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ...simulation import N_, value
from .. import session
from ..indication import Indication
from ..keyvalue import Command

PHASE_1 = "Paxos Made Simple §2.2, phase 1"
PHASE_2 = "Paxos Made Simple §2.2, phase 2"
LEARNING = "Paxos Made Simple §2.3"
PROGRESS = "Paxos Made Simple §2.4"
LOG = "Paxos Made Simple §3"
REPLICAS = "Paxos Made Moderately Complex §2.1"
CATCH_UP = "Paxos Made Live §4.2"

# Phase 1, once for all slots


@value
class BecameCandidate(Indication):
    text: ClassVar[str] = N_(
        "{host}'s election timer ran out before it heard of a leader: it asks all for a promise of ballot {ballot}, "
        "once for every slot from #{slot} on."
    )
    cites: ClassVar[str] = LOG
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "candidacy"
    ballot: str
    slot: int


@value
class Promised(Indication):
    text: ClassVar[str] = N_(
        "{host} promises {candidate} to accept nothing below ballot {ballot}, and reports {count} slots from #{slot} on."
    )
    cites: ClassVar[str] = PHASE_1
    candidate: str
    ballot: str
    slot: int
    count: int


@value
class PromiseRefused(Indication):
    text: ClassVar[str] = N_(
        "{host} refuses {candidate} its promise: ballot {ballot} is below {promised}, which it has promised."
    )
    cites: ClassVar[str] = PHASE_1
    tone: ClassVar[str] = "bad"
    candidate: str
    ballot: str
    promised: str


@value
class ReportContinues(Indication):
    text: ClassVar[str] = N_("{host} asks {acceptor} for the rest of its report, from #{slot} on.")
    cites: ClassVar[str] = PHASE_1
    weight: ClassVar[str] = "routine"
    acceptor: str
    slot: int


@value
class PromiseCounted(Indication):
    text: ClassVar[str] = N_("{host} has {promises} of the {needed} promises that it needs for ballot {ballot}.")
    cites: ClassVar[str] = PHASE_1
    ballot: str
    acceptor: str
    promises: int
    needed: int


@value
class Elected(Indication):
    text: ClassVar[str] = N_(
        "{host} leads with ballot {ballot}, by the promises of {promises} nodes of {members}. "
        "For every slot from #{slot} on, phase 1 is done."
    )
    cites: ClassVar[str] = LOG
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "election"
    tone: ClassVar[str] = "good"
    ballot: str
    promises: int
    members: int
    slot: int


@value
class SteppedDown(Indication):
    text: ClassVar[str] = N_("{host}, {role} with ballot {ballot}, steps down: {src} knows of ballot {newer}.")
    cites: ClassVar[str] = PROGRESS
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "stepdown"
    tone: ClassVar[str] = "bad"
    role: str
    ballot: str
    newer: str
    src: str


@value
class LeaderRecognised(Indication):
    text: ClassVar[str] = N_("{host} follows {leader}, the leader of ballot {ballot}.")
    cites: ClassVar[str] = PROGRESS
    leader: str
    ballot: str


# What a new leader finds


@value
class Adopted(Indication):
    text: ClassVar[str] = N_(
        "{host} proposes for #{slot} what was accepted there in ballot {found}, the highest in the reports "
        "that it looks at: it may have been chosen."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P2c"
    slot: int
    ballot: str
    command: Command | None
    found: str


@value
class NoOpProposed(Indication):
    text: ClassVar[str] = N_(
        "{host} fills the gap #{slot} with a no-op: in no report that it looks at is anything accepted there, "
        "and what stands behind it waits."
    )
    cites: ClassVar[str] = LOG
    weight: ClassVar[str] = "key"
    slot: int
    ballot: str
    command: None = None


@value
class ChosenReported(Indication):
    text: ClassVar[str] = N_(
        "{host} need not propose anything for #{slot}: one of the reports that it looks at, its own among them, says that it "
        "is chosen already."
    )
    cites: ClassVar[str] = LEARNING
    slot: int


@value
class ReportsIgnored(Indication):
    text: ClassVar[str] = N_(
        "{host} does not look at the {count} slots that its promises report: what it proposes there may not be what was chosen."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P2c"
    tone: ClassVar[str] = "bad"
    count: int


# Phase 2, a slot each


@value
class Proposed(Indication):
    text: ClassVar[str] = N_("Leader {host} proposes {client}'s operation {serial} for slot #{slot}.")
    cites: ClassVar[str] = LOG
    slot: int
    ballot: str
    command: Command
    client: str
    serial: int


@value
class WindowFull(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} lets {client}'s operation {serial} wait: it does not know #{slot} to be chosen yet, and proposes for no "
        "more than {window} slots from there on."
    )
    cites: ClassVar[str] = LOG
    tone: ClassVar[str] = "bad"
    client: str
    serial: int
    slot: int
    window: int


@value
class ProposalAccepted(Indication):
    text: ClassVar[str] = N_("{host} accepts {leader}'s proposal for #{slot} in ballot {ballot}.")
    cites: ClassVar[str] = PHASE_2
    leader: str
    ballot: str
    slot: int


@value
class ChosenKept(Indication):
    text: ClassVar[str] = N_(
        "{host} says that it accepts {leader}'s proposal for #{slot} in ballot {ballot}, but keeps another value there, which "
        "it takes for chosen."
    )
    cites: ClassVar[str] = "Paxos Made Simple §2.2, P2"
    mark: ClassVar[str | None] = "conflict"
    tone: ClassVar[str] = "bad"
    leader: str
    ballot: str
    slot: int


@value
class ProposalRefused(Indication):
    text: ClassVar[str] = N_("{host} refuses {leader}: ballot {ballot} is below {promised}, which it has promised.")
    cites: ClassVar[str] = PHASE_2
    tone: ClassVar[str] = "bad"
    leader: str
    ballot: str
    promised: str


@value
class Chosen(Indication):
    text: ClassVar[str] = N_(
        "Leader {host} takes #{slot} for chosen: by its count {copies} of {members} nodes have accepted it in its ballot "
        "{ballot}."
    )
    cites: ClassVar[str] = PHASE_2
    weight: ClassVar[str] = "key"
    mark: ClassVar[str | None] = "commit"
    tone: ClassVar[str] = "good"
    slot: int
    ballot: str
    command: Command | None
    copies: int
    members: int


@value
class WaitsForEarlier(Indication):
    text: ClassVar[str] = N_(
        "{host} can't apply #{slot} yet, though it takes it for chosen: of #{first} before it, it does not know that."
    )
    cites: ClassVar[str] = LOG
    slot: int
    first: int


# Learning what was chosen


@value
class ChosenLearned(Indication):
    text: ClassVar[str] = N_("{host} hears from {leader} that all slots up to #{slot} are chosen.")
    cites: ClassVar[str] = LEARNING
    leader: str
    slot: int


@value
class AskedForChosen(Indication):
    text: ClassVar[str] = N_(
        "{host} asks {leader} for the slots #{first} to #{last}, which are chosen by what it hears: it does not know for sure "
        "what is in #{first}."
    )
    cites: ClassVar[str] = CATCH_UP
    leader: str
    first: int
    last: int


@value
class Taught(Indication):
    text: ClassVar[str] = N_("{host} tells {node} what it takes for chosen in the slots #{first} to #{last}.")
    cites: ClassVar[str] = CATCH_UP
    weight: ClassVar[str] = "routine"
    node: str
    first: int
    last: int


@value
class CaughtUp(Indication):
    text: ClassVar[str] = N_("{host} takes the slots #{first} to #{last} from {src}, as {src} has them for chosen.")
    cites: ClassVar[str] = CATCH_UP
    src: str
    first: int
    last: int


# The state machine


@value
class Applied(Indication):
    text: ClassVar[str] = N_("{host} applies slot #{slot}.")
    cites: ClassVar[str] = LOG
    weight: ClassVar[str] = "routine"
    slot: int
    command: Command | None
    result: Any


@value
class DuplicateNotApplied(Indication):
    text: ClassVar[str] = N_("{host} does not apply #{slot}: {client}'s operation {serial} has been applied before.")
    cites: ClassVar[str] = REPLICAS
    slot: int
    command: Command
    client: str
    serial: int


@value
class OvertakenNotApplied(Indication):
    text: ClassVar[str] = N_(
        "{host} does not apply #{slot}: {client} waits no longer for operation {serial}, "
        "for its operation {newer} has been applied."
    )
    cites: ClassVar[str] = REPLICAS
    slot: int
    command: Command
    client: str
    serial: int
    newer: int


NotApplied = DuplicateNotApplied | OvertakenNotApplied
"""One of these for a chosen operation that changes nothing: it was applied before, or one of its client's after it."""


@value
class Replayed(Indication):
    text: ClassVar[str] = N_("{host} has the chosen slots up to #{slot} on its disk, and applies them anew.")
    cites: ClassVar[str] = CATCH_UP
    slot: int


# Clients


@value
class Answered(Indication):
    text: ClassVar[str] = N_("Leader {host} answers {client}'s operation {serial}.")
    cites: ClassVar[str] = REPLICAS
    client: str
    serial: int


@value
class Redirected(Indication):
    text: ClassVar[str] = N_("{host} does not lead: it sends {client} to {leader}.")
    cites: ClassVar[str] = LOG
    client: str
    leader: str


@value
class NoLeaderKnown(Indication):
    text: ClassVar[str] = N_("{host} does not lead and knows no leader: {client} has to look elsewhere.")
    cites: ClassVar[str] = LOG
    tone: ClassVar[str] = "bad"
    client: str


@value
class RequestIsOver(Indication):
    text: ClassVar[str] = N_(
        "{host} lets {client}'s operation {serial} be: it is over, {client} has gone on to {newer}."
    )
    cites: ClassVar[str] = REPLICAS
    client: str
    serial: int
    newer: int


INDICATIONS: tuple[type[Indication], ...] = (
    BecameCandidate, Promised, PromiseRefused, ReportContinues, PromiseCounted, Elected, SteppedDown, LeaderRecognised,
    Adopted, NoOpProposed, ChosenReported, ReportsIgnored, Proposed, WindowFull, ProposalAccepted, ChosenKept,
    ProposalRefused, Chosen, WaitsForEarlier, ChosenLearned, AskedForChosen, Taught, CaughtUp, Applied, DuplicateNotApplied,
    OvertakenNotApplied, Replayed, Answered, Redirected, NoLeaderKnown, RequestIsOver, *session.INDICATIONS,
)  # fmt: skip
