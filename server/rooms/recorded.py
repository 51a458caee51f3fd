"""A recording as a file: a room's tree with a name, a note, and what its runs are to be compared with.

    recorded_from(data, program_of)   reads one; also a run alone, as older versions of `simulate --save` wrote it
    recorded.to_json()                writes one, always in the same bytes

The README describes the format, field by field. Nothing in a file is believed: `server.rooms.verify` plays it and compares.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..simulation import N_, Program, Refused, encode
from .names import JOINER, NON_JOINER, visible
from .tree import FIELDS as TREE_FIELDS
from .tree import FORMAT, Tree, tree_from

KIND = "recording"
NAME_MAX = 80
NOTE_MAX = 1_000
COMMANDS_MAX = 15_000
"""Of all branches together: a quarter of an hour of as many as a room takes."""
BYTES_MAX = 4 * 1024 * 1024
MARK_EVERY = 1_000
"""Events between two marks."""
DIGEST = re.compile(r"[0-9a-f]{32}")
_OWN = ("quorumscope", "name", "note", "marks")
FIELDS = TREE_FIELDS | set(_OWN)
_SEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True)
class Recorded:
    """What a file of a recording holds."""

    name: str
    tree: Tree
    note: str = ""
    marks: tuple[tuple[str, ...], ...] = ()
    """For each branch its digest after every `MARK_EVERY`-th event that it does not share with its parent. So one can say
    up to where a run is what it was. Empty where they are not known.
    """

    @property
    def commands(self) -> int:
        """How many commands it has."""
        return sum(len(limb.commands) for limb in self.tree.limbs)

    def as_dict(self) -> dict[str, Any]:
        """As plain data; `recorded_from` gives it back."""
        marks = [list(each) for each in self.marks]
        return {"quorumscope": KIND, "name": self.name, "note": self.note, "marks": marks, **self.tree.as_dict()}

    def to_json(self) -> str:
        """As canonical JSON, the content of a file. Raises Refused where no file may hold so much."""
        if self.commands > COMMANDS_MAX:
            raise Refused("too_many_commands", N_("A recording has at most {most} commands."), most=COMMANDS_MAX)
        text = encode(self.as_dict())
        if len(text) > BYTES_MAX:
            raise Refused("too_large", N_("A recording has at most {most} MB."), most=BYTES_MAX // 1024**2)
        return text

    def renamed(self, name: str, note: str | None = None) -> Recorded:
        """The same under another name, and with another note where one is given. Raises Refused for a name that is none."""
        return replace(self, name=check_name(name), note=self.note if note is None else check_note(note))


def recorded_from(
    data: Any, program_of: Callable[[str], Program], name: str = "", *, commands_max: int = COMMANDS_MAX
) -> Recorded:
    """Makes a recording of the plain data of a file. `name` is what one is called that does not say it itself. Raises Refused.

    A run alone (format 1) becomes a tree of one branch of which nothing has been played.
    """
    if not isinstance(data, dict):
        raise Refused("bad_recording", N_("This is no recording: a recording is one object of JSON."))
    if data.get("format") == 1 and "quorumscope" not in data:
        alone = Recorded(check_name(name or str(data.get("protocol"))[:NAME_MAX]), tree_from(data, program_of))
        return _within(alone, commands_max)
    if data.get("quorumscope") != KIND:
        raise Refused("bad_recording", N_("This is no recording: {field} is missing or makes no sense."),
                      field="quorumscope")  # fmt: skip
    if data.get("format") != FORMAT:
        raise Refused("bad_format", N_("This recording has a format that is not known here."))
    for field in data:
        if field not in FIELDS:
            raise Refused("unknown_field", N_("A recording has no field {field}."), field=field[:40])
    tree = tree_from({field: value for field, value in data.items() if field not in _OWN}, program_of)
    recorded = Recorded(check_name(data.get("name")), tree, check_note(data.get("note", "")), _marks(data, tree))
    return _within(recorded, commands_max)


def _within(recorded: Recorded, commands_max: int) -> Recorded:
    if recorded.commands > commands_max:
        raise Refused("too_many_commands", N_("A recording has at most {most} commands."), most=commands_max)
    if any(limb.digest and not DIGEST.fullmatch(limb.digest) for limb in recorded.tree.limbs):
        raise Refused("bad_recording", N_("A digest has {count} digits from 0 to f."), count=32)
    return recorded


def _marks(data: dict[str, Any], tree: Tree) -> tuple[tuple[str, ...], ...]:
    """Raises Refused where these are not as many as the events make them."""
    given = data.get("marks", [])
    wanted = [limb.head // MARK_EVERY - limb.forked_at // MARK_EVERY for limb in tree.limbs]
    fits = isinstance(given, list) and (not given or [len(each) for each in given if type(each) is list] == wanted)
    if not fits or not all(isinstance(mark, str) and DIGEST.fullmatch(mark) for each in given for mark in each):
        raise Refused("bad_recording", N_("The marks of a recording do not fit its branches."))
    return tuple(tuple(each) for each in given)


def check_name(name: Any) -> str:
    """A name that a person gave a recording. Raises Refused for one that is none, or that would be a path."""
    if not isinstance(name, str) or not name.strip():
        raise Refused("bad_name", N_("A recording needs a name."))
    if name != name.strip() or _unseen(name):
        raise Refused("bad_name", N_("The name of a recording has a character that does not show."))
    if len(name) > NAME_MAX:
        raise Refused("bad_name", N_("The name of a recording has at most {most} letters."), most=NAME_MAX)
    if name.startswith((".", "~")) or set(name) & set("/\\"):
        raise Refused(
            "bad_name", N_("The name of a recording can't be a path: without / and \\, and no dot at its start.")
        )
    return name


def check_note(note: Any) -> str:
    """What a person wrote beside it. Raises Refused."""
    if not isinstance(note, str) or len(note) > NOTE_MAX:
        raise Refused("bad_note", N_("A note has at most {most} letters."), most=NOTE_MAX)
    if _unseen(note.replace("\n", " ")):
        raise Refused("bad_note", N_("The note has a character that does not show."))
    return note


def _unseen(text: str) -> bool:
    letters = set(text) - {JOINER, NON_JOINER}  # these stand where they mean something, or `visible` takes them away
    return visible(text) != text or any(unicodedata.category(letter) in _SEEN for letter in letters)
