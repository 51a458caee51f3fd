"""The orders of pages that make and follow links: the shapes of foreign data, as in `shapes.py`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from server.simulation.texts import N_, Refused

from .compare import read_order
from .shapes import Counter, Host, RoomName, Shape, Word

T = TypeVar("T")

HOSTS_MAX = 64
"""Of dragged ones in a link; rooms have fewer."""

LINK_CHARACTERS_MAX = 12_000
NO_ORDER = N_("This is no order for a link.")

NAME = r"^[a-km-np-z2-9]{12}\Z"
"""A link that is kept is called so: signs that can't be taken for one another when they are read from a wall."""


TICKET = r"^[a-z0-9]{16,32}\Z"
"""Of which no two pages make up the same."""


class SelectionShape(Shape, tag_field="kind", tag=lambda name: name.removesuffix("Selected").lower()):
    """What is selected."""


class HostSelected(SelectionShape):
    """A node or a client."""

    host: Host


class LinkSelected(SelectionShape):
    """One direction."""

    src: Host
    dst: Host


class MessageSelected(SelectionShape, omit_defaults=True):
    """A message; `seq` is the event that ended it."""

    id: Counter
    seq: Counter | None = None


class EventSelected(SelectionShape):
    """An event."""

    seq: Counter


class EntrySelected(SelectionShape):
    """An entry of a log, counted from 0."""

    host: Host
    field: Word
    position: Counter


MICROSECONDS_MAX = 24 * 3_600 * 1_000_000


class WindowShape(Shape, omit_defaults=True):
    """The time (µs) that the drawings over time show: so much of it, from a moment on, or up to the present."""

    span: Annotated[int, Meta(ge=1, le=MICROSECONDS_MAX)]
    start: Annotated[int, Meta(ge=-MICROSECONDS_MAX, le=10**15)] | None = msgspec.field(name="from", default=None)


PerMille = Annotated[int, Meta(ge=-1_000, le=1_000)]


class LookShape(Shape, omit_defaults=True):
    """Where somebody looks. `places`: hosts that were dragged, how far, in thousandths of the ring's width and height."""

    select: HostSelected | LinkSelected | MessageSelected | EventSelected | EntrySelected | None = None
    panel: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}\Z")] | None = None
    board: Annotated[int, Meta(ge=0, lt=16)] | None = None
    filter: Literal["focus", "context", "all"] | None = None
    window: WindowShape | None = None
    places: Annotated[dict[Host, tuple[PerMille, PerMille]], Meta(max_length=HOSTS_MAX)] | None = None


def known_look(look: Mapping[str, Any]) -> dict[str, Any]:
    """What of a look is as one is written here: a link may be of another version, or anybody's."""
    known = {}
    for name, value in look.items():
        with suppress(msgspec.ValidationError):
            msgspec.convert({name: value}, LookShape)
            known[name] = value
    return known


class MakeOrder(Shape):
    """A link that a page wants: to what it shows, at event `seq` where that is not where all are."""

    room: RoomName
    branch: Counter | None = None
    seq: Counter | None = None
    look: LookShape = msgspec.field(default_factory=LookShape)
    keep: bool = False


class EmbedShape(Shape):
    """How an embedded room begins."""

    start: Counter | None = msgspec.field(name="from", default=None)
    autoplay: bool = False
    acts: bool = False


class OpenOrder(Shape):
    """A link that is followed: its text, or the name under which it is kept."""

    link: Annotated[str, Meta(max_length=LINK_CHARACTERS_MAX)] | None = None
    name: Annotated[str, Meta(pattern=NAME)] | None = None
    anyway: bool = False
    embed: EmbedShape | None = None
    ticket: Annotated[str, Meta(pattern=TICKET)] | None = None
    """Made up by the page, which asks under it how far this is."""


def order_of(kind: type[T]) -> T:
    """What the page asks for. Raises Refused."""
    try:
        return msgspec.convert(read_order(NO_ORDER), kind)
    except msgspec.ValidationError:
        raise Refused("bad_order", NO_ORDER) from None
