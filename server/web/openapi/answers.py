"""The shapes of what calls answer. Nothing is parsed with them: they are read by whoever writes a client, and by tests.

Where something is declared by a protocol, and so differs from one to the next (a world, a report, an outcome), it stands as
an object of any kind. Texts are in English, and keys of the catalogues of other languages.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ..shapes import Counter, Micros

Data = dict[str, Any]
Part = Annotated[float, Meta(ge=0, le=1)]


class Answer(Struct, forbid_unknown_fields=True):
    """What a call answers."""


class Problem(Answer):
    """What went wrong (RFC 9457). `detail` is in the language of the request; `text` and `args` are what it is made of."""

    type: Literal["about:blank"]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
    code: str
    text: str
    args: Data


class ReadPart(Answer):
    """A thing of a link that can't be read any more."""

    text: str
    args: Data


class Known(Answer):
    """What could be read of a link."""

    title: str
    nodes: Counter
    clients: Counter
    seed: Counter
    commands: Counter
    events: Counter
    layout: str


class HowFar(Answer):
    """How many of the events of a link have been played (of none, where nothing is being opened); `waiting` where others are
    before it.
    """

    of: Counter
    done: Counter
    waiting: bool


class PartlyRead(Problem):
    """A link of another version that can be followed in part: ask again with `anyway`."""

    parts: list[ReadPart]
    known: Known


class OpenedRoom(Answer):
    """A room that was opened: its name, and the path of its page."""

    room: str
    address: str


class OpenedLink(OpenedRoom):
    """A room that was opened for a link, and where the link's maker looked."""

    look: Data


class OpenedRecording(OpenedRoom):
    """A room that was opened for a recording: up to which event it is as it was recorded (null: to its end), and how many
    commands had to be left out.
    """

    upto: Counter | None
    skipped: Counter


class ListedRoom(OpenedRoom):
    """A room in the list of its maker. One that is not `open` is kept, and comes back when somebody asks for it."""

    protocol: str
    title: str
    open: bool


class Rooms(Answer):
    """One's own rooms, those that are open first."""

    rooms: list[ListedRoom]
    total: Counter
    offset: Counter
    limit: Counter


class ToldBranch(Answer):
    """A branch. Times are virtual, in microseconds."""

    id: Counter
    name: str
    parent: Counter | None
    forked_at: Counter
    forked_time: Micros
    head: Counter
    time: Micros


class Setup(Answer):
    """How a run was set up, with all tunables."""

    protocol: str
    nodes: Counter
    clients: Counter
    params: Data
    rules: Data
    seed: Counter
    link: Data
    usual_link: Data


class ToldRoom(ListedRoom):
    """A room: what is shown there, its set-up and its branches."""

    seq: Counter
    head: Counter
    people: Counter
    branches: list[ToldBranch]
    branch: Counter
    time: Micros
    playing: bool
    ratio: float
    setup: Setup
    stopped: bool
    yours: bool


class World(Answer):
    """The whole world after event `seq` of a branch; it is the protocol that declares what nodes know."""

    branch: Counter
    seq: Counter
    world: Data


class Done(Struct):
    """What came of what was said to a room, as its WebSocket replies: after a command the last event that it brought about and
    its branch, else the event that is shown now; of a copy, or of two branches side by side, the room that was opened. What was
    asked for (a world, events, entries, a recording) stands beside.
    """

    seq: Counter | UnsetType = UNSET
    branch: Counter | UnsetType = UNSET
    cursor: Counter | UnsetType = UNSET
    room: str | UnsetType = UNSET


class Moment(Struct):
    """The moment that all are shown: its branch, the event `cursor` of `head`, the virtual time. `ratio` is real time per
    virtual time.
    """

    branch: Counter
    cursor: Counter
    head: Counter
    now: Micros
    playing: bool
    ratio: float
    until: Data | None


class News(Answer):
    """The events after `since` up to `upto` on a branch, each as in a file of JSON Lines, and what is shown. Where somebody
    acted in the past, another branch is shown, whose events have the same numbers from the fork on.
    """

    branch: Counter
    since: Counter
    upto: Counter
    events: list[Data]
    shown: Moment


class Token(Answer):
    """What a program sends in place of the cookie: `Authorization: Bearer` and this. It is as secret as the cookie is."""

    token: str
    days: Counter


class ListedProtocol(Answer):
    """A protocol in the list."""

    name: str
    title: str
    summary: str
    cites: str
    family: str


class Protocols(Answer):
    """The protocols that there are."""

    protocols: list[ListedProtocol]
    total: Counter
    offset: Counter
    limit: Counter


class ToldProtocol(Struct):
    """All that is declared of a protocol: its messages, fields, rules, tunables, properties and operations, and its view."""

    name: str
    title: str
    summary: str
    cites: str
    params: dict[str, Data]
    rules: dict[str, Data]
    properties: dict[str, Data]
    operations: list[Data]


class Card(Answer):
    """Something to open. `about` are the topics under which it is found too."""

    name: str
    title: str
    text: str
    protocol: str
    nodes: Counter
    picture: Data
    about: list[str]


class ListedScenario(Card):
    """A scenario, and what comes out of it."""

    outcome: str


class ListedLesson(Card):
    """A lesson, and the number of its beats."""

    beats: Counter


class ListedChallenge(Card):
    """A challenge: how hard it is, and the number of its hints."""

    level: Counter
    hints: Counter


class Scenarios(Answer):
    """Scenarios."""

    scenarios: list[ListedScenario]
    total: Counter
    offset: Counter
    limit: Counter


class Lessons(Answer):
    """Lessons."""

    lessons: list[ListedLesson]
    total: Counter
    offset: Counter
    limit: Counter


class Challenges(Answer):
    """Challenges."""

    challenges: list[ListedChallenge]
    total: Counter
    offset: Counter
    limit: Counter


class ToldRecording(Answer):
    """A recording. `upto` is the event up to which this program plays it as it was recorded (null: to its end)."""

    id: str
    name: str
    protocol: str
    title: str
    nodes: Counter
    branches: Counter
    events: Counter
    size: Counter
    created: str
    digest: str
    upto: Counter | None
    yours: bool


class Recordings(Answer):
    """One's own recordings, and those that are for everybody; the newest first."""

    recordings: list[ToldRecording]
    total: Counter
    offset: Counter
    limit: Counter


class Wrong(Answer):
    """What was wrong with a file, in the words of a problem."""

    detail: str
    code: str
    text: str
    args: Data


class Progress(Struct):
    """How far something is."""

    part: Part
    done: Counter | UnsetType = UNSET


class ToldImport(Answer):
    """A file that is being played again: `before` it are so many others; then the recording that it became, or the problem."""

    name: str
    over: bool
    before: Counter
    progress: Progress
    recording: ToldRecording | None
    problem: Wrong | None


class ToldJob(Answer):
    """A comparison or a search: `before` it are so many others; the `report` where it is newer than `since`."""

    name: str
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    over: bool
    before: Counter
    progress: Progress
    version: Counter
    report: Data | None


class MadeLink(Answer):
    """A link: its path, whether it is `kept` under a short name and for how many `days`, and what it holds."""

    path: str
    kept: bool
    days: Counter
    seq: Counter
    branch: str
    branches: Counter
    framed: bool
    commands: Counter
