"""The challenges of Paxos: it can be kept from an end by timing alone, and by nothing be made to choose twice."""

from __future__ import annotations

from functools import cache

from ...lessons import EASY, HARD, NOBODY_CRASHES, Any, Broken, Challenge, Impossible, Now, Script, Seen, told
from ...simulation import N_, Recording, Run
from ...simulation.commands import Partition
from .indications import LEARNED, BallotBegan, Learned
from .scenarios import EVEN, PATIENT, propose, write_duel

ROUNDS = 10


def duel_is_long(run: Run) -> bool:
    """Two proposers have begun ten ballots each."""
    begun = [event.host for event, _ in told(run, BallotBegan)]
    return sum(1 for proposer in dict.fromkeys(begun) if begun.count(proposer) >= ROUNDS) >= 2


def write_long_duel(script: Script) -> None:
    write_duel(script)
    script.until_event(lambda event: bool(event.indications) and duel_is_long(script.run), "ten ballots of each")


def write_two_values(script: Script) -> None:
    """x is chosen by n1, n2 and n3; then n1 and n2 are cut off, and n5 asks n3, which alone of the others has accepted x."""
    script.at(50_000)
    script.give(Partition((("n1", "n2", "n3", "c1"), ("n4", "n5", "c2"))))
    propose(script, "c1", "x", "n1")
    script.until(Learned, "n1")
    script.wait(100_000)
    script.give(Partition((("n1", "n2", "c1"), ("n3", "n4", "n5", "c2"))))
    propose(script, "c2", "y", "n5")
    script.until(Learned, "n5")


DUEL = Challenge(
    name="duel_of_ten_rounds",
    title=N_("A duel of ten rounds"),
    text=N_(
        "Two client requests are all that you have. Time them so that two proposers begin ten ballots each, and nothing is "
        "learned."
    ),
    won=N_("No message was lost and nobody crashed: Paxos is safe always, and ends only if one proposer has time enough."),
    setup=Recording("paxos", nodes=5, clients=2, params={**PATIENT, "back_off": "none"}, seed=1, link=EVEN),
    goal=Now(duel_is_long),
    allowed={"request": 2},
    span=4_000_000,
    fails=Any(tuple(Seen(kind) for kind in LEARNED)),
    failed=N_("A value was learned."),
    write=write_long_duel,
    hints=(
        N_("A request to a node makes it a proposer. Send them to two different nodes."),
        N_("A proposer fails if a higher ballot was promised between its two phases."),
        N_("Every message takes 20 ms. Let the second request come 10 ms after the first."),
    ),
    rules=("majority", "keep_promise", "adopt_accepted", "unique_ballots"),
    level=EASY,
    ratio=20,
    picture={
        "nodes": 5, "candidates": [1, 2], "terms": ["3.n1", "2.n2", "2.n2", "2.n2", "2.n2"],
        "messages": [[1, 3, 60, "vote"], [1, 4, 60, "vote"], [2, 3, 35, "append"], [2, 4, 35, "append"]],
    },
)  # fmt: skip

TWO_VALUES = Challenge(
    name="two_values_chosen",
    title=N_("Two values are chosen"),
    text=N_(
        "Have Paxos choose one value, and then another one too. Messages may be late, lost or doubled, links cut and nodes "
        "held up; nobody crashes."
    ),
    won=N_("Without that rule the second proposer proposes its own value, and the acceptors have no reason to refuse it."),
    setup=Recording("paxos", nodes=5, clients=2, params=PATIENT, seed=1),
    goal=Broken("one_value_chosen"),
    allowed=dict.fromkeys(("request", *NOBODY_CRASHES)),
    span=20_000_000,
    write=write_two_values,
    hints=(
        N_("A value is chosen when a majority has accepted it in one ballot. Two majorities share an acceptor."),
        N_("Have one value chosen, cut off who proposed it, and have another node propose another value."),
        N_("What do the acceptors tell the second proposer in its first phase, and what does it do with that?"),
    ),
    rules=("durable_promise", "durable_acceptance", "adopt_accepted", "durable_ballot"),
    level=HARD,
    impossible=Impossible(
        rule="adopt_accepted",
        why=N_(
            "The majority that promises the next ballot shares an acceptor with the one that chose. That acceptor reports "
            "what it has accepted, and the proposer must propose that, and not its own value."
        ),
        cites="Paxos Made Simple §2.2",
    ),
    picture={
        "nodes": 5, "leader": 5, "groups": [[1, 2], [3, 4, 5]], "terms": ["1.n1", "1.n1", "1.n5", "1.n5", "1.n5"],
        "messages": [[3, 5, 60, "vote"], [4, 5, 70, "vote"]],
    },
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (DUEL, TWO_VALUES)
