"""A challenge in a room: acts that are counted and refused, hints, claims, attempts one after the other."""

from typing import Any

import pytest

from server.protocols import PROTOCOLS, protocol
from server.rooms import Lobby, Room, find_challenge, frames
from server.simulation import Refused
from tests.support.hall import BOSS, Hall, lobby

LONG_TICK_US = 200_000
CHALLENGES = [(name, each.name) for name, owner in PROTOCOLS.items() for each in owner.challenges()]


def hall(challenge: str, **order: Any) -> Hall:
    """A room with a challenge."""
    return Hall(challenge=challenge, **order)


def told(hall: Hall) -> dict[str, Any]:
    """The state of the challenge on the presenter's screen."""
    state: dict[str, Any] = hall.screens["boss"].shown["challenge"]
    return state


def spent(hall: Hall) -> dict[str, int]:
    """What has been spent, on the presenter's screen."""
    return {act["kind"]: act["spent"] for act in told(hall)["acts"] if act["spent"]}


def play(hall: Hall) -> None:
    """Goes on at full speed until the show stops."""
    hall.does(frames.Speed, 1.0)
    hall.does(frames.Play)
    for _ in range(2_000):
        hall.tick(LONG_TICK_US)
        if not hall.room.show.playing:
            hall.tick(0)
            return
    raise AssertionError("it never stops")


def two_leaders() -> Hall:
    """The leader has been cut off."""
    here = hall("two_leaders_at_once")
    here.does(frames.RunUntil, frames.Until("leader", None, None))
    here.runs()
    leader = here.updates[-1]["events"][-1]["host"]
    here.does(frames.Pause)
    others = [node for node in here.room.show.branch.run.cluster.nodes if node != leader]
    assert here.act(type="partition", groups=[[leader], others])["ok"]
    here.tick()
    return here


def test_a_challenge_stands_still_at_its_beginning_and_is_told_to_who_comes() -> None:
    here = hall("no_leader_for_ten_seconds")
    assert here.tick()["people"], "somebody has come, and nothing else is new"
    assert here.tick() == {}
    state = here.come("late")["welcome"]["challenge"]
    assert (state["outcome"], state["hints"], state["hints_left"], state["claim"]) == ("open", [], 3, None)
    assert state["acts"] == [{"kind": "drop", "most": 3, "spent": 0}]
    assert here.at == (0, 0, 0, 0)
    assert here.room.title == state["title"] == protocol("raft").challenge("no_leader_for_ten_seconds").title


def test_it_is_won_by_acts_and_stepping_back_takes_that_back() -> None:
    here = two_leaders()
    assert spent(here) == {"partition": 1}
    assert told(here)["outcome"] == "open"
    play(here)
    assert told(here)["outcome"] == "won"
    assert told(here)["said"] == protocol("raft").challenge("two_leaders_at_once").won
    here.does(frames.Step, -1)
    here.tick()
    assert (told(here)["outcome"], told(here)["said"]) == ("open", None)
    here.does(frames.Step, 1)
    here.tick()
    assert told(here)["outcome"] == "won"


def test_a_fork_before_an_act_has_not_spent_it() -> None:
    here = two_leaders()
    act = here.at[1]
    play(here)
    here.does(frames.Seek, act - 1, None)
    here.tick()
    assert spent(here) == {}
    assert here.act(type="crash", node="n1")["ok"]
    here.tick()
    assert here.at[0] == 1
    assert spent(here) == {"crash": 1}
    here.does(frames.ToBranch, 0)
    here.does(frames.Live)
    here.tick()
    assert spent(here) == {"partition": 1}


def test_acts_that_are_not_allowed_or_are_spent_are_refused_and_change_nothing() -> None:
    here = hall("no_leader_for_ten_seconds")
    assert here.act(type="crash", node="n1")["code"] == "act_not_allowed"
    assert here.act(type="switch_rule", rule="one_vote", on=False)["code"] == "act_not_allowed"
    here.does(frames.RunUntil, frames.Until("indication", "BecameCandidate", None))
    here.does(frames.Speed, 1.0)
    here.runs()
    for message in list(here.room.show.branch.run.cluster.flights)[:3]:
        assert here.act(type="drop", message=message)["ok"]
    (last,) = here.room.show.branch.run.cluster.flights
    before = here.at
    assert here.act(type="drop", message=last)["code"] == "acts_spent"
    assert here.at == before
    here.does(frames.Step, -1)
    here.does(frames.Step, -1)
    assert here.act(type="drop", message=last)["ok"], "on this branch one act less was spent"


