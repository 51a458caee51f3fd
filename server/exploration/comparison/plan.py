"""What is compared, and the trials that it takes.

A comparison has three parts. The main one plays every contestant with every seed under the workload and the faults.
*Crashes* finds how many crashes each bears: sets of nodes stop at one
moment and stay down. *Sizes* plays each without
faults with 3 to 9 nodes, to see how its cost grows. All trials are known beforehand and independent of each other, so
they may run in any order and in any number of processes, and the result is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

from ...protocols import Protocol, protocol
from ...simulation import N_, NODES_MAX, Recording, Refused, Setting
from ...simulation.recording import check_setup
from .faults import NO_FAULTS, Notice, Schedule, schedule_from
from .trial import CRASHES, MAIN, SIZES, Trial
from .workloads import CLIENTS, SLOT, Workload, choose

CONTESTANTS_MAX = 4
SEEDS_MAX = 1_000
SPAN_LOW, SPAN_HIGH = 5_000_000, 600_000_000
SIZE_SPAN = 20_000_000
"""How long (µs) a trial of the part `SIZES` asks."""
SIZE_RANGE = range(3, NODES_MAX + 1)
SIZE_SEEDS_MAX = 5
CRASH_SPAN = 7_000_000
SETS_MAX = 10
"""Of how many sets of nodes of one size are crashed, at the most."""
QUIET = {"think_time": 0}
"""What is set on every contestant that has it: clients ask what the workload says, and nothing else."""


@dataclass(frozen=True)
class Contestant:
    """A protocol with its tunables."""

    protocol: str
    params: Mapping[str, Setting] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What it is called in tables: its name, and what was tuned."""
        if not self.params:
            return self.protocol
        return f"{self.protocol}:" + ",".join(f"{name}={_written(value)}" for name, value in self.params.items())

    def settings(self) -> dict[str, Setting]:
        """The tunables of its runs."""
        known = protocol(self.protocol).program.params
        return {**{name: value for name, value in QUIET.items() if name in known}, **self.params}


def _check_sizes(sizes: tuple[int, ...]) -> None:
    """Raises Refused for sizes that no cluster has, for none, and for one that comes twice."""
    # Of more than there are, one comes twice or is none of them.
    if not sizes or not all(1 <= size <= NODES_MAX for size in sizes[: NODES_MAX + 1]):
        raise Refused("bad_size", N_("A cluster has 1 to {most} nodes."), most=NODES_MAX)
    if len(sizes) > NODES_MAX or len(set(sizes)) < len(sizes):
        raise Refused("bad_size", N_("Take each number of nodes once."))


def _written(value: Setting) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


