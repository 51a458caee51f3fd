"""The exhaustive search reaches exactly as many states as TLC does on the same models (`state-counts.json` of the oracles),
generates as many, goes as deep, and finds counterexamples no longer than TLC's.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from server.exploration.search import levels
from tests.conformance.models import PaxosModel, inconsistent, successors, transaction_commit, two_phase

ROOT = Path(__file__).resolve().parents[2]
ORACLES = Path(os.environ.get("ORACLES") or ROOT.parent / "shared" / "oracles")
COUNTS = ORACLES / "state-counts.json"


def counts() -> dict[str, Any]:
    """The oracle. Where it is missing the tests are skipped, but under CI they fail."""
    if not COUNTS.is_file():
        if os.environ.get("CI") == "true":
            raise FileNotFoundError(COUNTS)
        return {"state_counts": [], "shortest_counterexamples": []}
    found: dict[str, Any] = json.loads(COUNTS.read_text(encoding="utf-8"))
    return found


KNOWN = counts()


def of(spec: str) -> list[Any]:
    """The published numbers of a specification, a parameter each; one that says so where there are none."""
    rows = [row for row in KNOWN["state_counts"] if row["spec"].startswith(spec)]
    if not rows:
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{COUNTS} is missing"))]
    return [pytest.param(row, id=row["n"]) for row in rows]


def searched(model: tuple[int, list[Any], int]) -> tuple[int, int, int, bool]:
    """Distinct states, generated states, depth, and whether one of them is inconsistent."""
    first, actions, bits = model
    generated, distinct, depth, bad = 1, 0, 0, False

    def after(states: set[int]) -> set[int]:
        nonlocal generated
        found, steps = successors(states, actions)
        generated += steps
        return found

    for level in levels((first,), after):
        distinct += len(level)
        depth += 1
        bad = bad or any(inconsistent(state, bits) for state in level)
    return distinct, generated, depth, bad


def expected(row: dict[str, Any]) -> tuple[int, int, int]:
    published = row.get("published", row["tlc"])
    return published["distinct"], published["generated"], published["depth"]


@pytest.mark.parametrize("row", of("transaction_commit/TwoPhase"))
def test_two_phase_commit_has_exactly_the_published_states(row: dict[str, Any]) -> None:
    *found, bad = searched(two_phase(int(row["n"].removeprefix("RM="))))
    assert tuple(found) == expected(row)
    assert not bad


@pytest.mark.parametrize("row", of("transaction_commit/TCommit"))
def test_transaction_commit_has_exactly_the_published_states(row: dict[str, Any]) -> None:
    *found, bad = searched(transaction_commit(int(row["n"].removeprefix("RM="))))
    assert tuple(found) == expected(row)
    assert not bad


def test_a_two_phase_commit_that_counts_wrong_is_noticed() -> None:
    first, actions, bits = two_phase(3)
    careless = [action if i else action._replace(mask=action.mask & 0xFF, value=0) for i, action in enumerate(actions)]
    assert searched((first, careless, bits))[3]


# Paxos

SIZE = re.compile(r"(\d) acceptors?, (\d) values?, ballots 0\.\.(\d)")


def model_of(text: str, off: str = "") -> PaxosModel:
    found = SIZE.search(text)
    assert found is not None, text
    acceptors, values, ballots = (int(number) for number in found.groups())
    return PaxosModel(acceptors, values, ballots + 1, off)


@pytest.mark.parametrize("row", of("Paxos/Paxos (Lamport)"))
def test_paxos_has_exactly_the_published_states_and_chooses_one_value(row: dict[str, Any]) -> None:
    model = model_of(row["n"])
    distinct = depth = 0
    for level in levels((model.first(),), lambda states: {next for state in states for next in model.after(state)}):
        distinct += len(level)
        depth += 1
        assert all(len(model.chosen(state)) <= 1 for state in level)
    assert (distinct, depth) == (row["tlc"]["distinct"], row["tlc"]["depth"])


def mutants() -> list[Any]:
    rows = [
        row for row in KNOWN["shortest_counterexamples"]
        if row["spec"] == "Paxos" and row["invariant"] == "at most one value chosen"
    ]  # fmt: skip
    if not rows:
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{COUNTS} is missing"))]
    return [pytest.param(row, id=f"{row['rule_off'][:30]}, {row['model'][-4:]}") for row in rows]


@pytest.mark.parametrize("row", mutants())
def test_a_paxos_without_a_rule_breaks_in_no_more_steps_than_published(row: dict[str, Any]) -> None:
    model = model_of(row["model"], row["rule_off"])
    for depth, level in enumerate(
        levels((model.first(),), lambda states: {next for state in states for next in model.after(state)})
    ):
        if any(len(model.chosen(state)) > 1 for state in level):
            assert row["steps"] is not None
            assert depth <= row["steps"]
            return
    assert row["steps"] is None, "nothing was found"
