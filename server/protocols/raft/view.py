"""How Raft is drawn."""

from __future__ import annotations

from ...simulation import N_
from ..forms import Never
from ..session import CLIENT_VIEWS
from ..view import Fields, Matrix, MessageView, NodeView, RoleView, Roster, Strip, View
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

NO_PRE_VOTE: Never = {"pre_vote": (False,)}
NO_TRANSFER: Never = {"transfer": ("off",)}
NO_CHECKS: Never = {"reads": ("log", "local")}
NO_SNAPSHOTS: Never = {"snapshot_every": (0,)}

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
        RequestPreVote: MessageView("RequestPreVote", "vote", "triangle", fill="term", never=NO_PRE_VOTE),
        RequestPreVoteReply: MessageView(
            N_("RequestPreVote reply"), "vote", "triangle", reply="vote_granted", fill="asked", never=NO_PRE_VOTE
        ),
        TimeoutNow: MessageView("TimeoutNow", "control", "square", fill="term", never=NO_TRANSFER),
        RequestVoteInTransfer: MessageView(
            N_("RequestVote in a transfer"), "vote", "diamond", fill="term", never=NO_TRANSFER
        ),
        LeaderCheck: MessageView(N_("leader check"), "control", "circle", fill="term", never=NO_CHECKS),
        LeaderCheckReply: MessageView(N_("leader check reply"), "control", "circle", fill="term", never=NO_CHECKS),
        InstallSnapshot: MessageView("InstallSnapshot", "append", "square", fill="term", never=NO_SNAPSHOTS),
        InstallSnapshotReply: MessageView(
            N_("InstallSnapshot reply"), "append", "square", fill="term", never=NO_SNAPSHOTS
        ),
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
    roster=Roster(
        "configuration",
        N_("Members"),
        parts={
            "outgoing": N_("old voters"),
            "voters": N_("voters"),
            "learners": N_("learners"),
            "learners_next": N_("learners after that"),
        },
        usual="voters",
        beside={"voters": ("outgoing", N_("new voters"))},
    ),
)

PICTURE = {
    "nodes": 5, "leader": 1, "terms": [3, 3, 3, 3, 2],
    "messages": [[1, 2, 60, "append"], [1, 3, 45, "append"], [4, 1, 55, "reply"], [1, 5, 35, "append"]],
}  # fmt: skip
"""A leader and its followers, one of them a term behind."""
