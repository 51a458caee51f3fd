"""axe finds nothing to say about any page, in both themes and languages, on a projector and on a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOCALES, SCREENS
from tests.browser.person import VIOLATIONS, Person

# A theme is colours and nothing else, so in the other one nothing else is asked about.
OPTIONS_OF_COLOURS = VIOLATIONS | {"runOnly": {"type": "tag", "values": ["cat.color"]}}
# An open menu lies over the page, like a dialog; axe asks of it alone to stand in a part of the page.
OPTIONS_OF_A_MENU = VIOLATIONS | {"rules": {"region": {"enabled": False}}}


def check_both_themes(page: Page, person: Person, what: str) -> None:
    """Looks at the page as it is in the light, then in the dark."""
    switch = page.get_by_role("button", name=person.say("Dark theme"), exact=True)
    found: list[str] = []
    for dark in ("false", "true"):
        expect(switch).to_have_attribute("aria-pressed", dark)
        report = Axe().run(page, options=OPTIONS_OF_COLOURS if dark == "true" else VIOLATIONS)
        if report.violations_count:
            found.append(f"{what}, dark: {dark}\n{report.generate_report()}")
        switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("locale", "width", "height"), SCREENS)
def test_axe_finds_nothing_in_the_gallery_and_the_glossary(
    visit: Callable[..., Page], locale: str, width: int, height: int
) -> None:
    page = visit("/", width=width, height=height, locale=LOCALES[locale], reduced_motion="reduce")
    person = Person(page, locale)
    page.get_by_role("region", name=person.say("Protocols")).get_by_text(person.say("Set it up")).first.click()
    check_both_themes(page, person, "gallery")
    page.get_by_role("link", name=person.say("Glossary")).click()
    expect(page.get_by_role("table").first).to_be_visible()
    check_both_themes(page, person, "glossary")


@pytest.mark.parametrize(("locale", "width", "height"), SCREENS)
def test_axe_finds_nothing_in_a_room_in_an_election_and_under_a_partition(
    enter: Callable[..., Person], locale: str, width: int, height: int
) -> None:
    ann = enter(locale=locale, width=width, height=height)
    ann.fast()
    ann.until(lambda: ann.at, lambda at: at > 8, "an election")
    ann.pause()
    while ann.leaders() or ann.hosts.get_by_role("button", name=ann.anything("candidate")).count() == 0:
        ann.step(-1)
    check_both_themes(ann.page, ann, "in an election")
    ann.partition(["n1", "n2", "c1"], ["n3", "n4", "n5"])
    for panel in ("Inspector", "Network"):
        ann.open_tab(panel)
    check_both_themes(ann.page, ann, "under a partition")
    ann.menu_of("n1")
    report = Axe().run(ann.page, options=OPTIONS_OF_A_MENU)
    assert not report.violations_count, report.generate_report()


def test_axe_finds_nothing_in_the_dialogs(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale, width=1024, height=768)
    found: list[str] = []
    for name in ("Partition", "Request", "Dials", "Rules", "Run until…", "Keys and legend", "New room…"):
        ann.button(name).click()
        dialog = ann.page.get_by_role("dialog")
        expect(dialog.get_by_role("heading", level=2)).to_be_visible()
        report = Axe().run(ann.page, options=VIOLATIONS)
        if report.violations_count:
            found.append(f"{name}\n{report.generate_report()}")
        ann.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    assert not found, "\n".join(found)
