"""Comparing protocols in a real browser: choose, compute, read, take away, stop; in both languages."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from server.exploration.comparison.figures import MESSAGES
from tests.browser.conftest import LOCALES, SCREENS
from tests.browser.person import WAIT_SECONDS, Person
from tests.serving import Served

COMPUTED_MS = 90_000
SHORT = {
    "contestants": [{"protocol": "raft"}, {"protocol": "raft", "params": {"heartbeat_interval": 100_000}}],
    "sizes": [3], "seeds": 3, "seconds": 5, "workload": "reads_and_writes", "faults": {"name": "one_crash"},
}  # fmt: skip


class Reader(Person):
    """Somebody before the page that compares."""

    def field(self, sentence: str, **values: Any) -> Locator:
        """A field of the form by its label."""
        name = self.beginning(sentence, **values)
        return self.page.get_by_role("combobox", name=name).or_(self.page.get_by_role("spinbutton", name=name))

    def compare(self) -> None:
        """Computes what is chosen, to its end."""
        self.button("Compare").click()
        expect(self.page.get_by_text(self.anything("Done. Runs: {of}."))).to_be_visible(timeout=COMPUTED_MS)

    def row(self, sentence: str, unit: str = "") -> Locator:
        """The row of a figure in the table of the judgements."""
        name = self.say(sentence) + (f" ({unit})" if unit else "")
        head = self.page.get_by_role("rowheader").filter(has_text=re.compile(f"^{re.escape(name)}"))
        return self.page.get_by_role("row").filter(has=head).first

    def cells(self, sentence: str, unit: str = "") -> list[str]:
        """What stands in that row."""
        return [cell.inner_text() for cell in self.row(sentence, unit).get_by_role("cell").all()]

    def ordered(self) -> dict[str, Any]:
        """The order in the address of the page."""
        return dict(json.loads(unquote(self.page.url.partition("#")[2])))


@pytest.fixture
def read(visit: Callable[..., Page], served: Served) -> Callable[..., Reader]:
    """`read(order, locale="zh")`: somebody who was given the address of that choice."""

    def come(order: dict[str, Any] | None = None, locale: str = "en", **size: Any) -> Reader:
        path = "/compare" + (f"#{quote(json.dumps(order))}" if order else "")
        page = visit(path, locale=LOCALES[locale], reduced_motion="reduce", **size)
        page.set_default_timeout(WAIT_SECONDS * 1000)
        reader = Reader(page, locale)
        expect(reader.button("Compare")).to_be_visible()
        return reader

    return come


@pytest.mark.parametrize("locale", ["zh"])
def test_two_tunings_are_compared_and_the_differences_are_marked(read: Callable[..., Reader], locale: str) -> None:
    ann = read(SHORT, locale)
    ann.compare()
    for sentence in ("The five judgements", "How many crashes are borne", "How the cost grows with the nodes"):
        expect(ann.page.get_by_role("heading", name=ann.say(sentence), exact=True)).to_be_visible()
    more, fewer = ann.cells("Messages per operation")
    assert ann.say("worst") in more
    assert ann.say("best") in fewer
    assert float(more.split()[0]) > float(fewer.split()[0]) > 0
    assert ann.cells("Consistent runs", "%") == ["100", "100"]
    assert ann.cells("Crashes borne", ann.say("nodes")) == ["1", "1"]
    figures = ann.page.get_by_role("figure")
    expect(figures).to_have_count(2)
    for plot in figures.all():
        expect(plot.locator("svg.compare-plot")).to_be_visible()
    ann.row("Messages per operation").get_by_text(ann.say("Messages per operation"), exact=True).click()
    expect(ann.page.get_by_text(ann.say(MESSAGES.text), exact=True)).to_be_visible()


def test_a_choice_is_made_by_hand_and_stands_in_the_address(read: Callable[..., Reader]) -> None:
    ann = read()
    ann.field("Protocol {letter}", letter="A").select_option("gossip")
    ann.field("Protocol {letter}", letter="B").select_option("primary_backup")
    ann.button("Add another").click()
    ann.field("Protocol {letter}", letter="C").select_option("raft")
    ann.page.get_by_role("listitem").filter(has=ann.field("Protocol {letter}", letter="C")).get_by_text(
        "Tune it"
    ).click()
    heartbeat = ann.page.get_by_role("spinbutton", name="Heartbeat interval (ms)")
    heartbeat.fill("80")
    expect(ann.page.get_by_text("Tuned: 1")).to_be_visible()
    ann.field("Seeds").fill("7")
    ann.field("Faults").select_option("minority")
    chosen = ann.ordered()
    assert chosen["contestants"] == [
        {"protocol": "gossip", "params": {}},
        {"protocol": "primary_backup", "params": {}},
        {"protocol": "raft", "params": {"heartbeat_interval": 80_000}},
    ]
    assert (chosen["seeds"], chosen["faults"]) == (7, {"name": "minority"})
    ann.button("Remove protocol B").click()
    assert [each["protocol"] for each in ann.ordered()["contestants"]] == ["gossip", "raft"]
    ann.page.reload()
    expect(ann.field("Protocol {letter}", letter="B")).to_have_value("raft")
    expect(ann.field("Seeds")).to_have_value("7")


def test_a_wrong_choice_is_refused_with_what_would_fit(new_context: Any, served: Served, locale: str) -> None:
    # A page of its own: the console of the browser calls every refusal an error.
    page = new_context(locale=LOCALES[locale]).new_page()
    wrong = {**SHORT, "contestants": [{"protocol": "raft"}, {"protocol": "paxos"}]}
    page.goto(f"{served.url}/compare#{quote(json.dumps(wrong))}")
    ann = Reader(page, locale)
    ann.button("Compare").click()
    expect(page.get_by_role("alert")).to_have_text(
        ann.anything("{protocol} and {other} can't be asked the same; {protocol} can be compared with {mates}.")
    )
    expect(page.get_by_role("alert")).to_contain_text("multi_paxos")


def test_only_workloads_that_all_can_serve_are_offered(read: Callable[..., Reader], locale: str) -> None:
    ann = read({**SHORT, "contestants": [{"protocol": "raft"}, {"protocol": "paxos"}]}, locale)
    expect(ann.field("Workload")).to_have_value("")
    ann.field("Protocol {letter}", letter="B").select_option("gossip")
    expect(ann.field("Workload")).to_have_value("reads_and_writes")
    counter = ann.field("Workload").locator("option[value=counter]")
    expect(counter).to_be_disabled()


def test_a_comparison_is_stopped_and_shows_what_is_known(read: Callable[..., Reader]) -> None:
    ann = read({**SHORT, "seeds": 100, "seconds": 60})
    ann.button("Compare").click()
    expect(ann.page.get_by_role("heading", name="The five judgements")).to_be_visible(timeout=COMPUTED_MS)
    ann.button("Stop").click()
    expect(ann.page.get_by_text(re.compile(r"^Stopped. Runs: \d+ of \d+\.$"))).to_be_visible()
    expect(ann.page.get_by_role("heading", name="The five judgements")).to_be_visible()
    assert ann.cells("Consistent runs", "%")[0] == "100"


def test_table_and_plots_are_taken_away(read: Callable[..., Reader], tmp_path: Path) -> None:
    ann = read(SHORT)
    ann.compare()
    with ann.page.expect_download() as found:
        ann.page.get_by_role("link", name="The table as CSV").click()
    table = tmp_path / "table.csv"
    found.value.save_as(table)
    with table.open(newline="", encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if line["part"] == "table" and line["figure"] == "messages"]
    shown = [float(cell.split()[0]) for cell in ann.cells("Messages per operation")]
    assert [float(line["value"]) for line in lines] == pytest.approx(shown, abs=0.06)
    for region in ann.page.get_by_role("button", name="Save as SVG").all():
        with ann.page.expect_download() as found:
            region.click()
        saved = tmp_path / found.value.suggested_filename
        found.value.save_as(saved)
        picture = saved.read_text(encoding="utf-8")
        assert picture.startswith("<svg")
        assert "var(" not in picture
        assert "<title>" in picture
    for region in ann.page.get_by_role("button", name="Save as PNG").all():
        with ann.page.expect_download() as found:
            region.click()
        assert Path(found.value.path()).read_bytes().startswith(b"\x89PNG")
        assert found.value.suggested_filename.endswith(".png")


def test_a_plot_shows_another_figure_with_the_numbers_beside_it(read: Callable[..., Reader]) -> None:
    ann = read(SHORT)
    ann.compare()
    growth = ann.region("How the cost grows with the nodes")
    growth.get_by_text("The numbers as a table").click()
    first = growth.get_by_role("row").nth(1).inner_text()
    growth.get_by_label("Figure").select_option("bytes")
    expect(growth.get_by_role("table")).to_contain_text("Bytes per operation")
    assert growth.get_by_role("row").nth(1).inner_text() != first
    expect(growth.get_by_role("row")).to_have_count(8)


def test_the_same_order_is_watched_side_by_side(read: Callable[..., Reader]) -> None:
    ann = read(SHORT)
    ann.button("Watch them side by side").click()
    ann.page.wait_for_url("**/compare/live/*")
    expect(ann.page.get_by_role("heading", level=1)).to_contain_text("Raft")


def test_everything_can_be_reached_with_the_keyboard(read: Callable[..., Reader]) -> None:
    ann = read(SHORT)
    ann.field("Protocol {letter}", letter="A").focus()
    seen = []
    for _ in range(30):
        ann.page.keyboard.press("Tab")
        seen.append(ann.page.evaluate("document.activeElement.textContent.trim().slice(0, 40)"))
        if seen[-1] == "Compare":
            break
    assert seen[-1] == "Compare"
    ann.page.keyboard.press("Enter")
    expect(ann.page.get_by_text(re.compile(r"^Done. Runs: \d+\.$"))).to_be_visible(timeout=COMPUTED_MS)


@pytest.mark.parametrize(("locale", "width", "height"), SCREENS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    read: Callable[..., Reader], locale: str, width: int, height: int
) -> None:
    ann = read(SHORT, locale, width=width, height=height)
    ann.compare()
    expect(ann.page.locator("svg.compare-plot")).to_have_count(2)
    assert ann.page.evaluate("document.documentElement.scrollWidth") == width
    switch = ann.button("Dark theme")
    for _ in range(2):
        found = Axe().run(ann.page, options={"resultTypes": ["violations"]})
        assert not found.violations_count, found.generate_report()
        switch.click()
