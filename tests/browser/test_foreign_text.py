"""What somebody typed is text for everybody, wherever it is shown."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.test_two_people import give_a_name

NAME = "<img src=x onerror=alert(1)>"
KEY = "<i onclick=x>"
VALUE = "<b onclick=alert(2)>&lt;"


def test_names_and_values_are_shown_as_they_were_typed(still: Callable[..., Person]) -> None:
    ann = still(width=1600, height=900)
    bob = ann.invite()
    opened: list[str] = []
    for each in (ann, bob):
        each.page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    give_a_name(ann, NAME)
    bob.page.get_by_role("button", name=bob.beginning("People and controls")).click()
    expect(bob.dialog("People and controls").get_by_role("listitem").filter(has_text=NAME)).to_have_count(1)
    bob.page.keyboard.press("Escape")

    ann.request("put", key=KEY, value=VALUE)
    expect(bob.told("{by}: {command}", by=NAME, command=f"c1 requests put {KEY}={VALUE}")).to_have_count(1)
    bob.menu_of("n1")
    expect(bob.item("Crash")).to_have_accessible_name(bob.anything("{name} has the controls.", name=NAME))
    bob.page.keyboard.press("Escape")
    ann.run_until("the next entry is committed")
    for each in (ann, bob):
        each.until(lambda one=each: one.entries("n1"), lambda names: any(VALUE in name for name in names), "the log")
        rows = each.open_tab("Clients").get_by_role("row").filter(has_text=f"put {KEY}={VALUE}")
        expect(rows).to_have_count(1)
        assert each.page.locator("img, b[onclick], i[onclick]").count() == 0
    assert opened == []
