"""The witness: an observer of a run that judges whether what its clients see could have come from one object.

It hands what clients ask and are answered to the live checker (`linearizability.Live`), which may look at so many steps an
event and no more. What it tells is in the form of a property, so a room shows it among the others, and beside that what
became of the orders that it found, each with the event at which it was known: so going back in time shows what was known
then. It is part of every checkpoint, and so forks with the run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from ..simulation import FAILED, N_, OK, Cluster, Event, Invoked, Returned, Setting
from .linearizability import Call, Case, Live, Model, Verdict
from .property import ALWAYS, BROKEN, HOLDS, WAITING

STEPS_PER_EVENT = 2_000
"""How many steps an event may cost, a few microseconds each; an operation of a few clients needs a dozen."""
FACTS_MAX = 2_000
CASES_MAX = 16
"""Errors that can still be explained; of more, the oldest but the first are not."""
NAMES_MAX = 4_000
"""Operations that can still be named, the last ones."""

ORDER, ERROR, GIVEN_UP = "order", "error", "given_up"
Fact = tuple[Any, ...]
"""What became known at event `seq` of a key: (seq, "order", key, keep, ids): the first `keep` operations of its order stay,
then come these; (seq, "error", key, id): this one can't be explained; (seq, "given_up", key)."""

STATES = {Verdict.OK: HOLDS, Verdict.UNDECIDED: WAITING, Verdict.NOT: BROKEN}


def never_disclaimed(params: Mapping[str, Setting]) -> str | None:  # noqa: ARG001 - the others read them
    """Promised with any tunables."""
    return None


def none_spared(params: Mapping[str, Setting]) -> frozenset[str]:  # noqa: ARG001 - the others read them
    """Promised under all faults."""
    return frozenset()


@dataclass(frozen=True)
class Service:
    """What clients take a cluster for: an object that does one operation after another."""

    model: Model
    call_of: Callable[[Any, str], tuple[Hashable, Call] | None]
    """The key and the call of an operation that this client asks for; None where it is no operation on the object."""
    disclaimed: Callable[[Mapping[str, Setting]], str | None] = never_disclaimed
    """Why a protocol with these tunables does not promise it (msgid); None where it does."""
    spares: Callable[[Mapping[str, Setting]], frozenset[str]] = none_spared
    """Under which kinds of faults of the fuzzer it is not promised with these tunables, as `Property.spares`."""
    assumes: str = ""
    """What must be so for it to be promised, beyond the rules (msgid); empty: nothing."""


class Witness:
    """Watches the clients of a run."""

    name = "linearizable"
    title = N_("Linearizable")
    text = N_(
        "What clients were answered could have come from a single server that does one operation after another, "
        "each at some moment between its request and its answer."
    )
    cites = "Herlihy and Wing 1990"
    kind = ALWAYS

    def __init__(self, service: Service) -> None:
        self.service = service
        self.live = Live(service.model)
        self.transitions: list[tuple[Any, ...]] = [(0, HOLDS)]
        """From event `seq` on it is in this state; where it broke, also the event of the first error, if that is another."""
        self.facts: deque[Fact] = deque(maxlen=FACTS_MAX)
        self.cases: list[tuple[int, str, Case]] = []
        """Errors: the event at which they were known, the operation, and what explains them."""
        self._waits = False
        """Whether something is not decided that another step may decide."""
        self._open: dict[str, str] = {}
        """By client the operation that it waits for."""
        self._names: dict[int, str] = {}
        self._told: dict[Hashable, int] = {}
        """By key, how many of its errors are told; -1: that nothing more is said."""

    def observe(self, event: Event, cluster: Cluster) -> None:
        """Looks at what an event tells of clients."""
        if not event.indications and not self._waits:
            return
        heard = self._waits
        for indication in event.indications:
            kind = type(indication)
            if kind is Invoked:
                heard = self._invoked(indication, event) or heard
            elif kind is Returned:
                heard = self._returned(indication, event) or heard
        if heard:
            self._judge(event.seq)

    def _invoked(self, invoked: Invoked, event: Event) -> bool:
        client = event.host or ""
        left = self._open.pop(client, None)
        if left is not None:  # it was interrupted, and will never hear what became of it
            self.live.lose(left)
        read = self.service.call_of(invoked.operation, client)
        if read is None:
            return False
        operation = self.live.invoke(invoked.id, read[1], read[0], event.seq)
        self._open[client] = invoked.id
        self._names[operation.id] = invoked.id
        if len(self._names) > NAMES_MAX:
            del self._names[next(iter(self._names))]
        return True

    def _returned(self, returned: Returned, event: Event) -> bool:
        client = event.host or ""
        if self._open.get(client) != returned.id:
            return False
        del self._open[client]
        if returned.outcome == OK:
            self.live.respond(returned.id, returned.result, event.seq)
        elif returned.outcome == FAILED:
            self.live.cancel(returned.id, event.seq)
        else:
            self.live.lose(returned.id)
        return True

    def _judge(self, seq: int) -> None:
        verdict = self.live.judge(STEPS_PER_EVENT)
        for key in self.live.news():
            for splice in self.live.splices(key):
                ids = tuple(self._names[id] for id in splice.add if id in self._names)
                self.facts.append((seq, ORDER, key, splice.keep, ids))
            if verdict is not Verdict.OK:
                self._tell_errors(key, seq)
        self._waits = self.live.busy
        state = STATES[verdict]
        last = self.transitions[-1]
        if state == last[1] or last[1] == BROKEN:
            return
        if last[0] == seq:
            self.transitions.pop()
        blocked = self.live.blocked
        bad = blocked.place_returned if blocked is not None and state == BROKEN else None
        self.transitions.append((seq, state) if bad in (None, seq) else (seq, state, bad))
        if len(self.transitions) > FACTS_MAX:
            del self.transitions[1]

    def _tell_errors(self, key: Hashable, seq: int) -> None:
        errors, told = self.live.errors(key), self._told.get(key, 0)
        for case in errors[max(told, 0) :] if told >= 0 else ():
            name = str(case.operation.process)
            self.facts.append((seq, ERROR, key, name))
            self.cases.append((seq, name, case))
            if len(self.cases) > CASES_MAX:
                del self.cases[1]
        if told >= 0:
            self._told[key] = len(errors)
            if self.live.given_up(key):
                self._told[key] = -1
                self.facts.append((seq, GIVEN_UP, key))

    def broken(self) -> list[tuple[str, int]]:
        """Its name and the event at which it was known to be broken, as `Monitor.broken`; empty while it is not."""
        seq, state = self.transitions[-1][:2]
        return [(self.name, seq)] if state == BROKEN else []

    @property
    def state(self) -> str:
        """What is known now."""
        return str(self.transitions[-1][1])

    def known(self, after: int, upto: int) -> list[Fact]:
        """What became known in the events after `after` (-1: from the beginning), up to `upto`."""
        if not self.facts or self.facts[-1][0] <= after:
            return []
        facts = list(self.facts)
        return facts[bisect_right(facts, after, key=_seq) : bisect_right(facts, upto, key=_seq)]


def _seq(fact: Fact) -> int:
    return int(fact[0])
