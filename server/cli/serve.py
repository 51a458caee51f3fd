"""`serve`: starts the server, says where it is, and stops it cleanly.

Own start-up, because the ready-made ones do not hold a class. Measured: `socketio.run()` stops serving at 1,024
sockets, takes 15.7 s for 1,200 people who join at once (this: 1.2 s), and answers errors with tracebacks; gunicorn
has dropped eventlet.

Stopping, measured: on SIGTERM with sockets open the stock server waits for them for 30 s, until it is killed. Here
everybody is told, what is queued is sent, sockets are closed in batches, and after `Limits.stop_s` the process ends
in any case.
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import re
import resource
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from server import paths
from server.rooms import Limits, Lobby
from server.simulation.texts import N_
from server.storage import Store, Worker
from server.web.app import Web, create_app
from server.web.config import Config, ConfigError, from_environment
from server.web.keeper import Keeper
from server.web.keptlinks import KeptLinks
from server.web.shelf import Shelf, everything
from server.web.sockets import Lobby as AnyLobby

from . import CommandError
from .collector import tune_collector
from .program import fingerprint

log = logging.getLogger("server")

Contents = tuple[AnyLobby, Shelf] | tuple[AnyLobby, Shelf, type[Keeper]]  # what is served, and who keeps it

BACKLOG = 2048  # a class that joins at once waits here, and not in its browsers' retries
CONNECTIONS_MAX = 8192
FILES_WANTED = 65_536
FILES_SPARE = 64
CLOSE_BATCH = 100
ACCEPT_AGAIN_S = 0.05
ELSEWHERE = ("192.0.2.1", 9)  # an address kept for documentation (RFC 5737)
STOP_SPARE_S = 0.5
ROOM_NAME_BYTES = 9  # twelve characters that nobody guesses


@dataclass(frozen=True, slots=True)
class Runtime:
    """What `server/__main__.py` lends: a green server that is named nowhere else."""

    async_mode: str
    listen: Callable[..., Any]
    serve: Callable[..., None]
    spawn: Callable[..., Any]
    sleep: Callable[[float], None]
    call: Callable[[Callable[[], Any]], Any]
    """Runs something in a thread, while everybody else goes on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything is said by the environment; these two are there for a hurry."""
    parser.add_argument("--host", help="the address to listen on (HOST, else 127.0.0.1)")
    parser.add_argument("--port", help="the port to listen on, 0 for a free one (PORT, else 8000)")
    parser.epilog = (
        "The environment may also set SECRET_KEY, ALLOWED_ORIGINS, FRAME_ANCESTORS, TRUSTED_PROXIES, LIMITS, DATABASE_URL and "
        "QUORUMSCOPE_INSTANCE."
    )


def run(args: argparse.Namespace, runtime: Runtime, contents: Callable[[], Contents] | None) -> int:
    """Serves until it is told to stop. Raises CommandError."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    given = {"HOST": args.host, "PORT": args.port}
    try:
        config = from_environment({**os.environ, **{name: value for name, value in given.items() if value is not None}})
    except ConfigError as error:
        raise CommandError(str(error)) from None
    files = _raise_file_limit()
    listener = _listen(runtime, config)
    try:
        lobby, shelf, *keepers = (contents or _contents)()
        keeper = _keeper(config, lobby, runtime, keepers[0], listener) if keepers else None
        links = KeptLinks(config, keeper.worker) if keeper is not None else None
        web = create_app(config, lobby, runtime.async_mode, shelf, links, keeper)
        tune_collector()
        _serve(runtime, config, web, listener, min(CONNECTIONS_MAX, files - FILES_SPARE))
    finally:
        listener.close()


def _keeper(config: Config, lobby: AnyLobby, runtime: Runtime, kind: type[Keeper], listener: Any) -> Keeper:
    """What saves the rooms, in a thread of its own."""
    worker = Worker(Store(config.database, config.limits.store_bytes, _address(listener, here=True)), runtime.call)
    return kind(
        worker, lobby, fingerprint(), rooms_max=config.limits.rooms_kept, days_max=config.limits.room_days,
        sleep=runtime.sleep,
    )  # fmt: skip


def _serve(runtime: Runtime, config: Config, web: Web, listener: Any, connections: int) -> NoReturn:
    stop = StopSignal(config.limits.stop_s)
    failed: list[BaseException] = []

    def http() -> None:
        try:
            runtime.serve(PatientListener(listener, runtime.sleep), web.app, **server_options(config, connections))
        except Exception as error:  # noqa: BLE001 - it is reported below, by the one who waits
            failed.append(error)
            stop.now()

    keeper = web.shell.keeper
    if keeper is not None:
        runtime.spawn(keeper.run)
    runtime.spawn(web.pump.run)
    runtime.spawn(http)
    print(f"Quorumscope is on {_address(listener)}", flush=True)  # noqa: T201
    tell_what_is_missing()
    stop.wait()
    if failed:
        log.error("the server broke", exc_info=failed[0])
    say_goodbye(web, runtime.sleep, config.limits.stop_s)
    _leave(1 if failed else 0)


def tell_what_is_missing() -> None:
    """Where the page was never built people will see nothing: whoever starts the server is told so before they come."""
    try:
        paths.manifest()
    except paths.PageNotBuilt as why:
        print(f"quorumscope: {why}", file=sys.stderr, flush=True)  # noqa: T201


