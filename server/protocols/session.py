"""Clients with sessions, for every protocol that answers requests (Raft section 8; Ongaro's thesis, section 6.3).

A client asks a node that it takes for the leader, goes where it is sent, and asks another when no answer comes. Each
operation has a serial number, the same however often it is asked for, so that a protocol can apply it once. After a
number of attempts the client gives up, and then does not know whether the operation took effect: even if every node
refused it, the network may have doubled a request, and the copy may find a leader later.

A protocol that wants other operations, or asks elsewhere, overrides `propose`, `target` and `outcome`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..simulation import N_, OK, UNKNOWN, ClientNode, Invoked, Returned, on, on_timer, param, value, volatile
from .indication import Indication
from .keyvalue import Operation
from .view import MessageView

ANSWER = "answer"
THINK = "think"
TIMERS = {
    ANSWER: (N_("answer"), N_("When it runs out, the client asks another node.")),
    THINK: (N_("next operation"), N_("When it runs out, the client begins an operation.")),
}
"""What its timers are called, for `Protocol.timers`."""
KEYS = ("x", "y", "z")
LOOK_ELSEWHERE_AFTER = 50_000
"""How long (µs) a client waits before it asks another node, when the one asked knows no leader."""


@value
class ClientRequest:
    """A client asks a node, which it believes to lead, to carry out an operation (section 8)."""

    text: ClassVar[str] = N_("{src} asks {dst} for its operation {serial}.")
    serial: int
    """The client's own count of its operations, the same when it asks again."""
    operation: Any


@value
class ClientReply:
    """The answer to a client: the result, or that this node does not lead and who might."""

    text: ClassVar[str] = N_("{src} answers {dst}'s operation {serial}.")
    serial: int
    done: bool
    """True: carried out, and `result` is the answer. False: not taken, ask `leader`."""
    result: Any
    leader: str | None
    """Whom this node holds for the leader; None where it knows none."""


CLIENT_VIEWS: dict[type, MessageView] = {
    ClientRequest: MessageView(N_("client request"), "client", "square"),
    ClientReply: MessageView(N_("client reply"), "client", "square", reply="done"),
}
"""How both are drawn, for `View.messages`."""


@value
class LooksElsewhere(Indication):
    text: ClassVar[str] = N_("{host} was told of no leader, and asks {to} for its operation {serial}.")
    cites: ClassVar[str] = "Ongaro 2014 §6.3"
    serial: int
    to: str


@value
class AskedAgain(Indication):
    text: ClassVar[str] = N_("{host} had no answer to its operation {serial} and asks {to}.")
    cites: ClassVar[str] = "Ongaro 2014 §6.3"
    serial: int
    to: str


INDICATIONS: tuple[type[Indication], ...] = (AskedAgain, LooksElsewhere)
"""What a client tells, for `Protocol.indications`."""


