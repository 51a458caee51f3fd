"""Scenarios of changing members: the bug of 2015 and its repair, a leader that is removed, three groups that become one."""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Returned, Run, Setting
from ...simulation.commands import Crash, Heal, Partition, Request
from .changes import ChangeRequest, Members
from .counterexamples import ROUND_TRIP, campaign
from .indications import (
    Applied,
    CaughtUp,
    ChangeRefusedNoOwnEntry,
    Committed,
    ConfigurationAppended,
    Elected,
    RemovedLeaderStepsDown,
)
from .membership import OUTSIDE, VOTER
from .scenarios import answered, field, first_leader, leaders, others, put

BY_HAND: dict[str, Setting] = {
    "think_time": 0, "client_timeout": 10_000_000, "no_op": False, "catch_up": False, "membership": "single",
    "election_low": 4_000_000, "election_high": 6_000_000,
}  # fmt: skip
"""Nothing happens that the script does not begin, and a new server votes at once."""


def change(script: Script, client: str, name: str, server: str, to: str) -> None:
    """Has a client ask for another member."""
    script.give(Request(client, ChangeRequest(name, server), to))


def committed_members(run: Run, index: int) -> set[str]:
    """The configurations that nodes have applied at an index, as they stand in the log."""
    return {
        a.entry.command.name for _, a in told(run, Applied) if a.index == index and isinstance(a.entry.command, Members)
    }


# The bug of 2015: two changes by two leaders, each of one server, and two majorities that do not meet


def write_bug_2015(script: Script) -> None:
    """Four servers, n1 leads. It adds n5, and only n5 hears of it; n2 removes n1; n1 comes back with the votes of n4 and n5."""
    script.at(50_000)
    campaign(script, "n1")
    put(script, "c1", "k", "a", "n1")
    script.until(Returned, "c1")
    script.wait(150_000)
    # n1 adds n5: in its own log and in that of n5, and nowhere else.
    script.give(Partition((("n1", "n5", "c1"), ("n2", "n3", "n4", "c2"))))
    change(script, "c1", "add_server", "n5", "n1")
    script.until(ConfigurationAppended, "n1")
    script.wait(ROUND_TRIP)
    # n2 is elected by n3 and n4, and removes n1: two of its three members have that, so it is committed.
    campaign(script, "n2")
    script.give(Partition((("n1", "n5", "c1"), ("n2", "n3", "c2"), ("n4",))))
    change(script, "c2", "remove_server", "n1", "n2")
    script.wait(3 * ROUND_TRIP)
    # n1 steps down at n4's word, and asks again: of its five members n4 and n5 are behind it.
    script.give(Partition((("n1", "n4", "n5", "c1", "c3"), ("n2", "n3", "c2"))))
    script.wait(2 * ROUND_TRIP)
    campaign(script, "n1")
    put(script, "c3", "k", "b", "n1")


def two_configurations_committed(run: Run) -> bool:
    """Index 2 is the configuration with n5 at one majority, and that without n1 at the other."""
    return committed_members(run, 2) == {"{1 2 3 4 5}", "{2 3 4}"}


def second_change_was_put_off(run: Run) -> bool:
    """n2 had committed nothing in its term, so it changed nothing; no two nodes disagree about index 2."""
    refused = [event.host for event, _ in told(run, ChangeRefusedNoOwnEntry)]
    return bool(refused) and set(refused) == {"n2"} and len(committed_members(run, 2)) <= 1


# A leader is removed


def write_removed_leader(script: Script) -> None:
    leader = first_leader(script)
    put(script, "c1", "x", 1, leader)
    script.until(Returned, "c1")
    script.wait(60_000)
    change(script, "c1", "remove_server", leader, leader)
    script.until(RemovedLeaderStepsDown, leader)
    script.until(Elected)
    put(script, "c1", "x", 2)
    script.until(Returned, "c1")


def removed_leader_is_outside(run: Run) -> bool:
    """It led until the others had the configuration without it, and stays outside; one of the others leads."""
    gone = [str(event.host) for event, _ in told(run, RemovedLeaderStepsDown)]
    rest = [node for node in run.cluster.nodes if node not in gone]
    return (
        len(gone) == 1
        and field(run, gone[0], "standing") is OUTSIDE
        and leaders(run) != gone
        and len(leaders(run)) == 1
        and answered(run, "c1") == [1, None, 2]
        and all(field(run, node, "members") == 3 and field(run, node, "data") == {"x": 2} for node in rest)
    )


# A new server learns before it votes


def write_new_server(script: Script) -> None:
    leader = first_leader(script)
    for value in range(1, 6):
        put(script, "c1", "x", value, leader)
    script.until(Returned, "c1", count=5)
    script.wait(60_000)
    change(script, "c1", "add_server", "n4", leader)
    script.until(Returned, "c1")
    script.wait(100_000)
    script.give(Crash(others(script, leader, "n4")[0]))
    put(script, "c1", "x", 6, leader)
    script.until(Returned, "c1")


