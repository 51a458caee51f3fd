"""A challenge: something to bring about with few acts, in a bounded time, judged by the engine alone.

It is data like a scenario: a set-up, a goal, the acts that are allowed, hints, and a script that solves it. Some can't be
solved: a rule of the algorithm forbids it. Such a one says which rule and why, and its script solves it with that rule off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..simulation import Command, Program, Recording
from ..simulation.commands import Restart, SwitchRule
from .conditions import Condition
from .script import Script

EASY, MIDDLE, HARD = 1, 2, 3
RESTART_LOST = "restart_lost"
"""A restart with an empty disk is an act of its own: no protocol here promises anything to who loses a disk."""


@dataclass(frozen=True)
class Impossible:
    """Why a challenge can't be won."""

    rule: str
    """The rule that forbids it; without it the script of the challenge wins."""
    why: str
    """The reason, as one would give it to a class (msgid)."""
    cites: str
    """Where that is written."""


NOBODY_CRASHES = (
    "pause", "resume", "partition", "heal", "set_link", "hold_link", "release_link", "drop", "duplicate", "delay",
    "deliver_now", "fire_timer",
)  # fmt: skip
"""What may be done where messages may be late, lost or doubled, links cut and nodes held up."""
ANY_FAULT = ("crash", "restart", *NOBODY_CRASHES)
"""The same where nodes may crash too; no disk is lost."""


@dataclass(frozen=True, eq=False)
class Challenge:
    """What is shown on its card, and all that is needed to judge an attempt."""

    name: str
    title: str
    """What is to be brought about, in a few words (msgid)."""
    text: str
    """The same in a sentence or two, with what must be known (msgid)."""
    won: str
    """What has been shown by winning it (msgid)."""
    setup: Recording
    """Size, parameters, rules, seed; no commands."""
    goal: Condition
    """What is to come true, from the beginning of the run on."""
    allowed: Mapping[str, int | None]
    """The kinds of commands that may be given, and how many of each; None: as many as one likes."""
    span: int
    """How long an attempt lasts, µs of virtual time."""
    write: Callable[[Script], None]
    """A solution, by playing it once; of an impossible challenge one with its rule off."""
    hints: tuple[str, ...]
    """Given one by one, each saying more than the one before (msgids)."""
    rules: tuple[str, ...]
    """Three or four rules of the protocol. Who claims that it is impossible says which of them forbids it; the others have
    nothing to do with it: with any of them off alone it is as it was."""
    level: int = EASY
    fails: Condition | None = None
    """What ends an attempt before its time."""
    failed: str = ""
    """What is said then (msgid)."""
    impossible: Impossible | None = None
    ratio: float = 10
    """The speed at which it is shown at first: real time per virtual time."""
    picture: Mapping[str, Any] = field(default_factory=dict)
    """As in `Scenario`."""

    def solution(self, program: Program) -> Recording:
        """The set-up with the commands that win. Made when first asked for, and kept."""
        return _solved(self, program)

    def rule_off(self) -> SwitchRule | None:
        """The command after which an impossible challenge can be won."""
        return SwitchRule(self.impossible.rule, False) if self.impossible else None


@cache
def _solved(challenge: Challenge, program: Program) -> Recording:
    script = Script(challenge.setup, program)
    if (rule := challenge.rule_off()) is not None:
        script.give(rule)
    challenge.write(script)
    return script.recording()


def kind_of(command: Command) -> str:
    """The kind under which a command is allowed and counted."""
    return RESTART_LOST if isinstance(command, Restart) and command.disk == "lost" else command.type
