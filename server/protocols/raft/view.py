"""How Raft is drawn."""

from __future__ import annotations

from ...simulation import N_
from ..session import CLIENT_VIEWS
from ..view import Fields, Matrix, MessageView, NodeView, RoleView, Strip, View
from .messages import (
    AppendEntries,
    AppendEntriesReply,
    InstallSnapshot,
    InstallSnapshotReply,
    RequestVote,
    RequestVoteReply,
)
from .prevote import RequestPreVote, RequestPreVoteReply
from .reads import LeaderCheck, LeaderCheckReply
from .state import ELECTION
from .transfer import RequestVoteInTransfer, TimeoutNow

VIEW = View(
    layout="circle",
    node=NodeView(
        fill="current_term",
        role="role",
        roles={
            "follower": RoleView(N_("follower"), "F", "plain"),
            "pre-candidate": RoleView(N_("pre-candidate"), "P", "dashed"),
            "candidate": RoleView(N_("candidate"), "C", "dashed"),
            "leader": RoleView(N_("leader"), "L", "double", "crown"),
        },
        ring=ELECTION,
        quorum="votes",
        quorum_role=("pre-candidate", "candidate"),
        quorum_of="majority",
        electorate="voting",
        standing="standing",
        standings={
            "learner": RoleView(N_("learner"), "N", "faint"),
            "outside": RoleView(N_("outside"), "–", "faint"),
            "leaving": RoleView(N_("leaving"), "F", "faint"),
        },
        target="leader",
        chips=("voted_for", "commit_index"),
    ),
    messages={
        RequestVote: MessageView("RequestVote", "vote", "diamond", fill="term"),
        RequestVoteReply: MessageView(N_("RequestVote reply"), "vote", "diamond", reply="vote_granted", fill="term"),
        AppendEntries: MessageView(
            "AppendEntries",
            "append",
            "circle",
            beads="entries",
            fill="term",
            hollow=N_("heartbeat"),
            after=("prev_log_index", "prev_log_term"),
        ),
        AppendEntriesReply: MessageView(N_("AppendEntries reply"), "append", "circle", reply="success", fill="term"),
        RequestPreVote: MessageView("RequestPreVote", "vote", "triangle", fill="term"),
        RequestPreVoteReply: MessageView(
            N_("RequestPreVote reply"), "vote", "triangle", reply="vote_granted", fill="asked"
        ),
        TimeoutNow: MessageView("TimeoutNow", "control", "square", fill="term"),
        RequestVoteInTransfer: MessageView(N_("RequestVote in a transfer"), "vote", "diamond", fill="term"),
        LeaderCheck: MessageView(N_("leader check"), "control", "circle", fill="term"),
        LeaderCheckReply: MessageView(N_("leader check reply"), "control", "circle", fill="term"),
        InstallSnapshot: MessageView("InstallSnapshot", "append", "square", fill="term"),
        InstallSnapshotReply: MessageView(N_("InstallSnapshot reply"), "append", "square", fill="term"),
        **CLIENT_VIEWS,
    },
    panels=(
        Strip(
            "log",
            fill="term",
            label="command",
            commit="commit_index",
            next="next_index",
            match="match_index",
            snapshot="saved",
        ),
        Matrix("match_index"),
        Fields(),
    ),
)

PICTURE = {
    "nodes": 5, "leader": 1, "terms": [3, 3, 3, 3, 2],
    "messages": [[1, 2, 60, "append"], [1, 3, 45, "append"], [4, 1, 55, "reply"], [1, 5, 35, "append"]],
}  # fmt: skip
"""A leader and its followers, one of them a term behind."""
