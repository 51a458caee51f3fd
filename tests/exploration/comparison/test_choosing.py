"""What can be compared, under which faults, and what is said to a choice that makes no sense."""

from __future__ import annotations

import time
from typing import Any

import pytest

from server.exploration.comparison import (
    BUILT_IN,
    CLIENTS,
    Comparison,
    Contestant,
    Schedule,
    choose,
    comparison_from,
    from_recording,
    from_scenario,
    schedule_from,
    served_by,
)
from server.exploration.comparison.faults import NAMED_MAX
from server.exploration.comparison.plan import SETS_MAX, SIZE_RANGE, crash_sets
from server.exploration.comparison.trial import CRASHES, MAIN, SIZES
from server.protocols import PROTOCOLS, Protocol, protocol
from server.protocols.forms import Offer
from server.simulation import Given, Link, Recording, Refused, Run
from server.simulation.commands import Crash, Drop, FireTimer, Heal, Partition, Request, Restart, SwitchRule
from server.simulation.node import Program
from tests.support.alone import Alone, AloneClient

RAFT = Contestant("raft")
SLOW = Contestant("raft", {"heartbeat_interval": 100_000})
SECOND = 1_000_000


def told(refused: pytest.ExceptionInfo[Refused]) -> str:
    return str(refused.value)


# ---- who and what ----------------------------------------------------------------------------------------------------


def test_a_tuning_has_a_name_of_its_own() -> None:
    assert Contestant("raft", {"no_op": False, "election_low": 200_000}).label == "raft:no_op=off,election_low=200000"
    assert RAFT.label == "raft"


