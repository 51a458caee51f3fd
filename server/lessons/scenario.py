"""A scenario: a named beginning with commands, and the outcome in which it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..simulation import Observer, Program, Recording, Run
from .script import Script


@dataclass(frozen=True, eq=False)
class Scenario:
    """What is shown on a card of the gallery, and all that is needed to play it."""

    name: str
    title: str
    """A few words (msgid)."""
    text: str
    """One sentence or two for the gallery (msgid)."""
    outcome: str
    """How it ends (msgid)."""
    setup: Recording
    """Size, parameters, rules, seed; no commands."""
    write: Callable[[Script], None]
    """Gives the commands, by playing them once."""
    judge: Callable[[Run], bool]
    """Whether a run has ended in the stated outcome."""
    until: int
    """When it is judged, µs of virtual time."""
    ratio: float = 10
    """The speed at which it is shown at first: real time per virtual time."""
    breaks: tuple[str, ...] = ()
    """Properties that it breaks, in the order in which they break, a rule being off or none promising them; no others."""
    picture: Mapping[str, Any] = field(default_factory=dict)
    """Its typical moment, for the gallery: `nodes` = how many; optional `leader` (a number from 1, or several),
    `candidates`, `down` (numbers), `terms` (one a node), `groups` (lists of numbers), `messages` ([from, to, place in %,
    tone]), `logs` (for each node a list of terms), `commit` (how many entries are committed)."""

    def recording(self, program: Program) -> Recording:
        """The set-up with its commands. Made when first asked for, and kept."""
        return _written(self, program)

    def play(self, program: Program, observers: Sequence[Observer] = ()) -> Run:
        """A run of it up to the moment at which it is judged."""
        run = Run(self.recording(program), program, observers)
        run.advance(self.until)
        return run

    def met(self, run: Run) -> bool | None:
        """Whether the run has ended as stated; None as long as it has not come so far."""
        return None if run.now < self.until else self.judge(run)


@cache
def _written(scenario: Scenario, program: Program) -> Recording:
    script = Script(scenario.setup, program)
    scenario.write(script)
    return script.recording()
