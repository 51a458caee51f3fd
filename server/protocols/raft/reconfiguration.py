"""What a leader does to change the members: one configuration at a time, each an entry of its log (thesis chapter 4).

Changing one server at a time is safe since any two majorities of neighbouring configurations share a server, provided that
no leader begins before it has committed an entry of its own term (Ongaro, raft-dev, July 2015). A larger change goes
through a joint configuration, which needs majorities of the old members and of the new ones (paper section 6). A server
that is to vote may be added as a learner first, so that it holds up no commit while it catches up (thesis section 4.2.1).
"""

from __future__ import annotations

from ...simulation import N_, Refused, Setting, rule, value, volatile
from ..indication import Indication
from ..session import ClientReply
from . import indications as tell
from .changes import ChangeRequest, members_entry
from .configuration import ADD_LEARNER, ADD_VOTER, Change, Configuration
from .membership import names
from .messages import AppendEntriesReply, Entry
from .reads import Reads
from .state import LEADER

SEARCHED: dict[str, Setting] = {
    "membership_churn": 1, "catch_up": False, "pre_vote": False, "check_quorum": False, "reads": "log", "transfer": "off",
}  # fmt: skip
"""Where a search looks for what the rules of changes were for: many changes, and nothing that keeps a leader in office."""


@value
class Joining:
    """A change that waits until its new voters have caught up as learners, and who asked for it."""

    nodes: tuple[str, ...]
    changes: tuple[Change, ...]
    client: str
    serial: int


