"""Histories: how long the checker needs for those of real stores, against Porcupine.

The histories and Porcupine's own milliseconds (Go, this kind of machine, two cores) stand in the folder of oracles; see
`tests/conformance/test_histories.py`. Times are CPU seconds of the decision alone, as Porcupine's are; what reading and
explaining cost is told beside. The best of some rounds counts, as a mean over twenty does for Porcupine. A made history of
fifty clients, whose operations are told as they happened, stands for those of that size that are not in the folder.
"""

from __future__ import annotations

import json
import random
import resource
from collections.abc import Iterator
from typing import Any

from server.properties.linearizability import FORMATS, Checking, Explaining, History, Reading, Texts, Verdict
from tests.conformance import oracles
from tests.conformance.test_histories import MANIFESTS, Case, cases

from .measure import Row, Unavailable, cpu_seconds, tuned_collector

NAME = "histories"
ROUNDS = 5
SLOW_MS = 10.0
"""Jepsen logs on which Porcupine itself takes longer are the slow ones."""
MS = 1_000.0
LARGE = 1_000
"""Operations of a large key-value history."""
CLIENTS, KEYS, OPERATIONS = 50, 10, 2_000


def decided(reading: Reading) -> tuple[float, Checking]:
    """Milliseconds to the verdict, and it."""

    def work() -> Checking:
        checking = Checking(reading.history.operations, reading.model)
        checking.run(1 << 60)
        return checking

    spent, checking = cpu_seconds(work)
    return spent * MS, checking


def explained(checking: Checking) -> float:
    """Milliseconds to the explanation of a history that is not linearizable."""
    why = Explaining(checking.parts[checking.bad[0]], checking.model)
    return cpu_seconds(lambda: why.run(1 << 60))[0] * MS


def fifty_clients(seed: int = 1) -> Reading:
    """Fifty clients append, put and get texts under ten keys of a store that does what it should."""
    rng, history = random.Random(seed), History()
    store: dict[int, str] = {}
    under_way: dict[int, tuple[Any, int, bool, Any]] = {}
    begun = 0
    while begun < OPERATIONS or under_way:
        client = rng.randrange(CLIENTS)
        if client not in under_way:
            if begun < OPERATIONS:
                begun += 1
                text, chance, key = f"x {client} {begun} y", rng.random(), rng.randrange(KEYS)
                call = ("append", text) if chance < 0.5 else ("put", text) if chance < 0.55 else ("get",)
                history.invoke(client, call, key)
                under_way[client] = (call, key, False, None)
        elif rng.random() < 0.3:
            call, key, done, result = under_way.pop(client)
            if done:
                history.respond(client, result)
                continue
            store[key], result = Texts().step(store.get(key, ""), call)  # type: ignore[assignment]
            under_way[client] = (call, key, True, result)
    return Reading(history, Texts())


def _porcupine() -> dict[str, float]:
    manifests = [json.loads(oracles.text(path)) for path in oracles.found(MANIFESTS)]
    entries = [entry for manifest in manifests for entry in manifest["histories"]]
    return {entry["file"]: entry["porcupine_go_ms"] for entry in entries if "porcupine_go_ms" in entry}


def _read(found: list[Case]) -> tuple[float, dict[Case, Reading]]:
    """Milliseconds to read the histories, and them."""
    spent, readings = cpu_seconds(lambda: {case: FORMATS[case.format](oracles.text(case.path)) for case in found})
    return spent * MS, readings


def rows(*, tiny: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each. Raises Unavailable where there are no histories."""
    found = cases()
    if not found:
        raise Unavailable(f"no histories in {oracles.ORACLES}")
    porcupine = _porcupine()
    reading_ms, readings = _read(found)
    best: dict[Case, float] = {}
    wrong, explaining_ms = 0, 0.0
    with tuned_collector():
        for turn in range(1 if tiny else ROUNDS):
            for case, reading in readings.items():
                spent, checking = decided(reading)
                best[case] = min(best.get(case, spent), spent)
                wrong += (checking.verdict is Verdict.OK) is not case.linearizable
                if turn == 0 and checking.bad and not tiny:
                    explaining_ms = max(explaining_ms, explained(checking))
        made = [decided(fifty_clients(seed))[0] for seed in range(1, 2 if tiny else 4)]
    yield Row(NAME, "wrong verdicts", wrong, "", 0, beside=f"{len(found)} histories, read in {reading_ms:,.0f} ms")
    yield from _jepsen(best, porcupine)
    yield from _large(best, porcupine, tiny=tiny)
    yield Row(
        NAME, "fifty clients, made, linearizable", max(made), "ms", beside=f"{OPERATIONS:,} operations, {KEYS} keys"
    )
    yield Row(NAME, "the longest explanation", explaining_ms, "ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Row(NAME, "memory of the process", peak, "MB", 1_000)


def _jepsen(best: dict[Case, float], porcupine: dict[str, float]) -> Iterator[Row]:
    logs = {
        case.path.name: spent for case, spent in best.items() if case.path.name in porcupine and case.format == "jepsen"
    }
    if not logs:
        return
    yield Row(NAME, "Jepsen logs, all together", sum(logs.values()) / MS, "s", 10, beside=f"{len(logs)} logs")
    slowest = max(logs, key=lambda name: logs[name])
    yield Row(NAME, "Jepsen logs, the slowest", logs[slowest] / MS, "s", 3, beside=slowest)
    slow = [(logs[name] / porcupine[name], name) for name in logs if porcupine[name] > SLOW_MS]
    if not slow:
        return
    ratio, name = max(slow)
    yield Row(NAME, "slow Jepsen logs, times Porcupine", ratio, "x", 6,
              beside=f"{name}: {logs[name]:.2f} of {porcupine[name]:.1f} ms")  # fmt: skip


def _large(best: dict[Case, float], porcupine: dict[str, float], *, tiny: bool) -> Iterator[Row]:
    """Key-value histories of many operations; of the linearizable ones those that are there."""
    large = {case: spent for case, spent in best.items() if case.format == "kv" and (case.operations or 0) >= LARGE}
    case, spent = max(large.items(), key=lambda item: item[1])
    yield Row(NAME, "large key-value histories, the slowest", spent / MS, "s", 5, beside=case.path.name)
    for case, spent in large.items():
        if not tiny:
            go = porcupine[case.path.name]
            aim = 3 if case.linearizable else None
            yield Row(
                NAME, f"{case.path.stem}, times Porcupine", spent / go, "x", aim, beside=f"{spent:.1f} of {go:.1f} ms"
            )
