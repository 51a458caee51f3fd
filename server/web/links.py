"""Links: made of a room, followed to a room of one's own, and shown in a frame of another page.

The text of a link stands behind the # of an address, which no browser sends: the page posts it. So it is in no log, a
program that only fetches addresses to show what is there opens no rooms, and an address may be as long as a browser takes.
It needs JavaScript, and so does the room that it opens.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import flask
import segno

from server.protocols import protocol
from server.rooms.links import Partly
from server.rooms.lobby import find_told
from server.rooms.tree import Tree
from server.simulation.texts import N_, Refused

from . import texts
from .config import Config
from .linking import Kept, Maker, Opener, Turns
from .linkorders import NAME, MakeOrder, OpenOrder, order_of
from .pages import error_page
from .problems import problem
from .security import holder_token, origin_allowed
from .sockets import Shell

CODE_CHARACTERS_MAX = 400


def add_links(
    app: flask.Flask, config: Config, shell: Shell, sleep: Callable[[float], Any], kept: Kept | None = None
) -> None:  # fmt: skip
    """The routes of `app`. `sleep` lets others go on."""
    turns = Turns()
    maker = Maker(config, shell, sleep, kept, turns)
    opener = Opener(shell, sleep, kept, turns)

    @app.post("/api/links")
    def make_link() -> Any:
        return maker.make(order_of(MakeOrder)), 201

    @app.post("/api/links/open")
    def open_link() -> Any:
        try:
            order = order_of(OpenOrder)
            shell.require_saving()
            # A reader of another site's page has no cookie; his room is nobody's, and all who find it may do all.
            room, look = opener.open(order, None if order.embed else holder_token())
            shell.opened(room.name)
        except Partly as partly:
            return problem(partly, 409, **_told_partly(partly))
        return {"room": room.name, "address": flask.url_for("room_page", room=room.name), "look": look}, 201

    @app.post("/api/links/about")
    def about_link() -> Any:
        return told_of(opener.about(order_of(OpenOrder)))

    @app.get("/api/links/open/<ticket>")
    def how_far(ticket: str) -> Any:
        return opener.how_far(ticket)

    _add_pages(app, config)


def _add_pages(app: flask.Flask, config: Config) -> None:
    @app.get("/l")
    @app.get("/l/<name>")
    def link_page(name: str | None = None) -> Any:
        if name is not None and not re.match(NAME, name):
            return error_page(404)
        holder_token()
        return flask.render_template("link.html", boot=_boot(name))

    @app.get("/embed")
    @app.get("/embed/<name>")
    def embed_page(name: str | None = None) -> Any:
        if name is not None and not re.match(NAME, name):
            return error_page(404)
        theme = flask.request.args.get("theme", "")
        return flask.render_template(
            "embed.html", boot=_boot(name), theme=theme if theme in ("light", "dark") else ""
        )  # fmt: skip

    @app.get("/api/code.svg")
    def code() -> Any:
        address = flask.request.args.get("address", "")
        scheme, _, rest = address.partition("://")
        if len(address) > CODE_CHARACTERS_MAX or not address.isascii() or not address.isprintable():
            raise _not_ours()
        if not origin_allowed(config, f"{scheme}://{rest.partition('/')[0]}", flask.request.host):
            raise _not_ours()
        picture = io.BytesIO()
        segno.make(address, error="m", micro=False).save(
            picture, kind="svg", scale=8, border=4, light="#fff", xmldecl=False, svgclass=None, lineclass=None
        )
        return flask.Response(picture.getvalue(), content_type="image/svg+xml")


def _not_ours() -> Refused:
    return Refused("bad_address", N_("Codes are drawn of addresses of this server alone."))


def _boot(name: str | None) -> dict[str, Any]:
    locale = texts.chosen()
    return {"name": name, "locale": locale, "catalog": texts.catalog(locale)}


def _told_partly(partly: Partly) -> dict[str, Any]:
    return {"parts": [{"text": text, "args": args} for text, args in partly.parts], "known": told_of(partly.tree)}


def told_of(tree: Tree) -> dict[str, Any]:
    """What a page is told of a link before its room is there."""
    return {
        "title": _title(tree), "nodes": tree.setup.nodes, "clients": tree.setup.clients, "seed": tree.setup.seed,
        "layout": protocol(tree.protocol).view.layout, "events": tree.events,
        "commands": sum(len(limb.commands) for limb in tree.limbs),
    }  # fmt: skip


def _title(tree: Tree) -> str:
    told = find_told(tree)
    named = told.get("scenario") or told.get("challenge")
    if "guide" in told:
        named = told["guide"].lesson
    return str(named.title if named else protocol(tree.protocol).title)