def test_time_ends_an_attempt_exactly_when_it_is_over_playing_or_stepping() -> None:
    here = hall("no_leader_for_ten_seconds", solved=True)
    here.does(frames.Speed, 1.0)
    here.runs()
    assert (told(here)["outcome"], here.at[3]) == ("won", 10_000_000)
    other = hall("no_leader_for_ten_seconds", solved=True)
    while told(other)["outcome"] == "open":
        other.does(frames.Step, 1)
        other.tick()
        assert other.at[3] < 11_000_000
    assert told(other)["outcome"] == "won"
    assert other.room.show.branch.score is not None
    assert other.room.show.branch.score.ended is not None
    assert other.room.show.branch.score.ended.now == 10_000_000


def test_a_lost_attempt_says_why_and_takes_no_acts() -> None:
    here = hall("no_leader_for_ten_seconds")
    play(here)
    challenge = protocol("raft").challenge("no_leader_for_ten_seconds")
    assert (told(here)["outcome"], told(here)["said"]) == ("lost", challenge.failed)
    message = next(iter(here.room.show.branch.run.cluster.flights))
    assert here.act(type="drop", message=message)["code"] == "attempt_over"


def test_trying_again_begins_at_the_beginning_and_keeps_the_old_attempt() -> None:
    here = two_leaders()
    play(here)
    end = here.at
    here.does(frames.ChallengeStep, "again")
    here.tick()
    assert here.at == (1, 0, 0, 0)
    assert (told(here)["outcome"], spent(here)) == ("open", {})
    assert not here.room.show.playing
    here.does(frames.ToBranch, 0)
    here.tick()
    assert (here.at, told(here)["outcome"]) == (end, "won")


def test_hints_are_given_one_by_one_to_all() -> None:
    here = hall("two_leaders_at_once")
    here.come("eve")
    hints = protocol("raft").challenge("two_leaders_at_once").hints
    for number in range(1, len(hints) + 1):
        here.does(frames.ChallengeStep, "hint")
        here.tick()
        assert here.screens["eve"].shown["challenge"]["hints"] == list(hints[:number])
    assert here.say(frames.ChallengeStep, "hint")["code"] == "no_more_hints"


def claim(here: Hall, rule: str) -> dict[str, Any]:
    """Claims that it is impossible because of that rule; returns what is told then."""
    here.does(frames.ChallengeStep, "claim", rule)
    here.tick()
    return told(here)


@pytest.mark.parametrize("name", ["two_leaders_at_once", "two_leaders_in_one_term"])
def test_a_wrong_claim_is_counted_and_tells_nothing_else(name: str) -> None:
    """It does not tell the possible from the impossible."""
    here = hall(name)
    state = claim(here, "log_check")
    assert (state["claim"], state["wrong"], state["missed"]) == (None, ["log_check"], "log_check")
    assert (state["takes"], state["impossible"], state["solved"], state["seen"]) == (None, None, False, False)
    assert claim(here, "log_check")["wrong"] == ["log_check"], "the same mistake counts once"
    assert here.say(frames.ChallengeStep, "without")["code"] == "no_such_rule"
    here.does(frames.ChallengeStep, "again")
    here.tick()
    assert (told(here)["missed"], told(here)["wrong"]) == (None, ["log_check"])


def test_a_claim_names_one_of_the_rules_that_are_offered() -> None:
    here = hall("two_leaders_in_one_term")
    for rule in (None, "majority", "no_such_rule"):
        assert here.say(frames.ChallengeStep, "claim", rule)["code"] == "no_reason"
    claim(here, "durable_vote")
    assert here.say(frames.ChallengeStep, "claim", "log_check")["code"] == "already_told"


def test_who_finds_the_rule_by_trying_them_has_seen_it_and_not_solved_it() -> None:
    here = hall("two_leaders_in_one_term")
    for rule in here.room.show.contest.challenge.rules if here.room.show.contest else ():
        state = claim(here, rule)
        if state["claim"]:
            break
    assert (state["claim"], state["solved"], state["seen"]) == ("right", False, True)
    assert state["wrong"]


def test_what_is_won_by_hand_is_solved_also_after_a_wrong_claim() -> None:
    here = two_leaders()
    claim(here, "majority")
    play(here)
    assert (told(here)["outcome"], told(here)["solved"], told(here)["seen"]) == ("won", True, False)


