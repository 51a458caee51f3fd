"""How much of everything a room, and all rooms together, may be: nothing here grows without bound.

The unit stands last in the name, or is the thing counted. Times are microseconds of the outside world unless a name says
otherwise. The shell may hand another `Limits` to the lobby; tests do.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of the lobby and its rooms."""

    # The lobby

    rooms_max: int = 200
    rooms_of_one_maker_max: int = 12
    """Of one presenter, who may make rooms faster than the idle ones go."""
    events_kept_all_max: int = 1_000_000
    """Events kept by all rooms together, at about 1 KB each: from then on empty rooms go early, and where that is not
    enough, each room may keep its share of them."""
    events_share_low: int = 10_000
    """The share of a room is never less."""
    idle_room_max_us: int = 30 * 60 * 1_000_000
    """How long a room waits for somebody to come back."""
    brief_rooms_max: int = 80
    """Rooms of readers of other pages, in which one is embedded."""
    brief_room_max_us: int = 60 * 1_000_000
    """How long such a room waits for its reader, whose line may have broken."""
    new_room_max_us: int = 5 * 60 * 1_000_000
    """How long a room waits for its first visitor."""

    # A room

    viewers_per_room_max: int = 1_200
    people_remembered_max: int = 2_400
    """Persons who left and would be known again."""
    people_told_max: int = 60
    """Of more people in a room only so many are named to all: a list of a thousand, sent to a thousand, is a million."""
    people_pause_us: int = 1_000_000
    """Once more people are there than are named, comings and goings are told so far apart."""
    name_max_characters: int = 40
    branches_max: int = 64
    events_kept_max: int = 200_000
    """Events kept by all branches of a room, what they share counted once."""

    # Time

    ratio_low: float = 1.0
    ratio_high: float = 1000.0
    elapsed_max_us: int = 500_000
    """A tick that comes later than this after the one before moves the run by no more."""
    events_per_tick_max: int = 2_000
    """A run that has more goes slower; so does one that takes more wall time than the shell gives it for the tick."""

    # The wire

    events_per_update_max: int = 300
    """Of more, the viewers get the world instead."""
    events_back_max: int = 20
    events_per_reply_max: int = 500
    entries_per_reply_max: int = 500
    events_exported_max: int = 50_000
    """In one file that is taken away."""
    handout_events_max: int = 500
    updates_remembered_max: int = 256
    updates_remembered_bytes_max: int = 4 * 1024 * 1024
    """By estimate: updates are encoded by the shell."""
    notices_waiting_max: int = 10
    marks_max: int = 5_000
    operations_told_max: int = 200
    operations_kept_max: int = 20_000
    judged_told_max: int = 500
    """Of what became known of the order of operations, the last."""

    # What one viewer may ask for

    acts_per_second_max: int = 30
    acts_at_once_max: int = 60
    asks_per_second_max: int = 20
    asks_at_once_max: int = 100

    def told(self) -> dict[str, float]:
        """Those that a browser should know."""
        return {
            "viewers": self.viewers_per_room_max,
            "events": self.events_kept_max,
            "branches": self.branches_max,
            "events_per_reply": self.events_per_reply_max,
            "entries_per_reply": self.entries_per_reply_max,
            "events_exported": self.events_exported_max,
            "handout_events": self.handout_events_max,
            "acts_per_second": self.acts_per_second_max,
            "people_told": self.people_told_max,
            "ratio_low": self.ratio_low,
            "ratio_high": self.ratio_high,
        }
