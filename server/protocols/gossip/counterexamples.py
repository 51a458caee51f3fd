"""What a rule was for, and what clocks can do: scenarios in which a property breaks, with its twin beside it."""

from __future__ import annotations

from ...lessons import Scenario, Script, told
from ...simulation import N_, Recording, Run
from ...simulation.commands import Crash, Restart, SetClock
from .indications import CertificateDropped, CertificateTaken, Forgotten, Learned, WriteLost
from .scenarios import INTERVAL, QUIET, all_have, answers, ask, until_all_have

FAST = 10_000_000
"""How far the wrong clock is ahead, µs."""


# A deleted key comes back


def write_deletion(script: Script) -> None:
    script.at(100_000)
    ask(script, "c1", "put", "x", 1, to="n1")
    until_all_have(script, "x", 1)
    script.wait(80_000)
    ask(script, "c1", "delete", "x", to="n1")


def deleted_came_back(run: Run) -> bool:
    """It was deleted, and all nodes have it again."""
    return all_have(run, "x", 1) and any(True for _ in told(run, Forgotten))


def stayed_deleted(run: Run) -> bool:
    """Every other node took the death certificate, and nobody has a value."""
    taken = {event.host for event, _ in told(run, CertificateTaken)}
    return len(taken) == len(run.cluster.nodes) - 1 and all_have(run, "x", None)


# A death certificate that did not live long enough


def write_expired(script: Script) -> None:
    write_away(script)
    script.until(CertificateDropped, count=4)
    script.wait(60_000)
    script.give(Restart("n5"))


def write_away(script: Script) -> None:
    """n5 is down with the value on its disk while the key is deleted, and all others hear of that."""
    script.at(100_000)
    ask(script, "c1", "put", "x", 1, to="n1")
    until_all_have(script, "x", 1)
    script.wait(50_000)
    script.give(Crash("n5"))
    ask(script, "c1", "delete", "x", to="n1")


def came_back_from_the_dead(run: Run) -> bool:
    """All four had the death certificate and dropped it; then n5 brought the value back to all."""
    dropped = [event.seq for event, _ in told(run, CertificateDropped)]
    learned = [event.seq for event, t in told(run, Learned) if t.value == 1]
    return len(dropped) >= 4 and bool(learned) and learned[-1] > dropped[3] and all_have(run, "x", 1)


# A clock that is ahead


def write_fast_clock(script: Script) -> None:
    script.at(60_000)
    script.give(SetClock("n1", offset=FAST))
    ask(script, "c1", "put", "x", "fast", to="n1")
    until_all_have(script, "x", "fast")
    script.give(SetClock("n1", offset=0))
    script.wait(INTERVAL)
    ask(script, "c2", "put", "x", "true", to="n3")
    ask(script, "c2", "get", "x", to="n3")


def fast_clock_won(run: Run) -> bool:
    """The later write was answered with success, lost at once, and the client read the older one."""
    lost = [w.value for _, w in told(run, WriteLost)]
    return lost == ["true"] and answers(run, "c2") == [True, "fast"] and all_have(run, "x", "fast")


def later_write_won(run: Run) -> bool:
    """No write was lost, and all have the later one."""
    return answers(run, "c2") == [True, "true"] and all_have(run, "x", "true") and not any(told(run, WriteLost))


# A counter without an order


def write_lost_count(script: Script) -> None:
    """Two visits, at two nodes, at about the same time: each client reads the counter and writes one more."""
    script.at(100_000)
    ask(script, "c1", "put", "visits", 0, to="n1")
    until_all_have(script, "visits", 0)
    ask(script, "c1", "get", "visits", to="n1")
    ask(script, "c2", "get", "visits", to="n4")
    ask(script, "c1", "put", "visits", 1, to="n1")
    ask(script, "c2", "put", "visits", 1, to="n4")


def visit_was_lost(run: Run) -> bool:
    """Both read 0 and were answered when they wrote 1, and the counter says 1."""
    return answers(run, "c1") == [True, 0, True] and answers(run, "c2") == [0, True] and all_have(run, "visits", 1)


