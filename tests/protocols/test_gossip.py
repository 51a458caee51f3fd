"""What is said of gossip is so: it ends alike everywhere, spreads like an epidemic, and promises no more than it says."""

from __future__ import annotations

from statistics import mean
from typing import Any

import pytest

from server.lessons import Scenario
from server.protocols import protocol
from server.protocols.gossip.indications import (
    BecameInfective,
    Everywhere,
    HadAlready,
    Learned,
    LostInterest,
    NothingNew,
    Stamped,
    TieBroken,
)
from server.protocols.gossip.messages import NO_STAMP, Digest, Values
from server.protocols.gossip.state import PULL, PUSH, PUSH_PULL, checksum_of, store_of, visible
from server.protocols.keyvalue import Operation
from server.simulation import Link, Recording, Refused, Run
from server.simulation.addressed import draw_between, stream
from server.simulation.commands import Crash, FireTimer, Heal, Partition, Request, Restart, SetClock

GOSSIP = protocol("gossip")
INTERVAL = 100_000
QUIET: dict[str, Any] = {"think_time": 0, "gossip_interval": INTERVAL}
MODES = (PUSH, PULL, PUSH_PULL)
CONTENTS = ("digest", "values")


def told(run: Run, indication: type) -> list[tuple[int, str | None]]:
    """When and where this was indicated."""
    return [(e.time, e.host) for e in run.history.events for news in e.indications if type(news) is indication]


def agree(run: Run) -> bool:
    """Whether a reader finds the same at all nodes."""
    stores = [visible(store_of(run.cluster, node)) for node in run.cluster.nodes]
    return all(store == stores[0] for store in stores)


def spread(nodes: int, seed: int, **params: Any) -> Run:
    """One write at n1 in a cluster that is otherwise at rest, and two seconds after it."""
    run = GOSSIP.run(Recording("gossip", nodes=nodes, seed=seed, params={**QUIET, **params}))
    run.advance(150_000)
    run.act(Request("c1", Operation("put", "x", 1), "n1"), "test")
    run.advance(2_500_000)
    return run


def rounds(run: Run) -> float:
    """How many intervals it took until the last node had the write."""
    learned = [time for time, _ in told(run, Learned)]
    assert len(learned) == len(run.cluster.nodes) - 1
    return (learned[-1] - told(run, Stamped)[0][0]) / INTERVAL


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("mode", MODES)
def test_once_writes_stop_all_nodes_come_to_have_the_same_data(mode: str, content: str) -> None:
    """Writes and deletions at random, with crashes, partitions, wrong clocks and losses; then it is left alone."""
    for seed in range(12):
        run = GOSSIP.run(
            Recording(
                "gossip", nodes=5, clients=3, seed=seed, params={**QUIET, "mode": mode, "content": content},
                link=Link(low=1_000, high=30_000, loss_percent=20, duplicate_percent=10),
            )
        )  # fmt: skip
        key = stream(seed, "test", "gossip")
        for step in range(40):
            run.advance(run.now + 25_000)
            node = f"n{draw_between(key, 3 * step, 1, 5)}"
            match draw_between(key, 3 * step + 1, 0, 9):
                case 0 if run.cluster.hosts[node].up:
                    run.act(Crash(node), "test")
                case 1 if not run.cluster.hosts[node].up:
                    run.act(Restart(node), "test")
                case 2:
                    if run.cluster.groups is not None:
                        run.act(Heal(), "test")
                    run.act(Partition(((node,), tuple(n for n in run.cluster.nodes if n != node))), "test")
                case 3:
                    run.act(SetClock(node, offset=draw_between(key, 1_000 + step, -900_000, 900_000)), "test")
                case other:
                    name = "delete" if other == 4 else "put"
                    operation = Operation(name, "xyz"[step % 3], None if name == "delete" else step)
                    run.act(Request(f"c{1 + step % 3}", operation, node), "test")
        if run.cluster.groups is not None:
            run.act(Heal(), "test")
        for node in run.cluster.nodes:
            if not run.cluster.hosts[node].up:
                run.act(Restart(node), "test")
        run.advance(run.now + 8_000_000)
        assert agree(run), (mode, content, seed)
        assert len({run.cluster.hosts[node].node.checksum for node in run.cluster.nodes}) == 1  # type: ignore[attr-defined]


def test_news_takes_about_as_many_rounds_as_nodes_have_bits() -> None:
    """Push-pull: three times the nodes cost a round or two more, not three times the rounds."""
    few = mean(rounds(spread(3, seed)) for seed in range(30))
    many = mean(rounds(spread(9, seed)) for seed in range(30))
    assert few < many < few + 2.5
    assert many < 4.2


def test_push_and_pull_together_are_faster_than_each_alone() -> None:
    took = {mode: mean(rounds(spread(9, seed, mode=mode)) for seed in range(20)) for mode in MODES}
    assert took[PUSH_PULL] < min(took[PUSH], took[PULL])


