"""JSON Lines and Mermaid, the spans that may be taken away, and the names of the files."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.exploration import fuzz
from server.exports import FORMATS, Span, file_name, json_lines, mermaid, span
from server.protocols import PROTOCOLS, protocol
from server.simulation import History, Recording, Refused, digest_of
from server.simulation.commands import Crash, Partition

RAFT = protocol("raft")
# The statements that we use, as Mermaid's grammar of sequence diagrams has them; `;` ends one and `#` begins a character.
TEXT = r"(?:[^;#\n]|#\d+;)+"
STATEMENT = re.compile(
    rf"sequenceDiagram|    title {TEXT}|    participant [nc]\d"
    rf"|    Note over [nc]\d(,[nc]\d)?: {TEXT}|    [nc]\d(->>|-->>|-x|-\))[nc]\d: {TEXT}"
)


def small() -> History:
    """A leader is elected and crashes; then the others are parted."""
    run = RAFT.run(Recording("raft", nodes=3, clients=0, seed=7))
    run.advance(300_000)
    run.act(Crash("n1"), "Ada; #1")
    run.act(Partition((("n2",), ("n3",))), "")
    run.advance(600_000)
    return run.history


def test_json_lines_are_the_events_and_have_their_digest() -> None:
    history = small()
    lines = list(json_lines(history, RAFT, span(history, 3, 20, 100)))
    told = [json.loads(line) for line in lines]
    assert [event["seq"] for event in told] == list(range(3, 21))
    assert digest_of(told) == digest_of(history.told(3, 20))


def test_a_mermaid_diagram_begins_like_this() -> None:
    history = small()
    lines = [line.strip() for line in mermaid(history, RAFT, Span(1, 9))]
    assert lines[:8] == [
        "sequenceDiagram",
        "title Raft, events 1 to 9",
        "participant n1",
        "participant n2",
        "participant n3",
        "Note over n1: 1 n1 starts.",
        "Note over n2: 2 n2 starts.",
        "Note over n3: 3 n3 starts.",
    ]
    assert "Note over n1: 4 n1: the timer “election timeout” runs out." in lines
    assert lines[12:15] == [
        "n2->>n1: 5→6 RequestVote: n2 asks n1 for its vote in term 1.",
        "Note over n1: 6 n1 refuses n2: in term 1 its vote went to n1. [Raft §5.2]",
        "n1->>n2: 4→7 RequestVote: n1 asks n2 for its vote in term 1.",
    ]


def test_it_shows_what_people_did_what_was_lost_and_what_is_under_way() -> None:
    history = small()
    lines = [line.strip() for line in mermaid(history, RAFT, Span(1, len(history)))]
    assert "Note over n1: 13 command crash node=n1 (Ada#59; #35;1)" in lines
    assert "n3-->>n2: 8→11 RequestVote reply: n3 answers n2's request for a vote, in term 1." in lines
    assert any(re.match(r"Note over n1,n3: \d+ command partition", line) for line in lines)
    assert "n2-xn1: 11→16 AppendEntries n2#62;n1 found n1 down." in lines
    assert "n3-xn2: 23 RequestVote n3#62;n2 was stopped by the partition." in lines


def test_what_is_under_way_at_the_end_has_an_open_head() -> None:
    lines = [line.strip() for line in mermaid(small(), RAFT, Span(1, 4))]
    assert lines[-2:] == [
        "n1-)n2: 4→… RequestVote: n1 asks n2 for its vote in term 1.",
        "n1-)n3: 4→… RequestVote: n1 asks n3 for its vote in term 1.",
    ]


def test_heartbeats_are_folded() -> None:
    run = RAFT.run(Recording("raft", nodes=3, clients=0, seed=7))
    run.advance(1_500_000)
    lines = [line.strip() for line in mermaid(run.history, RAFT, Span(30, len(run.history)))]
    assert [line for line in lines if "->>" in line] == []
    assert any(
        line == f"Note over n1,n3: {len(run.history) - 29} routine events, 30 to {len(run.history)}" for line in lines
    )


@settings(max_examples=24, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(PROTOCOLS)), st.integers(0, 2**20))
def test_whatever_happens_each_line_is_a_statement_and_no_event_is_passed_over(name: str, seed: int) -> None:
    found = PROTOCOLS[name]
    run = found.run(fuzz(found, seed, span=500_000).recording)
    run.advance(500_000)
    chosen = Span(1, min(run.head, FORMATS["mermaid"].events_max))
    told = set()
    for line in mermaid(run.history, found, chosen):
        assert STATEMENT.fullmatch(line), line
        if folded := re.search(r": (\d+) routine events, (\d+) to (\d+)$", line):
            told.update(range(int(folded[2]), int(folded[3]) + 1))
            assert int(folded[1]) == int(folded[3]) - int(folded[2]) + 1
        elif numbered := re.search(r": (?:\d+→)?(\d+) ", line):
            told.add(int(numbered[1]))
    assert told == set(range(1, chosen.last + 1))


def test_a_span_is_within_the_run_and_bounded() -> None:
    history = small()
    assert span(history, None, None, 1_000) == Span(1, len(history))
    for first, last in ((0, 5), (6, 5), (1, len(history) + 1), (-3, -1)):
        with pytest.raises(Refused, match=f"There are no events {first} to {last}: the run has {len(history)}"):
            span(history, first, last, 1_000)
    with pytest.raises(Refused, match="These are 11 events; at most 10"):
        span(history, 1, 11, 10)
    assert len(span(history, 1, 10, 10)) == 10


@given(st.text(), st.text())
def test_a_file_name_is_safe_everywhere(protocol_name: str, branch: str) -> None:
    name = file_name(protocol_name, branch, Span(1, 20), "jsonl")
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,100}\.jsonl", name)
    assert not name.startswith(("-", "."))


def test_a_file_name_says_protocol_branch_and_events() -> None:
    assert file_name("raft", "B", Span(120, 240), "log") == "raft-B-events-120-240.log"
    assert file_name("raft", "../etc/第二", Span(1, 2), "mmd") == "raft-etc-events-1-2.mmd"
