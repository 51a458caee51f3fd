"""What forms and legends are drawn from: operations and their arguments, groups of tunables, what a set-up rules out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.lessons import told
from server.protocols import PROTOCOLS, protocol
from server.protocols.descriptor import Protocol
from server.protocols.forms import GROUPED_FROM, Argument, Group
from server.protocols.raft.node import Raft
from server.protocols.raft.view import VIEW
from server.simulation import Link, Recording, Returned
from server.simulation.commands import Request

RAFT = protocol("raft")


@pytest.mark.parametrize("shown", PROTOCOLS.values(), ids=lambda p: p.name)
def test_forms_name_every_operation_argument_and_group_for_people(shown: Protocol) -> None:
    words = shown.describe()
    for operation in words["operations"]:
        assert operation["title"], operation["name"]
        assert operation["text"].endswith("."), operation["name"]
        assert set(operation["args"]) <= {"key", "value", "expect", *words["arguments"]}, operation["name"]
    named = [name for group in words["groups"] for name in group["params"]]
    assert sorted(named) == sorted(shown.program.params), "each tunable stands in one group"
    if len(named) >= GROUPED_FROM:
        assert len(words["groups"]) > 1
    assert all(group["title"] for group in words["groups"][1:])


def test_raft_says_of_each_request_what_its_tunables_forbid() -> None:
    asked = {"transfer_leadership", "add_server", "add_learner", "remove_server", "change_members"}
    assert set(RAFT.refused({})) == asked
    assert all(reason.endswith(".") for reason in RAFT.refused({}).values())
    assert set(RAFT.refused({"transfer": "asked"})) == asked - {"transfer_leadership"}
    assert set(RAFT.refused({"membership": "joint"})) == {"transfer_leadership"}


@pytest.mark.parametrize("params", [{}, {"transfer": "asked"}, {"membership": "single"}])
def test_what_is_greyed_is_what_a_leader_refuses(params: dict[str, Any]) -> None:
    """Each request about the cluster is given to a leader; it says no to those that are greyed, and to no others."""
    given = {
        "transfer_leadership": {"node": "n2"}, "add_server": {"server": "n4"}, "add_learner": {"server": "n4"},
        "remove_server": {"server": "n3"}, "change_members": {"members": "n1 n2 n3 n4"},
    }  # fmt: skip
    start = {"think_time": 0, **params}
    if params.get("membership"):
        start["initial_members"] = 3
    for name, arguments in given.items():
        run = RAFT.run(Recording("raft", nodes=4, clients=1, params=start, seed=3))
        run.advance(1_000_000)
        operation = RAFT.program.parse_operation({"name": name, **arguments})
        run.act(Request("c1", operation, None))
        run.advance(3_000_000)
        answers = [news.result for _, news in told(run, Returned)]
        assert answers == [name not in RAFT.refused(params)], name


def test_a_legend_names_the_kinds_of_messages_that_can_occur() -> None:
    plain = Recording("raft", nodes=3, clients=1)
    extensions = {
        "RequestPreVote", "RequestPreVoteReply", "TimeoutNow", "RequestVoteInTransfer", "LeaderCheck", "LeaderCheckReply",
        "InstallSnapshot", "InstallSnapshotReply",
    }  # fmt: skip
    assert set(RAFT.absent(plain)) == extensions
    assert set(RAFT.absent(replace(plain, clients=0))) == extensions | {"ClientRequest", "ClientReply"}
    everything = {"pre_vote": True, "transfer": "asked", "reads": "lease", "snapshot_every": 4}
    assert RAFT.absent(replace(plain, params=everything)) == []


@pytest.mark.parametrize("shown", PROTOCOLS.values(), ids=lambda p: p.name)
def test_no_kind_of_message_flies_that_a_legend_keeps_silent_about(shown: Protocol) -> None:
    recording = Recording(shown.name, nodes=5, clients=2, seed=4, link=Link(loss_percent=10))
    run = shown.run(recording)
    run.advance(3_000_000)
    sent = {flight["type"] for event in run.history.told(1, run.head) for flight in event.get("sent", ())}
    assert sent
    assert not sent & set(shown.absent(recording))


def test_what_is_said_of_a_tunable_that_there_is_not_fails_at_once() -> None:
    offer = replace(RAFT.operations["add_server"], never={"members": ("fixed",)})
    with pytest.raises(ValueError, match="speaks of members"):
        replace(RAFT, operations={"add_server": offer})
    with pytest.raises(ValueError, match="which can't be"):
        replace(RAFT, operations={"add_server": replace(offer, never={"membership": ("often",)})})
    with pytest.raises(ValueError, match="a kind that there is not"):
        replace(RAFT, arguments={"server": Argument("Server", "person")})
    with pytest.raises(ValueError, match="stands in another group"):
        replace(RAFT, groups=(*RAFT.groups, Group("More", ("reads",))))
    with pytest.raises(ValueError, match="part of the roster"):
        replace(VIEW, roster=replace(VIEW.roster, usual="somebody")).check(Raft)  # type: ignore[type-var]
