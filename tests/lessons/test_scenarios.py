"""Every scenario plays, by its script alone, to its stated outcome; one with a rule off breaks what it says, no more."""

from dataclasses import replace

import pytest

from server.lessons import Scenario, Script, ScriptFailed, told
from server.properties import Monitor
from server.protocols import PROTOCOLS, Protocol
from server.protocols.raft.counterexamples import FIGURE_8, FIGURE_8_SAFE, VOTE_FORGOTTEN, VOTE_WITHOUT_LOG_CHECK
from server.protocols.raft.indications import Elected, VoteRefusedAlreadyVoted, VoteRefusedLogBehind
from server.protocols.raft.messages import AppendEntries, RequestVote
from server.simulation import Recording, Run, digest_of, encode, recording_from_json
from server.simulation.commands import Crash, Drop

ALL = [(protocol, scenario) for protocol in PROTOCOLS.values() for scenario in protocol.scenarios()]
each_scenario = pytest.mark.parametrize(("protocol", "scenario"), ALL, ids=[s.name for _, s in ALL])


def play(protocol: Protocol, scenario: Scenario) -> tuple[Run, Monitor]:
    """The scenario to the moment at which it is judged, with its properties watched."""
    monitor = Monitor(protocol.properties)
    return scenario.play(protocol.program, (monitor,)), monitor


@each_scenario
def test_a_scenario_ends_in_its_stated_outcome(protocol: Protocol, scenario: Scenario) -> None:
    run, _ = play(protocol, scenario)
    assert scenario.met(run) is True


@each_scenario
def test_no_command_of_a_script_is_refused(protocol: Protocol, scenario: Scenario) -> None:
    run, _ = play(protocol, scenario)
    assert run.skipped == []
    assert len(run.given) == len(scenario.recording(protocol.program).commands) > 0


@each_scenario
def test_a_scenario_breaks_the_properties_that_it_names_and_no_others(protocol: Protocol, scenario: Scenario) -> None:
    _, monitor = play(protocol, scenario)
    assert tuple(name for name, _ in monitor.broken()) == scenario.breaks
    if False not in scenario.setup.rules.values():
        assert set(scenario.breaks) <= not_promised(protocol, scenario), "all rules are on"


def not_promised(protocol: Protocol, scenario: Scenario) -> set[str]:
    """The properties that the protocol does not promise, so set up or under some faults."""
    return {*protocol.disclaimed(scenario.setup.params), *(p.name for p in protocol.properties if p.assumes)}


@each_scenario
def test_a_scenario_is_of_a_pleasing_length(protocol: Protocol, scenario: Scenario) -> None:
    last = scenario.recording(protocol.program).commands[-1].time
    assert last < scenario.until <= 4_000_000
    assert 5 <= scenario.until / 1e6 * scenario.ratio <= 60, "seconds, as it is shown at first"


@each_scenario
def test_nothing_is_said_of_the_outcome_before_its_time(protocol: Protocol, scenario: Scenario) -> None:
    run = Run(scenario.recording(protocol.program), protocol.program)
    assert scenario.met(run) is None
    run.advance(scenario.until - 1)
    assert scenario.met(run) is None
    assert not scenario.judge(Run(scenario.setup, protocol.program)), "a run in which nothing happened is no outcome"


@each_scenario
def test_the_recording_of_a_scenario_is_an_ordinary_one(protocol: Protocol, scenario: Scenario) -> None:
    """It goes through a file, gives the same events as the script that it was written by, and is made once."""
    recording = scenario.recording(protocol.program)
    assert scenario.recording(protocol.program) is recording
    read = recording_from_json(recording.to_json(), lambda name: PROTOCOLS[name].program)
    again = Run(read, protocol.program)
    again.advance(scenario.until)
    assert again.history.digest() == scenario.play(protocol.program).history.digest()
    script = Script(scenario.setup, protocol.program)
    scenario.write(script)
    head = script.run.head
    assert digest_of(again.history.told(1, head)) == script.run.history.digest()


