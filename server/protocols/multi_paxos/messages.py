"""The messages of Multi-Paxos (Lamport, Paxos Made Simple, 2001, sections 2.2 and 3).

Slots are the instances of the consensus algorithm: slot i holds the i-th command of the state machine, counted from 1. A
ballot is the number of a proposal, and of all the proposals of one leader: its round, and the node that made it, written
"3.n2". Ballots are ordered by their rounds, and by their nodes where the rounds are the same, so no two nodes ever make
the same one (section 2.5: different proposers choose their numbers from disjoint sets). "0" stands for "none yet".

An answer says what it answers, since a network delays, loses and doubles each message by itself.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..keyvalue import Command

SLOTS_MAX = 16
"""How many slots a Promise, an Accept and a LearnReply carry at the most, as in Raft's AppendEntries."""


@value
class Slot:
    """What a node has in one place of its log."""

    ballot: str
    """The ballot in which it was accepted; of what others taught, the one in which they had it. "0" in a gap."""
    command: Command | None
    """None for a no-op, and in a gap."""
    early: bool
    """Known to be chosen, while a slot before it is not."""
    gap: bool
    """Nothing was accepted here, though something was in a later slot."""


@value
class Report:
    """What an acceptor tells a candidate of one slot."""

    slot: int
    ballot: str
    """The highest ballot in which it accepted something here."""
    command: Command | None
    chosen: bool
    """It knows this to be chosen."""


@value
class Proposal:
    """A leader's value for one slot; None is a no-op."""

    slot: int
    command: Command | None


@value
class Prepare:
    """Phase 1a, once for all slots from `slot` on (Paxos Made Simple, section 3)."""

    text: ClassVar[str] = N_("{src} asks {dst} to promise it ballot {ballot}, for all slots from #{slot} on.")
    ballot: str
    slot: int
    """The first slot that the candidate does not know to be chosen; or where the rest of a long report begins."""


@value
class Promise:
    """Phase 1b: nothing below the ballot will be accepted any more, and this was."""

    text: ClassVar[str] = N_(
        "{src} promises {dst} to accept nothing below ballot {ballot}, and tells what it has accepted."
    )
    ballot: str
    reports: tuple[Report, ...]
    """Of slots in their order, from that of the Prepare on, 16 at the most; none where nothing was accepted."""
    rest: int
    """The slot from which on there is more to report; 0 where this is all."""


@value
class Accept:
    """Phase 2a: the leader's values for some slots, each an instance by itself."""

    text: ClassVar[str] = N_("Leader {src} asks {dst} to accept its proposals in ballot {ballot}.")
    ballot: str
    proposals: tuple[Proposal, ...]
    chosen_upto: int
    """All slots up to this one are chosen; 0 where the first is not."""


@value
class Accepted:
    """Phase 2b: these slots were accepted in the ballot."""

    text: ClassVar[str] = N_("{src} tells {dst} that it has accepted its proposals in ballot {ballot}.")
    ballot: str
    slots: tuple[int, ...]


@value
class Nack:
    """A refusal, so that a proposer that is too late need not wait in vain (section 2.2, the last paragraph)."""

    text: ClassVar[str] = N_("{src} refuses {dst}'s ballot {ballot}: it has promised ballot {promised}.")
    ballot: str
    promised: str


@value
class Heartbeat:
    """The leader is there, and so much is chosen."""

    text: ClassVar[str] = N_("Leader {src} tells {dst} that it is there: all slots up to #{chosen_upto} are chosen.")
    ballot: str
    chosen_upto: int


@value
class LearnRequest:
    """A node that lags asks what was chosen."""

    text: ClassVar[str] = N_("{src} asks {dst} what was chosen from slot #{slot} on.")
    slot: int


@value
class LearnReply:
    """What was chosen, in the order of the slots, 16 at the most."""

    text: ClassVar[str] = N_("{src} tells {dst} what was chosen from slot #{slot} on.")
    slot: int
    """That of the request."""
    entries: tuple[Slot, ...]
    chosen_upto: int
    """How far it could go on."""
