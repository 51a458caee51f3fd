"""A presenter and a viewer in two browsers: what one does the other sees, and only who has the controls does anything."""

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.person import Person

SEEN_WITHIN_SECONDS = 1.0


def test_a_viewer_sees_the_presenters_partition_within_a_second(still: Callable[..., Person], locale: str) -> None:
    ann = still()
    bob = ann.invite(locale)
    wall = bob.page.get_by_role("img", name=bob.beginning("Partition: {groups}", groups="n1 n2 | n3 n4 n5"))
    expect(wall).to_have_count(0)
    ann.button("Partition").click()
    cut = ann.dialog("Partition").get_by_role("button", name="Cut the groups apart")
    expect(cut).to_be_visible()
    begun = time.monotonic()
    cut.click()
    expect(wall).to_have_count(1, timeout=SEEN_WITHIN_SECONDS * 1000)
    assert time.monotonic() - begun < SEEN_WITHIN_SECONDS + 0.5
    assert bob.at == ann.at


def test_a_viewer_cannot_crash_a_node_and_is_told_why(still: Callable[..., Person], locale: str) -> None:
    ann = still()
    bob = ann.invite(locale)
    reason = bob.say("{name} has the controls.", name=bob.say("The presenter"))
    bob.menu_of("n1")
    for act in ("Crash", "Cut off from all others", "Clock: rate and offset…"):
        item = bob.item(act)
        expect(item).to_have_attribute("aria-disabled", "true")
        expect(item).to_have_accessible_name(re.compile(re.escape(reason)))
    before = bob.at
    bob.item("Crash").click(force=True)
    expect(bob.page.get_by_role("status").filter(has_text=reason).first).to_be_visible()
    for tool in ("Partition", "Request", "Dials", "Rules"):
        expect(bob.button(tool)).to_have_attribute("aria-disabled", "true")
        expect(bob.button(tool)).to_have_accessible_description(reason)
    bob.page.keyboard.press("Escape")
    bob.page.keyboard.press("1")
    bob.page.keyboard.press("c")
    ann.step(-1)
    ann.step(+1)
    expect(ann.host("n1")).not_to_have_accessible_name(ann.anything("down"))
    assert ann.at == ann.head == before


def test_a_frame_made_by_hand_is_refused_too(still: Callable[..., Person]) -> None:
    ann = still()
    bob = ann.invite()
    said = by_hand(bob.page, ann.address, {"type": "command", "command": {"type": "crash", "node": "n1"}, "at": None})
    assert said["ok"] is False
    assert said["code"] == "no_controls"
    for frame in ({"type": "play"}, {"type": "seek", "seq": 1}, {"type": "controls", "to": "all"}):
        assert by_hand(bob.page, ann.address, frame)["ok"] is False
    assert ann.at == ann.head
    expect(ann.host("n1")).not_to_have_accessible_name(ann.anything("down"))


TALK = """([address, frame]) => new Promise((done, fail) => {
  const line = new WebSocket(address);
  line.onerror = () => fail(new Error("no line"));
  line.onmessage = ({ data }) => {
    if (data.startsWith("0")) line.send("40");
    else if (data === "2") line.send("3");
    else if (data.startsWith("40")) line.send('42["frame",' + JSON.stringify(frame.join) + "]");
    else if (data.startsWith("42")) {
      const told = JSON.parse(data.slice(2))[1];
      if (told.id === 1) line.send('42["frame",' + JSON.stringify(frame.then) + "]");
      if (told.id === 2) { line.close(); done(told); }
    }
  };
})"""


def by_hand(page: Page, room: str, frame: dict[str, Any]) -> dict[str, Any]:
    """Sends a frame as a script in the viewer's browser would, on a socket of its own; the server's answer."""
    address = re.sub(r"^http(s?)://([^/]+)/.*$", r"ws\1://\2/socket.io/?EIO=4&transport=websocket", page.url)
    join = {"type": "join", "id": 1, "room": room.removeprefix("/r/"), "last": None}
    answer: dict[str, Any] = page.evaluate(TALK, [address, {"join": join, "then": {**frame, "id": 2}}])
    return answer


def test_the_presenter_hands_the_controls_to_everybody_and_takes_them_back(still: Callable[..., Person]) -> None:
    ann = still()
    bob = ann.invite()
    ann.page.get_by_role("button", name=ann.beginning("People and controls")).click()
    people = ann.dialog("People and controls")
    people.get_by_role("button", name="Everybody", exact=True).click()
    expect(bob.page.get_by_role("button", name=bob.beginning("People and controls"))).to_contain_text("controls")
    bob.act("n1", "Crash")
    expect(ann.host("n1")).to_have_accessible_name(ann.anything("down"))
    people.get_by_role("button", name="The presenter alone", exact=True).click()
    bob.menu_of("n1")
    expect(bob.item("Restart, disk kept")).to_have_attribute("aria-disabled", "true")


