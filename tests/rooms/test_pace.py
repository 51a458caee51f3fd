"""Wall time becomes virtual time exactly: nothing is gained or lost by how it is cut into ticks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rooms.pace import Pace

RATIOS = st.floats(1, 1000).map(lambda ratio: round(ratio, 3))


@given(RATIOS, st.lists(st.integers(0, 2_000_000), max_size=50))
def test_many_ticks_are_as_long_as_one(ratio: float, ticks: list[int]) -> None:
    pace, whole = Pace(ratio), Pace(ratio)
    assert sum(pace.passed(tick) for tick in ticks) == whole.passed(sum(ticks))


@given(RATIOS, st.integers(0, 10**12))
def test_virtual_time_is_wall_time_by_the_ratio(ratio: float, elapsed_us: int) -> None:
    assert Pace(ratio).passed(elapsed_us) == elapsed_us * 1000 // round(ratio * 1000)


@given(st.lists(st.tuples(RATIOS, st.integers(0, 100_000)), max_size=30))
def test_a_change_of_speed_takes_less_than_a_microsecond(spans: list[tuple[float, int]]) -> None:
    pace = Pace()
    virtual = 0
    for ratio, elapsed_us in spans:
        pace.ratio = ratio
        virtual += pace.passed(elapsed_us)
    exact = sum(elapsed_us / ratio for ratio, elapsed_us in spans)
    assert exact - 1 - len(spans) <= virtual <= exact + 1e-6


def test_at_life_speed_a_tick_is_a_tick_and_at_a_thousandth_fifty_microseconds() -> None:
    assert Pace(1).passed(50_000) == 50_000
    assert Pace(1000).passed(50_000) == 50
    assert [Pace(3).passed(1), Pace(3).passed(2), Pace(3).passed(3)] == [0, 0, 1]


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="does not run"):
        Pace(0)
