"""The calls about rooms, and about what there is to open.

GET  /api/rooms?offset=&limit=                      one's own rooms; nobody else's, for a name opens the room
POST /api/rooms                                     opens one: `RoomShape`, checked as the form of the gallery is
GET  /api/rooms/<room>                              what is shown there, its set-up and its branches
POST /api/rooms/<room>/acts                         says something to it, in the words of the sockets (`shapes.py`)
GET  /api/rooms/<room>/world?seq=&branch=           the whole world after an event; without one, as it is shown now
GET  /api/rooms/<room>/news?since=&branch=&wait=&until=    the events after one; waits for some, or for a pause
GET  /api/token                                     what a program sends in place of the cookie
GET  /api/protocols?q=&offset=&limit=               and so scenarios, lessons and challenges, these with protocol=
GET  /api/protocols/<name>                          all that is declared of one
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import flask
import msgspec
from msgspec import Meta

from server.rooms import Room
from server.simulation.texts import N_, Refused

from . import asked, repeats, strictjson, texts, wire
from .calls import Caller, Calls
from .pages import open_ordered
from .security import COOKIE_DAYS, holder_token, token_for_programs
from .shapes import NODES_MAX, Shape
from .shelf import Description, Shelf
from .sockets import Shell

PAGE, PAGE_MAX = 50, 200
NEWS_WAIT_MAX_S = 20
EVENT, PAUSED = "event", "paused"
NEWS_UNTIL = (EVENT, PAUSED)
"""What a call for news waits for: an event after the one that is known, or that the room pauses, as where `run_until` ends."""
Slug = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}\Z")]
Tunable = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,39}\Z")]
Whole = Annotated[int, Meta(ge=-999_999_999_999_999, le=9_999_999_999_999_999)]
Choice = Annotated[str, Meta(min_length=1, max_length=40)]


class RoomShape(Shape):
    """A room that somebody wants: exactly one of a protocol, a scenario, a lesson and a challenge (`of` that protocol).

    Size, clients and settings are for a protocol; the others bring their own.
    """

    protocol: Slug | None = None
    scenario: Slug | None = None
    lesson: Slug | None = None
    challenge: Slug | None = None
    of: Slug | None = None
    nodes: Annotated[int, Meta(ge=1, le=NODES_MAX)] | None = None
    clients: Annotated[int, Meta(ge=0, le=NODES_MAX)] | None = None
    seed: Annotated[int, Meta(ge=0, le=wire.SEED_MAX)] | None = None
    params: Annotated[dict[Tunable, bool | Whole | Choice], Meta(max_length=wire.PARAMS_MAX)] = {}
    solved: bool = False

    def form(self) -> dict[str, str]:
        """As the form of the gallery would say it, so that there is one set of rules."""
        told = msgspec.to_builtins(self)
        params, solved = told.pop("params"), told.pop("solved")
        said = {name: str(value) for name, value in told.items() if value is not None}
        said |= {f"param.{name}": _said(value) for name, value in params.items()}
        return said | ({"solved": "on"} if solved else {})


def _said(value: bool | int | str) -> str:
    return ("off", "on")[value] if isinstance(value, bool) else str(value)


def add_rest(app: flask.Flask, shell: Shell, shelf: Shelf, calls: Calls) -> None:
    """The routes of `app`."""
    _add_rooms(app, shell, shelf)
    _add_looks(app, calls)
    _add_acts(app, calls)
    _add_shelf(app, shelf)


def _add_rooms(app: flask.Flask, shell: Shell, shelf: Shelf) -> None:
    @app.get("/api/rooms")
    def own_rooms() -> Any:
        holder = holder_token(make=False)
        with shell.lock:
            own = [told_shortly(room) for room in shell.lobby.rooms.values() if holder and room.maker == holder]
            kept = shell.keeper.stored if shell.keeper is not None else {}
            asleep = [
                {**_named(name, one.protocol, one.title), "open": False}
                for name, one in kept.items() if holder and one.maker == holder and name not in shell.lobby.rooms
            ]  # fmt: skip
        return _part("rooms", [*reversed(own), *asleep])

    @app.post("/api/rooms")
    def open_a_room() -> Any:
        order = wire.read_order(asked.body(RoomShape).form(), shelf.params())
        room, address = open_ordered(shell, order)
        where = flask.url_for("look_at_room", room=room)
        return {"room": room, "address": address}, 201, {"Location": where}


def who_calls(calls: Calls) -> Caller:
    """Who has sent the request. Raises Refused where too many programs call."""
    return calls.caller(holder_token(make=False), flask.request.remote_addr)


def _add_looks(app: flask.Flask, calls: Calls) -> None:
    @app.get("/api/rooms/<room>")
    def look_at_room(room: str) -> Any:
        return _json(calls.ask(who_calls(calls), room, told_of_room))

    @app.get("/api/rooms/<room>/world")
    def world(room: str) -> Any:
        seq, id = asked.number("seq"), asked.number("branch")

        def tell(found: Room) -> dict[str, Any]:
            branch = found.show.branches.branch(id)
            at = branch.cursor if seq is None else seq
            return {"branch": branch.id, "seq": at, "world": branch.world(at)}

        return _json(calls.ask(who_calls(calls), room, tell))

    @app.get("/api/rooms/<room>/news")
    def news(room: str) -> Any:
        since, id = asked.number("since") or 0, asked.number("branch")
        wait = asked.number("wait", 0, NEWS_WAIT_MAX_S) or 0
        until = asked.word("until", NEWS_UNTIL)
        told = calls.await_news(
            who_calls(calls),
            room,
            lambda found: told_since(found, id, since),
            lambda found: is_due(found, id, since, until),
            wait,
        )
        return _json(told)


def _add_acts(app: flask.Flask, calls: Calls) -> None:
    @app.post("/api/rooms/<room>/acts")
    def act_in_room(room: str) -> Any:
        return _json(
            calls.act(
                who_calls(calls),
                room,
                asked.body(dict[str, Any]),
                repeats.check_key(flask.request.headers.get(repeats.HEADER)),
            )
        )

    @app.get("/api/token")
    def token() -> Any:
        told = {"token": token_for_programs(str(holder_token())), "days": COOKIE_DAYS}
        return told, 200, {"Cache-Control": "no-store"}


def _add_shelf(app: flask.Flask, shelf: Shelf) -> None:
    @app.get("/api/protocols")
    def protocols() -> Any:
        keys = ("name", "title", "summary", "cites", "family")
        found = shelf.matching(asked.words(), texts.translate).protocols
        return _part("protocols", [{key: protocol.get(key) for key in keys} for protocol in found])

    @app.get("/api/protocols/<name>")
    def protocol(name: str) -> Any:
        return dict(_protocol(shelf, name))

    @app.get("/api/scenarios")
    def scenarios() -> Any:
        return _part("scenarios", _sought(shelf).scenarios)

    @app.get("/api/lessons")
    def lessons() -> Any:
        return _part("lessons", _sought(shelf).lessons)

    @app.get("/api/challenges")
    def all_challenges() -> Any:
        return _part("challenges", _sought(shelf).challenges)


def _protocol(shelf: Shelf, name: str) -> Description:
    found = shelf.protocol(name)
    if found is None:
        raise Refused("unknown_protocol", N_("There is no protocol {name}."), name=wire.clean_name(name))
    return found


def _sought(shelf: Shelf) -> Shelf:
    """The part of the shelf that the call asks for. Raises Refused."""
    name = flask.request.args.get("protocol")
    chosen = shelf if name is None else shelf.only(str(_protocol(shelf, name)["name"]))
    return chosen.matching(asked.words(), texts.translate)


def _part(name: str, whole: Sequence[Any]) -> dict[str, Any]:
    """The part of a list that the call asks for. Raises Refused."""
    offset, limit = asked.span(PAGE, PAGE_MAX)
    return {name: list(whole[offset : offset + limit]), "total": len(whole), "offset": offset, "limit": limit}


def _json(value: Any) -> flask.Response:
    """An answer that may hold values of the simulation."""
    return flask.Response(strictjson.dumps(value), content_type="application/json")


def told_shortly(room: Room) -> dict[str, Any]:
    """A room in the list of its maker."""
    return {**_named(room.name, room.protocol.name, room.title), "open": True}


def _named(name: str, protocol: str, title: str) -> dict[str, Any]:
    return {"room": name, "address": flask.url_for("room_page", room=name), "protocol": protocol, "title": title}


def told_since(room: Room, id: int | None, since: int) -> dict[str, Any]:
    """The events after `since` on a branch (None: the one shown), as many as one reply holds, and the moment that is shown.
    Raises Refused.
    """
    branch = room.show.branches.branch(id)
    events = list(room.teller.events(branch, since + 1, branch.head))
    return {
        "branch": branch.id, "since": since, "upto": since + len(events), "events": events,
        "shown": room.show.shown().as_dict(),
    }  # fmt: skip


def is_due(room: Room, id: int | None, since: int, until: str) -> bool:
    """Whether there are events after `since` on a branch (None: the one shown), or the room stands still, whichever is waited
    for; or it is to be said that the branch was deleted.
    """
    try:
        head = room.show.branches.branch(id).head
    except Refused:
        return True
    return not room.show.playing if until == PAUSED else head > since


def told_of_room(room: Room) -> dict[str, Any]:
    """What anybody who knows its name may know of a room."""
    shown = room.show.shown()
    kept = ("id", "name", "parent", "forked_at", "forked_time", "head", "time")
    branches = [{key: told[key] for key in kept} for told in room.show.branches.as_list()]
    return {
        **told_shortly(room), "branches": branches, "seq": shown.cursor, "head": shown.head,
        "people": room.people.count(), "branch": shown.branch, "time": shown.now, "playing": shown.playing,
        "ratio": shown.ratio, "setup": room.setup(), "stopped": room.stopped is not None,
        "yours": bool(room.maker) and room.maker == holder_token(make=False),
    }  # fmt: skip
