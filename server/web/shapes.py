"""The shapes of foreign data: every frame and command of the wire with the bounds of its fields. Read by `wire.py`
alone.

msgspec checks a decoded value against them in about 2 us: unknown types, unknown fields, missing fields, kinds and
bounds. What depends on the run (is there such a node?) is checked by the simulation, and who may do it by the room.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

VIRTUAL_TIME_MAX_US = 10**15  # thirty years
NODES_MAX = 9

Counter = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Micros = Annotated[int, Meta(ge=0, le=VIRTUAL_TIME_MAX_US)]
SignedMicros = Annotated[int, Meta(ge=-VIRTUAL_TIME_MAX_US, le=VIRTUAL_TIME_MAX_US)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Host = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]{0,7}\Z")]
Word = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,39}\Z")]  # a field, timer, rule or type
RoomName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")]
ViewerId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")]
Epoch = Annotated[str, Meta(min_length=1, max_length=64)]
Typed = Annotated[str, Meta(max_length=64)]  # by a person: a key, a value
TypedName = Annotated[str, Meta(max_length=200)]  # cut to NAME_MAX once it is cleaned
OperationValue = Typed | Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)] | bool | None


class Shape(Struct, forbid_unknown_fields=True):
    """Anything foreign: what is not expected is refused."""


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


# ---- commands ------------------------------------------------------------------------------------------------------


class CommandShape(Shape, tag_field="type", tag=lambda name: _snake(name.removesuffix("Shape"))):
    """A command; its type is the name of the class in snake case."""


class CrashShape(CommandShape):
    """Stop a node."""

    node: Host


class RestartShape(CommandShape):
    """Start it again."""

    node: Host
    disk: Literal["kept", "lost"]


class PauseShape(CommandShape):
    """Let a node stand still."""

    node: Host


class ResumeShape(CommandShape):
    """Let it go on."""

    node: Host


class SetLinkShape(CommandShape):
    """Change settings of one direction."""

    src: Host
    dst: Host
    up: bool | UnsetType = UNSET
    held: bool | UnsetType = UNSET
    low: SignedMicros | UnsetType = UNSET
    high: SignedMicros | UnsetType = UNSET
    loss_percent: Percent | UnsetType = UNSET
    duplicate_percent: Percent | UnsetType = UNSET
    fifo: bool | UnsetType = UNSET


class PartitionShape(CommandShape):
    """Split the hosts into groups."""

    groups: Annotated[list[Annotated[list[Host], Meta(max_length=32)]], Meta(max_length=32)]


class HealShape(CommandShape):
    """Lift the partition."""


class DropShape(CommandShape):
    """Lose a message."""

    message: Counter


class DuplicateShape(CommandShape):
    """Copy a message."""

    message: Counter


class DelayShape(CommandShape):
    """Make a message late."""

    message: Counter
    by: SignedMicros


class DeliverNowShape(CommandShape):
    """Make a message arrive."""

    message: Counter


class HoldLinkShape(CommandShape):
    """Freeze one direction."""

    src: Host
    dst: Host


class ReleaseLinkShape(CommandShape):
    """Let it go on."""

    src: Host
    dst: Host


class SetClockShape(CommandShape):
    """Change a node's clock."""

    node: Host
    rate_ppm: Counter | UnsetType = UNSET
    offset: SignedMicros | UnsetType = UNSET


class FireTimerShape(CommandShape):
    """Let a timer run out."""

    node: Host
    timer: Word


OPERATION_ARGS_MAX = 8
Operation = Annotated[dict[Word, OperationValue], Meta(max_length=1 + OPERATION_ARGS_MAX)]
"""What a client asks for: its name and its arguments. Which there are is the protocol's to say (`parse_operation`)."""


class RequestShape(CommandShape):
    """Let a client ask."""

    client: Host
    operation: Operation
    to: Host | UnsetType | None = UNSET


class SwitchRuleShape(CommandShape):
    """Switch a line of the algorithm."""

    rule: Word
    on: bool


AnyCommand = (
    CrashShape | RestartShape | PauseShape | ResumeShape | SetLinkShape | PartitionShape | HealShape | DropShape
    | DuplicateShape | DelayShape | DeliverNowShape | HoldLinkShape | ReleaseLinkShape | SetClockShape | FireTimerShape
    | RequestShape | SwitchRuleShape
)  # fmt: skip


