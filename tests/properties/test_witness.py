"""The witness of a run, held against a search over the whole history, and against the bounds of its memory."""

from __future__ import annotations

import pickle
from collections import Counter
from functools import cache
from typing import Any

import pytest

from server.exploration.fuzz import SPAN
from server.properties import BROKEN, HOLDS, WAITING, Witness, witness
from server.properties.linearizability import Operation, Verdict, check, forgotten
from server.properties.scribe import Scribe
from server.protocols import protocol
from server.protocols.keyvalue import Operation as Asked
from server.protocols.service import STORE
from server.simulation import OK, UNKNOWN, Event, Invoked, Recording, Returned, Run
from tests.support.runs import unleashed

FUZZED = (
    ("raft", ()), ("raft", ("majority",)), ("raft", ("log_check",)), ("multi_paxos", ("majority",)), ("paxos", ()),
    ("primary_backup", ()), ("gossip", ()), ("two_phase_commit", ()), ("three_phase_commit", ()),
)  # fmt: skip
SEEDS = 25


@cache
def fuzzed(name: str, seed: int, rules_off: tuple[str, ...]) -> tuple[Witness, tuple[Operation, ...]]:
    """A run with faults, by its witness and as a whole history."""
    owner = protocol(name)
    assert owner.service is not None
    params: dict[str, Any] = {"think_time": 60_000}
    if name == "raft":  # whose reads from a leader's own state, or by lease under bad clocks, promise less
        params["reads"] = "log"
    seen, scribe = Witness(owner.service), Scribe(owner.service)
    unleashed(owner, seed, seen, scribe, params=params, rules_off=rules_off).advance(2 * SPAN)
    return seen, scribe.history.operations


def known_before(operations: tuple[Operation, ...], at: int) -> list[Operation]:
    """The history as it was before an event: what was under way then may have taken effect."""
    return [
        op if op.place_returned is not None and op.place_returned < at else forgotten(op)
        for op in operations if op.place is not None and op.place < at
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "rules_off"), FUZZED)
def test_what_is_decided_live_is_what_a_search_over_all_finds(name: str, rules_off: tuple[str, ...]) -> None:
    owner, operations_seen = protocol(name), 0
    assert owner.service is not None
    for seed in range(SEEDS):
        seen, operations = fuzzed(name, seed, rules_off)
        operations_seen += len(operations)
        right = check(operations, owner.service.model)
        assert right.verdict is not Verdict.UNDECIDED
        if seen.state != WAITING:
            assert seen.state == (HOLDS if right.verdict is Verdict.OK else BROKEN), seed
        if seen.state == BROKEN:
            at = seen.transitions[-1][-1] if len(seen.transitions[-1]) == 3 else seen.transitions[-1][0]
            assert check(known_before(operations, at), owner.service.model).verdict is Verdict.OK, (
                "there is no earlier error"
            )
    assert operations_seen > 100


def test_protocols_keep_what_they_promise_and_without_some_rules_do_not() -> None:
    states = {
        (name, rules_off): Counter(fuzzed(name, seed, rules_off)[0].state for seed in range(SEEDS))
        for name, rules_off in FUZZED
    }
    for (name, rules_off), found in states.items():
        if rules_off or name == "gossip":
            assert found[BROKEN] > 0, name
        elif name != "primary_backup":  # whose dials the fuzzer turns
            assert found == {HOLDS: SEEDS}, name


# ---- by hand -------------------------------------------------------------------------------------------------------------


class Clients:
    """Clients that say what a test has them say."""

    def __init__(self) -> None:
        self.witness, self.seq, self.serials = Witness(STORE), 0, Counter[str]()
        self.under_way: dict[str, Any] = {}

    def tell(self, client: str, told: Any) -> int:
        self.seq += 1
        event = Event(self.seq, self.seq, "deliver", 0, client, None, None, (), (), (told,), None)
        self.witness.observe(event, None)  # type: ignore[arg-type]  # it looks at clients alone
        return self.seq

    def ask(self, client: str, name: str, value: Any = None, key: str = "x") -> int:
        self.serials[client] += 1
        self.under_way[client] = Asked(name, key, value)
        return self.tell(client, Invoked(f"{client}.{self.serials[client]}", self.under_way[client], "n1"))

    def hear(self, client: str, result: Any, outcome: str = OK) -> int:
        told = Returned(f"{client}.{self.serials[client]}", self.under_way[client], outcome, result)
        return self.tell(client, told)

    def do(self, client: str, name: str, result: Any, value: Any = None) -> int:
        self.ask(client, name, value)
        return self.hear(client, result)


