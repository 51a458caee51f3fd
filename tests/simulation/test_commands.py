"""What each command does to the world."""

from typing import Any

import pytest

from server.simulation import Link, Recording, Run
from server.simulation.commands import (
    Crash,
    Delay,
    DeliverNow,
    Drop,
    Duplicate,
    FireTimer,
    Heal,
    HoldLink,
    Partition,
    Pause,
    ReleaseLink,
    Request,
    Restart,
    Resume,
    SetClock,
    SetLink,
    SwitchRule,
)
from tests.support.echo import BEAT, DELAY, LATE, MINUTE, PROGRAM, Operation, call, echo, flying, heard, state


def timers(run: Run, host: str) -> dict[str, Any]:
    return {t.name: (t.due, t.left) for t in run.cluster.hosts[host].timers}


# Crash and restart


def test_a_crashed_node_keeps_its_disk_and_loses_the_rest() -> None:
    run = echo()
    call(run, "n2")
    run.advance(DELAY)
    assert state(run, "n1")["heard"]
    run.act(Crash("n1"))
    assert state(run, "n1")["heard"] == ()
    assert state(run, "n1")["disk"] == ("n2",)
    assert timers(run, "n1") == {}
    assert run.cluster.hosts["n1"].up is False


def test_a_message_to_a_crashed_node_is_lost_where_it_would_have_arrived() -> None:
    run = echo()
    call(run, "n2")
    run.act(Crash("n1"))
    run.advance(DELAY)
    lost = [e for e in run.history.events if e.kind == "lost"]
    assert [(e.time, e.detail, e.subject.dst) for e in lost] == [(DELAY, "down", "n1")]
    assert heard(run, "n3") == [("n2", "Call", 1)]


def test_what_a_node_sent_before_its_crash_still_arrives() -> None:
    run = echo()
    call(run, "n1")
    run.act(Crash("n1"))
    run.advance(DELAY)
    assert heard(run, "n2") == [("n1", "Call", 1)]


def test_a_restart_starts_the_program_with_its_disk() -> None:
    run = echo()
    call(run, "n1")
    run.advance(2 * DELAY)
    run.act(Crash("n1"))
    run.advance(5 * DELAY)
    run.act(Restart("n1"))
    host = run.cluster.hosts["n1"]
    assert (host.up, host.incarnation, state(run, "n1")["calls"]) == (True, 2, 1)
    assert timers(run, "n1") == {BEAT: (5 * DELAY + MINUTE, None)}


def test_a_restart_with_its_disk_lost_begins_anew() -> None:
    run = echo()
    call(run, "n1")
    run.act(Crash("n1"))
    run.act(Restart("n1", disk="lost"))
    assert (state(run, "n1")["calls"], state(run, "n1")["disk"]) == (0, ())


def test_a_rule_that_keeps_a_field_is_judged_when_the_node_crashes() -> None:
    run = echo()
    call(run, "n1")
    run.act(SwitchRule("keeping", False))
    run.act(Crash("n1"))
    run.act(SwitchRule("keeping", True))
    run.act(Restart("n1"))
    assert state(run, "n1")["calls"] == 0


def test_a_node_that_crashes_before_it_has_started_does_not_start() -> None:
    run = Run(Recording("echo", 2, 0), PROGRAM)
    run.act(Crash("n1"))
    run.advance(0)
    assert [e.host for e in run.history.events if e.kind == "start"] == ["n2"]
    assert timers(run, "n1") == {}
    run.act(Restart("n1"))
    run.advance(1_000)
    assert [e.host for e in run.history.events if e.kind == "start"] == ["n2"]
    assert timers(run, "n1") == {BEAT: (MINUTE, None)}


def test_a_node_restarted_before_it_has_started_starts_once() -> None:
    run = Run(Recording("echo", 1, 0), PROGRAM)
    run.act(Crash("n1"))
    run.act(Restart("n1"))
    run.advance(1_000)
    assert [e.kind for e in run.history.events] == ["command", "command"]


