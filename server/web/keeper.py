"""The keeper: sees that nothing is shown before it is saved.

Every room has a journal (`rooms.journal`). After whatever happens to a room its changes are noted, and what the room says of it
(an update, a reply, a welcome) waits behind them in the room's queue, in order. One writer takes what all rooms have noted,
saves it in one transaction, and then lets out what waited for it:

    keeper.note(room)              what has changed goes to the writer
    keeper.after(name, send)       sends at once where all of the room is saved, else when it is

While something of a room is not saved yet its time stands still, so that at most one tick waits; while nothing can be saved,
all rooms do, and acts are refused with the reason. The caller holds the shell's lock, except where it is said otherwise; the
writer takes it only for moments, and never while the database works.
"""

from __future__ import annotations

import datetime
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.rooms.journal import Changes, Journal
from server.simulation.texts import N_, Refused
from server.storage import Unavailable, Worker, errors
from server.storage import rooms as table
from server.storage.schema import now

from .saving import NOT_KEPT, OPENING, SAVING, WAITING, Saving

log = logging.getLogger(__name__)

Send = Callable[[], None]
Noted = tuple[str, int, Changes]
"""The room, how often its changes were noted, and what they are."""

SLOW_S = 1.0
"""A transaction that takes longer is told of: the rooms stand still meanwhile."""
AGAIN_S = 0.25
TAKEN_S = 5.0
"""How long a server that is just ending is waited for."""
OPENING_S = 5.0
SETTLE_S = 5.0
WAITING_MAX = 512
"""Of one room; more are refused. At 30 acts a second a viewer it takes some seconds of a blocked database."""
CLEAN_EVERY_S = 3600.0


@dataclass
class Kept:
    """What the keeper knows of a room in memory."""

    journal: Journal
    noted: int = 0
    """How often changes were noted, and up to which of these they are saved."""
    saved: int = 0
    waiting: deque[tuple[int, Send]] = field(default_factory=deque)


@dataclass(frozen=True, slots=True)
class Stored:
    """A room that can be brought back."""

    protocol: str
    title: str
    program: str
    maker: str
    """The token of its presenter; empty: nobody's."""


