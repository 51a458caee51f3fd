"""What must hold: properties of a run, and the monitor that watches them."""

from .monitor import Monitor
from .property import ALWAYS, BROKEN, EVENTUALLY, HOLDS, SEEN, SOMETIMES, WAITING, Property
from .witness import Service, Witness

__all__ = [
    "ALWAYS", "BROKEN", "EVENTUALLY", "HOLDS", "SEEN", "SOMETIMES", "WAITING", "Monitor", "Property", "Service", "Witness",
]  # fmt: skip
