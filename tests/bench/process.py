"""A server in a process of its own that says where it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parents[2]
_ADDRESS = re.compile(r" is on http://[^:]+:(\d+)")
STOP_SECONDS_MAX = 10


class Process:
    """`with Process("-m", "server") as server: ... server.port, server.about`. Raises RuntimeError where it does not start."""

    def __init__(self, *arguments: str, instance: Path | None = None) -> None:
        self._arguments = arguments
        self._environment = {**os.environ, "HOST": "127.0.0.1", "PORT": "0", "PYTHONUNBUFFERED": "1"}
        if instance is not None:
            self._environment["QUORUMSCOPE_INSTANCE"] = str(instance)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", *self._arguments], cwd=ROOT, env=self._environment, text=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = _ADDRESS.search(line)
        if found is None:
            self._process.kill()
            raise RuntimeError(f"{' '.join(self._arguments)} did not start: {line}")
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.about = psutil.Process(self._process.pid)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
