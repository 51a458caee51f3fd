"""A replicated key-value store with client sessions, for every protocol that replicates a log.

Operations are `get`, `put`, `cas` (compare and set) and `delete`. A session remembers, for each client, the serial
number of its last operation and the answer to it, so an operation that a client sends again is answered again and not
applied again (Ongaro, Consensus: Bridging Theory and Practice, 2014, section 6.3; here a client has one operation under
way at a time, so the last answer is enough, and sessions never expire).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..simulation import N_, Refused, value

KEY_MAX = 16
VALUE_MAX = 64
OPERATIONS: dict[str, tuple[str, ...]] = {
    "get": ("key",),
    "put": ("key", "value"),
    "cas": ("key", "expect", "value"),
    "delete": ("key",),
}
OPERATION_TEXTS = {
    "get": N_("Read the value of a key."),
    "put": N_("Write the value of a key."),
    "cas": N_("Compare and set: write a value only if the key has the expected one."),
    "delete": N_("Remove a key."),
}

Stored = str | int | None


@value
class Operation:
    """What a client asks for. `value` and `expect` are None where the operation has none."""

    name: str
    key: str
    value: Stored = None
    expect: Stored = None


@value
class Command:
    """An operation as it stands in a log: with the client that asked for it and its serial number there."""

    name: str
    key: str
    value: Stored
    expect: Stored
    client: str
    serial: int


Data = Mapping[str, Stored]
Session = tuple[int, Any]


def parse_operation(data: Mapping[str, Any]) -> Operation:
    """Makes an operation of plain data. Raises Refused."""
    name = data.get("name")
    args = OPERATIONS.get(name) if isinstance(name, str) else None
    if args is None:
        raise Refused("unknown_operation", N_("There is no operation {name}."), name=str(name)[:KEY_MAX])
    key = data.get("key")
    if not isinstance(key, str) or not 0 < len(key) <= KEY_MAX:
        raise Refused("bad_key", N_("A key has 1 to {most} characters."), most=KEY_MAX)
    for field in data:
        if field != "name" and field not in args and data[field] is not None:
            raise Refused("bad_operation", N_("{name} takes no {field}."), name=name, field=str(field)[:KEY_MAX])
    for field in ("value", "expect"):
        given = data.get(field)
        short = isinstance(given, str) and len(given) <= VALUE_MAX
        if not (given is None or short or (type(given) is int and abs(given) < 2**53)):
            raise Refused("bad_value", N_("A value is a number or at most {most} characters."), most=VALUE_MAX)
    if "value" in args and data.get("value") is None:
        raise Refused("bad_value", N_("{name} needs a value."), name=name)
    return Operation(str(name), key, data.get("value"), data.get("expect"))


def apply(data: Data, command: Command) -> tuple[Data, Any]:
    """The store after the command, and the answer: the value read, or whether something was written."""
    match command.name:
        case "get":
            return data, data.get(command.key)
        case "put":
            return {**data, command.key: command.value}, True
        case "cas":
            if data.get(command.key) != command.expect:
                return data, False
            return {**data, command.key: command.value}, True
        case _:
            if command.key not in data:
                return data, False
            return {key: stored for key, stored in data.items() if key != command.key}, True
