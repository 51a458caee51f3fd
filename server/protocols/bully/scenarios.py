"""The scenarios of the bully algorithm: a coordinator that crashes and comes back, and answers that do not come.

Each is written by playing it (`lessons.Script`): its author says whom to wait for, and the recording keeps times and
places.
"""

from __future__ import annotations

from functools import cache

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Returned, Run
from ...simulation.commands import Crash, Drop, FireTimer, Heal, Partition, Request, Restart, SetLink
from ..wholeads import Who, all_follow_one, answers, leading
from .indications import HaltedBy, LeaderElected, SteppedDown
from .messages import Answer
from .node import SILENCE

QUIET = {"think_time": 0}
"""Clients that ask only what the script tells them."""


def elected(run: Run) -> list[str | None]:
    """Who became coordinator, in order; one that does so again at once is named once."""
    hosts = [event.host for event, _ in told(run, LeaderElected)]
    return [host for i, host in enumerate(hosts) if i == 0 or host != hosts[i - 1]]


def settled(script: Script) -> None:
    """Goes on until all nodes that are up follow one coordinator, and a little further."""
    script.until_event(lambda event: all_follow_one(script.run), "an election by all")
    script.wait(80_000)


# The bully returns


def write_bully_returns(script: Script) -> None:
    settled(script)
    script.give(Crash("n5"))
    script.until(LeaderElected, "n4")
    settled(script)
    script.give(Request("c1", Who(), "n2"))
    script.until(Returned)
    script.wait(60_000)
    script.give(Restart("n5"))
    settled(script)
    script.give(Request("c1", Who(), "n2"))


def highest_came_back(run: Run) -> bool:
    """n5, n4, n5; n4 stepped down, and a client was told of both, one after the other."""
    down = [event.host for event, _ in told(run, SteppedDown)]
    return (
        elected(run) == ["n5", "n4", "n5"] and down == ["n4"] and answers(run) == ["n4", "n5"] and all_follow_one(run)
    )


# A lost answer


def write_lost_answer(script: Script) -> None:
    settled(script)
    script.give(Crash("n5"))
    script.wait(20_000)
    script.give(FireTimer("n3", SILENCE))
    script.until_event(
        lambda event: event.host == "n4" and any(type(f.body) is Answer and f.dst == "n3" for f in event.sent),
        "an answer",
    )
    script.give(Drop(script.flight(Answer, "n4", "n3").id))


def lower_led_for_a_while(run: Run) -> bool:
    """n3 led although n4 was there, and was made to halt before n4 led."""
    down = [(event.host, news.src, event.time) for event, news in told(run, SteppedDown)]
    led = [event.time for event, _ in told(run, LeaderElected) if event.host == "n4"]
    return (
        elected(run) == ["n5", "n3", "n4"] and [d[:2] for d in down] == [("n3", "n4")] and down[0][2] < led[0]
        and all_follow_one(run)
    )  # fmt: skip


# Two coordinators


def write_deaf(script: Script) -> None:
    settled(script)
    script.give(Crash("n5"))
    script.give(SetLink("n4", "n3", up=False))
    script.wait(20_000)
    script.give(FireTimer("n3", SILENCE))
    script.until_event(lambda event: len(leading(script.run.cluster)) == 2, "two coordinators")
    script.wait(30_000)
    script.give(Request("c1", Who(), "n3"))
    script.give(Request("c2", Who(), "n4"))
    script.wait(60_000)
    script.give(SetLink("n4", "n3", up=True))


def deaf_one_led(run: Run) -> bool:
    """n3 and n4 led at the same time, clients were told of both, and n4 alone leads in the end."""
    return set(answers(run)) == {"n3", "n4"} and leading(run.cluster) == ["n4"] and all_follow_one(run)


# All answers lost


DOWNWARDS = (("n3", "n2"), ("n3", "n1"), ("n2", "n1"))


def write_all_deaf(script: Script) -> None:
    settled(script)
    for src, dst in DOWNWARDS:
        script.give(SetLink(src, dst, up=False))
    script.wait(20_000)
    script.give(FireTimer("n1", SILENCE))
    script.until_event(lambda event: len(leading(script.run.cluster)) == 3, "three coordinators")
    script.wait(120_000)
    for src, dst in DOWNWARDS:
        script.give(SetLink(src, dst, up=True))


def all_led(run: Run) -> bool:
    """Each node became coordinator while the links were down, and n3 alone leads in the end."""
    mended = max((given.time for given in run.given), default=0)
    led = {event.host for event, _ in told(run, LeaderElected) if event.time < mended}
    return led == {"n1", "n2", "n3"} and leading(run.cluster) == ["n3"] and all_follow_one(run)


# A partition


def write_partition(script: Script) -> None:
    settled(script)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4", "n5", "c2"))))
    script.until(LeaderElected, "n2")
    script.wait(60_000)
    script.give(Request("c1", Who(), "n1"))
    script.give(Request("c2", Who(), "n3"))
    script.until(Returned, count=2)
    script.wait(100_000)
    script.give(Heal())


def both_sides_led(run: Run) -> bool:
    """n2 and n5 led, each on its side; when the partition is gone, n5 makes n2 halt."""
    return set(answers(run)) == {"n2", "n5"} and leading(run.cluster) == ["n5"] and all_follow_one(run)


# Without halting


def write_without_halting(script: Script) -> None:
    settled(script)
    script.give(Crash("n5"))
    script.until(LeaderElected, "n4")
    settled(script)
    script.give(Restart("n5"))


