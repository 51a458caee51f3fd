"""What clients ask of a cluster, and what became of it.

An operation has one of three outcomes. `ok`: it took effect and the answer came. `failed`: it surely did not take
effect. `unknown`: no answer came, so it may have taken effect, may do so later, or never will; a history checker must
allow for all three (Herlihy and Wing, Linearizability, 1990; the convention of Jepsen's `:info`).
"""

from __future__ import annotations

from typing import Any

from .values import value

OK = "ok"
FAILED = "failed"
UNKNOWN = "unknown"


@value
class Invoked:
    """A client began an operation. `id` is unique in the run; `to` is the node that it asks first."""

    id: str
    operation: Any
    to: str


@value
class Returned:
    """An operation ended for the client that invoked it."""

    id: str
    operation: Any
    outcome: str
    result: Any
