"""The lesson of Raft: why it needs terms."""

from __future__ import annotations

from functools import cache

from ...lessons import Act, All, Beat, Elapsed, Lesson, Now, Seen
from ...simulation import N_, Recording, Refused, Run
from .indications import AppendRejectedOldTerm, BecameCandidate, Elected, LeaderRecognised
from .scenarios import field, leaders
from .state import HEARTBEAT


def resolve(place: str, run: Run) -> tuple[str, ...]:
    """Who is in a place now: "leader" (of the newest term), "old leader" (of an older one, not knowing better),
    "others" (all nodes but the leader), "follower" (the first of them that is up).

    Raises Refused where nobody is, and KeyError for another place.
    """
    leading = sorted(leaders(run), key=lambda node: field(run, node, "current_term"))
    others = tuple(node for node in run.cluster.nodes if node not in leading[-1:])
    found = {
        "leader": tuple(leading[-1:]),
        "old leader": tuple(leading[:-1][:1]),
        "others": others,
        "follower": tuple(node for node in others if run.cluster.hosts[node].up)[:1],
    }[place]
    if not found:
        raise Refused("nobody_there", N_("Nobody is {place} now."), place=place)
    return found


def one_leader(run: Run) -> bool:
    """No more than one node takes itself for the leader."""
    return len(leaders(run)) == 1


WHY_TERMS = Lesson(
    name="why_raft_needs_terms",
    title=N_("Why Raft needs terms"),
    text=N_("A leader is elected, cut off, replaced, and comes back. What keeps the cluster from having two leaders?"),
    setup=Recording("raft", nodes=5, params={"think_time": 0}, seed=30),
    resolve=resolve,
    picture={
        "nodes": 5, "leader": 5, "terms": [2, 2, 1, 2, 2], "groups": [[3], [1, 2, 4, 5]],
        "messages": [[3, 2, 20, "append"], [3, 4, 20, "append"], [5, 1, 45, "append"], [5, 4, 55, "append"]],
    },
    beats=(
        Beat(
            "no_leader",
            N_("Nobody leads yet"),
            N_("Five nodes start as followers in term 0. Each waits a random time to hear from a leader: its arc empties."),
            until=Elapsed(100_000),
        ),
        Beat(
            "timeout",
            N_("A timeout begins term 1"),
            N_("The first node whose arc is empty adds one to its term, becomes a candidate, and asks all for their votes."),
            until=Seen(BecameCandidate),
        ),
        Beat(
            "votes",
            N_("One vote in a term"),
            N_("A node votes once in a term. Three votes of five make a leader, so no term can have two."),
            until=Seen(Elected),
            ratio=40,
        ),
        Beat(
            "heartbeats",
            N_("Heartbeats keep the leader"),
            N_("The leader sends heartbeats, each with its term. Whoever hears one follows, and its arc is full again."),
            until=All((Seen(LeaderRecognised, count=4), Elapsed(200_000))),
        ),
        Beat(
            "cut_off",
            N_("The leader is cut off"),
            N_("A partition stands around the leader. It still believes that it leads; the others hear nothing any more."),
            acts=(Act({"type": "partition", "groups": [["@leader"], ["@others"]]}),),
            until=Seen(BecameCandidate),
        ),
        Beat(
            "two_leaders",
            N_("Two leaders, two terms"),
            N_("The four others are a majority and elect a leader in term 2. Two nodes wear a crown, but not in one term."),
            until=Seen(Elected),
            ratio=40,
        ),
        Beat(
            "return",
            N_("The old leader returns"),
            N_("The partition is gone. The old leader sends heartbeats of term 1, and every node in term 2 refuses them."),
            acts=(
                Act({"type": "heal"}),
                Act({"type": "fire_timer", "node": "@old leader", "timer": HEARTBEAT}),
            ),
            until=Seen(AppendRejectedOldTerm),
            ratio=40,
        ),
        Beat(
            "step_down",
            N_("The newer term wins"),
            N_("A message of term 2 tells the old leader that its time is over. It steps down and follows."),
            until=All((Now(one_leader), Elapsed(150_000))),
            ratio=40,
        ),
        Beat(
            "clock",
            N_("Terms are Raft's clock"),
            N_(
                "The leader crashes, and term 3 begins. Older terms are refused, newer ones obeyed, and no term has "
                "two leaders: that is why Raft needs terms."
            ),
            acts=(Act({"type": "crash", "node": "@leader"}),),
            until=Seen(Elected),
        ),
    ),
)  # fmt: skip


@cache
def lessons() -> tuple[Lesson, ...]:
    """All of them."""
    from .memberlesson import CHANGING_MEMBERS  # they use what stands above
    from .readlesson import FRESH_READS

    return (WHY_TERMS, FRESH_READS, CHANGING_MEMBERS)
