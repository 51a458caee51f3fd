"""What nodes of a ring tell is so: each sentence is held against the messages and the states of random runs.

What a node has sent and let pass is counted here from the messages alone, not read off the fields that it tells by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from server.exploration.fuzz import fuzz
from server.protocols import protocol, session, wholeads
from server.protocols.ring import indications as tell
from server.protocols.ring.messages import Elected, Present, Token
from server.protocols.ring.node import ELECTION, NEIGHBOUR, Ring
from server.protocols.ring.state import FOLLOWER, LEADER, PARTICIPANT
from server.protocols.wholeads import number_of
from server.simulation import Event, Recording, Run
from server.simulation.commands import Crash

RING = protocol("ring")
OWN = frozenset(RING.indications) - {*wholeads.INDICATIONS, *session.INDICATIONS}
"""What only the ring tells."""
RULES_OFF: tuple[tuple[str, ...], ...] = (
    (), (), (), ("swallow_smaller",), ("take_part_once",), ("give_way",), ("swallow_smaller", "take_part_once"),
)  # fmt: skip
RUNS = 84
SIZES = (2, 3, 4, 5)


@dataclass
class Past:
    """What a host has done, by its messages."""

    own_sent: bool = False
    """Whether its number has gone out since it takes part."""
    came_by: set[int] = field(default_factory=set)
    """The larger numbers that have come to it since."""
    has_led: bool = False
    """At any time, also before a crash."""
    arrived: dict[tuple[int, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    """From whom each number came, by what it is and when it was sent; also before a crash."""


@dataclass
class Scene:
    """One event of a node: what came, what went out, and its fields before and after."""

    event: Event
    node: str
    before: dict[str, Any]
    after: dict[str, Any]
    pasts: dict[str, Past]
    ring: tuple[str, ...]
    """The others in the order in which they stand behind it."""

    @property
    def number(self) -> int:
        return number_of(self.node)

    @property
    def past(self) -> Past:
        return self.pasts[self.node]

    @property
    def came(self) -> Any:
        """The message that came, or None."""
        return self.event.subject.body if self.event.kind == "deliver" else None

    @cached_property
    def out(self) -> list[tuple[str, Any]]:
        """To whom it sent what; also what never flew."""
        flights = [*self.event.sent, *(flight for flight, *_ in self.event.lost)]
        return [(flight.dst, flight.body) for flight in flights]

    def sends(self, number: int) -> bool:
        """Whether the number goes out to its neighbour, as it is after the event."""
        return any(
            type(body) is Token and (dst, body.number) == (self.after["successor"], number) for dst, body in self.out
        )

    def gets(self, number: int) -> bool:
        return type(self.came) is Token and bool(self.came.number == number)

    def hears(self, leader: str) -> bool:
        return type(self.came) is Elected and f"n{self.came.number}" == leader

    def tells_news(self) -> bool:
        return any(type(body) is Elected for _, body in self.out)

    def is_silent(self) -> bool:
        """Nothing about elections goes out."""
        return not any(type(body) in (Token, Elected) for _, body in self.out)

    def skips(self, node: str) -> bool:
        """Whether the node stands between it and its neighbour; all do, where it is alone."""
        neighbour = self.after["successor"]
        return node in (self.ring if neighbour is None else self.ring[: self.ring.index(neighbour)])

    def came_around(self) -> bool:
        """Whether its own number that came was passed on by everybody from whom it came, back to itself."""
        carried = (self.came.number, self.came.sent)
        way = {self.event.subject.src}
        for _ in self.ring:
            way |= {src for node in way for src in self.pasts[node].arrived[carried]}
        return self.node in way


def is_elected(scene: Scene, told: tell.LeaderElected) -> bool:
    return scene.gets(scene.number) and told.number == scene.number and scene.came_around() and scene.tells_news()


def is_over(scene: Scene, _: Any) -> bool:
    """Its own number, of an election that it has begun anew since or that has ended for it."""
    begun_anew = scene.came.sent != scene.before["sent"]
    return scene.gets(scene.number) and (begun_anew or scene.before["role"] is not PARTICIPANT)


def follows(scene: Scene, leader: str) -> bool:
    return scene.hears(leader) and (scene.after["role"], scene.after["leader"]) == (FOLLOWER, leader)


def refuses(scene: Scene, leader: str) -> bool:
    return scene.hears(leader) and scene.before == scene.after and scene.after["leader"] != leader


SO: dict[type, Callable[[Scene, Any], bool]] = {
    tell.CameUp: lambda s, t: s.event.kind != "deliver" and s.after["role"] in (PARTICIPANT, LEADER),
    tell.LeaderLost: lambda s, t: (
        t.leader == s.before["leader"] == s.before["successor"] != s.after["successor"]
        and (s.sends(s.number) or s.after["successor"] is None)
    ),
    tell.OwnerLost: lambda s, t: s.skips(f"n{t.number}") and s.sends(s.number),
    tell.RingChanged: lambda s, t: s.after["successor"] == t.neighbour and s.sends(s.number),
    tell.ElectionTooLong: lambda s, t: s.event.subject == ELECTION and s.before["role"] is PARTICIPANT,
    tell.SmallerReplaced: lambda s, t: (
        s.gets(t.number) and t.number < t.own == s.number and s.sends(t.own) and not s.sends(t.number)
    ),
    tell.OwnSentToo: lambda s, t: s.before["role"] is not PARTICIPANT and t.own == s.number and s.sends(t.own),
    tell.LargerPassedOn: lambda s, t: (
        s.gets(t.number) and t.number > s.number and t.neighbour == s.after["successor"] and s.sends(t.number)
    ),
    tell.SmallerSwallowed: lambda s, t: s.gets(t.number) and t.number < s.number and s.past.own_sent and s.is_silent(),
    tell.SmallerCameLater: lambda s, t: (
        s.gets(t.number) and t.number < t.largest and t.largest in s.past.came_by and s.is_silent()
    ),
    tell.SmallerPassedOn: lambda s, t: s.gets(t.number) and t.number < s.number and s.sends(t.number),
    tell.SentAgain: lambda s, t: s.gets(t.number) and s.before["role"] is PARTICIPANT and s.sends(s.number),
    tell.SmallerAlone: lambda s, t: (
        s.gets(t.number) and t.number < s.number and s.after["successor"] is None and s.is_silent()
    ),
    tell.NumberKept: lambda s, t: s.gets(t.number) and s.skips(f"n{t.number}") and s.is_silent(),
    tell.OwnNumberAgain: is_over,
    tell.OwnNumberSwallowed: lambda s, t: s.gets(s.number) and t.number in s.past.came_by and t.number > s.number,
    tell.LeaderElected: is_elected,
    tell.LeadsAlone: lambda s, t: s.after["successor"] is None and s.after["role"] is LEADER and s.is_silent(),
    tell.SteppedDown: lambda s, t: s.after["role"] is PARTICIPANT,
    tell.SteppedDownFor: lambda s, t: follows(s, t.leader),
    tell.LeaderFollowed: lambda s, t: (
        follows(s, t.leader) and (s.after["successor"], Elected(number_of(t.leader))) in s.out
    ),
    tell.NewsEndsHere: lambda s, t: follows(s, t.leader) and s.skips(t.leader) and s.is_silent(),
    tell.NewsIsBack: lambda s, t: s.hears(s.node) and s.after["leader"] == s.node and s.past.has_led,
    tell.NewsIsBackLate: lambda s, t: s.hears(s.node) and s.after["leader"] != s.node and s.past.has_led,
    tell.NewsKnown: lambda s, t: s.hears(t.leader) and s.before["leader"] == t.leader,
    tell.NewsOfSmaller: lambda s, t: refuses(s, t.leader) and number_of(t.leader) < s.number,
    tell.NewsTooOld: lambda s, t: (
        refuses(s, t.leader) and s.number < number_of(t.leader) < t.number and t.number in s.past.came_by
    ),
    tell.NewsNotAwaited: lambda s, t: refuses(s, t.leader) and s.before["largest"] != t.number == number_of(t.leader),
    tell.NeighbourSkipped: lambda s, t: (
        s.event.subject == NEIGHBOUR and (t.neighbour, t.next) == (s.before["successor"], s.after["successor"])
    ),
    tell.LeftAlone: lambda s, t: t.neighbour == s.before["successor"] and s.after["successor"] is None,
    tell.NeighbourBack: lambda s, t: (
        type(s.came) is Present and t.neighbour == s.event.subject.src == s.after["successor"] != s.before["successor"]
    ),
    tell.NumberSentAgain: lambda s, t: (
        t.neighbour == s.after["successor"] != s.before["successor"] and s.sends(t.number)
    ),
}
"""Whether a sentence is so, by the class of what is told."""


def news_is_missing(scene: Scene) -> bool:
    """Whether it began or ended to lead, or follows another, and does not say so."""
    told = {type(news) for news in scene.event.indications}
    was, now = scene.before["leader"], scene.after["leader"]
    if was == now:
        return False
    if was == scene.node and not told & {tell.SteppedDown, tell.SteppedDownFor}:
        return True
    wanted = {tell.LeaderElected, tell.LeadsAlone} if now == scene.node else {tell.LeaderFollowed, tell.NewsEndsHere}
    return now is not None and not told & wanted


def scenes(run: Run, until: int) -> Iterator[Scene]:
    """Plays the run up to a time (µs), and gives each event of a node that is up after it."""
    nodes = {name: host.node for name, host in run.cluster.hosts.items() if isinstance(host.node, Ring)}
    fields = {name: dict(zip(node.fields, node.snapshot(), strict=True)) for name, node in nodes.items()}
    blank = {name: dict(values) for name, values in fields.items()}
    rings = {name: node.after for name, node in nodes.items()}
    pasts: dict[str, Past] = defaultdict(Past)
    while (event := run.step(until)) is not None:
        name = event.host
        if name not in nodes:
            continue
        assert event.state is not None
        came_up = any(type(news) is tell.CameUp for news in event.indications)
        before = blank[name] if came_up else fields[name]
        fields[name] = dict(zip(nodes[name].fields, event.state, strict=True))
        scene = Scene(event, name, before, fields[name], pasts, rings[name])
        if came_up:
            pasts[name] = Past(has_led=pasts[name].has_led, arrived=pasts[name].arrived)
        if run.cluster.hosts[name].up:
            yield scene
        remember(scene)


def remember(scene: Scene) -> None:
    """Notes what came and what went out."""
    past, came = scene.past, scene.came
    past.has_led |= scene.after["role"] is LEADER
    if type(came) is Token:
        past.arrived[came.number, came.sent].add(scene.event.subject.src)
    if scene.after["role"] is not PARTICIPANT:
        past.own_sent, past.came_by = False, set()
        return
    past.own_sent |= scene.sends(scene.number)
    if type(came) is Token and came.number > scene.number:
        past.came_by.add(came.number)


def stories() -> Iterator[tuple[Run, int]]:
    """Runs with random faults and every rule off in some; one node that is alone from the beginning; a pair."""
    for seed in range(RUNS):
        rules_off = RULES_OFF[seed % len(RULES_OFF)]
        found = fuzz(RING, seed, nodes=SIZES[seed % 4], rules_off=rules_off, wanted=frozenset({"nothing"}))
        yield RING.run(found.recording), found.until
    yield RING.run(Recording("ring", nodes=1, clients=0)), 500_000
    pair = RING.run(Recording("ring", nodes=2, clients=0, seed=1))
    pair.act(Crash("n2"))
    yield pair, 1_500_000


def test_every_sentence_is_so_whatever_goes_wrong() -> None:
    told: dict[type, int] = defaultdict(int)
    for run, until in stories():
        for scene in scenes(run, until):
            for news in scene.event.indications:
                if type(news) not in OWN:
                    continue
                told[type(news)] += 1
                assert SO[type(news)](scene, news), (run.setup, scene.event.seq, news, scene.before, scene.after)
            assert not news_is_missing(scene), (run.setup, scene.event.seq, scene.event.indications)
    assert set(told) == OWN, f"never told: {OWN - set(told)}"
