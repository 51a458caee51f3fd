"""The flag that rewrites the golden traces; the diff is then read by a person."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-traces", action="store_true", help="write the golden traces anew, to read their diff")


@pytest.fixture
def rewrite_traces(request: pytest.FixtureRequest) -> bool:
    """Whether the traces are to be written instead of compared."""
    return bool(request.config.getoption("--rewrite-traces"))
