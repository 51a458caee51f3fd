"""What the environment says, checked once at the start.

    HOST (127.0.0.1)       the address to listen on
    PORT (8000)            0 takes a free one
    SECRET_KEY             signs the cookies; without it one is made and kept in the instance folder, mode 0600
    ALLOWED_ORIGINS        comma-separated origins whose pages may connect; without it the server's own pages alone
    FRAME_ANCESTORS        comma-separated origins whose pages may show embedded rooms; without it none but the server's own
    TRUSTED_PROXIES (0)    how many reverse proxies stand in front, so that the caller's address can be believed
    LIMITS                 `name=number` pairs, comma-separated, for the fields of `Limits`
    QUORUMSCOPE_INSTANCE   the folder for what the server keeps
    DATABASE_URL           where rooms and recordings are kept, if not in a file of SQLite in that folder

A wrong value is a `ConfigError`: one sentence, and the server does not start.
"""

from __future__ import annotations

import dataclasses
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from server import paths

DATABASE_FILE = "quorumscope.sqlite3"

_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_FRAMER = re.compile(r"https?://(?:\*\.)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_SECRET_BYTES_MIN = 16


class ConfigError(Exception):
    """The environment asks for something that can't be had; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Everything that strangers could make grow. Rooms have limits of their own (`server.rooms`)."""

    message_bytes: int = 16 * 1024  # one whole message from a browser, all its fragments together
    frames_per_second: float = 50.0  # of one socket, control frames and fragments counted
    frames_burst: int = 100
    asks_per_second: float = 20.0  # about rooms, of one program that calls; it acts as fast as a socket does
    asks_burst: int = 100
    callers: int = 8192  # programs that have called in the last half minute
    callers_per_address: int = 4096
    waits: int = 1024  # calls that wait for news
    waits_per_address: int = 256
    waits_per_caller: int = 16
    queue_frames: int = 256  # waiting for one slow browser
    queue_bytes: int = 1024 * 1024
    send_buffer_bytes: int = 256 * 1024  # of the kernel; what is in it can't be taken back
    handshakes_per_address: int = 512  # sockets from one address that have not joined a room yet
    sockets_per_address: int = 4096  # a whole school may stand behind one address
    sockets: int = 8192
    connect_deadline_s: float = 10.0  # from the handshake to the join
    ping_interval_s: float = 10.0
    ping_timeout_s: float = 8.0
    request_s: float = 15.0  # to send a request whole
    keep_alive_s: float = 20.0  # between two requests of one connection
    comparisons: int = 1  # computed at the same time, at a lower priority than the rooms
    comparison_processes: int = 2  # of each
    comparisons_waiting: int = 8
    comparisons_kept: int = 32  # with their results
    comparison_s: float = 600.0  # to compute one
    comparison_unwatched_s: float = 60.0  # after that nobody seems to want it any more
    searches: int = 1  # for counterexamples; the same of these
    search_processes: int = 2
    searches_waiting: int = 8
    searches_kept: int = 32
    search_s: float = 180.0
    search_unwatched_s: float = 60.0
    links_kept: int = 10_000  # with short names
    link_bytes: int = 128 * 1024 * 1024  # of all of them
    link_days: int = 400  # that a link is kept after it was followed last
    exports: int = 4  # files of events that are being made at the same time
    imports: int = 1  # of recordings, played again; the same of these
    imports_waiting: int = 8
    imports_kept: int = 32
    import_s: float = 60.0
    import_unwatched_s: float = 15.0
    openings: int = 4  # of recordings, or savings of rooms, at the same time
    recordings_of_one: int = 200  # kept for one visitor
    recordings: int = 5_000  # kept for all
    rooms_kept: int = 2_000  # in the database; of more, those that nobody came back to for longest go
    room_days: float = 30.0  # that a room is kept in which nothing happens
    store_bytes: int = 8 * 1024**3  # of a database of SQLite
    stop_s: float = 3.0  # to say goodbye; supervisors kill after five seconds, and a busy machine is slow


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one server."""

    secret_key: bytes
    host: str = "127.0.0.1"
    port: int = 8000
    origins: tuple[str, ...] | None = None  # None: only pages that this server itself gave out
    framers: tuple[str, ...] = ()  # origins whose pages may frame /embed, beside the server's own
    trusted_proxies: int = 0
    database: str = ""  # SQLAlchemy's address of it; empty: nothing is kept
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        """Raises `ConfigError` on origins that would switch a check off."""
        if self.origins is not None:
            check_origins(self.origins)
        check_framers(self.framers)
        if len(self.secret_key) < _SECRET_BYTES_MIN:
            raise ConfigError(f"SECRET_KEY is too short: it needs at least {_SECRET_BYTES_MIN} characters.")


def check_origins(origins: tuple[str, ...]) -> None:
    """Refuses `*` and an empty list.

    Measured: python-engineio takes `cors_allowed_origins=[]` for "no check at all", so that a page of any site could
    open a socket with its visitor's cookies; and so it does with `*`.
    """
    if not origins:
        raise ConfigError("ALLOWED_ORIGINS is an empty list; leave it out to allow the server's own pages.")
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ConfigError(
                f"ALLOWED_ORIGINS: {origin!r} is no origin; write each as https://host or https://host:port, never *."
            )


def check_framers(framers: tuple[str, ...]) -> None:
    """Refuses what is no origin, for it stands in a header; and `*`, for each reader of any page would open rooms here."""
    for framer in framers:
        if not _FRAMER.fullmatch(framer):
            raise ConfigError(
                f"FRAME_ANCESTORS: {framer!r} is no origin; write each as https://host or https://*.host, never *."
            )


def from_environment(environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration that the environment asks for. Raises `ConfigError`."""
    key = environ.get("SECRET_KEY", "")
    return Config(
        secret_key=key.encode() if key else kept_secret(instance_folder(environ)),
        host=environ.get("HOST", "") or "127.0.0.1",
        port=_number(environ, "PORT", 8000, 0, 65535),
        origins=_origins(environ.get("ALLOWED_ORIGINS", "")),
        framers=_origins(environ.get("FRAME_ANCESTORS", "")) or (),
        trusted_proxies=_number(environ, "TRUSTED_PROXIES", 0, 0, 10),
        database=database(environ),
        limits=_limits(environ.get("LIMITS", "")),
    )


def instance_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the server keeps what it must not lose: `instance/` in a checkout, the user's data folder otherwise."""
    if named := environ.get("QUORUMSCOPE_INSTANCE"):
        return Path(named).expanduser()
    if not paths.IN_WHEEL:
        return paths.TEMPLATES_DIR.parent / "instance"
    data_home = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data_home).expanduser() / "quorumscope"


