"""Holding a recording against what it says of itself: it is played again, and every digest is computed and compared.

    for events in verification: ...        a generator, so that others can go on meanwhile
    result.recorded                        the recording as it is here and now
    result.upto                            up to which event it is what it was; None: all of it

A file that other code has made may play differently from some event on. Then it is not thrown away: what follows is as it is
*now*, the room says so, and the recording is kept with the digests of now. Where not even its numbers fit any more (a branch
that begins at an event which is another one today), it is refitted: branches begin and people stand at the same *times*.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..protocols import Protocol as Owner
from ..protocols import protocol
from ..simulation import N_, Recording, Refused, Run
from ..simulation.history import History, feed, new_digest
from .limits import Limits
from .recorded import MARK_EVERY, Recorded, check_name, check_note
from .room import Room
from .tree import ROOT_NAME, Limb, Tree, tree_of

SLICE = 100
"""Events between two chances for others to go on, where digests are computed: some 7 ms."""

SAMPLE = 2_000
"""So many events tell how dense a run is."""

Marks = dict[int, tuple[str, tuple[str, ...]]]
"""For each branch its digest, and the marks on its way."""


@dataclass(frozen=True)
class Verified:
    """What became of a recording that was played again."""

    recorded: Recorded
    """With the digests of now."""
    upto: int | None
    """The last event up to which it is known to be what it was; None where nothing differs."""
    skipped: int
    """How many commands could not be carried out."""


def marking(histories: Mapping[int, History], tree: Tree) -> Generator[int, None, Marks]:
    """The digests of all branches of a tree, whose histories these are, each event looked at once. Yields how many were."""
    owners = {limb.id: _owner(tree, limb) for limb in tree.limbs}
    forks = {(owners[limb.id], limb.forked_at) for limb in tree.limbs if limb.parent is not None}
    begun: dict[tuple[int, int], Any] = {}
    found: Marks = {}
    looked = 0
    for limb in tree.limbs:
        history = histories[limb.id]
        hasher = new_digest() if limb.parent is None else begun[owners[limb.id], limb.forked_at].copy()
        marks = []
        for seq in range(limb.forked_at, limb.head + 1):
            if seq > limb.forked_at:
                feed(hasher, history.tell(seq))
                looked += 1
                if seq % MARK_EVERY == 0:
                    marks.append(hasher.hexdigest())
                if looked % SLICE == 0:
                    yield looked
            if (limb.id, seq) in forks:
                begun[limb.id, seq] = hasher.copy()
        found[limb.id] = (hasher.hexdigest(), tuple(marks))
    yield looked
    return found


def _owner(tree: Tree, limb: Limb) -> int:
    """The branch in whose own events one begins: its parent, or where it begins before that one, the parent's parent."""
    parent = limb.parent
    while parent is not None and (above := tree.limb(parent)).parent is not None and limb.forked_at < above.forked_at:
        parent = above.parent
    return limb.id if parent is None else parent


def recording_of(room: Room, name: str, note: str = "") -> Generator[int, None, Recorded]:
    """A room as it stands when this begins, as a recording. Yields how many events were looked at for the digests; the room
    may go on meanwhile. Raises Refused where it does not fit into one.
    """
    recorded = _recorded(room, Recorded(check_name(name), tree_of(room, digests=False), check_note(note)))
    recorded.to_json()  # too much is refused before anything is computed
    return marked(recorded, (yield from marking(_histories(room), recorded.tree)))


def recorded_run(run: Run, name: str) -> Recorded:
    """A run alone as it stands, as the recording of a room of one branch that stands there. Raises Refused for a name that is
    none.
    """
    commands = run.recording.commands
    root = Limb(0, ROOT_NAME, None, 0, 0, commands, run.head, run.now, run.head, run.now)
    recorded = Recorded(check_name(name), Tree(run.setup, (root,), next_id=1))
    looking = marking({root.id: run.history}, recorded.tree)
    while True:
        try:
            next(looking)
        except StopIteration as end:
            return marked(recorded, end.value)


def _recorded(room: Room, recorded: Recorded) -> Recorded:
    """The recording with the tree that the room has now."""
    tree = tree_of(room, digests=False)
    return replace(recorded, tree=replace(tree, ratio=float(tree.ratio)), marks=())


def _histories(room: Room) -> dict[int, History]:
    return {branch.id: branch.run.history for branch in room.show.branches.all}


def marked(recorded: Recorded, marks: Mapping[int, tuple[str, tuple[str, ...]]]) -> Recorded:
    """The recording with these digests in place of its own."""
    limbs = tuple(replace(limb, digest=marks[limb.id][0]) for limb in recorded.tree.limbs)
    return replace(recorded, tree=replace(recorded.tree, limbs=limbs), marks=tuple(marks[limb.id][1] for limb in limbs))


