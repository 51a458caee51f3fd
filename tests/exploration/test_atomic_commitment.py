"""Two- and three-phase commit under random faults, and the coordinator's crash at each of the points that matter.

That two-phase commit never disagrees in two thousand runs with faults stands in `test_every_protocol.py`.
"""

from dataclasses import dataclass

import pytest

from server.exploration import as_scenario, fuzz, replay, shrink
from server.exploration.mischief import KINDS
from server.lessons import Script
from server.protocols import PROTOCOLS, Protocol
from server.protocols.atomicity import bank_of, running, undecided
from server.protocols.commitment import CommitDecided, TransactionBegun
from server.protocols.three_phase_commit.counterexamples import PARTITION_DISAGREES
from server.protocols.three_phase_commit.indications import PreCommitting
from server.protocols.three_phase_commit.messages import CanCommit, DoCommit, PreCommit
from server.protocols.three_phase_commit.properties import NOT_A_CRASH
from server.protocols.transactions import ABORTED, COMMITTED, DECIDED, Put
from server.protocols.two_phase_commit.indications import CommitBeingWritten
from server.protocols.two_phase_commit.messages import Commit, Prepare
from server.simulation import FAILED, OK, Link, Recording, Refused, Returned, Run
from server.simulation.commands import Crash, Heal, Partition, ReleaseLink, Request, Restart, Resume, SetLink

TWO, THREE = PROTOCOLS["two_phase_commit"], PROTOCOLS["three_phase_commit"]
BUSY = {"think_time": 40_000, "client_timeout": 100_000}
CRASHING, BLOCKS = 500, 2
"""Runs of three-phase commit in which nodes only crash."""
AGREEMENT = frozenset({"agreement"})
ONLY_PARTITIONS = frozenset({*KINDS, "loss"} - {"isolate", "split"})
"""Everything that a fuzzer can do but partitions."""


# Random faults


@pytest.mark.parametrize("block", range(BLOCKS))
def test_three_phase_commit_never_disagrees_when_nodes_only_crash(block: int) -> None:
    committed = crashed = 0
    for seed in range(block, CRASHING, BLOCKS):
        outcome = fuzz(THREE, seed, params=BUSY, without=NOT_A_CRASH)
        assert outcome.broken is None, as_scenario(THREE, shrink(THREE, outcome))
        committed += "some_committed" in outcome.seen
        crashed += any(isinstance(given.command, Crash) for given in outcome.recording.commands)
    assert committed > 0.35 * CRASHING / BLOCKS
    assert crashed > 0.9 * CRASHING / BLOCKS


def test_three_phase_commit_disagrees_under_partitions_and_one_is_enough() -> None:
    broken = [
        outcome
        for outcome in (
            fuzz(THREE, seed, params=BUSY, without=ONLY_PARTITIONS, wanted=AGREEMENT) for seed in range(100)
        )
        if outcome.broken
    ]
    assert len(broken) >= 3
    shrunk = [shrink(THREE, outcome) for outcome in broken[:4]]
    for short in shrunk:
        assert short.broken == "agreement"
        assert all(isinstance(given.command, Partition | Heal) for given in short.recording.commands)
    assert min(len(short.recording.commands) for short in shrunk) == 1


def test_the_partition_that_is_kept_as_a_scenario_is_what_the_fuzzer_finds() -> None:
    setup = PARTITION_DISAGREES.setup
    found = fuzz(
        THREE, setup.seed, nodes=setup.nodes, params={**setup.params, "takes_part": False},
        without=ONLY_PARTITIONS, wanted=AGREEMENT,
    )  # fmt: skip
    assert found.broken == "agreement"
    assert len(found.recording.commands) > 1
    assert len(shrink(THREE, found).recording.commands) == 1
    kept = PARTITION_DISAGREES.recording(THREE.program)
    (act,) = kept.commands
    assert (act.time, act.command) in [(given.time, given.command) for given in found.recording.commands]
    assert replay(THREE, kept, PARTITION_DISAGREES.until, AGREEMENT).broken == "agreement"


@pytest.mark.parametrize("protocol", [TWO, THREE], ids=["two", "three"])
def test_when_all_is_repaired_every_transaction_is_decided(protocol: Protocol) -> None:
    doubtful = 0
    for seed in range(60):
        found = fuzz(protocol, seed, params=BUSY, wanted=frozenset())
        run = protocol.run(found.recording, keep=False)
        run.advance(found.until)
        repair(run)
        left = undecided_now(run)
        doubtful += bool(left)
        run.advance(run.now + 3_000_000)
        assert not [each for each in undecided_now(run) if each in left], seed
    assert doubtful > 10, "or nothing was tested"


