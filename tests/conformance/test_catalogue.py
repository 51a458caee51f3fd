"""The literature's counterexamples (`counterexamples.md` of the oracles): each entry is a scenario, or has a reason why not.

The table maps every heading of the catalogue to the scenarios of the gallery that tell it. Each is played to its stated
outcome; where it has a rule off, the same commands with all rules on must break nothing that the protocol promises, as the
catalogue says in its last column. The schedules of Raft are played by hand too, message by message: `test_counterexamples.py`.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from server.lessons import Scenario, told
from server.properties import Monitor
from server.protocols import PROTOCOLS, Protocol, protocol
from server.protocols.raft.indications import Elected, SteppedDown
from server.simulation import Recording
from tests.conformance.oracles import found, need, text

CATALOGUE = "counterexamples.md"
HEADING = re.compile(r"^(?:\*\*)?(S\d+[a-z]?)\b\s*([^*:–\[]*)", re.MULTILINE)
AFTERWARDS = 3_000_000
"""How long a run goes on with all rules on after its scenario would have ended, µs: nothing may come out late."""

TOLD: dict[str, tuple[str, ...]] = {
    "S1": ("raft/figure_8", "raft/figure_8_safe"),
    "S3": ("raft/vote_forgotten",),
    "S4": ("raft/vote_without_log_check",),
    "S5": ("raft/disruptive_server", "raft/disruptive_server_pre_vote"),
    "S6": ("raft/stale_read", "raft/read_index"),
    "S7": (
        "two_phase_commit/crash_with_all_votes",  # a
        "two_phase_commit/blocked",  # b
        "two_phase_commit/told_one_and_both_crash",  # c
        "two_phase_commit/decided_alone",  # c, and somebody who does not wait
        "two_phase_commit/help_has_an_end",  # somebody has not voted
    ),
    "S8": (
        "three_phase_commit/no_mending",
        "three_phase_commit/partition_disagrees",
        "three_phase_commit/crash_amid_precommit",  # without a partition
    ),
    "S9": ("paxos/duelling_proposers", "paxos/duel_ended_by_waiting"),
    "S10": ("paxos/forgotten_promise", "paxos/promise_remembered"),
    "S11": ("paxos/any_reported_value",),
    "S11b": ("paxos/shared_ballot",),
    "S12": (
        "number_election/two_smallest_numbers",
        "number_election/tie_two_leaders",
        "number_election/slow_clock_leads",
    ),
    "S13": (
        "bully/two_coordinators",
        "bully/lost_answer",
        "bully/three_coordinators",
        "ring/ring_number_lost",
    ),
    "S16": (
        "primary_backup/write_lost_in_failover",  # a, asynchronous
        "primary_backup/one_replica_blocks_all",  # a, synchronous
        "primary_backup/writes_never_fetched",  # b
        "primary_backup/two_primaries",  # c
        "primary_backup/two_primaries_majority",  # d, with views that a majority hands over
    ),
}
"""Heading of the catalogue -> the scenarios that tell it."""

NOT_TOLD: dict[str, str] = {
    "S2": "Raft's configuration does not change here yet, so no change of it can go wrong.",
    "S14": "Quorumscope has no Viewstamped Replication.",
    "S15": "No node of Quorumscope lies, so there is no PBFT.",
    "S17": "Quorumscope has no ZAB; the catalogue itself calls it an extra that was not executed.",
}
"""Why an entry has no scenario."""


def headings() -> dict[str, str]:
    """The entries of the catalogue: id -> title."""
    return {id: title.strip() for path in found(CATALOGUE) for id, title in HEADING.findall(text(path))}


def scenario(name: str) -> tuple[Protocol, Scenario]:
    """What a row of the table names."""
    folder, _, scenario = name.partition("/")
    return protocol(folder), protocol(folder).scenario(scenario)


every_scenario = pytest.mark.parametrize("name", [name for names in TOLD.values() for name in names])


def broken(of: Protocol, recording: Recording, until: int) -> list[str]:
    """The properties that a run breaks by then."""
    run = of.run(recording)
    run.advance(until)
    monitor = run.observers[0]
    assert isinstance(monitor, Monitor)
    return [name for name, _ in monitor.broken()]


def test_every_entry_of_the_catalogue_has_its_scenarios_or_a_reason() -> None:
    need(CATALOGUE)
    entries = headings()
    assert entries, "Nothing in the catalogue reads like an entry."
    new = {id: title for id, title in entries.items() if id not in {*TOLD, *NOT_TOLD}}
    assert not new, f"The catalogue has entries that no scenario tells, and no reason why: {new}"
    assert not set(TOLD) & set(NOT_TOLD), "what is told needs no reason"


@every_scenario
def test_a_counterexample_ends_and_breaks_as_it_says(name: str) -> None:
    of, tale = scenario(name)
    assert tale.text
    assert tale.outcome
    assert tale.picture
    monitor = Monitor(of.properties)
    run = tale.play(of.program, (monitor,))
    assert tale.met(run) is True
    assert tuple(name for name, _ in monitor.broken()) == tale.breaks


@pytest.mark.parametrize(
    "name", [name for names in TOLD.values() for name in names if False in scenario(name)[1].setup.rules.values()]
)
def test_with_its_rule_on_the_same_schedule_breaks_nothing_that_is_promised(name: str) -> None:
    of, tale = scenario(name)
    assert tale.breaks, "a rule that is off, and nothing breaks"
    recording = replace(tale.recording(of.program), rules={})
    not_promised = {*of.disclaimed(recording.params), *(p.name for p in of.properties if p.assumes)}
    assert set(broken(of, recording, tale.until + AFTERWARDS)) <= not_promised
    assert set(tale.breaks) - set(broken(of, recording, tale.until + AFTERWARDS)), "the rule made no difference"


COSTS = {"S5"}
"""Entries about what something costs, in which nothing breaks or blocks."""


@pytest.mark.parametrize("id", sorted(set(TOLD) - COSTS))
def test_an_entry_is_told_by_something_that_breaks_or_blocks(id: str) -> None:
    """A counterexample in which all goes well would be none: it breaks a property, or an operation has no end."""
    shown = [scenario(name) for name in TOLD[id]]
    if any(tale.breaks for _, tale in shown):
        return
    assert any(not all_answered(of, tale) for of, tale in shown), f"{id}: everything is answered, and nothing breaks"


def test_s5_without_pre_vote_terms_grow_and_a_leader_is_deposed_and_with_it_neither() -> None:
    """The catalogue's metrics: term inflation of 4 against 0, and one forced election against none."""
    ends = []
    for name in TOLD["S5"]:
        of, tale = scenario(name)
        run = tale.play(of.program)
        first = next(elected.term for _, elected in told(run, Elected))
        ends.append(
            (
                max(run.cluster.hosts[node].node.current_term for node in run.cluster.nodes) - first,
                sum(1 for _ in told(run, Elected)) - 1,
                any(stepped.role == "leader" for _, stepped in told(run, SteppedDown)),
            )
        )
    (inflated, forced, deposed), with_pre_vote = ends
    assert inflated >= 4
    assert forced >= 1
    assert deposed
    assert with_pre_vote == (0, 0, False)


def all_answered(of: Protocol, tale: Scenario) -> bool:
    """Whether, at its last command, no client waits any more."""
    run = of.run(tale.recording(of.program))
    run.advance(tale.recording(of.program).commands[-1].time)
    words = [type(i).__name__ for event in run.history.events for i in event.indications]
    return words.count("Invoked") <= words.count("Returned")


def test_the_protocols_of_the_table_are_those_that_there_are() -> None:
    assert {name.partition("/")[0] for names in TOLD.values() for name in names} <= set(PROTOCOLS)
