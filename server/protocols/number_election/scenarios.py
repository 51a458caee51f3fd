"""The scenarios of the number election: what it is worth when something goes wrong.

Each is written by playing it (`lessons.Script`): its author says whom to wait for, and the recording keeps times and
places.
"""

from __future__ import annotations

from functools import cache

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Returned, Run
from ...simulation.commands import (
    Crash,
    Drop,
    FireTimer,
    Heal,
    HoldLink,
    Partition,
    ReleaseLink,
    Request,
    Restart,
    SetClock,
)
from ..wholeads import Who, all_follow_one, answers, beliefs, leading
from .indications import (
    LeaderElected,
    LeaderFollowed,
    NoLeaderInTime,
    NumberBroadcast,
    NumberDrawn,
    SecondNumber,
    SteppedDown,
    TieLeft,
)
from .messages import Number
from .node import ROUND

QUIET = {"think_time": 0}
"""Clients that ask only what the script tells them."""


FROM_ONE_TO_NINE = {**QUIET, "highest_number": 9, "initialise_low": 20_000, "initialise_high": 20_000}
"""With seed 256,705 the nodes draw 7, 3, 9, 5 and 1 in the first round."""


def elected(run: Run) -> list[tuple[int, str | None]]:
    """Who was elected, in which round, in order."""
    return [(news.round, event.host) for event, news in told(run, LeaderElected)]


def settled(script: Script) -> str:
    """Goes on until all nodes that are up have elected; the leader."""
    script.until_event(lambda event: None not in beliefs(script.run), "an election by all")
    (leader,) = leading(script.run.cluster)
    return leader


# Two smallest numbers


def write_two_smallest(script: Script) -> None:
    script.at(5_000)
    script.give(Partition((("n1", "n2", "n3", "c1"), ("n4", "n5", "c2"))))
    script.until(LeaderElected, count=2)
    script.wait(60_000)
    script.give(Request("c1", Who(), "n1"))
    script.give(Request("c2", Who(), "n4"))
    script.until(Returned, count=2)
    script.wait(100_000)
    script.give(Heal())
    script.wait(200_000)
    script.give(FireTimer("n4", ROUND))


def two_led(run: Run) -> bool:
    """Two leaders of round 1, two clients told of one each, both still leading when the partition was gone; then one."""
    numbers = {event.host: drawn.number for event, drawn in told(run, NumberDrawn) if drawn.round == 1}
    both = [host for round, host in elected(run) if round == 1]
    healed = next((g.time for g in run.given if isinstance(g.command, Heal)), 0)
    stepped = [event.time for event, _ in told(run, SteppedDown)]
    return (
        [numbers[node] for node in run.cluster.nodes if node in numbers] == [7, 3, 9, 5, 1]
        and sorted(str(host) for host in both) == sorted(answers(run)) == ["n2", "n5"]
        and len(stepped) == 2
        and min(stepped) >= healed + 200_000
        and all_follow_one(run)
    )


# A number is lost


def write_number_lost(script: Script) -> None:
    script.until(NumberBroadcast, "n2")
    script.give(Drop(script.flight(Number, "n2", "n4").id))


def one_waits(run: Run) -> bool:
    """All but n4 elect in round 1; n4 misses one number, and makes a round 2 in which all elect."""
    first = {event.host for event, news in told(run, LeaderElected) if news.round == 1}
    first |= {event.host for event, news in told(run, LeaderFollowed) if news.round == 1}
    impatient = [(event.host, news.heard) for event, news in told(run, NoLeaderInTime)]
    return len(first) == 4 and "n4" not in first and impatient == [("n4", 4)] and all_follow_one(run)


# A node is down


def write_one_is_down(script: Script) -> None:
    leader = settled(script)
    script.wait(100_000)
    script.give(Crash(leader))
    script.wait(150_000)
    other = next(node for node in script.run.cluster.nodes if node != leader)
    script.give(Request("c1", Who(), other))
    script.until(Returned)
    script.wait(100_000)
    script.give(FireTimer(other, ROUND))
    script.until(NoLeaderInTime, count=3)
    script.wait(50_000)
    script.give(Restart(leader))


