"""What two branches differ by: consequences, and nothing else. And where they differ first."""

from __future__ import annotations

import random
from typing import Any

import pytest

from server.protocols import PROTOCOLS, protocol
from server.protocols.keyvalue import Operation
from server.simulation import Event, Link, Recording, Run, encode
from server.simulation.commands import Crash, DeliverNow, Drop, Duplicate, Pause, Request, SetClock, SetLink
from server.simulation.difference import ALONE, MOMENT, OUTCOME, facts, first_difference
from server.simulation.events import DELIVER, LOST
from tests.support.runs import eventful

SPAN = 1_500_000
"""For so long both branches go on, µs."""
NEVER = 10**15


def two_branches(name: str, seed: int) -> tuple[Run, Run, Event]:
    """A run with a past full of faults, a branch of it in which one message was dropped, and the event in which that message
    arrives in the other one.
    """
    run = eventful(seed, events=150, protocol_name=name, nodes=5)
    past = run.head
    while not (arriving := [e for e in run.history.events[past:] if e.kind == DELIVER]):
        run.advance(run.now + SPAN)
    arrival = random.Random(seed).choice(arriving)
    other = run.fork(max(past, arrival.subject.sent_seq))
    other.act(Drop(arrival.subject.id))
    other.advance(run.now)
    return run, other, arrival


def reached(branches: tuple[Run, Run], shared: int, arrival: Event) -> dict[str, int]:
    """When a consequence first reached each host, in either branch, µs: the host where the message arrives or does not,
    and each to which a message comes from one that was reached before it sent it.
    """
    found = {str(arrival.host): arrival.time}
    grown = True
    while grown:
        grown = False
        for run in branches:
            for event in run.history.events[shared:]:
                earlier = event.kind == DELIVER and event.time < found.get(str(event.host), NEVER)
                if earlier and related(run, event, shared, found):
                    found[str(event.host)] = event.time
                    grown = True
    return found


def related(run: Run, event: Event, shared: int, when: dict[str, int]) -> bool:
    """Whether an event is a consequence: of what its host had become, or of who sent what arrives, or is lost, in it."""
    own = event.host is not None and event.time >= when.get(event.host, NEVER)
    if own or event.cause <= shared:
        return own
    cause = run.history.event(event.cause)
    return cause.host is not None and cause.time >= when.get(cause.host, NEVER)


def unrelated(run: Run, shared: int, when: dict[str, int]) -> list[tuple[Any, Any]]:
    """What happened that is no consequence, and what came of it, in its order."""
    told = facts(run.history, shared)
    return [(what, effects) for event, what, effects in told if not related(run, event, shared, when)]


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("seed", range(4))
def test_branches_differ_only_by_consequences(name: str, seed: int) -> None:
    """Drop one message that was on its way. From the moment at which it would have arrived its receiver is *reached*, and
    so is, in either branch, whoever gets a message that was sent by one who was reached. Every event at a host that has
    not been reached yet is the same in both branches, with all of its effects and in the same order: its state, its
    timers, what it sent, and when that will arrive.

    Both branches are looked at, because that something does not come is a consequence as well: a timer that was not set
    anew runs out in the one branch, and the message that its host then sends is missing in the other.
    """
    run, other, arrival = two_branches(name, seed)
    shared = next(event.seq for event in other.history.events if event.subject == Drop(arrival.subject.id)) - 1
    when = reached((run, other), shared, arrival)
    act, *theirs = unrelated(other, shared, when)
    assert act[0][2] == "command"
    assert unrelated(run, shared, when) == theirs


def test_most_of_what_follows_a_dropped_message_is_as_it_was() -> None:
    """The other half of the promise: not only is what differs a consequence, but there is much that does not differ."""
    shares = []
    for seed in range(8):
        run, other, _ = two_branches("raft", seed)
        found = first_difference(run.history, other.history, _shared(run, other), (run.now, other.now))
        assert found.sent[0] > 0
        assert found.equal <= min(found.sent)
        shares.append(found.equal / found.sent[0])
    assert sum(shares) / len(shares) > 0.6, shares


