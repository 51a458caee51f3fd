"""Makes links of rooms, and rooms of links; in slices, so that nobody waits for a long run."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Protocol

import msgspec

from server.protocols import program
from server.rooms import Room
from server.rooms.links import Link, Said, check_of, differs_after, link_from
from server.rooms.lobby import find_told
from server.rooms.tree import Tree, tree_of
from server.simulation import History
from server.simulation.texts import N_, Refused

from .config import Config
from .following import Way, Ways
from .linkorders import NO_ORDER, EmbedShape, MakeOrder, OpenOrder, known_look
from .sockets import Shell

log = logging.getLogger("server")

SHORT_CHARACTERS_MAX = 1_900
"""Of a text; with the server's name before it an address has about 2,000, which every program lets pass."""
EVENTS_MAX = 100_000
"""Of a room that a link brings back. Measured: 10,000 take 0.9 s of processor time, as many as this 11 s, in slices."""
WAITING_EVENTS_MAX = 500_000
"""Of all links that are made or opened just now: one after the other, so that rooms keep most of the machine. A whole class
may follow a link at once."""
CHECKED_MAX = 32
"""Links of which it is remembered what they become: the same link becomes the same."""
TOO_MUCH = N_("This is too much for a link. Save the recording instead.")
TOO_MANY_EVENTS = N_(
    "To bring this branch back {events} events are played, and a link may take at most {most}. Save the room as a recording: "
    "that keeps all of it."
)
UNKNOWN = N_("There is no such link. It may have been forgotten.")


class Kept(Protocol):
    """Where links are kept that are too long for an address."""

    days: int
    """For which a link is kept after it was followed last."""

    def keep(self, text: str) -> str:
        """Keeps a link; its name. Raises Refused."""

    def find(self, name: str) -> str:
        """The link of that name. Raises Refused."""


