"""The fate of a message, and the order of events."""

from typing import Any

import pytest

from server.simulation import Link, Recording, Run
from server.simulation.commands import Delay, Heal, HoldLink, Partition, ReleaseLink, SetLink
from tests.support.echo import DELAY, PROGRAM, Call, call, echo, flying, heard


def lost(run: Run) -> list[tuple[int, str, int]]:
    """Messages lost on the way: when, why, and where, in thousandths of it."""
    return [(e.time, e.detail, e.subject.place_at(e.time)) for e in run.history.events if e.kind == "lost"]


def stopped(run: Run) -> list[tuple[str, str]]:
    """Messages that never flew: to whom, and why."""
    return [(flight.dst, reason) for event in run.history.events for flight, reason in event.lost]


def test_a_cut_link_stops_a_message_at_sending_and_says_so() -> None:
    run = echo()
    run.act(SetLink("n1", "n2", up=False))
    call(run, "n1")
    assert stopped(run) == [("n2", "cut")]
    assert flying(run, "n1", "n2") == []


def test_a_partition_stops_a_message_at_sending_and_says_so() -> None:
    run = echo()
    run.act(Partition((("n1",), ("n2", "n3"))))
    call(run, "n1")
    assert stopped(run) == [("n2", "partition"), ("n3", "partition")]


def test_a_partition_that_comes_while_the_message_flies_stops_it_at_arrival() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    run.advance(4_000)
    run.act(Partition((("n1",), ("n2",))))
    run.advance(50_000)
    assert lost(run) == [(DELAY, "partition", 1000)]
    assert heard(run, "n2") == []


def test_a_partition_that_comes_and_goes_while_the_message_flies_does_not_stop_it() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    run.advance(2_000)
    run.act(Partition((("n1",), ("n2",))))
    run.advance(8_000)
    run.act(Heal())
    run.advance(50_000)
    assert heard(run, "n2") == [("n1", "Call", 1)]


def test_a_loss_is_told_where_and_when_it_happens() -> None:
    run = echo(nodes=5, link=Link(low=DELAY, high=DELAY, loss_percent=100))
    call(run, "n1")
    call(run, "n2")
    run.advance(50_000)
    assert len(lost(run)) == 8
    for time, reason, place in lost(run):
        assert reason == "loss"
        assert 0 < time < DELAY
        assert abs(place - 1000 * time / DELAY) <= 1
    assert len({time for time, _, _ in lost(run)}) == 8


def test_a_lossy_link_loses_about_as_many_as_it_says() -> None:
    run = echo(nodes=2, link=Link(low=10, high=20, loss_percent=30), period=1_000, clients=0)
    run.advance(2_000_000)
    outcomes = [e.kind for e in run.history.events if e.kind in ("lost", "deliver")]
    assert 0.27 < outcomes.count("lost") / len(outcomes) < 0.33


def test_nothing_of_a_message_that_is_lost_arrives_not_even_a_duplicate() -> None:
    run = echo(nodes=3, link=Link(low=10, high=20, loss_percent=100, duplicate_percent=100))
    call(run, "n1")
    run.advance(50_000)
    assert heard(run, "n2") == heard(run, "n3") == []


def test_a_link_that_doubles_sends_a_copy_which_names_its_original() -> None:
    run = echo(nodes=2, link=Link(low=5_000, high=50_000, duplicate_percent=100))
    call(run, "n1")
    original, twin = (run.cluster.flights[id] for id in flying(run, "n1", "n2"))
    assert (original.of, twin.of) == (None, original.id)
    assert (twin.sent, twin.sent_seq, twin.place) == (original.sent, original.sent_seq, 0)
    run.advance(60_000)
    assert heard(run, "n2") == [("n1", "Call", 1)] * 2


@pytest.mark.parametrize("seed", range(5))
def test_a_fifo_link_keeps_the_order_of_sending_and_another_does_not(seed: int) -> None:
    arrived: dict[bool, list[int]] = {}
    for fifo in (True, False):
        link = Link(low=0, high=80_000, fifo=fifo, duplicate_percent=30)
        run = echo(nodes=2, link=link, seed=seed, period=5_000)
        run.advance(400_000)
        arrived[fifo] = [number for src, kind, number in heard(run, "n2") if kind == "Call"]
    assert arrived[True] == sorted(arrived[True])
    assert arrived[False] != sorted(arrived[False])


