"""How Multi-Paxos is drawn."""

from __future__ import annotations

from ...simulation import N_
from ..session import CLIENT_VIEWS
from ..view import Fields, MessageView, NodeView, RoleView, Strip, Table, View
from .messages import Accept, Accepted, Heartbeat, LearnReply, LearnRequest, Nack, Prepare, Promise
from .node import ELECTION

VIEW = View(
    layout="circle",
    node=NodeView(
        fill="promised",
        role="role",
        roles={
            "follower": RoleView(N_("follower"), "F", "plain"),
            "candidate": RoleView(N_("candidate"), "C", "dashed"),
            "leader": RoleView(N_("leader"), "L", "double", "crown"),
        },
        ring=ELECTION,
        quorum="promises",
        quorum_role="candidate",
        quorum_of="majority",
        target="leader",
        chips=("chosen_upto",),
    ),
    messages={
        Prepare: MessageView(N_("Prepare (1a)"), "vote", "diamond", fill="ballot"),
        Promise: MessageView(N_("Promise (1b)"), "vote", "diamond", beads="reports", fill="ballot"),
        Accept: MessageView(N_("Accept (2a)"), "append", "circle", beads="proposals", fill="ballot"),
        Accepted: MessageView(N_("Accepted (2b)"), "append", "triangle", beads="slots", fill="ballot"),
        Nack: MessageView(N_("Nack"), "control", "triangle", fill="promised"),
        Heartbeat: MessageView(N_("heartbeat"), "append", "circle", fill="ballot"),
        LearnRequest: MessageView(N_("inquiry"), "control", "square"),
        LearnReply: MessageView(N_("chosen slots"), "control", "circle", beads="entries"),
        **CLIENT_VIEWS,
    },
    panels=(
        Strip(
            "log", label="command", fill="ballot", commit="chosen_upto", settled="early", gap="gap", title=N_("Slots")
        ),
        Table("data", N_("Key-value store")),
        Fields(),
    ),
)

PICTURE = {
    "nodes": 5, "leader": 1, "terms": [1, 1, 1, 1, 1], "commit": 2,
    "messages": [[1, 2, 60, "append"], [1, 3, 45, "append"], [4, 1, 55, "reply"], [1, 5, 35, "append"]],
    "logs": [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1], [1, 1, 1, 1], [1, 1]],
}  # fmt: skip
"""A leader whose ballot all have promised, with two slots under way."""
