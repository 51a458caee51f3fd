"""Keeps the links that are too long for an address, for `linking`."""

from __future__ import annotations

import datetime
import secrets

from server.simulation.texts import N_, Refused
from server.storage import Unavailable, Worker, links
from server.storage.schema import now

from .linking import UNKNOWN

NAME_BYTES = 9
LINKS_MAX = 20_000


class LinkShelf:
    """Links in the database of `worker`; a link is kept for so many days after it was followed last."""

    def __init__(self, worker: Worker, days: int) -> None:
        self.days = days
        self._worker = worker

    def keep(self, text: str) -> str:
        """Keeps a link; its name. Raises Refused."""
        name = secrets.token_urlsafe(NAME_BYTES)
        before = now() - datetime.timedelta(days=self.days)
        try:
            self._worker.run(lambda connection: links.keep(connection, name, text, LINKS_MAX, before), write=True)
        except Unavailable:
            raise Refused("not_saved", N_("The link can't be kept: the database can't be used now.")) from None
        return name

    def find(self, name: str) -> str:
        """The link of that name. Raises Refused."""
        try:
            found = self._worker.run(lambda connection: links.find(connection, name), write=True)
        except Unavailable:
            raise Refused("not_saved", N_("The database does not answer: try again in a moment.")) from None
        if found is None:
            raise Refused("unknown_link", UNKNOWN)
        return found
