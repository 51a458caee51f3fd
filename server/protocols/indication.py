"""What every indication says about itself."""

from __future__ import annotations

from typing import Any, ClassVar

from ..simulation import N_, Invoked, Returned


class Indication:
    """Something that a node decided, and why. Subclasses are `value` classes whose fields fill in `text`."""

    __slots__ = ()

    text: ClassVar[str]
    """One sentence; may use every field, and {host}."""
    cites: ClassVar[str]
    """Where the algorithm is written."""
    weight: ClassVar[str] = "normal"
    """key, normal or routine."""
    mark: ClassVar[str | None] = None
    """How the timeline paints it: election, commit, stepdown, conflict, or not at all."""
    tone: ClassVar[str] = "neutral"
    """good, bad or neutral."""


CLIENT_TEXTS: dict[type, dict[str, Any]] = {
    Invoked: {
        "text": N_("{host} begins operation {id} and asks {to}."),
        "cites": "", "weight": "normal", "mark": None, "tone": "neutral",
    },
    Returned: {
        "text": N_("{host} ends operation {id}: {outcome}."),
        "cites": "", "weight": "normal", "mark": None, "tone": "neutral",
    },
}  # fmt: skip
"""What the indications of every client say; they belong to the world (`simulation.operations`)."""
