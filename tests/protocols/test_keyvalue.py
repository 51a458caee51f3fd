"""The key-value store: what each operation does and answers, and what is no operation."""

from __future__ import annotations

from typing import Any

import pytest

from server.protocols.keyvalue import (
    JOBS_MAX,
    KEY_MAX,
    OFFERS,
    VALUE_MAX,
    Command,
    Stored,
    apply,
    parse_operation,
)
from server.simulation import Refused

STORE: dict[str, Stored] = {"x": 1, "y": "two"}
LOCKED: dict[str, Stored] = {**STORE, "mine": "c1", "theirs": "c2", "jobs": ("a", "b")}

APPLIED: list[tuple[str, str, Stored, Stored, dict[str, Stored], Any]] = [
    # name, key, value, expect -> the store after it, the answer
    ("get", "x", None, None, STORE, 1),
    ("get", "z", None, None, STORE, None),
    ("put", "x", 5, None, {**STORE, "x": 5}, True),
    ("put", "z", "new", None, {**STORE, "z": "new"}, True),
    ("cas", "x", 2, 1, {**STORE, "x": 2}, True),
    ("cas", "x", 2, 3, STORE, False),
    ("cas", "x", 2, None, STORE, False),
    ("cas", "z", 2, None, {**STORE, "z": 2}, True),
    ("cas", "z", 2, 1, STORE, False),
    ("delete", "x", None, None, {"y": "two"}, True),
    ("delete", "z", None, None, STORE, False),
    ("add", "x", 2, None, {**STORE, "x": 3}, 3),
    ("add", "z", -2, None, {**STORE, "z": -2}, -2),
    ("add", "y", 2, None, STORE, None),
    ("acquire", "z", None, None, {**STORE, "z": "c1"}, True),
    ("acquire", "y", None, None, STORE, False),
    ("release", "y", None, None, STORE, False),
    ("push", "z", "a", None, {**STORE, "z": ("a",)}, 1),
    ("push", "x", "a", None, STORE, None),
    ("pop", "z", None, None, STORE, None),
    ("pop", "x", None, None, STORE, None),
]
IN_USE: list[tuple[str, str, Stored, dict[str, Stored], Any]] = [
    # name, key, value -> the store after it, which had locks and a queue before, the answer
    ("acquire", "mine", None, LOCKED, True),
    ("acquire", "theirs", None, LOCKED, False),
    ("release", "mine", None, {key: held for key, held in LOCKED.items() if key != "mine"}, True),
    ("release", "theirs", None, LOCKED, False),
    ("push", "jobs", 3, {**LOCKED, "jobs": ("a", "b", 3)}, 3),
    ("pop", "jobs", None, {**LOCKED, "jobs": ("b",)}, "a"),
    ("add", "jobs", 1, LOCKED, None),
]


@pytest.mark.parametrize(("name", "key", "value", "expect", "after", "answer"), APPLIED)
def test_an_operation_changes_the_store_and_is_answered(
    name: str, key: str, value: Any, expect: Any, after: dict[str, Any], answer: Any
) -> None:
    before: dict[str, Stored] = dict(STORE)
    found, result = apply(before, Command(name, key, value, expect, "c1", 1))
    assert (dict(found), result) == (after, answer)
    assert before == STORE, "the store before it is changed in place"


@pytest.mark.parametrize(("name", "key", "value", "after", "answer"), IN_USE)
def test_a_lock_is_its_holders_and_a_queue_is_in_order(
    name: str, key: str, value: Any, after: dict[str, Any], answer: Any
) -> None:
    before: dict[str, Stored] = dict(LOCKED)
    found, result = apply(before, Command(name, key, value, None, "c1", 1))
    assert (dict(found), result) == (after, answer)
    assert before == LOCKED, "the store before it is changed in place"


def test_a_queue_that_is_emptied_is_gone_and_one_that_is_full_takes_no_more() -> None:
    assert apply({"jobs": ("a",)}, Command("pop", "jobs", None, None, "c1", 1)) == ({}, "a")
    full: dict[str, Stored] = {"jobs": tuple(range(JOBS_MAX))}
    assert apply(full, Command("push", "jobs", "more", None, "c1", 1)) == (full, None)


def test_every_operation_is_tried_and_told() -> None:
    assert {case[0] for case in APPLIED} == set(OFFERS)


@pytest.mark.parametrize(
    "data",
    [
        {"name": "get", "key": "x"},
        {"name": "put", "key": "x", "value": 0},
        {"name": "put", "key": "k" * KEY_MAX, "value": "v" * VALUE_MAX},
        {"name": "cas", "key": "x", "value": "", "expect": None},
        {"name": "cas", "key": "x", "value": 2, "expect": -(2**53) + 1},
        {"name": "delete", "key": "x", "value": None},
    ],
)
def test_an_operation_is_made_of_plain_data(data: dict[str, Any]) -> None:
    made = parse_operation(data)
    assert {name: getattr(made, name) for name in data} == data


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("unknown_operation", {}),
        ("bad_value", {"name": "add", "key": "x", "value": "two"}),
        ("bad_value", {"name": "push", "key": "x"}),
        ("unknown_operation", {"name": None, "key": "x"}),
        ("unknown_operation", {"name": ["get"], "key": "x"}),
        ("unknown_operation", {"name": "shout", "key": "x"}),
        ("bad_key", {"name": "get"}),
        ("bad_key", {"name": "get", "key": ""}),
        ("bad_key", {"name": "get", "key": 5}),
        ("bad_key", {"name": "get", "key": "k" * (KEY_MAX + 1)}),
        ("bad_operation", {"name": "get", "key": "x", "value": 1}),
        ("bad_operation", {"name": "put", "key": "x", "value": 1, "expect": 2}),
        ("bad_operation", {"name": "put", "key": "x", "value": 1, "colour": "red"}),
        ("bad_value", {"name": "put", "key": "x"}),
        ("bad_value", {"name": "put", "key": "x", "value": True}),
        ("bad_value", {"name": "put", "key": "x", "value": 1.5}),
        ("bad_value", {"name": "put", "key": "x", "value": [1]}),
        ("bad_value", {"name": "put", "key": "x", "value": 2**53}),
        ("bad_value", {"name": "put", "key": "x", "value": "v" * (VALUE_MAX + 1)}),
        ("bad_value", {"name": "cas", "key": "x", "value": 1, "expect": {}}),
    ],
)
def test_data_that_is_no_operation_is_refused(code: str, data: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        parse_operation(data)
    assert refused.value.code == code
    assert "{" not in str(refused.value)
