"""Primary-backup replication: what its dials promise together, who takes over, and what breaks which property.

That strong answers are linearizable where updates are confirmed stands in `tests/exploration/test_clients.py`.
"""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from server.properties import BROKEN, HOLDS, Monitor, Witness
from server.protocols import keyvalue, protocol
from server.protocols.primary_backup.database import effect
from server.protocols.primary_backup.indications import (
    Answered,
    Applied,
    BecamePrimary,
    PrimaryMissed,
    Undone,
    WriteLost,
)
from server.protocols.primary_backup.messages import Cell, Entry
from server.protocols.primary_backup.node import Replica
from server.protocols.primary_backup.state import ReplicaState
from server.simulation import OK, Invoked, Link, Log, Recording, Returned, Run
from server.simulation.commands import Crash, Heal, Partition, Request, Restart, SetClock
from server.simulation.node import Settings
from server.simulation.recording import Given

PRIMARY_BACKUP = protocol("primary_backup")
DIALS = {name: tuple(p.choices) for name, p in PRIMARY_BACKUP.program.params.items() if p.choices}
QUIET: dict[str, int | bool | str] = {"think_time": 0, "client_timeout": 10_000_000}


def replicas(run: Run) -> list[ReplicaState]:
    """All nodes of a run, in order."""
    found = [run.cluster.hosts[name].node for name in run.cluster.nodes]
    assert all(isinstance(node, ReplicaState) for node in found)
    return found  # type: ignore[return-value]


# Quorums


@pytest.mark.parametrize("members", range(1, 10))
@pytest.mark.parametrize("confirmation", ["all", "majority"])
def test_whoever_takes_over_meets_one_who_confirmed(members: int, confirmation: str) -> None:
    names = tuple(f"n{i}" for i in range(1, members + 1))
    params = {name: p.default for name, p in PRIMARY_BACKUP.program.params.items()} | {"confirmation": confirmation}
    for overlap in (True, False):
        rules = dict.fromkeys(PRIMARY_BACKUP.program.rules, True) | {"overlap": overlap}
        node = Replica("n1", names[1:], Settings(params, rules))
        together = node.needed + node.needed_to_take_over
        assert (together > members) is (overlap or node.needed_to_take_over == members)


@pytest.mark.parametrize("members", range(1, 10))
def test_every_view_belongs_to_one_node_and_every_node_has_its_turn(members: int) -> None:
    names = tuple(f"n{i}" for i in range(1, members + 1))
    settings = Settings({}, {})
    nodes = [Replica(name, tuple(n for n in names if n != name), settings) for name in names]
    for view in range(1, 2 * members + 1):
        assert len({node.primary_of(view) for node in nodes}) == 1
        for node in nodes:
            node.view = view
            assert view < node.own_next_view <= view + members
            assert node.primary_of(node.own_next_view) == node.id
        assert sorted(node.rank for node in nodes) == list(range(members))


# The dials


@pytest.mark.parametrize("words", list(product(*DIALS.values())), ids="-".join)
def test_any_setting_of_the_dials_comes_to_one_database_everywhere(words: tuple[str, ...]) -> None:
    params: dict[str, Any] = {**dict(zip(DIALS, words, strict=True)), "think_time": 30_000}
    run = PRIMARY_BACKUP.run(Recording("primary_backup", nodes=4, clients=2, params=params), keep=False)
    answers = 0
    while run.now < 900_000:
        event = run.step(900_000)
        if event is None:
            break
        answers += sum(isinstance(told, Returned) and told.outcome == OK for told in event.indications)
    for client in run.cluster.clients:
        run.cluster.hosts[client].up = False  # nothing new
    run.advance(run.now + 400_000)
    first, *rest = replicas(run)
    assert answers >= 4
    assert first.data
    for other in rest:
        assert (other.log, other.data, other.commit_index) == (first.log, first.data, first.log.length)
    (monitor,) = (each for each in run.observers if isinstance(each, Monitor))
    promised = {p.name for p in PRIMARY_BACKUP.properties} - set(PRIMARY_BACKUP.disclaimed(params))
    assert {name for name, _ in monitor.broken()} & promised == set()


