"""People: rooms, their pace, roles and the lobby. Pure: frames in, frames out, no sockets and no wall clock."""

from .limits import Limits
from .lobby import Lobby, find_challenge, find_lesson, find_scenario
from .room import EVERYBODY, Room, refused

__all__ = ["EVERYBODY", "Limits", "Lobby", "Room", "find_challenge", "find_lesson", "find_scenario", "refused"]
