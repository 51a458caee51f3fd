"""Everything has its place at every width, and keeps it when panels fill."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LOCALES
from tests.browser.person import Person

SIZES = [(1024, 768), (390, 844), (1920, 1080)]
DISCS = """(group) => [...group.querySelectorAll("[role=button]")].map((host) => {
  const box = host.querySelector("circle.disc").getBoundingClientRect();
  return { name: host.ariaLabel.split(",")[0], x: box.x + box.width / 2, y: box.y + box.height / 2, r: box.width / 2 };
})"""


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def box_of(place: Locator) -> dict[str, float]:
    """Where it stands, in whole pixels."""
    box: Any = place.bounding_box()
    assert box is not None
    return {side: round(box[side]) for side in ("x", "y", "width", "height")}


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nine_nodes_and_three_clients_have_room(enter: Callable[..., Person], width: int, height: int) -> None:
    ann = enter(nodes=9, clients=3, width=width, height=height)
    expect(ann.hosts.get_by_role("button")).to_have_count(12)
    assert too_wide(ann.page) <= 0
    stage = box_of(ann.cluster)
    discs = ann.hosts.evaluate(DISCS)
    for one, other in combinations(discs, 2):
        apart = ((one["x"] - other["x"]) ** 2 + (one["y"] - other["y"]) ** 2) ** 0.5
        assert apart > one["r"] + other["r"], (one, other)
    for disc in discs:
        assert stage["x"] <= disc["x"] - disc["r"], disc
        assert disc["x"] + disc["r"] <= stage["x"] + stage["width"], disc
        assert stage["y"] <= disc["y"] - disc["r"], disc
        assert disc["y"] + disc["r"] <= stage["y"] + stage["height"], disc


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_controls_are_in_the_window(enter: Callable[..., Person], locale: str, width: int, height: int) -> None:
    ann = enter(locale=locale, width=width, height=height)
    time = ann.page.get_by_role("toolbar", name=ann.say("Time"), exact=True)
    acts = ann.page.get_by_role("toolbar", name=ann.say("Acts on the cluster"), exact=True)
    for control in [*time.get_by_role("button").all(), *acts.get_by_role("button").all(), ann.timeline]:
        box = box_of(control)
        assert box["x"] >= 0, box
        assert box["x"] + box["width"] <= width, box
        assert box["y"] >= 0, box
        assert box["y"] + box["height"] <= height, box
    assert too_wide(ann.page) <= 0


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_jumps_when_panels_fill(enter: Callable[..., Person], width: int, height: int) -> None:
    ann = enter(width=width, height=height, param__think_time=50000)
    places = {
        "ring": ann.cluster, "time": ann.page.get_by_role("toolbar", name="Time", exact=True),
        "tabs": ann.page.get_by_role("tablist", name="Panels"), "timeline": ann.timeline,
    }  # fmt: skip
    ann.fast()  # on a phone the slider of the speed opens, which is asked for
    before = {name: box_of(place) for name, place in places.items()}
    ann.until(lambda: ann.head, lambda head: head > 150, "a while")
    for panel in ("Inspector", "Properties", "Clients", "Network", "Feed"):
        tab = ann.page.get_by_role("tab", name=panel)
        if tab.count():
            tab.click()
    ann.host("n1").press("Enter")
    assert {name: box_of(place) for name, place in places.items()} == before


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_moves_when_there_is_bad_news(still: Callable[..., Person], width: int, height: int) -> None:
    ann = still(width=width, height=height)
    places = {"ring": ann.cluster, "tabs": ann.page.get_by_role("tablist", name="Panels"), "timeline": ann.timeline}
    before = {name: box_of(place) for name, place in places.items()}
    expect(
        ann.page.get_by_role("button", name=ann.anything("{n} properties are watched, none is broken."))
    ).to_be_visible()
    ann.button("Rules").click()
    for rule in ("Majority", "Log check before voting", "Commit only entries of the current term by counting"):
        ann.dialog("Rules of the algorithm").get_by_role("switch", name=ann.beginning(rule)).click()
    ann.page.keyboard.press("Escape")
    red = ann.page.get_by_role("alert").filter(has_text="What you see is not the algorithm")
    expect(red).to_be_visible()
    assert {name: box_of(place) for name, place in places.items()} == before
    whole = ann.button("The whole message")
    if width == 390:
        whole.click()
        expect(whole).to_have_attribute("aria-expanded", "true")
        assert {name: box_of(place) for name, place in places.items()} == before
        assert box_of(red)["height"] > box_of(whole)["height"], "it is read in full"
        whole.click()
    expect(ann.page.get_by_role("button", expanded=True, name="The whole message")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_page_scrolls_sideways(visit: Callable[..., Page], locale: str, width: int, height: int) -> None:
    page = visit("/", width=width, height=height, locale=LOCALES[locale])
    assert too_wide(page) <= 0
    page.get_by_role("link", name=Person(page, locale).say("Glossary")).click()
    expect(page.get_by_role("table").first).to_be_visible()
    assert too_wide(page) <= 0


def test_a_dialog_fits_a_phone(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale, width=390, height=844, nodes=9, clients=3)
    for name in ("Partition", "Request", "Dials", "Rules", "Run until…", "Keys and legend"):
        ann.button(name).click()
        dialog = ann.page.get_by_role("dialog")
        expect(dialog.get_by_role("heading", level=2)).to_be_visible()
        box = box_of(dialog)
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 390, name
        assert box["y"] + box["height"] <= 844, name
        ann.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
