"""People in a room: who is there, who presents, who has the controls.

A person is known by a token (the shell keeps it in a signed cookie) and may look through several connections, each with
a viewer id of the shell's own; to the others there is one person, with an id made here (v1, v2, ...) that stays the same
when he comes back. Who has no token is one person a connection. The room's maker is its presenter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..simulation import N_, Refused
from ..simulation.events import NOT_PEOPLE
from .limits import Limits
from .names import folded

ALL = "all"
PRESENTER = "presenter"
VIEWER = "viewer"
NAMELESS = "viewer:"
"""How the key of a person without a token begins."""

RESERVED_NAMES = frozenset((*NOT_PEOPLE, "fuzzer", "script"))
"""What recordings say of commands that no person gave: of a scenario, a lesson, a search and a file of commands. A person of
that name would pass for one of them: a fork keeps what the scenario was still to do, and leaves out what people did.
"""


def is_reserved(name: str) -> bool:
    """Whether a name is one of those, or is read as one of them."""
    return folded(name) in RESERVED_NAMES


class Bucket:
    """So many at once, and so many a second; time is handed in (µs, since any moment)."""

    __slots__ = ("_at_us", "_cost_us", "_left_us", "_most_us")

    def __init__(self, per_second: int, at_once: int, now_us: int) -> None:
        self._cost_us = 1_000_000 // per_second
        self._most_us = at_once * self._cost_us
        self._left_us = self._most_us
        self._at_us = now_us

    def take(self, now_us: int) -> bool:
        """One more, if there is one left."""
        self._left_us = min(self._most_us, self._left_us + now_us - self._at_us)
        self._at_us = now_us
        if self._left_us < self._cost_us:
            return False
        self._left_us -= self._cost_us
        return True


@dataclass
class Person:
    """Somebody in a room. `viewers` are the connections he looks through; with none he has left."""

    id: str
    key: str
    name: str
    presents: bool
    viewers: list[str] = field(default_factory=list)
    seen: int = 0
    """Of all comings here, the number of his last."""

    @property
    def token(self) -> str:
        """The token by which he is known, or none."""
        return "" if self.key.startswith(NAMELESS) else self.key


class People:
    """All persons of one room."""

    def __init__(self, limits: Limits, maker: str) -> None:
        self.limits = limits
        self.maker = maker
        self.controls = PRESENTER if maker else ALL
        """"all", "presenter", or the id of one person who has the controls beside the presenter."""
        self.persons: dict[str, Person] = {}
        """By key, in the order of their first coming; those who left are remembered, the longest gone forgotten first."""
        self.by_viewer: dict[str, Person] = {}
        self._acts: dict[str, Bucket] = {}
        self._asks: dict[str, Bucket] = {}
        self.count_ever = 0
        """How many persons have ever come."""
        self.version = 0
        """Goes up whenever somebody comes, is called something else, or is forgotten."""
        self._comings = 0
        self._now_us = 0
        """Wall time that has passed here."""

    @property
    def viewers(self) -> int:
        """How many connections look at the room."""
        return len(self.by_viewer)

    def come(self, viewer: str, token: str, name: str) -> Person:
        """A connection arrives. Raises Refused where the room is full; its presenter always gets in."""
        self.version += 1
        if viewer in self.by_viewer:
            person = self.by_viewer[viewer]
        else:
            presents = bool(token) and token == self.maker
            if self.viewers >= self.limits.viewers_per_room_max and not presents:
                raise Refused("room_full", N_("This room is full: {most} people are in it."),
                              most=self.limits.viewers_per_room_max)  # fmt: skip
            key = token or f"{NAMELESS}{viewer}"
            person = self.persons.pop(key) if key in self.persons else self._new(key, presents)
            self.persons[key] = person  # now the one seen last
            self._comings += 1
            person.seen = self._comings
            person.viewers.append(viewer)
            self.by_viewer[viewer] = person
            self._acts[viewer] = Bucket(self.limits.acts_per_second_max, self.limits.acts_at_once_max, self._now_us)
            self._asks[viewer] = Bucket(self.limits.asks_per_second_max, self.limits.asks_at_once_max, self._now_us)
        if name and not is_reserved(name):
            person.name = name[: self.limits.name_max_characters]
        return person

    def rename(self, person: Person, name: str) -> None:
        """Gives a person another name. Raises Refused for one that would pass for no person's."""
        if is_reserved(name):
            raise Refused("name_taken", N_("Nobody can be called {name}: it has a meaning here."), name=name)
        person.name = name[: self.limits.name_max_characters]
        self.version += 1

    def remember(self, rows: Iterable[Mapping[str, Any]], controls: str, count_ever: int) -> None:
        """Those who were here before the room came back (`id`, `token`, `name`, `presents`, `seen`); none is here now."""
        for row in sorted(rows, key=lambda row: int(row["seen"])):
            name = (
                f"#{row['id'][1:]}" if is_reserved(row["name"]) else row["name"]
            )  # it was saved before that was refused
            self.persons[row["token"]] = Person(row["id"], row["token"], name, row["presents"], [], row["seen"])
            self._comings = row["seen"]
        self.controls, self.count_ever = controls, count_ever
        self.version += 1

    def _new(self, key: str, presents: bool) -> Person:
        self.count_ever += 1
        self._forget_some()
        return Person(f"v{self.count_ever}", key, f"#{self.count_ever}", presents)

    def _forget_some(self) -> None:
        excess = len(self.persons) - self.viewers - self.limits.people_remembered_max
        if excess >= 0:
            gone = [p for p in self.persons.values() if not p.viewers and not p.presents]
            for person in gone[: excess + 1]:
                del self.persons[person.key]

    def go(self, viewer: str) -> bool:
        """A connection has ended. Whether its person left with it."""
        person = self.by_viewer.pop(viewer, None)
        if person is None:
            return False
        person.viewers.remove(viewer)
        self._acts.pop(viewer, None)
        self._asks.pop(viewer, None)
        if not person.viewers and person.key.startswith(NAMELESS):
            del self.persons[person.key]  # nobody can come back as a connection that has ended
        return not person.viewers

    def person(self, viewer: str) -> Person:
        """Who looks through a connection. Raises Refused for one that has not joined."""
        person = self.by_viewer.get(viewer)
        if person is None:
            raise Refused("not_joined", N_("Join the room first."))
        return person

    # Controls

    def may_control(self, person: Person) -> bool:
        """Whether a person may change what all see."""
        return person.presents or self.controls in (ALL, person.id)

    def require_controls(self, viewer: str) -> Person:
        """Who acts. Raises Refused where he has not the controls, or acts faster than anybody can."""
        person = self.person(viewer)
        if not self.may_control(person):
            raise Refused("no_controls", N_("You are watching: the presenter has the controls."))
        if not self._acts[viewer].take(self._now_us):
            raise Refused("too_fast", N_("Too many commands at once: at most {most} a second."),
                          most=self.limits.acts_per_second_max)  # fmt: skip
        return person

    def require_turn(self, viewer: str) -> Person:
        """Who asks to be told something. Raises Refused where he asks too often."""
        person = self.person(viewer)
        if not self._asks[viewer].take(self._now_us):
            raise Refused("too_fast", N_("Too many requests at once: at most {most} a second."),
                          most=self.limits.asks_per_second_max)  # fmt: skip
        return person

    def hand(self, viewer: str, to: str) -> None:
        """The presenter hands the controls to all, to one, or takes them back. Raises Refused."""
        if not self.person(viewer).presents:
            raise Refused("not_presenter", N_("Only the presenter hands the controls on."))
        if to not in (ALL, PRESENTER):
            known = next((p for p in self.by_viewer.values() if p.id == to), None)
            if known is None:
                raise Refused("unknown_viewer", N_("Nobody with that name is in the room."))
            to = PRESENTER if known.presents else to
        self.controls = to

    def time_passes(self, elapsed_us: int) -> None:
        """Wall time has passed (µs) for all."""
        self._now_us += elapsed_us

    # Told

    def tell(self, person: Person) -> dict[str, Any]:
        """A person as all are told of."""
        return {
            "id": person.id, "name": person.name, "role": PRESENTER if person.presents else VIEWER,
            "may_control": self.may_control(person),
        }  # fmt: skip

    def present(self) -> list[Person]:
        """Who is there: the presenter first, then who has the controls, then the others as they came."""
        there = [p for p in self.persons.values() if p.viewers]
        return sorted(there, key=lambda p: (not p.presents, p.id != self.controls, int(p.id[1:])))

    def told(self) -> list[dict[str, Any]]:
        """As many of them as are named to all."""
        return [self.tell(person) for person in self.present()[: self.limits.people_told_max]]

    def count(self) -> int:
        """How many persons are there."""
        return sum(1 for p in self.persons.values() if p.viewers)
