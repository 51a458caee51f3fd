"""The pages and the REST calls."""

from __future__ import annotations

import re
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

import server
from server import paths
from server.simulation.texts import N_, Refused

from . import texts, wire
from .config import Config
from .problems import CODES, problem, status_of
from .security import check_header, holder_token, same_site
from .shelf import Shelf
from .sockets import Shell

_HASHED = re.compile(r"-[A-Z0-9]{8}\.[a-z0-9.]+$")
_SOUGHT_LETTERS_MAX = 80
_FOREVER = "public, max-age=31536000, immutable"
_TITLES = {
    400: (N_("That can't be done"), N_("The server did not understand this request.")),
    403: (N_("Not from here"), N_("This was sent by a page of another site.")),
    404: (N_("Not found"), N_("There is no such page.")),
    405: (N_("That can't be done"), N_("This page can't be used like that.")),
    413: (N_("Too much"), N_("This is more than the server takes.")),
    429: (N_("Too many"), N_("There is no place left; try again in a while.")),
    503: (N_("Not ready"), ""),  # the text says what is missing
}
_LATER = (429, 503)
"""What was refused like this may be granted in a while."""
_BROKEN = (N_("Something went wrong"), N_("The server made a mistake; it has been noted."))


def add_pages(app: flask.Flask, config: Config, shell: Shell, shelf: Shelf) -> None:
    """The routes of `app`."""
    app.add_template_global(_asset_url, "asset_url")
    app.add_template_global(_late_urls, "late_urls")
    app.context_processor(_common)
    app.before_request(lambda: _from_our_pages(config))
    app.before_request(check_header)
    app.after_request(_caching)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Refused, refused_page)
    app.register_error_handler(paths.PageNotBuilt, lambda error: error_page(503, text=str(error)))
    app.register_error_handler(Exception, _broken)

    @app.get("/")
    def gallery() -> str:
        holder_token()
        shown = flask.request.args.get("protocol", "")
        chosen = shelf.protocol(shown)
        sought = flask.request.args.get("q", "")[:_SOUGHT_LETTERS_MAX].strip()
        found = (shelf if chosen is None else shelf.only(shown)).matching(sought, texts.translate)
        return flask.render_template("gallery.html", shelf=found, everything=shelf, chosen=chosen, sought=sought)

    @app.post("/rooms")
    def open_room() -> Any:
        form = {field: values[-1] for field, values in flask.request.form.lists()}
        room, address = open_ordered(shell, wire.read_order(form, shelf.params()))
        if _wants_json():
            return {"room": room, "address": address}, 201
        return flask.redirect(address, 303)

    @app.get("/r/<room>")
    def room_page(room: str) -> Any:
        found = shell.find(room)
        if found is None:
            text = N_("There is no room {room}. It may have been closed.")
            return error_page(404, N_("No such room"), text, {"room": wire.clean_name(room)})
        holder_token()
        locale = texts.chosen()
        foreign = shelf.foreign(getattr(getattr(found, "protocol", None), "name", ""))
        boot = {"room": room, "locale": locale, "catalog": texts.catalog(locale, foreign)}
        return flask.render_template("room.html", boot=boot, title=getattr(found, "title", N_("Room")))

    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        # 200 also where rooms stand still: people look at them, and taking the server away would take the rooms away.
        return {
            "status": _status(shell),
            "version": server.__version__,
            "rooms": len(shell.lobby.rooms),
            "viewers": shell.viewers(),
            "sockets": len(shell.guard.door),
            "loop_delay_ms": shell.delay.worst_ms(),
            "slow_dropped": shell.guard.slow,
            "refused_at_the_door": shell.guard.door.refused,
            "storage": shell.keeper.saving.as_health() if shell.keeper is not None else None,
        }

    _add_lists(app, shelf)


def _add_lists(app: flask.Flask, shelf: Shelf) -> None:
    """The pages that show what there is, beside the gallery."""

    @app.get("/challenges")
    def challenges() -> str:
        holder_token()
        return flask.render_template("challenges.html", shelf=shelf)

    @app.get("/glossary")
    def glossary() -> str:
        return flask.render_template("glossary.html", protocols=shelf.protocols)


