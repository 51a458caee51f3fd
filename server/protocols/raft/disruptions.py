"""Scenarios about who leads: a server that comes back with a high term, a leader that nobody hears, one that hands over.

The disruptive server is there twice, one schedule without PreVote and with it.
"""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Returned, Run
from ...simulation.commands import Heal, Partition, Request
from .indications import (
    BecameCandidate,
    BecamePreCandidate,
    BusyHandingOver,
    Elected,
    SteppedDown,
    SteppedDownUnheard,
    TransferBegun,
    Transferred,
)
from .operations import TRANSFER, TransferLeadership
from .scenarios import PATIENT_CLIENT, answered, field, first_leader, leaders, logs_agree, others, put

ALONE = 1_000_000
"""How long (µs) the server is cut off that comes back: several election timeouts."""


# A disruptive server, with PreVote and without


def write_disruptive_server(script: Script) -> None:
    leader = first_leader(script)
    put(script, "c1", "x", 1, leader)
    script.until(Returned, "c1")
    script.wait(100_000)
    alone = others(script, leader)[-1]
    script.give(Partition(((alone,), (*others(script, alone), "c1"))))
    put(script, "c1", "x", 2, leader)
    script.wait(ALONE)
    script.give(Heal())


def first_elected(run: Run) -> str | None:
    """Who was the first leader."""
    return next((event.host for event, _ in told(run, Elected)), None)


def leader_was_deposed(run: Run) -> bool:
    """The leader stepped down for a term that one server had counted up by itself, and an election followed."""
    leader = first_elected(run)
    alone = {event.host for event, news in told(run, BecameCandidate) if news.term > 2}
    down = [news.src for event, news in told(run, SteppedDown) if event.host == leader and news.role == "leader"]
    return bool(down) and set(down) <= alone and len(list(told(run, Elected))) == 2 and len(leaders(run)) == 1


def leader_stayed(run: Run) -> bool:
    """One server asked in vain again and again; no term but the first has begun."""
    asked = [event.host for event, _ in told(run, BecamePreCandidate)]
    terms = [field(run, node, "current_term") for node in run.cluster.nodes]
    return len(asked) >= 4 and terms == [1] * len(terms) and leaders(run) == [first_elected(run)] and logs_agree(run)


# CheckQuorum


def write_unheard_leader(script: Script) -> None:
    leader = first_leader(script)
    script.wait(100_000)
    partner = others(script, leader)[0]
    script.give(Partition(((leader, partner), others(script, leader, partner))))
    script.until(SteppedDownUnheard, leader)


def unheard_leader_went(run: Run) -> bool:
    """The old leader stepped down in its own term, while the partition stood, and there is one leader."""
    old = first_elected(run)
    down = [event.host for event, _ in told(run, SteppedDownUnheard)]
    return down == [old] and old not in leaders(run) and len(leaders(run)) == 1


# A transfer


def write_leadership_transfer(script: Script) -> None:
    leader = first_leader(script)
    put(script, "c1", "x", 1, leader)
    script.until(Returned, "c1")
    script.wait(100_000)
    successor = others(script, leader)[-1]
    script.give(Request("c1", TransferLeadership(TRANSFER, successor), leader))
    script.until(TransferBegun, leader)
    put(script, "c2", "x", 2, leader)
    script.until(Transferred, leader)


def leadership_was_transferred(run: Run) -> bool:
    """The wish came true in the next term, nobody waited for a timeout, and the write that came meanwhile is there."""
    wishes = [r for event, r in told(run, Returned) if isinstance(r.operation, TransferLeadership)]
    moved = [(wish.operation.node, wish.result) for wish in wishes]
    kept_out = any(True for _ in told(run, BusyHandingOver))
    return (
        moved == [(node, True) for node in leaders(run)]
        and [elected.term for _, elected in told(run, Elected)] == [1, 2]
        and kept_out
        and answered(run, "c2") == [2]
        and logs_agree(run)
    )


DISRUPTIVE_SERVER = Scenario(
    name="disruptive_server",
    title=N_("A disruptive server"),
    text=N_("A follower is cut off for a second. Alone it times out and counts its term up, again and again; then it is back."),
    outcome=N_(
        "Its term is the highest, so the leader that all others hear steps down. The server itself can't win, "
        "for its log is behind: the election was for nothing."
    ),
    setup=Recording("raft", nodes=5, clients=1, params=PATIENT_CLIENT, seed=33),
    write=write_disruptive_server,
    judge=leader_was_deposed,
    until=2_000_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 1, "candidates": [5], "terms": [1, 1, 1, 1, 5],
        "messages": [[5, 1, 55, "vote"], [5, 2, 45, "vote"], [1, 3, 50, "append"]],
    },
)  # fmt: skip

DISRUPTIVE_SERVER_PRE_VOTE = Scenario(
    name="disruptive_server_pre_vote",
    title=N_("A disruptive server, with PreVote"),
    text=N_("The same partition. Before it begins a term, a server asks whether anybody would vote for it."),
    outcome=N_("Nobody would, so it never begins a term. Once it is back it follows the leader, who has noticed nothing."),
    setup=Recording("raft", nodes=5, clients=1, params={**PATIENT_CLIENT, "pre_vote": True}, seed=33),
    write=write_disruptive_server,
    judge=leader_stayed,
    until=2_000_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": 1, "terms": [1, 1, 1, 1, 1], "groups": [[5], [1, 2, 3, 4]],
        "messages": [[5, 1, 35, "vote"], [5, 2, 35, "vote"], [1, 3, 50, "append"]],
    },
)  # fmt: skip

UNHEARD_LEADER = Scenario(
    name="unheard_leader",
    title=N_("A leader that no majority hears"),
    text=N_("A partition leaves the leader with one of four followers. With CheckQuorum it counts who has answered of late."),
    outcome=N_("After an election timeout without a majority it steps down by itself; the others have a leader by then."),
    setup=Recording("raft", nodes=5, clients=1, params={**PATIENT_CLIENT, "check_quorum": True, "pre_vote": True}, seed=6),
    write=write_unheard_leader,
    judge=unheard_leader_went,
    until=1_500_000,
    ratio=20,
    picture={
        "nodes": 5, "leader": [1, 4], "terms": [1, 1, 2, 2, 2], "groups": [[1, 2], [3, 4, 5]],
        "messages": [[1, 2, 50, "append"], [2, 1, 40, "reply"], [4, 3, 50, "append"], [4, 5, 60, "append"]],
    },
)  # fmt: skip

LEADERSHIP_TRANSFER = Scenario(
    name="leadership_transfer",
    title=N_("Leadership transfer"),
    text=N_("A client asks the leader to hand over to another node, while a second client wants to write."),
    outcome=N_(
        "The leader takes nothing new, and tells the other to start an election at once: it is elected within two "
        "round trips, and the write goes to it."
    ),
    setup=Recording(
        "raft", nodes=5, clients=2,
        params={**PATIENT_CLIENT, "transfer": "asked", "pre_vote": True, "check_quorum": True}, seed=8,
    ),
    write=write_leadership_transfer,
    judge=leadership_was_transferred,
    until=1_200_000,
    ratio=30,
    picture={
        "nodes": 5, "leader": 1, "candidates": [5], "terms": [1, 1, 1, 1, 2],
        "messages": [[1, 5, 30, "control"], [5, 2, 50, "vote"], [5, 3, 55, "vote"], [5, 4, 60, "vote"]],
    },
)  # fmt: skip

DISRUPTIONS = (DISRUPTIVE_SERVER, DISRUPTIVE_SERVER_PRE_VOTE, UNHEARD_LEADER, LEADERSHIP_TRANSFER)
