"""The server as a process: what it prints, what it refuses, how it stops."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server import cli, paths
from server.cli import serve
from server.cli.serve import Runtime
from tests.web.conftest import ROOT, Server
from tests.web.fakes import contents

SECONDS_TO_STOP = 5


def command(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.web.serve", *words], cwd=ROOT, text=True, capture_output=True, timeout=20,
        env={**os.environ, "PORT": "0", **environ},
    )  # fmt: skip


def test_it_prints_one_line_with_its_address_and_is_quiet_from_then_on(start: Callable[..., Server]) -> None:
    server = start()
    server.viewer().ask("name", name="x")
    assert server.line == f"Quorumscope is on {server.url}"
    assert server.stop() == 0
    assert server.process.stdout is not None
    assert server.process.stdout.read() == ""
    assert server.errors() == ""


def test_a_page_that_was_never_built_is_told_where_the_server_is_started(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "MANIFEST", tmp_path / "manifest.json")
    serve.tell_what_is_missing()
    assert capsys.readouterr().err == "quorumscope: The page is not built yet. Run: make install\n"
    paths.MANIFEST.write_text("{}")
    serve.tell_what_is_missing()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_10_it_tells_its_viewers_and_stops_in_time_with_sockets_open(start: Callable[..., Server], number: int) -> None:
    server = start(LIMITS="handshakes_per_address=1000")
    viewers = [server.viewer() for _ in range(150)]
    stuck = server.viewer("room2", receive_buffer=4096)
    stuck.ask("seek", seq=200_000)
    idle_http = socket.create_connection((server.url.split("/")[2].split(":")[0], int(server.url.rpartition(":")[2])))
    begun = time.monotonic()
    assert server.stop(number) == 0
    assert time.monotonic() - begun < SECONDS_TO_STOP
    for viewer in viewers:
        assert viewer.until("goodbye")["code"] == "stopping"
        viewer.closing(within=1)
    idle_http.close()
    assert "Traceback" not in server.errors()


def test_10_a_room_that_holds_the_loop_does_not_hold_up_the_end(start: Callable[..., Server]) -> None:
    server = start(LIMITS="stop_s=0.5")
    server.viewer().send("world", seq=666)  # the fake room computes for a minute
    while "computing" not in server.errors():
        time.sleep(0.01)
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < SECONDS_TO_STOP


def test_a_taken_port_is_one_sentence(start: Callable[..., Server]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = str(found.getsockname()[1])
    start(PORT=port)  # named, because a port that was chosen by the system is never shared
    done = command(PORT=port)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"quorumscope: Port {port} is in use; set PORT to another one, or to 0 for a free one.\n"


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        (["--nonsense"], {}),
        (["serve", "too", "many"], {}),
        (["dance"], {}),
        (["--port", "many"], {}),
        ([], {"PORT": "99999"}),
        ([], {"PORT": "eight"}),
        ([], {"HOST": "no.such.host.invalid"}),
        ([], {"HOST": "192.0.2.1"}),
        ([], {"SECRET_KEY": "short"}),
        ([], {"ALLOWED_ORIGINS": "*"}),
        ([], {"ALLOWED_ORIGINS": "[]"}),
        ([], {"ALLOWED_ORIGINS": " , "}),
        ([], {"FRAME_ANCESTORS": "*"}),
        ([], {"FRAME_ANCESTORS": "https://a.example; script-src *"}),
        ([], {"LIMITS": "sockets=-1"}),
        ([], {"LIMITS": "cookies=5"}),
        ([], {"TRUSTED_PROXIES": "all"}),
        ([], {"DATABASE_URL": "mysql://host/name"}),
        ([], {"DATABASE_URL": "not an address"}),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    tmp_path: Path,
    words: list[str],
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {"QUORUMSCOPE_INSTANCE": str(tmp_path), "PORT": "0", **environ}.items():
        monkeypatch.setenv(name, value)

    def listen(address: Any, family: int, **_options: Any) -> socket.socket:
        return socket.create_server(address, family=family)

    def never(*_anything: Any) -> None:
        raise AssertionError("it was started all the same")

    assert cli.run(words, Runtime("threading", listen, never, never, never, never), contents) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("quorumscope: ")
    assert printed.err.count("\n") == 1


def test_a_wrong_argument_ends_the_process_with_two() -> None:
    done = command("--nonsense")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("words", [["--help"], ["serve", "--help"], ["-h"], ["--version"]])
def test_help_is_given_without_starting_anything(words: list[str]) -> None:
    done = command(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "quorumscope" in done.stdout


def test_the_secret_is_made_once_and_kept_for_its_owner_alone(start: Callable[..., Server], tmp_path: Path) -> None:
    start().stop()
    kept = (tmp_path / "secret_key").read_bytes()
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    start().stop()
    assert (tmp_path / "secret_key").read_bytes() == kept
    assert len(kept) >= 32


def test_a_folder_that_cant_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = command(QUORUMSCOPE_INSTANCE=str(tmp_path / "file"), SECRET_KEY="")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_the_port_and_the_host_may_be_said_on_the_command_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = command("serve", "--port", port, QUORUMSCOPE_INSTANCE=str(tmp_path))
    assert f"Port {port} is in use" in done.stderr
