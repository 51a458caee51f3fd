"""The page: what it weighs before anything is seen, what a frame costs, and whether either grows.

Chromium measures itself, over its debugging protocol: `TaskDuration` is the CPU time of the main thread in tasks of all kinds
(scripts, styles, layout, painting), divided by the animation frames of the same stretch. The page of a room and a
minimal moving SVG (`floor_page.html`) take turns in one tab of one browser. Weight is the browser's own account of what
came before the first contentful paint (`encodedBodySize` is what came over the wire, gzipped).

Growth is measured in an accelerated form: the room plays SPEED_UP times as fast as a new room does, so five minutes' events
pass in a fifth of that; all windows of the comparison play at that same speed. `--long` takes the five minutes.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from server.rooms.room import FIRST_RATIO

from ..conftest import BROWSER_ARGUMENTS, NO_BROWSER, chromium
from .measure import ROUNDS, Row, Unavailable, median_ratio
from .process import Process
from .remote import Presenter, open_room

NAME = "page"
FLOOR = Path(__file__).with_name("floor_page.html")
VIEWPORT = {"width": 1280, "height": 800}
WINDOW_S = 4.0
SETTLE_S = 2.0
SPEED_UP = 5
COUNT_FRAMES = "window.frames_seen = 0; (function f() { window.frames_seen++; requestAnimationFrame(f); })();"
WEIGHT = """() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const all = [performance.getEntriesByType("navigation")[0], ...performance.getEntriesByType("resource")];
    const before = all.filter((entry) => paint && entry.startTime < paint.startTime);
    const sum = (of, field) => of.reduce((total, entry) => total + entry[field], 0);
    return { paint: paint?.startTime ?? 0, requests: before.length,
             raw: sum(before, "decodedBodySize"), zipped: sum(before, "encodedBodySize"),
             raw_all: sum(all, "decodedBodySize"), zipped_all: sum(all, "encodedBodySize"), requests_all: all.length,
             elsewhere: all.filter((entry) => new URL(entry.name).origin !== location.origin).length };
}"""


@dataclass(frozen=True)
class Scene:
    """A room whose traffic keeps about so many messages in flight."""

    nodes: int
    messages: int
    heartbeat_us: int
    delay_us: tuple[int, int]

    @property
    def form(self) -> dict[str, Any]:
        """As the gallery posts it. Elections stay away: the traffic is to be even."""
        return {
            "nodes": self.nodes, "clients": 1, "param.heartbeat_interval": self.heartbeat_us,
            "param.election_low": 1_000_000, "param.election_high": 1_500_000,
        }  # fmt: skip


SCENES = (Scene(5, 10, 50_000, (50_000, 75_000)), Scene(9, 100, 20_000, (95_000, 145_000)))


def prepare(server: Process, scene: Scene, seconds: float) -> tuple[str, str, float]:
    """A room with that traffic, at the head of a run that has a leader. Returns room, cookie, messages in flight."""
    room, cookie = open_room(server, **scene.form)
    with Presenter(server, room, cookie) as presenter:
        presenter.ask("pause")
        low, high = scene.delay_us
        hosts = [f"n{i}" for i in range(1, scene.nodes + 1)]
        for src in hosts:
            for dst in hosts:
                if src != dst:
                    time.sleep(0.035)  # under the limit for acts
                    link = {"type": "set_link", "src": src, "dst": dst, "low": low, "high": high}
                    presenter.ask("command", command=link, at=None)
        presenter.ask("speed", ratio=1.0)
        presenter.ask("play")
        counts = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.1)
            update = presenter.update()
            if update.get("now", 0) > seconds * 500_000:
                world = presenter.ask("world", seq=update["cursor"])["world"]
                counts.append(len(world["flights"]))
        presenter.ask("speed", ratio=FIRST_RATIO)
    return room, cookie, statistics.mean(counts)


class Tab:
    """One tab, and the browser's own account of it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)
        # CPU of the main thread, so that another process on the machine does not count.
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def metrics(self) -> dict[str, float]:
        """Totals since the page was opened; seconds and bytes."""
        found = self.session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in found}

    def frame_ms(self, seconds: float) -> float:
        """Milliseconds of the main thread per animation frame, over so long."""
        before, frames = self.metrics(), self.page.evaluate("frames_seen")
        self.page.wait_for_timeout(seconds * 1000)
        after, more = self.metrics(), self.page.evaluate("frames_seen")
        return 1000 * (after["TaskDuration"] - before["TaskDuration"]) / max(1, more - frames)

    def heap_megabytes(self) -> float:
        """What is alive on the heap of JavaScript."""
        for _ in range(2):
            self.session.send("HeapProfiler.collectGarbage")
        return self.metrics()["JSHeapUsedSize"] / 1e6


