"""What the forms of a protocol are drawn from: the operations that clients are offered, and the groups of its tunables.

Declared, not programmed, like the view: the page knows the kinds of arguments and nothing of any operation. What the
tunables of a room forbid is said before it is asked for, with the reason that the node would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..simulation import N_, Setting

KINDS = ("text", "number", "node", "nodes")
"""What an argument is: what was typed, a whole number, the name of a node, or names of nodes with blanks between them."""

Never = Mapping[str, tuple[Setting, ...]]
"""Tunables, and how each is set where something never comes about; one of them is enough."""


def comes_about(never: Never, params: Mapping[str, Setting]) -> bool:
    """Whether it can come about with all these tunables."""
    return not any(params[name] in settings for name, settings in never.items())


@dataclass(frozen=True)
class Argument:
    """What an argument is called in a form (msgid), and what it is: one of `KINDS`."""

    label: str
    kind: str = "text"


@dataclass(frozen=True)
class Offer:
    """An operation that clients may ask for: its name for people, its arguments, its sentence."""

    title: str
    text: str
    args: tuple[str, ...] = ()
    never: Never | None = None
    """The tunables with which it is refused, whatever the cluster is doing."""
    reason: str = ""
    """Why it is refused then (msgid)."""


@dataclass(frozen=True)
class Group:
    """Tunables that stand together in a form, under a title (msgid)."""

    title: str
    params: tuple[str, ...]


GROUPED_FROM = 7
"""So many tunables need groups; fewer are seen at a glance."""
CLIENTS = Group(N_("Clients"), ("client_timeout", "client_attempts", "think_time"))
"""The tunables of every client with sessions."""


def grouped(groups: Iterable[Group], params: Iterable[str]) -> tuple[Group, ...]:
    """The groups with every tunable in one of them; what none names stands first, in one without a title.

    Raises ValueError where a group names what is no tunable, or what another one has named.
    """
    left = list(params)
    told = tuple(groups)
    for group in told:
        for name in group.params:
            if name not in left:
                raise ValueError(
                    f"the group {group.title} names {name}, which is no tunable or stands in another group"
                )
            left.remove(name)
    return (Group("", tuple(left)), *told) if left else told