def _shared(run: Run, other: Run) -> int:
    pairs = zip(run.history.events, other.history.events, strict=False)
    return next(n for n, (a, b) in enumerate(pairs) if encode(_told(run, a)) != encode(_told(other, b)))


def _told(run: Run, event: Event) -> dict[str, Any]:
    return run.history.tell(event.seq)


# ---- the first difference ----------------------------------------------------------------------------------------------


def raft(time: int = 1_200_000) -> Run:
    run = protocol("raft").run(Recording("raft", seed=7))
    run.advance(time)
    return run


def test_a_message_that_is_dropped_is_missed_first_where_it_would_have_arrived() -> None:
    run = raft()
    shared = run.head - 60
    arrival = next(e for e in run.history.events[shared:] if e.kind == DELIVER and e.subject.sent_seq <= shared)
    other = run.fork(shared)
    act = other.act(Drop(arrival.subject.id))
    other.advance(run.now)
    found = first_difference(run.history, other.history, shared, (run.now, other.now))
    assert (found.how, found.seqs, found.time) == (ALONE, (arrival.seq, None), arrival.time)
    assert found.acts == ((), (act.seq,))
    assert found.until == run.now
    same = first_difference(other.history, run.history, shared, (other.now, run.now))
    assert (same.how, same.seqs, same.acts) == (ALONE, (None, arrival.seq), ((act.seq,), ()))
    assert (same.equal, same.sent) == (found.equal, found.sent[::-1])


def test_a_crash_shows_first_in_a_message_that_is_lost_or_a_timer_that_does_not_run_out() -> None:
    run = raft()
    shared = run.head - 60
    arrival = next(e for e in run.history.events[shared:] if e.host is not None)
    other = run.fork(shared)
    other.act(Crash(str(arrival.host)))
    other.advance(run.now)
    found = first_difference(run.history, other.history, shared, (run.now, other.now))
    assert found.seqs[0] == arrival.seq
    if arrival.kind == DELIVER:
        assert found.how == OUTCOME
        assert found.seqs[1] is not None
        assert other.history.event(found.seqs[1]).kind == LOST
    else:
        assert (found.how, found.seqs[1]) == (ALONE, None)


def test_a_message_that_comes_earlier_differs_in_its_moment() -> None:
    run = raft()
    shared = run.head - 60
    late = [e for e in run.history.events[shared:] if e.kind == DELIVER and e.subject.sent_seq <= shared][-1]
    other = run.fork(shared)
    act = other.act(DeliverNow(late.subject.id))
    other.advance(run.now)
    found = first_difference(run.history, other.history, shared, (run.now, other.now))
    assert (found.how, found.seqs) == (MOMENT, (late.seq, act.seq + 1))
    assert found.time == act.time


def test_what_one_of_them_lacks_is_told_and_not_what_it_shifts() -> None:
    """At the very beginning all nodes start at one instant: who lacks one has the next one sooner, at the same time."""
    run = raft()
    other = run.fork(0)
    other.act(Crash("n2"))
    other.advance(run.now)
    found = first_difference(run.history, other.history, 0, (run.now, other.now))
    start = next(e for e in run.history.events if e.host == "n2")
    assert (found.how, found.seqs, found.time) == (ALONE, (start.seq, None), 0)
    swapped = first_difference(other.history, run.history, 0, (other.now, run.now))
    assert (swapped.how, swapped.seqs) == (ALONE, (None, start.seq))


def test_a_slower_link_shows_first_in_what_is_sent_on_it() -> None:
    run = raft()
    shared = run.head - 60
    sender = next(e for e in run.history.events[shared:] if e.sent)
    src, dst = sender.sent[0].src, sender.sent[0].dst
    other = run.fork(shared)
    other.act(SetLink(src, dst, low=90_000, high=90_000))
    other.advance(run.now)
    found = first_difference(run.history, other.history, shared, (run.now, other.now))
    assert (found.how, found.time) == (OUTCOME, sender.time)
    assert found.seqs == (sender.seq, sender.seq + 1)


