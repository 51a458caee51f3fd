"""Forward, back and forward again: the world has equal hashes, whichever way one comes to it."""

import random

import pytest

from server.protocols import protocol
from server.simulation import Recording, Refused, Run, command_from, digest_of
from tests.support.reducer import apply, as_told, unapply
from tests.support.runs import some_command
from tests.support.worlds import truth, whole

RUNS, BLOCKS = 200, 8
RAFT = protocol("raft")


def some_run(seed: int) -> Run:
    """A short run with faults of all kinds; each seed has its own size."""
    rng = random.Random(seed)
    setup = Recording("raft", nodes=1 + seed % 5, clients=1, params={"think_time": 40_000}, seed=seed)
    run = RAFT.run(setup)
    while run.head < 70:
        run.advance(run.now + rng.randrange(200_000), most=rng.randrange(1, 20))
        try:
            run.act(command_from(some_command(rng, run.cluster), run.program.parse_operation))
        except Refused:
            continue
    return run


@pytest.mark.parametrize("block", range(BLOCKS))
def test_forward_back_forward_gives_equal_hashes(block: int) -> None:
    for seed in range(block, RUNS, BLOCKS):
        run = some_run(seed)
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
        for event in events:
            apply(world, event)
            assert digest_of([world]) == forward[event["seq"]], seed


@pytest.mark.parametrize("seed", range(1_000, 1_012))
def test_going_back_restores_timers_messages_and_what_will_be_drawn(seed: int) -> None:
    """Back by a fork: everything is as it was, so what follows is too, random delays and all."""
    run = some_run(seed)
    at = run.head // 2
    fork = run.fork(at, keep_script=True)
    assert truth(fork.cluster) == whole(run.history.world(at))
    for seq in range(at + 1, run.head + 1):
        event = fork.step()
        assert event is not None
        assert as_told(fork.history.tell(seq)) == as_told(run.history.tell(seq))
    assert truth(fork.cluster) == truth(run.cluster)
    assert [(h.id, h.timers and h.timers[0].due) for h in fork.cluster.hosts.values()] == [
        (h.id, h.timers and h.timers[0].due) for h in run.cluster.hosts.values()
    ]
