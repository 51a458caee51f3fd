"""The key-value store: what each operation does and answers, and what is no operation."""

from __future__ import annotations

from typing import Any

import pytest

from server.protocols.keyvalue import (
    KEY_MAX,
    OPERATION_TEXTS,
    OPERATIONS,
    VALUE_MAX,
    Command,
    Stored,
    apply,
    parse_operation,
)
from server.simulation import Refused

STORE: dict[str, Stored] = {"x": 1, "y": "two"}

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
]


@pytest.mark.parametrize(("name", "key", "value", "expect", "after", "answer"), APPLIED)
def test_an_operation_changes_the_store_and_is_answered(
    name: str, key: str, value: Any, expect: Any, after: dict[str, Any], answer: Any
) -> None:
    before: dict[str, Stored] = dict(STORE)
    found, result = apply(before, Command(name, key, value, expect, "c1", 1))
    assert (dict(found), result) == (after, answer)
    assert before == STORE, "the store before it is changed in place"


def test_every_operation_is_tried_and_told() -> None:
    assert {case[0] for case in APPLIED} == set(OPERATIONS) == set(OPERATION_TEXTS)


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
