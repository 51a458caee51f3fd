"""The challenge of gossip: to keep news from one node, which many others know."""

from __future__ import annotations

from functools import cache

from ...lessons import HARD, Challenge, Now, Script, told
from ...simulation import N_, Link, Recording, Run
from ...simulation.commands import Drop, Request
from ..keyvalue import Operation
from .indications import Stamped
from .messages import Values
from .scenarios import all_have
from .state import PULL

TWO_SECONDS = 2_000_000
DROPS = 4


def first_write(run: Run) -> tuple[int, str, object] | None:
    """When the first write was taken (µs), its key and its value."""
    return next(((event.time, stamped.key, stamped.value) for event, stamped in told(run, Stamped)), None)


def unknown_for_long(run: Run) -> bool:
    """Two seconds after the write somebody still does not have it."""
    written = first_write(run)
    return written is not None and run.now - written[0] >= TWO_SECONDS and not all_have(run, *written[1:])


def known_to_all(run: Run) -> bool:
    """Everybody has the write."""
    written = first_write(run)
    return written is not None and all_have(run, *written[1:])


def write_ignorant(script: Script) -> None:
    """Whatever carries the news to n5 is lost."""
    script.at(100_000)
    script.give(Request("c1", Operation("put", "x", 1), "n1"))
    while not unknown_for_long(script.run):
        event = script.until_event(lambda _: True)
        for flight in event.sent:
            news = isinstance(flight.body, Values) and any(item.key == "x" for item in flight.body.items)
            if flight.dst == "n5" and news and flight.id in script.run.cluster.flights:
                script.give(Drop(flight.id))


IGNORANT = Challenge(
    name="one_knows_nothing",
    title=N_("One of five knows nothing"),
    text=N_(
        "A write is to be unknown to some node for two seconds. Each node asks another one at random about every 400 ms, "
        "and you may drop four messages."
    ),
    won=N_("Every answer to one node had to be lost. A single one that arrives is enough: gossip needs no certain way."),
    setup=Recording(
        "gossip", nodes=5, clients=1, seed=1, link=Link(low=30_000, high=50_000),
        params={"think_time": 0, "client_timeout": 2_000_000, "gossip_interval": 400_000, "mode": PULL},
    ),
    goal=Now(unknown_for_long),
    allowed={"request": 1, "drop": DROPS},
    span=5_000_000,
    fails=Now(known_to_all),
    failed=N_("All nodes have the write."),
    write=write_ignorant,
    hints=(
        N_("Nodes pull here: a node learns only from the answers to its own questions."),
        N_("Choose one node, and care for no other. Let the write come right after it has asked."),
        N_("Run until a message flies from or to that node, and drop its question, or the answer, each time."),
    ),
    rules=("newer_wins", "tie_by_node", "durable_store", "answer_once"),
    level=HARD,
    ratio=5,
    picture={
        "nodes": 5, "leader": 1, "messages": [[5, 2, 45, "control"], [3, 5, 55, "append"], [1, 4, 50, "append"]],
    },
)  # fmt: skip


@cache
def challenges() -> tuple[Challenge, ...]:
    """All of them, in the order in which they are shown."""
    return (IGNORANT,)
