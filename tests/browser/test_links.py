"""Links in a real browser: made, followed by somebody else, told when they don't fit, and shown in a frame."""

from __future__ import annotations

import functools
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from server.rooms.packing import pack, unpack
from server.web import linking
from tests.browser.person import VIOLATIONS, WAIT_SECONDS, Person
from tests.serving import Served

TITLE = "Link to this moment"


def link_of(person: Person) -> str:
    """Opens the dialog by its key, takes the address, and closes it."""
    person.page.keyboard.press("s")
    dialog = person.dialog(TITLE)
    field = dialog.get_by_role("textbox", name="Address", exact=True)
    expect(field).to_have_value(re.compile("/l"))
    address = field.input_value()
    person.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    return address


def follow(visit: Callable[..., Page], served: Served, address: str, **options: Any) -> Person:
    """Somebody in another browser who was given a link, and is in his room."""
    page = visit(address.removeprefix(served.url), reduced_motion="reduce", **options)
    page.set_default_timeout(WAIT_SECONDS * 1000)
    page.wait_for_url("**/r/*")
    person = Person(page)
    expect(person.timeline).to_have_attribute("aria-valuenow", re.compile(r"^\d+$"))
    return person


def events_of(person: Person) -> str:
    """All events of the room, as the server gives them away."""
    url = person.page.url.replace("/r/", "/api/rooms/") + "/events?format=jsonl"
    answer = person.page.request.get(url)
    assert answer.ok
    return answer.text().partition("\n")[2]


def test_a_room_that_is_too_long_for_a_link_is_offered_to_be_saved(still: Callable[..., Person]) -> None:
    ann = still(width=390, height=800)
    told = {"events": 120_000, "most": 100_000}
    refused = {"code": "link_too_large", "text": linking.TOO_MANY_EVENTS, "args": told, "detail": "", "status": 413}
    ann.page.evaluate(
        """refused => {
            const usual = window.fetch;
            const answer = new Response(JSON.stringify(refused), { status: refused.status });
            window.fetch = (path, ...more) => (path === "/api/links" ? Promise.resolve(answer) : usual(path, ...more));
        }""",
        refused,
    )
    ann.page.keyboard.press("s")
    dialog = ann.dialog(TITLE)
    expect(dialog.get_by_role("alert")).to_contain_text("120000 events are played, and a link may take at most 100000")
    expect(dialog.get_by_role("textbox", name="Address", exact=True)).to_have_count(0)
    assert Axe().run(ann.page, options=VIOLATIONS).response["violations"] == []
    dialog.get_by_role("button", name="Save this room").click()
    ann.dialog("Save this room").get_by_role("button", name="Save", exact=True).click()
    expect(ann.dialog("Saved")).to_be_visible()


def test_who_follows_a_link_sees_what_its_maker_saw(
    still: Callable[..., Person], visit: Callable[..., Page], served: Served, new_context: Any
) -> None:
    ann = still(width=1280, height=800)
    ann.act("n2", "Crash")
    ann.step(-1)
    ann.step(-1)
    ann.act("n3", "Pause")  # behind the crash: on a branch
    ann.open_tab("Space-time")
    diagram = ann.page.get_by_role("application", name="Space-time diagram")
    diagram.press("+")
    diagram.press("ArrowLeft")
    ann.open_tab("Inspector")
    ann.page.locator("label", has_text=re.compile("^All$")).click()
    ann.host("n4").press("Enter")
    ann.host("n4").press("Alt+ArrowRight")  # from its place on the ring
    ann.step(-1)
    picture = ann.settled()
    address = link_of(ann)
    look = unpack(address.partition("#")[2])["look"]
    assert set(look) == {"select", "panel", "filter", "window", "places"}
    bob = follow(visit, served, address, width=1280, height=800)
    assert bob.page.url != ann.page.url
    bob.shows(picture)
    assert bob.head == ann.head
    expect(bob.page.get_by_role("tab", name="Inspector")).to_have_attribute("aria-selected", "true")
    expect(bob.page.get_by_role("radio", name="All", exact=True)).to_be_checked()
    assert events_of(bob) == events_of(ann)
    places = "all => all.flatMap((each) => each.getAttribute('transform').match(/[\\d.]+/g).map(Number))"
    hosts = [each.hosts.get_by_role("button").evaluate_all(places) for each in (ann, bob)]
    assert hosts[1] == pytest.approx(hosts[0], abs=1), "all stand where they were put"
    bob.open_tab("Space-time")
    bob.open_tab("Inspector")
    assert unpack(link_of(bob).partition("#")[2])["look"] == look
    branches = bob.page.get_by_role("tree", name="Branches").get_by_role("treeitem")
    expect(branches).to_have_count(2)
    expect(branches.nth(1)).to_have_attribute("aria-current", "true")

    data = unpack(address.partition("#")[2])
    data["check"] = "A" + data["check"][1:] if data["check"][0] != "A" else "B" + data["check"][1:]
    cid = follow(visit, served, f"{served.url}/l#{pack(data)}")
    expect(cid.page.get_by_text("The link to this room was made with another version: up to event")).to_be_visible()
    cid.is_at(ann.at)

    data["setup"]["params"]["warp_factor"] = 9
    page = new_context(locale="en-GB").new_page()  # a refusal is an error in the browser's console
    page.goto(f"{served.url}/l#{pack(data)}")
    expect(page.get_by_text("There is no tunable warp_factor.")).to_be_visible()
    expect(page.get_by_text("What could be read: Raft, 5 nodes, seed 7")).to_be_visible()
    found = Axe().run(page, options=VIOLATIONS)
    assert found.violations_count == 0, found.generate_report()


