"""What is told of a room beside the events of its run: all of it to whoever comes, and anew to all what has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from ..simulation import Link
from .branches import Branch
from .contest import CHALLENGE
from .roles import Person
from .telling import Shown

if TYPE_CHECKING:
    from .room import Room


def welcome(room: Room, person: Person) -> dict[str, Any]:
    """What somebody who comes needs to know, beside the world."""
    told, given = room.teller, room.show.branch.run.setup
    return {
        "room": room.name,
        "you": room.people.tell(person),
        "protocol": room.protocol.describe(),
        "setup": setup(room),
        "lesson": lesson(room),
        "challenge": challenge(room),
        "scenario": scenario(room, told.told_met),
        "warnings": warnings(room),
        "disclaimed": room.protocol.disclaimed(given.params),
        "refused": room.protocol.refused(given.params),
        "absent": room.protocol.absent(given),
        "stopped": room.stopped,
        "costs": costs(told.told_branch, told.told),
        "parts": room.told_parts,
        "found": room.found,
        "ensemble": [each.name for each in room.ensemble.rooms] if room.ensemble is not None else None,
    }


def facts(room: Room, shown: Shown) -> dict[str, Callable[[], Any]]:
    """By its name how each fact is told that may have changed."""
    show = room.show
    return {
        "parts": lambda: room.told_parts,
        "costs": lambda: costs(show.branch, shown),
        "people": room.people.told,
        "controls": lambda: room.people.controls,
        "branches": show.branches.as_list,
        "lesson": lambda: lesson(room),
        CHALLENGE: lambda: challenge(room),
        "scenario": lambda: scenario(room, show.branch.met),
        "stopped": lambda: room.stopped,
        "warnings": lambda: warnings(room),
    }


def setup(room: Room) -> dict[str, Any]:
    """How the run was set up, with all tunables."""
    given = room.show.branch.run.setup
    params = {name: p.default for name, p in room.protocol.program.params.items()} | dict(given.params)
    return {
        "protocol": given.protocol, "nodes": given.nodes, "clients": given.clients, "params": params,
        "rules": dict(given.rules), "seed": given.seed,
        "link": asdict(given.link), "usual_link": asdict(Link()),
    }  # fmt: skip


def warnings(room: Room) -> list[dict[str, Any]]:
    """What a person should know about the room, and about the dials as they stand now: the set-up's, on the slowest of
    the links.
    """
    run = room.show.branch.run
    links = [lane.link for host in run.cluster.hosts.values() for lane in host.lanes.values()]
    slowest = max(links, key=lambda link: link.high, default=run.setup.link)
    told = room.protocol.warnings(replace(run.setup, link=slowest))
    notes = [*room.remarks, *([{"text": room.note, "args": {}}] if room.note else [])]
    return [*notes, *({"text": text, "args": args} for text, args in told)]


def costs(branch: Branch, shown: Shown) -> dict[str, Any] | None:
    """What the run has cost up to the moment shown, where that is metered."""
    return branch.costs.at(shown.cursor, shown.now) if branch.costs is not None else None


def lesson(room: Room) -> dict[str, Any] | None:
    """The lesson, and where people stand in it."""
    return room.show.guide.as_dict() if room.show.guide else None


def challenge(room: Room) -> dict[str, Any] | None:
    """The challenge, and how far it has come on the branch that is shown."""
    return room.show.contest.as_dict(room.show.branch) if room.show.contest else None


def scenario(room: Room, met: bool | None) -> dict[str, Any] | None:
    """The scenario, and whether it came out as it tells."""
    found = room.show.scenario
    if found is None:
        return None
    return {"name": found.name, "title": found.title, "text": found.text, "outcome": found.outcome, "met": met}
