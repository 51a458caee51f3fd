"""Faults for a fuzzer: which, when and to whom, chosen by addressed draws.

Two things make a random script worth its time. It is *aimed*: most faults come right after an event in which a node
decided something (it voted, was elected, appended, committed), and hit that node or the messages that it has just sent,
since that is where a protocol has promised something and not yet told everybody. And it *swarms*: each run leaves out
some kinds of faults altogether, for a run with all of them at once has no time for any (Groce, Zhang, Eide, Chen and
Regehr, Swarm Testing, ISSTA 2012).

Whatever breaks something also plans its repair: a crashed node restarts, a partition is healed. The disk of a node is
never lost, as no protocol here promises anything to one who loses it.
"""

from __future__ import annotations

from heapq import heappop, heappush

from ..simulation import Cluster, Command, Event
from ..simulation.addressed import draw, draw_between, draw_percent, stream
from ..simulation.commands import (
    Crash,
    Delay,
    Drop,
    Duplicate,
    FireTimer,
    Heal,
    HoldLink,
    Partition,
    Pause,
    ReleaseLink,
    Restart,
    Resume,
    SetClock,
    SetLink,
)

KINDS = (
    "crash", "isolate", "split", "cut", "drop", "delay", "duplicate", "hold", "pause", "fire", "clock",
)  # fmt: skip
AIMED_PERCENT = 20
"""How often a decision of a node is answered with a fault."""
BLIND_PERCENT = 2
"""How often any other event is."""
REPAIRED_LOW, REPAIRED_HIGH = 5_000, 400_000
"""How long (µs) a fault lasts."""
LATE_HIGH = 300_000
"""By how much (µs) a message is delayed at the most."""


class Mischief:
    """What goes wrong in one run. The same seed and the same events give the same faults."""

    def __init__(self, seed: int, without: frozenset[str] = frozenset()) -> None:
        self.act_key = stream(seed, "fuzz", "act")
        self.key = stream(seed, "fuzz", "choice")
        self.drawn = 0
        swarm = stream(seed, "fuzz", "swarm")
        allowed = tuple(kind for kind in KINDS if kind not in without)
        chosen = tuple(kind for i, kind in enumerate(KINDS) if kind in allowed and draw_percent(swarm, i, 50))
        self.kinds = chosen or (("fire",) if "fire" in allowed else allowed)
        self.repairs: list[tuple[int, int, Command]] = []
        """When (µs), a counter that breaks ties, and what is repaired then."""

    def among(self, count: int) -> int:
        """A number from 0 to `count` - 1."""
        self.drawn += 1
        return draw(self.key, self.drawn) * count >> 64

    def between(self, low: int, high: int) -> int:
        """A number from `low` to `high`."""
        self.drawn += 1
        return draw_between(self.key, self.drawn, low, high)

    def next_repair(self) -> int | None:
        """When the next repair is due (µs), or None."""
        return self.repairs[0][0] if self.repairs else None

    def repair(self) -> Command:
        """Takes the next repair."""
        return heappop(self.repairs)[2]

    def later(self, cluster: Cluster, command: Command) -> None:
        """Plans a repair."""
        self.drawn += 1
        heappush(self.repairs, (cluster.time + self.between(REPAIRED_LOW, REPAIRED_HIGH), self.drawn, command))

    def after(self, event: Event, cluster: Cluster) -> list[Command]:
        """The faults that follow an event; mostly none."""
        decided = event.host in cluster.nodes and any(
            getattr(told, "weight", "normal") != "routine" for told in event.indications
        )
        if not draw_percent(self.act_key, event.seq, AIMED_PERCENT if decided else BLIND_PERCENT):
            return []
        host = event.host if decided and event.host is not None else cluster.nodes[self.among(len(cluster.nodes))]
        if not self.kinds:
            return []
        kind = self.kinds[self.among(len(self.kinds))]
        return self._fault(kind, host, event, cluster)

    def _fault(self, kind: str, host: str, event: Event, cluster: Cluster) -> list[Command]:
        match kind:
            case "crash":
                self.later(cluster, Restart(host))
                return [Crash(host)]
            case "pause":
                self.later(cluster, Resume(host))
                return [Pause(host)]
            case "isolate" | "split":
                self.later(cluster, Heal())
                return [Partition(self._groups(host, cluster, alone=kind == "isolate"))]
            case "cut" | "hold":
                return self._link_faults(kind, host, cluster)
            case "fire":
                return self.fire(cluster)
            case "clock":
                return [SetClock(host, rate_ppm=(500_000, 1_000_000, 2_000_000)[self.among(3)])]
            case _:
                return self._message_faults(kind, event, cluster)

    def _groups(self, host: str, cluster: Cluster, *, alone: bool) -> tuple[tuple[str, ...], ...]:
        """The host by itself or with others against the rest; now and then a client is on its side."""
        side = {host}
        for name in cluster.hosts:
            if (not alone or name in cluster.clients) and self.among(3) == 0:
                side.add(name)
        inside = tuple(name for name in cluster.hosts if name in side)
        outside = tuple(name for name in cluster.hosts if name not in side)
        return (inside, outside)

    def _link_faults(self, kind: str, host: str, cluster: Cluster) -> list[Command]:
        """Cuts or holds some of the links from the host, or to it."""
        faults: list[Command] = []
        for peer in cluster.nodes:
            if peer == host or self.among(2):
                continue
            src, dst = (host, peer) if self.among(2) else (peer, host)
            if kind == "hold":
                self.later(cluster, ReleaseLink(src, dst))
                faults.append(HoldLink(src, dst))
            else:
                self.later(cluster, SetLink(src, dst, up=True))
                faults.append(SetLink(src, dst, up=False))
        return faults

    def fire(self, cluster: Cluster) -> list[Command]:
        """One or two timers run out now, so that nodes compete."""
        running = [
            (name, timer.name)
            for name in cluster.nodes
            for timer in cluster.hosts[name].timers
            if timer.due is not None
        ]
        chosen = [running[self.among(len(running))] for _ in range(1 + self.among(2)) if running]
        return [FireTimer(node, timer) for node, timer in dict.fromkeys(chosen)]

    def _message_faults(self, kind: str, event: Event, cluster: Cluster) -> list[Command]:
        """Something happens to some of the messages that the event sent, or to any message in flight."""
        flying = [flight.id for flight in event.sent if flight.id in cluster.flights]
        if not flying and cluster.flights:
            ids = tuple(cluster.flights)
            flying = [ids[self.among(len(ids))]]
        hit = [message for message in flying if self.among(3)]
        if kind == "drop":
            return [Drop(message) for message in hit]
        if kind == "delay":
            return [Delay(message, self.between(1, LATE_HIGH)) for message in hit]
        twice: list[Command] = []
        for message in hit:
            # The original comes late, the copy at its own time.
            twice += [Duplicate(message), Delay(message, self.between(1, LATE_HIGH))]
        return twice
