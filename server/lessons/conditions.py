"""What a beat of a lesson waits for. Conditions are data; `holds` looks at what has happened since the beat was entered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..properties import Monitor
from ..simulation import Run
from ..simulation.commands import Crash


@dataclass(frozen=True)
class Moment:
    """A place in a room's history: after event `seq` of `branch`, at `now` (µs of virtual time)."""

    branch: int
    seq: int
    now: int


class Condition(Protocol):
    """Something that may come true in a run."""

    def holds(self, run: Run, since: Moment) -> bool:
        """Whether it has come true between `since` and the last event of the run."""


@dataclass(frozen=True)
class Seen:
    """Hosts have indicated this `count` times."""

    indication: type
    host: str | None = None
    count: int = 1

    def holds(self, run: Run, since: Moment) -> bool:
        seen = 0
        for event in run.history.events[since.seq :]:
            if event.indications and (self.host is None or event.host == self.host):
                seen += sum(1 for told in event.indications if type(told) is self.indication)
        return seen >= self.count


@dataclass(frozen=True)
class Lasting:
    """Some host told `begun` at least `span` (µs) ago, and has been up and told none of `ended` since.

    Judged at events alone: a host that waits for something asks for it again and again.
    """

    begun: type
    ended: tuple[type, ...]
    span: int

    def holds(self, run: Run, since: Moment) -> bool:
        begun: dict[str, int] = {}
        for event in run.history.events[since.seq :]:
            if event.host is None:
                continue
            if isinstance(event.subject, Crash):
                begun.pop(event.host, None)
            for told in event.indications:
                if type(told) is self.begun:
                    begun.setdefault(event.host, event.time)
                elif type(told) in self.ended:
                    begun.pop(event.host, None)
        return any(run.now - time >= self.span for time in begun.values())


@dataclass(frozen=True)
class Elapsed:
    """So much virtual time (µs) has passed."""

    span: int

    def holds(self, run: Run, since: Moment) -> bool:
        return run.now - since.now >= self.span


@dataclass(frozen=True)
class Now:
    """The run is so now, whenever it became so. `test` is a function of a module, so that the condition stays data."""

    test: Callable[[Run], bool]

    def holds(self, run: Run, since: Moment) -> bool:
        return self.test(run)


@dataclass(frozen=True)
class Broken:
    """The property of that name has been broken, in a run whose observers have a `Monitor`."""

    property: str

    def holds(self, run: Run, since: Moment) -> bool:
        for observer in run.observers:
            if isinstance(observer, Monitor):
                return any(name == self.property and seq > since.seq for name, seq in observer.broken())
        return False


@dataclass(frozen=True)
class All:
    """Every one of these."""

    conditions: tuple[Condition, ...]

    def holds(self, run: Run, since: Moment) -> bool:
        return all(condition.holds(run, since) for condition in self.conditions)


@dataclass(frozen=True)
class Any:
    """One of these."""

    conditions: tuple[Condition, ...]

    def holds(self, run: Run, since: Moment) -> bool:
        return any(condition.holds(run, since) for condition in self.conditions)


@dataclass(frozen=True)
class Not:
    """The condition has not come true."""

    condition: Condition

    def holds(self, run: Run, since: Moment) -> bool:
        return not self.condition.holds(run, since)


def due_times(condition: Condition | None, since: Moment) -> list[int]:
    """The times (µs) at which the passing of time alone may make a condition true. A clock that jumps must stop there."""
    if isinstance(condition, Elapsed):
        return [since.now + condition.span]
    if isinstance(condition, All | Any):
        return [time for each in condition.conditions for time in due_times(each, since)]
    return []
