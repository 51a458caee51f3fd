"""The guards one by one, without sockets."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web.config import Config, ConfigError, Limits, check_origins, from_environment
from server.web.guards import websocket
from server.web.guards.bucket import Bucket
from server.web.guards.door import EVERY_S, Door
from server.web.guards.headers import NoCompression
from server.web.security import origin_allowed
from tests.web import talk
from tests.web.test_shell import Clock

# ---- frames: a server's class in miniature --------------------------------------------------------------------------


class FailedConnectionError(Exception):
    """As eventlet's: a status and a text."""


class ConnectionClosedError(Exception):
    """As eventlet's."""


class Stock:
    """As much of a WebSocket as the guards mix into."""

    class Message:
        def __init__(self, opcode: int, _most: int, decoder: Any = None) -> None:
            self.opcode, self.parts, self.finished = opcode, b"", False

        def push(self, data: bytes, final: bool) -> None:
            self.parts += data
            self.finished = final

        def getvalue(self) -> str:
            return self.parts.decode()

    class UTF8Decoder:
        pass

    def __init__(self, data: bytes, chunk: int = 10_000) -> None:
        self._data, self._chunk = data, chunk
        self.socket = self

    def recv(self, count: int) -> bytes:
        count = min(count, self._chunk)
        taken, self._data = self._data[:count], self._data[count:]
        return taken


class Reader:
    """Reads all messages of `data`; counts the rests and the floods."""

    def __init__(self, data: bytes, burst: int = 10**6, chunk: int = 10_000, most: int = 16_384) -> None:
        self.ws = websocket.guarded_websocket(Stock)(data, chunk)
        self.rests = self.floods = 0
        self.ws.watch(most, Bucket(0.0, burst, lambda: 0.0), self._flooded, self._rest)

    def _flooded(self) -> None:
        self.floods += 1

    def _rest(self) -> None:
        self.rests += 1

    def messages(self) -> list[str]:
        found: list[str] = []
        message = None
        try:
            while True:
                read = self.ws._recv_frame(message)
                if read.opcode >= 8:
                    continue
                message = read
                if message.finished:
                    found.append(message.getvalue())
                    message = None
        except ConnectionClosedError:
            return found


@given(st.binary(max_size=200), st.binary(min_size=4, max_size=4))
def test_unmasking_whole_words_gives_what_unmasking_bytes_gives(data: bytes, key: bytes) -> None:
    assert websocket.unmask(data, key) == bytes(byte ^ key[i % 4] for i, byte in enumerate(data))


def test_3_unmasking_is_at_least_twenty_times_as_fast_as_byte_by_byte() -> None:
    data, key = bytes(range(256)) * 64, b"\1\2\3\4"

    def slow() -> bytes:
        return b"".join(bytes((data[i] ^ key[i % 4],)) for i in range(len(data)))

    def best(work: Callable[[], bytes]) -> float:
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            work()
            times.append(time.perf_counter() - begun)
        return min(times)

    assert best(slow) > 20 * best(lambda: websocket.unmask(data, key))


@given(st.lists(st.text(max_size=50), max_size=10), st.integers(1, 40))
def test_messages_are_read_however_they_arrive(texts: list[str], chunk: int) -> None:
    data = b"".join(talk.frame(talk.TEXT, text.encode()) for text in texts)
    assert Reader(data, chunk=chunk).messages() == texts


def test_fragments_make_one_message_with_pings_in_between() -> None:
    data = talk.frame(talk.TEXT, b"He", final=False) + talk.frame(talk.PING, b"?") + talk.frame(0, b"y!")
    assert Reader(data).messages() == ["Hey!"]


@pytest.mark.parametrize(
    "data",
    [talk.frame(talk.TEXT, b"x"), talk.frame(talk.PING), talk.frame(talk.TEXT, b"", final=False)],
    ids=["messages", "pings", "fragments"],
)
def test_3_the_others_run_after_every_sixteenth_frame_of_any_kind(data: bytes) -> None:
    if not data[0] & 0x80:
        data += talk.frame(0, b"", final=False) * 159
    else:
        data *= 160
    reader = Reader(data)
    reader.messages()
    assert reader.rests == 10


