"""The exhaustive search reaches exactly as many states as TLC does on the same models (`state-counts.json` of the oracles),
generates as many, goes as deep, and finds counterexamples no longer than TLC's.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from server.exploration.search import levels
from tests.conformance.models import (
    RULES_OFF,
    WON,
    Paxos,
    PaxosModel,
    Ring,
    RingModel,
    inconsistent,
    successors,
    transaction_commit,
    two_phase,
)
from tests.conformance.oracles import FULL, each, found, text

COUNTS = "state-counts.json"
STATES_MAX, STEPS_MAX = 100_000, 15
"""How large a space is searched, and how long a counterexample is looked for, where not everything is asked for."""

Row = dict[str, Any]
KNOWN: list[Row] = [json.loads(text(path)) for path in found(COUNTS)]
ROWS: list[Row] = [row for known in KNOWN for row in known["state_counts"]]
MUTANTS: list[Row] = [row for known in KNOWN for row in known["shortest_counterexamples"]]

TWO_PHASE, COMMIT = "transaction_commit/TwoPhase", "transaction_commit/TCommit"
RING, PAXOS = "chang_roberts", "Paxos/Paxos (Lamport)"
CHOSEN_MAX = {"at most one value chosen": 1, "no value chosen": 0}
NO_TEXT = "its text is not among the oracles, and a model by heart might count something else"
NOT_OURS = "Quorumscope has no such protocol"
LEFT_OUT: dict[str, str] = {
    "transaction_commit/2PCwithBTM": NO_TEXT,
    "Paxos/Voting": NO_TEXT,
    "PaxosHowToWinATuringAward/": NO_TEXT,
    "MultiPaxos-SMR": NO_TEXT,
    "acp/": NO_TEXT,
    "SimplifiedFastPaxos": NOT_OURS,
    "echo": NOT_OURS,
    "nbac": NOT_OURS,
}
"""Specifications of which there is no model here, by the beginning of their names, with the reason."""


def of(spec: str) -> list[Any]:
    """The published numbers of a specification, a parameter each; one that says so where there are none."""
    if not ROWS:
        return each([], COUNTS)
    rows = [row for row in ROWS if row["spec"].startswith(spec)]
    small = [row for row in rows if FULL or row["tlc"]["distinct"] <= STATES_MAX]
    return [pytest.param(row, id=row["n"]) for row in small or rows[:1]]


def known(row: Row, specs: tuple[str, ...]) -> bool:
    return row["spec"].startswith((*specs, *LEFT_OUT))


@pytest.mark.parametrize("rows", each([ROWS] if ROWS else [], COUNTS, lambda rows: "all"))
def test_every_specification_has_a_model_or_a_reason_why_not(rows: list[Row]) -> None:
    unknown = {row["spec"] for row in rows if not known(row, (TWO_PHASE, COMMIT, RING, PAXOS))}
    unknown |= {row["spec"] for row in MUTANTS if not known(row, ("Paxos",))}
    assert not unknown, f"There is no model of {sorted(unknown)}, and no reason why not in LEFT_OUT."


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


@pytest.mark.parametrize("row", of(TWO_PHASE))
def test_two_phase_commit_has_exactly_the_published_states(row: dict[str, Any]) -> None:
    *found, bad = searched(two_phase(int(row["n"].removeprefix("RM="))))
    assert tuple(found) == expected(row)
    assert not bad


@pytest.mark.parametrize("row", of(COMMIT))
def test_transaction_commit_has_exactly_the_published_states(row: dict[str, Any]) -> None:
    *found, bad = searched(transaction_commit(int(row["n"].removeprefix("RM="))))
    assert tuple(found) == expected(row)
    assert not bad


def test_a_two_phase_commit_that_counts_wrong_is_noticed() -> None:
    first, actions, bits = two_phase(3)
    careless = [action if i else action._replace(mask=action.mask & 0xFF, value=0) for i, action in enumerate(actions)]
    assert searched((first, careless, bits))[3]


@pytest.mark.parametrize("row", of(RING))
def test_a_ring_election_has_exactly_the_published_states_and_never_two_leaders(row: Row) -> None:
    model = RingModel(int(row["n"].removeprefix("N=")))
    generated, distinct, depth = len(model.first()), 0, 0

    def after(states: set[Ring]) -> set[Ring]:
        nonlocal generated
        followers = [next for state in states for next in model.after(state)]
        generated += len(followers)
        return set(followers)

    for level in levels(model.first(), after):
        distinct += len(level)
        depth += 1
        assert all(fate.count(WON) <= 1 for _, _, fate, _ in level)
    assert (distinct, generated, depth) == expected(row)


# Paxos

SIZE = re.compile(r"(\d) acceptors?, (\d) values?, ballots 0\.\.(\d)")


def model_of(text: str, off: str = "") -> PaxosModel:
    found = SIZE.search(text)
    assert found is not None, text
    acceptors, values, ballots = (int(number) for number in found.groups())
    return PaxosModel(acceptors, values, ballots + 1, off)


@pytest.mark.parametrize("row", of(PAXOS))
def test_paxos_has_exactly_the_published_states_and_chooses_one_value(row: dict[str, Any]) -> None:
    model = model_of(row["n"])
    distinct = depth = 0
    for level in levels((model.first(),), lambda states: {next for state in states for next in model.after(state)}):
        distinct += len(level)
        depth += 1
        assert all(len(model.chosen(state)) <= 1 for state in level)
    assert (distinct, depth) == (row["tlc"]["distinct"], row["tlc"]["depth"])


def mutants() -> list[Any]:
    rows = [row for row in MUTANTS if row["spec"] == "Paxos"]
    short = [row for row in rows if FULL or (row["steps"] or 0) <= STEPS_MAX]
    return each(short, f"Paxos in {COUNTS}", lambda row: f"{row['rule_off'][:30]}, {row['model'][-4:]}")


@pytest.mark.parametrize("row", mutants())
def test_a_paxos_without_a_rule_breaks_in_no_more_steps_than_published(row: Row) -> None:
    """And a whole one chooses a value in no more: `none (probe)`, whose invariant is that there is none."""
    assert row["rule_off"] in {*RULES_OFF, "none (probe)"}, f"Nobody has said here how {row['rule_off']!r} is modelled."
    assert row["invariant"] in CHOSEN_MAX, f"Nobody has said here how {row['invariant']!r} is judged."
    most = CHOSEN_MAX[row["invariant"]]
    model = model_of(row["model"], row["rule_off"])
    breaks = False

    def after(states: set[Paxos]) -> set[Paxos]:
        """As far as the first that breaks: the level that it is in is the largest, and half of all the work.

        Only a vote (the last part of a state) can choose a value.
        """
        nonlocal breaks
        found: set[Paxos] = set()
        for state in states:
            for next in model.after(state):
                if next[-1] is not state[-1] and next not in found and len(model.chosen(next)) > most:
                    breaks = True
                    return set()
                found.add(next)
        return found

    depth = sum(1 for _ in levels((model.first(),), after))
    assert breaks == (row["steps"] is not None)
    assert not breaks or depth <= row["steps"]
