"""What a link carries comes back as it was, and what strangers write instead is refused in no time."""

import time
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rooms import packing
from server.rooms.packing import CHECK_BYTES, DATA_BYTES_MAX, WORDS, pack, unpack
from server.simulation import Refused

LEAVES = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=30)
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5), max_leaves=30
)  # fmt: skip


def sealed(told: bytes) -> str:
    """A text as a stranger would make it who knows the format: its check is right."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zdict=WORDS)
    packed = deflate.compress(told) + deflate.flush()
    check = blake2b(packed, digest_size=CHECK_BYTES).digest()
    return packing.FORMAT + urlsafe_b64encode(check + packed).rstrip(b"=").decode()


@given(DATA)
def test_what_is_packed_comes_back(data: Any) -> None:
    text = pack(data)
    assert unpack(text) == data
    assert pack(unpack(text)) == text


@given(st.text(max_size=200) | st.from_regex(r"1[A-Za-z0-9_-]{0,200}", fullmatch=True))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        unpack(text)
    assert refused.value.code in ("bad_link", "link_damaged", "link_format", "link_too_large")


@given(st.data())
def test_a_link_that_lost_or_changed_a_character_says_so(data: st.DataObject) -> None:
    text = pack({"protocol": "raft", "seed": 7, "commands": list(range(50))})
    at = data.draw(st.integers(1, len(text) - 1))
    other = data.draw(st.sampled_from([text[:at], text[:at] + text[at + 1 :], text[:at] + "!" + text[at:]]))
    with pytest.raises(Refused) as refused:
        unpack(other)
    assert refused.value.code in ("link_damaged", "bad_link")


@pytest.mark.parametrize(
    "told",
    [
        b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1.5}', b'{"a": 1e999}', b'{"a": ' + b"9" * 17 + b"}",
        b'{"a": 1, "a": 2}', b"[" * 13 + b"]" * 13, b"[" * 100_000, b"\xff", b"", b"{", b'{"a": 1} x', b"9" * 100_000,
    ],
    ids=lambda told: repr(told[:20]),
)  # fmt: skip
def test_what_json_should_not_say_is_refused(told: bytes) -> None:
    with pytest.raises(Refused) as refused:
        unpack(sealed(told))
    assert refused.value.code == "bad_link"


def test_a_bomb_is_not_let_go_off() -> None:
    bomb = sealed(b" " * (DATA_BYTES_MAX * 20))
    assert len(bomb) < packing.TEXT_CHARACTERS_MAX
    began = time.process_time()
    with pytest.raises(Refused) as refused:
        unpack(bomb)
    assert refused.value.code == "link_too_large"
    assert time.process_time() - began < 1, "a text of any length has to be refused within a second"


def test_what_stands_behind_the_end_is_refused() -> None:
    text = pack({"a": 1})
    raw = urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))[CHECK_BYTES:] + b"more"
    check = blake2b(raw, digest_size=CHECK_BYTES).digest()
    with pytest.raises(Refused):
        unpack(packing.FORMAT + urlsafe_b64encode(check + raw).rstrip(b"=").decode())


def test_another_format_is_named() -> None:
    with pytest.raises(Refused) as refused:
        unpack("2" + pack({})[1:])
    assert refused.value.code == "link_format"
    assert refused.value.parameters == {"format": "2"}


def test_the_words_of_a_format_stay_as_they_are() -> None:
    """Links are out there that were made with them: other words need another format."""
    assert unpack("1a2e-oqvGKWleCwA") == {"protocol": "raft", "seed": 7}


def test_more_than_a_link_takes_is_refused_when_it_is_made() -> None:
    with pytest.raises(Refused) as refused:
        pack([0] * DATA_BYTES_MAX)
    assert refused.value.code == "link_too_large"
