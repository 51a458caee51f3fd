"""Clusters side by side: one clock, the same faults for all, and what each has cost, forwards and back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from server.exploration.comparison.live import staged
from server.exploration.comparison.meter import latencies
from server.exploration.comparison.plan import Comparison, Contestant, comparison_from
from server.properties import HOLDS
from server.rooms import Lobby, Room, frames
from server.simulation import Refused
from tests.support.hall import BOSS, TICK_US, Hall, lobby

SPAN = 6_000_000
COMPARED = comparison_from({
    "contestants": [{"protocol": "raft"}, {"protocol": "raft", "params": {"heartbeat_interval": 120_000}}],
    "seconds": 6, "sizes": [5], "seeds": 1, "workload": "reads_and_writes",
})  # fmt: skip


class Halls:
    """The rooms of an ensemble, each with its presenter on a screen of his own, and one pump for all of them."""

    def __init__(self, comparison: Comparison = COMPARED, **limits: Any) -> None:
        self.lobby: Lobby = lobby(**limits)
        self.rooms: list[Room] = self.lobby.open_ensemble(staged(comparison), comparison.span, BOSS, 1.0)
        self.halls = [Hall(room) for room in self.rooms]

    def ticks(self, number: int, budget: int | None = None) -> None:
        """So many ticks of all rooms; `budget` is how many events the followers may compute in each."""
        for _ in range(number):
            for index, hall in enumerate(self.halls):
                left = iter(range(budget)) if budget is not None and index else None
                hall.tick(TICK_US, lambda left=left: left is None or next(left, None) is not None)  # type: ignore[misc]

    def times(self) -> list[int]:
        """What each room shows, µs."""
        return [room.show.branch.now for room in self.rooms]

    def same_time(self) -> int:
        """The time that all show."""
        assert len(set(self.times())) == 1, self.times()
        return self.times()[0]


@pytest.fixture
def halls() -> Halls:
    """Two clusters that have played for two seconds and stand still."""
    found = Halls()
    found.halls[0].does(frames.Play)
    found.ticks(40)
    found.halls[0].does(frames.Pause)
    found.ticks(1)
    return found


def test_all_go_on_by_one_clock_and_stop_at_one_time(halls: Halls) -> None:
    assert halls.same_time() == 40 * TICK_US
    assert [room.show.playing for room in halls.rooms] == [False, False]
    assert all(room.show.branch.head > 100 for room in halls.rooms)


def test_what_the_clients_of_each_are_answered_is_judged(halls: Halls) -> None:
    for room in halls.rooms:
        witness = room.show.branch.judgement.witness
        assert witness is not None
        assert witness.state == HOLDS
        assert witness.known(0, room.show.branch.head), "it has found an order for what was answered"


def test_whoever_is_behind_is_waited_for() -> None:
    slow = Halls()
    slow.halls[1].does(frames.Play)
    apart = 0
    for _ in range(60):
        slow.ticks(1, budget=2)
        first, second = slow.times()
        assert second <= first <= second + TICK_US
        apart += first != second
    assert apart > 10, "the second was never behind"
    slow.halls[0].does(frames.Pause)
    slow.same_time()


def test_steps_go_to_the_next_moment_of_any_cluster_and_back_again(halls: Halls) -> None:
    seen = []
    for _ in range(12):
        seen.append((halls.same_time(), [room.show.branch.cursor for room in halls.rooms]))
        halls.halls[1].does(frames.Step, 1)
        halls.ticks(1)
        assert halls.same_time() > seen[-1][0]
    moved = [sum(a != b for a, b in zip(x[1], y[1], strict=True)) for x, y in pairwise(seen)]
    assert min(moved) >= 1, "a step at which nothing happened anywhere"
    for time, cursors in seen[:0:-1]:
        halls.halls[0].does(frames.Step, -1)
        halls.ticks(1)
        assert (halls.same_time(), [room.show.branch.cursor for room in halls.rooms]) == (time, cursors)


def test_a_seek_is_a_seek_of_all(halls: Halls) -> None:
    halls.halls[1].does(frames.Seek, 40, None)
    halls.ticks(1)
    assert halls.same_time() == halls.rooms[1].show.branch.run.history.time(40)
    halls.halls[0].does(frames.Live)
    assert halls.same_time() == 40 * TICK_US


def test_a_fault_hits_all_of_them(halls: Halls) -> None:
    assert halls.halls[1].act(type="crash", node="n2")["ok"]
    halls.ticks(1)
    for room in halls.rooms:
        assert room.show.branch.run.world()["hosts"]["n2"]["up"] is False


def test_a_fault_in_the_past_makes_a_branch_in_all_of_them(halls: Halls) -> None:
    halls.halls[0].does(frames.Seek, None, 900_000)
    assert halls.halls[0].act(type="partition", groups=[["n1"], ["n2", "n3", "n4", "n5"]])["ok"]
    halls.ticks(1)
    assert halls.same_time() == 900_000
    assert [room.show.branch.id for room in halls.rooms] == [1, 1]
    halls.halls[0].does(frames.Play)
    halls.ticks(10)
    assert halls.same_time() == 900_000 + 10 * TICK_US
    for hall in halls.halls:
        asked = costs(hall)["asked"]
        assert asked == pytest.approx(14, abs=1), "the requests of the workload go on"


@pytest.mark.parametrize(
    "command",
    [{"type": "drop", "message": 3}, {"type": "fire_timer", "node": "n1", "timer": "election"},
     {"type": "switch_rule", "rule": "majority", "on": False}],
)  # fmt: skip
def test_what_has_a_meaning_in_one_cluster_alone_is_refused(halls: Halls, command: dict[str, Any]) -> None:
    heads = [room.show.branch.head for room in halls.rooms]
    said = halls.halls[0].act(**command)
    assert (said["ok"], said["code"]) == (False, "not_shared")
    assert [room.show.branch.head for room in halls.rooms] == heads


def test_what_a_shared_clock_has_no_place_for_is_refused(halls: Halls) -> None:
    for frame in ((frames.ToBranch, 0), (frames.LessonStep, None, True, False)):
        said = halls.halls[0].say(*frame)
        assert (said["ok"], said["code"]) == (False, "not_in_comparison")


def test_a_comparison_ends_with_its_workload() -> None:
    short = Halls()
    short.halls[0].does(frames.Play)
    short.ticks(SPAN // TICK_US + 5)
    assert short.same_time() == SPAN
    assert not any(room.show.playing for room in short.rooms)
    assert short.halls[0].say(frames.Play)["code"] == "comparison_over"


def test_a_viewer_has_no_controls_here_either(halls: Halls) -> None:
    halls.halls[1].come("guest", "token-of-a-guest")
    assert halls.halls[1].say(frames.Play, by="guest")["code"] == "no_controls"


def test_a_cluster_that_stopped_for_good_is_not_waited_for(halls: Halls) -> None:
    halls.rooms[1].stop("Mistake")
    halls.halls[0].does(frames.Play)
    halls.ticks(5)
    assert halls.rooms[0].show.branch.now == 45 * TICK_US


def test_an_event_that_there_is_not_is_refused_and_stops_nobody(halls: Halls) -> None:
    assert halls.halls[0].say(frames.Seek, 10**9, None)["code"] == "no_such_event"
    assert halls.same_time() == 40 * TICK_US
    halls.halls[0].does(frames.Play)
    halls.ticks(2)
    assert halls.same_time() == 42 * TICK_US


def test_where_the_first_has_stopped_for_good_the_next_one_conducts(halls: Halls) -> None:
    halls.rooms[0].stop("Mistake")
    halls.halls[1].does(frames.Play)
    halls.ticks(5)
    assert halls.rooms[1].show.branch.now == 45 * TICK_US


def test_where_one_can_keep_no_more_events_all_stop(halls: Halls) -> None:
    halls.halls[0].does(frames.Play)
    halls.rooms[1].show.events_max = halls.rooms[1].show.branches.events_kept + 5
    halls.ticks(10)
    assert [room.show.playing for room in halls.rooms] == [False, False]


def test_an_act_that_one_refuses_leaves_all_at_one_time() -> None:
    both = comparison_from({
        "contestants": [{"protocol": "raft"}, {"protocol": "two_phase_commit"}], "seconds": 6, "sizes": [5], "seeds": 1,
    })  # fmt: skip
    mixed = Halls(both)
    mixed.halls[0].does(frames.Play)
    mixed.ticks(30)
    mixed.halls[0].does(frames.Seek, None, 500_000)
    assert mixed.halls[0].act(type="request", client="c1", operation={"name": "delete", "key": "k1"})["ok"]
    assert [room.show.branch.id for room in mixed.rooms] == [1, 1]
    mixed.halls[0].does(frames.Live)
    mixed.ticks(1)
    assert mixed.same_time() == 500_000
    mixed.halls[0].does(frames.Play)
    mixed.ticks(4)
    assert mixed.same_time() == 500_000 + 4 * TICK_US


def test_rooms_of_a_comparison_are_closed_together_or_not_at_all() -> None:
    halls = Halls()
    halls.rooms[0].leave("boss")
    for _ in range(20):
        halls.lobby.sweep(10 * 60 * 1_000_000)
    assert set(halls.lobby.rooms) >= {room.name for room in halls.rooms}
    halls.rooms[1].leave("boss")
    halls.lobby.sweep(40 * 60 * 1_000_000)
    assert not {room.name for room in halls.rooms} & set(halls.lobby.rooms)


def test_rooms_that_are_compared_count_as_rooms() -> None:
    full = Halls(rooms_of_one_maker_max=3)
    with pytest.raises(Refused) as refused:
        full.lobby.open_ensemble(staged(COMPARED), COMPARED.span, BOSS)
    assert refused.value.code == "too_many_rooms"


def costs(hall: Hall) -> dict[str, Any]:
    """What a newcomer is told that the run of a room has cost."""
    found = hall.come(f"v{len(hall.screens)}")["welcome"]["costs"]
    assert isinstance(found, dict)
    return found


def test_costs_are_those_of_the_moment_shown_also_in_the_past(halls: Halls) -> None:
    hall, room = halls.halls[0], halls.rooms[0]
    run = room.show.branch.run
    events = run.history.events
    for time in (1_800_000, 900_000, 1_200_000, 0):
        halls.halls[1].does(frames.Seek, None, time)
        halls.ticks(1)
        told = hall.updates[-1]["costs"]
        past = [event for event in events if event.time <= time]
        assert told["messages"] == sum(len(event.sent) + len(event.lost) for event in past)
        assert told["elections"] == sum(
            getattr(each, "mark", None) == "election" for event in past for each in event.indications
        )
        assert told["answered"] <= told["asked"] <= 1 + time // 100_000
    halls.halls[0].does(frames.Live)
    halls.ticks(1)
    told, meter = hall.updates[-1]["costs"], room.show.branch.costs
    assert meter is not None
    writes = latencies(meter.meter.asked, reads=False)
    assert told["write_times"]["p50"] in writes
    assert told["write_times"]["p99"] == max(writes)
    assert (told["stale"], told["first_election"]) == (0, meter.meter.first_election)


def test_rooms_that_are_not_compared_have_no_costs() -> None:
    hall = Hall()
    assert hall.come("other")["welcome"]["costs"] is None
    hall.tick()
    assert "costs" not in hall.updates[-1]


def test_one_contestant_is_an_ensemble_of_one() -> None:
    alone = Halls(Comparison((Contestant("raft"),), span=SPAN, seeds=1))
    alone.halls[0].does(frames.Play)
    alone.ticks(10)
    assert alone.same_time() == 10 * TICK_US
