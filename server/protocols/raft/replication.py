"""Replication: entries, their commitment, and the state machine (sections 5.3 and 5.4.2)."""

from __future__ import annotations

from typing import Any

from ...simulation import on, on_timer
from .. import keyvalue
from ..session import ClientReply
from . import indications as tell
from .changes import Members
from .messages import AppendEntries, AppendEntriesReply, Entry, InstallSnapshot, InstallSnapshotReply
from .snapshots import Snapshots
from .state import HEARTBEAT, LEADER

ENTRIES_MAX = 16
"""How many entries one AppendEntries carries at the most."""


class Replication(Snapshots):
    """How a leader's log becomes everybody's, and what is committed."""

    # The leader sends (section 5.3)

    @on_timer(HEARTBEAT)
    def on_heartbeat_timer(self) -> None:
        """Repeated during idle periods to prevent election timeouts; also what sends again what was lost."""
        self.set_timer(HEARTBEAT, self.heartbeat_interval)
        self.send_entries_to_all()

    def send_entries_to_all(self) -> None:
        """AppendEntries to each peer; those with the same nextIndex get the same message."""
        if self.settings.window:
            self.fill_windows()
            return
        made: dict[int, AppendEntries | InstallSnapshot] = {}
        for peer, index in self.next_index.items():
            message = made.get(index)
            if message is None:
                message = made[index] = self.entries_from(index)
            if index <= self.log.start:
                self.indicate(tell.SnapshotNeeded(peer, index, self.log.start))
            self.send(peer, message)

    def send_entries(self, peer: str) -> None:
        """AppendEntries to one peer, or the snapshot."""
        index = self.next_index[peer]
        if index <= self.log.start:
            self.indicate(tell.SnapshotNeeded(peer, index, self.log.start))
        self.send(peer, self.entries_from(index))

    def entries_from(self, index: int) -> AppendEntries | InstallSnapshot:
        """AppendEntries with what the log has from `index` on; a heartbeat where it has nothing. Where the log does not
        reach back so far, the snapshot (section 7).
        """
        if index <= self.log.start:
            return InstallSnapshot(self.current_term, self.saved)
        return self.append_from(index)

    def append_from(self, index: int) -> AppendEntries:
        """AppendEntries with what the log has from `index` on, which must stand behind the compacted part."""
        log = self.log
        prev = min(index - 1, log.length)  # a leader's log gets shorter only where a rule is off
        entries = log[prev : prev + ENTRIES_MAX] if prev < log.length else ()
        return AppendEntries(self.current_term, prev, self.term_at(prev), entries, self.commit_index)

    # The follower takes over (section 5.3)

    @on(AppendEntries)
    def on_append_entries(self, m: AppendEntries, src: str) -> None:
        """Receiver implementation of AppendEntries, figure 2."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
        if m.term < self.current_term:
            self.indicate(tell.AppendRejectedOldTerm(src, m.term, self.current_term))
            self.refuse_entries(m, src)
            return
        self.recognise_leader(src)
        if m.prev_log_index < self.log.start:
            m = self.without_compacted(m)
        prev = m.prev_log_index
        if self.settings.consistency_check:
            if prev > self.log.length:
                self.indicate(tell.AppendRejectedMissing(src, prev, self.last_log_index))
                self.refuse_entries(m, src)
                return
            if self.term_at(prev) != m.prev_log_term:
                self.indicate(tell.AppendRejectedConflict(src, prev, m.prev_log_term, self.term_at(prev)))
                self.refuse_entries(m, src)
                return
        else:
            prev = min(prev, self.last_log_index)
        match = m.prev_log_index
        if m.entries:
            match += len(m.entries)
            before = self.log
            self.take_entries(m, prev)
            if not self.settings.consistency_check:
                self.indicate(tell.AppendAcceptedUnchecked(src, len(m.entries)))
            elif self.log is before:
                self.indicate(tell.AppendRepeated(src, match))
            else:
                self.indicate(tell.AppendAccepted(src, len(m.entries), m.prev_log_index, match))
        if m.leader_commit > self.commit_index:
            # Not past the last entry known to be the leader's: what stands behind it may be another leader's.
            self.learn_commit(min(m.leader_commit, match, self.last_log_index), src)
        self.send(src, AppendEntriesReply(self.current_term, True, m.prev_log_index, match, self.log.length))

    def refuse_entries(self, m: AppendEntries, src: str) -> None:
        """Answers false, with what a leader needs to go on: its request, and the end of this log."""
        self.send(src, AppendEntriesReply(self.current_term, False, m.prev_log_index, 0, self.last_log_index))

    def take_entries(self, m: AppendEntries, prev: int) -> None:
        """Steps 3 and 4: removes what conflicts, from the first conflict on; appends what is not there.

        What agrees stays, even behind the last new entry: an old message must not take away what came since.
        """
        log = self.log
        for offset, entry in enumerate(m.entries):
            index = prev + 1 + offset
            if index <= log.length:
                own_term = log.items[index - log.start - 1].term
                if own_term == entry.term:
                    continue
                self.indicate(tell.EntriesRemoved(index, log.length - index + 1, own_term, entry.term))
                log = log.truncate(index - 1)
            log = log.extend(m.entries[offset:])
            break
        if log is not self.log:
            self.log = log
            if self.configuration is not None:
                self.adopt_configuration(prev + 1)

    @on(AppendEntriesReply)
    def on_append_entries_reply(self, m: AppendEntriesReply, src: str) -> None:
        """Leader: after success it raises nextIndex and matchIndex, after a refusal it lowers nextIndex and retries."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
            return
        if self.role is not LEADER or m.term < self.current_term or src not in self.match_index:
            return
        settings = self.settings
        if settings.check_quorum:
            self.hear(src)
        if settings.window and self.slide_window(m, src):
            return
        if m.success:
            if m.match_index > self.match_index[src]:
                self.follower_has(src, m.match_index)
            return
        if m.prev_log_index != self.next_index[src] - 1 or m.prev_log_index <= self.match_index[src]:
            return  # an answer to an older request, late or doubled: nextIndex has moved since
        lower = min(self.next_index[src] - 1, m.last_log_index + 1)
        self.next_index = {**self.next_index, src: max(lower, self.match_index[src] + 1)}
        self.indicate(tell.NextIndexLowered(src, self.next_index[src]))
        self.send_entries(src)

    def follower_has(self, src: str, index: int) -> None:
        """Leader: a follower has more of its log than was known, up to `index`."""
        self.match_index = {**self.match_index, src: index}
        if index >= self.next_index[src]:
            self.next_index = {**self.next_index, src: index + 1}
        self.advance_commit_index()
        # A leader that was removed has no nextIndex any more.
        if self.next_index.get(src, self.log.length + 1) <= self.log.length:
            self.send_entries(src)
        if self.settings.transfer != "off":
            self.hand_over()

    @on(InstallSnapshotReply)
    def on_install_snapshot_reply(self, m: InstallSnapshotReply, src: str) -> None:
        """Leader: the follower has what the snapshot stands for; what follows is sent as entries again."""
        if m.term > self.current_term:
            self.see_term(m.term, src)
            return
        if self.role is not LEADER or m.term < self.current_term:
            return
        if self.settings.check_quorum:
            self.hear(src)
        if m.match_index > self.match_index.get(src, m.match_index):
            self.follower_has(src, m.match_index)

    # What the dissertation adds to an answer, in the modules that follow upon this one; here nothing

    def hear(self, src: str) -> None:
        """Leader: a follower has answered (`checkquorum`)."""

    def fill_windows(self) -> None:
        """Leader: sends what the window lets it send, instead of all that is not confirmed (`pipeline`)."""

    def slide_window(self, m: AppendEntriesReply, src: str) -> bool:
        """Leader: takes an answer with a window; False where it is to be taken as without one (`pipeline`)."""
        return False

    def hand_over(self) -> None:
        """Leader: a follower has more entries, perhaps all that its successor needs (`transfer`)."""

    def begin_reads(self) -> None:
        """Leader: more is committed, perhaps what reads have waited for (`reads`)."""

    # Commitment (sections 5.3 and 5.4.2) and the state machine

    def advance_commit_index(self) -> None:
        """Leader: the highest index that a majority has, if its entry is of the current term (section 5.4.2)."""
        last = self.log.length
        if last <= self.commit_index:
            return
        index = min(self.agreed_index(last), last)
        if index <= self.commit_index:
            return
        term = self.term_at(index)
        copies = self.copies_of(index)
        if self.commit_current_term and term != self.current_term:
            self.indicate(tell.NotCommittedOldTerm(index, term, self.current_term, copies, self.members))
            return
        self.commit_index = index
        self.indicate(tell.Committed(index, self.current_term, copies, self.members))
        self.apply_committed()
        if self.settings.reads != "log":
            self.begin_reads()

    def copies_of(self, index: int) -> int:
        """Leader: how many of those who vote are known to have entry `index`."""
        if self.configuration is None:
            return 1 + sum(1 for match in self.match_index.values() if match >= index)
        match = {**self.match_index, self.id: self.last_log_index}
        return sum(1 for node in self.configuration.electorate if match.get(node, 0) >= index)

    def learn_commit(self, index: int, src: str) -> None:
        """Follower: the leader has committed more. The index never goes back."""
        if index <= self.commit_index:
            return
        self.commit_index = index
        self.indicate(tell.CommitLearned(src, index))
        self.apply_committed()

    def apply_committed(self) -> None:
        """All servers: while lastApplied is behind commitIndex, apply the next entry; a leader answers the client."""
        while self.last_applied < self.commit_index:
            entry = self.log[self.last_applied]
            self.last_applied += 1
            if entry.command is None:
                self.indicate(tell.Applied(self.last_applied, entry, None))
                continue
            client, serial = entry.command.client, entry.command.serial
            self.apply_once(entry, entry.command)
            if client is None:
                continue
            done, result = self.sessions[client]
            if self.role is LEADER and done == serial:  # of an older one the client has had the answer
                self.indicate(tell.Answered(client, serial))
                self.send(client, ClientReply(serial, True, result, self.id))
        if self.snapshot_every:
            self.compact_log()
        if self.configuration is not None:
            self.after_commit()

    def after_commit(self) -> None:
        """A configuration may be committed now; see `reconfiguration`."""

    def apply_once(self, entry: Entry, command: keyvalue.Command | Members) -> None:
        """Applies a client's operation unless it has been: a client that had no answer asks again (section 8)."""
        if command.client is None:  # a configuration that a leader went to by itself
            self.indicate(tell.Applied(self.last_applied, entry, True))
            return
        last, _ = self.sessions.get(command.client, (0, None))
        if command.serial == last:
            self.indicate(tell.DuplicateNotApplied(self.last_applied, entry, command.client, command.serial))
            return
        if command.serial < last:  # one that its client gave up may never have been applied, and is not any more
            self.indicate(tell.OvertakenNotApplied(self.last_applied, entry, command.client, command.serial, last))
            return
        result: Any = True
        if type(command) is keyvalue.Command:
            self.data, result = keyvalue.apply(self.data, command)
        self.sessions = {**self.sessions, command.client: (command.serial, result)}
        self.indicate(tell.Applied(self.last_applied, entry, result))