def new_server_votes(run: Run) -> bool:
    """It was a learner until it had caught up; now it votes, and with one of four down it makes the majority."""
    names = [c.members for _, c in told(run, ConfigurationAppended)]
    return (
        names == ["{1 2 3}[4]", "{1 2 3 4}"]
        and [c.nodes for _, c in told(run, CaughtUp)] == ["n4"]
        and field(run, "n4", "standing") is VOTER
        and field(run, "n4", "data") == {"x": 6}
        and answered(run, "c1")[-1] == 6
    )


# Many members at once: in two majorities, or in none


def write_replaced_members(script: Script) -> None:
    """n3 leads {1, 2, 3}, and is to go over to {3, 4, 5}; n1 and n2 are cut off just then, and n1 asks for votes."""
    script.at(50_000)
    campaign(script, "n3")
    put(script, "c1", "k", "a", "n3")
    script.until(Returned, "c1")
    script.wait(150_000)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4", "n5", "c2"))))
    script.give(Request("c2", ChangeRequest("change_members", None, "n3 n4 n5"), "n3"))
    script.until(ConfigurationAppended, "n3")
    script.wait(3 * ROUND_TRIP)
    put(script, "c2", "k", "b", "n3")
    campaign(script, "n1")
    put(script, "c1", "k", "c", "n1")
    script.wait(2 * ROUND_TRIP)


def write_replaced_members_and_heal(script: Script) -> None:
    write_replaced_members(script)
    script.give(Heal())
    script.wait(6 * ROUND_TRIP)


def both_halves_committed(run: Run) -> bool:
    """The old members went on under n1, the new ones under n3, and both told a client of success."""
    return sorted(leaders(run)) == ["n1", "n3"] and "b" in answered(run, "c2") and answered(run, "c1") == ["a", "c"]


def old_half_had_its_say(run: Run) -> bool:
    """n3 could commit nothing without n1 or n2, so n1 led, and nothing that a client was told of is lost."""
    committed_by_three = [event for event, c in told(run, Committed) if event.host == "n3" and c.index > 1]
    return not committed_by_three and "b" not in answered(run, "c2") and leaders(run) == ["n1"]


# Changing three members of three at once


def write_joint_consensus(script: Script) -> None:
    leader = first_leader(script)
    put(script, "c1", "x", 1, leader)
    script.until(Returned, "c1")
    script.wait(60_000)
    script.give(Request("c1", ChangeRequest("change_members", None, "n4 n5 n6"), leader))
    script.until(RemovedLeaderStepsDown)
    for node in ("n1", "n2", "n3"):
        script.give(Crash(node))
    first_leader(script)
    put(script, "c1", "x", 2)
    script.until(Returned, "c1")


def all_members_were_replaced(run: Run) -> bool:
    """Learners, then both halves, then the new one alone; it needs the old ones no more, and has what they committed."""
    names = [c.members for _, c in told(run, ConfigurationAppended)]
    return (
        names == ["{1 2 3}[4 5 6]", "{1 2 3|4 5 6}", "{4 5 6}"]
        and len(leaders(run)) == 1
        and all(field(run, node, "data") == {"x": 2} for node in ("n4", "n5", "n6"))
        and answered(run, "c1") == [1, None, 2]
    )


BUG = {
    "nodes": 5, "leader": [1, 2], "terms": [3, 2, 2, 3, 3], "groups": [[1, 4, 5], [2, 3]],
    "logs": [[1, 1], [1, 2], [1, 2], [1], [1, 1]], "commit": 2, "messages": [[1, 4, 55, "append"], [1, 5, 45, "append"]],
}  # fmt: skip

BUG_2015 = Scenario(
    name="membership_bug_2015",
    title=N_("The bug of 2015: two changes, two majorities"),
    text=N_(
        "One leader adds a server and is cut off; the next removes one before anything of its own term is committed. "
        "Each change is of one server only."
    ),
    outcome=N_("Both configurations are committed as entry 2: their majorities have no server in common."),
    setup=Recording(
        "raft", nodes=5, clients=3, params={**BY_HAND, "initial_members": 4}, rules={"own_term_first": False}
    ),
    write=write_bug_2015,
    judge=two_configurations_committed,
    until=1_300_000,
    ratio=20,
    breaks=("majorities_overlap", "leader_completeness", "state_machine_safety"),
    picture=BUG,
)  # fmt: skip

BUG_2015_REPAIRED = Scenario(
    name="membership_bug_2015_repaired",
    title=N_("The bug of 2015, repaired"),
    text=N_("The same schedule. A leader changes no members before it has committed an entry of its own term."),
    outcome=N_("The second leader puts the change off, since no majority of the old members hears it. Nobody disagrees."),
    setup=Recording("raft", nodes=5, clients=3, params={**BY_HAND, "initial_members": 4}),
    write=write_bug_2015,
    judge=second_change_was_put_off,
    until=1_300_000,
    ratio=20,
    picture={**BUG, "logs": [[1, 1], [1], [1], [1], [1, 1]]},
)  # fmt: skip

