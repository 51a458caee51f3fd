"""The saved form of a room: what must be kept of it so that it can be brought back exactly.

A room is its recordings: a set-up, and for each branch where it left its parent and the commands that were given on it since.
Events, states and verdicts follow from that and are never stored; `growing` replays them. Beside them a tree keeps what
follows from nothing: where people stand, the names that they gave, the place in a lesson, the hints of a challenge.

Stored rooms, files and links are trees. A tree is plain data, `as_dict`; `tree_from` reads it from anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..simulation import N_, Given, Program, Recording, Refused, recording_from
from ..simulation.recording import COMMANDS_MAX, TIME_MAX, check_fields, commands_from, reading
from .limits import Limits
from .names import branch_name, printable, visible

if TYPE_CHECKING:
    from .branches import Branch
    from .room import Room

FORMAT = 2
"""One more than that of a recording alone, which is the form of a single run."""
BRANCHES_MAX = 1_000
ROOT_NAME = "A"
EVENTS_MAX = 10**9
NAME_MAX = 40
USUAL = Limits()
ORIGINS = ("protocol", "scenario", "lesson", "challenge")
FIELDS = frozenset({"format", "setup", "origin", "origin_name", "branches", "shown", "next_id", "ratio", "place"})


@dataclass(frozen=True)
class Limb:
    """A branch as it is kept. Times are µs of virtual time, places of events are their numbers."""

    id: int
    name: str
    parent: int | None
    forked_at: int
    """The event of the parent after which it began."""
    forked_time: int
    """The time at which it began: at or after that event, before the next one."""
    commands: tuple[Given, ...]
    """Those that were given on it, then those that a script has still to give."""
    head: int
    """The last event that was computed."""
    time: int
    """How far it was computed."""
    cursor: int
    """The event that people were shown last."""
    shown_time: int
    digest: str = ""
    """Of all events up to the head, its parents' among them; empty where it is not known."""

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "id": self.id, "name": self.name, "parent": self.parent, "forked_at": self.forked_at,
            "forked_time": self.forked_time, "commands": [given.as_dict() for given in self.commands],
            "head": self.head, "time": self.time, "cursor": self.cursor, "shown_time": self.shown_time,
            "digest": self.digest,
        }  # fmt: skip


@dataclass(frozen=True)
class Tree:
    """A room as it is kept."""

    setup: Recording
    """Without commands."""
    limbs: tuple[Limb, ...]
    """Parents before their children; the first one is the root."""
    shown: int = 0
    """The id of the branch that is shown."""
    origin: str = "protocol"
    """What the room was opened for: one of `ORIGINS`."""
    origin_name: str = ""
    ratio: float = 1.0
    """Real time per virtual time."""
    place: Mapping[str, Any] = field(default_factory=dict)
    """The place in a lesson (`Guide.kept`), or what became of a challenge (`Contest.kept`)."""
    next_id: int = 0
    """The id of the next branch, where branches of higher ids than these were deleted: none is ever given twice."""

    @property
    def events(self) -> int:
        """How many events must be computed to bring it back."""
        return sum(limb.head - limb.forked_at for limb in self.limbs)

    @property
    def protocol(self) -> str:
        """The protocol's name."""
        return self.setup.protocol

    def limb(self, id: int) -> Limb:
        """The branch of that id. Raises KeyError."""
        for limb in self.limbs:
            if limb.id == id:
                return limb
        raise KeyError(id)

    def narrowed(self, id: int) -> Tree:
        """The same with one branch alone, and those that it grew from. It is no lesson's and no challenge's any more: these
        may speak of the others.
        """
        wanted: int | None = id
        kept: list[Limb] = []
        while wanted is not None:
            kept.insert(0, self.limb(wanted))
            wanted = kept[0].parent
        return replace(self, limbs=tuple(kept), shown=id, origin="protocol", origin_name="", place={}, next_id=0)

    def as_dict(self) -> dict[str, Any]:
        """As plain data; `tree_from` gives it back."""
        setup = self.setup.as_dict()
        del setup["format"], setup["commands"]
        return {
            "format": FORMAT, "setup": setup, "origin": self.origin, "origin_name": self.origin_name,
            "branches": [limb.as_dict() for limb in self.limbs], "shown": self.shown, "ratio": self.ratio,
            "place": dict(self.place), "next_id": self.next_id,
        }  # fmt: skip


def tree_of(room: Room, *, digests: bool = True) -> Tree:
    """A room's tree. Without `digests` it is quick whatever the length of the runs."""
    show = room.show
    origin, told = "protocol", None
    place: Mapping[str, Any] = {}
    if show.scenario is not None:
        origin, told = "scenario", show.scenario.name
    elif show.guide is not None:
        origin, told, place = "lesson", show.guide.lesson.name, show.guide.kept()
    elif show.contest is not None:
        origin, told, place = "challenge", show.contest.challenge.name, show.contest.kept()
    branches = show.branches
    return Tree(
        setup=branches.first.run.setup, limbs=tuple(_limb(branch, digests) for branch in branches.all),
        shown=branches.shown.id, origin=origin, origin_name=told or "", ratio=show.pace.ratio, place=place,
        next_id=branches.next_id,
    )  # fmt: skip


def _limb(branch: Branch, digests: bool) -> Limb:
    run = branch.run
    return Limb(
        id=branch.id, name=branch.name, parent=branch.parent.id if branch.parent else None, forked_at=branch.forked_at,
        forked_time=branch.forked_time, commands=(*run.given[branch.given_before :], *reversed(run.script)),
        head=run.head, time=run.now, cursor=branch.cursor, shown_time=branch.now,
        digest=run.history.digest() if digests else "",
    )  # fmt: skip


