"""Fan-out: 30, 300 and 1,000 viewers in one room that has 200 events a second, from one server process.

A real server (`python -m server` on a free port) and, in turn with it, a bare WebSocket broadcast of frames of the same
size at the same tick (`floor_broadcast`). The viewers are a process of their own (`load`). Delay is from the event to
the viewer: it holds the wait for the next tick. CPU is the server's, in cores; memory is what it holds at the end of the
round.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from server.web.pump import tick_length

from .bench_simulation import THINK_US, play
from .measure import ROUNDS, Row
from .process import ROOT, Process
from .remote import open_room

NAME = "fanout"
VIEWERS = (30, 300, 1_000)
EVENTS_PER_SECOND = 200
SECONDS = 5
READY_SECONDS_MAX = 60


def measure(server: psutil.Process, order: dict[str, Any]) -> dict[str, Any]:
    """One round: so many viewers look on for so long; what they saw, and what the server took for it."""
    command = [sys.executable, "-m", "tests.bench.load", json.dumps(order)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        assert load.stdin is not None
        assert load.stdout is not None
        if load.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{order['viewers']} viewers could not join")
        before = sum(server.cpu_times()[:2])
        load.stdin.write("go\n")
        load.stdin.flush()
        load.stdout.readline()
        spent = sum(server.cpu_times()[:2]) - before
        memory = server.memory_info().rss
        told: dict[str, Any] = json.loads(load.stdout.readline())
    return {**told, "cores": spent / order["seconds"], "megabytes": memory / 1e6}


def rounds(viewers: int, ratio: float, server: Process, count: int, seconds: float) -> tuple[list[Any], list[Any]]:
    """So many rounds with the server and with the bare broadcast in turn."""
    ours: list[dict[str, Any]] = []
    bare: list[dict[str, Any]] = []
    room, cookie = open_room(server, nodes=5, clients=1, **{"param.think_time": THINK_US})
    order = {
        "viewers": viewers,
        "seconds": seconds,
        "settle": 1.0 if viewers >= 300 else 0.3,
        "grace": min(1.5, seconds),
    }
    for _ in range(count):
        ours.append(
            measure(server.about, {**order, "port": server.port, "room": room, "cookie": cookie, "ratio": ratio})
        )
        tick, size = tick_length(viewers), ours[0]["frame_bytes"]
        with Process("-m", "tests.bench.floor_broadcast", str(tick), str(EVENTS_PER_SECOND), str(size)) as floor:
            bare.append(measure(floor.about, {**order, "port": floor.port, "room": None}))
    return ours, bare


def rows(*, tiny: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each."""
    ratio = play(10).head / 10 / EVENTS_PER_SECOND  # slowed down until so many events are a second's
    with tempfile.TemporaryDirectory() as folder, Process("-m", "server", instance=Path(folder)) as server:
        for viewers in (3,) if tiny else VIEWERS:
            ours, bare = rounds(viewers, ratio, server, 1 if tiny else ROUNDS, 0.5 if tiny else SECONDS)

            def middle(key: str, of: list[Any] = ours) -> float:
                return statistics.median(told[key] for told in of)

            share, floor_share = min(told["share"] for told in ours), min(told["share"] for told in bare)
            compressed = " Frames were compressed per client!" if ours[0]["compressed"] else ""
            beside = (
                f"{middle('events_per_second'):.0f} events a second in frames of {middle('frame_bytes') / 1000:.1f} kB; "
                f"bare {floor_share:.2%}.{compressed}"
            )
            most = viewers == VIEWERS[-1]
            who = f"{viewers:,} viewers:"
            yield Row(NAME, f"{who} delivered, worst round", 100 * share, "%", 100 if most else None, least=True,
                      beside=beside)  # fmt: skip
            for percent in ("p50", "p99"):
                yield Row(NAME, f"{who} {percent} from event to viewer", middle(f"{percent}_ms"), "ms",
                          beside=f"bare {middle(f'{percent}_ms', bare):.0f} ms")  # fmt: skip
            cores, floor_cores = middle("cores"), max(0.001, middle("cores", bare))
            yield Row(NAME, f"{who} server", cores, "cores",
                      beside=f"{cores / floor_cores:.2f} x bare; the load client took {middle('load_cores'):.2f}")  # fmt: skip
            yield Row(
                NAME, f"{who} memory", middle("megabytes"), "MB", beside=f"bare {middle('megabytes', bare):.0f} MB"
            )
