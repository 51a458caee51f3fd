"""Every protocol in a real browser, in one of the languages: opened, played, stepped back, broken, healed, told."""

import re
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle

import pytest
from playwright.sync_api import Error, Locator, expect

from server.protocols import PROTOCOLS, Protocol
from tests.browser.person import FRAMES, SETTLING_FRAMES, Person

each_protocol = pytest.mark.parametrize(
    ("protocol", "locale"),
    list(zip(PROTOCOLS.values(), cycle(("en", "zh")), strict=False)),
    ids=lambda p: getattr(p, "name", p),
)
"""Each in one of the languages: that it is told in both, the tests of the catalogue see."""
EVENTS = 60
"""How far a run is watched before it is stopped."""
UNFILLED = re.compile(r"\{\w+\}|undefined|null|NaN|\[object")


def opened(enter: Callable[..., Person], protocol: Protocol, locale: str, **what: object) -> Person:
    """A room of the protocol with five nodes and two clients that begin things by themselves."""
    params = {"param.think_time": 200_000} if "think_time" in protocol.program.params else {"param.think_time": ""}
    return enter(protocol=protocol.name, locale=locale, nodes=5, clients=2, **params, **what)


def goes_on(person: Person, events: int) -> None:
    """Plays in real time until so many more events have happened, and stands still.

    A property that is not promised under faults may break meanwhile, and then the room stops by itself.
    """
    wanted = person.head + events
    play, pause = (person.page.get_by_role("button", name=person.say(name), exact=True) for name in ("Play", "Pause"))

    def pressed(button: Locator) -> None:
        if button.is_visible():
            with suppress(Error):  # it has become the other one meanwhile
                button.click(timeout=500)

    def goes() -> bool:
        pressed(play)
        return person.head >= wanted

    def stands() -> bool:
        pressed(pause)
        before = person.at
        person.page.evaluate(FRAMES, SETTLING_FRAMES)  # the button's word follows the room by a moment
        return play.is_visible() and person.at == before

    person.until(goes, bool, "the run goes on")
    person.until(stands, bool, "the run stands still")
    person.stands()


@each_protocol
def test_it_is_opened_played_stepped_back_broken_and_healed(
    enter: Callable[..., Person], protocol: Protocol, locale: str
) -> None:
    ann = opened(enter, protocol, locale)
    expect(ann.page.get_by_role("heading", level=1)).to_contain_text(ann.say(protocol.title))
    ann.fast()
    goes_on(ann, EVENTS)
    for row in ann.feed.all_inner_texts():
        assert not UNFILLED.search(row), row
    properties = ann.open_tab("Properties")
    for each in protocol.properties:
        expect(properties).to_contain_text(ann.say(each.title))

    seen = ring(ann)
    for _ in range(3):
        ann.step(-1)
    for _ in range(3):
        ann.step()
    ann.until(lambda: ring(ann), lambda now: now == seen, "forward again, everything is as it was")

    ann.act("n1", "Crash")
    expect(ann.host("n1")).to_have_accessible_name(ann.anything("down"))
    ann.partition(["n2", "n3"], ["n4", "n5"])
    goes_on(ann, EVENTS // 2)
    before = ann.at
    ann.button("Heal").click()
    ann.acted(before)
    ann.act("n1", "Restart, disk kept")
    expect(ann.host("n1")).not_to_have_accessible_name(ann.anything("down"))
    goes_on(ann, EVENTS // 2)
    assert not UNFILLED.search(ann.page.get_by_role("main").inner_text())


def ring(person: Person) -> str:
    """What a screen reader reads of the nodes."""
    return person.hosts.aria_snapshot()
