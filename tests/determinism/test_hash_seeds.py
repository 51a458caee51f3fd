"""The same recording gives the same run in another process, under any hash seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.protocols import program
from server.simulation import Run
from tests.support.runs import eventful

ROOT = Path(__file__).resolve().parents[2]
PLAY = """
import sys
from server.protocols import program
from server.simulation import Run, recording_from_json
recording = recording_from_json(sys.stdin.read(), program)
run = Run(recording, program(recording.protocol))
run.advance(int(sys.argv[1]))
print(run.head, run.history.digest(), hash("a string"))
"""


@pytest.fixture(scope="module")
def run() -> Run:
    return eventful(77, events=1_500)


def played(text: str, until: int, hash_seed: str) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PLAY, str(until)]
    done = subprocess.run(command, input=text, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_three_hash_seeds_give_one_digest(run: Run) -> None:
    here = Run(run.recording, program("raft"))
    here.advance(run.now)  # the run itself may have been left in the middle of an instant
    answers = [played(run.recording.to_json(), run.now, seed) for seed in ("0", "1", "31337")]
    assert len({answer[2] for answer in answers}) == 3, "the hash seeds made no difference to anything"
    assert {(int(answer[0]), answer[1]) for answer in answers} == {(here.head, here.history.digest())}
