"""Work that pages have ordered: each order is a command of this program in processes of its own, at a lower priority.

Never in this process: it is a minute of computing, and here it would hold everybody's rooms up. Nor by a pool of workers
of this process, whose green threads and sockets have no place in them. So a job is a child that writes lines of JSON, and
its pipe is read without waiting; what the page shows is what the command line says, to the digit.

Few are computed at a time, some wait, and a visitor has one. Who closes the page and is not heard of for a minute no
longer wants it. What is computed, and what it is called, is said by those who make these their own: `comparisons.py` and
`searches.py`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any, ClassVar, Generic, TypeVar

import msgspec

from server.simulation.texts import Refused

from .config import Limits

log = logging.getLogger("server")

WAITING, RUNNING, DONE, STOPPED, FAILED = "waiting", "running", "done", "stopped", "failed"
OVER = (DONE, STOPPED, FAILED)
LOOK_EVERY_S = 0.1
READ_BYTES = 65_536
KILL_AFTER_S = 3.0
NICENESS = 10
NAME_BYTES = 9


class Job(ABC):
    """One piece of work, from its order to its report."""

    BEGINNING: ClassVar[Mapping[str, Any]] = {"part": 0.0}
    """How far it is before anything is known."""
    LINE_BYTES_MAX: ClassVar[int] = 4 * 1024 * 1024
    """A report is at most a few hundred kilobytes; a child that writes more without an end of line is broken."""

    def __init__(self, order: Mapping[str, Any], holder: str, now: float) -> None:
        self.name = secrets.token_urlsafe(NAME_BYTES)
        self.order = order
        """What the child is told; empty once it was told, or is not to be any more."""
        self.holder = holder
        self.state = WAITING
        self.progress: Mapping[str, Any] = self.BEGINNING
        self.report: Mapping[str, Any] | None = None
        self.version = 0
        """How many reports there were; a page asks for what is newer than its own."""
        self.asked_for = now
        self.begun = now
        self.process: subprocess.Popen[bytes] | None = None
        self.stopping: float | None = None
        self._pipe = -1
        self._unread = b""

    @abstractmethod
    def words(self, processes: int) -> list[str]:
        """The command, which is given the order on its standard input; no word of it is a stranger's own."""

    def hear(self, told: Mapping[str, Any]) -> None:
        """Takes a line that the child has written."""
        if "progress" in told:
            self.progress = told["progress"]
        if "report" in told:
            self.report = told["report"]
            self.version += 1

    def input(self) -> IO[bytes]:
        """What the child is given to read. A file and no pipe: a child that is slow to read it keeps nobody waiting."""
        order = tempfile.TemporaryFile()  # noqa: SIM115 - `begin` closes it
        order.write(json.dumps(self.order).encode())
        return order

    @property
    @abstractmethod
    def complete(self) -> bool:
        """Whether the report is of all that was ordered."""

    def begin(self, processes: int, now: float) -> None:
        """Starts the child. Raises OSError where the system gives none."""
        self.begun = now
        command = [sys.executable, "-m", "server", *self.words(processes)]
        self._pipe, theirs = os.pipe()
        try:
            with self.input() as order:
                order.seek(0)
                self.process = subprocess.Popen(  # noqa: S603 - no word of it is a stranger's
                    command, stdin=order, stdout=theirs, stderr=subprocess.DEVNULL, start_new_session=True
                )
        except OSError:
            os.close(self._pipe)
            self._pipe = -1
            raise
        finally:
            os.close(theirs)
            self.order = {}
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, NICENESS)
        self.state = RUNNING

    def look(self, now: float) -> None:
        """Reads what the child has written, and notices its end."""
        if self.process is None or self.state in OVER:
            return
        ended = self.process.poll() is not None
        while chunk := self._read():
            self._unread += chunk
            *lines, self._unread = self._unread.split(b"\n")
            for line in filter(None, lines):
                self._hear(line)
            if len(self._unread) > self.LINE_BYTES_MAX:
                self.break_off()
                return
        if ended:
            self._end()
        elif self.stopping is not None and now - self.stopping > KILL_AFTER_S:
            self._signal(signal.SIGKILL)

    def _read(self) -> bytes:
        # What is there, asked for beforehand: a green `os.read` would wait for more, and hold the others up.
        (there,) = struct.unpack("i", fcntl.ioctl(self._pipe, termios.FIONREAD, b"\0" * 4))
        return os.read(self._pipe, min(there, READ_BYTES)) if there else b""

    def _hear(self, line: bytes) -> None:
        try:
            told = msgspec.json.decode(line)
        except msgspec.DecodeError:
            if self.stopping is None:
                raise
            return  # it was stopped in the middle of the line
        self.hear(told)

    def _end(self) -> None:
        os.close(self._pipe)
        self._pipe = -1
        if self.complete:
            self.state = DONE
        else:
            self.state = FAILED if self.stopping is None else STOPPED

    def break_off(self) -> None:
        """Ends the child at once: what it writes can't be understood."""
        self.state = FAILED
        self._signal(signal.SIGKILL)
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1

    @property
    def reaped(self) -> bool:
        """Whether its child, if it had one, has gone; asking also takes its place in the system's table away."""
        return self.process is None or self.process.poll() is not None

    def stop(self, now: float) -> None:
        """Has the child end, with what it has by then; one that waits never begins."""
        if self.state == WAITING:
            self.state, self.order = STOPPED, {}
        elif self.state == RUNNING and self.stopping is None:
            self.stopping = now
            self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)  # its workers too
            else:
                self.process.send_signal(number)


