"""Orders that contradict themselves are refused at the edge, in every protocol, and whoever gives them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from server.exploration import Search
from server.exploration.comparison import Comparison, Contestant
from server.exploration.fuzz import set_up
from server.protocols import PROTOCOLS, program, protocol
from server.simulation import Node, Recording, Refused, param, recording_from_json
from server.simulation.recording import NODES_MAX, check_setup, fitting

SPANS = [
    (name, end, end.removesuffix("_high") + "_low")
    for name, known in PROTOCOLS.items()
    for end in known.program.params
    if end.endswith("_high") and end.removesuffix("_high") + "_low" in known.program.params
]
COUNTS = [(name, count) for name, known in PROTOCOLS.items() for count, p in known.program.params.items() if p.of_nodes]


def refusal(name: str, nodes: int = 5, **params: Any) -> str:
    with pytest.raises(Refused) as refused:
        check_setup(Recording(name, nodes=nodes, params=params), PROTOCOLS[name].program)
    assert refused.value.code == "bad_param"
    return str(refused.value)


def test_every_end_of_a_span_knows_its_beginning() -> None:
    assert {(name, end) for name, end, _ in SPANS} == {
        (name, tunable)
        for name, known in PROTOCOLS.items()
        for tunable, p in known.program.params.items()
        if p.not_below is not None
    }
    assert len(SPANS) == 5
    assert COUNTS == [("raft", "initial_members")]


@pytest.mark.parametrize(("name", "end", "begin"), SPANS)
def test_a_span_does_not_end_before_it_begins(name: str, end: str, begin: str) -> None:
    known = PROTOCOLS[name].program.params
    least = max(known[end].low, known[begin].low + 1)
    said = f"{end} is {least}: it can't be less than {begin}, which is {least + 1}."
    assert refusal(name, **{begin: least + 1, end: least}) == said
    check_setup(Recording(name, params={begin: least, end: least}), PROTOCOLS[name].program)


@pytest.mark.parametrize(("name", "end", "begin"), SPANS)
def test_a_span_of_which_one_end_is_given_is_held_against_the_default_of_the_other(
    name: str, end: str, begin: str
) -> None:
    known = PROTOCOLS[name].program.params
    longer = int(known[end].default) + 1
    assert refusal(name, **{begin: longer}).startswith(f"{end} is {known[end].default}: ")


@pytest.mark.parametrize(("name", "count"), COUNTS)
def test_no_tunable_counts_more_nodes_than_there_are(name: str, count: str) -> None:
    assert refusal(name, nodes=3, **{count: 9}) == (
        f"{count} is 9: it can't be more than the number of nodes, which is 3."
    )
    check_setup(Recording(name, nodes=9, params={count: 9}), PROTOCOLS[name].program)
    smaller = fitting(Recording(name, nodes=3, params={count: 9, "think_time": 0}), PROTOCOLS[name].program)
    assert smaller.params == {count: 3, "think_time": 0}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_defaults_contradict_each_other_in_no_size(name: str) -> None:
    for nodes in range(1, NODES_MAX + 1):
        check_setup(Recording(name, nodes=nodes), PROTOCOLS[name].program)


def test_a_file_with_a_contradiction_is_refused() -> None:
    recording = Recording("raft", nodes=3, params={"initial_members": 9})
    with pytest.raises(Refused, match="number of nodes, which is 3"):
        recording_from_json(json.dumps(recording.as_dict()), program)


def test_a_tunable_that_must_not_be_below_what_does_not_exist_fails_when_its_class_is_made() -> None:
    with pytest.raises(TypeError, match="must not be below begin"):

        class _Wrong(Node):
            end: int = param(1, 0, 2, "count", "end", "", not_below="begin")


# Who chooses tunables by himself, or makes clusters smaller, keeps them from contradicting each other


@pytest.mark.parametrize("nodes", [None, 1, 2, 3])
@pytest.mark.parametrize("rules_off", [(), ("own_term_first",)])
def test_a_search_draws_no_contradiction(nodes: int | None, rules_off: tuple[str, ...]) -> None:
    raft = protocol("raft")
    drawn = [set_up(raft, seed, nodes, rules_off, {}) for seed in range(60)]
    for setup in drawn:
        check_setup(setup, raft.program)
    if rules_off and nodes is None:
        needed = raft.program.rules["own_term_first"].needs["initial_members"]
        assert {setup.params["initial_members"] for setup in drawn} == {needed}


def test_a_search_takes_as_many_nodes_as_its_tunables_count() -> None:
    search = Search("raft", params={"initial_members": 7})
    search.found()
    assert {set_up(protocol("raft"), seed, None, (), search.params).nodes for seed in range(20)} == {7}
    with pytest.raises(Refused, match="number of nodes, which is 3"):
        replace(search, nodes=3).found()


def test_a_comparison_is_refused_where_one_of_its_sizes_is_too_small() -> None:
    members = Contestant("raft", {"initial_members": 5})
    with pytest.raises(Refused, match="number of nodes, which is 3"):
        Comparison((members, Contestant("raft")), sizes=(3, 5))
    plan = Comparison((members, Contestant("raft")), sizes=(5,))
    for trial in plan.trials():  # how costs grow is looked at from three nodes on
        check_setup(trial.recording(), protocol("raft").program)
