"""Clusters side by side: opens the rooms of a comparison, and shows them on one page."""

from __future__ import annotations

from typing import Any

import flask

from server.exploration.comparison.live import staged
from server.rooms import Room
from server.rooms.pair import Pair
from server.simulation.texts import N_, Refused

from . import texts, wire
from .compare import check, read_order, resolved
from .pages import error_page
from .security import holder_token
from .sockets import Shell

FIRST_RATIO = 5.0


def add_side(app: flask.Flask, shell: Shell) -> None:
    """The routes of `app`."""

    @app.post("/compare/rooms")
    def open_side() -> Any:
        rooms = _open(shell, resolved(shell, read_order()))
        return {"room": rooms[0].name, "address": flask.url_for("side_page", room=rooms[0].name)}, 201

    @app.get("/compare/live/<room>")
    def side_page(room: str) -> Any:
        found = shell.find(room)
        ensemble = found.ensemble if isinstance(found, Room) else None
        if ensemble is None:
            text = N_("There is no comparison {room}. It may have been closed.")
            return error_page(404, N_("No such room"), text, {"room": wire.clean_name(room)})
        holder_token()
        locale = texts.chosen()
        rooms = [
            {"room": each.name, "label": label}
            for each, label in zip(ensemble.rooms, ensemble.labels, strict=True)
        ]  # fmt: skip
        # Of two branches, their names are what tells the clusters apart, and where they part is of interest.
        branches = isinstance(ensemble, Pair)
        boot = {"rooms": rooms, "branches": branches, "locale": locale, "catalog": texts.catalog(locale)}
        return flask.render_template("side.html", boot=boot)


def _open(shell: Shell, data: dict[str, Any]) -> list[Room]:
    """The rooms for an order: what a comparison takes, and the `seed` of the run. Raises Refused."""
    order = dict(data)
    seed = order.pop("seed", 1)
    if type(seed) is not int or not 0 <= seed <= wire.SEED_MAX:
        raise Refused("bad_seed", N_("A seed is a number from 0 to {most}."), most=wire.SEED_MAX)
    comparison = check(order)
    with shell.lock:
        opened: list[Room] = shell.lobby.open_ensemble(
            staged(comparison, seed), comparison.span, holder_token(), FIRST_RATIO
        )
    return opened
