"""What clients are told is true: with faults of every kind, their operations take effect once and in a right order.

Every operation that took effect has a place: the index of the first entry that holds it among those applied. A history is
linearizable if each answer is what that order of operations gives, and no operation that had ended before another began
stands behind it (Herlihy and Wing, 1990). The log gives the order, so nothing has to be searched.

That is asked of every protocol that replicates a log, with the dials with which it promises it and all goes through the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from server.protocols import keyvalue, protocol
from server.protocols.multi_paxos.indications import Applied as AppliedSlot
from server.protocols.primary_backup.indications import Applied as AppliedUpdate
from server.protocols.raft.indications import Applied as AppliedEntry
from server.simulation import Cluster, Event, Invoked, Returned, Setting
from tests.support.runs import unleashed

BUSY = {"think_time": 20_000, "client_timeout": 80_000, "client_attempts": 6}
STRONG = {"reads": "strong"}
CASES: dict[str, tuple[str, Mapping[str, Setting]]] = {
    "raft": ("raft", {"reads": "log", "transfer": "off", "membership": "fixed"}),
    "multi_paxos": ("multi_paxos", {}),
    **{
        f"primary_backup {confirmation} {stamps}": (
            "primary_backup", {**STRONG, "confirmation": confirmation, "stamps": stamps},
        )
        for confirmation in ("majority", "all") for stamps in ("sequence", "hybrid")
    },
}  # fmt: skip
RUNS = 150
each_case = pytest.mark.parametrize("case", CASES)


def applied_by(told: Any) -> tuple[int, keyvalue.Command] | None:
    """The place and the command that an indication says was applied; None where it says nothing of the kind."""
    match told:
        case AppliedSlot(slot=index, command=command):
            pass
        case AppliedEntry(index=index, entry=entry) | AppliedUpdate(index=index, entry=entry):
            command = entry.command
        case _:
            return None
    return None if command is None else (index, command)


class Operations:
    """An observer: what was asked, what was answered, what was applied at which index."""

    def __init__(self) -> None:
        self.invoked: dict[str, int] = {}
        self.returned: dict[str, tuple[int, Returned]] = {}
        self.applied: dict[int, keyvalue.Command] = {}
        self.place: dict[str, int] = {}

    def observe(self, event: Event, cluster: Cluster) -> None:
        for told in event.indications:
            if isinstance(told, Invoked):
                assert told.id not in self.invoked
                self.invoked[told.id] = event.seq
            elif isinstance(told, Returned):
                assert told.id not in self.returned, "an operation ended twice"
                self.returned[told.id] = (event.seq, told)
            elif (applied := applied_by(told)) is not None:
                index, command = applied
                assert self.applied.setdefault(index, command) == command, f"two commands were applied at {index}"
                name = f"{command.client}.{command.serial}"
                assert self.place.setdefault(name, index) == index, f"{name} was applied at two places"


@cache
def watched(case: str, seed: int) -> Operations:
    """A fuzzed run with the operations of its clients watched."""
    name, dials = CASES[case]
    operations = Operations()
    unleashed(protocol(name), seed, operations, params={**BUSY, **dials})
    return operations


@each_case
def test_answers_are_linearizable_and_no_operation_takes_effect_twice(case: str) -> None:
    answers = 0
    for seed in range(RUNS):
        seen = watched(case, seed)
        data: keyvalue.Data = {}
        results: dict[str, Any] = {}
        for index in sorted(seen.applied):
            command = seen.applied[index]
            data, results[f"{command.client}.{command.serial}"] = keyvalue.apply(data, command)
        ended: list[tuple[int, int]] = []
        for name, (seq, told) in seen.returned.items():
            if told.outcome == "ok":
                answers += 1
                assert name in results, f"seed {seed}: {name} was answered and not applied"
                assert told.result == results[name], f"seed {seed}: {name}"
                ended.append((seq, seen.place[name]))
            else:
                assert told.outcome == "unknown", "nobody can know that an operation will never take effect"
        for name, place in seen.place.items():
            before = [index for seq, index in ended if seq < seen.invoked[name]]
            assert max(before, default=0) < place, f"seed {seed}: {name} stands before one that had ended"
    assert answers > 2 * RUNS


@each_case
def test_an_operation_given_up_may_still_take_effect(case: str) -> None:
    """That is why its outcome is unknown, and not failed."""
    late = 0
    for seed in range(60):
        seen = watched(case, seed)
        late += sum(1 for name, (_, told) in seen.returned.items() if told.outcome == "unknown" and name in seen.place)
    assert late > 0
