"""Making a found recording short: a smaller run is taken as long as the same property still breaks.

Commands are left out first: in chunks, the halves of what is left and then smaller ones, at last one by one (after Zeller
and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002), then two and three at a time, for a fault and its
repair need each other. Then come fewer nodes, fewer clients, a plainer link, tunables at their defaults, and rounder times.
Whatever succeeds begins the round anew, so that in the end no single command can be spared. A story that is still long then
is tried under other seeds, whose delays and timeouts may need fewer acts.

Leaving a command out shifts what comes after it, the numbers of messages too, so a later command may hit something else
or be refused. That does no harm: only what still breaks the property is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import combinations, pairwise
from typing import Any

from ..protocols import Protocol
from ..simulation import Command, Given, Link, Recording, Refused
from ..simulation.recording import fitting
from .fuzz import Outcome, replay

REPLAYS_MAX = 2_000
"""How many replays a shrinking may cost."""
TUPLES_OF_MAX = {2: 24, 3: 9}
"""Of how many commands all pairs, and all threes, are tried; of more there are too many."""
LAST_OF_ITS_INSTANT = 1_000_000
"""A place after everything that happens at an instant, where a script gives its commands."""
SEEDS = 150
"""How many other seeds a story is tried under that is still long: its acts are as many as its luck needs."""
LONG = 8
"""Of how many acts a story is long."""
ROUND = (100_000, 50_000, 10_000, 5_000, 1_000)
"""To multiples of what (µs) times are rounded, the roundest first."""
PLAIN_LINKS = (Link(), Link(low=10_000, high=10_000))


def shrink(protocol: Protocol, found: Outcome, *, replays: int = REPLAYS_MAX) -> Outcome:
    """The found run made as short as `replays` replays can. Returns it as it was where nothing is broken."""
    if found.broken is None:
        return found
    return Shrinker(protocol, found, replays).shortest()


class Shrinker:
    """The shortest run so far, and how many replays it has cost."""

    def __init__(self, protocol: Protocol, found: Outcome, replays: int) -> None:
        assert found.broken is not None
        self.protocol = protocol
        self.best = found
        self.until = found.until
        self.wanted = frozenset((found.broken,))
        self.left = replays

    def shortest(self) -> Outcome:
        """Goes through all that can be made smaller until nothing can, or the replays are used up."""
        while self.left > 0:
            before = self.best.recording
            self._fewer_commands()
            self._fewer_at_once(2)
            self._fewer_at_once(3)
            self._smaller_cluster()
            self._plainer_setup()
            self._last_of_their_instants()
            self._rounder_times()
            if self.best.recording == before and not self._luckier_seed():
                break
        return self.best

    def takes(self, recording: Recording) -> bool:
        """Whether it breaks the same property with no more commands than before; then it is the shortest now."""
        if self.left <= 0:
            return False
        self.left -= 1
        try:
            outcome = replay(self.protocol, recording, self.until, self.wanted)
        except Refused:
            return False
        if outcome.broken is None or len(outcome.recording.commands) > len(self.best.recording.commands):
            return False
        self.best = outcome
        return True

    @property
    def commands(self) -> tuple[Given, ...]:
        """Those of the shortest run so far."""
        return self.best.recording.commands

    def _with(self, commands: tuple[Given, ...]) -> bool:
        return self.takes(self.best.recording.with_commands(commands))

    # What is left out

    def _fewer_commands(self) -> None:
        chunk = max(1, len(self.commands) // 2)
        while self.left > 0:
            spared = False
            start = 0
            while start < len(self.commands) and self.left > 0:
                if self._with(self.commands[:start] + self.commands[start + chunk :]):
                    spared = True
                else:
                    start += chunk
            if chunk == 1 and not spared:
                return
            chunk = max(1, chunk // 2)

    def _fewer_at_once(self, many: int) -> None:
        """A crash and its restart, a partition and its healing: neither goes alone, both may. So may a node's pause, crash
        and restart.
        """
        if len(self.commands) > TUPLES_OF_MAX[many]:
            return
        for spared in combinations(range(len(self.commands)), many):
            if self._with(tuple(given for i, given in enumerate(self.commands) if i not in spared)):
                self._fewer_commands()
                return

    def _smaller_cluster(self) -> None:
        for nodes in range(1, self.best.recording.nodes):
            smaller = _of_size(self.best.recording, nodes, self.best.recording.clients)
            if self.takes(fitting(smaller, self.protocol.program)):
                break
        for clients in range(self.best.recording.clients):
            if self.takes(_of_size(self.best.recording, self.best.recording.nodes, clients)):
                break

    def _luckier_seed(self) -> bool:
        """Under another seed, with other delays and timeouts, fewer acts may be enough: whether they were."""
        if len(self.commands) < LONG:
            return False
        for seed in range(1, SEEDS + 1):
            other = replace(self.best.recording, seed=seed)
            if self.left <= 0 or other == self.best.recording:
                continue
            self.left -= 1
            outcome = replay(self.protocol, other, self.until, self.wanted)
            if outcome.broken is None:
                continue
            trial = Shrinker(self.protocol, outcome, self.left)
            trial._fewer_commands()
            trial._fewer_at_once(2)
            self.left = trial.left
            if len(trial.commands) < len(self.commands):
                self.best = trial.best
                return True
        return False

    # What is made plainer

    def _plainer_setup(self) -> None:
        for link in PLAIN_LINKS:
            if self.best.recording.link == link or self.takes(replace(self.best.recording, link=link)):
                break
        else:
            for field in fields(Link):  # at least not everything that links may do is needed
                plainer_link = replace(self.best.recording.link, **{field.name: getattr(Link(), field.name)})
                if plainer_link.low <= plainer_link.high:
                    self.takes(replace(self.best.recording, link=plainer_link))
        defaults = {name: known.default for name, known in self.protocol.program.params.items()}
        promised = self.best.broken not in self.protocol.disclaimed(self.best.recording.params)
        for name, given in tuple(self.best.recording.params.items()):
            params = {other: kept for other, kept in self.best.recording.params.items() if other != name}
            plainer = replace(self.best.recording, params=params)
            if given == defaults[name]:
                self.best = replace(self.best, recording=plainer)
            elif not (promised and self.best.broken in self.protocol.disclaimed(params)):
                self.takes(plainer)  # what was a promise stays one

    def _last_of_their_instants(self) -> None:
        """As a script gives them, so that the scenario written of it is the same run."""
        self._with(tuple(replace(given, place=LAST_OF_ITS_INSTANT) for given in self.commands))

    def _rounder_times(self) -> None:
        for step in ROUND:
            rounder = _rounded(self.commands, step)
            if _instants(rounder) == _instants(self.commands) and self._with(rounder):
                return
        for i in range(len(self.commands)):
            self._rounder_time(i)

    def _rounder_time(self, i: int) -> None:
        for step in ROUND:
            if i >= len(self.commands) or not self.commands[i].time % step:
                return
            for time in _multiples(self.commands[i].time, step):
                moved = replace(self.commands[i], time=time, place=LAST_OF_ITS_INSTANT)
                rounder = (*self.commands[:i], moved, *self.commands[i + 1 :])
                if _instants(rounder) == _instants(self.commands) and self._with(rounder):
                    return


def _multiples(time: int, step: int) -> tuple[int, int]:
    """The multiples of `step` beside a time, the nearer first."""
    below = time // step * step
    above = below + step
    return (below, above) if time - below <= above - time else (above, below)


def _instants(commands: tuple[Given, ...]) -> list[int]:
    """For each command but the first, whether it comes later than the one before, 1, or with it, 0, and never -1.

    Rounding keeps that: what is done one after the other stays so, for a person who follows.
    """
    return [(other.time > one.time) - (other.time < one.time) for one, other in pairwise(commands)]


def _rounded(commands: tuple[Given, ...], step: int) -> tuple[Given, ...]:
    """All of them at the nearest multiples of `step`; these keep the order."""
    return tuple(replace(g, time=_multiples(g.time, step)[0], place=LAST_OF_ITS_INSTANT) for g in commands)


def _of_size(recording: Recording, nodes: int, clients: int) -> Recording:
    """The same in a smaller cluster: the last hosts are gone, and all that was done to them."""
    hosts = frozenset((*(f"n{i}" for i in range(1, nodes + 1)), *(f"c{i}" for i in range(1, clients + 1))))
    kept = tuple(
        replace(given, command=smaller)
        for given in recording.commands
        if (smaller := _among(given.command, hosts)) is not None
    )
    return replace(recording, nodes=nodes, clients=clients, commands=kept)


def _among(command: Command, hosts: frozenset[str]) -> Command | None:
    """The command without the hosts that are gone; None where nothing is left of it."""
    groups: Any = getattr(command, "groups", None)
    if groups is not None:
        parts = (tuple(host for host in group if host in hosts) for group in groups)
        left = tuple(part for part in parts if part)
        return replace(command, groups=left) if len(left) > 1 else None  # type: ignore[type-var]
    return None if any(host not in hosts for host in _named(command)) else command


def _named(command: Command) -> Iterator[str]:
    """The hosts that a command names."""
    for name in ("node", "src", "dst", "client", "to"):
        host = getattr(command, name, None)
        if host is not None:
            yield host