@pytest.mark.parametrize(
    ("dials", "not_promised"),
    [
        ({}, set()),
        ({"confirmation": "majority"}, set()),
        ({"confirmation": "none"}, {"no_lost_write", "same_order", "fresh_reads"}),
        ({"stamps": "timestamp"}, {"no_lost_write", "fresh_reads", "versions_forward"}),
        ({"stamps": "hybrid"}, set()),
        ({"reads": "weak"}, set()),  # all databases have it before the client is told
        ({"reads": "weak", "notify": "committed"}, {"fresh_reads"}),
        ({"reads": "weak", "confirmation": "majority"}, {"fresh_reads"}),
    ],
)
def test_what_is_not_promised_follows_from_the_dials(dials: dict[str, Any], not_promised: set[str]) -> None:
    weak = {"linearizable"} if "fresh_reads" in not_promised or dials.get("reads") == "weak" else set()
    assert set(PRIMARY_BACKUP.disclaimed(dials)) == not_promised | weak


def test_a_weak_read_may_be_fresh_and_yet_go_back_behind_another() -> None:
    """Both writes of x = 1 are under way for 1 s; then c2 reads 1 at n3, and after that c1 reads nothing at n1."""
    acts = (
        (50_000, Partition((("n1", "n3"), ("n2", "n4", "n5", "c1", "c2")))),
        (370_000, Heal()),
        (410_000, SetClock("n3", rate_ppm=2_000_000)),
        (630_000, Partition((("n2",), ("n1", "n3", "n4", "n5", "c1", "c2")))),
        (820_000, Partition((("n2", "n3"), ("n1", "n4", "n5", "c1", "c2")))),
        (1_020_000, Heal()),
        (1_150_000, Partition((("n2", "c1"), ("n1", "n3", "n4", "n5", "c2")))),
        (1_350_000, Heal()),
    )
    params: dict[str, Any] = {"transfer": "pull", "reads": "weak", "think_time": 40_000, "client_timeout": 100_000}
    setup = Recording("primary_backup", clients=2, params=params, seed=22906, link=Link(low=1_000, high=60_000))
    assert PRIMARY_BACKUP.service is not None
    monitor, witness = Monitor(PRIMARY_BACKUP.properties), Witness(PRIMARY_BACKUP.service)
    commands = tuple(Given(time, 0, command) for time, command in acts)
    run = Run(setup.with_commands(commands), PRIMARY_BACKUP.program, (monitor, witness))
    run.advance(1_460_000)
    told = [t for event in run.history.events for t in event.indications if isinstance(t, Invoked | Returned)]
    reads = [(type(t), t.id, t.result if isinstance(t, Returned) else None) for t in told if t.operation.name == "get"]
    assert reads == [(Invoked, "c2.2", None), (Returned, "c2.2", 1), (Invoked, "c1.2", None), (Returned, "c1.2", None)]
    assert (monitor.broken(), witness.state) == ([], BROKEN)
    assert "fresh_reads" not in PRIMARY_BACKUP.disclaimed(params)
    assert "linearizable" in PRIMARY_BACKUP.disclaimed(params)


@pytest.mark.parametrize(
    ("setup", "warned"),
    [
        (Recording("primary_backup"), 0),
        (Recording("primary_backup", params={"transfer": "pull"}), 0),
        (Recording("primary_backup", params={"heartbeat_interval": 200_000}), 1),
        (Recording("primary_backup", params={"heartbeat_interval": 200_000, "failover": "manual"}), 0),
        (Recording("primary_backup", nodes=1, params={"heartbeat_interval": 200_000}), 0),
        (Recording("primary_backup", params={"transfer": "pull"}, link=Link(low=1_000, high=90_000)), 1),
        (Recording("primary_backup", params={"confirmation": "none", "stamps": "timestamp"}), 1),
    ],
)
def test_dials_that_make_no_sense_are_warned_of(setup: Recording, warned: int) -> None:
    warnings = PRIMARY_BACKUP.warnings(setup)
    assert len(warnings) == warned
    for text, args in warnings:
        assert "{" not in text.format(**args)


# Failover


