"""What a viewer can say to a room, as values.

The shell (`server.web.wire`) parses foreign JSON into these; a room trusts their types. Every frame carries `id`, the
sender's counter, which the reply repeats. `seq` is the number of an event, times are virtual microseconds.

`Room.join` and `Room.leave` take the place of frames for coming and going: `Join` is answered by the shell with what
`Room.join` returned. `Copy` is answered by the lobby, because it opens another room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Frame:
    """Any frame; `id` is the sender's counter, repeated in the reply."""

    id: int


@dataclass(frozen=True, slots=True)
class Last:
    """What a viewer has seen of a room: the update `seq` of the room's life `epoch`."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Join(Frame):
    """Come into `room`; with `last`, only what was missed is wanted."""

    room: str
    last: Last | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Act(Frame):
    """A command for the run; `at` is the event that the sender was looking at, where he said it.

    `command` is plain data of checked shape and size. The room makes the command of it with
    `simulation.commands.command_from`, because how an operation is read belongs to the room's protocol.
    """

    command: dict[str, Any]
    at: int | None


@dataclass(frozen=True, slots=True)
class Play(Frame):
    """Let the run go on."""


@dataclass(frozen=True, slots=True)
class Pause(Frame):
    """Stop the run now."""


@dataclass(frozen=True, slots=True)
class Speed(Frame):
    """Real time per virtual time: 1 is as it is, 10 is ten times slower."""

    ratio: float


@dataclass(frozen=True, slots=True)
class Step(Frame):
    """One event forward (1) or back (-1)."""

    by: int


@dataclass(frozen=True, slots=True)
class Seek(Frame):
    """Go to an event or to a time; exactly one of the two is given."""

    seq: int | None
    time: int | None


@dataclass(frozen=True, slots=True)
class Live(Frame):
    """Go to the last event computed and on from there."""


@dataclass(frozen=True, slots=True)
class Until:
    """What to run until. `kind`: leader, commit, message, violation, time, indication.

    `type` names the message or the indication (or is None: any), `time` is given for the kind "time" alone.
    """

    kind: str
    type: str | None
    time: int | None


@dataclass(frozen=True, slots=True)
class RunUntil(Frame):
    """Run until something happens, then stop."""

    until: Until


@dataclass(frozen=True, slots=True)
class Controls(Frame):
    """Who may act: "all", "presenter", or the id of a viewer."""

    to: str


@dataclass(frozen=True, slots=True)
class Rename(Frame):
    """The sender's name, cleaned of what is not visible."""

    name: str


@dataclass(frozen=True, slots=True)
class ToBranch(Frame):
    """Show another branch."""

    branch: int


@dataclass(frozen=True, slots=True)
class RenameBranch(Frame):
    """Another name for a branch, cleaned of what is not visible."""

    branch: int
    name: str


@dataclass(frozen=True, slots=True)
class DeleteBranch(Frame):
    """Forget a branch, and what happened in it alone."""

    branch: int


@dataclass(frozen=True, slots=True)
class Parting(Frame):
    """Where two branches part; of rooms that are two branches side by side, these (None)."""

    one: int | None
    other: int | None


@dataclass(frozen=True, slots=True)
class Beside(Frame):
    """Rooms of one's own with two branches side by side."""

    one: int
    other: int


@dataclass(frozen=True, slots=True)
class Copy(Frame):
    """A room of one's own that begins as this one is at event `seq`."""

    seq: int


@dataclass(frozen=True, slots=True)
class Events(Frame):
    """The events `first` to `last`, both included, of a branch (None: the one shown)."""

    first: int
    last: int
    branch: int | None


@dataclass(frozen=True, slots=True)
class WorldAt(Frame):
    """The whole world after event `seq` of a branch (None: the one shown)."""

    seq: int
    branch: int | None


@dataclass(frozen=True, slots=True)
class LogSpan(Frame):
    """Entries `first` .. `end`-1 (0-based) of the log `field` of `host` after event `seq` of a branch (None: the one
    shown).
    """

    seq: int
    host: str
    field: str
    first: int
    end: int
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class Tape(Frame):
    """All marks of the branch shown."""


@dataclass(frozen=True, slots=True)
class LessonStep(Frame):
    """Enter beat number `beat` exactly, or go to the next one, or leave; exactly one of the three is meant."""

    beat: int | None
    next: bool
    leave: bool


@dataclass(frozen=True, slots=True)
class ChallengeStep(Frame):
    """Something that is asked for in a challenge: one of `contest.ASKED`; a claim names a rule."""

    ask: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class GiveRecording(Frame):
    """The inputs of the branch shown, as plain data: also of a room that has stopped."""
