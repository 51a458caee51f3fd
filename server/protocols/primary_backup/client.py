"""A client of a primary-backup system: updates go to the primary, weak reads to any replica in turn."""

from __future__ import annotations

from typing import Any

from ..session import SessionClient
from .state import WEAK


class ReplicaClient(SessionClient):
    """Asks like any client with a session, but for weak reads."""

    def target(self, operation: Any) -> str:
        """For a weak read another replica each time, for all else whom it holds for the primary."""
        if self.settings.reads == WEAK and operation.name == "get":
            return self.peers[self.serial % len(self.peers)]
        return super().target(operation)
