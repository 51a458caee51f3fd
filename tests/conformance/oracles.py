"""The folder of oracles: what nobody here wrote, with its verdicts.

It is the folder that the environment variable ORACLES names, or `../shared/oracles` beside the project. Every test takes it
from here, and finds what is in it by pattern or manifest, so that other data of the same forms can be put in its place.
Where it is missing, or has nothing of a form, the tests of that form are skipped and say so; under CI=true they fail, since
an oracle that is not there would pass for one that agrees. `make conformance` sets CONFORMANCE=full; without it tests may
take a part of what is there, where all of it is long.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

from tests.conftest import is_ci

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
ORACLES = Path(os.environ.get("ORACLES") or ROOT.parent / "shared" / "oracles")
FULL = os.environ.get("CONFORMANCE", "") == "full"
"""Whether everything is asked for, however long it takes."""


def missing(what: str) -> NoReturn:
    """Ends a test whose oracle is not there: it fails in CI and is skipped elsewhere."""
    sentence = f"There is no {what} in {ORACLES}. ORACLES names another folder."
    if is_ci():
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def found(*patterns: str) -> list[Path]:
    """The files that match, in the order of their names; none where there is nothing."""
    return sorted({path for pattern in patterns for path in ORACLES.glob(pattern) if path.is_file()})


def need(pattern: str) -> list[Path]:
    """The files that match, or the end of the test."""
    return found(pattern) or missing(pattern)


def text(path: Path) -> str:
    """What a file says, packed or not."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return lines.read()
    return path.read_text(encoding="utf-8")


def json_lines(path: Path) -> list[Any]:
    """A JSON value a line."""
    return [json.loads(line) for line in text(path).splitlines() if line.strip()]


def each(values: Sequence[T], what: str, id: Callable[[T], str] = str) -> list[Any]:
    """The parameters of a test that is run for each of these; one that says what is missing where there are none."""
    return [pytest.param(v, id=id(v)) for v in values] or [pytest.param(Missing(what), id="missing")]


def part(values: Sequence[T], most: int) -> list[T]:
    """All of them where everything is asked for; else at most so many, from all over."""
    if FULL or len(values) <= most:
        return list(values)
    return [values[i * len(values) // most] for i in range(most)]


@dataclass(frozen=True)
class Missing:
    """Stands where a test would get what it is about; `tests/conformance/conftest.py` ends that test."""

    what: str


# The text files of etcd's tests: a command, lines of input, a rule, the expected output up to a blank line

RULE = "----"
ARGUMENT = re.compile(r"([\w-]+)=(\([^)]*\)|\S+)|(\S+)")


@dataclass(frozen=True)
class Case:
    """One command of a file, and what etcd answers."""

    file: Path
    line: int
    command: str
    words: tuple[str, ...]
    """Arguments without a name, in their order."""
    args: dict[str, str]
    """Arguments with one; a list as it stands there, with its parentheses."""
    input: tuple[str, ...]
    expected: str

    @property
    def where(self) -> str:
        """For a person who looks for it."""
        return f"{self.file.name}, line {self.line}: {self.command}"

    def names(self, arg: str) -> list[str] | None:
        """What stands in the parentheses of an argument; None where it is not given, or is `zero`."""
        given = self.args.get(arg)
        if given is None or given == "zero":
            return None
        return [word.strip() for word in given.strip("()").split(",") if word.strip()]


def cases(path: Path) -> Iterator[Case]:
    """All commands of a file. A comment stands before a command; the output ends at a blank line, or at a second rule.

    Output with blank lines in it stands between double rules.
    """
    lines = text(path).splitlines()
    at = 0
    while at < len(lines):
        if not lines[at].strip() or lines[at].startswith("#"):
            at += 1
            continue
        start = at
        while at < len(lines) and lines[at] != RULE:
            assert lines[at].strip(), f"{path.name}, line {at + 1}: a command without an answer"
            at += 1
        assert at < len(lines), f"{path.name}, line {start + 1}: a command without an answer"
        given = [line for line in lines[start:at] if not line.startswith("#")]
        at += 1
        end: tuple[str, ...] = ("",)
        if lines[at : at + 1] == [RULE]:
            end, at = (RULE,), at + 1
        told = at
        while at < len(lines) and lines[at] not in end:
            at += 1
        expected = "\n".join(lines[told:at])
        at += 2 if end == (RULE,) else 1
        command, _, rest = given[0].partition(" ")
        named, words = {}, []
        for name, argument, word in ARGUMENT.findall(rest):
            if name:
                named[name] = argument
            else:
                words.append(word)
        yield Case(path, start + 1, command, tuple(words), named, tuple(given[1:]), expected)
