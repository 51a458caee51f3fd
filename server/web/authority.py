"""By what the command line shows that it speaks for whoever runs the server: a header that is signed with the server's secret.

`Authorization: Bearer qs-run.…` is good for one call, once: it names the method, the path and the digest of the body, a word
that is not taken twice, and is believed for a few minutes. Whoever reads it on its way can't order anything else with it, and
not the same again. What was used is remembered as long as it would be believed; a server that has started since believes none
of before.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import flask
from itsdangerous import BadSignature, URLSafeTimedSerializer

from server.simulation.texts import N_, Refused

BEARER = "Bearer "
RUNS = "qs-run."
RUNS_S = 300
SALT = "one call of who runs the server"
"""Of no other header: what was signed for another purpose is none of these."""
USED_MAX = 1_024
"""In so many seconds. Only who has the secret gets here, so no stranger can fill it."""
FIELDS = {"call", "body", "word"}


class Used:
    """The words that were used of late."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._words: dict[str, float] = {}
        """Until when each is remembered, the oldest first."""
        self.since = int(clock())
        """A header that was signed before may have been used in an earlier life of the server."""

    def take(self, word: str) -> bool:
        """Uses a word; whether it was not used before. Raises Refused where too many were used just now."""
        with self._lock:
            now = self._clock()
            for known in [known for known, until in self._words.items() if until < now]:
                del self._words[known]
            if word in self._words:
                return False
            if len(self._words) >= USED_MAX:
                raise Refused("too_many_imports", N_("Many files are waiting already: try again in a minute."))
            self._words[word] = now + RUNS_S + 1  # times in headers are whole seconds
            return True


def header_of_keeper(secret: bytes, call: str, body: bytes) -> str:
    """The header for one call, such as "POST /api/recordings", with this body, to the server of that secret."""
    told = {"call": call, "body": sha256(body).hexdigest(), "word": secrets.token_urlsafe(12)}
    return BEARER + RUNS + _signing(secret).dumps(told)


def check_call() -> None:
    """Raises Refused where the request has such a header that is not good for its method and path."""
    _order()


def runs_the_server(digest: str) -> bool:
    """Whether the request, whose body has this SHA-256, was sent by whoever knows the server's secret. Uses its header up.
    Raises Refused where there is one that is not for this body, or was used before.
    """
    told = _order()
    if told is None:
        return False
    used: Used = flask.current_app.extensions["quorumscope.used"]
    if told["body"] != digest or not used.take(told["word"]):
        raise not_valid()
    return True


def not_valid() -> Refused:
    """What is said of a header that was not signed here, not for this, or too long ago."""
    return Refused("bad_token", N_("This token is not valid here, or not any more: get another one."))


def _order() -> dict[str, Any] | None:
    """What the request's header says; None where it has none of these. Raises Refused where it is not for this call."""
    given = flask.request.headers.get("Authorization", "")
    if not given.startswith(BEARER + RUNS):
        return None
    try:
        told, signed = _signing(flask.current_app.config["SECRET_KEY"]).loads(
            given.removeprefix(BEARER + RUNS), max_age=RUNS_S, return_timestamp=True
        )
    except BadSignature:  # too old ones among them
        raise not_valid() from None
    used: Used = flask.current_app.extensions["quorumscope.used"]
    call = f"{flask.request.method} {flask.request.full_path.removesuffix('?')}"
    if not isinstance(told, dict) or set(told) != FIELDS or told["call"] != call or signed.timestamp() < used.since:
        raise not_valid()
    return told


def _signing(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=SALT)
