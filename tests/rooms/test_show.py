"""Playing, stepping, going back, forking: what all people in a room are shown."""

import itertools
import random
from typing import Any

import pytest

from server.rooms import frames
from server.simulation import digest_of, encode
from tests.support.hall import TICK_US, Hall
from tests.support.screen import assert_same
from tests.support.sessions import rounds


def played(ticks: int = 60, **order: Any) -> Hall:
    """A room that has played for a while, and stands still."""
    hall = Hall(**order)
    hall.ticks(ticks)
    hall.does(frames.Pause)
    hall.tick()
    return hall


def test_a_new_room_plays_and_has_a_leader_within_three_seconds() -> None:
    for seed in range(1, 30):
        hall = Hall(seed=seed)
        room, ticks = hall.room, 0
        while not any(mark[2] == "election" for mark in room.show.branch.tape.marks):
            room.tick(TICK_US, lambda: True)
            ticks += 1
        assert ticks * TICK_US < 3_000_000, f"seed {seed} has no leader after three seconds"


def test_playing_moves_time_on_by_the_ratio_and_shows_every_event_once() -> None:
    hall = Hall()
    hall.does(frames.Speed, 10.0)
    hall.ticks(40)
    assert hall.at[3] == 40 * TICK_US // 10
    shown = [event["seq"] for update in hall.updates for event in update.get("events", ())]
    assert shown == list(range(1, hall.room.show.branch.head + 1))
    assert all(event["time"] <= update["now"] for update in hall.updates for event in update.get("events", ()))


def test_pause_means_now() -> None:
    hall = played()
    before = hall.at
    hall.ticks(20)
    assert hall.at == before
    assert hall.tick() == {}


def test_a_room_without_viewers_stands_still() -> None:
    hall = Hall()
    hall.ticks(10)
    before = hall.at
    hall.room.leave("boss")
    assert hall.room.tick(TICK_US, lambda: True) == []
    assert hall.at == before
    hall.come("boss", "token-of-the-boss")
    hall.tick()
    assert hall.at[3] > before[3]


def test_stepping_back_to_the_beginning_and_on_to_the_head_shows_the_same_events() -> None:
    hall = played(120)
    head = hall.at[1]
    first = digest_of(hall.room.show.branch.run.history.told(1, head))
    for seq in range(head - 1, -1, -1):
        hall.does(frames.Step, -1)
        assert hall.tick()["back"][0]["seq"] == seq + 1
    assert hall.at[1:] == (0, head, 0)
    assert hall.say(frames.Step, -1)["code"] == "at_beginning"
    for seq in range(1, head + 1):
        hall.does(frames.Step, 1)
        assert hall.tick()["events"][0]["seq"] == seq
    assert hall.at[:3] == (0, head, head)
    assert digest_of(hall.room.show.branch.run.history.told(1, head)) == first


def test_a_step_at_the_head_computes_the_next_event_and_stops_at_it() -> None:
    hall = played(2)
    head = hall.at[2]
    hall.does(frames.Step, 1)
    update = hall.tick()
    assert (update["cursor"], update["head"], update["playing"]) == (head + 1, head + 1, False)
    assert update["now"] == update["events"][0]["time"]


