"""Writing the commands of a scenario by playing it.

A script says what is done and when: at a time, or once something has been seen. Playing it gives each command its time
and its place among the events of that instant, and a message its id, so what comes out is an ordinary recording:

    script = Script(Recording("raft", seed=7), program)
    script.until(Elected)
    script.give(Crash(script.host(Elected)))
    script.wait(500_000)
    script.recording()
"""

from __future__ import annotations

from collections.abc import Callable

from ..simulation import Command, Event, Flight, Program, Recording, Run

BY = "scenario"
"""Who gives the commands of a script."""

WAIT_MAX = 10_000_000
"""How long (µs of virtual time) a script waits for what it wants to see."""


class ScriptFailed(AssertionError):
    """What a script waits for does not happen: a mistake of its author, found when the scenario is first played."""


class Script:
    """A run that is being written down. Commands that can't be given raise `Refused`."""

    def __init__(self, setup: Recording, program: Program) -> None:
        self.run = Run(setup.with_commands(()), program)

    def at(self, time: int) -> None:
        """Goes on to `time` (µs)."""
        self.run.advance(time)

    def wait(self, span: int) -> None:
        """Lets `span` (µs) pass."""
        self.run.advance(self.run.now + span)

    def give(self, command: Command) -> None:
        """Gives a command now."""
        self.run.act(command, BY)

    def until(self, indication: type, host: str | None = None, *, count: int = 1) -> Event:
        """Goes on to the event in which `host` (or any) indicates this for the `count`-th time from now on.

        Raises ScriptFailed where that does not happen within `WAIT_MAX`.
        """

        def shows(event: Event) -> int:
            if host is not None and event.host != host:
                return 0
            return sum(1 for told in event.indications if type(told) is indication)

        seen = 0

        def enough(event: Event) -> bool:
            nonlocal seen
            seen += shows(event)
            return seen >= count

        return self.until_event(enough, f"{count} {indication.__name__}")

    def until_event(self, wanted: Callable[[Event], bool], name: str = "the event") -> Event:
        """Goes on to the first event of which `wanted` is true. Raises ScriptFailed as `until` does."""
        limit = self.run.now + WAIT_MAX
        while True:
            event = self.run.step(limit)
            if event is None:
                raise ScriptFailed(f"{name} did not happen by {limit} µs")
            if wanted(event):
                return event

    def flight(self, message: type, src: str, dst: str) -> Flight:
        """The oldest message of this type on its way from `src` to `dst`. Raises ScriptFailed where there is none."""
        for flight in self.run.cluster.flights.values():
            if type(flight.body) is message and (flight.src, flight.dst) == (src, dst):
                return flight
        raise ScriptFailed(f"no {message.__name__} flies from {src} to {dst} at {self.run.now} µs")

    def recording(self) -> Recording:
        """All that was given so far, as the inputs of a run."""
        return self.run.recording
