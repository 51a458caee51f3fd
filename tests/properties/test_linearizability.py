"""The search for linearizations, against trying all orders, on many small histories made by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from server.properties.linearizability import (
    UNKNOWN,
    Disorder,
    Explaining,
    History,
    Operation,
    Register,
    Search,
    Store,
    Texts,
    Verdict,
    check,
    forgotten,
    models,
    points,
    search,
    search_of,
)
from server.properties.linearizability.explaining import up_to
from server.protocols import keyvalue
from tests.support.histories import KINDS, Made, explained, is_explanation, some_call

SEEDS = 1_500
MUTANT_SEEDS = 3_000
ENOUGH = 1 << 40


def judged(made: Made) -> tuple[Verdict, tuple[Operation, ...]]:
    """The verdict of a search over all, and the order that it found."""
    found = search_of(made.model, made.operations)
    verdict = found.run(ENOUGH)
    return verdict, tuple(made.operations[number] for number in found.order())


@pytest.mark.parametrize("kind", KINDS)
def test_the_verdict_is_that_of_trying_all_orders(kind: str) -> None:
    seen: Counter[bool] = Counter()
    for seed in range(SEEDS):
        made = Made(seed, kind)
        right = explained(made.model, made.operations)
        verdict, order = judged(made)
        assert (verdict is Verdict.OK) is right, f"Made({seed}, {kind!r})"
        assert not right or is_explanation(made.model, made.operations, order), f"Made({seed}, {kind!r})"
        seen[right] += 1
    assert seen[True] > 100
    assert kind == "mutex" or seen[False] > 50


@pytest.mark.parametrize("kind", KINDS)
def test_the_verdict_is_the_same_with_hardly_any_memory(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MEMORY_MAX_BYTES", 1_500)
    for seed in range(SEEDS // 5):
        made = Made(seed, kind)
        assert (judged(made)[0] is Verdict.OK) is explained(made.model, made.operations), f"Made({seed}, {kind!r})"


@pytest.mark.parametrize("kind", KINDS)
def test_a_search_in_small_steps_comes_to_the_same_end(kind: str) -> None:
    for seed in range(SEEDS // 5):
        made = Made(seed, kind)
        found = search_of(made.model, made.operations)
        turns = 1
        while found.run(1) is Verdict.UNDECIDED:
            turns += 1
            assert turns <= ENOUGH
        assert (found.run(1) is Verdict.OK) is explained(made.model, made.operations), f"Made({seed}, {kind!r})"


# ---- mutants: each shortcut of the search, made wrong, must be noticed ----------------------------------------------------


def _all_are_pure(_model: Any, _call: Any, _result: Any) -> bool:
    return True


def _fail_everywhere(found: Search, frame: Any) -> None:
    for row in found._rows.values():
        row.failed.add(frame.done)


def _merge_all(_model: Any, _operations: Any) -> Callable[[Any], Any]:
    return lambda _state: models.NOWHERE


def _caught(kind: str) -> bool:
    for seed in range(MUTANT_SEEDS):
        made = Made(seed, kind)
        try:
            verdict = judged(made)[0]
        except Exception:  # noqa: BLE001 - a mutant that falls over is noticed too
            return True
        if (verdict is Verdict.OK) is not explained(made.model, made.operations):
            return True
    return False


@pytest.mark.parametrize(
    ("kind", "where", "name", "wrong"),
    [
        ("register", Register, "pure", _all_are_pure),
        ("store", Store, "pure", _all_are_pure),
        ("register", Register, "leads", lambda *_: False),
        ("store", Store, "leads", lambda *_: False),
        ("texts", Texts, "grows", lambda *_: False),
        ("texts", Texts, "leads", lambda *_: False),
        ("register", Register, "merging", _merge_all),
        ("texts", Texts, "merging", _merge_all),
        ("register", Register, "blind", lambda *_: True),
        ("register", Register, "goal", lambda *_: 1),
        ("register", Search, "_hopeless", lambda *_: True),
        ("texts", Search, "_fail", _fail_everywhere),
        ("register", Search, "respond", lambda *_: None),
    ],
)
def test_a_wrong_shortcut_is_noticed(
    kind: str, where: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, wrong)
    assert _caught(kind)


# ---- explanations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS[:2] + KINDS[3:])
def test_an_explanation_names_the_first_error_and_a_part_of_which_nothing_can_be_forgotten(kind: str) -> None:
    sizes: Counter[int] = Counter()
    for seed in range(SEEDS):
        made = Made(seed, kind)
        if explained(made.model, made.operations):
            continue
        why = Explaining(made.operations, made.model)
        assert why.run(ENOUGH)
        assert why.first
        assert why.smallest
        assert why.blocked is not None
        assert why.blocked.returned is not None
        cut = up_to(made.operations, why.blocked.returned)
        before = up_to(made.operations, why.blocked.returned - 1)
        assert not explained(made.model, cut)
        assert is_explanation(made.model, before, why.order)
        kept = [operation.id for operation in why.part]
        for left_out in (None, *kept):
            beside = [op if op.id in kept and op.id != left_out else forgotten(op) for op in cut]
            assert explained(made.model, beside) is (left_out is not None)
        sizes[len(kept)] += 1
    assert sizes[1]
    assert sizes[2]


def test_an_explanation_that_was_stopped_says_what_it_is_not_sure_of() -> None:
    history = History()
    for turn in range(20):
        history.invoke("a", ("write", turn))
        history.respond("a", None)
    history.invoke("b", ("read",))
    history.respond("b", 3)
    why = Explaining(history.operations, Register(0))
    assert not why.run(1)
    assert not why.first
    assert not why.smallest
    assert why.run(ENOUGH)
    assert why.first
    assert why.smallest
    assert [op.call for op in why.part] == [("write", 3), ("write", 19), ("read",)]


def test_nothing_is_said_of_a_history_that_can_be_explained() -> None:
    history = History()
    history.invoke("a", ("write", 1))
    history.respond("a", None)
    why = Explaining(history.operations, Register(0))
    assert why.run(ENOUGH)
    assert why.blocked is None


# ---- the parts -----------------------------------------------------------------------------------------------------------


def test_keys_are_judged_apart_and_one_bad_key_is_enough() -> None:
    history = History()
    for key, seen in (("x", 1), ("y", 2), ("z", 1)):
        history.invoke("a", ("put", 1), key)
        history.respond("a", True)
        history.invoke("b", ("get",), key)
        history.respond("b", seen)
    checked = check(history.operations, Store())
    assert (checked.verdict, checked.bad) == (Verdict.NOT, ("y",))
    assert [operation.call for operation in checked.order("x")] == [("put", 1), ("get",)]


def test_a_key_that_takes_for_ever_does_not_keep_a_bad_one_from_being_found() -> None:
    history = History()
    for client in range(40):  # sums of a part of so many, in no order: nobody finds out
        history.invoke(client, ("add", 3**client), "hard")
    history.invoke("r", ("get",), "hard")
    history.respond("r", 2)
    history.invoke("w", ("get",), "bad")
    history.respond("w", 5)
    checked = check(history.operations, Store(), most_steps=20_000)
    assert (checked.verdict, checked.bad) == (Verdict.NOT, ("bad",))
    alone = check([operation for operation in history.operations if operation.key == "hard"], Store(), 20_000)
    assert (alone.verdict, alone.undecided) == (Verdict.UNDECIDED, ("hard",))
    assert 20_000 <= alone.steps <= 20_001


def test_the_points_of_an_order_lie_within_its_operations() -> None:
    for seed in range(200):
        made = Made(seed, "register")
        verdict, order = judged(made)
        if verdict is Verdict.OK:
            placed = points(order)
            assert [operation for operation, _ in placed] == list(order)
            assert [at for _, at in placed] == sorted(at for _, at in placed)
            assert all(op.invoked <= at and (op.returned is None or at < op.returned) for op, at in placed)


def test_an_operation_that_happened_without_a_known_result_counts_as_having_happened() -> None:
    history = History()
    history.invoke("a", ("cas", 0, 1))
    history.respond("a", UNKNOWN)
    history.invoke("b", ("read",))
    history.respond("b", 0)
    assert check(history.operations, Register(0)).verdict is Verdict.NOT


def test_a_process_does_one_thing_at_a_time() -> None:
    history = History()
    history.invoke("a", ("read",))
    with pytest.raises(Disorder, match="process a begins an operation before its last one has returned"):
        history.invoke("a", ("read",))
    history.lose("a")
    with pytest.raises(Disorder, match="process a has no operation under way"):
        history.respond("a", 1)
    history.invoke("a", ("write", 1))
    history.cancel("a")
    assert [operation.call for operation in history.operations] == [("read",)]


def test_the_store_does_what_the_protocols_do() -> None:
    for seed in range(300):
        made = Made(seed, "mutex")  # for its chance alone
        state, data = Store().initial, dict[str, Any]()
        for serial in range(60):
            call = some_call(made.rng, "store")
            asked, client = _operation(call)
            assert Store.call_of(asked, client) == call
            state, result = Store(keyvalue.JOBS_MAX).step(state, call)
            command = keyvalue.Command(asked.name, "k", asked.value, asked.expect, client, serial)
            data, right = keyvalue.apply(data, command)
            assert (state, result) == (data.get("k"), right), f"{call} in run {seed}"


def _operation(call: tuple[Any, ...]) -> tuple[keyvalue.Operation, str]:
    """The operation and the client of a call."""
    name, rest = call[0], call[1:]
    if name in ("acquire", "release"):
        return keyvalue.Operation(name, "k"), rest[0]
    if name == "cas":
        return keyvalue.Operation(name, "k", rest[1], rest[0]), "c"
    return keyvalue.Operation(name, "k", *rest), "c"


@pytest.mark.parametrize("kind", KINDS)
def test_the_hints_of_a_model_agree_with_its_steps(kind: str) -> None:
    for seed in range(300):
        made = Made(seed, kind)
        model, state = made.model, made.model.initial
        for _ in range(30):
            call = some_call(made.rng, kind)
            after, result = model.step(state, call)
            if model.pure(call, result):
                assert after == state
            goal = model.goal(call, result)
            assert goal is models.ANY or goal == state
            if after != state:
                leads = model.leads(call, after)
                assert leads or model.grows(state, after)
                assert not leads or model.leaders is None or call[0] in model.leaders
            if model.blind(call):
                assert model.step(models.NOWHERE, call) == (after, result)
            state = after
