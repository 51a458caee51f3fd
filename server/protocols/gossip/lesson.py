"""The lesson of gossip: how all come to know what nobody was told to tell."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, All, Beat, Elapsed, Lesson, Now, Seen
from ...simulation import N_, Recording, Refused, Returned, Run
from .indications import CertificateTaken, Learned, NothingNew, Stamped
from .scenarios import QUIET, all_agree, all_have
from .state import store_of


def resolve(place: str, run: Run) -> tuple[str, ...]:
    """Who is in a place now: "informed" (the nodes that have x), "left" and "right" (two sides, with a client each).

    Raises Refused where nobody is, and KeyError for another place.
    """
    nodes = run.cluster.nodes
    found = {
        "informed": tuple(node for node in nodes if "x" in store_of(run.cluster, node)),
        "left": (*nodes[: len(nodes) // 2], "c1"),
        "right": (*nodes[len(nodes) // 2 :], "c2"),
    }[place]
    if not found:
        raise Refused("nobody_there", N_("Nobody is {place} now."), place=place)
    return found


def request(client: str, node: str, name: str, value: str | None = None) -> Act:
    """A client asks a node for an operation on x."""
    operation = {"name": name, "key": "x"} | ({} if value is None else {"value": value})
    return Act({"type": "request", "client": client, "operation": operation, "to": node})


def all_first(run: Run) -> bool:
    """All nodes have the first value."""
    return all_have(run, "x", "one")


def all_dead(run: Run) -> bool:
    """All nodes have the death certificate."""
    return all_have(run, "x", None) and len(resolve("informed", run)) == len(run.cluster.nodes)


def known_again(run: Run) -> bool:
    """All nodes have the same, with both sides' writes made."""
    return all_agree(run) and not all_first(run)


HOW_GOSSIP_SPREADS = Lesson(
    name="how_gossip_spreads",
    title=N_("How gossip spreads"),
    text=N_("Six nodes keep the same data with no leader and no order. What is promised then, and what is not?"),
    setup=Recording("gossip", nodes=6, clients=2, params=QUIET, seed=11),
    resolve=resolve,
    picture={
        "nodes": 6, "terms": [1, 1, 2, 1, 2, 2],
        "messages": [[1, 3, 45, "append"], [2, 5, 60, "append"], [6, 4, 30, "control"]],
    },
    beats=(
        Beat(
            "rounds",
            N_("Everybody asks somebody"),
            N_("Six nodes, all alike. When its arc is empty, a node draws another one and tells it which versions it has."),
            until=Elapsed(200_000),
        ),
        Beat(
            "write",
            N_("One node takes a write"),
            N_("A client writes x to n1. The node stamps it with its clock and answers at once: nobody else knows of it yet."),
            acts=(request("c1", "n1", "put", "one"),),
            until=All((Seen(Stamped), Seen(Returned))),
            ratio=40,
        ),
        Beat(
            "epidemic",
            N_("The epidemic"),
            N_("Nodes with the same data have the same number. Who has the news gives it away or is asked for it."),
            until=Seen(Learned, count=3),
        ),
        Beat(
            "everybody",
            N_("Everybody has it"),
            N_("Each round about doubles those who know, so it takes some log2 of n rounds. No node has planned it."),
            until=All((Now(all_first), Elapsed(60_000))),
        ),
        Beat(
            "redundant",
            N_("The price: redundancy"),
            N_("They go on comparing stamps and find nothing new. That costs messages, and it mends what was lost."),
            until=All((Seen(NothingNew, count=6), Elapsed(150_000))),
        ),
        Beat(
            "two_sides",
            N_("Two sides, two writes"),
            N_("A partition. Both sides take a write of x and answer it: always available, and now of two minds."),
            acts=(
                Act({"type": "partition", "groups": [["@left"], ["@right"]]}),
                request("c1", "n1", "put", "left"),
                request("c2", "n6", "put", "right"),
            ),
            until=All((Seen(Returned, count=2), Elapsed(400_000))),
        ),
        Beat(
            "heal",
            N_("The last writer wins"),
            N_(
                "The sides meet. Every node keeps the later stamp, so all end alike. The other write is gone."
            ),
            acts=(Act({"type": "heal"}),),
            until=Now(known_again),
        ),
        Beat(
            "delete",
            N_("Deleting is writing"),
            N_("A deleted key leaves a death certificate with a stamp, and that spreads. Without it the value would return."),
            acts=(request("c2", "n4", "delete"),),
            until=All((Seen(CertificateTaken, count=3), Now(all_dead))),
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    return (HOW_GOSSIP_SPREADS,)
