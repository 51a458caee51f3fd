"""Two small protocols whose pictures have what Raft's has not: for tests of the page.

`tiny` commits transactions: n1 asks all, each says yes or no, n1 tells what was decided. Its view has a table with words and
tones, a log with gaps and no terms, a matrix, a ring of successors, ballots such as "2.n1", a choice among its tunables, a
property with an assumption and one that is not promised. `bare` is the same program without any view, and its clients ask
for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from server.properties import Property
from server.properties.property import ALWAYS
from server.protocols.descriptor import Protocol
from server.protocols.forms import Offer
from server.protocols.indication import Indication
from server.protocols.view import Fields, Matrix, MessageView, NodeView, RoleView, Strip, Table, View
from server.simulation import (
    OK,
    ClientNode,
    Invoked,
    Log,
    Node,
    Program,
    Refused,
    Returned,
    choice,
    durable,
    on,
    on_timer,
    param,
    value,
    volatile,
)

BEAT = "beat"
NOTHING: dict[str, Any] = {}


@value
class Ask:
    text: ClassVar[str] = "{src} asks {dst} about {name}."
    ballot: tuple[int, str]
    name: str


@value
class Say:
    text: ClassVar[str] = "{src} answers {dst} about {name}."
    name: str
    yes: bool


@value
class Tell:
    text: ClassVar[str] = "{src} tells {dst} the decision on {name}."
    name: str
    place: int
    commit: bool


@value
class Order:
    text: ClassVar[str] = "{src} asks {dst} for a transaction."
    number: int


@value
class Done:
    text: ClassVar[str] = "{src} has taken {dst}'s order."
    number: int


@value
class Kept:
    """What a node knows of a transaction."""

    phase: str
    by: str


@value
class Line:
    """A line of the log; `name` None where nothing is known of the place yet."""

    name: str | None
    done: bool
    open: bool


@value
class Decided(Indication):
    text: ClassVar[str] = "{host} decides on {name}."
    cites: ClassVar[str] = "The tiny paper"
    mark: ClassVar[str | None] = "commit"
    name: str


class Tiny(Node):
    messages = (Ask, Say, Tell, Order)
    foreign = (Done,)

    period: int = param(90_000, 1_000, 1_000_000, "µs", "Period", "Time between transactions.")
    order: str = choice("up", {"up": "upwards", "down": "downwards"}, "Order", "Which way the ring goes.")

    kept: dict[str, Kept] = durable(NOTHING, "kept", "What is known of each transaction.")
    lines: Log[Line] = durable(Log(), "lines", "The decisions in their order.")
    ballot: tuple[int, str] = durable((0, "n1"), "ballot", "The last attempt.")
    heard: dict[str, int] = volatile(NOTHING, "heard", "How many answers came from each.")
    said: tuple[str, ...] = volatile((), "said yes", "Who said yes.")
    role: str = volatile("member", "role", "What it is.")
    next: str | None = volatile(None, "next", "Its neighbour.")

    def start(self) -> None:
        everybody = sorted((self.id, *self.peers))
        step = 1 if self.order == "up" else -1
        self.next = everybody[(everybody.index(self.id) + step) % len(everybody)]
        self.role = "chair" if self.id == "n1" else "member"
        if self.role == "chair":
            self.set_timer(BEAT, self.period)

    @on_timer(BEAT)
    def on_beat(self) -> None:
        self.set_timer(BEAT, self.period)
        number = self.ballot[0] + 1
        self.ballot = (number, self.id)
        self.said = (self.id,)
        self.kept = {**self.kept, f"t{number}": Kept("working", self.id)}
        self.broadcast(Ask(self.ballot, f"t{number}"))
        if not self.peers:
            self._decide(f"t{number}", True)

    @on(Order)
    def on_order(self, m: Order, src: str) -> None:
        self.send(src, Done(m.number))

    @on(Ask)
    def on_ask(self, m: Ask, src: str) -> None:
        self.ballot = m.ballot
        yes = self.draw("yes", m.ballot[0], 1, 12) > 1
        self.kept = {**self.kept, m.name: Kept("prepared" if yes else "aborted", src)}
        self.send(src, Say(m.name, yes))

    @on(Say)
    def on_say(self, m: Say, src: str) -> None:
        self.heard = {**self.heard, src: self.heard.get(src, 0) + 1}
        if self.kept[m.name].phase != "working":
            return
        if not m.yes:
            self._decide(m.name, False)
        elif m.name == f"t{self.ballot[0]}" and src not in self.said:
            self.said = (*self.said, src)
            if len(self.said) == len(self.peers) + 1:
                self._decide(m.name, True)

    def _decide(self, name: str, commit: bool) -> None:
        place = int(name[1:]) - 1
        self._write(name, place, commit)
        self.indicate(Decided(name))
        self.broadcast(Tell(name, place, commit))

    @on(Tell)
    def on_tell(self, m: Tell, src: str) -> None:
        self._write(m.name, m.place, m.commit)

    def _write(self, name: str, place: int, commit: bool) -> None:
        self.kept = {**self.kept, name: Kept("committed" if commit else "aborted", self.id)}
        lines = list(self.lines.items[: self.lines.length])
        lines += [Line(None, done=False, open=True)] * (place + 1 - len(lines))
        lines[place] = Line(name, done=commit, open=False)
        self.lines = Log(lines)


class TinyClient(ClientNode):
    messages = (Done,)
    foreign = (Order,)

    asked: int = volatile(0, "asked", "How many orders it has given.")

    def request(self, operation: Any, to: str | None) -> None:
        self.asked += 1
        self.indicate(Invoked(f"{self.id}.{self.asked}", operation, to or "n1"))
        self.send(to or "n1", Order(self.asked))

    def waiting(self) -> int:
        return 0

    @on(Done)
    def on_done(self, m: Done, src: str) -> None:
        self.indicate(Returned(f"{self.id}.{m.number}", None, OK, True))


@value
class Transfer:
    name: str
    from_account: str
    amount: int


def parse_operation(data: Mapping[str, Any]) -> Transfer:
    """Takes `transfer` with two arguments. Raises Refused."""
    if data.get("name") != "transfer" or set(data) != {"name", "from_account", "amount"}:
        raise Refused("unknown_operation", "There is no operation {name}.", name=str(data.get("name")))
    if type(data["amount"]) is not int:
        raise Refused("bad_value", "An amount is a number.")
    return Transfer("transfer", str(data["from_account"]), data["amount"])


class Agreement(Property):
    kind = ALWAYS
    name, title, text, cites = "agreement", "Agreement", "No two nodes decide differently.", "The tiny paper"
    assumes = "No message is lost."


class Haste(Property):
    kind = ALWAYS
    name, title, text, cites = "haste", "Haste", "Everything is decided within a moment.", ""

    @classmethod
    def disclaimed(cls, params: Mapping[str, Any]) -> str | None:
        return "Downwards it takes longer." if params["order"] == "down" else None


VIEW = View(
    layout="columns",
    node=NodeView(
        fill="ballot", role="role",
        roles={"chair": RoleView("chair", "C", "double", "crown"), "member": RoleView("member", "M")},
        quorum="said", quorum_role="chair", quorum_of="all", successor="next", chips=("next", "ballot"),
    ),
    messages={
        Ask: MessageView("Ask", "vote", "diamond", fill="ballot"),
        Say: MessageView("Say", "vote", "diamond", reply="yes"),
        Tell: MessageView("Tell", "append", "circle"),
        Order: MessageView("Order", "client", "square"),
        Done: MessageView("Done", "client", "square"),
    },
    panels=(
        Table(
            "kept", "Transactions", label="phase", note="by",
            words={"working": "working", "prepared": "prepared", "committed": "committed", "aborted": "aborted"},
            tones={"working": "wait", "prepared": "wait", "committed": "good", "aborted": "bad"},
        ),
        Strip("lines", "name", settled="done", gap="open", title="Decisions"),
        Matrix("heard", "Answers"),
        Fields(),
    ),
)  # fmt: skip


class Bare(Tiny):
    """The same under another name."""


def _protocol(name: str, node: type[Node], **more: Any) -> Protocol:
    return Protocol(
        program=Program(name, node, TinyClient, parse_operation),
        title=name.capitalize(), summary="A protocol for tests.", cites="The tiny paper",
        properties=(Agreement, Haste), indications=(Decided,), timers={BEAT: ("beat", "When it runs out, n1 asks.")},
        family="commit", **more,
    )  # fmt: skip


TINY = _protocol(
    "tiny", Tiny, operations={"transfer": Offer("Transfer", "Move money.", ("from_account", "amount"))}, view=VIEW,
    picture={"nodes": 4, "leader": 1, "down": [3], "messages": [[1, 2, 50, "vote"], [4, 1, 40, "client"]]},
)  # fmt: skip
BARE = _protocol("bare", Bare, operations={})
