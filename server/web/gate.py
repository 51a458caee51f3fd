"""The gate: what a stranger's file must look like before any of it is believed, or even built.

    admit(file) -> plain data      of a file of JSON, packed by gzip or not

Everything here is bounded before it costs something. A packed file is unpacked in pieces and dropped at the first byte
too many, so that a bomb never goes off. Then the text is looked through once, token by token, for what a parser would
build before it complains, or would never complain about: depth, long numbers and texts, too many values, names that
stand twice in one object (of which every parser believes another one), numbers that are none. Only then is it parsed.

A refusal is one sentence, with the line where there is one. What the values mean is none of the gate's business: that is
`server.rooms.tree` and, above all, the replay.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

import msgspec

from server.rooms.names import visible
from server.simulation.texts import N_, Refused

TOO_MANY = N_("This file holds far more than any recording does.")
NO_TEXT = N_("This is no recording of Quorumscope: the file holds no text.")
NO_OBJECT = N_("This is no recording of Quorumscope: the file does not begin as an object of JSON does.")
LONG_TEXT = N_("Line {line}, column {column}: a text is longer than {most} letters.")
TOO_DEEP = N_("Line {line}, column {column}: nested deeper than {most}.")
NO_NUMBER = N_("Line {line}, column {column}: {word} is no number.")
LONG_NUMBER = N_("Line {line}, column {column}: a number is longer than {most} digits.")
NO_END = N_("Line {line}, column {column}: a text has no end.")
LOST_NAME = N_("Line {line}, column {column}: a name stands where none can be.")
LONG_NAME = N_("Line {line}, column {column}: a name is too long.")
NO_NAME = N_("Line {line}, column {column}: this is no name.")
NO_JSON = N_("Line {line}, column {column}: from here on this is no JSON.")
TWICE = N_("Line {line}, column {column}: {name} stands there twice.")

MEGABYTE = 1024 * 1024
PIECE_BYTES = 65_536
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
"""Some editors begin a text with it."""
NAME_BYTES_MAX = 100
SHOWN_LETTERS_MAX = 40
"""Of what a stranger wrote, in a sentence about it."""

_TOKEN = re.compile(
    rb"""("(?:[^"\\]++|\\.)*+")([ \t\r\n]*+:)?  # a text, or with the colon a name
    | ([{\[]) | ([}\]])
    | ([^\s{}\[\]:,"]++)                        # a number, true, false, null; or what is nothing
    | (")                                       # a text without an end
    """,
    re.VERBOSE | re.DOTALL,
)
_BYTE = re.compile(r"\(byte (\d+)\)$")
"""Where msgspec says that something is wrong."""
_TEXT, _NAME, _OPEN, _CLOSE, _WORD = 1, 2, 3, 4, 5
_DIGITS = frozenset(b"-0123456789")
_WORDS = (b"true", b"false", b"null")
_BEGINNING = re.compile(rb"""\s*+(?:\{\s*+(?:["}]|\Z)|\[(?!\s*+\{?\s*+[:a-zA-Z]))""")
"""Of JSON that may hold something. What begins as EDN does, or as words in brackets, is another file."""
_LOOKED_AT_BYTES = 4_096
"""So much of the beginning says whether a file is text at all."""
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a file may hold. Measured: at these a file costs its reader 24 MB and 0.3 s of processor time at the most."""

    bytes: int = 4 * MEGABYTE
    """Packed, and unpacked."""
    depth: int = 16
    parts: int = 320_000
    """Names, texts, numbers, objects and lists together."""
    boxes: int = 60_000
    """Objects and lists."""
    digits: int = 24
    """Of a number, with its sign, point and exponent."""
    letters: int = 2_000
    """Of a text, as it is written."""


BOUNDS = Bounds()


def admit(file: BinaryIO, bounds: Bounds = BOUNDS) -> Any:
    """The plain data of a file. Raises Refused."""
    text = read(file, bounds)
    if text.startswith(BOM):
        text = text[len(BOM) :]
    check_beginning(text)
    count(text, bounds)
    look_through(text, bounds)
    try:
        return msgspec.json.decode(text)
    except UnicodeDecodeError:
        raise Refused("bad_json", N_("This file is no text in UTF-8.")) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise _no_json(text, str(error)) from None


def read(file: BinaryIO, bounds: Bounds = BOUNDS) -> bytes | bytearray:
    """The text of a file, unpacked. Never more than one piece beyond the bound is read, or made. Raises Refused."""
    first = file.read(len(GZIP))
    if first != GZIP:
        text = first + file.read(bounds.bytes + 1 - len(first))
        if len(text) > bounds.bytes:
            raise _too_large(bounds)
        return text
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    made, taken, piece = bytearray(), 0, first
    try:
        while piece and not unpacker.eof:
            taken += len(piece)
            if taken > bounds.bytes:
                raise _too_large(bounds)
            while piece:
                made += unpacker.decompress(piece, PIECE_BYTES)
                if len(made) > bounds.bytes:
                    raise Refused("too_large", N_("Unpacked, this file is larger than {most} MB."),
                                  most=bounds.bytes // MEGABYTE)  # fmt: skip
                piece = unpacker.unconsumed_tail
            piece = file.read(PIECE_BYTES)
    except zlib.error:
        unpacker = zlib.decompressobj()
    if not unpacker.eof or unpacker.unused_data or piece:
        raise Refused("bad_pack", N_("This file is packed, but it can't be unpacked."))
    return made


def _too_large(bounds: Bounds) -> Refused:
    return Refused("too_large", N_("This file is larger than {most} MB."), most=bounds.bytes // MEGABYTE)


def check_beginning(text: bytes | bytearray) -> None:
    """Whoever took a wrong file is told that, and not what its first byte is not. Raises Refused."""
    if _BEGINNING.match(text):
        return
    first = text[:_LOOKED_AT_BYTES]
    if not first.strip():
        return  # it ends too early: that says the parser
    raise Refused("bad_json", NO_OBJECT if _is_text(first) else NO_TEXT)


def _is_text(piece: bytes | bytearray) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(piece)  # a letter may be cut off at its end
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(piece) is None


def count(text: bytes | bytearray, bounds: Bounds = BOUNDS) -> None:
    """Counts what opens and what separates, which takes no time; what stands in texts is too little to matter.

    Raises Refused.
    """
    separated = text.count(b",") + text.count(b":")
    if text.count(b"{") + text.count(b"[") > bounds.boxes or separated > bounds.parts + bounds.letters:
        raise Refused("too_many", TOO_MANY)


def look_through(text: bytes | bytearray, bounds: Bounds = BOUNDS) -> int:
    """Goes through the tokens once, builds nothing, and stops at the first thing that is too much. Returns how many parts
    it looked at. Raises Refused. What passes may still be no JSON: that says the parser, which then costs little.
    """
    opened: list[set[bytes] | None] = []
    names: set[bytes] | None = None
    parts = boxes = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastindex
        if kind != _CLOSE:
            parts += 1
            if parts > bounds.parts or boxes > bounds.boxes:
                raise Refused("too_many", TOO_MANY)
        if kind == _NAME:
            name = match[_TEXT]
            if names is None or name in names or len(name) > NAME_BYTES_MAX or b"\\" in name:
                name = _unusual(text, match, names)
            names.add(name)  # type: ignore[union-attr]
            continue
        if kind == _CLOSE:
            del opened[-1:]
            names = opened[-1] if opened else None
            continue
        if kind == _TEXT:
            if match.end() - match.start() > bounds.letters + 2:
                raise _wrong(text, match, LONG_TEXT, most=bounds.letters)
        elif kind == _OPEN:
            boxes += 1
            names = set() if match[_OPEN] == b"{" else None
            opened.append(names)
            if len(opened) > bounds.depth:
                raise _wrong(text, match, TOO_DEEP, most=bounds.depth)
        elif kind == _WORD:
            word = match[_WORD]
            if (word[0] not in _DIGITS and word not in _WORDS) or word == b"-Infinity":
                raise (
                    _wrong(text, match, NO_NUMBER, word=_shown(word))
                    if _is_text(word)
                    else Refused("bad_json", N_("This file is no JSON."))
                )
            if len(word) > bounds.digits:
                raise _wrong(text, match, LONG_NUMBER, most=bounds.digits)
        else:
            raise _wrong(text, match, NO_END)
    return parts


def _unusual(text: bytes | bytearray, match: re.Match[bytes], names: set[bytes] | None) -> bytes:
    """A name that is long, or is written with escapes, in its only form. Raises Refused where it stands in its object
    already, or in none.
    """
    name = match[_TEXT]
    if names is None:
        raise _wrong(text, match, LOST_NAME)
    if len(name) > NAME_BYTES_MAX:
        raise _wrong(text, match, LONG_NAME)
    try:
        name = json.dumps(json.loads(name), ensure_ascii=False).encode()
    except ValueError:
        raise _wrong(text, match, NO_NAME) from None
    if name in names:
        raise _wrong(text, match, TWICE, name=_shown(name.strip(b'"')))
    return name


def _no_json(text: bytes | bytearray, reason: str) -> Refused:
    """What the parser stumbled over."""
    if (place := _BYTE.search(reason)) is not None:
        # Of what follows the end it tells the byte after the first.
        return _at(text, int(place[1]) - ("trailing characters" in reason), NO_JSON)
    if "truncated" in reason:
        return Refused("bad_json", N_("This file is no JSON: it, or a text in it, ends too early."))
    return Refused("bad_json", N_("This file is no JSON."))


def _wrong(text: bytes | bytearray, match: re.Match[bytes], what: str, **told: Any) -> Refused:
    """What is wrong, and where."""
    return _at(text, match.start(), what, **told)


def _at(text: bytes | bytearray, start: int, what: str, **told: Any) -> Refused:
    line = text.count(b"\n", 0, start) + 1
    column = start - text.rfind(b"\n", 0, start)
    return Refused("bad_json", what, line=line, column=column, **told)


def _shown(word: bytes) -> str:
    return visible(word[: SHOWN_LETTERS_MAX * 4].decode("utf-8", "replace"))[:SHOWN_LETTERS_MAX]
