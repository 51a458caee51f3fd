"""Branches: the runs of one room, each with what its timeline shows and with the place where people left it.

A branch has a head, the last event computed, and a cursor, the event that all are shown, with `now`, the virtual time that
they are shown: `time(cursor) <= now`, and `now` is before the event after the cursor. Going back moves the cursor alone.
Going on replays what is there up to the head, and computes from there.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from ..exploration.comparison.meter import Meter
from ..lessons import Challenge, Score
from ..lessons.script import BY as SCENARIO
from ..properties import BROKEN, Monitor
from ..simulation import N_, Event, Refused, Run
from ..simulation.run import CHECKPOINT_EVERY
from .costs import Costs
from .judging import Judgement
from .limits import Limits
from .marks import Operations, Tape

CHECKPOINT_DENSE = 1_000
"""How many events apart checkpoints are near the head, where people go back to most. A fork replays up to this many
there, which takes some 20 ms; elsewhere up to `CHECKPOINT_EVERY`."""
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def branch_name(id: int) -> str:
    """A, B, ... Z, A2, B2, ...: letters, which need no translation."""
    turn, letter = divmod(id, len(NAMES))
    return NAMES[letter] + (str(turn + 1) if turn else "")


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
        return self.run.head

    @property
    def kept(self) -> int:
        """How many events it keeps beside those that it shares with its parent."""
        return self.head - self.forked_at

    # Moving

    def on_to(self, target: int | None) -> Event | None:
        """Moves over the next event that is due by `target` (µs; None: whenever it is), known or new, or returns None.

        Where none is, time is `target` afterwards.
        """
        if self.cursor < self.head:
            event: Event | None = self.run.history.event(self.cursor + 1)
            if event is not None and target is not None and event.time > target:
                event = None
        else:
            event = self.run.step(target)
            if event is None and target is not None:
                self.run.now = max(self.run.now, target)
            if event is not None:
                self._take(event)
        if event is not None:
            self.cursor = event.seq
            self.now = max(self.now, event.time)
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
        """Another branch with the same beginning. A scenario's script goes on there; what people did later does not."""
        run = self.run.fork(seq, now, keep_script=True)
        run.script = [given for given in run.script if given.by == SCENARIO]
        return Branch(id, run, self.limits, self, seq)

    # Looking

    def _take(self, event: Event) -> None:
        self.tape.add(event, self.broken_at(event.seq))
        if event.indications:
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
        known = self.monitor.transitions if self.monitor is not None else {}
        broken = sorted(name for name, told in known.items() if told[-1] == (seq, BROKEN))
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

    def as_dict(self) -> dict[str, Any]:
        """As the wire tells it."""
        parent = self.parent.id if self.parent else None
        return {"id": self.id, "name": self.name, "parent": parent, "forked_at": self.forked_at, "head": self.head}


class Branches:
    """All branches of a room, by number, and the one that is shown."""

    def __init__(self, run: Run, limits: Limits, challenge: Challenge | None = None) -> None:
        self.limits = limits
        self.all: list[Branch] = [Branch(0, run, limits, challenge=challenge)]
        self.shown = self.all[0]

    @property
    def events_kept(self) -> int:
        """How many events are kept, shared ones once."""
        return sum(branch.kept for branch in self.all)

    def branch(self, id: int | None) -> Branch:
        """The branch of that number, or the one shown. Raises Refused."""
        if id is None:
            return self.shown
        found = next((branch for branch in self.all if branch.id == id), None)
        if found is None:
            raise Refused("no_such_branch", N_("There is no branch {branch}."), branch=id)
        return found

    @property
    def next_id(self) -> int:
        """The id of the next branch to be kept: none is ever given twice."""
        return self.all[-1].id + 1

    def sprout(self, parent: Branch, seq: int, now: int | None, id: int | None = None) -> Branch:
        """A new branch from a moment of another one; not kept yet. Raises Refused where there are too many."""
        if len(self.all) >= self.limits.branches_max:
            raise Refused("too_many_branches", N_("This room has {most} branches, and no more grow: open a copy."),
                          most=self.limits.branches_max)  # fmt: skip
        return parent.fork(self.next_id if id is None else id, seq, now)

    def keep(self, branch: Branch) -> None:
        """Keeps a new branch and shows it."""
        if branch.id < self.next_id:
            raise ValueError(f"branch {branch.id} comes after branch {self.next_id}")
        self.all.append(branch)
        self.shown = branch

    def as_list(self) -> list[dict[str, Any]]:
        """As the wire tells them."""
        return [branch.as_dict() for branch in self.all]
