"""The show: what all people in a room are shown, and how it goes on.

One branch is shown, at its cursor and its time. Playing moves time on at the room's pace: behind the head through what is
there already, exactly as it was, and from the head on by computing. Whatever was waited for, and a property that breaks,
stops it right after the event. Acting behind the head grows a new branch there; nothing is ever undone for good.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..lessons import Challenge, Guide, Scenario
from ..protocols import Protocol
from ..simulation import N_, Event, Refused, Run, command_from
from ..simulation.recording import COMMANDS_MAX
from . import until as untils
from .branches import Branch, Branches
from .contest import Contest
from .frames import Until
from .limits import Limits
from .pace import Pace
from .plot import Plot
from .telling import News, Shown

EFFECT_FOLLOWS = ("deliver_now", "fire_timer")
"""Commands that are nothing to see without the event that they bring about."""


class Show:
    """Time, branches, and who waits for what; it knows no people."""

    def __init__(
        self, protocol: Protocol, run: Run, limits: Limits, *, ratio: float, playing: bool,
        scenario: Scenario | None = None, guide: Guide | None = None, challenge: Challenge | None = None,
    ) -> None:  # fmt: skip
        self.protocol = protocol
        self.limits = limits
        self.events_max = limits.events_kept_max
        """How many events may be kept; less while all rooms together keep too many."""
        self.branches = Branches(run, limits, challenge)
        self.news = News(limits)
        self.pace = Pace(ratio)
        self.playing = playing
        self.stops_when_broken = True
        """Whether a property that breaks stops the show."""
        self.end: int | None = None
        """The time (µs) at which playing ends, where it does."""
        self.until: Until | None = None
        self.unseen: int | None = None
        """An event that was computed before anybody looked: it is as good as new when it is shown first."""
        self.scenario = scenario
        self.guide = guide
        self.plot = Plot(self)
        self.contest = Contest(challenge, self) if challenge is not None else None

    def begin(self) -> None:
        """Begins the lesson, where there is one."""
        if self.guide is not None:
            self.plot.enter(0, self.branch)

    @property
    def branch(self) -> Branch:
        """The branch that is shown."""
        return self.branches.shown

    def shown(self) -> Shown:
        """The moment that is shown."""
        b = self.branch
        return Shown(b.id, b.cursor, b.head, b.now, self.playing, self.pace.ratio, self.until)

    def hide_head(self) -> None:
        """Shows the moment before the last event."""
        self.unseen = self.branch.head
        self.branch.back()

    # Time

    def play(self, until: Until | None = None) -> None:
        """Goes on, until something happens where that is said. Raises Refused."""
        if until is not None:
            untils.check(until, self.protocol.describe(), self.branch.now)
        if self.branch.cursor == self.branch.head:
            self.require_place()
        self.until = until
        self.playing = True

    def pause(self) -> None:
        """Stops, now."""
        self.playing = False
        self.until = None
        self.pace.forget()

    def speed(self, ratio: float) -> None:
        """Sets the pace: real time per virtual time. Raises Refused."""
        low, high = self.limits.ratio_low, self.limits.ratio_high
        if not low <= ratio <= high:
            raise Refused("bad_speed", N_("The speed is between 1:{low} and 1:{high}."), low=int(low), high=int(high))
        self.pace.ratio = ratio

    def step(self, by: int) -> None:
        """One event on or back; stops there. Raises Refused where there is none."""
        branch = self.branch
        if by < 0:
            branch.back()
            self.pause()
            return
        if branch.cursor == branch.head:
            self.require_place()
            self.plot.end_before(branch)
            if self.contest is not None:
                self.contest.end_before(branch)
        known = branch.head
        event = branch.on_to(None)
        if event is None:
            raise Refused("nothing_to_come", N_("Nothing will happen by itself from here on."))
        self.pause()
        self.look(event, known)

    def seek(self, seq: int | None, time: int | None) -> None:
        """Goes to an event or to a time, and stops there. Raises Refused where there is no such event."""
        if seq is not None:
            self.branch.go_to(seq)
        else:
            self.branch.go_to_time(time or 0)
        self.pause()
        self.news.jumped = True

    def live(self) -> None:
        """Goes to the head, and on from there if it was playing."""
        if self.branch.cursor != self.branch.head:
            self.news.jumped = True
        self.branch.go_to_head()

    def go_on(self, elapsed_us: int, budget: Callable[[], bool]) -> None:
        """Wall time has passed (µs) while playing. `budget` says whether there is time left in this tick to compute."""
        branch, limits = self.branch, self.limits
        target = branch.now + self.pace.passed(min(elapsed_us, limits.elapsed_max_us))
        target = self.no_further(branch, target)
        if not self._go_to(target, limits.events_per_tick_max, budget):
            self.pace.forget()  # too much for one tick: the run goes slower, and does not try to catch up

    def follow(self, target: int, budget: Callable[[], bool]) -> None:
        """Goes on to `target` (µs), which another show has reached, as far as there is time for it in this tick."""
        self._go_to(target, self.limits.events_per_tick_max, budget)

    def _go_to(self, target: int, most: int, budget: Callable[[], bool]) -> bool:
        """Moves over at most so many events up to `target` (µs). Whether it came there, or stopped on the way."""
        branch = self.branch
        left = self.events_left
        for _ in range(most):
            known = branch.head
            if branch.cursor == known and left <= 0:
                self.pause()
                text, args = self._too_many()
                self.news.notice("too_many_events", text, **args)
                return True
            event = branch.on_to(target)
            if event is None:
                self.arrived(branch)
                return True
            left -= branch.head - known
            if self.look(event, known):
                return True
            if not budget():
                break
        return False

    def no_further(self, branch: Branch, target: int) -> int:
        """The time (µs) at which playing must stop and look, if that is before `target`."""
        if self.until is not None and self.until.time is not None:
            target = min(target, self.until.time)
        if self.scenario is not None and branch.met is None:
            target = min(target, max(branch.now, self.scenario.until))
        if self.end is not None:
            target = min(target, max(branch.now, self.end))
        due = self.guide.due_after(branch.now) if self.guide is not None else None
        if self.contest is not None:
            due = self.contest.due_after(branch)
        return target if due is None else min(target, due)

    def arrived(self, branch: Branch) -> None:
        """Nothing more happens by the time reached: perhaps it was waited for."""
        if self.until is not None and self.until.time is not None and branch.now >= self.until.time:
            self.pause()
        if self.end is not None and branch.now >= self.end:
            self.pause()
        if branch.cursor == branch.head:
            self.plot.judge(branch)
            self.plot.watch(branch)
            if self.contest is not None:
                self.contest.watch(branch)

    # Looking at what happens

    def look(self, event: Event, known: int) -> bool:
        """Looks at an event that was just moved over; `known` was the head before. Whether the show stopped."""
        branch = self.branch
        new = event.seq > known or event.seq == self.unseen
        if new:
            self.unseen = None
        broken = branch.broken_at(event.seq) if new or (self.until and self.until.kind == "violation") else ()
        stop = self._look_at_broken(broken, branch) if new and broken else False
        if self.until is not None and untils.holds(self.until, event, bool(broken)):
            stop = True
        if stop:
            self.pause()
        if event.seq == branch.head:
            if event.indications or broken:
                stop = self.plot.watch(branch) or stop
            stop = self.plot.end_at(branch) or stop
            if self.contest is not None:
                stop = self.contest.watch(branch) or stop
        return stop

    def _look_at_broken(self, broken: tuple[str, ...], branch: Branch) -> bool:
        """Tells of properties that have just broken. Whether the show stops for them."""
        bad = self.plot.stopping(broken)
        stop = self.stops_when_broken and bool(bad) and not self.plot.foretold(bad, branch)
        self._tell_broken(bad)
        if stop and self.scenario is not None and branch.met is None and self.scenario.breaks:
            branch.met = self.scenario.judge(branch.run) or None  # its story may be told, or have an end still to come
        return stop

    def _tell_broken(self, broken: tuple[str, ...]) -> None:
        properties = self.protocol.describe()["properties"]
        for name in broken:
            self.news.notice("property_broken", N_("“{property}” is broken at event {seq}."),
                             property=properties[name]["title"], seq=self.branch.head)  # fmt: skip

    # Acting

    @property
    def events_left(self) -> int:
        """How many events may still be kept."""
        return self.events_max - self.branches.events_kept

    def _too_many(self) -> tuple[str, dict[str, Any]]:
        return N_("This room keeps {most} events and can't go on: delete a branch, or open a copy."), {
            "most": self.events_max
        }

    def require_place(self, events: int = 1) -> None:
        """Raises Refused where no so many more events can be kept."""
        if self.events_left < events:
            text, args = self._too_many()
            raise Refused("too_many_events", text, **args)

    def act(self, data: dict[str, Any], by: str) -> Event:
        """Gives a command at the moment shown; behind the head that grows a branch. Raises Refused; then nothing changed.

        Returns the last event that came of it.
        """
        command = command_from(data, self.protocol.program.parse_operation)
        self.require_place(2 if command.type in EFFECT_FOLLOWS else 1)
        if self.branches.commands >= COMMANDS_MAX:
            text = N_("This room keeps {most} commands and takes no more: delete a branch.")
            raise Refused("too_many_commands", text, most=COMMANDS_MAX)
        if self.contest is not None:
            self.contest.check(command)
        branch = self.branch
        if branch.cursor < branch.head:
            branch = self.branches.sprout(branch, branch.cursor, branch.now)
            self.plot.end_at(branch)
            event = branch.act(command, by)
            self.keep(branch)
        else:
            self.plot.end_at(branch)
            event = branch.act(command, by)
        if command.type == "set_link":
            self.news.changed.add("warnings")
        self.plot.leave()
        self.look(event, event.seq - 1)
        if command.type in EFFECT_FOLLOWS and not self.playing:
            known = branch.head
            effect = branch.on_to(branch.now)
            if effect is not None:
                self.look(effect, known)
                return effect
        return event

    def branch_off(self) -> None:
        """Leaves the future behind the moment shown to the branch that it is in, and goes on from here on another one."""
        branch = self.branch
        if branch.cursor < branch.head:
            self.keep(self.branches.sprout(branch, branch.cursor, branch.now))

    def keep(self, branch: Branch) -> None:
        """Keeps a new branch, and shows it."""
        self.branches.keep(branch)
        self.news.changed.add("branches")
