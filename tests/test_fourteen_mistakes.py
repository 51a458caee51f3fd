"""The mistakes that others made (`product.md`), each kept here as a test, by its number there.

Where a whole file tests more of it, the docstring says which. What only a browser can show is tested in TypeScript or in
Chromium; the last test looks whether those tests are still there.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from server.properties import Monitor
from server.protocols import PROTOCOLS, program, protocol
from server.protocols.raft.indications import Elected
from server.rooms import frames
from server.simulation import Command, Recording, Refused, Run, command_from, digest_of, recording_from, refusal
from server.simulation.commands import (
    Crash,
    Drop,
    Duplicate,
    FireTimer,
    Partition,
    Pause,
    Restart,
    SetLink,
    SwitchRule,
)
from server.simulation.values import LOG_WINDOW
from tests.conformance.adapter import Network, Role
from tests.support.echo import call, echo, flying
from tests.support.hall import Hall
from tests.support.reducer import apply, as_told, comparable, unapply
from tests.support.runs import eventful
from tests.support.worlds import truth, whole

ROOT = Path(__file__).resolve().parent.parent
RAFT = protocol("raft")


def raft(**setup: Any) -> Run:
    return RAFT.run(Recording("raft", **setup))


def leader_of(run: Run) -> str:
    """The leader of a run, once one is elected."""
    while True:
        event = run.step()
        assert event is not None
        if any(type(told) is Elected for told in event.indications):
            assert event.host is not None
            return event.host


def field(run: Run, node: str, name: str) -> Any:
    return run.cluster.hosts[node].node.__dict__[name]


def test_01_going_back_restores_everything_timers_random_state_and_messages_in_flight() -> None:
    """More in tests/determinism: forward-back-forward on two hundred runs."""
    run = eventful(1, events=200)
    for seq in random.Random(1).sample(range(run.head), 20):
        fork = run.fork(seq, keep_script=True)
        assert digest_of([truth(fork.cluster)]) == digest_of([whole(run.history.world(seq))])
        while fork.head < run.head:
            fork.step()
        assert fork.history.digest() == run.history.digest()


@pytest.mark.parametrize(("owner", "name"), [(p.name, s.name) for p in PROTOCOLS.values() for s in p.scenarios()])
def test_02_every_scenario_has_its_acts_handled_and_ends_in_its_stated_outcome(owner: str, name: str) -> None:
    """More in tests/lessons."""
    shown = protocol(owner)
    scenario = shown.scenario(name)
    monitor = Monitor(shown.properties)
    run = scenario.play(shown.program, (monitor,))
    assert not run.skipped
    assert run.given
    assert scenario.met(run) is True
    assert [broken for broken, _ in monitor.broken()] == list(scenario.breaks)


def test_03_a_restarted_node_has_its_durable_state_and_nothing_else() -> None:
    run = raft(params={"think_time": 50_000})
    leader = leader_of(run)
    run.advance(run.now + 600_000)
    kept = {name: field(run, leader, name) for name in ("current_term", "voted_for", "log")}
    assert field(run, leader, "commit_index") > 3
    run.act(Crash(leader))
    run.act(Restart(leader))
    assert {name: field(run, leader, name) for name in kept} == kept
    for name, declared in program("raft").node.fields.items():
        if name not in kept:
            assert field(run, leader, name) == declared.default, name
    assert field(run, leader, "role") is Role.FOLLOWER
    assert [t.name for t in run.cluster.hosts[leader].timers] == ["election"]


@pytest.mark.parametrize(("n", "alive"), [(3, 1), (4, 2), (5, 2), (9, 4)])
def test_04_a_majority_is_counted_over_the_configured_members_never_over_those_alive(n: int, alive: int) -> None:
    network = Network(n)
    network.campaign(1)
    before = network[1].commit_index
    for i in range(alive + 1, n + 1):
        network.isolate(i)
    network.propose(1)
    network.beat(1)
    assert network[1].commit_index == before, "a leader with a minority commits nothing"
    network.campaign(2) if alive > 1 else network.campaign(n)
    assert network[2 if alive > 1 else n].role is Role.CANDIDATE, "a minority elects nobody"


def test_05_a_message_is_judged_by_the_links_at_sending_and_at_delivery_and_the_reason_is_told() -> None:
    run = echo(nodes=4)
    run.act(SetLink("n1", "n2", up=False))
    run.act(Partition((("n1", "n2", "n4"), ("n3",))))
    call(run, "n1")
    at_sending = [(told["message"]["dst"], told["reason"]) for told in run.history.tell(run.head)["lost"]]
    assert at_sending == [("n2", "cut"), ("n3", "partition")]
    run.act(SetLink("n1", "n4", up=False))
    run.advance(run.now + 50_000)
    on_arrival = [as_told(run.history.tell(e.seq)) for e in run.history.events if e.kind == "lost"]
    assert [(told["message"]["dst"], told["reason"]) for told in on_arrival] == [("n4", "cut")]


def test_06_updates_are_numbered_and_whoever_missed_some_gets_exactly_those() -> None:
    """More in tests/rooms/test_updates.py; the browser's side in tests/js/ui/socket.test.ts (below)."""
    hall = Hall()
    hall.ticks(30)
    updates = hall.updates
    numbers = [update["seq"] for update in updates]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    last = frames.Last(hall.room.epoch, numbers[-6])
    reply = hall.room.join("late", None, "Late", last)
    assert [update["seq"] for update in reply["updates"]][:5] == numbers[-5:]


