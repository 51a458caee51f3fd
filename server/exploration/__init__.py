"""Searching: schedules that break a property, and the shortest of them."""

from .fuzz import Outcome, fuzz, replay
from .shrink import as_scenario, shrink

__all__ = ["Outcome", "as_scenario", "fuzz", "replay", "shrink"]
