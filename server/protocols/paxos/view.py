"""How Paxos is drawn."""

from __future__ import annotations

from ...simulation import N_
from ..session import CLIENT_VIEWS
from ..view import Fields, MessageView, NodeView, RoleView, Table, View
from .messages import Accept, Accepted, Decided, Inquire, Nack, Prepare, Promise
from .node import RETRY

VIEW = View(
    layout="circle",
    node=NodeView(
        fill="promised",
        role="role",
        roles={
            "idle": RoleView(N_("idle"), "I", "plain"),
            "proposer": RoleView(N_("proposer"), "P", "plain"),
            "acceptor": RoleView(N_("acceptor"), "A", "plain"),
            "learner": RoleView(N_("learner"), "L", "plain"),
            "preparing": RoleView(N_("preparing (phase 1)"), "1", "dashed"),
            "proposing": RoleView(N_("proposing (phase 2)"), "2", "double"),
            "waiting": RoleView(N_("backing off"), "B", "dashed"),
            "learned": RoleView(N_("knows what is chosen"), "✓", "plain"),
        },
        ring=RETRY,
        quorum="backing",
        chips=("accepted_ballot", "accepted_value"),
    ),
    messages={
        Prepare: MessageView(N_("Prepare (1a)"), "vote", "diamond", fill="ballot"),
        Promise: MessageView(N_("Promise (1b)"), "vote", "triangle", fill="ballot"),
        Accept: MessageView(N_("Accept (2a)"), "append", "circle", fill="ballot"),
        Accepted: MessageView(N_("Accepted (2b)"), "append", "triangle", fill="ballot"),
        Nack: MessageView(N_("Nack"), "control", "triangle", fill="promised", never={"nacks": (False,)}),
        Inquire: MessageView(N_("inquiry"), "control", "circle", never={"learn_interval": (0,)}),
        Decided: MessageView(N_("the chosen value"), "append", "square"),
        **CLIENT_VIEWS,
    },
    panels=(
        Table("promises", N_("Promises reported"), label="value", note="ballot"),
        Table("heard", N_("Acceptances heard"), label="value", note="ballot"),
        Fields(),
    ),
)
