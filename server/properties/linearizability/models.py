"""What an object does when operations come one after another: the sequential specifications.

A model has a first state and `step`. The rest are hints, which make the search faster and never change its verdict; the
defaults are those of an object of which nothing is known. States and results are hashable values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable
from enum import Enum
from typing import Any

from .history import UNKNOWN, Call, Operation

State = Hashable


class _Sign(Enum):
    """Values that no operation can have written."""

    ANY = "any"
    NOWHERE = "nowhere"


ANY = _Sign.ANY
"""No single state is the only one in which a call has that result."""
NOWHERE = _Sign.NOWHERE
"""All the states together that no operation of the history tells from each other."""


class Model(ABC):
    """An object with one state; its operations are `calls`, each with the number of its arguments."""

    name = ""
    initial: State = None
    calls: dict[str, int] = {}
    leaders: frozenset[str] | None = None
    """The names of the calls for which `leads` may be True; None for all."""

    @abstractmethod
    def step(self, state: State, call: Call) -> tuple[State, Any]:
        """The state after the call, and its result."""

    def pure(self, call: Call, result: Any) -> bool:
        """Whether a call with this result has changed nothing, whatever the state was."""
        return False

    def goal(self, call: Call, result: Any) -> State:
        """The only state in which the call has this result, or ANY."""
        return ANY

    def leads(self, call: Call, goal: State) -> bool:
        """Whether the call may be one that brings the state to `goal`; not those that `grows` speaks of."""
        return True

    def grows(self, state: State, goal: State) -> bool:
        """Whether `goal` may be reached from another state by calls for which `leads` is False."""
        return False

    def blind(self, call: Call) -> bool:
        """Whether neither the state after the call nor its result depends on the state before."""
        return False

    def merging(self, operations: Iterable[Operation]) -> Callable[[State], State] | None:
        """What takes states that these operations can't tell apart to one of them, if anything.

        NOWHERE is for those in which, until a blind call, only pure calls depend on the state.
        """
        return None


class Register(Model):
    """One value with `read`, `write` and `cas` (compare and set), whose result tells whether it was set."""

    name = "register"
    calls = {"read": 0, "write": 1, "cas": 2}
    leaders = frozenset({"write", "cas"})

    def __init__(self, initial: State = None) -> None:
        self.initial = initial

    def step(self, state: State, call: Call) -> tuple[State, Any]:
        """See Model."""
        match call[0]:
            case "read":
                return state, state
            case "write":
                return call[1], None
            case _:
                return (call[2], True) if state == call[1] else (state, False)

    def pure(self, call: Call, result: Any) -> bool:
        """See Model."""
        return call[0] == "read" or (call[0] == "cas" and (result is False or bool(call[1] == call[2])))

    def goal(self, call: Call, result: Any) -> State:
        """See Model."""
        if call[0] == "read":
            return ANY if result is UNKNOWN else result
        return call[1] if call[0] == "cas" and result is True else ANY

    def leads(self, call: Call, goal: State) -> bool:
        """See Model."""
        return call[0] != "read" and bool(call[-1] == goal)

    def blind(self, call: Call) -> bool:
        """See Model."""
        return bool(call[0] == "write")

    def merging(self, operations: Iterable[Operation]) -> Callable[[State], State] | None:
        """Values that were neither read nor expected are all alike."""
        told = {self.initial}
        for operation in operations:
            if operation.call[0] == "cas":
                told.add(operation.call[1])
            elif operation.call[0] == "read" and operation.result is not UNKNOWN:
                told.add(operation.result)
        return lambda state: state if state in told else NOWHERE


class Texts(Model):
    """A key with a text: `get`, `put` and `append`; a text that nobody wrote is empty."""

    name = "texts"
    initial: State = ""
    calls = {"get": 0, "put": 1, "append": 1}
    leaders = frozenset({"put"})

    def step(self, state: Any, call: Call) -> tuple[State, Any]:
        """See Model."""
        match call[0]:
            case "get":
                return state, state
            case "put":
                return call[1], None
            case _:
                return (NOWHERE if state is NOWHERE else state + call[1]), None

    def pure(self, call: Call, result: Any) -> bool:
        """See Model."""
        return bool(call[0] == "get")

    def goal(self, call: Call, result: Any) -> State:
        """See Model."""
        return ANY if call[0] != "get" or result is UNKNOWN else result

    def leads(self, call: Call, goal: Any) -> bool:
        """What was read began with what was put last."""
        return call[0] == "put" and bool(goal.startswith(call[1]))

    def grows(self, state: Any, goal: Any) -> bool:
        """Appending makes a text out of its beginning."""
        return state is not NOWHERE and bool(goal.startswith(state))

    def blind(self, call: Call) -> bool:
        """See Model."""
        return bool(call[0] == "put")

    def merging(self, operations: Iterable[Operation]) -> Callable[[State], State] | None:
        """Texts with which nothing begins that was ever read are all alike, however they go on."""
        read = sorted({op.result for op in operations if op.call[0] == "get" and op.result is not UNKNOWN})

        def merged(state: Any) -> State:
            if state is NOWHERE:
                return state
            # Of the texts in order, the first that is not smaller is the one that would begin with it.
            place = bisect_left(read, state)
            return state if place < len(read) and read[place].startswith(state) else NOWHERE

        return merged


class Mutex(Model):
    """A lock without an owner's name: `acquire` where it is free, `release` where it is held; else they don't return."""

    name = "mutex"
    initial: State = False
    calls = {"acquire": 0, "release": 0}

    def step(self, state: State, call: Call) -> tuple[State, Any]:
        """See Model."""
        wanted = call[0] == "acquire"
        return (state, False) if state is wanted else (wanted, True)

    def goal(self, call: Call, result: Any) -> State:
        """See Model."""
        return call[0] == "release" if result is True else ANY

    def leads(self, call: Call, goal: State) -> bool:
        """See Model."""
        return (call[0] == "acquire") is goal


class Consensus(Model):
    """A value that is chosen once: `propose` is answered with the one that was, which is the first proposed."""

    name = "consensus"
    calls = {"propose": 1}

    def step(self, state: State, call: Call) -> tuple[State, Any]:
        """See Model."""
        return (call[1], call[1]) if state is None else (state, state)

    def goal(self, call: Call, result: Any) -> State:
        """See Model."""
        return ANY if result is UNKNOWN or result == call[1] else result

    def leads(self, call: Call, goal: State) -> bool:
        """See Model."""
        return bool(call[1] == goal)


class Store(Model):
    """One key of the project's own store: get put cas delete add acquire release push pop.

    Calls are `(name, *arguments)` with the client at the end of `acquire` and `release`. A queue is a tuple of jobs. The
    rules are those of `server/protocols/keyvalue.py`, which a test holds it to; `jobs_max` is its bound of a queue.
    """

    name = "store"
    calls = {"get": 0, "put": 1, "cas": 2, "delete": 0, "add": 1, "acquire": 1, "release": 1, "push": 1, "pop": 0}

    def __init__(self, jobs_max: int = 64) -> None:
        self.jobs_max = jobs_max

    @staticmethod
    def call_of(operation: Any, client: str) -> Call:
        """The call of an operation with `name`, `value` and `expect` (a `keyvalue.Operation`) that this client asks for."""
        match operation.name:
            case "cas":
                return ("cas", operation.expect, operation.value)
            case "acquire" | "release":
                return (operation.name, client)
            case "put" | "add" | "push":
                return (operation.name, operation.value)
            case _:
                return (operation.name,)

    def step(self, state: Any, call: Call) -> tuple[State, Any]:
        """See Model."""
        match call[0]:
            case "get":
                return state, state
            case "put":
                return call[1], True
            case "cas":
                return (call[2], True) if state == call[1] else (state, False)
            case "delete":
                return None, state is not None
            case "add":
                count = 0 if state is None else state
                return (count + call[1],) * 2 if type(count) is int else (state, None)
            case "acquire":
                return (call[1], True) if state is None else (state, state == call[1])
            case "release":
                return (None, True) if state == call[1] else (state, False)
            case _:
                return self._queue(state, call)

    def _queue(self, state: Any, call: Call) -> tuple[State, Any]:
        jobs = () if state is None else state
        if not isinstance(jobs, tuple):
            return state, None
        if call[0] == "push":
            return (state, None) if len(jobs) >= self.jobs_max else ((*jobs, call[1]), len(jobs) + 1)
        return (jobs[1:] or None, jobs[0]) if jobs else (state, None)

    def pure(self, call: Call, result: Any) -> bool:
        """See Model."""
        if call[0] in ("add", "push", "pop"):
            return result is None
        return bool(call[0] == "get" or (call[0] != "put" and result is False))

    def goal(self, call: Call, result: Any) -> State:
        """See Model."""
        if call[0] == "get":
            return ANY if result is UNKNOWN else result
        if call[0] in ("cas", "release") and result is True:
            wanted: State = call[1]
            return wanted
        return None if call[0] == "delete" and result is False else ANY

    def leads(self, call: Call, goal: State) -> bool:
        """See Model."""
        match call[0]:
            case "get":
                return False
            case "put" | "cas" | "acquire":
                return bool(call[-1] == goal)
            case "delete" | "release":
                return goal is None
            case _:
                return True

    def blind(self, call: Call) -> bool:
        """See Model."""
        return bool(call[0] == "put")
