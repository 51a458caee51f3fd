"""What is counted in one run: messages, bytes, round trips, answers in time, stale reads and lost writes."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.exploration.comparison import (
    CLIENTS,
    SLOT,
    WORKLOADS,
    Measured,
    Meter,
    Trial,
    play,
    schedule_from,
    workload,
)
from server.exploration.comparison.aimed import who_leads
from server.exploration.comparison.ledger import CounterLedger, DecisionLedger, LeaderLedger, RegisterLedger
from server.exploration.comparison.sizes import size_of, size_of_message
from server.exploration.comparison.trial import CRASHES, MAIN, concrete
from server.protocols import protocol
from server.protocols.keyvalue import Operation
from server.simulation import Given, Link, Log, Recording, Run, encode, tagged, value
from server.simulation.commands import Crash, Partition, Request, Restart
from tests.support.runs import eventful

SECOND = 1_000_000
QUIET = {"think_time": 0}


def trial(name: str = "raft", *commands: tuple[int, Any], part: str = MAIN, **changes: Any) -> Trial:
    schedule = tuple(Given(time, 0, command) for time, command in commands)
    inputs: dict[str, Any] = {
        "params": QUIET, "nodes": 5, "seed": 7, "workload": "reads_and_writes", "span": 10 * SECOND, "schedule": schedule,
    }  # fmt: skip
    return Trial(part, 0, name, **(inputs | changes))


# ---- bytes -----------------------------------------------------------------------------------------------------------


class Tone(Enum):
    HIGH = "high"


@value
class Strange:
    words: tuple[Any, ...]
    table: dict[str, Any]
    tone: Tone
    inner: Operation | None


def test_every_message_of_a_run_is_as_long_as_its_canonical_json() -> None:
    run = eventful(11, events=600)
    bodies = [flight.body for event in run.history.events for flight in event.sent]
    assert len({type(body) for body in bodies}) >= 5
    for body in bodies:
        assert size_of_message(body) == len(encode(tagged(body)).encode())


PARTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(PARTS)
def test_any_part_of_a_message_is_as_long_as_its_canonical_json(part: Any) -> None:
    assert size_of(part) == len(encode(part).encode())
    body = Strange((part, part), {"a": part}, Tone.HIGH, Operation("put", "x", 1))
    assert size_of_message(body) == len(encode(tagged(body)).encode())


def test_a_log_in_a_message_counts_with_all_of_its_entries() -> None:
    long = Log(range(1000))
    assert size_of(long) == len(encode(list(long)))


# ---- the meter -------------------------------------------------------------------------------------------------------


def metered(*requests: tuple[int, Any], nodes: int = 3, until: int = 3 * SECOND, **setup: Any) -> tuple[Meter, Run]:
    meter = Meter("register")
    recording = Recording(
        "raft", nodes=nodes, clients=2, params=QUIET, seed=7, link=Link(low=10_000, high=10_000), **setup
    )
    run = Run(recording, protocol("raft").program, (meter,))
    for time, operation in requests:
        run.advance(time)
        run.act(Request("c1", operation))
    run.advance(until)
    return meter, run


def test_the_meter_counts_what_the_history_has() -> None:
    meter, run = metered((SECOND, Operation("put", "k1", 1)), (SECOND, Operation("get", "k1")))
    sent = [flight.body for event in run.history.events for flight in event.sent]
    assert meter.counters().messages == len(sent)
    assert meter.counters().bytes == sum(size_of_message(body) for body in sent)
    assert meter.counters().answers == 2
    assert meter.counters().elections == 1
    assert meter.counters().first_election == next(
        event.time
        for event in run.history.events
        for told in event.indications
        if getattr(told, "mark", None) == "election"
    )


def test_messages_that_a_partition_stops_cost_as_much_as_others() -> None:
    meter, run = metered(until=SECOND)
    before = meter.counters()
    run.act(Partition((("n1",), ("n2",), ("n3",))))
    run.advance(2 * SECOND)
    after = meter.counters()
    tried = [f for event in run.history.events for f in (*event.sent, *(flight for flight, _ in event.lost))]
    assert after.messages == len(tried)
    assert after.lost > before.lost == 0


def test_a_write_of_raft_takes_two_round_trips_when_its_client_knows_the_leader() -> None:
    first, second = Operation("put", "k1", 1), Operation("put", "k1", 2)
    meter, _ = metered((SECOND, first), (2 * SECOND, second))
    asked = meter.asked[1]
    # Client to leader, leader to follower, and both ways back, 10 ms each.
    assert asked.answered - asked.time == 40_000
    alone, _ = metered((SECOND, first))
    assert meter.counters().delays - alone.counters().delays == 4


def test_the_time_in_a_clients_queue_counts() -> None:
    meter, _ = metered(*((SECOND, Operation("put", "k1", number)) for number in range(1, 4)))
    waits = [asked.answered - asked.time for asked in meter.asked]
    assert waits[1] >= waits[0] + 40_000
    assert waits[2] == waits[1] + 40_000


def test_what_a_client_begins_by_itself_is_not_counted_as_asked() -> None:
    meter = Meter("register")
    busy = Recording("raft", nodes=3, clients=2, params={"think_time": 50_000}, seed=7)
    run = Run(busy, protocol("raft").program, (meter,), keep=False)
    run.advance(SECOND)
    run.act(Request("c1", Operation("put", "k1", 99)))
    run.advance(2 * SECOND)
    assert len(meter.asked) == 1
    assert meter.asked[0].answered > 0
    assert meter.counters().answers == 1


# ---- ledgers ---------------------------------------------------------------------------------------------------------


def put(number: int) -> Operation:
    return Operation("put", "k1", number)


READ = Operation("get", "k1")


def test_a_read_is_stale_where_it_began_after_a_newer_value_was_confirmed() -> None:
    ledger = RegisterLedger()
    ledger.end(put(1), True, ledger.begin(put(1)))
    early = ledger.begin(READ)
    ledger.end(put(2), True, ledger.begin(put(2)))
    ledger.end(READ, 1, early)  # the two overlapped
    assert (ledger.reads, ledger.stale) == (1, 0)
    ledger.end(READ, 1, ledger.begin(READ))
    assert (ledger.reads, ledger.stale) == (2, 1)
    assert ledger.owed("k1") == 2


def test_a_read_is_stale_where_somebody_has_read_a_newer_value_before() -> None:
    ledger = RegisterLedger()
    ledger.begin(put(1))
    ledger.end(READ, 1, ledger.begin(READ))
    ledger.end(READ, None, ledger.begin(READ))
    assert (ledger.reads, ledger.stale) == (2, 1)
    assert ledger.owed("k1") == 0  # it was never confirmed


def test_a_value_that_nobody_wrote_is_no_fresh_one() -> None:
    ledger = RegisterLedger()
    ledger.end(READ, 5, ledger.begin(READ))
    assert ledger.stale == 1


def test_a_counter_may_neither_miss_an_addition_nor_count_one_twice() -> None:
    ledger = CounterLedger()
    add = Operation("add", "k1", 1)
    ledger.end(add, 1, ledger.begin(add))
    ledger.end(add, 2, ledger.begin(add))
    ledger.end(READ, 2, ledger.begin(READ))
    assert (ledger.reads, ledger.stale, ledger.owed("k1")) == (3, 0, 2)
    ledger.end(READ, 1, ledger.begin(READ))
    ledger.end(READ, 3, ledger.begin(READ))
    assert ledger.stale == 2


def test_whoever_is_told_of_a_decision_is_told_the_same() -> None:
    ledger = DecisionLedger()
    for chosen in ("v1", "v1", "v2"):
        ledger.end(None, chosen, ledger.begin(None))
    assert (ledger.reads, ledger.stale) == (3, 1)


def test_a_leader_that_was_down_from_the_question_to_the_answer_is_a_stale_one() -> None:
    ledger = LeaderLedger()
    ledger.end(None, "n1", ledger.begin(None, ("n2",)))
    ledger.end(None, "n2", ledger.begin(None))
    assert (ledger.reads, ledger.stale) == (2, 0)
    ledger.end(None, "n2", ledger.begin(None, ("n2",)))  # it came back meanwhile
    ledger.end(None, "n2", ledger.begin(None), ("n2",))  # it crashed meanwhile
    assert (ledger.reads, ledger.stale) == (4, 0)
    ledger.end(None, "n2", ledger.begin(None, ("n2",)), ("n2",))
    assert (ledger.reads, ledger.stale) == (5, 1)
    crash = (5 * SECOND, Crash("n5"))
    measured = play(trial("bully", crash, workload="who_leads"))
    assert 0 < measured.counters.stale < measured.counters.reads // 4
    assert play(trial("bully", workload="who_leads")).counters.stale == 0


# ---- workloads -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_asks_once_in_every_slot_and_the_seed_alone_decides(name: str) -> None:
    load = workload(name)
    stream = list(load.requests(3, 20 * SECOND, 5))
    assert [asking.time // SLOT for asking in stream] == list(range(20 * SECOND // SLOT))
    assert stream == list(load.requests(3, 20 * SECOND, 5))
    assert stream[:50] == list(load.requests(3, 5 * SECOND, 5))
    assert stream != list(load.requests(4, 20 * SECOND, 5))
    assert {asking.client for asking in stream} == set(range(CLIENTS))
    assert {asking.operation["name"] for asking in stream} <= set(load.needs)


def test_each_key_is_written_by_one_client_with_growing_values() -> None:
    writers: dict[str, int] = {}
    last: dict[str, int] = {}
    for asking in workload("reads_and_writes").requests(5, 60 * SECOND, 5):
        if asking.operation["name"] == "put":
            key, number = asking.operation["key"], asking.operation["value"]
            assert writers.setdefault(key, asking.client) == asking.client
            assert number > last.get(key, 0)
            last[key] = number
    assert len(writers) == CLIENTS


def test_half_of_the_operations_of_reads_and_writes_are_reads() -> None:
    stream = [asking.operation["name"] for asking in workload("reads_and_writes").requests(5, 60 * SECOND, 5)]
    assert 0.4 < stream.count("get") / len(stream) < 0.6


# ---- a trial ---------------------------------------------------------------------------------------------------------


def test_without_faults_everything_is_answered_in_time_and_nothing_is_lost() -> None:
    measured = play(trial())
    assert measured.asked == 100 == measured.in_time == measured.ok
    assert measured.consistent
    assert measured.confirmed == CLIENTS
    assert len(measured.write_times) + len(measured.read_times) == 100
    assert list(measured.write_times) == sorted(measured.write_times)


def test_a_trial_is_a_function_of_its_inputs() -> None:
    crash = (2 * SECOND, Crash("n1"))
    assert play(trial("raft", crash)) == play(trial("raft", crash))
    assert play(trial("raft", crash)) != play(trial("raft", crash, seed=8))


def test_a_cluster_without_a_majority_is_not_available_and_comes_back_for_the_last_reading() -> None:
    down = [(5 * SECOND, Crash(node)) for node in ("n1", "n2", "n3")]
    measured = play(trial("raft", *down))
    assert 40 <= measured.in_time <= 50
    assert measured.unknown + measured.refused > 30
    assert (measured.lost, measured.counters.stale, measured.confirmed) == (0, 0, CLIENTS)


def test_requests_that_no_queue_can_take_count_as_refused_and_as_asked() -> None:
    down = [(SECOND, Crash(node)) for node in ("n1", "n2", "n3")]
    measured = play(trial("raft", *down, span=30 * SECOND, params={**QUIET, "client_attempts": 100}))
    assert measured.refused > 0
    assert measured.asked == 300 == measured.ok + measured.failed + measured.unknown + measured.refused


def test_stale_reads_are_counted_where_nodes_do_not_talk_to_each_other(alone: str) -> None:
    measured = play(trial(alone))
    assert measured.in_time == measured.asked
    assert measured.counters.stale > measured.counters.reads // 4
    assert not measured.consistent
    assert measured.lost == 0  # each client finds its own writes where it left them


def test_a_confirmed_write_that_a_crash_took_is_lost(alone: str) -> None:
    nodes = [f"n{number}" for number in range(1, 6)]
    crash = [(5_900_000, Crash(node)) for node in nodes]
    restart = [(5_950_000, Restart(node)) for node in nodes]
    assert play(trial(alone, *crash, *restart, span=6 * SECOND)).lost >= 3


def test_nodes_crash_when_one_of_them_has_just_confirmed_a_write_and_it_is_looked_for(alone: str) -> None:
    assert play(trial("raft", span=7 * SECOND, part=CRASHES, crash=("n1", "n2"))).lost == 0
    crashed = play(trial(alone, span=7 * SECOND, part=CRASHES, crash=("n1",)))
    assert crashed.lost == 1  # that of the client which asks n1
    assert crashed.blocked == 0  # it goes elsewhere


def test_a_trial_with_crashes_says_what_is_blocked_and_what_goes_on_no_more() -> None:
    fine = play(trial("raft", span=7 * SECOND, part=CRASHES, crash=("n1", "n2")))
    assert (fine.blocked, fine.stopped) == (0, ())
    stuck = play(trial("raft", span=7 * SECOND, part=CRASHES, crash=("n1", "n2", "n3")))
    assert stuck.blocked > 30
    assert stuck.stopped == ("get", "put")


def test_a_measurement_says_which_properties_broke() -> None:
    measured = play(trial())
    assert measured.broken == ()
    assert Measured(measured.counters, broken=("election_safety",)).consistent is False


def test_where_there_is_one_decision_nodes_crash_before_it() -> None:
    few = play(trial("paxos", span=7 * SECOND, part=CRASHES, crash=("n1", "n2"), workload="one_decision"))
    assert (few.blocked, few.stopped) == (0, ())
    many = play(trial("paxos", span=7 * SECOND, part=CRASHES, crash=("n1", "n2", "n3"), workload="one_decision"))
    assert many.stopped == ("propose",)


# ---- faults that are aimed -------------------------------------------------------------------------------------------


def aimed_schedule() -> tuple[Given, ...]:
    return schedule_from({"name": "leader_crashes"}).for_cluster(5, 10 * SECOND)[0]


@pytest.mark.parametrize("name", ["raft", "multi_paxos", "primary_backup", "bully", "two_phase_commit", "gossip"])
def test_whoever_leads_crashes_and_restarts_whichever_node_that_is(name: str) -> None:
    known = protocol(name)
    load = next(load for load in WORKLOADS.values() if load.fits(known))
    asked = replace(trial(name), workload=load.name, schedule=aimed_schedule())
    faults = [(time, command) for time, command in concrete(asked, load) if not isinstance(command, Request)]
    assert [type(command) for _, command in faults] == [Crash, Restart] * 5
    crashed = [command.node for _, command in faults]
    assert crashed[::2] == crashed[1::2], "who crashed restarts"
    run = Run(asked.recording(), known.program, keep=False)
    for time, command in concrete(asked, load):
        run.advance(time)
        if isinstance(command, Crash):
            assert command.node == who_leads(run.cluster)
        run.act(command, "test")


def test_a_crash_of_the_leader_is_the_same_in_the_table_and_where_it_is_watched() -> None:
    asked = replace(trial(), schedule=aimed_schedule())
    load = workload(asked.workload)
    told = tuple(Given(time, 0, c) for time, c in concrete(asked, load) if not isinstance(c, Request))
    assert play(asked) == play(replace(asked, schedule=told))
    assert play(asked).counters.elections > 5
