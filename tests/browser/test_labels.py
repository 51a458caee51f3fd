"""What is written on the ring can be read: with nine nodes, on a desk and on a phone, no label covers another."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from server.protocols import PROTOCOLS, Protocol
from tests.browser.person import FRAMES, SETTLING_FRAMES, Person

SIZES = [(1024, 768), (390, 844)]
EVENTS = 60
STEPS_MAX = 40
# Names, numbers, role letters, crowns, chips, notes of links, and what most links have. The box of a text has room for
# accents above and for tails below, which none of these has; a badge and its letter are one label.
MEASURE = """() => {
  const ring = document.querySelector(".ring");
  const frame = ring.getBoundingClientRect();
  const seen = (element) => {
    const { visibility, display } = getComputedStyle(element);
    return visibility !== "hidden" && display !== "none";
  };
  const labels = [...ring.querySelectorAll("text:not(.letter), .badge-disc, .crown, .ring-common")]
    .filter((element) => seen(element) && (element.tagName !== "text" || element.textContent))
    .map((element) => {
      const box = element.getBoundingClientRect();
      const spare = element.tagName === "text" ? box.height * 0.16 : 1;
      const host = element.closest("g.host")?.dataset.host ?? "";
      const what = `${host} ${element.getAttribute("class")} ${element.textContent}`;
      return { what, host, left: box.left, right: box.right, top: box.top + spare, bottom: box.bottom - spare };
    });
  const discs = [...ring.querySelectorAll("g.host")].map((host) => {
    const box = host.querySelector(".disc").getBoundingClientRect();
    return { host: host.dataset.host, x: box.x + box.width / 2, y: box.y + box.height / 2, r: box.width / 2 };
  });
  const edges = [ring, ...document.querySelectorAll(".view-ring > .ring-legend")].map((element) => {
    const { top, bottom, height } = element.getBoundingClientRect();
    return { top, bottom, height };
  });
  const { left, right, top, bottom } = frame;
  return { labels, discs, edges, frame: { left, right, top, bottom } };
}"""


def covered(seen: dict[str, Any]) -> list[str]:
    """Each pair of labels that cover one another, each label on the disc of another host, and each outside the picture."""
    found = []
    labels, frame = seen["labels"], seen["frame"]
    for i, a in enumerate(labels):
        inside = frame["left"] <= a["left"] and a["right"] <= frame["right"]
        if not inside or a["top"] < frame["top"] or a["bottom"] > frame["bottom"]:
            found.append(f"{a['what']} leaves the picture")
        for b in labels[i + 1 :]:
            wide = min(a["right"], b["right"]) - max(a["left"], b["left"])
            high = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
            if wide > 0.5 and high > 0.5:
                found.append(f"{a['what']} and {b['what']}: {wide:.1f} x {high:.1f}")
        for disc in seen["discs"]:
            dx = max(0, a["left"] - disc["x"], disc["x"] - a["right"])
            dy = max(0, a["top"] - disc["y"], disc["y"] - a["bottom"])
            if a["host"] != disc["host"] and (dx * dx + dy * dy) ** 0.5 < disc["r"] - 1:
                found.append(f"{a['what']} covers {disc['host']}")
    return found


def busy(person: Person) -> None:
    """Plays until something has happened and stands still where messages fly and somebody has a role."""
    person.fast()
    person.until(lambda: person.head, lambda head: head > EVENTS, "a while")
    person.pause()
    network = person.open_tab("Network")
    nothing = network.get_by_role("heading", name=person.say("Messages in flight: {n}", n=0), exact=True)
    for _ in range(STEPS_MAX):
        if nothing.count() == 0:
            break
        person.step()
    expect(nothing).to_have_count(0)


def measured(page: Page, width: int, height: int) -> dict[str, Any]:
    """The page at that size, once the ring has taken it."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(FRAMES, SETTLING_FRAMES)
    seen: dict[str, Any] = page.evaluate(MEASURE)
    return seen


@pytest.mark.parametrize(
    ("protocol", "language"),
    list(zip(PROTOCOLS.values(), cycle(("en", "zh")), strict=False)),
    ids=lambda each: getattr(each, "name", each),
)
def test_no_label_covers_another_with_nine_nodes(
    enter: Callable[..., Person], protocol: Protocol, language: str
) -> None:
    # Weak reads break what nobody promised, and stop the room at any moment: there nobody reads.
    think_time = 0 if protocol.name == "gossip" else 200_000
    asks = {"param.think_time": think_time if "think_time" in protocol.program.params else ""}
    ann = enter(protocol=protocol.name, locale=language, nodes=9, clients=2, width=1024, height=768, **asks)
    busy(ann)
    ann.act("n3", "Crash")
    ann.page.keyboard.press("Escape")
    for width, height in SIZES:
        seen = measured(ann.page, width, height)
        assert covered(seen) == [], (width, height)
        names = {label["what"] for label in seen["labels"]}
        assert {f"n{i} name n{i}" for i in range(1, 10)} <= names
        ring, legend = seen["edges"]
        assert legend["height"] == 0 or legend["top"] >= ring["bottom"] - 1, "the legend stands below the picture"
