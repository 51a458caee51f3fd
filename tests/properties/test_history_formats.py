"""Histories in the notations of others: what each means, and what is said of a file that makes no sense."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.properties.linearizability import (
    FORMATS,
    UNKNOWN,
    BadText,
    Mutex,
    Register,
    Texts,
    edn,
    formats,
    read_edn,
    read_jepsen,
    read_kv,
)
from server.properties.linearizability.edn import DEPTH_MAX, Word, forms

JEPSEN = """\
INFO  jepsen.core - Worker 0 starting
INFO  jepsen.util - 0\t:invoke\t:write\t3
INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]
INFO  jepsen.util - :nemesis\t:info\t:start\tnil
INFO  jepsen.util - 0\t:ok\t:write\t3
INFO  jepsen.util - 1\t:fail\t:cas\t[1 2]
INFO  jepsen.util - 0   :invoke :read   nil
INFO  jepsen.util - 1\t:invoke\t:cas\t[3 4]
INFO  jepsen.util - 0\t:fail\t:read\t:timed-out
INFO  jepsen.util - 1\t:info\t:cas\t:timed-out
INFO  jepsen.util - 2\t:invoke\t:read\tnil
INFO  jepsen.util - 2\t:ok\t:read\tnil
"""

EDN = """\
; a comment, and a history
[{:process 0, :type :invoke, :f :write, :value 3, :time 1}
 {:process :nemesis, :type :info, :f :kill, :value nil}
 {:process 1, :type :invoke, :f :cas, :value [1 2]}
 #jepsen.history.Op{:process 0, :type :ok, :f :write, :value 3, :error {:a #{"\\u0041\\n" \\c 1.5}}}
 {:process 1, :type :fail, :f :cas, :value [1 2] #_ignored}
 {:process 2, :type :invoke, :f :read, :value nil}
 {:process 3, :type :invoke, :f :write, :value true}
 {:process 2, :type :ok, :f :read, :value nil}
 {:process 3, :type :info, :f :write, :value true}]
"""

KV = """\
{:process 0, :type :invoke, :f :append, :key "a", :value "x \\"y"}
{:process 1, :type :invoke, :f :get, :key "b", :value nil}
{:process 0, :type :ok, :f :append, :key "a", :value "x \\"y"}
{:process 1, :type :ok, :f :get, :key "b", :value ""}
"""


def seen(text: str, format: str) -> list[tuple[Any, ...]]:
    """Of each operation: process, call, key, result or None, lines."""
    operations = FORMATS[format](text).history.operations
    return [
        (op.process, op.call, op.key, None if op.returned is None else op.result, op.place, op.place_returned)
        for op in operations
    ]


def test_in_a_log_of_jepsen_a_failed_comparison_happened_and_a_timeout_is_unknown() -> None:
    reading = read_jepsen(JEPSEN)
    assert isinstance(reading.model, Register)
    assert reading.model.initial is None
    assert seen(JEPSEN, "jepsen") == [
        (0, ("write", 3), None, None, 2, 5),
        (1, ("cas", 1, 2), None, False, 3, 6),
        (0, ("read",), None, None, 7, None),
        (1, ("cas", 3, 4), None, None, 8, None),
        (2, ("read",), None, None, 11, 12),
    ]
    returned = [operation.returned is not None for operation in reading.history.operations]
    assert returned == [True, True, False, False, True]


def test_in_edn_what_failed_did_not_happen_and_a_read_of_nil_is_unknown() -> None:
    reading = read_edn(EDN)
    assert isinstance(reading.model, Register)
    assert reading.model.initial == 0
    assert seen(EDN, "edn") == [
        (0, ("write", 3), None, None, 2, 5),
        (2, ("read",), None, UNKNOWN, 7, 9),
        (3, ("write", Word("true")), None, None, 8, None),
    ]


def test_the_events_of_edn_may_stand_in_a_vector_a_list_or_by_themselves() -> None:
    inside = EDN[EDN.index("[{") + 1 : EDN.rindex("]")]
    assert seen(EDN, "edn") == seen(f"; a comment, and a history\n({inside})", "edn")
    assert seen(EDN, "edn") == seen(f"; a comment, and a history\n{inside}", "edn")


def test_operations_of_edn_decide_on_the_model() -> None:
    text = "[{:process 1 :type :invoke :f :acquire :value nil}{:process 1 :type :ok :f :acquire :value nil}]"
    assert isinstance(read_edn(text).model, Mutex)
    assert seen(text, "edn") == [(1, ("acquire",), None, True, 1, 1)]


def test_a_log_of_a_key_value_store_has_keys_and_texts() -> None:
    assert isinstance(read_kv(KV).model, Texts)
    assert seen(KV, "kv") == [
        (0, ("append", 'x "y'), "a", None, 1, 3),
        (1, ("get",), "b", "", 2, 4),
    ]


def test_true_is_not_one() -> None:
    assert Word("true") != 1
    assert list(forms("true 1 nil :a a 1.0 12N -3 \\a \"a\"")) == [
        Word("true"), 1, None, Word(":a"), Word("a"), Word("1.0"), 12, -3, Word("\\a"), "a",
    ]  # fmt: skip


def test_a_simple_map_reads_the_same_at_once_as_token_by_token(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        '{:a 1, :b :c}', '{:a nil :b "" :c "{:d 1}"}', "{:a :b/c}", "{:a 1.5}", "{:a -12N}", "{:a 1a}", "{:a #_ 1 2}",
        '{:a "x\\ty"}', "{:a [1 2]}", "{:a ;x\n 1}", "{:a 1 , ,:a 2}", "{}", "{:a-b :c-d}", "{:a true}",
        '[{:a 1}\n{:b :ok,\n :c "two\nlines"}\n{:d 2}]', "{:a " + "9" * 30 + "}",
    ]  # fmt: skip
    at_once = [list(forms(text)) for text in texts]
    lines = [entry.line for entry in at_once[14][0]]
    monkeypatch.setattr(edn, "FLAT", re.compile("never"))
    assert at_once == [list(forms(text)) for text in texts]
    assert lines == [entry.line for entry in next(forms(texts[14]))] == [1, 2, 5]


EVENT = "{:process 0, :type :invoke, :f :read, :value nil}"


@pytest.mark.parametrize(
    ("format", "text", "line", "reason"),
    [
        ("edn", "", 1, "there is no event of an operation in it"),
        ("jepsen", "hello\n", 1, "there is no event of an operation in it"),
        ("edn", f"[{EVENT}\n", 2, "']' is missing at the end"),
        ("edn", f"[{EVENT}\n)", 2, "')' closes nothing"),
        ("edn", f"[{EVENT}\n 7]", 2, "'7' is no event of an operation, which is a map"),
        ("edn", f'[{EVENT}\n"a', 2, "'\"' is not expected here"),
        ("edn", f"[{EVENT}\n\n{EVENT}]", 3, "process 0 begins an operation before its last one has returned"),
        ("edn", "\n{:process 0, :type :ok, :f :read, :value 1}", 2, "process 0 has no operation under way"),
        ("edn", f"{EVENT}\n{{:process 0, :type :ok, :f :write, :value 1}}", 2, "process 0 ends :write, but it began :read"),
        ("edn", "{:process 0, :type :invoke, :f :txn, :value 1}", 1, "there is no operation :txn, there are :read, :write"),
        ("edn", "{:process 0, :type :invoke, :f :cas, :value 1}", 1, ":cas takes 2 values, [a b]"),
        ("edn", "{:process 0, :type :maybe, :f :cas, :value 1}", 1, ":type is :invoke, :ok, :fail or :info, not :maybe"),
        ("edn", "{:process 0, :f :cas, :value 1}", 1, "an event has no :type"),
        ("edn", "{:type :ok, :f :cas, :value 1}", 1, "an event has no :process"),
        ("edn", "{:process 0, :type :invoke, :f :write, :value {}}", 1, "a map or a set is no value that could be compared"),
        ("edn", "{:process 0 :type}", 1, "a key of a map has no value"),
        ("edn", "{{} 1}", 1, "a map can't be a key or stand in a set"),
        ("edn", "#_", 1, "a value is missing at the end"),
        ("edn", '{"\\x" 1}', 1, "'\\\\x' is no escape"),
        ("edn", "[" * 500, 1, f"it is nested more than {DEPTH_MAX} deep"),
        ("edn", "#a " * 500, 1, f"it is nested more than {DEPTH_MAX} deep"),
        ("edn", "{:process " + "9" * 5_000, 1, "a number has more than 40 digits"),
        ("edn", " " * 5_000 + '"', 1, "'\"' is not expected here"),
        ("kv", "{:process 0, :type :invoke, :f :get, :value nil}", 1, "an event has no :key"),
        ("kv", '{:process 0, :type :invoke, :f :put, :key "a", :value 1}', 1, "the :value of :put is no text"),
        ("kv", KV.replace(':value ""', ":value nil"), 4, "the :value of :get is no text"),
        ("jepsen", "\n\njepsen.util - x :invoke :read nil", 3, "'x' is no process"),
        ("jepsen", "jepsen.util - 0 :invoke :cas [1 2", 1, "']' is missing at the end"),
        ("jepsen", "\njepsen.util :invoke", 2, "this is no event of an operation: process, :type, :operation, value"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_its_line(format: str, text: str, line: int, reason: str) -> None:
    with pytest.raises(BadText) as refused:
        FORMATS[format](text)
    assert refused.value.reason.startswith(reason)
    assert refused.value.line == line


def test_histories_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "KEY_OPERATIONS_MAX", 1)
    with pytest.raises(BadText, match="there are more than 1 operations on one key"):
        read_kv(KV.replace('"b"', '"a"'))
    monkeypatch.setattr(formats, "OPERATIONS_MAX", 1)
    with pytest.raises(BadText, match="there are more than 1 operations"):
        read_kv(KV)
