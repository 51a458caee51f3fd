"""People in a room whose server is killed again and again, and whose lines break: what has each of them seen?

A watcher does what a browser does: it joins with the last update that it has, applies the next one, ignores what it knows,
joins again where one is missing, and keeps the world up to date (`Screen`). It counts what must never happen:

    a gap        an update came that does not follow on the last
    a loss       the server came back at an earlier update than somebody had seen, or another one has its number now
    a duplicate  an update was applied twice (it would not fit into the world)

    python -m tests.web.killing [hasty]     the server that is killed; hasty: it shows first and saves later
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import pickle
import random
import signal
import socket
import struct
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from server.simulation import encode
from tests.bench.load import Tally, Viewer
from tests.serving import Served
from tests.support.reducer import comparable
from tests.support.screen import Screen

ACT_EVERY_S = 0.02
WITHIN_S = 60.0
FRAMES_MAX = 2_000
ACTS = (
    {"type": "crash", "node": "n1"}, {"type": "restart", "node": "n1", "disk": "kept"}, {"type": "crash", "node": "n2"},
    {"type": "restart", "node": "n2", "disk": "kept"}, {"type": "partition", "groups": [["n1", "n2"], ["n3"]]},
    {"type": "heal"}, {"type": "pause", "node": "n3"}, {"type": "resume", "node": "n3"},
)  # fmt: skip


@dataclass
class Account:
    """What all watchers have seen together."""

    gaps: int = 0
    losses: int = 0
    duplicates: int = 0
    different: int = 0
    """Worlds that are not the server's at the end, and commands that were confirmed and are not there."""
    updates: int = 0
    resumed: int = 0
    reloaded: int = 0
    acts: int = 0
    faults: list[str] = field(default_factory=list)
    seen: dict[tuple[str, int], bytes] = field(default_factory=dict)
    frames: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    latest: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """How often something happened that must never happen."""
        return self.gaps + self.losses + self.duplicates + self.different

    def read(self, payload: bytes) -> dict[str, Any]:
        """What a frame says. An update comes to all in the same bytes; it is read once."""
        known = self.frames.get(payload)
        if known is None:
            known = json.loads(payload[2:])[1]
            if known["type"] == "update":
                self.frames[payload] = known
                while len(self.frames) > FRAMES_MAX:
                    del self.frames[next(iter(self.frames))]
        return known

    def same(self, pair: tuple[str, int], update: dict[str, Any]) -> bool:
        """Whether everybody has seen the same under this number."""
        known = self.latest.get(pair)
        if known is update:
            return True
        digest = hashlib.blake2b(encode(update).encode(), digest_size=8).digest()
        if known is None:
            self.latest[pair] = update
            while len(self.latest) > FRAMES_MAX:
                del self.latest[next(iter(self.latest))]
        return self.seen.setdefault(pair, digest) == digest

    def fault(self, kind: str, text: str) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.faults) < 10:
            self.faults.append(f"{kind}: {text}")


class Follower(Screen):
    """A screen that is given what was read for it, and what was read once for all: that it does not change."""

    told = staticmethod(lambda given: {**given, "jump": _own(given["jump"])} if "jump" in given else given)


def _own(data: Any) -> Any:
    return pickle.loads(pickle.dumps(data, pickle.HIGHEST_PROTOCOL))  # a fifth of what `copy.deepcopy` takes


class Watcher(Viewer):
    """One browser, for the length of one connection; `memory` outlives it."""

    def __init__(self, order: dict[str, Any], memory: Memory) -> None:
        super().__init__(order, Tally(), memory.presenter)
        self.memory = memory
        self.replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.lost = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(f"the connection was closed ({exc})")
        if not self.lost.done():
            self.lost.set_result(None)
        for waiting in self.replies.values():
            waiting.cancel()

    def frame(self, first: int, payload: bytes, arrival: float) -> None:
        if first & 0x0F != 1:
            return
        if payload == b"2":
            self.send("3")
        elif payload[:1] == b"0":
            self.send("40")
        elif payload[:2] == b"40":
            self.say(type="join", room=self.order["room"], last=self.memory.last)
        elif payload[:2] == b"42":
            told = self.memory.account.read(payload)
            if told["type"] == "update":
                self.memory.take(told)
            elif told["type"] == "reply" and not self.joined.done():
                self._joined(told)
            elif (waiting := self.replies.pop(told.get("id"), None)) is not None and not waiting.done():
                waiting.set_result(told)

    def _joined(self, reply: dict[str, Any]) -> None:
        if not reply["ok"]:
            self.fail(str(reply))
            self.transport.abort()
            return
        self.memory.come_back(reply)
        self.joined.set_result(None)

    async def ask(self, type: str, **frame: Any) -> dict[str, Any]:
        self.say(type=type, **frame)
        waiting = self.replies[self.ids] = asyncio.get_running_loop().create_future()
        return await asyncio.wait_for(waiting, WITHIN_S)


