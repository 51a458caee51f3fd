"""Ensembles: rooms that are watched side by side, under one clock and one schedule.

The first room is the conductor. Its time goes on with the wall's, as any room's does; the others follow to where it is,
and it waits for those that can't keep up, so no cluster is ever shown later than another by more than a tick. Whatever a
person does to time is done to all, and so is every fault that has the same meaning everywhere: a crash of n2 is one, the
loss of message 17 is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..simulation import N_, Refused
from ..simulation.difference import Difference
from . import frames

if TYPE_CHECKING:
    from .room import Room
    from .show import Show

SHARED = (
    "crash", "restart", "pause", "resume", "partition", "heal", "set_link", "hold_link", "release_link", "set_clock",
    "request",
)  # fmt: skip
"""Commands that mean the same to every cluster of the same size."""
OVER = N_("The comparison ends here. Go back, or begin another one.")


class Ensemble:
    """Rooms of clusters of one size. `end` is when their common workload is over, µs: there they stop; None: they go on."""

    def __init__(self, rooms: Sequence[Room], labels: Sequence[str], end: int | None) -> None:
        self.rooms = tuple(rooms)
        self.labels = tuple(labels)
        """What each cluster is called: its protocol, and how that is tuned; or a branch's name."""
        self.end = end
        for room in self.rooms:
            room.ensemble = self
            room.show.stops_when_broken = False
            room.show.end = end

    @property
    def conductor(self) -> Show:
        """The show whose time goes on by itself: the first whose room has not stopped for good."""
        return next(iter(self.shows), self.rooms[0].show)

    @property
    def viewers(self) -> int:
        """How many connections look at any of the rooms."""
        return sum(room.viewers for room in self.rooms)

    @property
    def shows(self) -> list[Show]:
        """The shows that go on: those of rooms that have not stopped for good."""
        return [room.show for room in self.rooms if not room.stopped]

    def difference(self) -> Difference:
        """Where they part. Raises Refused where they never had anything in common."""
        raise Refused("no_branches", N_("No branches are compared here."))

    # Time

    def go_on(self, room: Room, elapsed_us: int, budget: Callable[[], bool]) -> None:
        """Wall time has passed (µs) for one of the rooms while all play."""
        conductor = self.conductor
        if room.show is not conductor:
            room.show.follow(conductor.branch.now, budget)
            return
        if any(not show.playing for show in self.shows):  # one of them can't go on, and says why
            self._stand_at(max(show.branch.now for show in self.shows))
            return
        if any(show.branch.now < conductor.branch.now for show in self.shows):
            conductor.pace.forget()  # somebody is behind: all go slower
            return
        conductor.go_on(elapsed_us, budget)
        if not conductor.playing:
            self._stand_at(conductor.branch.now)

    def _stand_at(self, time: int) -> None:
        """Everybody stops, at the same time (µs)."""
        for show in self.shows:
            show.pause()
            if show.branch.now < time:
                show.follow(time, lambda: True)

    # What a person does

    def do(self, room: Room, name: str, frame: frames.Frame) -> dict[str, Any]:
        """Does for all what somebody called `name` says in `room`. Raises Refused; then nothing changed."""
        match frame:
            case frames.Act(command=command):
                return self._act(room, command, name)
            case frames.Play():
                self._play()
            case frames.Pause():
                self._stand_at(max(show.branch.now for show in self.shows))
            case frames.Speed(ratio=ratio):
                for show in self.shows:
                    show.speed(ratio)
            case frames.Step(by=by):
                self._step(by)
            case frames.Seek(seq=seq, time=time):
                if seq is not None and not 0 <= seq <= room.show.branch.head:
                    raise Refused("no_such_event", N_("There is no event {seq}."), seq=seq)
                self._seek(room.show.branch.run.history.time(seq) if seq is not None else time or 0)
            case frames.Live():
                self._seek(min(show.branch.run.now for show in self.shows))
            case _:
                raise Refused(
                    "not_in_comparison", N_("Clusters that are compared share one clock: that can't be done here.")
                )
        return {"cursor": room.show.branch.cursor}

    def _play(self) -> None:
        if self._is_over(self.conductor.branch.now):
            raise Refused("comparison_over", OVER)
        for show in self.shows:
            show.require_place()
        for show in self.shows:
            show.play()

    def _step(self, by: int) -> None:
        """To the next moment at which something happens in any of the clusters, or to the last one before."""
        now = max(show.branch.now for show in self.shows)
        if by < 0:
            if all(show.branch.cursor == 0 for show in self.shows):
                raise Refused("at_beginning", N_("This is the beginning: nothing happened before it."))
            last = max(show.branch.run.history.time(show.branch.cursor) for show in self.shows)
            before = [_time_before(show, min(last, now)) for show in self.shows]
            self._seek(max(before))
            return
        coming = [time for show in self.shows if (time := _next_time(show)) is not None]
        if not coming:
            raise Refused("nothing_to_come", N_("Nothing will happen by itself from here on."))
        if self._is_over(min(coming) - 1):
            raise Refused("comparison_over", OVER)
        self._stand_at(max(now, min(coming)))

    def _is_over(self, time: int) -> bool:
        """Whether nothing is shown after `time` (µs)."""
        return self.end is not None and time >= self.end

    def _seek(self, time: int) -> None:
        for show in self.shows:
            show.seek(None, time)

    def _act(self, room: Room, command: dict[str, Any], name: str) -> dict[str, Any]:
        if command.get("type") not in SHARED:
            raise Refused(
                "not_shared", N_("This can be done to one cluster alone, and the others are to have the same faults.")
            )
        event = room.show.act(command, name)
        for other in self.rooms:
            if other is not room and not other.stopped:
                try:
                    other.show.act(command, name)
                except Refused as reason:
                    other.show.branch_off()
                    other.show.news.notice(reason.code, reason.text, **reason.parameters)
        return {"seq": event.seq, "branch": room.show.branch.id}


def _next_time(show: Show) -> int | None:
    """When something happens next, µs, known already or to be computed."""
    branch = show.branch
    if branch.cursor < branch.head:
        return branch.run.history.time(branch.cursor + 1)
    return branch.run.next_time()


def _time_before(show: Show, time: int) -> int:
    """The time (µs) of the last event before `time`; 0 where there is none."""
    history = show.branch.run.history
    return history.time(history.seq_at(time - 1)) if time > 0 else 0
