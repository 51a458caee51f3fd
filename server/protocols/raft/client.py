"""A client of a Raft cluster (section 8 of the paper).

It asks a node that it takes for the leader, goes where it is sent, and asks another when no answer comes. Each operation
has a serial number, the same however often it is asked for, so it is applied once. After a number of attempts it gives
up, and then does not know whether the operation took effect: even if every node refused it, the network may have doubled
a request, and the copy may find a leader later.
"""

from __future__ import annotations

from ...simulation import N_, OK, UNKNOWN, ClientNode, Invoked, Returned, on, on_timer, param, volatile
from ..keyvalue import Operation
from . import indications as tell
from .messages import ClientReply, ClientRequest

ANSWER = "answer"
THINK = "think"
KEYS = ("x", "y", "z")
LOOK_ELSEWHERE_AFTER = 50_000
"""How long (µs) a client waits before it asks another node, when the one asked knows no leader."""


class RaftClient(ClientNode):
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
    )  # fmt: skip

    serial: int = volatile(0, N_("serial"), N_("How many operations the client has begun."))
    operation: Operation | None = volatile(None, N_("operation"), N_("What it waits for now."))
    queue: tuple[tuple[Operation, str | None], ...] = volatile((), N_("queue"), N_("What it will ask for after that."))
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
        """Puts, reads and compares in turn, over a few keys."""
        count = self.serial + 1
        key = KEYS[count // 3 % len(KEYS)]
        match count % 3:
            case 1:
                operation = Operation("put", key, value=count)
            case 2:
                operation = Operation("get", key)
            case _:
                operation = Operation("cas", key, value=count, expect=count - 2)
        self.request(operation, None)

    def request(self, operation: Operation, to: str | None) -> None:
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
        target = to or self.leader or self.peers[0]
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
            self.leader = src
            self.finish(OK, m.result)
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
            said = tell.LooksElsewhere if answered else tell.AskedAgain
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