# ---- frames --------------------------------------------------------------------------------------------------------


class FrameShape(Shape, tag_field="type", tag=lambda name: _snake(name.removesuffix("Frame"))):
    """A frame; its type is the name of the class in snake case."""

    id: Counter


class LastShape(Shape):
    """What the sender has seen."""

    epoch: Epoch
    seq: Counter


class JoinFrame(FrameShape):
    """`join {room, last, name?}`."""

    room: RoomName
    last: LastShape | None = None
    name: TypedName | None = None


class CommandFrame(FrameShape):
    """`command {command, at}`."""

    command: AnyCommand
    at: Counter | None = None


class PlayFrame(FrameShape):
    """`play {}`."""


class PauseFrame(FrameShape):
    """`pause {}`."""


class SpeedFrame(FrameShape):
    """`speed {ratio}`."""

    ratio: Annotated[float, Meta(ge=1, le=1000)]


class StepFrame(FrameShape):
    """`step {by}`."""

    by: Literal[1, -1]


class SeekFrame(FrameShape):
    """`seek {seq}` or `seek {time}`."""

    seq: Counter | None = None
    time: Micros | None = None


class LiveFrame(FrameShape):
    """`live {}`."""


class UntilShape(Shape):
    """What to run until."""

    kind: Literal["leader", "commit", "message", "violation", "time", "indication"]
    type: Word | None = None
    time: Micros | None = None


class RunUntilFrame(FrameShape):
    """`run_until {until}`."""

    until: UntilShape


class ControlsFrame(FrameShape):
    """`controls {to}`."""

    to: ViewerId


class NameFrame(FrameShape):
    """`name {name}`."""

    name: TypedName


class BranchFrame(FrameShape):
    """`branch {branch}`."""

    branch: Counter


class RenameBranchFrame(FrameShape):
    """`rename_branch {branch, name}`."""

    branch: Counter
    name: TypedName


class DeleteBranchFrame(FrameShape):
    """`delete_branch {branch}`."""

    branch: Counter


class DifferenceFrame(FrameShape):
    """`difference {branch, other}`; `difference {}` of two branches side by side."""

    branch: Counter | None = None
    other: Counter | None = None


class CompareFrame(FrameShape):
    """`compare {branch, other}`."""

    branch: Counter
    other: Counter


class CopyFrame(FrameShape):
    """`copy {seq}`."""

    seq: Counter


class EventsFrame(FrameShape, rename={"first": "from", "last": "to"}):
    """`events {from, to, branch?}`."""

    first: Counter
    last: Counter
    branch: Counter | None = None


class WorldFrame(FrameShape):
    """`world {seq, branch?}`."""

    seq: Counter
    branch: Counter | None = None


class LogFrame(FrameShape, rename={"first": "from", "end": "to"}):
    """`log {seq, host, field, from, to, branch?}`."""

    seq: Counter
    host: Host
    field: Word
    first: Counter
    end: Counter
    branch: Counter | None = None


class TapeFrame(FrameShape):
    """`tape {}`."""


class RecordingFrame(FrameShape):
    """`recording {}`."""


class LessonFrame(FrameShape):
    """`lesson {beat}`, `lesson {next: true}` or `lesson {leave: true}`."""

    beat: Annotated[int, Meta(ge=0, le=1000)] | None = None
    next: Literal[True] | None = None
    leave: Literal[True] | None = None


class ChallengeFrame(FrameShape):
    """`challenge {ask, rule?}`: a claim that it is impossible names the rule that forbids it."""

    ask: Literal["hint", "claim", "give_up", "again", "without"]
    rule: Word | None = None


# By name and not as one union, whose plan msgspec would make anew for each frame: 5 us instead of 23.
FRAMES: dict[str, type[FrameShape]] = {
    str(shape.__struct_config__.tag): shape
    for shape in (
        JoinFrame, CommandFrame, PlayFrame, PauseFrame, SpeedFrame, StepFrame, SeekFrame, LiveFrame, RunUntilFrame,
        ControlsFrame, NameFrame, BranchFrame, RenameBranchFrame, DeleteBranchFrame, DifferenceFrame, CompareFrame,
        CopyFrame, EventsFrame, WorldFrame, LogFrame, TapeFrame, RecordingFrame, LessonFrame, ChallengeFrame,
    )
}  # fmt: skip
