"""A run: a recording, the cluster that plays it, and its history.

    run = Run(Recording("raft", seed=7), program)
    run.advance(2_000_000)                  # two seconds of virtual time
    run.act(Crash("n1"))                    # now; recorded
    run.history.world(120)                  # the world as it was after event 120
    other = run.fork(120)                   # the same beginning, another future

Commands that the recording holds are given when their time and place come, each before any event that would follow it.
One that can't be done then, because somebody has acted before it, is skipped and told in `skipped`.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any, Protocol

from .cluster import Cluster
from .commands import Command
from .events import COMMAND, Event
from .history import History
from .node import Program
from .recording import Given, Recording
from .texts import N_, Refused

CHECKPOINT_EVERY = 10_000
"""How many events apart the checkpoints are. One costs a pickle of the cluster; a fork replays up to this many."""


class Observer(Protocol):
    """Something that watches every event, for instance the properties. It is part of a checkpoint, so it is data."""

    def observe(self, event: Event, cluster: Cluster) -> None:
        """Looks at an event that has just happened, and at the world after it."""


class Run:
    """One branch of what happens."""

    def __init__(
        self, recording: Recording, program: Program, observers: Sequence[Observer] = (), *, keep: bool = True
    ) -> None:
        self.program = program
        self.setup = recording.with_commands(())
        self.cluster = recording.cluster(program, keep=keep)
        self.observers = tuple(observers)
        self.history: History = History(self.cluster)
        self.given: list[Given] = []
        """Commands that were carried out, in their order."""
        self.script: list[Given] = list(reversed(recording.commands))
        """Commands that are still to come, the next one last."""
        self.skipped: list[tuple[Given, Refused]] = []
        self.now = 0
        """Virtual time, µs; never before the last event."""
        self.checkpoints: list[tuple[int, bytes]] = []
        self.checkpoint()

    # Looking

    @property
    def head(self) -> int:
        """The number of the last event."""
        return self.cluster.seq

    @property
    def recording(self) -> Recording:
        """The inputs of this run: what was given, then what is still to come."""
        return self.setup.with_commands((*self.given, *reversed(self.script)))

    def next_time(self) -> int | None:
        """The earliest time at which something may happen (µs), or None."""
        due = self.cluster.next_time()
        if self.script and (due is None or self.script[-1].time < due):
            return self.script[-1].time
        return due

    # Going on

    def step(self, until: int | None = None) -> Event | None:
        """The next event that is due by `until` (µs), and time moves to it; None if there is none, and time to `until`."""
        if not self.script:
            event = self.cluster.step(until)
            if event is not None:
                self._keep(event)
            elif until is not None:
                self.now = max(self.now, until)
            return event
        while self.script and self._script_is_due(until):
            given = self.script.pop()
            try:
                return self._act(given.command, max(given.time, self.now), given.by)
            except Refused as reason:
                self.skipped.append((given, reason))
        limit = until
        if self.script and (limit is None or self.script[-1].time < limit):
            limit = self.script[-1].time
        event = self.cluster.step(limit)
        if event is None:
            if self.script and (until is None or self.script[-1].time <= until):
                self.now = max(self.now, self.script[-1].time)
                return self.step(until)
            if until is not None:
                self.now = max(self.now, until)
            return None
        self._keep(event)
        return event

    def _script_is_due(self, until: int | None) -> bool:
        """Whether the next command of the script comes before anything else."""
        given = self.script[-1]
        if until is not None and given.time > until:
            return False
        due = self.cluster.next_time()
        if due is None or due > given.time:
            return True
        happened = self.cluster.place if self.cluster.time == given.time else 0
        return due == given.time and happened >= given.place

    def advance(self, until: int, *, most: int | None = None) -> int:
        """Lets time pass to `until` (µs), or to the end of the `most`-th event. Returns how many events happened."""
        start = self.head
        stop = None if most is None else start + most
        step, keep = self.cluster.step, self._keep
        while stop is None or self.head < stop:
            if self.script or (event := step(until)) is None:
                event = self.step(until)
                if event is None:
                    break
            else:
                keep(event)
        return self.head - start

    def act(self, command: Command, by: str = "") -> Event:
        """Gives a command now. Raises Refused; then nothing has changed and nothing is recorded."""
        return self._act(command, self.now, by)

    def _act(self, command: Command, time: int, by: str) -> Event:
        place = self.cluster.place if self.cluster.time == time else 0
        event = self.cluster.act(command, time, by)
        self.given.append(Given(time, place, command, by))
        self._keep(event)
        return event

    def _keep(self, event: Event) -> None:
        if event.time > self.now:
            self.now = event.time
        cluster = self.cluster
        for observer in self.observers:
            observer.observe(event, cluster)
        if cluster.keep:
            self.history.add(event, cluster)
            if not event.seq % CHECKPOINT_EVERY:
                self.checkpoint()

    # Going back

    def checkpoint(self) -> None:
        """Makes forks from here on cheap: they replay from the nearest checkpoint before them."""
        if self.cluster.keep:
            self.checkpoints.append((self.head, self._frozen()))

    def _frozen(self) -> bytes:
        lasts = {name: host.last for name, host in self.cluster.hosts.items()}
        for host in self.cluster.hosts.values():
            host.last = None  # the past is in the history
        try:
            return pickle.dumps((self.cluster, self.observers), pickle.HIGHEST_PROTOCOL)
        finally:
            for name, host in self.cluster.hosts.items():
                host.last = lasts[name]

    def fork(self, seq: int, now: int | None = None, *, keep_script: bool = False) -> Run:
        """Another run with the same beginning up to event `seq`, and with none of what came after it.

        `now` (µs) is the time at which it goes on, between that event and the one after it; the event's time if None.
        The two share the events and states of the beginning. With `keep_script`, commands that this run still had to
        come, or gave later, stay to come. Raises Refused where there is no such event.
        """
        if not 0 <= seq <= self.head:
            raise Refused("no_such_event", N_("There is no event {seq}."), seq=seq)
        at, frozen = max((c for c in self.checkpoints if c[0] <= seq), key=lambda c: c[0])
        fork: Run = Run.__new__(Run)
        fork.program, fork.setup = self.program, self.setup
        fork.cluster, fork.observers = pickle.loads(frozen)  # noqa: S301 - made by _frozen, never left this process
        fork.history = self.history.beginning(at)
        for name, last in fork.history.lasts(at).items():
            fork.cluster.hosts[name].last = last
        done = sum(1 for event in fork.history.events if event.kind == COMMAND)
        fork.given = self.given[:done]
        fork.script = [*self.script, *reversed(self.given[done:])]
        fork.skipped = []
        fork.now = fork.history.time(at)
        fork.checkpoints = [c for c in self.checkpoints if c[0] <= at]
        while fork.head < seq:
            if fork.step() is None:
                raise AssertionError("a replay ended before its original")
        if not keep_script:
            fork.script = []
        upto = self.history.time(seq + 1) if seq < self.head else self.now
        fork.now = max(fork.now, min(now or 0, upto))
        return fork

    def world(self) -> dict[str, Any]:
        """The world after the last event."""
        return self.history.world(self.head)
