"""The figures of a comparison, each with its definition, and the statistics behind them.

A figure is told twice: *pooled* over all runs of a contestant, which is what the table shows, and run by run, which shows
how far chance alone spreads it. The five judgements are consistency, availability, fault tolerance, performance and
scalability; the first figure of each is its headline.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil, exp, fsum, log, sqrt

from ...simulation import N_
from .meter import PATIENCE
from .trial import Measured

LESS, MORE = "less", "more"
PERCENT, SECONDS, MILLISECONDS, NUMBER = "%", "s", "ms", ""

Runs = Sequence[Measured]


@dataclass(frozen=True)
class Figure:
    """One row of the table."""

    name: str
    title: str
    unit: str
    better: str
    text: str
    """Its definition (msgid)."""
    pooled: Callable[[Runs, int], float | None]
    """From all runs of a contestant and the span (µs); None where there is nothing to say."""

    def of(self, run: Measured, span: int) -> float | None:
        """The same of one run."""
        return self.pooled((run,), span)


@dataclass(frozen=True)
class Judgement:
    """One of the five, with the figures that make it up; the first is its headline."""

    name: str
    title: str
    figures: tuple[Figure, ...]


# Statistics


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest of them that at least so many percent do not exceed (nearest rank); None of nothing."""
    if not ordered:
        return None
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def quartiles(values: Sequence[float]) -> tuple[float, float] | None:
    """Between which two the middle half of them lies; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 4], ordered[-1 - (len(ordered) - 1) // 4]


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """The k for which y = c * x^k fits best: the slope of a line through the logarithms, by least squares.

    None where fewer than three points are positive.
    """
    logs = [(log(x), log(y)) for x, y in points if x > 0 and y > 0]
    if len(logs) < 3:
        return None
    mean_x = fsum(x for x, _ in logs) / len(logs)
    mean_y = fsum(y for _, y in logs) / len(logs)
    spread = fsum((x - mean_x) ** 2 for x, _ in logs)
    return fsum((x - mean_x) * (y - mean_y) for x, y in logs) / spread if spread else None


def fitted(points: Sequence[tuple[float, float]], k: float, x: float) -> float:
    """Where the curve of that exponent passes at `x`."""
    logs = [log(y) - k * log(each) for each, y in points if each > 0 and y > 0]
    return exp(fsum(logs) / len(logs)) * float(x**k)


def differ(first: Sequence[float | None], second: Sequence[float | None]) -> bool:
    """Whether two contestants differ by more than chance, from what each made of the same seeds.

    The seeds pair the runs: Student's test of the mean of the differences, at five percent. Fewer than three pairs say
    nothing of chance, so nothing is said of them.
    """
    pairs = [a - b for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if len(pairs) < 3:
        return False
    mean = fsum(pairs) / len(pairs)
    variance = fsum((each - mean) ** 2 for each in pairs) / (len(pairs) - 1)
    return mean != 0 and abs(mean) > student(len(pairs) - 1) * sqrt(variance / len(pairs))


def student(freedom: int) -> float:
    """The two-sided five percent point of Student's t, from that of the normal distribution (Fisher and Cornish, 1960)."""
    z = 1.959964
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


# What is made of the runs


def share(part: int, whole: int) -> float | None:
    """Percent; None of nothing."""
    return 100 * part / whole if whole else None


def _consistent(runs: Runs, _span: int) -> float | None:
    return share(sum(run.consistent for run in runs), len(runs))


def _stale(runs: Runs, _span: int) -> float | None:
    return share(sum(run.counters.stale for run in runs), sum(run.counters.reads for run in runs))


def _lost(runs: Runs, _span: int) -> float | None:
    return share(sum(run.lost for run in runs), sum(run.confirmed for run in runs))


def _broken(runs: Runs, _span: int) -> float | None:
    return share(sum(bool(run.broken) for run in runs), len(runs))


def _available(runs: Runs, _span: int) -> float | None:
    return share(sum(run.in_time for run in runs), sum(run.asked for run in runs))


def _unavailable(runs: Runs, span: int) -> float | None:
    asked = sum(run.asked for run in runs)
    return (1 - sum(run.in_time for run in runs) / asked) * span / 1_000_000 if asked else None


def _refused(runs: Runs, _span: int) -> float | None:
    return share(sum(run.refused + run.failed for run in runs), sum(run.asked for run in runs))


def _unknown(runs: Runs, _span: int) -> float | None:
    return share(sum(run.unknown for run in runs), sum(run.asked for run in runs))


def _leader(runs: Runs, _span: int) -> float | None:
    times = [run.counters.first_election for run in runs if run.counters.first_election is not None]
    return sum(times) / len(times) / 1000 if times else None


def _milliseconds(times: Sequence[array[int]], percent: int) -> float | None:
    found = percentile(sorted(chain.from_iterable(times)), percent)
    return None if found is None else found / 1000


def _commit_p50(runs: Runs, _span: int) -> float | None:
    return _milliseconds([run.write_times for run in runs], 50)


def _commit_p99(runs: Runs, _span: int) -> float | None:
    return _milliseconds([run.write_times for run in runs], 99)


def _read_p50(runs: Runs, _span: int) -> float | None:
    return _milliseconds([run.read_times for run in runs], 50)