REMOVED_LEADER = Scenario(
    name="removed_leader",
    title=N_("A leader is removed"),
    text=N_("A client asks the leader to remove the leader itself. It goes on leading until the others have agreed."),
    outcome=N_("It steps down when the configuration without it is committed, and one of the other three is elected."),
    setup=Recording("raft", nodes=4, params={"think_time": 0, "membership": "single"}, seed=3),
    write=write_removed_leader,
    judge=removed_leader_is_outside,
    until=1_600_000,
    ratio=20,
    picture={
        "nodes": 4, "leader": 2, "terms": [1, 2, 2, 2], "groups": [[1], [2, 3, 4]],
        "messages": [[2, 3, 50, "append"], [2, 4, 60, "append"]],
    },
)  # fmt: skip

NEW_SERVER = Scenario(
    name="new_server",
    title=N_("A new server learns before it votes"),
    text=N_("A fourth server with an empty log is added. If it voted at once, it could hold up the next commit."),
    outcome=N_("It is a learner until it has caught up. Then it votes, and stands in for one that crashes."),
    setup=Recording(
        "raft", nodes=4, params={"think_time": 0, "membership": "single", "initial_members": 3}, seed=5
    ),
    write=write_new_server,
    judge=new_server_votes,
    until=1_700_000,
    ratio=20,
    picture={
        "nodes": 4, "leader": 1, "terms": [1, 1, 1, 1], "commit": 5,
        "logs": [[1] * 6, [1] * 6, [1] * 6, [1, 1]], "messages": [[1, 4, 55, "append"]],
    },
)  # fmt: skip

SWITCHED_AT_ONCE = Scenario(
    name="members_switched_at_once",
    title=N_("All at once, without a joint configuration"),
    text=N_("Two of three members are replaced in one step. The old ones, cut off just then, know nothing of it."),
    outcome=N_("The old members elect a leader, the new ones have theirs, and both commit: the cluster is two clusters."),
    setup=Recording(
        "raft", nodes=5, clients=2, params={**BY_HAND, "membership": "joint", "initial_members": 3},
        rules={"joint_consensus": False},
    ),
    write=write_replaced_members,
    judge=both_halves_committed,
    until=1_300_000,
    ratio=20,
    breaks=("majorities_overlap", "leader_completeness", "state_machine_safety"),
    picture={
        "nodes": 5, "leader": [1, 3], "terms": [2, 2, 1, 1, 1], "groups": [[1, 2], [3, 4, 5]],
        "logs": [[1, 2], [1, 2], [1, 1], [1, 1], [1, 1]], "commit": 2, "messages": [[1, 2, 50, "append"], [3, 4, 50, "append"]],
    },
)  # fmt: skip

SWITCHED_JOINTLY = Scenario(
    name="members_switched_jointly",
    title=N_("The same through a joint configuration"),
    text=N_("The same schedule. Between the old and the new members a majority of each is needed."),
    outcome=N_("The new members alone commit nothing. The old ones elect a leader, and it stays the only one."),
    setup=Recording("raft", nodes=5, clients=2, params={**BY_HAND, "membership": "joint", "initial_members": 3}),
    write=write_replaced_members_and_heal,
    judge=old_half_had_its_say,
    until=1_700_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 1, "terms": [2, 2, 2, 1, 1], "groups": [[1, 2], [3, 4, 5]],
        "logs": [[1, 2], [1, 2], [1, 1], [1, 1], [1, 1]], "commit": 1, "messages": [[1, 2, 50, "append"]],
    },
)  # fmt: skip

ALL_REPLACED = Scenario(
    name="all_members_replaced",
    title=N_("Three members for three others"),
    text=N_("A client asks for three other voters, none of which has anything yet. The cluster goes on working meanwhile."),
    outcome=N_("They learn, then both halves must agree, then the old ones can be switched off: one of the new ones leads."),
    setup=Recording(
        "raft", nodes=6, params={"think_time": 0, "membership": "joint", "initial_members": 3}, seed=6
    ),
    write=write_joint_consensus,
    judge=all_members_were_replaced,
    until=2_000_000,
    ratio=20,
    picture={
        "nodes": 6, "leader": 5, "down": [1, 2, 3], "terms": [1, 1, 1, 2, 2, 2],
        "messages": [[5, 4, 50, "append"], [5, 6, 60, "append"]],
    },
)  # fmt: skip

MEMBERSHIPS = (
    BUG_2015, BUG_2015_REPAIRED, REMOVED_LEADER, NEW_SERVER, SWITCHED_AT_ONCE, SWITCHED_JOINTLY, ALL_REPLACED,
)  # fmt: skip