def test_a_node_paused_before_it_has_started_starts_when_it_goes_on() -> None:
    run = Run(Recording("echo", 1, 0), PROGRAM)
    run.act(Pause("n1"))
    run.advance(1_000)
    assert timers(run, "n1") == {}
    run.act(Resume("n1"))
    run.advance(2_000)
    assert timers(run, "n1") == {BEAT: (1_000 + MINUTE, None)}


# Pause and resume


def test_the_timers_of_a_paused_node_stand_still() -> None:
    run = echo(period=100_000)
    run.advance(30_000)
    run.act(Pause("n1"))
    assert timers(run, "n1") == {BEAT: (None, 70_000)}
    run.advance(1_000_000)
    assert state(run, "n1")["calls"] == 0
    run.act(Resume("n1"))
    assert timers(run, "n1") == {BEAT: (1_070_000, None)}
    run.advance(1_069_999)
    assert state(run, "n1")["calls"] == 0
    run.advance(1_070_000)
    assert state(run, "n1")["calls"] == 1


def test_messages_wait_for_a_paused_node_and_arrive_in_their_order() -> None:
    run = echo()
    run.act(Pause("n1"))
    call(run, "n2")
    run.advance(5_000)
    call(run, "n3")
    run.advance(100_000)
    assert heard(run, "n1") == []
    assert len(flying(run, "n2", "n1")) == 1
    run.act(Resume("n1"))
    run.advance(100_000)
    assert heard(run, "n1") == [("n2", "Call", 1), ("n3", "Call", 1)]


def test_a_message_that_waits_has_passed_its_link() -> None:
    run = echo()
    run.act(Pause("n1"))
    call(run, "n2")
    run.advance(50_000)
    run.act(SetLink("n2", "n1", up=False))
    run.act(Partition((("n1",), ("n2", "n3"))))
    run.advance(60_000)
    run.act(Resume("n1"))
    run.advance(60_000)
    assert heard(run, "n1") == [("n2", "Call", 1)]


def test_a_link_cut_before_the_message_came_stops_it_though_the_node_is_paused() -> None:
    run = echo()
    run.act(Pause("n1"))
    call(run, "n2")
    run.advance(5_000)
    run.act(SetLink("n2", "n1", up=False))
    run.advance(50_000)
    run.act(Resume("n1"))
    run.advance(60_000)
    assert heard(run, "n1") == []
    assert [(e.time, e.detail) for e in run.history.events if e.kind == "lost"] == [(DELAY, "cut")]


@pytest.mark.parametrize("cut", [SetLink("n2", "n1", up=False), Partition((("n1",), ("n2", "n3")))])
def test_a_cut_at_the_instant_at_which_a_message_comes_to_a_paused_node_replays_exactly(cut: Any) -> None:
    run = echo()
    run.act(Pause("n1"))
    call(run, "n2")
    run.advance(DELAY)
    run.act(cut)
    run.advance(2 * DELAY)
    run.act(Resume("n1"))
    run.advance(5 * DELAY)
    again = Run(run.recording, PROGRAM)
    again.advance(5 * DELAY)
    assert again.history.digest() == run.history.digest()


def test_a_message_due_at_the_instant_of_the_resumption_over_a_cut_link_is_lost() -> None:
    run = echo()
    run.act(Pause("n1"))
    call(run, "n3")
    call(run, "n2")
    run.act(SetLink("n2", "n1", up=False))
    assert run.advance(DELAY, most=1) == 1  # n3's call came to n2; n2's call to n1 is due now, but not yet judged
    assert (run.now, len(flying(run, "n2", "n1"))) == (DELAY, 1)
    run.act(Resume("n1"))
    run.advance(5 * DELAY)
    assert ("n2", "Call", 1) not in heard(run, "n1")
    assert ("n3", "Call", 1) in heard(run, "n1")


def test_what_waits_for_a_paused_node_that_crashes_is_lost() -> None:
    run = echo()
    run.act(Pause("n1"))
    call(run, "n2")
    run.advance(50_000)
    run.act(Crash("n1"))
    run.advance(50_000)
    assert [(e.time, e.detail) for e in run.history.events if e.kind == "lost"] == [(50_000, "down")]
    assert run.cluster.hosts["n1"].paused is False


