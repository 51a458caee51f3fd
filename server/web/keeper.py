"""The keeper: sees that nothing is shown before it is saved.

Every room has a journal (`rooms.journal`). After whatever happens to a room its changes are noted, and what the room says of it
(an update, a reply, a welcome) waits behind them in the room's queue, in order (`outbox.py`). One writer takes what all rooms
have noted, saves it in one transaction, and then lets out what waited for it:

    keeper.note(room)              what has changed goes to the writer
    keeper.after(name, send)       sends at once where all of the room is saved, else when it is

While something of a room is not saved yet its time stands still, so that at most one tick waits; while nothing can be saved,
all rooms do, and acts are refused with the reason. Where nobody knows what is in the database any more (its file was damaged or
taken away, the line to it broke) it is opened anew, and all rooms in memory are saved whole. The caller holds the shell's lock,
except where it is said otherwise; the writer takes it only for moments, and never while the database works.
"""

from __future__ import annotations

import datetime
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.simulation.texts import N_, Refused
from server.storage import Unavailable, Worker, errors
from server.storage import rooms as table
from server.storage.schema import now

from .outbox import Noted, Outbox, Send
from .saving import NOT_KEPT, OPENING, SAVING, WAITING

log = logging.getLogger(__name__)

SLOW_S = 1.5
"""A transaction that takes longer is told of: the rooms stand still meanwhile. Longer than a lock is waited for, of which more
can be said.
"""
AGAIN_S = 0.25
ANEW_S = 1.0
"""Between two tries to open a database anew in which rooms wait to be saved; and where rooms go on unsaved."""
NOT_KEPT_AGAIN_S = 5.0
TAKEN_S = 5.0
"""How long a server that is just ending is waited for."""
OPENING_S = 5.0
SETTLE_S = 5.0
CLEAN_EVERY_S = 3600.0
GONE = "The database was gone; a new one was begun."


@dataclass(frozen=True, slots=True)
class Stored:
    """A room that can be brought back."""

    protocol: str
    title: str
    program: str
    maker: str
    """The token of its presenter; empty: nobody's."""


class Keeper(Outbox):
    """`program` is the fingerprint of what computes rooms, `lock` the shell's, `announce` tells all viewers."""

    def __init__(
        self, worker: Worker, lobby: Any, program: str, *, rooms_max: int, days_max: float,
        clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        super().__init__(lobby)
        self.worker = worker
        worker.on_doubt = self._due.set
        self.program = program
        self.stored: dict[str, Stored] = {}
        """All rooms that were saved, those in memory among them."""
        self.lock: Any = threading.RLock()
        self.announce: Callable[[], None] = lambda: None
        self.dismiss: Callable[[str], None] = lambda _name: None
        self.stopped = False
        self._rooms_max, self._days_max = rooms_max, days_max
        self._clock, self._sleep = clock, sleep
        self._begun: float | None = None
        """When the transaction began that is under way."""
        self._cleaned = clock()

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
        while True:
            if self.saving.state == NOT_KEPT:
                self._wait(NOT_KEPT_AGAIN_S)
            else:
                self._due.wait()
            self._due.clear()
            try:
                if self.saving.state == NOT_KEPT:
                    if self.stopped:
                        return
                    self._open_late()
                else:
                    self.save()
                    self.clean()
            except Exception:
                log.exception("the writer broke")
                self._sleep(AGAIN_S)
                self._due.set()
            if self.stopped and not self._pending:
                return

    def _wait(self, seconds: float) -> None:
        until = self._clock() + seconds
        while self._clock() < until and not self.stopped:
            self._sleep(AGAIN_S)

    def watch(self) -> None:
        """Looks whether the writer takes too long, and tells people; called now and then."""
        begun = self._begun
        if begun is not None and not self.saving.held and self._clock() - begun > SLOW_S:
            self._trouble(errors.UNREACHABLE)
        if self._clock() - self._cleaned > CLEAN_EVERY_S:
            self._due.set()

    def open(self) -> None:
        """Opens the database, which may take several tries, and finds out which rooms there are."""
        begun = self._clock()
        while not self.stopped:
            try:
                self._open()
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
            self._state(SAVING)
            return

    def _open(self) -> None:
        """Raises Unavailable."""
        store = self.worker.store
        self.worker.open()
        if store.lost:
            self.worker.run(lambda connection: table.renew_epochs(connection, self._lobby.make_id), write=True)
        rows = self.worker.run(table.listed)
        self.stored = {row["name"]: Stored(row["protocol"], row["title"], row["program"], row["maker"]) for row in rows}
        self._tell_damage()

    def _open_late(self) -> None:
        """Rooms go on unsaved. Where the database can be opened now, they are saved from here on."""
        try:
            self._open()
        except Unavailable as why:
            if why.code != self.saving.code:
                self._state(NOT_KEPT, why.code)
            return
        with self.lock:
            self.note_all()
            self._state(SAVING)
        log.warning("the database can be used now: all rooms are kept")

    def _open_anew(self) -> bool:
        """Whether the database could be opened anew, so that all rooms are to be saved whole."""
        try:
            self._open()
        except Unavailable as why:
            self._trouble(why.code, why.detail)
            return False
        if self.worker.store.made:
            self.saving.note(GONE)
        with self.lock:
            self.note_all()
        return True

    def _tell_damage(self) -> None:
        store = self.worker.store
        if store.aside is not None:
            self.saving.note(f"The database was damaged; it is kept as {store.aside.name}, and a new one was begun.")
        if store.gone:
            log.error("%s", GONE)
            self.saving.note(GONE)
        if store.lost:
            note = f"The journal was cut off: {store.lost} transactions are missing, and rooms may be earlier than people saw."
            log.error("%s", note)
            self.saving.note(note)

    def save(self) -> None:
        """Saves what was noted, and lets out what waited for it; tries again until that is done."""
        self._begun = begun = self._clock()
        try:
            while not (done := self._save_once()):
                if self.stopped and self.saving.state == WAITING and self._clock() - begun > SETTLE_S:
                    return
                self._sleep(ANEW_S if done is None else AGAIN_S)
        finally:
            self._begun = None

    def _save_once(self) -> bool | None:
        """Whether all that was noted could be saved; None where the database could not even be opened."""
        if self.worker.doubt and not self._open_anew():
            return None
        with self.lock:
            batch = list(self._pending)
        if batch:
            return self._try(batch)
        if self.saving.state == WAITING:
            self._saved(batch)
        return True

    def _try(self, batch: list[Noted]) -> bool:
        """Whether a batch could be saved."""

        def save(connection: Any) -> None:
            for name, _, changes in batch:
                if changes.get("instead"):
                    table.delete(connection, [name])
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