def test_07_each_room_has_its_own_run_and_nobodys_crash_reaches_another_room() -> None:
    one = Hall()
    other = Hall(one.lobby.open(protocol="raft"))
    for hall in (one, other):
        hall.ticks(20)
    before = truth(other.room.show.branch.run.cluster)
    one.does(frames.Act, {"type": "crash", "node": "n1"}, None)
    one.does(frames.Act, {"type": "switch_rule", "rule": "majority", "on": False}, None)
    one.ticks(40)
    run = other.room.show.branch.run
    assert truth(run.cluster) == before
    assert one.room.show.branch.run.cluster.rules["majority"] is False
    assert run.cluster.settings.__dict__["majority"] is True


def test_08_the_eleventh_log_entry_the_seventh_term_and_the_ten_thousandth_event_are_like_the_first() -> None:
    run = raft(clients=4, params={"think_time": 60_000}, nodes=5)
    for term in range(1, 9):
        leader = leader_of(run)
        assert field(run, leader, "current_term") >= term
        run.act(FireTimer(next(n for n in run.cluster.nodes if n != leader), "election"))
    run.advance(run.now + 3_000_000)
    while run.head < 10_100:
        run.advance(run.now + 1_000_000)
    leader = max(run.cluster.nodes, key=lambda n: field(run, n, "commit_index"))
    assert field(run, leader, "current_term") > 7
    assert len(field(run, leader, "log")) > LOG_WINDOW
    assert field(run, leader, "last_applied") == field(run, leader, "commit_index") > LOG_WINDOW
    now = as_told(run.history.world(9_950))
    for event in as_told(run.history.told(9_951, 10_050)):
        apply(now, event)
    for event in reversed(as_told(run.history.told(9_991, 10_050))):
        unapply(now, event, run.history.time(event["seq"] - 1))
    mine, theirs = comparable(now, as_told(run.history.world(9_990)))
    assert mine == theirs
    fork = run.fork(10_020)
    assert truth(fork.cluster) == whole(run.history.world(10_020))


def test_08_the_second_hour_is_like_the_first() -> None:
    """Two hours of virtual time; a slow heartbeat makes them short for a test."""
    slow = {
        "heartbeat_interval": 5_000_000,
        "election_low": 10_000_000,
        "election_high": 20_000_000,
        "think_time": 10_000_000,
    }
    run = RAFT.run(Recording("raft", nodes=3, params=slow), keep=False)
    run.advance(2 * 3_600_000_000)
    monitor = run.observers[0]
    assert isinstance(monitor, Monitor)
    assert monitor.broken() == []
    assert monitor.state("leader_exists") == "holds"
    node = max(run.cluster.nodes, key=lambda n: field(run, n, "commit_index"))
    assert field(run, node, "commit_index") > 600
    assert len(run.cluster.agenda.heap) < 100, "stale entries pile up"
    assert run.cluster.time > 7_190_000_000


def test_09_pause_means_now() -> None:
    """More in tests/rooms/test_show.py."""
    hall = Hall()
    hall.ticks(30)
    hall.does(frames.Pause)
    before = hall.room.show.shown()
    for _ in range(20):
        hall.tick()
    assert hall.room.show.shown() == before
    assert not before.playing