def _status(shell: Shell) -> str:
    if shell.guard.door.shut:
        return "stopping"
    return "degraded" if shell.keeper is not None and shell.keeper.saving.degraded else "ok"


def open_ordered(shell: Shell, order: wire.RoomOrder) -> tuple[str, str]:
    """Opens a room for whoever sent the request; its name and its address. Raises Refused."""
    shell.require_saving()
    with shell.lock:
        room = shell.lobby.open(
            protocol=order.protocol or order.of, scenario=order.scenario, lesson=order.lesson, nodes=order.nodes,
            clients=order.clients, seed=order.seed, params=order.params, challenge=order.challenge,
            solved=order.solved, maker=holder_token(),
        )  # fmt: skip
    shell.opened(room.name)
    return room.name, flask.url_for("room_page", room=room.name)


def _from_our_pages(config: Config) -> None:
    """Nothing is changed for a page of another site. Raises Refused."""
    if flask.request.method not in ("GET", "HEAD", "OPTIONS") and not same_site(config, flask.request.headers.get):
        raise Refused("foreign_page", N_("This was sent by a page of another site."))


def _asset_url(name: str) -> str:
    return f"/static/{paths.asset(name)}"


def _late_urls(name: str) -> str:
    return " ".join(f"/static/{part}" for part in paths.late_parts(name))


def _common() -> dict[str, Any]:
    theme = flask.request.cookies.get("theme", "")
    return {"locale": texts.chosen(), "theme": theme if theme in ("light", "dark") else ""}


def _caching(response: Any) -> Any:
    if flask.request.endpoint == "static" and response.status_code in (200, 304):
        hashed = _HASHED.search(flask.request.path)
        response.headers["Cache-Control"] = _FOREVER if hashed else "no-cache"
    elif "Cache-Control" not in response.headers:
        response.vary.update(("Accept-Language", "Cookie"))
        response.headers["Cache-Control"] = "no-store" if flask.request.path == "/healthz" else "private, no-cache"
    return response


def _wants_json() -> bool:
    accept = flask.request.accept_mimetypes
    return flask.request.path.startswith(("/api/", "/healthz")) or accept["application/json"] > accept["text/html"]


def error_page(code: int, title: str = "", text: str = "", args: dict[str, Any] | None = None) -> tuple[Any, int]:
    default_title, default_text = _TITLES.get(code, _BROKEN if code >= 500 else _TITLES[400])
    title, text = title or default_title, text or default_text
    if _wants_json():
        return problem(Refused(CODES.get(code, "bad_request"), text, **(args or {})), code), code
    try:
        return flask.render_template(
            "error.html", code=code, title=title, text=text, args=args or {}, again=_again(code)
        ), code
    except paths.PageNotBuilt:
        plain = f"{texts.translate(title)}. {texts.translate(text, **(args or {}))}\n"
        return flask.Response(plain, content_type="text/plain; charset=utf-8"), code


def _again(code: int) -> tuple[tuple[str, str], ...] | None:
    """The form that asked for a room that could not be opened now, to be sent again; None where that would not help."""
    request = flask.request
    if request.endpoint != "open_room" or code not in _LATER:
        return None
    return tuple(request.form.items(multi=True))


def refused_page(refused: Refused) -> tuple[Any, int]:
    """The answer to a request that was refused: a page, or a problem for who asked for data."""
    code = status_of(refused.code)
    if _wants_json():
        return problem(refused), code
    return error_page(code, text=refused.text, args=refused.parameters)


def _http_error(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error  # a redirect
    page, code = error_page(error.code or 500)
    answer = flask.make_response(page, code)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _broken(error: Exception) -> Any:
    """Says nothing about what broke; measured: the stock server sends Python's traceback with its paths to anybody."""
    flask.current_app.logger.error("a page broke: %s", flask.request.path, exc_info=error)
    return error_page(500)
