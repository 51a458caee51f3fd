"""Drives Raft nodes by hand: a table adapter for single nodes, a network adapter for a few of them.

Nothing of the simulation takes part: a message is handed over by `step`, a timer by `fire`, and what a node sends is
read off the node. So these tests judge the algorithm alone, and would notice if the world hid a mistake of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from server.protocols.keyvalue import Command, Operation
from server.protocols.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    Entry,
    RequestVote,
    RequestVoteReply,
)
from server.protocols.raft.node import Raft
from server.protocols.raft.state import ELECTION, HEARTBEAT, Role
from server.protocols.session import ClientReply, ClientRequest
from server.simulation import Log
from server.simulation.node import Settings

Message = Any
CLIENT = "c1"


def settings(*, off: Iterable[str] = (), **params: Any) -> Settings:
    """The tunables at their defaults but for `params`, all rules on but for those in `off`."""
    rules = dict.fromkeys(Raft.rules, True) | dict.fromkeys(off, False)
    return Settings({name: p.default for name, p in Raft.params.items()} | params, rules)


def entries(*terms: int, start: int = 1) -> tuple[Entry, ...]:
    """Entries of these terms; each has a command that names its index and term."""
    return tuple(Entry(term, put(f"{start + i}/{term}", start + i)) for i, term in enumerate(terms))


def put(value: str, serial: int) -> Command:
    """A write of `value`, as it stands in a log."""
    return Command("put", "x", value, None, CLIENT, serial)


def names(n: int) -> tuple[str, ...]:
    """n1 to n`n`."""
    return tuple(f"n{i}" for i in range(1, n + 1))


def make(
    id: str = "n1", n: int = 3, *, term: int = 0, vote: str | None = None, log: Iterable[Entry] = (), commit: int = 0,
    given: Settings | None = None, **params: Any,
) -> Raft:  # fmt: skip
    """A follower among n1 to n`n` that has started, with this durable state and this much applied; nothing is pending."""
    node = Raft(id, tuple(name for name in names(n) if name != id), given or settings(**params))
    node.current_term, node.voted_for, node.log = term, vote, Log(log)
    node.start()
    if commit:
        node.learn_commit(commit, id)
    forget(node)
    return node


def candidate(id: str = "n1", n: int = 3, **given: Any) -> Raft:
    """A node whose election timeout has just run out, once; its term is `term` + 1."""
    node = make(id, n, **given)
    node.fire(ELECTION)
    forget(node)
    return node


def leader(id: str = "n1", n: int = 3, **given: Any) -> Raft:
    """A candidate that has then got every vote; what it sent on its election is forgotten."""
    node = make(id, n, **given)
    node.fire(ELECTION)
    for peer in node.peers:
        node.step(RequestVoteReply(node.current_term, True), peer)
    assert node.role is Role.LEADER
    forget(node)
    return node


def leader_with_no_op(id: str = "n1", n: int = 3, **given: Any) -> Raft:
    """A leader of whose whole log, the no-op at its end included, every follower has told that it has it."""
    node = leader(id, n, **given)
    for peer in node.peers:
        accept(node, peer)
    forget(node)
    assert node.commit_index == node.last_log_index
    return node


def accept(node: Raft, peer: str, index: int | None = None) -> None:
    """Peer tells the leader that it has all entries up to `index`, or the leader's whole log."""
    match = node.last_log_index if index is None else index
    node.step(AppendEntriesReply(node.current_term, True, match, match, match), peer)


def forget(node: Raft) -> None:
    """Drops what the node has sent, set and told so far."""
    node.sends.clear()
    node.timings.clear()
    node.indicated.clear()


def sent(node: Raft, kind: type | None = None) -> list[tuple[str, Message]]:
    """Takes what the node has sent since, of one kind or of all."""
    taken = [(dst, m) for dst, m in node.sends if kind is None or type(m) is kind]
    node.sends.clear()
    return taken


def reply(node: Raft, message: Message, src: str) -> Message:
    """The one answer that the node gives `src` to a message."""
    forget(node)
    node.step(message, src)
    (answer,) = [m for dst, m in sent(node) if dst == src]
    return answer


def told(node: Raft, kind: type) -> list[Any]:
    """The indications of one kind since the last `forget`."""
    return [indication for indication in node.indicated if type(indication) is kind]


