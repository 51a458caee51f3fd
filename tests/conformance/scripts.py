"""Plays the scripted conversations of etcd's tests (`interaction/*.txt`, `*.golden.txt`) with our nodes.

Projection. Compared are: after every `process-ready` and `stabilize` the term, vote, commit index, role and known leader of
each node whose Ready tells them; the set of headers (from, to, kind, term) of requests for votes and their answers; that
whoever gets entries from etcd's leader gets some from ours; each log line of `raft-log`; roles, terms and leaders of
`raft-state`; the match index of `status`. Left out are how messages are batched, which etcd's probing decides, those that
carry nothing but a commit index and what is said to them, what its logger says, and its states of progress. A log is what is
on the disk, where etcd has it when a Ready was processed.

Where ours does otherwise on purpose (`differences.py`), it is helped: `add-nodes index=K` gives each node K entries of term
1 that are applied, in place of a snapshot; and where a leader has just committed more, what etcd sends at once and ours with
the next AppendEntries is sent by hand, for no more than is known to match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from server.protocols.raft.checkquorum import QUORUM_CHECK
from server.protocols.raft.messages import InstallSnapshot, InstallSnapshotReply
from server.protocols.raft.prevote import RequestPreVote, RequestPreVoteReply
from server.protocols.raft.state import PRE_CANDIDATE
from server.simulation import Log
from tests.conformance.adapter import (
    ELECTION,
    HEARTBEAT,
    AppendEntries,
    AppendEntriesReply,
    Entry,
    Raft,
    RequestVote,
    RequestVoteReply,
    Role,
    append,
    entries,
    make,
    request,
    sent,
    settings,
)
from tests.conformance.differences import allowed
from tests.conformance.oracles import Case

KINDS: dict[type, str] = {
    RequestVote: "MsgVote",
    RequestVoteReply: "MsgVoteResp",
    AppendEntries: "MsgApp",
    AppendEntriesReply: "MsgAppResp",
    RequestPreVote: "MsgPreVote",
    RequestPreVoteReply: "MsgPreVoteResp",
    InstallSnapshot: "MsgSnap",
    InstallSnapshotReply: "MsgAppResp",
}
VOTES = {"MsgVote", "MsgVoteResp", "MsgPreVote", "MsgPreVoteResp"}
ROLES = {
    Role.FOLLOWER: "StateFollower",
    Role.CANDIDATE: "StateCandidate",
    Role.LEADER: "StateLeader",
    PRE_CANDIDATE: "StatePreCandidate",
}
NOTHING = {"log-level", "report-unreachable", "set-randomized-election-timeout"}
"""Commands that are no input of Raft's; a timeout here runs out only when a script says so."""
COMMANDS = {
    "add-nodes", "compact", "campaign", "propose", "process-ready", "deliver-msgs", "stabilize", "tick-heartbeat",
    "tick-election", "raft-log", "raft-state", "status", "forget-leader", *NOTHING,
}  # fmt: skip
TUNABLES = {"prevote": "pre_vote", "checkquorum": "check_quorum"}
READS = {"lease-based": "lease"}
OPTIONS = {"voters", "index", "inflight", "read-only", *TUNABLES}
"""Options of `add-nodes`; `inflight` bounds a pipeline, which is batching."""
SERIAL_FROM = 1_000

READY = re.compile(r"^\s*>? ?(\d+) handling Ready")
HARD = re.compile(r"HardState Term:(\d+)(?: Vote:(\d+))? Commit:(\d+)")
SOFT = re.compile(r"Lead:(\d+) State:(\w+)")
HEADER = re.compile(r"^\s*(\d+)->(\d+) (Msg\w+) Term:(\d+)")
STATUS = re.compile(r"^(\d+): \w+ match=(\d+)")

Flight = tuple[int, int, Any]
Header = tuple[int, int, str, int]


def says_something(message: Any) -> bool:
    """Not one that only tells a commit index, nor an answer to entries: how often those are sent is batching."""
    return KINDS[type(message)] in VOTES or (type(message) is AppendEntries and bool(message.entries))


def term_of(message: Any) -> int:
    """The term in its header: a pre-vote that is granted is for the term that was asked about."""
    if isinstance(message, RequestPreVoteReply) and message.vote_granted:
        return message.asked
    term: int = message.term
    return term


