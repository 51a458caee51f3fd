"""What a client asks for about the members of the cluster, and how such a change stands in the log (thesis chapter 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ...simulation import N_, UNKNOWN, Refused, value
from ..forms import Argument, Never, Offer
from ..session import SessionClient
from .configuration import ADD_LEARNER, ADD_VOTER, REMOVE, Change, Configuration, ordered

MEMBERS_MAX = 9
FIXED: Never = {"membership": ("fixed",)}
WHY_FIXED = N_("The members of this room stay as they are: open a room in which they change.")
CHANGES = {
    "add_server": Offer(
        N_("Add a voter"), N_("Add a server that votes. A learner becomes a voter."), ("server",), FIXED, WHY_FIXED
    ),
    "add_learner": Offer(
        N_("Add a learner, or demote a voter"),
        N_("Add a server that stores entries and does not vote. A server that votes loses its vote and stays as a learner: "
           "the dissertation has learners for new servers alone (section 4.2.1), etcd's AddLearnerNode demotes too."),
        ("server",), FIXED, WHY_FIXED,
    ),
    "remove_server": Offer(
        N_("Remove a server"), N_("Remove a server, voter or learner."),
        ("server",), FIXED, WHY_FIXED,
    ),
    "change_members": Offer(
        N_("Set all voters"),
        N_("Make these the voters, all at once; the others leave. Where servers change one at a time, only one may "
           "differ."),
        ("members",), FIXED, WHY_FIXED,
    ),
}  # fmt: skip
"""What a client may ask for about members, for `Protocol.operations`."""
CHANGE_ARGUMENTS = {"server": Argument(N_("Server"), "node"), "members": Argument(N_("Voters"), "nodes")}
KINDS = {"add_server": ADD_VOTER, "add_learner": ADD_LEARNER, "remove_server": REMOVE}


@value
class ChangeRequest:
    """A client wants other members."""

    value: ClassVar[None] = None
    name: str
    server: str | None = None
    """Whom it is about; None where `members` says it all."""
    members: str | None = None
    """The voters that there are to be, with commas or blanks between them."""

    def changes(self, now: Configuration) -> tuple[Change, ...]:
        """What it changes of the configuration `now`."""
        if self.server is not None:
            return (Change(KINDS[self.name], self.server),)
        wanted = ordered(names_in(self.members or ""))
        gone = tuple(Change(REMOVE, node) for node in now.voters if node not in wanted)
        return (*(Change(ADD_VOTER, node) for node in wanted if node not in now.voters), *gone)


@value
class Members:
    """A configuration as a log entry's command; in force from the moment it is in the log (section 6)."""

    value: ClassVar[None] = None
    name: str
    """How it is written in the log: the voters, in a joint configuration those of both halves, learners in brackets."""
    configuration: Configuration
    client: str | None
    """Who asked for it; None for a leader by itself."""
    serial: int


def members_entry(configuration: Configuration, client: str | None = None, serial: int = 0) -> Members:
    """The command for a configuration."""
    return Members(brief(configuration), configuration, client, serial)


def brief(configuration: Configuration) -> str:
    """A configuration in few characters: "1 2 3", joint "1 2|2 3", learners in brackets."""
    halves = "|".join(" ".join(_numbers(group)) for group in reversed(configuration.groups))
    learners = _numbers((*configuration.learners, *configuration.learners_next))
    return f"{{{halves}}}" + (f"[{' '.join(learners)}]" if learners else "")


def _numbers(nodes: tuple[str, ...]) -> list[str]:
    return [node.removeprefix("n") for node in nodes]


def names_in(text: str) -> list[str]:
    """The names in a text, with commas or blanks between them."""
    return [name for name in re.split(r"[\s,+]+", text) if name]


def parse_change(data: Mapping[str, Any]) -> ChangeRequest:
    """Makes a change of plain data. Raises Refused."""
    name = str(data.get("name"))
    (wanted,) = CHANGES[name].args
    given = data.get(wanted)
    if type(given) is int:
        given = f"n{given}"
    for field in data:
        if field not in ("name", wanted) and data[field] is not None:
            raise Refused("bad_operation", N_("{name} takes no {field}."), name=name, field=str(field)[:16])
    names = names_in(given) if isinstance(given, str) and len(given) <= 64 else []
    if not 1 <= len(names) <= (1 if wanted == "server" else MEMBERS_MAX):
        raise Refused("bad_members", N_("{name} needs the names of nodes, such as n3."), name=name)
    for node in names:
        if not re.fullmatch(r"n[1-9][0-9]?", node):
            raise Refused("bad_members", N_("{name} needs the names of nodes, such as n3."), name=name)
    if wanted == "server":
        return ChangeRequest(name, server=names[0])
    return ChangeRequest(name, members=" ".join(ordered(names)))


class ChangingClient(SessionClient):
    """Asks as all clients of a log do, and for other members where that is wished."""

    def outcome(self, operation: Any, result: Any) -> str:
        """That a change is refused now is no promise: a copy of the request may come later, to a leader that takes it."""
        if type(operation) is ChangeRequest and result is False:
            return UNKNOWN
        return super().outcome(operation, result)

    def propose(self, count: int) -> Any:
        every = self.settings.membership_churn
        if not every or count % every or self.settings.membership == "fixed":
            return super().propose(count)
        turn, last = count // every, len(self.peers) - 1
        server = self.peers[self.draw("server", turn // 2, 0, last)]
        kind = self.draw("change", turn // 2, 0, 5)
        if turn % 2:
            return ChangeRequest("add_server", server)  # which was taken out the time before
        if kind == 0:
            low, high = sorted(self.draw(end, turn, 0, last) for end in ("from", "to"))
            return ChangeRequest("change_members", None, " ".join(self.peers[low : high + 1]))
        return ChangeRequest("add_learner" if kind == 1 else "remove_server", server)
