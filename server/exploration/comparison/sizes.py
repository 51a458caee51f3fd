"""How many bytes a message is: the length of its canonical JSON, with its type, as a recording would write it.

A comparison sends messages by the million, and encoding each would cost more than simulating it. So the length is added
up without writing anything: for each class of values a function is made once that knows what its names and punctuation
take, and adds what the fields hold. A test keeps it equal to the length of `encode(tagged(body))`.

One thing differs on purpose: a `Log` in a message counts with all of its entries, since all of them would have to travel,
where a snapshot for the browser shows its end alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

from ...simulation import Log, encode
from ...simulation.values import field_names

Sizer = Callable[[Any], int]


def size_of_message(body: Any) -> int:
    """The bytes of a message's body: `{"type":...}` with its fields, in UTF-8."""
    sizer = _MESSAGES.get(type(body))
    if sizer is None:
        sizer = _MESSAGES[type(body)] = _compiled(type(body), tagged=True)
    return sizer(body)


def size_of(part: Any) -> int:
    """The bytes of any part of a message. Raises TypeError for what no message can hold."""
    sizer = _PARTS.get(type(part))
    if sizer is None:
        sizer = _PARTS[type(part)] = _sizer_for(type(part))
    return sizer(part)


def _of_text(text: str) -> int:
    # Quotes, backslashes and control characters are written longer; what is beyond ASCII is written as an escape.
    plain = text.isascii() and text.isprintable() and '"' not in text and "\\" not in text
    return len(text) + 2 if plain else len(json.dumps(text))


def _of_items(items: Any) -> int:
    return 1 + len(items) + sum([size_of(item) for item in items]) if len(items) else 2


def _of_dict(items: Any) -> int:
    # JSON has texts for keys: a number gets quotes.
    names = sum([_of_text(str(key)) + 1 + size_of(held) for key, held in items.items()])
    return names + 1 + len(items) if items else 2


def _of_enum(member: Any) -> int:
    return size_of(member.value)


def _of_truth(truth: bool) -> int:
    return 4 if truth else 5


def _of_nothing(_nothing: None) -> int:
    return 4


def _of_number(number: int) -> int:
    return len(str(number))


def _of_anything(part: Any) -> int:
    return len(encode(part))


def _sizer_for(cls: type) -> Sizer:
    if issubclass(cls, Enum):
        return _of_enum
    if is_dataclass(cls):
        return _compiled(cls, tagged=False)
    if issubclass(cls, dict):
        return _of_dict
    return _of_anything


def _compiled(cls: type, *, tagged: bool) -> Sizer:
    """The function for one class of values, written out from the names of its fields, as `dataclass` does it."""
    names = field_names(cls)
    around = sum(len(name) + 3 for name in names) + 2  # "name": for each, and the braces
    held = len(names)
    if tagged:
        around += len('"type":') + len(cls.__name__) + 2
        held += 1
    around += max(0, held - 1)
    parts = "".join(f" + size_of(value.{name})" for name in names)
    # The names of fields are identifiers of a class, and nothing else is put in.
    sizer: Sizer = eval(f"lambda value: {around}{parts}", {"size_of": size_of})  # noqa: S307
    return sizer


_MESSAGES: dict[type, Sizer] = {}
_PARTS: dict[type, Sizer] = {
    int: _of_number,
    bool: _of_truth,
    str: _of_text,
    type(None): _of_nothing,
    tuple: _of_items,
    list: _of_items,
    dict: _of_dict,
    Log: _of_items,
}
