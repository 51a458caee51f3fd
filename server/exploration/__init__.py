"""Searching: schedules that break a property, and the shortest of them."""

from .explore import Hunt, Search, work
from .fuzz import Outcome, fuzz, replay
from .shrink import shrink
from .story import as_scenario

__all__ = ["Hunt", "Outcome", "Search", "as_scenario", "fuzz", "replay", "shrink", "work"]
