"""Recordings: the page that lists them, and the calls behind it.

    GET    /recordings                       the page; /recordings/<id> is that of one
    GET    /api/recordings?q=&offset=&limit= one's own, and those that the server's keeper put in for everybody
    POST   /api/recordings?name=             a file, packed or not: 201, or 202 with an import to ask for where it takes longer
    GET    /api/imports/<name>               how far that is; DELETE stops it
    GET    /api/recordings/<id>              one; PATCH {name, note} and DELETE for its holder
    GET    /api/recordings/<id>/file         its file
    POST   /api/recordings/<id>/room         opens it as a room
    GET    /api/rooms/<room>/recording       a room as a file
    POST   /api/rooms/<room>/recordings      keeps a room: {name, note}

What goes wrong is a problem of RFC 9457 (`problems.py`). Whatever takes long is done a piece at a time: playing a recording in
a room of ours, and computing the digests of a room. Strangers' files are looked through in a thread (`sent.py`), so that a
hostile one is refused at once, and played there if they are short, else in a child (`imports.py`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import IO, Annotated, Any, TypeVar, cast
from urllib.parse import quote

import flask
from msgspec import UNSET, Meta, Struct, UnsetType

from server.rooms import Limits as RoomLimits
from server.rooms import Room
from server.rooms.recorded import BYTES_MAX, NAME_MAX, NOTE_MAX
from server.rooms.tree import Tree
from server.rooms.verify import Verified, recording_of, verify
from server.simulation.texts import N_, Refused
from server.storage.recordings import NOBODY

from . import asked, sent, texts, wire
from .authority import runs_the_server
from .calls import Calls
from .config import Config
from .imports import BROKE_OFF, Imports, Job
from .library import PAGE, PAGE_MAX, Library
from .problems import status_of, told_of
from .rest import who_calls
from .security import holder_token
from .sockets import Shell

log = logging.getLogger("server")

T = TypeVar("T")
WAIT_S = 8.0
"""How long somebody who sends a file waits for the answer before he is told to ask again."""
LOOK_EVERY_S = 0.05
REMARK = N_(
    "This recording was made by another version: up to event {upto} it is as it was, what follows is different now."
)

Typed = Annotated[str, Meta(max_length=4 * NAME_MAX)]
Noted = Annotated[str, Meta(max_length=NOTE_MAX)]


class Named(Struct, forbid_unknown_fields=True):
    """What a room, or a recording, is to be called."""

    name: Typed | UnsetType = UNSET
    note: Noted | UnsetType = UNSET


@dataclass(slots=True)
class Places:
    """So much of something at the same time; Refused beyond."""

    most: int
    taken: int = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Takes a place meanwhile. Raises Refused where there is none."""
        if self.taken >= self.most:
            raise Refused("too_many_openings",
                          N_("{most} recordings are being opened or saved already: try again in a moment."),
                          most=self.most)  # fmt: skip
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class Nursery:
    """The lobby, for rooms that are growing: they are not saved before they have grown."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._lobby = cast("Any", shell.lobby)
        self.limits: RoomLimits = self._lobby.limits

    def plant(self, tree: Tree, maker: str | None) -> Room:
        """As the lobby's."""
        room: Room = self._lobby.plant(tree, maker)
        if self._shell.keeper is not None:
            self._shell.keeper.growing.add(room.name)
        return room

    def leave(self, room: Room) -> None:
        """It has grown."""
        if self._shell.keeper is not None:
            self._shell.keeper.growing.discard(room.name)

    def close(self, name: str) -> None:
        """It is none after all."""
        self._lobby.close(name)
        if self._shell.keeper is not None:
            self._shell.keeper.growing.discard(name)


