"""Language, theme, motion and print: the reader's own choices."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import LOCALES
from tests.browser.person import Person

COUNT_CLOCK = """() => {
  const bar = document.querySelector("[role=toolbar] p b");
  window.shown = new Set([bar.textContent]);
  const watch = new MutationObserver(() => window.shown.add(bar.textContent));
  watch.observe(bar, { childList: true, characterData: true, subtree: true });
}"""


def background(page: Page) -> int:
    """How light the page is, 0 to 765."""
    colour: str = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def test_the_language_is_switched_in_the_room(still: Callable[..., Person]) -> None:
    ann = still()
    at = ann.at
    ann.page.get_by_role("link", name="中文", exact=True).click()
    zhang = Person(ann.page, "zh")
    zhang.is_at(at)
    expect(ann.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(zhang.button("Partition")).to_be_visible()
    expect(zhang.told("{host} is the leader of term {term}, with {votes} votes of {members}.")).to_have_count(1)
    ann.page.goto(ann.page.url.split("/r/")[0])
    expect(ann.page.get_by_role("heading", level=1)).to_have_text(zhang.say("Watch consensus happen"))
    ann.page.get_by_role("link", name="English", exact=True).click()
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Watch consensus happen")


def test_two_languages_are_read_in_one_room(still: Callable[..., Person]) -> None:
    ann = still(locale="zh")
    bob = ann.invite("en")
    expect(ann.told("{host} is the leader of term {term}, with {votes} votes of {members}.")).to_have_count(1)
    expect(bob.told("{host} is the leader of term {term}, with {votes} votes of {members}.")).to_have_count(1)


def test_the_theme_is_switched_and_remembered(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    light = background(ann.page)
    ann.button("Dark theme").click()
    expect(ann.button("Dark theme")).to_have_attribute("aria-pressed", "true")
    assert background(ann.page) < light / 2
    ann.page.reload()
    expect(ann.button("Dark theme")).to_have_attribute("aria-pressed", "true")
    assert background(ann.page) < light / 2


def test_the_theme_of_the_system_is_followed(visit: Callable[..., Page]) -> None:
    assert background(visit("/", color_scheme="dark")) < background(visit("/", color_scheme="light")) / 2


def test_a_step_flies_only_where_motion_is_wanted(still: Callable[..., Person]) -> None:
    ann = still(context={"reduced_motion": "no-preference"})
    eve = ann.invite(context={"reduced_motion": "reduce"})
    ann.step(-1)
    for each in (ann, eve):
        each.stands()
        each.page.evaluate(COUNT_CLOCK)
    for _ in range(4):
        ann.step(-1)
        eve.is_at(ann.at)
    assert eve.page.evaluate("() => window.shown.size") <= 5, "one time for each event"
    assert ann.page.evaluate("() => window.shown.size") > 5, "times between"


def test_a_room_is_printed_without_its_controls(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale, context={"color_scheme": "dark"})
    assert background(ann.page) < 300
    ann.page.emulate_media(media="print")
    expect(ann.cluster).to_be_visible()
    expect(ann.logs).to_be_visible()
    expect(ann.button("Partition")).to_be_hidden()
    expect(ann.button("Play")).to_be_hidden()
    assert background(ann.page) > 700


def test_pages_say_their_language(visit: Callable[..., Page], locale: str) -> None:
    page = visit("/", locale=LOCALES[locale])
    expect(page.locator("html")).to_have_attribute("lang", {"en": "en", "zh": "zh-Hans"}[locale])
