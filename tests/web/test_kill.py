"""Nobody loses anything when the server is killed, and the test would notice if somebody did. Whole in `make bench`."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from tests.serving import Served
from tests.web.killing import Account, shaking, siege


class Lives:
    """One server after the other, upon the same folder."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._folder, self._words = folder, words
        self._lives: list[Served] = []

    def start(self) -> Lives:
        command = (sys.executable, "-m", "tests.web.killing", *self._words)
        life = Served(self._folder, command=command)
        self._lives.append(life)
        life.__enter__()
        return self

    @property
    def url(self) -> str:
        return self._lives[-1].url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        self._lives[-1].process.kill()
        self._lives[-1].process.wait()

    def room(self) -> tuple[str, str]:
        """Opens a room; its name, and the cookie of its presenter."""
        form = urlencode({"protocol": "raft", "nodes": "3", "seed": "5"}).encode()
        head = {"Accept": "application/json", "Origin": self.url}
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/rooms", form, head), timeout=30) as answer:
            cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
            return str(json.load(answer)["room"]), cookie


def besieged(folder: Path, *words: str, viewers: int, kills: int) -> Account:
    lives = Lives(folder, *words).start()
    try:
        room, cookie = lives.room()
        return asyncio.run(siege(lives, lives.start, room, cookie, viewers=viewers, kills=kills, seed=1))
    finally:
        lives.kill()


def test_a_server_that_is_killed_again_and_again_loses_nothing_that_anybody_saw(tmp_path: Path) -> None:
    account = besieged(tmp_path, viewers=20, kills=5)
    assert account.wrong == 0, account.faults
    assert account.updates > 200
    assert account.resumed + account.reloaded == 100
    assert account.resumed > 20
    assert account.acts > 5


def test_one_that_shows_before_it_saves_is_found_out(tmp_path: Path) -> None:
    account = besieged(tmp_path, "hasty", viewers=10, kills=2)
    assert account.losses > 0


def test_lines_that_break_lose_nothing(tmp_path: Path) -> None:
    lives = Lives(tmp_path).start()
    try:
        room, cookie = lives.room()
        account = asyncio.run(shaking(lives.port, room, cookie, viewers=10, times=60, seed=1))
    finally:
        lives.kill()
    assert account.wrong == 0, account.faults
    assert account.resumed > 40
