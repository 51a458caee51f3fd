"""A lesson: beats, each a sentence, acts, and a condition to wait for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..simulation import Command, Program, Recording, Run, command_from
from .conditions import Condition

Resolve = Callable[[str, Run], tuple[str, ...]]
"""Names the hosts in a place such as "leader" or "followers", as things are in the run. Raises KeyError for a place that
the protocol does not know, and Refused where nobody is there now."""

PLACE = "@"


@dataclass(frozen=True, eq=False)
class Act:
    """A command as plain data, in which `"@leader"` stands for whoever is in that place when the beat is entered.

    In a list, such as a group of a partition, a place may stand for several hosts; elsewhere for one.
    """

    command: Mapping[str, Any]

    def resolved(self, run: Run, resolve: Resolve, program: Program) -> Command:
        """The command for this moment. Raises Refused where a place is empty."""
        data = {name: _filled(given, run, resolve) for name, given in self.command.items()}
        return command_from(data, program.parse_operation)


def _filled(given: Any, run: Run, resolve: Resolve) -> Any:
    if isinstance(given, str) and given.startswith(PLACE):
        (host, *more) = resolve(given[len(PLACE) :], run)
        if more:
            raise ValueError(f"{given} stands for {1 + len(more)} hosts, where one is needed")
        return host
    if isinstance(given, list | tuple):
        filled: list[Any] = []
        for item in given:
            if isinstance(item, str) and item.startswith(PLACE):
                filled.extend(resolve(item[len(PLACE) :], run))
            else:
                filled.append(_filled(item, run, resolve))
        return filled
    if isinstance(given, Mapping):
        return {name: _filled(inner, run, resolve) for name, inner in given.items()}
    return given


@dataclass(frozen=True, eq=False)
class Beat:
    """One step of a lesson."""

    name: str
    title: str
    """A few words (msgid)."""
    text: str
    """What is on the screen, and why; short enough for a projector (msgid)."""
    until: Condition | None
    """What it waits for; None: nothing, it is told at once."""
    acts: Sequence[Act] = ()
    """What is done when it is entered, in this order."""
    ratio: float = 20
    """The speed of this beat: real time per virtual time."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """A story told on a run."""

    name: str
    title: str
    """A few words (msgid)."""
    text: str
    """A sentence for the gallery (msgid)."""
    setup: Recording
    """Size, parameters, seed; no commands."""
    beats: tuple[Beat, ...]
    resolve: Resolve
    """Who is where, in this protocol."""
    breaks: tuple[str, ...] = ()
    """Properties that it shows broken, in the order in which they break; no others may."""
    picture: Mapping[str, Any] = field(default_factory=dict)
    """As in `Scenario`."""
