"""A server in a process of its own, for tests that talk to it from outside."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"Quorumscope is on (http://\S+)")
START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 10.0


class Served:
    """`with Served(folder) as server: ... server.url`. `folder` takes the instance (secret key, rooms).

    `command` and `cwd` choose another program than the checkout's; `environment` is added to this process's own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        command: tuple[str, ...] = (sys.executable, "-m", "server"),
        cwd: Path = ROOT,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.url = ""
        self.lines: list[str] = []
        self._command = command
        self._cwd = cwd
        self._environment = {
            **os.environ,
            "HOST": "127.0.0.1",
            "PORT": "0",
            "QUORUMSCOPE_INSTANCE": str(folder),
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        self._process: subprocess.Popen[str] | None = None
        self._told: queue.Queue[str | None] = queue.Queue()

    @property
    def process(self) -> "subprocess.Popen[str]":
        """The running process."""
        assert self._process is not None, "the server is not started"
        return self._process

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._cwd,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()
        self.url = self._wait_for_address()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Asks the server to end and returns its exit code; kills it, and raises, when it takes over ten seconds."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def _read(self, output: IO[str]) -> None:
        for line in output:
            self.lines.append(line.rstrip("\n"))
            self._told.put(line)
        self._told.put(None)
        output.close()

    def _wait_for_address(self) -> str:
        while True:
            try:
                line = self._told.get(timeout=START_SECONDS_MAX)
            except queue.Empty:
                line = None
            if line is None:
                self.process.kill()
                self.process.wait()
                raise AssertionError("the server did not start:\n" + "\n".join(self.lines))
            if address := ADDRESS.search(line):
                return address[1]
