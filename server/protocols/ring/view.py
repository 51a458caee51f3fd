"""How the ring election is drawn: arrows to the neighbours make the ring, and a node has the colour of its leader."""

from __future__ import annotations

from ...simulation import N_
from ..session import CLIENT_VIEWS
from ..view import Fields, MessageView, NodeView, RoleView, View
from .messages import AreYouThere, Elected, Present, Token
from .node import ELECTION

VIEW = View(
    layout="circle",
    node=NodeView(
        fill="leader",
        role="role",
        roles={
            "follower": RoleView(N_("follower"), "F", "plain"),
            "participant": RoleView(N_("participant in the election"), "P", "dashed"),
            "leader": RoleView(N_("leader"), "L", "double", "crown"),
        },
        ring=ELECTION,
        successor="successor",
        chips=("largest",),
    ),
    messages={
        Token: MessageView(N_("token"), "vote", "diamond", fill="number"),
        Elected: MessageView(N_("elected"), "append", "square", fill="number"),
        AreYouThere: MessageView(N_("are you there?"), "control", "circle"),
        Present: MessageView(N_("present"), "control", "circle"),
        **CLIENT_VIEWS,
    },
    panels=(Fields(),),
)

PICTURE = {
    "nodes": 5, "candidates": [1, 2, 3, 4, 5],
    "messages": [[1, 2, 50, "vote"], [2, 3, 40, "vote"], [3, 4, 55, "vote"], [4, 5, 45, "vote"], [5, 1, 60, "vote"]],
}  # fmt: skip
"""Every number is on its way."""
