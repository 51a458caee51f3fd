"""The lesson of Paxos: four steps, a duel, and why the majority."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, All, Beat, Elapsed, Lesson, Now, Seen
from ...simulation import N_, Recording, Refused, Run
from ..ballots import rank
from .indications import (
    BallotAbandoned,
    Learned,
    Promised,
    ProposalAccepted,
    ProposalIssued,
    ValueAdopted,
)
from .scenarios import known, node_of
from .state import PREPARING, PROPOSING, WAITING


def resolve(place: str, run: Run) -> tuple[str, ...]:
    """Who is in a place now: "proposer" (of the highest ballot under way), "first" and "second" (the first nodes that
    are up), "last" (the last that is up).

    Raises Refused where nobody is, and KeyError for another place.
    """
    up = tuple(name for name in run.cluster.nodes if run.cluster.hosts[name].up)
    busy = sorted(
        (rank(node_of(run, name).ballot), name)
        for name in up
        if node_of(run, name).role in (PREPARING, PROPOSING, WAITING)
    )
    found = {
        "proposer": tuple(name for _, name in busy[-1:]),
        "first": up[:1],
        "second": up[1:2],
        "last": up[-1:],
    }[place]
    if not found:
        raise Refused("nobody_there", N_("Nobody is {place} now."), place=place)
    return found


def one_proposes_alone(run: Run) -> bool:
    """One has the promises of a majority, and no other ballot is under way."""
    roles = [node_of(run, name).role for name in run.cluster.nodes]
    return roles.count(PROPOSING) == 1 and PREPARING not in roles


def everybody_knows(run: Run) -> bool:
    """All nodes have learned the same value."""
    values = set(known(run))
    return len(values) == 1 and None not in values


def asks(client: str, value: str, to: str) -> Act:
    """A client proposes a value."""
    return Act({"type": "request", "client": client, "operation": {"name": "propose", "value": value}, "to": to})


QUIET = {"think_time": 0, "client_timeout": 5_000_000, "learn_interval": 0, "back_off_base": 40_000}
"""Clients ask what the lesson has them ask, nobody inquires, and waits are about as long as a round trip."""

FOUR_STEPS = Lesson(
    name="four_steps_of_paxos",
    title=N_("The four steps of Paxos"),
    text=N_("Prepare, promise, accept, learn: how five nodes agree on one value, why two of them may fight, and who wins."),
    setup=Recording("paxos", clients=2, params=QUIET, seed=99),
    resolve=resolve,
    picture={
        "nodes": 5, "leader": 1, "candidates": [2], "terms": ["1.n1", "2.n2", "1.n1", "1.n1", "1.n1"],
        "messages": [[1, 3, 55, "append"], [1, 4, 50, "append"], [2, 5, 40, "vote"], [2, 3, 30, "vote"]],
    },
    beats=(
        Beat(
            "nothing_chosen",
            N_("Nothing is chosen"),
            N_("Five nodes are to agree on one value, for ever. Each may propose, accept and learn. So far they know of none."),
            until=Elapsed(60_000),
        ),
        Beat(
            "prepare",
            N_("Step 1: prepare"),
            N_("c1 wants x. n1 makes a ballot number of its own: 1.n1, round 1 of n1. It asks all acceptors to prepare it."),
            acts=(asks("c1", "x", "n1"),),
            until=Seen(Promised, count=2),
            ratio=60,
        ),
        Beat(
            "promise",
            N_("Step 2: promise"),
            N_("Each acceptor promises to accept nothing below 1.n1, and says what it has accepted: nothing. n1 needs three."),
            acts=(asks("c2", "y", "n2"),),
            until=Seen(ProposalIssued, "n1"),
            ratio=120,
        ),
        Beat(
            "rival",
            N_("A rival"),
            N_("c2 wants y, and n2 has begun a higher ballot. Whoever promises that one has to refuse n1's proposal."),
            until=Seen(BallotAbandoned, "n1"),
            ratio=120,
        ),
        Beat(
            "duel",
            N_("The duel"),
            N_("A proposer that hears of a higher ballot gives up its own, and tops it. Two of them can go on so for ever."),
            until=Seen(BallotAbandoned, "n2"),
            ratio=120,
        ),
        Beat(
            "back_off",
            N_("Waiting ends it"),
            N_(
                "So each waits for a random time first, longer after each defeat. Sooner or later one has time for both phases."
            ),
            until=Now(one_proposes_alone),
            ratio=120,
        ),
        Beat(
            "accept",
            N_("Step 3: accept"),
            N_("A majority has promised, so it asks all to accept its value. Nobody has promised anything higher now."),
            until=Seen(ProposalAccepted, count=3),
            ratio=60,
        ),
        Beat(
            "learn",
            N_("Step 4: learn"),
            N_("Acceptors tell what they accepted. Three of five in one ballot: the value is chosen, and stays chosen."),
            until=All((Now(everybody_knows), Seen(Learned))),
            ratio=60,
        ),
        Beat(
            "forgotten",
            N_("Two crash, one forgets"),
            N_("The first two nodes crash. The last restarts: what it accepted is on disk, what was chosen is not."),
            acts=(
                Act({"type": "crash", "node": "@first"}),
                Act({"type": "crash", "node": "@second"}),
                Act({"type": "crash", "node": "@last"}),
                Act({"type": "restart", "node": "n5"}),
            ),
            until=Elapsed(100_000),
        ),
        Beat(
            "majorities_meet",
            N_("Any two majorities meet"),
            N_("c2 asks n5 for z. It needs three promises, and among any three is one who accepted what was chosen."),
            acts=(asks("c2", "z", "n5"),),
            until=Seen(ValueAdopted, "n5"),
            ratio=60,
        ),
        Beat(
            "value_survives",
            N_("The value survives"),
            N_("So n5 is told, and must propose that value, not z. Whatever crashes, no other can be chosen any more."),
            until=Seen(Learned, "n5"),
            ratio=60,
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    return (FOUR_STEPS,)