def test_who_only_looks_on_links_to_what_he_alone_sees(
    still: Callable[..., Person], visit: Callable[..., Page], served: Served
) -> None:
    ann = still()
    guest = ann.invite(width=390, height=844)
    guest.page.get_by_role("button", name="Previous event").click()
    guest.is_at(ann.at - 1)
    guest.button("Share: link to this moment").click()
    dialog = guest.dialog(TITLE)
    field = dialog.get_by_role("textbox", name="Address", exact=True)
    expect(field).to_have_value(re.compile("/l#"))
    dialog.get_by_role("button", name="Make it short").click()
    expect(field).to_have_value(re.compile(r"/l/[a-z2-9]{12}$"))
    dialog.get_by_text("A code to point a phone at").click()
    code = dialog.get_by_role("img", name="QR code of the address above")
    guest.until(lambda: code.evaluate("image => image.naturalWidth"), lambda width: width > 0, "the code is there")
    assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth"), "it fits a phone"
    found = Axe().run(guest.page, options=VIOLATIONS)
    assert found.violations_count == 0, found.generate_report()
    follow(visit, served, field.input_value()).is_at(ann.at - 1)
    dialog.get_by_role("radio", name="This room, live").check()
    expect(field).to_have_value(guest.page.url)


# ---- frames ----------------------------------------------------------------------------------------------------------


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Somebody else's page."""

    def log_message(self, *_args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """The folder and the port of another site, which is called localhost or 127.0.0.1."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield folder, site.server_address[1]
        site.shutdown()


def test_a_room_is_framed_by_those_who_may_and_by_nobody_else(
    new_context: Any, elsewhere: tuple[Path, int], tmp_path: Path
) -> None:
    folder, port = elsewhere
    allowed, other = f"http://localhost:{port}", f"http://127.0.0.1:{port}"
    with Served(tmp_path / "instance", environment={"FRAME_ANCESTORS": allowed}) as server:
        context = new_context(viewport={"width": 1000, "height": 760}, locale="en-GB", reduced_motion="reduce")
        form = {"protocol": "raft", "seed": "7"}
        headers = {"Accept": "application/json", "Origin": server.url}
        room = context.request.post(f"{server.url}/rooms", form=form, headers=headers).json()["room"]
        page = context.new_page()
        page.goto(f"{server.url}/r/{room}")
        ann = Person(page)
        ann.fast()
        ann.leader()
        ann.pause()
        page.keyboard.press("s")
        dialog = ann.dialog(TITLE)
        dialog.get_by_text("Embed it in a page").click()
        dialog.get_by_role("combobox", name="Language").select_option("en")
        dialog.get_by_role("checkbox", name="Feed").check()
        expect(dialog.get_by_text("This server lets no other site")).to_have_count(0)
        line = dialog.get_by_role("textbox", name="Line for your page").input_value()
        dialog.get_by_role("button", name="Preview").click()
        preview = page.frame_locator("iframe.preview")
        expect(preview.get_by_role("slider", name="Timeline")).to_have_attribute("aria-valuenow", str(ann.at))
        (folder / "lesson.html").write_text(f"<!doctype html><title>A lesson</title>{line}")

        stranger = new_context(viewport={"width": 1000, "height": 760}, locale="zh-CN", reduced_motion="reduce")
        reader = stranger.new_page()
        reader.goto(f"{allowed}/lesson.html")
        frame = reader.frame_locator("iframe")
        timeline = frame.get_by_role("slider", name="Timeline")
        expect(timeline).to_have_attribute("aria-valuenow", str(ann.at))
        expect(frame.get_by_role("group", name="Nodes and clients")).to_be_visible()
        expect(frame.get_by_role("grid", name="Logs")).to_be_visible()
        frame.get_by_role("button", name="Previous event").click()
        expect(timeline).to_have_attribute("aria-valuenow", str(ann.at - 1))
        frame.get_by_role("button", name=re.compile("^n2")).click(button="right")
        expect(frame.get_by_role("menu")).to_have_count(0)
        assert stranger.cookies() == [], "in another site's page a room lives without cookies"
        whole = stranger.new_page()
        whole.goto(reader.frames[1].url)
        expect(whole.get_by_role("slider", name="Timeline")).to_have_attribute("aria-valuenow", str(ann.at))
        found = Axe().run(whole, options=VIOLATIONS)
        assert found.violations_count == 0, found.generate_report()

        refused: list[str] = []
        reader.on("console", lambda said: refused.append(said.text))
        reader.goto(f"{other}/lesson.html")
        ann.until(lambda: list(refused), lambda told: any("frame-ancestors" in each for each in told), "a refusal")
        assert not reader.frames[1].url.startswith(server.url) or reader.frames[1].locator("#room").count() == 0
