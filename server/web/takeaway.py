"""What a room gives away: its events as files, and a handout to be printed.

    GET /api/rooms/<room>/events?format=jsonl|shiviz|mermaid&branch=ID&from=SEQ&upto=SEQ
    GET /r/<room>/handout?branch=ID&from=SEQ&upto=SEQ

Without a branch, the one that is shown; without ends, all of its events so far. Whoever knows the name of a room may look
at it, and so take this too. Sentences are in the language of the reader (`lang=en|zh`, else as everywhere).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import flask

from server.exports import FORMATS, Format, Span, file_name, span
from server.protocols import Protocol
from server.rooms import Room
from server.rooms.branches import Branch
from server.rooms.handout import handout
from server.simulation import History
from server.simulation.texts import N_, Refused

from . import asked, strictjson, texts
from .calls import Calls
from .rest import who_calls
from .security import holder_token
from .shelf import Shelf

CHUNK_LINES = 50
"""About 4 ms of work; then everybody else has his turn."""


class Exports:
    """The files that are being made: so many at the same time."""

    def __init__(self, most: int, sleep: Callable[[float], None]) -> None:
        self._free = most
        self._most = most
        self._sleep = sleep

    def take(self) -> None:
        """Takes a place; `leave` gives it back. Raises Refused where there is none."""
        if self._free <= 0:
            raise Refused(
                "too_many_exports", N_("{most} files are being made just now: try again in a moment."), most=self._most
            )
        self._free -= 1

    def leave(self) -> None:
        """Gives a place back."""
        self._free += 1

    def chunks(self, lines: Iterator[str]) -> Iterator[bytes]:
        """The lines in UTF-8, some at a time, with a pause after each lot."""
        lot: list[str] = []
        for line in lines:
            lot.append(line)
            if len(lot) == CHUNK_LINES:
                yield ("\n".join(lot) + "\n").encode()
                lot = []
                self._sleep(0)
        if lot:
            yield ("\n".join(lot) + "\n").encode()


def add_takeaway(
    app: flask.Flask, most: int, calls: Calls, shelf: Shelf, sleep: Callable[[float], None]
) -> None:  # fmt: skip
    """The routes of `app`."""
    exports = Exports(most, sleep)

    @app.get("/api/rooms/<room>/events")
    def export_events(room: str) -> Any:
        form = _format(flask.request.args.get("format", "jsonl"))

        def choose(found: Room) -> tuple[Protocol, Branch, Span]:
            branch = found.show.branches.branch(asked.number("branch"))
            most = min(form.events_max, found.limits.events_exported_max)
            return found.protocol, branch, span(branch.run.history, asked.number("from"), asked.number("upto"), most)

        return _file(exports, form, *calls.ask(who_calls(calls), room, choose))

    @app.get("/r/<room>/handout")
    def handout_page(room: str) -> Any:
        def choose(found: Room) -> tuple[Room, dict[str, Any]]:
            branch = found.show.branches.branch(asked.number("branch"))
            most = found.limits.handout_events_max
            chosen = span(branch.run.history, asked.number("from"), asked.number("upto"), most)
            return found, handout(found, branch.id, chosen)

        holder_token()
        found, told = calls.ask(who_calls(calls), room, choose)
        locale = texts.chosen()
        boot = {
            "room": room,
            "locale": locale,
            "catalog": texts.catalog(locale, shelf.foreign(found.protocol.name)),
            "told": json.loads(strictjson.dumps(told)),  # plain data, for the template to write
        }
        return flask.render_template("handout.html", boot=boot, title=found.title)


def _file(exports: Exports, form: Format, protocol: Protocol, branch: Branch, chosen: Span) -> flask.Response:
    """The response whose body is made while it is read. Raises Refused where too many are being made."""
    history: History = branch.run.history
    say = texts.translations(texts.chosen()).gettext
    response = flask.Response(
        exports.chunks(form.lines(history, protocol, chosen, say)), content_type=f"{form.content_type}; charset=utf-8"
    )
    exports.take()
    response.call_on_close(exports.leave)
    name = file_name(protocol.name, branch.name, chosen, form.extension)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _format(name: str) -> Format:
    """The format of that name. Raises Refused."""
    if name not in FORMATS:
        raise Refused("bad_format", N_("There is no such format; there are {formats}."), formats=", ".join(FORMATS))
    return FORMATS[name]