class Desk:
    """Opens and saves recordings for visitors, a piece at a time, so that rooms go on meanwhile. `call` runs a function outside
    the event loop and waits for it.
    """

    def __init__(
        self, shell: Shell, library: Library, places: int, sleep: Callable[[float], Any], call: Callable[[Any], Any]
    ) -> None:  # fmt: skip
        self.library = library
        self._shell = shell
        self._places = Places(places)
        self._sleep = sleep
        self._call = call
        self._turn = threading.Lock()

    def wait(self, steps: Generator[int, None, T]) -> T:
        """Goes through the steps; others have their turn after each. Raises what they raise."""
        while True:
            with self._shell.lock:
                try:
                    next(steps)
                except StopIteration as end:
                    found: T = end.value
                    return found
            self._sleep(0)

    def file_of(self, room: Room, name: str, note: str = "") -> tuple[str, dict[str, Any]]:
        """A room as a file, and what the list says of it. Raises Refused."""
        with self._places.one():
            recorded = self.wait(recording_of(room, name, note))
        document = recorded.to_json()
        return document, sent.columns(Verified(recorded, None, 0), document)

    def take(self, file: IO[bytes], holder: str) -> dict[str, Any] | None:
        """Keeps a file that was sent; what is told of it, or None for one that is long and whole. One file at a time, so that
        no two of them take memory. Raises Refused.
        """

        def look() -> tuple[str, dict[str, Any]] | Refused | None:
            try:
                verified = sent.played_if_short(sent.read(file))
            except Refused as reason:
                # Made anew: its traceback would hold the whole text, until the collector comes by in an hour.
                return Refused(reason.code, reason.text, **reason.parameters)
            except Exception:  # a mistake of ours: whatever a stranger sends has an answer
                log.exception("a recording broke what played it")
                return Refused("bad_recording", BROKE_OFF)
            if verified is None:
                return None
            document = verified.recorded.to_json()
            return document, sent.columns(verified, document)

        with self._turn:
            found: tuple[str, dict[str, Any]] | Refused | None = self._call(look)
        if isinstance(found, Refused):
            raise found
        return None if found is None else self.library.add(found[0], found[1], holder)

    def open(self, id: str, maker: str) -> dict[str, Any]:
        """Opens a recording as a room of the visitor `maker`. Where it is, and up to where it is as it was. Raises Refused."""
        recorded, upto, known = self.library.recorded(id)
        self._shell.require_saving()
        nursery = Nursery(self._shell)
        with self._places.one():
            room, verified = self.wait(verify(recorded, nursery, maker, compare=not known))
        if recorded.note:
            room.remark(N_("Note: {note}"), {"note": recorded.note})
        upto = verified.upto if not known else upto
        nursery.leave(room)
        if upto is not None:
            room.remark(REMARK, {"upto": upto})
        self._shell.opened(room.name)
        address = flask.url_for("room_page", room=room.name)
        return {"room": room.name, "address": address, "upto": upto, "skipped": verified.skipped}


def add_recordings(
    app: flask.Flask, config: Config, shell: Shell, library: Library, imports: Imports, door: Calls,
    sleep: Callable[[float], Any], call: Callable[[Any], Any],
) -> None:  # fmt: skip
    """The routes of `app`."""
    sent.give_large_blocks_back()
    desk = Desk(shell, library, config.limits.openings, sleep, call)
    app.jinja_env.globals["recording_bytes"] = BYTES_MAX
    calls = flask.Blueprint("recordings", __name__)

    _add_page(calls, library)
    _add_list(calls, library)
    _add_files(calls, desk, imports, sleep)
    _add_rooms(calls, desk, door)
    app.register_blueprint(calls)


def _add_page(calls: flask.Blueprint, library: Library) -> None:
    @calls.get("/recordings")
    def recordings_page() -> Any:
        holder = str(holder_token())
        flask.session.modified = True  # whoever comes here now and then is known for as long as he does
        return _rendered(lambda: _page(library, holder, "", 0, PAGE))

    @calls.get("/recordings/<id>")
    def recording_page(id: str) -> Any:
        holder = str(holder_token())
        return _rendered(
            lambda: {"recordings": [library.told(id, holder)], "total": 1, "offset": 0, "limit": PAGE}, only=True
        )


def _rendered(first: Callable[[], dict[str, Any]], *, only: bool = False) -> Any:
    """The page with its first list, or with what is wrong."""
    locale = texts.chosen()
    boot: dict[str, Any] = {
        "locale": locale, "catalog": texts.catalog(locale), "limits": {"bytes": BYTES_MAX}, "only": only,
    }  # fmt: skip
    status = 200
    try:
        boot["first"] = first()
    except Refused as reason:
        boot["problem"], status = {"text": reason.text, "args": reason.parameters}, status_of(reason.code)
    return flask.render_template("recordings.html", boot=boot), status


def _add_list(calls: flask.Blueprint, library: Library) -> None:
    @calls.get("/api/recordings")
    def list_recordings() -> Any:
        return _page(library, _holder(), asked.words(), *asked.span(PAGE, PAGE_MAX))

    @calls.get("/api/recordings/<id>")
    def look_at_recording(id: str) -> Any:
        return library.told(id, _holder())

    @calls.patch("/api/recordings/<id>")
    def change_recording(id: str) -> Any:
        given = asked.body(Named)
        name = None if given.name is UNSET else wire.clean_name(given.name, NAME_MAX)
        return library.change(id, _holder(), name, None if given.note is UNSET else given.note)

    @calls.delete("/api/recordings/<id>")
    def delete_recording(id: str) -> Any:
        library.delete(id, _holder())
        return "", 204

    @calls.get("/api/recordings/<id>/file")
    def recording_file(id: str) -> Any:
        row = library.document(id)
        return _file(row["document"], row["name"])


