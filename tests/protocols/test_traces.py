"""Raft, told by golden traces. The name of each file finishes the sentence "Raft ...".

`pytest tests/protocols --rewrite-traces` writes them anew; what it changed is then read against the paper.
"""

from pathlib import Path

import pytest

from tests.protocols.tracing import LINE, trace, traces

TRACES = traces(Path(__file__).parent / "traces")


@pytest.mark.parametrize("path", TRACES, ids=[path.stem for path in TRACES])
def test_raft(path: Path, rewrite_traces: bool) -> None:
    written = path.read_text(encoding="utf-8")
    found = trace("raft", written)
    if rewrite_traces:
        path.write_text(found, encoding="utf-8")
        return
    assert found.splitlines() == written.splitlines()


def test_the_traces_are_here_and_hold_something() -> None:
    assert len(TRACES) >= 8
    for path in TRACES:
        head, transcript = path.read_text(encoding="utf-8").split(LINE + "\n")
        assert head.strip()
        assert len(transcript.splitlines()) > 10, path.stem
