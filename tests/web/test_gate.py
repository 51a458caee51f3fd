"""The gate: hostile files are refused with a sentence, before they cost anything."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.simulation import Refused
from server.web import gate
from server.web.gate import BOUNDS, MEGABYTE, Bounds, admit

ROOT = Path(__file__).resolve().parents[2]
MEMORY_MAX_BYTES = 30 * MEGABYTE
COMMAND = b'{"by":"#1","command":{"node":"n1","type":"crash"},"place":0,"time":12}'


def refusal(text: bytes, bounds: Bounds = BOUNDS) -> Refused:
    with pytest.raises(Refused) as caught:
        admit(io.BytesIO(text), bounds)
    return caught.value


class Counting(io.BytesIO):
    """A file that knows how much was asked of it."""

    read_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.read_bytes += len(piece)
        return piece


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda text: gate.BOM + text])
def test_a_file_is_admitted_packed_or_not(pack: Any) -> None:
    text = b'{"a": [1, -2.5, true, null, "\\u4e2d"], "b": {"a": "x"}}'
    assert admit(io.BytesIO(pack(text))) == {"a": [1, -2.5, True, None, "中"], "b": {"a": "x"}}


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (b"", "bad_json", "This file is no JSON: it, or a text in it, ends too early."),
        (b'{"a": 1', "bad_json", "This file is no JSON: it, or a text in it, ends too early."),
        (b'{"a": 1} {}', "bad_json", "Line 1, column 10: from here on this is no JSON."),
        (b'{"a": 1,\n  "b" 2}', "bad_json", "Line 2, column 7: from here on this is no JSON."),
        (b'{"a": "\xff"}', "bad_json", "This file is no text in UTF-8."),
        (b'{"a": "\\ud800"}', "bad_json", "This file is no JSON: it, or a text in it, ends too early."),
        (b'{"a": 1e999}', "bad_json", "This file is no JSON."),
        (b'{\n "a": NaN}', "bad_json", "Line 2, column 7: NaN is no number."),
        (b'{"a": Infinity}', "bad_json", "Line 1, column 7: Infinity is no number."),
        (b'{"a": -Infinity}', "bad_json", "Line 1, column 7: -Infinity is no number."),
        (b'{"a": "b}', "bad_json", "Line 1, column 7: a text has no end."),
        (b'{"a": 1, "a": 2}', "bad_json", "Line 1, column 10: a stands there twice."),
        (b'{"a": 1, "\\u0061" : 2}', "bad_json", "Line 1, column 10: a stands there twice."),
        (b'{"\\ud800": 1}', "bad_json", "Line 1, column 2: this is no name."),
        (b'["a": 1]', "bad_json", "Line 1, column 2: a name stands where none can be."),
        (b'{"' + b"n" * 200 + b'": 1}', "bad_json", "Line 1, column 2: a name is too long."),
        (b"[" * 50_000, "bad_json", "Line 1, column 17: nested deeper than 16."),
        (b'{"a":' * 50_000, "bad_json", "Line 1, column 81: nested deeper than 16."),
        (b"[" + b"9" * 100_000 + b"]", "bad_json", "Line 1, column 2: a number is longer than 24 digits."),
        (b'["' + b"\\n" * 2_000 + b'"]', "bad_json", "Line 1, column 2: a text is longer than 2000 letters."),
        (b'["' + b"a" * 5_000_000 + b'"]', "too_large", "This file is larger than 4 MB."),
        (gzip.compress(b" " * 100_000_000), "too_large", "Unpacked, this file is larger than 4 MB."),
        (gzip.compress(b"{}")[:-9], "bad_pack", "This file is packed, but it can't be unpacked."),
        (gzip.compress(b"{}") * 2, "bad_pack", "This file is packed, but it can't be unpacked."),
        (gate.GZIP + b"nothing of the kind", "bad_pack", "This file is packed, but it can't be unpacked."),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_a_sentence(text: bytes, code: str, says: str) -> None:
    reason = refusal(text)
    assert (reason.code, str(reason)) == (code, says)


OTHER = "This is no recording of Quorumscope: the file does not begin as an object of JSON does."
NO_TEXT = "This is no recording of Quorumscope: the file holds no text."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", NO_TEXT),
        (b"PK\x03\x04", NO_TEXT),
        (gzip.compress(b"\x89PNG"), NO_TEXT),
        (b"hi", OTHER),
        ("é".encode() * 4_000 + b"x", OTHER),
        (b"x" + "é".encode() * 4_000, OTHER),
        (b"{:process 0, :type :invoke}", OTHER),
        (b"[{:process 0, :type :invoke}]", OTHER),
        (b'{"a": \xff\xfe}', "This file is no JSON."),
    ],
)
def test_another_kind_of_file_is_told_apart_and_its_bytes_are_not_shown(text: bytes, says: str) -> None:
    reason = refusal(text)
    assert (reason.code, str(reason)) == ("bad_json", says)


def test_the_same_name_may_stand_in_two_objects() -> None:
    assert admit(io.BytesIO(b'[{"a": 1}, {"a": {"a": 2}, "b": [{"a": 3}]}]'))[1]["b"] == [{"a": 3}]


HEAVY = {
    "a million commands": gzip.compress(b'{"commands":[' + b",".join([COMMAND] * 1_000_000) + b"]}", 1),
    "as many commands as fit": b"[" + b",".join([COMMAND] * 55_000) + b"]",
    "lists": b"[" + b"[]," * 1_300_000 + b"1]",
    "names": b"{" + b",".join(b'"k%d":1' % number for number in range(350_000)) + b"}",
    "texts": b"[" + b'"ab",' * 800_000 + b"1]",
    "as many texts as are let in": b"[" + b'"abcdef",' * 319_000 + b"1]",
    "quotes": b"[" + b'"' * 4_000_000,
    "a bomb of gzip": gzip.compress(b"[" + b'"abcdef",' * 10_000_000 + b"1]"),
}


MEASURE = """
import resource, sys
from server.simulation import Refused
from server.web.gate import admit

