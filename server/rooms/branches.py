"""Branches: the runs of one room, each with what its timeline shows and with the place where people left it.

A branch has a head, the last event computed, and a cursor, the event that all are shown, with `now`, the virtual time that
they are shown: `time(cursor) <= now`, and `now` is before the event after the cursor. Going back moves the cursor alone.
Going on replays what is there up to the head, and computes from there.

A number is given to a branch once in a room's life, so what was said about a branch that was deleted is never heard by
another one. A branch from which others grew can't be deleted: their past is in it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from ..exploration.comparison.meter import Meter
from ..lessons import Challenge, Score
from ..lessons.script import BY as SCENARIO
from ..properties import Monitor
from ..simulation import N_, Event, Refused, Run
from ..simulation.events import COMMAND
from ..simulation.run import CHECKPOINT_EVERY
from .costs import Costs
from .judging import Judgement
from .limits import Limits
from .marks import Operations, Tape
from .names import branch_name, folded

CHECKPOINT_DENSE = 1_000
"""How many events apart checkpoints are near the head, where people go back to most. A fork replays up to this many
there, which takes some 20 ms; elsewhere up to `CHECKPOINT_EVERY`."""
MARKS_TOLD_MAX = 12
"""So many marks of a branch are told to all, so that its row in the tree shows how it went."""
MARKS_TOLD = ("violation", "commit")


class Branch:
    """One run of a room."""

    def __init__(
        self, id: int, run: Run, limits: Limits, parent: Branch | None = None, forked_at: int = 0,
        challenge: Challenge | None = None,
    ) -> None:  # fmt: skip
        self.id = id
        self.name = branch_name(id)
        self.run = run
        self.limits = limits
        self.parent = parent
        self.forked_at = forked_at
        self.forked_time = run.now if parent else 0
        self.given_before = len(run.given) if parent else 0
        """How many commands it shares with its parent."""
        self.monitor: Monitor | None = next((o for o in run.observers if isinstance(o, Monitor)), None)
        self.tape: Tape = parent.tape.beginning(forked_at) if parent else Tape(limits.marks_max)
        self.operations: Operations = (
            parent.operations.beginning(forked_at) if parent else Operations(limits.operations_kept_max)
        )
        self.costs = self._costs(parent, forked_at)
        self.judgement: Judgement = Judgement(run, parent.judgement if parent else None)
        self.score = Score(challenge) if challenge is not None else None
        """The attempt at the room's challenge, where it has one."""
        if parent is not None and parent.score is not None:
            self.score = parent.score.beginning(forked_at, run.now)
        self.cursor = run.head
        self.now = run.now
        self.met: bool | None = None
        """Whether the scenario ended in its outcome here; None as long as it has not ended."""
        for event in run.history.events[forked_at if parent else 0 :]:
            self._take(event)

    def _costs(self, parent: Branch | None, forked_at: int) -> Costs | None:
        """The readings of the run's meter, where it has one that was there from the beginning."""
        meter = next((o for o in self.run.observers if isinstance(o, Meter)), None)
        if meter is None:
            return None
        if parent is not None:
            return parent.costs.beginning(forked_at, meter) if parent.costs is not None else None
        return Costs(meter) if self.run.head == 0 else None

    @property
    def head(self) -> int:
        """The number of the last event computed."""
        return self.run.cluster.seq

    @property
    def kept(self) -> int:
        """How many events it keeps beside those that it shares with its parent."""
        return self.head - self.forked_at

    # Moving

    def on_to(self, target: int | None) -> Event | None:
        """Moves over the next event that is due by `target` (µs; None: whenever it is), known or new, or returns None.

        Where none is, time is `target` afterwards.
        """
        run = self.run
        if self.cursor < run.cluster.seq:
            event: Event | None = run.history.event(self.cursor + 1)
            if event is not None and target is not None and event.time > target:
                event = None
        else:
            event = run.step(target)
            if event is None and target is not None:
                run.now = max(run.now, target)
            if event is not None:
                self._take(event)
        if event is not None:
            self.cursor = event.seq
            if event.time > self.now:
                self.now = event.time
        elif target is not None:
            self.now = max(self.now, target)
        return event

    def back(self) -> None:
        """Undoes the last event shown. Raises Refused at the beginning."""
        if self.cursor == 0:
            raise Refused("at_beginning", N_("This is the beginning: nothing happened before it."))
        self.go_to(self.cursor - 1)

    def go_to(self, seq: int) -> None:
        """Shows the world right after event `seq`. Raises Refused where there is no such event."""
        if not 0 <= seq <= self.head:
            raise Refused("no_such_event", N_("There is no event {seq}."), seq=seq)
        self.cursor = seq
        self.now = self.run.history.time(seq)

    def go_to_time(self, time: int) -> None:
        """Shows the world at `time` (µs), or at the last time reached where that is earlier."""
        self.now = min(max(time, 0), self.run.now)
        self.cursor = self.run.history.seq_at(self.now)

    def go_to_moment(self, seq: int, time: int) -> None:
        """Shows the world after event `seq`, at `time` (µs). Raises Refused where these do not belong together."""
        self.check_moment(seq, time)
        self.cursor, self.now = seq, time

    def check_moment(self, seq: int, time: int) -> None:
        """Raises Refused where event `seq` was not the last one at `time` (µs)."""
        if not 0 <= seq <= self.head:
            raise Refused("no_such_event", N_("There is no event {seq}."), seq=seq)
        until = self.run.history.time(seq + 1) if seq < self.head else self.run.now
        if not self.run.history.time(seq) <= time <= until:
            raise Refused("no_such_moment", N_("Event {seq} is not the last one at {time} µs."), seq=seq, time=time)

    def go_to_head(self) -> None:
        """Shows the present."""
        self.cursor, self.now = self.head, self.run.now

    def act(self, command: Any, by: str) -> Event:
        """Gives a command at the head, now. Raises Refused."""
        event = self.run.act(command, by)
        self._take(event)
        self.go_to_head()
        return event

    def fork(self, id: int, seq: int, now: int | None) -> Branch:
        """Another branch with the same beginning, which hangs where its last moment belongs: on the branch in which that
        was. A scenario's script goes on there; what people did later does not.
        """
        run = self.run.fork(seq, now, keep_script=True)
        run.script = [given for given in run.script if given.by == SCENARIO]
        owner = self
        # By time too: where a branch stood still at its first event for a while, its parent may never have come so far.
        while owner.parent is not None and seq <= owner.forked_at and run.now <= owner.forked_time:
            owner = owner.parent
        return Branch(id, run, self.limits, owner, seq)

    # Looking

    def _take(self, event: Event) -> None:
        broken = self.broken_at(event.seq)
        if broken or event.indications or event.kind == COMMAND:
            self.tape.add(event, broken)
            self.operations.add(event)
        if self.costs is not None:
            self.costs.add()
        if self.score is not None:
            self.score.take(event)
        if event.seq % CHECKPOINT_DENSE == 0:
            self._checkpoint(event.seq)

    def _checkpoint(self, seq: int) -> None:
        """Makes a checkpoint, and forgets those between the regular ones that are far behind."""
        run = self.run
        if run.head != seq:
            return  # these events were there before; the run has its own checkpoints
        if run.checkpoints[-1][0] != seq:
            run.checkpoint()
        far = seq - CHECKPOINT_EVERY
        run.checkpoints = [c for c in run.checkpoints if c[0] > far or c[0] % CHECKPOINT_EVERY == 0]

    def broken_at(self, seq: int) -> tuple[str, ...]:
        """The properties that broke at an event."""
        broken = self.monitor.broken_at(seq) if self.monitor is not None else ()
        return (*broken, *self.judgement.broken_at(seq))

    def transitions(self, after: int, upto: int) -> dict[str, list[tuple[Any, ...]]]:
        """What became of the properties in the events after `after` (-1: from the beginning), up to `upto`."""
        known = self.monitor.transitions if self.monitor is not None else {}
        found: dict[str, list[tuple[Any, ...]]] = {}
        for name, told in (*known.items(), *self.judgement.transitions().items()):
            if told[-1][0] <= after:
                continue
            start = bisect_right(told, after, key=lambda t: t[0])
            stop = bisect_right(told, upto, key=lambda t: t[0])
            if start < stop:
                found[name] = list(told[start:stop])
        return found

    def world(self, seq: int) -> Any:
        """The world after event `seq`. Raises Refused where there is no such event."""
        if not 0 <= seq <= self.head:
            raise Refused("no_such_event", N_("There is no event {seq}."), seq=seq)
        return self.run.history.world(seq)

    def as_dict(self) -> dict[str, Any]:
        """As the wire tells it."""
        parent = self.parent.id if self.parent else None
        return {
            "id": self.id, "name": self.name, "parent": parent, "forked_at": self.forked_at, "head": self.head,
            "forked_time": self.run.history.time(self.forked_at), "time": self.run.now,
            "marks": self.tape.few(self.forked_at, MARKS_TOLD, MARKS_TOLD_MAX),
        }  # fmt: skip


