"""The messages of two-phase commit (Gray, Notes on Data Base Operating Systems, 1978, section 5.8.3.3), as R* names them.

A transaction is named by its id (`c1.3`); only `Prepare` carries all of it. Whoever has not heard what it waits for asks
with `Inquiry`, and the answer is `Commit` or `Abort` as in the second phase.
"""

from __future__ import annotations

from typing import ClassVar

from ...simulation import N_, value
from ..transactions import Stored, Transaction


@value
class Prepare:
    """Phase 1: the coordinator asks a participant whether it can commit."""

    text: ClassVar[str] = N_("{src} asks {dst} to prepare a transaction, and for its vote.")
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
class Commit:
    """Phase 2, or the answer to an inquiry: it is committed."""

    text: ClassVar[str] = N_("{src} tells {dst} to commit {transaction}.")
    transaction: str


@value
class Abort:
    """Phase 2, or the answer to an inquiry: it is aborted."""

    text: ClassVar[str] = N_("{src} tells {dst} to abort {transaction}.")
    transaction: str


@value
class Ack:
    """A participant has the commit on its disk, so the coordinator may forget. An abort is not acknowledged (R*, section 3)."""

    text: ClassVar[str] = N_("{src} acknowledges to {dst} that {transaction} is committed.")
    transaction: str


@value
class Inquiry:
    """A participant in doubt asks how the transaction was decided."""

    text: ClassVar[str] = N_("{src} is in doubt and asks {dst} how {transaction} ended.")
    transaction: str