def test_clients_ask_nothing_by_themselves() -> None:
    assert SLOW.settings() == {"think_time": 0, "heartbeat_interval": 100_000}


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"contestants": []}, "Choose one to 4"),
        ({"contestants": [{"protocol": "raft"}] * 2}, "raft was chosen twice"),
        ({"contestants": [{"protocol": "paxis"}]}, "There is no protocol paxis"),
        ({"contestants": [{"protocol": "raft", "params": {"no_such": 1}}]}, "There is no tunable no_such"),
        ({"contestants": [{"protocol": "raft", "params": {"heartbeat_interval": 1}}]}, "heartbeat_interval is between"),
        ({"contestants": [{"protocol": "raft"}], "sizes": [10]}, "A cluster has 1 to 9 nodes"),
        ({"contestants": [{"protocol": "raft"}], "seeds": 0}, "Take 1 to 1000 seeds"),
        ({"contestants": [{"protocol": "raft"}], "seconds": 1}, "A comparison takes 5 to 600 seconds"),
        ({"contestants": [{"protocol": "raft"}], "workload": "dance"}, "There is no workload dance; there are reads_and"),
        ({"contestants": [{"protocol": "raft"}], "faults": {"name": "flood"}}, "There is no schedule of faults flood"),
        ({"contestants": [{"protocol": "raft"}], "faults": {"scenario": "x"}}, "There is no scenario x"),
        (
            {"contestants": [{"protocol": "two_phase_commit"}], "workload": "transactions", "sizes": [1]},
            "The workload transactions needs 2 nodes or more",
        ),
        ({"contestants": "raft"}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "more": 1}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "seconds": "nan"}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "seconds": float("inf")}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "seconds": "20"}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "seeds": True}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "sizes": [True]}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "sizes": [5.0]}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "sizes": {"5": 1}}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "sizes": "5"}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "sizes": []}, "A cluster has 1 to 9 nodes"),
        ({"contestants": [{"protocol": "raft"}], "sizes": list(range(1, 20))}, "A cluster has 1 to 9 nodes"),
        ({"contestants": [{"protocol": "raft"}], "sizes": [5, 3, 5]}, "Take each number of nodes once"),
        ({"contestants": [{"protocol": []}]}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "workload": ["writes"]}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "faults": {"scenario": "x", "protocol": []}}, "This is no order"),
        ({"contestants": [{"protocol": "raft"}], "faults": {"scenario": ["x"]}}, "This is no order"),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_refused_with_a_sentence(order: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        comparison_from(order)
    assert sentence in told(refused)


def test_thousands_of_sizes_are_refused_at_once() -> None:
    faults = from_recording(recording(*[Crash("n1"), Restart("n1")] * 500))
    begun = time.perf_counter()
    with pytest.raises(Refused, match="once"):
        Comparison((RAFT,), sizes=(5,) * 10_000, faults=faults)
    assert time.perf_counter() - begun < 0.1  # playing the faults for each would take minutes


def test_a_schedule_of_too_many_faults_is_refused_where_there_is_a_limit() -> None:
    crashes = [
        {"time": at * SECOND, "place": 0, "command": {"type": kind, "node": "n1"}}
        for at, kind in enumerate(("crash", "restart", "crash"), 1)
    ]
    faults = {"recording": {"format": 1, "protocol": "raft", "commands": crashes}}
    order = {"contestants": [{"protocol": "raft"}], "faults": faults}
    assert len(comparison_from(order, 3).faults.fixed) == 3
    with pytest.raises(Refused) as refused:
        comparison_from(order, 2)
    assert told(refused) == "The schedule has 3 faults; here it may have at most 2."


# ---- workloads -------------------------------------------------------------------------------------------------------


def narrow(name: str, *operations: str) -> Protocol:
    """A protocol of that name that has only these operations."""
    program = Program(name, Alone, AloneClient, lambda data: data)
    alone = protocol("alone")
    return Protocol(
        program=program, title=name, summary="", cites="", properties=(), indications=(), timers=alone.timers,
        operations=dict.fromkeys(operations, Offer("", "")),
    )  # fmt: skip


@pytest.fixture
def elections(alone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two protocols that can only say who leads, and one that can say nothing."""
    for name, operations in (("first", ("who",)), ("second", ("who",)), ("mute", ())):
        monkeypatch.setitem(PROTOCOLS, name, narrow(name, *operations))


def test_the_first_workload_that_all_can_serve_is_taken_where_none_is_named(elections: None) -> None:
    assert choose([protocol("raft")]).name == "reads_and_writes"
    assert choose([protocol("first"), protocol("second")]).name == "who_leads"


def test_protocols_that_share_no_workload_are_refused_with_those_that_would_fit(elections: None) -> None:
    with pytest.raises(Refused) as refused:
        choose([protocol("first"), protocol("raft")])
    assert "first and raft can't be asked the same; first can be compared with" in told(refused)
    assert "second" in told(refused)
    with pytest.raises(Refused) as refused:
        choose([protocol("mute"), protocol("raft")])
    assert "mute serves none of the workloads: reads_and_writes" in told(refused)


def test_a_workload_that_a_protocol_cannot_serve_is_refused_with_what_would_fit(elections: None) -> None:
    with pytest.raises(Refused) as refused:
        choose([protocol("raft")], "who_leads")
    assert "raft can't serve the workload who_leads: it has no operation who." in told(refused)
    assert "reads_and_writes" in told(refused)
    with pytest.raises(Refused) as refused:
        choose([protocol("raft"), protocol("first")], "counter")
    assert "first can't serve the workload counter" in told(refused)
    assert "By itself it can serve: who_leads" in told(refused)


def test_every_protocol_can_be_compared_by_some_workload_and_takes_what_it_asks() -> None:
    for known in PROTOCOLS.values():
        loads = served_by([known])
        assert loads, known.name
        for load in loads:
            for nodes in (load.nodes_least, 2, 3, 9):
                for asking in load.requests(1, 20 * SECOND, nodes):
                    known.program.parse_operation(asking.operation)
            for reading in load.audit():
                known.program.parse_operation(reading)


# ---- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("nodes", range(1, 10))
def test_a_built_in_schedule_can_be_carried_out_on_a_cluster_of_any_size(name: str, nodes: int) -> None:
    commands, notices = schedule_from({"name": name}).for_cluster(nodes, 12 * SECOND)
    assert bool(notices) == (not commands and name != "none")
    recording = Recording("raft", nodes=nodes, clients=CLIENTS, params={"think_time": 0}, commands=commands)
    run = Run(recording, protocol("raft").program, keep=False)
    run.advance(12 * SECOND)
    assert run.skipped == []
    assert len(run.given) == len(commands)


def test_built_in_schedules_are_shares_of_the_span() -> None:
    short, _ = schedule_from({"name": "one_crash"}).for_cluster(5, 6 * SECOND)
    long, _ = schedule_from({"name": "one_crash"}).for_cluster(5, 60 * SECOND)
    assert [given.time for given in long] == [10 * SECOND, 20 * SECOND]
    assert [given.time * 10 for given in short] == [given.time for given in long]


def recording(*commands: Any, nodes: int = 5) -> Recording:
    given = tuple(Given(SECOND * (index + 1), 0, command) for index, command in enumerate(commands))
    return Recording("raft", nodes=nodes, clients=2, commands=given)


def test_a_recording_gives_its_faults_of_hosts_and_links_at_their_times() -> None:
    schedule = from_recording(recording(Crash("n1"), Partition((("n2",), ("n3", "c1"))), Heal(), Restart("n1")))
    commands, notices = schedule.for_cluster(5, 60 * SECOND)
    assert [given.time for given in commands] == [SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND]
    assert (schedule.notices, notices) == ((), [])


def test_what_cannot_be_carried_over_is_named() -> None:
    parse = protocol("raft").program.parse_operation
    ask = Request("c1", parse({"name": "get", "key": "x"}))
    schedule = from_recording(
        recording(Crash("n1"), Drop(17), Drop(18), FireTimer("n1", "election"), SwitchRule("one_vote", False), ask)
    )
    sentences = [text.format(**args) for text, args in schedule.notices]
    assert sentences[0].startswith("The 1 requests of the recording are left out")
    assert "drop (2), fire_timer (1), switch_rule (1)" in sentences[1]
    assert len(schedule.fixed) == 1


def test_a_recording_without_a_fault_is_refused_with_the_schedules_that_there_are() -> None:
    with pytest.raises(Refused) as refused:
        from_recording(recording(Drop(1)))
    assert "one_crash" in told(refused)


def test_every_scenario_gives_its_faults_or_says_that_it_has_none() -> None:
    carried = 0
    for known in PROTOCOLS.values():
        for scenario in known.scenarios():
            try:
                schedule = from_scenario(scenario.name, known.name)
            except Refused:
                with pytest.raises(Refused, match="no fault of hosts or links"):
                    from_scenario(scenario.name, known.name)
                continue
            carried += 1
            assert schedule.title == scenario.title
            assert schedule.for_cluster(9, 60 * SECOND)[0]
    assert carried >= 3


def test_a_schedule_that_names_a_node_which_the_cluster_lacks_is_refused_with_what_would_fit() -> None:
    schedule = from_recording(recording(Crash("n2"), Crash("n5")))
    assert len(schedule.for_cluster(5, 60 * SECOND)[0]) == 2
    with pytest.raises(Refused) as refused:
        Comparison((RAFT,), sizes=(3,), faults=schedule)
    assert "The schedule names n5, and the cluster has only 3 nodes: take 5 or more" in told(refused)
    assert "rolling" in told(refused)
    with pytest.raises(Refused) as refused:
        Comparison((RAFT,), sizes=tuple(SIZE_RANGE), faults=schedule)
    assert "has only 3 nodes" in told(refused)


def test_a_schedule_may_name_the_clients_of_a_comparison_and_no_others() -> None:
    fine = from_recording(recording(Partition((("n1", f"c{CLIENTS}"), ("n2",)))))
    assert fine.for_cluster(5, 60 * SECOND)[0]
    strange = Schedule("x", "x", None, (Given(0, 0, Partition((("n1", "c9"), ("n2",)))),))
    with pytest.raises(Refused) as refused:
        strange.for_cluster(5, 60 * SECOND)
    assert "names c9" in told(refused)


def test_faults_after_the_end_and_impossible_ones_are_told() -> None:
    schedule = from_recording(recording(Crash("n1"), Crash("n1"), *([Heal()] * 8)))
    commands, notices = schedule.for_cluster(5, 8 * SECOND)
    sentences = [text.format(**args) for text, args in notices]
    assert len(commands) == 7
    assert "3 faults of the schedule come after the end" in sentences[0]
    assert "crash at 2.0 s can't be done by then, and is skipped." in sentences


def test_of_many_faults_that_are_impossible_the_first_are_named_and_the_others_counted() -> None:
    twice = Schedule("x", "x", None, (Given(0, 0, Crash("n1")), *[Given(SECOND, at, Crash("n1")) for at in range(30)]))
    assert len(twice.for_cluster(5, 8 * SECOND)[1]) == 1
    crashes = [Given(1 + at, 0, Crash("n1")) for at in range(1_000)]
    notices = Schedule("x", "x", None, tuple(crashes)).for_cluster(5, 8 * SECOND)[1]
    assert len(notices) == NAMED_MAX + 1 <= 20
    assert notices[-1][0].format(**notices[-1][1]).startswith(f"{999 - NAMED_MAX} more faults of the schedule can't")


@pytest.mark.parametrize(("name", "nodes", "said"), [("minority", 2, 1), ("minority", 3, 0), ("none", 2, 0)])
def test_a_schedule_without_a_fault_for_so_few_nodes_says_so(name: str, nodes: int, said: int) -> None:
    notices = schedule_from({"name": name}).for_cluster(nodes, 60 * SECOND)[1]
    told = ["In a cluster of 2 nodes this schedule has no fault."] * said
    assert [text.format(**args) for text, args in notices] == told


# ---- the trials ------------------------------------------------------------------------------------------------------


def test_every_contestant_plays_every_seed_and_size_under_the_same_faults() -> None:
    comparison = Comparison((RAFT, SLOW), sizes=(3, 5), seeds=4, faults=schedule_from({"name": "minority"}))
    main = [trial for trial in comparison.trials() if trial.part == MAIN]
    assert {(t.contestant, t.nodes, t.seed) for t in main} == {
        (c, n, s) for c in range(2) for n in (3, 5) for s in range(1, 5)
    }
    for nodes in (3, 5):
        assert len({trial.schedule for trial in main if trial.nodes == nodes}) == 1
    assert {t.params["heartbeat_interval"] for t in main if t.contestant == 1} == {100_000}


def test_sizes_from_three_to_nine_are_tried_without_faults() -> None:
    comparison = Comparison((RAFT, SLOW), seeds=4, faults=schedule_from({"name": "minority"}))
    sizes = [trial for trial in comparison.trials() if trial.part == SIZES]
    assert {trial.nodes for trial in sizes} == set(range(3, 10))
    assert all(trial.schedule == () for trial in sizes)


def test_every_set_of_nodes_is_crashed_or_ten_of_them() -> None:
    assert crash_sets(3, 0) == [()]
    assert crash_sets(3, 2) == [("n1", "n2"), ("n1", "n3"), ("n2", "n3")]
    many = crash_sets(9, 4)
    assert len(set(many)) == SETS_MAX
    assert {node for nodes in many for node in nodes} == {f"n{number}" for number in range(1, 10)}
    trials = [trial for trial in Comparison((RAFT,), seeds=4).trials() if trial.part == CRASHES]
    assert {len(trial.crash) for trial in trials} == set(range(5))
    assert len({trial.crash for trial in trials}) == 31


def test_doubtful_dials_are_told_with_the_contestant_that_has_them() -> None:
    hasty = Contestant("raft", {"heartbeat_interval": 300_000})
    notices = Comparison((RAFT, hasty)).notices()
    assert [of for of, _ in notices] == [hasty.label]
    assert Link().high  # the usual delays of a link are those of the warning
