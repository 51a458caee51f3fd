"""A protocol for tests of the world: nodes that call each other when a timer runs out, and answer each call.

Nothing happens in it that a test does not begin: the timer of a node is a minute long, and is fired by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.simulation import (
    OK,
    ClientNode,
    Invoked,
    Link,
    Node,
    Program,
    Recording,
    Refused,
    Returned,
    Run,
    durable,
    on,
    on_timer,
    param,
    rule,
    value,
    volatile,
)
from server.simulation.commands import FireTimer

BEAT = "beat"
LATE = "late"
MINUTE = 60_000_000
DELAY = 10_000


@value
class Call:
    number: int


@value
class Answer:
    number: int


@value
class Heard:
    """Indicated for each message that arrived."""

    src: str
    number: int


class Echo(Node):
    messages = (Call, Answer)

    period: int = param(MINUTE, 1_000, MINUTE, "µs", "Period", "Time between calls.")
    answering: bool = rule("Answer", "A call is answered.", cites="")
    keeping: bool = rule("Keep", "The number of calls is on disk.", cites="")

    calls: int = durable(0, "calls", "How often it has called.", unless="keeping")
    disk: tuple[str, ...] = durable((), "disk", "Who has called it.")
    heard: tuple[tuple[str, str, int], ...] = volatile((), "heard", "What it has heard: from whom, what, the number.")
    clock: int = volatile(0, "clock", "Its own clock when it last did something.")

    def start(self) -> None:
        self.clock = self.now
        self.set_timer(BEAT, self.period)

    @on_timer(BEAT)
    def on_beat(self) -> None:
        self.clock = self.now
        self.calls += 1
        self.set_timer(BEAT, self.period)
        self.set_timer(LATE, 2 * self.period)
        self.broadcast(Call(self.calls))

    @on_timer(LATE)
    def on_late(self) -> None:
        self.clock = self.now

    @on(Call)
    def on_call(self, m: Call, src: str) -> None:
        self.clock = self.now
        self.heard = (*self.heard, (src, "Call", m.number))
        self.disk = (*self.disk, src)
        self.indicate(Heard(src, m.number))
        if self.answering:
            self.send(src, Answer(m.number))

    @on(Answer)
    def on_answer(self, m: Answer, src: str) -> None:
        self.clock = self.now
        self.heard = (*self.heard, (src, "Answer", m.number))
        self.indicate(Heard(src, m.number))


class EchoClient(ClientNode):
    messages = (Answer,)
    foreign = (Call,)

    asked: int = volatile(0, "asked", "How many calls it has made.")
    open: tuple[int, ...] = volatile((), "open", "Those not answered yet.")

    def request(self, operation: Any, to: str | None) -> None:
        self.asked += 1
        self.open = (*self.open, self.asked)
        self.indicate(Invoked(f"{self.id}.{self.asked}", operation, to or self.peers[0]))
        self.send(to or self.peers[0], Call(self.asked))

    def waiting(self) -> int:
        return len(self.open)

    @on(Answer)
    def on_answer(self, m: Answer, src: str) -> None:
        self.open = tuple(number for number in self.open if number != m.number)
        self.indicate(Returned(f"{self.id}.{m.number}", None, OK, m.number))


@value
class Operation:
    name: str


def parse_operation(data: Mapping[str, Any]) -> Operation:
    if set(data) != {"name"} or data["name"] != "call":
        raise Refused("unknown_operation", "There is no operation {name}.", name=str(data.get("name")))
    return Operation("call")


PROGRAM = Program("echo", Echo, EchoClient, parse_operation)
FIXED = Link(low=DELAY, high=DELAY)
"""Every message takes exactly ten milliseconds, so many events fall on one instant."""


def programs(name: str) -> Program:
    """The register of protocols that a recording is read with."""
    if name != PROGRAM.name:
        raise Refused("unknown_protocol", "There is no protocol {name}.", name=name)
    return PROGRAM


def echo(nodes: int = 3, clients: int = 1, link: Link = FIXED, seed: int = 1, **more: Any) -> Run:
    """A run that has started: all hosts are up at time 0, and nothing is under way."""
    run = Run(Recording("echo", nodes, clients, link=link, seed=seed, params=more), PROGRAM)
    run.advance(0)
    assert run.head == nodes + clients
    return run


def call(run: Run, node: str = "n1") -> None:
    """The node calls all others, now."""
    run.act(FireTimer(node, BEAT))
    run.step(run.now)


def state(run: Run, host: str) -> dict[str, Any]:
    """The fields of a host now."""
    return dict(run.cluster.hosts[host].node.__dict__)


def heard(run: Run, host: str) -> list[tuple[str, str, int]]:
    """What a node has heard."""
    return list(state(run, host)["heard"])


def flying(run: Run, src: str, dst: str) -> list[int]:
    """The ids of the messages on a link."""
    return [f.id for f in run.cluster.flights.values() if (f.src, f.dst) == (src, dst)]
