"""Searches break on what clients were answered, where the protocol promises that it could have come from one server."""

from dataclasses import replace
from functools import cache

import pytest

from server.exploration import Search, as_scenario, shrink
from server.exploration.explore import BUSY
from server.exploration.fuzz import Outcome, fuzz, judged, replay
from server.exploration.story import sentence
from server.properties import Witness
from server.protocols import PROTOCOLS, protocol
from server.simulation import Recording, Refused

SERVED = tuple(name for name, known in PROTOCOLS.items() if known.service is not None)
ASKED = frozenset((Witness.name,))


@cache
def stale() -> Outcome:
    """The first run in which a leader that answers from its own state tells a client what is long gone."""
    raft = protocol("raft")
    for seed in range(400):
        found = fuzz(raft, seed, params={**BUSY, "reads": "local"}, wanted=ASKED)
        if found.broken:
            return found
    pytest.fail("no stale read in 400 runs")


def test_a_stale_read_is_found_where_clients_are_asked_about() -> None:
    found = stale()
    assert found.broken == Witness.name
    room = protocol("raft").run(found.recording)
    room.advance(found.until)
    witness = next(seen for seen in room.observers if isinstance(seen, Witness))
    assert witness.broken() == [(Witness.name, found.seq)], "a room says the same at the same event"


def test_its_story_is_short_and_told_by_its_title() -> None:
    raft = protocol("raft")
    short = shrink(raft, stale())
    assert short.broken == Witness.name
    assert len(short.recording.commands) <= 12
    assert short.recording.params["reads"] == "local", "what is not promised stays what it was about"
    assert f"“{Witness.title}” breaks" in sentence(raft, short)
    assert "breaks=('linearizable',)" in as_scenario(raft, short)
    assert replay(raft, short.recording, short.until, ASKED) == short


@pytest.mark.parametrize("name", SERVED)
def test_what_clients_see_is_judged_where_it_is_promised(name: str) -> None:
    known = protocol(name)
    promised = Witness.name not in known.disclaimed({})
    assert (Witness.name in judged(known, Recording(name), frozenset())) is promised
    assert promised is (name != "gossip")


def test_reads_by_lease_are_judged_where_clocks_are_good() -> None:
    raft = protocol("raft")
    lease = Recording("raft", params={"reads": "lease"})
    assert Witness.name in judged(raft, lease, frozenset(("crash",)))
    assert Witness.name not in judged(raft, lease, frozenset(("clock",)))
    assert Witness.name in judged(raft, replace(lease, params={}), frozenset(("clock",)))
    assert Witness.name not in judged(raft, replace(lease, params={"reads": "local"}), frozenset())


def test_a_search_may_ask_for_it_by_name_and_only_where_it_is_judged() -> None:
    assert Search("raft", params={"reads": "local"}, wanted=Witness.name).found() is protocol("raft")
    with pytest.raises(Refused, match="has no property linearizable"):
        Search("bully", wanted=Witness.name).found()


@pytest.mark.parametrize(
    ("name", "rule", "seed"),
    [("raft", "log_check", 0), ("primary_backup", "confirm_first", 0), ("paxos", "majority", 0)],
)
def test_clients_alone_see_what_a_rule_was_for(name: str, rule: str, seed: int) -> None:
    """With no property of the nodes watched, nothing asked for by name, and no run that breaks with all rules on."""
    blind = replace(protocol(name), properties=())
    found = fuzz(blind, seed, rules_off=(rule,), params=BUSY)
    assert found.broken == Witness.name
    whole = replace(found.recording, rules={})
    assert replay(blind, whole, found.until, ASKED).broken is None
