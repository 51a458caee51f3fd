"""What a room tells of its clients' operations: in time, back, on a branch, and why there is no order."""

from __future__ import annotations

from typing import Any

from server.properties import BROKEN
from server.protocols import PROTOCOLS
from server.rooms import frames
from server.rooms.judging import Judgement
from tests.support.hall import Hall

WEAK: dict[str, Any] = {"protocol": "gossip", "clients": 3, "seed": 3, "params": {"think_time": 100_000}}
SPLIT: dict[str, Any] = {
    "protocol": "raft", "clients": 2, "seed": 2, "params": {"think_time": 0}, "rules": {"majority": False},
}  # fmt: skip


def judgement(hall: Hall) -> Judgement:
    return hall.room.show.branch.judgement


def until_broken(hall: Hall) -> int:
    """Plays until an operation can't be explained; returns the event."""
    hall.does(frames.Speed, 1.0)
    for _ in range(400):
        if not hall.room.show.playing:
            hall.does(frames.Play)
        hall.tick()
        seen = judgement(hall).witness
        assert seen is not None
        if seen.state == BROKEN:
            return int(seen.transitions[-1][0])
    raise AssertionError("nothing went wrong")


def test_what_was_not_promised_turns_red_and_does_not_stop_the_room_for_that_alone() -> None:
    hall = Hall(**WEAK)
    welcome = hall.screens["boss"].shown
    assert "linearizable" in welcome["protocol"]["properties"]
    assert "linearizable" in welcome["disclaimed"]
    seq = until_broken(hall)
    hall.tick()
    assert [seq, "broken"] in hall.screens["boss"].properties["linearizable"]
    assert [seq, "linearizable"] in [[mark[0], mark[4]] for mark in hall.screens["boss"].tape]
    told = [update["notice"]["args"]["property"] for update in hall.updates if "notice" in update]
    assert "Linearizable" not in told


def ask(hall: Hall, client: str, name: str, value: int | None = None) -> dict[str, Any]:
    """Has a client ask for key k, and plays until it has its answer."""
    operation = {"name": name, "key": "k"} | ({} if value is None else {"value": value})
    assert hall.act(type="request", client=client, operation=operation)["ok"]
    known = hall.room.show.branch.operations.known
    for _ in range(200):
        if not hall.room.show.playing:  # other properties break before
            hall.does(frames.Play)
        hall.tick()
        last = list(known.values())[-1]
        if last["returned"] is not None:
            return last
    raise AssertionError(f"{client} was never answered")


def with_two_leaders() -> Hall:
    """A room in which two nodes are enough to commit, and both sides of a partition do; c1 has written on one of them."""
    hall = Hall(**SPLIT)
    hall.does(frames.Speed, 1.0)
    assert ask(hall, "c1", "put", 1)["result"] is True
    leader = PROTOCOLS["raft"].places(hall.room.show.branch.run.cluster)["leader"]
    one, *others = [node for node in hall.room.show.branch.run.cluster.nodes if node != leader]
    assert hall.act(type="partition", groups=[[leader, one, "c1"], [*others, "c2"]])["ok"]
    assert ask(hall, "c1", "put", 2)["result"] is True
    return hall


def broken_by_c2(hall: Hall) -> int:
    """c2 reads on the other side what is no longer so; returns the event."""
    stale = ask(hall, "c2", "get")
    assert stale["result"] == 1
    seen = judgement(hall).witness
    assert seen is not None
    assert seen.transitions[-1] == (stale["returned_seq"], BROKEN)
    return int(stale["returned_seq"])


def test_what_was_promised_stops_the_room_at_the_first_bad_event() -> None:
    hall = with_two_leaders()
    seq = broken_by_c2(hall)
    assert not hall.room.show.playing
    assert hall.at[1] == seq
    while hall.room.show.news.notices:
        hall.tick()
    told = [update["notice"]["args"] for update in hall.updates if "notice" in update]
    assert {"property": "Linearizable", "seq": seq} in told


def test_the_smallest_part_that_contradicts_itself_is_told_soon_after() -> None:
    hall = with_two_leaders()
    broken_by_c2(hall)
    hall.does(frames.Pause)
    for _ in range(200):
        hall.tick()
        if judgement(hall).parts:
            break
    ((bad, part),) = judgement(hall).parts.items()
    assert bad == "c2.1"
    assert sorted(part) == ["c1.1", "c1.2", "c2.1"], "if the first put were over no sooner, it could have been the last"
    hall.tick()
    (told,) = [update["parts"] for update in hall.updates if "parts" in update]
    assert told == judgement(hall).parts
    assert hall.come("late")["welcome"]["parts"] == told


def test_a_branch_from_before_the_error_is_judged_by_itself() -> None:
    hall = with_two_leaders()
    seq = broken_by_c2(hall)
    hall.tick()
    hall.does(frames.Seek, seq - 1, None)
    hall.tick()
    assert hall.act(type="heal")["ok"]
    hall.tick()
    assert hall.at[0] == 1
    seen = judgement(hall).witness
    assert seen is not None
    assert seen.state != BROKEN
    assert all(told[1] != "broken" for told in hall.screens["boss"].properties["linearizable"])
    hall.does(frames.Play)
    hall.ticks(60)
    branch = hall.room.show.branch
    again = PROTOCOLS["raft"].run(branch.run.recording)
    again.advance(branch.run.now)
    assert again.head == branch.head
    assert list(Judgement(again).witness.facts) == list(seen.facts)  # type: ignore[union-attr]
    assert Judgement(again).transitions() == judgement(hall).transitions()


def test_what_became_known_is_told_once_and_in_order_and_whole_after_a_jump_to_another_branch() -> None:
    hall = with_two_leaders()
    seq = broken_by_c2(hall)
    hall.tick()
    told = [fact for update in hall.updates for fact in update.get("judged", ())]
    seen = judgement(hall).witness
    assert seen is not None
    assert told == seen.known(-1, hall.at[2])
    assert [fact[0] for fact in told] == sorted(fact[0] for fact in told)
    hall.does(frames.Seek, seq // 2, None)
    hall.tick()
    hall.act(type="heal")
    hall.tick()
    hall.does(frames.ToBranch, 0)
    hall.tick()
    assert hall.updates[-1]["judged"] == told
    assert hall.updates[-1]["parts"] == judgement(hall).parts


def test_a_room_whose_clients_ask_who_leads_says_why_that_is_not_judged() -> None:
    hall = Hall(protocol="bully", clients=2)
    welcome = hall.screens["boss"].shown
    assert "linearizable" not in welcome["protocol"]["properties"]
    assert welcome["protocol"]["no_service"]
    assert judgement(hall).witness is None
    hall.ticks(20)
    assert not any("judged" in update for update in hall.updates)
