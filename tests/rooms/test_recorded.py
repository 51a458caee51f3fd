"""A recording as a file: the same bytes again, everything computed and compared, nothing believed."""

import io
import json
import random
from collections.abc import Generator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.protocols import PROTOCOLS, program
from server.rooms import frames
from server.rooms.recorded import MARK_EVERY, NAME_MAX, NOTE_MAX, Recorded, check_name, recorded_from
from server.rooms.verify import Verified, recording_of, verify
from server.simulation import Given, Recording, Refused, encode
from server.simulation.commands import Crash, Restart
from server.web.gate import admit
from tests.support.hall import BOSS, Hall, lobby
from tests.support.sessions import rounds


def whole(steps: Generator[int, None, Any]) -> Any:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def exported(hall: Hall, name: str = "A lecture") -> str:
    return str(whole(recording_of(hall.room, name)).to_json())


def read(text: str, name: str = "") -> Recorded:
    return recorded_from(admit(io.BytesIO(text.encode())), program, name)


def played(recorded: Recorded, *, compare: bool = True, **limits: Any) -> tuple[Hall, Verified]:
    room, verified = whole(verify(recorded, lobby(**limits), BOSS, compare=compare))
    return Hall(room), verified


def forked() -> Hall:
    """A room with two branches, of which the first has passed a mark."""
    hall = Hall(seed=4, clients=1)
    hall.does(frames.Speed, 1.0)
    hall.does(frames.Play)
    while hall.room.show.branch.head < MARK_EVERY + 200:
        hall.room.tick(500_000, lambda: True)
    hall.does(frames.Seek, 150, None)
    hall.act(type="crash", node="n1")
    hall.does(frames.Step, 1)
    hall.room.tick(0, lambda: True)
    return hall


FORKED = exported(forked())


@pytest.mark.parametrize("name", PROTOCOLS)
def test_export_import_export_gives_the_same_bytes(name: str) -> None:
    rng = random.Random(name)
    hall = Hall(protocol=name, seed=3, clients=2)
    rounds(rng, hall, 20)
    text = exported(hall)
    other, verified = played(read(text))
    assert (verified.upto, verified.recorded.to_json()) == (None, text)
    assert exported(other) == text
    assert other.at[:2] == hall.at[:2]


def test_the_digests_are_those_of_the_runs() -> None:
    recorded = read(FORKED)
    hall, _ = played(recorded, compare=False)
    runs = [branch.run.history.digest() for branch in hall.room.show.branches.all]
    assert [limb.digest for limb in recorded.tree.limbs] == runs
    assert [len(each) for each in recorded.marks] == [1, 0]


@pytest.mark.parametrize("kind", ["lessons", "challenges", "scenarios"])
def test_a_lesson_a_challenge_and_a_scenario_come_back_as_such(kind: str) -> None:
    told = getattr(PROTOCOLS["raft"], kind)()[0]
    hall = Hall(**{kind.removesuffix("s"): told.name})
    hall.ticks(60)
    other, verified = played(read(exported(hall)))
    assert verified.upto is None
    assert other.room.title == told.title
    assert exported(other) == exported(hall)


def test_a_room_may_go_on_while_it_is_saved() -> None:
    hall = forked()
    steps = recording_of(hall.room, "Now")
    next(steps)
    hall.act(type="crash", node="n2")
    hall.does(frames.Step, 1)
    assert [limb.head for limb in whole(steps).tree.limbs] == [limb.head for limb in read(FORKED).tree.limbs]


def test_a_run_alone_is_played_to_its_last_command() -> None:
    given_ones = (Given(300_000, 0, Crash("n1"), "Ann"), Given(900_000, 0, Restart("n1", "kept"), "Ann"))
    text = Recording("raft", seed=5, commands=given_ones).to_json()
    hall, verified = played(read(text, "Old"))
    assert (verified.recorded.name, verified.upto, verified.skipped) == ("Old", None, 0)
    limb = verified.recorded.tree.limbs[0]
    assert limb.commands == given_ones
    assert (limb.time, limb.cursor < limb.head, len(limb.digest)) == (900_000, True, 32)
    again, verified_again = played(verified.recorded)
    assert exported(again, "Old") == exported(hall, "Old") == verified_again.recorded.to_json()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_recordings_of_scenarios_are_read_as_they_are_printed(protocol: str) -> None:
    scenario = PROTOCOLS[protocol].scenarios()[0]
    text = scenario.recording(PROTOCOLS[protocol].program).to_json()
    _, verified = played(read(text, "Printed"))
    assert (verified.upto, verified.skipped) == (None, 0)


def test_what_differs_is_told_and_kept_as_it_is_now() -> None:
    data = json.loads(FORKED)
    data["branches"][0]["digest"] = "0" * 32
    _, verified = played(read(encode(data)))
    assert verified.upto == MARK_EVERY  # the mark agrees
    assert verified.recorded.to_json() == FORKED
    data["marks"][0][0] = "1" * 32
    assert played(read(encode(data)))[1].upto == 0
    del data["marks"]
    assert played(read(encode(data)))[1].upto == 0
    data["branches"][0]["digest"] = data["branches"][1]["digest"] = ""
    assert played(read(encode(data)))[1].upto is None  # it says nothing of itself


