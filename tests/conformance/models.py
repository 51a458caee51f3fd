"""Models in the small, as the literature writes them in TLA+: two-phase commit (Gray and Lamport, Consensus on Transaction
Commit, 2006), its specification, a ring election, and Paxos (Lamport's `Paxos.tla`), whole and with one rule removed.

A state is an integer, a variable some of its bits. An action is a `Guarded`: it can be taken where the bits under `mask`
are `value`, and sets the bits under `clear` to `put`. So all of a level of a breadth-first search is tried at once, in one
expression, which is why a search in Python keeps up with TLC.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product
from typing import NamedTuple


class Guarded(NamedTuple):
    """An action."""

    mask: int
    value: int
    clear: int
    put: int


class Bits:
    """Gives out the bits of a state."""

    def __init__(self) -> None:
        self.used = 0

    def take(self, width: int = 1) -> int:
        """The place of the lowest of `width` bits of its own."""
        place = self.used
        self.used += width
        return place


def successors(states: set[int], actions: Iterable[Guarded]) -> tuple[set[int], int]:
    """What follows from all of these states, and how many steps that were, those that change nothing too."""
    found: set[int] = set()
    steps = 0
    for mask, value, clear, put in actions:
        keep = ~clear
        taken = [state & keep | put for state in states if state & mask == value]
        steps += len(taken)
        found.update(taken)
    return found, steps


# Two-phase commit (TwoPhase.tla)

WORKING, PREPARED, COMMITTED, ABORTED = range(4)
ONE_RM, ONE_TM = 3, 3
INIT, TM_COMMITTED, TM_ABORTED = range(3)


def two_phase(n: int) -> tuple[int, list[Guarded], int]:
    """The first state, the actions, and how many bits a participant's state has, for `n` participants."""
    bits = Bits()
    rms = [bits.take(2) for _ in range(n)]
    tm = bits.take(2)
    heard = [1 << bits.take() for _ in range(n)]
    said = [1 << bits.take() for _ in range(n)]
    commit, abort = 1 << bits.take(), 1 << bits.take()
    all_heard = sum(heard)
    busy = ONE_TM << tm
    actions = [
        Guarded(busy | all_heard, INIT << tm | all_heard, busy, TM_COMMITTED << tm | commit),
        Guarded(busy, INIT << tm, busy, TM_ABORTED << tm | abort),
    ]
    for rm, hears, says in zip(rms, heard, said, strict=True):
        mine = ONE_RM << rm
        actions += [
            Guarded(busy | says, INIT << tm | says, 0, hears),
            Guarded(mine, WORKING << rm, mine, PREPARED << rm | says),
            Guarded(mine, WORKING << rm, mine, ABORTED << rm),
            Guarded(commit, commit, mine, COMMITTED << rm),
            Guarded(abort, abort, mine, ABORTED << rm),
        ]
    return 0, actions, 2 * n


def inconsistent(state: int, bits: int) -> bool:
    """Whether one participant has committed and another has aborted (TCConsistent)."""
    states = {state >> place & ONE_RM for place in range(0, bits, 2)}
    return COMMITTED in states and ABORTED in states


# Transaction commit (TCommit.tla)


def transaction_commit(n: int) -> tuple[int, list[Guarded], int]:
    """The same for the specification itself: who may decide what, whoever tells them."""
    rms = [2 * i for i in range(n)]
    actions = []
    everybody = sum(ONE_RM << rm for rm in rms)
    for rm in rms:
        mine = ONE_RM << rm
        actions += [
            Guarded(mine, WORKING << rm, mine, PREPARED << rm),
        ]
        others = [other for other in rms if other != rm]
        # Decide: prepared, and all others are prepared or committed, so it may commit; or prepared or working and nobody
        # has committed, so it may abort. Each case is an action of its own.
        for size in range(n):
            for committed in combinations(others, size):
                value = sum((COMMITTED if other in committed else PREPARED) << other for other in others)
                actions.append(Guarded(everybody, value | PREPARED << rm, mine, COMMITTED << rm))
        for own in (WORKING, PREPARED):
            actions += [
                Guarded(everybody, value | own << rm, mine, ABORTED << rm) for value in _values(others, (0, 1, 3))
            ]
    return 0, actions, 2 * n


def _values(places: list[int], states: tuple[int, ...]) -> list[int]:
    """All ways in which participants can be in these states."""
    values = [0]
    for place in places:
        values = [value | state << place for value in values for state in states]
    return values


# Ring election (chang_roberts, after Chang and Roberts 1979)

CANDIDATE, LOST, WON = range(3)
Ring = tuple[tuple[bool, ...], tuple[bool, ...], tuple[int, ...], tuple[frozenset[int], ...]]
"""Of each node: whether it begins, whether it has had its first step, what became of it, and the numbers on the way to it."""


