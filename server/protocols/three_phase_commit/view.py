"""How three-phase commit is drawn: the coordinator in the middle, the participants around it."""

from __future__ import annotations

from ...simulation import N_
from ..journal import TIMEOUT
from ..session import CLIENT_VIEWS
from ..transactions import ABORTED, COMMITTED, IN_DOUBT, WORKING
from ..view import Fields, MessageView, NodeView, RoleView, Strip, Table, View
from .messages import Ack, CanCommit, DoAbort, DoCommit, Elect, Inquiry, PreCommit, StateReply, StateRequest, Vote
from .state import PRECOMMITTED

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
        CanCommit: MessageView(N_("CanCommit"), "vote", "diamond"),
        Vote: MessageView(N_("Vote"), "vote", "diamond", reply="yes"),
        PreCommit: MessageView(N_("PreCommit"), "append", "circle"),
        Ack: MessageView(N_("Ack"), "append", "square"),
        DoCommit: MessageView(N_("DoCommit"), "append", "triangle"),
        DoAbort: MessageView(N_("DoAbort"), "control", "triangle"),
        Elect: MessageView(N_("Elect"), "control", "circle"),
        StateRequest: MessageView(N_("StateRequest"), "control", "diamond"),
        StateReply: MessageView(N_("StateReply"), "control", "diamond"),
        Inquiry: MessageView(N_("Inquiry"), "control", "square"),
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
                PRECOMMITTED: N_("pre-committed"),
                COMMITTED: N_("committed"),
                ABORTED: N_("aborted"),
            },
            tones={WORKING: "neutral", IN_DOUBT: "wait", PRECOMMITTED: "wait", COMMITTED: "good", ABORTED: "bad"},
        ),
        Strip("log", label="line", commit="forced", title=N_("Log: what is on the disk")),
        Fields(),
    ),
)
