"""Brings a room back from its tree: every branch is played again as it was, and judged at the same moments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ..lessons import Guide
from ..lessons.script import BY as SCENARIO
from ..simulation import N_, Refused
from ..simulation.recording import TIME_MAX
from .branches import Branch
from .show import Show
from .tree import Limb, Tree

SLICE = 500
"""Events between two chances for others to go on: some 20 ms."""


def grow(show: Show, tree: Tree, *, forgiving: bool = False) -> Iterator[int]:
    """Has a show whose root stands at its beginning, with its commands still to come, become what the tree tells. Yields
    from time to time how many events have been played. Raises Refused where the tree can't be played as it is told: then
    the show is of no use. With `forgiving` it is played as far as it goes, and people stand as near to where they stood
    as can be; that is for a tree that is no lesson's and no challenge's.
    """
    played = 0
    guide, show.guide = show.guide, None  # what people did in the lesson is told, and not judged again
    for limb in tree.limbs:
        branch = show.branches.first
        if limb.parent is not None:
            parent = show.branches.branch(limb.parent)
            forked_at = min(limb.forked_at, parent.head) if forgiving else limb.forked_at
            branch = show.branches.sprout(parent, forked_at, limb.forked_time, limb.id)
            branch.run.script = list(reversed(limb.commands))
            show.branches.keep(branch)
        with suppress(Refused):  # two that look the same: from before that was seen, or a stranger's
            show.branches.rename(branch.id, limb.name)
        for events in _replay(show, branch, limb, forgiving):
            played += events
            yield played
    show.branches.next_id = max(show.branches.next_id, tree.next_id)
    for limb in tree.limbs:
        _stand(show.branches.branch(limb.id), limb, forgiving)
    show.branches.shown = show.branches.branch(tree.shown)
    if guide is not None:
        guide.restore(tree.place)
        _check_place(show, guide)
        show.guide = guide
    elif show.contest is not None:
        show.contest.restore(tree.place)
    show.pause()


def _check_place(show: Show, guide: Guide) -> None:
    """Raises Refused where the beats of a lesson can't have been entered, or the last one not have come true, where it is
    told: the place may be a stranger's.
    """
    for moment in guide.entered:
        if moment is not None:
            show.branches.branch(moment.branch).check_moment(moment.seq, moment.now)
    entered = guide.moment(guide.beat)
    if guide.waiting or guide.came_true is None:
        return
    branch = show.branches.branch(entered.branch)
    branch.check_moment(*guide.came_true)
    if guide.came_true < (entered.seq, entered.now) or not guide.holds(branch.run.fork(*guide.came_true)):
        raise Refused("bad_place", N_("This is no place in this lesson."))


def _stand(branch: Branch, limb: Limb, forgiving: bool) -> None:
    """Shows a branch at the moment at which it was left. Raises Refused."""
    try:
        branch.go_to_moment(limb.cursor, limb.shown_time)
    except Refused:
        if not forgiving:
            raise
        branch.go_to_time(limb.shown_time)


def _replay(show: Show, branch: Branch, limb: Limb, forgiving: bool) -> Iterator[int]:
    """Plays a branch up to where it was; yields the number of events in each slice."""
    done = branch.head
    while branch.head < limb.head:
        if not _go_on(show, branch, None):
            if forgiving:
                break
            raise Refused("ends_early", N_("This recording tells of {events} events, but its run ends after {head}."),
                          events=limb.head, head=branch.head)  # fmt: skip
        if branch.head - done >= SLICE:
            yield branch.head - done
            done = branch.head
    early = limb.time > branch.run.now
    if (limb.time < branch.run.now or (early and _go_on(show, branch, limb.time))) and not forgiving:
        raise Refused("goes_on", N_("What this recording tells of the time of event {head} is not so."), head=limb.head)
    yield branch.head - done


def _go_on(show: Show, branch: Branch, until: int | None) -> bool:
    """Computes one more event of a branch, or goes on to `until` (µs) where none is due by then, and judges as it was judged
    when this was played first. Whether an event happened.
    """
    show.branches.shown = branch
    if until is None and show.scenario is None and show.contest is None:  # the most: nobody waits for anything
        event = branch.on_to(None)
        if event is not None and branch.broken_at(event.seq):
            show.look(event, event.seq - 1)
        return event is not None
    _end_scenario(show, branch)
    last = TIME_MAX if until is None else until
    target = -1
    while target < last:
        known = branch.head
        target = max(show.no_further(branch, last), target + 1)  # where what might end did not, it goes on
        event = branch.on_to(target)
        if event is not None:
            show.look(event, known)
            return True
        show.arrived(branch)
    return False


def _end_scenario(show: Show, branch: Branch) -> None:
    """Has a scenario end before what somebody did at the very instant of its end, as `Show.act` has it."""
    script = branch.run.script
    if show.scenario is None or branch.met is not None or not script or script[-1].by == SCENARIO:
        return
    due, until = branch.run.cluster.next_time(), show.scenario.until
    if script[-1].time == until and (due is None or due > until):
        branch.run.now = branch.now = max(branch.run.now, until)
        show.arrived(branch)


def differing(show: Show, tree: Tree) -> list[int]:
    """The branches that did not become what they were, by their digests: the code has changed since."""
    found = []
    for limb in tree.limbs:
        branch = show.branches.branch(limb.id)
        if limb.digest and branch.run.history.digest() != limb.digest:
            found.append(limb.id)
    return found
