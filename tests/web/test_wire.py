"""The only parser of foreign data."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocols import protocol
from server.rooms import frames
from server.rooms.tree import Limb, tree_from, tree_of_recording
from server.simulation import Recording, encode
from server.simulation.commands import COMMANDS, command_as_dict, command_from
from server.simulation.texts import Refused
from server.web import shapes, wire
from tests.web.fakes import ORDER, PROTOCOL
from tests.web.test_strictjson import json_values

FRAMES: list[tuple[dict[str, Any], frames.Frame]] = [
    ({"type": "join", "room": "r1", "last": None}, frames.Join(1, "r1", None, None)),
    (
        {"type": "join", "room": "r1", "last": {"epoch": "e", "seq": 3}, "name": " Ann  B "},
        frames.Join(1, "r1", frames.Last("e", 3), "Ann B"),
    ),
    ({"type": "command", "command": {"type": "heal"}, "at": 4}, frames.Act(1, {"type": "heal"}, 4)),
    ({"type": "play"}, frames.Play(1)),
    ({"type": "pause"}, frames.Pause(1)),
    ({"type": "speed", "ratio": 10}, frames.Speed(1, 10.0)),
    ({"type": "step", "by": -1}, frames.Step(1, -1)),
    ({"type": "seek", "seq": 0}, frames.Seek(1, 0, None)),
    ({"type": "seek", "time": 1_500_000}, frames.Seek(1, None, 1_500_000)),
    ({"type": "live"}, frames.Live(1)),
    ({"type": "run_until", "until": {"kind": "leader"}}, frames.RunUntil(1, frames.Until("leader", None, None))),
    (
        {"type": "run_until", "until": {"kind": "message", "type": "RequestVote"}},
        frames.RunUntil(1, frames.Until("message", "RequestVote", None)),
    ),
    ({"type": "run_until", "until": {"kind": "time", "time": 5}}, frames.RunUntil(1, frames.Until("time", None, 5))),
    ({"type": "controls", "to": "all"}, frames.Controls(1, "all")),
    ({"type": "name", "name": "安娜"}, frames.Rename(1, "安娜")),
    ({"type": "branch", "branch": 2}, frames.ToBranch(1, 2)),
    ({"type": "rename_branch", "branch": 2, "name": " 没有  n1 "}, frames.RenameBranch(1, 2, "没有 n1")),
    ({"type": "delete_branch", "branch": 2}, frames.DeleteBranch(1, 2)),
    ({"type": "difference", "branch": 2, "other": 0}, frames.Parting(1, 2, 0)),
    ({"type": "difference"}, frames.Parting(1, None, None)),
    ({"type": "compare", "branch": 2, "other": 0}, frames.Beside(1, 2, 0)),
    ({"type": "copy", "seq": 12}, frames.Copy(1, 12)),
    ({"type": "events", "from": 1, "to": 20}, frames.Events(1, 1, 20, None)),
    ({"type": "events", "from": 1, "to": 9999, "branch": 1}, frames.Events(1, 1, 500, 1)),
    ({"type": "world", "seq": 3}, frames.WorldAt(1, 3, None)),
    (
        {"type": "log", "seq": 3, "host": "n1", "field": "log", "from": 0, "to": 9},
        frames.LogSpan(1, 3, "n1", "log", 0, 9),
    ),
    (
        {"type": "log", "seq": 3, "host": "n1", "field": "log", "from": 0, "to": 9, "branch": 2},
        frames.LogSpan(1, 3, "n1", "log", 0, 9, 2),
    ),
    ({"type": "tape"}, frames.Tape(1)),
    ({"type": "recording"}, frames.GiveRecording(1)),
    ({"type": "lesson", "beat": 2}, frames.LessonStep(1, 2, False, False)),
    ({"type": "lesson", "next": True}, frames.LessonStep(1, None, True, False)),
    ({"type": "lesson", "leave": True}, frames.LessonStep(1, None, False, True)),
    ({"type": "challenge", "ask": "hint"}, frames.ChallengeStep(1, "hint")),
    ({"type": "challenge", "ask": "claim", "rule": "log_check"}, frames.ChallengeStep(1, "claim", "log_check")),
]

COMMAND_EXAMPLES: list[dict[str, Any]] = [
    {"type": "crash", "node": "n1"},
    {"type": "restart", "node": "n1", "disk": "lost"},
    {"type": "pause", "node": "n1"},
    {"type": "resume", "node": "n1"},
    {"type": "set_link", "src": "n1", "dst": "n2", "up": False, "low": 5, "high": 9, "loss_percent": 10},
    {"type": "partition", "groups": [["n1", "n2"], ["n3", "c1"]]},
    {"type": "heal"},
    {"type": "drop", "message": 3},
    {"type": "duplicate", "message": 3},
    {"type": "delay", "message": 3, "by": 1000},
    {"type": "deliver_now", "message": 3},
    {"type": "hold_link", "src": "n1", "dst": "n2"},
    {"type": "release_link", "src": "n1", "dst": "n2"},
    {"type": "set_clock", "node": "n1", "rate_ppm": 1_100_000, "offset": -5},
    {"type": "fire_timer", "node": "n1", "timer": "election"},
    {
        "type": "request",
        "client": "c1",
        "operation": {"name": "cas", "key": "x", "value": "2", "expect": None},
        "to": "n2",
    },
    {"type": "switch_rule", "rule": "one_vote", "on": False},
]


def request(**operation: Any) -> dict[str, Any]:
    return {"id": 1, "type": "command", "command": {"type": "request", "client": "c1", "operation": operation}}


def test_an_operation_has_any_arguments_and_keeps_their_kinds() -> None:
    operation = {"name": "transfer", "from_account": "a", "amount": -3, "urgent": True, "note": None}
    frame = wire.read_frame(request(**operation))
    assert isinstance(frame, frames.Act)
    assert frame.command["operation"] == operation


@pytest.mark.parametrize(
    "operation",
    [
        {"key": "x"},
        {"name": 5},
        {"name": None},
        {"name": "put", "key": ["x"]},
        {"name": "put", "key": {"x": 1}},
        {"name": "put", "value": 1.5},
        {"name": "put", "value": 2**53},
        {"name": "put", "value": "x" * 65},
        {"name": "put", "a key": "x"},
        {"name": "put", "value": "a\u202eb"},
        {"name": "put", **{f"arg{i}": i for i in range(9)}},
    ],
    ids=lambda value: str(value)[:50],
)
def test_an_operation_that_is_none_is_refused(operation: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        wire.read_frame(request(**operation))


def read(frame: dict[str, Any]) -> frames.Frame:
    return wire.read_frame({"id": 1, **frame})


@pytest.mark.parametrize(("sent", "meant"), FRAMES, ids=lambda value: str(value)[:60])
def test_a_frame_is_read_as_what_it_says(sent: dict[str, Any], meant: frames.Frame) -> None:
    assert read(sent) == meant


def test_every_frame_of_the_wire_is_tried_here() -> None:
    assert {sent["type"] for sent, _ in FRAMES} == set(shapes.FRAMES)


@pytest.mark.parametrize("command", COMMAND_EXAMPLES, ids=lambda command: command["type"])
def test_a_command_reaches_the_simulation_as_it_was_given(command: dict[str, Any]) -> None:
    frame = read({"type": "command", "command": command, "at": None})
    assert isinstance(frame, frames.Act)
    assert frame.command == command
    made = command_from(frame.command, lambda operation: operation)
    assert {**command_as_dict(made), "type": command["type"]}.keys() >= command.keys()


def test_every_command_of_the_simulation_is_tried_here() -> None:
    assert {command["type"] for command in COMMAND_EXAMPLES} == set(COMMANDS)


def put(key: str) -> dict[str, Any]:
    return {"type": "request", "client": "c1", "operation": {"name": "put", "key": key, "value": "1"}}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (None, "bad_frame"),
        ([], "bad_frame"),
        ({"id": 1}, "bad_frame"),
        ({"id": 1, "type": 5}, "bad_frame"),
        ({"id": 1, "type": "nonsense"}, "unknown_frame"),
        ({"type": "play"}, "bad_frame"),
        ({"id": -1, "type": "play"}, "bad_frame"),
        ({"id": True, "type": "play"}, "bad_frame"),
        ({"id": 1, "type": "play", "more": 1}, "bad_frame"),
        ({"id": 1, "type": "speed", "ratio": 0.5}, "bad_frame"),
        ({"id": 1, "type": "speed", "ratio": 1001}, "bad_frame"),
        ({"id": 1, "type": "step", "by": 2}, "bad_frame"),
        ({"id": 1, "type": "seek"}, "bad_frame"),
        ({"id": 1, "type": "seek", "seq": 1, "time": 1}, "bad_frame"),
        ({"id": 1, "type": "seek", "seq": -1}, "bad_frame"),
        ({"id": 1, "type": "run_until", "until": {"kind": "time"}}, "bad_frame"),
        ({"id": 1, "type": "run_until", "until": {"kind": "leader", "time": 5}}, "bad_frame"),
        ({"id": 1, "type": "run_until", "until": {"kind": "commit", "type": "X"}}, "bad_frame"),
        ({"id": 1, "type": "name", "name": "\u200b\u202e \t"}, "bad_name"),
        ({"id": 1, "type": "name", "name": "x" * 5000}, "bad_frame"),
        ({"id": 1, "type": "rename_branch", "branch": 1, "name": "\u200b\u202e \t"}, "bad_name"),
        ({"id": 1, "type": "rename_branch", "branch": 1, "name": "x" * 41}, "bad_name"),
        ({"id": 1, "type": "rename_branch", "branch": 1, "name": "\u00ad\u200d\ue000"}, "bad_name"),
        ({"id": 1, "type": "delete_branch", "branch": -1}, "bad_frame"),
        ({"id": 1, "type": "events", "from": 5, "to": 4}, "bad_span"),
        ({"id": 1, "type": "events", "from": 0, "to": 4}, "bad_span"),
        ({"id": 1, "type": "log", "seq": 1, "host": "n1", "field": "log", "from": 5, "to": 4}, "bad_span"),
        ({"id": 1, "type": "join", "room": "../etc"}, "bad_frame"),
        ({"id": 1, "type": "join", "room": "a\n"}, "bad_frame"),
        ({"id": 1, "type": "join", "room": "r", "last": {"epoch": "e"}}, "bad_frame"),
        ({"id": 1, "type": "lesson"}, "bad_frame"),
        ({"id": 1, "type": "challenge"}, "bad_frame"),
        ({"id": 1, "type": "challenge", "ask": "win"}, "bad_frame"),
        ({"id": 1, "type": "lesson", "next": True, "beat": 1}, "bad_frame"),
        ({"id": 1, "type": "command", "command": {"type": "explode"}}, "bad_frame"),
        ({"id": 1, "type": "command", "command": {"type": "crash"}}, "bad_frame"),
        ({"id": 1, "type": "command", "command": {"type": "crash", "node": "n1", "by": 1}}, "bad_frame"),
        ({"id": 1, "type": "command", "command": {"type": "crash", "node": "<b>"}}, "bad_frame"),
        ({"id": 1, "type": "command", "command": {"type": "delay", "message": 1, "by": 10**17}}, "bad_frame"),
        ({"id": 1, "type": "command", "command": {"type": "partition", "groups": [["n1"] * 33]}}, "bad_frame"),
        ({"id": 1, "type": "command", "command": put("\x1b[2J")}, "bad_text"),
        ({"id": 1, "type": "command", "command": put("k" * 65)}, "bad_frame"),
    ],
    ids=lambda value: str(value)[:70],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_a_code(frame: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        wire.read_frame(frame)
    assert refused.value.code == code
    assert "\n" not in str(refused.value)


@given(
    json_values,
    st.sampled_from(sorted(shapes.FRAMES)),
    st.dictionaries(st.sampled_from(["seq", "command", "until", "room", "to"]), json_values),
)
def test_no_json_does_more_than_be_refused(value: Any, kind: str, fields: dict[str, Any]) -> None:
    for sent in (value, {"type": kind, "id": 1, **fields}):
        with contextlib.suppress(Refused):
            wire.read_frame(sent)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Ann\t\n Lee ", "Ann Lee"),
        ("\u202eevil", "evil"),
        ("a\u0000b\u001bc", "abc"),
        ("a\u2028b", "a b"),
        ("<script>", "<script>"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("sce\u00adna\u034frio", "scenario"),
        ("\u115f\u1160Ann\u3164\uffa0\u180e", "Ann"),
        ("\u3164\u2800 \ufe0f", ""),
        ("Ann\U000e0001\U000e0041\u200d", "Ann"),
        ("Ann\u2800Lee", "Ann Lee"),
        ("e\u00ad\u0301", "é"),
        ("x" * 39 + "❤\u200d❤", "x" * 39 + "❤"),
        ("e\u0301", "é"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_name_is_cleaned_of_what_does_not_show(typed: str, shown: str) -> None:
    assert wire.clean_name(typed) == shown


def test_the_number_of_a_frame_is_found_even_in_a_bad_one() -> None:
    assert wire.frame_id({"id": 7, "type": object()}) == 7
    for bad in (None, [], {}, {"id": "7"}, {"id": True}, {"id": -1}, {"id": 2**60}):
        assert wire.frame_id(bad) is None


def integers(shape: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a frame or command that may be integers, in unions and inside other shapes too."""
    for field in msgspec.inspect.type_info(shape).fields:
        for kind in getattr(field.type, "types", (field.type,)):
            if isinstance(kind, msgspec.inspect.IntType):
                yield field.name, kind
            elif isinstance(kind, msgspec.inspect.StructType):
                yield from ((f"{field.name}.{name}", inner) for name, inner in integers(kind.cls))