def test_10_acting_in_the_past_makes_a_branch_and_destroys_nothing() -> None:
    hall = Hall()
    hall.ticks(60)
    hall.does(frames.Pause)
    room = hall.room
    original = room.show.branch
    digest, head = original.run.history.digest(), original.head
    hall.does(frames.Seek, head // 2, None)
    hall.does(frames.Act, {"type": "crash", "node": "n2"}, head // 2)
    branch = room.show.branch
    assert (branch.id, branch.parent, branch.forked_at) == (1, original, head // 2)
    assert (original.head, original.run.history.digest()) == (head, digest)
    assert branch.run.history.digest() != digest
    hall.does(frames.ToBranch, 0)
    assert (room.show.branch, room.show.branch.head) == (original, head)


def test_12_a_duplicate_is_seen_leaving_its_original() -> None:
    run = echo(nodes=2)
    call(run)
    run.advance(run.now + 3_000)
    (id,) = flying(run, "n1", "n2")
    event = run.act(Duplicate(id))
    change = as_told(run.history.tell(event.seq))["changes"][0]
    assert change[0] == "flight"
    twin = change[3]
    assert (twin["of"], twin["place"], twin["leg"]) == (id, 300, run.now)
    world = as_told(run.world())
    assert set(world["flights"]) == {str(id), str(twin["id"])}
    assert world["flights"][str(id)]["of"] is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": 99}, "format that is not known"),
        ({"protocol": "gone"}, "There is no protocol gone."),
        ({"params": {"renamed_dial": 5}}, "There is no tunable renamed_dial."),
        ({"rules": {"renamed_rule": False}}, "There is no rule renamed_rule."),
        ({"nodes": 25}, "1 to 9 nodes"),
        ({"commands": [{"time": 0, "place": 0, "by": "", "command": {"type": "renamed"}}]}, "There is no command renamed."),
    ],
)  # fmt: skip
def test_13_an_old_recording_that_no_longer_fits_says_so_politely(change: dict[str, Any], says: str) -> None:
    data = Recording("raft").as_dict()
    assert recording_from(as_told(data), program) == Recording("raft")
    with pytest.raises(Refused, match=re.escape(says)):
        recording_from(as_told({**data, **change}), program)


def test_13_a_recorded_act_that_no_longer_fits_is_told_and_the_rest_is_shown() -> None:
    run = raft()
    run.advance(100_000)
    run.act(Crash("n1"))
    run.advance(500_000)
    run.act(Restart("n1"))
    without = run.recording.with_commands(run.recording.commands[1:])
    again = Run(without, run.program)
    again.advance(1_000_000)
    assert [str(why) for _, why in again.skipped] == ["n1 is up: crash it first."]
    assert again.head > 50


def test_14_before_one_acts_the_impossible_acts_have_a_reason_and_the_possible_ones_none() -> None:
    """The browser greys by the same facts (tests/js/ui/acts.test.ts, below); the server has the last word."""
    run = raft()
    run.advance(50_000)
    before = truth(run.cluster)
    possible: list[Command] = [Crash("n1"), Pause("n1"), SetLink("n1", "n2", up=False), SwitchRule("majority", False)]
    impossible: list[Command] = [Restart("n1"), Drop(10_000), Crash("n9"), SwitchRule("majority", True)]
    assert [refusal(command, run.cluster) for command in possible] == [None] * 4
    for command in impossible:
        reason = refusal(command, run.cluster)
        assert reason is not None
        assert reason.code
        assert str(reason).endswith(".")
    assert truth(run.cluster) == before, "asking changes nothing"
    parsed = command_from({"type": "resume", "node": "n1"}, run.program.parse_operation)
    assert str(refusal(parsed, run.cluster)) == "n1 is not paused."


@pytest.mark.parametrize(
    ("mistake", "path", "name"),
    [
        (6, "tests/js/ui/socket.test.ts", "a gap is noticed, asked for once, and filled before anything later"),
        (11, "tests/js/ui/keys.test.ts", "no shortcut fires where a person writes"),
        (11, "tests/js/ui/keys.test.ts", "shortcuts go on after a click anywhere else"),
        (13, "tests/js/ui/socket.test.ts", "a room that is not there is told, and not asked for again"),
        (14, "tests/js/ui/acts.test.ts", "a node that is up can be crashed and not restarted, and says why"),
    ],
)
def test_what_only_the_page_can_show_is_tested_there(mistake: int, path: str, name: str) -> None:
    assert f'test("{name}"' in (ROOT / path).read_text(encoding="utf-8"), f"mistake {mistake} has lost its test"