def test_a_stale_read_is_found_at_its_return() -> None:
    clients = Clients()
    clients.do("c1", "put", True, 1)
    clients.do("c1", "put", True, 2)
    stale = clients.do("c2", "get", 1)
    clients.do("c2", "get", 2)
    again = clients.do("c1", "get", 1)
    seen = clients.witness
    assert seen.transitions == [(0, HOLDS), (stale, BROKEN)]
    errors = [fact for fact in seen.facts if fact[1] == witness.ERROR]
    assert errors == [(stale, "error", "x", "c2.1"), (again, "error", "x", "c1.3")]
    orders = [fact for fact in seen.facts if fact[1] == witness.ORDER]
    assert [fact[3:] for fact in orders] == [(0, ("c1.1",)), (1, ("c1.2",)), (2, ("c2.2",))]


def test_an_unknown_outcome_may_show_itself_later_and_only_then_is_it_in_the_order() -> None:
    clients = Clients()
    clients.ask("c1", "put", 7)
    clients.hear("c1", None, UNKNOWN)
    clients.do("c2", "get", None)
    clients.do("c2", "get", 7)
    seen = clients.witness
    assert seen.state == HOLDS
    assert [fact[3:] for fact in seen.facts] == [(0, ("c2.1",)), (1, ("c1.1", "c2.2"))]
    clients.do("c2", "get", None)
    assert seen.state == BROKEN


def test_a_client_that_begins_anew_has_lost_what_it_waited_for() -> None:
    clients = Clients()
    clients.ask("c1", "put", 7)
    clients.ask("c1", "put", 8)
    clients.hear("c1", True)
    clients.do("c2", "get", 7)
    clients.do("c2", "get", 7)
    assert clients.witness.state == HOLDS


def test_what_is_too_much_for_an_event_is_decided_later_and_told_with_the_first_bad_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clients = Clients()
    monkeypatch.setattr(witness, "STEPS_PER_EVENT", 40)
    for number in range(7):
        clients.ask("c1", "add", 3**number)
        clients.hear("c1", None, UNKNOWN)
    bad = clients.do("c2", "get", 2)
    assert clients.witness.state == WAITING
    while clients.witness.state == WAITING:
        assert clients.seq < 1_000
        clients.tell("c3", "nothing of importance")
    assert clients.witness.transitions[-1] == (clients.seq, BROKEN, bad)
    assert [state for _, state, *_ in clients.witness.transitions] == [HOLDS, WAITING, BROKEN]


def test_of_too_many_unknown_outcomes_nothing_is_said_and_that_is_told_once() -> None:
    clients = Clients()
    for number in range(15):
        clients.ask("c1", "add", 3**number)
        clients.hear("c1", None, UNKNOWN)
    clients.do("c2", "get", 2)
    for _ in range(300):
        clients.tell("c3", "nothing of importance")
    assert clients.witness.state == WAITING
    assert [fact[1:] for fact in clients.witness.facts if fact[1] == witness.GIVEN_UP] == [("given_up", "x")]


def test_a_quarter_of_an_hour_of_a_busy_cluster_needs_no_more_memory_than_half_of_it() -> None:
    owner = protocol("raft")
    (seen,) = owner.witnesses()
    recording = Recording("raft", clients=3, seed=4, params={"think_time": 200_000})
    run = Run(recording, owner.program, (seen,), keep=False)
    sizes = []
    for minute in range(15):
        run.advance((minute + 1) * 60_000_000)
        sizes.append(len(pickle.dumps(seen)))
    assert seen.state == HOLDS
    assert seen.live.kept < 2_000
    assert max(sizes[8:]) < 1.2 * max(sizes[:8])