def test_a_link_made_fifo_lets_no_later_message_overtake_one_that_flies() -> None:
    run = echo(nodes=2)
    run.act(SetLink("n1", "n2", low=90_000, high=90_000))
    call(run, "n1")
    run.act(SetLink("n1", "n2", low=1_000, high=1_000, fifo=True))
    call(run, "n1")
    run.advance(200_000)
    assert heard(run, "n2") == [("n1", "Call", 1), ("n1", "Call", 2)]


def test_a_fifo_link_keeps_its_order_when_a_message_is_made_later() -> None:
    run = echo(nodes=2, link=Link(low=1_000, high=1_000, fifo=True))
    call(run)
    call(run)
    first, _ = flying(run, "n1", "n2")
    run.act(Delay(first, 50_000))
    call(run)
    run.advance(run.now + 200_000)
    calls = [number for src, kind, number in heard(run, "n2") if kind == "Call"]
    assert len(calls) == 3
    assert calls == sorted(calls)
    arrived = [e.time for e in run.history.events if e.kind == "deliver" and e.subject.dst == "n2"]
    assert min(arrived) == 51_000


def test_a_fifo_link_keeps_its_order_through_a_hold() -> None:
    run = echo(nodes=2, link=Link(low=1_000, high=90_000, fifo=True), period=40_000)
    run.advance(100_000)
    run.act(HoldLink("n1", "n2"))
    run.advance(300_000)
    run.act(ReleaseLink("n1", "n2"))
    run.advance(600_000)
    numbers = [number for _, kind, number in heard(run, "n2") if kind == "Call"]
    assert len(numbers) > 8
    assert numbers == sorted(numbers)


def test_events_of_one_instant_happen_in_the_order_in_which_they_were_scheduled() -> None:
    run = echo(nodes=4)
    for node in ("n3", "n1", "n4"):
        call(run, node)
    run.advance(DELAY)
    delivered = [(e.subject.src, e.host) for e in run.history.events if e.kind == "deliver"]
    assert delivered == [(src, dst) for src in ("n3", "n1", "n4") for dst in ("n1", "n2", "n3", "n4") if src != dst]


def test_every_event_has_its_number_and_the_time_never_goes_back() -> None:
    run = echo(nodes=4, link=Link(low=0, high=30_000, duplicate_percent=20, loss_percent=10), period=7_000)
    run.advance(300_000)
    assert [e.seq for e in run.history.events] == list(range(1, run.head + 1))
    times = [e.time for e in run.history.events]
    assert times == sorted(times)


def test_a_delivery_is_caused_by_the_sending_and_a_timer_by_the_event_that_set_it() -> None:
    run = echo(nodes=2, period=25_000)
    run.advance(60_000)
    for event in run.history.events:
        if event.kind == "deliver":
            sent = run.history.event(event.cause).sent
            assert event.subject.id in [flight.id for flight in sent]
        elif event.kind == "timer":
            setter = run.history.event(event.cause)
            assert (setter.host, event.subject in [t.name for t in setter.timers]) == (event.host, True)


def test_the_delay_of_a_message_lies_between_the_bounds_of_its_link() -> None:
    run = echo(nodes=3, link=Link(low=3_000, high=9_000), period=1_000)
    run.advance(500_000)
    spans = [e.time - e.subject.sent for e in run.history.events if e.kind == "deliver"]
    assert min(spans) < 3_050
    assert max(spans) > 8_950
    assert all(3_000 <= span <= 9_000 for span in spans)


def test_clients_have_links_to_nodes_alone() -> None:
    run = Run(Recording("echo", nodes=2, clients=2), PROGRAM)
    lanes: dict[str, Any] = {name: sorted(host.lanes) for name, host in run.cluster.hosts.items()}
    assert lanes == {
        "n1": ["c1", "c2", "n2"],
        "n2": ["c1", "c2", "n1"],
        "c1": ["n1", "n2"],
        "c2": ["n1", "n2"],
    }


def test_a_message_has_its_place_in_thousandths_of_its_way() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    flight = run.cluster.flights[flying(run, "n1", "n2")[0]]
    assert [flight.place_at(t) for t in (0, 2_500, 9_999, DELAY, 5 * DELAY)] == [0, 250, 999, 1000, 1000]
    assert isinstance(flight.body, Call)
