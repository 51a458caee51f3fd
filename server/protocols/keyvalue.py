"""A replicated key-value store with client sessions, for every protocol that replicates a log.

Operations are `get`, `put`, `cas` (compare and set) and `delete`; and what makes a store into a service: `add` for a
counter, `acquire` and `release` for a lock, which its holder alone can give back, `push` and `pop` for a queue of jobs.
A key holds a text, a number or a queue; an operation on a key that holds something else changes nothing.

A session remembers, for each client, the serial number of its last operation and the answer to it, so an operation that
a client sends again is answered again and not applied again (Ongaro, Consensus: Bridging Theory and Practice, 2014,
section 6.3; here a client has one operation under way at a time, so the last answer is enough, and sessions never
expire).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..simulation import N_, Refused, value
from .forms import Offer

KEY_MAX = 16
VALUE_MAX = 64
KEY, KEY_VALUE = ("key",), ("key", "value")
OFFERS = {
    "get": Offer(N_("Read"), N_("Read the value of a key."), KEY),
    "put": Offer(N_("Write"), N_("Write the value of a key."), KEY_VALUE),
    "cas": Offer(
        N_("Compare and set"), N_("Compare and set: write a value only if the key has the expected one."),
        ("key", "expect", "value"),
    ),
    "delete": Offer(N_("Delete"), N_("Remove a key."), KEY),
    "add": Offer(N_("Count"), N_("Add to a counter, which begins at 0, and read it."), KEY_VALUE),
    "acquire": Offer(N_("Take a lock"), N_("Take a lock, if nobody else holds it."), KEY),
    "release": Offer(N_("Give a lock back"), N_("Give a lock back, if this client holds it."), KEY),
    "push": Offer(N_("Queue a job"), N_("Put a job at the end of a queue."), KEY_VALUE),
    "pop": Offer(N_("Take a job"), N_("Take the first job of a queue."), KEY),
}  # fmt: skip
"""What clients may ask of a store, for `Protocol.operations`."""
JOBS_MAX = 64
"""How many jobs wait in a queue."""

Scalar = str | int | None
Stored = Scalar | tuple[Scalar, ...]


@value
class Operation:
    """What a client asks for. `value` and `expect` are None where the operation has none."""

    name: str
    key: str
    value: Scalar = None
    expect: Scalar = None


@value
class Command:
    """An operation as it stands in a log: with the client that asked for it and its serial number there."""

    name: str
    key: str
    value: Scalar
    expect: Scalar
    client: str
    serial: int


Data = Mapping[str, Stored]
Session = tuple[int, Any]


def parse_operation(data: Mapping[str, Any]) -> Operation:
    """Makes an operation of plain data. Raises Refused."""
    name = data.get("name")
    offer = OFFERS.get(name) if isinstance(name, str) else None
    if offer is None:
        raise Refused("unknown_operation", N_("There is no operation {name}."), name=str(name)[:KEY_MAX])
    key = data.get("key")
    if not isinstance(key, str) or not 0 < len(key) <= KEY_MAX:
        raise Refused("bad_key", N_("A key has 1 to {most} characters."), most=KEY_MAX)
    for field in data:
        if field != "name" and field not in offer.args and data[field] is not None:
            raise Refused("bad_operation", N_("{name} takes no {field}."), name=name, field=str(field)[:KEY_MAX])
    for field in ("value", "expect"):
        given = data.get(field)
        short = isinstance(given, str) and len(given) <= VALUE_MAX
        if not (given is None or short or (type(given) is int and abs(given) < 2**53)):
            raise Refused("bad_value", N_("A value is a number or at most {most} characters."), most=VALUE_MAX)
    if "value" in offer.args and data.get("value") is None:
        raise Refused("bad_value", N_("{name} needs a value."), name=name)
    if name == "add" and type(data["value"]) is not int:
        raise Refused("bad_value", N_("{name} needs a number."), name=name)
    return Operation(str(name), key, data.get("value"), data.get("expect"))


def apply(data: Data, command: Command) -> tuple[Data, Any]:
    """The store after the command, and the answer: the value read, or whether something was written.

    `add` answers with the sum, `push` with the number of jobs waiting, `pop` with the job; each with None where it could
    do nothing.
    """
    match command.name:
        case "get":
            return data, data.get(command.key)
        case "put":
            return {**data, command.key: command.value}, True
        case "cas":
            if data.get(command.key) != command.expect:
                return data, False
            return {**data, command.key: command.value}, True
        case "delete":
            return _without(data, command.key), command.key in data
        case "acquire" | "release":
            return _lock(data, command)
        case "add":
            count = data.get(command.key, 0)
            if type(count) is not int or type(command.value) is not int:
                return data, None
            return {**data, command.key: count + command.value}, count + command.value
        case _:
            return _queue(data, command)


def _without(data: Data, key: str) -> Data:
    return {other: stored for other, stored in data.items() if other != key} if key in data else data


def _lock(data: Data, command: Command) -> tuple[Data, bool]:
    """A lock is a key with its holder's name; to take it twice is to have it."""
    holder = data.get(command.key)
    if command.name == "acquire":
        if holder is not None:
            return data, holder == command.client
        return {**data, command.key: command.client}, True
    if holder != command.client:
        return data, False
    return _without(data, command.key), True


def _queue(data: Data, command: Command) -> tuple[Data, Scalar]:
    """A queue is a key with the jobs that wait, the oldest first; an empty one is no key."""
    jobs = data.get(command.key, ())
    if not isinstance(jobs, tuple):
        return data, None
    if command.name == "push":
        if len(jobs) >= JOBS_MAX:
            return data, None
        return {**data, command.key: (*jobs, command.value)}, len(jobs) + 1
    if not jobs:
        return data, None
    rest = {**data, command.key: jobs[1:]} if len(jobs) > 1 else _without(data, command.key)
    return rest, jobs[0]