def terms(node: Raft) -> list[int]:
    """The terms of the entries of its log."""
    return [entry.term for entry in node.log]


def append(term: int, prev: int = 0, prev_term: int = 0, new: Sequence[Entry] = (), commit: int = 0) -> AppendEntries:
    """AppendEntries, in the order in which the paper writes its arguments."""
    return AppendEntries(term, prev, prev_term, tuple(new), commit)


def request(node: Raft, value: str, serial: int) -> None:
    """A client asks the node for a write."""
    node.step(ClientRequest(serial, Operation("put", "x", value)), CLIENT)


class Network:
    """Nodes n1 to n`n` on links that lose nothing by themselves; each message is delivered in the order of sending."""

    def __init__(self, n: int, **given: Any) -> None:
        self.given = given.pop("given", None) or settings(**given)
        self.nodes: dict[str, Raft] = {name: make(name, n, given=self.given) for name in names(n)}
        self.queue: deque[tuple[str, str, Message]] = deque()
        self.cuts: set[tuple[str, str]] = set()
        self.ignored: set[type] = set()
        self.answers: list[ClientReply] = []
        self.serial = 0

    def __getitem__(self, i: int) -> Raft:
        return self.nodes[f"n{i}"]

    def leaders(self) -> list[str]:
        """Who believes itself the leader."""
        return [name for name, node in self.nodes.items() if node.role is Role.LEADER]

    # Faults

    def cut(self, i: int, j: int) -> None:
        """Cuts the two links between two nodes."""
        self.cuts |= {(f"n{i}", f"n{j}"), (f"n{j}", f"n{i}")}

    def isolate(self, i: int) -> None:
        """Cuts a node off from all others."""
        for j in range(1, len(self.nodes) + 1):
            if j != i:
                self.cut(i, j)

    def partition(self, groups: Iterable[Iterable[int]]) -> None:
        """Only nodes of one group reach each other."""
        side = {f"n{i}": number for number, group in enumerate(groups) for i in group}
        self.cuts = {(a, b) for a in self.nodes for b in self.nodes if side.get(a, a) != side.get(b, b)}

    def recover(self) -> None:
        """Puts up every link, and ignores no kind of message."""
        self.cuts.clear()
        self.ignored.clear()

    def restart(self, i: int) -> None:
        """Crashes a node and starts it, its disk kept."""
        node = self[i]
        node.crash(disk_kept=True)
        node.start()
        forget(node)

    # Inputs; each then runs to quiet

    def campaign(self, i: int) -> None:
        """The election timeout of a node runs out; a leader has none."""
        if self[i].role is not Role.LEADER:
            self[i].fire(ELECTION)
        self.settle()

    def propose(self, i: int, value: str = "v") -> None:
        """A client asks a node for a write."""
        self.serial += 1
        request(self[i], value, self.serial)
        self.settle()

    def beat(self, i: int) -> None:
        """The heartbeat timer of a leader runs out."""
        if self[i].role is Role.LEADER:
            self[i].fire(HEARTBEAT)
        self.settle()

    def inject(self, i: int, message: Message, src: int) -> None:
        """A message out of nowhere arrives."""
        self[i].step(message, f"n{src}")
        self.settle()

    def settle(self) -> None:
        """Delivers everything, and what it causes, until nothing is under way."""
        self.collect()
        steps = 0
        while self.queue:
            src, dst, message = self.queue.popleft()
            self.nodes[dst].step(message, src)
            self.collect()
            steps += 1
            assert steps < 100_000, "the nodes never fall silent"

    def collect(self) -> None:
        """Takes what the nodes have sent; what a cut link or a kind that is ignored stops is lost."""
        for name, node in self.nodes.items():
            for dst, message in sent(node):
                if dst not in self.nodes:
                    self.answers.append(message)
                elif (name, dst) not in self.cuts and type(message) not in self.ignored:
                    self.queue.append((name, dst, message))
            forget(node)


__all__ = [
    "CLIENT", "ELECTION", "HEARTBEAT", "AppendEntries", "AppendEntriesReply", "ClientReply", "ClientRequest", "Command",
    "Entry", "Network", "Operation", "Raft", "RequestVote", "RequestVoteReply", "Role", "accept", "append", "candidate",
    "entries", "forget", "leader", "leader_with_no_op", "make", "names", "put", "reply", "request", "sent", "settings",
    "terms", "told",
]  # fmt: skip
