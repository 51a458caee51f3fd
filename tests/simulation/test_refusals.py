"""What can't be done is answered with a code and a sentence, changes nothing, and is not recorded."""

from collections.abc import Callable
from typing import Any

import pytest

from server.simulation import Recording, Refused, Run, command_as_dict, command_from, refusal
from server.simulation.commands import (
    COMMANDS,
    REQUESTS_WAITING_MAX,
    Crash,
    HoldLink,
    Partition,
    Pause,
    Request,
)
from server.simulation.network import DELAY_MAX
from tests.support.echo import PROGRAM, Operation, call, echo, parse_operation
from tests.support.worlds import fingerprint

Setting = Callable[[Run], None]


def nothing(run: Run) -> None:
    """The run as it is: n1's calls fly, the first being message 1, to n2."""


def crashed(run: Run) -> None:
    run.act(Crash("n1"))


def paused(run: Run) -> None:
    run.act(Pause("n2"))


def waiting(run: Run) -> None:
    run.act(Pause("n2"))
    run.advance(1_000_000)


def parted(run: Run) -> None:
    run.act(Partition((("n1",), ("n2", "n3"))))


def held(run: Run) -> None:
    run.act(HoldLink("n1", "n2"))


def arrived(run: Run) -> None:
    run.advance(1_000_000)


def busy(run: Run) -> None:
    run.act(Crash("n1"))
    for _ in range(REQUESTS_WAITING_MAX):
        run.act(Request("c1", Operation("call"), "n1"))


CALL = {"name": "call"}
REFUSED: list[tuple[str, dict[str, Any], Setting]] = [
    ("unknown_node", {"type": "crash", "node": "n9"}, nothing),
    ("unknown_node", {"type": "crash", "node": "c1"}, nothing),
    ("already_down", {"type": "crash", "node": "n1"}, crashed),
    ("unknown_node", {"type": "restart", "node": "n9"}, nothing),
    ("already_up", {"type": "restart", "node": "n1"}, nothing),
    ("bad_disk", {"type": "restart", "node": "n1", "disk": "half"}, crashed),
    ("unknown_node", {"type": "pause", "node": "x"}, nothing),
    ("node_down", {"type": "pause", "node": "n1"}, crashed),
    ("already_paused", {"type": "pause", "node": "n2"}, paused),
    ("unknown_node", {"type": "resume", "node": "x"}, nothing),
    ("not_paused", {"type": "resume", "node": "n1"}, nothing),
    ("not_paused", {"type": "resume", "node": "n1"}, crashed),
    ("unknown_host", {"type": "set_link", "src": "n1", "dst": "n9", "up": False}, nothing),
    ("unknown_host", {"type": "set_link", "src": "n9", "dst": "n1", "up": False}, nothing),
    ("unknown_link", {"type": "set_link", "src": "n1", "dst": "n1", "up": False}, nothing),
    ("nothing_to_set", {"type": "set_link", "src": "n1", "dst": "n2"}, nothing),
    ("no_change", {"type": "set_link", "src": "n1", "dst": "n2", "up": True}, nothing),
    ("bad_delay", {"type": "set_link", "src": "n1", "dst": "n2", "low": -1}, nothing),
    ("bad_delay", {"type": "set_link", "src": "n1", "dst": "n2", "low": 9, "high": 8}, nothing),
    ("bad_delay", {"type": "set_link", "src": "n1", "dst": "n2", "high": DELAY_MAX + 1}, nothing),
    ("bad_percent", {"type": "set_link", "src": "n1", "dst": "n2", "loss_percent": 101}, nothing),
    ("bad_percent", {"type": "set_link", "src": "n1", "dst": "n2", "duplicate_percent": -1}, nothing),
    ("unknown_host", {"type": "partition", "groups": [["n1"], ["n9"]]}, nothing),
    ("bad_groups", {"type": "partition", "groups": []}, nothing),
    ("bad_groups", {"type": "partition", "groups": [["n1", "n2", "n3"]]}, nothing),
    ("bad_groups", {"type": "partition", "groups": [["n1"], []]}, nothing),
    ("bad_groups", {"type": "partition", "groups": [["n1"], ["n1", "n2"]]}, nothing),
    ("no_change", {"type": "partition", "groups": [["n1"], ["n2", "n3"]]}, parted),
    ("nothing_to_heal", {"type": "heal"}, nothing),
    ("not_in_flight", {"type": "drop", "message": 99}, nothing),
    ("not_in_flight", {"type": "drop", "message": 1}, arrived),
    ("not_in_flight", {"type": "duplicate", "message": 1}, arrived),
    ("not_in_flight", {"type": "delay", "message": 1, "by": 5}, arrived),
    ("bad_delay", {"type": "delay", "message": 1, "by": 0}, nothing),
    ("bad_delay", {"type": "delay", "message": 1, "by": -5}, nothing),
    ("bad_delay", {"type": "delay", "message": 1, "by": DELAY_MAX + 1}, nothing),
    ("arrived", {"type": "delay", "message": 1, "by": 5}, waiting),
    ("not_in_flight", {"type": "deliver_now", "message": 1}, arrived),
    ("node_paused", {"type": "deliver_now", "message": 1}, waiting),
    ("unknown_link", {"type": "hold_link", "src": "n2", "dst": "n2"}, nothing),
    ("already_held", {"type": "hold_link", "src": "n1", "dst": "n2"}, held),
    ("not_held", {"type": "release_link", "src": "n2", "dst": "n1"}, held),
    ("unknown_node", {"type": "set_clock", "node": "c1", "rate_ppm": 500_000}, nothing),
    ("no_change", {"type": "set_clock", "node": "n1"}, nothing),
    ("no_change", {"type": "set_clock", "node": "n1", "rate_ppm": 1_000_000}, nothing),
    ("bad_clock", {"type": "set_clock", "node": "n1", "rate_ppm": 0}, nothing),
    ("bad_clock", {"type": "set_clock", "node": "n1", "rate_ppm": 10_000_001}, nothing),
    ("bad_clock", {"type": "set_clock", "node": "n1", "offset": -3_600_000_001}, nothing),
    ("unknown_host", {"type": "fire_timer", "node": "n9", "timer": "beat"}, nothing),
    ("no_timer", {"type": "fire_timer", "node": "n1", "timer": "tea"}, nothing),
    ("no_timer", {"type": "fire_timer", "node": "n1", "timer": "beat"}, crashed),
    ("node_paused", {"type": "fire_timer", "node": "n2", "timer": "beat"}, paused),
    ("unknown_host", {"type": "request", "client": "c9", "operation": CALL}, nothing),
    ("unknown_client", {"type": "request", "client": "n1", "operation": CALL}, nothing),
    ("unknown_node", {"type": "request", "client": "c1", "operation": CALL, "to": "n9"}, nothing),
    ("client_busy", {"type": "request", "client": "c1", "operation": CALL}, busy),
    ("unknown_rule", {"type": "switch_rule", "rule": "manners", "on": False}, nothing),
    ("no_change", {"type": "switch_rule", "rule": "answering", "on": True}, nothing),
]  # fmt: skip


