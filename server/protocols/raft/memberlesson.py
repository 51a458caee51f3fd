"""A lesson: changing the members of a cluster while it works, without ever having two majorities that do not meet."""

from __future__ import annotations

from ...lessons import Act, All, Beat, Elapsed, Lesson, Now, Seen
from ...simulation import N_, Recording, Run
from .indications import CatchUpBegun, CaughtUp, Committed, ConfigurationAppended, Elected, RemovedLeaderStepsDown
from .lesson import resolve
from .membership import LEARNER, VOTER
from .scenarios import field, leaders


def in_two_halves(run: Run) -> bool:
    """The leader goes by a joint configuration."""
    return any(len(field(run, node, "voting")) == 2 for node in leaders(run))


def newcomer_learns(run: Run) -> bool:
    """n4 knows that it is a learner."""
    return field(run, "n4", "standing") is LEARNER


def newcomer_votes(run: Run) -> bool:
    """n4 knows that it votes, and the joint configuration is over."""
    return field(run, "n4", "standing") is VOTER and field(run, "n4", "voting") == (("n1", "n2", "n3", "n4"),)


def write(value: int) -> Act:
    """A client writes."""
    return Act({
        "type": "request", "client": "c1", "operation": {"name": "put", "key": "x", "value": value}, "to": "@leader",
    })  # fmt: skip


CHANGING_MEMBERS = Lesson(
    name="changing_the_members",
    title=N_("Changing the members"),
    text=N_(
        "A server joins, and the leader itself is removed, while the cluster works. How can that never make two leaders?"
    ),
    setup=Recording("raft", nodes=5, params={"think_time": 0, "membership": "joint", "initial_members": 3}, seed=11),
    resolve=resolve,
    picture={
        "nodes": 5,
        "leader": 2,
        "terms": [1, 1, 1, 1, 0],
        "logs": [[1] * 4, [1] * 4, [1] * 4, [1] * 3, []],
        "commit": 3,
        "messages": [[2, 4, 50, "append"], [2, 1, 40, "append"]],
    },
    beats=(
        Beat(
            "outside",
            N_("Three vote, two stand outside"),
            N_(
                "n1, n2 and n3 are the members. n4 and n5 are no part of the cluster yet: nobody asks them, and they wait."
            ),
            until=All((Seen(Elected), Elapsed(300_000))),
        ),
        Beat(
            "danger",
            N_("Not all at the same moment"),
            N_(
                "No two nodes learn of a change at the same moment. If some counted by three members and others by five, "
                "two majorities could act apart."
            ),
            acts=(write(1),),
            until=Seen(Committed),
        ),
        Beat(
            "learner",
            N_("A new server learns first"),
            N_(
                "n4 is to join. The leader puts that into its log like an operation. n4 gets entries now, but its vote does "
                "not count: it has nothing yet."
            ),
            acts=(
                Act(
                    {
                        "type": "request",
                        "client": "c1",
                        "operation": {"name": "add_server", "server": "n4"},
                        "to": "@leader",
                    }
                ),
            ),
            until=All((Seen(CatchUpBegun), Now(newcomer_learns), Elapsed(20_000))),
            ratio=60,
        ),
        Beat(
            "joint",
            N_("Two majorities for a while"),
            N_(
                "n4 has caught up. Now a majority of the old members and one of the new ones are needed, each by itself, to "
                "elect and to commit."
            ),
            until=All((Seen(CaughtUp), Now(in_two_halves), Elapsed(20_000))),
            ratio=60,
        ),
        Beat(
            "four",
            N_("Four members"),
            N_(
                "Both halves have stored that entry, so nobody can decide without the new members any more. "
                "The leader leaves the old half behind."
            ),
            until=All((Now(newcomer_votes), Elapsed(20_000))),
            ratio=60,
        ),
        Beat(
            "counts",
            N_("The newcomer counts"),
            N_(
                "A follower crashes. Three of four are a majority, and the vote of n4 is one of them: the write is committed."
            ),
            acts=(Act({"type": "crash", "node": "@follower"}), write(2)),
            until=All((Seen(Committed), Elapsed(100_000))),
        ),
        Beat(
            "removed",
            N_("The leader is removed"),
            N_(
                "A client asks the leader to remove the leader. It leads on, without counting itself in the new half, "
                "until the others have stored that."
            ),
            acts=(
                Act(
                    {
                        "type": "request",
                        "client": "c1",
                        "operation": {"name": "remove_server", "server": "@leader"},
                        "to": "@leader",
                    }
                ),
            ),
            until=All((Seen(ConfigurationAppended, count=2), Seen(RemovedLeaderStepsDown))),
            ratio=60,
        ),
        Beat(
            "next",
            N_("One of the others leads"),
            N_(
                "The old leader stands outside and is silent. The members elect one of themselves: at no moment could two "
                "majorities act apart."
            ),
            until=All((Seen(Elected), Elapsed(150_000))),
        ),
    ),
)
