"""The keyboard: a map on `?`, keys that work wherever one clicked, never in a text field, and Tab to everything."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

TABS_MAX = 120
FOCUSED = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  // A radio button is drawn by what follows it, a node and a link by a part of them.
  const drawn = here.closest("label") ? here.nextElementSibling : null;
  const marks = [here, ...(drawn ? [drawn] : []), ...here.querySelectorAll(".halo, .hit")];
  const seen = marks.some((each) => {
    const style = getComputedStyle(each);
    const lined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return lined || (each instanceof SVGElement && each !== here && style.stroke !== "none" && style.strokeOpacity !== "0");
  });
  return { name: here.ariaLabel || here.textContent.trim() || here.value || "", seen };
}"""


def test_the_map_of_keys_opens_on_a_question_mark(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    ann.page.keyboard.press("?")
    dialog = ann.dialog("Keys")
    for act in (
        "Play or pause",
        "Next event",
        "Run until the next leader",
        "Crash the node",
        "Partition",
        "Drop the message",
    ):
        expect(dialog.get_by_role("definition").filter(has_text=ann.say(act)).first).to_be_visible()
    ann.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(ann.host("n1")).to_be_visible()


@pytest.mark.parametrize(
    "place", ["ring", "node", "timeline", "log", "tab", "filter", "speed", "feed", "tool", "spacetime"]
)
def test_keys_still_work_after_a_click_anywhere(still: Callable[..., Person], place: str) -> None:
    ann = still()
    page = ann.page
    clicks = {
        "ring": lambda: page.mouse.click(40, 660),
        "node": lambda: ann.host("n2").click(),
        "timeline": ann.timeline.click,
        "log": ann.logs.get_by_role("rowheader").first.click,
        "tab": lambda: ann.open_tab("Properties"),
        "filter": lambda: page.get_by_role("radio", name="All", exact=True).check(),
        "speed": lambda: page.get_by_role("slider", name="Speed", exact=True).click(),
        "feed": lambda: ann.feed.nth(2).click(),
        "spacetime": lambda: click_on_the_diagram(ann),
        "tool": lambda: page.get_by_role("button", name="Dark theme").click(),
    }
    clicks[place]()
    at = ann.stands()
    page.keyboard.press("ArrowLeft")
    ann.is_at(at - 1)
    page.keyboard.press("ArrowRight")
    ann.is_at(at)
    page.keyboard.press(" ")
    expect(ann.button("Pause")).to_be_visible()
    page.keyboard.press("k")
    expect(ann.button("Play")).to_be_visible()


def click_on_the_diagram(person: Person) -> None:
    """Opens the space-time diagram and clicks into it."""
    person.open_tab("Space-time").get_by_role("application").click()


def test_keys_only_write_in_a_text_field(still: Callable[..., Person]) -> None:
    ann = still()
    at = ann.at
    ann.host("n1").press("Enter")
    ann.button("Request").click()
    field = ann.dialog("Client request").get_by_role("textbox", name="Value", exact=True)
    field.fill("")
    field.press_sequentially("c? 1k")
    expect(field).to_have_value("c? 1k")
    ann.page.keyboard.press("Escape")
    expect(ann.dialog("Client request")).to_have_count(0)
    assert ann.stands() == at
    expect(ann.button("Play")).to_be_visible()
    expect(ann.host("n1")).not_to_have_accessible_name(ann.anything("down"))


def test_everything_is_reached_with_tab_and_is_seen_to_be(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    brand = ann.page.get_by_role("link", name=ann.say("Quorumscope, to the gallery"), exact=True)
    brand.focus()
    reached: list[dict[str, object]] = []
    for _ in range(TABS_MAX):
        ann.page.keyboard.press("Tab")
        here = ann.page.evaluate(FOCUSED)
        if here is None:
            break
        reached.append(here)
    unseen = [here for here in reached if not here["seen"]]
    assert not unseen
    names = [str(here["name"]) for here in reached]
    for wanted in (
        "My own copy", "Dark theme", "Keys and legend", "Partition", "Heal", "Request",
        "Dials", "Rules", "link from {src} to {dst}", "Feed", "Timeline", "Previous event", "Play", "Next event",
        "Run until…", "Live", "Speed",
    ):  # fmt: skip
        assert any(ann.beginning(wanted, src="n1", dst="n2").match(name) for name in names), (wanted, names)
    assert any(name.startswith("n1, ") for name in names)


def test_the_arrows_go_from_node_to_node_and_enter_opens_the_menu(still: Callable[..., Person]) -> None:
    ann = still()
    ann.host("n1").focus()
    ann.page.keyboard.press("ArrowRight")
    expect(ann.host("n2")).to_be_focused()
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.press("Enter")
    expect(ann.menu).to_be_visible()
    expect(ann.item("Crash")).to_be_focused()
    ann.page.keyboard.press("ArrowDown")
    expect(ann.item("Restart, disk kept")).to_be_focused()
    ann.page.keyboard.press("Escape")
    expect(ann.menu).to_have_count(0)
    expect(ann.host("n2")).to_be_focused()