def weight(browser: Browser, server: Process, room: str, count: int) -> Iterator[Row]:
    """What comes before something is seen: the middle one of so many first visits."""
    visits = []
    for _ in range(count):
        page = browser.new_context(viewport=VIEWPORT).new_page()
        page.goto(f"{server.url}/r/{room}")
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
        page.wait_for_load_state("networkidle")
        visits.append(page.evaluate(WEIGHT))
        page.context.close()
    told = {key: statistics.median(visit[key] for visit in visits) for key in visits[0]}
    later = (
        f"at {told['paint']:.0f} ms; with what comes later {told['raw_all'] / 1000:.0f} kB, "
        f"{told['zipped_all'] / 1000:.0f} kB gzipped, {told['requests_all']:.0f} requests"
    )
    worst = {key: max(visit[key] for visit in visits) for key in visits[0]}
    yield Row(NAME, "before first paint, raw", told["raw"] / 1000, "kB", 150, beside=later)
    yield Row(NAME, "before first paint, gzipped", told["zipped"] / 1000, "kB", 50,
              beside=f"{worst['zipped'] / 1000:.0f} kB in the worst of {count} visits")  # fmt: skip
    yield Row(NAME, "requests before first paint", told["requests"], "", 8,
              beside=f"{worst['requests']:.0f} in the worst of {count} visits")  # fmt: skip
    yield Row(NAME, "requests to elsewhere", worst["elsewhere"], "", 0)


def frames(tab: Tab, server: Process, scene: Scene, tiny: bool) -> Row:
    """What a frame costs, as a multiple of the minimal page's, in turn with it."""
    room, cookie, flying = prepare(server, scene, 1.0 if tiny else 5.0)
    name, _, secret = cookie.partition("=")
    tab.page.context.add_cookies([{"name": name, "value": secret, "url": server.url}])
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(1 if tiny else ROUNDS):
        for url, found in (
            (f"{server.url}/r/{room}", ours),
            (f"{FLOOR.as_uri()}?nodes={scene.nodes}&messages={scene.messages}", bare),
        ):
            tab.page.goto(url)
            tab.page.wait_for_timeout(100 if tiny else SETTLE_S * 1000)
            found.append(tab.frame_ms(0.3 if tiny else WINDOW_S))
    beside = f"{statistics.median(ours):.2f} ms a frame, bare {statistics.median(bare):.2f} ms; {flying:.0f} messages in flight"
    return Row(NAME, f"frame with {scene.nodes} nodes and {scene.messages} messages", median_ratio(ours, bare), "x", 2.5,
               beside=beside)  # fmt: skip


def growth(tab: Tab, server: Process, speed_up: float, minutes: float) -> Iterator[Row]:
    """Whether the heap, or the cost of a frame, grows over so many minutes of play."""
    room, cookie = open_room(server, nodes=5, clients=1)
    with Presenter(server, room, cookie) as presenter:
        presenter.ask("speed", ratio=FIRST_RATIO / speed_up)
        presenter.ask("play")
        tab.page.goto(f"{server.url}/r/{room}")
        tab.page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
        begin = time.monotonic()
        window = min(10.0, minutes * 60 / speed_up / 6)
        tab.page.wait_for_timeout(100)
        first = tab.frame_ms(window)
        tab.page.wait_for_timeout(max(0.0, 30 / speed_up - (time.monotonic() - begin)) * 1000)
        early = tab.heap_megabytes()
        tab.page.wait_for_timeout(max(0.0, minutes * 60 / speed_up - window - (time.monotonic() - begin)) * 1000)
        last = tab.frame_ms(window)
        late = tab.heap_megabytes()
        events = presenter.update()["head"]
    form = f"{events:,} events, as many as in {minutes:g} minutes, at {speed_up:g} times the usual speed"
    yield Row(NAME, "frame in the fifth minute, times that at first", last / first, "x", 1.1,
              beside=f"{first:.2f} and {last:.2f} ms; {form}")  # fmt: skip
    yield Row(
        NAME, "heap after 5 min of play, times that after 30 s", late / early, "x", 1.3, beside=f"{early:.1f} MB before"
    )
    yield Row(NAME, "heap after 5 min of play", late, "MB", 10)


def rows(*, tiny: bool = False, long: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each. Raises Unavailable where there is no browser."""
    program = chromium()
    if program is None:
        raise Unavailable(NO_BROWSER)
    with (
        tempfile.TemporaryDirectory() as folder,
        Process("-m", "server", instance=Path(folder)) as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=BROWSER_ARGUMENTS) as browser,
    ):
        room, _ = open_room(server, nodes=5, clients=1)
        yield from weight(browser, server, room, 1 if tiny else ROUNDS)
        page = browser.new_page(viewport=VIEWPORT)
        page.add_init_script(COUNT_FRAMES)
        tab = Tab(page)
        for scene in SCENES[:1] if tiny else SCENES:
            yield frames(tab, server, scene, tiny)
        yield from growth(tab, server, 1 if long else SPEED_UP, 0.05 if tiny else 5.0)
