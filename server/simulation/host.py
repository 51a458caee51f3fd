"""Where a program runs: what the world knows of a host, its clock, and its timers."""

from __future__ import annotations

from .addressed import Draws
from .events import Event, Timer
from .network import Lane
from .node import Node

TRUE_RATE_PPM = 1_000_000

NODE = "node"
CLIENT = "client"


class Alarm:
    """The world's bookkeeping of one timer of one host.

    A follower sets its election timer anew with every heartbeat. So an entry stands in the agenda for the alarm, and not
    for each setting: when it comes up too early, it is put back to where the timer in force is due.
    """

    __slots__ = ("count", "draws", "due", "name", "order")

    def __init__(self, name: str, key: int) -> None:
        self.name = name
        self.draws = Draws(key)
        self.count = 0
        """How often the timer was set: the address of its next draw."""
        self.due = 0
        self.order = 0
        """When its entry in the agenda comes up, and that entry's order; 0 where it has none."""


class Host:
    """Where a program runs: the world's facts about it, and its clock."""

    __slots__ = (
        "alarms", "base_local", "base_time", "id", "incarnation", "kind", "lanes", "last", "node", "offset", "paused",
        "rate_ppm", "started", "timers", "up",
    )  # fmt: skip

    def __init__(self, id: str, kind: str, node: Node) -> None:
        self.id = id
        self.kind = kind
        self.node = node
        self.up = True
        self.paused = False
        self.started = False
        """Whether its program was started; a command may come first, at time 0."""
        self.incarnation = 1
        self.rate_ppm = TRUE_RATE_PPM
        self.offset = 0
        self.base_time = 0
        self.base_local = 0
        self.timers: tuple[Timer, ...] = ()
        self.alarms: dict[str, Alarm] = {}
        self.lanes: dict[str, Lane] = {}
        self.last: Event | None = None
        """The last event that touched it; where history is kept."""

    def local(self, time: int) -> int:
        """What its clock shows at `time`, µs."""
        return self.base_local + (time - self.base_time) * self.rate_ppm // TRUE_RATE_PPM

    def world_span(self, span: int) -> int:
        """How long (µs of the world) its clock takes for `span`."""
        return span if self.rate_ppm == TRUE_RATE_PPM else -(-span * TRUE_RATE_PPM // self.rate_ppm)

    def facts(self) -> tuple[bool, bool, int, int, int]:
        """Up, paused, rate, offset, incarnation."""
        return (self.up, self.paused, self.rate_ppm, self.offset, self.incarnation)
