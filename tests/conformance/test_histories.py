"""The checker against histories of real stores, whose verdicts are known from others.

Which there are is read from the manifests of the oracles: `histories/*/manifest.json`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from server import cli
from server.properties.linearizability import FORMATS, Explaining, Operation, Reading, Verdict, check, forgotten
from server.properties.linearizability.explaining import up_to
from tests.conformance.oracles import each, found, part, text
from tests.support.histories import is_explanation

MANIFESTS = "histories/*/manifest.json"
NOTATIONS = {"jepsen-log": "jepsen", "edn": "edn", "kv-edn-lines": "kv"}
STEPS_MAX = 2_000_000
"""Some ten seconds. The public histories need 24,000 at the most."""
EXPLAINING_STEPS_MAX = 30_000
HISTORIES_MAX = 300
"""How many are judged where not all are asked for."""
EXIT_OK, EXIT_NOT, EXIT_UNDECIDED = 0, 1, 3

KNOWN_ERRORS = {
    "cas-register--rethink-fail-minimal.edn": (1, 3),
    "cas-register--immediate-failure.edn": (1, 3),
}
"""Of some bad histories the error is known from Knossos' own tests: the process, and the value that it can't have read."""


@dataclass(frozen=True)
class Case:
    """One history of a manifest."""

    path: Path
    format: str
    linearizable: bool
    operations: int | None
    never_returned: int | None

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"


def cases() -> list[Case]:
    """All that the manifests name."""
    named = []
    for manifest in found(MANIFESTS):
        data: dict[str, Any] = json.loads(text(manifest))
        for entry in data["histories"]:
            notation = (entry.get("format") or data.get("format") or "").split(",")[0]
            named.append(
                Case(
                    manifest.parent / entry["file"],
                    NOTATIONS.get(notation, notation),
                    entry["linearizable"],
                    entry.get("ops"),
                    entry.get("never_returned"),
                )
            )
    return named


CASES = part(cases(), HISTORIES_MAX)
every_history = pytest.mark.parametrize("case", each(CASES, MANIFESTS))
every_bad_history = pytest.mark.parametrize("case", [case for case in CASES if not case.linearizable], ids=str)


@cache
def reading(case: Case) -> Reading:
    """The history, read once."""
    return FORMATS[case.format](text(case.path))


@every_history
def test_a_history_is_in_a_notation_that_can_be_read(case: Case) -> None:
    assert case.format in FORMATS, f"Nobody has said here how {case.format!r} of {case} is read."
    assert case.path.is_file(), f"A manifest names {case}, which is not there."


@every_history
def test_the_verdict_is_the_known_one(case: Case) -> None:
    read = reading(case)
    checked = check(read.history.operations, read.model, STEPS_MAX)
    assert checked.verdict is (Verdict.OK if case.linearizable else Verdict.NOT)
    if case.linearizable:
        for key, part in checked.parts.items():
            assert is_explanation(read.model, part, checked.order(key))


@every_history
def test_as_many_operations_are_read_as_the_manifest_counts(case: Case) -> None:
    history = reading(case).history
    if case.operations is not None:
        assert len(history.operations) == case.operations
    if case.never_returned is not None:
        # The manifest does not count those reads of which Jepsen's logs say that they failed by timing out.
        timed_out = len(re.findall(r":fail\s+:read\s+:timed-out", text(case.path)))
        open_for_ever = sum(operation.returned is None for operation in history.operations)
        assert open_for_ever == case.never_returned + timed_out


@every_bad_history
def test_the_explanation_of_a_bad_history_is_true(case: Case) -> None:
    read = reading(case)
    checked = check(read.history.operations, read.model, STEPS_MAX)
    part = checked.parts[checked.bad[0]]
    why = Explaining(part, read.model)
    why.run(EXPLAINING_STEPS_MAX)
    blocked = why.blocked
    assert blocked is not None
    assert blocked.returned is not None
    cut = up_to(part, blocked.returned)
    assert verdict(read, cut) is Verdict.NOT
    if why.first:
        assert is_explanation(read.model, up_to(part, blocked.returned - 1), why.order)
    kept = {operation.id for operation in why.part}
    assert verdict(read, beside(cut, kept)) is Verdict.NOT
    if why.smallest:
        assert all(verdict(read, beside(cut, kept - {id})) is Verdict.OK for id in kept)
    if case.path.name in KNOWN_ERRORS:
        assert (blocked.process, blocked.result) == KNOWN_ERRORS[case.path.name]


def verdict(read: Reading, operations: list[Operation] | tuple[Operation, ...]) -> Verdict:
    """What the checker says of these."""
    return check(operations, read.model, STEPS_MAX).verdict


def beside(operations: tuple[Operation, ...], kept: set[int]) -> list[Operation]:
    """The history in which all but those kept have not returned."""
    return [operation if operation.id in kept else forgotten(operation) for operation in operations]


@pytest.mark.parametrize("format", sorted(NOTATIONS.values()))
@pytest.mark.parametrize("linearizable", [True, False])
def test_the_command_ends_as_the_verdict_is(
    format: str, linearizable: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    fitting = [case for case in CASES if case.format == format and case.linearizable is linearizable]
    for case in fitting[:2]:
        code = cli.run(["check", str(case.path), "--format", format], None)
        out, err = capsys.readouterr()
        assert (code, err) == (EXIT_OK if linearizable else EXIT_NOT, "")
        assert ("Linearizable." in out) is linearizable
        assert ("The smallest part" in out) is not linearizable or "A part that can't be explained" in out