def test_no_integer_of_a_frame_may_be_larger_than_a_browser_holds() -> None:
    found = [(type_, name, kind) for type_, shape in shapes.FRAMES.items() for name, kind in integers(shape)]
    assert len(found) > 20
    for type_, name, kind in found:
        assert kind.le is not None, (type_, name)
        assert kind.le < 2**53, (type_, name)
        assert kind.ge is not None, (type_, name)
        assert kind.ge > -(2**53), (type_, name)


# ---- the form of the gallery ---------------------------------------------------------------------------------------

SPECS = {"raft": {**PROTOCOL["params"], "order": ORDER}}


def order(**form: str) -> wire.RoomOrder:
    return wire.read_order(form, SPECS)  # type: ignore[arg-type]


def test_an_order_for_a_protocol_carries_its_settings() -> None:
    form = {"protocol": "raft", "nodes": "5", "clients": "2", "seed": "7", "param.heartbeat": "60", "param.noop": "off"}
    assert order(**form) == wire.RoomOrder("raft", None, None, 5, 2, 7, {"heartbeat": 60, "noop": False})


def test_a_choice_is_one_of_its_words() -> None:
    assert order(protocol="raft", **{"param.order": "down"}).params == {"order": "down"}
    with pytest.raises(Refused) as refused:
        order(protocol="raft", **{"param.order": "downwards"})
    assert (refused.value.code, refused.value.parameters["words"]) == ("bad_choice", "up, down")


