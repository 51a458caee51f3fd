"""Clusters side by side in a real browser: one clock, the same faults, meters beside each other, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LOCALES
from tests.browser.person import WAIT_SECONDS, Person
from tests.serving import Served

ORDER = {
    "contestants": [{"protocol": "raft"}, {"protocol": "raft", "params": {"heartbeat_interval": 120_000}}],
    "seconds": 20, "sizes": [5], "workload": "reads_and_writes", "seed": 4,
}  # fmt: skip


class Viewer(Person):
    """Somebody before several rings."""

    def ring(self, number: int) -> Locator:
        """One of the clusters, from 0 on."""
        return self.page.locator("main").get_by_role("region").filter(has=self.page.get_by_role("group")).nth(number)

    def node(self, number: int, name: str) -> Locator:
        """A node of one of the clusters."""
        return self.ring(number).get_by_role("button", name=re.compile(rf"^{name}\b"))

    def figure(self, sentence: str) -> list[str]:
        """A row of the meters."""
        head = self.page.get_by_role("rowheader", name=self.say(sentence), exact=True)
        row = self.page.get_by_role("row").filter(has=head)
        return [cell.inner_text() for cell in row.get_by_role("cell").all()]

    def messages(self) -> list[int]:
        """How many messages each cluster has sent."""
        return [int(re.sub(r"\D", "", cell) or 0) for cell in self.figure("messages")]

    @property
    def clock_reads(self) -> str:
        """The time shown."""
        return self.page.locator(".clock").inner_text()


@pytest.fixture
def watch(visit: Callable[..., Page], served: Served) -> Callable[..., Viewer]:
    """`watch(locale="zh")`: the maker of a comparison, before its clusters."""

    def come(locale: str = "en", width: int = 1024, height: int = 768) -> Viewer:
        def address(context: Any) -> str:
            answer = context.request.post(
                f"{served.url}/compare/rooms", data=ORDER,
                headers={"Accept": "application/json", "Origin": served.url},
            )  # fmt: skip
            assert answer.status == 201, answer.text()
            return str(answer.json()["address"])

        page = visit(address, width=width, height=height, locale=LOCALES[locale], reduced_motion="reduce")
        page.set_default_timeout(WAIT_SECONDS * 1000)
        viewer = Viewer(page, locale)
        for number in (0, 1):
            expect(viewer.node(number, "n1")).to_be_visible()
        return viewer

    return come


def test_clusters_are_played_stepped_broken_and_healed_together(watch: Callable[..., Viewer], locale: str) -> None:
    ann = watch(locale)
    ann.button("Play").click()
    ann.until(ann.messages, lambda counted: min(counted) > 100, "messages are sent")
    ann.page.get_by_role("button", name=ann.say("Pause"), exact=True).click()
    expect(ann.button("Play")).to_be_visible()
    more, fewer = ann.messages()
    assert 0 < fewer < more, "the one with the longer interval sends fewer"
    assert all("%" in cell for cell in ann.figure("requests answered"))

    seen = [ann.clock_reads]
    for _ in range(2):
        ann.button("Previous moment").click()
        seen.append(ann.until(lambda: ann.clock_reads, lambda now: now != seen[-1], "the clock goes back"))
    ann.button("Next moment").click()
    ann.until(lambda: ann.clock_reads, lambda now: now == seen[1], "the clock comes back")

    node = ann.node(1, "n2")
    node.press("Enter")
    expect(ann.node(0, "n2")).to_have_attribute("aria-pressed", "true")
    node.press("Enter")
    ann.item("Crash").click()
    for number in (0, 1):
        expect(ann.node(number, "n2")).to_have_accessible_name(ann.anything("down"))
    ann.node(0, "n2").press("Enter")
    ann.item("Restart, disk kept").click()
    for number in (0, 1):
        expect(ann.node(number, "n2")).not_to_have_accessible_name(ann.anything("down"))


def test_what_would_change_one_cluster_alone_says_why_not(watch: Callable[..., Viewer]) -> None:
    ann = watch()
    rules = ann.button("Rules")
    expect(rules).to_have_attribute("aria-disabled", "true")
    expect(rules).to_have_accessible_description(re.compile("Clusters that are compared have the same faults"))


def test_a_phone_has_speed_timeline_and_acts_too(watch: Callable[..., Viewer], locale: str) -> None:
    ann = watch(locale, width=390, height=844)
    expect(ann.timeline).to_be_visible()
    time = ann.page.get_by_role("toolbar", name=ann.say("Time"), exact=True)
    expect(ann.button("Partition")).to_be_hidden()
    time.get_by_role("button", expanded=False).press("Enter")
    slider = ann.page.get_by_role("slider", name=ann.say("Speed"), exact=True)
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", ann.say("real time, 1:1"))
    ann.partition(["n1", "n2"], ["n3", "n4", "n5"])
    for number in (0, 1):
        expect(
            ann.ring(number).get_by_role("img", name=ann.beginning("Partition: {groups}", groups=""))
        ).to_be_visible()
    for control in (ann.timeline, slider, ann.button("Heal"), ann.button("Next moment")):
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= 0, box
        assert box["x"] + box["width"] <= 390, box
        assert box["y"] + box["height"] <= 844, box
    time.get_by_role("button", expanded=True).click()
    expect(ann.button("Partition")).to_be_hidden()


@pytest.mark.parametrize("width", [1024, 390])
def test_nothing_stands_beside_the_page(watch: Callable[..., Viewer], width: int) -> None:
    ann = watch(width=width)
    assert ann.page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [ann.ring(number).bounding_box() for number in (0, 1)]
    assert all(box is not None and box["width"] > 300 and box["height"] > 250 for box in boxes), boxes