def database(environ: Mapping[str, str] = os.environ) -> str:
    """The address of the database. Raises `ConfigError` for one that can't be used."""
    given = environ.get("DATABASE_URL", "").strip()
    if not given:
        return f"sqlite:///{instance_folder(environ).absolute() / DATABASE_FILE}"
    if given.startswith("postgres://"):  # as hosts of applications still write it
        given = given.replace("postgres://", "postgresql://", 1)
    try:
        url = make_url(given)
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise ConfigError(f"DATABASE_URL names {url.get_backend_name()}; it can be sqlite or postgresql.")
        url.get_dialect().import_dbapi()
    except ArgumentError:
        raise ConfigError("DATABASE_URL is no address like postgresql://user:password@host/database.") from None
    except (ImportError, NoSuchModuleError):
        raise ConfigError(
            "DATABASE_URL needs a driver that is not installed: pip install 'quorumscope[postgresql]'."
        ) from None
    return url.render_as_string(hide_password=False)


def kept_secret(folder: Path) -> bytes:
    """The secret kept in `folder`, made where there is none. Raises `ConfigError` where it can't be kept."""
    path = folder / "secret_key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            kept = path.read_bytes().strip()
            if len(kept) >= _SECRET_BYTES_MIN:
                return kept
        made = secrets.token_hex(32).encode()
        # Written aside and moved: of two servers that start at once neither reads half a key.
        aside = folder / f"secret_key.{os.getpid()}"
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made + b"\n")
        aside.replace(path)
    except OSError as error:
        raise ConfigError(
            f"The secret key can't be kept in {folder} ({error.strerror}); set SECRET_KEY or QUORUMSCOPE_INSTANCE."
        ) from None
    return made


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ConfigError(f"{name} must be a number from {low} to {high}, not {text!r}.")
    return int(text)


def _origins(text: str) -> tuple[str, ...] | None:
    if not text.strip():
        return None
    return tuple(part.strip().rstrip("/") for part in text.strip().strip("[]").split(",") if part.strip())


def _limits(text: str) -> Limits:
    kinds: dict[str, Any] = {field.name: type(field.default) for field in dataclasses.fields(Limits)}
    changes: dict[str, Any] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = pair.partition("=")
        if name not in kinds:
            raise ConfigError(f"LIMITS: there is no limit {name!r}; there are {', '.join(kinds)}.")
        try:
            number = kinds[name](value)
        except ValueError:
            number = -1
        if not 0 < number < 1e12:
            raise ConfigError(f"LIMITS: {name} must be a positive number, not {value!r}.")
        changes[name] = number
    return dataclasses.replace(Limits(), **changes)
