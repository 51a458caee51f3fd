"""What a call asks for, in its address and in its body: bounded, and refused with the name of what is wrong."""

from __future__ import annotations

from typing import TypeVar

import flask
import msgspec

from server.simulation.texts import N_, Refused

from . import strictjson, wire

T = TypeVar("T")
SOUGHT_LETTERS_MAX = 80
OFFSET_MAX = 1_000_000
NUMBER_MAX = 999_999_999


def number(name: str, low: int = 0, high: int = NUMBER_MAX) -> int | None:
    """A whole number of the query, in ASCII digits; None where it is not given. Raises Refused."""
    given = flask.request.args.get(name)
    if given is None:
        return None
    digits = given.removeprefix("-") if low < 0 else given
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and low <= int(given) <= high):
        raise Refused("bad_number", N_("{field} must be a whole number from {low} to {high}."),
                      field=name, low=low, high=high)  # fmt: skip
    return int(given)


def word(name: str, known: tuple[str, ...]) -> str:
    """One of the words that are known; the first where none is given. Raises Refused."""
    given = flask.request.args.get(name, known[0])
    if given not in known:
        raise Refused("bad_word", N_("{name} is one of {choices}."), name=name, choices=", ".join(known))
    return given


def span(limit: int, most: int) -> tuple[int, int]:
    """The part of a list that is asked for: `offset` and `limit`, which is otherwise as given here. Raises Refused."""
    offset, chosen = number("offset", 0, OFFSET_MAX), number("limit", 1, most)
    return offset or 0, limit if chosen is None else chosen


def words() -> str:
    """What is sought. Raises Refused."""
    sought = flask.request.args.get("q", "")
    if len(sought) > SOUGHT_LETTERS_MAX:
        raise Refused("bad_search", N_("A search has at most {most} letters."), most=SOUGHT_LETTERS_MAX)
    return sought


def body(kind: type[T]) -> T:
    """The JSON of the body. Raises Refused, which says where it is not as it has to be."""
    try:
        return msgspec.convert(strictjson.loads(flask.request.get_data()), kind)
    except (ValueError, RecursionError) as error:  # msgspec's ValidationError is a ValueError
        raise Refused("bad_call", N_("This call could not be understood ({reason})."),
                      reason=wire.reason_of(error)) from None  # fmt: skip
