"""A protocol beside those of the project, for what a good one never shows."""

import pytest

from server.protocols import PROTOCOLS
from tests.support.alone import ALONE


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a protocol in which every node is by itself; it is there for one test."""
    monkeypatch.setitem(PROTOCOLS, ALONE.name, ALONE)
    return ALONE.name