J = TypeVar("J", bound=Job)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of one kind of work there may be."""

    at_once: int
    processes: int
    waiting: int
    kept: int
    longest_s: float
    unwatched_s: float


class Jobs(ABC, Generic[J]):
    """All work of one kind. `spawn` starts a background task, `sleep` lets others go on meanwhile."""

    TOO_MANY: ClassVar[tuple[str, str]]
    UNKNOWN: ClassVar[tuple[str, str]]
    NOT_YOURS: ClassVar[tuple[str, str]]
    """Codes and sentences (msgid) of what is refused."""
    kind: type[J]
    """What an order makes."""

    def __init__(
        self, limits: Limits, spawn: Callable[[Callable[[], None]], Any], sleep: Callable[[float], Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._bounds = self.bounds(limits)
        self._spawn = spawn
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._working = False
        self.jobs: dict[str, J] = {}
        """By name, the oldest first."""

    @staticmethod
    @abstractmethod
    def bounds(limits: Limits) -> Bounds:
        """How much of it there may be."""

    def open(self, order: Mapping[str, Any], holder: str) -> J:
        """Orders work; what this visitor had ordered before is stopped, where he is one. Raises Refused when too many wait."""
        with self._lock:
            now = self._clock()
            for job in self.jobs.values():
                if holder and job.holder == holder:
                    job.stop(now)
            if len(self._in(WAITING)) >= self._bounds.waiting:
                raise Refused(*self.TOO_MANY)
            made = self.kind(order, holder, now)
            self.jobs[made.name] = made
            self._forget()
            if not self._working:
                self._working = True
                self._spawn(self._work)
            return made

    def find(self, name: str) -> J:
        """The job of that name, which somebody wants to know of. Raises Refused."""
        job = self.jobs.get(name)
        if job is None:
            raise Refused(*self.UNKNOWN)
        job.asked_for = self._clock()
        return job

    def before(self, job: J) -> int:
        """How many are computed before it."""
        if job.state != WAITING:
            return 0
        waiting = self._in(WAITING)
        return len(self._in(RUNNING)) + waiting.index(job)

    def stop(self, name: str, holder: str) -> J:
        """Stops a job for who has ordered it. Raises Refused."""
        with self._lock:
            job = self.find(name)
            if job.holder != holder:
                raise Refused(*self.NOT_YOURS)
            job.stop(self._clock())
            return job

    def stop_all(self) -> None:
        """Ends every child; the server is being stopped."""
        for job in list(self.jobs.values()):
            job.stop(self._clock())

    def _in(self, state: str) -> list[J]:
        return [job for job in self.jobs.values() if job.state == state]

    def _forget(self) -> None:
        """Lets the oldest results go where there are too many."""
        over = [name for name, job in self.jobs.items() if job.state in OVER]
        for name in over[: max(0, len(self.jobs) - self._bounds.kept)]:
            del self.jobs[name]

    def _work(self) -> None:
        """The background task: goes on as long as anything waits or runs."""
        while True:
            with self._lock:
                self._look()
                # All are asked: one that was broken off leaves a child to be reaped, though nobody hears it any more.
                reaped = [job.reaped for job in self.jobs.values() if job.state in OVER]
                if all(reaped) and not self._in(WAITING) and not self._in(RUNNING):
                    self._working = False
                    return
            self._sleep(LOOK_EVERY_S)

    def _look(self) -> None:
        now = self._clock()
        for job in self._in(WAITING) + self._in(RUNNING):
            too_long = job.state == RUNNING and now - job.begun > self._bounds.longest_s
            if too_long or now - job.asked_for > self._bounds.unwatched_s:
                job.stop(now)
        for job in self._in(RUNNING):
            try:
                job.look(now)
            except Exception:
                log.exception("a job broke: %s", type(job).__name__)
                job.break_off()
        for job in self._in(WAITING)[: max(0, self._bounds.at_once - len(self._in(RUNNING)))]:
            try:
                job.begin(self._bounds.processes, now)
            except OSError:
                job.state = FAILED