@pytest.mark.parametrize(("code", "data", "setting"), REFUSED, ids=[f"{d['type']}-{c}" for c, d, _ in REFUSED])
def test_what_cannot_be_done_changes_nothing_and_is_not_recorded(
    code: str, data: dict[str, Any], setting: Setting
) -> None:
    run = echo()
    call(run, "n1")
    setting(run)
    command = command_from(data, parse_operation)
    before = fingerprint(run)
    reason = refusal(command, run.cluster)
    assert reason is not None
    assert fingerprint(run) == before
    with pytest.raises(Refused) as refused:
        run.act(command, "somebody")
    assert refused.value.code == reason.code == code
    assert fingerprint(run) == before
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "{" not in sentence


def test_every_command_has_a_refusal_among_these() -> None:
    assert {data["type"] for _, data, _ in REFUSED} == set(COMMANDS)


def test_a_refused_command_leaves_the_future_as_it_was() -> None:
    one, other = echo(), echo()
    for run in (one, other):
        call(run, "n1")
    with pytest.raises(Refused):
        other.act(Crash("n9"))
    for run in (one, other):
        run.advance(1_000_000)
    assert one.history.digest() == other.history.digest()


MALFORMED: list[tuple[str, Any]] = [
    ("unknown_command", {}),
    ("unknown_command", {"type": "explode"}),
    ("unknown_command", {"type": 5}),
    ("bad_command", {"type": "crash"}),
    ("bad_command", {"type": "crash", "node": 1}),
    ("bad_command", {"type": "crash", "node": None}),
    ("bad_command", {"type": "crash", "node": "n1", "hard": True}),
    ("bad_command", {"type": "restart", "node": "n1", "disk": None}),
    ("bad_command", {"type": "set_link", "src": "n1", "dst": "n2", "up": 1}),
    ("bad_command", {"type": "set_link", "src": "n1", "dst": "n2", "low": True}),
    ("bad_command", {"type": "set_link", "src": "n1", "dst": "n2", "low": 1.5}),
    ("bad_command", {"type": "set_link", "src": "n1", "dst": "n2", "low": "1"}),
    ("bad_command", {"type": "partition"}),
    ("bad_command", {"type": "partition", "groups": "n1"}),
    ("bad_command", {"type": "partition", "groups": [1, 2]}),
    ("bad_command", {"type": "partition", "groups": [["n1"], [2]]}),
    ("bad_command", {"type": "drop", "message": "1"}),
    ("bad_command", {"type": "drop", "message": True}),
    ("bad_command", {"type": "delay", "message": 1}),
    ("bad_command", {"type": "delay", "message": 1, "by": 2.0}),
    ("bad_command", {"type": "request", "client": "c1"}),
    ("bad_command", {"type": "request", "client": "c1", "operation": 7}),
    ("bad_command", {"type": "request", "client": "c1", "operation": []}),
    ("unknown_operation", {"type": "request", "client": "c1", "operation": {"name": "shout"}}),
    ("bad_command", {"type": "switch_rule", "rule": "answering", "on": 1}),
    ("bad_command", {"type": "switch_rule", "rule": "answering"}),
]