def two_led_at_once(run: Run) -> bool:
    """n5 led again before n4 had stepped down, which nobody had told to halt."""
    down = [event.time for event, _ in told(run, SteppedDown) if event.host == "n4"]
    led = [event.time for event, _ in told(run, LeaderElected) if event.host == "n4"]
    again = [event.time for event, _ in told(run, LeaderElected) if event.host == "n5" and led and event.time > led[0]]
    halted = sum(1 for _ in told(run, HaltedBy))
    return len(led) == len(down) == 1 and bool(again) and again[0] < down[0] and not halted and all_follow_one(run)


BULLY_RETURNS = Scenario(
    name="bully_returns",
    title=N_("The bully comes back"),
    text=N_("The coordinator n5 crashes, and n4 takes its place. Then n5 is back, and nobody lower may lead."),
    outcome=N_("n5 makes all halt, n4 too, and only then it leads: three elections, and never two coordinators."),
    setup=Recording("bully", nodes=5, params=QUIET, seed=3),
    write=write_bully_returns,
    judge=highest_came_back,
    until=1_600_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 4, "candidates": [5],
        "messages": [[5, 4, 55, "control"], [5, 3, 50, "control"], [5, 2, 45, "control"], [5, 1, 40, "control"]],
    },
)  # fmt: skip

LOST_ANSWER = Scenario(
    name="lost_answer",
    title=N_("An answer is lost"),
    text=N_("n5 has crashed, and n3 asks who is there. n4 is, but its answer is lost, and n3 takes it for dead."),
    outcome=N_("n3 leads although a higher node is there: an assumption was broken. n4 makes it halt soon."),
    setup=Recording("bully", nodes=5, params=QUIET, seed=1),
    write=write_lost_answer,
    judge=lower_led_for_a_while,
    until=900_000,
    ratio=25,
    breaks=("highest_elected",),
    picture={
        "nodes": 5, "leader": 3, "down": [5], "candidates": [4],
        "messages": [[4, 3, 50, "vote"], [3, 1, 60, "control"], [3, 2, 55, "control"]],
    },
)  # fmt: skip

TWO_COORDINATORS = Scenario(
    name="two_coordinators",
    title=N_("Two coordinators"),
    text=N_("The link from n4 to n3 is cut, in this direction alone, when the coordinator n5 crashes. n3 is deaf to n4."),
    outcome=N_("Nobody tells n3 to halt: n3 and n4 both lead until the link is mended. Silent is not dead."),
    setup=Recording("bully", nodes=5, clients=2, params=QUIET, seed=1),
    write=write_deaf,
    judge=deaf_one_led,
    until=1_400_000,
    ratio=20,
    breaks=("highest_elected", "agreement", "at_most_one_leader"),
    picture={
        "nodes": 5, "leader": [3, 4], "down": [5],
        "messages": [[4, 3, 40, "control"], [4, 2, 55, "append"], [3, 1, 60, "append"]],
    },
)  # fmt: skip

THREE_COORDINATORS = Scenario(
    name="three_coordinators",
    title=N_("Three coordinators of three nodes"),
    text=N_("What a higher node sends to a lower one is lost: answers, and the word who leads. n1 asks who is there."),
    outcome=N_("Each takes all higher nodes for dead: three coordinators, until the links carry messages again."),
    setup=Recording("bully", nodes=3, clients=1, params=QUIET, seed=1),
    write=write_all_deaf,
    judge=all_led,
    until=1_300_000,
    ratio=20,
    breaks=("highest_elected", "agreement", "at_most_one_leader"),
    picture={
        "nodes": 3, "leader": [1, 2, 3],
        "messages": [[1, 3, 55, "vote"], [1, 2, 45, "vote"], [2, 3, 40, "vote"]],
    },
)  # fmt: skip

BULLY_PARTITION = Scenario(
    name="bully_partition",
    title=N_("A coordinator on each side"),
    text=N_("A partition leaves n1 and n2 alone. They hear no coordinator, take all higher ones for dead, and elect n2."),
    outcome=N_("Two coordinators, and clients are told of both: the algorithm asks for no majority. After healing, n5 wins."),
    setup=Recording("bully", nodes=5, clients=2, params=QUIET, seed=2),
    write=write_partition,
    judge=both_sides_led,
    until=1_500_000,
    ratio=20,
    breaks=("agreement", "at_most_one_leader", "highest_elected"),
    picture={
        "nodes": 5, "leader": [2, 5], "groups": [[1, 2], [3, 4, 5]],
        "messages": [[2, 1, 50, "append"], [5, 3, 55, "append"], [5, 4, 45, "append"]],
    },
)  # fmt: skip

WITHOUT_HALTING = Scenario(
    name="without_halting",
    title=N_("Nobody was told to halt"),
    text=N_("Here the highest node just announces itself. It has been down, and n4 leads when it comes back."),
    outcome=N_("As long as its message flies, n5 and n4 both lead. To halt the lower ones first costs two messages a node."),
    setup=Recording("bully", nodes=5, params=QUIET, rules={"halt_first": False}, seed=4),
    write=write_without_halting,
    judge=two_led_at_once,
    until=1_200_000,
    ratio=20,
    breaks=("agreement", "at_most_one_leader"),
    picture={
        "nodes": 5, "leader": [4, 5],
        "messages": [[5, 4, 45, "append"], [5, 3, 55, "append"], [4, 2, 50, "append"], [4, 1, 60, "append"]],
    },
)  # fmt: skip


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    return (BULLY_RETURNS, LOST_ANSWER, TWO_COORDINATORS, THREE_COORDINATORS, BULLY_PARTITION, WITHOUT_HALTING)
