"""What it costs that nothing is shown before it is saved: 100 and 200 viewers while a presenter acts without a pause.

The server as it is, and in turn with it the same one without its keeper (`forgetful`), which shows at once. The room plays,
so there is an update a tick; each act is a transaction of its own unless others wait with it. Updates a second are what the
viewers got, acts a second what a presenter can do who waits for each answer. CPU is the server's.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from .bench_fanout import EVENTS_PER_SECOND, THINK_US, measure
from .bench_simulation import play
from .measure import ROUNDS, Row
from .process import Process
from .remote import Presenter, open_room

NAME = "outbox"
VIEWERS = (100, 200)
SECONDS = 3
ACTS = ({"type": "pause", "node": "n5"}, {"type": "resume", "node": "n5"})
PAUSE_S = 0.025
"""Between two acts: nobody may say more than 50 things a second."""


class Acting:
    """`with Acting(server, room, cookie) as acting: ...`, then `acting.count`."""

    def __init__(self, *where: Any) -> None:
        self.count = 0
        self._where = where
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._act, daemon=True)

    def __enter__(self) -> Acting:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _act(self) -> None:
        with Presenter(*self._where) as presenter:
            for act in cycle(ACTS):
                if self._over.wait(PAUSE_S):
                    return
                presenter.ask("command", command=act, at=None)
                self.count += 1


def one(server: Process, viewers: int, seconds: float, ratio: float) -> dict[str, Any]:
    """One round: what the viewers got, and what it took."""
    room, cookie = open_room(server, nodes=5, clients=1, **{"param.think_time": THINK_US})
    order = {"viewers": viewers, "seconds": seconds, "settle": 0.5, "grace": 0.5, "ratio": ratio,
             "port": server.port, "room": room, "cookie": cookie}  # fmt: skip
    with Acting(server, room, cookie) as acting:
        told = measure(server.about, order)
    return {
        **told,
        "acts": acting.count,
        "rate": told["updates"] / seconds,
        "cpu": told["cores"] * seconds / max(1, told["updates"]),
    }


def rows(*, tiny: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each."""
    ratio = play(10).head / 10 / EVENTS_PER_SECOND
    with (
        tempfile.TemporaryDirectory() as folder,
        Process("-m", "server", instance=Path(folder) / "kept") as keeps,
        Process("-m", "tests.bench.forgetful", instance=Path(folder) / "bare") as forgets,
    ):
        for viewers in (3,) if tiny else VIEWERS:
            saved: list[dict[str, Any]] = []
            shown: list[dict[str, Any]] = []
            for turn in range(1 if tiny else ROUNDS):
                pair = [(keeps, saved), (forgets, shown)]
                for server, found in pair if turn % 2 == 0 else reversed(pair):
                    found.append(one(server, viewers, 0.5 if tiny else SECONDS, ratio))

            def middle(key: str, of: list[dict[str, Any]]) -> float:
                return statistics.median(told[key] for told in of)

            who = f"{viewers} viewers:"
            share = statistics.median(a["rate"] / max(1e-9, b["rate"]) for a, b in zip(saved, shown, strict=True))
            cost = statistics.median(a["cpu"] / max(1e-9, b["cpu"]) for a, b in zip(saved, shown, strict=True))
            yield Row(NAME, f"{who} updates a second, of those that come without saving", share, "x", 0.9, least=True,
                      beside=f"{middle('rate', saved):.1f} each, against {middle('rate', shown):.1f}; "
                             f"{100 * min(told['share'] for told in saved):.2f} % delivered")  # fmt: skip
            yield Row(NAME, f"{who} processor time of an update", 1000 * middle("cpu", saved), "ms",
                      beside=f"{cost:.2f} x of what it is without saving; {middle('acts', saved):.0f} acts in a round, "
                             f"against {middle('acts', shown):.0f}")  # fmt: skip
