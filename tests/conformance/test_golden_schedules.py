"""Raft against etcd's own library: random schedules, the state of every node compared after every step.

Each operation runs to quiet, then every leader sends three rounds of heartbeats, as the recording did. The schedules are
all files `etcd-raft/golden-schedules*` of the oracles.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.adapter import Network, Role, settings
from tests.conformance.differences import allowed
from tests.conformance.oracles import json_lines, need, part

SCHEDULES = "etcd-raft/golden-schedules*.jsonl*"
HEARTBEAT_ROUNDS = 3
BLOCKS = 8
SCHEDULES_MAX = 400
"""How many are played where not all are asked for."""
TELLING = 100
"""So many of them show every mistake that they can show."""


@pytest.fixture(scope="module")
def schedules() -> list[dict[str, Any]]:
    """All schedules of all files, or enough of them."""
    found = part([schedule for path in need(SCHEDULES) for schedule in json_lines(path)], SCHEDULES_MAX)
    assert found, "The files of schedules are empty."
    return found


def carry_out(network: Network, op: dict[str, Any]) -> None:
    """One operation, to quiet, then three rounds of heartbeats of every leader."""
    match op["op"]:
        case "campaign":
            network.campaign(op["i"])
        case "propose":
            network.propose(op["i"], op["v"])
        case "groups":
            network.partition(op["g"])
        case "restart":
            network.restart(op["i"])
        case other:
            raise AssertionError(f"Nobody has said here what the operation {other!r} means.")
    for _ in range(HEARTBEAT_ROUNDS):
        for name in network.leaders():
            network.beat(int(name[1:]))


def observed(network: Network) -> dict[str, dict[str, Any]]:
    """The state of every node in the form of the recording; a vote is a number, 0 where there is none."""
    return {
        name[1:]: {
            "leader": node.role is Role.LEADER,
            "term": node.current_term,
            "vote": int(node.voted_for[1:]) if node.voted_for else 0,
            "commit": node.commit_index,
            "log": [[entry.term, entry.command.value if entry.command else ""] for entry in node.log],
        }
        for name, node in network.nodes.items()
    }


def disagreements(schedule: dict[str, Any], *, off: tuple[str, ...] = ()) -> Iterator[str]:
    """Every field of every node, after every step, that is not as etcd's; with the rules in `off` switched off."""
    network = Network(schedule["n"], given=settings(off=off))
    for number, step in enumerate(schedule["steps"], 1):
        carry_out(network, step["op"])
        found = observed(network)
        for node, expected in step["expect"].items():
            for field, value in expected.items():
                if field == "commit" and value is None and allowed("commit index after a restart"):
                    continue  # no leader has reached it yet
                assert field in found[node], f"Nobody has said here what the field {field!r} of a node is with us."
                if found[node][field] != value:
                    yield (
                        f"seed {schedule.get('seed')}, step {number} {step['op']}: {field} of node {node} is "
                        f"{found[node][field]}, with etcd {value}"
                    )


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_node_agrees_with_etcd_after_every_step(schedules: list[dict[str, Any]], block: int) -> None:
    wrong = [line for schedule in schedules[block::BLOCKS] for line in disagreements(schedule)]
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:10])


@pytest.mark.parametrize("rule", ["log_check", "majority", "durable_vote"])
def test_the_schedules_notice_a_rule_that_is_off(schedules: list[dict[str, Any]], rule: str) -> None:
    """A comparison that nothing fails would prove nothing."""
    if len(schedules) < TELLING:
        pytest.skip(f"{len(schedules)} schedules are too few to show every mistake.")
    assert any(next(disagreements(schedule, off=(rule,)), None) for schedule in schedules)