def _add_files(calls: flask.Blueprint, desk: Desk, imports: Imports, sleep: Callable[[float], Any]) -> None:
    @calls.post("/api/recordings")
    def take_file() -> Any:
        request = flask.request
        request.max_content_length = sent.DRAINED_BYTES_MAX  # it is counted where it is read
        if (request.content_length or 0) > sent.DRAINED_BYTES_MAX:
            raise sent.too_large()
        name = wire.clean_name(request.args.get("name", ""), NAME_MAX).lstrip(".~")
        file, digest = sent.spool(request.stream, name)
        try:
            holder = NOBODY if runs_the_server(digest) else str(holder_token())  # nobody's: everybody finds it
            kept = desk.take(file, holder)
        except BaseException:
            file.close()
            raise
        if kept is not None:
            return kept, 201, {"Location": flask.url_for(".look_at_recording", id=kept["id"])}
        job = imports.open({"file": file}, holder)
        until = monotonic() + WAIT_S
        while not job.settled and monotonic() < until:
            sleep(LOOK_EVERY_S)
            imports.find(job.name)  # somebody waits for it
            job.settle(desk.library)
        if job.refused is not None:
            raise job.refused
        if job.kept is None:
            return _told(imports, job), 202, {"Location": flask.url_for(".look_at_import", name=job.name)}
        return job.kept, 201, {"Location": flask.url_for(".look_at_recording", id=job.kept["id"])}

    @calls.get("/api/imports/<name>")
    def look_at_import(name: str) -> Any:
        job = imports.find(name)
        job.settle(desk.library)
        return _told(imports, job)

    @calls.delete("/api/imports/<name>")
    def stop_import(name: str) -> Any:
        return _told(imports, imports.stop(name, _holder()))


def _add_rooms(calls: flask.Blueprint, desk: Desk, door: Calls) -> None:
    def room_named(name: str) -> Room:
        """The room of that name, once it is saved as it is. Raises Refused."""
        return door.ask(who_calls(door), name, lambda found: found)

    @calls.post("/api/recordings/<id>/room")
    def open_recording(id: str) -> Any:
        return desk.open(id, str(holder_token())), 201

    @calls.get("/api/rooms/<room>/recording")
    def room_as_file(room: str) -> Any:
        found = room_named(room)
        name = _titled(found)
        return _file(desk.file_of(found, name)[0], name)

    @calls.post("/api/rooms/<room>/recordings")
    def keep_room(room: str) -> Any:
        given, found = asked.body(Named), room_named(room)
        name = _titled(found) if given.name is UNSET else wire.clean_name(given.name, NAME_MAX)
        document, told = desk.file_of(found, name, "" if given.note is UNSET else given.note)
        kept = desk.library.add(document, told, str(holder_token()))
        return kept, 201, {"Location": flask.url_for(".look_at_recording", id=kept["id"])}


def _holder() -> str:
    return holder_token(make=False) or ""


def _page(library: Library, holder: str, words: str, offset: int, limit: int) -> dict[str, Any]:
    found = library.listed(holder, words, texts.translate, offset=offset, limit=limit)
    return {"recordings": found.rows, "total": found.total, "offset": offset, "limit": limit}


def _titled(room: Room) -> str:
    """What a room is called, in the language of its visitor, fit for a recording."""
    return texts.translate(room.title).replace("/", "-").replace("\\", "-").lstrip(".~")[:NAME_MAX].strip() or "-"


def _attachment(name: str) -> str:
    """The header for a file of that name, in any writing (RFC 6266): headers hold Latin letters alone."""
    plain = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _file(document: str, name: str) -> flask.Response:
    answer = flask.Response(document, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = _attachment(f"{name}.json")
    return answer


def _told(imports: Imports, job: Job) -> dict[str, Any]:
    """What a page is told of a file that is played again."""
    wrong = None if job.refused is None else told_of(job.refused)
    return {
        "name": job.name,
        "over": job.settled,
        "before": imports.before(job),
        "progress": job.progress,
        "recording": job.kept,
        "problem": wrong,
    }