class Keeper:
    """`program` is the fingerprint of what computes rooms, `lock` the shell's, `announce` tells all viewers."""

    def __init__(
        self, worker: Worker, lobby: Any, program: str, *, rooms_max: int, days_max: float,
        clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.worker = worker
        self.program = program
        self.saving = Saving()
        self.stored: dict[str, Stored] = {}
        """All rooms that were saved, those in memory among them."""
        self.growing: set[str] = set()
        """Rooms that are coming back, and are not what they were yet."""
        self.lock: Any = threading.RLock()
        self.announce: Callable[[], None] = lambda: None
        self.dismiss: Callable[[str], None] = lambda _name: None
        self.stopped = False
        self._lobby = lobby
        self._rooms_max, self._days_max = rooms_max, days_max
        self._clock, self._sleep = clock, sleep
        self._kept: dict[str, Kept] = {}
        self._pending: list[Noted] = []
        self._over: list[str] = []
        """Rooms that are to be deleted."""
        self._due = threading.Event()
        self._begun: float | None = None
        """When the transaction began that is under way."""
        self._cleaned = clock()

    # In order

    def note(self, room: Any) -> None:
        """Something may have happened to a room."""
        if self.saving.state == NOT_KEPT or room.ensemble is not None or room.growing or room.name in self.growing:
            return
        kept = self._kept.get(room.name)
        if kept is None:
            kept = self._kept[room.name] = Kept(Journal(room))
        changes = kept.journal.changes()
        if changes is not None:
            kept.noted += 1
            self._pending.append((room.name, kept.noted, changes))
            self._due.set()

    def note_new(self, beside: Any = None) -> None:
        """Rooms may have been opened; what the room `beside` says of them waits for them too."""
        for name, room in self._lobby.rooms.items():
            if name not in self._kept:
                self.note(room)
        kept = None if beside is None else self._kept.get(beside.name)
        if kept is not None and self._pending:
            kept.noted += 1
            self._pending.append((beside.name, kept.noted, {}))

    def after(self, name: str, send: Send) -> None:
        """Sends when all that was noted of a room is saved, and after what waits already."""
        kept = self._kept.get(name)
        if kept is None or kept.saved == kept.noted:
            send()
        else:
            kept.waiting.append((kept.noted, send))

    def holds(self, name: str) -> bool:
        """Whether the time of a room stands still."""
        return name in self._kept and (self.saving.held or not self.settled(name))

    def settled(self, name: str) -> bool:
        """Whether all of a room is saved."""
        kept = self._kept.get(name)
        return kept is None or kept.saved == kept.noted

    def require(self, name: str = "") -> None:
        """Raises Refused where nothing can be saved now, or too much waits for it (in the room `name`)."""
        kept = self._kept.get(name)
        if self.saving.held:
            raise self.saving.refused()
        if kept is not None and len(kept.waiting) >= WAITING_MAX:
            raise Refused("busy", N_("Too much waits to be saved: try again in a moment."))

    def adopt(self, room: Any, *, anew: bool) -> None:
        """A room has come back as it was saved; `anew` with another epoch, which has to be saved before anybody sees it."""
        self.growing.discard(room.name)
        kept = self._kept[room.name] = Kept(Journal(room))
        changes = kept.journal.changes()
        if anew and changes is not None:
            kept.noted += 1
            self._pending.append((room.name, kept.noted, {"position": changes["position"]}))
            self._due.set()

    def tidy(self) -> None:
        """Lets go of the rooms that have left the memory."""
        for name in [name for name in self._kept if name not in self._lobby.rooms]:
            self.let_go(name)

    def let_go(self, name: str) -> None:
        """A room has left the memory; what was noted of it is still saved."""
        kept = self._kept.pop(name, None)
        if kept is not None:
            kept.waiting.clear()  # nobody is there any more
            if kept.journal.room.brief:
                self._over.append(name)  # nobody comes back to it
                self._due.set()

    def unsaved(self, name: str = "") -> bool:
        """Whether anything, or anything of one room, is still to be saved."""
        return any(not name or name == each for each, _, _ in self._pending)

    # From outside: these wait, without the lock

    def wait_until_open(self) -> None:
        """Whoever comes right after the start waits for the database. Raises Refused where that takes too long."""
        until = self._clock() + OPENING_S
        while self.saving.state == OPENING:
            if self._clock() > until:
                raise self.saving.refused()
            self._sleep(0.005)

    def settle(self, name: str) -> None:
        """Waits until a room is saved. Raises Refused where it takes too long; it may be saved later."""
        until = self._clock() + SETTLE_S
        while True:
            with self.lock:
                if self.saving.state == NOT_KEPT or not self.unsaved(name):
                    return
                if self.saving.held:
                    raise self.saving.refused()
            if self._clock() > until:
                raise Refused("not_saved", N_("The database does not answer: try again in a moment."))
            self._sleep(0.002)

    def delete(self, name: str) -> None:
        """Deletes a room for good. It must have left the memory. Raises Unavailable."""
        while self.unsaved(name) and not self.stopped:
            self._sleep(0.002)
        self.worker.run(lambda connection: table.delete(connection, [name]), write=True)
        self.stored.pop(name, None)

    def drain(self, within_s: float) -> bool:
        """Has all saved that was noted, as far as that goes in time. Whether it was."""
        until = self._clock() + within_s
        self.stopped = True
        self._due.set()
        while self.unsaved() and self.saving.state != NOT_KEPT and self._clock() < until:
            self._sleep(0.01)
        if self.unsaved() and self.saving.state != NOT_KEPT:
            log.error("the database took no more: the last moments of the rooms are lost, which nobody was shown")
            return False
        return True

    # The writer

    def run(self) -> None:
        """Opens the database, and saves until `stopped`; survives everything but that."""
        self.open()
        while self.saving.state != NOT_KEPT:
            self._due.wait()
            self._due.clear()
            try:
                self.save()
                self.clean()
            except Exception:
                log.exception("the writer broke")
                self._sleep(AGAIN_S)
            if self.stopped and not self._pending:
                return

    def watch(self) -> None:
        """Looks whether the writer takes too long, and tells people; called now and then."""
        begun = self._begun
        if begun is not None and not self.saving.held and self._clock() - begun > SLOW_S:
            self._trouble(errors.UNREACHABLE)
        if self._clock() - self._cleaned > CLEAN_EVERY_S:
            self._due.set()

    def open(self) -> None:
        """Opens the database, which may take several tries, and finds out which rooms there are."""
        begun, store = self._clock(), self.worker.store
        while not self.stopped:
            try:
                self.worker.open()
                if store.lost:
                    self.worker.run(lambda connection: table.renew_epochs(connection, self._lobby.make_id), write=True)
                rows = self.worker.run(table.listed)
            except Unavailable as why:
                waits = why.code in (errors.LOCKED, errors.FULL) or (
                    why.code == errors.TAKEN and self._clock() < begun + TAKEN_S
                )
                if waits:
                    self._trouble(why.code, why.detail)
                    self._sleep(AGAIN_S)
                    continue
                log.error("nothing is kept: the database can't be opened: %s", why)
                self._state(NOT_KEPT, why.code)
                return
            except Exception:
                log.exception("the database could not be opened")
                self._state(NOT_KEPT, errors.BROKEN)
                return
            self.stored = {
                row["name"]: Stored(row["protocol"], row["title"], row["program"], row["maker"]) for row in rows
            }
            self._tell_damage()
            self._state(SAVING)
            return

    def _tell_damage(self) -> None:
        store = self.worker.store
        if store.aside is not None:
            self.saving.notes.append(
                f"The database was damaged; it is kept as {store.aside.name}, and a new one was begun."
            )
        if store.lost:
            note = f"The journal was cut off: {store.lost} transactions are missing, and rooms may be earlier than people saw."
            log.error("%s", note)
            self.saving.notes.append(note)

    def save(self) -> None:
        """Saves what was noted, and lets out what waited for it; tries again until that is done."""
        with self.lock:
            batch = list(self._pending)
            self._begun = self._clock()
        try:
            while batch and not self._try(batch):
                if self.stopped and self.saving.state == WAITING and self._clock() - self._begun > SETTLE_S:
                    return
                self._sleep(AGAIN_S)
        finally:
            self._begun = None

    def _try(self, batch: list[Noted]) -> bool:
        """Whether a batch could be saved."""

        def save(connection: Any) -> None:
            for name, _, changes in batch:
                if changes:
                    table.save(connection, name, changes, self.program)

        try:
            self.worker.run(save, write=True, wait=True)
        except Unavailable as why:
            self._trouble(why.code, why.detail)
            return False
        except Exception:
            log.exception("rooms could not be saved")
            self._give_up(batch)
            return True
        self._saved(batch)
        return True

    def _saved(self, batch: list[Noted]) -> None:
        done = {id(each) for each in batch}
        with self.lock:
            again = self.saving.state == WAITING
            if again:
                self.saving.state, self.saving.code = SAVING, ""  # before anybody is let in, who is told of it
            self._pending = [each for each in self._pending if id(each) not in done]
            for name, number, changes in batch:
                if told := changes.get("room"):
                    self.stored[name] = Stored(told["protocol"], told["title"], self.program, told["maker"])
                if (kept := self._kept.get(name)) is not None:
                    kept.saved = number
                    while kept.waiting and kept.waiting[0][0] <= number:
                        _, send = kept.waiting.popleft()
                        _safely(send)
            if again:
                log.warning("the database is there again")
                self.announce()

    def _give_up(self, batch: list[Noted]) -> None:
        """A mistake of the program in one of the rooms must not keep the others from being saved."""
        for each in batch:
            name, _, changes = each
            try:
                self.worker.run(lambda c, n=name, r=changes: table.save(c, n, r, self.program), write=True, wait=True)  # type: ignore[misc]
            except Exception:
                log.exception("room %s can't be saved and was closed", name)
                with self.lock:
                    self._pending = [one for one in self._pending if one[0] != name]
                    self.let_go(name)
                    self.dismiss(name)
            else:
                self._saved([each])

    def clean(self) -> None:
        """Now and then: deletes the rooms that nobody has come back to for long, and those that are too many."""
        with self.lock:
            gone = [name for name in self._over if not self.unsaved(name)]
            spared = set(self._lobby.rooms)
        if self._clock() - self._cleaned >= CLEAN_EVERY_S:
            self._cleaned = self._clock()
            before = now() - datetime.timedelta(days=self._days_max)
            gone += self.worker.run(lambda connection: table.overdue(connection, before, self._rooms_max, spared))
        if gone:
            self.worker.run(lambda connection: table.delete(connection, gone), write=True, wait=True)
            self._over = [name for name in self._over if name not in gone]
            for name in gone:
                self.stored.pop(name, None)

    # The state

    def _trouble(self, code: str, detail: str = "") -> None:
        if self.saving.code == code:
            return  # told already; a full disk must not fill with lines that say so
        log.warning("nothing can be saved: %s %s", code, detail)
        if self.saving.state == OPENING:
            self.saving.code = code
        else:
            self._state(WAITING, code)

    def _state(self, state: str, code: str = "") -> None:
        self.saving.state, self.saving.code = state, code
        with self.lock:
            self.announce()


def _safely(send: Send) -> None:
    try:
        send()
    except Exception:
        log.exception("something could not be sent")