class SessionClient(ClientNode):
    """Issues one operation at a time; more wait in its queue."""

    messages = (ClientReply,)
    foreign = (ClientRequest,)

    client_timeout: int = param(
        300_000, 10_000, 10_000_000, "µs", N_("Client timeout"),
        N_("How long a client waits for an answer before it asks another node."),
    )  # fmt: skip
    client_attempts: int = param(
        12, 1, 100, "count", N_("Client attempts"), N_("How often a client asks before it gives up.")
    )  # fmt: skip
    think_time: int = param(
        500_000, 0, 10_000_000, "µs", N_("Time between a client's operations"),
        N_("An idle client begins an operation by itself about so often; 0 leaves all of them to you."),
        words={0: N_("Clients begin nothing by themselves")},
    )  # fmt: skip

    serial: int = volatile(0, N_("serial"), N_("How many operations the client has begun."))
    operation: Any = volatile(None, N_("operation"), N_("What it waits for now."))
    queue: tuple[tuple[Any, str | None], ...] = volatile((), N_("queue"), N_("What it will ask for after that."))
    leader: str | None = volatile(None, N_("leader"), N_("Whom it takes for the leader."))
    asked: str | None = volatile(None, N_("asked"), N_("Whom it asked last."))
    attempts: int = volatile(0, N_("attempts"), N_("How often it has asked for this operation."))

    def start(self) -> None:
        self.think()

    def waiting(self) -> int:
        return len(self.queue) + (self.operation is not None)

    @property
    def operation_id(self) -> str:
        """The operation's name in the run."""
        return f"{self.id}.{self.serial}"

    def think(self) -> None:
        """Has an idle client begin something by itself, if it should."""
        if self.think_time > 0 and self.operation is None:
            self.set_timer(THINK, self.think_time // 2, self.think_time * 3 // 2)

    @on_timer(THINK)
    def on_think(self) -> None:
        """Begins something by itself."""
        self.request(self.propose(self.serial + 1), None)

    # What a protocol may have otherwise

    def propose(self, count: int) -> Any:
        """The operation that it begins by itself as its `count`-th: it puts, reads and compares in turn, over a few keys."""
        key = KEYS[count // 3 % len(KEYS)]
        match count % 3:
            case 1:
                return Operation("put", key, value=count)
            case 2:
                return Operation("get", key)
            case _:
                return Operation("cas", key, value=count, expect=count - 2)

    def target(self, operation: Any) -> str:
        """Whom it asks first."""
        return self.leader or self.peers[0]

    def outcome(self, operation: Any, result: Any) -> str:
        """What an answer means: OK, or FAILED where the operation certainly had no effect."""
        return OK

    # Asking

    def request(self, operation: Any, to: str | None) -> None:
        self.queue = (*self.queue, (operation, to))
        if self.operation is None:
            self.begin_next()

    def begin_next(self) -> None:
        """Takes the next operation from the queue, if any waits."""
        if not self.queue:
            self.think()
            return
        (operation, to), self.queue = self.queue[0], self.queue[1:]
        self.cancel_timer(THINK)
        self.serial += 1
        self.operation = operation
        self.attempts = 0
        target = to or self.target(operation)
        self.indicate(Invoked(self.operation_id, operation, target))
        self.ask(target)

    def ask(self, node: str) -> None:
        """Sends the operation to `node`, or gives up after the last attempt."""
        assert self.operation is not None
        if self.attempts >= self.client_attempts:
            self.finish(UNKNOWN, None)
            return
        self.attempts += 1
        self.asked = node
        self.send(node, ClientRequest(self.serial, self.operation))
        self.set_timer(ANSWER, self.client_timeout)

    def after(self, node: str | None) -> str:
        """The node that it asks after `node`, in turn."""
        if node is None:
            return self.peers[0]
        return self.peers[(self.peers.index(node) + 1) % len(self.peers)]

    @on(ClientReply)
    def on_client_reply(self, m: ClientReply, src: str) -> None:
        """The answer, or whom to ask instead."""
        if self.operation is None or m.serial != self.serial:
            return  # an answer to something that is over
        if m.done:
            self.leader = m.leader or src  # one that does not lead may answer all the same, as with weak reads
            self.finish(self.outcome(self.operation, m.result), m.result)
        elif src == self.asked:
            self.leader = m.leader
            if m.leader is not None and m.leader != src:
                self.ask(m.leader)
            else:
                self.asked = None
                self.set_timer(ANSWER, LOOK_ELSEWHERE_AFTER)
                self.leader = self.after(src)

    @on_timer(ANSWER)
    def on_no_answer(self) -> None:
        """No answer came: the node may be down, cut off, or slow, and may have acted all the same."""
        if self.operation is None:
            return
        answered = self.asked is None  # by a node that knew no leader
        if self.asked is not None:
            self.leader = self.after(self.asked)
        target = self.leader or self.peers[0]
        if self.attempts < self.client_attempts:
            said = LooksElsewhere if answered else AskedAgain
            self.indicate(said(self.serial, target))
        self.ask(target)

    def finish(self, outcome: str, result: object) -> None:
        """Ends the operation and goes on to the next."""
        assert self.operation is not None
        self.indicate(Returned(self.operation_id, self.operation, outcome, result))
        self.operation = None
        self.asked = None
        self.cancel_timer(ANSWER)
        self.begin_next()
