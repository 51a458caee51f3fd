"""Clients: lanes over time, the verdict, the first error, and the same as a table; in both languages."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from server.protocols import wholeads
from tests.browser.person import VIOLATIONS, Person

APART = {
    "protocol": "gossip", "clients": 2, "seed": 3, "param.asks": "own", "param.gossip_interval": 5_000_000,
    "param.rumor_interval": 5_000_000,
}  # fmt: skip
"""Each client has a node of its own, and the nodes don't talk: what one writes the other does not read."""


def row(person: Person, client: str, asked: str) -> Locator:
    """An operation in the table."""
    rows = person.region("Clients").get_by_role("row")
    return rows.filter(has_text=re.compile(rf"^{client}")).filter(has_text=asked)


def lanes_of(person: Person) -> Locator:
    """The lanes of the clients."""
    return person.page.get_by_role("application", name=person.say("Clients' operations over time"), exact=True)


def answered(person: Person, client: str, asked: str, *, stops: bool = False) -> Locator:
    """An operation in the table, once it has returned; `stops`: the room does so by itself, for a property breaks."""
    person.button("Play").click()
    expect(row(person, client, asked)).to_contain_text(person.anything("after {time}"))
    if stops:
        expect(person.button("Play")).to_be_visible()
    else:
        person.pause()
    return row(person, client, asked)


@pytest.mark.parametrize("locale", ["en"])
def test_an_order_is_shown_and_taken_back_with_time(still: Callable[..., Person], locale: str) -> None:
    ann = still(clients=2, locale=locale)
    ann.request("put", client="c1", key="k", value="5")
    ann.open_tab("Clients")
    first = answered(ann, "c1", "put k=5")
    expect(first).to_contain_text(ann.say("number {n} of {key}", n=1, key="k"))
    ann.request("get", client="c2", key="k")
    second = answered(ann, "c2", "get k")
    expect(second).to_contain_text(ann.say("number {n} of {key}", n=2, key="k"))
    expect(ann.region("Clients")).to_contain_text(ann.say("Linearizable so far."))
    second.get_by_role("button").last.click()  # its return
    expect(second).to_have_attribute("aria-current", "true")
    at = ann.at
    lanes_of(ann).press("Enter")
    ann.until(lambda: ann.at, lambda seq: seq < at, "at the operation's return")
    ann.step(-1)
    expect(second).to_contain_text(ann.say("It waits for its answer."))
    expect(first).to_contain_text(ann.say("number {n} of {key}", n=1, key="k"))


def test_what_has_no_explanation_is_named_and_jumped_to(enter: Callable[..., Person], locale: str) -> None:
    ann = enter(**APART, locale=locale)
    ann.fast()
    ann.pause()
    ann.request("put", client="c1", key="k", value="5")
    ann.open_tab("Clients")
    written = answered(ann, "c1", "put k=5")
    ann.request("get", client="c2", key="k")
    read = answered(ann, "c2", "get k", stops=True)
    panel = ann.region("Clients")
    expect(read).to_contain_text(ann.say("No order explains it."))
    expect(written).to_contain_text(ann.say("It contradicts {ids}.", ids="c2.1"))
    expect(panel).to_contain_text(ann.say("Not linearizable. Errors: {n}", n=1))
    expect(panel).to_contain_text(ann.say("This protocol with these tunables does not promise it."))
    for _ in range(3):
        ann.step()
    at = ann.at
    ann.button("Jump to the first error").click()
    ann.until(lambda: ann.at, lambda seq: seq < at, "back at the error")
    expect(read).to_have_attribute("aria-current", "true")
    ann.step(-1)
    expect(read).to_contain_text(ann.say("It waits for its answer."))
    expect(panel).to_contain_text(ann.say("Linearizable so far."))
    tab = ann.open_tab("Properties")
    expect(tab).to_contain_text(ann.say("Linearizable"))


def test_lanes_are_walked_with_the_keyboard_and_said(still: Callable[..., Person]) -> None:
    ann = still(clients=2)
    ann.request("put", client="c1", key="k", value="5")
    ann.open_tab("Clients")
    first = answered(ann, "c1", "put k=5")
    ann.request("get", client="c2", key="k")
    second = answered(ann, "c2", "get k")
    lanes = lanes_of(ann)
    lanes.focus()
    lanes.press("Shift+ArrowLeft")
    expect(second).to_have_attribute("aria-current", "true")
    lanes.press("Shift+ArrowLeft")
    expect(first).to_have_attribute("aria-current", "true")
    expect(lanes).to_contain_text("put k=5")
    at = ann.at
    lanes.press("Enter")
    ann.until(lambda: ann.at, lambda seq: seq < at, "at the operation's return")


def test_an_election_says_why_there_is_no_verdict(enter: Callable[..., Person], locale: str) -> None:
    ann = enter(protocol="bully", clients=2, locale=locale)
    expect(ann.open_tab("Clients")).to_contain_text(ann.say(wholeads.NO_SERVICE))


@pytest.mark.parametrize(("width", "scheme"), [(1024, "light"), (390, "dark")])
def test_nothing_is_wrong_with_the_panel_for_a_screen_reader(
    enter: Callable[..., Person], width: int, scheme: str
) -> None:
    ann = enter(**APART, width=width, context={"color_scheme": scheme})
    ann.fast()
    ann.pause()
    ann.request("put", client="c1", key="k", value="5")
    ann.open_tab("Clients")
    answered(ann, "c1", "put k=5")
    ann.request("get", client="c2", key="k")
    read = answered(ann, "c2", "get k", stops=True)
    expect(read).to_contain_text(ann.say("No order explains it."))
    found = Axe().run(ann.page, context="[role=tabpanel]", options=VIOLATIONS)
    assert found.violations_count == 0, found.generate_report()
    assert ann.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
