"""How the bully algorithm is drawn: a node has the colour of its coordinator, so that two camps are seen at once."""

from __future__ import annotations

from ...simulation import N_
from ..session import CLIENT_VIEWS
from ..view import Fields, MessageView, NodeView, RoleView, View
from .messages import Answer, Coordinator, Election, Halt, Halted, Heartbeat
from .node import SILENCE

VIEW = View(
    layout="circle",
    node=NodeView(
        fill="leader",
        role="role",
        roles={
            "follower": RoleView(N_("follower"), "F", "plain"),
            "asking": RoleView(N_("asks the higher"), "A", "dashed"),
            "halting": RoleView(N_("halts the lower"), "H", "dashed"),
            "waiting": RoleView(N_("waits for the coordinator"), "W", "dashed"),
            "coordinator": RoleView(N_("coordinator"), "C", "double", "crown"),
        },
        ring=SILENCE,
        quorum="halted",
        quorum_role="halting",
        target="leader",
        chips=("halted_by",),
    ),
    messages={
        Election: MessageView(N_("Election"), "vote", "triangle"),
        Answer: MessageView(N_("Answer"), "vote", "diamond"),
        Halt: MessageView(N_("Halt"), "control", "square"),
        Halted: MessageView(N_("Halted"), "control", "diamond"),
        Coordinator: MessageView(N_("Coordinator"), "append", "square"),
        Heartbeat: MessageView(N_("Heartbeat"), "append", "circle"),
        **CLIENT_VIEWS,
    },
    panels=(Fields(),),
)

PICTURE = {
    "nodes": 5, "leader": 4, "down": [5], "candidates": [1, 2],
    "messages": [[1, 4, 45, "vote"], [2, 5, 60, "vote"], [4, 3, 55, "append"], [4, 2, 40, "append"]],
}  # fmt: skip
"""The highest is down, and the next one leads."""
