"""How the number election is drawn."""

from __future__ import annotations

from ...simulation import N_
from ..session import CLIENT_VIEWS
from ..view import Fields, MessageView, NodeView, RoleView, Strip, Table, View
from .messages import Number
from .node import ROUND

VIEW = View(
    layout="circle",
    node=NodeView(
        fill="round",
        role="role",
        roles={
            "initialise": RoleView(N_("initialise"), "I", "dashed"),
            "broadcast": RoleView(N_("broadcast"), "B", "dashed"),
            "compare": RoleView(N_("compare"), "C", "dashed"),
            "leader": RoleView(N_("elected: leader"), "L", "double", "crown"),
            "follower": RoleView(N_("elected: follower"), "F", "plain"),
        },
        ring=ROUND,
        quorum="heard_from",
        quorum_of="all",
        target="leader",
        chips=("number",),
    ),
    messages={Number: MessageView(N_("number"), "vote", "diamond", fill="round"), **CLIENT_VIEWS},
    panels=(
        Table("numbers", N_("Whose number each node has")),
        Strip("log", label="drawn", fill="round", title=N_("Logs")),
        Fields(),
    ),
)

PICTURE = {
    "nodes": 5, "leader": 2, "terms": [1, 1, 1, 1, 1],
    "messages": [[1, 3, 50, "vote"], [3, 1, 40, "vote"], [4, 2, 60, "vote"], [5, 3, 55, "vote"], [2, 5, 45, "vote"]],
}  # fmt: skip
"""Everybody tells everybody its number."""
