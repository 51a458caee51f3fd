"""The first visit: somebody opens the page, chooses Raft, and sees a leader without reading anything."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.browser.person import Person
from tests.serving import Served

LEADER_SECONDS_MAX = 3.0
REQUESTS_MAX = 8
KILOBYTES_MAX = 200
WHAT_A_CARD_SHOWS = """(cards) => cards.map((card) => ({
    heading: card.querySelector("h2, h3, h4")?.innerText.trim() ?? "",
    sentence: card.querySelector("p")?.innerText.trim() ?? "",
    picture: card.querySelector("svg, img")?.checkVisibility({ visibilityProperty: true }) ?? false,
    buttons: card.querySelectorAll("button").length,
}))"""
"""One question for all cards: a hundred of them with four questions each took a minute."""


def test_a_first_visitor_sees_a_leader_within_three_seconds(visit: Callable[..., Page], locale: str) -> None:
    page = visit("/", locale={"en": "en-GB", "zh": "zh-CN"}[locale])
    person = Person(page, locale)
    name = person.say("Open {title} now", title=person.say("Raft"))
    page.get_by_role("button", name=name, exact=True).click()
    expect(person.host("n1")).to_be_visible()
    person.until(person.leaders, bool, "a leader", seconds=LEADER_SECONDS_MAX)
    expect(person.told("{host} is the leader of term {term}, with {votes} votes of {members}.").first).to_be_visible()


def test_the_page_asks_little_before_the_first_picture(visit: Callable[..., Page], served: Served) -> None:
    page = visit("/")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright marks what it is given
    page.get_by_role("button", name="Open Raft now", exact=True).click()
    page.wait_for_url("**/r/*")
    expect(Person(page).host("n1")).to_be_visible()
    painted = page.evaluate("""() => performance.getEntriesByName("first-contentful-paint")[0].startTime""")
    before = page.evaluate(
        """(painted) => performance.getEntriesByType("resource").filter((each) => each.startTime < painted)
             .map((each) => [each.name, each.encodedBodySize])""",
        painted,
    )
    assert len(before) + 1 <= REQUESTS_MAX, before
    assert sum(size for _, size in before) < KILOBYTES_MAX * 1024, before
    assert all(each.url.startswith((served.url, served.url.replace("http", "ws", 1))) for each in asked)


def test_the_gallery_shows_every_protocol_scenario_and_lesson_with_a_picture_and_a_sentence(
    visit: Callable[..., Page], locale: str
) -> None:
    page = visit("/", locale={"en": "en-GB", "zh": "zh-CN"}[locale])
    person = Person(page, locale)
    page.locator("details.shelf").evaluate_all("all => all.forEach((each) => (each.open = true))")
    for heading in ("Lessons", "Scenarios", "Protocols"):
        cards = person.region(heading).get_by_role("listitem")
        shown = cards.evaluate_all(WHAT_A_CARD_SHOWS)
        assert len(shown) >= 1
        for card in shown:
            assert card["heading"], card
            assert card["sentence"], card
            assert card["picture"], card
            assert card["buttons"] == 1, card


def test_the_gallery_is_searched_with_each_letter(visit: Callable[..., Page]) -> None:
    page = visit("/", width=390, height=844)
    person = Person(page)
    cards = page.get_by_role("main").get_by_role("listitem")
    field = page.get_by_role("searchbox")
    field.press_sequentially("split vote")
    card = cards.filter(has=page.get_by_role("heading", name="Split vote", exact=True))
    expect(card).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(f"{cards.count()} found")
    for other in cards.all():
        words = (other.inner_text() + "split vote" * (other.locator("xpath=ancestor::details").count())).lower()
        assert "split" in words
        assert "vote" in words
    field.fill("nothing is called like this")
    expect(cards).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("Nothing found. Try another word.")
    field.fill("")
    expect(person.region("Lessons").get_by_role("listitem").first).to_be_visible()


def test_the_gallery_is_searched_and_unfolded_without_a_script(visit: Callable[..., Page], locale: str) -> None:
    page = visit("/", locale={"en": "en-GB", "zh": "zh-CN"}[locale], java_script_enabled=False)
    person = Person(page, locale)
    page.get_by_role("searchbox").fill(person.say("Split vote"))
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("heading", name=person.say("Split vote"), exact=True)).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value(person.say("Split vote"))
    page.goto(page.url.split("?")[0])
    shelf = person.region("Scenarios").get_by_role("group").last
    cards = shelf.get_by_role("listitem")
    expect(cards).to_have_count(0)
    shelf.get_by_role("heading", level=3).click()
    expect(cards.first).to_be_visible()


def test_a_room_is_set_up_in_the_gallery(visit: Callable[..., Page]) -> None:
    page = visit("/?protocol=raft")
    card = page.get_by_role("region", name="Protocols").get_by_role("listitem")
    card.get_by_text("Set it up").click()
    card.get_by_role("spinbutton", name="Nodes (1 to 9)").fill("3")
    card.get_by_role("spinbutton", name="Clients (0 to 4)").fill("2")
    card.get_by_role("textbox", name="Seed").fill("42")
    card.get_by_role("button", name="Open the protocol: Raft").click()
    person = Person(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("3 nodes, seed 42")
    expect(person.hosts.get_by_role("button")).to_have_count(5)


def test_the_gallery_shows_one_protocol_alone_without_a_script(visit: Callable[..., Page], locale: str) -> None:
    page = visit("/", locale={"en": "en-GB", "zh": "zh-CN"}[locale], java_script_enabled=False)
    person = Person(page, locale)
    protocols = person.region("Protocols").get_by_role("listitem")
    every = protocols.count()
    shown = page.get_by_role("navigation", name=person.say("Show one protocol alone"))
    shown.get_by_role("link", name=person.say("Raft"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(person.say("Raft"))
    expect(shown.get_by_role("link", name=person.say("Raft"), exact=True)).to_have_attribute("aria-current", "true")
    assert protocols.count() == 1 < every
    assert person.region("Scenarios").get_by_role("listitem").count() > 0
    shown.get_by_role("link", name=person.say("All"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(person.say("Watch consensus happen"))


def test_the_rest_of_the_page_comes_though_its_files_did_not_at_first(
    enter: Callable[..., Person], new_context: Callable[..., BrowserContext], served: Served
) -> None:
    """A browser keeps a module's failure until the page is loaded anew: a phone on a bad line had the ring alone."""
    room = enter().address
    page = new_context(viewport={"width": 390, "height": 844}).new_page()  # one whose console may tell of failures
    viewer = Person(page, "en")
    failed: set[str] = set()

    def fail_once(route: Route) -> None:
        url = urlsplit(route.request.url).path
        if url in failed or not page.locator(f"#room:is([data-soon~='{url}'], [data-later~='{url}'])").count():
            return route.continue_()
        failed.add(url)
        return route.abort() if len(failed) == 1 else route.fulfill(status=503)

    page.route("**/static/part-*.js", fail_once)
    page.goto(served.url + room)
    expect(viewer.timeline).to_be_visible()
    for panel in ("Feed", "Inspector"):
        viewer.open_tab(panel)
        expect(viewer.region(panel)).to_be_visible()
    assert len(failed) >= 2