@dataclass(frozen=True)
class Comparison:
    """Everything that was chosen. Raises Refused, with a sentence that says what would fit, where it can't be."""

    contestants: tuple[Contestant, ...]
    sizes: tuple[int, ...] = (5,)
    """The numbers of nodes of the main part."""
    seeds: int = 20
    """How many; they are 1, 2, 3 ..."""
    span: int = 20_000_000
    """µs of virtual time in which clients ask."""
    workload: str = ""
    """Its name; empty for the first that all contestants can serve."""
    faults: Schedule = NO_FAULTS

    def __post_init__(self) -> None:
        if not 1 <= len(self.contestants) <= CONTESTANTS_MAX:
            raise Refused("bad_choice", N_("Choose one to {most} protocols or tunings."), most=CONTESTANTS_MAX)
        labels = [contestant.label for contestant in self.contestants]
        for label in labels:
            if labels.count(label) > 1:
                raise Refused(
                    "bad_choice",
                    N_("{label} was chosen twice: choose another protocol or another tuning."),
                    label=label,
                )
        _check_sizes(self.sizes)
        if not 1 <= self.seeds <= SEEDS_MAX:
            raise Refused("bad_seed", N_("Take 1 to {most} seeds."), most=SEEDS_MAX)
        if not SPAN_LOW <= self.span <= SPAN_HIGH:
            raise Refused(
                "bad_span", N_("A comparison takes {low} to {high} seconds of virtual time."),
                low=SPAN_LOW // 1_000_000, high=SPAN_HIGH // 1_000_000,
            )  # fmt: skip
        protocols = self.protocols()
        for contestant, known in zip(self.contestants, protocols, strict=True):
            for size in self.sizes:
                check_setup(Recording(known.name, nodes=size, params=dict(contestant.params)), known.program)
        least = choose(protocols, self.workload or None).nodes_least
        if min(self.sizes) < least:
            raise Refused(
                "bad_size",
                N_("The workload {workload} needs {least} nodes or more."),
                workload=self.load.name,
                least=least,
            )
        for size in self.sizes:
            self.faults.for_cluster(size, self.span)

    def protocols(self) -> tuple[Protocol, ...]:
        """The protocol of each contestant. Raises Refused for a name that is none."""
        return tuple(protocol(contestant.protocol) for contestant in self.contestants)

    @cached_property
    def load(self) -> Workload:
        """What clients ask for."""
        return choose(self.protocols(), self.workload or None)

    @property
    def size(self) -> int:
        """The number of nodes of the table where there is one: of the middle of the sizes."""
        return self.sizes[len(self.sizes) // 2]

    def notices(self) -> list[tuple[str, Notice]]:
        """What a person should know before reading the result, each with the label of the contestant whom it concerns."""
        told = list(self.faults.notices)
        for size in self.sizes:
            told += [notice for notice in self.faults.for_cluster(size, self.span)[1] if notice not in told]
        found = [("", notice) for notice in told]
        for contestant, known in zip(self.contestants, self.protocols(), strict=True):
            recording = Recording(known.name, nodes=self.size, clients=CLIENTS, params=contestant.settings())
            found += [(contestant.label, warning) for warning in known.warnings(recording)]
        return found

    # The trials

    def trials(self) -> list[Trial]:
        """All of them, in the order in which they are best played: what makes a first table comes first."""
        main = list(self._main())
        first = len(self.contestants) * len(self.sizes)
        return [*main[:first], *self._crashes(), *self._sizes(), *main[first:]]

    def _trial(self, part: str, number: int, nodes: int, seed: int, span: int, **more: Any) -> Trial:
        contestant = self.contestants[number]
        return Trial(
            part, number, contestant.protocol, contestant.settings(), nodes, seed, self.load.name, span, **more
        )

    def _main(self) -> Iterator[Trial]:
        schedules = {size: self.faults.for_cluster(size, self.span)[0] for size in self.sizes}
        for seed in range(1, self.seeds + 1):
            for size in self.sizes:
                for number in range(len(self.contestants)):
                    yield self._trial(MAIN, number, size, seed, self.span, schedule=schedules[size])

    def _crashes(self) -> Iterator[Trial]:
        rounds = 1 if self.seeds < 20 else 2
        for number in range(len(self.contestants)):
            for crashed in range(self.size):
                for index, nodes in enumerate(crash_sets(self.size, crashed)):
                    for again in range(rounds):
                        seed = 1 + index + again * SETS_MAX
                        yield self._trial(CRASHES, number, self.size, seed, CRASH_SPAN, crash=nodes)

    def _sizes(self) -> Iterator[Trial]:
        for seed in range(1, self.size_seeds + 1):
            for size in SIZE_RANGE:
                for number in range(len(self.contestants)):
                    yield self._trial(SIZES, number, size, seed, SIZE_SPAN)

    @property
    def size_seeds(self) -> int:
        """With how many seeds each size is tried."""
        return max(1, min(SIZE_SEEDS_MAX, self.seeds // 10))


def crash_sets(nodes: int, crashed: int) -> Sequence[tuple[str, ...]]:
    """Which nodes crash: every set of that many, or `SETS_MAX` of them spread evenly where there are more."""
    names = [f"n{number}" for number in range(1, nodes + 1)]
    every = list(combinations(names, crashed))
    if len(every) <= SETS_MAX:
        return every
    return [every[i * (len(every) - 1) // (SETS_MAX - 1)] for i in range(SETS_MAX)]


def comparison_from(data: Mapping[str, Any], faults_most: int | None = None) -> Comparison:
    """What plain data, such as a page's order, asks for, with at most so many faults. Raises Refused."""
    known = {"contestants", "sizes", "seeds", "seconds", "workload", "faults"}
    try:
        if set(data) - known:
            raise TypeError(data)
        contestants = tuple(
            Contestant(_of(item["protocol"], str), dict(item.get("params") or {})) for item in data["contestants"]
        )
        sizes = tuple([_of(size, int) for size in _of(data.get("sizes", [5]), list, tuple)])
        seeds, span = _of(data.get("seeds", 20), int), round(_of(data.get("seconds", 20), int, float) * 1_000_000)
        workload = _of(data.get("workload") or "", str)
        faults = _of(data.get("faults") or {}, dict)
    except (TypeError, ValueError, KeyError, OverflowError):
        raise Refused("bad_order", N_("This is no order for a comparison.")) from None
    schedule = schedule_from(faults)
    # Before the comparison is made, which plays the schedule to see what of it can be done.
    if faults_most is not None and len(schedule.fixed) > faults_most:
        raise Refused(
            "bad_schedule",
            N_("The schedule has {count} faults; here it may have at most {most}."),
            count=len(schedule.fixed),
            most=faults_most,
        )
    return Comparison(contestants, sizes, seeds, span, workload, schedule)


def _of(value: Any, *types: type) -> Any:
    """The value. Raises TypeError where it is of none of these types; a truth value is no number."""
    if type(value) not in types:
        raise TypeError(value)
    return value


__all__ = ["CLIENTS", "SLOT", "Comparison", "Contestant", "comparison_from", "crash_sets"]