def test_stamps_first_sends_a_value_once_to_each_and_values_at_once_again_and_again() -> None:
    frugal, lavish = (spread(5, 3, content=content) for content in CONTENTS)
    sent = [
        sum(len(f.body.items) for e in run.history.events for f in e.sent if type(f.body) is Values)
        for run in (frugal, lavish)
    ]
    assert sent[0] <= 8  # four nodes; a value may be on its way to one of them twice
    assert sent[1] > 10 * sent[0]
    assert len(told(lavish, HadAlready)) > 50
    assert not [f for e in lavish.history.events for f in e.sent if type(f.body) is Digest]
    assert len(told(frugal, NothingNew)) > 50


def test_the_writer_says_that_all_have_it_only_when_they_have() -> None:
    for mode in MODES:
        for seed in range(10):
            run = spread(4, seed, mode=mode)
            ((time, host),) = told(run, Everywhere)
            assert host == "n1"
            assert time >= told(run, Learned)[-1][0]


def test_rumors_end_and_those_whom_they_missed_are_found_by_comparing() -> None:
    missed = 0
    for seed in range(20):
        run = spread(9, seed, rumor_limit=1, rumor_interval=20_000, gossip_interval=700_000)
        assert len(told(run, BecameInfective)) == len(told(run, LostInterest)), "all are silent in the end"
        by_comparing = [
            e for e in run.history.events
            if e.kind == "deliver" and type(e.subject.body) is Values
            and any(type(news) is Learned for news in e.indications)
        ]  # fmt: skip
        missed += bool(by_comparing)
        assert agree(run)
    assert missed > 5


def test_of_two_writes_in_one_millisecond_the_higher_name_wins_at_both() -> None:
    run = GOSSIP.run(
        Recording(
            "gossip",
            nodes=2,
            clients=2,
            params={**QUIET, "gossip_interval": 5_000_000},
            link=Link(low=10_000, high=10_000),
        )
    )
    run.advance(50_000)
    run.act(Request("c1", Operation("put", "x", "one"), "n1"), "test")
    run.act(Request("c2", Operation("put", "x", "two"), "n2"), "test")
    run.advance(80_000)
    run.act(FireTimer("n1", "gossip"), "test")
    run.advance(200_000)
    assert told(run, TieBroken)
    assert [store_of(run.cluster, node)["x"].value for node in run.cluster.nodes] == ["two", "two"]


def test_a_checksum_tells_data_apart_and_does_not_look_at_the_order() -> None:
    run = spread(3, 1)
    store = dict(store_of(run.cluster, "n1"))
    run.act(Request("c1", Operation("put", "y", 2), "n1"), "test")
    run.advance(run.now + 100_000)
    both = dict(store_of(run.cluster, "n1"))
    assert checksum_of({}) == 0
    assert checksum_of(store) != checksum_of(both)
    assert checksum_of(both) == checksum_of(dict(reversed(both.items())))
    assert max(item.stamp for item in both.values()) > NO_STAMP


@pytest.mark.parametrize("scenario", GOSSIP.scenarios(), ids=lambda s: s.name)
def test_in_a_scenario_nodes_with_different_data_have_different_hues(scenario: Scenario) -> None:
    """There are six hues, by the checksum less one; none for 0 (static/src/model/channels.ts)."""
    run = scenario.play(GOSSIP.program)
    at = list(GOSSIP.program.node.fields).index("checksum")
    shown: dict[str, int] = {}
    for event in run.history.events:
        if event.host in run.cluster.nodes and event.state is not None:
            shown[event.host] = event.state[at]
            different = set(shown.values()) - {0}
            assert len({(checksum - 1) % 6 for checksum in different}) == len(different), event.seq


def test_what_a_person_hears_of_dials_that_make_no_sense() -> None:
    assert GOSSIP.warnings(Recording("gossip")) == []
    dials = {"gossip_interval": 10_000, "certificate_life": 20_000, "client_timeout": 20_000}
    assert len(GOSSIP.warnings(Recording("gossip", params=dials))) == 3


def test_operations_that_need_an_order_are_refused_with_a_sentence() -> None:
    parse = GOSSIP.program.parse_operation
    assert parse({"name": "put", "key": "x", "value": 1}) == Operation("put", "x", 1)
    for data in (
        {"name": "cas", "key": "x", "value": 1},
        {"name": "add", "key": "x", "value": 1},
        {"name": "pop", "key": "x"},
    ):
        with pytest.raises(Refused) as refused:
            parse(data)
        assert refused.value.code == "unknown_operation"
        assert "get, put and delete" in str(refused.value)


def test_the_places_are_the_writer_of_the_newest_version_and_one_that_lacks_it() -> None:
    run = GOSSIP.run(Recording("gossip", nodes=3, params=QUIET))
    assert GOSSIP.places(run.cluster) == {}
    run.advance(100_000)
    run.act(Request("c1", Operation("put", "x", 1), "n2"), "test")
    while not told(run, Stamped):
        run.step()
    assert GOSSIP.places(run.cluster) == {"writer": "n2", "behind": "n1"}
    run.advance(run.now + 1_500_000)
    assert GOSSIP.places(run.cluster) == {"writer": "n2"}
