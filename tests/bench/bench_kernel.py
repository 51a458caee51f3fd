"""The kernel alone: schedule and deliver, nothing recorded, no protocol.

The agenda hands out what is due, and its owner schedules the next. Held against a loop that pops and pushes bare tuples, and
against simpy's cheapest process form. All three have as many things pending and the same delays, in turn.

For orientation the whole cluster too: two programs that throw a message to and fro over links with addressed delays, events
without a history. It does what neither floor does (links, losses, clocks, causes), so it has no aim.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from random import Random
from typing import Any

from server.simulation import ClientNode, Cluster, Node, Program, on, value
from server.simulation.agenda import Agenda

from . import floor_queue, floor_simpy
from .measure import ROUNDS, Row, cpu_seconds, interleaved, median_ratio

NAME = "kernel"
EVENTS = 300_000
PENDING = 100
"""About what a busy room has: nine nodes, their timers, and the messages between them."""


def agenda(events: int, pending: int, delays: list[int]) -> int:
    """The same as the floors, with the agenda."""
    agenda, count, owner = Agenda(), len(delays), object()
    push, pop = agenda.push, agenda.pop
    for order in range(pending):
        push(delays[order % count], owner)
    due = 0
    for order in range(pending, pending + events):
        due, _, subject, _ = pop()
        push(due + delays[order % count], subject)
    return due


@value
class Ball:
    """What is thrown."""

    bounces: int


class Player(Node):
    """Throws the ball back."""

    messages = (Ball,)

    def start(self) -> None:
        if self.id == "n1":
            self.broadcast(Ball(0))

    @on(Ball)
    def on_ball(self, m: Ball, src: str) -> None:
        self.send(src, Ball(m.bounces + 1))


class Nobody(ClientNode):
    """No client takes part."""

    def request(self, operation: Any, to: str | None) -> None:
        """There are none."""

    def waiting(self) -> int:
        return 0


def cluster(events: int) -> int:
    """As many deliveries in a whole cluster."""
    world = Cluster(Program("ball", Player, Nobody, lambda data: data), nodes=9, clients=0, keep=False)
    step = world.step
    for _ in range(events):
        step()
    return world.time


def rows(*, tiny: bool = False) -> Iterator[Row]:
    """Measures, and yields a row each."""
    events = 2_000 if tiny else EVENTS
    draw = Random(1)
    delays = [draw.randint(15_000, 30_000) for _ in range(997)]

    def per_second(work: Any, *args: Any, count: int = events) -> float:
        return count / cpu_seconds(lambda: work(*args))[0]

    ours, bare, simpy, whole = interleaved(
        [
            lambda: per_second(agenda, events, PENDING, delays),
            lambda: per_second(floor_queue.run, events, PENDING, delays),
            lambda: per_second(floor_simpy.run, events, PENDING, delays),
            lambda: per_second(cluster, events // 4, count=events // 4),
        ],
        1 if tiny else ROUNDS,
    )
    told = f"{statistics.median(ours):,.0f} things a CPU second"
    yield Row(NAME, "share of a loop over bare tuples", median_ratio(ours, bare), "", 0.40, least=True,
              beside=f"{told}, the loop {statistics.median(bare):,.0f}")  # fmt: skip
    yield Row(NAME, "times simpy's cheapest process", median_ratio(ours, simpy), "x", 1.5, least=True,
              beside=f"{told}, simpy {statistics.median(simpy):,.0f}")  # fmt: skip
    yield Row(NAME, "whole cluster, messages delivered per CPU second", statistics.median(whole), "/s",
              beside=f"{median_ratio(whole, simpy):.2f} x simpy's bare timeouts")  # fmt: skip