def test_3_an_empty_bucket_ends_the_reading_and_is_told_once() -> None:
    reader = Reader(talk.frame(talk.TEXT, b"x") * 500, burst=100)
    assert len(reader.messages()) == 100
    assert reader.floods == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (talk.frame(talk.BINARY, b"x"), 1003),
        (talk.frame(talk.TEXT, b"x" * 16_385), 1009),
        (talk.frame(talk.TEXT, b"x" * 70_000), 1009),
        (talk.frame(talk.TEXT, b"x" * 10_000, final=False) + talk.frame(0, b"x" * 10_000), 1009),
        (b"\x81\xff" + b"\xff" * 8, 1009),
        (talk.frame(talk.TEXT, b"\xff\xfe"), 1007),
        (b"\x81\x01x", 1002),  # not masked
        (b"\xc1\x80" + bytes(4), 1002),  # compressed, though that was not agreed on
        (b"\x83\x80" + bytes(4), 1002),  # no such opcode
        (b"\x09\x80" + bytes(4), 1002),  # a ping in fragments
        (talk.frame(talk.PING, b"x" * 126), 1002),
        (talk.frame(0, b"x"), 1002),  # goes on with nothing
        (talk.frame(talk.TEXT, b"x", final=False) + talk.frame(talk.TEXT, b"x"), 1002),
    ],
    ids=lambda value: value.hex()[:24] if isinstance(value, bytes) else str(value),
)
def test_4_what_is_against_the_rules_fails_with_its_status(data: bytes, status: int) -> None:
    with pytest.raises(FailedConnectionError) as failed:
        Reader(data).messages()
    assert failed.value.args[0] == status


@given(st.binary(max_size=60))
def test_no_bytes_do_more_than_fail(data: bytes) -> None:
    with contextlib.suppress(FailedConnectionError):
        Reader(data).messages()


# ---- bucket and door -----------------------------------------------------------------------------------------------


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    bucket = Bucket(50, 100, clock)
    assert sum(bucket.take() for _ in range(300)) == 100
    clock.now += 1
    assert sum(bucket.take() for _ in range(300)) == 50
    clock.now += 3600
    assert sum(bucket.take() for _ in range(300)) == 100


@pytest.fixture
def door() -> tuple[Door, Clock]:
    clock = Clock()
    limits = Limits(handshakes_per_address=3, sockets_per_address=5, sockets=7, connect_deadline_s=10)
    return Door(limits, clock), clock


def test_13_an_address_may_have_so_many_that_have_not_joined(door: tuple[Door, Clock]) -> None:
    here, _ = door
    assert [here.enter(str(i), "a") for i in range(4)] == [True, True, True, False]
    assert here.enter("b1", "b")
    here.joined("0")
    assert here.enter("4", "a")
    assert not here.enter("5", "a")
    here.leave("1")
    assert here.enter("6", "a")


def test_13_there_is_a_limit_for_an_address_and_one_for_all(door: tuple[Door, Clock]) -> None:
    here, _ = door
    for i in range(5):
        assert here.enter(f"a{i}", "a")
        here.joined(f"a{i}")
    assert not here.enter("a5", "a")
    for name, entered in (("b0", True), ("b1", True), ("b2", False)):
        assert here.enter(name, "b") is entered
    assert (len(here), here.refused) == (7, 2)


def test_13_who_does_not_join_in_time_is_named_once(door: tuple[Door, Clock]) -> None:
    here, clock = door
    here.enter("early", "a")
    clock.now += 6
    here.enter("late", "a")
    here.enter("joined", "a")
    here.joined("joined")
    clock.now += 5
    assert here.overdue() == ["early"]
    assert here.overdue() == []
    clock.now += 5
    assert here.overdue() == ["late"]
    for sid in ("early", "late", "joined", "joined", "never"):
        here.leave(sid)
    assert len(here) == 0
    assert not here._open
    assert not here._waiting_at


