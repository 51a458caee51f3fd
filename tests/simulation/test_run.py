"""A run is a function of its inputs: replay, fork, checkpoints, and commands at shared instants."""

import random
from typing import Any

import pytest

from server.protocols import program, protocol
from server.simulation import Cluster, Event, Recording, Refused, Run, command_from
from server.simulation import run as run_module
from server.simulation.commands import Crash, DeliverNow, Drop, FireTimer, Pause, Restart, Resume, SetLink
from tests.support.echo import BEAT, DELAY, FIXED, PROGRAM, call, echo, flying
from tests.support.runs import eventful, some_command


def replay(run: Run, *, most: int = 1_000_000, span: int = 1_000_000_000) -> Run:
    """The recording of a run, played anew to its last event, in slices of so many events and µs."""
    again = Run(run.recording, run.program)
    while again.head < run.head:
        before = again.now
        count = again.advance(min(run.now, again.now + span), most=min(most, run.head - again.head))
        assert count or again.now > before, "the replay ended before its original"
    return again


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("slices", [{}, {"most": 1}, {"most": 7}, {"span": 50_000}, {"span": 1_234}])
def test_a_recording_replays_exactly_however_the_time_is_sliced(seed: int, slices: dict[str, int]) -> None:
    run = eventful(seed, events=400, nodes=1 + seed)
    again = replay(run, **slices)
    assert again.history.digest() == run.history.digest()
    assert again.skipped == []
    assert again.recording == run.recording


@pytest.mark.parametrize("seed", range(20))
def test_commands_at_instants_that_they_share_with_events_replay_exactly(seed: int) -> None:
    """With fixed delays nearly every event falls on an instant with others, and a time alone would not say where."""
    rng = random.Random(seed)
    run = Run(Recording("echo", 4, 2, link=FIXED, params={"period": DELAY}), PROGRAM)
    while run.head < 300:
        run.advance(run.now + 3 * DELAY, most=rng.randrange(4))
        command = some_command(rng, run.cluster)
        if command["type"] == "request":
            command["operation"] = {"name": "call"}
        if command["type"] == "set_link":
            command = {k: v for k, v in command.items() if k not in ("low", "high")}
        try:
            run.act(command_from(command, PROGRAM.parse_operation))
        except Refused:
            continue
    times = [event.time for event in run.history.events]
    assert len(set(times)) < len(times) / 2
    again = replay(run)
    assert again.history.digest() == run.history.digest()
    assert again.recording == run.recording


def test_a_command_comes_at_its_place_among_the_events_of_its_instant() -> None:
    digests = []
    for events_first in range(4):
        run = echo(nodes=4, clients=0)
        call(run, "n1")
        run.advance(DELAY, most=events_first)
        run.act(Crash("n4")) if run.now == DELAY else run.act(Crash("n4"), "early")
        run.advance(5 * DELAY)
        again = replay(run)
        assert again.history.digest() == run.history.digest()
        digests.append(run.history.digest())
    assert len(set(digests)) == 4


def test_a_recorded_command_that_can_no_longer_be_given_is_skipped_and_told() -> None:
    run = echo()
    run.act(Crash("n1"))
    run.advance(50_000)
    run.act(Restart("n1"))
    later = run.recording.commands[1:]
    again = Run(run.recording.with_commands(later), PROGRAM)
    again.advance(100_000)
    assert [(given.command, reason.code) for given, reason in again.skipped] == [(Restart("n1"), "already_up")]
    assert again.recording.commands == ()


def test_time_moves_to_where_it_was_told_and_never_back() -> None:
    run = echo()
    run.advance(70_000)
    assert (run.now, run.head) == (70_000, 4)
    run.advance(60_000)
    assert run.now == 70_000
    assert run.step(90_000) is None
    assert run.now == 90_000
    event = run.act(Crash("n1"))
    assert event.time == 90_000


def test_what_waits_at_a_paused_node_is_not_forgotten_when_only_steps_are_taken() -> None:
    run = echo(nodes=2)
    run.act(Pause("n2"))
    call(run, "n1")
    assert run.step(500_000) is None
    run.act(Resume("n2"))
    event = run.step(500_000)
    assert event is not None
    assert (event.kind, event.host, event.time) == ("deliver", "n2", 500_000)


# Forks


@pytest.mark.parametrize("seed", range(3))
def test_a_fork_at_any_event_goes_on_as_its_original_did(seed: int) -> None:
    run = eventful(seed, events=200)
    digest = run.history.digest()
    for seq in range(0, run.head + 1, 3):
        fork = run.fork(seq, keep_script=True)
        assert fork.head == seq
        while fork.head < run.head:
            fork.step()
        assert fork.history.digest() == digest


def test_a_fork_in_the_middle_of_an_instant_has_the_rest_of_it_before_it() -> None:
    run = echo(nodes=4)
    call(run, "n1")
    run.advance(DELAY)
    first = run.history.seq_at(DELAY - 1) + 1
    fork = run.fork(first)
    assert (fork.now, fork.head) == (DELAY, first)
    fork.act(Crash("n4"))
    fork.advance(DELAY)
    kinds = [(e.kind, e.detail or e.host) for e in fork.history.events[first:]]
    assert kinds == [("command", "n4"), ("deliver", "n3"), ("lost", "down")]
    again = replay(fork)
    assert again.history.digest() == fork.history.digest()