def test_a_message_can_be_dropped_while_it_waits() -> None:
    run = echo()
    run.act(Pause("n1"))
    call(run, "n2")
    run.advance(50_000)
    run.act(Drop(flying(run, "n2", "n1")[0]))
    run.act(Resume("n1"))
    run.advance(100_000)
    assert heard(run, "n1") == []


# Links


def test_a_cut_link_is_one_direction() -> None:
    run = echo(nodes=2)
    run.act(SetLink("n1", "n2", up=False))
    call(run, "n1")
    call(run, "n2")
    run.advance(5 * DELAY)
    assert heard(run, "n2") == []
    assert heard(run, "n1") == [("n2", "Call", 1)]
    assert state(run, "n1")["disk"] == ("n2",)


def test_a_set_link_changes_only_what_it_names() -> None:
    run = echo(link=Link(low=10, high=20, fifo=True))
    run.act(SetLink("n1", "n2", loss_percent=7))
    assert run.cluster.lane("n1", "n2").link == Link(low=10, high=20, fifo=True, loss_percent=7)
    assert run.cluster.lane("n2", "n1").link == Link(low=10, high=20, fifo=True)


def test_a_new_delay_holds_for_messages_sent_from_then_on() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    run.act(SetLink("n1", "n2", low=50_000, high=50_000))
    call(run, "n1")
    run.advance(100_000)
    assert [e.time for e in run.history.events if e.kind == "deliver" and e.host == "n2"] == [DELAY, 50_000]


def test_a_partition_stands_between_groups_alone() -> None:
    run = echo(nodes=4)
    run.act(Partition((("n1", "n2"), ("n3",))))
    for node in ("n1", "n3", "n4"):
        call(run, node)
    run.advance(DELAY)
    assert [h[0] for h in heard(run, "n2")] == ["n1", "n4"]
    assert [h[0] for h in heard(run, "n3")] == ["n4"]
    assert [h[0] for h in heard(run, "n4")] == ["n1", "n3"]


def test_a_partition_takes_the_place_of_the_one_before() -> None:
    run = echo(nodes=3)
    run.act(Partition((("n1",), ("n2", "n3"))))
    run.act(Partition((("n1", "n2"), ("n3",))))
    call(run, "n2")
    run.advance(DELAY)
    assert heard(run, "n1") == [("n2", "Call", 1)]
    assert heard(run, "n3") == []


def test_healing_lifts_the_partition_and_puts_up_cut_links_but_leaves_delays_and_chances() -> None:
    run = echo()
    run.act(Partition((("n1",), ("n2", "n3"))))
    run.act(SetLink("n2", "n3", up=False, low=5, high=6))
    run.act(Heal())
    call(run, "n2")
    run.advance(DELAY)
    assert run.cluster.groups is None
    assert run.cluster.lane("n2", "n3").link == Link(low=5, high=6)
    assert heard(run, "n1") == heard(run, "n3") == [("n2", "Call", 1)]


def test_a_held_link_keeps_what_is_on_it_and_what_is_sent_over_it() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    run.advance(4_000)
    run.act(HoldLink("n1", "n2"))
    call(run, "n1")
    on_link = [run.cluster.flights[id] for id in flying(run, "n1", "n2")]
    assert [(f.place, f.due, f.left) for f in on_link] == [(400, None, 6_000), (0, None, 10_000)]
    run.advance(500_000)
    assert heard(run, "n2") == []
    run.act(ReleaseLink("n1", "n2"))
    run.advance(600_000)
    assert [e.time for e in run.history.events if e.kind == "deliver" and e.host == "n2"] == [506_000, 510_000]


def test_a_held_link_that_is_cut_loses_its_messages_at_their_arrival() -> None:
    run = echo(nodes=2)
    run.act(HoldLink("n1", "n2"))
    call(run, "n1")
    run.act(SetLink("n1", "n2", up=False))
    run.advance(50_000)
    assert [e for e in run.history.events if e.kind == "lost"] == []
    run.act(ReleaseLink("n1", "n2"))
    run.advance(100_000)
    assert [(e.time, e.detail) for e in run.history.events if e.kind == "lost"] == [(50_000 + DELAY, "cut")]