def test_a_crowd_comes_in_one_by_one_and_a_single_person_at_once(door: tuple[Door, Clock]) -> None:
    here, clock = door
    waits = [here.turn() for _ in range(4)]
    assert waits == pytest.approx([0, EVERY_S, 2 * EVERY_S, 3 * EVERY_S])
    clock.now += 60
    assert here.turn() == 0


def test_a_door_that_is_shut_lets_nobody_in(door: tuple[Door, Clock]) -> None:
    here, _ = door
    here.shut = True
    assert not here.enter("x", "a")


# ---- origins, settings, headers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("origins", [(), ("*",), ("https://a.example", "*"), ("a.example",), ("https://a.example/x",)])
def test_9_origins_that_would_switch_the_check_off_are_refused(origins: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError):
        check_origins(origins)
    with pytest.raises(ConfigError):
        Config(secret_key=b"k" * 32, origins=origins)


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("https://class.example", "class.example", True),  # a proxy took the TLS off
        ("http://127.0.0.1:8001", "127.0.0.1:8000", False),
        ("https://class.example.evil.example", "class.example", False),
        ("null", "null", False),
        ("", "x", False),
        (None, "x", False),
        ("file://x", "x", False),
        ("http://", "", False),
        ("http://[", "[", False),
    ],
)
def test_9_without_a_list_only_the_own_pages_are_allowed(origin: str | None, host: str, allowed: bool) -> None:
    assert origin_allowed(Config(secret_key=b"k" * 32), origin, host) is allowed


def test_the_environment_is_read_whole(tmp_path: Path) -> None:
    config = from_environment(
        {
            "HOST": "::1", "PORT": "0", "SECRET_KEY": "s" * 20, "ALLOWED_ORIGINS": "https://a.example, https://b.example:8443/",
            "FRAME_ANCESTORS": "https://*.school.example, http://localhost:3000",
            "TRUSTED_PROXIES": "2", "LIMITS": "queue_frames=7, connect_deadline_s=0.5",
        }
    )  # fmt: skip
    assert (config.host, config.port, config.secret_key, config.trusted_proxies) == ("::1", 0, b"s" * 20, 2)
    assert config.origins == ("https://a.example", "https://b.example:8443")
    assert config.framers == ("https://*.school.example", "http://localhost:3000")
    assert (config.limits.queue_frames, config.limits.connect_deadline_s) == (7, 0.5)
    assert from_environment({"QUORUMSCOPE_INSTANCE": str(tmp_path), "HOST": "", "PORT": ""}).port == 8000


def test_a_client_is_not_asked_what_compression_it_likes() -> None:
    seen: list[dict[str, Any]] = []
    app = NoCompression(lambda environ, _start: seen.append(environ) or [])  # type: ignore[func-returns-value]
    app({"HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate", "PATH_INFO": "/"}, None)
    assert seen == [{"PATH_INFO": "/"}]


def test_2_the_server_is_started_without_debugging_and_outlives_a_failing_accept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from server.cli.serve import PatientListener, ServerLog, server_options

    options = server_options(Config(secret_key=b"k" * 32), 5000)
    assert options["debug"] is False
    assert options["max_size"] == 5000

    class Listener:
        outcomes: list[Any] = [OSError(24, "Too many open files"), OSError(103, "Aborted"), ("connection", "address")]

        def accept(self) -> Any:
            outcome = self.outcomes.pop(0)
            if isinstance(outcome, OSError):
                raise outcome
            return outcome

    clock = Clock()
    assert PatientListener(Listener(), clock.sleep).accept() == ("connection", "address")
    Listener.outcomes = [OSError(9, "Bad file descriptor")]
    with pytest.raises(OSError, match="Bad file"):
        PatientListener(Listener(), clock.sleep).accept()
    with caplog.at_level(logging.INFO):
        caplog.clear()
        ServerLog().info("127.0.0.1 GET / 200")
        assert not caplog.records
