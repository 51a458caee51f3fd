"""Where rooms and recordings are kept. It knows neither: rows in, rows out."""

from .errors import Unavailable
from .store import Store
from .worker import Worker

__all__ = ["Store", "Unavailable", "Worker"]
