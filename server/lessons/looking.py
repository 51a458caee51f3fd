"""Looking at a run that has been played: what was told in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from ..simulation import Event, Run

T = TypeVar("T")


def told(run: Run, indication: type[T]) -> Iterator[tuple[Event, T]]:
    """Every indication of this type, with its event."""
    for event in run.history.events:
        for given in event.indications:
            if isinstance(given, indication):
                yield event, given
