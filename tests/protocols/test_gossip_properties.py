"""What is told of gossip is held against the disks: values out of nowhere, and an "everywhere" that is none, are noticed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from server.properties import Monitor
from server.protocols import protocol
from server.protocols.gossip.indications import BecameInfective, DeletedEverywhere, Everywhere, Read, Stamped
from server.protocols.gossip.messages import Item, Values
from server.protocols.gossip.node import Gossip
from server.protocols.gossip.properties import PROPERTIES
from server.protocols.keyvalue import Operation
from server.simulation import OK, Recording, Returned

GOSSIP = protocol("gossip")
STAMP = (5, "n1")


class Stage:
    """Three nodes with the data that a test gives them, and the monitor that watches them."""

    def __init__(self, **params: Any) -> None:
        self.cluster = GOSSIP.run(Recording("gossip", nodes=3, params=params), keep=False).cluster
        self.monitor = Monitor(PROPERTIES)
        self.seq = 0

    def event(self, host: str, *told: Any, **store: Item) -> None:
        """An event on a host: what it indicates, and its data afterwards where they are given."""
        self.seq += 1
        if store:
            self.cluster.hosts[host].node.store = store  # type: ignore[attr-defined]
        event: Any = SimpleNamespace(
            seq=self.seq, time=self.seq, kind="deliver", host=host, indications=told, state=None, prior=None
        )
        self.monitor.observe(event, self.cluster)

    @property
    def broken(self) -> list[str]:
        return [name for name, _ in self.monitor.broken()]


def item(value: Any, stamp: tuple[int, str] = STAMP) -> Item:
    return Item("x", value, stamp)


WRITTEN = Stamped("c1", 1, "x", "a", *STAMP)


@pytest.mark.parametrize("forged", [item("b"), item("a", (5, "n2")), item(None)])
def test_a_version_that_nobody_wrote_is_noticed(forged: Item) -> None:
    stage = Stage()
    stage.event("n1", WRITTEN, x=item("a"))
    stage.event("n2", x=item("a"))
    assert stage.broken == []
    stage.event("n3", x=forged)
    assert "nothing_invented" in stage.broken


def test_a_read_that_is_answered_with_something_else_is_noticed() -> None:
    stage = Stage()
    stage.event("n1", WRITTEN, x=item("a"))
    stage.event("n1", Read("c1", 2, "x", "a", *STAMP))
    stage.event("c1", Returned("c1.2", Operation("get", "x"), OK, "a"))
    assert "nothing_invented" not in stage.broken
    stage.event("n1", Read("c1", 3, "x", "a", *STAMP))
    stage.event("c1", Returned("c1.3", Operation("get", "x"), OK, None))
    assert "nothing_invented" in stage.broken


@pytest.mark.parametrize("told", [Everywhere("x", "a", 3, 1), DeletedEverywhere("x", 3, 1)])
def test_everywhere_is_true_only_if_each_node_has_it_or_something_newer(told: Any) -> None:
    stage = Stage()
    stage.event("n1", WRITTEN, x=item("a"))
    stage.event("n2", x=item("a"))
    stage.event("n3", Stamped("c2", 1, "x", "b", 6, "n3"), x=item("b", (6, "n3")))
    stage.event("n1", told)
    assert stage.broken == []
    stage.event("n3", x=item("z", (1, "n3")))
    stage.event("n1", told)
    assert "everywhere_is_true" in stage.broken


@pytest.mark.parametrize(("life", "broken"), [(0, True), (700_000, False)])
def test_where_certificates_are_thrown_away_a_node_may_have_nothing_left(life: int, broken: bool) -> None:
    stage = Stage(certificate_life=life)
    stage.event("n1", WRITTEN, x=item("a"))
    stage.event("n2", x=item("a"))
    stage.event("n1", Everywhere("x", "a", 3, 1))
    assert ("everywhere_is_true" in stage.broken) is broken


def test_what_the_comparing_brought_is_told_around_again_where_rumors_are_in_use() -> None:
    for limit in (0, 2):
        settings = Recording("gossip", params={"rumor_limit": limit}).settings(GOSSIP.program)
        node = Gossip("n2", ("n1", "n3"), settings)
        node.step(Values(1, (item("a"),), (), asks=False), "n1")
        assert (BecameInfective("x") in node.indicated) is (limit > 0), "Demers §1.5: make it a hot rumor again"
