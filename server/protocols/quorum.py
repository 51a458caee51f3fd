"""Quorum arithmetic: counted over the configured members, never over those alive."""

from __future__ import annotations

from collections.abc import Iterable


def majority(members: int) -> int:
    """The smallest number of members such that any two groups of that size share one."""
    return members // 2 + 1


def agreed(indexes: Iterable[int], needed: int) -> int:
    """The largest index that at least `needed` of `indexes` have reached."""
    return sorted(indexes, reverse=True)[needed - 1]
