"""Two branches of a room side by side: copies of both, under one clock, at the moment at which they part.

What people do to them is done to both, as in any ensemble, and does not reach the room that they come from. They go on
beyond where that room had come, so where they differ first is looked for anew whenever somebody asks. A pair is kept as
two rooms that name each other, and each change of one is kept together with the other's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..simulation import N_, Refused
from ..simulation.difference import Difference, first_difference
from .branches import Branch, shared_past
from .ensemble import Ensemble

if TYPE_CHECKING:
    from .room import Room


def check_two(one: Branch, other: Branch) -> None:
    """Raises Refused where these are not two."""
    if one is other:
        raise Refused("same_branch", N_("Choose two different branches."))


def difference(one: Branch, other: Branch) -> Difference:
    """Where two branches of a room part. Raises Refused where they are one."""
    check_two(one, other)
    shared = shared_past(one, other)
    return first_difference(one.run.history, other.run.history, shared, (one.run.now, other.run.now))


class Pair(Ensemble):
    """Two rooms whose runs have the events up to `shared` in common."""

    def __init__(self, rooms: Sequence[Room], labels: Sequence[str], shared: int) -> None:
        super().__init__(rooms, labels, None)
        self.shared = shared

    def stand_where_they_part(self) -> None:
        """Nobody has come yet: both are shown at the last moment that they have in common."""
        for room in self.rooms:
            room.show.branch.go_to(self.shared)
            room.teller.begin(room.show.shown())

    def as_dict(self) -> dict[str, Any]:
        """What a pair is beside its rooms; `pair_again` gives it back."""
        return {"rooms": [room.name for room in self.rooms], "labels": list(self.labels), "shared": self.shared}

    def difference(self) -> Difference:
        """Where the two that are shown part. Who acts before that grows other branches here, which part from there on."""
        shows = [room.show for room in self.rooms]
        own = [shared_past(show.branches.first, show.branch) for show in shows]
        one, other = (show.branch.run for show in shows)
        return first_difference(one.history, other.history, min(self.shared, *own), (one.now, other.now))


def pair_again(rooms: Sequence[Room], told: Mapping[str, Any]) -> Pair:
    """Links rooms that have come back as they were."""
    return Pair(rooms, told["labels"], told["shared"])
