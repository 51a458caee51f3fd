"""The runs of a comparison that is watched: whole ones, with a history, for rooms side by side.

They are the first of the runs that the table is made of: the same set-up, the same requests, the same faults and the same
meter. So whoever wonders about a figure can look at one of the runs behind it.
"""

from __future__ import annotations

from ...lessons.script import BY
from ...properties import Monitor
from ...protocols import Protocol
from ...simulation import Given, Observer, Run
from .meter import Meter
from .plan import Comparison
from .trial import MAIN, Trial, concrete

LAST_OF_ITS_INSTANT = 1_000_000
"""A place after everything that happens at an instant."""


def staged(comparison: Comparison, seed: int = 1) -> list[tuple[str, Protocol, Run]]:
    """For each contestant its label, its protocol and a run of it at time 0, with everything still to come."""
    schedule = comparison.faults.for_cluster(comparison.size, comparison.span)[0]
    found = []
    for number, (contestant, known) in enumerate(zip(comparison.contestants, comparison.protocols(), strict=True)):
        trial = Trial(
            MAIN, number, known.name, contestant.settings(), comparison.size, seed, comparison.load.name,
            comparison.span, schedule=schedule,
        )  # fmt: skip
        script = tuple(
            Given(time, LAST_OF_ITS_INSTANT, command, BY) for time, command in concrete(trial, comparison.load)
        )
        observers: tuple[Observer, ...] = (Monitor(known.properties), Meter(comparison.load.ledger), *known.witnesses())
        found.append((contestant.label, known, Run(trial.recording().with_commands(script), known.program, observers)))
    return found