class Memory:
    """What one person has seen, over all his connections."""

    def __init__(self, account: Account, presenter: bool) -> None:
        self.account, self.presenter = account, presenter
        self.screen: Screen | None = None

    @property
    def last(self) -> dict[str, Any] | None:
        return None if self.screen is None else {"epoch": self.screen.epoch, "seq": self.screen.seq}

    def come_back(self, reply: dict[str, Any]) -> None:
        account, before = self.account, self.screen
        if (welcome := reply.get("welcome")) is None:
            account.resumed += 1
            for update in reply["updates"]:
                self.take(update)
            return
        self.screen = Follower(welcome)
        if before is None:
            return
        account.reloaded += 1
        if welcome["epoch"] != before.epoch or welcome["seq"] < before.seq:
            account.fault("losses", f"{before.epoch} {before.seq} was seen, and now it is {welcome['seq']}")

    def take(self, update: dict[str, Any]) -> None:
        """As `socket.ts` does it."""
        account, screen = self.account, self.screen
        assert screen is not None
        pair = (update["epoch"], update["seq"])
        if not account.same(pair, update):
            account.fault("losses", f"there are two updates {pair}")
        if pair[0] != screen.epoch or pair[1] > screen.seq + 1:
            account.fault("gaps", f"{pair} after {screen.seq}")
        elif pair[1] <= screen.seq:
            return
        else:
            try:
                screen.take(update)
                account.updates += 1
            except (AssertionError, KeyError) as error:
                account.fault("duplicates", f"{pair} does not fit: {error!r}")
        screen.epoch, screen.seq = pair

    def is_where(self, world: dict[str, Any]) -> bool:
        assert self.screen is not None
        mine, other = comparable(self.screen.world, world)
        return encode(mine) == encode(other)


class Class:
    """All watchers of one room."""

    def __init__(self, port: int, room: str, cookie: str, viewers: int, seed: int) -> None:
        self.order: dict[str, Any] = {"port": port, "room": room, "cookie": cookie}
        self.account = Account()
        self.memories = [Memory(self.account, number == 0) for number in range(viewers)]
        self.watchers: list[Watcher] = []
        self.chance = random.Random(seed)
        self._acting: asyncio.Task[None] | None = None
        self._confirmed: list[tuple[int, int]] = []

    async def come(self, memory: Memory) -> Watcher:
        """One person connects and joins; as a browser he tries again."""
        until = time.monotonic() + WITHIN_S
        while True:
            try:
                _, watcher = await asyncio.get_running_loop().create_connection(
                    lambda: Watcher(self.order, memory), "127.0.0.1", self.order["port"]
                )
                await asyncio.wait_for(watcher.joined, WITHIN_S)
                return watcher
            except ConnectionError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.05)

    async def come_all(self) -> None:
        self.watchers = list(await asyncio.gather(*(self.come(memory) for memory in self.memories)))
        self._acting = asyncio.create_task(self._act(self.watchers[0]))

    async def see(self, updates: int) -> None:
        """Until everybody has seen so many more updates, one with another."""
        wanted, until = self.account.updates + updates * len(self.memories), time.monotonic() + WITHIN_S
        while self.account.updates < wanted:
            assert time.monotonic() < until, "nothing comes any more"
            for place, watcher in enumerate(self.watchers):
                if watcher.lost.done():  # too slow for the server, which sent him away: he comes back as a browser does
                    self.watchers[place] = await self.come(watcher.memory)
                    if place == 0:
                        self._acting = asyncio.create_task(self._act(self.watchers[0]))
            await asyncio.sleep(0.005)

    async def _act(self, presenter: Watcher) -> None:
        """Commands flow, and moves to and fro."""
        try:
            while True:
                self.account.acts += 1
                if self.chance.random() < 0.15:
                    await presenter.ask("step", by=self.chance.choice((1, -1)))
                    await presenter.ask("play")
                reply = await presenter.ask("command", command=self.chance.choice(ACTS), at=None)
                if reply["ok"]:
                    self._confirmed.append((reply["branch"], reply["seq"]))
                await asyncio.sleep(ACT_EVERY_S)
        except (asyncio.CancelledError, ConnectionError, TimeoutError):
            return

    async def all_lost(self) -> None:
        """The server is gone, and all have noticed."""
        await asyncio.wait_for(asyncio.gather(*(watcher.lost for watcher in self.watchers)), WITHIN_S)
        if self._acting is not None:
            self._acting.cancel()

    async def shake(self, times: int) -> None:
        """Lines break: closed, reset, or nobody is there any more without a word."""
        for _ in range(times):
            place = self.chance.randrange(1, len(self.watchers))
            old = self.watchers[place]
            kind = self.chance.choice(("closed", "reset", "half open"))
            if kind == "half open":
                old.transport.pause_reading()  # type: ignore[attr-defined]
            elif kind == "reset":
                line = old.transport.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                old.transport.abort()
            else:
                old.transport.close()
            old.memory, memory = Memory(Account(), False), old.memory  # what still comes there, nobody sees
            old.memory.screen = Follower(
                {"epoch": "", "seq": 0, "world": {}, "branch": 0, "tape": [], "properties": {}}
            )
            self.watchers[place] = await self.come(memory)

    async def end(self) -> Account:
        """Stops, waits until all have seen the same, and compares with the server."""
        if self._acting is not None:
            self._acting.cancel()
        presenter = self.watchers[0]
        await presenter.ask("pause")
        until = time.monotonic() + WITHIN_S
        while len({memory.screen.seq for memory in self.memories if memory.screen is not None}) > 1 or not _paused(
            presenter
        ):
            assert time.monotonic() < until, "not all have seen the same"
            await asyncio.sleep(0.05)
        screen = self.memories[0].screen
        assert screen is not None
        world = (await presenter.ask("world", seq=screen.shown["cursor"]))["world"]
        for number, memory in enumerate(self.memories):
            if not memory.is_where(world):
                self.account.fault("different", f"the world of viewer {number}")
        for branch, seq in self.chance.sample(self._confirmed, min(20, len(self._confirmed))):
            reply = await presenter.ask("events", **{"from": seq, "to": seq}, branch=branch)
            kinds = [event["kind"] for event in reply.get("events", ())]
            if not kinds or kinds[0] not in ("command", "deliver", "timer"):
                self.account.fault("different", f"a confirmed command, event {seq} of branch {branch}")
        for watcher in self.watchers:
            watcher.transport.abort()
        return self.account


