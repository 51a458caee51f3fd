"""Who may talk to the server, who somebody is, and what a page may do.

- **Origins**: a page of another site must not open sockets or make rooms with its visitor's cookies. Cookies are
  SameSite=Lax, and the origin is checked as well, for sockets and for forms alike.
- **Token**: a random word in a signed cookie. The room remembers the token of its maker, who is its presenter; the
  cookie does not grow with the rooms that he makes. It is never sent to anyone else.
- **Programs** may send the same token as a header, `Authorization: Bearer qs.…`, which `/api/token` tells its holder. It is
  signed as the cookie is. Headers without that beginning are a proxy's, and none of ours. Who knows the server's secret, as its
  command line does, may sign a header that speaks for whoever runs the server, for one call (`authority.py`).
- **Headers**: scripts, styles and connections from this server alone; nothing inline that could run.
- **Frames**: no page may be framed but the one made for it, and that one by the server's own pages and by the sites in
  FRAME_ANCESTORS. It needs no cookie: in another site's page a browser sends and keeps none.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import flask
from itsdangerous import BadSignature, URLSafeTimedSerializer

from .authority import BEARER, Used, check_call, not_valid
from .config import Config

COOKIE = "quorumscope"
COOKIE_DAYS = 31
TOKEN_LENGTH_MAX = 64
OWN = "qs."
"""How a token begins that was signed here."""
FRAMED = "embed_page"
"""The endpoint of the page that may be framed."""


def origin_allowed(config: Config, origin: str | None, host: str | None) -> bool:
    """May a page of `origin` use a server that it reached as `host`?

    The scheme is not compared with our own, because a proxy in front may have taken the TLS off.
    """
    if not origin:
        return False
    if config.origins is not None:
        return origin in config.origins
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and parts.netloc.lower() == (host or "").lower()


def same_site(config: Config, header: Callable[[str], str | None]) -> bool:
    """May this request change something? False where a browser sent it for a page of another site.

    A request that names no origin at all comes from no browser of today, and carries no cookie that it stole.
    """
    origin = header("Origin")
    if origin is not None:
        return origin_allowed(config, origin, header("Host"))
    return header("Sec-Fetch-Site") in (None, "same-origin", "none")


def holder_token(make: bool = True) -> str | None:
    """The token of whoever sent the request; where there is none yet it is made, if it may be."""
    known = _header_token()
    if known:
        return known
    token = flask.session.get("token")
    if isinstance(token, str) and 0 < len(token) <= TOKEN_LENGTH_MAX:
        return token
    if not make:
        return None
    token = secrets.token_urlsafe(16)
    flask.session["token"] = token
    flask.session.permanent = True
    return token


def token_for_programs(token: str) -> str:
    """What a program sends in place of the cookie of the token's holder."""
    return OWN + _signing().dumps(token)


def check_header() -> None:
    """Raises Refused where the request has a header with a token that was not signed here, or too long ago."""
    if _header_token() == "":
        raise not_valid()
    check_call()


def _header_token() -> str | None:
    """The token in the request's header; empty for one that is not valid, None where there is none."""
    given = flask.request.headers.get("Authorization", "")
    if not given.startswith(BEARER + OWN):
        return None
    try:
        token = _signing().loads(given.removeprefix(BEARER + OWN), max_age=COOKIE_DAYS * 24 * 3600)
    except BadSignature:  # too old ones among them
        return ""
    return token if isinstance(token, str) and len(token) <= TOKEN_LENGTH_MAX else ""


def _signing() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(flask.current_app.config["SECRET_KEY"], salt="a token for programs")


def secure(config: Config, app: flask.Flask) -> None:
    """Cookies and headers of every response."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.origins is not None and all(o.startswith("https:") for o in config.origins),
        PERMANENT_SESSION_LIFETIME=COOKIE_DAYS * 24 * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=config.limits.message_bytes,
        MAX_FORM_PARTS=200,
    )
    app.extensions["quorumscope.used"] = Used()
    app.after_request(lambda response: _headers(config, response))


def _headers(config: Config, response: Any) -> Any:
    host = flask.request.host
    framed = flask.request.endpoint == FRAMED
    framers = " ".join(("'self'", *config.framers)) if framed else "'none'"
    response.headers.update(
        {
            # 'self' covers ws: in today's browsers; the host is named for those in which it does not.
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
                f"img-src 'self' data:; font-src 'self'; connect-src 'self' ws://{host} wss://{host}; "
                "manifest-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
                f"frame-ancestors {framers}"
            ),
            "X-Content-Type-Options": "nosniff",
            # Not `no-referrer`: with it a browser sends "Origin: null" with our own forms.
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "cross-origin" if framed else "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        }
    )
    return response
