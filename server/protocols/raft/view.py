"""How Raft is drawn."""

from __future__ import annotations

from ...simulation import N_
from ..view import Fields, Matrix, MessageView, NodeView, RoleView, Strip, View
from .messages import AppendEntries, AppendEntriesReply, ClientReply, ClientRequest, RequestVote, RequestVoteReply
from .node import ELECTION

VIEW = View(
    layout="circle",
    node=NodeView(
        fill="current_term",
        role="role",
        roles={
            "follower": RoleView(N_("follower"), "F", "plain"),
            "candidate": RoleView(N_("candidate"), "C", "dashed"),
            "leader": RoleView(N_("leader"), "L", "double", "crown"),
        },
        ring=ELECTION,
        quorum="votes",
        quorum_role="candidate",
        target="leader",
        chips=("voted_for", "commit_index"),
    ),
    messages={
        RequestVote: MessageView("RequestVote", "vote", "diamond", fill="term"),
        RequestVoteReply: MessageView(N_("RequestVote reply"), "vote", "diamond", reply="vote_granted", fill="term"),
        AppendEntries: MessageView("AppendEntries", "append", "circle", beads="entries", fill="term"),
        AppendEntriesReply: MessageView(N_("AppendEntries reply"), "append", "circle", reply="success", fill="term"),
        ClientRequest: MessageView(N_("client request"), "client", "square"),
        ClientReply: MessageView(N_("client reply"), "client", "square", reply="done"),
    },
    panels=(
        Strip("log", fill="term", label="command", commit="commit_index", next="next_index", match="match_index"),
        Matrix("match_index"),
        Fields(),
    ),
)
