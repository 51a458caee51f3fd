"""Randomness that is addressed: a draw depends on its address alone."""

from collections import Counter
from statistics import mean

from server.protocols import program
from server.protocols.raft.messages import AppendEntries
from server.simulation import Recording, Run
from server.simulation.addressed import BLOCK, Draws, draw, draw_between, draw_block, draw_percent, stream
from server.simulation.commands import Drop


def test_a_draw_is_the_same_on_every_machine() -> None:
    key = stream(7, "delay", "n1", "n2")
    assert (key, draw(key, 1), draw_between(key, 1, 10, 20)) == (
        11_507_162_641_757_197_760,
        15_479_210_240_053_122_652,
        19,
    )


def test_addresses_that_look_alike_are_different() -> None:
    keys = {
        stream(1, "a", "bc"),
        stream(1, "ab", "c"),
        stream(11, "a", "bc"),
        stream(1, "abc"),
        stream(1, "a", "b", "c"),
    }
    assert len(keys) == 5


def test_draws_fill_their_bounds_evenly() -> None:
    key = stream(3, "test")
    counts = Counter(draw_between(key, i, 0, 9) for i in range(100_000))
    assert sorted(counts) == list(range(10))
    assert all(9_600 < count < 10_400 for count in counts.values())
    assert {draw_between(key, i, 5, 5) for i in range(10)} == {5}


def test_percents_are_as_often_as_they_say() -> None:
    key = stream(4, "test")
    for percent in (0, 1, 25, 99, 100):
        hits = sum(draw_percent(key, i, percent) for i in range(50_000))
        assert abs(hits / 500 - percent) < 1
    assert not any(draw_percent(key, i, 0) for i in range(1_000))
    assert all(draw_percent(key, i, 100) for i in range(1_000))


def messages(run: Run) -> Counter[str]:
    """Every message of a run: between whom, what, when it was sent and when it arrives."""
    found: Counter[str] = Counter()
    for event in run.history.events:
        for f in event.sent:
            found[f"{f.src} {f.dst} {f.body!r} {f.sent} {f.due}"] += 1
    return found


def test_dropping_one_message_leaves_most_of_those_that_follow_unchanged() -> None:
    """A "what if" changes only what it caused. One generator for all would change nearly every one of them."""
    shares = []
    for seed in range(10):
        original = Run(Recording("raft", seed=seed, params={"think_time": 200_000}), program("raft"))
        original.advance(1_000_000)
        while not (flying := [f.id for f in original.cluster.flights.values() if type(f.body) is AppendEntries]):
            original.step()
        run = original.fork(original.head, original.now)
        run.act(Drop(flying[0]))
        before = messages(original)
        original.advance(3_000_000)
        run.advance(3_000_000)
        expected, found = messages(original) - before, messages(run) - before
        shares.append((expected & found).total() / expected.total())
    assert mean(shares) >= 0.7, shares
    assert min(shares) >= 0.6, shares


def test_a_stream_read_in_blocks_has_the_numbers_of_single_draws() -> None:
    key = stream(5, "test")
    assert [n for block in (0, 1, 40) for n in draw_block(key, block)] == [
        draw(key, block * BLOCK + i) for block in (0, 1, 40) for i in range(BLOCK)
    ]
    draws = Draws(key)
    counters = [1, 2, BLOCK - 1, BLOCK, 7, 10 * BLOCK + 3, 2**40]
    assert [draws.between(i, 15_000, 30_000) for i in counters] == [
        draw_between(key, i, 15_000, 30_000) for i in counters
    ]