def _leave(code: int) -> NoReturn:
    """Ends the process, without taking thousands of green threads apart one by one (that takes seconds)."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def server_options(config: Config, connections: int) -> dict[str, Any]:
    """What the WSGI server is told."""
    return {
        "log": ServerLog(),
        "max_size": connections,
        "debug": False,  # or it answers errors with their tracebacks
        "keepalive": config.limits.keep_alive_s,
        "socket_timeout": config.limits.request_s,
    }


def say_goodbye(web: Web, sleep: Callable[[float], None], within_s: float) -> None:
    """Tells every viewer, sends what is queued, closes; returns after `within_s` in any case."""
    until = time.monotonic() + within_s
    web.pump.stopped = True
    web.shell.guard.door.shut = True
    web.comparisons.stop_all()
    web.searches.stop_all()
    web.imports.stop_all()
    if web.shell.keeper is not None:
        web.shell.keeper.drain(within_s / 2)
    lines = web.shell.lines()
    for start in range(0, len(lines), CLOSE_BATCH):
        for line in lines[start : start + CLOSE_BATCH]:
            web.shell.farewell(line, "stopping", N_("The server is being stopped."))
        sleep(0)
    while web.shell.lines() and time.monotonic() < until:
        sleep(0.02)


class StopSignal:
    """Ctrl-C or SIGTERM, awaited without asking again and again."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._inside, self._outside = socket.socketpair()
        self._outside.setblocking(False)
        self._seen = False
        signal.set_wakeup_fd(self._outside.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGALRM, lambda _number, _frame: os._exit(0))

    def wait(self) -> None:
        """Returns when it is time to stop."""
        self._inside.recv(1)

    def now(self) -> None:
        """As if a signal had come."""
        self._outside.send(b"\0")

    def _on_signal(self, number: int, _frame: Any) -> None:
        if self._seen:
            os._exit(128 + number)  # who asks twice does not want to wait
        self._seen = True
        # Should something hold the loop (a room that computes), nobody would wake up to stop; the process ends all the same.
        signal.setitimer(signal.ITIMER_REAL, self._within_s + STOP_SPARE_S)


class PatientListener:
    """A listening socket whose `accept` outlives what the stock server takes for the end.

    Read in the source: an `accept` that fails, because a client left early or the process is out of files, ends its
    loop.
    """

    def __init__(self, listener: Any, sleep: Callable[[float], None]) -> None:
        self._listener = listener
        self._sleep = sleep

    def __getattr__(self, name: str) -> Any:
        """Everything else is the socket's."""
        return getattr(self._listener, name)

    def accept(self) -> tuple[Any, Any]:
        """The next connection."""
        while True:
            try:
                connection: tuple[Any, Any] = self._listener.accept()
                return connection
            except OSError as error:
                if error.errno in (errno.EBADF, errno.EINVAL):
                    raise  # it was closed
                log.warning("a connection could not be accepted: %s", error)
                self._sleep(ACCEPT_AGAIN_S)


HUNG_UP = re.compile(
    r"in handle_one_response\n +write\(.*\n"
    r"(?:ConnectionResetError|BrokenPipeError|ConnectionAbortedError|TimeoutError)\b[^\n]*\n*\Z",
    re.DOTALL,
)
"""The traceback of an answer that could not be written, for nobody reads it any more. What the application itself raised while
it made the answer does not look like this.
"""


class ServerLog:
    """What the WSGI server has to say: its errors, and not one line for each request."""

    def info(self, message: str, *_args: Any) -> None:
        """Requests come here, and tracebacks of errors that happened around the application."""
        if HUNG_UP.search(message):
            log.info("a reader has hung up")
        elif message.startswith("Traceback"):
            log.error("a request broke\n%s", message)

    def debug(self, message: str, *args: Any) -> None:
        """Nothing that anyone reads."""

    def error(self, message: str, *_args: Any) -> None:
        """A client that breaks off, mostly."""
        log.info("%s", message)

    write = info


def _contents() -> Contents:
    return Lobby(Limits(), make_id=lambda: secrets.token_urlsafe(ROOM_NAME_BYTES)), everything(), Keeper


def _raise_file_limit() -> int:
    """As many open files as the system lets us have; a socket is one. Returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return FILES_WANTED if soft == resource.RLIM_INFINITY else soft


def _listen(runtime: Runtime, config: Config) -> Any:
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        # Said outright: eventlet's default lets a second server listen on the same port and take half of the viewers.
        return runtime.listen(address, family=family, backlog=BACKLOG, reuse_port=False)
    except socket.gaierror:
        raise CommandError(f"HOST {config.host!r} is no address of this machine.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            text = f"Port {config.port} is in use; set PORT to another one, or to 0 for a free one."
        elif error.errno == errno.EADDRNOTAVAIL:
            text = f"HOST {config.host!r} is no address of this machine."
        else:
            text = f"Port {config.port} of {config.host} can't be had: {error.strerror}."
        raise CommandError(text) from None


def _address(listener: Any, *, here: bool = False) -> str:
    """Where the server is, for others in the same network; with `here` for this machine."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - what to open, not where to listen
        host = {"::": "::1"}.get(host, "127.0.0.1") if here else _own_address()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _own_address() -> str:
    """The address by which others in the same network reach this machine; its own loopback where it has no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)  # of a datagram socket: chooses a route, and sends nothing
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
