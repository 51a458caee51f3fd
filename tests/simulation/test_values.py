"""The log that shares its storage between versions, and the values that states are made of."""

import pickle
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server.simulation import Log, encode, tagged, value
from server.simulation.values import LOG_WINDOW, plain


class LogAgainstLists(RuleBasedStateMachine):
    """Every version of a log ever made is compared with a plain list, whatever was done to the others since."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: list[tuple[Log[int], list[int]]] = []

    def pick(self, index: int) -> tuple[Log[int], list[int]]:
        return self.versions[index % len(self.versions)]

    @initialize(items=st.lists(st.integers(0, 3), max_size=4))
    def begin(self, items: list[int]) -> None:
        self.versions = [(Log(items), list(items))]

    @rule(which=st.integers(0, 50), item=st.integers(0, 3))
    def append(self, which: int, item: int) -> None:
        log, items = self.pick(which)
        self.versions.append((log.append(item), [*items, item]))

    @rule(which=st.integers(0, 50), more=st.lists(st.integers(0, 3), max_size=3))
    def extend(self, which: int, more: list[int]) -> None:
        log, items = self.pick(which)
        self.versions.append((log.extend(iter(more)), [*items, *more]))

    @rule(which=st.integers(0, 50), length=st.integers(0, 8))
    def truncate(self, which: int, length: int) -> None:
        log, items = self.pick(which)
        self.versions.append((log.truncate(length), items[:length]))

    @rule(which=st.integers(0, 50))
    def thaw(self, which: int) -> None:
        log, items = self.pick(which)
        self.versions.append((pickle.loads(pickle.dumps(log)), list(items)))

    @rule(one=st.integers(0, 50), other=st.integers(0, 50))
    def compare(self, one: int, other: int) -> None:
        (log_a, a), (log_b, b) = self.pick(one), self.pick(other)
        common = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        assert log_a.common_prefix(log_b) == log_b.common_prefix(log_a) == common
        assert (log_a == log_b) == (a == b)
        if a == b:
            assert hash(log_a) == hash(log_b)

    @rule(which=st.integers(0, 50), start=st.integers(-9, 9), stop=st.integers(-9, 9))
    def slice(self, which: int, start: int, stop: int) -> None:
        log, items = self.pick(which)
        assert log[start:stop] == tuple(items[start:stop])
        assert log[start:] == tuple(items[start:])
        assert log[:stop:2] == tuple(items[:stop:2])
        assert log[::-1] == tuple(items[::-1])

    @invariant()
    def every_version_is_still_as_it_was(self) -> None:
        for log, items in self.versions:
            assert list(log) == items
            assert len(log) == len(items)
            assert [log[i] for i in range(-len(items), len(items))] == [*items, *items]


TestLogAgainstLists = LogAgainstLists.TestCase
TestLogAgainstLists.settings = settings(max_examples=40, stateful_step_count=30)


def test_an_entry_outside_a_log_is_none_of_it_though_it_shares_its_storage() -> None:
    long = Log([1, 2, 3])
    short = long.truncate(1)
    for index in (1, 2, -2):
        with pytest.raises(IndexError):
            short[index]
    assert list(long) == [1, 2, 3]


def test_appending_to_the_newest_version_copies_nothing() -> None:
    log: Log[int] = Log()
    for i in range(1_000):
        newer = log.append(i)
        assert newer.items is log.items
        log = newer
    assert log.truncate(500).append(0).items is not log.items


@given(st.lists(st.integers(), max_size=3 * LOG_WINDOW))
def test_a_window_holds_the_last_entries_and_says_from_where(items: list[int]) -> None:
    window = Log(items).window()
    assert window["length"] == len(items)
    assert window["from"] == max(0, len(items) - LOG_WINDOW)
    assert window["items"] == items[window["from"] :]


@value
class Pair:
    left: int
    right: Any


class Colour(Enum):
    RED = "red"


def test_values_logs_and_enums_are_written_as_plain_data() -> None:
    data = {"b": Pair(1, Colour.RED), "a": Log([Pair(2, None)]), "t": (1, 2)}
    assert encode(data) == (
        '{"a":{"from":0,"items":[{"left":2,"right":null}],"length":1,"log":true},"b":{"left":1,"right":"red"},"t":[1,2]}'
    )


@pytest.mark.parametrize("wrong", [{1, 2}, object(), b"bytes", 1j, float("nan"), Pair])
def test_what_is_no_value_cannot_be_written(wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        encode({"state": wrong})


def test_a_tagged_value_names_its_class() -> None:
    assert tagged(Pair(1, 2)) == {"type": "Pair", "left": 1, "right": 2}
    assert plain(Pair(1, 2)) == {"left": 1, "right": 2}


def test_values_are_equal_by_their_fields_and_can_be_hashed() -> None:
    assert Pair(1, "x") == Pair(1, "x") != Pair(1, "y")
    assert len({Pair(1, "x"), Pair(1, "x"), Pair(2, "x")}) == 2


@given(st.lists(st.integers()), st.integers(min_value=0), st.lists(st.integers()))
def test_a_compacted_log_keeps_its_positions(items: list[int], start: int, more: list[int]) -> None:
    start %= len(items) + 1
    whole = Log(items).extend(more)
    log = Log(items).compact(start).extend(more)
    assert (log.start, log.length, list(log)) == (start, whole.length, [*items[start:], *more])
    assert [log[at] for at in range(start, log.length)] == list(whole[start:])
    assert log[:] == whole[start:]
    assert log.window()["items"] == list(log)[-LOG_WINDOW:]
    assert log.window().get("start", 0) == start
    assert log.common_prefix(whole) == whole.common_prefix(log) == whole.length
    assert (log == whole) == (start == 0)
    shorter = log.truncate(len(items))
    assert (shorter.start, list(shorter)) == (start, items[start:])
    assert shorter.append(-1).common_prefix(log) == (len(items) + 1 if more[:1] == [-1] else len(items))


def test_what_is_gone_of_a_log_can_not_be_read() -> None:
    log = Log("abc").compact(2)
    assert log[2] == "c"
    with pytest.raises(IndexError):
        log[1]
    with pytest.raises(IndexError):
        log.compact(4)
    assert log.compact(1) is log
    assert Log((), 5).append("f").length == 6
