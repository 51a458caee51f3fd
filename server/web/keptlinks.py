"""Links that are kept on the server, by short names."""

from __future__ import annotations

import logging
from hashlib import blake2b

from server.simulation.texts import N_, Refused
from server.storage import Unavailable, Worker
from server.storage import links as table

from .config import Config
from .linking import UNKNOWN

log = logging.getLogger("server")

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Thirty-two signs that can't be taken for one another when they are read from a wall."""
NAME_LETTERS = 12
"""Sixty bits: nobody finds a link by trying."""
NOT_NOW = N_("The server's database can't be used just now: try again in a minute.")


class KeptLinks:
    """The links of one server. A link has one name, however often it is kept, and only who has its text or the server's
    secret can tell the name.
    """

    def __init__(self, config: Config, worker: Worker) -> None:
        self.days = config.limits.link_days
        self._limits = config.limits
        self._worker = worker
        self._key = config.secret_key[:64]

    def keep(self, text: str) -> str:
        """Keeps a link; its name. Raises Refused."""
        name, limits = self.name_of(text), self._limits
        try:
            kept = self._worker.run(
                lambda connection: table.keep(
                    connection, name, text, days=self.days, links_max=limits.links_kept, bytes_max=limits.link_bytes
                ),
                write=True,
            )  # fmt: skip
        except Unavailable as why:
            raise _not_now(why) from None
        if not kept:
            raise Refused("too_many_links", N_("The server keeps as many links as it can. Save the recording instead."))
        return name

    def find(self, name: str) -> str:
        """The link of that name. Raises Refused."""
        try:
            found = self._worker.run(lambda connection: table.find(connection, name))
            if found is not None and found[1]:
                self._worker.run(lambda connection: table.follow(connection, name), write=True)
        except Unavailable as why:
            raise _not_now(why) from None
        if found is None:
            raise Refused("unknown_link", UNKNOWN)
        return found[0]

    def name_of(self, text: str) -> str:
        """The name of a link."""
        number = int.from_bytes(blake2b(text.encode(), digest_size=8, key=self._key, person=b"links").digest())
        return "".join(ALPHABET[number >> 5 * place & 31] for place in range(NAME_LETTERS))


def _not_now(why: Unavailable) -> Refused:
    log.error("a link was neither kept nor found: %s", why)
    return Refused("busy", NOT_NOW)
