"""JSON both ways."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web import strictjson

texts = st.text(st.characters(exclude_categories=("Cs",)))
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "text",
    ["NaN", "[Infinity]", '{"a":-Infinity}', "1e999", "-1e999", "9" * 5000, "18446744073709551616", "-18446744073709551616",
     '"\\ud800"', '"\\udc00x"', "[" * 22 + "]" * 22, "[" * 100_000, "", "{", "'a'", "[1,]", "01", '"\n"', "tru"],
)  # fmt: skip
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        strictjson.loads(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}, object(), {1, 2}])
def test_what_json_cant_say_is_never_sent(value: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        strictjson.dumps(value)


@given(json_values)
def test_every_value_survives_there_and_back(value: object) -> None:
    text = strictjson.dumps(value, separators=(",", ":"))
    assert strictjson.loads(text) == value == json.loads(text)
    assert text.isascii()


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**60, 2**64 - 1])
def test_an_integer_that_no_browser_holds_is_read_for_its_field_to_refuse(number: int) -> None:
    assert strictjson.loads(f'{{"id":{number}}}') == {"id": number}


def test_depth_twenty_is_deep_enough() -> None:
    assert strictjson.loads("[" * 20 + "1" + "]" * 20)
    with pytest.raises(ValueError, match="deeper"):
        strictjson.loads("[" * 21 + "1" + "]" * 21)


@given(st.text())
def test_no_text_does_more_than_fail(text: str) -> None:
    with contextlib.suppress(ValueError):
        strictjson.loads(text)
