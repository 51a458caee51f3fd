"""The table of all calls: what each takes and may answer. The document is made of it, and a test holds it to the routes.

Where a body is parsed by a Struct, that Struct stands here, so that the document says what is really taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from msgspec import Meta

from server.exports import FORMATS

from ..asked import NUMBER_MAX, OFFSET_MAX, SOUGHT_LETTERS_MAX
from ..library import PAGE_MAX as RECORDINGS_MAX
from ..linkorders import MakeOrder, OpenOrder
from ..recordings import Named
from ..repeats import HEADER, PATTERN
from ..rest import NEWS_UNTIL, NEWS_WAIT_MAX_S, PAGE_MAX, RoomShape, Slug
from ..searches import Order as SearchOrder
from . import answers
from .orders import Act, ComparisonOrder


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of the query: its type, and what it says."""

    name: str
    type: Any
    text: str


@dataclass(frozen=True, slots=True)
class Raw:
    """A body that no Struct describes: its media types, and the JSON Schema of each."""

    media: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A call. `rule` is Flask's; `good` are the answers by status; `bad` what else may go wrong than with all calls like it."""

    method: str
    rule: str
    id: str
    text: str
    good: Mapping[int, Any]
    bad: tuple[int, ...] = ()
    query: tuple[Param, ...] = ()
    body: Any = None
    needs_body: bool = True
    headers: tuple[Param, ...] = ()
    special: Mapping[int, Any] = field(default_factory=dict)
    """Problems that say more than others, by status."""

    @property
    def problems(self) -> list[int]:
        """The statuses of all that may go wrong."""
        found = set(self.bad)
        found |= {401}  # a token that is not valid
        found |= {404} if "<" in self.rule else set()
        found |= {429, 503} if self.rule.startswith("/api/rooms/<room>") else set()
        found |= {422} if self.query else set()
        found |= {403} if self.method != "GET" else set()
        found |= {413, 422} if self.body is not None else set()
        return sorted(found - set(self.special))


Number = Annotated[int, Meta(ge=0, le=NUMBER_MAX)]
Version = Annotated[int, Meta(ge=-1, le=NUMBER_MAX)]
Offset = Annotated[int, Meta(ge=0, le=OFFSET_MAX)]
Words = Annotated[str, Meta(max_length=SOUGHT_LETTERS_MAX)]
Address = Annotated[str, Meta(max_length=400)]

BINARY: Mapping[str, Any] = {"type": "string", "format": "binary"}
TEXT: Mapping[str, Any] = {"type": "string"}
OBJECT: Mapping[str, Any] = {"type": "object"}

OFFSET = Param("offset", Offset, "How many of the list to leave out at its beginning.")
PART = (OFFSET, Param("limit", Annotated[int, Meta(ge=1, le=PAGE_MAX)], "How many to give at most; otherwise 50."))
FEW = (OFFSET, Param("limit", Annotated[int, Meta(ge=1, le=RECORDINGS_MAX)], "How many to give at most; otherwise 20."))
SOUGHT = Param("q", Words, "Words that all have to be in what it says, in English or in the language of the request.")
OF = Param("protocol", Slug, "Of this protocol alone.")
BRANCH = Param("branch", Number, "The number of a branch; otherwise the one that is shown.")
SINCE = Param("since", Version, "The version of the report that is known; only a newer one is told.")
KEY = Param(HEADER, Annotated[str, Meta(pattern=PATTERN)],
            "Made up by the caller for one act, so that it may be sent again where its answer was lost: it is done once, and "
            "its answer given again; another body under it is refused with 422. The last 32 of a caller in a room are known, "
            "until that leaves the memory or the server ends.")  # fmt: skip
FILE = Raw({"application/json": OBJECT})
CSV = Raw({"text/csv": TEXT})
EVENTS = Raw({form.content_type: TEXT for form in FORMATS.values()})
SENT = Raw({"application/json": OBJECT, "application/gzip": BINARY})
PICTURE = Raw({"image/svg+xml": TEXT})

