"""The other side of a ratio: hypothesis' stateful testing of the same Raft, with the same properties watched.

Its rules are the steps of the systematic search: a message arrives, a timer runs out, a node crashes or restarts. Each is
one event of the real cluster, played by hand.
"""

from __future__ import annotations

import time

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from server.exploration.fuzz import monitor_of
from server.protocols import protocol
from server.simulation import Link, Recording, Refused
from server.simulation.commands import Command, Crash, DeliverNow, FireTimer, Restart

NODES = 5
STEPS = 50
"""Steps of one of its runs, which is its default."""
SLOW = Link(low=60_000_000, high=60_000_000)


class RaftMachine(RuleBasedStateMachine):
    """A cluster on which nothing arrives and no timer runs out unless it is chosen."""

    taken = 0
    """Steps of all machines together."""

    def __init__(self) -> None:
        super().__init__()
        self.run = protocol("raft").run(Recording("raft", nodes=NODES, clients=2, link=SLOW), keep=False)
        self.run.advance(0)
        self.monitor = monitor_of(self.run)

    def give(self, command: Command) -> None:
        RaftMachine.taken += 1
        try:
            self.run.act(command)
        except Refused:
            return
        if isinstance(command, DeliverNow | FireTimer):
            self.run.step(self.run.now)

    @rule(place=st.integers(0, 999))
    def arrives(self, place: int) -> None:
        flights = tuple(self.run.cluster.flights)
        if flights:
            self.give(DeliverNow(flights[place % len(flights)]))

    @rule(node=st.integers(1, NODES))
    def runs_out(self, node: int) -> None:
        timers = self.run.cluster.hosts[f"n{node}"].timers
        if timers:
            self.give(FireTimer(f"n{node}", timers[0].name))

    @rule(client=st.integers(1, 2))
    def asks(self, client: int) -> None:
        timers = self.run.cluster.hosts[f"c{client}"].timers
        if timers:
            self.give(FireTimer(f"c{client}", timers[0].name))

    @rule(node=st.integers(1, NODES))
    def crashes_or_restarts(self, node: int) -> None:
        name = f"n{node}"
        self.give(Crash(name) if self.run.cluster.hosts[name].up else Restart(name))

    @invariant()
    def nothing_is_broken(self) -> None:
        assert not self.monitor.broken()


def steps_a_second(runs: int) -> float:
    """Steps a CPU second, over so many of its runs."""
    RaftMachine.taken = 0
    chosen = settings(
        max_examples=runs, stateful_step_count=STEPS, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    begin = time.process_time()
    run_state_machine_as_test(seed(1)(RaftMachine), settings=chosen)  # type: ignore[no-untyped-call]
    return RaftMachine.taken / (time.process_time() - begin)