def test_the_next_in_line_takes_over_and_the_one_after_it_if_that_is_down_too() -> None:
    setup = Recording("primary_backup", nodes=4, params={**QUIET, "confirmation": "majority"})
    for down, successor in ((("n1",), "n2"), (("n1", "n2"), "n3")):
        run = PRIMARY_BACKUP.run(setup)
        run.advance(100_000)
        for node in down:
            run.act(Crash(node))
        run.advance(1_000_000)
        missed = [event.host for event in run.history.events for t in event.indications if isinstance(t, PrimaryMissed)]
        primaries = [name for name in run.cluster.nodes if PRIMARY_BACKUP.places(run.cluster).get("primary") == name]
        # Of four, two are no majority: nobody can take over then, however often it asks.
        assert missed[0] == successor
        assert primaries == ([successor] if len(down) == 1 else [])


def test_manual_failover_waits_for_a_hand() -> None:
    run = PRIMARY_BACKUP.run(Recording("primary_backup", nodes=3, params={**QUIET, "failover": "manual"}))
    run.advance(100_000)
    run.act(Crash("n1"))
    run.advance(5_000_000)
    assert "primary" not in PRIMARY_BACKUP.places(run.cluster)
    assert set(PRIMARY_BACKUP.places(run.cluster)) == {"backup 1", "backup 2"}


def test_a_primary_that_comes_back_alone_takes_up_again_in_a_new_view() -> None:
    run = PRIMARY_BACKUP.run(Recording("primary_backup", nodes=1, params=QUIET))
    run.act(Request("c1", keyvalue.Operation("put", "x", 1)))
    run.advance(200_000)
    run.act(Crash("n1"))
    run.act(Restart("n1"))
    run.act(Request("c1", keyvalue.Operation("get", "x"), "n1"))
    run.advance(1_500_000)
    (node,) = replicas(run)
    assert node.view == 2
    assert node.data["x"] == Cell(1, 1)


# The database


def entry(name: str, value: Any = None, version: int = 1, view: int = 1, serial: int = 1) -> Entry:
    """An entry that does something to x."""
    return Entry(view, version, keyvalue.Command(name, "x", value, None, "c1", serial))


def test_with_timestamps_a_write_loses_against_a_newer_one_and_a_deleted_key_stays_deleted() -> None:
    new = {"x": Cell("new", 9)}
    assert effect(new, entry("put", "old", 8), by_timestamp=True).newer == 9
    assert effect(new, entry("put", "old", 8), by_timestamp=True).cell is None
    assert effect(new, entry("put", "old", 8), by_timestamp=False).cell == Cell("old", 8)
    assert effect(new, entry("put", "same", 9), by_timestamp=True).cell == Cell("same", 9)
    gone = {"x": effect(new, entry("delete", version=12), by_timestamp=True).cell or Cell(None, 0)}
    assert gone == {"x": Cell(None, 12)}
    assert effect(gone, entry("get", version=13), by_timestamp=True).result is None
    assert effect(gone, entry("put", "back", 11), by_timestamp=True).newer == 12
    assert effect(gone, entry("add", 2, 13), by_timestamp=True).cell == Cell(2, 13)


# The properties, broken by hand


class Stage:
    """A cluster whose nodes say and have what a test wants, and the monitor that watches them."""

    def __init__(self) -> None:
        self.cluster = PRIMARY_BACKUP.run(Recording("primary_backup", nodes=3, clients=2), keep=False).cluster
        self.monitor = Monitor(PRIMARY_BACKUP.properties)
        self.seq = 0

    def event(self, host: str, *told: Any, log: tuple[Entry, ...] | None = None, **state: Any) -> None:
        self.seq += 1
        node = self.cluster.hosts[host].node
        if log is not None:
            state["log"] = Log(log)
        for name, value in state.items():
            setattr(node, name, value)
        event: Any = SimpleNamespace(
            seq=self.seq, time=self.seq, kind="deliver", host=host, indications=told, state=None, prior=None
        )
        self.monitor.observe(event, self.cluster)

    @property
    def broken(self) -> list[str]:
        return [name for name, _ in self.monitor.broken()]


@pytest.fixture
def stage() -> Stage:
    return Stage()