def same_upto(told: Recorded, marks: Marks) -> int | None:
    """The last event up to which a recording is what it was, by its digests; None where nothing is known to differ."""
    known: list[int] = []
    for place, limb in enumerate(told.tree.limbs):
        digest, found = marks[limb.id]
        if limb.digest in ("", digest):
            continue
        upto = limb.forked_at // MARK_EVERY * MARK_EVERY
        pairs = zip(told.marks[place] if told.marks else (), found, strict=False)
        for upto_next, (was, now) in enumerate(pairs, upto // MARK_EVERY + 1):
            if was != now:
                break
            upto = upto_next * MARK_EVERY
        known.append(upto)
    return min(known, default=None)


class Garden(Protocol):
    """Where rooms grow; a `Lobby` is one."""

    limits: Limits

    def plant(self, tree: Tree, maker: str | None) -> Room:
        """As `Lobby.plant`."""

    def close(self, name: str) -> None:
        """As `Lobby.close`."""


def verify(
    recorded: Recorded, garden: Garden, maker: str | None = None, *, compare: bool = True
) -> Generator[int, None, tuple[Room, Verified]]:
    """Opens a recording as a room, and compares: a recording whose digests were computed by this very code needs
    no comparing. Yields from time to time. Raises Refused for one that is too long, or that makes no sense in its protocol.
    """
    tree, misfit = recorded.tree, False
    if tree.events == 0 and tree.limbs[0].commands and not tree.limbs[0].digest:
        tree = yield from refit(tree, garden.limits)  # a run alone, of which nothing has been played
    try:
        room = yield from _grown(tree, garden, maker)
    except Refused as reason:
        if reason.code not in MISFITS:
            raise
        misfit = True
        tree = yield from refit(tree, garden.limits)
        room = yield from _grown(tree, garden, maker)
    if not (compare or misfit):
        return room, Verified(recorded, None, 0)
    now = _recorded(room, recorded)
    marks = yield from marking(_histories(room), now.tree)
    upto = same_upto(recorded, marks)
    skipped = sum(len(branch.run.skipped) for branch in room.show.branches.all)
    return room, Verified(marked(now, marks), 0 if misfit and upto is None else upto, skipped)


MISFITS = frozenset({"ends_early", "goes_on", "no_such_moment", "no_such_event", "no_such_branch", "bad_place"})
"""Why a tree can't grow whose numbers are those of other code."""


def _grown(tree: Tree, garden: Garden, maker: str | None) -> Generator[int, None, Room]:
    room = garden.plant(tree, maker)
    try:
        yield from room.grow(tree)
    except BaseException:
        garden.close(room.name)
        raise
    return room


def refit(tree: Tree, limits: Limits) -> Generator[int, None, Tree]:
    """The same acts at the same times, with the numbers that events have now. It is no lesson's and no challenge's any more,
    since what these remember speaks of events. A branch of which nothing was played is played to its last command. Raises
    Refused where that is too much.
    """
    owner = protocol(tree.protocol)
    runs: dict[int, Run] = {}
    limbs: list[Limb] = []
    left = limits.events_kept_max
    for limb in tree.limbs:
        run = _run(owner, tree, limb, runs)
        begun = run.head
        end = limb.time if limb.head else max([limb.time, *(given.time for given in limb.commands)])
        while played := run.advance(end, most=SLICE):
            left -= played
            if left < 0 or _hopeless(run, begun, end, limits):
                raise Refused("too_many_events", N_("A copy of so long a run does not fit into a room."))
            yield limits.events_kept_max - left
        runs[limb.id] = run
        shown = min(limb.shown_time, run.now)
        limbs.append(
            replace(
                limb, forked_at=begun if limb.parent is not None else 0, head=run.head, time=run.now,
                cursor=run.history.seq_at(shown), shown_time=shown, digest="",
            )
        )  # fmt: skip
    return replace(tree, limbs=tuple(limbs), origin="protocol", origin_name="", place={})


def _hopeless(run: Run, begun: int, end: int, limits: Limits) -> bool:
    """Whether at this pace a run would have ten times the events that are kept before it ends: then nobody has to wait."""
    done = run.head - begun
    return done >= SAMPLE and run.now * 10 * limits.events_kept_max < (end - run.now) * done


def _run(owner: Owner, tree: Tree, limb: Limb, runs: Mapping[int, Run]) -> Run:
    """A branch's run at its beginning, with its commands still to come."""
    if limb.parent is None:
        return owner.run(tree.setup.with_commands(limb.commands))
    parent = runs[limb.parent]
    time = min(limb.forked_time, parent.now)
    run = parent.fork(parent.history.seq_at(time), time)
    run.script = list(reversed(limb.commands))
    return run


@dataclass(frozen=True)
class Flat:
    """One branch as a run alone, and its end: the number of its last event, and the time (µs) that it had come to. Other events
    of that very instant may be still to come.
    """

    recording: Recording
    events: int
    time: int


def flattened(tree: Tree) -> Flat:
    """The branch that is shown, as a run alone. Its parents are played up to where it leaves them, for what was given on them
    later is none of its own. Raises Refused where they don't go so far.
    """
    limbs = tree.narrowed(tree.shown).limbs
    run = protocol(tree.protocol).run(tree.setup.with_commands(limbs[0].commands))
    for limb in limbs[1:]:
        while run.head < limb.forked_at:
            if run.step() is None:
                raise Refused("ends_early", N_("This recording tells of {events} events, but its run ends after {head}."),
                              events=limb.forked_at, head=run.head)  # fmt: skip
        run = run.fork(run.head, limb.forked_time)
        run.script = list(reversed(limb.commands))
    return Flat(run.recording, limbs[-1].head, limbs[-1].time)