def test_who_gives_up_is_told_that_it_is_possible_and_may_have_it_shown() -> None:
    here = hall("two_leaders_at_once")
    here.does(frames.ChallengeStep, "give_up")
    here.tick()
    assert (told(here)["claim"], told(here)["takes"], told(here)["shown"]) == ("given_up", 1, False)
    assert told(hall("two_leaders_at_once", solved=True))["shown"]


@pytest.mark.parametrize(("ask", "claimed"), [(("claim", "durable_vote"), "right"), (("give_up",), "given_up")])
def test_the_impossible_says_why_and_is_possible_without_its_rule(ask: tuple[str, ...], claimed: str) -> None:
    here = hall("two_leaders_in_one_term")
    assert here.say(frames.ChallengeStep, "without")["code"] == "no_such_rule"
    here.does(frames.ChallengeStep, *ask)
    here.tick()
    impossible = protocol("raft").challenge("two_leaders_in_one_term").impossible
    assert impossible is not None
    state = told(here)
    assert (state["claim"], state["solved"], state["seen"]) == (claimed, claimed == "right", claimed != "right")
    assert state["impossible"] == {"rule": impossible.rule, "why": impossible.why, "cites": impossible.cites}
    here.does(frames.ChallengeStep, "without")
    here.tick()
    assert told(here)["without"]
    assert here.room.show.branch.run.cluster.rules[impossible.rule] is False
    assert here.act(type="switch_rule", rule=impossible.rule, on=True)["code"] == "act_not_allowed"
    for command in (
        protocol("raft").challenge("two_leaders_in_one_term").solution(here.room.protocol.program).commands[1:]
    ):
        here.does(frames.Pause)
        here.does(frames.RunUntil, frames.Until("time", None, command.time)) if command.time > here.at[3] else None
        here.runs()
        here.room.show.act({"type": command.command.type, **fields_of(command.command)}, "Ann")
    play(here)
    state = told(here)
    assert (state["outcome"], state["solved"], state["seen"]) == ("won", claimed == "right", claimed != "right")
    here.does(frames.ChallengeStep, "again")
    here.tick()
    assert not told(here)["without"]


def fields_of(command: Any) -> dict[str, Any]:
    """The fields of a command that were given."""
    names = type(command).__annotations__
    return {name: getattr(command, name) for name in names if name != "type" and getattr(command, name) is not None}


@pytest.mark.parametrize(("owner", "name"), CHALLENGES)
def test_a_solution_is_played_in_a_room_of_its_own(owner: str, name: str) -> None:
    here = hall(name, protocol=owner, solved=True)
    for _ in range(20):
        play(here)
        if told(here)["outcome"] != "open":
            break
    assert told(here)["outcome"] == "won"
    assert here.room.show.branch.run.skipped == []


def test_only_who_has_the_controls_asks_for_anything() -> None:
    here = hall("two_leaders_at_once")
    here.come("eve")
    for what in ("hint", "give_up", "again"):
        assert not here.say(frames.ChallengeStep, what, by="eve")["ok"]
    assert Hall().say(frames.ChallengeStep, "hint")["code"] == "no_challenge"


def test_a_challenge_that_there_is_not_is_refused() -> None:
    assert find_challenge("two_leaders_at_once")[0].name == "raft"
    halls: Lobby = lobby()
    with pytest.raises(Refused) as caught:
        halls.open(challenge="perpetual_motion", maker=BOSS)
    assert caught.value.code == "unknown_challenge"
    with pytest.raises(Refused):
        protocol("raft").challenge("perpetual_motion")
    room: Room = halls.open(challenge="two_leaders_at_once", protocol="raft", maker=BOSS)
    assert room.show.contest is not None


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"challenge": "two_leaders_at_once"}, "nothing is judged here"),
        ({"lesson": "why_raft_needs_terms"}, "the lesson does not go on here"),
        ({"protocol": "raft"}, None),
    ],
)
def test_a_copy_says_what_stays_behind(order: dict[str, Any], said: str | None) -> None:
    here = Hall(**order)
    copied = here.lobby.copy(here.lobby.copy(here.room, 0, "eve"), 0, "eve")
    warnings = [warning["text"] for warning in Hall(copied).screens["boss"].shown["warnings"]]
    assert [text for text in warnings if "your own copy" in text] == [
        text for text in warnings if said and said in text
    ]
    assert any("your own copy" in text for text in warnings) == (said is not None)
