"""Histories that are judged while they are written, against trying all orders, and against the bounds of their memory."""

from __future__ import annotations

import pickle
from collections import Counter

import pytest

from server.properties.linearizability import (
    Call,
    Explaining,
    History,
    Live,
    Model,
    Operation,
    Register,
    Store,
    Verdict,
    check,
)
from server.properties.linearizability.live import WAITING_MAX
from tests.support.histories import KINDS, Made, explained, is_explanation, some_call

SEEDS = 750
ENOUGH = 1 << 40


def _events(made: Made) -> list[tuple[int, bool, Operation]]:
    invoked = [(operation.invoked, False, operation) for operation in made.operations]
    returned = [
        (operation.returned, True, operation) for operation in made.operations if operation.returned is not None
    ]
    return sorted(invoked + returned, key=lambda event: event[0])


class Beside:
    """A live checker, the history that it is told of, and the orders that it tells."""

    def __init__(self, model: Model) -> None:
        self.live, self.history = Live(model), History()
        self.orders: dict[object, tuple[int, ...]] = {}

    def invoke(self, process: int | str, call: Call) -> None:
        self.live.invoke(process, call)
        self.history.invoke(process, call)

    def respond(self, process: int | str, result: object) -> None:
        self.live.respond(process, result)
        self.history.respond(process, result)

    def cancel(self, process: int | str) -> None:
        self.live.cancel(process)
        self.history.cancel(process)

    def lose(self, process: int | str) -> None:
        self.live.lose(process)
        self.history.lose(process)

    def order(self) -> tuple[Operation, ...]:
        """The order that explains all so far, as the splices have it."""
        for key in self.live.news():
            for splice in self.live.splices(key):
                known = self.orders.get(key, ())
                assert splice.keep <= len(known)
                self.orders[key] = (*known[: splice.keep], *splice.add)
        by_id = {operation.id: operation for operation in self.history.operations}
        return tuple(by_id[id] for id in self.orders.get(None, ()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_history_is_judged_while_it_is_written(kind: str) -> None:
    verdicts, unclear = Counter[Verdict](), 0
    for seed in range(SEEDS):
        made = Made(seed, kind)
        rng, beside = made.rng, Beside(made.model)
        strangers: list[str] = []
        open_ones: list[int | str] = []
        for position, returned, operation in _events(made):
            if returned:
                beside.respond(operation.process, operation.result)
            else:
                beside.invoke(operation.process, operation.call)
                if operation.returned is None:
                    open_ones.append(operation.process)
                if rng.random() < 0.1:  # one that did not happen in the end, which nobody knows yet
                    strangers.append(f"stranger {position}")
                    beside.invoke(strangers[-1], some_call(rng, kind))
            if open_ones and rng.random() < 0.3:
                beside.lose(open_ones.pop(0))
            if strangers and rng.random() < 0.4:
                beside.live.judge(rng.choice((1, 3, ENOUGH)))
                beside.cancel(strangers.pop())
            if rng.random() < 0.7:
                verdict = beside.live.judge(rng.choice((1, 2, 5, ENOUGH)))
                verdicts[verdict] += 1
                right = explained(made.model, beside.history.operations)
                assert verdict is Verdict.UNDECIDED or (verdict is Verdict.OK) is right, f"Made({seed}, {kind!r})"
        for stranger in strangers:
            beside.cancel(stranger)
        right = explained(made.model, beside.history.operations)
        if beside.live.judge(ENOUGH) is Verdict.UNDECIDED and beside.live.given_up(None):
            unclear += 1
            continue
        assert beside.live.judge(ENOUGH) is (Verdict.OK if right else Verdict.NOT), f"Made({seed}, {kind!r})"
        if right:
            assert is_explanation(made.model, beside.history.operations, beside.order()), f"Made({seed}, {kind!r})"
    assert unclear <= (3 if kind == "texts" else 0), "too many texts are possible where nobody knows what was appended"
    assert min(verdicts[Verdict.OK], verdicts[Verdict.UNDECIDED]) > 50


def test_a_live_history_goes_on_from_a_pickle_of_it_as_it_would_have_by_itself() -> None:
    for seed in range(200):
        made = Made(seed, "store")
        live = Live(made.model)
        for position, returned, operation in _events(made):
            if returned:
                live.respond(operation.process, operation.result)
            else:
                live.invoke(operation.process, operation.call)
            live.judge(position % 4)
            live = pickle.loads(pickle.dumps(live))
        right = explained(made.model, made.operations)
        assert live.judge(ENOUGH) is (Verdict.OK if right else Verdict.NOT)


def test_errors_of_a_live_history_are_found_at_their_operations_and_stay() -> None:
    live = Live(Store())
    live.invoke("c1", ("put", 1), "x", place=10)
    live.invoke("c2", ("put", 1), "y")
    live.respond("c1", True)
    live.respond("c2", True)
    assert live.judge(ENOUGH) is Verdict.OK
    for place, seen in ((20, None), (30, 1), (40, None)):
        live.invoke("c1", ("get",), "x", place=place)
        live.respond("c1", seen, place=place + 1)
    assert live.verdict is Verdict.UNDECIDED
    assert live.judge(0) is Verdict.UNDECIDED
    assert live.judge(ENOUGH) is Verdict.NOT
    assert live.blocked is not None
    assert (live.blocked.process, live.blocked.place, live.blocked.place_returned) == ("c1", 20, 21)
    assert [error.operation.place for error in live.errors("x")] == [20, 40]
    assert (live.verdict_of("x"), live.verdict_of("y"), live.verdict_of("z")) == (Verdict.NOT, Verdict.OK, Verdict.OK)
    for error, part in zip(live.errors("x"), ([10, 20], [30, 40]), strict=True):
        ((model, operations),) = error.histories
        why = Explaining(operations, model)
        assert why.run(ENOUGH)
        assert why.blocked == error.operation
        assert [operation.place for operation in why.part] == part


def test_an_operation_that_is_said_to_have_failed_and_was_seen_is_an_error() -> None:
    live = Live(Store())
    live.invoke("c1", ("put", 1))
    live.invoke("c2", ("get",))
    live.respond("c2", 1)
    assert live.judge(ENOUGH) is Verdict.OK
    live.cancel("c1", place=7)
    assert live.judge(ENOUGH) is Verdict.NOT
    assert live.blocked is not None
    assert (live.blocked.process, live.blocked.place_returned) == ("c1", 7)
    ((model, operations),) = live.errors(None)[0].histories
    assert check(operations, model).verdict is Verdict.NOT


def test_a_live_history_in_which_too_much_is_possible_is_not_judged_and_not_called_good() -> None:
    live = Live(Store())
    for client in range(14):  # any sum of a part of them
        live.invoke(client, ("add", 3**client), "hard")
        live.lose(client)
    live.invoke("r", ("get",), "hard")
    live.respond("r", 2)
    assert live.judge(500) is Verdict.UNDECIDED
    assert live.judge(ENOUGH) is Verdict.UNDECIDED
    assert live.given_up("hard")
    live.invoke("w", ("get",), "bad")
    live.respond("w", 5)
    assert live.judge(ENOUGH) is Verdict.NOT
    assert (live.verdict_of("hard"), live.verdict_of("bad")) == (Verdict.UNDECIDED, Verdict.NOT)


def test_a_key_that_nobody_judges_does_not_pile_up() -> None:
    live = Live(Register(0))
    for turn in range(2 * WAITING_MAX):
        live.invoke("a", ("write", turn))
        live.respond("a", None)
        assert live.kept <= WAITING_MAX + 1
    assert live.judge(ENOUGH) is Verdict.UNDECIDED


def test_a_long_live_history_needs_no_more_memory_than_a_short_one() -> None:
    live, kept = Live(Register(None)), []
    for turn in range(3_000):
        live.invoke("a", ("write", turn))
        live.invoke("b", ("write", -turn))
        live.invoke("c", ("read",))
        live.respond("a", None)
        live.respond("c", -turn if turn % 2 else turn)
        if turn % 100 == 99:
            live.lose("b")
        else:
            live.respond("b", None)
        assert live.judge(100_000) is Verdict.OK
        kept.append((live.kept, len(pickle.dumps(live))))
        live.splices(None)
    assert live.kept < 1_000
    assert max(size for _, size in kept[1_500:]) < 1.5 * max(size for _, size in kept[:1_500])