def _per_answer(total: int, runs: Runs) -> float | None:
    answers = sum(run.counters.answers for run in runs)
    return total / answers if answers else None


def _messages(runs: Runs, _span: int) -> float | None:
    return _per_answer(sum(run.counters.messages for run in runs), runs)


def _bytes(runs: Runs, _span: int) -> float | None:
    return _per_answer(sum(run.counters.bytes for run in runs), runs)


def _round_trips(runs: Runs, _span: int) -> float | None:
    delays = _per_answer(sum(run.counters.delays for run in runs), runs)
    return None if delays is None else delays / 2


# The table

assert PATIENCE == 1_000_000, "the texts below say a second"

MESSAGES = Figure(
    "messages", N_("Messages per operation"), NUMBER, LESS,
    N_("All messages that were put on a link, heartbeats and those of clients too, by the operations that were carried "
       "out and confirmed."),
    _messages,
)  # fmt: skip
COMMIT = Figure(
    "commit_p50", N_("Time to commit, median"), MILLISECONDS, LESS,
    N_("Half of all writes take no longer, from the moment at which a client is asked to make one, waiting in its queue "
       "too, to the moment at which it holds the confirmation. Where nothing is written, the same for what is asked."),
    _commit_p50,
)  # fmt: skip
BYTES = Figure(
    "bytes", N_("Bytes per operation"), NUMBER, LESS,
    N_("The same for bytes: a message is as long as its type and its fields as canonical JSON."), _bytes,
)  # fmt: skip
ROUND_TRIPS = Figure(
    "round_trips", N_("Round trips"), NUMBER, LESS,
    N_("Half the messages that had to follow one another, on the way from the request to its answer; the mean over all "
       "operations that were carried out and confirmed."),
    _round_trips,
)  # fmt: skip
AVAILABLE = Figure(
    "available", N_("Availability"), PERCENT, MORE,
    N_("The share of virtual time in which an operation of a client is carried out and confirmed within a second. One is "
       "asked for at a random moment of every tenth of a second, whether or not the earlier ones were answered."),
    _available,
)  # fmt: skip
LEADER = Figure(
    "leader", N_("Time to a leader"), MILLISECONDS, LESS,
    N_("From the start to the first election, the mean over the runs that had one."), _leader,
)  # fmt: skip
COMMIT_LATE = Figure(
    "commit_p99", N_("Time to commit, 99 of 100"), MILLISECONDS, LESS,
    N_("Ninety-nine of a hundred writes take no longer. Those that were never confirmed do not count here, but in the "
       "availability."),
    _commit_p99,
)  # fmt: skip

JUDGEMENTS: tuple[Judgement, ...] = (
    Judgement("consistency", N_("Consistency"), (
        Figure(
            "consistent", N_("Consistent runs"), PERCENT, MORE,
            N_("The share of runs in which no read was stale, no confirmed write was lost, and no property that must "
               "always hold was broken, promised or not."),
            _consistent,
        ),
        Figure(
            "stale", N_("Stale reads"), PERCENT, LESS,
            N_("The share of answers that are not what one up-to-date copy would have given: a value older than one that "
               "was confirmed, or read by anybody, before this read began; one that nobody wrote; a second decision; or a "
               "leader that was down when it was asked for, and still at the answer."),
            _stale,
        ),
        Figure(
            "lost", N_("Lost writes"), PERCENT, LESS,
            N_("The share of keys of which a confirmed write is gone: at the end everything is repaired and left alone "
               "for two seconds, then all clients read all keys, and none of them finds it."),
            _lost,
        ),
        Figure(
            "broken", N_("Broken properties"), PERCENT, LESS,
            N_("The share of runs in which a property that must always hold was broken, promised or not."), _broken,
        ),
    )),
    Judgement("availability", N_("Availability"), (
        AVAILABLE,
        Figure(
            "unavailable", N_("Time unavailable"), SECONDS, LESS,
            N_("The rest of the virtual time of a run."), _unavailable,
        ),
        Figure(
            "refused", N_("Operations refused"), PERCENT, LESS,
            N_("The share of operations that certainly had no effect: answered with no, or not taken since twenty others "
               "were waiting at their client."),
            _refused,
        ),
        Figure(
            "unknown", N_("Operations unknown"), PERCENT, LESS,
            N_("The share of operations that ended without an answer, so that nobody knows whether they had an effect."),
            _unknown,
        ),
        LEADER,
    )),
    Judgement("tolerance", N_("Fault tolerance"), ()),
    Judgement("performance", N_("Performance"), (
        COMMIT,
        COMMIT_LATE,
        Figure(
            "read_p50", N_("Time to read, median"), MILLISECONDS, LESS, N_("The same for reads."), _read_p50,
        ),
        ROUND_TRIPS,
        MESSAGES,
        BYTES,
    )),
    Judgement("scalability", N_("Scalability"), ()),
)  # fmt: skip

GROWING = (MESSAGES, BYTES, COMMIT, COMMIT_LATE, ROUND_TRIPS, AVAILABLE, LEADER)
"""What is shown over the number of nodes."""
SPREAD = (AVAILABLE, COMMIT, COMMIT_LATE, MESSAGES, BYTES, ROUND_TRIPS, LEADER)
"""What is shown over the seeds."""
