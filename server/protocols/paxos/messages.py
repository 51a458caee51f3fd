"""The messages of Paxos (Lamport, Paxos Made Simple, 2001, section 2.2 and 2.3), and what clients ask for.

Phase 1 is a *prepare* request and its answer, a *promise*; phase 2 an *accept* request and, to the learners, word that a
proposal was *accepted*. The paper's "number" of a proposal is called ballot here, as in The Part-Time Parliament (1998):
its round and the node that made it, "1.n2", so that no two nodes ever make the same one (`ballots`). Ballot "0" stands for
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...simulation import N_, Refused, value

VALUE_MAX = 16
"""How many characters a proposed value has at the most: it is printed inside of nodes and messages."""

Value = str | int
"""What may be chosen."""


@value
class Proposal:
    """A value with the ballot in which it was proposed."""

    ballot: str
    value: Value


@value
class Propose:
    """What a client asks for: that its value be chosen. It is told the value that was, its own or another's."""

    value: Value
    name: str = "propose"


@value
class Prepare:
    """Phase 1a: asks an acceptor to promise, and to say what it has accepted."""

    text: ClassVar[str] = N_("{src} asks {dst} to prepare ballot {ballot}.")
    ballot: str


@value
class Promise:
    """Phase 1b: the acceptor will accept nothing below this ballot; and what it has accepted last."""

    text: ClassVar[str] = N_("{src} promises {dst} to accept nothing below ballot {ballot}.")
    ballot: str
    accepted_ballot: str
    """The ballot of the highest-numbered proposal that it has accepted; 0: none."""
    accepted_value: Value | None
    """The value of that proposal; None where there is none."""


@value
class Accept:
    """Phase 2a: asks an acceptor to accept a proposal."""

    text: ClassVar[str] = N_("{src} asks {dst} to accept {value} in ballot {ballot}.")
    ballot: str
    value: Value


@value
class Accepted:
    """Phase 2b: tells a learner which proposal an acceptor has accepted."""

    text: ClassVar[str] = N_("{src} tells {dst} that it has accepted {value} in ballot {ballot}.")
    ballot: str
    value: Value


@value
class Nack:
    """A prepare or accept request is refused: the paper's optimisation, so that a proposer gives up early (section 2.2)."""

    text: ClassVar[str] = N_("{src} refuses {dst}'s ballot {ballot}: it has promised ballot {promised}.")
    ballot: str
    """The ballot that is refused."""
    promised: str
    """The higher ballot which the acceptor has promised."""


@value
class Inquire:
    """Asks what was accepted or chosen: messages to a learner may have been lost (section 2.3)."""

    text: ClassVar[str] = N_("{src} asks {dst} what was accepted or chosen.")


@value
class Decided:
    """One that knows tells the value that was chosen (section 2.3)."""

    text: ClassVar[str] = N_("{src} tells {dst} that {value} is chosen.")
    value: Value


def parse_operation(data: Mapping[str, Any]) -> Propose:
    """Makes an operation of plain data: `{"name": "propose", "value": a text or a number}`. Raises Refused."""
    if data.get("name") != "propose":
        raise Refused("unknown_operation", N_("There is no operation {name}."), name=str(data.get("name"))[:VALUE_MAX])
    for field in data:
        if field not in ("name", "value") and data[field] is not None:
            raise Refused("bad_operation", N_("{name} takes no {field}."), name="propose", field=str(field)[:VALUE_MAX])
    given = data.get("value")
    if given is None:
        raise Refused("bad_value", N_("{name} needs a value."), name="propose")
    short = isinstance(given, str) and 0 < len(given) <= VALUE_MAX
    if not (short or (type(given) is int and abs(given) < 2**53)):
        raise Refused("bad_value", N_("A value to be chosen is a number, or 1 to {most} characters."), most=VALUE_MAX)
    return Propose(given)
