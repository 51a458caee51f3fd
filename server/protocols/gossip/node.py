"""One node of a database that is kept together by gossip (Demers et al. 1987), handler by handler.

It takes reads and writes by itself, at once. At an interval it draws another node and the two compare what they have
(anti-entropy, section 1.3); of two versions of a key the one with the later stamp wins, at every node the same, so once
writes stop all come to have the same data, in whatever order they met. What is new may also be told around as a rumor
(section 1.4), which is faster and may miss somebody, whom the comparing then finds.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...simulation import on, on_timer
from ..indication import Indication
from ..keyvalue import Operation, Scalar
from ..session import ClientReply, ClientRequest
from . import indications as tell
from .messages import NO_STAMP, Digest, Item, Rumor, RumorReply, Stamp, Values
from .state import DIGEST, HYBRID, PULL, PUSH, GossipState, Role, Spread, checksum_of

GOSSIP = "gossip"
RUMOR = "rumor"


class Gossip(GossipState):
    """A node that gossips."""

    messages = (Digest, Values, Rumor, RumorReply, ClientRequest)
    foreign = (ClientReply,)

    def start(self) -> None:
        self.set_timer(GOSSIP, self.gossip_interval // 10, self.gossip_interval)

    # Clients: any node serves any of them from what it has (section 0)

    @on(ClientRequest)
    def on_client_request(self, m: ClientRequest, src: str) -> None:
        """Carries the operation out here, and answers; the others learn of it later."""
        serial, result = self.sessions.get(src, (0, None))
        if self.answer_once and m.serial < serial:
            self.indicate(tell.RequestIsOver(src, m.serial, serial))
            return
        if self.answer_once and m.serial == serial:
            self.indicate(tell.AnsweredAgain(src, m.serial))
        else:
            result = self.carry_out(m.operation, src, m.serial)
            self.sessions = {**self.sessions, src: (m.serial, result)}
        self.send(src, ClientReply(m.serial, True, result, None))

    def carry_out(self, operation: Operation, client: str, serial: int) -> Scalar:
        """The value read; or for a write that it was made, for a deletion whether there was something."""
        own = self.store.get(operation.key)
        there = own is not None and own.value is not None
        if operation.name == "get":
            time, by = NO_STAMP if own is None else own.stamp
            value = None if own is None else own.value
            self.indicate(tell.Read(client, serial, operation.key, value, time, by))
            return value
        self.write(Item(operation.key, operation.value, self.next_stamp()), client, serial)
        return there if operation.name == "delete" else True

    def next_stamp(self) -> Stamp:
        """The time of its clock, in ms, but later than its last stamp; with hybrid clocks, later than all it has seen."""
        time = self.now // 1_000
        if self.unique_stamps or self.stamps == HYBRID:
            time = max(time, self.last_time + 1)
        self.last_time = max(time, self.last_time)
        return (time, self.id)

    def write(self, item: Item, client: str, serial: int) -> None:
        """Stores a version of its own making, unless the stamp of what is there is later."""
        key, (time, by) = item.key, item.stamp
        own = self.stamp_of(key)
        if item.value is None and not self.death_certificates:
            self.remove(key)
            self.indicate(tell.Forgotten(client, serial, key, time, by))
            return
        if own is not None and not self.is_news(item.stamp, own):
            self.indicate(tell.WriteLost(client, serial, key, item.value, time, by, *own))
            return
        self.put(item)
        if item.value is None:
            self.indicate(tell.Certified(client, serial, key, time, by))
        else:
            self.indicate(tell.Stamped(client, serial, key, item.value, time, by))
        self.spreading = {**self.spreading, key: Spread((), self.round)}
        self.see_at(key, item.stamp, self.id)
        self.heat((key,))

    def put(self, item: Item) -> None:
        """The version of a key from now on."""
        self.store = {**self.store, item.key: item}
        self.checksum = checksum_of(self.store)
        self.stop_counting(item.key)

    def remove(self, key: str) -> None:
        """Keeps nothing of a key."""
        self.store = {other: item for other, item in self.store.items() if other != key}
        self.checksum = checksum_of(self.store)
        self.stop_counting(key)
        self.cool(key)

    def stop_counting(self, key: str) -> None:
        """Another version: who has the one before it is of no interest any more."""
        if key in self.spreading:
            self.spreading = {other: nodes for other, nodes in self.spreading.items() if other != key}

    # Anti-entropy (section 1.3)

    @on_timer(GOSSIP)
    def on_gossip_timer(self) -> None:
        """Draws a node and begins an exchange with it: all that it has, or the stamps of it, or the bare question."""
        self.set_timer(GOSSIP, self.gossip_interval * 9 // 10, self.gossip_interval * 11 // 10)
        self.round += 1
        self.drop_certificates()
        if not self.peers:
            return
        peer = self.partner = self.peers[self.draw("peer", self.round, 0, len(self.peers) - 1)]
        self.indicate(tell.Picked(peer, self.round))
        offers, asks = self.mode != PULL, self.mode != PUSH
        if self.content == DIGEST:
            stamps = tuple((item.key, item.stamp) for item in self.store.values())
            self.send(peer, Digest(self.round, stamps, offers, asks))
        elif offers:
            self.send(peer, Values(self.round, tuple(self.store.values()), (), asks))
        else:
            self.send(peer, Digest(self.round, (), offers, asks))

    @on(Digest)
    def on_digest(self, m: Digest, src: str) -> None:
        """Compares stamps: sends what the other lacks, if it asks, and names what this node lacks, if that is offered."""
        theirs = dict(m.stamps)
        self.see_all_at(m.stamps, src)
        items = self.newer_than(theirs) if m.asks else ()
        wants = tuple(key for key, stamp in m.stamps if self.is_news(stamp, self.stamp_of(key))) if m.offers else ()
        if items or wants:
            self.send(src, Values(m.round, items, wants, asks=False))
        else:
            self.indicate(tell.NothingNew(src))

    @on(Values)
    def on_values(self, m: Values, src: str) -> None:
        """Takes what is news, and sends back what the other wants. What the comparing brought is told around again."""
        news = self.take(m.items, src)
        self.see_all_at(((item.key, item.stamp) for item in m.items), src)
        if m.asks:
            back = self.newer_than({item.key: item.stamp for item in m.items})
        else:
            back = tuple(self.store[key] for key in m.wants if key in self.store)
        if back:
            self.send(src, Values(m.round, back, (), asks=False))
        self.heat(news)

    def newer_than(self, theirs: dict[str, Stamp]) -> tuple[Item, ...]:
        """The versions here that would be news to one who has these stamps."""
        return tuple(item for item in self.store.values() if self.is_news(item.stamp, theirs.get(item.key)))

    def take(self, items: Iterable[Item], src: str) -> tuple[str, ...]:
        """ResolveDifference, one side of it: of each key the later version stays. Returns the keys that were news."""
        news: list[str] = []
        count = 0
        for item in items:
            count += 1
            own = self.stamp_of(item.key)
            if self.stamps == HYBRID:  # a clock that has seen a time never stamps an earlier one (Lamport 1978)
                self.last_time = max(self.last_time, item.stamp[0])
            if own == item.stamp:
                continue
            won = self.is_news(item.stamp, own)
            self.tell_comparison(item, own, src, won=won)
            if won:
                self.put(item)
                news.append(item.key)
        self.fresh += len(news)
        self.redundant += count - len(news)
        if count and not news:
            self.indicate(tell.HadAlready(src, count))
        return tuple(news)

    def tell_comparison(self, item: Item, own: Stamp | None, src: str, *, won: bool) -> None:
        """Says which of two versions of a key stays, and why."""
        key, (time, by) = item.key, item.stamp
        if own is not None and own[0] == time and self.newer_wins:
            if not self.tie_by_node:
                self.indicate(tell.TieKept(key, time, by, src, own[1]))
                return
            self.indicate(tell.TieBroken(key, time, max(by, own[1]), min(by, own[1])))
        told: Indication
        if own is not None and not won:
            told = tell.Kept(key, time, by, src, *own)
        elif own is not None and not self.newer_wins:
            told = tell.ReplacedUnchecked(key, item.value, time, by, src, *own)
        elif item.value is None:
            told = tell.CertificateTaken(key, time, by, src)
        elif own is None:
            told = tell.Learned(key, item.value, time, by, src)
        else:
            told = tell.Replaced(key, item.value, time, by, src, *own)
        self.indicate(told)

    # What it knows of the others: Golding's acknowledgements, from the stamps that they show

    def see_all_at(self, stamps: Iterable[tuple[str, Stamp]], src: str) -> None:
        """Notes which of its own writes another node has, since it shows their stamps."""
        if self.spreading:
            for key, stamp in stamps:
                self.see_at(key, stamp, src)

    def see_at(self, key: str, stamp: Stamp, node: str) -> None:
        """A node has this version of a key. Once all are known to have one of its own, that is told, once."""
        spread = self.spreading.get(key)
        if spread is None or node in spread.nodes or stamp != self.stamp_of(key):
            return
        nodes, rounds = (*spread.nodes, node), self.round - spread.since
        if len(nodes) < self.members:
            self.spreading = {**self.spreading, key: Spread(nodes, spread.since)}
            return
        self.stop_counting(key)
        value = self.store[key].value
        if value is None:
            self.indicate(tell.DeletedEverywhere(key, self.members, rounds))
        else:
            self.indicate(tell.Everywhere(key, value, self.members, rounds))

    # Death certificates (section 2)

    def drop_certificates(self) -> None:
        """Those that are older than they are to live. Without dormant copies elsewhere (section 2.1) that is a risk."""
        if not self.certificate_life:
            return
        for item in tuple(self.store.values()):
            age = self.now // 1_000 - item.stamp[0]
            if item.value is None and age * 1_000 >= self.certificate_life:
                self.indicate(tell.CertificateDropped(item.key, *item.stamp, age))
                self.remove(item.key)

    # Rumors (section 1.4, with feedback and a counter)

    def heat(self, keys: Iterable[str]) -> None:
        """What is new is told around, where rumors are in use: also what the comparing brought (section 1.5)."""
        if not self.rumor_limit or not self.peers:
            return
        for key in keys:
            if not self.hot:
                self.set_timer(RUMOR, self.rumor_interval // 2, self.rumor_interval * 3 // 2)
                self.role = Role.INFECTIVE
            self.hot = {**self.hot, key: 0}
            self.indicate(tell.BecameInfective(key))

    @on_timer(RUMOR)
    def on_rumor_timer(self) -> None:
        """Tells its rumors to a node drawn at random."""
        items = tuple(self.store[key] for key in self.hot if key in self.store)
        self.told += 1
        peer = self.partner = self.peers[self.draw("listener", self.told, 0, len(self.peers) - 1)]
        self.set_timer(RUMOR, self.rumor_interval // 2, self.rumor_interval * 3 // 2)
        self.send(peer, Rumor(items))

    @on(Rumor)
    def on_rumor(self, m: Rumor, src: str) -> None:
        """Takes what is news and tells it on; says what it knew."""
        news = self.take(m.items, src)
        self.see_all_at(((item.key, item.stamp) for item in m.items), src)
        known = tuple(item.key for item in m.items if item.key not in news)
        stamps = tuple((item.key, self.store[item.key].stamp) for item in m.items)
        self.send(src, RumorReply(bool(news), known, stamps))
        self.heat(news)

    @on(RumorReply)
    def on_rumor_reply(self, m: RumorReply, src: str) -> None:
        """Feedback with a counter: each one that knew it already makes the teller lose interest, at the limit for good."""
        for key, stamp in m.stamps:
            own = self.stamp_of(key)
            if (
                key not in m.known
                or key not in self.hot
                or own is None
                or (stamp != own and not self.newer(stamp, own))
            ):
                continue  # it was news; or this node has a later version to tell by now
            count = self.hot[key] + 1
            if count < self.rumor_limit:
                self.hot = {**self.hot, key: count}
                self.indicate(tell.Unimpressed(src, key, count, self.rumor_limit))
            else:
                self.cool(key)
                self.indicate(tell.LostInterest(key, self.rumor_limit))
        self.see_all_at(m.stamps, src)

    def cool(self, key: str) -> None:
        """No longer tells of a key; the last one to go makes it quiet."""
        if key not in self.hot:
            return
        self.hot = {other: count for other, count in self.hot.items() if other != key}
        if not self.hot:
            self.role = Role.QUIET
            self.cancel_timer(RUMOR)
