"""How primary-backup replication is drawn."""

from __future__ import annotations

from ...simulation import N_
from ..session import CLIENT_VIEWS
from ..view import Fields, Matrix, MessageView, NodeView, RoleView, Strip, Table, View
from .failover import TAKEOVER
from .messages import Commit, Confirm, Fetch, HandOver, Refuse, Replicate, TakeOver

VIEW = View(
    layout="circle",
    node=NodeView(
        fill="view",
        role="role",
        roles={
            "backup": RoleView(N_("backup"), "B", "plain"),
            "taking over": RoleView(N_("taking over"), "T", "dashed"),
            "primary": RoleView(N_("primary"), "P", "double", "crown"),
        },
        ring=TAKEOVER,
        quorum="heard",
        quorum_role="taking over",
        quorum_of="majority",
        target="primary",
        chips=("commit_index",),
    ),
    messages={
        Replicate: MessageView(N_("replicate"), "append", "circle", beads="entries", fill="view"),
        Fetch: MessageView(N_("fetch"), "control", "circle", fill="view"),
        Confirm: MessageView(N_("confirm"), "append", "triangle", fill="view"),
        Commit: MessageView(N_("commit"), "append", "square", fill="view"),
        TakeOver: MessageView(N_("take over"), "vote", "diamond", fill="view"),
        HandOver: MessageView(N_("hand over"), "vote", "diamond", beads="entries", fill="view"),
        Refuse: MessageView(N_("refuse"), "control", "square", fill="view"),
        **CLIENT_VIEWS,
    },
    panels=(
        Strip("log", label="command", fill="view", commit="commit_index", match="confirmed", title=N_("Log")),
        Table("data", N_("Database"), label="value", note="version"),
        Matrix("confirmed", N_("In logs")),
        Matrix("applied_at", N_("In databases")),
        Fields(),
    ),
)

PICTURE = {
    "nodes": 5, "leader": 1, "terms": [1, 1, 1, 1, 1],
    "messages": [[1, 2, 55, "append"], [1, 3, 40, "append"], [1, 4, 50, "append"], [5, 1, 60, "reply"]],
}  # fmt: skip
"""A primary that replicates, and a backup that confirms."""
