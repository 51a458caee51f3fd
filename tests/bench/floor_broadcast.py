"""The floor of the fan-out: a bare WebSocket broadcast on the same eventlet, one frame per tick to everybody.

    python -m tests.bench.floor_broadcast TICK_S EVENTS_PER_SECOND FRAME_BYTES

No rooms, no simulation, no JSON to encode, no queues, no guards: a frame is packed once and written to each socket. It
carries the times of the events that have "happened" since the last one, and is filled up to the size of a room's update.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import eventlet

eventlet.monkey_patch()

import eventlet.websocket  # noqa: E402 - what it imports must be patched before
import eventlet.wsgi  # noqa: E402

sockets: list[Any] = []


@eventlet.websocket.WebSocketWSGI
def viewer(ws: Any) -> None:
    """Somebody looks on until he leaves."""
    sockets.append(ws)
    while ws.wait() is not None:
        pass
    sockets.remove(ws)


def app(environ: dict[str, Any], start_response: Any) -> Any:
    """Without compression, like the server."""
    environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    return viewer(environ, start_response)


def broadcast(tick_s: float, per_second: float, size: int) -> None:
    """Sends a frame per tick while anybody looks on."""
    seq, events, due = 0, 0, time.monotonic()
    begin = due
    while True:
        due = max(due + tick_s, time.monotonic())
        eventlet.sleep(max(0.0, due - time.monotonic()))
        now, seq, stamps = time.monotonic(), seq + 1, []
        while begin + events / per_second <= now:
            stamps.append(round(begin + events / per_second, 4))
            events += 1
        head = f'{{"type":"bare","seq":{seq},"stamps":{stamps},"fill":"'
        frame = None
        for ws in tuple(sockets):  # some leave while we send
            frame = frame or ws._pack_message(head + "x" * max(0, size - len(head) - 2) + '"}')
            try:
                ws.socket.sendall(frame)
            except OSError:
                continue


def main() -> None:
    """Serves until it is killed."""
    tick_s, per_second, size = (float(word) for word in sys.argv[1:])
    listener = eventlet.listen(("127.0.0.1", 0), backlog=2048)
    print(f"Bare broadcast is on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    eventlet.spawn(broadcast, tick_s, per_second, int(size))
    eventlet.wsgi.server(listener, app, max_size=8192, log_output=False, debug=False)


if __name__ == "__main__":
    main()
