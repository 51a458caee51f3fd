"""What a live history tells: its errors, each with what is needed to explain it, and what becomes of its order."""

from __future__ import annotations

from dataclasses import dataclass

from .history import Operation
from .models import Model


@dataclass(slots=True)
class Case:
    """An error, with what is needed to explain it: one history for each state that it may have begun in."""

    operation: Operation
    histories: tuple[tuple[Model, tuple[Operation, ...]], ...] = ()
    """Empty where too much of the past is forgotten."""


@dataclass(slots=True)
class Splice:
    """What became of an order: `keep` of its operations stay, and then come others, by their ids."""

    keep: int
    add: tuple[int, ...]