def nobody_without_all(run: Run) -> bool:
    """The client was told of a dead leader; nobody was elected while one node was down, and all elect when it is back."""
    down = [(g.command.node, g.time) for g in run.given if isinstance(g.command, Crash)]
    up = [g.time for g in run.given if isinstance(g.command, Restart)]
    if not down or not up:
        return False
    between = [event for event, _ in told(run, LeaderElected) if down[0][1] < event.time < up[0]]
    waits = sum(1 for _ in told(run, NoLeaderInTime))
    return answers(run) == [down[0][0]] and not between and waits >= 3 and all_follow_one(run)


# A tie


def write_tie(script: Script) -> None:
    script.until(TieLeft, count=4)
    script.wait(50_000)
    one, other = leading(script.run.cluster)
    script.give(Request("c1", Who(), one))
    script.give(Request("c2", Who(), other))


def tie_made_two(run: Run) -> bool:
    """Two nodes lead in round 1, and two clients are told so."""
    leaders = leading(run.cluster)
    return [round for round, _ in elected(run)] == [1, 1] and len(leaders) == 2 and sorted(answers(run)) == leaders


# A slow clock


def write_slow_clock(script: Script) -> None:
    script.at(1_000)
    script.give(SetClock("n3", offset=-2_000_000))
    for asked in ("n1", "n5"):
        settled(script)
        script.wait(150_000)
        script.give(FireTimer(asked, ROUND))
    settled(script)
    script.wait(150_000)
    script.give(SetClock("n3", offset=2_000_000))
    script.wait(50_000)
    script.give(FireTimer("n2", ROUND))


def slow_clock_led(run: Run) -> bool:
    """n3 is elected as long as its clock is slow, and is not when it is fast."""
    leaders = [host for _, host in elected(run)]
    return leaders[:3] == ["n3"] * 3 and len(leaders) == 4 and leaders[3] != "n3" and all_follow_one(run)


# A forgotten number


def write_forgotten(script: Script) -> None:
    others = ("n1", "n3", "n4")
    script.at(1_000)
    for node in others:
        script.give(HoldLink(node, "n2"))
    script.until(NumberBroadcast, "n2")
    script.wait(1_000)
    script.give(Crash("n2"))
    script.wait(30_000)
    script.give(Restart("n2"))
    script.until(NumberDrawn, "n2")
    script.wait(20_000)
    for node in others:
        script.give(ReleaseLink(node, "n2"))


def number_was_forgotten(run: Run) -> bool:
    """n2 took two numbers in round 1; the others elect it by the first, and it elects another by the second."""
    numbers = [news.number for event, news in told(run, NumberDrawn) if event.host == "n2" and news.round == 1]
    elects = [(event.host, news.leader) for event, news in told(run, LeaderFollowed) if news.round == 1]
    by_others = [leader for host, leader in elects if host != "n2"]
    own = [leader for host, leader in elects if host == "n2"]
    second = sum(1 for _ in told(run, SecondNumber))
    return (
        len(numbers) == 2 and by_others == ["n2"] * 3 and len(own) == 1 and own != ["n2"] and second == 3
        and not leading(run.cluster)
    )  # fmt: skip


TWO_SMALLEST = Scenario(
    name="two_smallest_numbers",
    title=N_("Two smallest numbers"),
    text=N_(
        "A partition stands between three nodes and two. They do not wait for all, and each side finds the smallest of its "
        "own numbers."
    ),
    outcome=N_(
        "Two leaders, and the clients are told of both. Had each needed a majority of all nodes, only one side could have "
        "elected: two majorities always share a node."
    ),
    setup=Recording(
        "number_election", nodes=5, clients=2, params=FROM_ONE_TO_NINE, rules={"hear_from_all": False}, seed=256_705
    ),
    write=write_two_smallest,
    judge=two_led,
    until=1_400_000,
    ratio=20,
    breaks=("agreement", "at_most_one_leader", "best_number_wins", "one_leader_per_round"),
    picture={
        "nodes": 5, "leader": [2, 5], "terms": [1, 1, 1, 1, 1], "groups": [[1, 2, 3], [4, 5]],
        "messages": [[1, 2, 55, "vote"], [2, 1, 40, "vote"], [3, 2, 50, "vote"], [5, 4, 60, "vote"], [4, 5, 35, "vote"]],
    },
)  # fmt: skip