def peak_kb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = peak_kb()
for path in sys.argv[1:]:
    try:
        with open(path, "rb") as file:
            admit(file)
        code = "admitted"
    except Refused as reason:
        code = reason.code
    print(code, peak_kb() - before)
"""


def test_memory_grows_by_less_than_thirty_megabytes(tmp_path: Path) -> None:
    for name, text in HEAVY.items():
        (tmp_path / name).write_bytes(text)
    paths = [str(tmp_path / name) for name in HEAVY]
    told = subprocess.run([sys.executable, "-c", MEASURE, *paths], cwd=ROOT, capture_output=True, text=True, check=True)
    codes, grown = zip(*(line.split() for line in told.stdout.splitlines()), strict=True)
    assert set(codes) == {"admitted", "too_large", "too_many"}
    assert dict(zip(HEAVY, codes, strict=True))["as many texts as are let in"] == "admitted"
    assert max(int(kilobytes) for kilobytes in grown) * 1024 < MEMORY_MAX_BYTES


@pytest.mark.parametrize("name", ["a million commands", "a bomb of gzip", "too long"])
def test_no_more_than_the_bound_is_read(name: str) -> None:
    file = Counting((HEAVY | {"too long": b"[" * 9_000_000})[name])
    with pytest.raises(Refused):
        admit(file)
    assert file.read_bytes <= BOUNDS.bytes + gate.PIECE_BYTES


def test_no_more_than_the_bound_is_looked_at() -> None:
    parts = gate.look_through(b"[" + b"1," * 100 + b"1]", Bounds(parts=102))
    assert parts == 102
    assert refusal(b"[" + b"1," * 101 + b"1]", Bounds(parts=102)).code == "too_many"
    assert refusal(b"[" + b"[]," * 10 + b"1]", Bounds(boxes=9)).code == "too_many"


def test_a_bomb_is_dropped_at_the_first_piece_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = gate.zlib.decompressobj

    class Watched:
        def __init__(self, *args: Any) -> None:
            self.real = real(*args)

        def decompress(self, piece: bytes, most: int) -> bytes:
            told = self.real.decompress(piece, most)
            made.append(len(told))
            return told

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

    monkeypatch.setattr(gate.zlib, "decompressobj", Watched)
    refusal(gzip.compress(bytes(50_000_000)))
    assert BOUNDS.bytes < sum(made) <= BOUNDS.bytes + gate.PIECE_BYTES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc\\\"é", max_size=5), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(JSON)
def test_what_is_json_is_let_in_as_it_is(value: Any) -> None:
    assert admit(io.BytesIO(json.dumps({"a": value}, ensure_ascii=False).encode())) == {"a": value}


@given(JSON, st.integers(0, 200), st.binary(max_size=3))
def test_a_damaged_file_is_admitted_or_refused(value: Any, at: int, damage: bytes) -> None:
    text = json.dumps(value).encode()
    said = ""
    try:
        admit(io.BytesIO(text[:at] + damage + text[at + 1 :]))
    except Refused as reason:
        said = str(reason)
    assert not said or said.endswith(".")