def test_a_scenario_says_of_which_protocol_it_is() -> None:
    assert order(scenario="split_vote", of="raft", seed="1").of == "raft"
    assert order(scenario="split_vote", seed="1").of is None
    with pytest.raises(Refused):
        order(scenario="split_vote", of="../raft")


def test_what_is_left_empty_is_as_if_it_were_not_there() -> None:
    read = order(protocol="raft", scenario="", nodes="", seed="", **{"param.heartbeat": " "})
    assert (read.nodes, read.params) == (None, {})
    assert 0 <= read.seed < 1_000_000


def test_a_scenario_and_a_lesson_need_only_their_names() -> None:
    assert order(scenario="split_vote", seed="1").scenario == "split_vote"
    assert order(lesson="terms", seed="1").lesson == "terms"


def test_a_challenge_is_tried_or_has_its_solution_shown() -> None:
    tried = order(challenge="two_leaders", of="raft", seed="1")
    assert (tried.challenge, tried.of, tried.solved) == ("two_leaders", "raft", False)
    assert order(challenge="two_leaders", solved="on").solved
    assert not order(protocol="raft", solved="on").solved


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "bad_order"),
        ({"protocol": "raft", "lesson": "terms"}, "bad_order"),
        ({"challenge": "two_leaders", "lesson": "terms"}, "bad_order"),
        ({"protocol": "../raft"}, "bad_order"),
        ({"protocol": "raft", "nodes": "10"}, "bad_number"),
        ({"protocol": "raft", "nodes": "0"}, "bad_number"),
        ({"protocol": "raft", "nodes": "5.0"}, "bad_number"),
        ({"protocol": "raft", "nodes": "٣"}, "bad_number"),
        ({"protocol": "raft", "seed": "-1"}, "bad_number"),
        ({"protocol": "raft", "seed": "9" * 5000}, "bad_number"),
        ({"protocol": "raft", "param.heartbeat": "0"}, "bad_number"),
        ({"protocol": "raft", "param.heartbeat": "fast"}, "bad_number"),
        ({"protocol": "raft", "param.noop": "yes"}, "bad_switch"),
        ({"protocol": "raft", "param.nonsense": "1"}, "unknown_param"),
        ({"protocol": "raft", **{f"param.x{i}": "" for i in range(100)}}, "bad_order"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_order_that_makes_no_sense_is_refused(form: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        order(**form)
    assert refused.value.code == code


@given(st.text(max_size=60))
def test_every_name_of_a_branch_that_is_taken_can_be_kept(text: str) -> None:
    """A room whose names could not be read again would not come back."""
    try:
        frame = wire.read_frame({"id": 1, "type": "rename_branch", "branch": 0, "name": text})
    except Refused:
        return
    assert isinstance(frame, frames.RenameBranch)
    tree = replace(tree_of_recording(Recording("raft")), limbs=(Limb(0, frame.name, None, 0, 0, (), 0, 0, 0, 0),))
    assert tree_from(json.loads(encode(tree.as_dict())), lambda name: protocol(name).program) == tree
