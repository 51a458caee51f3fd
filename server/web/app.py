"""Puts the shell together: one Flask application with its sockets, around one lobby."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flask
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

from server import paths
from server.storage import Store, Worker

from . import strictjson
from .calls import Calls
from .compare import add_compare
from .comparisons import Comparisons
from .compress import compress
from .config import Config
from .explore import add_explore
from .guards.engine import TextPacket, install
from .guards.headers import NoCompression
from .imports import Imports
from .keeper import Keeper
from .library import Library
from .linking import Kept
from .links import add_links
from .openapi import add_openapi
from .pages import add_pages
from .pump import Pump
from .recordings import add_recordings
from .rest import add_rest
from .searches import Searches
from .security import holder_token, origin_allowed, secure
from .shelf import Shelf
from .side import add_side
from .sockets import Lobby, Shell
from .takeaway import add_takeaway
from .texts import speak


@dataclass(frozen=True, slots=True)
class Web:
    """The parts of a running server."""

    app: flask.Flask
    socketio: SocketIO
    shell: Shell
    pump: Pump
    comparisons: Comparisons
    searches: Searches
    imports: Imports


def create_app(
    config: Config, lobby: Lobby, async_mode: str, shelf: Shelf | None = None, kept_links: Kept | None = None,
    keeper: Keeper | None = None, worker: Worker | None = None,
) -> Web:  # fmt: skip
    """The application; nothing runs yet. `async_mode` is python-socketio's, and never guessed. Without a keeper no room is
    saved; `worker` has the database for recordings, where it is not the keeper's.

    In production the caller replaces the server's WebSocket class by `guards.websocket.guarded_websocket` of it first.
    """
    app = flask.Flask("server", static_folder=str(paths.STATIC_DIR), static_url_path="/static",
                      template_folder=str(paths.TEMPLATES_DIR))  # fmt: skip
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    secure(config, app)
    limits = config.limits
    socketio = SocketIO(
        app,
        async_mode=async_mode,
        async_handlers=False,
        json=strictjson,
        serializer=TextPacket,
        transports=["websocket"],
        allow_upgrades=False,
        cors_allowed_origins=_origin_check(config),
        max_http_buffer_size=limits.message_bytes,
        ping_interval=limits.ping_interval_s,
        ping_timeout=limits.ping_timeout_s,
        http_compression=False,
        manage_session=True,
        logger=app.logger.getChild("socketio"),
        engineio_logger=app.logger.getChild("engineio"),
    )
    guard = install(socketio.server, limits)
    shell = Shell(socketio.server, lobby, guard, keeper)
    socketio.on_event("connect", lambda _auth=None: shell.connected(flask.request.sid, holder_token(make=False)))  # type: ignore[attr-defined]
    speak(app)
    add_pages(app, config, shell, shelf or Shelf())
    calls = app.extensions["quorumscope.calls"] = Calls(shell, limits)
    add_rest(app, shell, shelf or Shelf(), calls)
    add_openapi(app)
    add_side(app, shell)
    add_takeaway(app, limits.exports, calls, shelf or Shelf(), socketio.server.sleep)
    add_links(app, config, shell, socketio.server.sleep, kept_links)
    comparisons = Comparisons(limits, socketio.start_background_task, socketio.server.sleep)
    add_compare(app, shell, shelf or Shelf(), comparisons)
    searches = Searches(limits, socketio.start_background_task, socketio.server.sleep)
    add_explore(app, shell, shelf or Shelf(), searches)
    imports = Imports(limits, socketio.start_background_task, socketio.server.sleep)
    worker = worker or (keeper.worker if keeper is not None else Worker(Store("sqlite://"), lambda act: act()))
    library = Library(worker, keeper.program if keeper is not None else "", limits)
    add_recordings(app, config, shell, library, imports, calls, socketio.server.sleep, worker.call)
    compress(app)
    wsgi: Any = NoCompression(app.wsgi_app)
    if config.trusted_proxies:
        count = config.trusted_proxies
        wsgi = ProxyFix(wsgi, x_for=count, x_proto=count, x_host=count)
    app.wsgi_app = wsgi  # type: ignore[method-assign]
    return Web(app, socketio, shell, Pump(shell, socketio.server.sleep), comparisons, searches, imports)


def _origin_check(config: Config) -> Any:
    """A function and never a list, because python-engineio takes an empty list for "no check"."""

    def allowed(origin: str, environ: dict[str, Any]) -> bool:
        return origin_allowed(config, origin, environ.get("HTTP_HOST"))

    return allowed
