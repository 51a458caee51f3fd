"""Branches in a real browser: fork, rename, look at the branching, go back, compare, delete; and the same on a phone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.person import Person


def rows(person: Person) -> Locator:
    """The rows of the tree that is seen."""
    return person.page.get_by_role("tree", name=person.say("Branches"), exact=True).get_by_role("treeitem")


def forked(person: Person, back: int) -> str:
    """Somebody has gone back some events and crashed the leader, whose name this is."""
    leader = person.leader()
    for _ in range(back):
        person.step(-1)
    person.act(leader, "Crash")
    return leader


def test_a_branch_is_named_looked_at_left_compared_and_deleted(still: Callable[..., Person], locale: str) -> None:
    ann = still(locale=locale)
    end = ann.head
    leader = forked(ann, 12)
    begun = ann.at - 1
    ann.run_until("the next leader is elected")
    expect(rows(ann)).to_have_count(2)
    expect(rows(ann).nth(1)).to_have_attribute("aria-current", "true")

    rows(ann).nth(1).press("F2")
    field = ann.page.get_by_role("textbox", name=ann.say("Name of the branch"))
    field.fill("a")
    field.press("Enter")
    expect(ann.page.get_by_text(ann.say("Another branch is called {name}.", name="a"))).to_be_visible()
    field.fill(" <b>没有 n1</b> ")
    field.press("Enter")
    told = ann.beginning("{name}, from event {seq} of “{parent}”", name="<b>没有 n1</b>", seq=begun, parent="A")
    expect(rows(ann).nth(1)).to_have_accessible_name(told)
    expect(rows(ann).nth(1)).to_be_focused()
    rows(ann).nth(1).press("ArrowUp")
    rows(ann).nth(0).press("ArrowDown")
    picture = ann.page.get_by_role("img", name="n1, ")
    expect(picture).to_be_visible()
    expect(picture).to_have_accessible_name(ann.anything("down"))
    apart = ann.anything("The picture: at {time}. Marked is what is not as in “{parent}” then:", parent="A")
    expect(rows(ann).nth(1)).to_have_accessible_description(apart)

    rows(ann).nth(1).press("ArrowUp")
    expect(rows(ann).nth(0)).to_have_accessible_description(ann.anything("The picture: its end, at {time}."))
    rows(ann).nth(0).press("Escape")
    expect(picture).to_be_hidden()
    rows(ann).nth(0).press("Enter")
    expect(ann.host(leader)).not_to_have_accessible_name(ann.anything("down"))
    expect(ann.timeline).to_have_attribute("aria-valuemax", str(end))

    side = compare(ann)
    names = [ann.say("Branch {name}", name=name) for name in ("A", "<b>没有 n1</b>")]
    for name in names:
        expect(side.get_by_role("region", name=name, exact=True)).to_be_visible()
    side.get_by_role("button", name=ann.say("To the first difference"), exact=True).click()
    mark = side.get_by_text(ann.beginning("First difference here: event {seq}", seq=""))
    expect(mark.first).to_be_visible()
    expect(side.get_by_role("slider", name=ann.say("Timeline"), exact=True)).not_to_have_attribute(
        "aria-valuenow", str(begun)
    )
    side.close()

    rows(ann).nth(1).press("Delete")
    dialog = ann.dialog("Delete the branch?")
    dialog.get_by_role("button", name=ann.say("Delete"), exact=True).click()
    expect(dialog).to_have_count(0)
    expect(rows(ann)).to_have_count(0)
    assert ann.head == end


def compare(ann: Person) -> Page:
    """The page with both branches that the dialog opens."""
    ann.button("Compare with …").click()
    dialog = ann.dialog("Compare branches")
    expect(dialog.get_by_text(ann.beginning("First difference, at {time}", time=""))).to_be_visible()
    with ann.page.context.expect_page() as opened:
        dialog.get_by_role("button", name=ann.say("Side by side, where they part"), exact=True).click()
    return opened.value


def test_on_a_phone_the_tree_is_in_a_dialog(still: Callable[..., Person]) -> None:
    ann = still(width=390, height=844)
    leader = forked(ann, 2)
    ann.page.get_by_role("button", name=ann.beginning("Branches: {n}", n=2)).click()
    dialog = ann.dialog("Branches")
    expect(dialog.get_by_role("treeitem")).to_have_count(2)
    expect(dialog.get_by_role("img", name="n1, ")).to_be_visible()
    dialog.get_by_role("treeitem").first.click()
    dialog.get_by_role("button", name="Go there", exact=True).click()
    expect(dialog.get_by_role("treeitem").first).to_have_attribute("aria-current", "true")
    assert ann.page.evaluate("document.documentElement.scrollWidth") <= 390
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(ann.host(leader)).not_to_have_accessible_name(ann.anything("down"))