class Reconfiguration(Reads):
    """A leader that is asked for other members."""

    one_change: bool = rule(
        N_("One change of members at a time"),
        N_("A leader begins a change of members only when the one before is committed."),
        cites="Ongaro 2014 §4.1", needs={**SEARCHED, "membership": "single"},
    )  # fmt: skip
    own_term_first: bool = rule(
        N_("An entry of its own term before a change of members"),
        N_("A leader begins a change of members only when it has committed an entry of its own term."),
        cites="Ongaro 2015, raft-dev; Ongaro 2014 §4.1",
        needs={**SEARCHED, "membership": "single", "initial_members": 4, "no_op": False},
    )  # fmt: skip
    joint_consensus: bool = rule(
        N_("Two majorities while many members change"),
        N_("Between the old and the new members there is a time in which a majority of each is needed."),
        cites="Raft §6", needs={**SEARCHED, "membership": "joint"},
    )  # fmt: skip

    joining: Joining | None = volatile(
        None, N_("joining"), N_("The change that waits until its new voters, learners for now, have caught up.")
    )

    # A client asks

    def change_members(self, op: ChangeRequest, client: str, serial: int) -> None:
        """Leader: appends the configuration that a client asks for, or tells why not."""
        configuration, waiting = self.configuration, self.joining
        if self.membership == "fixed" or configuration is None:
            self.refuse_change(tell.ChangeRefusedFixed(client), client, serial)
            return
        if waiting is not None and (waiting.client, waiting.serial) == (client, serial):
            return  # the same question again
        changes = op.changes(configuration)
        unknown = [change.node for change in changes if change.node not in (self.id, *self.peers)]
        if unknown:
            self.refuse_change(tell.ChangeRefusedUnknown(client, unknown[0]), client, serial)
        elif self.one_change and (self.configured_at > self.commit_index or configuration.joint):
            self.put_off_change(tell.ChangeRefusedPending(client, self.configured_at), client, serial)
        elif self.own_term_first and not self.has_committed_in_term():
            self.put_off_change(tell.ChangeRefusedNoOwnEntry(client, self.current_term), client, serial)
        else:
            self.begin_change(configuration, changes, client, serial)

    def refuse_change(self, why: Indication, client: str, serial: int) -> None:
        """The answer is no; nothing has changed."""
        self.indicate(why)
        self.send(client, ClientReply(serial, True, False, self.id))

    def put_off_change(self, why: Indication, client: str, serial: int) -> None:
        """Not now, and perhaps not here: the client is to look around and to ask again."""
        self.indicate(why)
        self.send(client, ClientReply(serial, False, None, None))

    def begin_change(self, configuration: Configuration, changes: tuple[Change, ...], client: str, serial: int) -> None:
        """The next configuration; where new voters are to catch up first, one with them as learners."""
        new = tuple(c.node for c in changes if c.kind is ADD_VOTER and c.node not in configuration.members)
        try:
            following = self.next_configuration(configuration, changes)
            if self.catch_up and new:
                learning = configuration.simple(Change(ADD_LEARNER, node) for node in new)
        except Refused as refused:
            why: Indication
            match refused.code:
                case "more_than_one":
                    why = tell.ChangeRefusedTooMany(client)
                case "no_voter_left":
                    why = tell.ChangeRefusedNobodyLeft(client)
                case _:
                    why = tell.ChangeRefusedPending(client, self.configured_at)
            self.refuse_change(why, client, serial)
            return
        if self.catch_up and new:
            self.joining = Joining(new, changes, client, serial)
            self.append_members(learning, None, 0)
            self.indicate(tell.CatchUpBegun(names(new)))
        else:
            self.joining = None
            self.append_members(following, client, serial)

    def next_configuration(self, configuration: Configuration, changes: tuple[Change, ...]) -> Configuration:
        """What follows in one step. Raises Refused."""
        if self.membership == "single":
            return configuration.simple(changes)
        both = configuration.enter_joint(changes, auto_leave=True)
        return both if self.joint_consensus else both.leave_joint()

    def append_members(self, configuration: Configuration, client: str | None, serial: int) -> None:
        """A new configuration is used from the moment it is in the log, by its leader first (section 6)."""
        self.log = self.log.append(Entry(self.current_term, members_entry(configuration, client, serial)))
        self.put_in_force(self.last_log_index, configuration)
        self.indicate(tell.ConfigurationAppended(self.last_log_index, self.described(), configuration))
        self.advance_commit_index()
        if self.role is LEADER:
            self.send_entries_to_all()

    # What follows when something is committed, or acknowledged

    def follower_has(self, src: str, index: int) -> None:
        super().follower_has(src, index)
        if self.joining is not None and self.role is LEADER:
            self.finish_catching_up()

    def slide_window(self, m: AppendEntriesReply, src: str) -> bool:
        slid = super().slide_window(m, src)
        if slid and self.joining is not None and self.role is LEADER:
            self.finish_catching_up()
        return slid

    def end_transfer(self, *, done: bool) -> None:
        """A change that waited for its end goes on, where this is still the leader."""
        super().end_transfer(done=done)
        if self.joining is not None and self.role is LEADER:
            self.finish_catching_up()

    def finish_catching_up(self) -> None:
        """The new voters have all that is committed, the entry that made them learners too: the change itself begins."""
        waiting, configuration = self.joining, self.configuration
        assert waiting is not None
        assert configuration is not None
        if self.handover is not None:
            return  # a successor has the whole log, so nothing is appended meanwhile (thesis section 3.10)
        if self.configured_at > self.commit_index or configuration.joint:
            return
        if any(self.match_index.get(node, 0) < self.commit_index for node in waiting.nodes):
            return
        self.joining = None
        self.indicate(tell.CaughtUp(names(waiting.nodes), self.commit_index))
        self.begin_change(configuration, waiting.changes, waiting.client, waiting.serial)

    def after_commit(self) -> None:
        """A configuration may be committed now: a joint one is left, and who is not in it steps down."""
        configuration = self.configuration
        if configuration is None or self.configured_at > self.commit_index:
            return
        self.take_standing()
        if self.role is not LEADER or configuration is not self.configuration:
            return
        if configuration.joint:
            if configuration.auto_leave:
                self.append_members(configuration.leave_joint(), None, 0)
        elif self.id not in configuration.voters:
            # Others learn with this that it is committed, and elect one of them (thesis section 4.2.2).
            self.send_entries_to_all()
            self.indicate(tell.RemovedLeaderStepsDown(self.current_term, self.configured_at, self.described()))
            self.leader = None
            self.become_follower()

    def become_follower(self) -> None:
        super().become_follower()
        self.joining = None
