"""Recordings in the database."""

import datetime
from typing import Any

import pytest

from server.storage import Store, recordings


def row(id: str, holder: str = "ann", minute: int = 0, **columns: Any) -> dict[str, Any]:
    return {
        "id": id, "name": f"Recording {id}", "protocol": "raft", "size": 2, "nodes": 5, "events": 9, "branches": 1,
        "created": datetime.datetime(2026, 1, 2, 3, minute, tzinfo=datetime.UTC), "digest": "0" * 32, "upto": None,
        "program": "p", "holder": holder, "document": "{}", **columns,
    }  # fmt: skip


def put(store: Store, *rows: dict[str, Any], own_max: int = 9, all_max: int = 9) -> None:
    for each in rows:
        store.write(lambda connection, each=each: recordings.add(connection, each, own_max=own_max, all_max=all_max))


def test_everybody_sees_his_own_and_nobodys_the_newest_first(store: Store) -> None:
    put(store, row("a"), row("b", minute=2), row("c", "bob", 3), row("d", recordings.NOBODY, 1))
    seen = store.read(lambda connection: recordings.listed(connection, "ann"))
    assert [each["id"] for each in seen] == ["b", "d", "a"]
    assert "document" not in seen[0]
    assert [each["id"] for each in store.read(lambda connection: recordings.listed(connection, ""))] == ["d"]


def test_one_is_read_changed_and_deleted(store: Store) -> None:
    put(store, row("a", document='{"name":"x"}'), row("b"))
    assert store.read(lambda connection: recordings.read(connection, "a")) == row("a", document='{"name":"x"}')
    store.write(lambda connection: recordings.change(connection, "a", {"name": "Other", "upto": 7}))
    assert store.read(lambda connection: recordings.told(connection, "a")) == {
        key: value for key, value in row("a", name="Other", upto=7).items() if key != "document"
    }
    store.write(lambda connection: recordings.delete(connection, "a"))
    assert store.read(lambda connection: recordings.read(connection, "a")) is None
    assert store.read(lambda connection: recordings.told(connection, "a")) is None
    assert store.read(lambda connection: recordings.told(connection, "b"))


def test_there_is_an_end_to_what_one_holder_and_to_what_all_keep(store: Store) -> None:
    put(store, row("a"), row("b"), own_max=2, all_max=4)
    with pytest.raises(recordings.Full) as caught:
        put(store, row("c"), own_max=2, all_max=4)
    assert caught.value.own
    put(store, row("d", ""), row("e", ""), own_max=1, all_max=4)  # what nobody holds, nobody has too many of
    with pytest.raises(recordings.Full) as caught:
        put(store, row("f", "bob"), own_max=2, all_max=4)
    assert not caught.value.own
    assert len(store.read(lambda connection: recordings.listed(connection, "ann"))) == 4