def test_the_presenter_hands_the_controls_to_one(still: Callable[..., Person]) -> None:
    ann = still()
    bob, eve = ann.invite(), ann.invite()
    give_a_name(bob, "Bob")
    ann.page.get_by_role("button", name=ann.beginning("People and controls")).click()
    ann.dialog("People and controls").get_by_role("button", name="Give controls to Bob").click()
    expect(bob.button("Partition")).to_have_attribute("aria-disabled", "false")
    expect(eve.button("Partition")).to_have_attribute("aria-disabled", "true")
    bob.step(-1)
    eve.is_at(bob.at)


def give_a_name(person: Person, name: str) -> None:
    """Types a name in the people's dialog and closes it."""
    person.page.get_by_role("button", name=person.beginning("People and controls")).click()
    dialog = person.dialog("People and controls")
    dialog.get_by_role("textbox", name=person.say("Your name"), exact=True).fill(name)
    dialog.get_by_role("button", name=person.say("Use it"), exact=True).click()
    expect(dialog.get_by_role("listitem").filter(has_text=name)).to_have_count(1)
    person.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_presence_is_shown(still: Callable[..., Person]) -> None:
    ann = still()
    expect(ann.button("People and controls, {n} in the room", n=1)).to_be_visible()
    bob = ann.invite()
    expect(ann.button("People and controls, {n} in the room", n=2)).to_be_visible()
    bob.page.context.close()
    expect(ann.button("People and controls, {n} in the room", n=1)).to_be_visible()


def test_a_viewer_looks_around_alone_and_returns(still: Callable[..., Person]) -> None:
    ann = still()
    bob = ann.invite()
    there = ann.at
    bob.step(-1)
    bob.step(-1)
    alone = bob.page.get_by_role("status").filter(
        has_text=bob.say("You are looking at event {seq} alone.", seq=there - 2)
    )
    expect(alone).to_be_visible()
    assert ann.at == there
    alone.get_by_role("button", name=bob.say("Return to the room"), exact=True).click()
    bob.is_at(there)
    expect(alone).to_have_count(0)


def test_a_viewer_opens_a_copy_of_the_moment_where_he_may_do_anything(still: Callable[..., Person]) -> None:
    ann = still()
    bob = ann.invite()
    bob.step(-1)
    seen = bob.settled(panel=False)
    with bob.page.context.expect_page() as opened:
        bob.page.get_by_role("button", name=bob.say("Open my own copy here")).click()
    bob.page = opened.value
    bob.page.wait_for_url(lambda url: "/r/" in url and not url.endswith(ann.address))
    bob.is_at(ann.at - 1)
    bob.shows(seen)
    bob.act("n1", "Crash")
    expect(bob.host("n1")).to_have_accessible_name(bob.anything("down"))
    expect(ann.host("n1")).not_to_have_accessible_name(ann.anything("down"))


def test_a_lost_connection_comes_back_without_a_missed_update(
    still: Callable[..., Person], new_context: Callable[..., Any]
) -> None:
    ann = still()
    page = new_context(viewport={"width": 1280, "height": 800}).new_page()
    wire = Wire(page)
    page.goto(ann.page.url)
    bob = Person(page)
    bob.is_at(ann.at)
    last = bob.at
    wire.cut()
    expect(bob.host("n1")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text=re.compile("connection lost|connecting")).first).to_be_visible()
    expect(bob.button("Partition")).to_have_accessible_description("The connection is lost; wait until it is back.")
    ring = bob.cluster.bounding_box()
    notice = page.locator(".lost")
    expect(notice).to_contain_text(bob.say("The server does not answer."))
    box = notice.bounding_box()
    assert bob.cluster.bounding_box() == ring, "nothing makes room for it"
    assert ring is not None
    assert box is not None
    assert box["y"] + box["height"] <= ring["y"]
    expect(bob.button("Live")).to_have_attribute("aria-disabled", "true")
    ann.play()
    ann.until(lambda: ann.at, lambda at: at > last + 30, "the room goes on")
    ann.pause()
    assert bob.at == last
    tries = len(wire.lines)
    bob.button("Try now").click()
    bob.until(lambda: len(wire.lines), lambda tried: tried > tries, "it is tried at once")
    wire.mend()
    bob.is_at(ann.at)
    expect(notice).to_be_empty()
    expect(page.get_by_text(bob.say("The server answers again; you see the room as it is now."))).to_have_count(1)
    bob.page.get_by_role("radio", name="All", exact=True).check()
    ann.page.get_by_role("radio", name="All", exact=True).check()
    bob.shows(ann.settled())
    assert bob.feed.count() >= min(ann.at, 150), "every event of the span that was missed is told"


class Wire:
    """The page's way to the server, which can be cut."""

    def __init__(self, page: Page) -> None:
        self.whole = True
        self.lines: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/socket.io/"), self.opened)

    def opened(self, line: WebSocketRoute) -> None:
        """A new line: it leads to the server, now or when the way is mended."""
        self.lines.append(line)
        if self.whole:
            line.connect_to_server()

    def cut(self) -> None:
        """Breaks the line; the next one leads nowhere."""
        self.whole = False
        self.lines.pop().close()

    def mend(self) -> None:
        """Lets the lines through that were tried meanwhile."""
        self.whole = True
        for line in self.lines:
            line.connect_to_server()
