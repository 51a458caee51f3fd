"""How gossip is drawn: nodes with the same data have the same number and hue."""

from __future__ import annotations

from ...simulation import N_
from ..forms import Never
from ..session import CLIENT_VIEWS
from ..view import Fields, MessageView, NodeView, RoleView, Table, View
from .messages import Digest, Rumor, RumorReply, Values
from .node import GOSSIP

NO_RUMORS: Never = {"rumor_limit": (0,)}

VIEW = View(
    layout="circle",
    node=NodeView(
        fill="checksum",
        role="role",
        roles={"infective": RoleView(N_("infective"), "I", "double")},
        ring=GOSSIP,
        target="partner",
        chips=("round", "redundant"),
    ),
    messages={
        Digest: MessageView(N_("stamps"), "control", "diamond"),
        Values: MessageView(N_("values"), "append", "circle", beads="items", hollow=N_("question for values")),
        Rumor: MessageView(N_("rumor"), "vote", "triangle", beads="items", never=NO_RUMORS),
        RumorReply: MessageView(N_("rumor reply"), "vote", "triangle", reply="news", never=NO_RUMORS),
        **CLIENT_VIEWS,
    },
    panels=(
        Table("store", title=N_("Data"), label="value", note="stamp", words={"null": N_("gone")}),
        Fields(),
    ),
)
