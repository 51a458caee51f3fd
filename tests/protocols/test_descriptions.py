"""What a protocol says of itself fits together, so that the browser can draw and explain it without knowing it."""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import Any

import pytest

from server.exploration.mischief import KINDS
from server.properties import Witness
from server.protocols import PROTOCOLS, protocol, session
from server.protocols.descriptor import Protocol
from server.protocols.indication import CLIENT_TEXTS, Indication
from server.protocols.raft.messages import AppendEntries
from server.protocols.raft.node import Raft
from server.protocols.raft.state import Role
from server.protocols.raft.view import VIEW
from server.protocols.view import Matrix, MessageView, NodeView, Strip, View
from server.simulation import Link, Recording, Refused
from server.simulation.values import field_names
from tests.support.echo import PROGRAM as ECHO

RAFT = protocol("raft")
PLACE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("shown", PROTOCOLS.values(), ids=lambda p: p.name)
def test_every_sentence_is_filled_in_by_what_it_speaks_of(shown: Protocol) -> None:
    for indication in shown.indications:
        allowed = {"host", *field_names(indication)}
        assert set(PLACE.findall(indication.text)) <= allowed, indication.__name__
        assert indication.text.endswith(".")
        assert indication.weight in ("key", "normal", "routine")
        assert indication.tone in ("good", "bad", "neutral")
        assert indication.mark in (None, "election", "candidacy", "commit", "stepdown", "conflict")
    for message in (*shown.program.node.messages, *shown.program.client.messages):
        text = getattr(message, "text", "")
        assert set(PLACE.findall(text)) <= {"src", "dst", *field_names(message)}, message.__name__
    for told, texts in CLIENT_TEXTS.items():
        assert set(PLACE.findall(texts["text"])) <= {"host", *field_names(told)}


@pytest.mark.parametrize("shown", PROTOCOLS.values(), ids=lambda p: p.name)
def test_every_indication_is_listed_once_and_cites_its_source(shown: Protocol) -> None:
    told = import_module(f"server.protocols.{shown.name}.indications")
    defined = [
        cls for cls in vars(told).values()
        if isinstance(cls, type) and issubclass(cls, Indication) and f"{cls.__module__}.".startswith(f"{told.__name__}.")
    ]  # fmt: skip
    assert set(defined) <= set(shown.indications)
    assert len(set(shown.indications)) == len(shown.indications)
    for cls in defined:
        assert cls.cites, cls.__name__


def test_every_indication_of_raft_cites_a_section_of_the_paper_or_the_dissertation() -> None:
    for cls in set(RAFT.indications) - set(session.INDICATIONS):
        assert re.fullmatch(r"((Raft|Ongaro 2014) §[\d.]+(; |, |$))+", cls.cites), cls.__name__


@pytest.mark.parametrize("shown", PROTOCOLS.values(), ids=lambda p: p.name)
def test_what_is_not_promised_is_said_for_a_person_and_for_a_search(shown: Protocol) -> None:
    for cls in shown.properties:
        assert bool(cls.assumes) == bool(cls.spares), cls.name
        assert cls.spares <= {*KINDS, "loss"}, cls.name
    assert set(shown.disclaimed({})) <= {Witness.name, *(cls.name for cls in shown.properties)}


@pytest.mark.parametrize("shown", PROTOCOLS.values(), ids=lambda p: p.name)
def test_a_description_is_plain_data_and_names_all_there_is(shown: Protocol) -> None:
    told = json.loads(json.dumps(shown.describe(), allow_nan=False))
    program = shown.program
    assert set(told["fields"]) == {*program.node.fields, *program.client.fields}
    assert set(told["params"]) == set(program.params)
    assert set(told["rules"]) == set(program.rules)
    assert set(told["timers"]) == {*program.node.timer_handlers, *program.client.timer_handlers}
    kinds = (*program.node.messages, *program.node.foreign, *program.client.messages, *program.client.foreign)
    assert set(told["messages"]) == {cls.__name__ for cls in kinds}
    names = {prop.name for prop in shown.properties}
    assert set(told["properties"]) == (names if shown.service is None else names | {Witness.name})
    assert bool(told["no_service"]) == (shown.service is None)
    for name, param in told["params"].items():
        if param["unit"] == "choice":
            assert param["default"] in param["choices"], name
            continue
        assert param["unit"] in ("µs", "count", "percent", "switch", "choice")
        if param["unit"] == "choice":
            assert param["default"] in param["choices"], name
        else:
            assert param["low"] <= param["default"] <= param["high"], name
    for rule in told["rules"].values():
        assert rule["cites"]


