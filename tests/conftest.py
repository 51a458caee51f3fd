"""What all tests share: the browser and where to find it, a server to look at, and how hypothesis behaves.

A browser test asks for one of pytest-playwright's fixtures (`page`, `context`, `browser`) or has the mark `browser`.
Where the machine has no Chromium and no Chrome these tests are skipped and one line says how to get it; with CI=true
they fail.
"""

import functools
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.serving import Served

# Chromium without windows is first: the same page takes three fifths of the work, since no window's own pages are loaded.
BROWSER_NAMES = (
    "chromium-headless-shell", "chrome-headless-shell",
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
)  # fmt: skip
BROWSER_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/snap/bin/chromium",
)
# Browser tests that are done last: a file is one worker's, and with a long one at the end the other would wait.
SHORT = (
    "test_side_by_side", "test_recordings", "test_branches", "test_takeaway", "test_foreign_text", "test_requests",
)  # fmt: skip
BROWSER_FIXTURES = {"page", "context", "browser", "new_context"}
NO_BROWSER = (
    "no Chromium or Chrome was found. On Debian: apt install chromium-headless-shell, on Ubuntu: apt install chromium; "
    "elsewhere install Chrome, or name its program in CHROMIUM"
)
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Dozens of programs are started here; each would translate the sources anew, which takes as long as all the rest of a start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# A shell lets what it runs in the background ignore Ctrl+C, and so would the programs that are stopped by it here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Examples are the same in every run, so that a green test stays green until something changes.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, database=None, print_blob=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@functools.cache
def chromium() -> str | None:
    """The program to start as browser: $CHROMIUM, else the first known name or place."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else shutil.which(named)
    found = next((path for path in map(shutil.which, BROWSER_NAMES) if path), None)
    return found or next((place for place in BROWSER_PLACES if Path(place).exists()), None)


def is_ci() -> bool:
    """Whether a missing browser counts as a failure."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def when(item: pytest.Item) -> int:
    """Tests without a browser first, the short ones with one last."""
    if not item.get_closest_marker("browser"):
        return 0
    return 2 + SHORT.index(item.path.stem) if item.path.stem in SHORT else 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if BROWSER_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
    # Playwright leaves an event loop running in its process to the end; programs under test that begin one go before.
    items.sort(key=when)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and chromium() is None:
        if is_ci():
            pytest.fail(NO_BROWSER, pytrace=False)
        pytest.skip(NO_BROWSER)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} browser tests skipped: {NO_BROWSER}.", yellow=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright starts the machine's own browser instead of one that Playwright would have to download."""
    return {**browser_type_launch_args, "executable_path": chromium(), "args": BROWSER_ARGUMENTS}


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server in a process of its own, on a free port, stopped at the end; `served.url` is its address."""
    with Served(tmp_path_factory.mktemp("instance")) as server:
        yield server


@pytest.fixture
def visit(new_context: Any, served: Served) -> Iterator[Any]:
    """`visit("/r/x", width=390, height=844, locale="zh-CN", color_scheme="dark")` is another person's browser.

    A page in a context of its own, by default the size of a projector. Instead of a path there may be a function that
    makes one of the context. The test fails if a page reports an error or asks anybody but the server.
    """
    wrong: list[str] = []

    def look_out(page: Any) -> None:
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda said: wrong.append(f"{page.url}: {said.text}") if said.type == "error" else None)
        page.on(
            "request", lambda asked: wrong.append(f"{page.url} asks {asked.url}") if is_foreign(asked.url) else None
        )

    def is_foreign(url: str) -> bool:
        return not url.startswith((served.url, served.url.replace("http", "ws", 1), "data:", "blob:", "about:"))

    def open_page(
        path: Any = "/", *, width: int = 1024, height: int = 768, locale: str = "en-GB", **options: Any
    ) -> Any:
        context = new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        context.on("page", look_out)
        page = context.new_page()
        page.goto(served.url + (path if isinstance(path, str) else path(context)))
        return page

    yield open_page
    assert not wrong, "\n".join(wrong)
