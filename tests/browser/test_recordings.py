"""Recordings in a real browser: saved, found, renamed, taken away, opened in another browser at the same moment, deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LOCALES, SCREENS
from tests.browser.person import VIOLATIONS, Person


class Librarian(Person):
    """Somebody before the list of recordings."""

    @property
    def rows(self) -> Locator:
        return self.page.locator(".recordings > li")

    def act(self, sentence: str, name: str) -> Locator:
        """What is to be done with the recording of that name."""
        label = f"{self.say(sentence)}: {name}"
        return self.page.get_by_role("button", name=label, exact=True).or_(
            self.page.get_by_role("link", name=label, exact=True)
        )

    def is_accessible(self) -> None:
        found = Axe().run(self.page, options=VIOLATIONS)
        assert not found.response["violations"], found.generate_report()


@pytest.mark.parametrize(("locale", "width", "height"), SCREENS)
def test_a_room_is_saved_found_taken_away_and_opened_elsewhere_at_the_same_moment(
    still: Callable[..., Person], visit: Callable[..., Page], tmp_path: Path, locale: str, width: int, height: int
) -> None:
    screen: dict[str, Any] = {"width": width, "height": height, "locale": LOCALES[locale]}
    ann = still(locale=locale, width=width, height=height)
    moment = ann.at - 1
    ann.page.keyboard.press("ArrowLeft")
    ann.is_at(moment)
    ann.page.keyboard.press("w")
    dialog = ann.dialog("Save this room")
    expect(dialog.get_by_role("textbox").first).to_be_focused()
    dialog.get_by_role("textbox").first.fill("Lecture 3 <b>")
    ann.button("Save").last.click()
    expect(ann.dialog("Saved")).to_be_visible()

    ann.page.goto(ann.page.url.partition("/r/")[0] + "/recordings")
    list_ = Librarian(ann.page, locale)
    expect(list_.rows).to_have_count(1)
    list_.is_accessible()
    search = ann.page.get_by_role("searchbox")
    search.fill("nothing like it")
    expect(list_.rows).to_have_count(0)
    search.fill("raft lecture")
    expect(list_.rows).to_have_count(1)
    list_.act("Rename", "Lecture 3 <b>").click()
    ann.dialog("Rename a recording").get_by_role("textbox").fill("Lecture 4")
    ann.dialog("Rename a recording").get_by_role("button", name=ann.say("Rename"), exact=True).click()
    expect(list_.act("Open", "Lecture 4")).to_be_visible()
    with ann.page.expect_download() as download:
        list_.act("Download", "Lecture 4").click()
    assert download.value.suggested_filename == "Lecture 4.json"
    file = tmp_path / "lecture.json"
    download.value.save_as(file)

    bob = Librarian(visit("/recordings", **screen), locale)
    expect(bob.rows).to_have_count(0)  # they are Ann's
    bob.page.locator("input[type=file]").set_input_files(file)
    expect(bob.act("Delete", "Lecture 4")).to_be_visible()
    bob.act("Open", "Lecture 4").click()
    bob.page.wait_for_url("**/r/*")
    guest = Person(bob.page, locale)
    guest.is_at(moment)

    list_.act("Delete", "Lecture 4").click()
    question = list_.dialog("Delete “{name}”?", name="Lecture 4")
    expect(question.get_by_role("button", name=ann.say("Keep it"), exact=True)).to_be_focused()
    question.get_by_role("button", name=ann.say("Delete"), exact=True).click()
    expect(list_.rows).to_have_count(0)


DROP = """([box, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], "dropped.json", { type: "application/json" }));
  box.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def test_a_file_is_opened_from_the_gallery_chosen_or_dropped(
    still: Callable[..., Person], visit: Callable[..., Page], tmp_path: Path
) -> None:
    ann = still()
    content = ann.page.request.get(ann.page.url.replace("/r/", "/api/rooms/") + "/recording").body()
    file = tmp_path / "lecture.json"
    file.write_bytes(content)
    page = visit("/")
    page.locator("[data-upload] input[type=file]").set_input_files(file)
    page.wait_for_url("**/r/*")
    page.go_back()
    box = page.locator("[data-upload]")
    page.evaluate(DROP, [box.element_handle(), content.decode()])
    page.wait_for_url("**/r/*")
    Person(page).is_at(ann.at)
