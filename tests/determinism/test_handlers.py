"""Handlers: the same input on copies gives the same state and effects, and no value is changed in place.

Every handler of every node is watched during eventful runs. Before it is called the node is copied and the message and
state are frozen as text; after it, the copy is given the same input, and old values are compared with their text.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import pytest

from server.protocols import PROTOCOLS, program
from server.protocols.keyvalue import Command, Operation
from server.protocols.raft.messages import AppendEntries, Entry
from server.protocols.session import ClientRequest
from server.simulation import Log, Node, Run
from tests.support.runs import eventful

SEEDS = range(6)


def frozen(value: Any) -> str:
    """The whole of a value as text, so that no change in it goes unnoticed."""
    return repr(value)


def effects(node: Node) -> str:
    return repr((list(node.sends), list(node.timings), list(node.indicated)))


class Watched:
    """Wraps the handlers of a node's class; counts calls by handler."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *classes: type[Node]) -> None:
        self.calls: dict[str, int] = {}
        for cls in classes:
            for message, handler in cls.handlers.items():
                monkeypatch.setitem(cls.handlers, message, self.watch(handler))
            for timer, timer_handler in cls.timer_handlers.items():
                monkeypatch.setitem(cls.timer_handlers, timer, self.watch(timer_handler))

    def watch(self, handler: Callable[..., None]) -> Callable[..., None]:
        def watched(node: Node, *given: Any) -> None:
            self.calls[handler.__name__] = self.calls.get(handler.__name__, 0) + 1
            before = node.snapshot()
            before_text, given_text = frozen(before), frozen(given)
            twin = copy.deepcopy(node)
            third = pickle.loads(pickle.dumps(node))
            handler(node, *given)
            assert frozen(before) == before_text, f"{handler.__name__} changed a value of the state in place"
            assert frozen(given) == given_text, f"{handler.__name__} changed its message"
            for other in (twin, third):
                handler(other, *given)
                assert frozen(other.snapshot()) == frozen(node.snapshot()), f"{handler.__name__} is not a function"
                assert effects(other) == effects(node)

        return watched


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch, program("raft").node, program("raft").client)


def test_each_handler_twice_on_copies_gives_the_same_and_changes_no_value_in_place(watched: Watched) -> None:
    for seed in SEEDS:
        eventful(seed, events=350, nodes=3)
    assert set(watched.calls) >= {
        "on_election_timeout", "on_heartbeat_timer", "on_request_vote", "on_request_vote_reply", "on_append_entries",
        "on_append_entries_reply", "on_client_request", "on_client_reply", "on_no_answer", "on_think",
    }  # fmt: skip


def values_of(run: Run) -> Iterator[tuple[str, Any]]:
    """Every value that a run keeps: states, messages, indications."""
    for event in run.history.events:
        for value in event.state or ():
            yield f"state of {event.host} after {event.seq}", value
        for flight in event.sent:
            yield f"message {flight.id}", flight.body
        for told in event.indications:
            yield f"indication of {event.seq}", told


def test_nothing_that_history_keeps_changes_afterwards() -> None:
    run = eventful(31, events=300)
    kept = [(name, value, frozen(value)) for name, value in values_of(run)]
    run.advance(run.now + 3_000_000)
    fork = run.fork(150)
    fork.advance(fork.now + 3_000_000)
    assert [name for name, value, text in kept if frozen(value) != text] == []
    assert len(kept) > 3_000


def at_rest(value: Any) -> bool:
    """Whether a value is data all the way down: no closures, no generators, no references to nodes."""
    if value is None or isinstance(value, bool | int | str):
        return True
    if isinstance(value, tuple | Log):
        return all(at_rest(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and at_rest(item) for key, item in value.items())
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return all(at_rest(getattr(value, name)) for name in fields)
    return isinstance(value, Enum)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_node_at_rest_is_data(name: str) -> None:
    run = eventful(41, events=400, protocol_name=name)
    for what, value in values_of(run):
        assert at_rest(value), what
    for host in run.cluster.hosts.values():
        assert tuple(host.node.__dict__) == tuple(type(host.node).fields), "a node has state that it did not declare"


def test_a_change_in_place_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch itself: a handler that writes into its message, and one that writes into its state, are caught."""
    raft = program("raft").node

    def writes_into_its_message(node: Node, m: ClientRequest, src: str) -> None:
        m.serial += 1  # type: ignore[misc]

    def writes_into_its_state(node: Any, m: AppendEntries, src: str) -> None:
        node.match_index["n2"] = 9

    monkeypatch.setitem(raft.handlers, ClientRequest, writes_into_its_message)
    monkeypatch.setitem(raft.handlers, AppendEntries, writes_into_its_state)
    Watched(monkeypatch, raft)
    node: Any = copy.deepcopy(eventful(1, events=3).cluster.hosts["n1"].node)
    node.match_index = {"n2": 1}
    with pytest.raises(AssertionError, match="changed its message"):
        node.step(ClientRequest(1, Operation("get", "x")), "c1")
    with pytest.raises(AssertionError, match="in place"):
        node.step(AppendEntries(1, 0, 0, (Entry(1, Command("get", "x", None, None, "c1", 1)),), 0), "n2")