def line(branch: Branch) -> Iterator[tuple[Branch, int]]:
    """A branch, its parent, and so on to the first one, each with the last event of it that is the branch's too."""
    at: Branch | None = branch
    last = branch.head
    while at is not None:
        yield at, last
        last = min(last, at.forked_at)
        at = at.parent


def shared_past(one: Branch, other: Branch) -> int:
    """The last event that two branches of a room have in common; 0 where they have none."""
    mine = {branch.id: last for branch, last in line(one)}
    return next((min(mine[branch.id], last) for branch, last in line(other) if branch.id in mine), 0)


class Branches:
    """All branches of a room in the order in which they grew, and the one that is shown."""

    def __init__(self, run: Run, limits: Limits, challenge: Challenge | None = None) -> None:
        self.limits = limits
        self.all: list[Branch] = [Branch(0, run, limits, challenge=challenge)]
        self.next_id = 1
        """The number of the next branch; never one that was given before."""
        self.shown = self.all[0]

    @property
    def first(self) -> Branch:
        """The branch in which all others began."""
        return self.all[0]

    @property
    def events_kept(self) -> int:
        """How many events are kept, shared ones once."""
        return sum(branch.kept for branch in self.all)

    @property
    def commands(self) -> int:
        """How many commands are kept, shared ones once, those of scripts that are still to come in each branch."""
        return sum(len(each.run.given) - each.given_before + len(each.run.script) for each in self.all)

    def branch(self, id: int | None) -> Branch:
        """The branch of that number, or the one shown. Raises Refused."""
        if id is None:
            return self.shown
        for branch in self.all:
            if branch.id == id:
                return branch
        if 0 <= id < self.next_id:
            raise Refused("no_such_branch", N_("That branch was deleted."))
        raise Refused("no_such_branch", N_("There is no branch {branch}."), branch=id)

    # Growing

    def sprout(self, parent: Branch, seq: int, now: int | None, id: int | None = None) -> Branch:
        """A new branch from a moment of another one; not kept yet. Raises Refused where there are too many."""
        if len(self.all) >= self.limits.branches_max:
            text = N_("This room has {most} branches, and no more grow: delete one, or open a copy.")
            raise Refused("too_many_branches", text, most=self.limits.branches_max)
        branch = parent.fork(self.next_id if id is None else id, seq, now)
        branch.name = self._free_name(branch.id)
        return branch

    def _free_name(self, id: int) -> str:
        """The letter of that number, or the next one that no person has taken."""
        while self.named(branch_name(id)) is not None:
            id += 1
        return branch_name(id)

    def is_new(self, branch: Branch) -> bool:
        """Whether it has grown and is not kept yet."""
        return branch.id >= self.next_id

    def keep(self, branch: Branch) -> None:
        """Keeps a new branch and shows it."""
        if not self.is_new(branch):
            raise ValueError(f"branch {branch.id} comes after branch {self.next_id}")
        self.next_id = branch.id + 1
        self.all.append(branch)
        self.shown = branch

    # What people do with them

    def named(self, name: str) -> Branch | None:
        """The branch of that name, or of one that looks the same."""
        wanted = folded(name)
        return next((branch for branch in self.all if folded(branch.name) == wanted), None)

    def rename(self, id: int, name: str) -> None:
        """Gives a branch another name. Raises Refused where another one has it."""
        branch = self.branch(id)
        if self.named(name) not in (None, branch):
            raise Refused("name_taken", N_("Another branch is called {name}."), name=name)
        branch.name = name

    def check_delete(self, branch: Branch) -> None:
        """Raises Refused where a branch must stay."""
        if branch.parent is None:
            raise Refused("first_branch", N_("The first branch stays: all others began in it."))
        grown = [each.name for each in self.all if each.parent is branch]
        if grown:
            raise Refused(
                "branch_needed", N_("Others grew from this branch: delete {names} first."), names=", ".join(grown)
            )

    def delete(self, branch: Branch) -> None:
        """Forgets a branch that is not shown, and what happened in it alone. Raises Refused."""
        self.check_delete(branch)
        assert branch is not self.shown
        self.all.remove(branch)

    def as_list(self) -> list[dict[str, Any]]:
        """As the wire tells them."""
        return [branch.as_dict() for branch in self.all]
