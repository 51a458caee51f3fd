"""The guards, attacked over real sockets. Each test fails without the cure that it names (the row of the table in
DESIGN.md).
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.web import talk as wire
from tests.web.conftest import Server
from tests.web.talk import Closed, RefusedByServer, Talk

RACE_S = 0.4  # how late a neighbour's answer may be on a busy machine; without the cures it is seconds


def raw(text: str) -> bytes:
    return wire.frame(wire.TEXT, text.encode())


class Neighbour:
    """An honest viewer who asks all the time; `worst` is his longest wait for an answer, in seconds."""

    def __init__(self, server: Server) -> None:
        self._talk = server.viewer("room2")
        self._go = True
        self.worst = 0.0
        self.answers = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while self._go:
            begun = time.monotonic()
            assert self._talk.ask("live")["ok"]
            self.worst = max(self.worst, time.monotonic() - begun)
            self.answers += 1
            time.sleep(0.025)

    def stop(self) -> None:
        """After a few more answers, so that what is still to come is felt."""
        before = self.answers
        until = time.monotonic() + 30
        while self.answers < before + 5 and time.monotonic() < until:
            time.sleep(0.01)
        self._go = False
        self._thread.join(30)
        assert self.answers >= before + 5


# ---- 1: strict JSON ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["NaN", "-Infinity", "1e999", "1" + "0" * 400, "18446744073709551616", "[" * 30 + "]" * 30, '"\\ud800"'],
    ids=["nan", "infinity", "overflow", "long", "too wide", "deep", "surrogate"],
)  # fmt: skip
def test_1_json_that_no_browser_can_read_ends_its_sender_and_reaches_nobody(server: Server, value: str) -> None:
    neighbour, attacker = server.viewer(), server.viewer()
    attacker.send_raw(raw(f'42["frame",{{"type":"name","id":9,"name":{value}}}]'))
    attacker.closing(within=2)
    assert neighbour.ask("name", name="still here")["ok"]
    assert neighbour.until("update")["news"] == ["still here"]


@pytest.mark.parametrize(
    ("frame", "id"),
    [
        (f'{{"type":"pause","id":{2**60}}}', None),
        (f'{{"type":"seek","id":9,"seq":{2**60}}}', 9),
        (f'{{"type":"name","id":9,"name":{2**53 + 1}}}', 9),
        (f'{{"type":"pause","id":9,"{"x" * 20}":{2**60}}}', 9),
    ],
    ids=["id", "field", "kind", "unknown"],
)
def test_1_an_integer_that_no_browser_holds_is_refused_with_a_reply(server: Server, frame: str, id: int | None) -> None:
    neighbour, viewer = server.viewer(), server.viewer()
    viewer.send_raw(raw(f'42["frame",{frame}]'))
    reply = viewer.until("reply")
    assert (reply["id"], reply["ok"], reply["code"]) == (id, False, "bad_frame")
    assert viewer.ask("name", name="still here")["ok"]
    assert neighbour.until("update")["news"] == ["still here"]


# ---- 2: no tracebacks ----------------------------------------------------------------------------------------------


def test_2_an_error_outside_of_every_handler_tells_a_stranger_nothing(server: Server) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{server.url}/break-outside", timeout=5)
    assert error.value.code == 500
    assert error.value.read() == b""
    assert "outside of every handler" in server.errors()


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
def test_2_a_reader_who_hangs_up_in_the_midst_of_a_file_is_no_error(
    start: Callable[..., Server], *, reset: bool
) -> None:
    server = start()
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as reader:
        reader.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert reader.recv(1000)
        if reset:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.wait_for(lambda _health: "nobody reads on" in server.errors())
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{server.url}/break-of-its-own", timeout=5)
    told = server.errors()
    assert told.count("Traceback") == told.count("a request broke") == 1
    assert "ConnectionResetError: of somebody else" in told


def test_2_an_error_in_a_room_stops_that_room_alone_and_tells_a_stranger_nothing(start: Callable[..., Server]) -> None:
    server = start()
    breaking, other = server.viewer("room1"), server.viewer("room2")
    reply = breaking.ask("pause")
    assert (reply["ok"], reply["code"]) == (False, "room_stopped")
    assert "stopped" in breaking.until("update")
    assert "/home" not in json.dumps(reply)
    assert other.ask("live")["ok"]
    assert "a secret of the room" in server.errors()


def test_2_a_packet_that_cant_be_decoded_is_no_traceback_in_the_log(server: Server) -> None:
    before = server.errors()
    for packet in (
        "4{",
        "42{",
        '42["frame"',
        "42[1,2]",
        "4",
        "49",
        '43["x"]',
        "40/other,",
        '42["disconnect"]',
        "5",
        "6",
    ):
        attacker = server.talk()
        attacker.send_text(packet)
        attacker.closing(within=2)
    assert server.errors() == before


# ---- 3: nobody freezes the others ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood",
    [
        raw('42["frame",{"type":"live","id":1}]') * 40_000,
        wire.frame(wire.TEXT, b"4" * 16_000, key=bytes(4)) * 1_500,
        wire.frame(wire.TEXT, b"4" * 1_000_000, key=bytes(4)) * 12,
        wire.frame(wire.PING, b"") * 150_000,
        wire.frame(wire.TEXT, b"4", final=False) + wire.frame(0, b"", final=False) * 150_000,
    ],
    ids=["tiny events", "large messages", "frames of a megabyte", "pings", "empty fragments"],
)
def test_3_a_flood_of_frames_is_not_felt_by_the_neighbours(server: Server, flood: bytes) -> None:
    neighbour = Neighbour(server)
    attackers = [server.viewer() for _ in range(3)]
    for attacker in attackers:
        try:
            attacker.send_raw(flood)
        except OSError:
            continue  # cut off while sending
    for attacker in attackers:
        attacker.closing(within=20)
    neighbour.stop()
    assert neighbour.worst < RACE_S


def test_3_who_sends_too_fast_is_told_before_he_is_cut_off(server: Server) -> None:
    attacker = server.viewer()
    attacker.send_raw(raw('42["frame",{"type":"live","id":1}]') * 150)
    goodbye = attacker.until("goodbye")
    assert (goodbye["code"], goodbye["final"]) == ("too_fast", False)
    attacker.closing(within=3)


def test_3_a_person_who_clicks_fast_is_not_cut_off(server: Server) -> None:
    viewer = server.viewer()
    for _ in range(60):
        assert viewer.ask("live")["ok"]


# ---- 4: messages are small, fragments together, and never binary ----------------------------------------------------


def test_4_fragments_are_counted_together(server: Server) -> None:
    attacker = server.viewer()
    attacker.send_raw(wire.frame(wire.TEXT, b"4" * 6_000, final=False))
    attacker.send_raw(wire.frame(0, b"4" * 6_000, final=False))
    attacker.send_raw(wire.frame(0, b"4" * 6_000, final=False))
    assert attacker.closing(within=2) == 1009


def test_4_a_message_in_fragments_arrives_whole(server: Server) -> None:
    viewer = server.viewer()
    text = b'42["frame",{"type":"live","id":77}]'
    viewer.send_raw(
        b"".join(
            wire.frame(wire.TEXT if i == 0 else 0, text[i : i + 5], final=i + 5 >= len(text))
            for i in range(0, len(text), 5)
        )
    )
    assert viewer.until("reply") == {"type": "reply", "id": 77, "ok": True}


@pytest.mark.parametrize(
    "attack",
    [
        wire.frame(wire.BINARY, b"x"),
        raw("bAAAA"),
        raw('451-["frame",{"_placeholder":true,"num":0}]'),
        raw('461-1["x"]'),
    ],
    ids=["a binary frame", "base64", "a binary event", "a binary acknowledgement"],
)
def test_4_nothing_binary_is_taken(server: Server, attack: bytes) -> None:
    attacker = server.viewer()
    attacker.send_raw(attack)
    attacker.closing(within=2)


# ---- 5: a bad byte -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attack",
    [raw("x"), raw("é"), raw(""), b"\xff\xff\xff\xff", b"\x81\x05hello", wire.frame(wire.TEXT, b"4\xff")],
    ids=["no digit", "no ascii", "nothing", "only ones", "not masked", "no utf-8"],
)
def test_5_a_bad_byte_closes_at_once_and_leaks_nothing(server: Server, attack: bytes) -> None:
    attacker = server.viewer()
    attacker.send_raw(attack)
    attacker.closing(within=1)
    server.wait_for(lambda health: health["sockets"] == 0 and health["viewers"] == 0, within=1)


# ---- 6, 7: a slow reader -------------------------------------------------------------------------------------------


def test_6_and_7_a_slow_reader_is_dropped_and_can_resume_while_the_others_miss_nothing(
    start: Callable[..., Server],
) -> None:
    server = start(LIMITS="queue_frames=16,queue_bytes=1000000,send_buffer_bytes=65536")
    slow, fast = server.viewer(receive_buffer=8192), server.viewer()
    fast.ask("name", name="first")
    seen = slow.until("update")
    fast.ask("seek", seq=100_000)  # from now on every update is 100 KB
    numbers = [fast.until("update")["seq"]]
    until = time.monotonic() + 15
    while server.health()["slow_dropped"] == 0:
        numbers.append(fast.until("update")["seq"])
        assert time.monotonic() < until
    fast.ask("seek", seq=0)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert server.health()["viewers"] == 1
    again = server.talk()
    reply = again.join(last={"epoch": seen["epoch"], "seq": seen["seq"]})
    assert [update["seq"] for update in reply["updates"]][:2] == [seen["seq"] + 1, seen["seq"] + 2]


def test_6_a_reader_who_is_a_little_slow_gets_every_byte_in_order(start: Callable[..., Server]) -> None:
    server = start(LIMITS="send_buffer_bytes=16384")
    reader, other = server.viewer(receive_buffer=8192), server.viewer("room1")
    other.ask("seek", seq=60_000)  # a frame goes out in several parts
    numbers = []
    for _ in range(12):
        update = reader.until("update")
        assert update["ballast"] == "x" * 60_000
        numbers.append(update["seq"])
        assert other.ask("live")["ok"]
    assert numbers == list(range(numbers[0], numbers[0] + 12))
    assert server.health()["slow_dropped"] == 0


# ---- 8: names of rooms ---------------------------------------------------------------------------------------------


def test_8_nobody_can_join_what_is_another_ones_name(server: Server) -> None:
    victim, attacker = server.viewer(), server.talk()
    for name in (victim.sid, f"room {victim.sid}", "room room1", "room1\n", "", None):
        assert attacker.ask("join", room=name)["ok"] is False
    assert victim.ask("live")["ok"]
    attacker.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        attacker.receive()


# ---- 9: origins ----------------------------------------------------------------------------------------------------


def test_9_a_page_of_another_site_opens_no_socket(server: Server) -> None:
    with pytest.raises(RefusedByServer) as refused:
        server.talk(headers={"Origin": "https://example.com"})
    assert refused.value.status == 400
    server.talk(headers={"Origin": server.url})


def test_9_allowed_origins_are_the_only_ones(start: Callable[..., Server]) -> None:
    server = start(ALLOWED_ORIGINS="https://school.example")
    server.talk(headers={"Origin": "https://school.example"})
    with pytest.raises(RefusedByServer):
        server.talk(headers={"Origin": server.url})


# ---- 11: order -----------------------------------------------------------------------------------------------------


def test_11_what_one_viewer_says_is_done_in_the_order_in_which_he_said_it(server: Server) -> None:
    viewer = server.viewer()
    viewer.send_raw(b"".join(raw(f'42["frame",{{"type":"name","id":{i},"name":"{i}"}}]') for i in range(100, 160)))
    replies: list[int] = []
    news: list[str] = []
    while len(replies) < 60 or len(news) < 60:
        frame = viewer.receive()
        if frame["type"] == "reply":
            replies.append(frame["id"])
        else:
            news += frame["news"]
    assert replies == list(range(100, 160))
    assert news == [str(i) for i in range(100, 160)]


# ---- 13: handshakes ------------------------------------------------------------------------------------------------


def test_13_handshakes_that_join_nothing_are_few_and_short(start: Callable[..., Server]) -> None:
    server = start(LIMITS="handshakes_per_address=20,connect_deadline_s=0.5")
    joined = server.viewer()
    idle = [server.talk(hello=i % 2 == 0) for i in range(20)]
    with pytest.raises(RefusedByServer) as refused:
        server.talk()
    assert refused.value.status == 503
    for talk in idle:
        talk.closing(within=4)
    server.wait_for(lambda health: health["sockets"] == 1)
    assert joined.ask("live")["ok"]
    server.viewer()


def test_13_a_silent_client_is_given_up_within_seconds(start: Callable[..., Server]) -> None:
    server = start(LIMITS="ping_interval_s=0.3,ping_timeout_s=0.3")
    silent = server.viewer()
    server.wait_for(lambda health: health["sockets"] == 0, within=5)
    silent.close()
    assert json.loads(server.talk().opening[1:])["pingTimeout"] == 300


def test_13_a_client_that_answers_is_asked_again_and_again_and_stays(start: Callable[..., Server]) -> None:
    server = start(LIMITS="ping_interval_s=0.1,ping_timeout_s=2")
    viewer = server.viewer()
    begun = time.monotonic()
    while viewer.pings < 5 or time.monotonic() < begun + 2.2:  # longer than the first ping may stay unanswered
        assert viewer.ask("name", name="awake")["ok"]
        viewer.until("update")
    assert server.health()["sockets"] == 1


# ---- compression ---------------------------------------------------------------------------------------------------


def test_no_client_gets_its_own_compression(server: Server) -> None:
    talk = server.talk(headers={"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"})
    assert "extensions" not in talk.head.lower()


def test_polling_and_old_drafts_are_not_served(server: Server) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{server.url}/socket.io/?EIO=4&transport=polling", timeout=5)
    assert error.value.code == 400
    with pytest.raises((RefusedByServer, Closed)):
        Talk(server.url, headers={"Sec-WebSocket-Version": "0"})
