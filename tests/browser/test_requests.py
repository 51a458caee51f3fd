"""What a room's set-up forbids is seen before it is asked for; who leads is seen where nodes are chosen."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.person import Person


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844)])
def test_requests_that_the_set_up_forbids_are_grey_and_nodes_are_chosen(
    still: Callable[..., Person], width: int, height: int
) -> None:
    ann = still(width=width, height=height, nodes=3, **{"param.transfer": "asked"})
    line = ann.page.get_by_role("button", name=re.compile(r"^Set-up: .*Leadership transfer: when you ask for it"))
    line.click()
    whole = ann.dialog("How this room is set up")
    expect(whole).to_contain_text("Leadership transfer usually is refused")
    expect(whole).to_contain_text("PreVote")
    ann.page.keyboard.press("Escape")

    ann.button("Request").click()
    dialog = ann.dialog("Client request")
    grey = dialog.get_by_role("radio", name=re.compile("^⊘?.*Add a voter"))
    why = re.compile("The members of this room stay as they are")
    expect(grey).to_have_attribute("aria-disabled", "true")
    expect(grey).to_have_accessible_description(why)
    report = Axe().run(ann.page, options={"resultTypes": ["violations"]})
    assert not report.violations_count, report.generate_report()
    grey.focus()
    ann.page.keyboard.press("Space")
    expect(dialog.get_by_role("alert")).to_have_text(why)
    expect(dialog.get_by_role("button", name="Send the request")).to_have_attribute("aria-disabled", "true")
    before = ann.at
    ann.page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    assert ann.at == before, "nothing was asked"

    dialog.get_by_role("radio", name=re.compile("^Hand over the leadership")).check()
    choice = dialog.get_by_role("combobox", name="To node", exact=True)
    options = choice.get_by_role("option").all_inner_texts()
    assert [name.split(" · ")[0] for name in options] == ["n1", "n2", "n3"]
    (leader,) = [name.split(" · ")[0] for name in options if name.endswith("leader")]
    heir = next(name for name in ("n1", "n2", "n3") if name != leader)
    choice.select_option(heir)
    dialog.get_by_role("button", name="Send the request").click()
    expect(dialog).to_have_count(0)
    expect(ann.told("By hand: {command}").first).to_contain_text(f"Hand over the leadership: {heir}")
    ann.button("Partition").click()
    expect(ann.dialog("Partition").get_by_role("rowheader", name=re.compile(rf"^{leader}.*leader"))).to_be_visible()
