"""A person at a page: everything is found by role and accessible name alone, in the language that the page speaks.

Sentences are named by their English form (the message id) and looked up in the catalogue, so that one test reads both
languages. What changes by itself is waited for, a frame of the page at a time.
"""

import functools
import re
import time
from collections.abc import Callable
from difflib import ndiff
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from babel.messages.pofile import read_po
from playwright.sync_api import Locator, Page, expect

CATALOGUE = Path(__file__).resolve().parents[2] / "server/translations/zh/LC_MESSAGES/messages.po"
WAIT_SECONDS = 15.0
# What axe is asked for. To describe every element that is right as well takes three times as long.
VIOLATIONS: dict[str, Any] = {"resultTypes": ["violations"]}
T = TypeVar("T")
# Panels are drawn anew at most ten times a second.
SETTLING_FRAMES = 10
FRAMES = """(left) => new Promise((done) => {
  const next = () => (left-- > 0 ? requestAnimationFrame(next) : done(0));
  next();
})"""

# A loaded machine is slow; a page that is right needs none of it.
expect.set_options(timeout=WAIT_SECONDS * 1000)


@functools.cache
def chinese() -> dict[str, str]:
    """Message id to Chinese sentence."""
    with CATALOGUE.open("rb") as file:
        return {entry.id: entry.string for entry in read_po(file) if isinstance(entry.id, str) and entry.string}


