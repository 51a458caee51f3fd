"""The browser's reducer, in Python: one event applied to a world of plain data, forward and backward.

It knows the contract of the wire alone and nothing of the simulator, so that the two are held together.
"""

from __future__ import annotations

import json
from typing import Any, TypeGuard

from server.simulation import encode

World = dict[str, Any]
Event = dict[str, Any]


def as_told(data: Any) -> Any:
    """The data as a browser gets it: through JSON, and nobody else's."""
    return json.loads(encode(data))


def is_window(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value of a field is a log, of which the last entries are told."""
    return isinstance(value, dict) and value.get("log") is True and "from" in value


def apply(world: World, event: Event) -> None:
    """Takes the world from before the event to after it."""
    for change in event.get("changes", ()):
        _change(world, change, forward=True)
    if "message" in event:
        del world["flights"][str(event["message"]["id"])]
    for flight in event.get("sent", ()):
        world["flights"][str(flight["id"])] = flight
    world["seq"], world["time"] = event["seq"], event["time"]


def unapply(world: World, event: Event, time: int) -> None:
    """Takes the world from after the event to before it; `time` is that of the event before (µs)."""
    for flight in event.get("sent", ()):
        del world["flights"][str(flight["id"])]
    if "message" in event:
        world["flights"][str(event["message"]["id"])] = event["message"]
    for change in reversed(event.get("changes", ())):
        _change(world, change, forward=False)
    world["seq"], world["time"] = event["seq"] - 1, time


def _change(world: World, change: list[Any], *, forward: bool) -> None:
    kind, *rest = change
    if kind == "log":
        host, field, keep, cut, add = rest
        state = world["hosts"][host]["state"]
        state[field] = _log(state[field], keep, add if forward else cut)
        return
    value = rest[-1] if forward else rest[-2]
    if kind == "state":
        world["hosts"][rest[0]]["state"][rest[1]] = value
    elif kind == "timer":
        _put(world["hosts"][rest[0]]["timers"], rest[1], value)
    elif kind == "host":
        world["hosts"][rest[0]][rest[1]] = value
    elif kind == "link":
        _put(world["links"], rest[0], value)
    elif kind == "groups":
        world["groups"] = value
    elif kind == "rule":
        world["rules"][rest[0]] = value
    elif kind == "flight":
        _put(world["flights"], str(rest[0]), value)
    else:
        raise ValueError(f"a change of a kind that is not known: {kind}")


def _put(table: dict[str, Any], key: str, value: Any) -> None:
    """Sets an entry, or takes it away where the value is None."""
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _log(window: dict[str, Any], keep: int, add: list[Any]) -> dict[str, Any]:
    """A log of which the first `keep` entries stay and `add` follows. What was known of it stays known."""
    start = min(window["from"], keep)
    items = window["items"][: keep - window["from"]] if keep > window["from"] else []
    return {**window, "length": keep + len(add), "from": start, "items": [*items, *add]}


def comparable(mine: World, other: World) -> tuple[World, World]:
    """Two worlds in which each log has only the entries that both know; lengths stay as they are.

    The given ones stay as they are; of what is no log nothing is copied, for this is done with every update of every test.
    """
    mine, other = _to_be_cut(mine), _to_be_cut(other)
    for name, host in mine["hosts"].items():
        for field, log in host["state"].items():
            twin = other["hosts"][name]["state"][field]
            if is_window(log) and is_window(twin):
                start = max(log["from"], twin["from"])
                host["state"][field] = _from(log, start)
                other["hosts"][name]["state"][field] = _from(twin, start)
    return mine, other


def _to_be_cut(world: World) -> World:
    """The same world with states of its own, in which each log is told."""
    hosts = {
        name: {**host, "state": {field: _told(value) for field, value in host["state"].items()}}
        for name, host in world["hosts"].items()
    }
    return {**world, "hosts": hosts}


def _told(value: Any) -> Any:
    """The value of a field as a browser gets it, where it is not of JSON already."""
    return value if value is None or isinstance(value, (str, int, float, list, dict)) else as_told(value)


def _from(window: dict[str, Any], start: int) -> dict[str, Any]:
    """What is left of a log from an entry on."""
    return {**window, "from": start, "items": window["items"][start - window["from"] :]}
