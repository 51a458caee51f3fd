"""What is taken away from a room: pictures that stand alone, the events, a handout in black and white."""

import base64
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.person import Person

SVG = "{http://www.w3.org/2000/svg}"
# Size, how many colours, and how far the most colourful pixel is from grey.
PIXELS = """async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, image.width, image.height);
  const seen = new Set();
  let hue = 0;
  for (let i = 0; i < data.length; i += 4) {
    seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    hue = Math.max(hue, Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]));
  }
  return { width: image.width, height: image.height, colours: seen.size, hue };
}"""


def pixels(page: Page, png: bytes) -> dict[str, int]:
    """What is to be seen of a picture, as the browser decodes it."""
    address = "data:image/png;base64," + base64.b64encode(png).decode()
    return dict(page.evaluate(PIXELS, address))


def taken(ann: Person, *, what: str, view: str = "", form: str) -> tuple[str, bytes]:
    """Takes something away through the dialog, which the key opens; the file's name and what is in it."""
    ann.page.keyboard.press("t")
    dialog = ann.dialog("Take away")
    dialog.get_by_role("radio", name=ann.say(what), exact=True).check()
    if view:
        dialog.get_by_role("combobox", name=ann.say("View")).select_option(label=ann.say(view))
    dialog.get_by_role("radio", name=ann.say(form), exact=True).check()
    with ann.page.expect_download() as download:
        dialog.get_by_role("button", name=ann.say("Download"), exact=True).click()
    # It stays, for who takes one thing takes another, and says what it did.
    saved = ann.say("Saved: {name}", name=download.value.suggested_filename)
    expect(dialog.get_by_role("status")).to_have_text(saved)
    ann.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def words(svg: bytes) -> list[str]:
    """The words of a picture, which must need nothing but itself."""
    root = ET.fromstring(svg)
    tags = {element.tag for element in root.iter()}
    assert root.tag == f"{SVG}svg"
    assert not tags & {f"{SVG}{tag}" for tag in ("foreignObject", "style", "script", "image")}
    assert b"var(" not in svg
    assert b"class=" not in svg
    return ["".join(element.itertext()).strip() for element in root.iter(f"{SVG}text")]


def test_views_are_taken_as_svg_and_png_light_also_from_a_dark_room(still: Callable[..., Person]) -> None:
    ann = still(width=1024, height=768, context={"color_scheme": "dark"})
    shown = ann.settled()
    name, ring = taken(ann, what="A picture of a view", view="Ring", form="SVG, which stays sharp")
    assert name == f"raft-A-event-{ann.at}-ring.svg"
    assert {"n1", "n2", "n3", "n4", "n5", "c1"} <= set(words(ring))
    assert b'fill="#fbfcfe"' in ring  # the ground of the light theme
    name, png = taken(ann, what="A picture of a view", view="Ring", form="PNG, in pixels")
    seen = pixels(ann.page, png)
    width = float(ET.fromstring(ring).attrib["width"])
    assert name.endswith("-ring.png")
    assert abs(seen["width"] - 2 * width) <= 1
    assert seen["colours"] > 100
    _, logs = taken(ann, what="A picture of a view", view="Logs", form="SVG, which stays sharp")
    assert {"n1", "n5", "index"} <= set(words(logs))
    # Nobody looks at the space-time diagram at this width: it is behind a tab.
    _, diagram = taken(ann, what="A picture of a view", view="Space-time diagram", form="SVG, which stays sharp")
    assert {"n1", "n5", "c1"} <= set(words(diagram))
    assert diagram.count(b"<path") > 5
    ann.shows(shown)


def test_events_are_taken_as_a_log_that_its_own_expression_reads(still: Callable[..., Person]) -> None:
    ann = still(width=1024, height=768)
    ann.page.keyboard.press("t")
    dialog = ann.dialog("Take away")
    report = Axe().run(ann.page, options={"resultTypes": ["violations"]})
    assert not report.violations_count, report.generate_report()
    dialog.get_by_role("radio", name=ann.say("The events as a file"), exact=True).check()
    dialog.get_by_role("spinbutton", name=ann.say("From event")).fill("9999999")
    expect(dialog.get_by_role("alert")).to_contain_text(str(ann.head))
    dialog.get_by_role("spinbutton", name=ann.say("From event")).fill("3")
    expect(dialog.get_by_role("alert")).to_have_text("")
    dialog.get_by_role("radio", name=ann.say("A log with vector clocks, for ShiViz"), exact=True).check()
    with ann.page.expect_download() as download:
        dialog.get_by_role("button", name=ann.say("Download"), exact=True).click()
    log = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename == f"raft-A-events-3-{ann.at}.log"
    expression, _, rest = log.split("\n", 2)
    read = "([expression, log]) => [...log.matchAll(new RegExp(expression, 'g'))].map((found) => found.groups)"
    found: list[dict[str, Any]] = ann.page.evaluate(read, [expression, rest])
    assert [int(each["seq"]) for each in found] == list(range(3, ann.at + 1))
    assert all(json.loads(each["clock"])[each["host"]] >= 1 for each in found)


def test_a_handout_is_printed_in_black_and_white(still: Callable[..., Person]) -> None:
    ann = still(width=1024, height=768, context={"color_scheme": "dark"})
    ann.act(ann.leaders()[0], "Crash")
    ann.page.keyboard.press("t")
    dialog = ann.dialog("Take away")
    dialog.get_by_role("radio", name=ann.say("A handout to print"), exact=True).check()
    dialog.get_by_role("spinbutton", name=ann.say("From event")).fill("1")
    with ann.page.expect_popup() as popup:
        dialog.get_by_role("button", name=ann.say("Open the handout"), exact=True).click()
    page = popup.value
    expect(page.get_by_role("heading", name=ann.say("What happened"))).to_be_visible()
    expect(page.get_by_text("is the leader of term 1")).to_be_visible()
    expect(page.get_by_role("img", name="From 0.000 s")).to_be_visible()
    expect(page.get_by_role("cell", name="✕ down")).to_have_count(1)
    report = Axe().run(page, options={"resultTypes": ["violations"]})
    assert not report.violations_count, report.generate_report()
    seen = pixels(page, page.screenshot(full_page=True))
    assert seen["hue"] < 12
    assert seen["colours"] > 20
    assert page.pdf().startswith(b"%PDF")