class RingModel:
    """Nodes 0, 1, ... with the numbers 1, 2, ..., of which the smallest is to win, and any of which may begin."""

    def __init__(self, nodes: int) -> None:
        self.nodes = range(nodes)

    def first(self) -> list[Ring]:
        """One for each set of nodes that begin."""
        n = len(self.nodes)
        return [
            (begins, (False,) * n, (CANDIDATE,) * n, (frozenset[int](),) * n)
            for begins in product((False, True), repeat=n)
        ]

    def after(self, ring: Ring) -> list[Ring]:
        """All that can follow: a first step, in which its number is sent by who begins, or the taking of a number."""
        begins, begun, fate, coming = ring
        found: list[Ring] = []
        for i in self.nodes:
            if not begun[i]:
                sent = self.sent(coming, i, i + 1) if begins[i] else coming
                found.append((begins, _put(begun, i, True), fate, sent))
                continue
            for number in coming[i]:
                taken = _put(coming, i, coming[i] - {number})
                if not begins[i] or number < i + 1:
                    found.append((begins, begun, _put(fate, i, LOST), self.sent(taken, i, number)))
                else:
                    found.append((begins, begun, _put(fate, i, WON) if number == i + 1 else fate, taken))
        return found

    def sent(self, coming: tuple[frozenset[int], ...], i: int, number: int) -> tuple[frozenset[int], ...]:
        """With a number on its way from a node to the next."""
        to = (i + 1) % len(self.nodes)
        return _put(coming, to, coming[to] | {number})


# Paxos (Paxos.tla)

FORGETS_PROMISE = "acceptor ignores its promise when voting (2b for any 2a)"
IGNORES_REPORTS = "proposer ignores values reported in 1b"
FORGETS_ALL = "acceptor state is lost in a crash (extra Crash action)"
TAKES_ANY = "proposer takes any reported vote, not the one with the highest ballot"
TWO_VALUES = "two values proposed in the same ballot (ballot not unique to a proposer)"
RULES_OFF = (FORGETS_PROMISE, IGNORES_REPORTS, FORGETS_ALL, TAKES_ANY, TWO_VALUES)

Vote = tuple[int, int]
"""Ballot and value; (-1, -1) where there was none."""
Promise = tuple[int, int, int, int]
"""Acceptor, ballot, and the vote that it reports."""
Paxos = tuple[
    tuple[int, ...], tuple[Vote, ...], frozenset[int], frozenset[Promise], frozenset[Vote], frozenset[Promise]
]
"""maxBal, and the last vote, of each acceptor; the messages 1a, 1b, 2a, 2b."""


class PaxosModel:
    """Lamport's Paxos with acceptors 0, 1, ..., and all messages that were ever sent still there."""

    def __init__(self, acceptors: int, values: int, ballots: int, off: str = "") -> None:
        self.acceptors = range(acceptors)
        self.values = range(values)
        self.ballots = range(ballots)
        self.off = off
        self.quorums = [set(quorum) for quorum in combinations(self.acceptors, acceptors // 2 + 1)]

    def first(self) -> Paxos:
        nothing: frozenset[int] = frozenset()
        n = len(self.acceptors)
        return ((-1,) * n, ((-1, -1),) * n, nothing, frozenset(), frozenset(), frozenset())

    def after(self, state: Paxos) -> list[Paxos]:
        """All that can follow, once for each way to it."""
        bal, votes, ones, promises, proposals, accepted = state
        found: list[Paxos] = [(bal, votes, ones | {b}, promises, proposals, accepted) for b in self.ballots]
        for a in self.acceptors:
            for b in ones:
                if b > bal[a]:
                    said = (a, b, *votes[a])
                    found.append((_put(bal, a, b), votes, ones, promises | {said}, proposals, accepted))
            for b, v in proposals:
                if b >= bal[a] or self.off == FORGETS_PROMISE:
                    voted = (a, b, b, v)
                    found.append(
                        (_put(bal, a, b), _put(votes, a, (b, v)), ones, promises, proposals, accepted | {voted})
                    )
            if self.off == FORGETS_ALL:
                found.append((_put(bal, a, -1), _put(votes, a, (-1, -1)), ones, promises, proposals, accepted))
        for b in self.ballots:
            if self.off != TWO_VALUES and any(ballot == b for ballot, _ in proposals):
                continue
            found += [
                (bal, votes, ones, promises, proposals | {(b, v)}, accepted)
                for quorum in self.quorums
                for v in self.free(b, quorum, promises)
            ]
        return found

    def free(self, ballot: int, quorum: set[int], promises: frozenset[Promise]) -> list[int]:
        """The values that a proposer may propose in a ballot after the promises of a quorum."""
        given = [(vb, vv) for a, b, vb, vv in promises if b == ballot and a in quorum]
        if len({a for a, b, _, _ in promises if b == ballot and a in quorum}) < len(quorum):
            return []
        reported = [vote for vote in given if vote[0] >= 0]
        if not reported or self.off == IGNORES_REPORTS:
            return list(self.values)
        if self.off == TAKES_ANY:
            return sorted({value for _, value in reported})
        return [max(reported)[1]]

    def chosen(self, state: Paxos) -> set[int]:
        """The values that a quorum has accepted in one ballot."""
        backers: dict[Vote, set[int]] = {}
        for a, b, _, v in state[5]:
            backers.setdefault((b, v), set()).add(a)
        return {v for (_, v), who in backers.items() if len(who) > len(self.acceptors) // 2}


def _put(values: tuple, place: int, new: object) -> tuple:  # type: ignore[type-arg]
    return (*values[:place], new, *values[place + 1 :])
