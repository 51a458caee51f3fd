"""History: it never replays, so it is held against the cluster itself, after every event."""

import random
from typing import Any

import pytest

from server.protocols import program, protocol
from server.simulation import Cluster, Event, Recording, Refused, Run, command_from
from server.simulation.history import MILESTONE_EVERY
from tests.support.echo import DELAY, call, echo
from tests.support.reducer import apply, as_told, comparable, unapply
from tests.support.runs import eventful, some_command
from tests.support.worlds import truth, whole, world


class Truth:
    """An observer that writes down the world straight from the cluster, after every event."""

    def __init__(self) -> None:
        self.worlds: list[Any] = []

    def observe(self, event: Event, cluster: Cluster) -> None:
        self.worlds.append(truth(cluster))


def troubled(seed: int, events: int, *, nodes: int = 5) -> tuple[Run, list[Any]]:
    """A run with about one command in ten events, and the true world after each of them."""
    rng = random.Random(seed)
    watch = Truth()
    setup = Recording("raft", nodes=nodes, clients=2, params={"think_time": 40_000}, seed=seed)
    run = Run(setup, program("raft"), (watch,))
    beginning = truth(run.cluster)
    while run.head < events:
        run.advance(run.now + rng.randrange(200_000), most=rng.randrange(1, 20))
        try:
            run.act(command_from(some_command(rng, run.cluster), run.program.parse_operation), "test")
        except Refused:
            continue
    return run, [beginning, *watch.worlds]


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 7])
def test_the_world_of_the_history_is_that_of_the_cluster_after_every_event(seed: int) -> None:
    run, truths = troubled(seed, 300, nodes=1 + seed)
    assert run.head > 4 * MILESTONE_EVERY
    for seq in range(run.head + 1):
        assert world(run.history, seq) == truths[seq]


@pytest.mark.parametrize("seed", [52])
def test_the_world_of_the_history_is_the_same_after_a_fork(seed: int) -> None:
    run, truths = troubled(seed, 300)
    rng = random.Random(seed)
    for at in (0, 1, MILESTONE_EVERY - 1, MILESTONE_EVERY, rng.randrange(run.head), run.head):
        fork = run.fork(at)
        assert truth(fork.cluster) == truths[at]
        for _ in range(60):
            fork.step()
        assert world(fork.history, fork.head) == truth(fork.cluster)
        for seq in range(at + 1):
            assert world(fork.history, seq) == truths[seq]


def test_a_fork_does_not_change_the_run_that_it_left() -> None:
    run, truths = troubled(7, 250)
    digest = run.history.digest()
    fork = run.fork(100)
    fork.advance(fork.now + 2_000_000)
    assert run.history.digest() == digest
    assert world(run.history, run.head) == truths[run.head]


@pytest.mark.parametrize("seed", range(2))
def test_told_events_lead_from_each_world_to_the_next_and_back(seed: int) -> None:
    run, truths = troubled(100 + seed, 250)
    events = whole(run.history.told(1, run.head))
    now = as_told(truths[0])
    for event in events:
        apply(now, event)
        assert now == truths[event["seq"]]
    for event in reversed(events):
        unapply(now, event, truths[event["seq"] - 1]["time"])
        assert now == truths[event["seq"] - 1]


def test_told_events_of_a_fork_are_those_of_its_original() -> None:
    run, _ = troubled(9, 260)
    digest = run.history.digest()
    for at in range(0, run.head, 37):
        fork = run.fork(at, keep_script=True)
        while fork.head < run.head:
            assert fork.step() is not None
        assert fork.history.digest() == digest


def test_the_log_of_any_moment_can_be_asked_for() -> None:
    run = eventful(3, events=1_500, nodes=3)
    for seq in range(0, run.head, 111):
        log = world(run.history, seq)["hosts"]["n1"]["state"]["log"]["items"]
        assert whole(run.history.log_items(seq, "n1", "log", 0, 10_000)[1]) == log
        assert whole(run.history.log_items(seq, "n1", "log", 2, 5)[1]) == log[2:5]
    with pytest.raises(KeyError):
        run.history.log_items(5, "n1", "current_term", 0, 1)
    with pytest.raises(KeyError):
        run.history.log_items(5, "n1", "no such field", 0, 1)


def test_the_event_at_a_time_is_the_last_one_by_then() -> None:
    run = echo(nodes=3)
    run.advance(1_000)
    call(run)
    run.advance(1_000 + DELAY)
    history = run.history
    assert history.seq_at(-1) == 0
    assert history.seq_at(0) == history.seq_at(999) == 4
    assert history.seq_at(1_000) == 6
    assert history.seq_at(1_000 + DELAY - 1) == 6
    assert history.seq_at(10**9) == run.head == 8
    assert [history.time(seq) for seq in (0, 4, 5, 8)] == [0, 0, 1_000, 1_000 + DELAY]


def test_there_is_no_event_before_the_first_or_after_the_last() -> None:
    run = echo()
    for seq in (0, -1, run.head + 1):
        with pytest.raises(IndexError):
            run.history.event(seq)
    assert run.history.told(0, 10_000) == run.history.told(1, run.head)


def test_an_event_says_nothing_of_what_did_not_change() -> None:
    run = protocol("raft").run(Recording("raft", params={"think_time": 0}))
    run.advance(2_000_000)
    for seq in range(1, run.head + 1):
        for change in as_told(run.history.tell(seq)).get("changes", ()):
            if change[0] != "log":
                assert change[-1] != change[-2], (seq, change)


def test_a_window_of_a_long_log_is_told_and_can_be_stepped_through() -> None:
    run = protocol("raft").run(Recording("raft", nodes=1, clients=4, params={"think_time": 10_000}))
    run.advance(3_000_000)
    log = as_told(run.history.world(run.head))["hosts"]["n1"]["state"]["log"]
    assert log["length"] > 2 * 64 == 2 * len(log["items"])
    start = run.head - 200
    now = as_told(run.history.world(start))
    for event in as_told(run.history.told(start + 1, run.head)):
        apply(now, event)
    mine, theirs = comparable(now, as_told(run.history.world(run.head)))
    assert mine == theirs
