"""What the consensus protocols tell, held against what happened: fuzzed runs, and every word of some sentences in them."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.exploration.fuzz import fuzz
from server.protocols import protocol
from server.simulation import Event, Run, Setting

HASTY: dict[str, Setting] = {"client_attempts": 1, "client_timeout": 30_000, "think_time": 30_000}
"""Clients that give an operation up when the first answer does not come at once: requests come after later ones."""


def fuzzed(name: str, seed: int, **given: Any) -> Run:
    """A whole run with faults, which no broken property ends."""
    known = protocol(name)
    outcome = fuzz(known, seed, wanted=frozenset({"none"}), **given)
    run = known.run(outcome.recording, keep=True)
    run.advance(outcome.until)
    return run


def told(run: Run) -> Iterator[tuple[Event, Any]]:
    """Each indication of a run with its event, in their order."""
    for event in run.history.events:
        for news in event.indications:
            yield event, news


@pytest.mark.parametrize(("name", "seeds"), [("raft", (960, 7)), ("multi_paxos", (4, 9))])
def test_an_operation_is_said_to_have_been_applied_where_it_was_and_to_be_overtaken_where_a_later_one_was(
    name: str, seeds: tuple[int, ...]
) -> None:
    seen = set()
    for seed in seeds:
        applied: set[tuple[str, int]] = set()
        for _, news in told(fuzzed(name, seed, nodes=3, params=HASTY)):
            kind = type(news).__name__
            if kind == "Applied":
                command = news.entry.command if name == "raft" else news.command
                applied |= {(command.client, command.serial)} if command is not None else set()
            elif kind == "DuplicateNotApplied":
                assert (news.client, news.serial) in applied
                seen.add(kind)
            elif kind == "OvertakenNotApplied":
                assert news.newer > news.serial
                assert (news.client, news.newer) in applied
                seen.add(kind)
    assert seen == {"DuplicateNotApplied", "OvertakenNotApplied"}
