"""What of a name shows, and which names are read as the same."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rooms.names import IGNORABLE, folded, printable, visible
from server.rooms.recorded import check_name, check_note
from server.simulation import Refused

IGNORED = [chr(code) for low, high in IGNORABLE for code in range(low, high + 1)]


def test_the_table_is_unicodes() -> None:
    assert len(IGNORED) == len(set(IGNORED)) == 4174
    formats = {chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) == "Cf"}
    # These have a form of their own: numbers in Arabic, Syriac and Kaithi, annotations, shorthand, hieroglyphs.
    assert all(0x600 <= ord(c) <= 0x8E2 or 0xFFF9 <= ord(c) <= 0x13438 for c in formats - set(IGNORED))


def test_a_letter_that_does_not_show_makes_no_other_name() -> None:
    for letter in IGNORED:
        assert visible(f"sce{letter}nario{letter}") == "scenario"
        assert folded(f"{letter}Sce{letter}nario") == "scenario"
        with pytest.raises(Refused, match="does not show"):
            check_name(f"Lecture{letter}")
        with pytest.raises(Refused, match="does not show"):
            check_note(f"two\nlines{letter}")


@pytest.mark.parametrize(
    "name",
    ["👩‍👩‍👧", "👩🏽‍🔬", "❤️", "🏳️‍🌈", "می‌خواهم", "क्‍ष", "क्‌ष", "第五讲", "한국어", "Straße", "ไทย", "e̋", "①"],
)
def test_what_is_spelled_or_drawn_with_joiners_keeps_them(name: str) -> None:
    assert visible(name) == name
    assert printable(name)
    assert check_name(name) == name
    assert folded(name) == folded(name.replace("\u200d", "").replace("\u200c", "").replace("\ufe0f", ""))


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("❤\ufe0f\ufe0f", "❤\ufe0f"),
        ("a\ufe0f\u200d❤", "a❤"),
        ("❤\u200d\u00ad❤", "❤❤"),
        ("A\u200dB\u200cC", "ABC"),
        ("\u200d❤", "❤"),
        ("1\ufe0f\u20e3", "1\u20e3"),
    ],
)
def test_a_joiner_that_joins_nothing_goes(given_: str, kept: str) -> None:
    assert visible(given_) == kept


@given(st.text(st.sampled_from([*"aé한क्می❤👩🏽 \t", "\u094d", *IGNORED[:40], "\u2800"]), max_size=12))
def test_looking_twice_finds_nothing_more(name: str) -> None:
    assert visible(visible(name)) == visible(name)
    assert folded(folded(name)) == folded(name) == folded(visible(name))