NUMBER_LOST = Scenario(
    name="number_lost",
    title=N_("A number is lost"),
    text=N_("One message of one node to one other is lost. All others elect, and one node still waits."),
    outcome=N_("It never hears from all. When its patience is over it begins round 2, and a good leader has to step down."),
    setup=Recording("number_election", nodes=5, params=QUIET, seed=2),
    write=write_number_lost,
    judge=one_waits,
    until=700_000,
    ratio=25,
    picture={
        "nodes": 5, "leader": 2, "candidates": [4], "terms": [1, 1, 1, 1, 1],
        "messages": [[2, 4, 50, "vote"], [1, 4, 70, "vote"], [4, 3, 45, "vote"]],
    },
)  # fmt: skip

ONE_IS_DOWN = Scenario(
    name="all_means_all",
    title=N_("One node down, no leader"),
    text=N_("The leader crashes. Nobody notices, and a client is told of a dead leader; then an operator wants a new round."),
    outcome=N_("Round after round ends without a leader, since one number is missing. When the node is back, all elect."),
    setup=Recording("number_election", nodes=5, params=QUIET, seed=4),
    write=write_one_is_down,
    judge=nobody_without_all,
    until=1_900_000,
    ratio=20,
    picture={
        "nodes": 5, "candidates": [2, 3, 4, 5], "down": [1], "terms": [1, 3, 3, 3, 3],
        "messages": [[2, 1, 60, "vote"], [3, 1, 45, "vote"], [4, 5, 50, "vote"]],
    },
)  # fmt: skip

TIE = Scenario(
    name="tie_two_leaders",
    title=N_("A tie elects two"),
    text=N_("Numbers are 1 to 6, and two of four nodes draw the same smallest one. Nothing breaks the tie."),
    outcome=N_("Each of the two finds that its own number is the smallest: two leaders, without any fault."),
    setup=Recording(
        "number_election", nodes=4, clients=2, params={**QUIET, "highest_number": 6}, rules={"tie_break": False}, seed=1
    ),
    write=write_tie,
    judge=tie_made_two,
    until=450_000,
    ratio=40,
    breaks=("agreement", "at_most_one_leader", "one_leader_per_round"),
    picture={
        "nodes": 4, "leader": [1, 3], "terms": [1, 1, 1, 1],
        "messages": [[1, 3, 40, "vote"], [3, 1, 40, "vote"], [2, 4, 55, "vote"]],
    },
)  # fmt: skip

SLOW_CLOCK = Scenario(
    name="slow_clock_leads",
    title=N_("The slowest clock leads"),
    text=N_("Numbers are timestamps, and the earliest is elected. The clock of n3 is two seconds slow."),
    outcome=N_("n3 is elected again and again, although it never was the first. When its clock is fast, it never is."),
    setup=Recording("number_election", nodes=5, params={**QUIET, "source": "timestamp"}, seed=5),
    write=write_slow_clock,
    judge=slow_clock_led,
    until=1_500_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 3, "terms": [2, 2, 2, 2, 2],
        "messages": [[3, 1, 55, "vote"], [3, 5, 40, "vote"], [1, 3, 50, "vote"]],
    },
)  # fmt: skip

FORGOTTEN = Scenario(
    name="forgotten_number",
    title=N_("A number is forgotten"),
    text=N_("n2 tells its number to all before it is on disk, crashes, and draws another one in the same round."),
    outcome=N_("The others elect n2 by its first number; n2 itself elects another by its second. Nobody leads."),
    setup=Recording("number_election", nodes=4, params=QUIET, rules={"durable_log": False}, seed=2),
    write=write_forgotten,
    judge=number_was_forgotten,
    until=320_000,
    ratio=50,
    breaks=("one_number_per_round", "agreement"),
    picture={
        "nodes": 4, "down": [2], "terms": [1, 1, 1, 1],
        "messages": [[2, 1, 70, "vote"], [2, 3, 60, "vote"], [2, 4, 65, "vote"], [1, 2, 30, "vote"]],
    },
)  # fmt: skip


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    return (TWO_SMALLEST, NUMBER_LOST, ONE_IS_DOWN, TIE, SLOW_CLOCK, FORGOTTEN)
