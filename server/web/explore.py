"""The page that looks for counterexamples, and the calls behind it: order, look, stop, and open the story as a room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import flask
import msgspec

from server.exploration.fuzz import SPAN
from server.exploration.search import Bounds
from server.protocols import program
from server.simulation import NODES_MAX, recording_from
from server.simulation.texts import N_, Refused

from . import texts
from .compare import read_order, since
from .jobs import OVER
from .searches import NO_ORDER, SECONDS_HIGH, SECONDS_LOW, STATES_MAX, Job, Searches, order_from
from .security import holder_token
from .shelf import FAMILIES, Shelf
from .sockets import Shell

STORY = ("seq", "broken", "lost", "off", "acts", "guilty", "told", "time", "unpromised")
"""What a room knows of the story that it was opened for."""


def add_explore(app: flask.Flask, shell: Shell, shelf: Shelf, searches: Searches) -> None:
    """The routes of `app`."""

    @app.get("/explore")
    def explore_page() -> str:
        holder_token()
        locale = texts.chosen()
        boot = {**_choices(shelf), "locale": locale, "catalog": texts.catalog(locale)}
        return flask.render_template("explore.html", boot=boot)

    @app.post("/api/searches")
    def order_search() -> Any:
        job = searches.open(msgspec.to_builtins(order_from(read_order(NO_ORDER))), str(holder_token()))
        return _told(searches, job, -1), 201

    @app.get("/api/searches/<name>")
    def look_at_search(name: str) -> Any:
        return _told(searches, searches.find(name), since())

    @app.delete("/api/searches/<name>")
    def stop_search(name: str) -> Any:
        return _told(searches, searches.stop(name, str(holder_token())), -1)

    @app.post("/api/searches/<name>/room")
    def open_story(name: str) -> Any:
        room = _open(shell, searches.find(name))
        return {"room": room, "address": flask.url_for("room_page", room=room)}, 201


def _told(searches: Searches, job: Job, since: int) -> dict[str, Any]:
    """What a page is told of a search; the report only where it is newer than its own."""
    return {
        "name": job.name,
        "state": job.state,
        "over": job.state in OVER,
        "before": searches.before(job),
        "progress": job.progress,
        "version": job.version,
        "report": job.report if job.version > since else None,
    }


def _open(shell: Shell, job: Job) -> str:
    """Opens a room right before the event that breaks the property; its name. Raises Refused."""
    story = None if job.report is None else job.report["result"]
    if story is None:
        raise Refused("no_story", N_("This search has found nothing that could be opened."))
    recording = recording_from(story["recording"], program)
    shell.require_saving()
    with shell.lock:
        room = shell.lobby.open_found(recording, {name: story[name] for name in STORY}, maker=holder_token())
    shell.opened(room.name)
    return str(room.name)


def _named(table: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": name, **told} for name, told in table.items()]


def _choices(shelf: Shelf) -> dict[str, Any]:
    """What there is to choose from."""
    return {
        "protocols": [
            {
                "name": protocol["name"], "title": protocol["title"], "family": protocol.get("family", ""),
                # Lists, because what stands in the page has its keys in the order of the alphabet.
                "rules": _named(protocol.get("rules", {})), "params": _named(protocol.get("params", {})),
                "groups": protocol.get("groups", []),
                "properties": _named(protocol.get("properties", {})),
            }
            for protocol in shelf.protocols
        ],
        "families": FAMILIES,
        "limits": {
            "nodes": NODES_MAX, "secondsLow": SECONDS_LOW, "secondsHigh": SECONDS_HIGH, "span": SPAN,
            "bounds": {**asdict(Bounds()), "states": STATES_MAX},
        },
    }  # fmt: skip
