"""What two-phase commit promises. It promises no end while the coordinator is away: that is how it blocks."""

from __future__ import annotations

from collections.abc import Mapping

from ...properties import Property
from ...simulation import N_, Setting
from .. import atomicity
from .indications import (
    AbortBeingWritten,
    AbortedAfterRestart,
    AbortedAfterRestartUnforced,
    AbortsForPeer,
    AbortsForPeerAnyway,
    DecidedAlone,
)

ABORTS = (AbortedAfterRestart, AbortedAfterRestartUnforced, AbortsForPeer, AbortsForPeerAnyway, DecidedAlone)
"""The ways to abort that only this protocol has."""
FREES = (*ABORTS, AbortBeingWritten)
"""With these the locks are free; an abort of which the disk still writes the record binds nobody yet."""


class Agreement(atomicity.Agreement):
    """AC1."""

    indications = {**atomicity.Agreement.indications, **dict.fromkeys(ABORTS, atomicity.Agreement.on_abort)}


class Stability(atomicity.Stability):
    """AC2."""

    indications = {**atomicity.Stability.indications, **dict.fromkeys(ABORTS, atomicity.Stability.on_abort)}


class Isolation(atomicity.Isolation):
    """Locks are kept while in doubt."""

    indications = {**atomicity.Isolation.indications, **dict.fromkeys(FREES, atomicity.Isolation.on_decided)}


class AbortValidity(atomicity.AbortValidity):
    """AC4; who has aborted for one in doubt says no where it is asked."""

    indications = {**atomicity.AbortValidity.indications, AbortBeingWritten: atomicity.AbortValidity.on_no}


class EverythingDecided(atomicity.EverythingDecided):
    """AC5, which a coordinator that is down can put off for as long as it likes."""

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:  # noqa: ARG003 - it never does
        return N_("While the coordinator is down, or can't be reached, those in doubt wait: two-phase commit blocks.")


PROPERTIES: tuple[type[Property], ...] = (
    Agreement, Stability, atomicity.CommitValidity, AbortValidity, EverythingDecided, atomicity.MoneyKept,
    atomicity.TruthfulAnswers, Isolation, atomicity.NoOverdraft, atomicity.SomeCommitted, atomicity.SomeAborted,
)  # fmt: skip
