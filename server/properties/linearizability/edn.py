"""A reader of EDN, the notation in which Jepsen writes its histories (edn-format.org), as much of it as data needs.

nil is None, vectors and lists are tuples, maps are `Map`, sets are frozensets. Booleans, floating numbers, keywords,
symbols and characters become `Word`s, which are equal to themselves alone: Python's True would be equal to 1. A tag is
read over. Foreign text is bounded: in its depth, and in the length of a number.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

DEPTH_MAX = 32
NUMBER_MAX = 40
"""Digits of a number."""
ATOMS_MAX = 10_000
"""How many different atoms are remembered, so that each is made once."""

# Possessive throughout, so that no text makes the matcher go back over it again and again.
TOKEN = re.compile(
    r"(?:[\s,]++|;[^\n]*+)*+"
    r'(?:(?P<text>"(?:[^"\\]++|\\.)*+")|(?P<open>#\{|[\[({])|(?P<close>[\])}])'
    r"|(?P<skip>\#_)|(?P<tag>\#[A-Za-z][\w.*+!?$%&=<>/:-]*)|(?P<char>\\(?:\w+|\S))"
    r'|(?P<atom>[^\s,;"\[\](){}\\#][^\s,;"\[\](){}\\]*)|(?P<end>$))',
    re.DOTALL,
)
FLAT = re.compile(r"\{((?::[\w-]+[ ]++(?:nil|:[\w-]++|-?\d{1,18}+(?![\w.])|\"[^\"\\]*+\")[\s,]*+)++)\}")
PAIR = re.compile(r"(:[\w-]+)[ ]++(?:(nil)|(:[\w-]++)|(-?\d++)|\"([^\"]*+)\")")
"""A map of simple values, as most events are, read at once: three times as fast as token by token."""
INTEGER = re.compile(r"[+-]?\d+N?")
NUMBER = re.compile(r"[+-]?\d")
SPACE = re.compile(r"(?:[\s,]++|;[^\n]*+)*+")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\"}
CLOSING = {"(": ")", "[": "]", "{": "}", "#{": "}"}


class BadText(ValueError):
    """A text that can't be read; `line` says where, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Word:
    """A name as it is written: `:ok`, `true`, `1.5`."""

    name: str

    def __str__(self) -> str:
        return self.name


class Map(dict[Hashable, Any]):
    """A map that knows the line on which it began; keys that are `Word`s stand in it by their names."""

    line = 0


class _Reader:
    """Tokens of a text. Where a line is asked for, the ends of lines since the last such place are counted."""

    def __init__(self, text: str, line: int) -> None:
        self.text, self.at = text, 0
        self._line, self._counted = line, 0
        self._atoms: dict[str, Any] = {"nil": None}

    @property
    def line(self) -> int:
        """The line at which the reader is."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def token(self) -> tuple[str, str]:
        """The kind and the text of the next token; "end" at the end. Raises BadText."""
        found = TOKEN.match(self.text, self.at)
        if found is None:
            gap = SPACE.match(self.text, self.at)
            self.at = gap.end() if gap else self.at
            raise BadText(self.line, f"{self.text[self.at : self.at + 1]!r} is not expected here")
        self.at = found.end()
        kind = found.lastgroup or ""
        return kind, found[kind]

    def form(self, depth: int = 0, closing: str = "") -> Any:
        """The next value, or `END` where `closing` (or the end of the text) comes instead. Raises BadText."""
        while True:
            kind, word = self.token()
            match kind:
                case "atom":
                    found = self._atoms.get(word, END)
                    return self._atom(word) if found is END else found
                case "text":
                    return self._text(word) if "\\" in word else word[1:-1]
                case "open":
                    return self._collection(word, depth + 1)
                case "close":
                    if word != closing:
                        raise BadText(self.line, f"{word!r} closes nothing")
                    return END
                case "skip":
                    self._value(depth)
                case "tag":
                    return self._value(depth)
                case "char":
                    return Word(word)
                case _:
                    if closing:
                        raise BadText(self.line, f"{closing!r} is missing at the end")
                    return END

    def _value(self, depth: int) -> Any:
        if depth >= DEPTH_MAX:
            raise BadText(self.line, f"it is nested more than {DEPTH_MAX} deep")
        value = self.form(depth + 1)
        if value is END:
            raise BadText(self.line, "a value is missing at the end")
        return value

    def _collection(self, opening: str, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise BadText(self.line, f"it is nested more than {DEPTH_MAX} deep")
        line = self.line
        if opening == "{" and (flat := FLAT.match(self.text, self.at - 1)):
            self.at = flat.end()
            return self._flat(flat[1], line)
        items: list[Any] = []
        while (item := self.form(depth, CLOSING[opening])) is not END:
            items.append(item)
        try:
            if opening == "#{":
                return frozenset(items)
            if opening != "{":
                return tuple(items)
            if len(items) % 2:
                raise BadText(line, "a key of a map has no value")
            keys = (key.name if isinstance(key, Word) else key for key in items[::2])
            found = Map(zip(keys, items[1::2], strict=True))
        except TypeError:
            raise BadText(line, "a map can't be a key or stand in a set") from None
        found.line = line
        return found

    def _flat(self, pairs: str, line: int) -> Map:
        found = Map()
        for key, nil, word, number, text in PAIR.findall(pairs):
            if word:
                value = self._atoms.get(word, END)
                found[key] = self._atom(word) if value is END else value
            elif number:
                found[key] = int(number)
            else:
                found[key] = None if nil else text
        found.line = line
        return found

    def _text(self, word: str) -> str:
        def plain(escape: re.Match[str]) -> str:
            if escape[1]:
                return chr(int(escape[1], 16))
            if escape[2] not in ESCAPES:
                raise BadText(self.line, f"{escape[0]!r} is no escape")
            return ESCAPES[escape[2]]

        return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", plain, word[1:-1], flags=re.DOTALL)

    def _atom(self, word: str) -> Any:
        value: Any = Word(word)
        if NUMBER.match(word):
            if len(word) > NUMBER_MAX:
                raise BadText(self.line, f"a number has more than {NUMBER_MAX} digits")
            if INTEGER.fullmatch(word):
                value = int(word.rstrip("N"))
        if len(self._atoms) < ATOMS_MAX:
            self._atoms[word] = value
        return value


END = object()


def forms(text: str, line: int = 1) -> Iterator[Any]:
    """The values of a text, which begins on this line. Raises BadText."""
    reader = _Reader(text, line)
    while (form := reader.form()) is not END:
        yield form


def items(text: str) -> Iterator[tuple[int, Any]]:
    """The values of a text, each with the line before it; of a vector or list its parts, one by one. Raises BadText."""
    reader = _Reader(text, 1)
    while True:
        begin = reader.at
        kind, word = reader.token()
        if kind == "end":
            return
        if kind == "open" and word in "[(":
            while (form := reader.form(1, CLOSING[word])) is not END:
                yield reader.line, form
            continue
        reader.at = begin
        if (form := reader.form()) is END:
            return
        yield reader.line, form