def _paused(watcher: Watcher) -> bool:
    screen = watcher.memory.screen
    return screen is not None and not screen.shown["playing"]


async def siege(
    first: Any, again: Callable[[], Any], room: str, cookie: str, *, viewers: int, kills: int, seed: int
) -> Account:  # fmt: skip
    """Kills a server (`.port`, `.kill()`) so many times, each after a few updates; `again()` starts the next one."""
    everybody, server = Class(first.port, room, cookie, viewers, seed), first
    await everybody.come_all()
    for _ in range(kills):
        await everybody.see(everybody.chance.randint(2, 12))
        await asyncio.sleep(everybody.chance.uniform(0, 0.05))
        server.kill()
        await everybody.all_lost()
        server = await asyncio.to_thread(again)
        everybody.order["port"] = server.port
        await everybody.come_all()
    await everybody.see(2)
    return await everybody.end()


async def shaking(port: int, room: str, cookie: str, *, viewers: int, times: int, seed: int) -> Account:
    """Breaks lines at random while the server goes on."""
    everybody = Class(port, room, cookie, viewers, seed)
    await everybody.come_all()
    await everybody.shake(times)
    return await everybody.end()


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
    def pid(self) -> int:
        return self._lives[-1].process.pid

    @property
    def url(self) -> str:
        return self._lives[-1].url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        self._lives[-1].process.kill()
        self._lives[-1].process.wait()

    def stop(self, how: signal.Signals) -> None:
        self._lives[-1].stop(how)

    def room(self) -> tuple[str, str]:
        """Opens a room; its name, and the cookie of its presenter."""
        form = urlencode({"protocol": "raft", "nodes": "3", "seed": "5"}).encode()
        head = {"Accept": "application/json", "Origin": self.url}
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/rooms", form, head), timeout=30) as answer:
            cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
            return str(json.load(answer)["room"]), cookie


def besieged(folder: Path, *words: str, viewers: int, kills: int) -> Account:
    """What people have seen of a server that was killed so many times."""
    lives = Lives(folder, *words).start()
    try:
        room, cookie = lives.room()
        return asyncio.run(siege(lives, lives.start, room, cookie, viewers=viewers, kills=kills, seed=1))
    finally:
        lives.kill()


def shaken(folder: Path, *, viewers: int, times: int) -> Account:
    """What people have seen whose lines broke."""
    lives = Lives(folder).start()
    try:
        room, cookie = lives.room()
        return asyncio.run(shaking(lives.port, room, cookie, viewers=viewers, times=times, seed=1))
    finally:
        lives.kill()


def _hasty() -> object:
    """The server with its order sabotaged: what happens is shown at once and saved a little later."""
    # Imported here, after eventlet has patched.
    from server.cli.serve import _contents
    from server.web.keeper import Keeper

    class HastyKeeper(Keeper):
        def holds(self, name: str) -> bool:
            return False

        def after(self, name: str, send: Callable[[], None]) -> None:
            send()

        def save(self) -> None:
            self._sleep(0.2)
            super().save()

    lobby, shelf, *_ = _contents()
    return lobby, shelf, HastyKeeper


if __name__ == "__main__":
    from server.__main__ import main

    sys.exit(main([], contents=_hasty if sys.argv[1:] == ["hasty"] else None))