def test_what_fits_no_more_is_shown_as_far_as_it_can_be() -> None:
    data = json.loads(FORKED)
    data["setup"]["seed"] += 1  # as if the code drew other numbers
    hall, verified = played(read(encode(data)))
    assert verified.upto == 0
    tree, now = read(FORKED).tree, verified.recorded.tree
    acts = [[[(given.time, given.command) for given in limb.commands] for limb in each.limbs] for each in (now, tree)]
    assert acts[0] == acts[1]
    assert [limb.forked_time for limb in now.limbs] == [limb.forked_time for limb in tree.limbs]
    assert now.limb(now.shown).shown_time == tree.limb(tree.shown).shown_time
    assert exported(hall) == verified.recorded.to_json() == played(verified.recorded)[1].recorded.to_json()


@pytest.mark.parametrize("seconds", [10**3, 10**9])
def test_a_run_that_would_take_years_is_refused_at_once(seconds: int) -> None:
    text = Recording("raft", commands=(Given(seconds * 10**6, 0, Crash("n1")),)).to_json()
    steps = verify(read(text, "Long"), lobby(events_kept_max=5_000))
    done = 0
    with pytest.raises(Refused, match="so long a run"):
        for done in steps:  # noqa: B007
            pass
    assert done <= (5_000 if seconds == 10**3 else 2_100)


def test_nothing_is_left_in_the_lobby_of_a_recording_that_was_refused() -> None:
    data = json.loads(FORKED)
    data["branches"][1]["commands"] *= 40
    data["branches"][1]["head"] += 10**6
    hall = lobby(events_kept_max=3_000)
    with pytest.raises(Refused):
        whole(verify(read(encode(data)), hall))
    assert not hall.rooms


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a\n", "../../etc/passwd", "/etc/passwd", "C:\\x", "~root", ".hidden", "a\u202eb",
             "a\x00b", "x" * (NAME_MAX + 1), 5, None],
)  # fmt: skip
def test_a_name_that_could_be_a_path_or_a_trick_is_refused(name: Any) -> None:
    with pytest.raises(Refused) as caught:
        check_name(name)
    assert caught.value.code == "bad_name"
    with pytest.raises(Refused):
        read(encode(json.loads(FORKED) | {"name": name}))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"more": 1}, "unknown_field"), ({"quorumscope": "link"}, "bad_recording"), ({"format": 3}, "bad_format"),
        ({"format": 1}, "bad_format"), ({"note": 5}, "bad_note"), ({"note": "a\x07"}, "bad_note"),
        ({"note": "x" * (NOTE_MAX + 1)}, "bad_note"), ({"marks": [["0" * 32]]}, "bad_recording"),
        ({"marks": [["0" * 31], []]}, "bad_recording"), ({"marks": {}}, "bad_recording"),
        ({"marks": [5, []]}, "bad_recording"), ({"branches": 5}, "bad_recording"), ({"setup": {}}, "bad_recording"),
        ({"setup": {"protocol": "raft9"}}, "unknown_protocol"), ({"place": {"beat": 5}}, ""),
    ],
)  # fmt: skip
def test_what_is_no_recording_is_refused(change: dict[str, Any], code: str) -> None:
    if not code:  # nobody asks for the place of what is no lesson
        assert played(read(encode(json.loads(FORKED) | change)))[1].recorded.to_json() == FORKED
        return
    with pytest.raises(Refused) as caught:
        read(encode(json.loads(FORKED) | change))
    assert caught.value.code == code


def test_too_many_commands_are_refused() -> None:
    data = json.loads(FORKED)
    data["branches"][1]["commands"] *= 15_001
    with pytest.raises(Refused) as caught:
        recorded_from(data, program)
    assert caught.value.code == "too_many_commands"


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([10**6, 10**15, 10**16, -(10**15), 0.5, 1e308]),
    st.text(max_size=3), st.just([]), st.just({}), st.just([[[]]]),
)  # fmt: skip


@cache
def of_lesson_and_challenge() -> tuple[str, str, str]:
    """Documents with all fields that there are."""
    raft = PROTOCOLS["raft"]
    lesson, challenge = Hall(lesson=raft.lessons()[0].name), Hall(challenge=raft.challenges()[0].name)
    challenge.does(frames.ChallengeStep, "hint")
    lesson.ticks(20)
    return FORKED, exported(lesson), exported(challenge)


@given(st.data())
@settings(max_examples=40)
def test_a_mutated_recording_is_refused_or_comes_back(data: st.DataObject) -> None:
    document = json.loads(data.draw(st.sampled_from(of_lesson_and_challenge())))
    place: Any = document
    while True:  # down to some value, of which another one is made
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not (isinstance(place[key], dict | list) and place[key]) or data.draw(st.integers(0, 4)) == 0:
            break
        place = place[key]
    place[key] = data.draw(VALUES)
    try:
        _, verified = played(read(encode(document), "-"), events_kept_max=3_000)
    except Refused as reason:
        assert reason.code != ""  # noqa: PT017
        return
    again = verified.recorded.to_json()
    assert played(read(again))[1] == Verified(verified.recorded, None, verified.skipped)