def undecided_now(run: Run) -> list[tuple[str, str]]:
    """Node and transaction, wherever one is not decided."""
    tables = [(node, bank_of(run.cluster, node).transactions) for node in run.cluster.nodes]
    return [(node, t) for node, table in tables for t, part in table.items() if part.state not in DECIDED]


def repair(run: Run) -> None:
    """Everything that was broken works again."""
    cluster = run.cluster
    commands = [Heal(), *(each(node) for node in cluster.nodes for each in (Restart, Resume))]
    for src in cluster.nodes:
        for dst in cluster.nodes:
            if src != dst:
                commands += [SetLink(src, dst, up=True, loss_percent=0, duplicate_percent=0), ReleaseLink(src, dst)]
    for command in commands:
        try:
            run.act(command)
        except Refused:
            continue


# The coordinator crashes


@dataclass(frozen=True)
class Point:
    """A moment at which the coordinator crashes: after an event that told this, or in which this was sent to n2."""

    told: type | None
    sent: type | None
    outcome: str
    """What becomes of the transaction in the end."""
    doubt: tuple[str, ...]
    """Who is in doubt until the coordinator is back."""


TWO_POINTS = {
    "before prepare": Point(TransactionBegun, None, ABORTED, ()),
    "after some prepares": Point(None, Prepare, ABORTED, ("n2",)),
    "before the decision is written": Point(CommitBeingWritten, None, ABORTED, ("n2", "n3", "n4")),
    "before the decision is told": Point(CommitDecided, None, COMMITTED, ("n2", "n3", "n4")),
    "after some were told": Point(None, Commit, COMMITTED, ("n3", "n4")),
}
THREE_POINTS = {
    "before can-commit": Point(TransactionBegun, None, ABORTED, ()),
    "after some were asked": Point(None, CanCommit, ABORTED, ()),
    "before anybody is pre-committed": Point(PreCommitting, None, ABORTED, ()),
    "after some were pre-committed": Point(None, PreCommit, COMMITTED, ()),
    "before the decision is told": Point(CommitDecided, None, COMMITTED, ()),
    "after some were told": Point(None, DoCommit, COMMITTED, ()),
}
POINTS = [(TWO, name, point) for name, point in TWO_POINTS.items()]
POINTS += [(THREE, name, point) for name, point in THREE_POINTS.items()]
AWAY = 2_000_000
"""How long the coordinator stays away, µs."""


def crash_at(protocol: Protocol, point: Point, seed: int) -> Script:
    """A write at three participants, up to the crash of the coordinator."""
    params = {"think_time": 0, "unwilling": 0, "client_timeout": 300_000, "client_attempts": 100}
    setup = Recording(protocol.name, nodes=4, params=params, seed=seed, link=Link(low=5_000, high=25_000))
    script = Script(setup, protocol.program)
    script.at(100_000)
    script.give(Request("c1", Put("x", 1)))
    if point.told is not None:
        script.until(point.told)
    else:
        script.until_event(lambda event: any(f.dst == "n2" and type(f.body) is point.sent for f in event.sent))
    script.give(Crash("n1"))
    return script


def states(run: Run) -> dict[str, str | None]:
    """How the transaction stands at the participants."""
    return {node: bank_of(run.cluster, node).state_of("c1.1") for node in ("n2", "n3", "n4")}


@pytest.mark.parametrize(("protocol", "name", "point"), POINTS, ids=[f"{p.name} {name}" for p, name, _ in POINTS])
def test_the_coordinator_crashes(protocol: Protocol, name: str, point: Point) -> None:
    """Two-phase commit blocks exactly those that have voted yes and were not told; three-phase commit blocks nobody."""
    for seed in range(10):
        script = crash_at(protocol, point, seed)
        run = script.run
        run.advance(run.now + AWAY)
        for node, state in states(run).items():
            locked = bool(bank_of(run.cluster, node).locks)
            assert (state not in (*DECIDED, None)) == locked == (node in point.doubt), (seed, node, state)
        script.give(Restart("n1"))
        run.advance(run.now + 1_500_000)
        left = [server.id for server in running(run.cluster) if undecided(server) or server.locks]
        assert left == [], seed
        # Who was never asked has no state; who was told has this one.
        assert set(states(run).values()) <= {point.outcome, None}
        returned = [
            told.outcome for event in run.history.events for told in event.indications if type(told) is Returned
        ]
        assert returned == [OK if point.outcome == COMMITTED else FAILED], seed
        assert [bank_of(run.cluster, n).data for n in states(run)] == [{"x": 1} if returned == [OK] else {}] * 3
