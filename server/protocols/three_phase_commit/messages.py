"""The messages of three-phase commit (Skeen, Nonblocking Commit Protocols, 1981), with those of its termination protocol.

Names after Bernstein, Hadzilacos and Goodman (BHG, 1987, section 7.5): `Elect` is their UR-ELECTED, `StateRequest` their
STATE-REQ, `Inquiry` their DECISION-REQ. A transaction is named by its id (`c1.3`); only `CanCommit` carries all of it.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..transactions import Stored, Transaction


@value
class CanCommit:
    """Phase 1: the coordinator asks a participant whether it can commit."""

    text: ClassVar[str] = N_("{src} asks {dst} whether it can commit a transaction.")
    work: Transaction


@value
class Vote:
    """A participant's vote. With a yes it gives up its right to abort by itself."""

    text: ClassVar[str] = N_("{src} sends {dst} its vote on {transaction}.")
    transaction: str
    yes: bool
    reason: str
    """Why not, in a word; empty in a yes."""
    found: Stored
    """What a read found; None in any other vote."""


@value
class PreCommit:
    """Phase 2: all have voted yes. Nobody has committed yet, but everybody may know now that it will be so."""

    text: ClassVar[str] = N_("{src} tells {dst} that all have voted yes on {transaction}: it will be committed.")
    transaction: str


@value
class Ack:
    """A participant knows that all have voted yes."""

    text: ClassVar[str] = N_("{src} acknowledges to {dst} that it is ready to commit {transaction}.")
    transaction: str


@value
class DoCommit:
    """Phase 3, or the answer to whoever asks: it is committed."""

    text: ClassVar[str] = N_("{src} tells {dst} to commit {transaction}.")
    transaction: str


@value
class DoAbort:
    """The end instead of the second phase, or the answer to whoever asks: it is aborted."""

    text: ClassVar[str] = N_("{src} tells {dst} to abort {transaction}.")
    transaction: str


@value
class Elect:
    """Who has waited in vain tells the next in line that it coordinates now."""

    text: ClassVar[str] = N_("{src} tells {dst} that it is the coordinator of {transaction} now.")
    transaction: str


@value
class StateRequest:
    """A new coordinator asks how a transaction stands."""

    text: ClassVar[str] = N_("{src} coordinates {transaction} now, and asks {dst} how it stands there.")
    transaction: str


@value
class StateReply:
    """How it stands: aborted, in doubt, pre-committed, committed; or recovering, from one that has crashed and knows no end."""

    text: ClassVar[str] = N_("{src} answers {dst} how {transaction} stands.")
    transaction: str
    state: str


@value
class Inquiry:
    """A node that has crashed and is back asks how a transaction ended."""

    text: ClassVar[str] = N_("{src} has been away, and asks {dst} how {transaction} ended.")
    transaction: str
