"""What the README tells of the files of recordings, field by field, is what is in them."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from server.protocols import PROTOCOLS
from server.rooms import frames
from server.rooms.recorded import BYTES_MAX, COMMANDS_MAX, MARK_EVERY, NAME_MAX, NOTE_MAX
from server.simulation.commands import COMMANDS
from tests.rooms.test_recorded import FORKED, exported
from tests.support.hall import Hall

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Recordings\n")[2].partition("\n## ")[0]
LEAVES = ("setup.params", "setup.rules", "marks", "place.entered", "place.came_true", "place.wrong")
"""What is described as a whole."""


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The fields of a document as the README writes them."""
    if path in LEAVES or path.endswith(".command") or not isinstance(value, dict | list):
        yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, f"{path}.{name}".lstrip("."))
    else:
        for inner in value:
            yield from paths(inner, f"{path}[]")


def documents() -> list[Any]:
    """A room with branches and commands, a lesson and a challenge."""
    raft = PROTOCOLS["raft"]
    lesson = Hall(lesson=raft.lessons()[0].name)
    challenge = Hall(challenge=raft.challenges()[0].name)
    challenge.does(frames.Pause)
    return [json.loads(text) for text in (FORKED, exported(lesson), exported(challenge))]


def test_every_field_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `([^`]+)` \|", SECTION, re.MULTILINE))
    assert told == {path for document in documents() for path in paths(document)}


def test_every_command_is_told_with_all_that_belongs_to_it() -> None:
    listed = SECTION.partition("Commands: ")[2]
    found = re.findall(r"`(\w+)`(?: \(((?:[^()])*)\))?", re.sub(r"\s+", " ", listed))
    told = {name: set(re.findall(r"`(\w+)`", inside)) - {"kept", "lost"} for name, inside in found}
    assert told == {name: {field.name for field in fields(command)} for name, command in COMMANDS.items()}


def test_its_bounds_are_those_that_are_told() -> None:
    for bound in (f"at most {BYTES_MAX // 1024**2} MB", f"1 to {NAME_MAX} letters", f"at most {NOTE_MAX:,} letters",
                  f"every {MARK_EVERY:,}th event", f"At most {COMMANDS_MAX:,} in a file"):  # fmt: skip
        assert bound in SECTION, bound