def test_every_role_of_a_raft_node_is_drawn() -> None:
    assert set(VIEW.node.roles) == {role.value for role in Role}
    assert len({role.letter for role in VIEW.node.roles.values()}) == len(Role)


MESSAGES = VIEW.messages


@pytest.mark.parametrize(
    "view",
    [
        View(node=NodeView(fill="colour"), messages=MESSAGES),
        View(node=NodeView(chips=("current_term", "mood")), messages=MESSAGES),
        View(node=NodeView(ring="tea"), messages=MESSAGES),
        View(node=NodeView(quorum="votes", quorum_role="king", roles=VIEW.node.roles), messages=MESSAGES),
        View(panels=(Strip("diary", fill="term", label="command"),), messages=MESSAGES),
        View(panels=(Strip("log", fill="term", label="command", commit="nobody"),), messages=MESSAGES),
        View(panels=(Matrix("nothing"),), messages=MESSAGES),
        View(messages={AppendEntries: MESSAGES[AppendEntries]}),
        View(messages={**MESSAGES, AppendEntries: MessageView("x", "append", "circle", beads="pearls")}),
        View(messages={**MESSAGES, AppendEntries: MessageView("x", "loud", "circle")}),
        View(messages={**MESSAGES, AppendEntries: MessageView("x", "append", "star")}),
    ],
)
def test_a_view_that_names_what_there_is_not_fails_when_it_is_made(view: View) -> None:
    with pytest.raises(ValueError, match="the view"):
        view.check(Raft)


def bare(**changes: Any) -> Protocol:
    """A protocol without a view."""
    parts: dict[str, Any] = {
        "program": ECHO, "title": "Echo", "summary": "Nodes that call.", "cites": "", "properties": (),
        "indications": (), "timers": {"beat": ("beat", "It calls."), "late": ("late", "It waits.")}, "operations": {},
    }  # fmt: skip
    return Protocol(**{**parts, **changes})


def test_a_protocol_without_a_view_is_described_all_the_same() -> None:
    told = bare().describe()
    assert told["messages"]["Call"] == {
        "label": "Call", "text": "", "tone": "control", "shape": "circle", "reply": None, "beads": None, "fill": None,
        "hollow": None, "after": None,
    }  # fmt: skip
    assert told["view"]["panels"] == [{"kind": "fields"}]


def test_a_timer_without_a_label_fails_when_the_protocol_is_made() -> None:
    with pytest.raises(ValueError, match="late"):
        bare(timers={"beat": ("beat", "It calls.")})


def test_what_does_not_exist_is_refused_by_name() -> None:
    for code, ask in (
        ("unknown_protocol", lambda: protocol("telepathy")),
        ("unknown_scenario", lambda: RAFT.scenario("nothing")),
        ("unknown_lesson", lambda: RAFT.lesson("nothing")),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == code


# The dials


@pytest.mark.parametrize(
    ("setup", "warned"),
    [
        (Recording("raft"), 0),
        (Recording("raft", link=Link(low=1_000, high=80_000)), 1),
        (Recording("raft", params={"heartbeat_interval": 140_000}), 1),
        (Recording("raft", params={"election_low": 300_000, "election_high": 300_000}), 1),
        (Recording("raft", params={"election_low": 290_000, "election_high": 300_000}), 1),
        (Recording("raft", nodes=1, params={"election_low": 290_000, "election_high": 300_000}), 0),
        (Recording("raft", params={"reads": "lease"}), 0),
        (Recording("raft", params={"reads": "lease", "clock_drift": 100}), 1),
    ],
)
def test_dials_that_make_elections_unstable_are_warned_of(setup: Recording, warned: int) -> None:
    warnings = RAFT.warnings(setup)
    assert len(warnings) >= warned
    assert bool(warnings) is bool(warned)
    for text, args in warnings:
        assert "{" not in text.format(**args)


def test_places_name_the_leader_and_the_followers() -> None:
    run = RAFT.run(Recording("raft"))
    assert set(RAFT.places(run.cluster)) == {f"follower {i}" for i in range(1, 6)}
    run.advance(1_000_000)
    places = RAFT.places(run.cluster)
    assert set(places) == {"leader", *(f"follower {i}" for i in range(1, 5))}
    assert sorted(places.values()) == list(run.cluster.nodes)
