"""Every protocol is a function of its recording: back and forward, from a fork, in another process, in its own JSON."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.exploration import fuzz
from server.protocols import PROTOCOLS, Protocol, program
from server.simulation import Run, digest_of, recording_from_json
from tests.support.reducer import apply, unapply
from tests.support.worlds import truth, whole

ROOT = Path(__file__).resolve().parents[2]
PLAY = """
import sys
from server.protocols import program
from server.simulation import Run, recording_from_json
for line in sys.stdin:
    recording = recording_from_json(line, program)
    run = Run(recording, program(recording.protocol))
    run.advance(int(sys.argv[1]))
    print(run.history.digest())
"""
SPAN = 700_000
SEEDS = range(6)
OTHERS = [protocol for protocol in PROTOCOLS.values() if protocol.name != "raft"]
each_protocol = pytest.mark.parametrize("protocol", OTHERS, ids=lambda p: p.name)


def busy(protocol: Protocol, seed: int) -> Run:
    """A run with faults of many kinds, played from its recording."""
    outcome = fuzz(protocol, seed, params={"think_time": 40_000, "client_timeout": 100_000}, span=SPAN)
    read = recording_from_json(outcome.recording.to_json(), program)
    assert read == outcome.recording
    run = protocol.run(read)
    run.advance(SPAN)
    assert run.skipped == []
    return run


@each_protocol
def test_forward_back_forward_gives_equal_hashes(protocol: Protocol) -> None:
    for seed in SEEDS:
        run = busy(protocol, seed)
        events = whole(run.history.told(1, run.head))
        times = [0, *(event["time"] for event in events)]
        world = whole(run.history.world(0))
        forward = [digest_of([world])]
        for event in events:
            apply(world, event)
            forward.append(digest_of([world]))
        assert forward[-1] == digest_of([truth(run.cluster)]), seed
        for event in reversed(events):
            unapply(world, event, times[event["seq"] - 1])
            assert digest_of([world]) == forward[event["seq"] - 1], seed


@each_protocol
def test_a_fork_goes_on_as_the_run_did(protocol: Protocol) -> None:
    for seed in SEEDS:
        run = busy(protocol, seed)
        at = run.head // 2
        fork = run.fork(at, keep_script=True)
        assert truth(fork.cluster) == whole(run.history.world(at))
        fork.advance(SPAN)
        assert fork.history.digest() == run.history.digest()


def test_another_process_with_another_hash_seed_plays_the_same() -> None:
    runs = [busy(protocol, seed) for protocol in OTHERS for seed in SEEDS[:2]]
    lines = "\n".join(run.recording.to_json() for run in runs)
    for hash_seed in ("0", "31337"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PLAY, str(SPAN)]
        done = subprocess.run(
            command, input=lines, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == [run.history.digest() for run in runs]
