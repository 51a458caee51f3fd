"""Told events and told worlds are two independent ways to the same world; the browser's reducer is held to both."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from server.protocols import protocol
from server.simulation import Recording, Run, encode
from tests.support import fixtures
from tests.support.reducer import World, apply, as_told, is_window, unapply
from tests.support.runs import eventful
from tests.support.screen import assert_same

SEEDS = range(6)


def told(run: Run) -> tuple[list[dict[str, Any]], list[World]]:
    """All events of a run, and the world after each of them and before the first."""
    return as_told(run.history.told(1, run.head)), [as_told(run.history.world(seq)) for seq in range(run.head + 1)]


@pytest.mark.parametrize("seed", SEEDS)
def test_forward_back_and_forward_again_every_world_is_the_one_in_the_history(seed: int) -> None:
    run = eventful(seed, events=160, nodes=1 + seed)
    events, worlds = told(run)
    world = as_told(worlds[0])
    for event in events:
        apply(world, event)
        assert_same(world, worlds[event["seq"]])
    for event in reversed(events):
        unapply(world, event, worlds[event["seq"] - 1]["time"])
        assert_same(world, worlds[event["seq"] - 1])
    assert encode(world) == encode(worlds[0])
    for event in events:
        apply(world, event)
    assert_same(world, worlds[-1])


def test_a_walk_to_and_fro_from_any_world_stays_true() -> None:
    run = eventful(101, events=200)
    events, worlds = told(run)
    rng = random.Random(101)
    for _ in range(20):
        at = rng.randrange(run.head + 1)
        world = as_told(worlds[at])
        for _ in range(20):
            if rng.random() < 0.5 and at < run.head:
                apply(world, events[at])
                at += 1
            elif at > 0:
                at -= 1
                unapply(world, events[at], worlds[at]["time"])
            assert_same(world, worlds[at])


def test_eventful_runs_have_every_kind_of_change_and_of_event() -> None:
    kinds, changes = set(), set()
    for seed in SEEDS:
        for event in as_told(eventful(seed, events=160, nodes=1 + seed).history.told(1, 10_000)):
            kinds.add(event["kind"])
            changes.update(change[0] for change in event.get("changes", ()))
    assert kinds == {"start", "deliver", "timer", "lost", "command"}
    assert changes == {"state", "log", "timer", "host", "link", "groups", "rule", "flight"}


def test_a_log_longer_than_its_window_is_told_by_its_last_entries() -> None:
    run = protocol("raft").run(Recording("raft", nodes=1, clients=2, params={"think_time": 20_000}))
    run.advance(3_000_000)
    events, worlds = told(run)
    log = worlds[-1]["hosts"]["n1"]["state"]["log"]
    assert is_window(log)
    assert log["from"] + len(log["items"]) == log["length"] > len(log["items"]) == 64
    world = as_told(worlds[0])
    for event in events:
        apply(world, event)
    assert_same(world, worlds[-1])


def test_the_fixtures_for_the_page_hold_events_and_the_world_after_each(tmp_path: Path) -> None:
    for path in fixtures.write(tmp_path / "fixtures"):
        if not path.name.startswith("run_"):
            continue
        data = json.loads(path.read_text(encoding="utf-8"))
        assert len(data["events"]) == len(data["worlds"]) >= fixtures.EVENTS
        world = data["first"]
        for event, after in zip(data["events"], data["worlds"], strict=True):
            apply(world, event)
            assert_same(world, after)
        assert data["marks"]
