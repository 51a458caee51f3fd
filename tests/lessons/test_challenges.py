"""Every challenge is open at first, is won by its own solution, and can't be won otherwise than by its rules."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.exploration.attempts import attempt
from server.lessons import LOST, OPEN, WON, Challenge, Impossible, Lasting, Moment, Not, Score, Script, Seen
from server.protocols import PROTOCOLS, Protocol
from server.protocols.raft.challenges import NO_LEADER, SPLIT_VOTES, TWO_LEADERS, WRITE_GONE
from server.protocols.raft.indications import BecameCandidate, CandidacyGivenUp, Elected
from server.simulation import Recording, Refused, Run
from server.simulation.commands import Crash, Drop, Heal, Partition, Restart, SwitchRule, command_as_dict, command_from

ALL = [(protocol, challenge) for protocol in PROTOCOLS.values() for challenge in protocol.challenges()]
each_challenge = pytest.mark.parametrize(("protocol", "challenge"), ALL, ids=[c.name for _, c in ALL])
IMPOSSIBLE = [(protocol, challenge) for protocol, challenge in ALL if challenge.impossible]
each_impossible = pytest.mark.parametrize(("protocol", "challenge"), IMPOSSIBLE, ids=[c.name for _, c in IMPOSSIBLE])

TRIES = 60
"""How often chance tries an impossible one in these tests."""


def play(protocol: Protocol, recording: Recording, challenge: Challenge) -> tuple[Run, Score]:
    """An attempt to its end."""
    run, score = protocol.run(recording), Score(challenge)
    for _ in on(run, score):
        pass
    return run, score


def on(run: Run, score: Score) -> Iterator[None]:
    """Goes on as a room does, event by event, until the attempt has ended."""
    while score.ended is None:
        event = run.step(score.due_after(run.now))
        if event is not None:
            score.take(event)
        score.watch(run)
        yield


@each_challenge
def test_its_solution_wins_within_its_limits(protocol: Protocol, challenge: Challenge) -> None:
    recording = challenge.solution(protocol.program)
    run, score = play(protocol, recording, challenge)
    assert run.skipped == []
    assert score.ended is not None
    assert (score.ended.outcome, score.ended.text) == (WON, challenge.won)
    for kind, spent in score.spent(run.head).items():
        most = challenge.allowed[kind]
        assert most is None or spent <= most
    if challenge.impossible is None:  # a counterexample goes on to show what came of it
        assert all(given.time <= score.ended.now for given in recording.commands)


@each_challenge
def test_it_is_open_at_first_and_lost_by_doing_nothing(protocol: Protocol, challenge: Challenge) -> None:
    run, score = protocol.run(challenge.setup), Score(challenge)
    assert not score.watch(run)
    assert score.outcome(0, 0) == OPEN
    _, score = play(protocol, challenge.setup, challenge)
    assert score.ended is not None
    assert score.ended.outcome == LOST
    assert score.ended.text.endswith(".")


@each_challenge
def test_it_says_what_to_do_in_few_words(protocol: Protocol, challenge: Challenge) -> None:
    assert len(challenge.title) <= 40
    assert len(challenge.text) <= 220
    for sentence in (challenge.text, challenge.won, *challenge.hints):
        assert sentence.endswith((".", "?"))
    assert 2 <= len(challenge.hints) <= 4
    assert len(set(challenge.hints)) == len(challenge.hints)
    assert (challenge.fails is None) == (challenge.failed == "")
    assert challenge.allowed
    assert challenge.setup.commands == ()
    assert challenge.picture["nodes"] == challenge.setup.nodes


@each_impossible
def test_what_is_called_impossible_is_not_won_with_all_rules_on(protocol: Protocol, challenge: Challenge) -> None:
    """Neither by the script that wins with the rule off, nor by chance."""
    assert challenge.impossible is not None
    assert challenge.impossible.rule in protocol.program.rules
    assert challenge.impossible.cites
    script = challenge.solution(protocol.program)
    assert script.commands[0].command == SwitchRule(challenge.impossible.rule, False)
    _, score = play(protocol, script.with_commands(script.commands[1:]), challenge)
    assert score.ended is not None
    assert score.ended.outcome == LOST
    tries = [attempt(protocol, challenge, seed) for seed in range(TRIES)]
    assert not any(score.ended and score.ended.outcome == WON for score in tries)
    assert sum(len(score.acts) for score in tries) > TRIES, "chance has tried something"


@each_challenge
def test_a_claim_has_three_or_four_rules_to_choose_among(protocol: Protocol, challenge: Challenge) -> None:
    known = list(protocol.program.rules)
    assert 3 <= len(challenge.rules) <= 4
    assert list(challenge.rules) == [rule for rule in known if rule in challenge.rules], "in the order of the protocol"
    assert challenge.impossible is None or challenge.impossible.rule in challenge.rules


@each_impossible
def test_no_other_rule_that_is_offered_forbids_it(protocol: Protocol, challenge: Challenge) -> None:
    """With that one off alone it is as it was: neither the script nor chance wins."""
    assert challenge.impossible is not None
    script = challenge.solution(protocol.program)
    first, *rest = script.commands
    for rule in challenge.rules:
        if rule == challenge.impossible.rule:
            continue
        other = replace(challenge, impossible=replace(challenge.impossible, rule=rule))
        _, score = play(protocol, script.with_commands((replace(first, command=other.rule_off()), *rest)), other)
        tries = [score, *(attempt(protocol, other, seed, rule_off=True) for seed in range(TRIES // 4))]
        assert not any(score.ended and score.ended.outcome == WON for score in tries), rule


@each_impossible
def test_what_is_called_impossible_is_won_by_chance_too_with_its_rule_off(
    protocol: Protocol, challenge: Challenge
) -> None:
    won = (attempt(protocol, challenge, seed, rule_off=True) for seed in range(2_000))
    assert any(score.ended and score.ended.outcome == WON for score in won)


def test_there_is_something_to_do_in_every_family() -> None:
    families = [protocol.family for protocol, _ in ALL]
    assert {family: families.count(family) >= 2 for family in families} == dict.fromkeys(
        ("consensus", "election", "replication", "commit"), True
    )
    assert len({challenge.name for _, challenge in ALL}) == len(ALL) >= 12
    assert {challenge.level for _, challenge in ALL} == {1, 2, 3}


# Acts and limits


def refused(score: Score, command: object, seq: int = 0, now: int = 0) -> str:
    """The code with which an act is refused."""
    with pytest.raises(Refused) as caught:
        score.check(command, seq, now)  # type: ignore[arg-type]
    assert str(caught.value).endswith(".")
    return caught.value.code


def won() -> tuple[Run, Score]:
    """Two leaders, by the one act that it takes."""
    raft = PROTOCOLS["raft"]
    return play(raft, TWO_LEADERS.solution(raft.program), TWO_LEADERS)


def test_an_act_that_is_not_allowed_is_refused() -> None:
    score = Score(NO_LEADER)
    assert refused(score, Crash("n1")) == "act_not_allowed"
    assert refused(score, SwitchRule("one_vote", False)) == "act_not_allowed"
    assert refused(Score(WRITE_GONE), Restart("n1", "lost")) == "act_not_allowed"
    Score(WRITE_GONE).check(Restart("n1"), 0, 0)


def test_an_act_over_the_budget_is_refused_and_going_back_gives_it_back() -> None:
    raft = PROTOCOLS["raft"]
    run, score = play(raft, NO_LEADER.solution(raft.program), NO_LEADER)
    assert score.spent(run.head) == {"drop": 3}
    assert refused(score, Drop(1), run.head, run.now) == "acts_spent"
    first = score.acts[0][0]
    assert score.spent(first - 1) == {"drop": 0}
    score.check(Drop(1), first - 1, 0)


def test_a_run_that_has_more_acts_than_allowed_is_lost_whatever_it_brings_about() -> None:
    raft = PROTOCOLS["raft"]
    script = Script(TWO_LEADERS.setup, raft.program)
    script.at(100_000)
    for _ in range(3):
        script.give(Partition((("n1",), ("n2", "n3", "n4", "n5"))))
        script.give(Heal())
    _, score = play(raft, script.recording(), TWO_LEADERS)
    assert score.ended is not None
    assert score.ended.outcome == LOST
    assert score.ended.text == "More acts were given than this challenge allows."


def test_a_lost_attempt_takes_no_more_acts_until_one_goes_back() -> None:
    raft = PROTOCOLS["raft"]
    run, score = play(raft, NO_LEADER.setup, NO_LEADER)
    assert score.ended is not None
    assert score.ended.text == NO_LEADER.failed
    assert refused(score, Drop(1), run.head, run.now) == "attempt_over"
    score.check(Drop(1), run.head - 1, run.history.time(run.head - 1))


def test_going_back_takes_the_victory_back_and_going_on_gives_it_again() -> None:
    run, score = won()
    assert score.ended is not None
    assert score.outcome(run.head, run.now) == WON
    assert score.outcome(run.head - 1, run.history.time(run.head - 1)) == OPEN
    assert score.outcome(run.head, run.now) == WON
    assert not score.watch(run), "it ends once"


def test_a_fork_has_the_acts_and_the_end_of_its_beginning_alone() -> None:
    run, score = won()
    whole = score.beginning(run.head, run.now)
    assert (whole.acts, whole.ended) == (score.acts, score.ended)
    before = score.beginning(run.head - 1, run.history.time(run.head - 1))
    assert (before.acts, before.ended) == (score.acts, None)
    assert score.beginning(0, 0).acts == []


def test_time_alone_may_win_or_lose_it() -> None:
    assert Score(NO_LEADER).due_after(0) == NO_LEADER.span
    assert Score(SPLIT_VOTES).due_after(0) == SPLIT_VOTES.span
    raft = PROTOCOLS["raft"]
    _, score = play(raft, NO_LEADER.solution(raft.program), NO_LEADER)
    assert score.ended is not None
    assert (score.ended.outcome, score.ended.now) == (WON, 10_000_000)
    assert score.outcome(score.ended.seq, 9_999_999) == OPEN
    assert score.due_after(0) is None


def test_with_the_rule_off_the_score_knows_it() -> None:
    raft = PROTOCOLS["raft"]
    run, score = play(raft, WRITE_GONE.solution(raft.program), WRITE_GONE)
    assert score.without_rule(run.head)
    assert not score.without_rule(0)
    assert not Score(WRITE_GONE).without_rule(0)


def test_a_solution_is_made_once_and_is_an_ordinary_recording() -> None:
    raft = PROTOCOLS["raft"]
    recording = TWO_LEADERS.solution(raft.program)
    assert recording is TWO_LEADERS.solution(raft.program)
    for given in recording.commands:
        assert command_from(command_as_dict(given.command), raft.program.parse_operation) == given.command
    other = replace(TWO_LEADERS, impossible=Impossible("one_vote", "", ""))
    assert other.solution(raft.program).commands[0].command == SwitchRule("one_vote", False)


# Conditions that challenges add


def test_something_lasts_from_when_it_is_told_until_its_end_is() -> None:
    run = PROTOCOLS["raft"].run(Recording("raft", seed=30, params={"think_time": 0}))
    run.advance(400_000)
    begin = Moment(0, 0, 0)
    led = next(event.time for event in run.history.events if any(isinstance(i, Elected) for i in event.indications))
    assert Lasting(Elected, (), run.now - led).holds(run, begin)
    assert not Lasting(Elected, (), run.now - led + 1).holds(run, begin)
    assert not Lasting(BecameCandidate, (Elected, CandidacyGivenUp), 0).holds(run, begin)
    leader = next(e.host for e in run.history.events if any(isinstance(i, Elected) for i in e.indications))
    assert leader is not None
    run.act(Crash(leader))
    assert not Lasting(Elected, (), 0).holds(run, begin)


def test_what_must_not_come_true() -> None:
    run = PROTOCOLS["raft"].run(Recording("raft", seed=30))
    begin = Moment(0, 0, 0)
    assert Not(Seen(Elected)).holds(run, begin)
    run.advance(400_000)
    assert not Not(Seen(Elected)).holds(run, begin)
