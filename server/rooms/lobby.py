"""The lobby: all rooms. It makes their names, keeps their number bounded, and closes those that nobody comes back to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..lessons import Challenge, Guide, Lesson, Scenario
from ..protocols import PROTOCOLS, Protocol
from ..protocols import protocol as protocol_named
from ..simulation import N_, Link, Recording, Refused, Run, Setting
from .branches import shared_past
from .ensemble import Ensemble
from .limits import Limits
from .pair import Pair, check_two
from .room import Room
from .tree import Tree

NODES, CLIENTS, SEED = 5, 1, 1


class Lobby:
    """All rooms of a server, by name. `make_id` makes a name that nobody can guess, of letters, digits, - and _."""

    def __init__(self, limits: Limits, make_id: Callable[[], str]) -> None:
        self.limits = limits
        self.make_id = make_id
        self.rooms: dict[str, Room] = {}

    @property
    def viewers(self) -> int:
        """How many connections look at rooms."""
        return sum(room.viewers for room in self.rooms.values())

    # Opening

    def open(
        self, *, protocol: str | None = None, nodes: int | None = None, clients: int | None = None,
        seed: int | None = None, params: Mapping[str, Setting] | None = None,
        rules: Mapping[str, bool] | None = None, link: Link | None = None, scenario: str | None = None,
        lesson: str | None = None, challenge: str | None = None, solved: bool = False, maker: str | None = None,
    ) -> Room:  # fmt: skip
        """Opens a room for a protocol, a scenario, a lesson or a challenge (`solved`: its solution is played); `maker` is
        the token of its presenter. Raises Refused.

        A scenario, a lesson and a challenge bring their own set-up; the other arguments are for a protocol.
        """
        maker = maker or ""
        self._make_place(maker)
        if scenario is not None:
            owner, found = find_scenario(scenario, protocol)
            run = owner.run(found.recording(owner.program))
            return self._add(lambda name, epoch: Room(
                name, epoch, owner, run, self.limits, maker=maker, scenario=found, open_copy=self.copy
            ))  # fmt: skip
        if lesson is not None:
            owner, told = find_lesson(lesson, protocol)
            run = owner.run(told.setup)
            return self._add(lambda name, epoch: Room(
                name, epoch, owner, run, self.limits, maker=maker, guide=Guide(told), open_copy=self.copy
            ))  # fmt: skip
        if challenge is not None:
            return self._open_challenge(*find_challenge(challenge, protocol), solved, maker)
        owner = protocol_named(protocol or "")
        recording = Recording(
            owner.name, nodes=NODES if nodes is None else nodes, clients=CLIENTS if clients is None else clients,
            params=dict(params or {}), rules={name: on for name, on in (rules or {}).items() if not on},
            seed=SEED if seed is None else seed, link=link or Link(),
        )  # fmt: skip
        run = owner.run(recording)
        return self._add(lambda name, epoch: Room(
            name, epoch, owner, run, self.limits, maker=maker, open_copy=self.copy
        ))  # fmt: skip

    def _open_challenge(self, owner: Protocol, challenge: Challenge, solved: bool, maker: str) -> Room:
        """Opens a room for a challenge. It stands still at the beginning, so that it can be read; a solution plays."""
        run = owner.run(challenge.solution(owner.program) if solved else challenge.setup)
        return self._add(lambda name, epoch: Room(
            name, epoch, owner, run, self.limits, maker=maker, challenge=challenge, open_copy=self.copy, playing=solved
        ))  # fmt: skip

    def open_ensemble(
        self, runs: Sequence[tuple[str, Protocol, Run]], end: int, maker: str | None = None, ratio: float | None = None
    ) -> list[Room]:  # fmt: skip
        """Opens rooms for runs, each with its label, that are watched side by side up to `end` (µs). Raises Refused."""
        for _ in runs:
            self._make_place(maker or "", len(runs))
        rooms = [
            self._add(lambda name, epoch, owner=owner, run=run: Room(  # type: ignore[misc]
                name, epoch, owner, run, self.limits, maker=maker or "", playing=False, ratio=ratio
            ))
            for _, owner, run in runs
        ]  # fmt: skip
        Ensemble(rooms, [label for label, _, _ in runs], end)
        return rooms

    def open_found(self, recording: Recording, found: Mapping[str, Any], maker: str | None) -> Room:
        """Opens a room for a run that a search has found, right before the event `found["seq"]`, with the story that is
        told of it. It stands still there. Raises Refused.
        """
        owner = protocol_named(recording.protocol)
        run = owner.run(recording)
        self._make_place(maker or "")
        while run.head < found["seq"] and run.step() is not None:
            pass
        return self._add(lambda name, epoch: Room(
            name, epoch, owner, run, self.limits, maker=maker or "", open_copy=self.copy, playing=False, found=found
        ))  # fmt: skip

    def plant(
        self, tree: Tree, maker: str | None = None, life: tuple[str, str] | None = None, *, brief: bool = False
    ) -> Room:  # fmt: skip
        """Opens a room for a tree, which has still to grow there (`Room.grow`) before anybody comes; `life` are its name and
        epoch, where it had these before; a `brief` one is closed soon after it was left. It stands still. Raises Refused.
        """
        maker = maker or ""
        if brief:
            self._make_brief_place()
        # One that was here comes back, whatever it holds.
        if life is None and tree.events > self.limits.events_kept_max:
            raise Refused("too_many_events", N_("A copy of so long a run does not fit into a room."))
        owner = protocol_named(tree.protocol)
        told = find_told(tree)
        if told.get("setup", tree.setup) != tree.setup:
            raise Refused("bad_recording", N_("This is no recording."))
        told.pop("setup", None)
        self._make_place(maker)
        run = owner.run(tree.setup.with_commands(tree.limbs[0].commands))
        room = self._add(lambda name, epoch: Room(
            name, epoch, owner, run, self.limits, maker=maker, open_copy=self.copy, playing=False, ratio=tree.ratio,
            growing=True, **told
        ), life)  # fmt: skip
        room.brief = brief
        return room

    def copy(self, room: Room, seq: int, maker: str | None) -> Room:
        """Opens a room that begins as `room` is after event `seq` of the branch it shows. It stands still there.
        Raises Refused.
        """
        branch = room.show.branch
        if not 0 <= seq <= branch.head:
            raise Refused("no_such_event", N_("There is no event {seq}."), seq=seq)
        if not maker:
            raise Refused("no_cookie", N_("A room of your own needs a cookie, by which you are known there."))
        if seq >= self.limits.events_kept_max:
            raise Refused("too_many_events", N_("A copy of so long a run does not fit into a room."))
        self._make_place(maker)
        run = branch.run.fork(seq)
        ratio = room.show.pace.ratio
        return self._add(lambda name, epoch: Room(
            name, epoch, room.protocol, run, self.limits, maker=maker, open_copy=self.copy, playing=False, ratio=ratio,
            note=_copied(room),
        ))  # fmt: skip

    def open_pair(self, room: Room, one: int, other: int, maker: str | None) -> list[Room]:
        """Opens rooms with copies of two branches of a room, side by side where they part. Raises Refused."""
        branches = [room.show.branches.branch(id) for id in (one, other)]
        check_two(*branches)
        if not maker:
            raise Refused("no_cookie", N_("A room of your own needs a cookie, by which you are known there."))
        if max(branch.head for branch in branches) >= self.limits.events_kept_max:
            raise Refused("too_many_events", N_("A copy of so long a run does not fit into a room."))
        for _ in branches:
            self._make_place(maker, len(branches))
        copies = [branch.run.fork(branch.head, branch.run.now, keep_script=True) for branch in branches]
        rooms = [
            self._add(lambda name, epoch, run=run: Room(  # type: ignore[misc]
                name, epoch, room.protocol, run, self.limits, maker=maker, playing=False, ratio=room.show.pace.ratio,
            ))
            for run in copies
        ]  # fmt: skip
        Pair(rooms, [branch.name for branch in branches], shared_past(*branches)).stand_where_they_part()
        return rooms

    def _add(self, make: Callable[[str, str], Room], life: tuple[str, str] | None = None) -> Room:
        name = life[0] if life else self.make_id()
        while life is None and name in self.rooms:
            name = self.make_id()
        room = self.rooms[name] = make(name, life[1] if life else self.make_id())
        room.open_pair = self.open_pair
        return room

    def room(self, name: str) -> Room:
        """The room of that name. Raises Refused."""
        room = self.rooms.get(name)
        if room is None:
            raise Refused("no_such_room", N_("There is no such room, or it was closed because nobody was in it."))
        return room

    # Closing

    def _make_place(self, maker: str, wanted: int = 1) -> None:
        """Sees that `wanted` more rooms may be opened, closing the one that has been empty longest. Raises Refused."""
        own = [room for room in self.rooms.values() if maker and room.maker == maker]
        if len(own) + wanted > self.limits.rooms_of_one_maker_max and not self._close_emptiest(own):
            raise Refused("too_many_rooms", N_("You have {most} rooms open: leave one of them first."),
                          most=self.limits.rooms_of_one_maker_max)  # fmt: skip
        if len(self.rooms) + wanted > self.limits.rooms_max and not self._close_emptiest(list(self.rooms.values())):
            raise Refused("too_many_rooms", N_("{most} rooms are open, and no more fit: come back later."),
                          most=self.limits.rooms_max)  # fmt: skip

    def _make_brief_place(self) -> None:
        """Sees that one more brief room may be opened: readers of other pages leave place for a class. Raises Refused."""
        brief = [room for room in self.rooms.values() if room.brief]
        if len(brief) >= self.limits.brief_rooms_max and not self._close_emptiest(brief):
            raise Refused("too_many_rooms", N_("Many people read this at this moment: try again in a minute."))

    def _close_emptiest(self, rooms: list[Room]) -> bool:
        """Closes the room that has been empty longest. Whether there was one."""
        empty = [room for room in rooms if not room.watched and (room.visited or room.idle_us)]
        if not empty:
            return False
        self.close(max(empty, key=lambda room: room.idle_us).name)
        return True

    def close(self, name: str) -> None:
        """Forgets a room, and those that share its clock: none of them could go on without it."""
        room = self.rooms.pop(name, None)
        if room is not None and room.ensemble is not None:
            for each in room.ensemble.rooms:
                self.rooms.pop(each.name, None)

    def sweep(self, elapsed_us: int) -> list[str]:
        """Time has passed (µs): closes rooms that have been empty too long, and, where all rooms together keep too many
        events, empty ones before their time. Returns the names of those closed.
        """
        closed = []
        for room in list(self.rooms.values()):
            room.idle_us = 0 if room.watched else room.idle_us + elapsed_us
            longest = self.limits.brief_room_max_us if room.brief else self.limits.idle_room_max_us
            if room.idle_us > (longest if room.visited else self.limits.new_room_max_us):
                closed.append(room.name)
        for name in closed:
            self.close(name)
        return closed + self._share_memory()

    def _share_memory(self) -> list[str]:
        """Closes empty rooms, and bounds all others, where they keep too many events together. Names of those closed."""
        most = self.limits.events_kept_all_max
        kept = {room.name: room.show.branches.events_kept for room in self.rooms.values()}
        total = sum(kept.values())
        closed = []
        for room in sorted(self.rooms.values(), key=lambda r: -r.idle_us):
            if total <= most or room.watched:
                break
            total -= kept[room.name]
            closed.append(room.name)
            self.close(room.name)
        share = self.limits.events_kept_max
        if total > most:
            share = min(share, max(self.limits.events_share_low, most // len(self.rooms)))
        for room in self.rooms.values():
            room.show.events_max = share
        return closed


def find_scenario(name: str, protocol: str | None = None) -> tuple[Protocol, Scenario]:
    """A scenario, and the protocol that it is of. Raises Refused."""
    for owner in PROTOCOLS.values():
        if protocol in (None, owner.name):
            for scenario in owner.scenarios():
                if scenario.name == name:
                    return owner, scenario
    raise Refused("unknown_scenario", N_("There is no scenario {name}."), name=name[:40])


def find_lesson(name: str, protocol: str | None = None) -> tuple[Protocol, Lesson]:
    """A lesson, and the protocol that it is of. Raises Refused."""
    for owner in PROTOCOLS.values():
        if protocol in (None, owner.name):
            for lesson in owner.lessons():
                if lesson.name == name:
                    return owner, lesson
    raise Refused("unknown_lesson", N_("There is no lesson {name}."), name=name[:40])


def find_told(tree: Tree) -> dict[str, Any]:
    """What a tree's room was opened for, and the `setup` that it has. Raises Refused."""
    if tree.origin == "scenario":
        _, scenario = find_scenario(tree.origin_name, tree.protocol)
        return {"scenario": scenario, "setup": scenario.setup.with_commands(())}
    if tree.origin == "lesson":
        _, lesson = find_lesson(tree.origin_name, tree.protocol)
        return {"guide": Guide(lesson), "setup": lesson.setup.with_commands(())}
    if tree.origin == "challenge":
        _, challenge = find_challenge(tree.origin_name, tree.protocol)
        return {"challenge": challenge, "setup": challenge.setup.with_commands(())}
    return {}


def find_challenge(name: str, protocol: str | None = None) -> tuple[Protocol, Challenge]:
    """A challenge, and the protocol that it is of. Raises Refused."""
    for owner in PROTOCOLS.values():
        if protocol in (None, owner.name):
            for challenge in owner.challenges():
                if challenge.name == name:
                    return owner, challenge
    raise Refused("unknown_challenge", N_("There is no challenge {name}."), name=name[:40])


def _copied(room: Room) -> str:
    """What to say in a copy of a room: what told and judged there stays behind (msgid)."""
    show = room.show
    if show.contest is not None:
        return N_("This is your own copy of a run from a challenge: all acts are free, and nothing is judged here.")
    if show.guide is not None:
        return N_("This is your own copy of a run from a lesson: the lesson does not go on here.")
    if show.scenario is not None:
        return N_(
            "This is your own copy of a run from a scenario: its acts are done up to here, and the rest is yours."
        )
    return room.note
