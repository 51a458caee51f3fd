"""What the browser tests share: rooms to enter, and a second person."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.person import WAIT_SECONDS, Person
from tests.serving import Served

A_NUMBER = re.compile(r"^\d+$")
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
SCREENS = [("en", 1024, 768), ("zh", 390, 844)]
"""For what takes long: each language and each width once."""


@pytest.fixture(params=["en", "zh"])
def locale(request: pytest.FixtureRequest) -> str:
    """A test that asks for it is done in both languages."""
    return str(request.param)


def make_room(context: BrowserContext, url: str, **what: Any) -> str:
    """Opens a room as the person of this browser and returns its address below the server's."""
    form = {name.replace("__", "."): str(value) for name, value in what.items() if value != ""}
    answer = context.request.post(f"{url}/rooms", form=form, headers={"Accept": "application/json", "Origin": url})
    assert answer.ok, answer.text()
    return f"/r/{answer.json()['room']}"


@pytest.fixture
def enter(visit: Callable[..., Page], served: Served) -> Callable[..., Person]:
    """`enter(seed=7, nodes=5)`: the maker of a new room, in it; `enter(at="/r/x")`: somebody who was given its address.

    The clients ask for nothing by themselves, and nothing moves but the run. `context` is what else a browser context
    takes (`has_touch`, `color_scheme`, ...).
    """

    def come(
        *, at: str = "", locale: str = "en", context: dict[str, Any] | None = None, width: int = 1280,
        height: int = 800, **what: Any,
    ) -> Person:  # fmt: skip
        options = {"width": width, "height": height, "locale": LOCALES[locale], "reduced_motion": "reduce"}
        options |= context or {}
        form = {"protocol": "raft", "seed": 7, "param.think_time": 0} | what
        page = visit(at or (lambda context: make_room(context, served.url, **form)), **options)
        page.set_default_timeout(WAIT_SECONDS * 1000)
        person = Person(page, locale, come)
        expect(person.timeline).to_have_attribute("aria-valuenow", A_NUMBER)
        return person

    return come


@pytest.fixture
def still(enter: Callable[..., Person]) -> Callable[..., Person]:
    """Like `enter`, and then a leader is elected in real time and the room stands still."""

    def come(**what: Any) -> Person:
        person = enter(**what)
        person.fast()
        person.leader()
        person.pause()
        return person

    return come
