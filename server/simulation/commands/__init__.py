"""Commands: all that a person can do to a run.

A command is a value. Menu, key, drag, lesson and file make the same ones, and a recording keeps them. `check` raises
`Refused` when it can't be done now, so that an impossible act is answered, changes nothing and is not recorded; `refusal`
asks the same without acting, so that it can be greyed beforehand. `apply` is called after a successful check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from ..texts import N_, Refused
from .base import Command, refusal
from .hosts import Crash, FireTimer, Pause, Restart, Resume, SetClock
from .links import Heal, HoldLink, Partition, ReleaseLink, SetLink
from .messages import Delay, DeliverNow, Drop, Duplicate
from .requests import REQUESTS_WAITING_MAX, Request, SwitchRule

COMMANDS: dict[str, Any] = {
    c.type: c
    for c in (
        Crash, Restart, Pause, Resume, SetLink, Partition, Heal, Drop, Duplicate, Delay, DeliverNow, HoldLink,
        ReleaseLink, SetClock, FireTimer, Request, SwitchRule,
    )
}  # fmt: skip

_KINDS: dict[str, tuple[type, ...]] = {
    "bool": (bool,), "int": (int,), "str": (str,),
    "bool | None": (bool, type(None)), "int | None": (int, type(None)), "str | None": (str, type(None)),
}  # fmt: skip


def command_from(data: Mapping[str, Any], parse_operation: Any) -> Command:
    """Makes a command of plain data, `{"type": ..., ...}`. Raises Refused where it is none.

    `parse_operation` makes a client's operation of plain data; it comes from the protocol.
    """
    cls = COMMANDS.get(str(data.get("type")))
    if cls is None:
        raise Refused("unknown_command", N_("There is no command {type}."), type=str(data.get("type"))[:40])
    given = {k: v for k, v in data.items() if k != "type"}
    names = {f.name: str(f.type) for f in fields(cls)}
    for name in given:
        if name not in names:
            raise Refused("bad_command", N_("The command {type} has no {field}."), type=cls.type, field=str(name)[:40])
    for f in fields(cls):
        if f.name not in given and f.default is MISSING:
            raise Refused("bad_command", N_("The command {type} lacks its {field}."), type=cls.type, field=f.name)
    if cls is Partition:
        given["groups"] = _groups(given["groups"])
    elif cls is Request:
        if not isinstance(given["operation"], Mapping):
            raise _wrong_kind(cls, "operation")
        given["operation"] = parse_operation(given["operation"])
    for name, kind in names.items():
        kinds = _KINDS.get(kind)
        if kinds and name in given and (type(given[name]) not in kinds):
            raise _wrong_kind(cls, name)
    command: Command = cls(**given)
    return command


def _wrong_kind(cls: type[Command], name: str) -> Refused:
    return Refused("bad_command", N_("The {field} of a {type} is of the wrong kind."), type=cls.type, field=name)


def _groups(groups: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(groups, list | tuple) or not all(
        isinstance(g, list | tuple) and all(isinstance(name, str) for name in g) for g in groups
    ):
        raise Refused("bad_command", N_("The groups of a partition are lists of hosts."))
    return tuple(tuple(g) for g in groups)


def command_as_dict(command: Command) -> dict[str, Any]:
    """The command as plain data; `command_from` gives it back."""
    data: dict[str, Any] = {"type": command.type}
    for f in fields(command):  # type: ignore[arg-type]
        given = getattr(command, f.name)
        if given is not None:
            data[f.name] = given
    return data


__all__ = [
    "COMMANDS",
    "REQUESTS_WAITING_MAX",
    "Command",
    "Crash",
    "Delay",
    "DeliverNow",
    "Drop",
    "Duplicate",
    "FireTimer",
    "Heal",
    "HoldLink",
    "Partition",
    "Pause",
    "ReleaseLink",
    "Request",
    "Restart",
    "Resume",
    "SetClock",
    "SetLink",
    "SwitchRule",
    "command_as_dict",
    "command_from",
    "refusal",
]  # fmt: skip