def test_playing_behind_the_head_replays_what_happened_and_goes_on_from_there() -> None:
    hall = played(100)
    _, _, head, end = hall.at
    told = hall.room.show.branch.run.history.told(1, head)
    hall.does(frames.Seek, None, end // 2)
    assert hall.tick()["jump"]["seq"] < head
    hall.does(frames.Play)
    seen: list[Any] = []
    while hall.at[1] <= head:
        seen += hall.tick().get("events", ())
    assert digest_of(seen[: head - seen[0]["seq"] + 1]) == digest_of(told[seen[0]["seq"] - 1 :])
    assert hall.at[0] == 0
    assert len(hall.room.show.branches.all) == 1


def test_seeking_goes_to_an_event_or_a_time_and_stops_there() -> None:
    hall = played(100)
    _, _, head, end = hall.at
    hall.does(frames.Seek, 5, None)
    assert hall.tick()["jump"]["seq"] == 5
    hall.does(frames.Seek, None, end - 1)
    hall.tick()
    assert hall.at[3] == end - 1
    hall.does(frames.Seek, None, end * 10)
    hall.tick()
    assert hall.at == (0, head, head, end)
    assert hall.say(frames.Seek, head + 1, None)["code"] == "no_such_event"
    hall.does(frames.Seek, 3, None)
    hall.does(frames.Live)
    hall.tick()
    assert hall.at == (0, head, head, end)


def test_many_events_in_one_tick_come_as_the_world() -> None:
    hall = Hall(params={"think_time": 1_000}, clients=4, limits={"events_per_update_max": 50, "elapsed_max_us": 10**7})
    hall.does(frames.Speed, 1.0)
    hall.tick()
    update = hall.tick(5_000_000)
    assert update["jump"]["seq"] == update["cursor"] > 100
    assert "events" not in update
    assert update["operations"]


def test_acting_at_the_head_acts_on_the_run_now() -> None:
    hall = played()
    _, _, head, now = hall.at
    reply = hall.act(type="crash", node="n3")
    assert (reply["ok"], reply["seq"], reply["branch"]) == (True, head + 1, 0)
    update = hall.tick()
    assert [e["command"] for e in update["events"]] == [{"type": "crash", "node": "n3"}]
    assert update["events"][0]["by"] == "Ann"
    assert update["events"][0]["time"] == now
    assert not hall.screens["boss"].world["hosts"]["n3"]["up"]


def test_acting_in_the_past_makes_a_branch_and_destroys_nothing() -> None:
    hall = played(100)
    _, _, head, end = hall.at
    before = digest_of(hall.room.show.branch.run.history.told(1, head))
    hall.does(frames.Seek, None, end // 2)
    hall.tick()
    _, cursor, _, now = hall.at
    hall.act(type="crash", node="n2")
    update = hall.tick()
    assert update["branch"] == 1
    assert [b["forked_at"] for b in update["branches"]] == [0, cursor]
    assert [e["kind"] for e in update["events"]] == ["command"]
    assert update["events"][0]["time"] == now == end // 2
    hall.does(frames.Play)
    hall.ticks(40)
    old = hall.room.show.branches.branch(0)
    assert digest_of(old.run.history.told(1, head)) == before
    hall.does(frames.ToBranch, 0)
    update = hall.tick()
    assert (update["branch"], update["cursor"], update["tape_reset"]) == (0, cursor, True)
    hall.does(frames.Live)
    hall.tick()
    assert hall.at == (0, head, head, end)
    assert hall.say(frames.ToBranch, 9)["code"] == "no_such_branch"


def test_a_fork_after_steps_back_in_the_same_tick_is_told_as_a_world() -> None:
    hall = played(100)
    hall.does(frames.Step, -1)
    hall.does(frames.Step, -1)
    hall.act(type="crash", node="n2")
    update = hall.tick()
    assert update["branch"] == 1
    assert update["jump"]["seq"] == update["cursor"]
    assert update["tape_reset"]


def test_the_tape_and_the_properties_of_a_screen_are_those_of_its_branch() -> None:
    hall = played(200, params={"think_time": 50_000})
    for at, node in ((60, "n1"), (40, "n2"), (90, "n3")):
        hall.does(frames.Seek, at, None)
        hall.tick()
        hall.act(type="crash", node=node)
        hall.does(frames.Play)
        hall.ticks(60)
        screen, branch = hall.screens["boss"], hall.room.show.branch
        assert [tuple(mark) for mark in screen.tape] == branch.tape.marks
        assert {n: [tuple(t) for t in told] for n, told in screen.properties.items()} == branch.transitions(-1, 10**9)
        hall.does(frames.Pause)
        hall.tick()


def test_a_refused_command_is_answered_and_changes_nothing() -> None:
    hall = played()
    before = (hall.at, hall.room.recording())
    reply = hall.act(type="restart", node="n1")
    assert (reply["ok"], reply["code"], reply["args"]) == (False, "already_up", {"node": "n1"})
    assert hall.act(type="crash", node="n9")["code"] == "unknown_node"
    hall.does(frames.Step, -1)
    hall.tick()
    assert hall.act(type="restart", node="n1")["code"] == "already_up"
    assert len(hall.room.show.branches.all) == 1
    hall.does(frames.Step, 1)
    hall.tick()
    assert hall.tick() == {}
    assert (hall.at[:3], hall.room.recording()) == (before[0][:3], before[1])


def test_a_timer_fired_and_a_message_delivered_by_hand_show_their_effect_at_once() -> None:
    hall = played(2)
    seq = hall.act(type="fire_timer", node="n4", timer="election")["seq"]
    update = hall.tick()
    assert [e["kind"] for e in update["events"]] == ["command", "timer"]
    assert update["events"][-1]["seq"] == seq
    message = next(iter(hall.screens["boss"].world["flights"]))
    hall.act(type="deliver_now", message=int(message))
    kinds = [(e["kind"], e.get("message", {}).get("id")) for e in hall.tick()["events"]]
    assert kinds == [("command", None), ("deliver", int(message))]


@pytest.mark.parametrize(
    ("until", "wanted"),
    [
        (frames.Until("leader", None, None), "Elected"),
        (frames.Until("commit", None, None), "Committed"),
        (frames.Until("indication", "VoteGranted", None), "VoteGranted"),
    ],
)
def test_run_until_stops_exactly_after_what_was_waited_for(until: frames.Until, wanted: str) -> None:
    hall = Hall()
    hall.does(frames.RunUntil, until)
    hall.runs()
    update = hall.updates[-1]
    assert (update["playing"], update["until"]) == (False, None)
    assert wanted in [i["type"] for i in update["events"][-1]["indications"]]
    earlier = [i["type"] for u in hall.updates for e in u.get("events", ())[:-1] for i in e.get("indications", ())]
    assert earlier.count(wanted) == 0
    assert update["now"] == update["events"][-1]["time"]


def test_run_until_a_message_of_a_kind_or_a_time_stops_there_also_in_the_past() -> None:
    hall = Hall()
    hall.does(frames.RunUntil, frames.Until("message", "AppendEntriesReply", None))
    hall.runs()
    first = hall.at
    assert hall.updates[-1]["events"][-1]["message"]["type"] == "AppendEntriesReply"
    hall.does(frames.RunUntil, frames.Until("time", None, first[3] + 123_457))
    hall.runs()
    assert hall.at[3] == first[3] + 123_457
    hall.does(frames.Seek, 1, None)
    hall.does(frames.RunUntil, frames.Until("message", "AppendEntriesReply", None))
    hall.runs()
    assert hall.at[1] == first[1]
    assert hall.say(frames.RunUntil, frames.Until("time", None, 5))["code"] == "time_is_over"
    assert hall.say(frames.RunUntil, frames.Until("message", "Gossip", None))["code"] == "unknown_message"
    assert hall.say(frames.RunUntil, frames.Until("indication", "Gossip", None))["code"] == "unknown_indication"


def test_a_run_that_is_too_much_for_one_tick_goes_slower_and_loses_nothing() -> None:
    hall = Hall(params={"think_time": 1_000}, clients=4)
    hall.does(frames.Speed, 1.0)
    update = hall.tick(budget=lambda: False)
    assert len(update["events"]) == 1
    hall.ticks(20)
    shown = [event["seq"] for update in hall.updates for event in update.get("events", ())]
    assert shown == list(range(1, len(shown) + 1))
    slow = Hall(limits={"events_per_tick_max": 3})
    slow.does(frames.Speed, 1.0)
    assert len(slow.tick(400_000)["events"]) == 3


def test_the_speed_is_bounded() -> None:
    hall = Hall()
    assert hall.say(frames.Speed, 0.5)["code"] == "bad_speed"
    assert hall.say(frames.Speed, 1001.0)["code"] == "bad_speed"
    hall.does(frames.Speed, 1000.0)
    hall.tick()
    assert hall.at[3] == TICK_US // 1000


def test_a_room_keeps_so_many_events_says_so_and_stops() -> None:
    hall = Hall(limits={"events_kept_max": 100})
    hall.does(frames.Speed, 1.0)
    hall.runs()
    assert hall.at[2] == 100
    assert hall.screens["boss"].notices[-1]["code"] == "too_many_events"
    assert hall.say(frames.Play)["code"] == "too_many_events"
    assert hall.say(frames.Step, 1)["code"] == "too_many_events"
    assert hall.act(type="crash", node="n1")["code"] == "too_many_events"
    hall.does(frames.Seek, 50, None)
    hall.does(frames.Play)
    hall.runs()
    assert hall.at[1] == 100


def test_so_many_branches_grow_and_no_more() -> None:
    hall = played(100, limits={"branches_max": 3})
    for node in ("n1", "n2"):
        hall.does(frames.Seek, 20, None)
        assert hall.act(type="crash", node=node)["ok"]
        hall.does(frames.ToBranch, 0)
    hall.does(frames.Seek, 20, None)
    assert hall.act(type="crash", node="n3")["code"] == "too_many_branches"
    assert [b["name"] for b in hall.room.show.branches.as_list()] == ["A", "B", "C"]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_people_do_every_screen_shows_what_is_true(seed: int) -> None:
    rng = random.Random(seed)
    hall = Hall(seed=seed, params={"think_time": 60_000}, clients=2)
    hall.does(frames.Speed, 2.0)
    for number in range(4):
        rounds(rng, hall, 25)
        hall.come(f"x{number}")
    for screen in hall.screens.values():
        branch = hall.room.show.branch
        assert [tuple(mark) for mark in screen.tape] == branch.tape.marks
        assert {n: [tuple(t) for t in told] for n, told in screen.properties.items()} == branch.transitions(-1, 10**9)


def test_a_screen_that_only_watches_shows_what_the_presenter_sees() -> None:
    hall = Hall()
    hall.come("eve", "token-of-eve", "Eve")
    hall.ticks(50)
    hall.does(frames.Step, -1)
    hall.act(type="pause", node="n1")
    hall.does(frames.Play)
    hall.ticks(30)
    assert_same(hall.screens["boss"].world, hall.screens["eve"].world)


def test_a_fork_near_the_head_replays_little_and_far_checkpoints_are_forgotten() -> None:
    hall = Hall(params={"think_time": 1_000}, clients=4, limits={"elapsed_max_us": 10**8, "events_per_tick_max": 10**6})
    hall.does(frames.Speed, 1.0)
    branch = hall.room.show.branch
    while branch.head < 13_500:
        hall.room.tick(200_000, lambda: True)
    seqs = [seq for seq, _ in branch.run.checkpoints]
    assert seqs == sorted(seqs)
    assert [b - a for a, b in itertools.pairwise(seqs) if a >= 4_000] == [1_000] * (len(seqs) - 2)
    assert seqs[:2] == [0, 4_000]
    for seq in (13_100, 5_001, 300):
        fork = hall.room.show.branches.sprout(branch, seq, None)
        assert encode(fork.run.world()) == encode(branch.run.history.world(seq))
        assert fork.run.checkpoints[-1][0] <= seq
