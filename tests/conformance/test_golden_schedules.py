"""Raft against etcd's own library: 200 random schedules, the state of every node compared after every step.

Each operation runs to quiet, then every leader sends three rounds of heartbeats, as the recording did. The schedules lie
in the folder of oracles: that which ORACLES names, or `../shared/oracles` beside the project.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.adapter import Network, Role, settings

ROOT = Path(__file__).resolve().parents[2]
ORACLES = Path(os.environ.get("ORACLES") or ROOT.parent / "shared" / "oracles")
SCHEDULES = ORACLES / "etcd-raft" / "golden-schedules.jsonl.gz"
HEARTBEAT_ROUNDS = 3
BLOCKS = 8

DIFFERENCES: dict[str, str] = {}
"""Where this Raft differs from etcd's on purpose, by the name of the field, with the reason. None has been needed."""


@pytest.fixture(scope="module")
def schedules() -> list[dict[str, Any]]:
    """All schedules; fails in CI where there are none, since a missing oracle would pass for an agreeing one."""
    if not SCHEDULES.exists():
        missing = f"no golden schedules in {ORACLES} (ORACLES names another folder)"
        if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
            pytest.fail(missing)
        pytest.skip(missing)
    with gzip.open(SCHEDULES, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


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
            raise AssertionError(f"an operation that is not known: {other}")
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
                if field == "commit" and value is None:  # restarted, and no leader has reached it yet
                    continue
                if found[node][field] != value and field not in DIFFERENCES:
                    yield (
                        f"seed {schedule['seed']}, step {number} {step['op']}: {field} of node {node} is "
                        f"{found[node][field]}, with etcd {value}"
                    )


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_node_agrees_with_etcd_after_every_step(schedules: list[dict[str, Any]], block: int) -> None:
    mine = schedules[block::BLOCKS]
    assert mine
    wrong = [line for schedule in mine for line in disagreements(schedule)]
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:10])


@pytest.mark.parametrize("rule", ["log_check", "majority", "durable_vote"])
def test_the_schedules_notice_a_rule_that_is_off(schedules: list[dict[str, Any]], rule: str) -> None:
    """A comparison that nothing fails would prove nothing."""
    assert any(next(disagreements(schedule, off=(rule,)), None) for schedule in schedules)
