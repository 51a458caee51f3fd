"""What must hold.

Three kinds, as in model checking: *always* (safety: one bad event breaks it for good), *eventually* (liveness: it may
fail for a while, and must come to hold again) and *sometimes* (it must be seen at least once, so that a run in which
nothing happens does not pass for a good one).

A property is told of the indications and of the changed fields that it asks for, and keeps what it must remember as
plain data, since it is part of every checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from ..simulation import Cluster, Event, Setting

ALWAYS = "always"
EVENTUALLY = "eventually"
SOMETIMES = "sometimes"

WAITING = "waiting"
"""An eventually or sometimes property that does not hold yet."""
HOLDS = "holds"
SEEN = "seen"
BROKEN = "broken"

Watcher = Callable[[Any, Any, "Event", "Cluster"], "str | None"]
"""Called as (property, indication or field value, event, cluster); returns the new state, or None where it stays."""


class Property:
    """The base of all properties. Subclasses say which indications and fields they watch, and judge them."""

    name: ClassVar[str]
    title: ClassVar[str]
    text: ClassVar[str]
    cites: ClassVar[str]
    kind: ClassVar[str]
    assumes: ClassVar[str] = ""
    """What must be so for the protocol to promise it, beyond its rules (msgid); empty: nothing."""
    spares: ClassVar[frozenset[str]] = frozenset()
    """The same for a fuzzer: the kinds of faults (`exploration.mischief`) under which it is not promised."""
    indications: ClassVar[dict[type, Watcher]] = {}
    fields: ClassVar[dict[str, Watcher]] = {}
    """Fields of nodes: called after an event in which the field of the touched node became another value."""
    on_down: ClassVar[Watcher | None] = None
    """Called after a command that touched a node's host, with the host's id: a crash gives no indication."""

    @classmethod
    def disclaimed(cls, params: Mapping[str, Setting]) -> str | None:  # noqa: ARG003 - those that override it read them
        """Why a protocol with these tunables does not promise it at all (msgid); None where it does."""
        return None

    def first_state(self) -> str:
        """The state before the first event."""
        return HOLDS if self.kind == ALWAYS else WAITING
