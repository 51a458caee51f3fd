"""Raft, after figure 2 of the paper (Ongaro and Ousterhout, 2014), handler by handler.

Theory of operation. Time is divided into terms, each with at most one leader, because a node votes once per term and a
leader needs a majority. A leader alone appends; followers take over its log, entry after entry, checking each time that
the entry before is the same. An entry of the leader's own term that a majority has stored is committed, with all before
it: no later leader can lack it, since a node refuses its vote to whoever has a log behind its own.

Every `rule` is one line of that argument, and can be switched off to see what it was for.

One class a part of the paper, each upon the one before: `state`, `membership`, `terms`, `snapshots`, `replication`,
`elections`; then what the dissertation adds, each with a tunable that leaves it out: `prevote`, `checkquorum`, `transfer`,
`reads`, `reconfiguration`; and clients here.
"""

from __future__ import annotations

from ...simulation import on
from .. import keyvalue
from ..session import ClientReply, ClientRequest
from . import indications as tell
from .changes import ChangeRequest
from .messages import (
    AppendEntries,
    AppendEntriesReply,
    Entry,
    InstallSnapshot,
    InstallSnapshotReply,
    RequestVote,
    RequestVoteReply,
)
from .operations import TransferLeadership
from .prevote import RequestPreVote, RequestPreVoteReply
from .reads import LeaderCheck, LeaderCheckReply
from .reconfiguration import Reconfiguration
from .state import LEADER
from .transfer import RequestVoteInTransfer, TimeoutNow


class Raft(Reconfiguration):
    """One server of a Raft cluster."""

    messages = (
        RequestVote, RequestVoteReply, AppendEntries, AppendEntriesReply, InstallSnapshot, InstallSnapshotReply,
        ClientRequest, RequestPreVote, RequestPreVoteReply, TimeoutNow, RequestVoteInTransfer, LeaderCheck, LeaderCheckReply,
    )  # fmt: skip
    foreign = (ClientReply,)

    # Clients (section 8)

    @on(ClientRequest)
    def on_client_request(self, m: ClientRequest, src: str) -> None:
        """A leader appends the operation and sends it to all; anyone else says whom to ask (section 8)."""
        if self.role is not LEADER:
            self.indicate(tell.NoLeaderKnown(src) if self.leader is None else tell.Redirected(src, self.leader))
            self.send(src, ClientReply(m.serial, False, None, self.leader))
            return
        op = m.operation
        if type(op) is TransferLeadership:
            self.ask_for_transfer(op.node, src, m.serial)
            return
        if op.name == "get" and self.settings.reads != "log":
            self.read(op, src, m.serial)
            return
        serial, result = self.sessions.get(src, (0, None))
        if m.serial < serial:
            self.indicate(tell.RequestIsOver(src, m.serial, serial))
            return
        if m.serial == serial:
            self.indicate(tell.Answered(src, m.serial))
            self.send(src, ClientReply(m.serial, True, result, self.id))
            return
        if self.handover is not None:
            self.indicate(tell.BusyHandingOver(src, self.handover.target))
            self.send(src, ClientReply(m.serial, False, None, None))
            return
        if type(op) is ChangeRequest:
            self.change_members(op, src, m.serial)
            return
        command = keyvalue.Command(op.name, op.key, op.value, op.expect, src, m.serial)
        self.log = self.log.append(Entry(self.current_term, command))
        self.indicate(tell.Appended(self.last_log_index, self.current_term, src, m.serial))
        self.advance_commit_index()
        self.send_entries_to_all()