# Messages


def test_a_dropped_message_never_arrives() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    (id,) = flying(run, "n1", "n2")
    event = run.act(Drop(id))
    assert event.changes[0][:2] == ("flight", id)
    run.advance(100_000)
    assert heard(run, "n2") == []


def test_a_duplicate_leaves_its_original_where_that_now_is_and_names_it() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    run.advance(4_000)
    (id,) = flying(run, "n1", "n2")
    run.act(Duplicate(id))
    original, twin = (run.cluster.flights[i] for i in flying(run, "n1", "n2"))
    assert (twin.of, twin.place, twin.leg, twin.body) == (id, 400, 4_000, original.body)
    run.advance(100_000)
    assert heard(run, "n2") == [("n1", "Call", 1)] * 2
    assert original.of is None


def test_a_duplicate_of_a_duplicate_names_the_first_original() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    (id,) = flying(run, "n1", "n2")
    run.act(Duplicate(id))
    run.act(Duplicate(flying(run, "n1", "n2")[1]))
    assert [run.cluster.flights[i].of for i in flying(run, "n1", "n2")] == [None, id, id]


def test_duplicates_of_one_message_take_their_own_times() -> None:
    run = echo(nodes=2, link=Link(low=1_000, high=900_000))
    call(run, "n1")
    (id,) = flying(run, "n1", "n2")
    for _ in range(4):
        run.act(Duplicate(id))
    assert len({run.cluster.flights[i].due for i in flying(run, "n1", "n2")}) == 5


def test_a_delayed_message_is_later_by_so_much() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    run.advance(4_000)
    (id,) = flying(run, "n1", "n2")
    run.act(Delay(id, 25_000))
    moved = run.cluster.flights[id]
    assert (moved.leg, moved.place, moved.due) == (4_000, 400, 35_000)
    run.advance(34_999)
    assert heard(run, "n2") == []
    run.advance(35_000)
    assert heard(run, "n2") == [("n1", "Call", 1)]


def test_a_message_on_a_held_link_can_be_delayed_too() -> None:
    run = echo(nodes=2)
    run.act(HoldLink("n1", "n2"))
    call(run, "n1")
    run.act(Delay(flying(run, "n1", "n2")[0], 5_000))
    run.act(ReleaseLink("n1", "n2"))
    run.advance(100_000)
    assert [e.time for e in run.history.events if e.kind == "deliver" and e.host == "n2"] == [15_000]


def test_deliver_now_comes_before_all_else_of_this_instant() -> None:
    run = echo(nodes=3)
    call(run, "n1")
    run.advance(DELAY, most=1)
    assert run.now == DELAY
    assert heard(run, "n3") == []
    call_of_n2 = flying(run, "n2", "n1")[0]  # n2's answer, ten milliseconds from its end, overtakes the call to n3
    run.act(DeliverNow(call_of_n2))
    event = run.step()
    assert event is not None
    assert (event.kind, event.host, event.subject.id, event.time) == ("deliver", "n1", call_of_n2, DELAY)


def test_deliver_now_is_judged_by_its_link() -> None:
    run = echo(nodes=2)
    call(run, "n1")
    run.act(SetLink("n1", "n2", up=False))
    run.act(DeliverNow(flying(run, "n1", "n2")[0]))
    event = run.step()
    assert event is not None
    assert (event.kind, event.detail, event.time) == ("lost", "cut", 0)


def test_deliver_now_at_the_very_instant_of_its_arrival_is_judged_by_its_link_too() -> None:
    run = echo(nodes=3)
    call(run, "n1")
    run.advance(DELAY, most=1)
    (id,) = flying(run, "n1", "n3")
    run.act(SetLink("n1", "n3", up=False))
    run.act(DeliverNow(id))
    event = run.step()
    assert event is not None
    assert (event.kind, event.detail) == ("lost", "cut")