@pytest.mark.parametrize(("code", "data"), MALFORMED, ids=[str(d) for _, d in MALFORMED])
def test_data_that_is_no_command_is_refused(code: str, data: Any) -> None:
    with pytest.raises(Refused) as refused:
        command_from(data, parse_operation)
    assert refused.value.code == code
    assert "{" not in str(refused.value)


EXAMPLES: list[dict[str, Any]] = [
    {"type": "crash", "node": "n1"},
    {"type": "restart", "node": "n1", "disk": "lost"},
    {"type": "pause", "node": "n1"},
    {"type": "resume", "node": "n1"},
    {"type": "set_link", "src": "n1", "dst": "n2", "up": False, "low": 0, "high": 7, "fifo": True},
    {"type": "partition", "groups": [["n1", "c1"], ["n2"]]},
    {"type": "heal"},
    {"type": "drop", "message": 3},
    {"type": "duplicate", "message": 3},
    {"type": "delay", "message": 3, "by": 1},
    {"type": "deliver_now", "message": 3},
    {"type": "hold_link", "src": "n1", "dst": "n2"},
    {"type": "release_link", "src": "n1", "dst": "n2"},
    {"type": "set_clock", "node": "n1", "rate_ppm": 999_999, "offset": -4},
    {"type": "fire_timer", "node": "n1", "timer": "beat"},
    {"type": "request", "client": "c1", "operation": {"name": "call"}, "to": "n2"},
    {"type": "switch_rule", "rule": "keeping", "on": False},
]


@pytest.mark.parametrize("data", EXAMPLES, ids=[d["type"] for d in EXAMPLES])
def test_a_command_goes_to_plain_data_and_back(data: dict[str, Any]) -> None:
    command = command_from(data, parse_operation)
    written = command_as_dict(command)
    again = command_from(
        {**written, **({"operation": {"name": "call"}} if "operation" in data else {})}, parse_operation
    )
    assert again == command
    assert set(written) == set(data)


def test_the_examples_are_all_the_commands_there_are() -> None:
    assert [d["type"] for d in EXAMPLES] == list(COMMANDS)


@pytest.mark.parametrize(
    ("setup", "code"),
    [
        (Recording("echo", nodes=10), "bad_size"),
        (Recording("echo", nodes=0), "bad_size"),
        (Recording("echo", clients=5), "bad_size"),
        (Recording("echo", clients=-1), "bad_size"),
        (Recording("echo", seed=-1), "bad_seed"),
        (Recording("echo", params={"tea": 1}), "unknown_param"),
        (Recording("echo", params={"period": 1}), "bad_param"),
        (Recording("echo", params={"period": True}), "bad_param"),
        (Recording("echo", rules={"manners": False}), "unknown_rule"),
    ],
)
def test_a_set_up_that_makes_no_sense_is_refused(setup: Recording, code: str) -> None:
    with pytest.raises(Refused) as refused:
        Run(setup, PROGRAM)
    assert refused.value.code == code


def test_a_tenth_node_is_refused_and_a_ninth_is_not() -> None:
    with pytest.raises(Refused, match="1 to 9 nodes"):
        Run(Recording("echo", nodes=10), PROGRAM)
    assert len(Run(Recording("echo", nodes=9), PROGRAM).cluster.nodes) == 9
