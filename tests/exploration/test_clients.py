"""What clients are told is true: with faults of every kind, their operations take effect once and in a right order.

Every operation that took effect has a place: the index of the first entry that holds it among those applied. A history is
linearizable if each answer is what that order of operations gives, and no operation that had ended before another began
stands behind it (Herlihy and Wing, 1990). The log gives the order, so nothing has to be searched.
"""

from __future__ import annotations

from typing import Any

import pytest

from server.exploration import fuzz
from server.protocols import keyvalue, protocol
from server.protocols.raft.indications import Applied
from server.simulation import Cluster, Event, Invoked, Returned, Run

RAFT = protocol("raft")
BUSY = {"think_time": 20_000, "client_timeout": 80_000, "client_attempts": 6}
RUNS, BLOCKS = 200, 4


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
            elif isinstance(told, Applied) and told.entry.command is not None:
                command = told.entry.command
                self.applied[told.index] = command
                name = f"{command.client}.{command.serial}"
                assert self.place.setdefault(name, told.index) == told.index, f"{name} was applied at two places"


def watched(seed: int) -> Operations:
    """A fuzzed run, played again to its end with the operations of its clients watched."""
    outcome = fuzz(RAFT, seed, params=BUSY)
    operations = Operations()
    run = Run(outcome.recording, RAFT.program, (operations,), keep=False)
    run.advance(outcome.until)
    return operations


@pytest.mark.parametrize("block", range(BLOCKS))
def test_answers_are_linearizable_and_no_operation_takes_effect_twice(block: int) -> None:
    answers = 0
    for seed in range(block, RUNS, BLOCKS):
        seen = watched(seed)
        data: keyvalue.Data = {}
        results: dict[str, Any] = {}
        for index in sorted(seen.applied):
            command = seen.applied[index]
            data, results[f"{command.client}.{command.serial}"] = keyvalue.apply(data, command)
        ended: list[tuple[int, int]] = []
        for name, (seq, told) in seen.returned.items():
            if told.outcome == "ok":
                answers += 1
                assert told.result == results[name], f"seed {seed}: {name}"
                ended.append((seq, seen.place[name]))
            else:
                assert told.outcome == "unknown", "nobody can know that an operation will never take effect"
        for name, place in seen.place.items():
            before = [index for seq, index in ended if seq < seen.invoked[name]]
            assert max(before, default=0) < place, f"seed {seed}: {name} stands before one that had ended"
    assert answers > 3 * RUNS / BLOCKS


def test_an_operation_given_up_may_still_take_effect() -> None:
    """That is why its outcome is unknown, and not failed."""
    late = 0
    for seed in range(60):
        seen = watched(seed)
        late += sum(1 for name, (_, told) in seen.returned.items() if told.outcome == "unknown" and name in seen.place)
    assert late > 0
