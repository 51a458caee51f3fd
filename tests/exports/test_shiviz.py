"""The ShiViz log: it is read with the very expression that it names, and its clocks are the causality of the events."""

import json
import re
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.exploration import fuzz
from server.exports import FORMATS, SHIVIZ_REGEX, Span, shiviz, span
from server.protocols import PROTOCOLS, Protocol, protocol
from server.simulation import History, Recording

BUSY = {"think_time": 40_000, "client_timeout": 100_000}
SPAN_US = 500_000
EVENTS_MAX = 150


def python(expression: str) -> re.Pattern[str]:
    """The expression for Python, which writes its groups with a P."""
    return re.compile(expression.replace("(?<", "(?P<"))


def parsed(lines: list[str]) -> list[dict[str, Any]]:
    """The log as ShiViz reads it: the first line is the expression, the second the delimiter of executions."""
    expression, delimiter, *rest = lines
    assert expression == SHIVIZ_REGEX
    assert delimiter == ""
    found = [match.groupdict() for match in python(expression).finditer("\n".join(rest))]
    assert len(found) == len(rest), "the expression passes lines over"
    return [{**each, "clock": json.loads(each["clock"]), "seq": int(each["seq"])} for each in found]


def happened_before(told: list[dict[str, Any]]) -> dict[int, set[int]]:
    """By event, all events of the list that happened before it: of the same host, or before the one that sent the message.

    Read off the told events by their definition, with no clock.
    """
    past: dict[int, set[int]] = {}
    last: dict[str | None, int] = {}
    sending: dict[int, int] = {}
    for event in told:
        seq, host = event["seq"], event["host"]
        copies = [change[3] for change in event.get("changes", ()) if change[0] == "flight" and change[2] is None]
        sending.update({copy["id"]: sending[copy["of"]] for copy in copies if copy["of"] in sending})
        messages = [*copies, *([event["message"]] if event["kind"] in ("deliver", "lost") else [])]
        reasons = [sending[message["id"]] for message in messages if message["id"] in sending]
        reasons += [last[host]] if host in last else []
        past[seq] = {before for reason in reasons for before in (reason, *past[reason])}
        last[host] = seq
        sending.update({message["id"]: seq for message in event.get("sent", ())})
    return past


def less(one: dict[str, int], other: dict[str, int]) -> bool:
    """Whether a vector clock is before another: nowhere more, somewhere less."""
    return one != other and all(count <= other.get(host, 0) for host, count in one.items())


def busy(found: Protocol, seed: int) -> History:
    """The history of a run with faults of many kinds."""
    run = found.run(fuzz(found, seed, params=BUSY, span=SPAN_US).recording)
    run.advance(SPAN_US)
    return run.history


@settings(max_examples=24, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(PROTOCOLS)), st.integers(0, 2**20), st.floats(0, 1))
def test_one_event_happened_before_another_exactly_if_its_clock_is_less(name: str, seed: int, where: float) -> None:
    history = busy(PROTOCOLS[name], seed)
    first = 1 + int(where * max(0, len(history) - EVENTS_MAX))
    chosen = Span(first, min(len(history), first + EVENTS_MAX - 1))
    events = parsed(list(shiviz(history, PROTOCOLS[name], chosen)))
    past = happened_before(history.told(chosen.first, chosen.last))
    assert [event["seq"] for event in events] == list(past)
    clocks = {event["seq"]: event["clock"] for event in events}
    for one in clocks:
        for other in clocks:
            assert less(clocks[one], clocks[other]) == (one in past[other]), (one, other)


def test_each_host_counts_its_own_events_from_one() -> None:
    history = busy(protocol("raft"), 3)
    counted: dict[str, int] = {}
    for event in parsed(list(shiviz(history, protocol("raft"), Span(20, len(history))))):
        counted[event["host"]] = counted.get(event["host"], 0) + 1
        assert event["clock"][event["host"]] == counted[event["host"]]
    assert len(counted) >= 5


def test_the_log_begins_like_this() -> None:
    raft = protocol("raft")
    run = raft.run(Recording("raft", nodes=3, clients=0, seed=7))
    run.advance(300_000)
    lines = list(shiviz(run.history, raft, span(run.history, None, 6, 10)))
    assert lines[2:] == [
        'n1 {"n1":1} #1 0.000000s n1 starts.',
        'n2 {"n2":1} #2 0.000000s n2 starts.',
        'n3 {"n3":1} #3 0.000000s n3 starts.',
        (
            'n1 {"n1":2} #4 0.249254s n1: the timer “election timeout” runs out. | n1\'s election timer ran out before '
            "it heard of a leader: it becomes a candidate of term 1 and votes for itself. [Raft §5.2]"
        ),
        (
            'n2 {"n2":2} #5 0.256023s n2: the timer “election timeout” runs out. | n2\'s election timer ran out before '
            "it heard of a leader: it becomes a candidate of term 1 and votes for itself. [Raft §5.2]"
        ),
        (
            'n1 {"n1":3,"n2":2} #6 0.275505s n1 gets: n2 asks n1 for its vote in term 1. | n1 refuses n2: in term 1 its '
            "vote went to n1. [Raft §5.2]"
        ),
    ]


def test_sentences_are_in_the_language_of_the_reader() -> None:
    raft = protocol("raft")
    run = raft.run(Recording("raft", nodes=3, clients=0, seed=7))
    run.advance(10_000)
    chosen = span(run.history, None, None, 10)
    lines = list(FORMATS["shiviz"].lines(run.history, raft, chosen, lambda text: text.replace("starts", "启动")))
    assert [line.partition("s ")[2] for line in lines[2:]] == ["n1 启动.", "n2 启动.", "n3 启动."]


def test_the_expression_is_the_one_that_the_readme_names() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"\n    {SHIVIZ_REGEX}\n" in readme