def test_what_has_no_consequence_yet_differs_in_nothing() -> None:
    run = raft()
    shared = run.head - 60
    other = run.fork(shared)
    act = other.act(Pause("n1"))
    found = first_difference(run.history, other.history, shared, (run.now, other.now))
    assert (found.how, found.seqs, found.time) == (None, (None, None), None)
    assert (found.until, found.sent) == (act.time, (0, 0))
    assert found.ends == (run.history.seq_at(act.time), act.seq), "both are laid side by side when the act is done"
    begun = run.fork(0)
    begun.act(Crash("n2"))
    found = first_difference(run.history, begun.history, 0, (run.now, begun.now))
    assert (found.how, found.until) == (None, 0), "at that instant all nodes have still to start"
    twin = run.fork(shared)
    twin.advance(run.now)
    found = first_difference(run.history, twin.history, shared, (run.now, twin.now))
    assert (found.how, found.acts) == (None, ((), ()))
    assert found.equal == found.sent[0] == found.sent[1] > 0


def test_a_copy_has_an_address_of_its_own() -> None:
    run = raft()
    shared = run.head - 60
    flight = next(iter(run.history.flights(shared).values()))
    one, other = run.fork(shared), run.fork(shared)
    one.act(Duplicate(flight.id))
    other.act(Drop(next(id for id in run.history.flights(shared) if id != flight.id)))
    for each in (one, other):
        each.advance(run.now)
    found = first_difference(one.history, other.history, shared, (one.now, other.now))
    assert found.acts == ((shared + 1,), (shared + 1,))
    assert found.seqs != (None, None)


def test_of_too_many_events_only_so_many_are_compared() -> None:
    run = raft()
    shared = run.head - 60
    other = run.fork(shared)
    other.act(Pause("n1"))
    other.advance(run.now)
    found = first_difference(run.history, other.history, shared, (run.now, other.now), most=5)
    assert found.until < run.now
    assert found.until == min(each.history.event(shared + 5).time for each in (run, other)) - 1
    assert found.ends == tuple(each.history.seq_at(found.until) for each in (run, other))


def test_hosts_are_apart_in_what_stands_far_back_in_their_logs() -> None:
    """A world carries only the last entries of a log."""
    one = two_puts(1)
    other = two_puts(2)
    found = first_difference(one.history, other.history, 0, (one.now, other.now))
    tails = [run.history.world(run.head)["hosts"]["n1"]["state"]["log"].window(8)["items"] for run in (one, other)]
    assert tails[0] == tails[1]
    assert {host: "log" in fields for host, fields in found.apart} == {"n1": True, "n2": True, "n3": True}


def two_puts(value: int) -> Run:
    """A put of that value, and many that are always the same."""
    run = protocol("raft").run(Recording("raft", nodes=3, clients=1, seed=7, params={"think_time": 0}))
    run.advance(1_000_000)
    for time in range(20):
        run.act(Request("c1", Operation("put", "k", value if time == 0 else 100), None))
        run.advance(1_200_000 + time * 100_000)
    return run


def test_hosts_are_apart_by_their_clocks_too_and_not_by_their_timers() -> None:
    run = raft()
    other = run.fork(run.head)
    other.act(SetClock("n2", offset=5_000_000))
    found = first_difference(run.history, other.history, run.head, (run.now, other.now))
    assert found.apart == (("n2", ()),)


def test_the_same_in_another_order_at_one_instant_is_no_difference() -> None:
    """Of what comes at the same time to different hosts, one is delivered by hand before the others, at that very time."""
    run = protocol("bully").run(Recording("bully", nodes=4, clients=0, seed=3, link=Link(low=10_000, high=10_000)))
    run.advance(200_000)
    tried = 0
    for first, second, third in zip(*(run.history.events[n:] for n in range(3)), strict=False):
        if (
            {second.kind, third.kind} != {DELIVER}
            or second.host == third.host
            or len({first.time, second.time, third.time}) > 1
        ):
            continue
        tried += 1
        other = run.fork(first.seq)
        other.act(DeliverNow(third.subject.id))
        other.advance(run.now)
        found = first_difference(run.history, other.history, first.seq, (run.now, other.now))
        times = [seq and each.history.time(seq) for each, seq in zip((run, other), found.seqs, strict=True)]
        assert found.how != MOMENT or times[0] != times[1]
        assert found.how != OUTCOME or found.time == first.time or times[0] == times[1]
    assert tried > 3
