"""What must be kept of a room so that it can be brought back exactly, as rows: all of it at first, then what has changed.

A journal remembers what it gave out last. `Journal.changes` costs microseconds where nothing has changed, so it is asked after
everything that happens to a room, and before anybody is shown what came of it: whoever keeps the rows first and shows
afterwards never shows what could be lost.

The rows are plain data, and they are inputs only: commands, names, places. `tree_data` makes a tree of them, from which the
room grows again (`growing`), and `revive` gives it back what follows from no run: who was there, and what they were told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..simulation import N_
from ..simulation.history import encode
from .branches import Branch
from .frames import Until
from .pair import Pair
from .room import Room
from .telling import Shown
from .tree import FORMAT, tree_of

Row = dict[str, Any]
Changes = dict[str, Any]
"""`room` (once), `position`, `branches` (new ones), `moves` (of known ones), `gone`, `commands`, `people`, `forgotten`."""

STANDS_STILL = N_("This room has come back from the disk as it was, and stands still until somebody lets it play.")
FACTS = ("people", "controls", "branches", "lesson", "challenge", "scenario", "warnings", "parts", "stopped")
"""What is told anew by the first update after a room has come back."""


class Journal:
    """What has been given out of one room."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._made = False
        self._position: tuple[Any, ...] = ()
        self._branches: dict[int, tuple[tuple[Any, ...], tuple[Any, ...]]] = {}
        """For each branch what it began as, and where it was."""
        self._given: dict[int, int] = {}
        """How many of its own commands."""
        self._people: dict[str, Row] = {}
        self._people_version = -1

    def changes(self) -> Changes | None:
        """The rows that have changed since it was asked last; None where none have."""
        found: Changes = {}
        self._look_at_branches(found)
        self._look_at_people(found)
        position = self._position_now()
        if position != self._position or found:
            self._position = position
            found["position"] = self._position_row()
        if not self._made:
            self._made = True
            found["room"] = _room_row(self.room)
        return found or None

    def _position_now(self) -> tuple[Any, ...]:
        show, teller, people = self.room.show, self.room.teller, self.room.people
        return (
            self.room.epoch, teller.updates.seq, teller.told, show.branch.id, show.playing, show.pace.ratio, show.until,
            show.unseen, _place(self.room), people.controls, people.count_ever, bool(self.room.stopped),
            show.branches.next_id, len(self.room.remarks),
        )  # fmt: skip

    def _position_row(self) -> Row:
        show, teller, people = self.room.show, self.room.teller, self.room.people
        shown = show.shown().as_dict()
        return {
            "epoch": self.room.epoch, "seq": teller.updates.seq, "told_json": encode(teller.told.as_dict()),
            "shown": show.branch.id, "next_id": show.branches.next_id, "playing": show.playing,
            "ratio": show.pace.ratio, "remarks_json": encode(self.room.remarks),
            "until_json": shown["until"] and encode(shown["until"]), "unseen": show.unseen,
            "place_json": encode(_place(self.room)), "controls": people.controls, "persons": people.count_ever,
            "stopped_json": self.room.stopped and encode(self.room.stopped),
        }  # fmt: skip

    def _look_at_branches(self, found: Changes) -> None:
        branches = self.room.show.branches.all
        there = {branch.id for branch in branches}
        gone = [id for id in self._branches if id not in there]
        for rank, branch in enumerate(branches):
            begun, moment = _begun(branch), (rank, *_moment(branch))
            known = self._branches.get(branch.id)
            if known is None or known[0] != begun:
                if known is not None:
                    gone.append(branch.id)
                found.setdefault("branches", []).append(_branch_row(branch, rank))
                self._given[branch.id] = 0
            elif known[1] != moment:
                found.setdefault("moves", []).append(_move_row(branch, rank))
            self._branches[branch.id] = (begun, moment)
            self._look_at_commands(branch, found)
        if gone:
            found["gone"] = gone
            for id in gone:
                if id not in there:
                    del self._branches[id], self._given[id]

    def _look_at_commands(self, branch: Branch, found: Changes) -> None:
        known, given = self._given[branch.id], branch.run.given
        for number in range(known, len(given) - branch.given_before):
            told = given[branch.given_before + number]
            found.setdefault("commands", []).append({
                "branch": branch.id, "number": number, "time": told.time, "place": told.place, "by": told.by,
                "command_json": encode(told.as_dict()["command"]),
            })  # fmt: skip
        self._given[branch.id] = len(given) - branch.given_before

    def _look_at_people(self, found: Changes) -> None:
        people = self.room.people
        if people.version == self._people_version:
            return
        self._people_version = people.version
        now: dict[str, Row] = {}
        for person in people.persons.values():
            if person.token:  # nobody else can come back
                row = {
                    "id": person.id, "token": person.token, "name": person.name, "presents": person.presents,
                    "seen": person.seen,
                }  # fmt: skip
                now[person.id] = row
                if self._people.get(person.id) != row:
                    found.setdefault("people", []).append(row)
        if forgotten := [id for id in self._people if id not in now]:
            found["forgotten"] = forgotten
        self._people = now