class Turns:
    """One computes, the others wait for their turn; no more than there is patience for."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._waiting = 0

    @contextmanager
    def one(self, events: int) -> Iterator[None]:
        """Waits until it is the turn of somebody who computes so many events. Raises Refused."""
        if self._waiting and self._waiting + events > WAITING_EVENTS_MAX:
            raise Refused("too_many_links", N_("Many links are being opened at this moment: try again in a minute."))
        self._waiting += events
        try:
            with self._turn:
                yield
        finally:
            self._waiting -= events


class Maker:
    """Makes links of rooms."""

    def __init__(
        self, config: Config, shell: Shell, sleep: Callable[[float], Any], kept: Kept | None, turns: Turns
    ) -> None:  # fmt: skip
        self._turns = turns
        self._config = config
        self._shell = shell
        self._sleep = sleep
        self._kept = kept

    def make(self, order: MakeOrder) -> dict[str, Any]:
        """What a page is told of a new link. Raises Refused."""
        tree, check = self._seen(order)
        look: Mapping[str, Any] = msgspec.to_builtins(order.look)
        link, text = self._short(Link(tree, look, check))
        kept = self._kept
        keep = order.keep or len(text) > SHORT_CHARACTERS_MAX
        if keep and kept is None:
            raise Refused("link_too_large", TOO_MUCH)
        path = f"/l/{kept.keep(text)}" if keep and kept is not None else f"/l#{text}"
        limb = link.tree.limb(link.tree.shown)
        return {
            "path": path, "kept": keep, "days": kept.days if kept is not None else 0, "seq": limb.cursor,
            "branch": limb.name, "branches": len(link.tree.limbs), "framed": bool(self._config.framers),
            "commands": sum(len(each.commands) for each in link.tree.limbs),
        }  # fmt: skip

    def _seen(self, order: MakeOrder) -> tuple[Tree, str]:
        """The tree of a room as the page sees it, and the check of its run. Raises Refused."""
        room = self._shell.find(order.room)
        with self._shell.lock:
            if not isinstance(room, Room):
                raise Refused("unknown_room", N_("There is no room {room}. It may have been closed."), room=order.room)
            branch = room.show.branches.branch(order.branch)
            tree = replace(tree_of(room, digests=False), shown=branch.id)
            if tree.events > EVENTS_MAX:
                tree = _alone(tree)
            if tree.events > EVENTS_MAX:
                raise Refused("link_too_large", TOO_MANY_EVENTS, events=tree.events, most=EVENTS_MAX)
            history, head = branch.run.history, branch.head
            if order.seq is not None:
                if order.seq > head:
                    raise Refused("no_such_event", N_("There is no event {seq}."), seq=order.seq)
                moved = replace(tree.limb(branch.id), cursor=order.seq, shown_time=history.time(order.seq))
                limbs = tuple(moved if limb.id == branch.id else limb for limb in tree.limbs)
                tree = replace(tree, limbs=limbs)
        with self._turns.one(head):
            return tree, in_slices(check_of(history, head), self._sleep)

    @staticmethod
    def _short(link: Link) -> tuple[Link, str]:
        """The whole room where that fits into an address or can be kept; the branch that is seen alone where not."""
        tree = link.tree
        alone = _alone(tree)
        less = replace(link, tree=alone)
        try:
            text = link.text()
            if len(text) <= SHORT_CHARACTERS_MAX or len(alone.limbs) == len(tree.limbs):
                return link, text
            shorter = less.text()
            return (less, shorter) if len(shorter) <= SHORT_CHARACTERS_MAX else (link, text)
        except Refused:
            return less, less.text()


def _alone(tree: Tree) -> Tree:
    """The branch that is shown, with those that it grew from."""
    alone = tree.narrowed(tree.shown)
    if tree.origin == "scenario":  # which ends on each branch for itself
        alone = replace(alone, origin=tree.origin, origin_name=tree.origin_name)
    return alone


def in_slices(work: Iterator[Any], sleep: Callable[[float], Any], heed: Callable[[Any], None] = lambda _: None) -> Any:
    """Does work that yields from time to time, which is heeded, and lets others go on then; what it returns."""
    while True:
        try:
            heed(next(work))
        except StopIteration as end:
            return end.value
        sleep(0)


class Opener:
    """Opens rooms for links, one after the other: growing is a matter of seconds where a run is long."""

    def __init__(self, shell: Shell, sleep: Callable[[float], Any], kept: Kept | None, turns: Turns) -> None:
        self._shell = shell
        self._sleep = sleep
        self._kept = kept
        self._turns = turns
        self._checked: dict[bytes, str] = {}
        self._ways = Ways()

    def how_far(self, ticket: str) -> dict[str, Any]:
        """How far an order is that named this ticket."""
        return self._ways.find(ticket).as_dict()

    def about(self, order: OpenOrder) -> Tree:
        """What a link brings back, as far as it is known here, without opening it. Raises Refused."""
        return link_from(self._text(order), program, find_told, anyway=True).tree

    def open(self, order: OpenOrder, maker: str | None) -> tuple[Room, Mapping[str, Any]]:
        """The room for a link, and where its maker looked. Raises Refused."""
        link = link_from(self._text(order), program, find_told, anyway=order.anyway)
        if link.tree.events > EVENTS_MAX:
            raise Refused("link_too_large", N_("This link holds more than is taken here."))
        way = self._ways.begin(order.ticket, link.tree.events)
        try:
            with self._turns.one(link.tree.events):
                way.waiting = False
                return self._grown(link, maker, order, way), known_look(link.look)
        finally:
            self._ways.end(order.ticket)

    def _text(self, order: OpenOrder) -> str:
        if (order.link is None) == (order.name is None):
            raise Refused("bad_order", NO_ORDER)
        if order.name is None:
            return order.link or ""
        if self._kept is None:
            raise Refused("unknown_link", UNKNOWN)
        return self._kept.find(order.name)

    def _grown(self, link: Link, maker: str | None, order: OpenOrder, way: Way) -> Room:
        brief = order.embed is not None
        try:
            room = self._planted(link.tree, maker, brief, way)
        except Refused as reason:
            if reason.code.startswith("too_many"):
                raise
            # It can't be played as it is told: as far as it goes, then, and without its story.
            tree = replace(link.tree, origin="protocol", origin_name="", place={})
            room = self._planted(tree, maker, brief, way, forgiving=True)
        limb = link.tree.limb(link.tree.shown)
        branch = room.show.branch
        note = _note(link, self._check(link, branch.run.history, limb.head), limb.head)
        with self._shell.lock:
            if room.name not in self._shell.lobby.rooms:
                raise Refused("too_many_rooms", N_("There is no place left; try again in a while."))
            if note is not None:
                room.remark(*note)
            if order.embed is not None:
                _begin(room, order.embed)
            room.begin_here()
        return room

    def _check(self, link: Link, history: History, head: int) -> str:
        """The check of what a link has become: a class that follows one has it computed once."""
        known = blake2b(link.text().encode()).digest()
        if known not in self._checked:
            self._checked[known] = in_slices(check_of(history, head), self._sleep)
            if len(self._checked) > CHECKED_MAX:
                del self._checked[next(iter(self._checked))]
        return self._checked[known]

    def _planted(self, tree: Tree, maker: str | None, brief: bool, way: Way, *, forgiving: bool = False) -> Room:
        """A room that has grown. Raises Refused; then there is none."""
        with self._shell.lock:
            room: Room = self._shell.lobby.plant(tree, maker, brief=brief)
        try:
            in_slices(room.grow(tree, forgiving=forgiving), self._sleep, way.played)
            room.growing = True  # until it is said of it what is to be said
        except Exception as error:
            with self._shell.lock:
                self._shell.lobby.close(room.name)
            if isinstance(error, Refused):
                raise
            log.exception("a link could not be played")
            raise Refused("bad_link", N_("What this link holds can't be played here.")) from None
        return room


LEFT_OUT = N_(
    "The link to this room was made with another version. What is not known here was left out, so it may go otherwise than "
    "it went for whoever made it."
)
OTHERWISE = N_(
    "The link to this room was made with another version: up to event {seq} it goes as it went then, after that it may go "
    "otherwise."
)


def _note(link: Link, check: str, head: int) -> Said | None:
    """What is to be said of a room that did not become what it was."""
    if not link.check:
        return LEFT_OUT, {}
    same = differs_after(link.check, check, head)
    return None if same is None else (OTHERWISE, {"seq": same})


def _begin(room: Room, embed: EmbedShape) -> None:
    """Has an embedded room begin as its page was told to."""
    show = room.show
    branch = show.branch
    if embed.start is not None:
        branch.go_to(min(embed.start, branch.head))
    if not embed.acts and branch.now < branch.run.now:
        show.end = branch.run.now  # who only looks is shown what was linked, and no more
    if embed.autoplay:
        show.play()
