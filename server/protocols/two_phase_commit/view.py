"""How two-phase commit is drawn: the coordinator in the middle, the participants around it."""

from __future__ import annotations

from ...simulation import N_
from ..journal import TIMEOUT
from ..session import CLIENT_VIEWS
from ..transactions import ABORTED, COMMITTED, IN_DOUBT, WORKING
from ..view import Fields, MessageView, NodeView, RoleView, Strip, Table, View
from .messages import Abort, Ack, Commit, Inquiry, Prepare, Vote

VIEW = View(
    layout="star",
    node=NodeView(
        role="role",
        roles={
            "coordinator": RoleView(N_("coordinator"), "C", "double", "crown"),
            "participant": RoleView(N_("participant"), "P", "plain"),
            "in_doubt": RoleView(N_("in doubt"), "?", "dashed"),
        },
        ring=TIMEOUT,
        quorum="votes",
        quorum_role="coordinator",
        quorum_of="all",
        chips=("balance", "locks"),
    ),
    messages={
        Prepare: MessageView(N_("Prepare"), "vote", "diamond"),
        Vote: MessageView(N_("Vote"), "vote", "diamond", reply="yes"),
        Commit: MessageView(N_("Commit"), "append", "circle"),
        Abort: MessageView(N_("Abort"), "control", "triangle"),
        Ack: MessageView(N_("Ack"), "append", "square"),
        Inquiry: MessageView(N_("Inquiry"), "control", "diamond"),
        **CLIENT_VIEWS,
    },
    panels=(
        Table(
            "transactions",
            N_("Transactions"),
            label="state",
            words={
                WORKING: N_("working"),
                IN_DOUBT: N_("in doubt"),
                COMMITTED: N_("committed"),
                ABORTED: N_("aborted"),
            },
            tones={WORKING: "neutral", IN_DOUBT: "wait", COMMITTED: "good", ABORTED: "bad"},
        ),
        Strip("log", label="line", commit="forced", title=N_("Log: what is on the disk")),
        Fields(),
    ),
)
