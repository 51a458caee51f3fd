"""Looking for counterexamples in a real browser: search, read, open the room, see it break, stop; in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from server.protocols import PROTOCOLS
from tests.browser.conftest import LOCALES, SCREENS
from tests.browser.person import WAIT_SECONDS, Person
from tests.serving import Served

FOUND_MS = 120_000
UNHEARD = {"protocol": "number_election", "without": ["hear_from_all"], "seconds": 110}
"""Found in a moment: what is tested here is the page, not the machine behind it."""
RULE = "Hear from all"
PROPERTY = "The best number wins"
BREAKS = "“{property}” breaks"
LONG = {"protocol": "raft", "without": [], "seconds": 120}


class Seeker(Person):
    """Somebody before the page that searches."""

    def field(self, sentence: str) -> Locator:
        """A field of the form by its label."""
        name = self.say(sentence)
        return self.page.get_by_role("combobox", name=name).or_(self.page.get_by_role("spinbutton", name=name))

    def heading(self, sentence: str, **values: Any) -> Locator:
        return self.page.get_by_role("heading", name=self.anything(sentence, **values))

    def search(self) -> None:
        """Searches for what is chosen, until something is found."""
        self.button("Search").click()
        self.has_found()

    def has_found(self) -> None:
        expect(self.heading(BREAKS, property=self.say(PROPERTY))).to_be_visible(timeout=FOUND_MS)

    def open_story(self) -> None:
        """Goes to the room of the story."""
        self.button("Open it at the moment before").click()
        self.page.wait_for_url("**/r/*")
        expect(self.timeline).to_have_attribute("aria-valuenow", re.compile(r"^\d+$"))

    def chosen(self) -> dict[str, Any]:
        """The choice in the address of the page."""
        return dict(json.loads(unquote(self.page.url.partition("#")[2])))


@pytest.fixture
def seek(visit: Callable[..., Page]) -> Callable[..., Seeker]:
    """`seek(order, locale="zh")`: somebody who was given the address of that choice."""

    def come(order: dict[str, Any] | None = None, locale: str = "en", **size: Any) -> Seeker:
        path = "/explore" + (f"#{quote(json.dumps(order))}" if order else "")
        page = visit(path, locale=LOCALES[locale], reduced_motion="reduce", **size)
        page.set_default_timeout(WAIT_SECONDS * 1000)
        seeker = Seeker(page, locale)
        expect(seeker.button("Search").or_(seeker.button("Begin anew"))).to_be_visible()
        return seeker

    return come


@pytest.mark.parametrize("locale", ["en"])
def test_a_story_is_found_opened_right_before_it_breaks_and_breaks_with_one_step(
    seek: Callable[..., Seeker], locale: str
) -> None:
    ann = seek(UNHEARD, locale)
    ann.search()
    result = ann.page.get_by_role("region", name=ann.anything(BREAKS))
    expect(result).to_contain_text(ann.say("Without the rule “{rules}”:", rules=ann.say(RULE)))
    expect(result.get_by_role("listitem")).not_to_have_count(0)
    expect(result).to_contain_text(ann.say("With all rules on, the same acts do not break it."))
    ann.open_story()
    seq = ann.head
    assert ann.at == seq - 1
    expect(ann.button("Play")).to_be_visible()
    broken = ann.page.get_by_role("alert").filter(
        has_text=ann.say("“{property}” is broken at event {seq}.", property=ann.say(PROPERTY), seq=seq)
    )
    expect(broken).to_have_count(0)
    story = ann.region("Counterexample")
    expect(story).to_contain_text(
        ann.say("The next event breaks “{property}”. What leads to it is lit.", property=ann.say(PROPERTY))
    )
    diagram = ann.page.get_by_role("application", name=ann.say("Space-time diagram"), exact=True)
    expect(diagram).to_contain_text(re.compile(rf"^{seq} · "))
    acts = story.get_by_role("button", name=ann.anything("What was done ({n})"))
    acts.press("Enter")
    expect(story.get_by_role("listitem").last).to_contain_text(ann.say(PROPERTY))
    acts.press("Escape")
    expect(story.get_by_role("listitem")).to_have_count(0)
    ann.step()
    expect(broken).to_be_visible()
    expect(
        ann.page.get_by_role("alert").filter(has_text=ann.say("Paused: a property broke. Play goes on."))
    ).to_be_visible()
    expect(story).to_contain_text(ann.say("Event {seq} broke “{property}”.", seq=seq, property=ann.say(PROPERTY)))
    ann.step(-1)
    expect(broken).to_have_count(0)
    ann.page.go_back()
    ann.has_found()


def test_what_happens_instead_is_seen_when_the_rule_is_on_again(seek: Callable[..., Seeker]) -> None:
    ann = seek(UNHEARD)
    ann.search()
    ann.open_story()
    ann.button("Rules").click()
    ann.dialog("Rules of the algorithm").get_by_role("switch", name=ann.beginning(RULE)).click()
    ann.page.keyboard.press("Escape")
    expect(ann.region("Counterexample")).to_contain_text("Somebody has changed something here")


@pytest.mark.parametrize("locale", ["en"])
def test_a_search_is_stopped_and_says_what_it_has_seen(seek: Callable[..., Seeker], locale: str) -> None:
    ann = seek(LONG, locale)
    ann.button("Search").click()
    numbers = ann.page.get_by_role("definition").first
    expect(numbers).not_to_have_text("0", timeout=FOUND_MS)
    expect(ann.page.get_by_text(ann.say("Searching …"))).to_be_visible()
    ann.button("Stop").click()
    expect(ann.heading("Nothing was found")).to_be_visible()
    expect(ann.page.get_by_text(ann.say("The search was stopped."))).to_be_visible()
    expect(ann.page.get_by_text(ann.say("That is no proof, only what was tried."))).to_be_visible()


def test_a_systematic_search_tells_its_depth_and_its_states(seek: Callable[..., Seeker]) -> None:
    ann = seek({**LONG, "nodes": 3})
    ann.page.get_by_role("radio", name=ann.beginning("Systematic")).check()
    ann.button("Search").click()
    depth = ann.page.get_by_role("term").filter(has_text="Depth, in steps")
    expect(depth).to_be_visible(timeout=FOUND_MS)
    ann.button("Stop").click()
    expect(ann.page.get_by_text(ann.anything("{states} states were looked at in {seconds} s"))).to_be_visible()


def test_a_choice_is_made_by_hand_and_stands_in_the_address(seek: Callable[..., Seeker]) -> None:
    ann = seek()
    ann.field("Protocol").select_option("gossip")
    ann.page.get_by_role("checkbox", name=re.compile("^Newer wins|newer", re.IGNORECASE)).first.check()
    ann.field("Nodes").select_option("4")
    ann.field("Seconds to search").fill("45")
    ann.page.get_by_text("Tune it").click()
    ann.page.get_by_role("spinbutton", name="Gossip interval (ms)").fill("80")
    expect(ann.page.get_by_text("Tuned: 1")).to_be_visible()
    chosen = ann.chosen()
    assert (chosen["protocol"], chosen["nodes"], chosen["seconds"]) == ("gossip", 4, 45)
    assert chosen["params"] == {"gossip_interval": 80_000}
    assert len(chosen["without"]) == 1
    ann.page.reload()
    expect(ann.field("Protocol")).to_have_value("gossip")
    expect(ann.page.get_by_role("checkbox", checked=True)).to_have_count(1)


def test_a_wrong_choice_is_refused_with_a_sentence(new_context: Any, served: Served, locale: str) -> None:
    # A page of its own: the console of the browser calls every refusal an error.
    page = new_context(locale=LOCALES[locale]).new_page()
    wrong = {**LONG, "method": "systematic", "wanted": "leader_exists"}
    page.goto(f"{served.url}/explore#{quote(json.dumps(wrong))}")
    ann = Seeker(page, locale)
    ann.button("Search").click()
    expect(page.get_by_role("alert")).to_have_text(
        ann.say(
            "{name} holds in the end or not, and a systematic search sees no end: choose random faults.",
            name="leader_exists",
        )
    )


@pytest.mark.parametrize("locale", ["zh"])
def test_a_room_asks_what_a_rule_was_for_and_stays_as_it_is(enter: Callable[..., Person], locale: str) -> None:
    ann = enter(protocol="number_election", nodes=5, locale=locale)
    ann.pause()
    before = (ann.address, ann.head)
    ann.button("Rules").click()
    name = f"{ann.say('What was this rule for?')} {ann.say(RULE)}"
    with ann.page.expect_popup() as opened:
        ann.dialog("Rules of the algorithm").get_by_role("link", name=name, exact=True).click()
    bob = Seeker(opened.value, locale)
    expect(bob.field("Protocol")).to_have_value("number_election")
    expect(bob.field("Nodes")).to_have_value("5")
    expect(bob.page.get_by_role("checkbox", checked=True)).to_have_accessible_name(bob.beginning(RULE))
    bob.has_found()
    bob.open_story()
    assert bob.address != before[0]
    assert (ann.address, ann.head) == before
    expect(ann.dialog("Rules of the algorithm").get_by_role("switch", checked=False)).to_have_count(0)


def test_every_rule_can_be_asked_for(enter: Callable[..., Person]) -> None:
    ann = enter()
    ann.button("Rules").click()
    links = ann.dialog("Rules of the algorithm").get_by_role("link")
    expect(links).to_have_count(len(PROTOCOLS["raft"].program.rules))


def test_everything_can_be_reached_with_the_keyboard(seek: Callable[..., Seeker]) -> None:
    ann = seek(UNHEARD)
    ann.field("Protocol").focus()
    seen = []
    for _ in range(40):
        ann.page.keyboard.press("Tab")
        seen.append(ann.page.evaluate("document.activeElement.textContent.trim().slice(0, 40)"))
        if seen[-1] == "Search":
            break
    assert seen[-1] == "Search"
    ann.page.keyboard.press("Enter")
    ann.has_found()
    for _ in range(10):
        ann.page.keyboard.press("Tab")
        if ann.page.evaluate("document.activeElement.textContent.trim()") == "Open it at the moment before":
            break
    ann.page.keyboard.press("Enter")
    ann.page.wait_for_url("**/r/*")


@pytest.mark.parametrize(("locale", "width", "height"), SCREENS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    seek: Callable[..., Seeker], locale: str, width: int, height: int
) -> None:
    ann = seek(UNHEARD, locale, width=width, height=height)
    ann.search()
    ann.page.get_by_text(ann.say("As the source of a scenario")).click()
    assert ann.page.evaluate("document.documentElement.scrollWidth") == width
    switch = ann.button("Dark theme")
    for _ in range(2):
        clean(ann.page)
        switch.click()
    ann.open_story()
    ann.region("Counterexample").get_by_role("button", name=ann.anything("What was done ({n})")).click()
    clean(ann.page)


def clean(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert not found.violations_count, found.generate_report()