ROOMS = (
    Operation("GET", "/api/rooms", "listRooms", "One's own rooms, those that are open first.",
              {200: answers.Rooms}, query=PART),
    Operation("POST", "/api/rooms", "openRoom", "Opens a room for a protocol, a scenario, a lesson or a challenge.",
              {201: answers.OpenedRoom}, (404, 429, 503), body=RoomShape),
    Operation("GET", "/api/rooms/<room>", "getRoom", "What is shown in a room, its set-up and its branches.",
              {200: answers.ToldRoom}, (422,)),
    Operation("POST", "/api/rooms/<room>/acts", "act",
              "Says something to a room, in the words of its WebSocket: acts, plays, steps, goes back, or hands the controls "
              "on, as far as the caller's role lets him. Answered once it is saved. He is in the room until half a minute "
              "on, as far as the caller's role lets him. Answered once it is saved, with the event at which the room stands: "
              "what takes time (`play`, `run_until`) has begun then and is waited for with `getNews`. He is in the room until "
              "half a minute after his last call.",
              {200: answers.Done}, (413, 422), body=Act),
    Operation("GET", "/api/rooms/<room>/world", "getWorld", "The whole world after an event.",
              {200: answers.World}, (), (Param("seq", Number, "The event; otherwise the one that is shown."), BRANCH)),
    Operation("GET", "/api/rooms/<room>/news", "getNews",
              "The events after one, at most 500, and the moment that is shown. Of one caller 16 calls may wait for news, of "
              "one address 256, of all 1,024; a further one that would wait is answered with 429.",
              {200: answers.News}, (), (
                  Param("since", Number, "The event that is known, such as the one that an act has answered; otherwise 0, "
                        "which is before all."), BRANCH,
                  Param("wait", Annotated[int, Meta(ge=0, le=NEWS_WAIT_MAX_S)],
                        "For how many seconds at the most the answer may wait."),
                  Param("until", Literal[NEWS_UNTIL], "What it waits for: an event after `since`, or `paused`: that the room "
                        "stands still, as when what `run_until` waits for has come."))),
    Operation("GET", "/api/rooms/<room>/events", "exportEvents", "The events of a branch as a file.",
              {200: EVENTS}, (),
              (Param("format", Literal[tuple(FORMATS)], "The form of the file; otherwise jsonl."), BRANCH,
               Param("from", Number, "The first event; otherwise 1."),
               Param("upto", Number, "The last event; otherwise the last one so far."))),
    Operation("GET", "/api/rooms/<room>/recording", "exportRoom", "A room as a recording.", {200: FILE}, (422,)),
    Operation("POST", "/api/rooms/<room>/recordings", "saveRoom", "Keeps a room as a recording.",
              {201: answers.ToldRecording}, body=Named),
)  # fmt: skip
SHELF = (
    Operation("GET", "/api/protocols", "listProtocols", "The protocols.", {200: answers.Protocols}, query=(SOUGHT, *PART)),
    Operation("GET", "/api/protocols/<name>", "getProtocol", "All that is declared of a protocol.",
              {200: answers.ToldProtocol}),
    Operation("GET", "/api/scenarios", "listScenarios", "Scenarios.",
              {200: answers.Scenarios}, (404,), (OF, SOUGHT, *PART)),
    Operation("GET", "/api/lessons", "listLessons", "Lessons.", {200: answers.Lessons}, (404,), (OF, SOUGHT, *PART)),
    Operation("GET", "/api/challenges", "listChallenges", "Challenges.",
              {200: answers.Challenges}, (404,), (OF, SOUGHT, *PART)),
)  # fmt: skip
RECORDINGS = (
    Operation("GET", "/api/recordings", "listRecordings", "One's own recordings, and those that are for everybody.",
              {200: answers.Recordings}, (503,), (SOUGHT, *FEW)),
    Operation("POST", "/api/recordings", "sendRecording",
              "Takes a file, packed by gzip or not, and plays it; of a long one it is told where to ask how far that is.",
              {201: answers.ToldRecording, 202: answers.ToldImport}, (429, 503),
              (Param("name", Annotated[str, Meta(max_length=400)], "What it is called if it has no name of its own."),),
              SENT),
    Operation("GET", "/api/recordings/<id>", "getRecording", "What is known of a recording.",
              {200: answers.ToldRecording}, (503,)),
    Operation("PATCH", "/api/recordings/<id>", "changeRecording", "Renames a recording of one's own, or gives it another note.",
              {200: answers.ToldRecording}, (503,), body=Named),
    Operation("DELETE", "/api/recordings/<id>", "deleteRecording", "Deletes a recording of one's own.", {204: None}, (503,)),
    Operation("GET", "/api/recordings/<id>/file", "exportRecording", "The file of a recording.", {200: FILE}, (503,)),
    Operation("POST", "/api/recordings/<id>/room", "openRecording", "Opens a recording as a room.",
              {201: answers.OpenedRecording}, (422, 429, 503)),
    Operation("GET", "/api/imports/<name>", "getImport", "How far it is with a file that was sent.",
              {200: answers.ToldImport}, (503,)),
    Operation("DELETE", "/api/imports/<name>", "stopImport", "Stops looking at a file that one has sent.",
              {200: answers.ToldImport}),
)  # fmt: skip
JOBS = (
    Operation("POST", "/api/comparisons", "orderComparison", "Has protocols or tunings compared on the same seeds and faults.",
              {201: answers.ToldJob}, (404, 429, 503), body=ComparisonOrder),
    Operation("GET", "/api/comparisons/<name>", "getComparison", "How far a comparison is, and its report so far.",
              {200: answers.ToldJob}, query=(SINCE,)),
    Operation("DELETE", "/api/comparisons/<name>", "stopComparison", "Stops a comparison of one's own.",
              {200: answers.ToldJob}),
    Operation("GET", "/api/comparisons/<name>/<any('table.csv', 'runs.csv'):file>", "exportComparison",
              "The result of a comparison as a table.", {200: CSV}),
    Operation("POST", "/api/searches", "orderSearch", "Has a run looked for that breaks a property.",
              {201: answers.ToldJob}, (404, 429, 503), body=SearchOrder),
    Operation("GET", "/api/searches/<name>", "getSearch", "How far a search is, and what it has found.",
              {200: answers.ToldJob}, query=(SINCE,)),
    Operation("DELETE", "/api/searches/<name>", "stopSearch", "Stops a search of one's own.", {200: answers.ToldJob}),
    Operation("POST", "/api/searches/<name>/room", "openFound", "Opens what a search has found as a room.",
              {201: answers.OpenedRoom}, (409, 429, 503)),
)  # fmt: skip
LINKS = (
    Operation("POST", "/api/links", "makeLink", "Makes a link to what a room shows, or showed.",
              {201: answers.MadeLink}, (404, 429, 503), body=MakeOrder),
    Operation("POST", "/api/links/open", "openLink", "Opens a room for a link.",
              {201: answers.OpenedLink}, (404, 410, 429, 503), body=OpenOrder, special={409: answers.PartlyRead}),
    Operation("POST", "/api/links/about", "aboutLink", "What a link brings back, without opening it.",
              {200: answers.Known}, (404, 410, 503), body=OpenOrder),
    Operation("GET", "/api/links/open/<ticket>", "howFar", "How far a link is that is being opened under a ticket.",
              {200: answers.HowFar}),
    Operation("GET", "/api/code.svg", "drawCode", "An address of this server as a QR code.", {200: PICTURE},
              query=(Param("address", Address, "The address."),)),
)  # fmt: skip
TOKEN = Operation("GET", "/api/token", "getToken",
                  "What a program sends as `Authorization: Bearer` to be whom the cookie is of.",
                  {200: answers.Token})  # fmt: skip
DOCUMENT = Operation("GET", "/api/openapi.json", "getDocument", "This document.", {200: FILE})
TAGS: Mapping[str, tuple[Operation, ...]] = {
    "rooms": ROOMS, "shelf": SHELF, "recordings": RECORDINGS, "comparisons and searches": JOBS, "links": LINKS,
    "token": (TOKEN,), "document": (DOCUMENT,),
}  # fmt: skip
