"""A real run of etcd's Raft, as it was traced: every event is one that the paper allows and that our own node would show."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from tests.conformance.oracles import each, found, json_lines
from tests.conformance.tracing import Event, Follower, Impossible

TRACES = "etcd-raft/*trace*.ndjson*"
every_trace = pytest.mark.parametrize("path", each(found(TRACES), TRACES, lambda path: path.name.partition(".")[0]))


@cache
def pickled(path: Path, most: int | None = None) -> bytes:
    """The first events of a file, read once: to load them is a tenth of reading or copying them."""
    return pickle.dumps([line["event"] for line in islice(json_lines(path), most)])


def events(path: Path, most: int | None = None) -> list[Event]:
    """One's own, to spoil."""
    return list(pickle.loads(pickled(path, most)))


@every_trace
def test_every_event_of_a_real_run_is_one_of_raft_and_answered_as_ours_would(path: Path) -> None:
    traced = events(path)
    checked = Follower().follow(traced)
    print(f"{path.name}: {len(traced)} events, {dict(checked)}")
    for what in ("received", "entries answered", "commits"):
        assert checked[what] > 0, f"{path.name} shows nothing of this: {what}"


# A follower of traces that nothing stops would prove nothing

BEGINNING = 1_600
"""So many events have an election, refusals, commits and a change of the configuration."""
Spoil = Callable[[list[Event]], None]


def at(traced: list[Event], name: str, **message: object) -> Event:
    """The first event of that name with such a message."""
    return next(
        e for e in traced if e["name"] == name and all(e.get("msg", {}).get(k) == v for k, v in message.items())
    )


def a_second_vote(traced: list[Event]) -> None:
    voter = at(traced, "SendRequestVoteResponse", **{"from": "5"})
    later = traced[traced.index(voter) + 1 :]
    asked = copy.deepcopy(at(traced, "ReceiveRequestVoteRequest", to="5"))
    asked["state"] = dict(next(e for e in later if e["nid"] == "5")["state"])
    asked["msg"]["from"] = "3"
    sent = copy.deepcopy(asked) | {"name": "SendRequestVoteRequest", "nid": "3"}
    sent["state"], sent["log"] = dict(traced[traced.index(voter) - 1]["state"]), 5
    where = next(i for i, e in enumerate(traced) if e in later and e["nid"] == "5") + 1
    granted = copy.deepcopy(voter) | {"state": dict(asked["state"])}
    granted["msg"]["to"] = "3"
    sent["state"] = dict(next(e for e in reversed(traced[:where]) if e["nid"] == "3")["state"])
    traced[where:where] = [sent, asked, granted]


def a_vote_less(traced: list[Event]) -> None:
    for source in ("4", "5"):
        traced.remove(at(traced, "ReceiveRequestVoteResponse", **{"from": source}))


def a_term_that_falls(traced: list[Event]) -> None:
    traced[-1]["state"]["term"] -= 1


def a_commit_that_falls(traced: list[Event]) -> None:
    traced[-1]["state"]["commit"] -= 1


def a_commit_by_fewer(traced: list[Event]) -> None:
    ready = next(i for i, e in enumerate(traced) if e["name"] == "Commit" and e["state"]["commit"] == 6)
    heard = next(
        e for e in reversed(traced[:ready]) if e["name"] == "ReceiveAppendEntriesResponse" and e["msg"]["index"] == 6
    )
    traced.remove(heard)


def a_refusal_too_few(traced: list[Event]) -> None:
    at(traced, "SendAppendEntriesResponse", reject=True)["msg"]["reject"] = False


def a_message_of_nobody(traced: list[Event]) -> None:
    traced.remove(at(traced, "SendAppendEntriesRequest", type="MsgApp", to="3"))


def two_leaders(traced: list[Event]) -> None:
    next(e for e in reversed(traced) if e["name"] == "Ready" and e["nid"] == "3")["role"] = "StateLeader"


def an_entry_out_of_nothing(traced: list[Event]) -> None:
    at(traced, "SendAppendEntriesResponse", to="2", **{"from": "3"})["log"] += 1


def two_changes_at_once(traced: list[Event]) -> None:
    asked = at(traced, "ChangeConf")
    applied = [e for e in traced if e["name"] == "ApplyConfChange" and e["prop"]["cc"].get("newconf") == list("2345")]
    asked["prop"]["cc"]["changes"][0]["nid"] = "4"
    assert applied


def something_new(traced: list[Event]) -> None:
    traced[-1]["name"] = "Dance"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (a_second_vote, "ours answers"),
        (a_vote_less, "leads by the votes"),
        (a_term_that_falls, "term fell"),
        (a_commit_that_falls, "committed up to"),
        (a_commit_by_fewer, "committed up to"),
        (a_refusal_too_few, "ours answers|takes what"),
        (a_message_of_nobody, "nobody had sent"),
        (two_leaders, "its term has another leader"),
        (an_entry_out_of_nothing, "its log has"),
        (two_changes_at_once, "nobody asked for"),
        (something_new, "nobody has said here"),
    ],
)
def test_a_trace_that_is_spoilt_is_noticed(spoil: Spoil, why: str) -> None:
    path = next((path for path in found(TRACES) if path.name == "example_trace.ndjson.gz"), None)
    if path is None:
        pytest.skip("These spoil the trace that etcd's repository has as an example; it is not there.")
    traced = events(path, BEGINNING)
    spoil(traced)
    with pytest.raises(Impossible, match=why):
        Follower().follow(traced)
