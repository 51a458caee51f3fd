"""The protocols, told by golden traces. The name of each file finishes a sentence that begins with its folder, "Raft ...".

`pytest tests/protocols --rewrite-traces` writes them anew; what it changed is then read against the paper.
"""

from pathlib import Path

import pytest

from server.protocols import PROTOCOLS
from tests.protocols.tracing import LINE, trace, traces

FOLDER = Path(__file__).parent / "traces"
TRACES = [path for name in PROTOCOLS for path in traces(FOLDER / name)]


@pytest.mark.parametrize("path", TRACES, ids=[f"{path.parent.name} {path.stem}" for path in TRACES])
def test_a_protocol_does_as_its_trace_tells(path: Path, rewrite_traces: bool) -> None:
    written = path.read_text(encoding="utf-8")
    found = trace(path.parent.name, written)
    if rewrite_traces:
        path.write_text(found, encoding="utf-8")
        return
    assert found.splitlines() == written.splitlines()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_each_protocol_has_traces_that_hold_something(name: str) -> None:
    paths = traces(FOLDER / name)
    assert len(paths) >= 3
    for path in paths:
        head, transcript = path.read_text(encoding="utf-8").split(LINE + "\n")
        assert head.strip()
        assert len(transcript.splitlines()) > 10, path.stem


def test_no_trace_stands_outside_the_folder_of_a_protocol() -> None:
    assert sorted(FOLDER.rglob("*.trace")) == sorted(TRACES)