def _place(room: Room) -> dict[str, Any]:
    show = room.show
    if show.guide is not None:
        return show.guide.kept()
    return show.contest.kept() if show.contest is not None else {}


def _room_row(room: Room) -> Row:
    tree = tree_of(room, digests=False)
    return {
        "protocol": room.protocol.name, "title": room.title, "maker": room.maker, "origin": tree.origin,
        "origin_name": tree.origin_name, "setup_json": encode(tree.as_dict()["setup"]),
        "found_json": None if room.found is None else encode(room.found), "note": room.note, "brief": room.brief,
        "pair_json": encode(room.ensemble.as_dict()) if isinstance(room.ensemble, Pair) else None,
        "end_time": room.show.end,
    }  # fmt: skip


def _begun(branch: Branch) -> tuple[Any, ...]:
    return (branch.parent.id if branch.parent else None, branch.forked_at, branch.forked_time, branch.given_before)


def _moment(branch: Branch) -> tuple[Any, ...]:
    return (branch.name, branch.head, branch.run.now, branch.cursor, branch.now, len(branch.run.script))


def _move_row(branch: Branch, rank: int) -> Row:
    return {
        "id": branch.id, "rank": rank, "name": branch.name, "head": branch.head, "time": branch.run.now,
        "cursor": branch.cursor, "shown_time": branch.now, "script_left": len(branch.run.script),
    }  # fmt: skip


def _branch_row(branch: Branch, rank: int) -> Row:
    return {
        **_move_row(branch, rank), "parent": branch.parent.id if branch.parent else None, "forked_at": branch.forked_at,
        "forked_time": branch.forked_time,
        "script_json": encode([given.as_dict() for given in reversed(branch.run.script)]),
    }  # fmt: skip


def together(room: Room) -> tuple[Room, ...]:
    """The rooms whose changes are kept in one piece with this one's; none where this one is not kept."""
    if room.ensemble is None:
        return (room,)
    return room.ensemble.rooms if isinstance(room.ensemble, Pair) else ()


# Back


def pair_told(rows: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was kept of the pair that a room is one of; None where it is alone."""
    text = rows["room"]["pair_json"]
    return None if text is None else dict(json.loads(text))


def tree_data(rows: Mapping[str, Any]) -> dict[str, Any]:
    """The tree, as plain data, of what was kept: `room`, `position`, `branches`, `commands`, each in the order of its keys.
    Raises ValueError and KeyError where the rows are none of ours.
    """
    room, position = rows["room"], rows["position"]
    given: dict[int, list[Row]] = {row["id"]: [] for row in rows["branches"]}
    for row in rows["commands"]:
        given[row["branch"]].append({
            "time": row["time"], "place": row["place"], "by": row["by"], "command": json.loads(row["command_json"]),
        })  # fmt: skip
    names = ("id", "name", "parent", "forked_at", "forked_time", "head", "time", "cursor", "shown_time")
    branches = []
    for row in rows["branches"]:
        script = json.loads(row["script_json"])
        left = script[len(script) - row["script_left"] :]
        branches.append({**{name: row[name] for name in names}, "commands": given[row["id"]] + left})
    return {
        "format": FORMAT, "setup": json.loads(room["setup_json"]), "origin": room["origin"],
        "origin_name": room["origin_name"], "branches": branches, "shown": position["shown"],
        "ratio": position["ratio"], "place": json.loads(position["place_json"]), "next_id": position["next_id"],
    }  # fmt: skip


def revive(room: Room, rows: Mapping[str, Any]) -> None:
    """Gives a room that has grown from its tree what follows from no run: the people, and what they were told last. The next
    update has the number after the last one that was kept, and tells all facts anew.

    It stands still, and says so where it was playing: who comes back first need not be who let it run. Only what is embedded
    plays on, as its reader may have no button for it.
    """
    position, show = rows["position"], room.show
    room.note, room.brief = rows["room"]["note"], rows["room"]["brief"]
    if room.brief:
        show.playing, show.until = position["playing"], _until(position["until_json"])
    elif position["playing"]:
        show.news.notice("stands_still", STANDS_STILL)
    show.unseen = position["unseen"]
    show.end = rows["room"]["end_time"]
    if rows["room"]["found_json"] is not None:
        room.found = json.loads(rows["room"]["found_json"])
    if position["stopped_json"] is not None:
        room.stopped = json.loads(position["stopped_json"])
    room.remarks = json.loads(position["remarks_json"])
    room.people.remember(rows["people"], position["controls"], position["persons"])
    room.visited = True
    told = json.loads(position["told_json"])
    until = told.pop("until")
    room.teller.begin(Shown(**told, until=None if until is None else _until(encode(until))))
    room.teller.updates.seq = position["seq"]
    show.news.changed.update(FACTS)


def _until(text: str | None) -> Until | None:
    if text is None:
        return None
    told = json.loads(text)
    return Until(told["kind"], told.get("type"), told.get("time"))