DELETED_COMES_BACK = Scenario(
    name="gossip_deleted_comes_back",
    title=N_("A deleted key comes back"),
    text=N_("A node deletes a key and keeps nothing of it. To the others it looks like one that was never told."),
    outcome=N_("They tell it, kindly: the value is back at the node that had deleted it."),
    setup=Recording("gossip", nodes=5, params=QUIET, rules={"death_certificates": False}, seed=2),
    write=write_deletion,
    judge=deleted_came_back,
    until=1_200_000,
    ratio=20,
    breaks=("no_return",),
    picture={
        "nodes": 5, "terms": [2, 1, 1, 1, 1], "messages": [[1, 3, 40, "control"], [3, 1, 60, "append"]],
    },
)  # fmt: skip

DELETED_STAYS = Scenario(
    name="gossip_death_certificate",
    title=N_("A death certificate spreads"),
    text=N_("The same deletion. The node keeps the key with no value and the stamp of the deletion, and that spreads."),
    outcome=N_("The certificate has the later stamp, so it wins at every node, and nobody brings the value back."),
    setup=Recording("gossip", nodes=5, params=QUIET, seed=2),
    write=write_deletion,
    judge=stayed_deleted,
    until=1_200_000,
    ratio=20,
    picture={
        "nodes": 5, "terms": [2, 2, 1, 2, 1], "messages": [[1, 3, 40, "append"], [4, 5, 60, "append"]],
    },
)  # fmt: skip

EXPIRED = Scenario(
    name="gossip_expired_certificate",
    title=N_("Back from the dead"),
    text=N_("Death certificates are thrown away after a while. One node is down for longer, with the old value on its disk."),
    outcome=N_("It restarts and has not heard of the deletion. Nobody knows of it by now, so the value comes back to all."),
    setup=Recording("gossip", nodes=5, params={**QUIET, "certificate_life": 700_000}, seed=6),
    write=write_expired,
    judge=came_back_from_the_dead,
    until=2_600_000,
    ratio=15,
    breaks=("no_return",),
    picture={
        "nodes": 5, "terms": [1, 1, 1, 1, 2], "messages": [[5, 1, 45, "append"], [5, 3, 60, "append"]],
    },
)  # fmt: skip

FAST_CLOCK = Scenario(
    name="gossip_fast_clock",
    title=N_("A fast clock wins for ever"),
    text=N_("One clock was ten seconds ahead when a value was stamped. It is right again, and another client writes."),
    outcome=N_("The later write is answered with success and is lost at once: its true stamp is earlier than the wrong one."),
    setup=Recording("gossip", nodes=4, clients=2, params=QUIET, seed=7),
    write=write_fast_clock,
    judge=fast_clock_won,
    until=1_200_000,
    ratio=20,
    breaks=("later_write_wins",),
    picture={
        "nodes": 4, "terms": [1, 1, 1, 1], "messages": [[1, 3, 45, "append"], [2, 4, 60, "control"]],
    },
)  # fmt: skip

HYBRID_CLOCK = Scenario(
    name="gossip_hybrid_clock",
    title=N_("A clock that heeds what it has seen"),
    text=N_("The same schedule. A node never gives a stamp that is earlier than one that it has seen."),
    outcome=N_("The later write gets the later stamp although the clock says otherwise, and wins at all nodes."),
    setup=Recording("gossip", nodes=4, clients=2, params={**QUIET, "stamps": "hybrid"}, seed=7),
    write=write_fast_clock,
    judge=later_write_won,
    until=1_200_000,
    ratio=20,
    picture={
        "nodes": 4, "terms": [1, 1, 2, 1], "messages": [[3, 1, 45, "append"], [3, 4, 60, "append"]],
    },
)  # fmt: skip

LOST_COUNT = Scenario(
    name="gossip_lost_count",
    title=N_("A counter that forgets a visit"),
    text=N_("Two clients count a visit each, at two nodes: both read 0 and write 1."),
    outcome=N_("Two visits, and all nodes say 1. Counting needs an order of operations, which gossip does not have."),
    setup=Recording("gossip", nodes=5, clients=2, params=QUIET, seed=9),
    write=write_lost_count,
    judge=visit_was_lost,
    until=1_200_000,
    ratio=20,
    picture={
        "nodes": 5, "terms": [1, 2, 2, 1, 2], "messages": [[1, 2, 45, "append"], [4, 3, 55, "append"]],
    },
)  # fmt: skip

COUNTEREXAMPLES = (DELETED_COMES_BACK, DELETED_STAYS, EXPIRED, FAST_CLOCK, HYBRID_CLOCK, LOST_COUNT)
