"""Follows a traced run of etcd's Raft, and holds each of its transitions to the rules of the paper and to our own code.

A trace has one line an event: name, node, its term, vote, commit index, role, length of log and configuration, and the
message where there is one. Entries are not in it; which term each has follows, for a leader's log grows by entries of its
own term, and a follower's as our own node makes it grow. So every AppendEntries, heartbeat and RequestVote that was received
is given to a node of ours that is in the traced state, and its answer, its log and its commit index must be those of the
trace. A leader's commit index and a candidate's victory are held to `Configuration`, from the answers that it has received.

Projection. etcd has heartbeats apart from AppendEntries, which carry a commit index alone; here they are AppendEntries with
what that index vouches for. Entries behind one that it has committed past etcd leaves alone, and answers with its commit
index; ours takes those that it lacks. etcd tells of a vote in the state after the answer, not in the answer's own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from server.protocols.quorum import Ballot
from server.protocols.raft.configuration import ADD_LEARNER, ADD_VOTER, REMOVE, Change, Configuration, ordered
from tests.conformance.adapter import Raft, RequestVote, append, entries, make, reply
from tests.conformance.differences import allowed

Event = dict[str, Any]
NOBODY = "0"
ACTIONS = {"AddNewServer": ADD_VOTER, "RemoveServer": REMOVE, "AddLearner": ADD_LEARNER}
LEADS, RUNS, FOLLOWS = "StateLeader", "StateCandidate", "StateFollower"
QUIET = {"Ready", "Replicate", "SendAppendEntriesRequest", "SendRequestVoteRequest"}
"""What needs no more than holds of every event."""


class Impossible(AssertionError):
    """An event of a trace that no Raft would show."""


@dataclass
class Server:
    """What has been seen of one node."""

    term: int = 0
    vote: str = NOBODY
    commit: int = 0
    role: str = FOLLOWS
    log: list[int] = field(default_factory=list)
    """The term of each entry."""
    configuration: Configuration = field(default_factory=Configuration)
    match: dict[str, int] = field(default_factory=dict)
    votes: dict[str, bool] = field(default_factory=dict)
    answering: tuple[Event, Raft, Any] | None = None
    """The message being answered, our node after it, and our answer."""
    heard: bool = False
    """Whether it has got or sent a message since it started; before that a log is written by whoever sets it up."""


class Follower:
    """Follows a trace, event by event; `checked` counts what was held to what."""

    def __init__(self) -> None:
        self.servers: dict[str, Server] = {}
        self.sent: set[str] = set()
        self.leaders: dict[int, str] = {}
        self.changes: set[Configuration] = set()
        self.checked: Counter[str] = Counter()

    def follow(self, events: Iterable[Event]) -> Counter[str]:
        """Raises Impossible at the first event that can't be."""
        for number, event in enumerate(events, 1):
            try:
                self.one(event)
            except Impossible as impossible:
                raise Impossible(f"event {number}, {event['name']} of node {event['nid']}: {impossible}") from None
        return self.checked

    def one(self, e: Event) -> None:
        known = self.servers.setdefault(e["nid"], Server())
        if e["name"] == "InitState":
            self.servers[e["nid"]] = known = Server(log=known.log[: e["log"]])
            known.term, known.vote, known.commit = e["state"]["term"], e["state"]["vote"], e["state"]["commit"]
        self.must(set(e["conf"][0]) == set(known.configuration.voters), "its configuration changed by itself")
        if "msg" in e:
            self.message(e, known)
        handler = getattr(self, f"on_{e['name']}", None)
        if handler is not None:
            handler(e, known)
        else:
            self.must(e["name"] in {*QUIET, "InitState"}, "nobody has said here what such an event means")
        self.always(e, known)

    def must(self, holds: bool, why: str) -> None:
        self.checked["all"] += 1
        if not holds:
            raise Impossible(why)

    # What holds of every event

    def always(self, e: Event, known: Server) -> None:
        state, log = e["state"], e["log"]
        self.must(state["term"] >= known.term, f"its term fell from {known.term} to {state['term']}")
        if state["term"] == known.term and known.vote != NOBODY:
            self.must(state["vote"] == known.vote, f"it voted for {known.vote} and then for {state['vote']}")
        if len(known.log) < log and (e["role"] == LEADS or not known.heard):
            known.log += [state["term"]] * (log - len(known.log))
        self.must(len(known.log) == log, f"its log has {log} entries, and {len(known.log)} were to be there")
        if not known.heard:
            known.commit = state["commit"]
        self.must(known.commit == state["commit"], f"it committed up to {state['commit']}, not {known.commit}")
        self.must(known.commit <= log, "it committed what it does not have")
        if e["role"] == LEADS:
            self.must(self.leaders.setdefault(state["term"], e["nid"]) == e["nid"], "its term has another leader")
            self.must(known.role == LEADS or e["name"] == "BecomeLeader", "it leads without having become the leader")
        known.term, known.vote, known.role = state["term"], state["vote"], e["role"]

    def message(self, e: Event, known: Server) -> None:
        """Sent once before it is received, however often and late."""
        known.heard = True
        words = json.dumps(e["msg"], sort_keys=True)
        if e["name"].startswith("Send"):
            self.must(e["msg"]["from"] == e["nid"], "it speaks in another's name")
            self.sent.add(words)
        else:
            self.must(e["msg"]["to"] == e["nid"], "it opens another's letters")
            self.must(words in self.sent, "it received what nobody had sent")
            self.checked["received"] += 1

    # Elections

    def on_BecomeFollower(self, e: Event, known: Server) -> None:  # noqa: N802
        known.match, known.votes = {}, {}

    def on_BecomeCandidate(self, e: Event, known: Server) -> None:  # noqa: N802
        self.must(e["state"]["term"] == known.term + 1, "it is a candidate of a term that is not the next")
        self.must(e["state"]["vote"] == e["nid"], "it does not vote for itself")
        known.votes, known.vote = {}, NOBODY

    def on_ReceiveRequestVoteResponse(self, e: Event, known: Server) -> None:  # noqa: N802
        if e["msg"]["term"] == known.term and known.role == RUNS:
            known.votes.setdefault(e["msg"]["from"], not e["msg"]["reject"])

    def on_BecomeLeader(self, e: Event, known: Server) -> None:  # noqa: N802
        self.must(known.role == RUNS, "it was no candidate")
        won = known.configuration.vote_result(known.votes)
        self.must(won is Ballot.WON, f"it leads by the votes {known.votes} in {known.configuration}")
        self.checked["elections"] += 1
        known.match = {}

    # What our own node answers

    def on_ReceiveRequestVoteRequest(self, e: Event, known: Server) -> None:  # noqa: N802
        m = e["msg"]
        self.answer(e, known, RequestVote(m["term"], m["index"], m["logTerm"]))

    def on_ReceiveAppendEntriesRequest(self, e: Event, known: Server) -> None:  # noqa: N802
        m = e["msg"]
        leader = self.servers[m["from"]].log
        if m["type"] == "MsgHeartbeat" and allowed("heartbeats"):
            prev = m["commit"]
            self.answer(e, known, append(m["term"], prev, leader[prev - 1] if prev else 0, (), prev))
            return
        self.must(m["type"] == "MsgApp", f"nobody has said here what {m['type']} is")
        prev, count = m["index"], m["entries"]
        self.must(prev + count <= len(leader), "it got entries that its leader does not have")
        new = entries(*leader[prev : prev + count], start=prev + 1)
        self.answer(e, known, append(m["term"], prev, m["logTerm"], new, m["commit"]))

    def answer(self, e: Event, known: Server, message: Any) -> None:
        """What our node makes of it, in the state that the traced one is in."""
        vote = None if known.vote == NOBODY else f"n{known.vote}"
        nodes = max(int(name) for name in self.servers)
        log = entries(*known.log)
        node = make(f"n{e['nid']}", nodes, term=known.term, vote=vote, log=log, commit=known.commit)
        known.answering = (e["msg"], node, reply(node, message, f"n{e['msg']['from']}"))

    def on_SendRequestVoteResponse(self, e: Event, known: Server) -> None:  # noqa: N802
        if e["msg"]["to"] == e["nid"]:  # its own vote, for itself
            return
        _, node, ours = self.answered(known)
        self.must(ours.vote_granted is not e["msg"]["reject"], f"ours answers {ours}")
        self.must(e["state"]["term"] == node.current_term, f"ours is in term {node.current_term}")
        self.checked["votes answered"] += 1

    def on_SendAppendEntriesResponse(self, e: Event, known: Server) -> None:  # noqa: N802
        m = e["msg"]
        if m["to"] == e["nid"]:  # a leader's own disk
            self.must(m["index"] <= e["log"], "its disk has what its log has not")
            return
        asked, node, ours = self.answered(known)
        self.must(ours.success is not m["reject"], f"ours answers {ours}")
        if asked["type"] == "MsgApp" and not m["reject"] and asked["index"] < known.commit:
            allowed("entries behind the commit index")
            self.must(m["index"] == known.commit <= ours.last_log_index, "it takes what it should have left")
        else:
            if m["reject"]:
                self.must(m["index"] == asked["index"], "it refuses what was not asked")
                self.must(m["rejectHint"] <= min(asked["index"], ours.last_log_index), "its hint is beyond its log")
            elif m["type"] == "MsgAppResp":
                self.must(m["index"] == ours.match_index, f"ours has what was sent up to {ours.match_index}")
            known.log, known.commit = [entry.term for entry in node.log], node.commit_index
        self.must(e["state"]["term"] == node.current_term, f"ours is in term {node.current_term}")
        self.checked["entries answered"] += 1

    def answered(self, known: Server) -> tuple[Event, Raft, Any]:
        self.must(known.answering is not None, "it answers what it was not asked")
        assert known.answering is not None
        answering, known.answering = known.answering, None
        return answering

    # Commitment and membership

    def on_ReceiveAppendEntriesResponse(self, e: Event, known: Server) -> None:  # noqa: N802
        m = e["msg"]
        if known.role == LEADS and m["term"] == known.term and m["type"] == "MsgAppResp" and not m["reject"]:
            known.match[m["from"]] = max(known.match.get(m["from"], 0), m["index"])

    def on_Commit(self, e: Event, known: Server) -> None:  # noqa: N802
        self.must(known.role == LEADS, "only a leader commits by counting")
        index = known.configuration.committed(known.match)
        assert index is not None
        if index > known.commit and known.log[index - 1] == known.term:
            known.commit = index
            self.checked["commits"] += 1
        self.checked["commits judged"] += 1

    def on_ChangeConf(self, e: Event, known: Server) -> None:  # noqa: N802
        self.must(known.role == LEADS, "only a leader changes the configuration")
        changes = e["prop"]["cc"]["changes"]
        unknown = [change["action"] for change in changes if change["action"] not in ACTIONS]
        self.must(not unknown, f"nobody has said here what the actions {unknown} mean")
        after = known.configuration.simple([Change(ACTIONS[change["action"]], change["nid"]) for change in changes])
        self.changes.add(after)
        self.checked["changes asked for"] += 1

    def on_ApplyConfChange(self, e: Event, known: Server) -> None:  # noqa: N802
        after = Configuration(ordered(e["prop"]["cc"].get("newconf", ())))
        if known.heard:
            self.must(after in self.changes, f"nobody asked for {after}")
        self.changes.add(after)
        altered = len(set(after.voters) ^ set(known.configuration.voters))
        self.must(altered <= 1, f"{known.configuration} became {after} in one step")
        known.configuration = after
        known.match = {node: index for node, index in known.match.items() if node in after.members}
        self.checked["changes"] += altered