class Person:
    """One page and who looks at it. `locale` is `en` or `zh`."""

    def __init__(self, page: Page, locale: str = "en", enter: Callable[..., "Person"] | None = None) -> None:
        self.page = page
        self.locale = locale
        self._enter = enter

    @property
    def address(self) -> str:
        """The room, below the server's address; who is given it may watch."""
        return urlsplit(self.page.url).path

    def invite(self, locale: str = "en", **how: Any) -> "Person":
        """Somebody in another browser who was given the address, and has come to where the room is."""
        assert self._enter is not None
        guest = self._enter(at=self.address, locale=locale, **how)
        guest.is_at(self.at)
        return guest

    # Words

    def say(self, sentence: str, **values: Any) -> str:
        """The sentence as this page writes it."""
        words = chinese()[sentence] if self.locale == "zh" else sentence
        return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), words)

    def beginning(self, sentence: str, **values: Any) -> re.Pattern[str]:
        """Matches a name that begins with the sentence."""
        return re.compile("^" + re.escape(self.say(sentence, **values)))

    def anything(self, sentence: str, **values: Any) -> re.Pattern[str]:
        """Matches the sentence wherever it stands, with whatever stands for the parameters that are not given."""
        words = re.split(r"\{\w+\}", self.say(sentence, **values))
        return re.compile(".+".join(re.escape(word) for word in words))

    # Waiting

    def until(self, look: Callable[[], T], wanted: Callable[[T], bool], what: str, seconds: float = WAIT_SECONDS) -> T:
        """Looks again with every frame of the page, until it is as wanted; returns what it saw."""
        end = time.monotonic() + seconds
        while True:
            seen = look()
            if wanted(seen):
                return seen
            assert time.monotonic() < end, f"{what}: after {seconds} s it is {seen!r}"[:4000]
            self.frame()

    def frame(self) -> None:
        """One frame of the page goes by."""
        self.page.evaluate(FRAMES, 1)

    # Where things are

    def button(self, sentence: str, **values: Any) -> Locator:
        """The button of exactly this name."""
        return self.page.get_by_role("button", name=self.say(sentence, **values), exact=True)

    def region(self, sentence: str) -> Locator:
        """The part of the page that is called so."""
        return self.page.get_by_role("region", name=self.say(sentence), exact=True)

    def dialog(self, sentence: str, **values: Any) -> Locator:
        """The open dialog of that title."""
        return self.page.get_by_role("dialog", name=self.say(sentence, **values), exact=True)

    @property
    def hosts(self) -> Locator:
        """The nodes and clients on the ring."""
        return self.page.get_by_role("group", name=self.say("Nodes and clients"), exact=True)

    def host(self, name: str) -> Locator:
        """A node or a client on the ring."""
        return self.hosts.get_by_role("button", name=re.compile(rf"^{name}\b"))

    def link(self, src: str, dst: str) -> Locator:
        """One direction on the ring."""
        return self.page.get_by_role("button", name=self.beginning("link from {src} to {dst}", src=src, dst=dst))

    @property
    def cluster(self) -> Locator:
        """The picture of the cluster."""
        return self.page.get_by_role("group", name=self.say("The cluster"), exact=True)

    @property
    def logs(self) -> Locator:
        """The log matrix."""
        return self.page.get_by_role("grid", name=self.say("Logs"), exact=True)

    def entries(self, node: str) -> list[str]:
        """The names of the cells of a node's log, those of entries only."""
        row = self.logs.get_by_role("row", name=re.compile(rf"^{node}\b"))
        names = row.get_by_role("gridcell").evaluate_all("cells => cells.map((cell) => cell.ariaLabel)")
        kinds = ("index {index}: missing", "index {index}: free")
        return [name for name in names if not any(self.anything(kind).fullmatch(name) for kind in kinds)]

    @property
    def feed(self) -> Locator:
        """The rows of the feed that tell an event, the newest first."""
        return self.region("Feed").get_by_role("button", name=re.compile(r"^\d+ "))

    def told(self, sentence: str, **values: Any) -> Locator:
        """The rows of the feed in which this sentence stands."""
        return self.region("Feed").get_by_role("button", name=self.anything(sentence, **values))

    @property
    def timeline(self) -> Locator:
        """The scrub bar."""
        return self.page.get_by_role("slider", name=self.say("Timeline"), exact=True)

    @property
    def at(self) -> int:
        """The number of the event that is shown."""
        return int(self.timeline.get_attribute("aria-valuenow") or -1)

    @property
    def head(self) -> int:
        """The number of the newest event."""
        return int(self.timeline.get_attribute("aria-valuemax") or -1)

    def is_at(self, seq: int) -> None:
        """Waits until that event is shown."""
        expect(self.timeline).to_have_attribute("aria-valuenow", str(seq))
        expect(self.page.get_by_role("toolbar", name=self.say("Time"), exact=True)).to_contain_text(
            self.anything("event {seq} of {head}", seq=seq)
        )

    # Who leads

    def leaders(self) -> list[str]:
        """The nodes that are up and take themselves for the leader."""
        found = self.hosts.get_by_role("button", name=re.compile(re.escape(self.say("leader")), re.IGNORECASE))
        names = found.evaluate_all("all => all.map((each) => each.ariaLabel)")
        return [name.split(",")[0] for name in names if self.say("down") not in name]

    def leader(self, *, other_than: str = "") -> str:
        """Waits for a leader; its name."""
        found = self.until(
            lambda: [name for name in self.leaders() if name != other_than], lambda names: len(names) == 1, "one leader"
        )
        return found[0]

    # Time

    def pause(self) -> None:
        """Stands still."""
        self.page.get_by_role("button", name=self.say("Pause"), exact=True).click()
        expect(self.button("Play")).to_be_visible()
        self.stands()

    def play(self) -> None:
        """Goes on."""
        self.button("Play").click()
        expect(self.button("Pause")).to_be_visible()

    def fast(self) -> None:
        """In real time, 1:1."""
        speed = self.page.get_by_role("slider", name=self.say("Speed"), exact=True)
        behind = self.page.get_by_role("button", name=self.beginning("Speed, {ratio}", ratio=""))
        if behind.is_visible():  # on a phone
            behind.click()
        speed.press("End")
        expect(speed).to_have_attribute("aria-valuetext", self.say("real time, 1:1"))
        self.page.get_by_role("heading", level=1).click()

    def step(self, by: int = 1) -> None:
        """To the next event, or to the previous one."""
        before = self.at
        self.button("Next event" if by > 0 else "Previous event").click()
        self.is_at(before + by)

    def run_until(self, choice: str, **values: Any) -> None:
        """Opens the dialog, chooses, and waits until the run has stopped there."""
        self.button("Run until…").click()
        dialog = self.dialog("Run until …")
        dialog.get_by_role("radio", name=self.say(choice, **values), exact=True).check()
        self.runs(dialog.get_by_role("button", name=self.say("Run"), exact=True).click)

    def runs(self, begin: Callable[[], None]) -> None:
        """Does what starts a run-until, and waits until it has stopped."""
        before = self.at
        begin()
        self.until(lambda: self.at, lambda at: at > before, "the run goes on")
        expect(self.button("Play")).to_be_visible()
        self.stands()

    def stands(self) -> int:
        """Waits until the picture has come to where the room stands; the event's number there."""
        seen = -1
        while seen != self.at:
            seen = self.at
            self.page.evaluate(FRAMES, SETTLING_FRAMES)
        return seen

    # Acts

    def open_tab(self, sentence: str) -> Locator:
        """Opens a panel and returns it."""
        tab = self.page.get_by_role("tab", name=self.beginning(sentence))
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        return self.page.get_by_role("tabpanel", name=self.beginning(sentence))

    @property
    def menu(self) -> Locator:
        """The open menu."""
        return self.page.get_by_role("menu")

    def item(self, sentence: str, **values: Any) -> Locator:
        """An entry of the open menu; its reason, if it has one, is a part of its name."""
        return self.menu.get_by_role("menuitem", name=self.beginning(sentence, **values))

    def menu_of(self, name: str) -> Locator:
        """Opens the menu of a host on the ring with the keyboard."""
        host = self.host(name)
        if host.get_attribute("aria-pressed") != "true":
            host.press("Enter")
        expect(host).to_have_attribute("aria-pressed", "true")
        host.press("Enter")
        expect(self.menu).to_be_visible()
        return self.menu

    def act(self, name: str, sentence: str, **values: Any) -> None:
        """Does an act of a host's menu."""
        self.menu_of(name)
        before = self.at
        self.item(sentence, **values).click()
        expect(self.menu).to_have_count(0)
        self.acted(before)

    def acted(self, before: int) -> None:
        """Waits until a command is seen to have happened, which is an event."""
        self.until(lambda: self.at, lambda at: at > before, "the command's event")

    def partition(self, *groups: list[str]) -> None:
        """With the checkboxes of the dialog; hosts that are not named are in no group."""
        self.button("Partition").click()
        dialog = self.dialog("Partition")
        wanted = {host: letter for letter, group in zip("ABCDE", groups, strict=False) for host in group}
        expect(dialog).to_be_visible()
        for row in dialog.get_by_role("row").all()[1:-1]:
            host, *_marks = row.get_by_role("rowheader").inner_text().split()
            letter = wanted.get(host)
            sentence = "{host} in group {letter}" if letter else "{host} in no group"
            box = row.get_by_role("checkbox", name=self.say(sentence, host=host, letter=letter), exact=True)
            box.check()
        before = self.at
        dialog.get_by_role("button", name=self.say("Cut the groups apart"), exact=True).click()
        expect(dialog).to_have_count(0)
        self.acted(before)

    def request(self, operation: str = "put", *, client: str = "c1", to: str = "", **fields: str) -> None:
        """With the dialog; `fields`: key, value, expect."""
        self.button("Request").click()
        dialog = self.dialog("Client request")
        dialog.get_by_role("combobox", name=self.say("Client"), exact=True).select_option(client)
        dialog.get_by_role("combobox", name=self.say("To"), exact=True).select_option(to)
        dialog.locator(f"input[name=operation][value={operation}]").check()
        labels = {"key": "Key", "value": "Value", "expect": "Only if it is now"}
        for field, value in fields.items():
            dialog.get_by_role("textbox", name=self.say(labels[field]), exact=True).fill(value)
        before = self.at
        dialog.get_by_role("button", name=self.say("Send the request"), exact=True).click()
        expect(dialog).to_have_count(0)
        self.acted(before)

    # What is seen

    def picture(self, *, panel: bool = True) -> dict[str, str]:
        """What a screen reader would read of the moment: the ring, the logs and tables beside it, the inspector where it is
        seen, and the panel that is open.
        """
        beside = "\n".join(grid.aria_snapshot() for grid in self.page.get_by_role("grid").all())
        seen = {"event": str(self.at), "ring": self.cluster.aria_snapshot(), "logs": beside}
        if panel:
            # The last on the page; the logs and tables beside the ring may stand behind tabs too.
            seen["panel"] = self.page.get_by_role("tabpanel").last.aria_snapshot()
            for inspector in self.region("Inspector").all():
                seen["inspector"] = inspector.aria_snapshot()
        return seen

    def settled(self, *, panel: bool = True) -> dict[str, str]:
        """The picture, once it has stopped changing: panels follow the run at their own pace."""
        last: dict[str, str] = {}

        def same() -> bool:
            nonlocal last
            before, last = last, self.picture(panel=panel)
            return before == last

        self.stands()
        # The code of what nobody has looked at yet comes in a quiet moment, which a loaded machine may not have had.
        expect(self.page.get_by_text(self.say("Loading …"), exact=True)).to_have_count(0)
        self.until(same, bool, "the picture settles")
        return last

    def shows(self, picture: dict[str, str]) -> None:
        """Waits until the moment reads as it did."""
        panel = "panel" in picture
        self.until(
            lambda: differences(picture, self.picture(panel=panel)), lambda found: not found, "the picture differs"
        )


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The lines of a picture that are not in the other."""
    return [
        f"{part}: {line}"
        for part in before
        for line in ndiff(before[part].splitlines(), after[part].splitlines())
        if line.startswith(("+", "-"))
    ]