def test_deliver_now_saves_a_message_that_was_to_be_lost() -> None:
    run = echo(nodes=2, link=Link(low=DELAY, high=DELAY, loss_percent=100))
    call(run, "n1")
    run.act(DeliverNow(flying(run, "n1", "n2")[0]))
    run.advance(0)
    assert heard(run, "n2") == [("n1", "Call", 1)]


# Clocks and timers


def test_a_fast_clock_makes_timers_fire_early_by_the_worlds_time() -> None:
    run = echo(nodes=1, period=100_000)
    run.act(SetClock("n1", rate_ppm=2_000_000))
    run.advance(50_000)
    assert state(run, "n1")["calls"] == 1
    assert state(run, "n1")["clock"] == 100_000
    run.advance(100_000)
    assert state(run, "n1")["calls"] == 2


def test_a_timer_that_runs_keeps_what_is_left_of_it_by_the_nodes_own_clock() -> None:
    run = echo(nodes=1, period=100_000)
    run.advance(40_000)
    run.act(SetClock("n1", rate_ppm=500_000))
    assert timers(run, "n1") == {BEAT: (160_000, None)}
    run.act(SetClock("n1", rate_ppm=1_000_000))
    assert timers(run, "n1") == {BEAT: (100_000, None)}


def test_the_clock_of_a_paused_node_can_be_set_and_its_timer_waits_by_it() -> None:
    run = echo(nodes=1, period=100_000)
    run.advance(40_000)
    run.act(Pause("n1"))
    run.act(SetClock("n1", rate_ppm=2_000_000))
    assert timers(run, "n1") == {BEAT: (None, 30_000)}
    run.advance(1_000_000)
    run.act(Resume("n1"))
    run.advance(1_030_000)
    assert state(run, "n1")["calls"] == 1


def test_an_offset_moves_what_the_clock_shows_and_no_timer() -> None:
    run = echo(nodes=1, period=100_000)
    run.act(SetClock("n1", offset=-5_000))
    run.act(SetClock("n1", offset=7_000))
    run.advance(100_000)
    assert state(run, "n1")["calls"] == 1
    assert state(run, "n1")["clock"] == 107_000


def test_a_timer_fired_by_hand_runs_out_next_and_once() -> None:
    run = echo(nodes=1)
    run.advance(5)
    run.act(FireTimer("n1", BEAT))
    event = run.step()
    assert event is not None
    assert (event.kind, event.subject, event.time, state(run, "n1")["calls"]) == ("timer", BEAT, 5, 1)
    run.advance(1_000_000)
    assert state(run, "n1")["calls"] == 1


def test_a_timer_fired_by_hand_runs_out_because_of_that_hand() -> None:
    run = echo(nodes=1)
    run.advance(5)
    given = run.act(FireTimer("n1", BEAT))
    event = run.step()
    assert event is not None
    assert event.cause == given.seq


def test_of_timers_fired_by_hand_the_last_comes_first() -> None:
    run = echo(nodes=1)
    call(run)
    run.act(FireTimer("n1", BEAT))
    run.act(FireTimer("n1", LATE))
    fired = [e.subject for e in (run.step(), run.step()) if e is not None]
    assert fired == [LATE, BEAT]


# Clients and rules


def test_a_request_makes_a_client_ask_the_node_named() -> None:
    run = echo(clients=1)
    event = run.act(Request("c1", Operation("call"), to="n3"))
    assert [type(i).__name__ for i in event.indications] == ["Invoked"]
    run.advance(2 * DELAY)
    assert state(run, "n3")["disk"] == ("c1",)
    assert state(run, "c1")["open"] == ()


def test_a_rule_is_switched_for_all_nodes_at_once() -> None:
    run = echo()
    run.act(SwitchRule("answering", False))
    call(run, "n1")
    run.advance(10 * DELAY)
    assert heard(run, "n1") == []
    run.act(SwitchRule("answering", True))
    call(run, "n1")
    run.advance(20 * DELAY)
    assert len(heard(run, "n1")) == 2
