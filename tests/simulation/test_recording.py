"""Recordings: written and read back without a byte of difference, and read strictly."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocols import program
from server.simulation import Given, Link, Recording, Refused, Run, recording_from, recording_from_json
from server.simulation.commands import Crash, Partition, Request
from server.simulation.recording import SEED_MAX, TIME_MAX
from tests.support.echo import PROGRAM, Operation, programs
from tests.support.runs import eventful


@pytest.mark.parametrize("seed", range(5))
def test_a_recording_is_written_and_read_back_without_a_byte_of_difference(seed: int) -> None:
    run = eventful(seed, events=300, link=Link(low=1_000, high=2_000, fifo=True), rules={"one_vote": False})
    text = run.recording.to_json()
    again = recording_from_json(text, program)
    assert again == run.recording
    assert again.to_json() == text


@given(
    st.builds(
        Recording,
        protocol=st.just("echo"),
        nodes=st.integers(1, 9),
        clients=st.integers(0, 4),
        params=st.dictionaries(st.just("period"), st.integers(1_000, 60_000_000)),
        rules=st.dictionaries(st.sampled_from(["answering", "keeping"]), st.booleans()),
        seed=st.integers(0, SEED_MAX),
        link=st.builds(Link, up=st.booleans(), low=st.integers(0, 9), high=st.integers(9, 99), fifo=st.booleans()),
        commands=st.lists(
            st.builds(
                Given,
                time=st.integers(0, TIME_MAX),
                place=st.integers(0, 50),
                command=st.one_of(
                    st.builds(Crash, st.text(max_size=5)),
                    st.builds(Request, st.just("c1"), st.just(Operation("call")), st.one_of(st.none(), st.just("n1"))),
                    st.builds(Partition, st.tuples(st.tuples(st.just("n1")), st.tuples(st.just("n2")))),
                ),
                by=st.text(max_size=20),
            ),
            max_size=5,
        ).map(lambda given: tuple(sorted(given, key=lambda g: (g.time, g.place)))),
    )
)
def test_any_recording_survives_its_writing(recording: Recording) -> None:
    text = recording.to_json()
    again = recording_from_json(text, programs)
    assert again == recording
    assert again.to_json() == text


GOOD: dict[str, Any] = Recording("echo", commands=(Given(5, 0, Crash("n1"), "me"),)).as_dict() | {
    "commands": [{"time": 5, "place": 0, "by": "me", "command": {"type": "crash", "node": "n1"}}]
}


def changed(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


def given_with(**changes: Any) -> dict[str, Any]:
    return changed(commands=[{**GOOD["commands"][0], **changes}])


def test_the_good_example_is_good() -> None:
    assert recording_from(GOOD, programs).commands == (Given(5, 0, Crash("n1"), "me"),)


def test_what_is_left_out_has_its_default() -> None:
    recording = recording_from({"format": 1, "protocol": "echo"}, programs)
    assert recording == Recording("echo")


BAD: list[tuple[str, Any]] = [
    ("bad_recording", None),
    ("bad_recording", []),
    ("bad_recording", "x"),
    ("bad_recording", {}),
    ("bad_recording", {"format": 1}),
    ("bad_recording", changed(protocol=5)),
    ("bad_recording", changed(extra=1)),
    ("bad_format", changed(format=2)),
    ("bad_format", changed(format="1")),
    ("unknown_protocol", changed(protocol="telepathy")),
    ("bad_size", changed(nodes=10)),
    ("bad_size", changed(nodes=0)),
    ("bad_recording", changed(nodes="3")),
    ("bad_recording", changed(nodes=3.0)),
    ("bad_recording", changed(nodes=True)),
    ("bad_size", changed(clients=9)),
    ("bad_seed", changed(seed=-1)),
    ("bad_seed", changed(seed=SEED_MAX + 1)),
    ("bad_recording", changed(seed=None)),
    ("bad_recording", changed(params=[])),
    ("bad_recording", changed(params=[["period", 5_000]])),
    ("bad_param", changed(params={"period": "5000"})),
    ("bad_recording", changed(params={"period": "5" * 41})),
    ("bad_recording", changed(params={"period": 5_000.0})),
    ("bad_param", changed(params={"period": 5})),
    ("bad_param", changed(params={"period": True})),
    ("unknown_param", changed(params={"colour": 5})),
    ("bad_recording", changed(rules={"answering": 0})),
    ("bad_recording", changed(rules=None)),
    ("unknown_rule", changed(rules={"manners": False})),
    ("bad_recording", changed(link={"up": 1})),
    ("bad_recording", changed(link={"low": "1"})),
    ("bad_recording", changed(link={"colour": 1})),
    ("bad_recording", changed(link=[])),
    ("bad_delay", changed(link={"low": -1})),
    ("bad_delay", changed(link={"low": 9, "high": 8})),
    ("bad_percent", changed(link={"loss_percent": 200})),
    ("bad_recording", changed(commands={})),
    ("bad_recording", changed(commands=[5])),
    ("bad_recording", changed(commands=[{}])),
    ("bad_recording", given_with(time=-1)),
    ("bad_recording", given_with(time=1.5)),
    ("bad_recording", given_with(time=TIME_MAX + 1)),
    ("bad_recording", given_with(place=-1)),
    ("bad_recording", given_with(place=None)),
    ("bad_recording", given_with(by=5)),
    ("bad_recording", given_with(by="x" * 65)),
    ("bad_recording", given_with(why="because")),
    ("bad_recording", given_with(command=5)),
    ("bad_recording", given_with(command=None)),
    ("unknown_command", given_with(command={"type": "explode"})),
    ("bad_command", given_with(command={"type": "crash"})),
    ("bad_recording", changed(commands=[{**GOOD["commands"][0], "time": 9}, {**GOOD["commands"][0], "time": 8}])),
]


@pytest.mark.parametrize(("code", "data"), BAD, ids=[f"{i}-{c}" for i, (c, _) in enumerate(BAD)])
def test_data_that_is_no_recording_is_refused(code: str, data: Any) -> None:
    with pytest.raises(Refused) as refused:
        recording_from(data, programs)
    assert refused.value.code == code
    assert "{" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, '{"seed": NaN}', '{"seed": ' + "9" * 5_000 + "}", json.dumps(GOOD).replace("5", "1e999")],
    ids=["empty", "cut off", "deep", "not a number", "endless", "infinite"],
)
def test_text_that_is_no_recording_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        recording_from_json(text, programs)
    assert refused.value.code in ("bad_recording", "bad_format")


def test_rules_and_tunables_of_a_recording_hold_from_the_beginning() -> None:
    run = Run(Recording("echo", params={"period": 2_000}, rules={"answering": False}), PROGRAM)
    run.advance(1_000_000)
    assert run.cluster.rules == {"answering": False, "keeping": True}
    assert not [e for e in run.history.events if e.kind == "deliver" and type(e.subject.body).__name__ == "Answer"]
    assert run.cluster.hosts["n1"].node.__dict__["calls"] == 500