def tree_from(data: Any, program_of: Callable[[str], Program]) -> Tree:
    """Makes a tree of plain data; also of a recording alone, which has one branch that is still to be played. Raises
    Refused where it is neither. Whether it can be played shows only when it grows.
    """
    if isinstance(data, dict) and data.get("format") == 1:
        return tree_of_recording(recording_from(data, program_of))
    check_fields(data, FIELDS)
    if data.get("format") != FORMAT:
        raise Refused("bad_format", N_("This recording has a format that is not known here."))
    with reading("setup"):
        setup = recording_from({"format": 1, **_mapping(data["setup"])}, program_of, "setup.")
    if setup.commands:
        raise _no_tree("setup.commands")
    given = data.get("branches")
    if not isinstance(given, list) or not 1 <= len(given) <= BRANCHES_MAX:
        raise _no_tree("branches")
    if sum(len(each.get("commands", ())) for each in given if _has_commands(each)) > COMMANDS_MAX:
        raise Refused("bad_recording", N_("A recording has at most {most} commands."), most=COMMANDS_MAX)
    program = program_of(setup.protocol)
    limbs: dict[int, Limb] = {}
    for place, each in enumerate(given):
        with reading(f"branches[{place}]"):
            limb = _limb_from(each, program, limbs, f"branches[{place}].")
        limbs[limb.id] = limb
    own = {
        name: value for name, value in {"origin_name": "", "place": {}, "next_id": 0, **data}.items() if name in READERS
    }
    tree = Tree(setup, tuple(limbs.values()), **_read(own, READERS))
    if tree.shown not in limbs:
        raise _no_tree("shown")
    if tree.origin not in ORIGINS or (tree.origin == "protocol") != (not tree.origin_name):
        raise _no_tree("origin")
    return tree


def _read(data: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]], within: str = "") -> dict[str, Any]:
    """What the fields of an object hold. Raises Refused, which names the one that is missing or wrong."""
    found = {}
    for name, read in readers.items():
        with reading(within + name):
            found[name] = read(data[name])
    return found


def tree_of_recording(recording: Recording) -> Tree:
    """A tree with one branch of which nothing has been played yet."""
    root = Limb(0, ROOT_NAME, None, 0, 0, recording.commands, 0, 0, 0, 0)
    return Tree(recording.with_commands(()), (root,))


def _has_commands(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("commands"), list)


def _limb_from(data: Any, program: Program, before: Mapping[int, Limb], within: str) -> Limb:
    """Raises Refused, ValueError and KeyError."""
    check_fields(_mapping(data), Limb.__dataclass_fields__, within)
    commands = commands_from(data["commands"], program, f"{within}commands")
    limb = Limb(commands=commands, **_read({"digest": "", **data}, LIMB_READERS, within))
    # One that was kept before names were looked at must not keep a room from coming back.
    limb = replace(limb, name=limb.name or branch_name(limb.id))
    if limb.id <= max(before, default=-1) or not limb.forked_at <= limb.head or limb.cursor > limb.head:
        raise ValueError(limb.id)
    if limb.parent is None:
        if before or limb.forked_at or limb.forked_time:
            raise ValueError(limb.id)
    elif limb.forked_at > before[limb.parent].head or limb.forked_time > before[limb.parent].time:
        raise ValueError(limb.id)
    times = [given.time for given in limb.commands]  # of one instant they stand as they come, whatever their places
    if times != sorted(times):
        raise Refused("bad_recording", N_("The commands of a recording stand in the order of their times."))
    if not limb.forked_time <= limb.time or limb.shown_time > limb.time or (times and times[0] < limb.forked_time):
        raise ValueError(limb.id)
    return limb


def _no_tree(field: str) -> Refused:
    return Refused("bad_recording", N_("This is no recording: {field} is missing or makes no sense."), field=field)


def _event(given: Any) -> int:
    return _whole(given, EVENTS_MAX)


def _time(given: Any) -> int:
    return _whole(given, TIME_MAX)


def _whole(given: Any, most: int) -> int:
    if type(given) is not int or not 0 <= given <= most:
        raise TypeError(given)
    return given


def _text(given: Any) -> str:
    if not isinstance(given, str) or len(given) > NAME_MAX:
        raise TypeError(given)
    return given


def _name(given: Any) -> str:
    """What a person can read and tell from another; empty where nothing of it shows."""
    name = _text(given)
    shown = visible(name)
    if not name or name != name.strip() or not (printable(name) if shown == name else name.isprintable()):
        raise ValueError(name)
    return shown.strip()


def _ratio(given: Any) -> float:
    if type(given) not in (int, float) or not USUAL.ratio_low <= given <= USUAL.ratio_high:
        raise TypeError(given)
    return float(given)


def _mapping(given: Any) -> dict[str, Any]:
    if type(given) is not dict:
        raise TypeError(given)
    return given


READERS: Mapping[str, Callable[[Any], Any]] = {
    "shown": _event, "origin": _text, "origin_name": _text, "ratio": _ratio, "place": _mapping, "next_id": _event,
}  # fmt: skip
"""How the fields of a tree are read that stand for themselves; they raise TypeError and ValueError."""
LIMB_READERS: Mapping[str, Callable[[Any], Any]] = {
    "id": _event, "name": _name, "parent": lambda given: None if given is None else _event(given),
    "forked_at": _event, "forked_time": _time, "head": _event, "time": _time, "cursor": _event, "shown_time": _time,
    "digest": _text,
}  # fmt: skip