def test_a_fork_takes_none_of_what_came_after_and_records_its_own() -> None:
    run = echo()
    call(run, "n1")
    run.advance(50_000)
    run.act(Crash("n2"))
    run.advance(90_000)
    fork = run.fork(run.history.seq_at(20_000), 30_000)
    assert (fork.now, len(fork.recording.commands)) == (30_000, 1)
    fork.act(Crash("n3"))
    assert [type(g.command).__name__ for g in fork.recording.commands] == ["FireTimer", "Crash"]
    assert fork.recording.commands[-1].time == 30_000
    assert len(run.recording.commands) == 2
    fork.advance(90_000)
    assert replay(fork).history.digest() == fork.history.digest()


def test_a_fork_never_begins_after_the_event_that_it_left_out() -> None:
    run = echo()
    call(run, "n1")
    run.advance(5 * DELAY)
    seq = run.history.seq_at(DELAY - 1)
    fork = run.fork(seq, 4 * DELAY)
    assert fork.now == DELAY
    fork.act(Crash("n3"))
    fork.advance(5 * DELAY)
    times = [e.time for e in fork.history.events]
    assert times == sorted(times)


def test_there_is_no_fork_at_an_event_that_has_not_happened() -> None:
    run = echo()
    for seq in (-1, run.head + 1):
        with pytest.raises(Refused, match="no event"):
            run.fork(seq)


def test_a_fork_of_a_fork_is_a_run_like_any_other() -> None:
    run = eventful(4, events=150)
    fork = run.fork(100)
    fork.advance(fork.now + 300_000)
    second = fork.fork(fork.head - 20, keep_script=True)
    while second.head < fork.head:
        second.step()
    assert second.history.digest() == fork.history.digest()


# Checkpoints


def test_the_same_run_goes_on_from_each_of_its_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "CHECKPOINT_EVERY", 60)
    run = eventful(12, events=400)
    digest = run.history.digest()
    seqs = [seq for seq, _ in run.checkpoints]
    assert seqs == list(range(0, run.head + 1, 60))
    for seq in seqs:
        fork = run.fork(seq, keep_script=True)
        while fork.head < run.head:
            fork.step()
        assert fork.history.digest() == digest


def test_observers_go_on_from_a_checkpoint_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "CHECKPOINT_EVERY", 100)
    run = protocol("raft").run(Recording("raft"))
    run.advance(3_000_000)
    for seq in (1, 99, 100, 101, 250):
        fork = run.fork(seq)
        while fork.head < run.head:
            fork.step()
        assert fork.observers[0].transitions == run.observers[0].transitions  # type: ignore[attr-defined]


# Without history


class Facts:
    """What an event says of itself, history or not."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def observe(self, event: Event, cluster: Cluster) -> None:
        sent = tuple((f.id, f.src, f.dst, f.due) for f in event.sent)
        subject = event.subject.id if event.kind in ("deliver", "lost") else repr(event.subject)
        self.seen.append((
            event.seq, event.time, event.kind, event.cause, event.host, subject, event.detail, sent, len(event.lost),
            repr(event.indications),
        ))  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_a_run_without_history_has_the_same_events(seed: int) -> None:
    original = eventful(seed, events=400)
    seen = []
    for keep in (True, False):
        facts = Facts()
        run = Run(original.recording, program("raft"), (facts,), keep=keep)
        run.advance(original.now)
        assert len(run.history.events) == (run.head if keep else 0)
        seen.append(facts.seen)
    assert seen[0] == seen[1]


def test_a_run_says_when_something_may_happen_next() -> None:
    run = Run(Recording("echo", 2, 0, link=FIXED), PROGRAM)
    assert run.next_time() == 0
    run.advance(0)
    assert run.next_time() == 60_000_000
    call(run, "n1")
    assert run.next_time() == DELAY
    run.act(Drop(flying(run, "n1", "n2")[0]))
    assert run.next_time() == 60_000_000
    for node in ("n1", "n2"):
        run.act(Crash(node))
    assert run.next_time() is None
    assert run.step() is None


def test_a_script_says_when_it_goes_on() -> None:
    run = echo(nodes=2, clients=0)
    run.advance(30_000)
    run.act(FireTimer("n1", BEAT))
    again = Run(run.recording, PROGRAM)
    again.advance(0)
    assert again.next_time() == 30_000


def test_commands_that_move_messages_replay_by_their_numbers() -> None:
    run = echo(nodes=3)
    call(run, "n1")
    first, second = flying(run, "n1", "n2")[0], flying(run, "n1", "n3")[0]
    run.act(SetLink("n1", "n3", duplicate_percent=100))
    run.act(DeliverNow(second))
    run.act(Drop(first))
    run.advance(50_000)
    assert replay(run).history.digest() == run.history.digest()
