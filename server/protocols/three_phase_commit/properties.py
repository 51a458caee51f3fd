"""What three-phase commit promises, and what it does not: agreement, once silence does not mean a crash."""

from __future__ import annotations

from collections.abc import Mapping

from ...properties import Property
from ...simulation import N_, Setting
from .. import atomicity
from .indications import (
    AbortBecauseAllDoubt,
    AbortBecauseOneHas,
    AbortInSpiteOfPreCommit,
    AbortsUnasked,
    CommitBecauseEnough,
    CommitBecauseOneHas,
    CommitBecausePreCommitted,
    DecidedAlone,
    TotalFailure,
)

ABORTS = (
    AbortBecauseAllDoubt, AbortBecauseOneHas, AbortInSpiteOfPreCommit, AbortsUnasked, DecidedAlone, TotalFailure,
)  # fmt: skip
COMMITS = (CommitBecauseOneHas, CommitBecausePreCommitted, CommitBecauseEnough)
"""The ways to decide that only this protocol has."""

NOT_A_CRASH = frozenset(
    ("isolate", "split", "cut", "drop", "delay", "duplicate", "hold", "pause", "fire", "clock", "loss")
)
"""All faults but crashes: under these a node that is up can be silent, or a timeout too short."""
ONLY_CRASHES = N_(
    "Nodes crash, and nothing else happens: no message is lost or late, no timeout too short, and no partition stands. "
    "Only then is a node that is silent one that has crashed."
)


def all_but_crashes(params: Mapping[str, Setting]) -> frozenset[str]:  # noqa: ARG001 - whatever the tunables
    """Under which faults clients may be told by either of two sides."""
    return NOT_A_CRASH


class Agreement(atomicity.Agreement):
    """AC1, which needs that a node which is silent has crashed."""

    assumes = ONLY_CRASHES
    spares = NOT_A_CRASH
    indications = {
        **atomicity.Agreement.indications,
        **dict.fromkeys(COMMITS, atomicity.Agreement.on_commit), **dict.fromkeys(ABORTS, atomicity.Agreement.on_abort),
    }  # fmt: skip


class Stability(atomicity.Stability):
    """AC2."""

    indications = {
        **atomicity.Stability.indications,
        **dict.fromkeys(COMMITS, atomicity.Stability.on_commit), **dict.fromkeys(ABORTS, atomicity.Stability.on_abort),
    }  # fmt: skip


class CommitValidity(atomicity.CommitValidity):
    """AC3."""

    indications = {**atomicity.CommitValidity.indications, **dict.fromkeys(COMMITS, atomicity.CommitValidity.on_commit)}


class EverythingDecided(atomicity.EverythingDecided):
    """AC5: what the third phase is for."""

    text = N_(
        "No node that is up is left in doubt: if the coordinator crashes, the others finish without it. "
        "Only if all have crashed, all must come back."
    )


class MoneyKept(atomicity.MoneyKept):
    """Money is kept as long as nodes agree."""

    assumes = ONLY_CRASHES
    spares = NOT_A_CRASH


class TruthfulAnswers(atomicity.TruthfulAnswers):
    """A client may be told by either of two sides."""

    assumes = ONLY_CRASHES
    spares = NOT_A_CRASH
    indications = {
        **atomicity.TruthfulAnswers.indications,
        **dict.fromkeys(COMMITS, atomicity.TruthfulAnswers.on_commit),
    }


class Isolation(atomicity.Isolation):
    """Locks are kept while in doubt."""

    indications = {
        **atomicity.Isolation.indications,
        **dict.fromkeys((*COMMITS, *ABORTS), atomicity.Isolation.on_decided),
    }


PROPERTIES: tuple[type[Property], ...] = (
    Agreement, Stability, CommitValidity, atomicity.AbortValidity, EverythingDecided, MoneyKept, TruthfulAnswers, Isolation,
    atomicity.NoOverdraft, atomicity.SomeCommitted, atomicity.SomeAborted,
)  # fmt: skip