@each_scenario
def test_a_picture_shows_the_nodes_that_there_are(protocol: Protocol, scenario: Scenario) -> None:
    nodes = scenario.setup.nodes
    picture = scenario.picture
    everybody = range(1, nodes + 1)
    assert picture["nodes"] == nodes
    assert len(picture.get("terms", everybody)) == nodes
    assert set(picture.get("down", [])) | set(picture.get("candidates", [])) <= set(everybody)
    if "leader" in picture:
        leading = picture["leader"] if isinstance(picture["leader"], list) else [picture["leader"]]
        assert set(leading) <= set(everybody)
    if "groups" in picture:
        assert sorted(n for group in picture["groups"] for n in group) == list(everybody)
    for src, dst, place, tone in picture["messages"]:
        assert src in everybody
        assert dst in everybody
        assert 0 < place < 100
        assert tone in {"vote", "append", "reply", "client", "control"}
    if "logs" in picture:
        assert len(picture["logs"]) == nodes
        assert 0 <= picture["commit"] <= max(map(len, picture["logs"]))
    encode(picture)


def with_all_rules_on(protocol: Protocol, scenario: Scenario) -> tuple[Run, Monitor]:
    """The same commands at the same times and places, every rule on."""
    monitor = Monitor(protocol.properties)
    run = Run(replace(scenario.recording(protocol.program), rules={}), protocol.program, (monitor,))
    run.advance(scenario.until)
    return run, monitor


WITHOUT_A_RULE = [(protocol, scenario) for protocol, scenario in ALL if scenario.setup.rules]


@pytest.mark.parametrize(("protocol", "scenario"), WITHOUT_A_RULE, ids=[s.name for _, s in WITHOUT_A_RULE])
def test_the_same_schedule_breaks_nothing_with_all_rules_on(protocol: Protocol, scenario: Scenario) -> None:
    run, monitor = with_all_rules_on(protocol, scenario)
    assert {name for name, _ in monitor.broken()} <= not_promised(protocol, scenario)
    assert not scenario.judge(run)


def test_no_two_scenarios_or_lessons_have_one_name() -> None:
    """They are opened by their names alone."""
    scenarios = [scenario.name for _, scenario in ALL]
    lessons = [lesson.name for protocol in PROTOCOLS.values() for lesson in protocol.lessons()]
    assert len(set(scenarios)) == len(scenarios)
    assert len(set(lessons)) == len(lessons)


def test_a_remembered_vote_is_not_given_twice() -> None:
    run, _ = with_all_rules_on(PROTOCOLS["raft"], VOTE_FORGOTTEN)
    assert [(event.host, refused.candidate) for event, refused in told(run, VoteRefusedAlreadyVoted)] == [
        ("n3", "n2"),
        ("n1", "n2"),
    ]
    assert [event.host for event, _ in told(run, Elected)] == ["n1"]


def test_the_log_check_keeps_a_log_without_what_is_committed_from_leading() -> None:
    run, _ = with_all_rules_on(PROTOCOLS["raft"], VOTE_WITHOUT_LOG_CHECK)
    assert ("n2", "n3") in [(event.host, refused.candidate) for event, refused in told(run, VoteRefusedLogBehind)]
    assert "n3" not in [event.host for event, _ in told(run, Elected)]


def test_figure_8_differs_from_its_safe_twin_by_one_rule() -> None:
    off = FIGURE_8.recording(PROTOCOLS["raft"].program)
    on = FIGURE_8_SAFE.recording(PROTOCOLS["raft"].program)
    assert off.rules == {"commit_current_term": False}
    assert on == replace(off, rules={})


# Writing a script


def test_a_script_finds_one_message_by_its_type_and_its_way() -> None:
    program = PROTOCOLS["raft"].program
    script = Script(Recording("raft", nodes=3, params={"think_time": 0}), program)
    candidate = script.until_event(lambda event: bool(event.sent)).host
    assert candidate is not None
    other = next(node for node in script.run.cluster.nodes if node != candidate)
    flight = script.flight(RequestVote, candidate, other)
    script.give(Drop(flight.id))
    with pytest.raises(ScriptFailed, match=f"no RequestVote flies from {candidate} to {other}"):
        script.flight(RequestVote, candidate, other)
    with pytest.raises(ScriptFailed, match="no AppendEntries"):
        script.flight(AppendEntries, candidate, other)
    (given,) = script.recording().commands
    assert (given.command, given.by) == (Drop(flight.id), "scenario")


def test_a_script_says_so_when_it_waits_in_vain() -> None:
    script = Script(Recording("raft", nodes=3, params={"think_time": 0}), PROTOCOLS["raft"].program)
    for node in ("n1", "n2"):
        script.give(Crash(node))
    with pytest.raises(ScriptFailed, match="1 Elected did not happen"):
        script.until(Elected)
