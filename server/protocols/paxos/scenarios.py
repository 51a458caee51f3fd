"""The scenarios of Paxos: what duels, crashes and lost messages do to a cluster whose rules are all on.

Those with a rule off, which show what the rule was for, are in `counterexamples.py`. Each is written by playing it
(`lessons.Script`): its author says what to wait for, and the recording keeps times and places.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ...lessons import Scenario, Script, told
from ...simulation import N_, OK, Link, Recording, Returned, Run
from ...simulation.commands import Crash, Heal, Partition, Request, Restart
from .indications import (
    BallotAbandoned,
    BallotBegan,
    BallotTimedOut,
    Learned,
    LearnedFrom,
    PromisesGathered,
    ProposalAccepted,
    ValueAdopted,
)
from .messages import Propose, Value
from .state import PaxosState

PATIENT = {"think_time": 0, "client_timeout": 10_000_000}
"""Clients that ask only what the script tells them, and do not ask again while it lasts."""

EVEN = Link(low=20_000, high=20_000)
"""Every message takes 20 ms: what stands in a schedule depends on no luck."""


# Looking at a run


def node_of(run: Run, name: str) -> PaxosState:
    """A node now."""
    node = run.cluster.hosts[name].node
    assert isinstance(node, PaxosState)
    return node


def accepted_by(run: Run, value: Value) -> tuple[str, ...]:
    """The acceptors that have ever accepted this value, in some ballot."""
    return tuple(dict.fromkeys(e.host for e, a in told(run, ProposalAccepted) if a.value == value and e.host))


def known(run: Run) -> list[Value | None]:
    """What each node knows to be chosen now."""
    return [node_of(run, name).chosen for name in run.cluster.nodes]


def answered(run: Run, client: str) -> list[Any]:
    """What a client was told to be chosen."""
    return [r.result for e, r in told(run, Returned) if e.host == client and r.outcome == OK]


# Acting in a script


def propose(script: Script, client: str, value: Value, to: str) -> None:
    """Has a client ask for a value."""
    script.give(Request(client, Propose(value), to))


# A duel


def write_duel(script: Script) -> None:
    """The second proposer begins while the first one gathers its promises."""
    script.at(50_000)
    propose(script, "c1", "x", "n1")
    script.wait(10_000)
    propose(script, "c2", "y", "n2")


def duel_never_ends(run: Run) -> bool:
    """Both have begun ballots again and again, majorities promised them, and nobody has learned anything."""
    for proposer in ("n1", "n2"):
        begun = sum(1 for event, _ in told(run, BallotBegan) if event.host == proposer)
        gathered = sum(1 for event, _ in told(run, PromisesGathered) if event.host == proposer)
        if begun < 10 or gathered < 5:
            return False
    return known(run) == [None] * len(run.cluster.nodes)


def duel_ends(run: Run) -> bool:
    """Somebody has lost a ballot, and yet all know one value in the end, the two clients too."""
    lost = any(True for _ in told(run, BallotAbandoned))
    chosen = set(known(run))
    return lost and len(chosen) == 1 and answered(run, "c1") == answered(run, "c2") == [*chosen]


# A value that outlives its proposer


def write_value_outlives(script: Script) -> None:
    """x is chosen by n1, n2 and n3; of these only n3 is left when n5 begins, which has never heard of x."""
    script.at(50_000)
    script.give(Partition((("n1", "n2", "n3", "c1"), ("n4", "n5", "c2"))))
    propose(script, "c1", "x", "n1")
    script.until(Learned, "n1")
    script.wait(100_000)
    script.give(Crash("n1"))
    script.give(Crash("n2"))
    script.give(Heal())
    script.wait(40_000)
    propose(script, "c2", "y", "n5")


def value_outlived(run: Run) -> bool:
    """n5 wanted y, was told of x by n3, and proposed that; the second client was told x."""
    adopted = [(event.host, a.value, a.acceptor, a.own) for event, a in told(run, ValueAdopted)]
    return (
        adopted == [("n5", "x", "n3", "y")]
        and answered(run, "c2") == ["x"]
        and accepted_by(run, "y") == ()
        and known(run)[2:] == ["x"] * 3
    )


# A value is chosen, and nobody knows


def write_chosen_and_unknown(script: Script) -> None:
    """All have accepted x. Before any of them hears of another, everybody is cut off, and the proposer crashes."""
    script.at(50_000)
    propose(script, "c1", "x", "n1")
    script.until(ProposalAccepted, "n5")
    script.wait(5_000)
    script.give(Partition((("n1", "c1"), ("n2",), ("n3",), ("n4", "c2"), ("n5",))))
    script.wait(60_000)
    script.give(Crash("n1"))
    script.wait(100_000)
    script.give(Heal())
    script.until_event(lambda _: known(script.run).count("x") == 4, "that four learn x")
    script.wait(60_000)
    propose(script, "c2", "y", "n4")


def learned_by_asking(run: Run) -> bool:
    """Five had accepted x when the partition was healed, and nobody knew; afterwards all that are up do."""
    healed = [given.time for given in run.given if isinstance(given.command, Heal)]
    learned = [event.time for indication in (Learned, LearnedFrom) for event, _ in told(run, indication)]
    accepted = [event.time for event, a in told(run, ProposalAccepted) if a.value == "x"]
    return (
        len(healed) == 1
        and len([time for time in accepted if time < healed[0]]) == 5
        and len(learned) == 4
        and min(learned) > healed[0]
        and known(run) == [None, "x", "x", "x", "x"]
        and answered(run, "c2") == ["x"]
    )


# Without a majority


def write_without_majority(script: Script) -> None:
    script.at(50_000)
    for node in ("n3", "n4", "n5"):
        script.give(Crash(node))
    propose(script, "c1", "x", "n1")
    script.until(BallotTimedOut, "n1", count=3)
    script.wait(50_000)
    script.give(Restart("n4"))


def majority_was_needed(run: Run) -> bool:
    """Nothing was learned while three of five were down, however often n1 tried; with the third acceptor x was chosen."""
    restarted = [given.time for given in run.given if isinstance(given.command, Restart)]
    early = [event for event, _ in told(run, PromisesGathered) if restarted and event.time < restarted[0]]
    return len(restarted) == 1 and early == [] and answered(run, "c1") == ["x"] and accepted_by(run, "x") != ()


# Roles apart


def write_roles_apart(script: Script) -> None:
    """One of two learners hears nothing of the acceptors, and inquires when it is back."""
    script.at(50_000)
    script.give(Partition((("n1", "n2", "n3", "n4", "n5", "n6", "c1", "c2"), ("n7",))))
    propose(script, "c1", "x", "n1")
    script.until(Learned, "n6")
    script.wait(150_000)
    script.give(Heal())
    propose(script, "c2", "y", "n4")


def agents_did_their_parts(run: Run) -> bool:
    """Proposers proposed, acceptors accepted, learners learned; an acceptor sent the second client to a proposer."""
    began = {event.host for event, _ in told(run, BallotBegan)}
    accepted = {event.host for event, _ in told(run, ProposalAccepted)}
    counted = {event.host for event, _ in told(run, Learned)}
    return (
        began == {"n1"}
        and accepted == {"n3", "n4", "n5"}
        and "n6" in counted
        and counted <= {"n6", "n7"}
        and [node_of(run, name).chosen for name in ("n1", "n2", "n6", "n7")] == ["x"] * 4
        and answered(run, "c1") == answered(run, "c2") == ["x"]
    )


DUELLING_PROPOSERS = Scenario(
    name="duelling_proposers",
    title=N_("Duelling proposers"),
    text=N_("Two nodes propose at the same time. Each hears of the other's ballot and tops it at once, without a wait."),
    outcome=N_("Each gets its promises, but its accept requests always come too late: nothing is ever chosen."),
    setup=Recording("paxos", clients=2, params={**PATIENT, "back_off": "none"}, link=EVEN),
    write=write_duel,
    judge=duel_never_ends,
    until=1_500_000,
    ratio=20,
    picture={
        "nodes": 5, "candidates": [1, 2], "terms": ["3.n1", "2.n2", "2.n2", "2.n2", "2.n2"],
        "messages": [[1, 3, 60, "vote"], [1, 4, 60, "vote"], [1, 5, 60, "vote"], [2, 3, 35, "append"], [2, 4, 35, "append"]],
    },
)  # fmt: skip

DUEL_ENDED = Scenario(
    name="duel_ended_by_waiting",
    title=N_("A duel ended by waiting"),
    text=N_("The same two proposers. Now each waits for a random time after a lost ballot, longer after each defeat."),
    outcome=N_("One of them has time for both phases while the other waits: a value is chosen, and both clients are told it."),
    setup=Recording("paxos", clients=2, params=PATIENT, link=EVEN),
    write=write_duel,
    judge=duel_ends,
    until=800_000,
    ratio=30,
    picture={
        "nodes": 5, "leader": 2, "candidates": [1], "terms": ["2.n2", "2.n2", "2.n2", "2.n2", "2.n2"],
        "messages": [[2, 3, 55, "append"], [2, 4, 50, "append"], [2, 5, 60, "append"], [2, 1, 50, "append"]],
    },
)  # fmt: skip

VALUE_OUTLIVES = Scenario(
    name="value_outlives_proposer",
    title=N_("A value outlives its proposer"),
    text=N_("Three of five nodes choose x; two of them crash. A node that knows nothing of x proposes y."),
    outcome=N_("Its majority meets that of x in a single node. That one reports x, so x is proposed again, and y never."),
    setup=Recording("paxos", clients=2, params=PATIENT),
    write=write_value_outlives,
    judge=value_outlived,
    until=700_000,
    ratio=30,
    picture={
        "nodes": 5, "leader": 5, "down": [1, 2], "terms": ["1.n1", "1.n1", "1.n5", "1.n5", "1.n5"],
        "messages": [[3, 5, 60, "vote"], [4, 5, 70, "vote"]],
    },
)  # fmt: skip

CHOSEN_AND_UNKNOWN = Scenario(
    name="chosen_and_unknown",
    title=N_("Chosen, and nobody knows"),
    text=N_("Every acceptor accepts x. Then all are cut off, so the word of it is lost, and the proposer crashes."),
    outcome=N_("x is chosen although no node knows it. Later the learners ask the acceptors, count, and learn x."),
    setup=Recording("paxos", clients=2, params={**PATIENT, "learn_interval": 250_000}, link=EVEN),
    write=write_chosen_and_unknown,
    judge=learned_by_asking,
    until=1_200_000,
    ratio=20,
    picture={
        "nodes": 5, "down": [1], "terms": ["1.n1", "1.n1", "1.n1", "1.n1", "1.n1"], "groups": [[1], [2], [3], [4], [5]],
        "messages": [[2, 3, 35, "append"], [3, 4, 35, "append"], [4, 5, 35, "append"], [5, 2, 35, "append"]],
    },
)  # fmt: skip

WITHOUT_MAJORITY = Scenario(
    name="paxos_without_majority",
    title=N_("No majority, no decision"),
    text=N_("Three of five nodes are down. A proposer tries one ballot after the other, and a client waits."),
    outcome=N_("Two promises are not enough, in no ballot. As soon as a third node is back, the value is chosen."),
    setup=Recording("paxos", params=PATIENT),
    write=write_without_majority,
    judge=majority_was_needed,
    until=1_200_000,
    ratio=20,
    picture={
        "nodes": 5, "candidates": [1], "down": [3, 4, 5], "terms": ["3.n1", "3.n1", 0, 0, 0],
        "messages": [[2, 1, 50, "vote"], [1, 4, 40, "vote"]],
    },
)  # fmt: skip

ROLES_APART = Scenario(
    name="paxos_roles_apart",
    title=N_("Proposers, acceptors, learners"),
    text=N_("Of seven nodes two propose, three accept and two learn. One of the learners is cut off for a while."),
    outcome=N_("The acceptors choose x and tell the learners, which tell the proposers. The one cut off asks later."),
    setup=Recording("paxos", nodes=7, clients=2, params={**PATIENT, "roles": "apart", "learn_interval": 250_000}),
    write=write_roles_apart,
    judge=agents_did_their_parts,
    until=1_000_000,
    ratio=20,
    picture={
        "nodes": 7, "leader": 1, "terms": [0, 0, "1.n1", "1.n1", "1.n1", 0, 0], "groups": [[7], [1, 2, 3, 4, 5, 6]],
        "messages": [[1, 3, 55, "append"], [1, 4, 45, "append"], [5, 6, 40, "reply"]],
    },
)  # fmt: skip


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them, in the order of the gallery."""
    from .counterexamples import COUNTEREXAMPLES  # it uses what stands above

    return (
        VALUE_OUTLIVES, DUELLING_PROPOSERS, DUEL_ENDED, CHOSEN_AND_UNKNOWN, WITHOUT_MAJORITY, ROLES_APART,
        *COUNTEREXAMPLES,
    )  # fmt: skip
