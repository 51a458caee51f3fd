"""The load client: many viewers in one process, on raw sockets, cheap enough not to be what is measured.

    python -m tests.bench.load '{"port": 8000, "room": "...", "viewers": 300, "seconds": 5, ...}'

Each viewer does what a browser does: a WebSocket handshake that *offers compression* (Chromium does, and a client that does not
hides what accepting it costs), Engine.IO's and Socket.IO's greetings, a `join`, an answer to each ping. It says `ready`
when all have joined, begins to count when it is told to, and ends with one line of JSON.

Arrival is the moment at which the bytes were read. The text of an update is parsed once, when the first viewer gets it,
and known again by its number. When an event happened is reckoned from its virtual time: the room's clock runs evenly,
and the quickest of all deliveries is taken to have come without any delay. So what is measured holds the wait for the
tick, the sending and the reading.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import resource
import sys
import time
import zlib
from array import array
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

_NUMBER = re.compile(rb'"type":"(?:update|bare)".{0,80}?"seq":(\d+)', re.DOTALL)
_HEAD_BYTES = 400
_TEXT, _CLOSE, _PING = 1, 8, 9
JOINING_MAX = 100  # at once: the server admits only so many who have not joined yet
MS_PER_BUCKET = 0.5
BUCKETS = 40_000


@dataclass
class Update:
    """What is known of an update that somebody has received."""

    events: list[float]
    """When its events happened: virtual µs, or seconds of the monotonic clock for a bare broadcast."""
    now: float
    size: int


@dataclass
class Tally:
    """What all viewers of this process have received."""

    updates: dict[int, Update] = field(default_factory=dict)
    numbers: array[int] = field(default_factory=lambda: array("q"))
    arrivals: array[float] = field(default_factory=lambda: array("d"))
    before: int = -1
    """The last update that somebody had before counting began: it and those before it are not counted."""
    counting: bool = False
    lost_connections: int = 0
    compressed: int = 0
    failures: list[str] = field(default_factory=list)

    def note(self, payload: bytes, number: int, arrival: float) -> None:
        """An update has come."""
        if number not in self.updates:
            start = payload.index(b"{")
            told = json.loads(payload[start : payload.rindex(b"}") + 1])
            bare = told["type"] == "bare"
            events = told["stamps"] if bare else [event["time"] for event in told.get("events", ())]
            self.updates[number] = Update(events, 0.0 if bare else told["now"], len(payload))
        self.numbers.append(number)
        self.arrivals.append(arrival)


class Viewer(asyncio.Protocol):
    """One browser."""

    def __init__(self, order: dict[str, Any], tally: Tally, presenter: bool) -> None:
        self.order, self.tally, self.presenter = order, tally, presenter
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = bytearray()
        self.open = False
        self.inflate: Any = None
        self.ids = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        port, cookie = self.order["port"], self.order.get("cookie")
        who = f"Cookie: {cookie}\r\n" if self.presenter and cookie else ""
        transport.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Origin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{who}"
            f"Sec-WebSocket-Key: {base64.b64encode(b'quorumscope-load').decode()}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self.tally.lost_connections += self.tally.counting
        self.fail(f"the connection was closed ({exc})")

    def fail(self, reason: str) -> None:
        """Could not join."""
        if not self.joined.done():
            self.joined.set_exception(ConnectionError(reason))

    def data_received(self, data: bytes) -> None:
        arrival = time.monotonic()
        self.buffer += data
        if not self.open and not self.shake_hands():
            return
        buffer, at = self.buffer, 0
        while len(buffer) - at >= 2:
            length, body = buffer[at + 1] & 0x7F, at + 2
            if length >= 126:
                body = at + (4 if length == 126 else 10)
                if len(buffer) < body:
                    break
                length = int.from_bytes(buffer[at + 2 : body], "big")
            if len(buffer) < body + length:
                break
            self.frame(buffer[at], bytes(buffer[body : body + length]), arrival)
            at = body + length
        del buffer[:at]

    def shake_hands(self) -> bool:
        """Reads the answer to the handshake; False while it is not whole."""
        head, found, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not found:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.fail(head.split(b"\r\n", 1)[0].decode(errors="replace"))
            self.transport.abort()
            return False
        if b"permessage-deflate" in head:
            self.tally.compressed += 1
            self.inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self.open, self.buffer = True, bytearray(rest)
        if self.order["room"] is None:  # a bare broadcast knows no greetings
            self.joined.set_result(None)
        return True

    def send(self, text: str) -> None:
        """Sends a text frame; its mask is four zero bytes, which is one."""
        data = text.encode()
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
        self.transport.write(b"\x81" + length + b"\0\0\0\0" + data)

    def say(self, **frame: Any) -> None:
        """Sends a frame of the contract."""
        self.ids += 1
        self.send("42" + json.dumps(["frame", {"id": self.ids, **frame}], separators=(",", ":")))

    def frame(self, first: int, payload: bytes, arrival: float) -> None:
        """Takes a whole WebSocket frame."""
        if first & 0x0F == _CLOSE:
            self.transport.close()
            return
        if first & 0x40 and self.inflate is not None:
            payload = self.inflate.decompress(payload + b"\x00\x00\xff\xff")
        if found := _NUMBER.search(payload, 0, _HEAD_BYTES):
            if self.tally.counting:
                self.tally.note(payload, int(found[1]), arrival)
            else:
                self.tally.before = max(self.tally.before, int(found[1]))
        elif payload == b"2":
            self.send("3")
        elif payload[:1] == b"0":
            self.send("40")
        elif payload[:2] == b"40":
            self.say(type="join", room=self.order["room"], last=None)
        elif payload[:2] == b"42" and not self.joined.done():
            reply = json.loads(payload[2:])[1]
            if reply.get("ok"):
                self.joined.set_result(None)
            elif reply.get("type") in ("reply", "goodbye"):
                self.fail(f"{reply.get('code')}: {reply.get('text')}")


async def join_all(order: dict[str, Any], tally: Tally) -> list[Viewer]:
    """All viewers, in the room. Raises ConnectionError where one could not join."""
    loop, gate, viewers = asyncio.get_running_loop(), asyncio.Semaphore(JOINING_MAX), []

    async def one(number: int) -> None:
        async with gate:
            _, viewer = await loop.create_connection(
                lambda: Viewer(order, tally, number == 0), "127.0.0.1", order["port"]
            )
            viewers.append(viewer)
            await asyncio.wait_for(viewer.joined, 30)

    tasks: list[Awaitable[None]] = [one(number) for number in range(order["viewers"])]
    await tasks[0]
    if order["room"] is not None:
        viewers[0].say(type="speed", ratio=order["ratio"])
        viewers[0].say(type="play")
    await asyncio.gather(*tasks[1:])
    return viewers


def summary(tally: Tally, order: dict[str, Any], end: float) -> dict[str, Any]:
    """What was delivered of the updates that first came before `end`, and how late their events were."""
    first: dict[int, float] = {}
    for number, arrival in zip(tally.numbers, tally.arrivals, strict=True):
        first[number] = min(arrival, first.get(number, arrival))
    inside = sorted(number for number, arrival in first.items() if number > tally.before and arrival <= end)
    counted = {number: tally.updates[number] for number in inside}
    unit = order.get("ratio", 1.0) / 1e6 if order["room"] is not None else 1.0
    zero = 0.0
    if order["room"] is not None:
        zero = min((first[n] - u.now * unit for n, u in counted.items()), default=0.0)
    buckets, delivered = [0] * BUCKETS, 0
    for number, arrival in zip(tally.numbers, tally.arrivals, strict=True):
        update = counted.get(number)
        if update is None:
            continue
        delivered += len(update.events)
        for time_of in update.events:
            late = int((arrival - zero - time_of * unit) * 1000 / MS_PER_BUCKET)
            buckets[min(BUCKETS - 1, max(0, late))] += 1
    events = sum(len(update.events) for update in counted.values())
    after_first = sum(len(counted[number].events) for number in inside[1:])
    span = max((first[n] for n in inside), default=1.0) - min((first[n] for n in inside), default=0.0)
    sizes = sorted(update.size for update in counted.values() if update.events) or [0]
    return {
        "share": delivered / (events * order["viewers"]) if events else 0.0,
        "events_per_second": after_first / span if span > 0 else 0.0,
        "updates": len(counted),
        "p50_ms": _percentile(buckets, 50),
        "p99_ms": _percentile(buckets, 99),
        "frame_bytes": sizes[len(sizes) // 2],
        "lost_connections": tally.lost_connections,
        "compressed": tally.compressed,
    }


def _percentile(buckets: list[int], percent: float) -> float:
    wanted, seen = sum(buckets) * percent / 100, 0
    for place, count in enumerate(buckets):
        seen += count
        if seen >= wanted:
            return (place + 1) * MS_PER_BUCKET
    return BUCKETS * MS_PER_BUCKET


async def run(order: dict[str, Any]) -> None:
    """Joins, says so, counts, tells."""
    tally = Tally()
    viewers = await join_all(order, tally)
    await asyncio.sleep(order.get("settle", 0.5))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    tally.counting = True
    begin, spent = time.monotonic(), time.process_time()
    await asyncio.sleep(order["seconds"])
    end, spent = time.monotonic(), time.process_time() - spent
    print("counted", flush=True)
    await asyncio.sleep(order["grace"])  # for what is still on its way
    told = summary(tally, order, end)
    print(json.dumps({**told, "load_cores": spent / (end - begin)}), flush=True)
    for viewer in viewers:
        viewer.transport.abort()


def raise_file_limit() -> None:
    """A socket is a file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    raise_file_limit()
    asyncio.run(run(json.loads(sys.argv[1])))