class Conversation:
    """The nodes, what each has sent and not yet given away, and what is on the network."""

    def __init__(self, *, off: tuple[str, ...] = ()) -> None:
        self.off = off
        self.compared = 0
        self.nodes: dict[int, Raft] = {}
        self.network: list[Flight] = []
        self.given: set[Header] = set()
        """Headers of what was given away in this command."""
        self.refused: set[Header] = set()
        """Those of them that refuse a pre-vote."""
        self.disk: dict[int, Log[Entry]] = {}
        """The log of each node when it last gave away what it had sent."""
        self.shift = 0
        self.serial = SERIAL_FROM

    # Commands

    def carry_out(self, case: Case) -> None:
        self.given, self.refused = set(), set()
        numbers = [int(word) for word in case.words if word.isdigit()]
        match case.command:
            case "add-nodes":
                self.add(numbers[0], case)
            case "campaign":
                if self.nodes[numbers[0]].role is not Role.LEADER:
                    self.nodes[numbers[0]].fire(ELECTION)
            case "propose":
                self.serial += 1
                request(self.nodes[numbers[0]], case.words[1], self.serial)
            case "process-ready":
                self.give_away(numbers[0])
            case "deliver-msgs":
                self.deliver(numbers, [int(node) for node in case.names("drop") or ()])
            case "stabilize":
                self.stabilize(numbers or list(self.nodes))
            case "tick-heartbeat":
                self.nodes[numbers[0]].fire(HEARTBEAT)
            case "tick-election":
                self.tick(self.nodes[numbers[0]])
            case "compact":
                self.compact(self.nodes[numbers[0]])
            case "forget-leader":
                self.forget_leader(self.nodes[numbers[0]])
            case "raft-log" | "raft-state" | "status":
                pass
            case other if other not in NOTHING:
                pytest.fail(f"{case.where}: nobody has said here what {other!r} means.")

    def add(self, count: int, case: Case) -> None:
        """Nodes 1 to `count`, with the beginning of a log that all have applied."""
        assert not self.nodes
        assert len(case.names("voters") or ()) == count
        self.shift = int(case.args["index"])
        tunables: dict[str, Any] = {ours: True for theirs, ours in TUNABLES.items() if case.args.get(theirs) == "true"}
        if "read-only" in case.args:
            tunables["reads"] = READS[case.args["read-only"]]
        off = self.off
        if "pre_vote" in tunables and "check_quorum" not in tunables and allowed("PreVote without CheckQuorum"):
            off = (*off, "leader_stickiness")
        for number in range(1, count + 1):
            allowed("beginning of the log")
            log = entries(*[1] * self.shift)
            self.nodes[number] = make(
                f"n{number}", count, log=log, commit=self.shift, given=settings(off=off, **tunables)
            )
            self.disk[number] = self.nodes[number].log

    def compact(self, node: Raft) -> None:
        """A snapshot takes the place of all that is applied; etcd's keeps what stands behind the index that it is told."""
        allowed("how far a log is compacted")
        node.settings.__dict__["snapshot_every"] = 1
        node.compact_log()
        node.settings.__dict__["snapshot_every"] = 0

    def forget_leader(self, node: Raft) -> None:
        """A follower is told to hear no leader any more; not with leases, for it has promised something."""
        if node.role is Role.FOLLOWER and node.reads != "lease":
            node.leader, node.withhold_until = None, 0

    def tick(self, node: Raft) -> None:
        """An election timeout passes on one node's clock: heartbeats go out, and its leader looks who has answered."""
        node.now += node.election_low
        if node.role is Role.LEADER:
            node.fire(HEARTBEAT)
            if node.check_quorum:
                node.fire(QUORUM_CHECK)

    def give_away(self, number: int) -> bool:
        """What a node has sent goes to the network."""
        flights = [
            (number, int(dst[1:]), message) for dst, message in sent(self.nodes[number]) if type(message) in KINDS
        ]
        self.network += flights
        self.disk[number] = self.nodes[number].log
        self.given |= {(src, dst, KINDS[type(m)], term_of(m)) for src, dst, m in flights if says_something(m)}
        self.refused |= {
            (src, dst, "MsgPreVoteResp", m.term)
            for src, dst, m in flights
            if isinstance(m, RequestPreVoteReply) and not m.vote_granted
        }
        return bool(flights)

    def deliver(self, to: Iterable[int], lost: Iterable[int] = ()) -> bool:
        """All that the network has for these; what it has for the `lost` is lost."""
        arriving = [flight for flight in self.network if flight[1] in to]
        self.network = [flight for flight in self.network if flight[1] not in {*to, *lost}]
        for src, dst, message in arriving:
            self.nodes[dst].step(message, f"n{src}")
        return bool(arriving)

    def stabilize(self, numbers: list[int]) -> None:
        """Until these have nothing more to say to each other; and once more, when the leader has told its commit index."""
        for told in (False, True):
            if told:
                self.tell_commit(numbers)
            while any([*[self.give_away(number) for number in numbers], self.deliver(numbers)]):
                pass

    def tell_commit(self, numbers: list[int]) -> None:
        for number in numbers:
            leader = self.nodes[number]
            if leader.role is not Role.LEADER:
                continue
            for other in numbers:
                match = leader.match_index.get(f"n{other}", 0)
                if min(match, leader.commit_index) > self.nodes[other].commit_index:
                    allowed("commit index told at once")
                    told = append(leader.current_term, match, leader.term_at(match), (), leader.commit_index)
                    self.nodes[other].step(told, f"n{number}")

    # Comparing

    def disagreements(self, case: Case) -> Iterator[str]:
        """What etcd answers to this command and ours does not."""
        if case.expected == "ok":
            return
        match case.command:
            case "raft-log":
                yield from self.differs(case, self.log_of(int(case.words[0])), case.expected)
            case "raft-state":
                yield from self.differs(case, "\n".join(self.state_of(number) for number in self.nodes), case.expected)
            case "status":
                leader = self.nodes[int(case.words[0])]
                for number, match in STATUS.findall(case.expected):
                    ours = leader.match_index.get(f"n{number}", self.disk[int(case.words[0])].length)
                    yield from self.differs(case, f"match {number}: {ours}", f"match {number}: {match}")
            case "process-ready" | "stabilize":
                yield from self.ready(case)

    def differs(self, case: Case, ours: object, theirs: object) -> Iterator[str]:
        self.compared += 1
        if ours != theirs:
            yield f"{case.where}: ours {ours}, with etcd {theirs}"

    def log_of(self, number: int) -> str:
        """As etcd prints it, without what a snapshot would hold."""
        log = self.disk[number]
        if log.length < self.nodes[number].last_log_index:
            allowed("own vote and own disk")
        return "\n".join(
            f'{entry.term}/{index} EntryNormal "{entry.command.value if entry.command else ""}"'
            for index, entry in enumerate(log, log.start + 1)
            if index > self.shift
        )

    def state_of(self, number: int) -> str:
        node = self.nodes[number]
        return f"{number}: {ROLES[node.role]} (Voter) Term:{node.current_term} Lead:{self.leader_of(number)}"

    def leader_of(self, number: int) -> int:
        leader = self.nodes[number].leader
        return int(leader[1:]) if leader else 0

    def ready(self, case: Case) -> Iterator[str]:
        """The last that each node tells of itself, and the headers of what it gives away."""
        number = int(case.words[0]) if case.command == "process-ready" else 0
        hard: dict[int, tuple[str, ...]] = {}
        soft: dict[int, tuple[str, str]] = {}
        headers: set[Header] = set()
        giving = False
        for line in case.expected.splitlines():
            if found := READY.match(line):
                number = int(found[1])
            if found := HARD.search(line):
                hard[number] = found.groups("0")
            if found := SOFT.search(line):
                soft[number] = (found[1], found[2])
            giving = line.strip() == "Messages:" or (giving and not line.startswith(">"))
            if giving and (found := HEADER.match(line)):
                src, dst, kind, term = found.groups()
                if kind in VOTES or (kind == "MsgApp" and "Entries" in line):
                    headers.add((int(src), int(dst), kind, int(term)))
        for told, theirs in hard.items():
            node = self.nodes[told]
            ours = (str(node.current_term), (node.voted_for or "n0")[1:], str(node.commit_index))
            yield from self.differs(case, f"{told}: term, vote, commit {ours}", f"{told}: term, vote, commit {theirs}")
        for told, role in soft.items():
            mine = (str(self.leader_of(told)), ROLES[self.nodes[told].role])
            yield from self.differs(case, f"{told}: leader, role {mine}", f"{told}: leader, role {role}")
        if any(header[2] not in VOTES for header in self.given - headers):
            allowed("entries that are not confirmed")
        ours_too = {header for header in self.given if header[2] in VOTES or header in headers}
        if self.refused - headers and allowed("a pre-vote refused for a leader that is heard"):
            ours_too -= self.refused - headers
        yield from self.differs(case, f"gives away {sorted(ours_too)}", f"gives away {sorted(headers)}")


def played(cases: Iterable[Case], conversation: Conversation) -> Iterator[str]:
    """Every disagreement, command after command."""
    for case in cases:
        conversation.carry_out(case)
        yield from conversation.disagreements(case)