WRITE, OTHER = entry("put", 1), entry("put", 2, version=2, serial=2)
OPENS = Entry(2, 2, None)


def test_a_new_primary_without_an_answered_write_loses_it(stage: Stage) -> None:
    stage.event("n1", Answered("c1", 1, 1, 1), log=(WRITE,))
    stage.event("n2", BecamePrimary(2, 2, 2, 1), log=(WRITE, OPENS))
    assert stage.broken == []
    stage.event("n3", BecamePrimary(3, 2, 2, 1), log=(Entry(2, 1, None),))
    assert stage.broken == ["no_lost_write"]


def test_a_write_answered_after_a_new_primary_took_over_without_it_is_lost_too(stage: Stage) -> None:
    stage.event("n2", BecamePrimary(2, 1, 1, 0), log=())
    stage.event("n1", Answered("c1", 1, 1, 1), log=(WRITE,))
    assert stage.broken == ["no_lost_write"]


def test_a_read_that_is_not_in_the_next_log_is_no_lost_write(stage: Stage) -> None:
    stage.event("n1", Answered("c1", 1, 1, 1), log=(entry("get"),))
    stage.event("n2", BecamePrimary(2, 1, 1, 0), log=())
    assert stage.broken == []


def test_an_answered_write_without_effect_is_lost(stage: Stage) -> None:
    stage.event("n1", WriteLost(1, "x", 1, 5), log=(WRITE,))
    assert stage.broken == []
    stage.event("n1", Answered("c1", 1, 1, 1))
    assert stage.broken == ["no_lost_write"]


def test_two_entries_at_one_place_break_the_one_order(stage: Stage) -> None:
    stage.event("n1", Applied(1, WRITE, True))
    stage.event("n2", Applied(1, WRITE, True))
    assert stage.broken == []
    stage.event("n3", Applied(1, OTHER, True))
    assert "same_order" in stage.broken


def read(stage: Stage, result: Any) -> None:
    """A read of x by c2 that begins now and is answered so."""
    operation = keyvalue.Operation("get", "x")
    stage.event("c2", Invoked("c2.1", operation, "n3"))
    stage.event("c2", Returned("c2.1", operation, OK, result))


@pytest.mark.parametrize(("result", "broken"), [(2, []), (1, ["fresh_reads"]), (None, ["fresh_reads"]), (3, [])])
def test_a_read_of_less_than_what_was_answered_is_stale(stage: Stage, result: Any, broken: list[str]) -> None:
    for index, written in enumerate((WRITE, OTHER, entry("put", 3, serial=3)), 1):
        stage.event("n1", Applied(index, written, True))
    stage.event("c1", Returned("c1.2", keyvalue.Operation("put", "x", 2), OK, True))
    read(stage, result)
    assert stage.broken == broken


def test_a_read_may_miss_what_nobody_was_told_of(stage: Stage) -> None:
    stage.event("n1", Applied(1, WRITE, True))
    read(stage, None)
    assert stage.broken == []


def test_an_operation_at_two_places_was_carried_out_twice_unless_it_was_undone(stage: Stage) -> None:
    stage.event("n1", Applied(1, WRITE, True))
    stage.event("n1", Undone(1, 1))
    stage.event("n1", Applied(2, WRITE, True))
    assert "applied_once" not in stage.broken
    stage.event("n1", Applied(3, WRITE, True))
    assert "applied_once" in stage.broken


def test_versions_that_go_back_in_a_log_are_seen(stage: Stage) -> None:
    stage.event("n1", log=(entry("put", 1, 5), entry("put", 2, 5), entry("put", 3, 7)))
    stage.event("n2", log=(entry("put", 9, 9),))
    assert stage.broken == []
    stage.event("n1", log=(entry("put", 1, 5), entry("put", 2, 5), entry("put", 3, 7), entry("put", 4, 6)))
    assert stage.broken == ["versions_forward"]


def test_the_first_state_of_a_safety_property_is_that_it_holds(stage: Stage) -> None:
    assert stage.monitor.state("same_order") == HOLDS
    stage.event("n1", Applied(1, WRITE, True))
    stage.event("n2", Applied(1, OTHER, True))
    assert stage.monitor.state("same_order") == BROKEN
